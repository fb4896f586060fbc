/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/scratch.h"
#include "support/told.h"
#include "support/database.h"
#include "role/table.h"

static struct scratch scratch;
static char path[512];

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    (void)strlcpy(path, scratch_at(&scratch, "a.db"), sizeof(path));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

/* Of columns that roles have in JSON, none is missing here. */
static void columns_are_those_of_roles(void **state)
{
    (void)state;
    for (size_t i = 0; i < RA_COLUMNS; i++)
        assert_int_not_equal(ra_table_find(ra_column_name((enum ra_column)i)),
                             RA_TABLE_COLUMNS);
    assert_int_equal(ra_table_find("VarMatch"), RA_TABLE_VARMATCH);
    assert_int_equal(ra_table_find("roles"), RA_TABLE_COLUMNS);
    assert_string_equal(ra_table_key(RA_TABLE_AUTH), "auth");
    assert_int_equal(ra_table_kind(RA_TABLE_AUTH), RA_KIND_JSON);
    assert_int_equal(ra_table_kind(RA_TABLE_ID), RA_KIND_INTEGER);
    assert_int_equal(ra_table_kind(RA_TABLE_RPT), RA_KIND_NUMBER);
}

static struct ra_table inspect(const char *sql)
{
    struct ra_sqlite db;
    struct ra_table table;

    (void)unlink(path);
    database_make(path, sql);
    assert_int_equal(ra_sqlite_open(&db, path, NULL), 0);
    assert_int_equal(ra_table_inspect(&db, &table), 0);
    ra_sqlite_close(&db);
    return table;
}

static void tables_are_inspected(void **state)
{
    struct ra_table table = inspect("CREATE TABLE t(a)");

    (void)state;
    assert_false(table.exists);
    table = inspect(REFERENCE_SCHEMA);
    assert_true(table.exists && table.rowid);
    for (size_t i = 0; i < RA_TABLE_COLUMNS; i++)
        assert_true(table.has[i]);
    table = inspect("CREATE TABLE ROLE(Name, Id PRIMARY KEY) WITHOUT ROWID");
    assert_true(table.exists && !table.rowid);
    assert_true(table.has[RA_TABLE_NAME] && table.has[RA_TABLE_ID]);
    assert_false(table.has[RA_TABLE_AUTH]);
    /* Also a column that is computed can be read. */
    table = inspect("CREATE TABLE role(a, name AS (a || 'x'))");
    assert_true(table.has[RA_TABLE_NAME]);
}

static void tables_are_made(void **state)
{
    struct ra_sqlite db;
    struct ra_table table;
    struct ra_links links;

    (void)state;
    database_make(path, "CREATE TABLE rolecmds(id, other)");
    assert_int_equal(ra_sqlite_open_write(&db, path, NULL), 0);
    assert_int_equal(ra_table_create(&db), 0);
    assert_int_equal(ra_table_inspect(&db, &table), 0);
    assert_true(table.exists && table.rowid);
    for (size_t i = 0; i < RA_TABLE_COLUMNS; i++)
        assert_true(table.has[i]);
    assert_int_equal(ra_links_read(&db, &links), 0);
    for (size_t i = 0; i < RA_LINKS; i++)
        assert_true(links.exists[i]);
    ra_links_free(&links);
    ra_sqlite_close(&db);
    assert_database(path,
                    "SELECT sql FROM sqlite_master WHERE name = "
                    "'rolecmds'",
                    "CREATE TABLE rolecmds(id, other)");
}

static void restrictions_are_read(void **state)
{
    struct ra_sqlite db;
    struct ra_links links;
    struct ra_buf sql = RA_BUF_INIT(1u << 20);

    (void)state;
    database_make(path, REFERENCE_SCHEMA
                  "DROP TABLE rolehosts;"
                  "INSERT INTO roleusers VALUES (5, 'a', 'S'), (5, 'b', 'S'), "
                  "(-3, 'a', 'S'), ('7', 'a', 'R'), (NULL, 'a', 'S'), "
                  "(9.0, 'a', 'S'), ('8x', 'a', 'S');");
    for (int i = 500; i > 0; i--)
        assert_true(ra_buf_printf(&sql,
                                  "INSERT INTO rolecmds VALUES "
                                  "(%d, 'c');",
                                  2 * i));
    database_make(path, sql.data);
    ra_buf_free(&sql);
    assert_int_equal(ra_sqlite_open(&db, path, NULL), 0);
    assert_int_equal(ra_links_read(&db, &links), 0);
    assert_string_equal(ra_link_name(0), "roleusers");
    assert_int_equal(links.count[0], 5);
    for (int64_t id = -5; id < 12; id++)
        assert_int_equal(ra_links_has(&links, 0, id),
                         id == 5 || id == -3 || (id >= 7 && id <= 9));
    assert_false(links.exists[1] || ra_links_has(&links, 1, 5));
    for (int64_t id = 0; id < 1002; id++)
        assert_int_equal(ra_links_has(&links, 2, id),
                         id > 0 && id <= 1000 && id % 2 == 0);
    assert_int_equal(links.count[3], 0);
    ra_links_free(&links);
    ra_sqlite_close(&db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define RA_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        RA_TEST(columns_are_those_of_roles),
        RA_TEST(tables_are_inspected),
        RA_TEST(tables_are_made),
        RA_TEST(restrictions_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

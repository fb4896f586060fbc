/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/scratch.h"
#include "support/told.h"
#include "support/database.h"
#include "role/sqlite.h"

static struct scratch scratch;
static char path[512];

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    (void)strlcpy(path, scratch_at(&scratch, "a.db"), sizeof(path));
    database_make(path, "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x'), "
                        "(2.5, x'00'), (NULL, CAST(x'610062' AS TEXT));");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void rows_are_read(void **state)
{
    struct ra_sqlite db;
    struct ra_query query;
    struct ra_sqlite_value a, b;
    bool row;

    (void)state;
    assert_int_equal(ra_sqlite_open(&db, path, NULL), 0);
    assert_int_equal(ra_query_open(&query, &db, "SELECT a, b AS c FROM t"), 0);
    assert_int_equal(ra_query_columns(&query), 2);
    assert_string_equal(ra_query_name(&query, 1), "c");
    assert_int_equal(ra_query_next(&query, &row), 0);
    assert_true(row);
    assert_int_equal(ra_query_value(&query, 0, &a), 0);
    assert_int_equal(ra_query_value(&query, 1, &b), 0);
    assert_true(a.type == RA_SQLITE_INTEGER && a.integer == 1);
    assert_null(a.text);
    assert_int_equal(b.type, RA_SQLITE_TEXT);
    assert_string_equal(b.text, "x");
    assert_int_equal(ra_query_next(&query, &row), 0);
    assert_int_equal(ra_query_value(&query, 0, &a), 0);
    assert_int_equal(ra_query_value(&query, 1, &b), 0);
    assert_int_equal(a.type, RA_SQLITE_REAL);
    assert_int_equal(b.type, RA_SQLITE_BLOB);
    assert_int_equal(ra_query_next(&query, &row), 0);
    assert_int_equal(ra_query_value(&query, 0, &a), 0);
    assert_int_equal(ra_query_value(&query, 1, &b), 0);
    assert_int_equal(a.type, RA_SQLITE_NULL);
    assert_int_equal(b.length, 3);
    assert_memory_equal(b.text, "a\0b", 4);
    assert_int_equal(ra_query_next(&query, &row), 0);
    assert_false(row);
    ra_query_close(&query);
    ra_sqlite_close(&db);
}

static void values_are_bound(void **state)
{
    struct ra_sqlite db;
    struct ra_query query;
    bool row;

    (void)state;
    assert_int_equal(ra_sqlite_open_write(&db, path, NULL), 0);
    assert_int_equal(
        ra_query_open(&query, &db, "INSERT INTO t VALUES (?1, ?2)"), 0);
    for (int i = 7; i < 9; i++) {
        assert_int_equal(ra_query_bind_integer(&query, 1, i), 0);
        assert_int_equal(ra_query_bind_text(&query, 2, i == 7 ? "y" : NULL), 0);
        assert_int_equal(ra_query_next(&query, &row), 0);
        assert_false(row);
        ra_query_reset(&query);
    }
    /* Nothing is left of the values. */
    assert_int_equal(ra_query_next(&query, &row), 0);
    ra_query_close(&query);
    ra_sqlite_close(&db);
    assert_database(path,
                    "SELECT group_concat(quote(a) || quote(b)) FROM t "
                    "WHERE rowid > 3",
                    "7'y',8NULL,NULLNULL");
}

static void reading_changes_nothing(void **state)
{
    struct ra_sqlite db;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    assert_int_equal(ra_sqlite_open(&db, path, &error), 0);
    assert_int_equal(ra_sqlite_run(&db, "DELETE FROM t"), ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "cannot be written"));
    assert_string_equal(error.file, path);
    ra_sqlite_close(&db);
    assert_database(path, "SELECT count(*) FROM t", "3");
}

static void what_is_not_committed_is_undone(void **state)
{
    struct ra_sqlite db;

    (void)state;
    assert_int_equal(ra_sqlite_open_write(&db, path, NULL), 0);
    assert_int_equal(ra_sqlite_run(&db, "BEGIN; DELETE FROM t"), 0);
    ra_sqlite_close(&db);
    assert_database(path, "SELECT count(*) FROM t", "3");
}

/* SQLite knows names that are no paths. */
static void a_path_is_a_path(void **state)
{
    static const char *const names[] = {
        ":memory:", "", "file:a.db", "file:a.db?mode=memory", "a%2Edb",
    };
    char before[512], uri[600];
    struct ra_sqlite db;

    (void)state;
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(scratch.path), 0);
    assert_int_equal(ra_sqlite_open(&db, "a.db", NULL), 0);
    ra_sqlite_close(&db);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(ra_sqlite_open_write(&db, names[i], NULL),
                         ROLEAUTH_E_IO);
        ra_sqlite_close(&db);
    }
    (void)snprintf(uri, sizeof(uri), "file:%s", path);
    assert_int_equal(ra_sqlite_open(&db, uri, NULL), ROLEAUTH_E_IO);
    ra_sqlite_close(&db);
    scratch_write(&scratch, ":memory:", "", 0, 0600);
    assert_int_equal(ra_sqlite_open_write(&db, ":memory:", NULL), 0);
    assert_int_equal(ra_sqlite_run(&db, "CREATE TABLE t(a)"), 0);
    ra_sqlite_close(&db);
    assert_database("./:memory:", "SELECT name FROM sqlite_master", "t");
    assert_int_equal(chdir(before), 0);
}

/* What a file brings along must not run. */
static void a_database_runs_nothing(void **state)
{
    static const char *const refused[] = {
        "SELECT load_extension('x')",        "ATTACH ':memory:' AS other",
        "SELECT \"nosuch\" FROM t",          "SELECT * FROM v",
        "UPDATE sqlite_master SET sql = ''",
    };
    struct ra_sqlite db;

    (void)state;
    database_make(path, "CREATE VIEW v AS SELECT fts3_tokenizer('simple')");
    assert_int_equal(ra_sqlite_open_write(&db, path, NULL), 0);
    assert_int_equal(ra_sqlite_run(&db, "PRAGMA writable_schema = ON"), 0);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (ra_sqlite_run(&db, refused[i]) == 0)
            fail_msg("%s", refused[i]);
    ra_sqlite_close(&db);
}

static void what_fails_is_told_without_values(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct ra_sqlite db;
    bool known;

    (void)state;
    database_make(path, "CREATE TABLE u(a UNIQUE, b CHECK(b > 0));"
                        "CREATE TRIGGER r BEFORE DELETE ON t BEGIN "
                        "SELECT RAISE(ABORT, 'secret'); END;"
                        "INSERT INTO u VALUES ('secret', 1);");
    assert_int_equal(ra_sqlite_open_write(&db, path, &error), 0);
    assert_int_equal(ra_sqlite_run(&db, "INSERT INTO u VALUES ('secret', 1)"),
                     ROLEAUTH_E_INVALID);
    assert_non_null(strstr(error.text, "UNIQUE constraint failed: u.a"));
    roleauth_error_clear(&error);
    assert_int_equal(ra_sqlite_run(&db, "INSERT INTO u VALUES (1, 0)"),
                     ROLEAUTH_E_INVALID);
    assert_non_null(strstr(error.text, "CHECK constraint failed"));
    roleauth_error_clear(&error);
    assert_int_equal(ra_sqlite_run(&db, "DELETE FROM t"), ROLEAUTH_E_INVALID);
    assert_null(strstr(error.text, "secret"));
    roleauth_error_clear(&error);
    assert_int_equal(ra_sqlite_knows(&db, "SELECT b FROM u", &known), 0);
    assert_true(known);
    assert_int_equal(ra_sqlite_knows(&db, "SELECT c FROM u", &known), 0);
    assert_false(known);
    assert_int_equal(error.code, 0);
    ra_sqlite_close(&db);
}

static void declared_types_are_known(void **state)
{
    (void)state;
    assert_int_equal(ra_sqlite_preferred(""), RA_SQLITE_BLOB);
    assert_int_equal(ra_sqlite_preferred("blob"), RA_SQLITE_BLOB);
    assert_int_equal(ra_sqlite_preferred("Unsigned BigInt"), RA_SQLITE_INTEGER);
    assert_int_equal(ra_sqlite_preferred("CHARINT"), RA_SQLITE_INTEGER);
    assert_int_equal(ra_sqlite_preferred("nvarchar(9)"), RA_SQLITE_TEXT);
    assert_int_equal(ra_sqlite_preferred("TEXT BLOB"), RA_SQLITE_TEXT);
    assert_int_equal(ra_sqlite_preferred("DOUBLE PRECISION"), RA_SQLITE_REAL);
    assert_int_equal(ra_sqlite_preferred("DATE"), RA_SQLITE_INTEGER);
    assert_true(ra_sqlite_same_name("Role", "rOLE"));
    assert_false(ra_sqlite_same_name("role", "roles"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define RA_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        RA_TEST(rows_are_read),
        RA_TEST(values_are_bound),
        RA_TEST(reading_changes_nothing),
        RA_TEST(what_is_not_committed_is_undone),
        RA_TEST(a_path_is_a_path),
        RA_TEST(a_database_runs_nothing),
        RA_TEST(what_fails_is_told_without_values),
        RA_TEST(declared_types_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Databases as other programs leave them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/wait.h>

#include "support/heap.h"
#include "support/scratch.h"
#include "support/told.h"
#include "support/database.h"
#include "role/load.h"

static struct scratch scratch;
static char path[512];

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    (void)strlcpy(path, scratch_at(&scratch, "roles.db"), sizeof(path));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

/* ---- what is read ---- */

static void a_file_shows_what_it_is(void **state)
{
    (void)state;
    assert_true(ra_is_database("SQLite format 3\0xyz", 19));
    assert_true(ra_is_database("SQLite format 3\0", 16));
    assert_false(ra_is_database("SQLite format 3\0", 15));
    assert_false(ra_is_database("SQLite format 4\0", 16));
    assert_false(ra_is_database("SQLite format 3 ", 16));
    assert_false(ra_is_database("", 0));
}

/* The same roles as rows and as JSON. */
static void the_reference_is_read_as_it_is(void **state)
{
    int code;
    struct told told, json;

    (void)state;
    database_make(
        path, REFERENCE_SCHEMA
        "INSERT INTO role(id, name, rorder, varmatch, auth, message, variables)"
        " VALUES (9, 'second', 10, '{\"varmatch\":{\"user\":\"a*\","
        "\"year\":\"201[678]\"}}', '[{\"method\":\"getuserpasswd\","
        "\"user\":\"%user%\"}]', 'Hi %user%', '{\"v\":\"%user%\"}');"
        "INSERT INTO role(id, name, rorder, risk, action, iolog, tag, comment,"
        " description, rpt) VALUES (4, 'third', 10, 7, 'R', '/x', 't', 'c', "
        "'d', NULL), (-2, 'first', 1, NULL, 'A', '', NULL, NULL, NULL, 3), "
        "(11, 'off', -5, NULL, NULL, NULL, NULL, NULL, NULL, 'x');"
        "UPDATE role SET disabled = 1 WHERE id = 11;"
        "UPDATE role SET disabled = 0 WHERE id = 4;");
    told = told_database(path, true, &code, NULL);
    assert_int_equal(code, 0);
    json = told_load(
        "[{\"name\":\"off\",\"id\":11,\"rorder\":-5,\"disabled\":1,"
        "\"rpt\":\"x\"},{\"name\":\"first\",\"id\":-2,\"rorder\":1,\"rpt\":3},"
        "{\"name\":\"third\",\"id\":4,\"rorder\":10,\"risk\":7,\"action\":"
        "\"R\",\"iolog\":\"/x\",\"tag\":\"t\",\"comment\":\"c\","
        "\"description\":\"d\"},{\"name\":\"second\",\"id\":9,\"rorder\":10,"
        "\"rpt\":1,\"varmatch\":{\"user\":\"a*\",\"year\":\"201[678]\"},"
        "\"auth\":[{\"method\":\"getuserpasswd\",\"user\":\"%user%\"}],"
        "\"message\":\"Hi %user%\",\"variables\":{\"v\":\"%user%\"}}]");
    same_sets(json.roles, told.roles);
    assert_true(ra_roles_trusted(told.roles));
    told_free(&json);
    told_free(&told);
}

static void missing_columns_are_null(void **state)
{
    int code;
    struct told told;

    (void)state;
    /* Without an id, roles are in the order of their rowids. */
    database_make(path, "CREATE TABLE role(name, auth);"
                        "INSERT INTO role(rowid, name) VALUES (7, 'b'), "
                        "(3, 'a'), (9, 'c');");
    told = told_database(path, false, &code, NULL);
    assert_string_equal(told.lines.data, "");
    assert_int_equal(roleauth_roles_count(told.roles), 3);
    assert_string_equal(roleauth_roles_column(told.roles, 0, "name"), "a");
    assert_string_equal(roleauth_roles_column(told.roles, 2, "name"), "c");
    assert_null(roleauth_roles_column(told.roles, 0, "id"));
    told_free(&told);
}

static void names_are_those_of_sql(void **state)
{
    int code;
    struct told told;

    (void)state;
    database_make(path, "CREATE TABLE Role(ID INTEGER PRIMARY KEY, NAME, "
                        "RiSk);"
                        "CREATE TABLE RoleUsers(Id, users);"
                        "INSERT INTO role VALUES (1, 'a', 5), (2, 'b', 6);"
                        "INSERT INTO roleusers VALUES (2, 'x');");
    told = told_database(path, false, &code, NULL);
    assert_int_equal(code, 0);
    assert_string_equal(roleauth_roles_column(told.roles, 0, "risk"), "5");
    assert_non_null(strstr(told.lines.data, "warning barrier role[2]: the "
                                            "table roleusers"));
    told_free(&told);
}

static void other_encodings_are_read(void **state)
{
    int code;
    struct told told;

    (void)state;
    database_make(path, "PRAGMA encoding = 'UTF-16le';" REFERENCE_SCHEMA
                        "INSERT INTO role(id, name, varmatch) VALUES "
                        "(1, 'h\xC3\xA9', '{\"user\":\"\xE2\x82\xAC*\"}');");
    told = told_database(path, false, &code, NULL);
    assert_string_equal(told.lines.data, "");
    assert_string_equal(roleauth_roles_column(told.roles, 0, "name"),
                        "h\xC3\xA9");
    told_free(&told);
}

static void an_odd_table_is_read_in_order(void **state)
{
    static const char *const tables[] = {
        "CREATE TABLE role(name TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID;",
        "CREATE TABLE role(name TEXT, id INT UNIQUE);",
        "CREATE TABLE role(name TEXT, id INTEGER PRIMARY KEY DESC);",
        ("CREATE TABLE role(name TEXT, _rowid_, id INT); "
         "CREATE INDEX i ON role(id);"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        int code;
        struct told told;

        (void)unlink(path);
        database_make(path, tables[i]);
        database_make(path, "INSERT INTO role(name, id) VALUES ('c', 10), "
                            "('a', 2), ('b', 9);");
        told = told_database(path, false, &code, NULL);
        assert_string_equal(told.lines.data, "");
        assert_string_equal(roleauth_roles_column(told.roles, 0, "name"), "a");
        assert_string_equal(roleauth_roles_column(told.roles, 1, "name"), "b");
        assert_string_equal(roleauth_roles_column(told.roles, 2, "name"), "c");
        told_free(&told);
    }
}

static void no_role_is_a_set(void **state)
{
    int code;
    struct told told;

    (void)state;
    database_make(path, REFERENCE_SCHEMA);
    told = told_database(path, false, &code, NULL);
    assert_int_equal(code, 0);
    assert_int_equal(roleauth_roles_count(told.roles), 0);
    told_free(&told);
}

/* ---- what is wrong with rows ---- */

static void each_problem_has_its_place(void **state)
{
    (void)state;
    database_make(
        path,
        "PRAGMA ignore_check_constraints = ON;" REFERENCE_SCHEMA
        "INSERT INTO role(id, name) VALUES (1, 'good'), (2, NULL), (3, '');"
        "INSERT INTO role(id, name, rorder) VALUES (4, 'd', 'x'), "
        "(5, 'e', 1.5);"
        "INSERT INTO role(id, name, auth) VALUES (6, 'f', '[{\"method\":"
        "\"getstringpasswd\",\"pass\":1}]'), (7, 'g', '[{'), (8, 'h', x'5B');"
        "INSERT INTO role(id, name, varmatch) VALUES (-9, 'i', '[]');"
        "INSERT INTO role(id, name, disabled) VALUES (10, 'j', 2);"
        "INSERT INTO role(id, name, action) VALUES (11, 'k', 'X');"
        "INSERT INTO role(id, name, message) VALUES (12, 'l', '%');");
    assert_database_told(
        path,
        "error wrong-type role[\"-9\"].varmatch: found an array, expected an "
        "object of patterns\n"
        "error missing role[2]: \"name\" is missing or empty: a role needs "
        "one\n"
        "error missing role[3]: \"name\" is missing or empty: a role needs "
        "one\n"
        "error wrong-type role[4].rorder: found the string \"x\", expected an "
        "integer\n"
        "error wrong-type role[5].rorder: found a fraction, expected an "
        "integer\n"
        "error missing role[6].auth[0]: \"passwd\" is missing or empty: "
        "getstringpasswd needs it\n"
        "error unknown-key role[6].auth[0].pass: getstringpasswd has no "
        "\"pass\": did you mean \"passwd\"?\n"
        "error syntax role[7].auth[0]: expected a name in double quotes or "
        "'}', found the end of the text (at byte 2 of the JSON in this "
        "string)\n"
        "error wrong-type role[8].auth: found a blob, expected JSON in a "
        "text\n"
        "error range role[10].disabled: found 2, expected 0 or 1\n"
        "error bad-value role[11].action: found \"X\", expected \"A\" "
        "(accept) or \"R\" (reject)\n"
        "error template role[12].message: a % that nothing closes: write "
        "%name% for a variable, %% for a percent sign (at byte 0 of the "
        "text)\n");
}

static void texts_are_text(void **state)
{
    (void)state;
    database_make(
        path, REFERENCE_SCHEMA
        "INSERT INTO role(id, name, tag) VALUES (1, CAST(x'61FF62' AS TEXT), "
        "NULL), (2, 'b', CAST(x'6100' AS TEXT)), "
        "(3, CAST(x'630064' AS TEXT), CAST(x'EDA080' AS TEXT));");
    assert_database_told(path,
                         "error utf8 role[1].name: found a byte that is not "
                         "UTF-8 (at byte 1 of the text)\n"
                         "error nul role[2].tag: found a NUL character (at "
                         "byte 1 of the text)\n"
                         "error nul role[3].name: found a NUL character (at "
                         "byte 1 of the text)\n"
                         "error utf8 role[3].tag: found a byte that is not "
                         "UTF-8 (at byte 0 of the text)\n");
}

static void numbers_are_integers(void **state)
{
    (void)state;
    database_make(
        path, "CREATE TABLE role(id, name, rorder, risk, disabled);"
              "INSERT INTO role VALUES (1, 5, 1.0, 2.5, NULL), "
              "(2, 'b', NULL, 'high', 1.0), (NULL, x'00', '', '', ''), "
              "('4', 'd', NULL, NULL, NULL), (5.0, 'e', NULL, NULL, NULL);");
    assert_database_told(
        path,
        "error wrong-type role[3].name: found a blob, expected a text\n"
        "error missing role[3]: \"name\" is missing or empty: a role needs "
        "one\n"
        "error wrong-type role[1].rorder: found a fraction, expected an "
        "integer\n"
        "error wrong-type role[1].risk: found a fraction, expected an integer "
        "or a text\n"
        "error wrong-type role[1].name: found the number 5, expected a "
        "string\n"
        "error wrong-type role[2].disabled: found a fraction, expected an "
        "integer\n"
        "error wrong-type role[5].id: found a fraction, expected an integer\n"
        "error wrong-type role[4].id: found a text, expected an integer\n");
}

/* It may be a restriction, which must not be passed over. */
static void unknown_columns_are_told(void **state)
{
    (void)state;
    database_make(path, REFERENCE_SCHEMA
                  "ALTER TABLE role ADD COLUMN varmach TEXT;"
                  "ALTER TABLE role ADD COLUMN until;"
                  "ALTER TABLE role ADD COLUMN \"a b\" BLOB;"
                  "INSERT INTO role(id, name, varmach, until, \"a b\") VALUES "
                  "(1, 'a', NULL, NULL, NULL), (2, 'b', '{}', NULL, x'00'), "
                  "(3, 'c', NULL, 0, NULL), (4, 'd', NULL, '', NULL);"
                  "INSERT INTO role(id, name, disabled, until) VALUES "
                  "(5, 'e', 1, 1.5);");
    assert_database_told(
        path, "error unknown-key role[2].varmach: a role has no \"varmach\": "
              "did you mean \"varmatch\"?\n"
              "error unknown-key role[2][\"a b\"]: a role has no \"a b\"\n"
              "error unknown-key role[3].until: a role has no \"until\"\n"
              "error unknown-key role[4].until: a role has no \"until\"\n"
              "warning unknown-key role[5].until: a role has no \"until\"\n");
}

static void a_disabled_row_only_warns(void **state)
{
    struct ra_role_view view;
    struct told told;
    int code;

    (void)state;
    database_make(path, REFERENCE_SCHEMA
                  "INSERT INTO role(id, name, disabled, tag, auth) VALUES "
                  "(1, 'a', 1, x'00', CAST(x'FF' AS TEXT)), "
                  "(2, 'b', 1, 't', NULL);");
    told = told_database(path, true, &code, NULL);
    assert_string_equal(told.lines.data,
                        "warning wrong-type role[1].tag: found a blob, "
                        "expected a text\n"
                        "warning utf8 role[1].auth: found a byte that is not "
                        "UTF-8 (at byte 0 of the text)\n");
    assert_int_equal(code, 0);
    assert_true(ra_roles_view(told.roles, 0, &view));
    assert_true(view.broken);
    assert_true(ra_roles_view(told.roles, 1, &view));
    assert_false(view.broken);
    told_free(&told);
}

static void names_are_unique(void **state)
{
    (void)state;
    database_make(path, "CREATE TABLE role(id INTEGER PRIMARY KEY, name, "
                        "disabled);"
                        "INSERT INTO role VALUES (-1, 'a', 0), (2, 'a', 0), "
                        "(3, 'a', 1);");
    assert_database_told(path,
                         "error duplicate-role role[2].name: the name \"a\" "
                         "is taken by role[-1] already: each role needs its "
                         "own\n"
                         "warning duplicate-role role[3].name: the name \"a\" "
                         "is taken by role[-1] already: each role needs its "
                         "own\n");
}

static void secrets_are_not_told(void **state)
{
    int code;
    struct told told;

    (void)state;
    database_make(path, REFERENCE_SCHEMA
                  "INSERT INTO role(id, name, auth) VALUES "
                  "(1, 'a', '[{\"method\":\"getstringpasswd\",\"passwd\":"
                  "\"$0$secret\"}]'), (2, 'b', '[{\"method\":"
                  "\"getstringpasswd\",\"passwd\":\"secret\"}]'), "
                  "(3, 'c', CAST('secret' AS BLOB)), "
                  "(4, 'd', CAST(x'7365637265740000' AS TEXT));");
    told = told_database(path, false, &code, NULL);
    assert_int_equal(code, ROLEAUTH_E_INVALID);
    assert_non_null(strstr(told.lines.data, "role[1].auth[0].passwd"));
    assert_non_null(strstr(told.lines.data, "role[4].auth"));
    assert_null(strstr(told.lines.data, "secret"));
    told_free(&told);
}

/* ---- restrictions ---- */

static void links_make_barriers(void **state)
{
    struct ra_role_view view;
    struct told told;
    int code;

    (void)state;
    database_make(
        path, REFERENCE_SCHEMA
        "INSERT INTO role(id, name, script) VALUES (-1, 'a', NULL), "
        "(2, 'b', NULL), (3, 'c', 'x'), (4, 'd', NULL), (5, 'e', NULL);"
        "INSERT INTO roleusers VALUES (2, 'u', 'S'), (2, 'v', 'R'), "
        "(99, 'w', 'S'), (NULL, 'x', 'S');"
        "INSERT INTO rolehosts VALUES (2, 'h', 'S'), ('3', 'h', 'R');"
        "INSERT INTO rolecmds VALUES (2, 'c');"
        "INSERT INTO roletmdates VALUES (-1, 't');");
    told = told_database(path, true, &code, NULL);
    assert_int_equal(code, 0);
    assert_string_equal(
        told.lines.data,
        "warning barrier role[\"-1\"]: the table roletmdates restricts it, "
        "which cannot be honoured here: a request that matches this role ends "
        "with \"unavailable\"\n"
        "warning barrier role[2]: the tables roleusers, rolehosts and rolecmds "
        "restrict it, which cannot be honoured here: a request that matches "
        "this role ends with \"unavailable\"\n"
        "warning barrier role[3].script: a script cannot be run here: a "
        "request that matches this role ends with \"unavailable\"\n"
        "warning barrier role[3]: it has a script, which cannot be run here; "
        "the table rolehosts restricts it, which cannot be honoured here: a "
        "request that matches this role ends with \"unavailable\"\n");
    for (size_t i = 0; i < 5; i++) {
        assert_true(ra_roles_view(told.roles, i, &view));
        assert_int_equal(view.restricted, i < 3);
        assert_int_equal(view.barrier != NULL, i < 3);
    }
    told_free(&told);
}

static void a_wrong_schema_is_told(void **state)
{
    static const struct {
        const char *sql, *text;
    } schemas[] = {
        {"CREATE TABLE t(a);", "no table \"role\""},
        {"CREATE TABLE role(id INTEGER PRIMARY KEY, nam TEXT);",
         "the table role has no column \"name\""},
        {"CREATE TABLE t(id, name); CREATE VIEW role AS SELECT * FROM t;",
         "\"role\" is a view, and must be a table"},
        {"CREATE TABLE role(id, name); CREATE TABLE rolecmds(role, cmds);",
         "the table rolecmds has no column \"id\""},
        {"CREATE TABLE role(id, name); CREATE TABLE t(id); "
         "CREATE VIEW roletmdates AS SELECT id FROM t;",
         "\"roletmdates\" is a view"},
        {"CREATE TABLE role(name); CREATE TABLE rolehosts(id, hosts, type);"
         "INSERT INTO rolehosts VALUES (1, 'a', 'S');",
         "the table role has no column \"id\", to which the table rolehosts "
         "refers"},
        {"CREATE TABLE role(name PRIMARY KEY) WITHOUT ROWID;",
         "the table role has neither rowids nor a column \"id\""},
        {"CREATE TABLE role(id, name, \"\xFF\");",
         "a column whose name is not UTF-8"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        (void)unlink(path);
        database_make(path, schemas[i].sql);
        assert_database_fails(path, ROLEAUTH_E_INVALID, schemas[i].text);
    }
    /* Rows that restrict nobody need no id. */
    (void)unlink(path);
    database_make(path, "CREATE TABLE role(name); CREATE TABLE rolehosts(id);"
                        "INSERT INTO role VALUES ('a');");
    assert_database_told(path, "");
}

/* ---- files that are no use ---- */

static void what_is_no_database_is_told(void **state)
{
    static const char zeros[8192];
    char head[100] = "SQLite format 3";

    (void)state;
    assert_database_fails(path, ROLEAUTH_E_IO, "No such file");
    scratch_write(&scratch, "roles.db", "", 0, 0600);
    assert_database_fails(path, ROLEAUTH_E_INVALID, "no table \"role\"");
    scratch_write(&scratch, "roles.db", "[{\"name\":\"a\"}]\n", 15, 0600);
    assert_database_fails(path, ROLEAUTH_E_INVALID,
                          "this is no SQLite database");
    scratch_write(&scratch, "roles.db", zeros, sizeof(zeros), 0600);
    assert_database_fails(path, ROLEAUTH_E_INVALID,
                          "this is no SQLite database");
    scratch_write(&scratch, "roles.db", head, sizeof(head), 0600);
    assert_database_fails(path, ROLEAUTH_E_INVALID,
                          "this is no SQLite database");
    (void)unlink(path);
    scratch_mkdir(&scratch, "roles.db", 0700);
    assert_database_fails(path, ROLEAUTH_E_IO, "is not a regular file");
}

static size_t read_whole(char *bytes, size_t size)
{
    return scratch_read(&scratch, "roles.db", bytes, size);
}

#define MANY                                                                   \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "          \
    "WHERE i < 400) INSERT INTO role(id, name, description) "                  \
    "SELECT i, 'role ' || i, hex(zeroblob(100)) FROM n;"

/* Whatever happens to its pages: an error, or all the roles. */
static void damage_is_an_error(void **state)
{
    static char bytes[1 << 18], copy[1 << 18];
    size_t length, refused = 0;

    (void)state;
    database_make(path, "PRAGMA page_size = 1024;" REFERENCE_SCHEMA MANY);
    length = read_whole(bytes, sizeof(bytes));
    assert_true(length > 40000 && length < sizeof(bytes));
    /* The head of each page, where its kind and its cells are counted. */
    for (size_t page = 0; page < length; page += 1024) {
        int code;
        struct told told;

        memcpy(copy, bytes, length);
        memset(copy + page, 0xA5, page == 0 ? 108 : 8);
        scratch_write(&scratch, "roles.db", copy, length, 0600);
        told = told_database(path, false, &code, NULL);
        assert_true(code == 0 || code == ROLEAUTH_E_INVALID);
        assert_string_equal(told.lines.data, "");
        assert_int_equal(code == 0, told.roles != NULL);
        refused += code != 0;
        told_free(&told);
    }
    assert_int_equal(refused, length / 1024);
    /* Cut short, at each page and within. */
    for (size_t cut = 500; cut < length; cut += 1500) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        int code;
        struct told told;

        scratch_write(&scratch, "roles.db", bytes, cut, 0600);
        told = told_database(path, false, &code, &error);
        assert_int_equal(code, ROLEAUTH_E_INVALID);
        told_free(&told);
    }
    assert_database_fails(path, ROLEAUTH_E_INVALID,
                          "this database is damaged: restore it");
}

static void a_locked_database_is_busy(void **state)
{
    sqlite3 *db;

    (void)state;
    database_make(path, REFERENCE_SCHEMA);
    db = database_open(path);
    database_run(db, "BEGIN EXCLUSIVE");
    assert_database_fails(path, ROLEAUTH_E_BUSY,
                          "locked by another process: try again");
    database_run(db, "ROLLBACK");
    assert_database_told(path, "");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A copy of a database in the middle of a write, journal and all. */
static void an_interrupted_write_is_told(void **state)
{
    static char bytes[1 << 18];
    sqlite3 *db;
    size_t length;

    (void)state;
    database_make(scratch_at(&scratch, "live.db"), REFERENCE_SCHEMA MANY);
    db = database_open(scratch_at(&scratch, "live.db"));
    database_run(db, "PRAGMA cache_size = 2; BEGIN IMMEDIATE;"
                     "UPDATE role SET description = id || description;"
                     "UPDATE role SET name = 'changed ' || id;");
    length = scratch_read(&scratch, "live.db-journal", bytes, sizeof(bytes));
    assert_true(length > 512);
    scratch_write(&scratch, "roles.db-journal", bytes, length, 0600);
    length = scratch_read(&scratch, "live.db", bytes, sizeof(bytes));
    scratch_write(&scratch, "roles.db", bytes, length, 0600);
    database_run(db, "ROLLBACK");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_database_fails(path, ROLEAUTH_E_IO,
                          "a write to this database was interrupted: let its "
                          "owner run");
    /* Which undoes it. */
    assert_database(path, "SELECT count(*) FROM role WHERE name LIKE 'role%'",
                    "400");
    assert_database_told(path, "");
}

/* ---- while others write ---- */

struct writer {
    sqlite3 *db;
    unsigned calls, commits;
    size_t last;
};

/* Commits another role in the middle of the load. */
static void write_meanwhile(void *data, const char *phase, size_t done,
                            size_t total)
{
    struct writer *w = data;

    if (strcmp(phase, "reading") != 0)
        return;
    assert_int_equal(total, 400);
    assert_true(done > w->last && done <= total);
    w->last = done;
    w->calls++;
    if (w->calls == 3 &&
        sqlite3_exec(w->db,
                     "UPDATE role SET name = 'new ' || id;"
                     "INSERT INTO roleusers SELECT id, 'x', 'S' FROM role;",
                     NULL, NULL, NULL) == SQLITE_OK)
        w->commits++;
}

static roleauth_roles *load_meanwhile(struct writer *w)
{
    const struct ra_load how = {
        .how = {.progress = write_meanwhile, .progress_data = w, .database = 1},
        .must_trust = true,
    };
    roleauth_roles *roles = NULL;

    assert_int_equal(ra_roles_load_file(&roles, path, &how, NULL), 0);
    return roles;
}

static void a_load_sees_one_moment(void **state)
{
    struct writer w = {.calls = 0};
    roleauth_roles *roles;

    (void)state;
    database_make(path, "PRAGMA journal_mode = WAL;" REFERENCE_SCHEMA MANY);
    w.db = database_open(path);
    roles = load_meanwhile(&w);
    assert_int_equal(w.commits, 1);
    assert_true(w.calls >= 4 && w.calls < 500);
    assert_int_equal(w.last, 400);
    for (size_t i = 0; i < 400; i++) {
        struct ra_role_view view;

        assert_true(ra_roles_view(roles, i, &view));
        assert_int_equal(strncmp(view.columns[RA_COLUMN_NAME], "role ", 5), 0);
        assert_false(view.restricted);
    }
    roleauth_roles_free(&roles);
    /* What was written is in the next load, from a journal that was not yet
     * copied back. */
    w = (struct writer){.db = w.db, .calls = 3};
    roles = load_meanwhile(&w);
    assert_string_equal(roleauth_roles_column(roles, 399, "name"), "new 400");
    roleauth_roles_free(&roles);
    assert_int_equal(sqlite3_close(w.db), SQLITE_OK);
}

/* ---- trust ---- */

static int trust_of(const char *file, roleauth_error *error)
{
    int trusted = -1;

    roleauth_error_clear(error);
    assert_int_equal(ra_database_trust(file, &trusted, error), 0);
    assert_int_equal(trusted == 1, error->code == 0);
    return trusted;
}

static void journals_must_be_trusted_too(void **state)
{
    static const char *const journals[] = {"roles.db-journal", "roles.db-wal",
                                           "roles.db-shm"};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int trusted;

    (void)state;
    database_make(path, REFERENCE_SCHEMA);
    assert_int_equal(trust_of(path, &error), 1);
    /* A link leads to the directory with the journals. */
    scratch_mkdir(&scratch, "links", 0700);
    assert_int_equal(symlink(path, scratch_at(&scratch, "links/to")), 0);
    assert_int_equal(trust_of(scratch_at(&scratch, "links/to"), &error), 1);
    for (size_t i = 0; i < 3; i++) {
        const char *file = scratch_at(&scratch, journals[i]);

        scratch_write(&scratch, journals[i], "", 0, 0600);
        assert_int_equal(trust_of(path, &error), 1);
        assert_int_equal(chmod(file, 0620), 0);
        assert_int_equal(trust_of(path, &error), 0);
        assert_int_equal(error.code, ROLEAUTH_E_UNTRUSTED);
        assert_non_null(strstr(error.text, journals[i]));
        assert_int_equal(trust_of(scratch_at(&scratch, "links/to"), &error), 0);
        assert_int_equal(unlink(file), 0);
        assert_int_equal(mkdir(file, 0700), 0);
        assert_int_equal(ra_database_trust(path, &trusted, &error),
                         ROLEAUTH_E_IO);
        assert_int_equal(trusted, 0);
        assert_int_equal(rmdir(file), 0);
    }
    assert_int_equal(trust_of(path, &error), 1);
    assert_int_equal(chmod(path, 0602), 0);
    assert_int_equal(trust_of(path, &error), 0);
    assert_int_equal(
        ra_database_trust(scratch_at(&scratch, "none"), &trusted, NULL),
        ROLEAUTH_E_IO);
}

static void others_must_not_make_journals(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char file[512];

    (void)state;
    scratch_mkdir(&scratch, "shared", 01777);
    (void)strlcpy(file, scratch_at(&scratch, "shared/roles.db"), sizeof(file));
    database_make(file, REFERENCE_SCHEMA);
    assert_int_equal(trust_of(file, &error), 0);
    if (geteuid() == 0)
        assert_non_null(strstr(error.text, "put a journal for the database"));
    assert_int_equal(chmod(scratch_at(&scratch, "shared"), 0755), 0);
    assert_int_equal(trust_of(file, &error), 1);
}

static void an_untrusted_database_is_refused(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct told told;
    int code;

    (void)state;
    database_make(path, REFERENCE_SCHEMA);
    scratch_write(&scratch, "roles.db-journal", "", 0, 0666);
    told = told_database(path, true, &code, &error);
    assert_int_equal(code, ROLEAUTH_E_UNTRUSTED);
    assert_non_null(strstr(error.text, "roles.db-journal"));
    assert_null(told.roles);
    told_free(&told);
    told = told_database(path, false, &code, &error);
    assert_int_equal(code, 0);
    assert_int_equal(strncmp(told.lines.data, "warning untrusted", 17), 0);
    assert_false(ra_roles_trusted(told.roles));
    told_free(&told);
}

/* ---- as somebody else ---- */

static int read_as_stranger(const char *file, int expected, const char *text)
{
    pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        const struct ra_load how = {.how = {.database = 1}};
        roleauth_roles *roles = NULL;
        int code;

        if (setresgid(SCRATCH_STRANGER, SCRATCH_STRANGER, SCRATCH_STRANGER) !=
                0 ||
            setresuid(SCRATCH_STRANGER, SCRATCH_STRANGER, SCRATCH_STRANGER) !=
                0)
            _exit(9);
        code = ra_roles_load_file(&roles, file, &how, &error);
        if (code != expected || strstr(error.text, text) == NULL) {
            (void)fprintf(stderr, "%d: %s\n", code, error.text);
            _exit(1);
        }
        roleauth_roles_free(&roles);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void strangers_are_told_what_they_may_not(void **state)
{
    (void)state;
    scratch_need_root();
    assert_int_equal(chmod(scratch.path, 0755), 0);
    database_make(path, REFERENCE_SCHEMA);
    assert_int_equal(read_as_stranger(path, ROLEAUTH_E_IO, "Permission denied"),
                     0);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(read_as_stranger(path, 0, ""), 0);
    /* Nobody has it open, so that its journal would have to be made. */
    database_make(path, "PRAGMA journal_mode = WAL;");
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(read_as_stranger(path, ROLEAUTH_E_IO,
                                      "a journal of this database (-journal, "
                                      "-wal or -shm) cannot be opened or made"),
                     0);
}

/* ---- memory ---- */

static void memory_may_run_out(void **state)
{
    const struct ra_load how = {.how = {.database = 1}, .must_trust = true};
    unsigned long n;
    bool failed = true;

    (void)state;
    if (!heap_can_fail())
        skip();
    database_make(path, REFERENCE_SCHEMA
                  "ALTER TABLE role ADD COLUMN extra;"
                  "INSERT INTO role(id, name, varmatch, auth) VALUES "
                  "(1, 'a', '{\"user\":[\"x*\",\"y\"]}', '[{\"method\":"
                  "\"getuserpasswd\",\"user\":\"%user%\"}]'), (-2, 'b', '', "
                  "NULL);"
                  "INSERT INTO role(id, name, disabled, tag, extra) VALUES "
                  "(3, 'c', 1, CAST(x'FF' AS TEXT), 5);"
                  "INSERT INTO rolecmds VALUES (1, 'x'), (-2, 'y');"
                  "INSERT INTO rolehosts VALUES (1, 'x', 'S');");
    for (n = 1; failed && n < 20000; n++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        roleauth_roles *roles = NULL;
        long live = heap.live;
        int code;

        heap_arm(n);
        code = ra_roles_load_file(&roles, path, &how, &error);
        failed = heap_disarm();
        if (code == 0)
            assert_int_equal(roleauth_roles_count(roles), 3);
        else if (code != ROLEAUTH_E_NOMEM || roles != NULL ||
                 error.code != code || !failed)
            fail_msg("allocation %lu: %d %s", n, code, error.text);
        roleauth_roles_free(&roles);
        /* SQLite keeps what it makes once, and glibc's reallocarray(3) is
         * counted twice: it calls realloc(3). */
        if (n > 50)
            assert_in_range(heap.live - live, 0, 8);
    }
    assert_false(failed);
    assert_true(n > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_shows_what_it_is),
#define RA_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        RA_TEST(the_reference_is_read_as_it_is),
        RA_TEST(missing_columns_are_null),
        RA_TEST(names_are_those_of_sql),
        RA_TEST(other_encodings_are_read),
        RA_TEST(an_odd_table_is_read_in_order),
        RA_TEST(no_role_is_a_set),
        RA_TEST(each_problem_has_its_place),
        RA_TEST(texts_are_text),
        RA_TEST(numbers_are_integers),
        RA_TEST(unknown_columns_are_told),
        RA_TEST(a_disabled_row_only_warns),
        RA_TEST(names_are_unique),
        RA_TEST(secrets_are_not_told),
        RA_TEST(links_make_barriers),
        RA_TEST(a_wrong_schema_is_told),
        RA_TEST(what_is_no_database_is_told),
        RA_TEST(damage_is_an_error),
        RA_TEST(a_locked_database_is_busy),
        RA_TEST(an_interrupted_write_is_told),
        RA_TEST(a_load_sees_one_moment),
        RA_TEST(journals_must_be_trusted_too),
        RA_TEST(others_must_not_make_journals),
        RA_TEST(an_untrusted_database_is_refused),
        RA_TEST(strangers_are_told_what_they_may_not),
        RA_TEST(memory_may_run_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

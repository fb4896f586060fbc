/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <sys/wait.h>

#include "support/heap.h"
#include "support/scratch.h"
#include "support/told.h"
#include "support/database.h"

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

static int store(const char *json, roleauth_store_mode mode,
                 roleauth_error *error)
{
    struct told told = told_load(json);
    int code;

    assert_non_null(told.roles);
    code = roleauth_roles_store(told.roles, path, mode, error);
    told_free(&told);
    return code;
}

static void assert_stored(const char *json, roleauth_store_mode mode)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    if (store(json, mode, &error) != 0)
        fail_msg("%s: %s", json, error.text);
    assert_int_equal(error.code, 0);
}

#define assert_added(json) assert_stored(json, ROLEAUTH_STORE_ADD)

/* The whole content, to see whether it changed. */
static void dump(char text[4096])
{
    database_get(path,
                 "SELECT (SELECT group_concat(sql) FROM sqlite_master) || '|' "
                 "|| coalesce((SELECT group_concat(id || name) FROM role), '')"
                 "|| '|' || coalesce((SELECT group_concat(id || users) FROM "
                 "roleusers), '')",
                 text, 4096);
}

/* Refused with this text, and nothing is changed. */
static void assert_not_stored(const char *json, roleauth_store_mode mode,
                              int expected, const char *text)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    bool there = access(path, F_OK) == 0;
    char before[4096] = "", after[4096] = "";
    int code;

    if (there)
        dump(before);
    code = store(json, mode, &error);
    if (code != expected || strstr(error.text, text) == NULL)
        fail_msg("%s: %d %s: expected %d %s", json, code, error.text, expected,
                 text);
    assert_int_equal(error.code, code);
    assert_int_equal(access(path, F_OK) == 0, there);
    if (there)
        dump(after);
    assert_string_equal(before, after);
}

static roleauth_roles *load(void)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct told told;
    roleauth_roles *roles;
    int code;

    told = told_database(path, true, &code, &error);
    if (code != 0)
        fail_msg("%s: %s", error.path, error.text);
    roles = told.roles;
    told.roles = NULL;
    told_free(&told);
    return roles;
}

static unsigned count_files(void)
{
    DIR *directory = opendir(scratch.path);
    unsigned count = 0;

    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    assert_int_equal(closedir(directory), 0);
    return count;
}

/* ---- what is stored ---- */

static const char everything[] =
    "[{\"name\":\"a\",\"rorder\":-9223372036854775808,\"description\":\"5\","
    "\"message\":\"100%% %user%\",\"risk\":\"0\",\"tag\":\"007\","
    "\"comment\":\"c\",\"iolog\":\"i\",\"rpt\":-1,\"script\":\"s\","
    "\"variables\":{\"v\":\"\",\"w\":\"%user%\\n\"}},"
    "{\"name\":\"\\u202E\\\"\\\\ \\ud83d\\ude00\","
    "\"rorder\":9223372036854775807},"
    "{\"name\":\"b\",\"varmatch\":{\"varmatch\":\"x\"},\"disabled\":1},"
    "{\"name\":\"c\",\"varmatch\":{\"varmatch\":[\"\",\"*\",\"[\"],"
    "\"u\":[]},\"action\":\"R\",\"rpt\":\"often\"},"
    "{\"name\":\"d\",\"auth\":[{\"method\":\"getuserpasswdpam\","
    "\"user\":\"%user%\",\"service\":\"sudo\",\"fname\":\"/f\","
    "\"period\":31536000,\"tries\":100,\"prompt\":\"p\",\"message\":"
    "\"m\",\"rejectMessage\":\"r\"},{\"method\":\"getstringpasswd\","
    "\"passwd\":\"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\"}]}]";

static void what_is_stored_loads_as_the_same_set(void **state)
{
    struct told told = told_load(everything);
    roleauth_roles *roles;

    (void)state;
    assert_added(everything);
    roles = load();
    same_sets(told.roles, roles);
    roleauth_roles_free(&roles);
    assert_int_equal(count_files(), 1);
    /* Columns are what the reference has in them. */
    assert_database(path, "SELECT group_concat(typeof(risk)) FROM role",
                    "integer,null,null,null,null");
    assert_database(path, "SELECT varmatch FROM role WHERE name = 'c'",
                    "{\"varmatch\":[\"\",\"*\",\"[\"],\"u\":[]}");
    assert_database(path, "SELECT count(*) FROM role WHERE rpt IS NULL", "3");
    assert_database(path, "SELECT tag FROM role WHERE name = 'a'", "007");
    told_free(&told);
}

static void a_new_database_is_like_the_reference(void **state)
{
    struct stat st;
    const mode_t before = umask(0777);

    (void)state;
    assert_added("[]");
    (void)umask(before);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_database(path,
                    "SELECT group_concat(name) FROM (SELECT name FROM "
                    "sqlite_master WHERE type = 'table' ORDER BY name)",
                    "role,rolecmds,rolehosts,roletmdates,roleusers");
    assert_database(
        path, "SELECT group_concat(name) FROM pragma_table_info('role')",
        "id,name,rorder,description,disabled,risk,action,iolog,script,tag,"
        "comment,message,variables,varmatch,auth,rpt");
    assert_database(path, "PRAGMA integrity_check", "ok");
    /* An empty file is a database without tables. */
    assert_int_equal(truncate(path, 0), 0);
    assert_added("[{\"name\":\"a\"}]");
    assert_database(path, "SELECT name FROM role", "a");
}

static void ids_keep_the_order(void **state)
{
    (void)state;
    assert_added("[{\"name\":\"a\"},{\"name\":\"b\",\"id\":\"4\"},"
                 "{\"name\":\"c\"},{\"name\":\"d\",\"rorder\":-1}]");
    assert_database(path,
                    "SELECT group_concat(name || id) FROM (SELECT * FROM role "
                    "ORDER BY id)",
                    "a1,b4,d5,c6");
    assert_added("[{\"name\":\"e\"},{\"name\":\"f\",\"id\":3},"
                 "{\"name\":\"g\"}]");
    assert_database(path,
                    "SELECT group_concat(name || id) FROM (SELECT * FROM role "
                    "ORDER BY id)",
                    "a1,e2,f3,b4,d5,c6,g7");
}

static void roles_are_added(void **state)
{
    (void)state;
    assert_added("[{\"name\":\"a\"},{\"name\":\"b\"}]");
    database_make(path, "INSERT INTO roleusers VALUES (2, 'x', 'S'), "
                        "(7, 'y', 'S')");
    assert_added("[{\"name\":\"c\"},{\"name\":\"d\",\"id\":5}]");
    /* 7 is no id for a role: it would be restricted. */
    assert_database(path, "SELECT group_concat(id || name) FROM role",
                    "1a,2b,3c,5d");
    assert_added("[{\"name\":\"e\"}]");
    assert_database(path, "SELECT id FROM role WHERE name = 'e'", "8");
    assert_not_stored("[{\"name\":\"f\"},{\"name\":\"b\"}]", ROLEAUTH_STORE_ADD,
                      ROLEAUTH_E_INVALID,
                      "there is a role \"b\" in it already");
    assert_not_stored("[{\"name\":\"f\",\"id\":3}]", ROLEAUTH_STORE_ADD,
                      ROLEAUTH_E_INVALID,
                      "the id 3 of the role \"f\" is taken in the database");
    assert_not_stored("[{\"name\":\"f\",\"id\":7}]", ROLEAUTH_STORE_ADD,
                      ROLEAUTH_E_INVALID,
                      "the id 7 of the role \"f\" is taken in the database");
}

static void roles_are_replaced(void **state)
{
    (void)state;
    assert_added("[{\"name\":\"a\"},{\"name\":\"b\"}]");
    database_make(path, "INSERT INTO roleusers VALUES (2, 'x', 'S'), "
                        "(7, 'y', 'S'); CREATE TABLE other(x);"
                        "INSERT INTO other VALUES (1);"
                        "DROP TABLE rolehosts;");
    assert_stored("[{\"name\":\"b\",\"id\":7},{\"name\":\"c\"}]",
                  ROLEAUTH_STORE_REPLACE);
    assert_database(path, "SELECT group_concat(id || name) FROM role", "7b,8c");
    assert_database(path, "SELECT count(*) FROM roleusers", "0");
    assert_database(path, "SELECT count(*) FROM other", "1");
    /* A database that is not there has nothing to replace. */
    assert_int_equal(unlink(path), 0);
    assert_stored("[{\"name\":\"b\"}]", ROLEAUTH_STORE_REPLACE);
    assert_database(path, "SELECT group_concat(id || name) FROM role", "1b");
}

static void a_database_goes_round(void **state)
{
    struct told told;
    roleauth_roles *roles;
    char copy[512];
    int code;

    (void)state;
    (void)strlcpy(copy, path, sizeof(copy));
    assert_added(everything);
    told = told_database(path, true, &code, NULL);
    (void)strlcpy(path, scratch_at(&scratch, "copy.db"), sizeof(path));
    assert_int_equal(
        roleauth_roles_store(told.roles, path, ROLEAUTH_STORE_ADD, NULL), 0);
    roles = load();
    same_sets(told.roles, roles);
    same_sets(roles, told.roles);
    roleauth_roles_free(&roles);
    told_free(&told);
}

static void a_journal_by_wal_is_kept(void **state)
{
    (void)state;
    assert_added("[{\"name\":\"a\"}]");
    database_make(path, "PRAGMA journal_mode = WAL");
    assert_stored("[{\"name\":\"b\"}]", ROLEAUTH_STORE_REPLACE);
    assert_database(path, "PRAGMA journal_mode", "wal");
    assert_database(path, "SELECT name FROM role", "b");
}

/* ---- tables that others made ---- */

static void other_columns_are_left_null(void **state)
{
    roleauth_roles *roles;

    (void)state;
    database_make(path, "CREATE TABLE role(\"wei\"\"rd\" DEFAULT 5, NAME, "
                        "double AS (name || name), ID INTEGER PRIMARY KEY, "
                        "rpt DEFAULT 1);");
    assert_added("[{\"name\":\"a\"}]");
    assert_database(path, "SELECT \"wei\"\"rd\" FROM role", "");
    assert_database(path, "SELECT rpt FROM role", "");
    assert_database(path, "SELECT double FROM role", "aa");
    (void)unlink(path);
    database_make(path, "CREATE TABLE role(name, rorder INT, action);");
    assert_added("[{\"name\":\"b\",\"action\":\"R\"},{\"name\":\"a\"},"
                 "{\"name\":\"c\",\"rorder\":-1}]");
    roles = load();
    assert_string_equal(roleauth_roles_column(roles, 0, "name"), "c");
    assert_string_equal(roleauth_roles_column(roles, 1, "name"), "b");
    assert_string_equal(roleauth_roles_column(roles, 2, "name"), "a");
    roleauth_roles_free(&roles);
}

static void a_column_that_is_needed_must_be_there(void **state)
{
    static const struct {
        const char *json, *text;
    } needs[] = {
        {"{\"name\":\"x\",\"id\":1}", "no column \"id\""},
        {"{\"name\":\"x\",\"rorder\":1}", "no column \"rorder\""},
        {"{\"name\":\"x\",\"disabled\":1}", "no column \"disabled\""},
        {"{\"name\":\"x\",\"action\":\"R\"}", "no column \"action\""},
        {"{\"name\":\"x\",\"risk\":1}", "no column \"risk\""},
        {"{\"name\":\"x\",\"rpt\":\"x\"}", "no column \"rpt\""},
        {"{\"name\":\"x\",\"script\":\"s\"}", "no column \"script\""},
        {"{\"name\":\"x\",\"varmatch\":{\"a\":\"b\"}}",
         "the role \"x\" cannot be stored: the table role has no column "
         "\"varmatch\""},
        {"[{\"name\":\"y\"},{\"name\":\"x\",\"auth\":[{\"method\":"
         "\"getuserpasswd\",\"user\":\"u\"}]}]",
         "no column \"auth\""},
    };

    (void)state;
    database_make(path, "CREATE TABLE role(name); "
                        "CREATE TABLE roleusers(id, users);");
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;

        assert_int_equal(store(needs[i].json, ROLEAUTH_STORE_ADD, &error),
                         ROLEAUTH_E_INVALID);
        if (strstr(error.text, needs[i].text) == NULL)
            fail_msg("%s: %s", needs[i].text, error.text);
        assert_string_equal(error.file, path);
        assert_database(path, "SELECT count(*) FROM role", "0");
    }
    assert_added("{\"name\":\"x\"}");
}

static void a_column_must_keep_what_it_gets(void **state)
{
    static const struct {
        const char *sql, *text;
    } tables[] = {
        {"CREATE TABLE role(id TEXT, name);", "The column id"},
        {"CREATE TABLE role(id INTEGER PRIMARY KEY, name, rorder REAL);",
         "The column rorder"},
        {"CREATE TABLE role(id INTEGER PRIMARY KEY, name NUMERIC);",
         "The column name"},
        {"CREATE TABLE role(id INTEGER PRIMARY KEY, name, risk DOUBLE);",
         "The column risk"},
        {"CREATE TABLE role(id INTEGER PRIMARY KEY, name, tag integer);",
         "The column tag"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;

        (void)unlink(path);
        database_make(path, tables[i].sql);
        assert_int_equal(store("{\"name\":\"x\"}", ROLEAUTH_STORE_ADD, &error),
                         ROLEAUTH_E_INVALID);
        if (strstr(error.text, tables[i].text + 1) == NULL)
            fail_msg("%s: %s", tables[i].text, error.text);
    }
    (void)unlink(path);
    database_make(path, "CREATE TABLE role(id INT UNIQUE, name VARCHAR(10), "
                        "rorder BIGINT, risk TEXT, tag CLOB, rpt NUMERIC, "
                        "disabled BOOLEAN, comment BLOB, auth TEXT);");
    assert_added("{\"name\":\"5\",\"id\":6,\"rorder\":7,\"risk\":8,\"tag\":"
                 "\"9\",\"rpt\":10,\"disabled\":1,\"comment\":\"11\"}");
    assert_database(path,
                    "SELECT group_concat(typeof(x)) FROM (SELECT id AS x FROM "
                    "role UNION ALL SELECT name FROM role UNION ALL SELECT "
                    "risk FROM role UNION ALL SELECT rpt FROM role)",
                    "integer,text,text,integer");
}

/* ---- what is refused ---- */

static void what_no_database_can_hold_is_refused(void **state)
{
    (void)state;
    assert_not_stored("[{\"method\":\"getuserpasswd\",\"user\":\"u\"}]",
                      ROLEAUTH_STORE_ADD, ROLEAUTH_E_INVALID,
                      "an Auth array alone has no name");
    assert_not_stored("[{\"disabled\":1,\"name\":\"a\"},{\"name\":\"a\"}]",
                      ROLEAUTH_STORE_ADD, ROLEAUTH_E_INVALID,
                      "two roles are named \"a\"");
    assert_not_stored("[{\"name\":\"a\",\"disabled\":1,\"rorder\":\"x\"}]",
                      ROLEAUTH_STORE_ADD, ROLEAUTH_E_INVALID,
                      "the role \"a\" has errors");
    assert_not_stored("[{\"name\":\"a\",\"id\":\"x\"}]", ROLEAUTH_STORE_ADD,
                      ROLEAUTH_E_INVALID, "the role \"a\" has the id \"x\"");
    assert_not_stored("[{\"name\":\"a\",\"id\":2},{\"name\":\"b\",\"id\":1}]",
                      ROLEAUTH_STORE_ADD, ROLEAUTH_E_INVALID,
                      "the role \"a\" (id 2) comes before \"b\" (id 1)");
    assert_not_stored("[{\"name\":\"a\",\"risk\":-1}]", ROLEAUTH_STORE_ADD,
                      ROLEAUTH_E_INVALID,
                      "the role \"a\" cannot be stored: the tables of this "
                      "database do not fit: SQLite says \"CHECK constraint");
    assert_int_equal(count_files(), 0);
}

static void numbers_that_would_change_are_refused(void **state)
{
    static const char *const changed[] = {"007",
                                          "+7",
                                          " 7",
                                          "7 ",
                                          "7.0",
                                          "7.",
                                          ".5",
                                          "1e3",
                                          "-0",
                                          "1.5E-3",
                                          "99999999999999999999"};
    static const char *const kept[] = {"7", "x7", "7x",  "0x10",  "1e", "-",
                                       ".", "e5", "--1", "1.2.3", "1e+"};
    char json[100];

    (void)state;
    for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
        (void)snprintf(json, sizeof(json), "{\"name\":\"a\",\"rpt\":\"%s\"}",
                       changed[i]);
        assert_not_stored(json, ROLEAUTH_STORE_ADD, ROLEAUTH_E_INVALID,
                          "the role \"a\" has the rpt");
    }
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        roleauth_roles *roles;

        (void)snprintf(json, sizeof(json), "{\"name\":\"a\",\"risk\":\"%s\"}",
                       kept[i]);
        assert_stored(json, ROLEAUTH_STORE_REPLACE);
        roles = load();
        assert_string_equal(roleauth_roles_column(roles, 0, "risk"), kept[i]);
        roleauth_roles_free(&roles);
    }
}

static void restricted_roles_are_refused(void **state)
{
    struct told told;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int code;

    (void)state;
    assert_added("[{\"name\":\"a\"},{\"name\":\"b\"}]");
    database_make(path, "INSERT INTO rolecmds VALUES (2, 'x')");
    told = told_database(path, false, &code, NULL);
    assert_int_equal(roleauth_roles_store(told.roles,
                                          scratch_at(&scratch, "new.db"),
                                          ROLEAUTH_STORE_ADD, &error),
                     ROLEAUTH_E_INVALID);
    assert_non_null(strstr(error.text, "the first is \"b\""));
    assert_int_equal(count_files(), 1);
    told_free(&told);
}

/* Its constraints and triggers may know better than an INSERT. */
static void a_database_that_drops_roles_is_refused(void **state)
{
    static const char *const schemas[] = {
        "CREATE TABLE role(id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE "
        "UNIQUE ON CONFLICT REPLACE, varmatch TEXT)",
        "CREATE TABLE role(id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE "
        "UNIQUE ON CONFLICT IGNORE, varmatch TEXT)",
        "CREATE TABLE role(id INTEGER PRIMARY KEY, name TEXT, varmatch TEXT);"
        "CREATE TRIGGER t BEFORE INSERT ON role WHEN new.name = 'A' "
        "BEGIN SELECT raise(ignore); END",
        "CREATE TABLE role(id INTEGER PRIMARY KEY, name TEXT, varmatch TEXT);"
        "CREATE TRIGGER t AFTER INSERT ON role "
        "BEGIN DELETE FROM role WHERE id < new.id; END",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;

        database_make(path, schemas[i]);
        assert_int_equal(store("[{\"name\":\"a\"},{\"name\":\"A\"}]",
                               ROLEAUTH_STORE_ADD, &error),
                         ROLEAUTH_E_INVALID);
        assert_string_not_equal(error.text, "");
        assert_database(path, "SELECT count(*) FROM role", "0");
        assert_int_equal(unlink(path), 0);
    }
}

/* SQLite would play it into the new database. */
static void a_journal_that_was_left_behind_is_not_believed(void **state)
{
    static const char *const suffixes[] = {"-journal", "-wal"};

    (void)state;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char journal[600];
        FILE *file;

        (void)snprintf(journal, sizeof(journal), "%s%s", path, suffixes[i]);
        file = fopen(journal, "w");
        assert_non_null(file);
        assert_int_equal(fclose(file), 0);
        assert_not_stored("[{\"name\":\"a\"}]", ROLEAUTH_STORE_ADD,
                          ROLEAUTH_E_IO, suffixes[i]);
        assert_int_equal(unlink(journal), 0);
    }
    assert_added("[{\"name\":\"a\"}]");
}

static void arguments_are_checked(void **state)
{
    struct told told = told_load("[]");
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    assert_int_equal(
        roleauth_roles_store(NULL, path, ROLEAUTH_STORE_ADD, &error),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(error.code, ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_roles_store(told.roles, NULL, ROLEAUTH_STORE_ADD, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_roles_store(told.roles, path, (roleauth_store_mode)2, NULL),
        ROLEAUTH_E_ARGUMENT);
    told_free(&told);
}

static void files_that_are_no_use_are_told(void **state)
{
    const char *json = "{\"name\":\"a\"}";
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char keep[512];

    (void)state;
    scratch_write(&scratch, "roles.db", json, strlen(json), 0600);
    assert_int_equal(store(json, ROLEAUTH_STORE_ADD, &error),
                     ROLEAUTH_E_INVALID);
    assert_string_equal(error.text, "this is no SQLite database");
    assert_int_equal(unlink(path), 0);
    scratch_mkdir(&scratch, "roles.db", 0700);
    assert_int_equal(store(json, ROLEAUTH_STORE_ADD, &error), ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "is not a regular file"));
    assert_int_equal(rmdir(path), 0);
    /* A link to nothing is not followed. */
    assert_int_equal(symlink("nothing", path), 0);
    assert_int_equal(store(json, ROLEAUTH_STORE_ADD, &error), ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "File exists"));
    assert_int_equal(unlink(path), 0);
    database_make(path, "CREATE TABLE t(a, b); CREATE VIEW role AS SELECT "
                        "a AS id, b AS name FROM t");
    assert_int_equal(store(json, ROLEAUTH_STORE_ADD, &error),
                     ROLEAUTH_E_INVALID);
    assert_string_equal(error.text, "\"role\" is a view, and must be a table");
    assert_int_equal(unlink(path), 0);
    (void)strlcpy(keep, path, sizeof(keep));
    (void)strlcpy(path, scratch_at(&scratch, "none/roles.db"), sizeof(path));
    assert_int_equal(store(json, ROLEAUTH_STORE_ADD, &error), ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "No such file"));
    (void)strlcpy(path, keep, sizeof(path));
    assert_int_equal(count_files(), 0);
}

static void others_must_have_no_hand_in_it(void **state)
{
    const char *json = "{\"name\":\"a\"}";

    (void)state;
    assert_int_equal(chmod(scratch.path, 0777), 0);
    assert_not_stored(json, ROLEAUTH_STORE_ADD, ROLEAUTH_E_UNTRUSTED,
                      scratch.path);
    assert_int_equal(chmod(scratch.path, 01777), 0);
    assert_not_stored(json, ROLEAUTH_STORE_ADD, ROLEAUTH_E_UNTRUSTED,
                      scratch.path);
    assert_int_equal(chmod(scratch.path, 0755), 0);
    assert_added(json);
    assert_int_equal(chmod(path, 0620), 0);
    assert_not_stored("{\"name\":\"b\"}", ROLEAUTH_STORE_ADD,
                      ROLEAUTH_E_UNTRUSTED, "roles.db");
    assert_int_equal(chmod(path, 0600), 0);
    scratch_write(&scratch, "roles.db-journal", "", 0, 0606);
    assert_not_stored("{\"name\":\"b\"}", ROLEAUTH_STORE_ADD,
                      ROLEAUTH_E_UNTRUSTED, "roles.db-journal");
    assert_int_equal(unlink(scratch_at(&scratch, "roles.db-journal")), 0);
    assert_added("{\"name\":\"b\"}");
}

static void a_locked_database_is_busy(void **state)
{
    sqlite3 *db;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    assert_added("[]");
    db = database_open(path);
    database_run(db, "BEGIN IMMEDIATE");
    assert_int_equal(store("{\"name\":\"a\"}", ROLEAUTH_STORE_ADD, &error),
                     ROLEAUTH_E_BUSY);
    database_run(db, "ROLLBACK");
    /* A reader keeps the commit from happening. */
    database_run(db, "BEGIN; SELECT * FROM role;");
    assert_int_equal(store("{\"name\":\"a\"}", ROLEAUTH_STORE_ADD, &error),
                     ROLEAUTH_E_BUSY);
    database_run(db, "ROLLBACK");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_database(path, "SELECT count(*) FROM role", "0");
    assert_int_equal(count_files(), 1);
}

/* ---- disks and processes ---- */

static struct told many_roles(void)
{
    struct ra_buf text = RA_BUF_INIT(1u << 22);
    struct told told;

    for (unsigned i = 0; i < 5000; i++)
        assert_true(ra_buf_printf(&text, "%s{\"name\":\"role %u\"}",
                                  i == 0 ? "[" : ",", i));
    assert_true(ra_buf_add_char(&text, ']'));
    told = told_load(text.data);
    assert_non_null(told.roles);
    ra_buf_free(&text);
    return told;
}

static int on_a_small_disk(void)
{
    struct told told = many_roles();
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char before[4096], after[4096];
    int code;

    (void)strlcpy(path, scratch_at(&scratch, "disk/roles.db"), sizeof(path));
    code = roleauth_roles_store(told.roles, path, ROLEAUTH_STORE_ADD, &error);
    if (code != ROLEAUTH_E_IO || strstr(error.text, "no space left") == NULL ||
        access(path, F_OK) == 0)
        return 1;
    assert_stored("[{\"name\":\"a\"}]", ROLEAUTH_STORE_ADD);
    dump(before);
    code =
        roleauth_roles_store(told.roles, path, ROLEAUTH_STORE_REPLACE, &error);
    if (code != ROLEAUTH_E_IO || strstr(error.text, "no space left") == NULL)
        return 2;
    dump(after);
    told_free(&told);
    return strcmp(before, after) == 0 ? 0 : 3;
}

static void a_full_disk_changes_nothing(void **state)
{
    pid_t child;
    int status;

    (void)state;
    scratch_need_root();
    scratch_mkdir(&scratch, "disk", 0700);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(scratch_on_small_disk(&scratch, "disk", on_a_small_disk));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Killed at some moment: all of it is there, or none, and what is there can
 * be used. */
static void a_process_that_dies_leaves_all_or_nothing(void **state)
{
    struct told told = many_roles();
    char count[4096];

    (void)state;
    assert_added("[{\"name\":\"a\"}]");
    for (useconds_t wait = 1000; wait < 100000; wait += wait / 2) {
        pid_t child = fork();
        roleauth_roles *roles;

        assert_true(child >= 0);
        if (child == 0)
            _exit(roleauth_roles_store(told.roles, path, ROLEAUTH_STORE_REPLACE,
                                       NULL) != 0);
        (void)usleep(wait);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        /* Undoes what was begun. */
        database_get(path, "SELECT count(*) FROM role", count, sizeof(count));
        assert_true(strcmp(count, "1") == 0 || strcmp(count, "5000") == 0);
        roles = load();
        roleauth_roles_free(&roles);
    }
    told_free(&told);
}

/* ---- memory ---- */

static void memory_may_run_out(void **state)
{
    struct told told = told_load(everything);
    unsigned long n;
    bool failed = true;

    (void)state;
    if (!heap_can_fail()) {
        told_free(&told);
        skip();
    }
    database_make(path, REFERENCE_SCHEMA
                  "INSERT INTO role(id, name) VALUES (1, 'old');"
                  "INSERT INTO roleusers VALUES (9, 'x', 'S');");
    for (n = 1; failed && n < 20000; n++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        int code;

        heap_arm(n);
        code =
            roleauth_roles_store(told.roles, path, ROLEAUTH_STORE_ADD, &error);
        failed = heap_disarm();
        if (code != 0 &&
            (code != ROLEAUTH_E_NOMEM || error.code != code || !failed))
            fail_msg("allocation %lu: %d %s", n, code, error.text);
        assert_database(path, "SELECT count(*) FROM role",
                        code == 0 ? "6" : "1");
        if (code == 0)
            database_make(path, "DELETE FROM role WHERE name <> 'old'");
    }
    assert_false(failed);
    assert_true(n > 500);
    told_free(&told);
}

/* A database of ours would hide where they came from. */
static void roles_that_others_could_have_written_are_refused(void **state)
{
    const char *source = scratch_at(&scratch, "roles.json");
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    FILE *file = fopen(source, "we");

    (void)state;
    assert_non_null(file);
    assert_true(fputs("{\"name\":\"a\"}", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(source, 0666), 0);
    assert_int_equal(roleauth_roles_inspect(&roles, source, NULL, NULL), 0);
    assert_int_equal(
        roleauth_roles_store(roles, path, ROLEAUTH_STORE_ADD, &error),
        ROLEAUTH_E_UNTRUSTED);
    assert_non_null(strstr(error.text, "others could have changed"));
    assert_int_not_equal(access(path, F_OK), 0);
    roleauth_roles_free(&roles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define RA_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        RA_TEST(what_is_stored_loads_as_the_same_set),
        RA_TEST(a_new_database_is_like_the_reference),
        RA_TEST(ids_keep_the_order),
        RA_TEST(roles_are_added),
        RA_TEST(roles_are_replaced),
        RA_TEST(a_database_goes_round),
        RA_TEST(a_journal_by_wal_is_kept),
        RA_TEST(other_columns_are_left_null),
        RA_TEST(a_column_that_is_needed_must_be_there),
        RA_TEST(a_column_must_keep_what_it_gets),
        RA_TEST(what_no_database_can_hold_is_refused),
        RA_TEST(numbers_that_would_change_are_refused),
        RA_TEST(restricted_roles_are_refused),
        RA_TEST(a_database_that_drops_roles_is_refused),
        RA_TEST(a_journal_that_was_left_behind_is_not_believed),
        RA_TEST(arguments_are_checked),
        RA_TEST(files_that_are_no_use_are_told),
        RA_TEST(others_must_have_no_hand_in_it),
        RA_TEST(roles_that_others_could_have_written_are_refused),
        RA_TEST(a_locked_database_is_busy),
        RA_TEST(a_full_disk_changes_nothing),
        RA_TEST(a_process_that_dies_leaves_all_or_nothing),
        RA_TEST(memory_may_run_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Databases of roles, as another program makes them, and what is told about
 * them.  To be included behind cmocka.h, scratch.h and told.h. */
#ifndef TESTS_SUPPORT_DATABASE_H
#define TESTS_SUPPORT_DATABASE_H

#include <sqlite3.h>

#include "match/index.h"

/* As the reference has it. */
#define REFERENCE_SCHEMA                                                       \
    "CREATE TABLE role(id INTEGER PRIMARY KEY, name TEXT UNIQUE, "             \
    "rorder INTEGER, description TEXT, "                                       \
    "disabled INTEGER CHECK(disabled BETWEEN 0 AND 1), "                       \
    "risk INTEGER CHECK(risk >= 0), action CHAR(1) CHECK(action IN "           \
    "('A','R')), iolog TEXT, script TEXT, tag TEXT, comment TEXT, "            \
    "message TEXT, variables TEXT, varmatch TEXT, auth TEXT, "                 \
    "rpt INTEGER DEFAULT 1);"                                                  \
    "CREATE TABLE roleusers(id REFERENCES role(id), "                          \
    "users REFERENCES usergrp(id), type CHAR(1) CHECK(type IN ('S','R')), "    \
    "PRIMARY KEY(id,users,type));"                                             \
    "CREATE TABLE rolehosts(id REFERENCES role(id), hosts, type CHAR(1));"     \
    "CREATE TABLE rolecmds(id REFERENCES role(id), cmds);"                     \
    "CREATE TABLE roletmdates(id REFERENCES role(id), tmdates);"

static inline sqlite3 *database_open(const char *path)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    /* Nobody pulls the plug. */
    assert_int_equal(
        sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL),
        SQLITE_OK);
    return db;
}

static inline void database_run(sqlite3 *db, const char *sql)
{
    char *message = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

/* Runs SQL on a file, which is made when it is absent. */
static inline void database_make(const char *path, const char *sql)
{
    sqlite3 *db = database_open(path);

    database_run(db, sql);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(chmod(path, 0600), 0);
}

/* The first value that a query gives, as text. */
static inline void database_get(const char *path, const char *sql, char *text,
                                size_t size)
{
    sqlite3 *db = database_open(path);
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
                     SQLITE_OK);
    text[0] = '\0';
    if (sqlite3_step(statement) == SQLITE_ROW &&
        sqlite3_column_text(statement, 0) != NULL)
        (void)snprintf(text, size, "%s", sqlite3_column_text(statement, 0));
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#define assert_database(path, sql, expected)                                   \
    do {                                                                       \
        char got_[4096];                                                       \
        database_get(path, sql, got_, sizeof(got_));                           \
        assert_string_equal(got_, expected);                                   \
    } while (0)

/* Loads a database and keeps what is told; the code is for who wants it. */
static inline struct told told_database(const char *path, bool must_trust,
                                        int *code, roleauth_error *error)
{
    struct told told = {RA_BUF_INIT(1u << 20), NULL};
    const struct ra_load how = {
        .how = {.report = told_add, .report_data = &told, .database = 1},
        .must_trust = must_trust,
    };

    assert_true(ra_buf_add(&told.lines, "", 0));
    *code = ra_roles_load_file(&told.roles, path, &how, error);
    return told;
}

/* What is told about a database whose roles can be looked at, or not. */
static inline void assert_database_told(const char *path, const char *lines)
{
    int code;
    struct told told = told_database(path, false, &code, NULL);

    assert_string_equal(told.lines.data, lines);
    assert_int_equal(code != 0, strstr(lines, "error ") != NULL);
    told_free(&told);
}

/* Nothing is told, because nothing could be read. */
static inline void assert_database_fails(const char *path, int expected,
                                         const char *text)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int code;
    struct told told = told_database(path, false, &code, &error);

    assert_string_equal(told.lines.data, "");
    assert_null(told.roles);
    if (code != expected || strstr(error.text, text) == NULL)
        fail_msg("%d %s: expected %d %s", code, error.text, expected, text);
    assert_string_equal(error.file, path);
    told_free(&told);
}

/* ---- sets ---- */

static inline void same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL)
        assert_string_equal(a, b);
}

static inline void same_conditions(const roleauth_roles *a,
                                   const roleauth_roles *b, size_t role,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ra_condition_view x, y;

        assert_true(ra_rule_condition(ra_roles_block(a), role, i, &x));
        assert_true(ra_rule_condition(ra_roles_block(b), role, i, &y));
        assert_string_equal(x.variable, y.variable);
        assert_int_equal(x.patterns, y.patterns);
        for (size_t j = 0; j < x.patterns; j++) {
            const char *p, *q;

            assert_true(ra_condition_pattern(ra_roles_block(a), &x, j, &p));
            assert_true(ra_condition_pattern(ra_roles_block(b), &y, j, &q));
            assert_string_equal(p, q);
        }
    }
}

static inline void same_method(const roleauth_roles *a, const roleauth_roles *b,
                               size_t role, size_t method)
{
    struct ra_method_view x, y;

    assert_true(ra_roles_method(a, role, method, &x));
    assert_true(ra_roles_method(b, role, method, &y));
    assert_string_equal(x.name, y.name);
    same_text(x.passwd, y.passwd);
    same_text(x.user, y.user);
    same_text(x.service, y.service);
    same_text(x.fname, y.fname);
    same_text(x.prompt, y.prompt);
    same_text(x.message, y.message);
    same_text(x.reject_message, y.reject_message);
    assert_int_equal(x.tries, y.tries);
    assert_int_equal(x.period, y.period);
}

/* A role of one set is that of the other, but for an id that a database gave
 * it. */
static inline void same_role(const roleauth_roles *a, const roleauth_roles *b,
                             size_t role)
{
    struct ra_role_view x, y;

    assert_true(ra_roles_view(a, role, &x));
    assert_true(ra_roles_view(b, role, &y));
    for (size_t i = 0; i < RA_COLUMNS; i++)
        if (i != RA_COLUMN_ID || x.columns[i] != NULL)
            same_text(x.columns[i], y.columns[i]);
    same_text(x.barrier, y.barrier);
    assert_int_equal(x.restricted, y.restricted);
    assert_int_equal(x.disabled, y.disabled);
    assert_int_equal(x.broken, y.broken);
    assert_int_equal(x.rejects, y.rejects);
    assert_true(x.rorder == y.rorder);
    assert_int_equal(x.conditions, y.conditions);
    assert_int_equal(x.methods, y.methods);
    assert_int_equal(x.variables, y.variables);
    same_conditions(a, b, role, x.conditions);
    for (size_t i = 0; i < x.methods; i++)
        same_method(a, b, role, i);
    for (size_t i = 0; i < x.variables; i++) {
        const char *n, *v, *m, *w;

        assert_true(ra_roles_variable(a, role, i, &n, &v));
        assert_true(ra_roles_variable(b, role, i, &m, &w));
        assert_string_equal(n, m);
        assert_string_equal(v, w);
    }
}

static inline void same_sets(const roleauth_roles *a, const roleauth_roles *b)
{
    assert_int_equal(roleauth_roles_count(a), roleauth_roles_count(b));
    for (size_t i = 0; i < roleauth_roles_count(a); i++)
        same_role(a, b, i);
}

#endif

/* SPDX-License-Identifier: MIT */
#include "role/sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* ---- what failed, in our words ---- */

#define INTERRUPTED                                                            \
    "a write to this database was interrupted: let its owner run "             \
    "`sqlite3 FILE .tables`, which undoes it"
#define JOURNAL                                                                \
    "a journal of this database (-journal, -wal or -shm) cannot be opened or " \
    "made: do it as the owner of the database, or let its writer set "         \
    "`PRAGMA journal_mode = DELETE`"
#define LOCKED "this database is locked by another process: try again"
#define DAMAGED                                                                \
    "this database is damaged: restore it, or try `sqlite3 FILE .recover`"

/* Extended codes stand before the primary one that they belong to. */
static const struct prose {
    int rc, code;
    const char *text;
} proses[] = {
    {SQLITE_READONLY_ROLLBACK, ROLEAUTH_E_IO, INTERRUPTED},
    {SQLITE_READONLY_RECOVERY, ROLEAUTH_E_IO, INTERRUPTED},
    {SQLITE_READONLY_DIRECTORY, ROLEAUTH_E_IO, JOURNAL},
    {SQLITE_READONLY_CANTLOCK, ROLEAUTH_E_IO, JOURNAL},
    {SQLITE_READONLY_CANTINIT, ROLEAUTH_E_IO, JOURNAL},
    {SQLITE_BUSY, ROLEAUTH_E_BUSY, LOCKED},
    {SQLITE_LOCKED, ROLEAUTH_E_BUSY, LOCKED},
    {SQLITE_PROTOCOL, ROLEAUTH_E_BUSY, LOCKED},
    {SQLITE_NOTADB, ROLEAUTH_E_INVALID, "this is no SQLite database"},
    {SQLITE_CORRUPT, ROLEAUTH_E_INVALID, DAMAGED},
    {SQLITE_IOERR_SHORT_READ, ROLEAUTH_E_INVALID, DAMAGED},
    {SQLITE_TOOBIG, ROLEAUTH_E_LIMIT,
     "a value or a row is longer than SQLite allows"},
    {SQLITE_FULL, ROLEAUTH_E_IO, "there is no space left for the database"},
    {SQLITE_READONLY, ROLEAUTH_E_IO,
     "this database, or its directory, cannot be written"},
};

static const struct prose *prose_of(int rc)
{
    for (size_t i = 0; i < sizeof(proses) / sizeof(proses[0]); i++)
        if (proses[i].rc == rc || proses[i].rc == (rc & 0xFF))
            return &proses[i];
    return NULL;
}

static int fail_text(const struct ra_sqlite *db, int code, const char *text)
{
    return ra_fail_in(db->error, code, db->path, 0, 0, NULL, text);
}

int ra_sqlite_fail(const struct ra_sqlite *db, int code, const char *format,
                   ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    if (vsnprintf(text, sizeof(text), format, args) < 0)
        text[0] = '\0';
    va_end(args);
    return fail_text(db, code, text);
}

/* What the system refused.  The file itself is open by now, unless what says
 * something else. */
static int fail_system(const struct ra_sqlite *db, const char *what)
{
    int err = db->handle != NULL ? sqlite3_system_errno(db->handle) : 0;
    roleauth_error why = ROLEAUTH_ERROR_INIT;

    if (err == ENOMEM)
        return ra_fail_nomem(db->error);
    if (err == 0)
        (void)ra_fail(&why, ROLEAUTH_E_IO, "%s", what);
    else
        (void)ra_fail_errno(&why, err, "%s", what);
    return fail_text(db, ROLEAUTH_E_IO, why.text);
}

/* What SQLite says of the names in a statement or of a constraint.  A trigger
 * says whatever it was told to, perhaps of what is in the row. */
static int fail_statement(const struct ra_sqlite *db, int rc)
{
    const char *said = rc == SQLITE_CONSTRAINT_TRIGGER || db->handle == NULL
                           ? sqlite3_errstr(rc)
                           : sqlite3_errmsg(db->handle);

    return ra_sqlite_fail(
        db, ROLEAUTH_E_INVALID,
        "the tables of this database do not fit: SQLite says \"%s\"", said);
}

static int fail_code(const struct ra_sqlite *db, int rc)
{
    const struct prose *prose = prose_of(rc);

    if ((rc & 0xFF) == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM)
        return ra_fail_nomem(db->error);
    if (prose != NULL)
        return fail_text(db, prose->code, prose->text);
    switch (rc & 0xFF) {
    case SQLITE_CANTOPEN:
        return fail_system(db, JOURNAL);
    case SQLITE_IOERR:
    case SQLITE_PERM:
    case SQLITE_NOLFS:
        return fail_system(db, "this database cannot be read or written");
    default:
        return fail_statement(db, rc);
    }
}

/* ---- opening ---- */

/* See "Defense Against The Dark Arts" in SQLite's documentation: what is in
 * the file must not make SQLite run anything. */
static bool harden(struct sqlite3 *handle)
{
    static const struct {
        int option, on;
    } options[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
        {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
    };
    static const struct {
        int limit, most;
    } limits[] = {
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 10},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
        {SQLITE_LIMIT_SQL_LENGTH, 1000000},
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (sqlite3_db_config(handle, options[i].option, options[i].on, NULL) !=
            SQLITE_OK)
            return false;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        (void)sqlite3_limit(handle, limits[i].limit, limits[i].most);
    return true;
}

/* A path that starts with a slash or a dot is a path, where "file:..." can be
 * a URI and "" or ":memory:" no file at all. */
static char *plain_path(const char *path)
{
    size_t size = strlen(path) + sizeof("./");
    char *plain = malloc(size);

    if (plain == NULL)
        return NULL;
    plain[0] = '\0';
    if (path[0] != '/')
        memcpy(plain, "./", sizeof("./"));
    memcpy(plain + strlen(plain), path, strlen(path) + 1);
    return plain;
}

/* No mmap(2), where a file that is cut short would kill us by SIGBUS; no
 * files but the database and its journals. */
#define SETTINGS                                                               \
    "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;"                        \
    "PRAGMA cell_size_check = ON;"

static int open_as(struct ra_sqlite *db, const char *path, int flags,
                   roleauth_error *error)
{
    char *plain = plain_path(path);
    int rc;

    db->handle = NULL;
    db->path = path;
    db->error = error;
    if (plain == NULL)
        return ra_fail_nomem(error);
    rc = sqlite3_open_v2(plain, &db->handle,
                         flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
                         NULL);
    free(plain);
    if ((rc & 0xFF) == SQLITE_CANTOPEN)
        return fail_system(db, "this database cannot be opened");
    if (rc != SQLITE_OK)
        return fail_code(db, rc);
    if (!harden(db->handle))
        return ra_fail(error, ROLEAUTH_E_INTERNAL,
                       "this SQLite is too old to be safe");
    (void)sqlite3_extended_result_codes(db->handle, 1);
    (void)sqlite3_busy_timeout(db->handle, RA_SQLITE_PATIENCE);
    return ra_sqlite_run(db, SETTINGS);
}

int ra_sqlite_open(struct ra_sqlite *db, const char *path,
                   roleauth_error *error)
{
    int code = open_as(db, path, SQLITE_OPEN_READONLY, error);

    /* A value that its column does not allow is told by who reads it, with its
     * place, and is no damage. */
    return code == 0 ? ra_sqlite_run(db, "PRAGMA ignore_check_constraints = ON")
                     : code;
}

int ra_sqlite_open_write(struct ra_sqlite *db, const char *path,
                         roleauth_error *error)
{
    int code = open_as(db, path, SQLITE_OPEN_READWRITE, error);

    return code == 0 ? ra_sqlite_run(db, "PRAGMA synchronous = EXTRA") : code;
}

void ra_sqlite_close(struct ra_sqlite *db)
{
    (void)sqlite3_close(db->handle);
    db->handle = NULL;
}

/* ---- statements ---- */

bool ra_sqlite_same_name(const char *a, const char *b)
{
    return sqlite3_stricmp(a, b) == 0;
}

int ra_sqlite_run(struct ra_sqlite *db, const char *sql)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? 0 : fail_code(db, rc);
}

int ra_sqlite_knows(struct ra_sqlite *db, const char *sql, bool *known)
{
    struct sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);

    (void)sqlite3_finalize(statement);
    *known = rc == SQLITE_OK;
    return rc == SQLITE_OK || rc == SQLITE_ERROR ? 0 : fail_code(db, rc);
}

int ra_sqlite_check(struct ra_sqlite *db)
{
    struct ra_query query;
    struct ra_sqlite_value value;
    bool row = false;
    int code = ra_query_open(&query, db, "PRAGMA main.quick_check(1)");

    if (code == 0)
        code = ra_query_next(&query, &row);
    if (code == 0 && row)
        code = ra_query_value(&query, 0, &value);
    if (code == 0 &&
        (!row || value.text == NULL || strcmp(value.text, "ok") != 0))
        code = fail_text(db, ROLEAUTH_E_INVALID, DAMAGED);
    ra_query_close(&query);
    return code;
}

int ra_query_open(struct ra_query *query, struct ra_sqlite *db, const char *sql)
{
    int rc;

    query->db = db;
    query->statement = NULL;
    rc = sqlite3_prepare_v2(db->handle, sql, -1, &query->statement, NULL);
    return rc == SQLITE_OK ? 0 : fail_code(db, rc);
}

void ra_query_close(struct ra_query *query)
{
    (void)sqlite3_finalize(query->statement);
    query->statement = NULL;
}

int ra_query_next(struct ra_query *query, bool *row)
{
    int rc = sqlite3_step(query->statement);

    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : fail_code(query->db, rc);
}

void ra_query_reset(struct ra_query *query)
{
    /* It tells the failure of the last step again. */
    (void)sqlite3_reset(query->statement);
    (void)sqlite3_clear_bindings(query->statement);
}

int ra_query_bind_integer(struct ra_query *query, int place, int64_t value)
{
    int rc = sqlite3_bind_int64(query->statement, place, value);

    return rc == SQLITE_OK ? 0 : fail_code(query->db, rc);
}

int ra_query_bind_text(struct ra_query *query, int place, const char *text)
{
    int rc = text == NULL ? sqlite3_bind_null(query->statement, place)
                          : sqlite3_bind_text64(query->statement, place, text,
                                                strlen(text), SQLITE_STATIC,
                                                SQLITE_UTF8);

    return rc == SQLITE_OK ? 0 : fail_code(query->db, rc);
}

/* ---- rows ---- */

/* "Determination Of Column Affinity" in SQLite's documentation. */
enum ra_sqlite_type ra_sqlite_preferred(const char *declared)
{
    static const struct {
        const char *pattern;
        enum ra_sqlite_type type;
    } rules[] = {
        {"%INT%", RA_SQLITE_INTEGER}, {"%CHAR%", RA_SQLITE_TEXT},
        {"%CLOB%", RA_SQLITE_TEXT},   {"%TEXT%", RA_SQLITE_TEXT},
        {"%BLOB%", RA_SQLITE_BLOB},   {"%REAL%", RA_SQLITE_REAL},
        {"%FLOA%", RA_SQLITE_REAL},   {"%DOUB%", RA_SQLITE_REAL},
    };

    if (declared[0] == '\0')
        return RA_SQLITE_BLOB;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (sqlite3_strlike(rules[i].pattern, declared, 0) == 0)
            return rules[i].type;
    return RA_SQLITE_INTEGER;
}

size_t ra_query_columns(const struct ra_query *query)
{
    return (size_t)sqlite3_column_count(query->statement);
}

const char *ra_query_name(const struct ra_query *query, size_t column)
{
    return sqlite3_column_name(query->statement, (int)column);
}

static enum ra_sqlite_type type_of(int type)
{
    switch (type) {
    case SQLITE_INTEGER:
        return RA_SQLITE_INTEGER;
    case SQLITE_FLOAT:
        return RA_SQLITE_REAL;
    case SQLITE_TEXT:
        return RA_SQLITE_TEXT;
    case SQLITE_BLOB:
        return RA_SQLITE_BLOB;
    case SQLITE_NULL:
    default:
        return RA_SQLITE_NULL;
    }
}

int ra_query_value(const struct ra_query *query, size_t column,
                   struct ra_sqlite_value *value)
{
    struct sqlite3_stmt *statement = query->statement;
    int at = (int)column;

    memset(value, 0, sizeof(*value));
    value->type = type_of(sqlite3_column_type(statement, at));
    if (value->type == RA_SQLITE_INTEGER)
        value->integer = sqlite3_column_int64(statement, at);
    if (value->type != RA_SQLITE_TEXT)
        return 0;
    /* It may have to be converted from UTF-16. */
    value->text = (const char *)sqlite3_column_text(statement, at);
    value->length = (size_t)sqlite3_column_bytes(statement, at);
    return value->text != NULL ? 0 : ra_fail_nomem(query->db->error);
}

/* SPDX-License-Identifier: MIT */
/* Reading roles from an SQLite database. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "base/trust.h"
#include "role/load.h"
#include "role/table.h"

#define BARRIER_MAX 1024

bool ra_is_database(const char *start, size_t length)
{
    /* "Database File Format", section 1.3.1; its NUL belongs to it. */
    static const char magic[] = "SQLite format 3";

    return length >= sizeof(magic) && memcmp(start, magic, sizeof(magic)) == 0;
}

/* ---- trust ---- */

/* Where others can make files, they can make a journal for a database that has
 * none, and SQLite would believe it. */
static int check_directory(const char *real, int *trusted,
                           roleauth_error *error)
{
    const char *slash = strrchr(real, '/');
    char *directory = strndup(real, slash != real ? (size_t)(slash - real) : 1);
    struct stat st;
    int code = 0;

    if (directory == NULL)
        return ra_fail_nomem(error);
    if (stat(directory, &st) != 0) {
        code = ra_fail_errno(error, errno, "cannot look at %s", directory);
    } else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        *trusted = 0;
        (void)ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                      "others could put a journal for the database into %s: "
                      "move it to a directory that its owner alone can write",
                      directory);
    }
    free(directory);
    return code;
}

/* A journal that is not there is as good as one that is trusted. */
static int check_journal(const char *real, const char *suffix, int *trusted,
                         roleauth_error *error)
{
    struct ra_buf path = RA_BUF_INIT(SIZE_MAX / 8);
    int code;

    if (!ra_buf_add_text(&path, real) || !ra_buf_add_text(&path, suffix)) {
        ra_buf_free(&path);
        return ra_fail_nomem(error);
    }
    code = ra_trust_check_file(path.data, trusted, error);
    ra_buf_free(&path);
    if (code != ROLEAUTH_E_NOT_FOUND)
        return code;
    *trusted = 1;
    return 0;
}

/* SQLite looks for the journals beside the file that a link leads to. */
static int check_around(const char *path, int *trusted, roleauth_error *error)
{
    static const char *const suffixes[] = {"-journal", "-wal", "-shm"};
    char *real = realpath(path, NULL);
    int code;

    if (real == NULL)
        return errno == ENOMEM
                   ? ra_fail_nomem(error)
                   : ra_fail_errno(error, errno, "cannot open %s", path);
    code = check_directory(real, trusted, error);
    for (size_t i = 0;
         code == 0 && *trusted == 1 && i < sizeof(suffixes) / sizeof(*suffixes);
         i++)
        code = check_journal(real, suffixes[i], trusted, error);
    free(real);
    return code;
}

int ra_database_trust(const char *path, int *trusted, roleauth_error *error)
{
    int code = ra_trust_check_file(path, trusted, error);

    if (code == ROLEAUTH_E_NOT_FOUND)
        return ra_fail_errno(error, ENOENT, "cannot open %s", path);
    return code == 0 && *trusted == 1 ? check_around(path, trusted, error)
                                      : code;
}

/* ---- one row ---- */

/* What all rows share. */
struct reading {
    struct ra_source *source;
    struct ra_table table;
    struct ra_links links;
    struct ra_query rows; /* column 0: rowid, or id where there is none */
    size_t columns;       /* of the rows */
    const char **keys;    /* of the columns, as roles call them */
    size_t id, disabled;  /* their columns; 0: not there */
    struct ra_place top, table_place;
};

static const char *expectation(const char *key)
{
    enum ra_table_column column = ra_table_find(key);

    if (column == RA_TABLE_COLUMNS)
        return "nothing";
    switch (ra_table_kind(column)) {
    case RA_KIND_INTEGER:
        return "an integer";
    case RA_KIND_NUMBER:
        return "an integer or a text";
    case RA_KIND_JSON:
        return "JSON in a text";
    case RA_KIND_TEXT:
    default:
        return "a text";
    }
}

/* Bytes before the first that is not UTF-8. */
static size_t valid_length(const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    uint32_t point;
    size_t size;

    while (at < end && (size = ra_utf8_decode(at, end, &point)) > 0)
        at += size;
    return (size_t)(at - text);
}

/* A text that a role can hold?  Tells when it is none. */
static bool check_text(struct ra_source *source, const struct ra_place *place,
                       const struct ra_sqlite_value *value)
{
    size_t valid = valid_length(value->text, value->length);
    size_t plain = strlen(value->text);

    if (valid < value->length)
        ra_problem(source, RA_UTF8, place,
                   "found a byte that is not UTF-8 (at byte %zu of the text)",
                   valid);
    else if (plain < value->length)
        ra_problem(source, RA_NUL, place,
                   "found a NUL character (at byte %zu of the text)", plain);
    else
        return true;
    return false;
}

/* What stands for a column that cannot be used: without a name the role would
 * be told off for having none. */
static ra_json *stand_in(const char *key, const struct ra_sqlite_value *value)
{
    return ra_json_new_string(
        strcmp(key, "name") == 0 && value->text != NULL ? value->text : NULL);
}

/* The value of a column that is not NULL; what none can be is told. */
static ra_json *read_value(struct reading *r, const struct ra_place *place,
                           const struct ra_sqlite_value *value)
{
    bool is_id = strcmp(place->key, "id") == 0 && value->length > 0;

    if (value->type == RA_SQLITE_INTEGER)
        return ra_json_new_integer(value->integer);
    /* An unknown column is told as such, whatever it holds. */
    if (ra_table_find(place->key) == RA_TABLE_COLUMNS)
        return ra_json_new_string("");
    if (value->type == RA_SQLITE_TEXT && !is_id)
        return check_text(r->source, place, value)
                   ? ra_json_new_string(value->text)
                   : stand_in(place->key, value);
    /* By their ids roles are in order and restricted: texts would be in
     * another order. */
    ra_problem(r->source, RA_WRONG_TYPE, place, "found a %s, expected %s",
               value->type == RA_SQLITE_TEXT   ? "text"
               : value->type == RA_SQLITE_REAL ? "fraction"
                                               : "blob",
               expectation(place->key));
    return stand_in(place->key, value);
}

/* Puts the columns of the row that are not NULL into an object. */
static int read_columns(struct reading *r, const struct ra_place *place,
                        ra_json *object)
{
    struct ra_place at = {place, NULL, 0, false};

    for (size_t i = 1; i < r->columns; i++) {
        struct ra_sqlite_value value;
        int code = ra_query_value(&r->rows, i, &value);

        if (code != 0)
            return code;
        at.key = r->keys[i];
        if (value.type != RA_SQLITE_NULL &&
            !ra_json_set(object, at.key, read_value(r, &at, &value)))
            r->source->nomem = true;
    }
    return 0;
}

/* ---- roles that other tables restrict ---- */

static void add_names(struct ra_buf *text, const size_t *found, size_t count)
{
    (void)ra_buf_add_text(text, count > 1 ? "the tables " : "the table ");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            (void)ra_buf_add_text(text, i + 1 < count ? ", " : " and ");
        (void)ra_buf_add_text(text, ra_link_name(found[i]));
    }
    (void)ra_buf_add_text(text, count > 1 ? " restrict it, which cannot be "
                                            "honoured here"
                                          : " restricts it, which cannot be "
                                            "honoured here");
}

/* Makes a barrier of a role that is in one of the tables. */
static void restrict_role(struct reading *r, const struct ra_place *place,
                          struct ra_role *role)
{
    struct ra_buf text = RA_BUF_INIT(BARRIER_MAX);
    size_t found[RA_LINKS], count = 0;

    for (size_t i = 0; i < RA_LINKS; i++)
        if (ra_links_has(&r->links, i, role->number))
            found[count++] = i;
    if (count == 0)
        return;
    if (role->barrier != NULL && ra_buf_add_text(&text, role->barrier))
        (void)ra_buf_add_text(&text, "; ");
    add_names(&text, found, count);
    role->restricted = true;
    role->barrier =
        text.failed ? NULL
                    : ra_arena_text(r->source->arena, text.data, text.length);
    if (role->barrier == NULL)
        r->source->nomem = true;
    else
        ra_problem(r->source, RA_BARRIER, place,
                   "%s: a request that matches this role ends with "
                   "\"unavailable\"",
                   role->barrier);
    ra_buf_free(&text);
}

/* ---- the rows ---- */

/* Its id, where that is an integer; else its rowid. */
static int read_number(const struct reading *r, int64_t *number)
{
    struct ra_sqlite_value value;
    int code = ra_query_value(&r->rows, 0, &value);

    *number = value.integer;
    if (code == 0 && r->id != 0)
        code = ra_query_value(&r->rows, r->id, &value);
    if (value.type == RA_SQLITE_INTEGER)
        *number = value.integer;
    return code;
}

static int read_disabled(const struct reading *r, bool *disabled)
{
    struct ra_sqlite_value value = {.integer = 0};
    int code =
        r->disabled != 0 ? ra_query_value(&r->rows, r->disabled, &value) : 0;

    *disabled = value.integer == 1;
    return code;
}

/* What is told of the columns counts for the role as what is told of what is
 * in them. */
static void read_role(struct reading *r, const struct ra_place *place,
                      const ra_json *object, struct ra_role *role)
{
    bool broken = r->source->forgiven > 0;

    ra_read_role(r->source, place, object, role);
    role->broken = role->broken || broken;
    restrict_role(r, place, role);
    if (!r->source->nomem)
        ra_set_add(r->source->set, role);
    ra_arena_reset(r->source->arena);
}

static int read_row(struct reading *r)
{
    struct ra_role role = {.number = 0};
    struct ra_role_place at;
    ra_json *object = NULL;
    int code = read_number(r, &role.number);

    if (code == 0)
        code = read_disabled(r, &r->source->disabled);
    if (code != 0)
        return code;
    ra_place_role(&at, &r->table_place, role.number);
    r->source->forgiven = 0;
    object = ra_json_new_object();
    if (object == NULL)
        r->source->nomem = true;
    else
        code = read_columns(r, &at.place, object);
    if (code == 0 && !r->source->nomem)
        read_role(r, &at.place, object, &role);
    r->source->disabled = false;
    ra_json_free(&object);
    return code;
}

static int read_rows(struct reading *r, size_t total)
{
    bool row = true;
    int code = 0;

    for (size_t done = 1; code == 0 && !r->source->nomem; done++) {
        code = ra_query_next(&r->rows, &row);
        if (code != 0 || !row)
            break;
        code = read_row(r);
        ra_source_progress(r->source, "reading", done, total);
    }
    return code;
}

/* ---- the table ---- */

/* What roles call a column, and which column that is. */
static int name_columns(struct reading *r, struct ra_sqlite *db)
{
    r->columns = ra_query_columns(&r->rows);
    r->keys = calloc(r->columns, sizeof(*r->keys));
    if (r->keys == NULL)
        return ra_fail_nomem(db->error);
    for (size_t i = 1; i < r->columns; i++) {
        const char *name = ra_query_name(&r->rows, i);
        enum ra_table_column column;

        if (name == NULL)
            return ra_fail_nomem(db->error);
        if (!ra_utf8_valid(name, strlen(name)))
            return ra_sqlite_fail(db, ROLEAUTH_E_INVALID,
                                  "the table role has a column whose name is "
                                  "not UTF-8");
        column = ra_table_find(name);
        r->keys[i] = column != RA_TABLE_COLUMNS ? ra_table_key(column) : name;
        if (column == RA_TABLE_ID)
            r->id = i;
        if (column == RA_TABLE_DISABLED)
            r->disabled = i;
    }
    return 0;
}

/* NOT INDEXED: an index may be damaged where the table is not, and is not
 * looked at by ra_sqlite_check(). */
static const char *rows_in_order(const struct ra_table *table)
{
    if (!table->has[RA_TABLE_ID])
        return "SELECT _rowid_, * FROM main.role NOT INDEXED ORDER BY _rowid_";
    return table->rowid ? "SELECT _rowid_, * FROM main.role NOT INDEXED "
                          "ORDER BY id, _rowid_"
                        : "SELECT id, * FROM main.role NOT INDEXED ORDER BY id";
}

static int count_rows(struct ra_sqlite *db, size_t *count)
{
    struct ra_query query;
    struct ra_sqlite_value value = {.integer = 0};
    bool row = false;
    int code =
        ra_query_open(&query, db, "SELECT count(*) FROM main.role NOT INDEXED");

    if (code == 0)
        code = ra_query_next(&query, &row);
    if (code == 0 && row)
        code = ra_query_value(&query, 0, &value);
    *count = (size_t)value.integer;
    ra_query_close(&query);
    return code;
}

static int read_table(struct reading *r, struct ra_sqlite *db)
{
    size_t count;
    int code = count_rows(db, &count);

    if (code != 0)
        return code;
    if (count > ROLEAUTH_MAX_ROLES) {
        ra_problem(r->source, RA_LIMIT, &r->table_place,
                   "found %zu roles, at most %d are allowed", count,
                   ROLEAUTH_MAX_ROLES);
        return 0;
    }
    code = ra_query_open(&r->rows, db, rows_in_order(&r->table));
    if (code == 0)
        code = name_columns(r, db);
    if (code == 0)
        code = read_rows(r, count);
    return code;
}

/* Rows that say whom a role is for, of roles that nobody can tell apart. */
static int check_links(const struct reading *r, struct ra_sqlite *db)
{
    for (size_t i = 0; i < RA_LINKS; i++)
        if (r->links.count[i] > 0 && !r->table.has[RA_TABLE_ID])
            return ra_sqlite_fail(db, ROLEAUTH_E_INVALID,
                                  "the table role has no column \"id\", to "
                                  "which the table %s refers",
                                  ra_link_name(i));
    return 0;
}

/* One transaction, so that all is of one moment, whoever writes meanwhile. */
static int read_all(struct reading *r, struct ra_sqlite *db)
{
    int code = ra_sqlite_run(db, "BEGIN");

    if (code == 0)
        code = ra_table_inspect(db, &r->table);
    if (code == 0 && !r->table.exists)
        code = ra_sqlite_fail(db, ROLEAUTH_E_INVALID,
                              "this database has no table \"role\"");
    if (code == 0)
        code = ra_sqlite_check(db);
    if (code == 0)
        code = ra_links_read(db, &r->links);
    if (code == 0)
        code = check_links(r, db);
    return code == 0 ? read_table(r, db) : code;
}

int ra_database_read(struct ra_source *source, const char *path,
                     roleauth_error *error)
{
    struct reading r = {.source = source};
    struct ra_sqlite db;
    int code = ra_sqlite_open(&db, path, error);

    r.table_place = (struct ra_place){&r.top, "role", 0, false};
    source->array = "role";
    source->placed = true;
    if (code == 0)
        code = read_all(&r, &db);
    ra_query_close(&r.rows);
    ra_sqlite_close(&db);
    ra_links_free(&r.links);
    free(r.keys);
    return code;
}

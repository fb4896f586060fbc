/* SPDX-License-Identifier: MIT */
/* Storing roles in an SQLite database, all of them or none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/trust.h"
#include "role/ids.h"
#include "role/load.h"
#include "role/table.h"
#include "role/write.h"

#define SQL_MAX ((size_t)1 << 20)

struct storing {
    const roleauth_roles *roles;
    size_t count;
    struct ra_names names; /* of the roles */
    struct ra_sqlite db;
    struct ra_table table;
    struct ra_links links;
    size_t present; /* roles that are there already, and stay */
    int64_t *ids;   /* of the roles; NULL: there is no such column */
    int places[RA_TABLE_COLUMNS]; /* in the INSERT; 0: there is none */
    struct ra_query insert;
    roleauth_error *error;
};

/* ---- what no database can hold ---- */

static const char *name_at(const void *data, size_t place)
{
    return roleauth_roles_column(data, place, "name");
}

/* Would a column of integers take this text for a number, and keep another
 * one?  See "Type Affinity" in SQLite's documentation. */
static bool is_changed(const char *text)
{
    const char *at = text + strspn(text, " \t\n\v\f\r");
    size_t digits, fraction = 0;
    int64_t number;

    if (ra_write_is_integer(text, &number))
        return false;
    at += *at == '-' || *at == '+';
    digits = strspn(at, "0123456789");
    at += digits;
    if (*at == '.')
        fraction = strspn(at + 1, "0123456789");
    at += *at == '.' ? fraction + 1 : 0;
    if (digits + fraction == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at + 1 + (at[1] == '-' || at[1] == '+');

        if (strspn(exponent, "0123456789") > 0)
            at = exponent + strspn(exponent, "0123456789");
    }
    return at[strspn(at, " \t\n\v\f\r")] == '\0';
}

static int check_number(const struct ra_role_view *view, enum ra_column column,
                        roleauth_error *error)
{
    const char *text = view->columns[column];

    if (text == NULL || !is_changed(text))
        return 0;
    return ra_fail(error, ROLEAUTH_E_INVALID,
                   "the role \"%.*s\" has the %s \"%.40s\", of which a "
                   "database would make another number: write an integer",
                   RA_WRITE_NAME, ra_write_name(view), ra_column_name(column),
                   text);
}

static int check_name(struct storing *s, size_t role,
                      const struct ra_role_view *view)
{
    size_t other;

    if (view->columns[RA_COLUMN_NAME] == NULL)
        return ra_fail(s->error, ROLEAUTH_E_INVALID,
                       s->count == 1 && !view->disabled
                           ? "an Auth array alone has no name, which a role "
                             "in a database needs: make it the \"auth\" of a "
                             "role"
                           : "a disabled role has no name, which a role in a "
                             "database needs: give it one");
    other = ra_names_add(&s->names, role, name_at, s->roles);
    if (other == RA_NAMES_NONE)
        return 0;
    return ra_fail(s->error, ROLEAUTH_E_INVALID,
                   "two roles are named \"%.*s\", of which a database can "
                   "hold one: give the disabled one another name",
                   RA_WRITE_NAME, ra_write_name(view));
}

static int check_roles(struct storing *s)
{
    int code = ra_write_check(s->roles, s->error);

    if (code == 0 && !ra_names_init(&s->names, s->count))
        code = ra_fail_nomem(s->error);
    for (size_t i = 0; i < s->count && code == 0; i++) {
        struct ra_role_view view;

        if (!ra_roles_view(s->roles, i, &view))
            return ra_roles_damaged(s->error);
        code = check_name(s, i, &view);
        if (code == 0)
            code = check_number(&view, RA_COLUMN_RISK, s->error);
        if (code == 0)
            code = check_number(&view, RA_COLUMN_RPT, s->error);
    }
    return code;
}

/* ---- what the database has ---- */

/* Does a column that is declared so keep what is put into it? */
static bool keeps(enum ra_table_kind kind, const char *declared)
{
    enum ra_sqlite_type preferred = ra_sqlite_preferred(declared);

    switch (kind) {
    case RA_KIND_INTEGER:
        return preferred != RA_SQLITE_TEXT && preferred != RA_SQLITE_REAL;
    case RA_KIND_NUMBER:
        return preferred != RA_SQLITE_REAL;
    case RA_KIND_TEXT:
    case RA_KIND_JSON:
    default:
        return preferred == RA_SQLITE_TEXT || preferred == RA_SQLITE_BLOB;
    }
}

/* Adds ", " and a name as SQL quotes it. */
static void add_quoted(struct ra_buf *sql, const char *name)
{
    (void)ra_buf_add_text(sql, sql->length > 0 ? ", \"" : "\"");
    for (; *name != '\0'; name++) {
        if (*name == '"')
            (void)ra_buf_add_char(sql, '"');
        (void)ra_buf_add_char(sql, *name);
    }
    (void)ra_buf_add_char(sql, '"');
}

/* Takes one column into the INSERT, which has place places so far.  Where
 * nothing is to be stored it gets NULL, not its default. */
static int add_column(struct storing *s, const char *name, const char *declared,
                      int *place, struct ra_buf *names, struct ra_buf *values)
{
    enum ra_table_column column = ra_table_find(name);

    add_quoted(names, name);
    (void)ra_buf_add_text(values, values->length > 0 ? ", " : "");
    if (column == RA_TABLE_COLUMNS) {
        (void)ra_buf_add_text(values, "NULL");
        return 0;
    }
    if (!keeps(ra_table_kind(column), declared))
        return ra_sqlite_fail(&s->db, ROLEAUTH_E_INVALID,
                              "the column %s of the table role is declared "
                              "\"%.40s\", which changes what is stored in it",
                              ra_table_key(column), declared);
    s->places[column] = ++*place;
    (void)ra_buf_printf(values, "?%d", *place);
    return 0;
}

/* The columns of the table that can be written: name, type, hidden are columns
 * 1, 2 and 6 of the PRAGMA. */
static int add_columns(struct storing *s, struct ra_buf *names,
                       struct ra_buf *values)
{
    struct ra_query query;
    bool row = true;
    int place = 0;
    int code = ra_query_open(&query, &s->db, "PRAGMA main.table_xinfo(role)");

    while (code == 0 && (code = ra_query_next(&query, &row)) == 0 && row) {
        struct ra_sqlite_value name, declared, hidden;

        code = ra_query_value(&query, 1, &name);
        if (code == 0)
            code = ra_query_value(&query, 2, &declared);
        if (code == 0)
            code = ra_query_value(&query, 6, &hidden);
        if (code == 0 && hidden.integer == 0 && name.text != NULL)
            code = add_column(s, name.text,
                              declared.text != NULL ? declared.text : "",
                              &place, names, values);
    }
    ra_query_close(&query);
    return code;
}

/* OR ABORT: a constraint of the table may say that it drops the new role, or
 * the old one, instead ("ON CONFLICT clause" in SQLite's documentation). */
static int open_insert(struct storing *s)
{
    struct ra_buf names = RA_BUF_INIT(SQL_MAX), values = RA_BUF_INIT(SQL_MAX);
    struct ra_buf sql = RA_BUF_INIT(2 * SQL_MAX);
    int code = add_columns(s, &names, &values);

    if (code == 0 &&
        (!ra_buf_add(&names, "", 0) || !ra_buf_add(&values, "", 0) ||
         !ra_buf_printf(&sql, "INSERT OR ABORT INTO main.role(%s) VALUES(%s)",
                        names.data, values.data)))
        code = ra_fail_nomem(s->error);
    if (code == 0)
        code = ra_query_open(&s->insert, &s->db, sql.data);
    ra_buf_free(&names);
    ra_buf_free(&values);
    ra_buf_free(&sql);
    return code;
}

/* ---- the roles that are there already ---- */

/* Ids that are not free. */
struct taken {
    int64_t *ids;
    size_t count, room;
};

static bool add_taken(struct taken *taken, int64_t id)
{
    if (taken->count == taken->room) {
        size_t room = 2 * taken->room + 64;
        int64_t *ids = reallocarray(taken->ids, room, sizeof(*ids));

        if (ids == NULL)
            return false;
        taken->ids = ids;
        taken->room = room;
    }
    taken->ids[taken->count++] = id;
    return true;
}

static int check_present(struct storing *s, const struct ra_sqlite_value *name,
                         const struct ra_sqlite_value *id, struct taken *taken)
{
    if (name->text != NULL && ra_names_find(&s->names, name->text, name_at,
                                            s->roles) != RA_NAMES_NONE)
        return ra_sqlite_fail(&s->db, ROLEAUTH_E_INVALID,
                              "there is a role \"%.*s\" in it already: "
                              "replace the roles, or give this one another "
                              "name",
                              RA_WRITE_NAME, name->text);
    if (id->type == RA_SQLITE_INTEGER && !add_taken(taken, id->integer))
        return ra_fail_nomem(s->error);
    return 0;
}

/* Which names and ids do roles have already? */
static int look_at_present(struct storing *s, struct taken *taken)
{
    struct ra_query query;
    bool row = true;
    int code = ra_query_open(&query, &s->db,
                             s->table.has[RA_TABLE_ID]
                                 ? "SELECT name, id FROM main.role NOT INDEXED"
                                 : "SELECT name, NULL FROM main.role NOT "
                                   "INDEXED");

    while (code == 0 && (code = ra_query_next(&query, &row)) == 0 && row) {
        struct ra_sqlite_value name, id;

        s->present++;
        code = ra_query_value(&query, 0, &name);
        if (code == 0)
            code = ra_query_value(&query, 1, &id);
        if (code == 0)
            code = check_present(s, &name, &id, taken);
    }
    ra_query_close(&query);
    return code;
}

/* A role must not come by a restriction that was meant for another one. */
static int add_restricted(struct storing *s, struct taken *taken)
{
    for (size_t i = 0; i < RA_LINKS; i++)
        for (size_t j = 0; j < s->links.count[i]; j++)
            if (!add_taken(taken, s->links.ids[i][j]))
                return ra_fail_nomem(s->error);
    return 0;
}

static int check_count(const struct storing *s)
{
    if (s->count <= ROLEAUTH_MAX_ROLES &&
        s->present <= ROLEAUTH_MAX_ROLES - s->count)
        return 0;
    return ra_sqlite_fail(&s->db, ROLEAUTH_E_LIMIT,
                          "it would have %zu roles, at most %d are allowed",
                          s->present + s->count, ROLEAUTH_MAX_ROLES);
}

static int clear(struct storing *s)
{
    char sql[64];
    int code = 0;

    for (size_t i = 0; i < RA_LINKS && code == 0; i++)
        if (s->links.exists[i]) {
            (void)snprintf(sql, sizeof(sql), "DELETE FROM main.%s",
                           ra_link_name(i));
            code = ra_sqlite_run(&s->db, sql);
        }
    return code == 0 ? ra_sqlite_run(&s->db, "DELETE FROM main.role") : code;
}

static int make_way(struct storing *s, roleauth_store_mode mode,
                    struct taken *taken)
{
    int code = ra_links_read(&s->db, &s->links);

    if (code == 0 && mode == ROLEAUTH_STORE_REPLACE)
        code = clear(s);
    else if (code == 0)
        code = look_at_present(s, taken);
    if (code == 0 && mode != ROLEAUTH_STORE_REPLACE)
        code = add_restricted(s, taken);
    return code == 0 ? check_count(s) : code;
}

/* ---- one role ---- */

/* A value for a column that perhaps is not there: then it must not be needed.
 */
static int bind_text(struct storing *s, enum ra_table_column column,
                     const char *text)
{
    if (s->places[column] != 0)
        return ra_query_bind_text(&s->insert, s->places[column], text);
    if (text == NULL)
        return 0;
    return ra_sqlite_fail(&s->db, ROLEAUTH_E_INVALID,
                          "the table role has no column \"%s\", which the "
                          "role needs",
                          ra_table_key(column));
}

/* As bind_text(), for a number that is needed unless it is 0. */
static int bind_integer(struct storing *s, enum ra_table_column column,
                        int64_t number)
{
    if (s->places[column] != 0)
        return ra_query_bind_integer(&s->insert, s->places[column], number);
    return number != 0 ? bind_text(s, column, "") : 0;
}

/* The set keeps numbers as text. */
static int bind_number(struct storing *s, enum ra_table_column column,
                       const char *text)
{
    int64_t number;

    if (text != NULL && s->places[column] != 0 &&
        ra_write_is_integer(text, &number))
        return bind_integer(s, column, number);
    return bind_text(s, column, text);
}

static int bind_id(struct storing *s, size_t role, const char *text)
{
    if (s->ids == NULL)
        return bind_text(s, RA_TABLE_ID, text);
    return bind_integer(s, RA_TABLE_ID, s->ids[role]);
}

static int bind_columns(struct storing *s, size_t role,
                        const struct ra_role_view *view)
{
    static const struct {
        enum ra_table_column to;
        enum ra_column from;
    } texts[] = {
        {RA_TABLE_NAME, RA_COLUMN_NAME},
        {RA_TABLE_DESCRIPTION, RA_COLUMN_DESCRIPTION},
        {RA_TABLE_IOLOG, RA_COLUMN_IOLOG},
        {RA_TABLE_SCRIPT, RA_COLUMN_SCRIPT},
        {RA_TABLE_TAG, RA_COLUMN_TAG},
        {RA_TABLE_COMMENT, RA_COLUMN_COMMENT},
        {RA_TABLE_MESSAGE, RA_COLUMN_MESSAGE},
    };
    int code = bind_id(s, role, view->columns[RA_COLUMN_ID]);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && code == 0; i++)
        code = bind_text(s, texts[i].to, view->columns[texts[i].from]);
    if (code == 0)
        code = bind_number(s, RA_TABLE_RISK, view->columns[RA_COLUMN_RISK]);
    if (code == 0)
        code = bind_number(s, RA_TABLE_RPT, view->columns[RA_COLUMN_RPT]);
    if (code == 0)
        code = bind_integer(s, RA_TABLE_RORDER, view->rorder);
    if (code == 0)
        code = bind_integer(s, RA_TABLE_DISABLED, view->disabled);
    if (code == 0 && (view->rejects || s->places[RA_TABLE_ACTION] != 0))
        code = bind_text(s, RA_TABLE_ACTION, view->rejects ? "R" : "A");
    return code;
}

/* The texts of the JSON columns, which must live until the row is in. */
struct parts {
    char *texts[3];
};

static int bind_parts(struct storing *s, size_t role,
                      const struct ra_role_view *view, struct parts *parts)
{
    static const struct {
        enum ra_table_column column;
        int (*of)(const roleauth_roles *, size_t, const struct ra_role_view *,
                  ra_json **, roleauth_error *);
    } columns[] = {
        {RA_TABLE_VARIABLES, ra_write_variables},
        {RA_TABLE_VARMATCH, ra_write_varmatch},
        {RA_TABLE_AUTH, ra_write_auth},
    };
    int code = 0;

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]) && code == 0;
         i++) {
        ra_json *value;

        code = columns[i].of(s->roles, role, view, &value, s->db.error);
        if (code != 0)
            break;
        if (value != NULL) {
            parts->texts[i] = ra_json_dump(value);
            if (parts->texts[i] == NULL)
                code = ra_fail_nomem(s->db.error);
        }
        ra_json_free(&value);
        if (code == 0)
            code = bind_text(s, columns[i].column, parts->texts[i]);
    }
    return code;
}

static int insert_role(struct storing *s, size_t role,
                       const struct ra_role_view *view)
{
    struct parts parts = {{NULL, NULL, NULL}};
    bool row;
    int code = bind_columns(s, role, view);

    if (code == 0)
        code = bind_parts(s, role, view, &parts);
    if (code == 0)
        code = ra_query_next(&s->insert, &row);
    ra_query_reset(&s->insert);
    for (size_t i = 0; i < sizeof(parts.texts) / sizeof(parts.texts[0]); i++)
        free(parts.texts[i]);
    return code;
}

/* What is wrong with a role is told with its name. */
static int insert_named(struct storing *s, size_t role)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_role_view view;
    int code;

    if (!ra_roles_view(s->roles, role, &view))
        return ra_roles_damaged(s->error);
    s->db.error = &why;
    code = insert_role(s, role, &view);
    s->db.error = s->error;
    if (code == ROLEAUTH_E_INVALID && why.file[0] != '\0')
        return ra_sqlite_fail(&s->db, code,
                              "the role \"%.*s\" cannot be stored: %s",
                              RA_WRITE_NAME, ra_write_name(&view), why.text);
    return code == 0
               ? 0
               : ra_fail_in(s->error, code, why.file, 0, 0, NULL, why.text);
}

/* ---- all of them ---- */

/* A trigger may drop a role without an error. */
static int check_stored(struct storing *s)
{
    struct ra_sqlite_value value = {.integer = 0};
    struct ra_query query;
    bool row = false;
    int code = ra_query_open(&query, &s->db,
                             "SELECT count(*) FROM main.role NOT INDEXED");

    if (code == 0)
        code = ra_query_next(&query, &row);
    if (code == 0 && row)
        code = ra_query_value(&query, 0, &value);
    ra_query_close(&query);
    if (code == 0 && value.integer != (int64_t)(s->present + s->count))
        code = ra_sqlite_fail(&s->db, ROLEAUTH_E_INVALID,
                              "this database does not keep all the roles that "
                              "are stored in it: look at its triggers");
    return code;
}

static int fill_database(struct storing *s, roleauth_store_mode mode)
{
    struct taken taken = {NULL, 0, 0};
    int code = ra_sqlite_run(&s->db, "BEGIN IMMEDIATE");

    if (code == 0)
        code = ra_table_inspect(&s->db, &s->table);
    if (code == 0 && !s->table.exists) {
        code = ra_table_create(&s->db);
        if (code == 0)
            code = ra_table_inspect(&s->db, &s->table);
    }
    if (code == 0)
        code = make_way(s, mode, &taken);
    if (code == 0 && s->table.has[RA_TABLE_ID])
        code = ra_ids_plan(s->roles, taken.ids, taken.count, &s->ids, s->error);
    if (code == 0)
        code = open_insert(s);
    for (size_t i = 0; i < s->count && code == 0; i++)
        code = insert_named(s, i);
    if (code == 0)
        code = check_stored(s);
    if (code == 0)
        code = ra_sqlite_run(&s->db, "COMMIT");
    free(taken.ids);
    return code;
}

/* file: where the database is by now; path: what errors call it. */
static int store(struct storing *s, const char *file, const char *path,
                 roleauth_store_mode mode)
{
    int code = ra_sqlite_open_write(&s->db, file, s->error);

    s->db.path = path;
    if (code == 0)
        code = fill_database(s, mode);
    ra_query_close(&s->insert);
    /* Undoes what was not committed. */
    ra_sqlite_close(&s->db);
    ra_links_free(&s->links);
    free(s->ids);
    s->ids = NULL;
    return code;
}

/* ---- a new database ---- */

/* The directory for a database: one in which nobody else can make a journal
 * for it. */
static int open_directory(const char *path, int *fd, roleauth_error *error)
{
    const char *name;
    struct stat st;
    int code = ra_trust_open_parent(path, fd, &name, error);

    if (code == 0 && fstat(*fd, &st) != 0)
        return ra_fail_errno(error, errno, "cannot write %s", path);
    if (code == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        code = ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                       "others could put a journal for it beside %s: use a "
                       "directory that its owner alone can write",
                       path);
    return code;
}

/* An empty file beside path that is ours alone, whatever the umask. */
static int make_file(const char *path, char **file, roleauth_error *error)
{
    struct ra_buf name = RA_BUF_INIT(SIZE_MAX / 8);
    int fd, err = 0;

    (void)ra_buf_add_text(&name, path);
    (void)ra_buf_add_text(&name, ".XXXXXX");
    *file = ra_buf_take(&name);
    if (*file == NULL)
        return ra_fail_nomem(error);
    fd = mkostemp(*file, O_CLOEXEC);
    if (fd < 0) {
        err = errno;
        free(*file);
        *file = NULL;
        return ra_fail_errno(error, err, "cannot make %s", path);
    }
    if (fchmod(fd, 0600) != 0)
        err = errno;
    (void)close(fd);
    return err == 0 ? 0 : ra_fail_errno(error, err, "cannot make %s", path);
}

/* Gives the file its name, unless there is one of that name by now. */
static int publish(const char *file, const char *path, int directory,
                   roleauth_error *error)
{
    int err = 0;

    if (renameat2(AT_FDCWD, file, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
        err = errno;
    /* Not every file system can do that; most of these can link. */
    if (err == EINVAL || err == ENOSYS)
        err = link(file, path) == 0 && unlink(file) == 0 ? 0 : errno;
    if (err == 0 && fsync(directory) != 0 && errno != EINVAL)
        err = errno;
    return err == 0 ? 0 : ra_fail_errno(error, err, "cannot make %s", path);
}

/* What is left of a database that had this name.  SQLite would take it for the
 * new one's, and bring the old roles back ("How To Corrupt An SQLite Database
 * File", on databases and journals that do not belong together). */
static int check_left_behind(const char *path, roleauth_error *error)
{
    static const char *const suffixes[] = {"-journal", "-wal"};
    int code = 0;

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]) && code == 0;
         i++) {
        struct ra_buf name = RA_BUF_INIT(SIZE_MAX / 8);
        struct stat st;

        if (!ra_buf_add_text(&name, path) ||
            !ra_buf_add_text(&name, suffixes[i]))
            code = ra_fail_nomem(error);
        else if (lstat(name.data, &st) == 0)
            code = ra_fail(error, ROLEAUTH_E_IO,
                           "there is no %s, but a journal of one, which would "
                           "spoil the new one: remove %s",
                           path, name.data);
        else if (errno != ENOENT)
            code = ra_fail_errno(error, errno, "cannot look at %s", name.data);
        ra_buf_free(&name);
    }
    return code;
}

/* Is made beside its place and gets its name when it is whole: a process that
 * dies leaves no database that lacks some roles, or all. */
static int store_new(struct storing *s, const char *path)
{
    int directory = -1;
    char *file = NULL;
    int code = open_directory(path, &directory, s->error);

    if (code == 0)
        code = check_left_behind(path, s->error);
    if (code == 0)
        code = make_file(path, &file, s->error);
    if (code == 0)
        code = store(s, file, path, ROLEAUTH_STORE_ADD);
    if (code == 0)
        code = publish(file, path, directory, s->error);
    if (code != 0 && file != NULL)
        (void)unlink(file);
    if (directory >= 0)
        (void)close(directory);
    free(file);
    return code;
}

static int store_present(struct storing *s, const char *path,
                         roleauth_store_mode mode)
{
    int trusted = 0;
    int code = ra_database_trust(path, &trusted, s->error);

    if (code == 0 && trusted != 1)
        code = ROLEAUTH_E_UNTRUSTED; /* and why is told */
    return code == 0 ? store(s, path, path, mode) : code;
}

int roleauth_roles_store(const roleauth_roles *roles, const char *database,
                         roleauth_store_mode mode, roleauth_error *error)
{
    struct storing s = {.roles = roles, .error = error};
    struct stat st;
    int code;

    roleauth_error_clear(error);
    if (roles == NULL || database == NULL ||
        (mode != ROLEAUTH_STORE_ADD && mode != ROLEAUTH_STORE_REPLACE))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "no roles, no path of a database, or no such mode");
    s.count = roleauth_roles_count(roles);
    code = ra_set_vouched(roles, error);
    if (code == 0)
        code = check_roles(&s);
    if (code == 0)
        code = stat(database, &st) != 0 && errno == ENOENT
                   ? store_new(&s, database)
                   : store_present(&s, database, mode);
    ra_names_free(&s.names);
    return code;
}

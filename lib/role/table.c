/* SPDX-License-Identifier: MIT */
#include "role/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static const struct {
    const char *key;
    enum ra_table_kind kind;
} columns[RA_TABLE_COLUMNS] = {
#define RA_X(name, key, declaration, kind)                                     \
    [RA_TABLE_##name] = {key, RA_KIND_##kind},
    RA_TABLE(RA_X)
#undef RA_X
};

/* As the reference has them, but for what it says of its tables of users and
 * their like, which are not made here. */
static const struct {
    const char *name, *create;
} link_tables[RA_LINKS] = {
    {"roleusers", "CREATE TABLE IF NOT EXISTS main.roleusers("
                  "id REFERENCES role(id), users, "
                  "type CHAR(1) CHECK(type IN ('S','R')), "
                  "PRIMARY KEY(id, users, type))"},
    {"rolehosts", "CREATE TABLE IF NOT EXISTS main.rolehosts("
                  "id REFERENCES role(id), hosts, "
                  "type CHAR(1) CHECK(type IN ('S','R')), "
                  "PRIMARY KEY(id, hosts, type))"},
    {"rolecmds", "CREATE TABLE IF NOT EXISTS main.rolecmds("
                 "id REFERENCES role(id), cmds, PRIMARY KEY(id, cmds))"},
    {"roletmdates", "CREATE TABLE IF NOT EXISTS main.roletmdates("
                    "id REFERENCES role(id), tmdates, "
                    "PRIMARY KEY(id, tmdates))"},
};

#define RA_X(name, key, declaration, kind) ", " key " " declaration
/* The comma at its start is left out. */
static const char create_role[] = RA_TABLE(RA_X);
#undef RA_X

const char *ra_table_key(enum ra_table_column column)
{
    return columns[column].key;
}

enum ra_table_kind ra_table_kind(enum ra_table_column column)
{
    return columns[column].kind;
}

enum ra_table_column ra_table_find(const char *name)
{
    size_t i = 0;

    while (i < RA_TABLE_COLUMNS && !ra_sqlite_same_name(columns[i].key, name))
        i++;
    return (enum ra_table_column)i;
}

const char *ra_link_name(size_t link)
{
    return link_tables[link].name;
}

/* ---- what is there ---- */

/* A view could hide what it is made of. */
static int find_table(struct ra_sqlite *db, const char *name, bool *exists)
{
    struct ra_query query;
    struct ra_sqlite_value type;
    int code = ra_query_open(&query, db,
                             "SELECT type FROM main.sqlite_master "
                             "WHERE type IN ('table', 'view') "
                             "AND name = ?1 COLLATE NOCASE");

    *exists = false;
    if (code == 0)
        code = ra_query_bind_text(&query, 1, name);
    if (code == 0)
        code = ra_query_next(&query, exists);
    if (code == 0 && *exists)
        code = ra_query_value(&query, 0, &type);
    if (code == 0 && *exists &&
        (type.text == NULL || strcmp(type.text, "table") != 0))
        code = ra_sqlite_fail(db, ROLEAUTH_E_INVALID,
                              "\"%s\" is a view, and must be a table", name);
    ra_query_close(&query);
    return code;
}

/* Which of our columns has a table? */
static int find_columns(struct ra_sqlite *db, const char *name,
                        bool has[RA_TABLE_COLUMNS])
{
    char sql[100];
    struct ra_query query;
    int code;

    (void)snprintf(sql, sizeof(sql), "SELECT * FROM main.%s LIMIT 0", name);
    code = ra_query_open(&query, db, sql);
    for (size_t i = 0; code == 0 && i < ra_query_columns(&query); i++) {
        const char *column = ra_query_name(&query, i);

        if (column == NULL)
            code = ra_fail_nomem(db->error);
        else if (ra_table_find(column) != RA_TABLE_COLUMNS)
            has[ra_table_find(column)] = true;
    }
    ra_query_close(&query);
    return code;
}

int ra_table_inspect(struct ra_sqlite *db, struct ra_table *table)
{
    int code;

    memset(table, 0, sizeof(*table));
    code = find_table(db, "role", &table->exists);
    if (code != 0 || !table->exists)
        return code;
    code = find_columns(db, "role", table->has);
    if (code == 0)
        code =
            ra_sqlite_knows(db, "SELECT _rowid_ FROM main.role", &table->rowid);
    if (code == 0 && !table->has[RA_TABLE_NAME])
        return ra_sqlite_fail(db, ROLEAUTH_E_INVALID,
                              "the table role has no column \"name\"");
    if (code == 0 && !table->rowid && !table->has[RA_TABLE_ID])
        return ra_sqlite_fail(db, ROLEAUTH_E_INVALID,
                              "the table role has neither rowids nor a "
                              "column \"id\": its roles have no order");
    return code;
}

int ra_table_create(struct ra_sqlite *db)
{
    char sql[sizeof(create_role) + 100];
    int code;

    (void)snprintf(sql, sizeof(sql), "CREATE TABLE IF NOT EXISTS main.role(%s)",
                   create_role + 2);
    code = ra_sqlite_run(db, sql);
    for (size_t i = 0; i < RA_LINKS && code == 0; i++)
        code = ra_sqlite_run(db, link_tables[i].create);
    return code;
}

/* ---- restrictions ---- */

static bool add_id(struct ra_links *links, size_t link, size_t *room,
                   int64_t id)
{
    if (links->count[link] == *room) {
        size_t larger = 2 * *room + 64;
        int64_t *ids = reallocarray(links->ids[link], larger, sizeof(*ids));

        if (ids == NULL)
            return false;
        links->ids[link] = ids;
        *room = larger;
    }
    links->ids[link][links->count[link]++] = id;
    return true;
}

/* What only looks like an integer restricts too: better one role too many. */
static int read_ids(struct ra_sqlite *db, struct ra_links *links, size_t link)
{
    char sql[200];
    struct ra_query query;
    size_t room = 0;
    bool row = true;
    int code;

    (void)snprintf(sql, sizeof(sql),
                   "SELECT DISTINCT CAST(id AS INTEGER) FROM main.%s "
                   "NOT INDEXED WHERE id IS NOT NULL ORDER BY 1",
                   link_tables[link].name);
    code = ra_query_open(&query, db, sql);
    while (code == 0 && (code = ra_query_next(&query, &row)) == 0 && row) {
        struct ra_sqlite_value id;

        code = ra_query_value(&query, 0, &id);
        if (code == 0 && !add_id(links, link, &room, id.integer))
            code = ra_fail_nomem(db->error);
    }
    ra_query_close(&query);
    return code;
}

static int read_link(struct ra_sqlite *db, struct ra_links *links, size_t link)
{
    const char *name = link_tables[link].name;
    bool has[RA_TABLE_COLUMNS] = {false};
    int code = find_table(db, name, &links->exists[link]);

    if (code != 0 || !links->exists[link])
        return code;
    code = find_columns(db, name, has);
    if (code == 0 && !has[RA_TABLE_ID])
        code = ra_sqlite_fail(db, ROLEAUTH_E_INVALID,
                              "the table %s has no column \"id\", so that "
                              "nobody knows which roles it restricts",
                              name);
    return code == 0 ? read_ids(db, links, link) : code;
}

int ra_links_read(struct ra_sqlite *db, struct ra_links *links)
{
    int code = 0;

    memset(links, 0, sizeof(*links));
    for (size_t i = 0; i < RA_LINKS && code == 0; i++)
        code = read_link(db, links, i);
    return code;
}

void ra_links_free(struct ra_links *links)
{
    for (size_t i = 0; i < RA_LINKS; i++)
        free(links->ids[i]);
    memset(links, 0, sizeof(*links));
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

bool ra_links_has(const struct ra_links *links, size_t link, int64_t id)
{
    return links->count[link] > 0 &&
           bsearch(&id, links->ids[link], links->count[link], sizeof(id),
                   compare) != NULL;
}

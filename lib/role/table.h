/* SPDX-License-Identifier: MIT */
/* The tables of roles in a database, as the reference has them: facts that
 * reading and storing share. */
#ifndef RA_ROLE_TABLE_H
#define RA_ROLE_TABLE_H

#include "role/sqlite.h"

/* X(name, key, declaration, kind): the columns of the table "role". */
#define RA_TABLE(X)                                                            \
    X(ID, "id", "INTEGER PRIMARY KEY", INTEGER)                                \
    X(NAME, "name", "TEXT UNIQUE", TEXT)                                       \
    X(RORDER, "rorder", "INTEGER", INTEGER)                                    \
    X(DESCRIPTION, "description", "TEXT", TEXT)                                \
    X(DISABLED, "disabled", "INTEGER CHECK(disabled BETWEEN 0 AND 1)",         \
      INTEGER)                                                                 \
    X(RISK, "risk", "INTEGER CHECK(risk >= 0)", NUMBER)                        \
    X(ACTION, "action", "CHAR(1) CHECK(action IN ('A','R'))", TEXT)            \
    X(IOLOG, "iolog", "TEXT", TEXT)                                            \
    X(SCRIPT, "script", "TEXT", TEXT)                                          \
    X(TAG, "tag", "TEXT", TEXT)                                                \
    X(COMMENT, "comment", "TEXT", TEXT)                                        \
    X(MESSAGE, "message", "TEXT", TEXT)                                        \
    X(VARIABLES, "variables", "TEXT", JSON)                                    \
    X(VARMATCH, "varmatch", "TEXT", JSON)                                      \
    X(AUTH, "auth", "TEXT", JSON)                                              \
    X(RPT, "rpt", "INTEGER DEFAULT 1", NUMBER)

enum ra_table_column {
#define RA_X(name, key, declaration, kind) RA_TABLE_##name,
    RA_TABLE(RA_X)
#undef RA_X
        RA_TABLE_COLUMNS
};

enum ra_table_kind {
    RA_KIND_INTEGER,
    RA_KIND_NUMBER, /* an integer, or any text */
    RA_KIND_TEXT,
    RA_KIND_JSON /* in a text */
};

const char *ra_table_key(enum ra_table_column column);
enum ra_table_kind ra_table_kind(enum ra_table_column column);
/* RA_TABLE_COLUMNS: a column that nobody here knows. */
enum ra_table_column ra_table_find(const char *name);

/* What a database has of a table "role". */
struct ra_table {
    bool exists;
    bool has[RA_TABLE_COLUMNS];
    bool rowid; /* not WITHOUT ROWID */
};

/* ROLEAUTH_E_INVALID: a table that is no table of roles.  One that is not
 * there is no error. */
int ra_table_inspect(struct ra_sqlite *db, struct ra_table *table);
/* Makes the table, and those that restrict roles, where they are not there. */
int ra_table_create(struct ra_sqlite *db);

/* ---- the tables that restrict roles ---- */

#define RA_LINKS 4

const char *ra_link_name(size_t link);

/* The ids of the roles that each of them restricts, in ascending order. */
struct ra_links {
    bool exists[RA_LINKS];
    int64_t *ids[RA_LINKS];
    size_t count[RA_LINKS];
};

/* ra_links_free() is due in any case. */
int ra_links_read(struct ra_sqlite *db, struct ra_links *links);
void ra_links_free(struct ra_links *links);
/* Does this table restrict the role of this id? */
bool ra_links_has(const struct ra_links *links, size_t link, int64_t id);

#endif

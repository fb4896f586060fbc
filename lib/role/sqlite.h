/* SPDX-License-Identifier: MIT */
/* SQLite, as far as it is used here: sqlite.c is the only file that includes
 * its header.  What fails sets the error of the database, with the mend, and
 * never shows what is in a row. */
#ifndef RA_ROLE_SQLITE_H
#define RA_ROLE_SQLITE_H

#include <roleauth.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds to wait for another process. */
#define RA_SQLITE_PATIENCE 2000

struct ra_sqlite {
    struct sqlite3 *handle;
    const char *path;      /* borrowed */
    roleauth_error *error; /* borrowed; may be NULL */
};

/* All that return an int return 0; ROLEAUTH_E_BUSY: another process has it
 * locked; ROLEAUTH_E_INVALID: no database, damaged, or not what the SQL is
 * about; ROLEAUTH_E_IO; ROLEAUTH_E_LIMIT; ROLEAUTH_E_NOMEM. */

/* Opens a file that is there, whatever its name looks like, for reading.
 * path and error are borrowed.  ra_sqlite_close() is due in any case. */
int ra_sqlite_open(struct ra_sqlite *db, const char *path,
                   roleauth_error *error);
/* As ra_sqlite_open(), to change it: what was interrupted is undone first. */
int ra_sqlite_open_write(struct ra_sqlite *db, const char *path,
                         roleauth_error *error);
/* What was not committed is undone. */
void ra_sqlite_close(struct ra_sqlite *db);

/* Fails with the database's name.  Returns code. */
int ra_sqlite_fail(const struct ra_sqlite *db, int code, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));

/* Do they name the same table or column in SQL? */
bool ra_sqlite_same_name(const char *a, const char *b);

/* Runs statements whose rows nobody wants. */
int ra_sqlite_run(struct ra_sqlite *db, const char *sql);
/* Is it SQL that this database knows the names of? */
int ra_sqlite_knows(struct ra_sqlite *db, const char *sql, bool *known);
/* Looks at all its pages: ROLEAUTH_E_INVALID when one is damaged. */
int ra_sqlite_check(struct ra_sqlite *db);

/* ---- a statement ---- */

struct ra_query {
    struct ra_sqlite *db;
    struct sqlite3_stmt *statement;
};

/* ra_query_close() is due in any case. */
int ra_query_open(struct ra_query *query, struct ra_sqlite *db,
                  const char *sql);
void ra_query_close(struct ra_query *query);
/* The next row; *row is false when there is none. */
int ra_query_next(struct ra_query *query, bool *row);
/* Makes it fit for another run, with other values. */
void ra_query_reset(struct ra_query *query);

/* Values for the places of a statement, from 1 on.  Texts are borrowed until
 * ra_query_reset(); NULL is NULL. */
int ra_query_bind_integer(struct ra_query *query, int place, int64_t value);
int ra_query_bind_text(struct ra_query *query, int place, const char *text);

enum ra_sqlite_type {
    RA_SQLITE_NULL,
    RA_SQLITE_INTEGER,
    RA_SQLITE_REAL,
    RA_SQLITE_TEXT,
    RA_SQLITE_BLOB
};

/* Good until the next row. */
struct ra_sqlite_value {
    enum ra_sqlite_type type;
    int64_t integer;
    const char *text; /* of RA_SQLITE_TEXT: UTF-8 or not, ends in NUL, and may
                         have others inside; else NULL */
    size_t length;
};

/* What a column that is declared so makes of a value that can be that: its
 * "affinity", NUMERIC counting as integer.  RA_SQLITE_BLOB: it leaves all as it
 * is. */
enum ra_sqlite_type ra_sqlite_preferred(const char *declared);

/* Columns count from 0. */
size_t ra_query_columns(const struct ra_query *query);
/* NULL: out of memory. */
const char *ra_query_name(const struct ra_query *query, size_t column);
int ra_query_value(const struct ra_query *query, size_t column,
                   struct ra_sqlite_value *value);

#endif

/* SPDX-License-Identifier: MIT */
/* The readers of the parts of a role.  Each tells every problem, in the order
 * of the text, and returns nothing: the source counts the errors. */
#ifndef RA_ROLE_LOAD_H
#define RA_ROLE_LOAD_H

#include "base/json.h"
#include "role/diag.h"
#include "role/set.h"

/* ---- value.c: values that every part has ---- */

/* Null and empty text count as absent. */
bool ra_value_absent(const ra_json *value);
/* A copy of a string; NULL: absent, or something else, which is told. */
const char *ra_read_text(struct ra_source *source, const struct ra_place *place,
                         const ra_json *value);
/* As ra_read_text(), told when it is no template. */
const char *ra_read_template(struct ra_source *source,
                             const struct ra_place *place,
                             const ra_json *value);
/* An integer from min to max; fallback: absent, or something else, which is
 * told. */
int64_t ra_read_integer(struct ra_source *source, const struct ra_place *place,
                        const ra_json *value, int64_t min, int64_t max,
                        int64_t fallback);
/* A member whose name is not among known, an array that ends in NULL. */
void ra_unknown_key(struct ra_source *source, const struct ra_place *place,
                    const ra_json *value, const char *owner,
                    const char *const *known);

/* JSON, or a string that holds some. */
struct ra_nested {
    const ra_json *value; /* NULL: absent, or no JSON, which is told */
    const struct ra_place *place;
    struct ra_place inner;
    ra_json *tree; /* of the string */
};
void ra_nested_open(struct ra_source *source, struct ra_nested *nested,
                    const struct ra_place *place, const ra_json *value);
void ra_nested_close(struct ra_nested *nested);

/* ---- condition.c, variable.c, method.c, column.c ---- */

void ra_read_varmatch(struct ra_source *source, const struct ra_place *place,
                      const ra_json *value, struct ra_role *role);
void ra_read_variables(struct ra_source *source, const struct ra_place *place,
                       const ra_json *value, struct ra_role *role);
/* value is the array itself. */
void ra_read_methods(struct ra_source *source, const struct ra_place *place,
                     const ra_json *value, struct ra_role *role);
/* A whole role; a name that is taken is told. */
void ra_read_role(struct ra_source *source, const struct ra_place *place,
                  const ra_json *value, struct ra_role *role);

/* ---- database.c ---- */

/* May the database be used, its journal files included?  Opens none of them
 * (ra_trust_check_file()).  Returns 0 with *trusted, and why not in *error;
 * ROLEAUTH_E_IO. */
int ra_database_trust(const char *path, int *trusted, roleauth_error *error);
/* Does a file that begins so look like an SQLite database? */
bool ra_is_database(const char *start, size_t length);
/* Reads the roles of a database into source->set, telling every problem with
 * the path role[ID].COLUMN...  Returns 0, also after problems, which the source
 * counts; ROLEAUTH_E_INVALID (not a database, damaged, no table "role"),
 * ROLEAUTH_E_IO, ROLEAUTH_E_BUSY, ROLEAUTH_E_NOMEM with *error set. */
int ra_database_read(struct ra_source *source, const char *path,
                     roleauth_error *error);

/* ---- never.c ---- */

/* Warns of roles that can never match.  Returns 0; ROLEAUTH_E_NOMEM;
 * ROLEAUTH_E_INVALID: a damaged policy. */
int ra_warn_never(struct ra_source *source, const roleauth_roles *roles);

#endif

/* SPDX-License-Identifier: MIT */
/* The variables of a request. */
#ifndef RA_ROLE_VARS_H
#define RA_ROLE_VARS_H

#include <roleauth.h>
#include <stdbool.h>

typedef struct ra_vars ra_vars;

/* under: looked at first and borrowed, or NULL; so that an evaluation adds
 * its time variables without touching the request. */
ra_vars *ra_vars_new(const ra_vars *under);
void ra_vars_free(ra_vars **vars);

/* The rules of roleauth_request_set(). */
int ra_vars_set(ra_vars *vars, roleauth_origin origin, const char *name,
                const char *value, roleauth_error *error);
/* The value that counts: the server's, else the client's; NULL: undefined.
 * origin may be NULL. */
const char *ra_vars_get(const ra_vars *vars, const char *name,
                        roleauth_origin *origin);
/* As ra_vars_get() without origin, in the shape of ra_lookup. */
const char *ra_vars_lookup(const void *vars, const char *name);

/* Calls visit for each variable that is defined, with the value that counts;
 * perhaps more than once for one that is also defined under. */
void ra_vars_each(const void *vars,
                  void (*visit)(void *data, const char *name,
                                const char *value),
                  void *data);

/* Names of client variables that were dropped because they are reserved, in
 * the order they came, each once. */
size_t ra_vars_dropped_count(const ra_vars *vars);
const char *ra_vars_dropped(const ra_vars *vars, size_t index);

/* [A-Za-z_][A-Za-z0-9_]*, up to ROLEAUTH_MAX_NAME bytes? */
bool ra_var_name_valid(const char *name, size_t length);
bool ra_var_reserved(const char *name);

#endif

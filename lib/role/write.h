/* SPDX-License-Identifier: MIT */
/* Parts of roles as JSON: for files, and for the columns of a database. */
#ifndef RA_ROLE_WRITE_H
#define RA_ROLE_WRITE_H

#include "base/json.h"
#include "role/role.h"

/* Is there a role that cannot be written so that it is the same again?
 * Returns 0; ROLEAUTH_E_INVALID, naming one. */
int ra_write_check(const roleauth_roles *roles, roleauth_error *error);

/* The parts, which are for ra_json_free(); NULL: absent.  Return 0;
 * ROLEAUTH_E_NOMEM; ROLEAUTH_E_INVALID: a damaged policy; with *error set. */
int ra_write_variables(const roleauth_roles *roles, size_t role,
                       const struct ra_role_view *view, ra_json **value,
                       roleauth_error *error);
int ra_write_varmatch(const roleauth_roles *roles, size_t role,
                      const struct ra_role_view *view, ra_json **value,
                      roleauth_error *error);
int ra_write_auth(const roleauth_roles *roles, size_t role,
                  const struct ra_role_view *view, ra_json **value,
                  roleauth_error *error);

/* Is it how the integer would be printed?  Then it may be written as one. */
bool ra_write_is_integer(const char *text, int64_t *number);

/* Bytes of a name that errors show. */
#define RA_WRITE_NAME 80
/* For errors; never NULL. */
const char *ra_write_name(const struct ra_role_view *view);

#endif

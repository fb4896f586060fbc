/* SPDX-License-Identifier: MIT */
/* Which ids roles get in a database, where those of equal rorder are tried in
 * the order of their ids. */
#ifndef RA_ROLE_IDS_H
#define RA_ROLE_IDS_H

#include "role/role.h"

/* An id for each role of the set, by its index, for free(3): its own where it
 * has one, so that the order of selection stays as it is.  taken: what is not
 * to be used, in any order, sorted by this call.  Returns 0;
 * ROLEAUTH_E_INVALID: the ids that roles have make that impossible;
 * ROLEAUTH_E_LIMIT: there are none left; ROLEAUTH_E_NOMEM. */
int ra_ids_plan(const roleauth_roles *roles, int64_t *taken, size_t count,
                int64_t **ids, roleauth_error *error);

#endif

/* SPDX-License-Identifier: MIT */
/* The items of a set's sections.  Texts are offsets; 0: absent. */
#ifndef RA_ROLE_PACK_H
#define RA_ROLE_PACK_H

#include "role/set.h"

enum {
    RA_ROLE_DISABLED = 1,
    RA_ROLE_REJECTS = 2,
    RA_ROLE_RESTRICTED = 4,
    RA_ROLE_BROKEN = 8
};

struct ra_role_item {
    int64_t rorder;
    int64_t number; /* its index in a text, its id in a database */
    uint32_t columns[RA_COLUMNS];
    uint32_t barrier;
    uint32_t methods, variables; /* the first ones */
    uint32_t variable_count;
    uint16_t method_count;
    uint16_t flags;
};

struct ra_method_item {
    uint32_t passwd, user, service, fname;
    uint32_t prompt, message, reject_message;
    uint32_t period;
    uint16_t tries, kind;
};

struct ra_variable_item {
    uint32_t name, value;
};

struct ra_source_item {
    int64_t seconds, nanoseconds;
    uint32_t path, reserved;
};

/* The sum over all that a role says.  False: it is not whole, because it is
 * damaged, or disabled and was broken from the beginning. */
bool ra_role_sum(const roleauth_roles *roles, size_t role, uint64_t *sum);
/* Is a role as it was when its sum was made? */
bool ra_role_sound(const roleauth_roles *roles, size_t role);

#endif

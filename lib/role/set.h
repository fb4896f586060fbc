/* SPDX-License-Identifier: MIT */
/* How a set of roles lies in memory.  One arena holds it all. */
#ifndef RA_ROLE_SET_H
#define RA_ROLE_SET_H

#include <roleauth.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "match/match.h"
#include "role/names.h"
#include "role/role.h"

/* The columns that are text. */
enum ra_column {
    RA_COLUMN_NAME,
    RA_COLUMN_DESCRIPTION,
    RA_COLUMN_MESSAGE,
    RA_COLUMN_ID,
    RA_COLUMN_RISK,
    RA_COLUMN_TAG,
    RA_COLUMN_COMMENT,
    RA_COLUMN_IOLOG,
    RA_COLUMN_RPT,
    RA_COLUMN_SCRIPT,
    RA_COLUMNS
};

struct ra_role_variable {
    const char *name;
    const char *value; /* template */
};

struct ra_role {
    const char *columns[RA_COLUMNS]; /* NULL: absent */
    const char *barrier;             /* why it cannot be honoured, or NULL */
    const struct ra_condition *conditions;
    const struct ra_role_variable *variables;
    const struct ra_method_view *methods;
    int64_t rorder;
    uint32_t loaded; /* its place in the source */
    uint32_t condition_count, variable_count, method_count;
    bool disabled, rejects;
};

struct roleauth_roles {
    atomic_size_t references;
    struct ra_arena arena;
    struct ra_role *roles; /* in the order of selection */
    size_t count;
    struct ra_names names; /* of enabled and disabled roles */
    bool trusted;
};

/* An empty set with one reference; NULL: out of memory. */
roleauth_roles *ra_roles_new(void);
/* Makes room for count roles.  False: out of memory. */
bool ra_roles_reserve(roleauth_roles *roles, size_t count);
/* Puts the roles in the order of selection. */
void ra_roles_sort(roleauth_roles *roles);

#endif

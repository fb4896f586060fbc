/* SPDX-License-Identifier: MIT */
/* The selected role with every template expanded, before the first prompt. */
#ifndef RA_AUTH_PREPARE_H
#define RA_AUTH_PREPARE_H

#include "auth/context.h"
#include "base/arena.h"
#include "role/role.h"

/* One method, expanded.  Texts are NULL where the role has none. */
struct ra_ready_method {
    enum ra_method_kind kind;
    const char *name;
    const char *passwd;
    const char *user, *service, *fname;
    const char *prompt;     /* with the method's default */
    const char *own_prompt; /* as the role says; NULL: it says none */
    const char *message, *reject_message;
    unsigned tries;
    uint32_t period;
};

struct ra_ready_variable {
    const char *name, *value;
};

struct ra_ready_role {
    struct ra_arena arena;
    const char *message;
    bool rejects;
    struct ra_ready_method *methods;
    size_t method_count;
    struct ra_ready_variable *variables;
    size_t variable_count;
};

/* Expands and checks everything.  Returns ROLEAUTH_REASON_OK, or why the
 * request is rejected (undefined-variable, bad-attribute, internal) with
 * *error telling which.  ready is to be freed in any case. */
roleauth_reason ra_prepare(struct ra_ready_role *ready,
                           const roleauth_roles *roles, size_t role,
                           const ra_vars *vars,
                           const struct ra_settings *settings,
                           roleauth_error *error);
void ra_ready_free(struct ra_ready_role *ready);

#endif

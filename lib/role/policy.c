/* SPDX-License-Identifier: MIT */
/* The set in force.  It holds no file: whoever overwrites a compiled policy in
 * place, instead of replacing it, would end a server that has it mapped.  The
 * lock is held for a handful of instructions, never while a set is loaded or
 * freed.  Of loads that go on at once, the one that began last has read the
 * newest source: one that began before it and ends after it changes nothing.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "role/set.h"

struct roleauth_policy {
    pthread_mutex_t mutex; /* guards the others */
    roleauth_roles *roles; /* a reference */
    uint64_t begun;        /* loads */
    uint64_t in_force;     /* which of them */
};

roleauth_policy *roleauth_policy_new(void)
{
    roleauth_policy *policy = calloc(1, sizeof(*policy));

    if (policy != NULL && pthread_mutex_init(&policy->mutex, NULL) != 0) {
        free(policy);
        policy = NULL;
    }
    return policy;
}

void roleauth_policy_free(roleauth_policy **policy)
{
    if (policy == NULL || *policy == NULL)
        return;
    roleauth_roles_free(&(*policy)->roles);
    (void)pthread_mutex_destroy(&(*policy)->mutex);
    free(*policy);
    *policy = NULL;
}

static uint64_t begin(roleauth_policy *policy)
{
    uint64_t number;

    (void)pthread_mutex_lock(&policy->mutex);
    number = ++policy->begun;
    (void)pthread_mutex_unlock(&policy->mutex);
    return number;
}

/* Leaves what is to be freed in *roles. */
static void put_in_force(roleauth_policy *policy, uint64_t number,
                         roleauth_roles **roles)
{
    roleauth_roles *before;

    (void)pthread_mutex_lock(&policy->mutex);
    if (number > policy->in_force) {
        before = policy->roles;
        policy->roles = *roles;
        policy->in_force = number;
        *roles = before;
    }
    (void)pthread_mutex_unlock(&policy->mutex);
}

int roleauth_policy_load(roleauth_policy *policy, const char *path,
                         const roleauth_loading *how, roleauth_error *error)
{
    roleauth_roles *roles = NULL;
    uint64_t number;
    int code;

    roleauth_error_clear(error);
    if (policy == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no policy");
    number = begin(policy);
    code = roleauth_roles_load(&roles, path, how, error);
    if (code == 0)
        code = ra_compiled_detach(roles, error);
    if (code == 0)
        put_in_force(policy, number, &roles);
    roleauth_roles_free(&roles);
    return code;
}

roleauth_roles *roleauth_policy_roles(roleauth_policy *policy)
{
    roleauth_roles *roles;

    if (policy == NULL)
        return NULL;
    (void)pthread_mutex_lock(&policy->mutex);
    roles = roleauth_roles_ref(policy->roles);
    (void)pthread_mutex_unlock(&policy->mutex);
    return roles;
}

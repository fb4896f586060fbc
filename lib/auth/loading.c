/* SPDX-License-Identifier: MIT */
/* Loading roles, with the PAM services of a context in view. */
#include "auth/auth.h"
#include "auth/context.h"
#include "base/error.h"
#include "role/role.h"

static bool warn_of_service(void *data, const char *service, char *text,
                            size_t size)
{
    const roleauth_context *context = data;

    return ra_pam_service_warning(
        ra_settings_get(ra_context_settings(context), ROLEAUTH_PAM_CONFDIR),
        service, text, size);
}

static struct ra_load as_told(const roleauth_loading *how)
{
    struct ra_load load = {.how = ROLEAUTH_LOADING_INIT};

    if (how != NULL)
        load.how = *how;
    if (load.how.context != NULL) {
        load.service_warning = warn_of_service;
        load.service_data = load.how.context;
    }
    return load;
}

static int load_file(roleauth_roles **roles, const char *path,
                     const struct ra_load *load, roleauth_error *error)
{
    roleauth_error_clear(error);
    if (roles != NULL)
        *roles = NULL;
    if (roles == NULL || path == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "no place for the roles, or no path");
    return ra_roles_load_file(roles, path, load, error);
}

int roleauth_roles_load(roleauth_roles **roles, const char *path,
                        const roleauth_loading *how, roleauth_error *error)
{
    struct ra_load load = as_told(how);

    load.must_trust = true;
    return load_file(roles, path, &load, error);
}

int roleauth_roles_inspect(roleauth_roles **roles, const char *path,
                           const roleauth_loading *how, roleauth_error *error)
{
    const struct ra_load load = as_told(how);

    return load_file(roles, path, &load, error);
}

int roleauth_roles_parse(roleauth_roles **roles, const char *name,
                         const void *text, size_t length,
                         const roleauth_loading *how, roleauth_error *error)
{
    const struct ra_load load = as_told(how);

    roleauth_error_clear(error);
    if (roles != NULL)
        *roles = NULL;
    if (roles == NULL || name == NULL || text == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "no place for the roles, no name or no text");
    return ra_roles_load_text(roles, name, text, length, &load, error);
}

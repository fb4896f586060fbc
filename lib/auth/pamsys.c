/* SPDX-License-Identifier: MIT */
/* libpam behind the PAM seam. */
#include "auth/auth.h"

#include <security/pam_appl.h>

#include "auth/pamconf.h"

/* How many calls into libpam this thread is in: a module that leads back into
 * the library is thus noticed.  The one variable that outlives a call. */
static _Thread_local unsigned depth;

bool ra_pam_inside(void)
{
    return depth > 0;
}

static int system_find(void *data, const char *service, roleauth_error *error)
{
    const struct ra_pam_places places = ra_pam_places(data);

    return ra_pam_service_find(&places, service, error);
}

static int set_item(pam_handle_t *pamh, int item, const char *value)
{
    return value != NULL ? pam_set_item(pamh, item, value) : PAM_SUCCESS;
}

static int set_items(pam_handle_t *pamh, const roleauth_pam_start *start)
{
    int code = set_item(pamh, PAM_RUSER, start->ruser);

    if (code == PAM_SUCCESS)
        code = set_item(pamh, PAM_RHOST, start->rhost);
    if (code == PAM_SUCCESS)
        code = set_item(pamh, PAM_TTY, start->tty);
    return code;
}

/* Modules are loaded, and their constructors run, already in pam_start(3). */
static int system_start(void *data, const roleauth_pam_start *start,
                        void **transaction)
{
    const char *confdir = data;
    pam_handle_t *pamh = NULL;
    int code;

    *transaction = NULL;
    depth++;
    code = confdir != NULL
               ? pam_start_confdir(start->service, start->user, start->conv,
                                   confdir, &pamh)
               : pam_start(start->service, start->user, start->conv, &pamh);
    if (code == PAM_SUCCESS) {
        code = set_items(pamh, start);
        if (code != PAM_SUCCESS)
            (void)pam_end(pamh, code);
        else
            *transaction = pamh;
    }
    depth--;
    return code;
}

static int system_authenticate(void *transaction, int flags)
{
    int code;

    depth++;
    code = pam_authenticate(transaction, flags);
    depth--;
    return code;
}

static int system_account_management(void *transaction, int flags)
{
    int code;

    depth++;
    code = pam_acct_mgmt(transaction, flags);
    depth--;
    return code;
}

static const char *system_user(void *transaction)
{
    const void *user = NULL;

    if (pam_get_item(transaction, PAM_USER, &user) != PAM_SUCCESS)
        return NULL;
    return user;
}

static void system_end(void *transaction, int status)
{
    depth++;
    (void)pam_end(transaction, status);
    depth--;
}

roleauth_pam ra_pam_system(const char *confdir)
{
    roleauth_pam pam = {
        .find = system_find,
        .start = system_start,
        .authenticate = system_authenticate,
        .account_management = system_account_management,
        .user = system_user,
        .end = system_end,
        .data = (void *)confdir,
    };

    return pam;
}

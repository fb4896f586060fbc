/* SPDX-License-Identifier: MIT */
/* What can be asked without running a method: which role applies and why,
 * what is remembered, what a role file would do here. */
#include "auth/context.h"

#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/request.h"
#include "base/clock.h"
#include "base/error.h"
#include "role/role.h"
#include "store/history.h"

/* The variables that selection sees at this moment. */
static int vars_now(roleauth_context *context, const roleauth_request *request,
                    ra_vars **vars, roleauth_error *error)
{
    const struct ra_seams *seams;
    roleauth_time now;
    int rc = ra_context_ready(context, error);

    if (rc != 0)
        return rc;
    seams = ra_context_seams(context);
    if (ra_clock_now(&seams->clock, &now) != 0)
        return ra_fail(error, ROLEAUTH_E_IO, "the clock cannot be read");
    return ra_time_vars(vars, request->vars, ra_context_zone(context), &now,
                        error);
}

int roleauth_select(roleauth_context *context, const roleauth_roles *roles,
                    const roleauth_request *request,
                    roleauth_selection *selection, roleauth_error *error)
{
    ra_vars *vars = NULL;
    int rc;

    roleauth_error_clear(error);
    if (context == NULL || roles == NULL || request == NULL ||
        selection == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "context, roles, request or selection is missing");
    memset(selection, 0, sizeof(*selection));
    rc = vars_now(context, request, &vars, error);
    if (rc == 0)
        rc = ra_roles_select(roles, vars, request->role, selection, error);
    ra_vars_free(&vars);
    return rc;
}

int roleauth_explain(roleauth_context *context, roleauth_roles *roles,
                     const roleauth_request *request, size_t most,
                     roleauth_explanation **explanation, roleauth_error *error)
{
    ra_vars *vars = NULL;
    int rc;

    roleauth_error_clear(error);
    if (explanation != NULL)
        *explanation = NULL;
    if (context == NULL || roles == NULL || request == NULL ||
        explanation == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "context, roles, request or a place for the "
                       "explanation is missing");
    rc = vars_now(context, request, &vars, error);
    if (rc == 0)
        rc = ra_roles_explain(roles, vars, request->role, most, explanation,
                              error);
    ra_vars_free(&vars);
    return rc;
}

int roleauth_status(roleauth_context *context,
                    void (*each)(void *data, const roleauth_record *record),
                    void *data, roleauth_error *error)
{
    struct ra_records_config config;
    ra_records *records = NULL;
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int rc;

    roleauth_error_clear(error);
    if (context == NULL || each == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "context or callback is missing");
    if ((rc = ra_context_ready(context, error)) != 0)
        return rc;
    config = ra_context_records(context);
    rc = ra_records_open_existing(&records, &config, &why);
    if (rc == ROLEAUTH_E_NOT_FOUND)
        return 0; /* never used: nothing is remembered */
    if (rc != 0)
        return ra_fail(error, rc, "%s", why.text);
    rc = ra_records_list(records, each, data, error);
    ra_records_close(&records);
    return rc;
}

int roleauth_triggers(roleauth_context *context, roleauth_moment *latest,
                      roleauth_moment *next, roleauth_error *error)
{
    roleauth_moment before = {ROLEAUTH_TRIGGER_NONE, 0}, after = before;
    struct ra_records_config config;
    int rc;

    roleauth_error_clear(error);
    rc = context != NULL ? ra_context_ready(context, error)
                         : ra_fail(error, ROLEAUTH_E_ARGUMENT, "no context");
    if (rc == 0) {
        config = ra_context_records(context);
        rc = ra_records_triggers(&config, &before, &after, error);
    }
    if (latest != NULL)
        *latest = before;
    if (next != NULL)
        *next = after;
    return rc;
}

int roleauth_sign_outs(roleauth_context *context,
                       void (*each)(void *data,
                                    const roleauth_sign_out_record *sign_out),
                       void *data, roleauth_error *error)
{
    int rc;

    roleauth_error_clear(error);
    if (context == NULL || each == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "context or callback is missing");
    rc = ra_context_ready(context, error);
    return rc != 0 ? rc
                   : ra_history_each(&ra_context_seams(context)->store, each,
                                     data, error);
}

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

/* One event for each sign-out; the revocation stands whatever comes of it. */
static int report_sign_out(roleauth_context *context, const char *user,
                           const char *fname, size_t ended, const char *note,
                           roleauth_error *error)
{
    const ra_sinks *sinks = ra_context_settings(context)->sinks;
    const roleauth_clock *clock = &ra_context_seams(context)->clock;
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    roleauth_time now;
    size_t kept;
    bool has_time = ra_clock_now(clock, &now) == 0;
    char *line =
        ra_event_sign_out(has_time ? &now : NULL, user, fname, ended, note);
    int rc;

    if (line == NULL)
        return ra_fail_nomem(error);
    rc = ra_sinks_write(sinks, ROLEAUTH_MANDATORY, line, &kept, &why);
    (void)ra_sinks_write(sinks, ROLEAUTH_OPTIONAL, line, &kept, NULL);
    free(line);
    return rc == 0
               ? 0
               : ra_fail(error, rc, "signed out, but not logged: %s", why.text);
}

int roleauth_sign_out(roleauth_context *context, const char *user,
                      const char *fname, size_t *ended, roleauth_error *error)
{
    struct ra_records_config config;
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    size_t count = 0;
    int rc;

    roleauth_error_clear(error);
    if (ended != NULL)
        *ended = 0;
    if (context == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no context");
    /* A script's empty variable must not pass for somebody signed out. */
    if ((user != NULL && *user == '\0') || (fname != NULL && *fname == '\0'))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "the user or fname to sign out is empty");
    if ((rc = ra_context_ready(context, error)) != 0)
        return rc;
    if (ra_context_settings(context)->untrusted)
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                       "others could have written the configuration");
    config = ra_context_records(context);
    rc = ra_records_revoke(&config, user, fname, &count, &why);
    if (rc != 0)
        return ra_fail(error, rc, "%s", why.text);
    if (ended != NULL)
        *ended = count;
    /* More was revoked than was asked for: no error, but worth telling. */
    if (why.text[0] != '\0' && error != NULL && error->code == ROLEAUTH_OK)
        memcpy(error->text, why.text, sizeof(error->text));
    return report_sign_out(context, user, fname, count, why.text, error);
}

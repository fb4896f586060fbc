/* SPDX-License-Identifier: MIT */
/* The life of one evaluation:
 *
 *   begin    time, variables
 *   choose   the role
 *   prepare  every template, before the first prompt
 *   run      the methods in order; the first failure ends it
 *   confirm  that each record that answered still does
 *   conclude decision, event, records, message: in this order
 *
 * Every status starts as a denial; success is set last, in conclude(). */
#include "auth/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"

static roleauth_reason deny(struct ra_evaluation *ev, roleauth_reason reason,
                            const roleauth_error *why)
{
    if (why->code != ROLEAUTH_OK)
        ra_result_note(ev->result, "%s", why->text);
    return reason;
}

static roleauth_reason begin(struct ra_evaluation *ev)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;

    for (size_t i = 0; i < ra_vars_dropped_count(ev->request->vars); i++)
        ra_result_note(ev->result,
                       "client variable %s is reserved and was dropped",
                       ra_vars_dropped(ev->request->vars, i));
    ev->has_time = ra_clock_now(&ev->seams->clock, &ev->started) == 0;
    if (!ev->has_time) {
        ra_result_note(ev->result, "the clock cannot be read");
        return ROLEAUTH_REASON_UNAVAILABLE;
    }
    if (ra_pam_inside()) {
        ra_result_note(ev->result, "a PAM module led back into the library");
        return ROLEAUTH_REASON_UNAVAILABLE;
    }
    if (ra_time_vars(&ev->vars, ev->request->vars, ra_context_zone(ev->context),
                     &ev->started, &why) != 0)
        return deny(ev, ROLEAUTH_REASON_INTERNAL, &why);
    ev->talk =
        ra_talk_new(&ev->request->conversation, &ev->seams->clock,
                    (unsigned)ev->settings->numbers[ROLEAUTH_PROMPT_TIMEOUT]);
    return ev->talk != NULL ? ROLEAUTH_REASON_OK : ROLEAUTH_REASON_INTERNAL;
}

static roleauth_reason choose(struct ra_evaluation *ev)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int code = ra_roles_select(ev->roles, ev->vars, ev->request->role,
                               &ev->selection, &why);

    if (code != 0)
        return deny(ev,
                    code == ROLEAUTH_E_NOMEM ? ROLEAUTH_REASON_INTERNAL
                                             : ROLEAUTH_REASON_UNAVAILABLE,
                    &why);
    switch (ev->selection.kind) {
    case ROLEAUTH_SELECTED_ROLE:
        ra_result_set_role(ev->result, ev->selection.name);
        return ROLEAUTH_REASON_OK;
    case ROLEAUTH_SELECTED_BARRIER:
        ra_result_set_role(ev->result, ev->selection.name);
        ra_result_note(ev->result, "role %s cannot be honoured: %s",
                       ev->selection.name != NULL ? ev->selection.name
                                                  : "(no name)",
                       ev->selection.why);
        return ROLEAUTH_REASON_UNAVAILABLE;
    case ROLEAUTH_SELECTED_NONE:
        break;
    }
    if (ev->request->role != NULL)
        ra_result_note(ev->result, "there is no enabled role named %s",
                       ev->request->role);
    return ROLEAUTH_REASON_NO_ROLE;
}

static roleauth_reason prepare(struct ra_evaluation *ev)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    roleauth_reason reason =
        ra_prepare(&ev->role, ev->roles, ev->selection.index, ev->vars,
                   ev->settings, &why);

    if (reason != ROLEAUTH_REASON_OK)
        return deny(ev, reason, &why);
    if (ev->role.rejects) {
        ra_result_set_message(ev->result, ev->role.message);
        return ROLEAUTH_REASON_ROLE_ACTION;
    }
    return ROLEAUTH_REASON_OK;
}

static roleauth_reason run_one(struct ra_evaluation *ev, size_t index,
                               enum ra_ask ask)
{
    const struct ra_ready_method *method = &ev->role.methods[index];
    roleauth_reason reason = ra_method_run(ev, index, ask);

    if (reason != ROLEAUTH_REASON_OK) {
        ra_result_set_message(ev->result, method->message != NULL
                                              ? method->message
                                              : ev->role.message);
        ra_result_set_reject_message(ev->result, method->reject_message);
    }
    return reason;
}

static roleauth_reason run(struct ra_evaluation *ev)
{
    ra_remember_open(ev);
    for (size_t i = 0; i < ev->role.method_count; i++) {
        roleauth_reason reason = run_one(ev, i, RA_ASK_UNLESS_PROVED);

        if (reason != ROLEAUTH_REASON_OK)
            return reason;
    }
    return ROLEAUTH_REASON_OK;
}

/* A record that answered early answers for the end as well, or not at all: it
 * may have been revoked meanwhile, or have expired, the password changed, the
 * account locked.  Then its method asks after all, and all the others are
 * looked at once more, since that took time again. */
static roleauth_reason confirm(struct ra_evaluation *ev)
{
    size_t i = 0;

    while (i < ev->role.method_count) {
        roleauth_reason reason;

        if (!ev->steps[i].cached || ra_method_still_proved(ev, i)) {
            i++;
            continue;
        }
        reason = run_one(ev, i, RA_ASK_ALWAYS);
        if (reason != ROLEAUTH_REASON_OK)
            return reason;
        i = 0;
    }
    return ROLEAUTH_REASON_OK;
}

static roleauth_reason decide(struct ra_evaluation *ev)
{
    static roleauth_reason (*const phases[])(struct ra_evaluation *) = {
        begin, choose, prepare, run, confirm};

    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
        roleauth_reason reason = phases[i](ev);

        if (reason != ROLEAUTH_REASON_OK)
            return reason;
    }
    return ROLEAUTH_REASON_OK;
}

/* Writes the event to the sinks of one duty; *kept is set to how many kept
 * it.  The facts are the server's: their names are reserved. */
static int write_event(struct ra_evaluation *ev, roleauth_duty duty,
                       size_t *kept)
{
    const ra_vars *vars = ev->request->vars;
    const struct ra_event_facts facts = {
        ev->has_time ? &ev->started : NULL,
        ra_vars_get(vars, "user", NULL),
        ra_vars_get(vars, "submithost", NULL),
        ra_vars_get(vars, "runuser", NULL),
        ra_vars_get(vars, "runhost", NULL),
    };
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    char *line;
    int rc;

    *kept = 0;
    if (!ra_sinks_any(ev->settings->sinks, duty))
        return 0;
    line = ra_event_evaluation(ev->result, &facts);
    rc = line != NULL
             ? ra_sinks_write(ev->settings->sinks, duty, line, kept, &why)
             : ra_fail_nomem(&why);
    free(line);
    if (rc != 0)
        ra_result_note(ev->result, "event: %s", why.text);
    return rc;
}

/* The only place that accepts.  An accept that had to be logged and could
 * not be is undone before the other sinks hear of it. */
static void conclude(struct ra_evaluation *ev, roleauth_reason reason)
{
    size_t kept;

    if (reason == ROLEAUTH_REASON_OK) {
        for (size_t i = 0; i < ev->role.variable_count; i++)
            ra_result_add_variable(ev->result, ev->role.variables[i].name,
                                   ev->role.variables[i].value);
        ra_result_set_message(ev->result, ev->role.message);
        ra_result_decide(ev->result, ROLEAUTH_ACCEPT, reason);
    } else {
        ra_result_decide(ev->result, ROLEAUTH_REJECT, reason);
    }
    if (write_event(ev, ROLEAUTH_MANDATORY, &kept) != 0 &&
        roleauth_result_accepted(ev->result)) {
        ra_result_set_message(ev->result, NULL);
        ra_result_decide(ev->result, ROLEAUTH_ERROR,
                         ROLEAUTH_REASON_UNAVAILABLE);
        /* Where another mandatory sink kept the accept, the same id again
         * takes it back. */
        if (kept > 0)
            (void)write_event(ev, ROLEAUTH_MANDATORY, &kept);
    }
    (void)write_event(ev, ROLEAUTH_OPTIONAL, &kept);
    if (roleauth_result_accepted(ev->result))
        ra_remember_save(ev);
    if (roleauth_result_message(ev->result) != NULL && ev->talk != NULL)
        (void)ra_talk_show(ev->talk,
                           roleauth_result_accepted(ev->result)
                               ? ROLEAUTH_SHOW_INFO
                               : ROLEAUTH_SHOW_ERROR,
                           roleauth_result_message(ev->result));
}

static void evaluation_free(struct ra_evaluation *ev)
{
    ra_talk_free(&ev->talk);
    ra_records_close(&ev->records);
    ra_vars_free(&ev->vars);
    ra_ready_free(&ev->role);
    explicit_bzero(ev, sizeof(*ev));
    free(ev);
}

int roleauth_evaluate(roleauth_context *context, const roleauth_roles *roles,
                      const roleauth_request *request, roleauth_result **result,
                      roleauth_error *error)
{
    struct ra_evaluation *ev;
    int rc;

    roleauth_error_clear(error);
    if (result != NULL)
        *result = NULL;
    if (context == NULL || roles == NULL || request == NULL || result == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "context, roles, request or result is missing");
    if (!ra_roles_trusted(roles))
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                       "others could have written these roles");
    if ((rc = ra_context_ready(context, error)) != 0)
        return rc;
    if (ra_context_settings(context)->untrusted)
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                       "others could have written the configuration");
    if ((ev = calloc(1, sizeof(*ev))) == NULL)
        return ra_fail_nomem(error);
    ev->context = context;
    ev->roles = roles;
    ev->request = request;
    ev->settings = ra_context_settings(context);
    ev->seams = ra_context_seams(context);
    ev->result = ra_result_new(request->id);
    if (ev->result != NULL)
        conclude(ev, decide(ev));
    else
        rc = ra_fail_nomem(error);
    *result = ev->result;
    evaluation_free(ev);
    return rc;
}

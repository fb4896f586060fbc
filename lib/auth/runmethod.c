/* SPDX-License-Identifier: MIT */
/* One Auth method: who checks it, and what becomes of it. */
#include "auth/engine.h"

#include <string.h>

#include "base/clock.h"

typedef void checker(const struct ra_check *check, struct ra_verdict *verdict);

static bool on_submit_host(enum ra_method_kind kind)
{
    return kind == RA_SUBMITCONFIRMUSER || kind == RA_SUBMITCONFIRMUSERPAM;
}

/* The methods that ask for "the password of USER" use shadow(5), or PAM when
 * the configuration names a service for them. */
static const char *service_of(const struct ra_evaluation *ev,
                              const struct ra_ready_method *method)
{
    switch (method->kind) {
    case RA_GETUSERPASSWD:
    case RA_SUBMITCONFIRMUSER:
        return ra_settings_get(ev->settings, ROLEAUTH_PASSWD_SERVICE);
    default:
        return method->service;
    }
}

static checker *checker_of(const struct ra_check *check)
{
    if (check->user == NULL)
        return ra_check_string;
    return check->service != NULL ? ra_check_pam : ra_check_shadow;
}

/* Only what the server itself says goes to PAM. */
static const char *server_value(const struct ra_evaluation *ev,
                                const char *name)
{
    roleauth_origin origin = ROLEAUTH_CLIENT;
    const char *value = ra_vars_get(ev->vars, name, &origin);

    return origin == ROLEAUTH_SERVER ? value : NULL;
}

static void fill_check(struct ra_evaluation *ev,
                       const struct ra_ready_method *method,
                       struct ra_check *check)
{
    memset(check, 0, sizeof(*check));
    check->user = method->user;
    check->service = service_of(ev, method);
    check->passwd = method->passwd;
    check->tries = method->tries;
    check->retry_message =
        ra_settings_get(ev->settings, ROLEAUTH_RETRY_MESSAGE);
    check->ruser = server_value(ev, "user");
    check->rhost = server_value(ev, "submithost");
    check->tty = server_value(ev, "tty");
    check->allow_no_challenge =
        ev->settings->numbers[ROLEAUTH_ALLOW_NO_CHALLENGE] != 0;
    check->users = &ev->seams->users;
    check->pam = &ev->seams->pam;
    check->clock = &ev->seams->clock;
    check->talk = ev->talk;
    check->prompt = method->prompt;
    if (check->service != NULL && method->service == NULL) {
        /* PAM stands in for shadow(5): it asks with the method's prompt. */
        check->prompt = NULL;
        check->password_prompt = method->prompt;
    }
}

/* Runs the check, unless a record answers or it must happen elsewhere. */
static bool run_check(struct ra_evaluation *ev, size_t index, enum ra_ask ask,
                      const struct ra_check *check, struct ra_verdict *verdict)
{
    if (on_submit_host(ev->role.methods[index].kind) &&
        ev->settings->numbers[ROLEAUTH_SUBMIT_HOST_IS_LOCAL] == 0) {
        ra_verdict_deny(verdict, ROLEAUTH_REASON_UNAVAILABLE,
                        "there is no way to reach the submit host");
        return false;
    }
    if (ask == RA_ASK_UNLESS_PROVED && ra_remember_find(ev, index, check)) {
        verdict->reason = ROLEAUTH_REASON_OK;
        verdict->decision = ROLEAUTH_ACCEPT;
        return true;
    }
    checker_of(check)(check, verdict);
    if (ev->records != NULL)
        ra_records_waited(ev->records);
    return false;
}

static roleauth_reason settle(struct ra_evaluation *ev, size_t index,
                              const struct ra_check *check,
                              const struct ra_verdict *verdict)
{
    const char *name = ev->role.methods[index].name;
    bool accepted = verdict->decision == ROLEAUTH_ACCEPT &&
                    verdict->reason == ROLEAUTH_REASON_OK;
    const roleauth_method_result done = {
        name,
        check->user,
        check->service,
        verdict->decision,
        verdict->reason,
        ev->steps[index].cached,
        verdict->attempts,
    };

    ra_result_set_method(ev->result, index, &done);
    if (verdict->why[0] != '\0')
        ra_result_note(ev->result, "%s: %s", name, verdict->why);
    if (accepted)
        return ROLEAUTH_REASON_OK;
    return verdict->reason != ROLEAUTH_REASON_OK ? verdict->reason
                                                 : ROLEAUTH_REASON_INTERNAL;
}

roleauth_reason ra_method_run(struct ra_evaluation *ev, size_t index,
                              enum ra_ask ask)
{
    struct ra_check check;
    struct ra_verdict verdict;
    roleauth_time started;
    roleauth_reason reason;

    memset(&ev->steps[index], 0, sizeof(ev->steps[index]));
    ra_verdict_init(&verdict);
    fill_check(ev, &ev->role.methods[index], &check);
    ra_talk_start_method(ev->talk);
    if (ra_clock_now(&ev->seams->clock, &started) != 0)
        ra_verdict_deny(&verdict, ROLEAUTH_REASON_UNAVAILABLE,
                        "the clock cannot be read");
    else
        ev->steps[index].cached = run_check(ev, index, ask, &check, &verdict);
    reason = settle(ev, index, &check, &verdict);
    if (reason == ROLEAUTH_REASON_OK && !ev->steps[index].cached)
        ra_remember_proof(ev, index, &verdict, &started);
    ra_verdict_wipe(&verdict);
    return reason;
}

/* How long ago an answer may be to count as one of this moment: the state of
 * the records is read again after the shorter, everything after the longer. */
#define MOMENT_NANOSECONDS INT64_C(1000000)
#define LONG_NANOSECONDS INT64_C(1000000000)

/* Negative: it went back.  A jump of any size does not overflow. */
static int64_t nanoseconds(const struct timespec *from,
                           const struct timespec *to)
{
    int64_t seconds, difference;

    if (__builtin_sub_overflow((int64_t)to->tv_sec, (int64_t)from->tv_sec,
                               &seconds) ||
        __builtin_mul_overflow(seconds, INT64_C(1000000000), &difference) ||
        __builtin_add_overflow(
            difference, (int64_t)(to->tv_nsec - from->tv_nsec), &difference))
        return to->tv_sec < from->tv_sec ? INT64_MIN : INT64_MAX;
    return difference;
}

/* Nanoseconds since the evaluation began.  People, PAM modules and name
 * services take as long as they like; whatever was asked took long. */
static int64_t time_taken(const struct ra_evaluation *ev)
{
    roleauth_time now;
    int64_t taken;

    if (ra_talk_exchanges(ev->talk) > 0 ||
        ra_clock_now(&ev->seams->clock, &now) != 0)
        return INT64_MAX;
    taken = nanoseconds(&ev->started.boottime, &now.boottime);
    /* A clock that was set meanwhile is looked at anew. */
    return taken >= 0 && nanoseconds(&ev->started.realtime, &now.realtime) >= 0
               ? taken
               : INT64_MAX;
}

bool ra_method_still_proved(struct ra_evaluation *ev, size_t index)
{
    int64_t taken = time_taken(ev);
    struct ra_check check;

    if (taken < MOMENT_NANOSECONDS)
        return true;
    if (ra_remember_revoked(ev, index))
        return false;
    if (taken < LONG_NANOSECONDS)
        return true;
    fill_check(ev, &ev->role.methods[index], &check);
    ra_records_waited(ev->records);
    return ra_remember_find(ev, index, &check);
}

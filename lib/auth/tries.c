/* SPDX-License-Identifier: MIT */
/* The loop over the tries of one method, and its verdict. */
#include "auth/auth.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ra_verdict_init(struct ra_verdict *verdict)
{
    memset(verdict, 0, sizeof(*verdict));
    verdict->decision = ROLEAUTH_ERROR;
    verdict->reason = ROLEAUTH_REASON_INTERNAL;
}

void ra_verdict_wipe(struct ra_verdict *verdict)
{
    explicit_bzero(verdict, sizeof(*verdict));
    ra_verdict_init(verdict);
}

void ra_verdict_deny(struct ra_verdict *verdict, roleauth_reason reason,
                     const char *format, ...)
{
    verdict->reason = reason;
    verdict->decision = reason == ROLEAUTH_REASON_UNAVAILABLE ||
                                reason == ROLEAUTH_REASON_INTERNAL ||
                                reason == ROLEAUTH_REASON_OK
                            ? ROLEAUTH_ERROR
                            : ROLEAUTH_REJECT;
    verdict->why[0] = '\0';
    if (format != NULL) {
        va_list args;

        va_start(args, format);
        (void)vsnprintf(verdict->why, sizeof(verdict->why), format, args);
        va_end(args);
    }
}

void ra_run_tries(const struct ra_check *check, ra_attempt *attempt, void *data,
                  struct ra_verdict *verdict)
{
    unsigned exchanges = ra_talk_exchanges(check->talk);

    for (unsigned i = 0; i < check->tries; i++) {
        enum ra_try outcome;

        if (i > 0)
            (void)ra_talk_show(check->talk, ROLEAUTH_SHOW_ERROR,
                               check->retry_message);
        outcome = attempt(data, verdict);
        ra_talk_forget(check->talk);
        verdict->challenged = ra_talk_exchanges(check->talk) != exchanges;
        if (outcome == RA_TRY_END)
            return;
        if (outcome != RA_TRY_WRONG) {
            ra_verdict_deny(verdict, ROLEAUTH_REASON_INTERNAL, NULL);
            return;
        }
    }
    ra_verdict_deny(verdict, ROLEAUTH_REASON_WRONG_PASSWORD, NULL);
}

const char *ra_ask_password(const struct ra_check *check,
                            struct ra_verdict *verdict, bool *unusable)
{
    const char *reply = NULL;
    roleauth_answer answer =
        ra_talk_ask(check->talk, ROLEAUTH_PROMPT_SECRET, check->prompt, &reply);

    *unusable = false;
    if (answer != ROLEAUTH_ANSWERED) {
        ra_verdict_deny(verdict, ra_answer_reason(answer),
                        answer == ROLEAUTH_ANSWER_FAILED
                            ? "the conversation failed"
                            : NULL);
        return NULL;
    }
    verdict->attempts++;
    *unusable = reply == NULL;
    return reply;
}

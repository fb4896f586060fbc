/* SPDX-License-Identifier: MIT */
/* getstringpasswd: a password that the role itself carries. */
#include "auth/auth.h"

static enum ra_try try_string(void *data, struct ra_verdict *verdict)
{
    const struct ra_check *check = data;
    bool unusable;
    const char *reply = ra_ask_password(check, verdict, &unusable);

    if (reply == NULL)
        return unusable ? RA_TRY_WRONG : RA_TRY_END;
    switch (ra_password_role_match(reply, check->passwd)) {
    case RA_MATCH_YES:
        verdict->reason = ROLEAUTH_REASON_OK;
        verdict->decision = ROLEAUTH_ACCEPT;
        return RA_TRY_END;
    case RA_MATCH_NO:
        return RA_TRY_WRONG;
    default:
        ra_verdict_deny(verdict, ROLEAUTH_REASON_UNAVAILABLE,
                        "the role's passwd cannot be checked");
        return RA_TRY_END;
    }
}

void ra_check_string(const struct ra_check *check, struct ra_verdict *verdict)
{
    struct ra_check copy = *check;

    ra_run_tries(check, try_string, &copy, verdict);
}

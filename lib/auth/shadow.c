/* SPDX-License-Identifier: MIT */
/* The password of a local user: shadow(5) and crypt(3). */
#include "auth/auth.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"

#define SECONDS_A_DAY 86400

/* The account as it is at one moment. */
struct job {
    const struct ra_check *check;
    roleauth_account account;
    const char *hash; /* without leading "!"; NULL: there is none to match */
    bool locked;
};

int ra_account_look_up(const struct ra_check *check, roleauth_account *account)
{
    int code;

    memset(account, 0, sizeof(*account));
    account->last_change = account->max_days = -1;
    account->inactive_days = account->expire = -1;
    code = check->users->lookup(check->users->data, check->user, account);
    /* What a replaced seam says of text is made sure of. */
    account->hash[sizeof(account->hash) - 1] = '\0';
    if (code != ROLEAUTH_OK)
        explicit_bzero(account, sizeof(*account));
    return code;
}

/* Days since 1970, as shadow(5) counts them. */
static bool read_today(const roleauth_clock *clock, long *today)
{
    roleauth_time now;

    if (ra_clock_now(clock, &now) != 0)
        return false;
    *today = (long)(now.realtime.tv_sec / SECONDS_A_DAY);
    return true;
}

/* The rules of pam_unix(8), check_shadow_expiry(), which are stricter than
 * shadow(5) by a day: an account has expired on the day of sp_expire. */
static roleauth_reason account_state(const roleauth_account *account,
                                     long today)
{
    long age;

    if (account->expire != -1 && today >= account->expire)
        return ROLEAUTH_REASON_EXPIRED;
    if (account->last_change == 0)
        return ROLEAUTH_REASON_PASSWORD_EXPIRED;
    /* Changed in the future: the clock was wrong once, nothing is due. */
    if (today < account->last_change)
        return ROLEAUTH_REASON_OK;
    /* sp_inact only tells until when a change is still possible; whoever is
     * past it is past sp_max, and no change is offered here. */
    if (__builtin_sub_overflow(today, account->last_change, &age) ||
        (account->max_days != -1 && age > account->max_days))
        return ROLEAUTH_REASON_PASSWORD_EXPIRED;
    return ROLEAUTH_REASON_OK;
}

/* Ends the method: the password was right, is the account good? */
static void decide(const struct job *job, struct ra_verdict *verdict)
{
    roleauth_reason reason;
    long today;

    if (job->locked) {
        ra_verdict_deny(verdict, ROLEAUTH_REASON_LOCKED, NULL);
        return;
    }
    if (!read_today(job->check->clock, &today)) {
        ra_verdict_deny(verdict, ROLEAUTH_REASON_UNAVAILABLE,
                        "the clock cannot be read");
        return;
    }
    reason = account_state(&job->account, today);
    if (reason != ROLEAUTH_REASON_OK) {
        ra_verdict_deny(verdict, reason, NULL);
        return;
    }
    verdict->account = job->account;
    verdict->has_account = true;
    verdict->reason = ROLEAUTH_REASON_OK;
    verdict->decision = ROLEAUTH_ACCEPT;
}

/* passwd(1) -l puts one "!" before the hash, usermod(8) -L too, and each of
 * them may have been at it. */
static const char *skip_locks(const char *field)
{
    return field + strspn(field, "!");
}

/* Looks at shadow(5) as it is now.  False: it cannot be checked against, and
 * the verdict says why. */
static bool look_again(struct job *job, struct ra_verdict *verdict)
{
    const struct ra_check *check = job->check;
    int code = ra_account_look_up(check, &job->account);
    enum ra_crypt_kind kind;
    const char *hash;

    job->hash = NULL;
    job->locked = false;
    if (code != ROLEAUTH_OK && code != ROLEAUTH_E_NOT_FOUND) {
        ra_verdict_deny(verdict, ROLEAUTH_REASON_UNAVAILABLE,
                        "shadow(5) cannot be read for %.64s", check->user);
        return false;
    }
    if (code != ROLEAUTH_OK || !job->account.has_shadow)
        return true;
    hash = skip_locks(job->account.hash);
    kind = ra_crypt_kind(hash);
    if (kind == RA_CRYPT_DES) {
        ra_verdict_deny(verdict, ROLEAUTH_REASON_UNAVAILABLE,
                        "the password of %.64s has a DES hash", check->user);
        return false;
    }
    job->hash = kind == RA_CRYPT_GOOD ? hash : NULL;
    job->locked = hash != job->account.hash;
    return true;
}

/* The account is looked at after the answer: who held the prompt open may
 * have been locked out, or have got another password, meanwhile. */
static enum ra_try try_shadow(void *data, struct ra_verdict *verdict)
{
    struct job *job = data;
    bool unusable;
    const char *reply = ra_ask_password(job->check, verdict, &unusable);
    enum ra_match match;

    if (reply == NULL)
        return unusable ? RA_TRY_WRONG : RA_TRY_END;
    if (!look_again(job, verdict))
        return RA_TRY_END;
    match = job->hash != NULL ? ra_password_crypt_match(reply, job->hash)
                              : ra_password_dummy(reply);
    if (match == RA_MATCH_NO)
        return RA_TRY_WRONG;
    if (match == RA_MATCH_YES && job->hash != NULL)
        decide(job, verdict);
    else
        ra_verdict_deny(verdict, ROLEAUTH_REASON_UNAVAILABLE,
                        "crypt(3) failed");
    return RA_TRY_END;
}

void ra_check_shadow(const struct ra_check *check, struct ra_verdict *verdict)
{
    struct job job = {.check = check};

    ra_verdict_init(verdict);
    /* What cannot be checked is not asked for. */
    if (look_again(&job, verdict))
        ra_run_tries(check, try_shadow, &job, verdict);
    explicit_bzero(&job, sizeof(job));
}

/* Why a known account with a shadow entry no longer vouches; NULL: it does. */
static const char *entry_fault(const struct ra_check *check,
                               const roleauth_account *account)
{
    long today;

    if (account->hash[0] == '!')
        return "the account is locked";
    /* Who signs in by PAM alone may have no password here at all. */
    if (check->service == NULL && ra_crypt_kind(account->hash) != RA_CRYPT_GOOD)
        return "the account has no password that can be checked";
    if (!read_today(check->clock, &today))
        return "the clock cannot be read";
    switch (account_state(account, today)) {
    case ROLEAUTH_REASON_OK:
        return NULL;
    case ROLEAUTH_REASON_EXPIRED:
        return "the account has expired";
    default:
        return "the password must be changed";
    }
}

const char *ra_recheck_account(const struct ra_check *check,
                               roleauth_account *account)
{
    int code = ra_account_look_up(check, account);

    /* PAM may know users that passwd(5) does not; it is asked itself. */
    if (code == ROLEAUTH_E_NOT_FOUND)
        return check->service != NULL ? NULL : "the account is gone";
    if (code != ROLEAUTH_OK)
        return "shadow(5) cannot be read";
    if (!account->has_shadow)
        return check->service != NULL ? NULL
                                      : "the account has no shadow entry";
    return entry_fault(check, account);
}

/* SPDX-License-Identifier: MIT */
/* Checks of who somebody is, and the conversation they are made in. */
#ifndef RA_AUTH_AUTH_H
#define RA_AUTH_AUTH_H

#include <roleauth.h>
#include <stdbool.h>

#include "base/buf.h"

/* ---- talk.c: a conversation within its rules ---- */

/* One evaluation's conversation: texts made safe, answers in secret memory,
 * the time limit, and what happened. */
typedef struct ra_talk ra_talk;

/* conversation may be NULL: every prompt is then ROLEAUTH_ANSWER_NOBODY. */
ra_talk *ra_talk_new(const roleauth_conversation *conversation,
                     const roleauth_clock *clock, unsigned timeout);
/* Ends the conversation (finish), wipes, frees. */
void ra_talk_free(ra_talk **talk);

/* Asks.  On ROLEAUTH_ANSWERED *reply is the answer, valid until the next call
 * and wiped then; NULL when it was unusable (a wrong password). */
roleauth_answer ra_talk_ask(ra_talk *talk, roleauth_style style,
                            const char *text, const char **reply);
/* Shows; false: it could not be shown. */
bool ra_talk_show(ra_talk *talk, roleauth_style style, const char *text);
/* Wipes the answer now. */
void ra_talk_forget(ra_talk *talk);

/* Forgets when the last answer came, as a method starts. */
void ra_talk_start_method(ra_talk *talk);

/* Marks: prompts answered plus texts shown so far. */
unsigned ra_talk_exchanges(const ra_talk *talk);
/* When the last answer of this method came; false: none yet, or the clock
 * failed. */
bool ra_talk_answered_at(const ra_talk *talk, roleauth_time *time);
/* The reason for an answer that is not ROLEAUTH_ANSWERED: cancelled, timeout,
 * prompt-needed, unavailable. */
roleauth_reason ra_answer_reason(roleauth_answer answer);

/* ---- checks ---- */

/* One method, ready to run. */
struct ra_check {
    const char *user;            /* NULL: getstringpasswd */
    const char *service;         /* PAM service; NULL: not by PAM */
    const char *passwd;          /* getstringpasswd; else NULL */
    const char *prompt;          /* NULL: none (PAM) */
    const char *password_prompt; /* PAM: shown instead of a plain
                                    "Password:"; NULL: PAM's own is shown */
    unsigned tries;
    const char *retry_message;
    const char *ruser, *rhost, *tty; /* for PAM; NULL: unknown */
    bool allow_no_challenge;
    const roleauth_users *users;
    const roleauth_pam *pam;
    const roleauth_clock *clock;
    ra_talk *talk;
};

/* What came of it.  Starts as ERROR / internal; ACCEPT is set last. */
struct ra_verdict {
    roleauth_decision decision;
    roleauth_reason reason;
    unsigned attempts; /* answers that were checked */
    bool challenged;   /* the user was asked or shown something */
    bool has_account;  /* account is what was verified against */
    bool unsettled;    /* the account changed meanwhile, or cannot be
                          told: the proof is not to be remembered */
    roleauth_account account;
    char why[256]; /* for a note; "" : nothing to add */
};

void ra_verdict_init(struct ra_verdict *verdict);
void ra_verdict_wipe(struct ra_verdict *verdict);
/* Sets decision (ERROR for unavailable and internal, else REJECT) and
 * reason, and why by format (NULL: nothing). */
void ra_verdict_deny(struct ra_verdict *verdict, roleauth_reason reason,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Each runs all tries of one method.  string.c, shadow.c, pam.c */
void ra_check_string(const struct ra_check *check, struct ra_verdict *verdict);
void ra_check_shadow(const struct ra_check *check, struct ra_verdict *verdict);
void ra_check_pam(const struct ra_check *check, struct ra_verdict *verdict);

/* One try, as the loop of tries.c drives it: sets nothing and returns
 * RA_TRY_WRONG, or sets the verdict and returns RA_TRY_END. */
enum ra_try { RA_TRY_END = 0x35, RA_TRY_WRONG = 0x4A };
typedef enum ra_try ra_attempt(void *data, struct ra_verdict *verdict);
/* tries.c: attempts until one ends it, at most check->tries, with the retry
 * message between them; wrong-password when all were wrong. */
void ra_run_tries(const struct ra_check *check, ra_attempt *attempt, void *data,
                  struct ra_verdict *verdict);
/* tries.c: asks check->prompt hidden and hands the answer to the attempt; ends
 * the method when there is none.  Returns NULL when the method is to end, or
 * when the answer is unusable (*unusable is then true: a wrong password). */
const char *ra_ask_password(const struct ra_check *check,
                            struct ra_verdict *verdict, bool *unusable);

/* One look at the accounts.  Returns as roleauth_users.lookup does; *account is
 * zero when there is none. */
int ra_account_look_up(const struct ra_check *check, roleauth_account *account);

/* At a hit on a record: is the account still there, neither locked nor
 * expired?  NULL: yes, with *account filled (has_shadow 0: shadow(5) does
 * not have the user, nothing to say); else prose for a note.  For a PAM
 * method a field that holds no password at all ("*") is not a lock. */
const char *ra_recheck_account(const struct ra_check *check,
                               roleauth_account *account);
/* At a hit on a record of a PAM method: pam_acct_mgmt(3) without a prompt.
 * NULL: PAM_SUCCESS; else prose. */
const char *ra_recheck_pam(const struct ra_check *check);

/* ---- password.c: one password, one hash ---- */

enum ra_match {
    RA_MATCH_NO = 0x2D,
    RA_MATCH_YES = 0x52,
    RA_MATCH_UNAVAILABLE = 0x17 /* DES, out of memory, crypt(3) failed */
};
/* crypt(3) in secret memory, compared in constant time.  A failure token, an
 * empty hash or an invalid one never matches. */
enum ra_match ra_password_crypt_match(const char *password, const char *hash);
/* Spends the time of a check of the system's default kind; always
 * RA_MATCH_NO (or UNAVAILABLE). */
enum ra_match ra_password_dummy(const char *password);
/* "passwd": base64 SHA-256 or a crypt(3) hash. */
enum ra_match ra_password_role_match(const char *password, const char *passwd);

/* ---- accounts.c, pamsys.c: the real seams ---- */

roleauth_users ra_users_system(void);
/* confdir: NULL, or instead of PAM's own directories; borrowed. */
roleauth_pam ra_pam_system(const char *confdir);
/* Prose for lint about a PAM service (absent, no account lines, pam_permit or
 * pam_rootok in it); false: nothing to say.  pamconf.c */
bool ra_pam_service_warning(const char *confdir, const char *service,
                            char *text, size_t size);
/* Is this thread inside a PAM call that this library made?  pamsys.c */
bool ra_pam_inside(void);

#endif

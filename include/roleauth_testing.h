/* SPDX-License-Identifier: MIT */
/**
 * @file roleauth_testing.h
 * Fakes for the seams of libroleauth, for unit tests of programs that link
 * it: no root, no PAM stack, no real accounts, no waiting.
 *
 * They are in a static library of their own, libroleauth_testing.a, and are
 * no part of libroleauth.  The conventions are those of roleauth.h: for a
 * NULL object a call returns ROLEAUTH_E_ARGUMENT, 0 or NULL, or does nothing,
 * and a seam or conversation of NULL is empty, so that the call that it is
 * given to returns ROLEAUTH_E_ARGUMENT.
 *
 * Thread safety: one thread sets an object up and changes it, while no other
 * thread uses it.  Meanwhile the seams of fake users, fake PAM, virtual clock
 * and memory store may be called by any number of threads at once, and so may
 * roleauth_fake_pam_authentications().  A script belongs to one evaluation at
 * a time.
 */
#ifndef ROLEAUTH_TESTING_H
#define ROLEAUTH_TESTING_H

#include <roleauth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ */
/* A scripted user                                                    */
/* ------------------------------------------------------------------ */

/** Answers prompts from a list and keeps what was shown.  Used by one thread
 *  at a time. */
typedef struct roleauth_script roleauth_script;

ROLEAUTH_API roleauth_script *roleauth_script_new(void);
ROLEAUTH_API void roleauth_script_free(roleauth_script **script);

/** Adds an answer for the next prompt that has none yet.  When the answers
 *  run out, prompts are cancelled.  @return 0 or a negative code */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_script_type(roleauth_script *script, const char *answer);
/** Adds a prompt that is not answered, such as ROLEAUTH_ANSWER_TIMEOUT. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_script_fail(roleauth_script *script, roleauth_answer answer);
/** Calls back before the next prompt is answered: time may pass, or somebody
 *  may sign out.  Once; NULL: nothing. */
ROLEAUTH_API void roleauth_script_before_answer(roleauth_script *script,
                                                void (*call)(void *data),
                                                void *data);

/** A conversation with this script, which stays the caller's. */
ROLEAUTH_API roleauth_conversation
roleauth_script_conversation(roleauth_script *script);

/** How many texts, prompts or messages, were shown so far. */
ROLEAUTH_API size_t roleauth_script_count(const roleauth_script *script);
/** How many of them were prompts. */
ROLEAUTH_API size_t roleauth_script_prompts(const roleauth_script *script);
/** One of them, in order; NULL when index is out of range.  style may be
 *  NULL. */
ROLEAUTH_API const char *roleauth_script_text(const roleauth_script *script,
                                              size_t index,
                                              roleauth_style *style);
/** How often an evaluation ended with this conversation. */
ROLEAUTH_API unsigned roleauth_script_finished(const roleauth_script *script);

/* ------------------------------------------------------------------ */
/* Fake accounts                                                      */
/* ------------------------------------------------------------------ */

/** A passwd(5) and a shadow(5) in memory.  Lookups may come from many threads
 *  at once, but not while a user is added, changed or removed. */
typedef struct roleauth_fake_users roleauth_fake_users;

ROLEAUTH_API roleauth_fake_users *roleauth_fake_users_new(void);
ROLEAUTH_API void roleauth_fake_users_free(roleauth_fake_users **users);

/** Adds or replaces a user whose password never expires; the hash is of a
 *  cheap kind, so that tests are fast.  @return 0 or a negative code */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_fake_users_add(roleauth_fake_users *users, const char *name,
                        uint32_t uid, const char *password);
/** The account as lookups will tell it, to be changed at will (lock it by a
 *  '!' before the hash, expire it ...); NULL: no such user. */
ROLEAUTH_API roleauth_account *
roleauth_fake_users_get(roleauth_fake_users *users, const char *name);
ROLEAUTH_API void roleauth_fake_users_remove(roleauth_fake_users *users,
                                             const char *name);
/** Makes every lookup fail, as an unreadable shadow(5) does. */
ROLEAUTH_API void roleauth_fake_users_break(roleauth_fake_users *users,
                                            int broken);
/** The seam for roleauth_context_set_users(). */
ROLEAUTH_API roleauth_users
roleauth_fake_users_seam(roleauth_fake_users *users);

/* ------------------------------------------------------------------ */
/* A fake PAM                                                         */
/* ------------------------------------------------------------------ */

/** PAM services with scripted rounds.  Transactions may run in many threads
 *  at once, but not while a service is added or changed. */
typedef struct roleauth_fake_pam roleauth_fake_pam;

ROLEAUTH_API roleauth_fake_pam *roleauth_fake_pam_new(void);
ROLEAUTH_API void roleauth_fake_pam_free(roleauth_fake_pam **pam);

/** Adds a service without rounds that succeeds.
 *  @return 0; ROLEAUTH_E_ARGUMENT: also when it was added before;
 *          ROLEAUTH_E_NOMEM */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_fake_pam_add(roleauth_fake_pam *pam, const char *service);
/**
 * Adds a round to a service's pam_authenticate(3).
 * @param style     one of roleauth_style, shown with text
 * @param expected  the right answer; NULL: any.  A wrong one makes
 *                  pam_authenticate() return PAM_AUTH_ERR at its end.
 * @return 0; ROLEAUTH_E_ARGUMENT: also when there is no such style;
 *         ROLEAUTH_E_NOT_FOUND: no such service; ROLEAUTH_E_NOMEM
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_fake_pam_round(roleauth_fake_pam *pam, const char *service,
                        roleauth_style style, const char *text,
                        const char *expected);
/** What pam_authenticate(3) returns when every answer was right; the default
 *  is PAM_SUCCESS.  @return 0; ROLEAUTH_E_ARGUMENT; ROLEAUTH_E_NOT_FOUND: no
 *  such service */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_fake_pam_authenticates(roleauth_fake_pam *pam, const char *service,
                                int code);
/** What pam_acct_mgmt(3) returns; the default is PAM_SUCCESS.
 *  @return as roleauth_fake_pam_authenticates() */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_fake_pam_account(roleauth_fake_pam *pam, const char *service,
                          int code);
/** The user that PAM_USER is changed to on success; NULL: unchanged.
 *  @return as roleauth_fake_pam_authenticates(), or ROLEAUTH_E_NOMEM */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_fake_pam_rename(roleauth_fake_pam *pam, const char *service,
                         const char *user);
/** How often pam_authenticate(3) was called, by any thread so far. */
ROLEAUTH_API unsigned
roleauth_fake_pam_authentications(const roleauth_fake_pam *pam);
/** The seam for roleauth_context_set_pam(). */
ROLEAUTH_API roleauth_pam roleauth_fake_pam_seam(roleauth_fake_pam *pam);

/* ------------------------------------------------------------------ */
/* A virtual clock                                                    */
/* ------------------------------------------------------------------ */

/** Time that passes when it is told to.  Owned by the caller.  It may be read
 *  by many threads at once, but not while it is changed. */
typedef struct roleauth_virtual_clock {
    roleauth_time time;
    int broken; /**< 1: cannot be read */
} roleauth_virtual_clock;

/** Noon of 2026-06-01 UTC, an hour after boot. */
ROLEAUTH_API void
roleauth_virtual_clock_init(roleauth_virtual_clock *virtual_clock);
/** Both clocks go on; seconds may be negative to set them back. */
ROLEAUTH_API void
roleauth_virtual_clock_advance(roleauth_virtual_clock *virtual_clock,
                               long seconds);
/** Another boot: CLOCK_BOOTTIME starts anew after seconds of being off. */
ROLEAUTH_API void
roleauth_virtual_clock_reboot(roleauth_virtual_clock *virtual_clock,
                              long seconds);
/** The seam for roleauth_context_set_clock(). */
ROLEAUTH_API roleauth_clock
roleauth_virtual_clock_seam(roleauth_virtual_clock *virtual_clock);

/* ------------------------------------------------------------------ */
/* A memory store                                                     */
/* ------------------------------------------------------------------ */

/** A store in memory for roleauth_context_set_store().  It belongs to that one
 *  context, which releases it, and whose evaluations may run in many threads
 *  at once.  @return 0; ROLEAUTH_E_ARGUMENT; ROLEAUTH_E_NOMEM */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_memory_store(roleauth_store *store);

#ifdef __cplusplus
}
#endif

#endif /* ROLEAUTH_TESTING_H */

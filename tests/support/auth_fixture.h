/* SPDX-License-Identifier: MIT */
/* One check over fakes: a scripted user, accounts and PAM in memory, and a
 * clock that stands still. */
#ifndef TESTS_AUTH_FIXTURE_H
#define TESTS_AUTH_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <roleauth_testing.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"

struct fixture {
    roleauth_script *script;
    roleauth_conversation conversation;
    roleauth_fake_users *users;
    roleauth_users users_seam;
    roleauth_fake_pam *pam;
    roleauth_pam pam_seam;
    roleauth_virtual_clock clock;
    roleauth_clock clock_seam;
    ra_talk *talk;
    struct ra_check check;
    struct ra_verdict verdict;
};

static inline void fixture_begin(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    f->script = roleauth_script_new();
    f->users = roleauth_fake_users_new();
    f->pam = roleauth_fake_pam_new();
    assert_non_null(f->script);
    assert_non_null(f->users);
    assert_non_null(f->pam);
    f->conversation = roleauth_script_conversation(f->script);
    f->users_seam = roleauth_fake_users_seam(f->users);
    f->pam_seam = roleauth_fake_pam_seam(f->pam);
    roleauth_virtual_clock_init(&f->clock);
    f->clock_seam = roleauth_virtual_clock_seam(&f->clock);
    f->talk = ra_talk_new(&f->conversation, &f->clock_seam, 0);
    assert_non_null(f->talk);
    f->check.user = "alice";
    f->check.prompt = "Password for alice: ";
    f->check.tries = 3;
    f->check.retry_message = "Sorry, try again.";
    f->check.users = &f->users_seam;
    f->check.pam = &f->pam_seam;
    f->check.clock = &f->clock_seam;
    f->check.talk = f->talk;
    ra_verdict_init(&f->verdict);
}

static inline void fixture_end(struct fixture *f)
{
    ra_verdict_wipe(&f->verdict);
    ra_talk_free(&f->talk);
    roleauth_script_free(&f->script);
    roleauth_fake_users_free(&f->users);
    roleauth_fake_pam_free(&f->pam);
}

static inline void fixture_type(struct fixture *f, const char *answer)
{
    assert_int_equal(roleauth_script_type(f->script, answer), 0);
}

static inline long fixture_today(const struct fixture *f)
{
    return (long)(f->clock.time.realtime.tv_sec / 86400);
}

static inline void assert_accepted(const struct fixture *f)
{
    assert_string_equal(roleauth_reason_word(f->verdict.reason), "ok");
    assert_int_equal(f->verdict.decision, ROLEAUTH_ACCEPT);
}

static inline void assert_denied(const struct fixture *f,
                                 roleauth_reason reason)
{
    roleauth_decision expected = reason == ROLEAUTH_REASON_UNAVAILABLE ||
                                         reason == ROLEAUTH_REASON_INTERNAL
                                     ? ROLEAUTH_ERROR
                                     : ROLEAUTH_REJECT;

    assert_string_equal(roleauth_reason_word(f->verdict.reason),
                        roleauth_reason_word(reason));
    assert_int_equal(f->verdict.decision, expected);
    assert_false(f->verdict.has_account);
    assert_string_equal(f->verdict.account.hash, "");
}

#endif

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <roleauth_testing.h>
#include <string.h>

#include "auth/auth.h"

static struct world {
    roleauth_script *script;
    roleauth_virtual_clock clock;
    roleauth_clock seam;
    struct ra_check check;
    struct ra_verdict verdict;
} world;

static int start(void **state)
{
    roleauth_conversation conversation;

    (void)state;
    memset(&world, 0, sizeof(world));
    world.script = roleauth_script_new();
    conversation = roleauth_script_conversation(world.script);
    roleauth_virtual_clock_init(&world.clock);
    world.seam = roleauth_virtual_clock_seam(&world.clock);
    world.check.talk = ra_talk_new(&conversation, &world.seam, 0);
    world.check.tries = 3;
    world.check.prompt = "Password:";
    world.check.retry_message = "Again.";
    ra_verdict_init(&world.verdict);
    return 0;
}

static int end(void **state)
{
    (void)state;
    ra_talk_free(&world.check.talk);
    roleauth_script_free(&world.script);
    return 0;
}

static void a_verdict_starts_as_an_error(void **state)
{
    struct ra_verdict verdict;

    (void)state;
    memset(&verdict, 0xFF, sizeof(verdict));
    ra_verdict_init(&verdict);
    assert_int_equal(verdict.decision, ROLEAUTH_ERROR);
    assert_int_equal(verdict.reason, ROLEAUTH_REASON_INTERNAL);
    assert_int_equal(verdict.attempts, 0);
    assert_false(verdict.challenged);
    assert_false(verdict.has_account);
    assert_string_equal(verdict.why, "");
}

static void wiping_takes_the_account_away(void **state)
{
    (void)state;
    world.verdict.decision = ROLEAUTH_ACCEPT;
    world.verdict.reason = ROLEAUTH_REASON_OK;
    world.verdict.has_account = true;
    memcpy(world.verdict.account.hash, "$5$x", 5);
    ra_verdict_wipe(&world.verdict);
    assert_int_equal(world.verdict.decision, ROLEAUTH_ERROR);
    assert_false(world.verdict.has_account);
    assert_string_equal(world.verdict.account.hash, "");
}

/* unavailable and internal are errors, and ok is no reason to deny. */
static void denials_are_rejects_or_errors(void **state)
{
    (void)state;
#define ROLEAUTH_X(name, number, word, prose)                                  \
    ra_verdict_deny(&world.verdict, name, "%s", word);                         \
    assert_int_equal(world.verdict.reason, name);                              \
    assert_string_equal(world.verdict.why, word);                              \
    assert_int_equal(world.verdict.decision,                                   \
                     name == ROLEAUTH_REASON_UNAVAILABLE ||                    \
                             name == ROLEAUTH_REASON_INTERNAL ||               \
                             name == ROLEAUTH_REASON_OK                        \
                         ? ROLEAUTH_ERROR                                      \
                         : ROLEAUTH_REJECT);
    ROLEAUTH_REASONS(ROLEAUTH_X)
#undef ROLEAUTH_X
    ra_verdict_deny(&world.verdict, ROLEAUTH_REASON_CANCELLED, NULL);
    assert_string_equal(world.verdict.why, "");
    ra_verdict_deny(&world.verdict, ROLEAUTH_REASON_CANCELLED, "%0500d", 1);
    assert_true(strlen(world.verdict.why) < sizeof(world.verdict.why));
}

/* Attempts that end as a list of letters says: w wrong, e end, ? nonsense;
 * p asks first. */
struct plan {
    const char *steps;
    unsigned made;
};

static enum ra_try follow(void *data, struct ra_verdict *verdict)
{
    struct plan *plan = data;
    char step = plan->steps[plan->made++];
    bool unusable;

    if (step == 'p') {
        (void)ra_ask_password(&world.check, verdict, &unusable);
        return RA_TRY_WRONG;
    }
    if (step == 'w')
        return RA_TRY_WRONG;
    if (step != 'e')
        return (enum ra_try)0;
    verdict->reason = ROLEAUTH_REASON_OK;
    verdict->decision = ROLEAUTH_ACCEPT;
    return RA_TRY_END;
}

static void the_loop_ends_as_it_must(void **state)
{
    static const struct {
        const char *steps;
        unsigned tries, made;
        roleauth_decision decision;
        roleauth_reason reason;
        size_t retries;
    } cases[] = {
        {"e", 3, 1, ROLEAUTH_ACCEPT, ROLEAUTH_REASON_OK, 0},
        {"we", 3, 2, ROLEAUTH_ACCEPT, ROLEAUTH_REASON_OK, 1},
        {"wwe", 3, 3, ROLEAUTH_ACCEPT, ROLEAUTH_REASON_OK, 2},
        {"wwwe", 3, 3, ROLEAUTH_REJECT, ROLEAUTH_REASON_WRONG_PASSWORD, 2},
        {"we", 1, 1, ROLEAUTH_REJECT, ROLEAUTH_REASON_WRONG_PASSWORD, 0},
        {"w?e", 3, 2, ROLEAUTH_ERROR, ROLEAUTH_REASON_INTERNAL, 1},
        {"?", 3, 1, ROLEAUTH_ERROR, ROLEAUTH_REASON_INTERNAL, 0},
        {"e", 0, 0, ROLEAUTH_REJECT, ROLEAUTH_REASON_WRONG_PASSWORD, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plan plan = {cases[i].steps, 0};
        size_t shown = roleauth_script_count(world.script);

        ra_verdict_init(&world.verdict);
        world.check.tries = cases[i].tries;
        ra_run_tries(&world.check, follow, &plan, &world.verdict);
        assert_int_equal(plan.made, cases[i].made);
        assert_int_equal(world.verdict.decision, cases[i].decision);
        assert_int_equal(world.verdict.reason, cases[i].reason);
        assert_int_equal(roleauth_script_count(world.script) - shown,
                         cases[i].retries);
        if (cases[i].retries > 0) {
            roleauth_style style;

            assert_string_equal(
                roleauth_script_text(world.script, shown, &style), "Again.");
            assert_int_equal(style, ROLEAUTH_SHOW_ERROR);
        }
    }
}

static void a_prompt_is_a_challenge(void **state)
{
    struct plan asked = {"p", 0}, silent = {"w", 0};

    (void)state;
    assert_int_equal(roleauth_script_type(world.script, "x"), 0);
    world.check.tries = 1;
    ra_run_tries(&world.check, follow, &silent, &world.verdict);
    assert_false(world.verdict.challenged);
    ra_run_tries(&world.check, follow, &asked, &world.verdict);
    assert_true(world.verdict.challenged);
}

static void a_password_is_asked_hidden_and_counted(void **state)
{
    roleauth_style style;
    bool unusable = true;
    const char *reply;

    (void)state;
    assert_int_equal(roleauth_script_type(world.script, "pw"), 0);
    assert_int_equal(roleauth_script_type(world.script, ""), 0);
    reply = ra_ask_password(&world.check, &world.verdict, &unusable);
    assert_string_equal(reply, "pw");
    assert_false(unusable);
    assert_int_equal(world.verdict.attempts, 1);
    assert_string_equal(roleauth_script_text(world.script, 0, &style),
                        "Password:");
    assert_int_equal(style, ROLEAUTH_PROMPT_SECRET);
    reply = ra_ask_password(&world.check, &world.verdict, &unusable);
    assert_string_equal(reply, "");
    assert_int_equal(world.verdict.attempts, 2);
}

static void an_unusable_answer_is_an_attempt(void **state)
{
    char text[ROLEAUTH_MAX_PASSWORD + 2];
    bool unusable = false;

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(roleauth_script_type(world.script, text), 0);
    assert_null(ra_ask_password(&world.check, &world.verdict, &unusable));
    assert_true(unusable);
    assert_int_equal(world.verdict.attempts, 1);
}

static void no_answer_ends_the_method(void **state)
{
    static const struct {
        roleauth_answer answer;
        roleauth_reason reason;
        roleauth_decision decision;
    } cases[] = {
        {ROLEAUTH_ANSWER_CANCELLED, ROLEAUTH_REASON_CANCELLED, ROLEAUTH_REJECT},
        {ROLEAUTH_ANSWER_TIMEOUT, ROLEAUTH_REASON_TIMEOUT, ROLEAUTH_REJECT},
        {ROLEAUTH_ANSWER_NOBODY, ROLEAUTH_REASON_PROMPT_NEEDED,
         ROLEAUTH_REJECT},
        {ROLEAUTH_ANSWER_FAILED, ROLEAUTH_REASON_UNAVAILABLE, ROLEAUTH_ERROR},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool unusable = true;

        assert_int_equal(roleauth_script_fail(world.script, cases[i].answer),
                         0);
        assert_null(ra_ask_password(&world.check, &world.verdict, &unusable));
        assert_false(unusable);
        assert_int_equal(world.verdict.reason, cases[i].reason);
        assert_int_equal(world.verdict.decision, cases[i].decision);
        assert_int_equal(world.verdict.attempts, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(a_verdict_starts_as_an_error),
        TEST(wiping_takes_the_account_away),
        TEST(denials_are_rejects_or_errors),
        TEST(the_loop_ends_as_it_must),
        TEST(a_prompt_is_a_challenge),
        TEST(a_password_is_asked_hidden_and_counted),
        TEST(an_unusable_answer_is_an_attempt),
        TEST(no_answer_ends_the_method),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

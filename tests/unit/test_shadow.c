/* SPDX-License-Identifier: MIT */
#include "support/auth_fixture.h"

#include <limits.h>

/* A user whose password is "right". */
static roleauth_account *begin(struct fixture *f)
{
    fixture_begin(f);
    assert_int_equal(roleauth_fake_users_add(f->users, "alice", 1001, "right"),
                     0);
    return roleauth_fake_users_get(f->users, "alice");
}

static void run(struct fixture *f)
{
    ra_check_shadow(&f->check, &f->verdict);
}

static void test_right(void **state)
{
    struct fixture f;
    const roleauth_account *account = begin(&f);

    (void)state;
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    assert_int_equal(f.verdict.attempts, 1);
    assert_true(f.verdict.challenged);
    assert_true(f.verdict.has_account);
    assert_int_equal(f.verdict.account.uid, 1001);
    assert_string_equal(f.verdict.account.hash, account->hash);
    assert_string_equal(roleauth_script_text(f.script, 0, NULL),
                        "Password for alice: ");
    assert_int_equal(roleauth_script_count(f.script), 1);
    fixture_end(&f);
}

static void test_right_at_last(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    fixture_type(&f, "wrong");
    fixture_type(&f, "");
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    assert_int_equal(f.verdict.attempts, 3);
    assert_string_equal(roleauth_script_text(f.script, 1, NULL),
                        "Sorry, try again.");
    assert_int_equal(roleauth_script_count(f.script), 5);
    fixture_end(&f);
}

static void test_all_wrong(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    for (int i = 0; i < 4; i++)
        fixture_type(&f, "wrong");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_int_equal(f.verdict.attempts, 3);
    assert_int_equal(roleauth_script_prompts(f.script), 3);
    fixture_end(&f);
}

static void test_no_answer(void **state)
{
    static const struct {
        roleauth_answer answer;
        roleauth_reason reason;
    } cases[] = {
        {ROLEAUTH_ANSWER_CANCELLED, ROLEAUTH_REASON_CANCELLED},
        {ROLEAUTH_ANSWER_TIMEOUT, ROLEAUTH_REASON_TIMEOUT},
        {ROLEAUTH_ANSWER_NOBODY, ROLEAUTH_REASON_PROMPT_NEEDED},
        {ROLEAUTH_ANSWER_FAILED, ROLEAUTH_REASON_UNAVAILABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;

        begin(&f);
        fixture_type(&f, "wrong");
        assert_int_equal(roleauth_script_fail(f.script, cases[i].answer), 0);
        fixture_type(&f, "right");
        run(&f);
        assert_denied(&f, cases[i].reason);
        assert_int_equal(f.verdict.attempts, 1);
        fixture_end(&f);
    }
}

static void test_too_long(void **state)
{
    struct fixture f;
    char longest[513];

    (void)state;
    memset(longest, 'x', 512);
    longest[512] = '\0';
    begin(&f);
    fixture_type(&f, longest);
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    assert_int_equal(f.verdict.attempts, 2);
    fixture_end(&f);
    longest[511] = '\0';
    fixture_begin(&f);
    assert_int_equal(roleauth_fake_users_add(f.users, "alice", 1, longest), 0);
    fixture_type(&f, longest);
    run(&f);
    assert_accepted(&f);
    fixture_end(&f);
}

/* Whoever has no password to check is asked as often as anybody. */
static void assert_like_wrong(struct fixture *f)
{
    fixture_type(f, "right");
    fixture_type(f, "");
    fixture_type(f, "*");
    run(f);
    assert_denied(f, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_int_equal(f->verdict.attempts, 3);
    assert_int_equal(roleauth_script_prompts(f->script), 3);
    assert_int_equal(roleauth_script_count(f->script), 5);
    assert_string_equal(f->verdict.why, "");
    fixture_end(f);
}

static void test_unknown_user(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    f.check.user = "mallory";
    assert_like_wrong(&f);
}

static void test_nothing_to_match(void **state)
{
    static const char *const fields[] = {"",   "*",    "!",  "!!",
                                         "!*", "x",    "*0", "!!*0",
                                         "$",  "*LK*", "!x", "$nosuch$a$b"};

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct fixture f;
        roleauth_account *account = begin(&f);

        f.check.tries = 1;
        memcpy(account->hash, fields[i], strlen(fields[i]) + 1);
        fixture_type(&f, i % 2 == 0 ? "" : "right");
        run(&f);
        assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
        assert_int_equal(roleauth_script_prompts(f.script), 1);
        fixture_end(&f);
    }
}

static void test_no_shadow_entry(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f)->has_shadow = 0;
    assert_like_wrong(&f);
}

static void lock(roleauth_account *account, const char *marks)
{
    size_t length = strlen(marks);

    memmove(account->hash + length, account->hash, strlen(account->hash) + 1);
    memcpy(account->hash, marks, length);
}

static void test_locked(void **state)
{
    struct fixture f;

    (void)state;
    for (int marks = 1; marks <= 2; marks++) {
        lock(begin(&f), marks == 1 ? "!" : "!!");
        fixture_type(&f, "wrong");
        fixture_type(&f, "right");
        fixture_type(&f, "right");
        run(&f);
        assert_denied(&f, ROLEAUTH_REASON_LOCKED);
        assert_int_equal(roleauth_script_prompts(f.script), 2);
        fixture_end(&f);
    }
    lock(begin(&f), "!");
    for (int i = 0; i < 3; i++)
        fixture_type(&f, "wrong");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
    fixture_end(&f);
    /* Another mark in front makes it no hash at all. */
    lock(begin(&f), "*");
    f.check.tries = 1;
    fixture_type(&f, "right");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
    fixture_end(&f);
}

static void test_des(void **state)
{
    static const char *const fields[] = {
        "abJnggxhB/yWI", "_J9..rasmBYk8r9AiWNc", "!abJnggxhB/yWI"};

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct fixture f;
        roleauth_account *account = begin(&f);

        memcpy(account->hash, fields[i], strlen(fields[i]) + 1);
        fixture_type(&f, "password");
        run(&f);
        assert_denied(&f, ROLEAUTH_REASON_UNAVAILABLE);
        assert_int_equal(f.verdict.attempts, 0);
        assert_string_not_equal(f.verdict.why, "");
        fixture_end(&f);
    }
}

static void test_unreadable(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    roleauth_fake_users_break(f.users, 1);
    fixture_type(&f, "right");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_UNAVAILABLE);
    assert_int_equal(roleauth_script_count(f.script), 0);
    assert_false(f.verdict.challenged);
    fixture_end(&f);
}

/* Today is day 0 of what the numbers are relative to; UNSET: -1. */
#define UNSET LONG_MAX

struct aging {
    long change, max, inactive, expire;
    roleauth_reason reason;
};

static const struct aging agings[] = {
    {-5, UNSET, UNSET, UNSET, ROLEAUTH_REASON_OK},
    /* The day of sp_expire itself counts. */
    {-5, UNSET, UNSET, 1, ROLEAUTH_REASON_OK},
    {-5, UNSET, UNSET, 0, ROLEAUTH_REASON_EXPIRED},
    {-5, UNSET, UNSET, -1, ROLEAUTH_REASON_EXPIRED},
    {-5, 5, UNSET, UNSET, ROLEAUTH_REASON_OK},
    {-5, 4, UNSET, UNSET, ROLEAUTH_REASON_PASSWORD_EXPIRED},
    {-5, 4, 100, UNSET, ROLEAUTH_REASON_PASSWORD_EXPIRED},
    {-5, 4, 0, UNSET, ROLEAUTH_REASON_PASSWORD_EXPIRED},
    {-5, 99999, 0, UNSET, ROLEAUTH_REASON_OK},
    {-5, 0, UNSET, UNSET, ROLEAUTH_REASON_PASSWORD_EXPIRED},
    {0, 0, UNSET, UNSET, ROLEAUTH_REASON_OK},
    /* In the future: the clock was wrong once. */
    {3, 1, UNSET, UNSET, ROLEAUTH_REASON_OK},
    {3, 1, UNSET, -1, ROLEAUTH_REASON_EXPIRED},
    /* Expired outranks a change that is due. */
    {-5, 1, 1, -1, ROLEAUTH_REASON_EXPIRED},
};

static void apply(const struct aging *aging, long today,
                  roleauth_account *account)
{
    account->last_change = today + aging->change;
    account->max_days = aging->max == UNSET ? -1 : aging->max;
    account->inactive_days = aging->inactive == UNSET ? -1 : aging->inactive;
    account->expire = aging->expire == UNSET ? -1 : today + aging->expire;
}

static void test_aging(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(agings) / sizeof(agings[0]); i++) {
        struct fixture f;
        roleauth_account *account = begin(&f), found;
        const char *fault;

        apply(&agings[i], fixture_today(&f), account);
        fixture_type(&f, "wrong");
        fixture_type(&f, "right");
        fixture_type(&f, "right");
        run(&f);
        fault = ra_recheck_account(&f.check, &found);
        if (agings[i].reason == ROLEAUTH_REASON_OK) {
            assert_accepted(&f);
            assert_null(fault);
        } else {
            assert_denied(&f, agings[i].reason);
            assert_non_null(fault);
        }
        /* A wrong password tells nothing of it, a right one ends it. */
        assert_int_equal(f.verdict.attempts, 2);
        fixture_end(&f);
    }
}

static void test_change_demanded(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f)->last_change = 0;
    fixture_type(&f, "right");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_PASSWORD_EXPIRED);
    fixture_end(&f);
    /* Day 0 of sp_expire is a date, not "never". */
    begin(&f)->expire = 0;
    fixture_type(&f, "right");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_EXPIRED);
    fixture_end(&f);
    /* Nonsense does not overflow into anything good. */
    begin(&f)->last_change = LONG_MIN;
    fixture_type(&f, "right");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_PASSWORD_EXPIRED);
    fixture_end(&f);
}

static void break_clock(void *data)
{
    roleauth_virtual_clock *virtual_clock = data;

    virtual_clock->broken = 1;
}

static void test_no_clock(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    roleauth_script_before_answer(f.script, break_clock, &f.clock);
    fixture_type(&f, "right");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_UNAVAILABLE);
    fixture_end(&f);
}

static void test_recheck(void **state)
{
    struct fixture f;
    roleauth_account *account = begin(&f), found;

    (void)state;
    assert_null(ra_recheck_account(&f.check, &found));
    assert_int_equal(found.uid, 1001);
    assert_string_equal(found.hash, account->hash);
    lock(account, "!");
    assert_non_null(ra_recheck_account(&f.check, &found));
    f.check.service = "sudo";
    assert_non_null(ra_recheck_account(&f.check, &found));
    memcpy(account->hash, "*", 2);
    assert_null(ra_recheck_account(&f.check, &found));
    f.check.service = NULL;
    assert_non_null(ra_recheck_account(&f.check, &found));
    account->has_shadow = 0;
    assert_non_null(ra_recheck_account(&f.check, &found));
    f.check.service = "sudo";
    assert_null(ra_recheck_account(&f.check, &found));
    roleauth_fake_users_remove(f.users, "alice");
    assert_null(ra_recheck_account(&f.check, &found));
    assert_int_equal(found.has_uid, 0);
    f.check.service = NULL;
    assert_non_null(ra_recheck_account(&f.check, &found));
    roleauth_fake_users_break(f.users, 1);
    assert_non_null(ra_recheck_account(&f.check, &found));
    f.check.service = "sudo";
    assert_non_null(ra_recheck_account(&f.check, &found));
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_right_at_last),
        cmocka_unit_test(test_all_wrong),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_unknown_user),
        cmocka_unit_test(test_nothing_to_match),
        cmocka_unit_test(test_no_shadow_entry),
        cmocka_unit_test(test_locked),
        cmocka_unit_test(test_des),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_aging),
        cmocka_unit_test(test_change_demanded),
        cmocka_unit_test(test_no_clock),
        cmocka_unit_test(test_recheck),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

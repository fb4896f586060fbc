/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <roleauth_testing.h>
#include <string.h>

#include "auth/auth.h"

/* Base64 of the SHA-256 of "abc". */
#define ABC "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#define DES "abJnggxhB/yWI"

static struct ra_verdict run(const char *passwd, unsigned tries,
                             const char *const *answers, size_t *prompts)
{
    roleauth_script *script = roleauth_script_new();
    roleauth_conversation conversation = roleauth_script_conversation(script);
    roleauth_virtual_clock clock;
    roleauth_clock seam = roleauth_virtual_clock_seam(&clock);
    struct ra_check check;
    struct ra_verdict verdict;

    roleauth_virtual_clock_init(&clock);
    memset(&check, 0, sizeof(check));
    check.passwd = passwd;
    check.prompt = "Password:";
    check.tries = tries;
    check.retry_message = "Again.";
    check.talk = ra_talk_new(&conversation, &seam, 0);
    for (; *answers != NULL; answers++)
        assert_int_equal(roleauth_script_type(script, *answers), 0);
    ra_verdict_init(&verdict);
    ra_check_string(&check, &verdict);
    *prompts = roleauth_script_prompts(script);
    ra_talk_free(&check.talk);
    roleauth_script_free(&script);
    return verdict;
}

static void assert_outcome(const char *passwd, unsigned tries,
                           const char *const *answers, roleauth_reason reason,
                           size_t expected)
{
    size_t prompts;
    struct ra_verdict verdict = run(passwd, tries, answers, &prompts);

    assert_int_equal(verdict.reason, reason);
    assert_int_equal(verdict.decision == ROLEAUTH_ACCEPT,
                     reason == ROLEAUTH_REASON_OK);
    assert_int_equal(prompts, expected);
    assert_false(verdict.has_account);
    assert_true(verdict.challenged || expected == 0 ||
                reason == ROLEAUTH_REASON_CANCELLED);
}

/* Answers, ended by NULL. */
#define LIST(...) ((const char *const[]){__VA_ARGS__})

static void the_right_password_accepts(void **state)
{
    (void)state;
    assert_outcome(ABC, 3, LIST("abc", NULL), ROLEAUTH_REASON_OK, 1);
    assert_outcome(ABC, 3, LIST("x", "", "abc", NULL), ROLEAUTH_REASON_OK, 3);
    assert_outcome(ABC, 1, LIST("abc", NULL), ROLEAUTH_REASON_OK, 1);
}

static void a_wrong_one_takes_a_try(void **state)
{
    (void)state;
    assert_outcome(ABC, 3, LIST("a", "ab", "abcd", "abc", NULL),
                   ROLEAUTH_REASON_WRONG_PASSWORD, 3);
    assert_outcome(ABC, 1, LIST("ABC", "abc", NULL),
                   ROLEAUTH_REASON_WRONG_PASSWORD, 1);
    assert_outcome(ABC, 2, LIST("", "", "abc", NULL),
                   ROLEAUTH_REASON_WRONG_PASSWORD, 2);
}

/* CVE-2022-43995 came of passwords of up to 8 bytes. */
static void every_short_length_is_its_own_password(void **state)
{
    char text[12] = "";

    (void)state;
    for (size_t length = 0; length < 10; length++) {
        char hash[ROLEAUTH_HASH_SIZE], longer[16] = "";

        memset(text, 'q', length);
        memcpy(longer, text, length);
        longer[length] = 'q';
        assert_int_equal(roleauth_password_hash(text, hash), 0);
        assert_outcome(hash, 1, LIST(text, NULL), ROLEAUTH_REASON_OK, 1);
        assert_outcome(hash, 1, LIST(longer, NULL),
                       ROLEAUTH_REASON_WRONG_PASSWORD, 1);
    }
}

static void the_longest_password_and_one_more(void **state)
{
    char text[ROLEAUTH_MAX_PASSWORD + 2];
    char hash[ROLEAUTH_HASH_SIZE];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[ROLEAUTH_MAX_PASSWORD] = '\0';
    assert_int_equal(roleauth_password_hash(text, hash), 0);
    assert_outcome(hash, 1, LIST(text, NULL), ROLEAUTH_REASON_OK, 1);
    text[ROLEAUTH_MAX_PASSWORD] = 'a';
    text[ROLEAUTH_MAX_PASSWORD + 1] = '\0';
    assert_outcome(hash, 1, LIST(text, NULL), ROLEAUTH_REASON_WRONG_PASSWORD,
                   1);
}

static void a_crypt_hash_is_verified(void **state)
{
    roleauth_fake_users *users = roleauth_fake_users_new();
    const char *hash;

    (void)state;
    assert_int_equal(roleauth_fake_users_add(users, "u", 1, "pw"), 0);
    hash = roleauth_fake_users_get(users, "u")->hash;
    assert_outcome(hash, 3, LIST("PW", "pw", NULL), ROLEAUTH_REASON_OK, 2);
    assert_outcome(hash, 1, LIST(hash, NULL), ROLEAUTH_REASON_WRONG_PASSWORD,
                   1);
    roleauth_fake_users_free(&users);
}

static void a_des_hash_is_refused(void **state)
{
    size_t prompts;
    struct ra_verdict verdict = run(DES, 3, LIST("x", "y", NULL), &prompts);

    (void)state;
    assert_int_equal(verdict.decision, ROLEAUTH_ERROR);
    assert_int_equal(verdict.reason, ROLEAUTH_REASON_UNAVAILABLE);
    assert_int_equal(prompts, 1);
    assert_string_not_equal(verdict.why, "");
}

static void the_end_of_input_cancels(void **state)
{
    (void)state;
    assert_outcome(ABC, 3, LIST(NULL), ROLEAUTH_REASON_CANCELLED, 1);
    assert_outcome(ABC, 3, LIST("x", NULL), ROLEAUTH_REASON_CANCELLED, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_password_accepts),
        cmocka_unit_test(a_wrong_one_takes_a_try),
        cmocka_unit_test(every_short_length_is_its_own_password),
        cmocka_unit_test(the_longest_password_and_one_more),
        cmocka_unit_test(a_crypt_hash_is_verified),
        cmocka_unit_test(a_des_hash_is_refused),
        cmocka_unit_test(the_end_of_input_cancels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

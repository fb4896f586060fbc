/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"

static roleauth_result *make(void)
{
    roleauth_result *result = ra_result_new("id-1");

    assert_non_null(result);
    return result;
}

static int distance(unsigned a, unsigned b)
{
    return __builtin_popcount(a ^ b);
}

static void decisions_are_far_apart_in_bits(void **state)
{
    static const unsigned values[] = {
        ROLEAUTH_ACCEPT, ROLEAUTH_REJECT, ROLEAUTH_ERROR, 0, 1, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        for (size_t j = 0; j < i; j++)
            if (values[i] > 1 && values[i] != UINT32_MAX)
                assert_true(distance(values[i], values[j]) >= 8);
    assert_true(distance(ROLEAUTH_ACCEPT, 0) >= 8);
    assert_true(distance(ROLEAUTH_ACCEPT, UINT32_MAX) >= 8);
}

static void a_result_starts_as_an_error(void **state)
{
    roleauth_result *result = make();

    (void)state;
    assert_int_equal(roleauth_result_accepted(result), 0);
    assert_int_equal(roleauth_result_decision(result), ROLEAUTH_ERROR);
    assert_int_equal(roleauth_result_reason(result), ROLEAUTH_REASON_INTERNAL);
    assert_string_equal(roleauth_result_id(result), "id-1");
    assert_null(roleauth_result_role(result));
    assert_null(roleauth_result_message(result));
    assert_null(roleauth_result_reject_message(result));
    assert_int_equal(roleauth_result_method_count(result), 0);
    assert_int_equal(roleauth_result_variable_count(result), 0);
    assert_int_equal(roleauth_result_note_count(result), 0);
    roleauth_result_free(&result);
    assert_null(result);
    roleauth_result_free(&result);
    roleauth_result_free(NULL);
}

static void ids_are_random_when_none_is_given(void **state)
{
    roleauth_result *a = ra_result_new(NULL), *b = ra_result_new(NULL);

    (void)state;
    assert_int_equal(strlen(roleauth_result_id(a)), 32);
    assert_int_equal(strspn(roleauth_result_id(a), "0123456789abcdef"), 32);
    assert_string_not_equal(roleauth_result_id(a), roleauth_result_id(b));
    roleauth_result_free(&a);
    roleauth_result_free(&b);
}

static const roleauth_reason reasons[] = {
#define ROLEAUTH_X(name, number, word, prose) name,
    ROLEAUTH_REASONS(ROLEAUTH_X)
#undef ROLEAUTH_X
};
#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

/* Every decision, known or not, with every reason. */
static void only_accept_with_ok_is_an_accept(void **state)
{
    static const unsigned decisions[] = {
        ROLEAUTH_ACCEPT, ROLEAUTH_REJECT,    ROLEAUTH_ERROR, 0, 1,
        UINT32_MAX,      ROLEAUTH_ACCEPT ^ 1};

    (void)state;
    for (size_t d = 0; d < sizeof(decisions) / sizeof(decisions[0]); d++)
        for (size_t r = 0; r < REASONS; r++) {
            roleauth_result *result = make();
            bool good = decisions[d] == ROLEAUTH_ACCEPT &&
                        reasons[r] == ROLEAUTH_REASON_OK;

            ra_result_add_variable(result, "runuser", "root");
            ra_result_decide(result, (roleauth_decision)decisions[d],
                             reasons[r]);
            assert_int_equal(roleauth_result_accepted(result), good);
            assert_int_equal(roleauth_result_variable_count(result), good);
            assert_int_equal(
                roleauth_result_reason(result) == ROLEAUTH_REASON_OK, good);
            if (!good)
                assert_null(roleauth_result_get(result, "runuser"));
            roleauth_result_free(&result);
        }
}

/* error is for unavailable and internal only. */
static void a_reject_keeps_its_reason(void **state)
{
    (void)state;
    for (size_t r = 0; r < REASONS; r++) {
        roleauth_result *result = make();
        bool error = reasons[r] == ROLEAUTH_REASON_UNAVAILABLE ||
                     reasons[r] == ROLEAUTH_REASON_INTERNAL ||
                     reasons[r] == ROLEAUTH_REASON_OK;

        ra_result_decide(result, ROLEAUTH_REJECT, reasons[r]);
        assert_int_equal(roleauth_result_decision(result),
                         error ? ROLEAUTH_ERROR : ROLEAUTH_REJECT);
        assert_int_equal(roleauth_result_reason(result),
                         reasons[r] == ROLEAUTH_REASON_OK
                             ? ROLEAUTH_REASON_INTERNAL
                             : reasons[r]);
        roleauth_result_free(&result);
    }
}

static void an_error_has_a_reason_of_errors(void **state)
{
    (void)state;
    for (size_t r = 0; r < REASONS; r++) {
        roleauth_result *result = make();

        ra_result_decide(result, ROLEAUTH_ERROR, reasons[r]);
        assert_int_equal(roleauth_result_decision(result), ROLEAUTH_ERROR);
        assert_int_equal(roleauth_result_reason(result),
                         reasons[r] == ROLEAUTH_REASON_UNAVAILABLE
                             ? ROLEAUTH_REASON_UNAVAILABLE
                             : ROLEAUTH_REASON_INTERNAL);
        roleauth_result_free(&result);
    }
}

static void an_incomplete_result_never_accepts(void **state)
{
    const roleauth_method_result done = {
        "getuserpasswd",    "alice", NULL, ROLEAUTH_ACCEPT,
        ROLEAUTH_REASON_OK, 0,       1};
    roleauth_result *result = make();

    (void)state;
    /* What there is no room for is as good as lost. */
    ra_result_set_method(result, ROLEAUTH_MAX_METHODS, &done);
    for (int i = 0; i < 2; i++) {
        ra_result_decide(result, ROLEAUTH_ACCEPT, ROLEAUTH_REASON_OK);
        assert_int_equal(roleauth_result_accepted(result), 0);
        assert_int_equal(roleauth_result_decision(result), ROLEAUTH_ERROR);
        assert_int_equal(roleauth_result_reason(result),
                         ROLEAUTH_REASON_INTERNAL);
    }
    roleauth_result_free(&result);
}

static void an_accept_can_be_undone(void **state)
{
    roleauth_result *result = make();
    const char *name = "x";

    (void)state;
    ra_result_add_variable(result, "a", "1");
    ra_result_decide(result, ROLEAUTH_ACCEPT, ROLEAUTH_REASON_OK);
    assert_int_equal(roleauth_result_accepted(result), 1);
    ra_result_decide(result, ROLEAUTH_ERROR, ROLEAUTH_REASON_UNAVAILABLE);
    assert_int_equal(roleauth_result_accepted(result), 0);
    assert_int_equal(roleauth_result_variable_count(result), 0);
    assert_null(roleauth_result_variable(result, 0, &name));
    assert_null(name);
    assert_int_equal(roleauth_result_reason(result),
                     ROLEAUTH_REASON_UNAVAILABLE);
    roleauth_result_free(&result);
}

static void everything_is_copied_and_in_order(void **state)
{
    roleauth_result *result = make();
    char text[] = "text";
    const roleauth_method_result done = {
        text, text, text, ROLEAUTH_REJECT, ROLEAUTH_REASON_WRONG_PASSWORD,
        1,    7};
    const roleauth_method_result *method;
    const char *name;

    (void)state;
    ra_result_set_role(result, text);
    ra_result_set_message(result, text);
    ra_result_set_reject_message(result, text);
    ra_result_set_method(result, 0, &done);
    ra_result_set_method(result, 1, &done);
    ra_result_set_method(result, 0, &done);
    ra_result_add_variable(result, text, text);
    ra_result_add_variable(result, "b", "2");
    ra_result_note(result, "%s %d", text, 1);
    ra_result_note(result, "second");
    memset(text, 'x', 4);
    ra_result_decide(result, ROLEAUTH_ACCEPT, ROLEAUTH_REASON_OK);
    assert_string_equal(roleauth_result_role(result), "text");
    assert_string_equal(roleauth_result_message(result), "text");
    assert_string_equal(roleauth_result_reject_message(result), "text");
    assert_int_equal(roleauth_result_method_count(result), 2);
    method = roleauth_result_method(result, 0);
    assert_string_equal(method->method, "text");
    assert_string_equal(method->user, "text");
    assert_string_equal(method->service, "text");
    assert_int_equal(method->cached, 1);
    assert_int_equal(method->attempts, 7);
    assert_null(roleauth_result_method(result, 2));
    assert_string_equal(roleauth_result_variable(result, 0, &name), "text");
    assert_string_equal(name, "text");
    assert_string_equal(roleauth_result_variable(result, 1, NULL), "2");
    assert_null(roleauth_result_variable(result, 2, NULL));
    assert_string_equal(roleauth_result_get(result, "b"), "2");
    assert_null(roleauth_result_get(result, "c"));
    assert_null(roleauth_result_get(result, NULL));
    assert_int_equal(roleauth_result_note_count(result), 2);
    assert_string_equal(roleauth_result_note(result, 0), "text 1");
    assert_string_equal(roleauth_result_note(result, 1), "second");
    assert_null(roleauth_result_note(result, 2));
    ra_result_set_message(result, NULL);
    assert_null(roleauth_result_message(result));
    roleauth_result_free(&result);
}

static void no_result_is_no_accept(void **state)
{
    (void)state;
    assert_int_equal(roleauth_result_accepted(NULL), 0);
    assert_int_equal(roleauth_result_decision(NULL), ROLEAUTH_ERROR);
    assert_int_equal(roleauth_result_reason(NULL), ROLEAUTH_REASON_INTERNAL);
    assert_null(roleauth_result_role(NULL));
    assert_null(roleauth_result_message(NULL));
    assert_null(roleauth_result_reject_message(NULL));
    assert_null(roleauth_result_id(NULL));
    assert_int_equal(roleauth_result_method_count(NULL), 0);
    assert_null(roleauth_result_method(NULL, 0));
    assert_int_equal(roleauth_result_variable_count(NULL), 0);
    assert_null(roleauth_result_variable(NULL, 0, NULL));
    assert_null(roleauth_result_get(NULL, "a"));
    assert_int_equal(roleauth_result_note_count(NULL), 0);
    assert_null(roleauth_result_note(NULL, 0));
    assert_null(roleauth_result_json(NULL));
}

static void the_words_are_stable(void **state)
{
    static const char *const words[] = {
        "internal",         "ok",
        "role-action",      "no-matching-role",
        "wrong-password",   "cancelled",
        "timeout",          "prompt-needed",
        "no-challenge",     "account-locked",
        "account-expired",  "account-denied",
        "password-expired", "undefined-variable",
        "bad-attribute",    "unavailable"};

    (void)state;
    assert_int_equal(REASONS, sizeof(words) / sizeof(words[0]));
    for (size_t i = 0; i < REASONS; i++) {
        assert_int_equal(reasons[i], i);
        assert_string_equal(roleauth_reason_word(reasons[i]), words[i]);
    }
    assert_string_equal(roleauth_reason_word((roleauth_reason)99), "internal");
    assert_string_equal(roleauth_decision_word(ROLEAUTH_ACCEPT), "accept");
    assert_string_equal(roleauth_decision_word(ROLEAUTH_REJECT), "reject");
    assert_string_equal(roleauth_decision_word(ROLEAUTH_ERROR), "error");
    assert_string_equal(roleauth_decision_word((roleauth_decision)0), "error");
}

static void assert_json(const roleauth_result *result, const char *expected)
{
    char *json = roleauth_result_json(result);

    assert_non_null(json);
    assert_string_equal(json, expected);
    free(json);
}

/* The line of roleauth(1) for eval --json. */
static void the_json_of_an_accept(void **state)
{
    const roleauth_method_result done = {
        "getuserpasswd",    "alice", NULL, ROLEAUTH_ACCEPT,
        ROLEAUTH_REASON_OK, 0,       1};
    roleauth_result *result = make();

    (void)state;
    ra_result_set_role(result, "dba");
    ra_result_set_method(result, 0, &done);
    ra_result_add_variable(result, "runconfirmuser", "alice");
    ra_result_decide(result, ROLEAUTH_ACCEPT, ROLEAUTH_REASON_OK);
    assert_json(result,
                "{\"decision\":\"accept\",\"reason\":\"ok\",\"role\":\"dba\","
                "\"message\":null,\"reject_message\":null,\"methods\":[{"
                "\"method\":\"getuserpasswd\",\"user\":\"alice\",\"service\":"
                "null,\"result\":\"accept\",\"cached\":false,\"attempts\":1}],"
                "\"variables\":{\"runconfirmuser\":\"alice\"},\"notes\":[]}");
    roleauth_result_free(&result);
}

static void the_json_of_a_reject(void **state)
{
    const roleauth_method_result done = {
        "getuserpasswdpam",        "bob", "sshd", ROLEAUTH_REJECT,
        ROLEAUTH_REASON_CANCELLED, 1,     2};
    roleauth_result *result = make();

    (void)state;
    ra_result_set_message(result, "No \"way\"\n");
    ra_result_set_reject_message(result, "r");
    ra_result_set_method(result, 0, &done);
    ra_result_add_variable(result, "a", "1");
    ra_result_note(result, "note");
    ra_result_decide(result, ROLEAUTH_REJECT, ROLEAUTH_REASON_CANCELLED);
    assert_json(result,
                "{\"decision\":\"reject\",\"reason\":\"cancelled\",\"role\":"
                "null,\"message\":\"No \\\"way\\\"\\n\",\"reject_message\":"
                "\"r\",\"methods\":[{\"method\":\"getuserpasswdpam\",\"user\":"
                "\"bob\",\"service\":\"sshd\",\"result\":\"reject\",\"cached\":"
                "true,\"attempts\":2}],\"variables\":{},\"notes\":[\"note\"]}");
    roleauth_result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_are_far_apart_in_bits),
        cmocka_unit_test(a_result_starts_as_an_error),
        cmocka_unit_test(ids_are_random_when_none_is_given),
        cmocka_unit_test(only_accept_with_ok_is_an_accept),
        cmocka_unit_test(a_reject_keeps_its_reason),
        cmocka_unit_test(an_error_has_a_reason_of_errors),
        cmocka_unit_test(an_incomplete_result_never_accepts),
        cmocka_unit_test(an_accept_can_be_undone),
        cmocka_unit_test(everything_is_copied_and_in_order),
        cmocka_unit_test(no_result_is_no_accept),
        cmocka_unit_test(the_words_are_stable),
        cmocka_unit_test(the_json_of_an_accept),
        cmocka_unit_test(the_json_of_a_reject),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

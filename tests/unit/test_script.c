/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <roleauth_testing.h>
#include <string.h>

static void called(void *data)
{
    unsigned *count = data;

    (*count)++;
}

static roleauth_answer ask(roleauth_script *script, const char *text,
                           char *reply, size_t size, size_t *length)
{
    roleauth_conversation conversation = roleauth_script_conversation(script);
    roleauth_prompt prompt = {ROLEAUTH_PROMPT_SECRET, text, reply, size, 77};
    roleauth_answer answer =
        conversation.converse(conversation.data, &prompt, 1, 0);

    *length = prompt.reply_length;
    return answer;
}

static void answers_come_in_order_and_run_out(void **state)
{
    roleauth_script *script = roleauth_script_new();
    char reply[16];
    size_t length;

    (void)state;
    assert_int_equal(roleauth_script_type(script, "first"), 0);
    assert_int_equal(roleauth_script_fail(script, ROLEAUTH_ANSWER_TIMEOUT), 0);
    assert_int_equal(roleauth_script_type(script, ""), 0);
    assert_int_equal(ask(script, "1?", reply, 16, &length), ROLEAUTH_ANSWERED);
    assert_string_equal(reply, "first");
    assert_int_equal(length, 5);
    assert_int_equal(ask(script, "2?", reply, 16, &length),
                     ROLEAUTH_ANSWER_TIMEOUT);
    assert_int_equal(ask(script, "3?", reply, 16, &length), ROLEAUTH_ANSWERED);
    assert_string_equal(reply, "");
    assert_int_equal(length, 0);
    assert_int_equal(ask(script, "4?", reply, 16, &length),
                     ROLEAUTH_ANSWER_CANCELLED);
    assert_int_equal(roleauth_script_count(script), 4);
    assert_int_equal(roleauth_script_prompts(script), 4);
    roleauth_script_free(&script);
    assert_null(script);
    roleauth_script_free(&script);
    roleauth_script_free(NULL);
}

static void an_answer_that_does_not_fit_is_unusable(void **state)
{
    roleauth_script *script = roleauth_script_new();
    char reply[8];
    size_t length;

    (void)state;
    assert_int_equal(roleauth_script_type(script, "1234567"), 0);
    assert_int_equal(roleauth_script_type(script, "12345678"), 0);
    assert_int_equal(ask(script, "?", reply, 8, &length), ROLEAUTH_ANSWERED);
    assert_string_equal(reply, "1234567");
    assert_int_equal(ask(script, "?", reply, 8, &length), ROLEAUTH_ANSWERED);
    assert_true(length == ROLEAUTH_REPLY_UNUSABLE);
    roleauth_script_free(&script);
}

static void what_was_shown_is_kept(void **state)
{
    roleauth_script *script = roleauth_script_new();
    roleauth_conversation conversation = roleauth_script_conversation(script);
    char text[] = "info", reply[8];
    roleauth_prompt prompts[3] = {
        {ROLEAUTH_SHOW_INFO, text, NULL, 0, 0},
        {ROLEAUTH_PROMPT_VISIBLE, "name?", reply, sizeof(reply), 0},
        {ROLEAUTH_SHOW_ERROR, "error", NULL, 0, 0},
    };
    roleauth_style style;

    (void)state;
    assert_int_equal(roleauth_script_type(script, "x"), 0);
    assert_int_equal(conversation.converse(conversation.data, prompts, 3, 9),
                     ROLEAUTH_ANSWERED);
    memset(text, '#', 4);
    assert_int_equal(roleauth_script_count(script), 3);
    assert_int_equal(roleauth_script_prompts(script), 1);
    assert_string_equal(roleauth_script_text(script, 0, &style), "info");
    assert_int_equal(style, ROLEAUTH_SHOW_INFO);
    assert_string_equal(roleauth_script_text(script, 1, &style), "name?");
    assert_int_equal(style, ROLEAUTH_PROMPT_VISIBLE);
    assert_string_equal(roleauth_script_text(script, 2, NULL), "error");
    assert_null(roleauth_script_text(script, 3, &style));
    roleauth_script_free(&script);
}

static void it_calls_back_once_before_a_prompt(void **state)
{
    roleauth_script *script = roleauth_script_new();
    roleauth_conversation conversation = roleauth_script_conversation(script);
    roleauth_prompt show = {ROLEAUTH_SHOW_INFO, "x", NULL, 0, 0};
    unsigned count = 0;
    char reply[8];
    size_t length;

    (void)state;
    assert_int_equal(roleauth_script_type(script, "a"), 0);
    assert_int_equal(roleauth_script_type(script, "b"), 0);
    roleauth_script_before_answer(script, called, &count);
    (void)conversation.converse(conversation.data, &show, 1, 0);
    assert_int_equal(count, 0);
    (void)ask(script, "?", reply, 8, &length);
    assert_int_equal(count, 1);
    (void)ask(script, "?", reply, 8, &length);
    assert_int_equal(count, 1);
    roleauth_script_before_answer(script, called, &count);
    roleauth_script_before_answer(script, NULL, NULL);
    (void)ask(script, "?", reply, 8, &length);
    assert_int_equal(count, 1);
    roleauth_script_free(&script);
}

static void finishes_are_counted(void **state)
{
    roleauth_script *script = roleauth_script_new();
    roleauth_conversation conversation = roleauth_script_conversation(script);

    (void)state;
    assert_int_equal(roleauth_script_finished(script), 0);
    conversation.finish(conversation.data);
    conversation.finish(conversation.data);
    assert_int_equal(roleauth_script_finished(script), 2);
    assert_null(conversation.release);
    roleauth_script_free(&script);
}

static void arguments_are_checked(void **state)
{
    roleauth_script *script = roleauth_script_new();

    (void)state;
    assert_int_equal(roleauth_script_type(NULL, "x"), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_script_type(script, NULL), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_script_fail(NULL, ROLEAUTH_ANSWER_TIMEOUT),
                     ROLEAUTH_E_ARGUMENT);
    roleauth_script_free(&script);
}

static void null_is_an_argument(void **state)
{
    const roleauth_conversation none = roleauth_script_conversation(NULL);
    roleauth_request *request = roleauth_request_new();
    roleauth_style style = ROLEAUTH_SHOW_INFO;
    unsigned count = 0;

    (void)state;
    roleauth_script_before_answer(NULL, called, &count);
    assert_int_equal(count, 0);
    assert_int_equal(roleauth_script_count(NULL), 0);
    assert_int_equal(roleauth_script_prompts(NULL), 0);
    assert_null(roleauth_script_text(NULL, 0, &style));
    assert_int_equal(roleauth_script_finished(NULL), 0);
    assert_null(none.converse);
    assert_null(none.finish);
    assert_null(none.data);
    /* So that a request does not take it. */
    assert_int_equal(roleauth_request_set_conversation(request, &none, NULL),
                     ROLEAUTH_E_ARGUMENT);
    roleauth_request_free(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_in_order_and_run_out),
        cmocka_unit_test(an_answer_that_does_not_fit_is_unusable),
        cmocka_unit_test(what_was_shown_is_kept),
        cmocka_unit_test(it_calls_back_once_before_a_prompt),
        cmocka_unit_test(finishes_are_counted),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(null_is_an_argument),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

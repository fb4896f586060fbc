/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <roleauth_testing.h>
#include <string.h>

#include "auth/request.h"

static int start(void **state)
{
    *state = roleauth_request_new();
    return *state != NULL ? 0 : -1;
}

static int end(void **state)
{
    roleauth_request *request = *state;

    roleauth_request_free(&request);
    assert_null(request);
    roleauth_request_free(&request);
    roleauth_request_free(NULL);
    return 0;
}

static void a_request_starts_empty(void **state)
{
    const roleauth_request *request = *state;

    assert_null(request->role);
    assert_null(request->scope);
    assert_null(request->id);
    assert_null(request->conversation.converse);
    assert_int_equal(request->records, ROLEAUTH_RECORDS_USE);
    assert_null(ra_vars_get(request->vars, "user", NULL));
}

static void variables_follow_their_rules(void **state)
{
    roleauth_request *request = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_origin origin;

    assert_int_equal(
        roleauth_request_set(request, ROLEAUTH_SERVER, "user", "alice", NULL),
        0);
    assert_int_equal(
        roleauth_request_set(request, ROLEAUTH_CLIENT, "user", "root", NULL),
        0);
    assert_string_equal(ra_vars_get(request->vars, "user", &origin), "alice");
    assert_int_equal(origin, ROLEAUTH_SERVER);
    assert_int_equal(ra_vars_dropped_count(request->vars), 1);
    assert_int_equal(
        roleauth_request_set(request, ROLEAUTH_CLIENT, "x", "1", NULL), 0);
    assert_string_equal(ra_vars_get(request->vars, "x", &origin), "1");
    assert_int_equal(origin, ROLEAUTH_CLIENT);
    assert_int_equal(
        roleauth_request_set(request, ROLEAUTH_SERVER, "1x", "1", &error),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(error.code, ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_request_set(request, ROLEAUTH_SERVER, NULL, "1", NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_request_set(request, ROLEAUTH_SERVER, "x", NULL, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_request_set(request, (roleauth_origin)2, "x", "1", NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_request_set(request, ROLEAUTH_SERVER, "x", "\xFF", NULL),
        ROLEAUTH_E_ARGUMENT);
}

static void texts_are_copied_replaced_and_taken_back(void **state)
{
    roleauth_request *request = *state;
    char text[] = "one";

    assert_int_equal(roleauth_request_set_role(request, text, NULL), 0);
    assert_int_equal(roleauth_request_set_scope(request, text, NULL), 0);
    assert_int_equal(roleauth_request_set_id(request, text, NULL), 0);
    text[0] = '#';
    assert_string_equal(request->role, "one");
    assert_string_equal(request->scope, "one");
    assert_string_equal(request->id, "one");
    assert_int_equal(roleauth_request_set_role(request, "two", NULL), 0);
    assert_string_equal(request->role, "two");
    assert_int_equal(roleauth_request_set_role(request, NULL, NULL), 0);
    assert_int_equal(roleauth_request_set_scope(request, NULL, NULL), 0);
    assert_int_equal(roleauth_request_set_id(request, NULL, NULL), 0);
    assert_null(request->role);
    assert_null(request->scope);
    assert_null(request->id);
}

static void an_empty_scope_is_refused(void **state)
{
    roleauth_request *request = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char text[ROLEAUTH_MAX_BINDING + 2];

    assert_int_equal(roleauth_request_set_scope(request, "tty1", NULL), 0);
    assert_int_equal(roleauth_request_set_scope(request, "", &error),
                     ROLEAUTH_E_ARGUMENT);
    assert_string_equal(request->scope, "tty1"); /* not widened */
    assert_int_equal(roleauth_request_set_scope(request, "\xC3", NULL),
                     ROLEAUTH_E_ARGUMENT);
    memset(text, 'a', sizeof(text));
    text[ROLEAUTH_MAX_BINDING + 1] = '\0';
    assert_int_equal(roleauth_request_set_scope(request, text, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_string_equal(request->scope, "tty1");
    text[ROLEAUTH_MAX_BINDING] = '\0';
    assert_int_equal(roleauth_request_set_scope(request, text, NULL), 0);
}

static void ids_are_printable(void **state)
{
    static const char *const bad[] = {"",         "a b",    "a\n",  "\x7f", " ",
                                      "\xC3\xBC", "\033[1", "a\tb", "\x80"};
    roleauth_request *request = *state;
    char text[130];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(roleauth_request_set_id(request, bad[i], NULL),
                         ROLEAUTH_E_ARGUMENT);
    memset(text, '~', sizeof(text));
    text[129] = '\0';
    assert_int_equal(roleauth_request_set_id(request, text, NULL),
                     ROLEAUTH_E_ARGUMENT);
    text[128] = '\0';
    assert_int_equal(roleauth_request_set_id(request, text, NULL), 0);
    assert_int_equal(roleauth_request_set_id(request, "!", NULL), 0);
}

static void a_role_has_a_name(void **state)
{
    roleauth_request *request = *state;

    assert_int_equal(roleauth_request_set_role(request, "", NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_null(request->role);
}

static void a_conversation_needs_its_function(void **state)
{
    roleauth_request *request = *state;
    roleauth_script *script = roleauth_script_new();
    roleauth_conversation conversation = roleauth_script_conversation(script);
    const roleauth_conversation empty = {NULL, NULL, NULL, NULL};

    assert_int_equal(
        roleauth_request_set_conversation(request, &conversation, NULL), 0);
    assert_ptr_equal(request->conversation.data, script);
    assert_int_equal(roleauth_request_set_conversation(request, &empty, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_ptr_equal(request->conversation.data, script);
    assert_int_equal(roleauth_request_set_conversation(request, NULL, NULL), 0);
    assert_null(request->conversation.converse);
    roleauth_script_free(&script);
}

static void records_are_used_in_three_ways(void **state)
{
    roleauth_request *request = *state;

    assert_int_equal(
        roleauth_request_set_records(request, ROLEAUTH_RECORDS_IGNORE, NULL),
        0);
    assert_int_equal(request->records, ROLEAUTH_RECORDS_IGNORE);
    assert_int_equal(
        roleauth_request_set_records(request, (roleauth_record_use)3, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_request_set_records(request, (roleauth_record_use)-1, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(request->records, ROLEAUTH_RECORDS_IGNORE);
    assert_int_equal(
        roleauth_request_set_records(request, ROLEAUTH_RECORDS_NO_UPDATE, NULL),
        0);
    assert_int_equal(request->records, ROLEAUTH_RECORDS_NO_UPDATE);
}

static void no_request_is_told(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    assert_int_equal(
        roleauth_request_set(NULL, ROLEAUTH_SERVER, "a", "b", &error),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(error.code, ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_request_set_role(NULL, "a", NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_request_set_scope(NULL, "a", NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_request_set_id(NULL, "a", NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_request_set_conversation(NULL, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_request_set_records(NULL, ROLEAUTH_RECORDS_USE, NULL),
        ROLEAUTH_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(a_request_starts_empty),
        TEST(variables_follow_their_rules),
        TEST(texts_are_copied_replaced_and_taken_back),
        TEST(an_empty_scope_is_refused),
        TEST(ids_are_printable),
        TEST(a_role_has_a_name),
        TEST(a_conversation_needs_its_function),
        TEST(records_are_used_in_three_ways),
        TEST(no_request_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* A unit test of a program that links the library: a fake PAM service, fake
 * accounts, a virtual clock, no root and no waiting. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <roleauth_testing.h>
#include <string.h>

static const char roles_text[] =
    "[{\"method\": \"getuserpasswdpam\", \"user\": \"%user%\","
    "  \"service\": \"door\", \"fname\": \"door\", \"period\": 60}]";

struct door {
    roleauth_context *context;
    roleauth_roles *roles;
    roleauth_fake_pam *pam;
    roleauth_fake_users *users;
    roleauth_virtual_clock clock;
};

static int set_up(void **state)
{
    static struct door door;
    roleauth_clock clock;
    roleauth_users users;
    roleauth_pam pam;
    roleauth_store store;

    memset(&door, 0, sizeof(door));
    *state = &door;
    door.context = roleauth_context_new();
    door.pam = roleauth_fake_pam_new();
    door.users = roleauth_fake_users_new();
    roleauth_virtual_clock_init(&door.clock);
    clock = roleauth_virtual_clock_seam(&door.clock);
    users = roleauth_fake_users_seam(door.users);
    pam = roleauth_fake_pam_seam(door.pam);
    /* A token first, then a password: two rounds. */
    return roleauth_fake_pam_add(door.pam, "door") ||
           roleauth_fake_pam_round(door.pam, "door", ROLEAUTH_PROMPT_VISIBLE,
                                   "Token: ", "123456") ||
           roleauth_fake_pam_round(door.pam, "door", ROLEAUTH_PROMPT_SECRET,
                                   "Password: ", "correct horse") ||
           roleauth_fake_users_add(door.users, "alice", 1000, "unused") ||
           roleauth_memory_store(&store) ||
           roleauth_context_set_store(door.context, &store, NULL) ||
           roleauth_context_set_clock(door.context, &clock, NULL) ||
           roleauth_context_set_users(door.context, &users, NULL) ||
           roleauth_context_set_pam(door.context, &pam, NULL) ||
           roleauth_context_clear_sinks(door.context, NULL) ||
           roleauth_roles_parse(&door.roles, "door", roles_text,
                                strlen(roles_text), NULL, NULL);
}

static int tear_down(void **state)
{
    struct door *door = *state;

    roleauth_context_free(&door->context);
    roleauth_roles_free(&door->roles);
    roleauth_fake_pam_free(&door->pam);
    roleauth_fake_users_free(&door->users);
    return 0;
}

/* Evaluates with these answers; returns the reason, *prompts how many were
 * asked. */
static roleauth_reason knock(struct door *door, const char *token,
                             const char *password, size_t *prompts)
{
    roleauth_script *script = roleauth_script_new();
    roleauth_conversation user = roleauth_script_conversation(script);
    roleauth_request *request = roleauth_request_new();
    roleauth_result *result = NULL;
    roleauth_reason reason;

    assert_int_equal(roleauth_script_type(script, token), 0);
    assert_int_equal(roleauth_script_type(script, password), 0);
    assert_int_equal(
        roleauth_request_set(request, ROLEAUTH_SERVER, "user", "alice", NULL),
        0);
    assert_int_equal(roleauth_request_set_conversation(request, &user, NULL),
                     0);
    assert_int_equal(
        roleauth_evaluate(door->context, door->roles, request, &result, NULL),
        0);
    reason = roleauth_result_reason(result);
    assert_int_equal(roleauth_result_accepted(result),
                     reason == ROLEAUTH_REASON_OK);
    *prompts = roleauth_script_prompts(script);
    roleauth_result_free(&result);
    roleauth_request_free(&request);
    roleauth_script_free(&script);
    return reason;
}

static void asks_once_in_a_minute(void **state)
{
    struct door *door = *state;
    size_t prompts;

    assert_int_equal(knock(door, "123456", "correct horse", &prompts),
                     ROLEAUTH_REASON_OK);
    assert_int_equal(prompts, 2);
    roleauth_virtual_clock_advance(&door->clock, 59);
    assert_int_equal(knock(door, "", "", &prompts), ROLEAUTH_REASON_OK);
    assert_int_equal(prompts, 0);
    roleauth_virtual_clock_advance(&door->clock, 2);
    assert_int_equal(knock(door, "123456", "wrong", &prompts),
                     ROLEAUTH_REASON_CANCELLED);
    assert_int_equal(prompts, 3); /* the second try found no more answers */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asks_once_in_a_minute, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

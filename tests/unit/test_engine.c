/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <security/pam_appl.h>

#include "support/world.h"

#define STRING "{'method':'getstringpasswd','passwd':'" WORLD_ABC "'}"
#define BOB "{'method':'getuserpasswd','user':'bob'}"
#define PAM "{'method':'getuserpasswdpam','user':'bob','service':'sudo'}"
#define SUBMIT "{'method':'submitconfirmuser','user':'bob'}"
#define SUBMITPAM                                                              \
    "{'method':'submitconfirmuserpam','user':'bob','service':'sudo'}"
#define AGAIN "|!Sorry, try again.|"

/* One Auth array, what is typed, and everything that comes of it. */
struct play {
    const char *roles;
    const char *answers;
    roleauth_reason reason;
    const char *transcript;
    const char *methods;
    const char *message;        /* NULL: none */
    const char *reject_message; /* NULL: none */
};

static void assert_text(const char *text, const char *expected)
{
    if (expected == NULL)
        assert_null(text);
    else
        assert_string_equal(text, expected);
}

static void run_play(struct world *world, const struct play *play)
{
    world_roles(world, play->roles);
    (void)world_run(world, play->answers);
    world_decided(world, play->reason);
    assert_string_equal(world_transcript(world), play->transcript);
    assert_string_equal(world_methods(world), play->methods);
    assert_text(roleauth_result_message(world->result), play->message);
    assert_text(roleauth_result_reject_message(world->result),
                play->reject_message);
    assert_int_equal(roleauth_script_finished(world->script), 1);
}

#define RUN_PLAYS(world, plays)                                                \
    for (size_t i = 0; i < sizeof(plays) / sizeof((plays)[0]); i++)            \
    run_play(world, &(plays)[i])

static void every_method_accepts_and_rejects(void **state)
{
    static const struct play plays[] = {
        {"[" STRING "]", "abc", ROLEAUTH_REASON_OK,
         "?Password:", "getstringpasswd=accept/1", NULL, NULL},
        {"[" STRING "]", "x|y|z|abc", ROLEAUTH_REASON_WRONG_PASSWORD,
         "?Password:" AGAIN "?Password:" AGAIN "?Password:",
         "getstringpasswd=reject/3", NULL, NULL},
        {"[" BOB "]", "x|bobpw", ROLEAUTH_REASON_OK,
         "?Password for bob: " AGAIN "?Password for bob: ",
         "getuserpasswd=accept/2", NULL, NULL},
        {"[" BOB "]", "||", ROLEAUTH_REASON_WRONG_PASSWORD,
         "?Password for bob: " AGAIN "?Password for bob: " AGAIN
         "?Password for bob: ",
         "getuserpasswd=reject/3", NULL, NULL},
        {"[" PAM "]", "pampw", ROLEAUTH_REASON_OK,
         "?Password: ", "getuserpasswdpam=accept/1", NULL, NULL},
        {"[" PAM "]", "x|x|x", ROLEAUTH_REASON_WRONG_PASSWORD,
         "?Password: " AGAIN "?Password: " AGAIN "?Password: ",
         "getuserpasswdpam=reject/3", NULL, NULL},
        {"[" SUBMIT "]", "bobpw", ROLEAUTH_REASON_OK,
         "?Enter password for bob: ", "submitconfirmuser=accept/1", NULL, NULL},
        {"[" SUBMIT "]", "x|x|x", ROLEAUTH_REASON_WRONG_PASSWORD,
         "?Enter password for bob: " AGAIN "?Enter password for bob: " AGAIN
         "?Enter password for bob: ",
         "submitconfirmuser=reject/3", NULL, NULL},
        {"[" SUBMITPAM "]", "pampw", ROLEAUTH_REASON_OK,
         "?Password: ", "submitconfirmuserpam=accept/1", NULL, NULL},
        {"[" SUBMITPAM "]", "x|pampw", ROLEAUTH_REASON_OK,
         "?Password: " AGAIN "?Password: ", "submitconfirmuserpam=accept/2",
         NULL, NULL},
    };
    struct world *world = *state;

    assert_int_equal(roleauth_context_set_number(world->context,
                                                 ROLEAUTH_SUBMIT_HOST_IS_LOCAL,
                                                 1, NULL),
                     0);
    RUN_PLAYS(world, plays);
}

static void a_submit_host_that_cannot_be_reached(void **state)
{
    static const struct play plays[] = {
        {"[" SUBMIT "]", "bobpw", ROLEAUTH_REASON_UNAVAILABLE, "",
         "submitconfirmuser=error/0", NULL, NULL},
        {"[" SUBMITPAM "]", "pampw", ROLEAUTH_REASON_UNAVAILABLE, "",
         "submitconfirmuserpam=error/0", NULL, NULL},
        {"[" STRING "," SUBMIT "]", "abc", ROLEAUTH_REASON_UNAVAILABLE,
         "?Password:", "getstringpasswd=accept/1 submitconfirmuser=error/0",
         NULL, NULL},
    };

    RUN_PLAYS(*state, plays);
}

static void methods_run_in_order_until_one_fails(void **state)
{
    static const struct play plays[] = {
        {"[" STRING "," BOB "," PAM "]", "abc|bobpw|pampw", ROLEAUTH_REASON_OK,
         "?Password:|?Password for bob: |?Password: ",
         "getstringpasswd=accept/1 getuserpasswd=accept/1 "
         "getuserpasswdpam=accept/1",
         NULL, NULL},
        {"[" BOB "," STRING "]", "bobpw|x|x|x", ROLEAUTH_REASON_WRONG_PASSWORD,
         "?Password for bob: |?Password:" AGAIN "?Password:" AGAIN "?Password:",
         "getuserpasswd=accept/1 getstringpasswd=reject/3", NULL, NULL},
        {"[" BOB "," STRING "]", "x|x|x|abc", ROLEAUTH_REASON_WRONG_PASSWORD,
         "?Password for bob: " AGAIN "?Password for bob: " AGAIN
         "?Password for bob: ",
         "getuserpasswd=reject/3", NULL, NULL},
        {"[" STRING "," STRING "]", "abc", ROLEAUTH_REASON_CANCELLED,
         "?Password:|?Password:",
         "getstringpasswd=accept/1 getstringpasswd=reject/0", NULL, NULL},
        {"[{'name':'r','auth':[]}]", NULL, ROLEAUTH_REASON_OK, "", "", NULL,
         NULL},
    };

    RUN_PLAYS(*state, plays);
}

static void tries_are_counted_exactly(void **state)
{
    static const struct play plays[] = {
        {"[{'method':'getstringpasswd','passwd':'" WORLD_ABC
         "','tries':1,'prompt':'PIN? '}]",
         "x|abc", ROLEAUTH_REASON_WRONG_PASSWORD, "?PIN? ",
         "getstringpasswd=reject/1", NULL, NULL},
        {"[{'method':'getuserpasswd','user':'bob','tries':2,'prompt':'P: '}]",
         "x|bobpw", ROLEAUTH_REASON_OK,
         "?P: " AGAIN "?P: ", "getuserpasswd=accept/2", NULL, NULL},
        {"[{'method':'getuserpasswd','user':'bob','tries':2,'prompt':'P: '}]",
         "|x|bobpw", ROLEAUTH_REASON_WRONG_PASSWORD,
         "?P: " AGAIN "?P: ", "getuserpasswd=reject/2", NULL, NULL},
    };
    struct world *world = *state;
    const roleauth_method_result *method;

    RUN_PLAYS(world, plays);
    world_roles(world, "[{'method':'getuserpasswd','user':'bob','tries':100}]");
    world_script(world);
    for (int i = 0; i < 101; i++)
        world_type(world, "x");
    method = roleauth_result_method(world_evaluate(world), 0);
    assert_int_equal(method->attempts, 100);
    assert_int_equal(roleauth_script_prompts(world->script), 100);
    assert_int_equal(roleauth_script_count(world->script), 199);
}

static void messages_are_shown_once(void **state)
{
    static const struct play plays[] = {
        {"[{'method':'getstringpasswd','passwd':'" WORLD_ABC
         "','message':'No.','rejectMessage':'r1'}]",
         "x|x|x", ROLEAUTH_REASON_WRONG_PASSWORD,
         "?Password:" AGAIN "?Password:" AGAIN "?Password:|!No.",
         "getstringpasswd=reject/3", "No.", "r1"},
        {"{'name':'r','message':'Of the role','auth':[" BOB "]}", NULL,
         ROLEAUTH_REASON_CANCELLED, "?Password for bob: |!Of the role",
         "getuserpasswd=reject/0", "Of the role", NULL},
        {"{'name':'r','message':'Of the role','auth':[{'method':"
         "'getuserpasswd','user':'bob','message':'Own','rejectMessage':'r2',"
         "'tries':1}]}",
         "x", ROLEAUTH_REASON_WRONG_PASSWORD, "?Password for bob: |!Own",
         "getuserpasswd=reject/1", "Own", "r2"},
        {"{'name':'r','message':'Welcome','auth':[{'method':'getuserpasswd',"
         "'user':'bob','message':'Own','rejectMessage':'r2'}]}",
         "bobpw", ROLEAUTH_REASON_OK, "?Password for bob: |-Welcome",
         "getuserpasswd=accept/1", "Welcome", NULL},
        {"{'name':'r','message':'Never','action':'R','auth':[" BOB "]}",
         "bobpw", ROLEAUTH_REASON_ROLE_ACTION, "!Never", "", "Never", NULL},
        {"{'name':'r','action':'R'}", NULL, ROLEAUTH_REASON_ROLE_ACTION, "", "",
         NULL, NULL},
        {"{'name':'r','message':'Open'}", NULL, ROLEAUTH_REASON_OK, "-Open", "",
         "Open", NULL},
    };

    RUN_PLAYS(*state, plays);
}

static void the_retry_message_is_the_configurations(void **state)
{
    static const struct play play = {
        "[" BOB "]",
        "x|bobpw",
        ROLEAUTH_REASON_OK,
        "?Password for bob: |!Noch einmal.|?Password for bob: ",
        "getuserpasswd=accept/2",
        NULL,
        NULL};
    struct world *world = *state;

    assert_int_equal(roleauth_context_set_text(world->context,
                                               ROLEAUTH_RETRY_MESSAGE,
                                               "Noch einmal.", NULL),
                     0);
    run_play(world, &play);
}

/* PAM in the place of shadow(5) asks with the method's own prompt. */
static void a_default_pam_service_stands_in_for_shadow(void **state)
{
    static const struct play plays[] = {
        {"[" BOB "]", "bobpw|pampw", ROLEAUTH_REASON_OK,
         "?Password for bob: " AGAIN "?Password for bob: ",
         "getuserpasswd=accept/2", NULL, NULL},
        {"[{'method':'getuserpasswd','user':'bob','prompt':'Own: '}]", "pampw",
         ROLEAUTH_REASON_OK, "?Own: ", "getuserpasswd=accept/1", NULL, NULL},
        {"[{'method':'getuserpasswdpam','user':'bob','service':'sudo',"
         "'prompt':'Before '}]",
         "pampw", ROLEAUTH_REASON_OK,
         "?Before Password: ", "getuserpasswdpam=accept/1", NULL, NULL},
    };
    struct world *world = *state;

    assert_int_equal(roleauth_context_set_text(
                         world->context, ROLEAUTH_PASSWD_SERVICE, "sudo", NULL),
                     0);
    run_play(world, &plays[0]);
    assert_string_equal(roleauth_result_method(world->result, 0)->service,
                        "sudo");
    RUN_PLAYS(world, plays);
}

static void pam_may_ask_and_show_as_it_likes(void **state)
{
    static const struct play play = {
        "[{'method':'getuserpasswdpam','user':'bob','service':'long',"
        "'prompt':'> '}]",
        "one|two|one|right",
        ROLEAUTH_REASON_OK,
        "-Hello|*> Token: |!Careful|?> PIN: " AGAIN
        "-Hello|*> Token: |!Careful|?> PIN: ",
        "getuserpasswdpam=accept/2",
        NULL,
        NULL};
    struct world *world = *state;

    assert_int_equal(roleauth_fake_pam_add(world->pam, "long"), 0);
    assert_int_equal(roleauth_fake_pam_round(world->pam, "long",
                                             ROLEAUTH_SHOW_INFO, "Hello", NULL),
                     0);
    assert_int_equal(roleauth_fake_pam_round(world->pam, "long",
                                             ROLEAUTH_PROMPT_VISIBLE,
                                             "Token: ", "one"),
                     0);
    assert_int_equal(roleauth_fake_pam_round(world->pam, "long",
                                             ROLEAUTH_SHOW_ERROR, "Careful",
                                             NULL),
                     0);
    assert_int_equal(roleauth_fake_pam_round(world->pam, "long",
                                             ROLEAUTH_PROMPT_SECRET,
                                             "PIN: ", "right"),
                     0);
    run_play(world, &play);
}

/* ---- every reason ---- */

static void reason_of_selection_and_action(void **state)
{
    static const struct play plays[] = {
        {"[{'name':'r','varmatch':{'user':'nobody'}}]", NULL,
         ROLEAUTH_REASON_NO_ROLE, "", "", NULL, NULL},
        {"[]", NULL, ROLEAUTH_REASON_NO_ROLE, "", "", NULL, NULL},
        {"[{'name':'r','disabled':1}]", NULL, ROLEAUTH_REASON_NO_ROLE, "", "",
         NULL, NULL},
        {"[{'name':'r','action':'R','auth':[" STRING "]}]", "abc",
         ROLEAUTH_REASON_ROLE_ACTION, "", "", NULL, NULL},
        {"[{'name':'r','script':'x.sh','auth':[" STRING "]}]", "abc",
         ROLEAUTH_REASON_UNAVAILABLE, "", "", NULL, NULL},
    };

    RUN_PLAYS(*state, plays);
}

static void reasons_of_the_conversation(void **state)
{
    static const struct {
        roleauth_answer answer;
        roleauth_reason reason;
    } cases[] = {
        {ROLEAUTH_ANSWER_CANCELLED, ROLEAUTH_REASON_CANCELLED},
        {ROLEAUTH_ANSWER_TIMEOUT, ROLEAUTH_REASON_TIMEOUT},
        {ROLEAUTH_ANSWER_NOBODY, ROLEAUTH_REASON_PROMPT_NEEDED},
        {ROLEAUTH_ANSWER_FAILED, ROLEAUTH_REASON_UNAVAILABLE},
        {(roleauth_answer)77, ROLEAUTH_REASON_UNAVAILABLE},
    };
    static const char *const roles[] = {"[" STRING "]", "[" BOB "]",
                                        "[" PAM "]"};
    struct world *world = *state;

    for (size_t r = 0; r < 3; r++)
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
            for (int before = 0; before < 3; before++) {
                world_roles(world, roles[r]);
                world_script(world);
                for (int k = 0; k < before; k++)
                    world_type(world, "wrong");
                assert_int_equal(
                    roleauth_script_fail(world->script, cases[i].answer), 0);
                world_type(world, "abc|bobpw|pampw");
                (void)world_evaluate(world);
                world_decided(world, cases[i].reason);
                assert_int_equal(
                    roleauth_result_method(world->result, 0)->attempts, before);
            }
}

static void nobody_to_ask_needs_a_prompt(void **state)
{
    static const char *const roles[] = {"[" STRING "]", "[" BOB "]",
                                        "[" PAM "]"};
    struct world *world = *state;

    for (size_t r = 0; r < 3; r++) {
        world_roles(world, roles[r]);
        world_request(world, "alice", "desk");
        (void)world_evaluate(world);
        world_decided(world, ROLEAUTH_REASON_PROMPT_NEEDED);
    }
    world_roles(world, "{'name':'r','message':'m'}");
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
}

static void reasons_of_shadow(void **state)
{
    struct world *world = *state;
    roleauth_account *bob = roleauth_fake_users_get(world->users, "bob");
    const roleauth_account good = *bob;

    world_roles(world, "[" BOB "]");
    (void)snprintf(bob->hash, sizeof(bob->hash), "!%.300s", good.hash);
    (void)world_run(world, "x|bobpw");
    world_decided(world, ROLEAUTH_REASON_LOCKED);
    *bob = good;
    bob->expire = 20600; /* 2026-05-27 */
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_EXPIRED);
    (void)world_run(world, "x|x|x"); /* the same for who does not know it */
    world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
    *bob = good;
    bob->last_change = 0;
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_PASSWORD_EXPIRED);
    *bob = good;
    bob->max_days = 90;
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_PASSWORD_EXPIRED);
    *bob = good;
    (void)snprintf(bob->hash, sizeof(bob->hash), "abJnggxhB/yWI");
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
    *bob = good;
    roleauth_fake_users_break(world->users, 1);
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
    assert_int_equal(roleauth_script_prompts(world->script), 0);
}

/* What they have for a password does not matter: no prompt is missing. */
static void accounts_that_no_password_opens(void **state)
{
    static const char *const fields[] = {"", "!", "*", "!!", "x", "*0", "*1"};
    struct world *world = *state;
    roleauth_account *bob = roleauth_fake_users_get(world->users, "bob");

    world_roles(world, "[{'method':'getuserpasswd','user':'bob','tries':1}]");
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        (void)snprintf(bob->hash, sizeof(bob->hash), "%s", fields[i]);
        for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++) {
            (void)world_run(world, fields[k]);
            world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
            assert_string_equal(world_transcript(world), "?Password for bob: ");
        }
    }
    roleauth_fake_users_remove(world->users, "bob");
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_string_equal(world_transcript(world), "?Password for bob: ");
}

static void reasons_of_pam(void **state)
{
    static const struct {
        int authenticate, account;
        roleauth_reason reason;
    } cases[] = {
        {PAM_SUCCESS, PAM_SUCCESS, ROLEAUTH_REASON_OK},
        {PAM_MAXTRIES, PAM_SUCCESS, ROLEAUTH_REASON_WRONG_PASSWORD},
        {PAM_AUTHINFO_UNAVAIL, PAM_SUCCESS, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_SYSTEM_ERR, PAM_SUCCESS, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_ABORT, PAM_SUCCESS, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_IGNORE, PAM_SUCCESS, ROLEAUTH_REASON_UNAVAILABLE},
        {-1, PAM_SUCCESS, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_SUCCESS, PAM_ACCT_EXPIRED, ROLEAUTH_REASON_EXPIRED},
        {PAM_SUCCESS, PAM_NEW_AUTHTOK_REQD, ROLEAUTH_REASON_PASSWORD_EXPIRED},
        {PAM_SUCCESS, PAM_AUTH_ERR, ROLEAUTH_REASON_DENIED},
        {PAM_SUCCESS, PAM_PERM_DENIED, ROLEAUTH_REASON_DENIED},
        {PAM_SUCCESS, PAM_USER_UNKNOWN, ROLEAUTH_REASON_DENIED},
        {PAM_SUCCESS, PAM_IGNORE, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_SUCCESS, PAM_SYSTEM_ERR, ROLEAUTH_REASON_UNAVAILABLE},
    };
    struct world *world = *state;

    world_roles(world, "[" PAM "]");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(roleauth_fake_pam_authenticates(world->pam, "sudo",
                                                         cases[i].authenticate),
                         0);
        assert_int_equal(
            roleauth_fake_pam_account(world->pam, "sudo", cases[i].account), 0);
        (void)world_run(world, "pampw");
        world_decided(world, cases[i].reason);
    }
    assert_int_equal(
        roleauth_fake_pam_authenticates(world->pam, "sudo", PAM_SUCCESS), 0);
    assert_int_equal(roleauth_fake_pam_account(world->pam, "sudo", PAM_SUCCESS),
                     0);
    assert_int_equal(roleauth_fake_pam_rename(world->pam, "sudo", "root"), 0);
    (void)world_run(world, "pampw");
    world_decided(world, ROLEAUTH_REASON_DENIED);
    world_roles(world, "[{'method':'getuserpasswdpam','user':'bob','service':"
                       "'none'}]");
    (void)world_run(world, "pampw");
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
    assert_int_equal(roleauth_script_prompts(world->script), 0);
}

static void a_success_without_a_challenge(void **state)
{
    struct world *world = *state;

    assert_int_equal(roleauth_fake_pam_add(world->pam, "permit"), 0);
    world_roles(world, "[{'method':'getuserpasswdpam','user':'bob','service':"
                       "'permit'}]");
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_NO_CHALLENGE);
    world_context(world);
    assert_int_equal(roleauth_context_set_number(
                         world->context, ROLEAUTH_ALLOW_NO_CHALLENGE, 1, NULL),
                     0);
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_non_null(strstr(world_notes(world), "without a challenge"));
}

static void reasons_of_templates(void **state)
{
    static const struct {
        const char *roles;
        roleauth_reason reason;
    } cases[] = {
        {"[" STRING ",{'method':'getuserpasswd','user':'%nosuch%'}]",
         ROLEAUTH_REASON_UNDEFINED},
        {"[" STRING ",{'method':'getuserpasswd','user':'bob','prompt':"
         "'%nosuch%'}]",
         ROLEAUTH_REASON_UNDEFINED},
        {"[" STRING ",{'method':'getuserpasswd','user':'bob','message':"
         "'%nosuch%'}]",
         ROLEAUTH_REASON_UNDEFINED},
        {"[" STRING ",{'method':'getuserpasswd','user':'bob',"
         "'rejectMessage':'%nosuch%'}]",
         ROLEAUTH_REASON_UNDEFINED},
        {"[" STRING ",{'method':'getuserpasswd','user':'bob','fname':"
         "'%nosuch%','period':5}]",
         ROLEAUTH_REASON_UNDEFINED},
        {"{'name':'r','message':'%nosuch%','auth':[" STRING "]}",
         ROLEAUTH_REASON_UNDEFINED},
        {"{'name':'r','variables':{'a':'%nosuch%'},'auth':[" STRING "]}",
         ROLEAUTH_REASON_UNDEFINED},
        /* A role's own variables are not the request's. */
        {"{'name':'r','variables':{'a':'1'},'message':'%a%','auth':[" STRING
         "]}",
         ROLEAUTH_REASON_UNDEFINED},
        {"[" STRING ",{'method':'getuserpasswd','user':'%theirs%'}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE},
        {"[" STRING ",{'method':'getuserpasswd','user':'b%theirs%'}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE},
        {"[" STRING ",{'method':'getuserpasswdpam','user':'bob','service':"
         "'%theirs%'}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE},
        {"[" STRING ",{'method':'getuserpasswd','user':'bob','fname':"
         "'%theirs%','period':5}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE},
        {"[" STRING ",{'method':'getuserpasswd','user':'%odd%'}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE},
        {"[" STRING ",{'method':'getuserpasswdpam','user':'bob','service':"
         "'%odd%'}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE},
        {"[" STRING ",{'method':'getuserpasswd','user':'%none%'}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        world_request(world, "alice", "desk");
        world_set(world, ROLEAUTH_CLIENT, "theirs", "bob");
        world_set(world, ROLEAUTH_SERVER, "odd", "../bob");
        world_set(world, ROLEAUTH_SERVER, "none", "");
        world_roles(world, cases[i].roles);
        (void)world_run(world, "abc|bobpw");
        world_decided(world, cases[i].reason);
        assert_int_equal(roleauth_script_count(world->script), 0);
        assert_int_equal(roleauth_result_method_count(world->result), 0);
        assert_string_not_equal(world_notes(world), "");
    }
}

static void an_internal_error_is_no_accept(void **state)
{
    struct world *world = *state;

    world_roles(world, "{'name':'r'}");
    world->clock.time.realtime.tv_sec = 253402300800; /* the year 10000 */
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_INTERNAL);
}

static void a_clock_that_fails_is_unavailable(void **state)
{
    struct world *world = *state;

    world_roles(world, "{'name':'r'}");
    world->clock.broken = 1;
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
    assert_non_null(strstr(world->event, "\"time\":null"));
}

static void break_clock(void *data)
{
    ((struct world *)data)->clock.broken = 1;
}

static void a_clock_that_fails_meanwhile_is_no_accept(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "," STRING "]");
    world_script(world);
    world_type(world, "bobpw|abc");
    roleauth_script_before_answer(world->script, break_clock, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
}

/* ---- selection, variables ---- */

static void the_first_role_that_matches_applies(void **state)
{
    struct world *world = *state;

    world_roles(world, "[{'name':'last','rorder':9},"
                       "{'name':'other','rorder':1,'varmatch':{'user':'b*'}},"
                       "{'name':'off','rorder':2,'disabled':1},"
                       "{'name':'mine','rorder':3,'varmatch':{'user':'a*',"
                       "'year':'202[678]','dayname':'Mon'}}]");
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_string_equal(roleauth_result_role(world->result), "mine");
    world_request(world, "bert", NULL);
    (void)world_run(world, NULL);
    assert_string_equal(roleauth_result_role(world->result), "other");
    world_request(world, "carl", NULL);
    (void)world_run(world, NULL);
    assert_string_equal(roleauth_result_role(world->result), "last");
}

static void a_role_is_taken_by_its_name(void **state)
{
    struct world *world = *state;

    world_roles(world, "[{'name':'a'},{'name':'b','varmatch':{'user':'nobody'},"
                       "'variables':{'x':'b'}},{'name':'off','disabled':1},"
                       "{'name':'wall','script':'x'}]");
    assert_int_equal(roleauth_request_set_role(world->request, "b", NULL), 0);
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_string_equal(roleauth_result_role(world->result), "b");
    assert_string_equal(roleauth_result_get(world->result, "x"), "b");
    assert_int_equal(roleauth_request_set_role(world->request, "c", NULL), 0);
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_NO_ROLE);
    assert_null(roleauth_result_role(world->result));
    assert_non_null(strstr(world_notes(world), "named c"));
    assert_int_equal(roleauth_request_set_role(world->request, "off", NULL), 0);
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_NO_ROLE);
    assert_int_equal(roleauth_request_set_role(world->request, "wall", NULL),
                     0);
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
}

/* A role that cannot be honoured is never skipped. */
static void a_barrier_ends_the_search(void **state)
{
    struct world *world = *state;

    world_roles(world, "[{'name':'wall','script':'x.sh','message':'m'},"
                       "{'name':'open'}]");
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
    assert_string_equal(roleauth_result_role(world->result), "wall");
    assert_non_null(strstr(world_notes(world), "wall"));
    assert_non_null(strstr(world_notes(world), "script"));
}

static void variables_come_with_an_accept(void **state)
{
    struct world *world = *state;
    const char *name;

    world_set(world, ROLEAUTH_CLIENT, "percent", "%user% %%");
    world_roles(world,
                "{'name':'r','auth':[" STRING "],'variables':{'z':"
                "'%user%@%submithost%','a':'100%%','p':'%percent%','e':''}}");
    (void)world_run(world, "abc");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_int_equal(roleauth_result_variable_count(world->result), 4);
    assert_string_equal(roleauth_result_variable(world->result, 0, &name),
                        "alice@desk");
    assert_string_equal(name, "z");
    assert_string_equal(roleauth_result_get(world->result, "a"), "100%");
    assert_string_equal(roleauth_result_get(world->result, "p"), "%user% %%");
    assert_string_equal(roleauth_result_get(world->result, "e"), "");
    (void)world_run(world, "x|x|x");
    world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_null(roleauth_result_get(world->result, "a"));
}

static void a_variable_cannot_speak_to_the_terminal(void **state)
{
    struct world *world = *state;

    world_set(world, ROLEAUTH_CLIENT, "why", "\033[2J\nRoot password:\x7f\\n");
    world_roles(world, "[{'method':'getuserpasswd','user':'bob','tries':1,"
                       "'prompt':'%why%: ','message':'No: %why%',"
                       "'rejectMessage':'r %why%'}]");
    (void)world_run(world, "x");
    world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_string_equal(world_transcript(world),
                        "?\\033[2J\\nRoot password:\\177\\\\n: |"
                        "!No: \\033[2J\\nRoot password:\\177\\\\n");
    assert_string_equal(roleauth_result_message(world->result),
                        "No: \\033[2J\\nRoot password:\\177\\\\n");
    assert_null(strpbrk(world->event, "\033\n\177"));
}

static void the_configuration_trusts_a_client_variable(void **state)
{
    struct world *world = *state;

    assert_int_equal(
        roleauth_context_trust_client(world->context, "target", NULL), 0);
    world_set(world, ROLEAUTH_CLIENT, "target", "bob");
    world_roles(world, "[{'method':'getuserpasswd','user':'%target%'}]");
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_string_equal(roleauth_result_method(world->result, 0)->user, "bob");
    world_request(world, "alice", "desk");
    world_set(world, ROLEAUTH_CLIENT, "target", "../bob");
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_BAD_ATTRIBUTE);
}

static void a_client_cannot_say_who_it_is(void **state)
{
    struct world *world = *state;

    world_set(world, ROLEAUTH_CLIENT, "user", "bob");
    world_set(world, ROLEAUTH_CLIENT, "year", "1999");
    world_set(world, ROLEAUTH_CLIENT, "runconfirmuser", "bob");
    world_roles(world, "[{'name':'bobs','varmatch':{'user':'bob'}},"
                       "{'name':'old','varmatch':{'year':'1999'}},"
                       "{'name':'run','varmatch':{'runconfirmuser':'*'}},"
                       "{'name':'rest','variables':{'u':'%user%'}}]");
    (void)world_run(world, NULL);
    assert_string_equal(roleauth_result_role(world->result), "rest");
    assert_string_equal(roleauth_result_get(world->result, "u"), "alice");
    assert_string_equal(
        world_notes(world),
        "client variable user is reserved and was dropped|client variable "
        "year is reserved and was dropped|client variable runconfirmuser is "
        "reserved and was dropped");
    assert_non_null(strstr(world->event, "was dropped"));
}

/* ---- events ---- */

static void the_event_tells_it_all(void **state)
{
    struct world *world = *state;

    assert_int_equal(roleauth_request_set_id(world->request, "id-7", NULL), 0);
    world_set(world, ROLEAUTH_SERVER, "runuser", "root");
    world_set(world, ROLEAUTH_SERVER, "runhost", "db1");
    world_roles(world, "{'name':'dba','auth':[{'method':'getuserpasswd','user':"
                       "'bob','tries':1,'message':'m','rejectMessage':'rm'}],"
                       "'variables':{'v':'1'}}");
    (void)world_run(world, "secretpw");
    assert_string_equal(
        world->event,
        "{\"time\":\"2026-06-01T12:00:00.000Z\",\"event\":\"evaluation\","
        "\"id\":\"id-7\",\"decision\":\"reject\",\"reason\":\"wrong-password\","
        "\"role\":\"dba\",\"message\":\"m\",\"reject_message\":\"rm\","
        "\"methods\":[{\"method\":\"getuserpasswd\",\"user\":\"bob\","
        "\"service\":null,\"result\":\"reject\",\"cached\":false,\"attempts\":"
        "1}],\"requester\":\"alice\",\"submithost\":\"desk\",\"runuser\":"
        "\"root\",\"runhost\":\"db1\",\"notes\":[]}");
    assert_string_equal(roleauth_result_id(world->result), "id-7");
    (void)world_run(world, "bobpw");
    assert_non_null(strstr(world->event, "\"decision\":\"accept\""));
    assert_null(strstr(world->event, "bobpw"));
}

static void an_accept_that_must_be_logged_and_is_not(void **state)
{
    struct world *world = *state;

    world->event_rc = -1;
    world_roles(world, "{'name':'r','message':'Welcome','auth':[" STRING "],"
                       "'variables':{'a':'1'}}");
    (void)world_run(world, "abc");
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
    assert_string_equal(world_transcript(world), "?Password:");
    assert_null(roleauth_result_message(world->result));
    assert_non_null(strstr(world_notes(world), "event"));
    (void)world_run(world, "x|x|x");
    world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
    world->event_rc = 0;
    (void)world_run(world, "abc");
    world_decided(world, ROLEAUTH_REASON_OK);
}

static void a_mandatory_sink_is_told_of_the_undone_accept(void **state)
{
    struct world *world = *state, other;

    memset(&other, 0, sizeof(other));
    other.event_rc = -1;
    assert_int_equal(
        roleauth_context_add_callback_sink(world->context, world_hear, &other,
                                           ROLEAUTH_MANDATORY, NULL),
        0);
    world_roles(world, "[" STRING "]");
    world_script(world);
    world_type(world, "abc");
    assert_int_equal(roleauth_evaluate(world->context, world->roles,
                                       world->request, &world->result, NULL),
                     0);
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
    assert_int_equal(world->events, 2);
    assert_non_null(strstr(world->event, "\"decision\":\"error\""));
    assert_non_null(strstr(world->event, roleauth_result_id(world->result)));
    free(other.event);
}

static void an_optional_sink_hears_of_the_undone_accept(void **state)
{
    struct world *world = *state, other;

    memset(&other, 0, sizeof(other));
    other.event_rc = -1; /* and its own failure decides nothing */
    assert_int_equal(
        roleauth_context_add_callback_sink(world->context, world_hear, &other,
                                           ROLEAUTH_OPTIONAL, NULL),
        0);
    world_roles(world, "[" STRING "]");
    (void)world_run(world, "abc");
    world_decided(world, ROLEAUTH_REASON_OK);
    world->event_rc = -1;
    (void)world_run(world, "abc");
    assert_int_equal(other.events, 2);
    assert_non_null(strstr(other.event, "\"decision\":\"error\""));
    free(other.event);
}

/* ---- the call itself ---- */

static void arguments_are_checked(void **state)
{
    struct world *world = *state;
    roleauth_result *result = (roleauth_result *)world;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    world_roles(world, "{'name':'r'}");
    assert_int_equal(
        roleauth_evaluate(NULL, world->roles, world->request, &result, &error),
        ROLEAUTH_E_ARGUMENT);
    assert_null(result);
    assert_int_equal(error.code, ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_evaluate(world->context, NULL, world->request, &result, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_evaluate(world->context, world->roles, NULL, &result, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_evaluate(world->context, world->roles,
                                       world->request, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(world->events, 0);
}

static void the_conversation_ends_with_the_evaluation(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" STRING "]");
    (void)world_run(world, "abc");
    assert_int_equal(roleauth_script_finished(world->script), 1);
    world_type(world, "abc");
    (void)world_evaluate(world);
    assert_int_equal(roleauth_script_finished(world->script), 2);
}

struct worker {
    struct world *world;
    int number;
    unsigned accepted, rejected, cached;
};

static int hear_safely(void *data, const char *line, size_t length)
{
    (void)line;
    (void)length;
    (void)__atomic_add_fetch((unsigned *)data, 1, __ATOMIC_SEQ_CST);
    return 0;
}

static void work_once(struct worker *worker, roleauth_request *request,
                      const char *user, const char *answer)
{
    roleauth_script *script = roleauth_script_new();
    roleauth_conversation conversation = roleauth_script_conversation(script);
    roleauth_roles *roles = roleauth_roles_ref(worker->world->roles);
    roleauth_result *result = NULL;

    if (roleauth_script_type(script, answer) == 0 &&
        roleauth_request_set(request, ROLEAUTH_SERVER, "user", user, NULL) ==
            0 &&
        roleauth_request_set_conversation(request, &conversation, NULL) == 0 &&
        roleauth_evaluate(worker->world->context, roles, request, &result,
                          NULL) == 0 &&
        roleauth_result_accepted(result)) {
        worker->accepted++;
        worker->cached += roleauth_result_method(result, 0)->cached != 0;
    } else {
        worker->rejected++;
    }
    roleauth_result_free(&result);
    roleauth_roles_free(&roles);
    roleauth_script_free(&script);
}

/* What one requester proved is nobody else's. */
static void *work(void *data)
{
    struct worker *worker = data;
    char user[16];

    (void)snprintf(user, sizeof(user), "user%d", worker->number);
    for (int i = 0; i < 20; i++) {
        roleauth_request *request = roleauth_request_new();

        work_once(worker, request, user, "bobpw");
        if (i == 0)
            work_once(worker, request, "other", "wrong");
        roleauth_request_free(&request);
    }
    return NULL;
}

static void threads_share_context_and_roles(void **state)
{
    enum { THREADS = 8 };
    struct world *world = *state;
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    unsigned heard = 0;

    assert_int_equal(roleauth_context_clear_sinks(world->context, NULL), 0);
    assert_int_equal(
        roleauth_context_add_callback_sink(world->context, hear_safely, &heard,
                                           ROLEAUTH_MANDATORY, NULL),
        0);
    world_roles(world, "[{'method':'getuserpasswd','user':'bob','fname':'f',"
                       "'period':60,'tries':1}]");
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){world, i, 0, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]),
                         0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(workers[i].accepted, 20);
        assert_int_equal(workers[i].cached, 19);
        assert_int_equal(workers[i].rejected, 1);
    }
    assert_int_equal(heard, THREADS * 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_end)
        TEST(every_method_accepts_and_rejects),
        TEST(a_submit_host_that_cannot_be_reached),
        TEST(methods_run_in_order_until_one_fails),
        TEST(tries_are_counted_exactly),
        TEST(messages_are_shown_once),
        TEST(the_retry_message_is_the_configurations),
        TEST(a_default_pam_service_stands_in_for_shadow),
        TEST(pam_may_ask_and_show_as_it_likes),
        TEST(reason_of_selection_and_action),
        TEST(reasons_of_the_conversation),
        TEST(nobody_to_ask_needs_a_prompt),
        TEST(reasons_of_shadow),
        TEST(accounts_that_no_password_opens),
        TEST(reasons_of_pam),
        TEST(a_success_without_a_challenge),
        TEST(reasons_of_templates),
        TEST(an_internal_error_is_no_accept),
        TEST(a_clock_that_fails_is_unavailable),
        TEST(a_clock_that_fails_meanwhile_is_no_accept),
        TEST(the_first_role_that_matches_applies),
        TEST(a_role_is_taken_by_its_name),
        TEST(a_barrier_ends_the_search),
        TEST(variables_come_with_an_accept),
        TEST(a_variable_cannot_speak_to_the_terminal),
        TEST(the_configuration_trusts_a_client_variable),
        TEST(a_client_cannot_say_who_it_is),
        TEST(the_event_tells_it_all),
        TEST(an_accept_that_must_be_logged_and_is_not),
        TEST(a_mandatory_sink_is_told_of_the_undone_accept),
        TEST(an_optional_sink_hears_of_the_undone_accept),
        TEST(arguments_are_checked),
        TEST(the_conversation_ends_with_the_evaluation),
        TEST(threads_share_context_and_roles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <security/pam_appl.h>

#include "support/world.h"

#define BOB                                                                    \
    "{'method':'getuserpasswd','user':'bob','fname':'gp','period':300,"        \
    "'tries':1}"
#define PAM                                                                    \
    "{'method':'getuserpasswdpam','user':'bob','service':'sudo','fname':'gp'," \
    "'period':300,'tries':1}"
#define STRING "{'method':'getstringpasswd','passwd':'" WORLD_ABC "','tries':1}"

/* The next evaluation asks (and the answer is wrong, so that nothing new is
 * kept), or a record answers. */
static void assert_asks(struct world *world)
{
    (void)world_run(world, "wrong");
    assert_int_equal(roleauth_script_prompts(world->script), 1);
    assert_int_equal(roleauth_result_method(world->result, 0)->cached, 0);
    world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
}

static void assert_remembers(struct world *world)
{
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_int_equal(roleauth_script_prompts(world->script), 0);
    assert_int_equal(roleauth_result_method(world->result, 0)->cached, 1);
    assert_int_equal(roleauth_result_method(world->result, 0)->attempts, 0);
}

static void prove(struct world *world)
{
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_int_equal(roleauth_result_method(world->result, 0)->cached, 0);
    assert_string_equal(world_notes(world), "");
}

static void prove_with_pam(struct world *world)
{
    (void)world_run(world, "pampw");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_int_equal(roleauth_result_method(world->result, 0)->cached, 0);
}

static void sign_out(void *data)
{
    struct world *world = data;
    unsigned events = world->events;

    assert_int_equal(roleauth_sign_out(world->context, NULL, NULL, NULL, NULL),
                     0);
    world->events = events; /* world_evaluate() counts its own */
}

static void a_proof_is_not_asked_again(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    assert_asks(world);
    prove(world);
    assert_remembers(world);
    assert_remembers(world);
    assert_non_null(strstr(world->event, "\"cached\":true"));
    assert_non_null(strstr(world->event, "\"attempts\":0"));
}

static void the_window_is_fixed(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    prove(world);
    roleauth_virtual_clock_advance(&world->clock, 200);
    assert_remembers(world);
    roleauth_virtual_clock_advance(&world->clock, 99);
    assert_remembers(world);
    roleauth_virtual_clock_advance(&world->clock, 2);
    assert_asks(world);
}

/* The window runs from the moment the password was entered. */
static void pass_two_minutes(void *data)
{
    roleauth_virtual_clock_advance(&((struct world *)data)->clock, 120);
}

static void time_at_the_prompt_does_not_count(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    world_script(world);
    world_type(world, "bobpw");
    roleauth_script_before_answer(world->script, pass_two_minutes, world);
    (void)world_evaluate(world);
    roleauth_virtual_clock_advance(&world->clock, 298);
    assert_remembers(world);
    roleauth_virtual_clock_advance(&world->clock, 3);
    assert_asks(world);
}

static void time_at_a_later_prompt_counts(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "," STRING "]");
    world_script(world);
    world_type(world, "bobpw|abc");
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    world_script(world);
    world_type(world, "abc");
    roleauth_script_before_answer(world->script, pass_two_minutes, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_int_equal(roleauth_script_prompts(world->script), 1);
    roleauth_virtual_clock_advance(&world->clock, 181);
    (void)world_run(world, "bobpw|abc");
    assert_int_equal(roleauth_script_prompts(world->script), 2);
}

static void the_smaller_period_counts(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    prove(world);
    roleauth_virtual_clock_advance(&world->clock, 100);
    world_roles(world, "[{'method':'getuserpasswd','user':'bob','fname':'gp',"
                       "'period':60,'tries':1}]");
    assert_asks(world);
    world_roles(world, "[{'method':'getuserpasswd','user':'bob','fname':'gp',"
                       "'period':31536000,'tries':1}]");
    assert_remembers(world);
    roleauth_virtual_clock_advance(&world->clock, 201);
    assert_asks(world);
}

static void each_clock_ends_it_by_itself(void **state)
{
    static const struct {
        long real, boot;
        int remembers;
    } cases[] = {
        {0, 0, 1},    {299, 299, 1},    {301, 0, 0},     {0, 301, 0},
        {-10, 0, 0},  {0, -10, 0},      {-10, 10, 0},    {301, 301, 0},
        {100, 50, 1}, {-4000000, 0, 0}, {4000000, 0, 0},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        roleauth_virtual_clock_init(&world->clock);
        world_context(world);
        world_roles(world, "[" BOB "]");
        prove(world);
        world->clock.time.realtime.tv_sec += cases[i].real;
        world->clock.time.boottime.tv_sec += cases[i].boot;
        if (cases[i].remembers)
            assert_remembers(world);
        else
            assert_asks(world);
    }
}

static void a_reboot_ends_it(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    prove(world);
    roleauth_virtual_clock_reboot(&world->clock, 30);
    assert_asks(world);
}

static void unless_it_survives_by_configuration(void **state)
{
    struct world *world = *state;

    assert_int_equal(roleauth_context_set_number(
                         world->context, ROLEAUTH_SURVIVE_REBOOT, 1, NULL),
                     0);
    world_roles(world, "[" BOB "]");
    prove(world);
    roleauth_virtual_clock_reboot(&world->clock, 30);
    assert_remembers(world);
    roleauth_virtual_clock_advance(&world->clock, 271);
    assert_asks(world);
    prove(world);
    roleauth_virtual_clock_reboot(&world->clock, -10); /* set back meanwhile */
    assert_asks(world);
}

/* ---- a hit is checked again against the present ---- */

static void a_changed_password_is_asked(void **state)
{
    struct world *world = *state;
    roleauth_account old;

    world_roles(world, "[" BOB "]");
    prove(world);
    old = *roleauth_fake_users_get(world->users, "bob");
    assert_int_equal(
        roleauth_fake_users_add(world->users, "bob", 1001, "newpw"), 0);
    assert_asks(world);
    *roleauth_fake_users_get(world->users, "bob") = old;
    assert_remembers(world);
    assert_int_equal(
        roleauth_fake_users_add(world->users, "bob", 1001, "newpw"), 0);
    (void)world_run(world, NULL);
    assert_non_null(strstr(world_notes(world), "password was changed"));
}

static void an_account_that_turned_bad_is_asked(void **state)
{
    struct world *world = *state;
    roleauth_account *bob = roleauth_fake_users_get(world->users, "bob");
    const roleauth_account good = *bob;

    world_roles(world, "[" BOB "]");
    prove(world);
    (void)snprintf(bob->hash, sizeof(bob->hash), "!%.300s", good.hash);
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_LOCKED);
    *bob = good;
    bob->expire = 20600;
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_EXPIRED);
    *bob = good;
    bob->last_change = 0;
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_PASSWORD_EXPIRED);
    *bob = good;
    bob->uid = 2001; /* another person of the same name */
    assert_asks(world);
    *bob = good;
    bob->has_uid = 0;
    assert_asks(world);
    *bob = good;
    bob->has_shadow = 0;
    assert_asks(world);
    *bob = good;
    roleauth_fake_users_break(world->users, 1);
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
    roleauth_fake_users_break(world->users, 0);
    assert_remembers(world);
    roleauth_fake_users_remove(world->users, "bob");
    assert_asks(world);
}

static void pam_is_asked_about_the_account(void **state)
{
    static const int codes[] = {PAM_ACCT_EXPIRED, PAM_NEW_AUTHTOK_REQD,
                                PAM_PERM_DENIED, PAM_SYSTEM_ERR, PAM_IGNORE};
    struct world *world = *state;

    world_roles(world, "[" PAM "]");
    prove_with_pam(world);
    assert_remembers(world);
    assert_int_equal(roleauth_fake_pam_authentications(world->pam), 1);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_int_equal(
            roleauth_fake_pam_account(world->pam, "sudo", codes[i]), 0);
        assert_asks(world);
        assert_string_not_equal(world_notes(world), "");
    }
    assert_int_equal(roleauth_fake_pam_account(world->pam, "sudo", PAM_SUCCESS),
                     0);
    assert_remembers(world);
    assert_int_equal(
        roleauth_fake_users_add(world->users, "bob", 1001, "newpw"), 0);
    assert_asks(world); /* the shadow entry changed */
}

static void a_user_that_only_pam_knows(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" PAM "]");
    roleauth_fake_users_remove(world->users, "bob");
    prove_with_pam(world);
    assert_remembers(world);
    assert_int_equal(roleauth_fake_users_add(world->users, "bob", 1001, "x"),
                     0);
    assert_asks(world); /* a local user of that name came */
    roleauth_fake_users_remove(world->users, "bob");
    assert_remembers(world);
}

static void a_shadow_entry_that_came_is_asked(void **state)
{
    struct world *world = *state;
    roleauth_account *bob = roleauth_fake_users_get(world->users, "bob");

    world_roles(world, "[" PAM "]");
    bob->has_shadow = 0; /* known to passwd(5), such as by LDAP */
    prove_with_pam(world);
    assert_remembers(world);
    bob->has_shadow = 1;
    assert_asks(world);
    bob->has_shadow = 0;
    assert_remembers(world);
}

static void a_locked_shadow_entry_counts_for_pam_too(void **state)
{
    struct world *world = *state;
    roleauth_account *bob = roleauth_fake_users_get(world->users, "bob");
    const roleauth_account good = *bob;

    world_roles(world, "[" PAM "]");
    prove_with_pam(world);
    (void)snprintf(bob->hash, sizeof(bob->hash), "!%.300s", good.hash);
    assert_asks(world);
    *bob = good;
    bob->expire = 20600;
    assert_asks(world);
}

/* ---- for exactly one of each ---- */

static void another_requester_host_or_scope_is_asked(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    prove(world);
    world_request(world, "mallory", "desk");
    assert_asks(world);
    world_request(world, "alice", "laptop");
    assert_asks(world);
    world_request(world, "alice", NULL);
    assert_asks(world);
    world_request(world, NULL, "desk");
    assert_asks(world);
    world_request(world, "alice", "desk");
    assert_int_equal(roleauth_request_set_scope(world->request, "tty1", NULL),
                     0);
    assert_asks(world);
    prove(world);
    assert_remembers(world);
    assert_int_equal(roleauth_request_set_scope(world->request, "tty2", NULL),
                     0);
    assert_asks(world);
    assert_int_equal(roleauth_request_set_scope(world->request, NULL, NULL), 0);
    assert_remembers(world);
}

/* Texts that run together the same are not the same. */
static void bindings_do_not_run_together(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    world_request(world, "ali", "cedesk");
    prove(world);
    world_request(world, "alice", "desk");
    assert_asks(world);
    world_request(world, "alicedesk", NULL);
    assert_asks(world);
    world_request(world, "ali", "cedesk");
    assert_remembers(world);
}

static void another_user_method_or_fname_is_asked(void **state)
{
    static const char *const others[] = {
        "[{'method':'getuserpasswd','user':'eve','fname':'gp','period':300,"
        "'tries':1}]",
        "[{'method':'getuserpasswd','user':'bob','fname':'gp2','period':300,"
        "'tries':1}]",
        "[{'method':'getuserpasswd','user':'bob','fname':'GP','period':300,"
        "'tries':1}]",
        "[{'method':'submitconfirmuser','user':'bob','fname':'gp','period':300,"
        "'tries':1}]",
        "[" PAM "]",
        "[{'method':'getuserpasswd','user':'bob','fname':'gp','tries':1}]",
        "[{'method':'getuserpasswd','user':'bob','fname':'gp','period':0,"
        "'tries':1}]",
        "[{'method':'getuserpasswd','user':'bob','period':300,'tries':1}]",
    };
    struct world *world = *state;

    assert_int_equal(roleauth_context_set_number(world->context,
                                                 ROLEAUTH_SUBMIT_HOST_IS_LOCAL,
                                                 1, NULL),
                     0);
    world_roles(world, "[" BOB "]");
    prove(world);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        world_roles(world, others[i]);
        assert_asks(world);
    }
    world_roles(world, "[" BOB "]");
    assert_remembers(world);
}

static void another_service_is_asked(void **state)
{
    struct world *world = *state;

    assert_int_equal(roleauth_fake_pam_add(world->pam, "su"), 0);
    assert_int_equal(roleauth_fake_pam_round(world->pam, "su",
                                             ROLEAUTH_PROMPT_SECRET,
                                             "Password: ", "pampw"),
                     0);
    world_roles(world, "[" PAM "]");
    prove_with_pam(world);
    world_roles(world, "[{'method':'getuserpasswdpam','user':'bob','service':"
                       "'su','fname':'gp','period':300,'tries':1}]");
    assert_asks(world);
}

static void without_requester_and_scope_nothing_is_kept(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    world_request(world, NULL, "desk");
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_string_not_equal(world_notes(world), "");
    assert_asks(world);
    assert_int_equal(roleauth_request_set_scope(world->request, "c1", NULL), 0);
    prove(world);
    assert_remembers(world);
}

/* ---- only what the whole role accepted, and what was logged ---- */

static void a_role_that_rejects_later_keeps_nothing(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "," STRING "]");
    (void)world_run(world, "bobpw|wrong");
    world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_asks(world);
    (void)world_run(world, "bobpw"); /* cancelled */
    world_decided(world, ROLEAUTH_REASON_CANCELLED);
    assert_asks(world);
    (void)world_run(world, "bobpw|abc");
    world_decided(world, ROLEAUTH_REASON_OK);
    (void)world_run(world, "abc");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_string_equal(world_methods(world),
                        "getuserpasswd=accept/0+ getstringpasswd=accept/1");
}

static void what_could_not_be_logged_is_not_kept(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    world->event_rc = -1;
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_UNAVAILABLE);
    world->event_rc = 0;
    assert_asks(world);
}

static void ignore_asks_and_keeps_nothing(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    assert_int_equal(roleauth_request_set_records(
                         world->request, ROLEAUTH_RECORDS_IGNORE, NULL),
                     0);
    prove(world);
    world_request(world, "alice", "desk");
    assert_asks(world);
    prove(world);
    assert_int_equal(roleauth_request_set_records(
                         world->request, ROLEAUTH_RECORDS_IGNORE, NULL),
                     0);
    assert_asks(world);
}

static void no_update_uses_and_keeps_nothing(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    assert_int_equal(roleauth_request_set_records(
                         world->request, ROLEAUTH_RECORDS_NO_UPDATE, NULL),
                     0);
    prove(world); /* with a store that was never used */
    world_request(world, "alice", "desk");
    assert_asks(world);
    prove(world);
    assert_int_equal(roleauth_request_set_records(
                         world->request, ROLEAUTH_RECORDS_NO_UPDATE, NULL),
                     0);
    assert_remembers(world);
    roleauth_virtual_clock_advance(&world->clock, 200);
    assert_remembers(world);
    roleauth_virtual_clock_advance(&world->clock, 200);
    prove(world);
    assert_asks(world);
}

static void a_success_without_a_challenge_is_never_kept(void **state)
{
    struct world *world = *state;

    assert_int_equal(roleauth_fake_pam_add(world->pam, "permit"), 0);
    assert_int_equal(roleauth_context_set_number(
                         world->context, ROLEAUTH_ALLOW_NO_CHALLENGE, 1, NULL),
                     0);
    world_roles(world, "[{'method':'getuserpasswdpam','user':'bob','service':"
                       "'permit','fname':'gp','period':300}]");
    for (unsigned i = 1; i <= 3; i++) {
        (void)world_run(world, NULL);
        world_decided(world, ROLEAUTH_REASON_OK);
        assert_int_equal(roleauth_result_method(world->result, 0)->cached, 0);
        assert_int_equal(roleauth_fake_pam_authentications(world->pam), i);
    }
}

static void a_cached_hit_is_not_recorded_anew(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "," STRING "]");
    (void)world_run(world, "bobpw|abc");
    for (int i = 0; i < 2; i++) {
        roleauth_virtual_clock_advance(&world->clock, 140);
        (void)world_run(world, "abc");
        world_decided(world, ROLEAUTH_REASON_OK);
    }
    roleauth_virtual_clock_advance(&world->clock, 140);
    (void)world_run(world, "abc");
    world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
}

/* ---- signing out ---- */

static void signing_out_ends_it(void **state)
{
    struct world *world = *state;
    size_t ended = 99;

    world_roles(world, "[" BOB "]");
    prove(world);
    assert_int_equal(
        roleauth_sign_out(world->context, "nobody", NULL, &ended, NULL), 0);
    assert_int_equal(ended, 0);
    assert_remembers(world);
    assert_int_equal(
        roleauth_sign_out(world->context, NULL, "other", &ended, NULL), 0);
    assert_int_equal(ended, 0);
    assert_remembers(world);
    assert_int_equal(
        roleauth_sign_out(world->context, "bob", NULL, &ended, NULL), 0);
    assert_int_equal(ended, 1);
    assert_asks(world);
    prove(world);
    assert_int_equal(
        roleauth_sign_out(world->context, "alice", NULL, &ended, NULL), 0);
    assert_int_equal(ended, 1);
    assert_asks(world);
    prove(world);
    assert_int_equal(
        roleauth_sign_out(world->context, NULL, "gp", &ended, NULL), 0);
    assert_int_equal(ended, 1);
    assert_asks(world);
    prove(world);
    assert_int_equal(
        roleauth_sign_out(world->context, NULL, NULL, &ended, NULL), 0);
    assert_int_equal(ended, 1);
    assert_asks(world);
    prove(world);
    assert_remembers(world);
}

static void a_sign_out_at_the_prompt_outlives_the_proof(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    for (int i = 0; i < 2; i++) { /* with no key yet, and with one */
        world_script(world);
        world_type(world, "bobpw");
        roleauth_script_before_answer(world->script, sign_out, world);
        (void)world_evaluate(world);
        world_decided(world, ROLEAUTH_REASON_OK);
        assert_non_null(strstr(world_notes(world), "signed out meanwhile"));
        assert_asks(world);
    }
    prove(world);
    assert_remembers(world);
}

static void sign_out_bob(void *data)
{
    struct world *world = data;
    unsigned events = world->events;

    assert_int_equal(roleauth_sign_out(world->context, "bob", NULL, NULL, NULL),
                     0);
    world->events = events;
}

static void sign_out_eve(void *data)
{
    struct world *world = data;
    unsigned events = world->events;

    assert_int_equal(roleauth_sign_out(world->context, "eve", NULL, NULL, NULL),
                     0);
    world->events = events;
}

static void a_sign_out_of_somebody_else_keeps_the_proof(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    world_script(world);
    world_type(world, "bobpw");
    roleauth_script_before_answer(world->script, sign_out_eve, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_remembers(world);
    world_request(world, "alice", "laptop");
    world_script(world);
    world_type(world, "bobpw");
    roleauth_script_before_answer(world->script, sign_out_bob, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_asks(world);
}

/* The record answered, then it was revoked while the next method asked. */
static void a_hit_that_is_revoked_meanwhile_is_asked(void **state)
{
    static void (*const revocations[])(void *) = {sign_out, sign_out_bob};
    struct world *world = *state;

    world_roles(world, "[" BOB "," STRING "]");
    for (size_t i = 0; i < 2; i++) {
        (void)world_run(world, "bobpw|abc");
        world_decided(world, ROLEAUTH_REASON_OK);
        world_script(world);
        world_type(world, "abc|bobpw");
        roleauth_script_before_answer(world->script, revocations[i], world);
        (void)world_evaluate(world);
        world_decided(world, ROLEAUTH_REASON_OK);
        assert_string_equal(world_transcript(world),
                            "?Password:|?Password for bob: ");
        assert_string_equal(world_methods(world),
                            "getuserpasswd=accept/1 getstringpasswd=accept/1");
        (void)world_run(world, NULL); /* and it was not kept */
        assert_string_equal(world_methods(world), "getuserpasswd=reject/0");
        (void)world_run(world, "bobpw|abc");
        world_script(world);
        world_type(world, "abc|wrong");
        roleauth_script_before_answer(world->script, revocations[i], world);
        (void)world_evaluate(world);
        world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
    }
}

/* ---- a store that does not work ---- */

static int fail_read(void *data, roleauth_area area, const char *name,
                     void *buffer, size_t size, size_t *length,
                     roleauth_error *error)
{
    (void)data;
    (void)area;
    (void)name;
    (void)buffer;
    (void)size;
    (void)length;
    (void)error;
    return ROLEAUTH_E_IO;
}

static int fail_write(void *data, roleauth_area area, const char *name,
                      const void *bytes, size_t length, int64_t expires,
                      roleauth_error *error)
{
    (void)data;
    (void)name;
    (void)bytes;
    (void)length;
    (void)expires;
    (void)error;
    return area == ROLEAUTH_AREA_RECORDS ? ROLEAUTH_E_IO : 0;
}

/* What may happen while another method waits for its answer. */
static void expire_the_record(void *data)
{
    roleauth_virtual_clock_advance(&((struct world *)data)->clock, 400);
}

static void lock_bob(void *data)
{
    struct world *world = data;
    roleauth_account *bob = roleauth_fake_users_get(world->users, "bob");

    memmove(bob->hash + 1, bob->hash, strlen(bob->hash) + 1);
    bob->hash[0] = '!';
}

static void a_hit_is_held_against_the_end(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "," STRING "]");
    (void)world_run(world, "bobpw|abc");
    world_decided(world, ROLEAUTH_REASON_OK);
    world_script(world);
    world_type(world, "abc|bobpw");
    roleauth_script_before_answer(world->script, expire_the_record, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_string_equal(world_transcript(world),
                        "?Password:|?Password for bob: ");
    world_script(world);
    world_type(world, "abc|bobpw");
    roleauth_script_before_answer(world->script, lock_bob, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_LOCKED);
}

static void a_lock_at_the_prompt_counts(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    world_script(world);
    world_type(world, "bobpw");
    roleauth_script_before_answer(world->script, lock_bob, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_LOCKED);
}

static void change_password(void *data)
{
    struct world *world = data;

    assert_int_equal(roleauth_fake_users_add(world->users, "bob", 1001, "new"),
                     0);
}

static void a_password_changed_at_the_prompt_counts(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" BOB "]");
    world_script(world);
    world_type(world, "bobpw");
    roleauth_script_before_answer(world->script, change_password, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_WRONG_PASSWORD);
}

static void what_pam_verified_is_recorded_or_nothing(void **state)
{
    struct world *world = *state;

    world_roles(world, "[" PAM "]");
    world_script(world);
    world_type(world, "pampw");
    roleauth_script_before_answer(world->script, change_password, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_non_null(strstr(world_notes(world), "not kept"));
    assert_asks(world);
}

/* A name service during whose answer somebody signs out. */
struct slow {
    struct world *world;
    unsigned calls;
};

static int look_up_slowly(void *data, const char *name,
                          roleauth_account *account)
{
    struct slow *slow = data;
    const roleauth_account *found =
        roleauth_fake_users_get(slow->world->users, name);

    if (++slow->calls == 4) {
        slow->world->clock.time.realtime.tv_nsec += 2000000;
        slow->world->clock.time.boottime.tv_nsec += 2000000;
        sign_out(slow->world);
    }
    *account = *found;
    return 0;
}

static void a_sign_out_between_two_hits_counts(void **state)
{
    struct world *world = *state;
    struct slow slow = {world, 0};
    const roleauth_users users = {look_up_slowly, &slow};

    world_context(world);
    assert_int_equal(roleauth_context_set_users(world->context, &users, NULL),
                     0);
    world_roles(world,
                "[" BOB ",{'method':'getuserpasswd','user':'eve','fname':'x',"
                "'period':300,'tries':1}]");
    slow.calls = 100;
    (void)world_run(world, "bobpw|evepw");
    world_decided(world, ROLEAUTH_REASON_OK);
    slow.calls = 2; /* bob's hit, then eve's */
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_CANCELLED);
    assert_int_equal(slow.calls >= 4, 1);
}

static void a_broken_store_is_a_note_and_no_failure(void **state)
{
    struct world *world = *state;
    roleauth_store store;

    world_roles(world, "[" BOB "]");
    assert_int_equal(roleauth_memory_store(&store), 0);
    store.read = fail_read;
    assert_int_equal(roleauth_context_set_store(world->context, &store, NULL),
                     0);
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_non_null(strstr(world_notes(world), "timestamp records"));
    assert_asks(world);
    world_context(world);
    assert_int_equal(roleauth_memory_store(&store), 0);
    store.write = fail_write;
    assert_int_equal(roleauth_context_set_store(world->context, &store, NULL),
                     0);
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_non_null(strstr(world_notes(world), "timestamp records"));
    assert_asks(world);
}

/* ---- status ---- */

struct listed {
    unsigned count;
    char text[512];
};

static void list(void *data, const roleauth_record *record)
{
    struct listed *listed = data;

    listed->count++;
    (void)snprintf(listed->text, sizeof(listed->text),
                   "%s %s %s %s %s %s %s %lld %u %u %u %s", record->fname,
                   record->method, record->user,
                   record->service != NULL ? record->service : "-",
                   record->requester, record->submit_host,
                   record->scope != NULL ? record->scope : "-",
                   (long long)record->proved_at, record->period, record->age,
                   record->left, record->ended_by);
}

static void status_lists_what_is_valid(void **state)
{
    struct world *world = *state;
    struct listed listed = {0, ""};

    world_roles(world, "[" BOB "]");
    assert_int_equal(roleauth_status(world->context, list, &listed, NULL), 0);
    assert_int_equal(listed.count, 0);
    prove(world);
    roleauth_virtual_clock_advance(&world->clock, 100);
    assert_int_equal(roleauth_status(world->context, list, &listed, NULL), 0);
    assert_int_equal(listed.count, 1);
    assert_string_equal(listed.text, "gp getuserpasswd bob - alice desk - "
                                     "1780315200 300 100 200 period");
    roleauth_virtual_clock_advance(&world->clock, 201);
    assert_int_equal(roleauth_status(world->context, list, &listed, NULL), 0);
    assert_int_equal(listed.count, 1);
    roleauth_virtual_clock_advance(&world->clock, -200);
    assert_remembers(world); /* looking removed nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_end)
        TEST(a_proof_is_not_asked_again),
        TEST(the_window_is_fixed),
        TEST(time_at_the_prompt_does_not_count),
        TEST(time_at_a_later_prompt_counts),
        TEST(the_smaller_period_counts),
        TEST(each_clock_ends_it_by_itself),
        TEST(a_reboot_ends_it),
        TEST(unless_it_survives_by_configuration),
        TEST(a_changed_password_is_asked),
        TEST(an_account_that_turned_bad_is_asked),
        TEST(pam_is_asked_about_the_account),
        TEST(a_user_that_only_pam_knows),
        TEST(a_shadow_entry_that_came_is_asked),
        TEST(a_locked_shadow_entry_counts_for_pam_too),
        TEST(another_requester_host_or_scope_is_asked),
        TEST(bindings_do_not_run_together),
        TEST(another_user_method_or_fname_is_asked),
        TEST(another_service_is_asked),
        TEST(without_requester_and_scope_nothing_is_kept),
        TEST(a_role_that_rejects_later_keeps_nothing),
        TEST(what_could_not_be_logged_is_not_kept),
        TEST(ignore_asks_and_keeps_nothing),
        TEST(no_update_uses_and_keeps_nothing),
        TEST(a_success_without_a_challenge_is_never_kept),
        TEST(a_cached_hit_is_not_recorded_anew),
        TEST(signing_out_ends_it),
        TEST(a_sign_out_at_the_prompt_outlives_the_proof),
        TEST(a_sign_out_of_somebody_else_keeps_the_proof),
        TEST(a_hit_that_is_revoked_meanwhile_is_asked),
        TEST(a_hit_is_held_against_the_end),
        TEST(a_lock_at_the_prompt_counts),
        TEST(a_password_changed_at_the_prompt_counts),
        TEST(what_pam_verified_is_recorded_or_nothing),
        TEST(a_sign_out_between_two_hits_counts),
        TEST(a_broken_store_is_a_note_and_no_failure),
        TEST(status_lists_what_is_valid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

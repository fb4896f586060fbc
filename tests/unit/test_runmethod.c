/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <security/pam_appl.h>

#include "auth/engine.h"
#include "support/world.h"

/* The middle of an evaluation, without the engine. */
static struct ra_evaluation *begin(struct world *world, const char *roles,
                                   const char *answers)
{
    struct ra_evaluation *ev = calloc(1, sizeof(*ev));

    assert_non_null(ev);
    world_roles(world, roles);
    world_script(world);
    world_type(world, answers);
    assert_int_equal(ra_context_ready(world->context, NULL), 0);
    ev->context = world->context;
    ev->roles = world->roles;
    ev->request = world->request;
    ev->settings = ra_context_settings(world->context);
    ev->seams = ra_context_seams(world->context);
    ev->result = ra_result_new("id");
    ev->vars = ra_vars_new(world->request->vars);
    ev->talk = ra_talk_new(&world->request->conversation, &ev->seams->clock, 0);
    assert_int_equal(
        ra_prepare(&ev->role, ev->roles, 0, ev->vars, ev->settings, NULL),
        ROLEAUTH_REASON_OK);
    return ev;
}

static void finish(struct ra_evaluation **ev)
{
    ra_talk_free(&(*ev)->talk);
    ra_records_close(&(*ev)->records);
    ra_vars_free(&(*ev)->vars);
    ra_ready_free(&(*ev)->role);
    roleauth_result_free(&(*ev)->result);
    free(*ev);
    *ev = NULL;
}

static void a_method_stands_in_the_result(void **state)
{
    struct world *world = *state;
    struct ra_evaluation *ev =
        begin(world, "[{'method':'getuserpasswd','user':'bob'}]", "x|bobpw");
    const roleauth_method_result *done;

    assert_int_equal(ra_method_run(ev, 0, RA_ASK_UNLESS_PROVED),
                     ROLEAUTH_REASON_OK);
    done = roleauth_result_method(ev->result, 0);
    assert_string_equal(done->method, "getuserpasswd");
    assert_string_equal(done->user, "bob");
    assert_null(done->service);
    assert_int_equal(done->decision, ROLEAUTH_ACCEPT);
    assert_int_equal(done->reason, ROLEAUTH_REASON_OK);
    assert_int_equal(done->cached, 0);
    assert_int_equal(done->attempts, 2);
    /* It decides nothing about the whole. */
    assert_int_equal(roleauth_result_accepted(ev->result), 0);
    /* Run again, it is filled in again. */
    assert_int_equal(ra_method_run(ev, 0, RA_ASK_ALWAYS),
                     ROLEAUTH_REASON_CANCELLED);
    assert_int_equal(roleauth_result_method_count(ev->result), 1);
    assert_int_equal(roleauth_result_method(ev->result, 0)->decision,
                     ROLEAUTH_REJECT);
    finish(&ev);
}

static void a_record_answers_unless_it_is_not_wanted(void **state)
{
    struct world *world = *state;
    struct ra_evaluation *ev;
    static const char role[] = "[{'method':'getuserpasswd','user':'bob',"
                               "'fname':'f','period':60}]";

    world_roles(world, role);
    (void)world_run(world, "bobpw");
    ev = begin(world, role, "bobpw");
    ra_remember_open(ev);
    assert_int_equal(ra_method_run(ev, 0, RA_ASK_UNLESS_PROVED),
                     ROLEAUTH_REASON_OK);
    assert_true(ev->steps[0].cached);
    assert_false(ev->steps[0].keep);
    assert_int_equal(roleauth_script_prompts(world->script), 0);
    assert_false(ra_remember_revoked(ev, 0));
    assert_int_equal(roleauth_sign_out(world->context, NULL, NULL, NULL, NULL),
                     0);
    assert_true(ra_remember_revoked(ev, 0));
    assert_int_equal(ra_method_run(ev, 0, RA_ASK_ALWAYS), ROLEAUTH_REASON_OK);
    assert_false(ev->steps[0].cached);
    assert_true(ev->steps[0].keep);
    assert_int_equal(roleauth_script_prompts(world->script), 1);
    finish(&ev);
}

/* ---- what PAM is told ---- */

struct start {
    char text[256];
    roleauth_pam real;
};

static int note_start(void *data, const roleauth_pam_start *with,
                      void **transaction)
{
    struct start *start = data;

    (void)snprintf(start->text, sizeof(start->text), "%s %s %s %s %s",
                   with->service, with->user, with->ruser ? with->ruser : "-",
                   with->rhost ? with->rhost : "-",
                   with->tty ? with->tty : "-");
    return start->real.start(start->real.data, with, transaction);
}

static int find_any(void *data, const char *service, roleauth_error *error)
{
    (void)data;
    (void)service;
    (void)error;
    return 0;
}

static void pam_is_told_what_the_server_says(void **state)
{
    static const char role[] =
        "[{'method':'getuserpasswdpam','user':'bob','service':'sudo'}]";
    struct world *world = *state;
    struct start start;
    roleauth_pam pam;

    start.real = pam = roleauth_fake_pam_seam(world->pam);
    pam.find = find_any;
    pam.start = note_start;
    pam.data = &start;
    assert_int_equal(roleauth_context_set_pam(world->context, &pam, NULL), 0);
    world_roles(world, role);
    world_set(world, ROLEAUTH_SERVER, "tty", "pts/3");
    (void)world_run(world, "pampw");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_string_equal(start.text, "sudo bob alice desk pts/3");
    world_request(world, NULL, NULL);
    world_set(world, ROLEAUTH_CLIENT, "tty", "forged");
    (void)world_run(world, "pampw");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_string_equal(start.text, "sudo bob - - -");
}

static void the_submit_host_is_far_away(void **state)
{
    struct world *world = *state;
    struct ra_evaluation *ev =
        begin(world, "[{'method':'submitconfirmuser','user':'bob'}]", "bobpw");

    assert_int_equal(ra_method_run(ev, 0, RA_ASK_UNLESS_PROVED),
                     ROLEAUTH_REASON_UNAVAILABLE);
    assert_int_equal(roleauth_script_prompts(world->script), 0);
    assert_int_equal(roleauth_result_method(ev->result, 0)->decision,
                     ROLEAUTH_ERROR);
    assert_non_null(strstr(roleauth_result_note(ev->result, 0),
                           "submitconfirmuser: there is no way"));
    finish(&ev);
}

static void without_a_clock_nobody_is_asked(void **state)
{
    struct world *world = *state;
    struct ra_evaluation *ev =
        begin(world, "[{'method':'getuserpasswd','user':'bob'}]", "bobpw");

    world->clock.broken = 1;
    assert_int_equal(ra_method_run(ev, 0, RA_ASK_UNLESS_PROVED),
                     ROLEAUTH_REASON_UNAVAILABLE);
    assert_int_equal(roleauth_script_prompts(world->script), 0);
    finish(&ev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_end)
        TEST(a_method_stands_in_the_result),
        TEST(a_record_answers_unless_it_is_not_wanted),
        TEST(pam_is_told_what_the_server_says),
        TEST(the_submit_host_is_far_away),
        TEST(without_a_clock_nobody_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

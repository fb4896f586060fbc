/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "support/scratch.h"
#include "support/world.h"

#define HOUR 3600L

static const char role[] = "[{'name':'r','auth':[{'method':'getuserpasswd',"
                           "'user':'bob','prompt':'P ','fname':'f',"
                           "'period':31536000}]}]";

static void set_number(struct world *world, roleauth_number_setting setting,
                       long value)
{
    assert_int_equal(
        roleauth_context_set_number(world->context, setting, value, NULL), 0);
}

static void set_daily(struct world *world, const char *time)
{
    assert_int_equal(
        roleauth_context_set_signout_daily(world->context, &time, 1, NULL), 0);
}

static void set_command(struct world *world, const char *program,
                        const char *argument)
{
    const char *const arguments[] = {program, "-c", argument};

    assert_int_equal(roleauth_context_set_signout_command(world->context,
                                                          arguments, 3, NULL),
                     0);
}

/* Proves bob's password, and tells whether it had to be asked for. */
static bool asks(struct world *world)
{
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_OK);
    return roleauth_script_prompts(world->script) > 0;
}

static roleauth_trigger sign_out_due(struct world *world, size_t *ended)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_trigger trigger = (roleauth_trigger)99;

    if (roleauth_sign_out_due(world->context, &trigger, ended, &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(error.code, 0);
    return trigger;
}

struct history {
    size_t count;
    roleauth_sign_out_record newest;
    char user[64];
};

static void keep_newest(void *data, const roleauth_sign_out_record *sign_out)
{
    struct history *history = data;

    if (history->count++ > 0)
        return;
    history->newest = *sign_out;
    (void)snprintf(history->user, sizeof(history->user), "%s",
                   sign_out->user != NULL ? sign_out->user : "-");
}

static struct history history_of(struct world *world)
{
    struct history history = {.count = 0};

    assert_int_equal(
        roleauth_sign_outs(world->context, keep_newest, &history, NULL), 0);
    return history;
}

static void arguments_are_needed(void **state)
{
    struct world *world = *state;
    roleauth_moment moment = {ROLEAUTH_TRIGGER_HAND, 7};

    assert_int_equal(roleauth_sign_out_due(NULL, NULL, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_triggers(NULL, &moment, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(moment.trigger, ROLEAUTH_TRIGGER_NONE);
    assert_int_equal(roleauth_sign_outs(NULL, keep_newest, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_sign_outs(world->context, NULL, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_context_set_signout_daily(world->context, NULL, 1, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_context_set_signout_command(world->context, NULL, 1, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_triggers(world->context, NULL, NULL, NULL), 0);
    assert_int_equal(
        roleauth_context_set_signout_daily(world->context, NULL, 0, NULL),
        ROLEAUTH_E_IN_USE);
    assert_int_equal(
        roleauth_context_set_signout_command(world->context, NULL, 0, NULL),
        ROLEAUTH_E_IN_USE);
}

static void without_triggers_nothing_is_due(void **state)
{
    struct world *world = *state;
    size_t ended = 42;

    world_roles(world, role);
    assert_true(asks(world));
    roleauth_virtual_clock_reboot(&world->clock, 400 * 24 * HOUR);
    world->events = 0;
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_NONE);
    assert_int_equal(ended, 0);
    assert_int_equal(world->events, 0);
    assert_int_equal(history_of(world).count, 0);
}

/* The check is enough; the active sign-out does the rest, once. */
static void an_interval_ends_what_is_remembered(void **state)
{
    struct world *world = *state;
    size_t ended = 42;

    set_number(world, ROLEAUTH_SIGNOUT_INTERVAL, 8 * HOUR);
    world_roles(world, role);
    assert_true(asks(world));
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_NONE);
    roleauth_virtual_clock_advance(&world->clock, 8 * HOUR - 1);
    assert_false(asks(world));
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_NONE);
    roleauth_virtual_clock_advance(&world->clock, 1);
    world->events = 0;
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_INTERVAL);
    assert_int_equal(ended, 1);
    assert_int_equal(world->events, 1);
    assert_non_null(strstr(world->event,
                           "\"user\":null,\"fname\":null,\"ended\":1,"
                           "\"trigger\":\"interval\","
                           "\"due\":\"2026-06-01T20:00:00.000Z\","
                           "\"command\":null,\"notes\":[]}"));
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_NONE);
    assert_int_equal(ended, 0);
    assert_int_equal(world->events, 1);
    assert_true(asks(world));
    assert_int_equal(history_of(world).count, 1);
    assert_int_equal(history_of(world).newest.trigger,
                     ROLEAUTH_TRIGGER_INTERVAL);
    assert_int_equal(history_of(world).newest.ended, 1);
    /* Counted from the last sign-out, by hand too. */
    roleauth_virtual_clock_advance(&world->clock, 4 * HOUR);
    assert_int_equal(roleauth_sign_out(world->context, NULL, NULL, NULL, NULL),
                     0);
    assert_true(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 8 * HOUR - 1);
    assert_false(asks(world));
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_NONE);
    roleauth_virtual_clock_advance(&world->clock, 1);
    assert_true(asks(world));
}

/* A timer that never ran extends nothing, and what it missed counts once. */
static void missed_moments_count_once(void **state)
{
    struct world *world = *state;
    size_t ended = 42;

    set_daily(world, "15:00");
    set_number(world, ROLEAUTH_SURVIVE_REBOOT, 1);
    world_roles(world, role);
    assert_true(asks(world));
    roleauth_virtual_clock_reboot(&world->clock, 10 * 24 * HOUR);
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_DAILY);
    assert_int_equal(ended, 1);
    assert_non_null(
        strstr(world->event, "\"due\":\"2026-06-10T15:00:00.000Z\""));
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_NONE);
    assert_int_equal(history_of(world).count, 1);
}

static void a_boot_ends_what_survived_it(void **state)
{
    struct world *world = *state;
    size_t ended = 42;

    set_number(world, ROLEAUTH_SIGNOUT_BOOT, 1);
    set_number(world, ROLEAUTH_SURVIVE_REBOOT, 1);
    world_roles(world, role);
    assert_true(asks(world));
    roleauth_virtual_clock_reboot(&world->clock, 60);
    assert_true(asks(world));
    assert_false(asks(world));
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_BOOT);
    assert_int_equal(ended, 1);
    assert_true(asks(world));
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_NONE);
}

static void the_moments_are_told(void **state)
{
    struct world *world = *state;
    int64_t noon = (int64_t)world->clock.time.realtime.tv_sec;
    roleauth_moment latest, next;
    size_t ended;

    set_daily(world, "15:00");
    set_number(world, ROLEAUTH_SIGNOUT_INTERVAL, 2 * HOUR);
    set_number(world, ROLEAUTH_SIGNOUT_BOOT, 1);
    /* Nothing to count an interval from. */
    assert_int_equal(roleauth_triggers(world->context, &latest, &next, NULL),
                     0);
    assert_int_equal(latest.trigger, ROLEAUTH_TRIGGER_BOOT);
    assert_int_equal(latest.at, noon - HOUR);
    assert_int_equal(next.trigger, ROLEAUTH_TRIGGER_DAILY);
    assert_int_equal(next.at, noon + 3 * HOUR);
    /* That makes the key. */
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_NONE);
    assert_int_equal(roleauth_triggers(world->context, &latest, &next, NULL),
                     0);
    assert_int_equal(latest.trigger, ROLEAUTH_TRIGGER_INTERVAL);
    assert_int_equal(latest.at, noon);
    assert_int_equal(next.trigger, ROLEAUTH_TRIGGER_INTERVAL);
    assert_int_equal(next.at, noon + 2 * HOUR);
    world->clock.broken = 1;
    assert_int_equal(roleauth_triggers(world->context, &latest, &next, NULL),
                     ROLEAUTH_E_IO);
    assert_int_equal(latest.trigger, ROLEAUTH_TRIGGER_NONE);
    assert_int_equal(roleauth_sign_out_due(world->context, NULL, NULL, NULL),
                     ROLEAUTH_E_IO);
    world->clock.broken = 0;
    world->clock.time.realtime.tv_sec = 253402300800;
    assert_int_equal(roleauth_triggers(world->context, &latest, &next, NULL),
                     ROLEAUTH_E_IO);
    assert_int_equal(roleauth_sign_out_due(world->context, NULL, NULL, NULL),
                     ROLEAUTH_E_IO);
}

static void keep_record(void *data, const roleauth_record *record)
{
    roleauth_record *kept = data;

    assert_null(kept->fname);
    *kept = *record;
}

static roleauth_record status_of(struct world *world)
{
    roleauth_record record;

    memset(&record, 0, sizeof(record));
    assert_int_equal(
        roleauth_status(world->context, keep_record, &record, NULL), 0);
    return record;
}

static void status_tells_what_ends_a_record(void **state)
{
    struct world *world = *state;
    int64_t noon = (int64_t)world->clock.time.realtime.tv_sec;
    roleauth_record record;

    set_daily(world, "15:00");
    set_number(world, ROLEAUTH_SIGNOUT_INTERVAL, 31536000);
    world_roles(world, role);
    assert_true(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 60);
    record = status_of(world);
    assert_int_equal(record.trigger, ROLEAUTH_TRIGGER_DAILY);
    assert_string_equal(record.ended_by, "daily");
    assert_int_equal(record.age, 60);
    assert_int_equal(record.left, 3 * HOUR - 60);
    assert_int_equal(record.ends_at, noon + 3 * HOUR);
    assert_int_equal(record.ends_at_boot, 1);
    /* The clock is set back: so much the earlier it is on the wall. */
    world->clock.time.realtime.tv_sec -= 30;
    record = status_of(world);
    assert_int_equal(record.left, 3 * HOUR - 60);
    assert_int_equal(record.ends_at, noon + 3 * HOUR - 30);
    roleauth_virtual_clock_advance(&world->clock, 3 * HOUR - 60);
    assert_null(status_of(world).fname);
}

static void status_tells_the_period_when_that_is_first(void **state)
{
    struct world *world = *state;
    int64_t noon = (int64_t)world->clock.time.realtime.tv_sec;
    roleauth_record record;

    set_daily(world, "15:00");
    set_number(world, ROLEAUTH_SURVIVE_REBOOT, 1);
    world_roles(world, "[{'name':'r','auth':[{'method':'getuserpasswd',"
                       "'user':'bob','prompt':'P ','fname':'f',"
                       "'period':600}]}]");
    assert_true(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 60);
    record = status_of(world);
    assert_int_equal(record.trigger, ROLEAUTH_TRIGGER_NONE);
    assert_string_equal(record.ended_by, "period");
    assert_int_equal(record.left, 540);
    assert_int_equal(record.ends_at, noon + 600);
    assert_int_equal(record.ends_at_boot, 0);
}

/* Somebody takes their time at the prompt. */
static void wait_an_hour(void *data)
{
    struct world *world = data;

    roleauth_virtual_clock_advance(&world->clock, HOUR);
}

static void a_proof_over_a_moment_is_not_recorded(void **state)
{
    struct world *world = *state;

    set_daily(world, "12:30");
    world_roles(world, role);
    world_script(world);
    world_type(world, "bobpw");
    roleauth_script_before_answer(world->script, wait_an_hour, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_non_null(strstr(world_notes(world), "signed out meanwhile"));
    assert_null(status_of(world).fname);
    assert_true(asks(world));
    assert_false(asks(world));
}

/* A record that answered first, and a prompt that lasts over the moment: the
 * confirmation asks after all. */
static void a_record_over_a_moment_asks_again(void **state)
{
    static const char both[] =
        "[{'name':'r','auth':[{'method':'getuserpasswd','user':'bob',"
        "'prompt':'P ','fname':'f','period':31536000},"
        "{'method':'getuserpasswd','user':'eve','prompt':'E '}]}]";
    struct world *world = *state;

    set_daily(world, "12:30");
    world_roles(world, role);
    assert_true(asks(world));
    world_roles(world, both);
    (void)world_run(world, "evepw");
    world_decided(world, ROLEAUTH_REASON_OK);
    world_script(world);
    world_type(world, "evepw|bobpw");
    roleauth_script_before_answer(world->script, wait_an_hour, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_string_equal(world_transcript(world), "?E |?P ");
    roleauth_virtual_clock_advance(&world->clock, 23 * HOUR);
    world_script(world);
    world_type(world, "evepw");
    roleauth_script_before_answer(world->script, wait_an_hour, world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_CANCELLED);
}

/* ---- clocks ---- */

static void a_clock_set_back_revives_nothing(void **state)
{
    struct world *world = *state;

    set_daily(world, "15:00");
    set_number(world, ROLEAUTH_SIGNOUT_INTERVAL, 8 * HOUR);
    world_roles(world, role);
    assert_true(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 3 * HOUR - 1);
    assert_false(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 1);
    /* In the same boot, to before the moment and behind the proof. */
    for (long back = 0; back < 3 * HOUR; back += 600) {
        world->clock.time.realtime.tv_sec -= back;
        assert_null(status_of(world).fname);
        world->clock.time.realtime.tv_sec += back;
    }
    world->clock.time.realtime.tv_sec -= HOUR;
    assert_true(asks(world));
}

static void a_clock_set_back_by_a_reboot_revives_nothing(void **state)
{
    struct world *world = *state;
    size_t ended;

    set_daily(world, "15:00");
    world_roles(world, role);
    assert_true(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 4 * HOUR);
    roleauth_virtual_clock_reboot(&world->clock, -2 * HOUR);
    assert_null(status_of(world).fname);
    assert_true(asks(world));
    /* A clock from before the last sign-out: who knows what has passed. */
    roleauth_virtual_clock_reboot(&world->clock, -20 * HOUR);
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_DAILY);
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_NONE);
}

/* Where records survive a boot, what was signed out stays so. */
static void a_surviving_record_is_not_revived(void **state)
{
    struct world *world = *state;
    size_t ended;

    set_daily(world, "15:00");
    set_number(world, ROLEAUTH_SURVIVE_REBOOT, 1);
    world_roles(world, role);
    assert_true(asks(world));
    roleauth_virtual_clock_reboot(&world->clock, HOUR);
    assert_false(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 2 * HOUR);
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_DAILY);
    roleauth_virtual_clock_reboot(&world->clock, -2 * HOUR);
    assert_null(status_of(world).fname);
    assert_true(asks(world));
}

/* Nobody signed out, but an evaluation saw the moment pass: no clock of another
 * boot brings back what was before it. */
static void a_moment_that_was_seen_stays_passed(void **state)
{
    struct world *world = *state;
    size_t ended;

    set_daily(world, "15:00");
    set_number(world, ROLEAUTH_SURVIVE_REBOOT, 1);
    world_roles(world, role);
    assert_true(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 4 * HOUR);
    (void)world_run(world, NULL); /* somebody gave up at the prompt */
    world_decided(world, ROLEAUTH_REASON_CANCELLED);
    roleauth_virtual_clock_reboot(&world->clock, -2 * HOUR);
    assert_null(status_of(world).fname);
    assert_true(asks(world));
    assert_false(asks(world));
    /* A sign-out is due as before, and counts what there is. */
    roleauth_virtual_clock_advance(&world->clock, 4 * HOUR);
    assert_true(asks(world));
    assert_int_equal(sign_out_due(world, &ended), ROLEAUTH_TRIGGER_DAILY);
    assert_int_equal(ended, 1);
}

static void an_absurd_clock_answers_for_nobody(void **state)
{
    struct world *world = *state;

    set_daily(world, "15:00");
    set_number(world, ROLEAUTH_SURVIVE_REBOOT, 1);
    world_roles(world, role);
    world->clock.time.realtime.tv_sec = 253402300799 - 60;
    assert_true(asks(world));
    assert_false(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 61);
    assert_null(status_of(world).fname);
}

/* ---- the command ---- */

static void the_command_runs_and_is_told(void **state)
{
    struct world *world = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct history history;

    set_command(world, "/bin/sh",
                "echo \"$ROLEAUTH_TRIGGER,$ROLEAUTH_USER,$ROLEAUTH_FNAME\"");
    world_roles(world, role);
    assert_true(asks(world));
    assert_int_equal(
        roleauth_sign_out(world->context, "al ice", "f", NULL, &error), 0);
    assert_string_equal(error.text, "");
    assert_non_null(strstr(world->event, "\"command\":{\"result\":\"exited\","
                                         "\"code\":0,"
                                         "\"output\":\"hand,al ice,f\"}"));
    history = history_of(world);
    assert_int_equal(history.count, 1);
    assert_string_equal(history.user, "al ice");
    assert_int_equal(history.newest.command, ROLEAUTH_COMMAND_EXITED);
    assert_int_equal(history.newest.trigger, ROLEAUTH_TRIGGER_HAND);
    assert_int_equal(history.newest.at, world->clock.time.realtime.tv_sec);
}

/* Whatever it does, the revocation stands. */
static void a_command_that_fails_changes_nothing(void **state)
{
    static const struct {
        const char *program, *script, *note, *event;
        roleauth_command_end end;
        int code;
    } cases[] = {
        {"/bin/sh", "exit 3", "failed with exit status 3",
         "{\"result\":\"exited\",\"code\":3,", ROLEAUTH_COMMAND_EXITED, 3},
        {"/bin/sh", "kill -9 $$", "was killed by signal 9",
         "{\"result\":\"killed\",\"code\":9,", ROLEAUTH_COMMAND_KILLED, 9},
        {"/bin/sh", "sleep 100", "took more than 1 seconds",
         "{\"result\":\"timeout\",\"code\":null,", ROLEAUTH_COMMAND_TIMEOUT, 0},
        {"/no/such/program", "", "was not run: ",
         "{\"result\":\"not-run\",\"code\":null,", ROLEAUTH_COMMAND_NOT_RUN, 0},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        struct history history;
        size_t ended = 0;

        world_context(world);
        set_command(world, cases[i].program, cases[i].script);
        set_number(world, ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT, 1);
        world_roles(world, role);
        assert_true(asks(world));
        world->events = 0;
        assert_int_equal(
            roleauth_sign_out(world->context, NULL, NULL, &ended, &error), 0);
        assert_int_equal(error.code, 0);
        assert_non_null(strstr(error.text, cases[i].note));
        assert_int_equal(ended, 1);
        assert_int_equal(world->events, 1);
        assert_non_null(strstr(world->event, cases[i].event));
        assert_non_null(strstr(world->event, cases[i].note));
        history = history_of(world);
        assert_int_equal(history.newest.command, cases[i].end);
        assert_int_equal(history.newest.command_code, cases[i].code);
        assert_true(asks(world));
    }
}

static void a_sign_out_that_is_not_logged_tells_its_trigger(void **state)
{
    struct world *world = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_trigger trigger = ROLEAUTH_TRIGGER_NONE;
    size_t ended = 0;

    set_daily(world, "15:00");
    world_roles(world, role);
    assert_true(asks(world));
    roleauth_virtual_clock_advance(&world->clock, 3 * HOUR);
    world->event_rc = -1;
    assert_int_equal(
        roleauth_sign_out_due(world->context, &trigger, &ended, &error),
        ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "signed out, but not logged"));
    assert_int_equal(trigger, ROLEAUTH_TRIGGER_DAILY);
    assert_int_equal(ended, 1);
}

/* ---- many at once ---- */

#define THREADS 100

struct crowd {
    struct world *world;
    pthread_barrier_t start;
    atomic_uint signed_out; /* how many have */
    atomic_bool is_over;    /* the sign-out has returned */
    atomic_uint cached, asked, wrong;
};

static void evaluate_once(struct crowd *crowd, bool *was_over, bool *prompted)
{
    struct world *world = crowd->world;
    roleauth_request *request = roleauth_request_new();
    roleauth_script *script = roleauth_script_new();
    roleauth_conversation conversation = roleauth_script_conversation(script);
    roleauth_result *result = NULL;

    *was_over = atomic_load(&crowd->is_over);
    if (roleauth_script_type(script, "bobpw") != 0 ||
        roleauth_request_set(request, ROLEAUTH_SERVER, "user", "alice", NULL) !=
            0 ||
        roleauth_request_set(request, ROLEAUTH_SERVER, "submithost", "desk",
                             NULL) != 0 ||
        roleauth_request_set_records(request, ROLEAUTH_RECORDS_NO_UPDATE,
                                     NULL) != 0 ||
        roleauth_request_set_conversation(request, &conversation, NULL) != 0 ||
        roleauth_evaluate(world->context, world->roles, request, &result,
                          NULL) != 0 ||
        !roleauth_result_accepted(result))
        atomic_fetch_add(&crowd->wrong, 1);
    *prompted = roleauth_script_prompts(script) > 0;
    roleauth_result_free(&result);
    roleauth_request_free(&request);
    roleauth_script_free(&script);
}

static void *evaluate_until_asked(void *data)
{
    struct crowd *crowd = data;
    bool was_over, prompted = false;

    (void)pthread_barrier_wait(&crowd->start);
    while (!prompted) {
        evaluate_once(crowd, &was_over, &prompted);
        atomic_fetch_add(prompted ? &crowd->asked : &crowd->cached, 1);
        /* One that began once the sign-out was over has to ask. */
        if (was_over && !prompted)
            atomic_fetch_add(&crowd->wrong, 1);
    }
    return NULL;
}

static void *sign_out_once(void *data)
{
    struct crowd *crowd = data;
    roleauth_trigger trigger;

    (void)pthread_barrier_wait(&crowd->start);
    if (roleauth_sign_out_due(crowd->world->context, &trigger, NULL, NULL) != 0)
        atomic_fetch_add(&crowd->wrong, 1);
    else if (trigger != ROLEAUTH_TRIGGER_NONE)
        atomic_fetch_add(&crowd->signed_out, 1);
    return NULL;
}

/* In place of world_hear(), for many threads. */
static int hear_nothing(void *data, const char *line, size_t length)
{
    (void)data;
    (void)line;
    (void)length;
    return 0;
}

static void prepare_crowd(struct world *world, struct crowd *crowd,
                          unsigned threads)
{
    memset(crowd, 0, sizeof(*crowd));
    crowd->world = world;
    assert_int_equal(roleauth_context_clear_sinks(world->context, NULL), 0);
    assert_int_equal(
        roleauth_context_add_callback_sink(world->context, hear_nothing, NULL,
                                           ROLEAUTH_MANDATORY, NULL),
        0);
    set_number(world, ROLEAUTH_SIGNOUT_BOOT, 1);
    set_number(world, ROLEAUTH_SURVIVE_REBOOT, 1);
    world_roles(world, role);
    assert_int_equal(pthread_barrier_init(&crowd->start, NULL, threads), 0);
}

static void prove(struct world *world)
{
    world_script(world);
    world_type(world, "bobpw");
    assert_int_equal(roleauth_evaluate(world->context, world->roles,
                                       world->request, &world->result, NULL),
                     0);
    assert_true(roleauth_result_accepted(world->result));
    roleauth_result_free(&world->result);
}

static void a_hundred_evaluations_and_a_sign_out(void **state)
{
    const struct timespec moment = {0, 1000000};
    struct world *world = *state;
    pthread_t threads[THREADS];
    struct crowd crowd;

    prepare_crowd(world, &crowd, THREADS + 1);
    prove(world);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, evaluate_until_asked, &crowd), 0);
    (void)pthread_barrier_wait(&crowd.start);
    while (atomic_load(&crowd.cached) < THREADS)
        (void)nanosleep(&moment, NULL);
    assert_int_equal(roleauth_sign_out(world->context, NULL, NULL, NULL, NULL),
                     0);
    atomic_store(&crowd.is_over, true);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&crowd.wrong), 0);
    assert_int_equal(atomic_load(&crowd.asked), THREADS);
    assert_true(atomic_load(&crowd.cached) >= THREADS);
    (void)pthread_barrier_destroy(&crowd.start);
}

static void of_many_who_are_due_one_signs_out(void **state)
{
    struct world *world = *state;
    pthread_t threads[16];
    struct crowd crowd;

    prepare_crowd(world, &crowd, 16);
    prove(world);
    roleauth_virtual_clock_reboot(&world->clock, 60);
    for (int i = 0; i < 16; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, sign_out_once, &crowd), 0);
    for (int i = 0; i < 16; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&crowd.wrong), 0);
    assert_int_equal(atomic_load(&crowd.signed_out), 1);
    assert_int_equal(history_of(world).count, 1);
    (void)pthread_barrier_destroy(&crowd.start);
}

/* A context of its own on a file store, as each process has. */
static roleauth_context *file_context(struct scratch *scratch,
                                      roleauth_virtual_clock *clock)
{
    roleauth_context *context = roleauth_context_new();
    const roleauth_clock seam = roleauth_virtual_clock_seam(clock);

    assert_int_equal(roleauth_context_set_clock(context, &seam, NULL), 0);
    assert_int_equal(
        roleauth_context_set_text(context, ROLEAUTH_TIME_ZONE, "UTC", NULL), 0);
    assert_int_equal(
        roleauth_context_set_text(context, ROLEAUTH_STORE_DIRECTORY,
                                  scratch_at(scratch, "records"), NULL),
        0);
    assert_int_equal(
        roleauth_context_set_text(context, ROLEAUTH_STATE_DIRECTORY,
                                  scratch_at(scratch, "state"), NULL),
        0);
    assert_int_equal(roleauth_context_clear_sinks(context, NULL), 0);
    assert_int_equal(roleauth_context_set_number(
                         context, ROLEAUTH_SIGNOUT_INTERVAL, HOUR, NULL),
                     0);
    return context;
}

static int sign_out_in_a_process(struct scratch *scratch,
                                 roleauth_virtual_clock *clock, int start)
{
    roleauth_context *context = file_context(scratch, clock);
    roleauth_trigger trigger;
    char byte;
    int rc;

    /* All begin when the pipe is closed. */
    if (read(start, &byte, 1) != 0)
        return 2;
    rc = roleauth_sign_out_due(context, &trigger, NULL, NULL);
    roleauth_context_free(&context);
    if (rc != 0)
        return 3;
    return trigger != ROLEAUTH_TRIGGER_NONE ? 1 : 0;
}

static void of_many_processes_one_signs_out(void **state)
{
    struct scratch scratch;
    roleauth_virtual_clock clock;
    roleauth_context *context;
    struct history history = {.count = 0};
    roleauth_trigger trigger;
    int ends[2], status, signed_out = 0;

    (void)state;
    scratch_make(&scratch);
    roleauth_virtual_clock_init(&clock);
    context = file_context(&scratch, &clock);
    assert_int_equal(roleauth_sign_out_due(context, &trigger, NULL, NULL), 0);
    assert_int_equal(trigger, ROLEAUTH_TRIGGER_NONE);
    roleauth_virtual_clock_advance(&clock, 5 * HOUR);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    for (int i = 0; i < 8; i++) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            (void)close(ends[1]);
            _exit(sign_out_in_a_process(&scratch, &clock, ends[0]));
        }
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    for (int i = 0; i < 8; i++) {
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status));
        assert_in_range(WEXITSTATUS(status), 0, 1);
        signed_out += WEXITSTATUS(status);
    }
    assert_int_equal(signed_out, 1);
    assert_int_equal(roleauth_sign_outs(context, keep_newest, &history, NULL),
                     0);
    assert_int_equal(history.count, 1);
    roleauth_context_free(&context);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_end)
        TEST(arguments_are_needed),
        TEST(without_triggers_nothing_is_due),
        TEST(an_interval_ends_what_is_remembered),
        TEST(missed_moments_count_once),
        TEST(a_boot_ends_what_survived_it),
        TEST(the_moments_are_told),
        TEST(status_tells_what_ends_a_record),
        TEST(status_tells_the_period_when_that_is_first),
        TEST(a_proof_over_a_moment_is_not_recorded),
        TEST(a_record_over_a_moment_asks_again),
        TEST(a_clock_set_back_revives_nothing),
        TEST(a_clock_set_back_by_a_reboot_revives_nothing),
        TEST(a_surviving_record_is_not_revived),
        TEST(a_moment_that_was_seen_stays_passed),
        TEST(an_absurd_clock_answers_for_nobody),
        TEST(the_command_runs_and_is_told),
        TEST(a_command_that_fails_changes_nothing),
        TEST(a_sign_out_that_is_not_logged_tells_its_trigger),
        TEST(a_hundred_evaluations_and_a_sign_out),
        TEST(of_many_who_are_due_one_signs_out),
        cmocka_unit_test(of_many_processes_one_signs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

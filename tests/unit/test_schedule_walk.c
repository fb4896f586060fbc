/* SPDX-License-Identifier: MIT */
/* A virtual clock walks two years in five time zones: what a wall clock would
 * do is told by localtime_r(3), minute by minute, in a process of its own with
 * TZ set, and each moment at which it does something is tried on the library,
 * whose reading of the zones is its own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/triggers.h"
#include "support/world.h"

/* 2018-07-01 to 2020-07-01: the last summer time of Brazil is among them. */
#define FROM INT64_C(1530403200)
#define TO INT64_C(1593561600)
#define MINUTE 60
#define HOUR 3600
#define DAY INT64_C(86400)
#define MOST_MOMENTS 8000

/* All that any of the zones skips or repeats, and some that none does. */
static const char *const texts[] = {"00:00", "01:45", "02:15",
                                    "02:30", "15:00", "23:30"};
static const uint16_t times[] = {0, 105, 135, 150, 900, 1410};
#define TIMES (sizeof(times) / sizeof(times[0]))

static const char *const zones[] = {"Europe/Berlin", "America/Sao_Paulo",
                                    "Australia/Lord_Howe", "Asia/Kolkata",
                                    "UTC"};
#define ZONES (sizeof(zones) / sizeof(zones[0]))

static const char role[] = "[{'name':'r','auth':[{'method':'getuserpasswd',"
                           "'user':'bob','prompt':'P ','fname':'f',"
                           "'period':31536000}]}]";

/* ---- the oracle ---- */

/* Minutes since 1970 as a wall clock shows them. */
static int64_t shown(int64_t moment)
{
    time_t then = (time_t)moment;
    struct tm local;

    if (localtime_r(&then, &local) == NULL)
        _exit(2);
    local.tm_isdst = 0;
    /* timegm(3) knows no zones. */
    return (int64_t)timegm(&local) / MINUTE;
}

/* Does a wall clock that goes from one minute to another pass a daily time? */
static bool passes_a_time(int64_t from, int64_t to)
{
    for (int64_t minute = from + 1; minute <= to; minute++)
        for (size_t i = 0; i < TIMES; i++)
            if (minute % (DAY / MINUTE) == times[i])
                return true;
    return false;
}

/* Somebody watches a wall clock and notes when it shows or has gone past one of
 * the times for the first time: what is shown again is nothing new. */
static void watch(const char *zone, int output)
{
    int64_t highest;

    if (setenv("TZ", zone, 1) != 0)
        _exit(2);
    tzset();
    highest = shown(FROM);
    for (int64_t moment = FROM + MINUTE; moment < TO; moment += MINUTE) {
        int64_t now = shown(moment);

        if (now <= highest)
            continue;
        if (passes_a_time(highest, now) &&
            write(output, &moment, sizeof(moment)) != sizeof(moment))
            _exit(2);
        highest = now;
    }
    _exit(0);
}

struct oracle {
    int64_t moments[MOST_MOMENTS];
    size_t count;
};

static void ask_oracle(struct oracle *oracle, const char *zone)
{
    size_t length = 0;
    int ends[2], status;
    ssize_t got;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        watch(zone, ends[1]);
    (void)close(ends[1]);
    while ((got = read(ends[0], (char *)oracle->moments + length,
                       sizeof(oracle->moments) - length)) > 0)
        length += (size_t)got;
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    oracle->count = length / sizeof(oracle->moments[0]);
    /* Two years; where a time was skipped it counts together with the next. */
    assert_in_range(oracle->count, 731 * TIMES - 12, 731 * TIMES);
}

/* ---- the pure function ---- */

static void check_around(const struct ra_triggers *triggers,
                         const struct oracle *oracle, size_t passed,
                         int64_t now, const char *zone)
{
    const struct ra_trigger_view view = {.now = now};
    roleauth_moment latest, next;

    assert_int_equal(ra_triggers_around(triggers, &view, &latest, &next), 0);
    if (latest.trigger != ROLEAUTH_TRIGGER_DAILY ||
        next.trigger != ROLEAUTH_TRIGGER_DAILY ||
        latest.at != oracle->moments[passed - 1] ||
        next.at != oracle->moments[passed])
        fail_msg("%s at %lld: %lld and %lld instead of %lld and %lld", zone,
                 (long long)now, (long long)latest.at, (long long)next.at,
                 (long long)oracle->moments[passed - 1],
                 (long long)oracle->moments[passed]);
}

static void walk_around(const struct oracle *oracle, const char *name)
{
    struct ra_triggers triggers = {.daily = times, .daily_count = TIMES};
    ra_zone *zone;

    assert_int_equal(ra_zone_load(&zone, name, NULL), 0);
    triggers.zone = zone;
    /* On both sides of every moment, and in between. */
    for (size_t i = 1; i < oracle->count; i++) {
        int64_t from = oracle->moments[i - 1], to = oracle->moments[i];

        check_around(&triggers, oracle, i, from, name);
        check_around(&triggers, oracle, i, from + (to - from) / 2, name);
        check_around(&triggers, oracle, i, to - 1, name);
    }
    ra_zone_free(&zone);
}

/* ---- the library as a whole ---- */

static void count_one(void *data, const roleauth_record *record)
{
    ++*(size_t *)data;
    assert_string_equal(record->fname, "f");
}

static size_t count_valid(struct world *world)
{
    size_t count = 0;

    assert_int_equal(roleauth_status(world->context, count_one, &count, NULL),
                     0);
    return count;
}

static void set_clock(struct world *world, int64_t moment)
{
    roleauth_virtual_clock_advance(
        &world->clock,
        (long)(moment - (int64_t)world->clock.time.realtime.tv_sec));
}

static void authenticate(struct world *world)
{
    (void)world_run(world, "bobpw");
    world_decided(world, ROLEAUTH_REASON_OK);
    assert_int_equal(roleauth_script_prompts(world->script), 1);
    assert_int_equal(count_valid(world), 1);
}

static roleauth_trigger sign_out_due(struct world *world)
{
    roleauth_trigger trigger = ROLEAUTH_TRIGGER_NONE;

    assert_int_equal(
        roleauth_sign_out_due(world->context, &trigger, NULL, NULL), 0);
    return trigger;
}

/* Makes its key as well, so that everything counts from this moment. */
static void use_zone(struct world *world, const char *zone, int64_t moment,
                     long interval)
{
    world_context(world);
    assert_int_equal(roleauth_context_set_text(world->context,
                                               ROLEAUTH_TIME_ZONE, zone, NULL),
                     0);
    assert_int_equal(
        roleauth_context_set_signout_daily(world->context, texts, TIMES, NULL),
        0);
    assert_int_equal(roleauth_context_set_number(world->context,
                                                 ROLEAUTH_SIGNOUT_INTERVAL,
                                                 interval, NULL),
                     0);
    assert_int_equal(roleauth_context_set_number(
                         world->context, ROLEAUTH_SURVIVE_REBOOT, 1, NULL),
                     0);
    world_roles(world, role);
    roleauth_virtual_clock_init(&world->clock);
    world->clock.time.realtime.tv_sec = (time_t)moment;
    assert_int_equal(sign_out_due(world), ROLEAUTH_TRIGGER_NONE);
}

/* A record is valid until the second before a moment, and no longer; a sign-out
 * is due then, once. */
static void pass_moment(struct world *world, int64_t moment)
{
    set_clock(world, moment - 1);
    assert_int_equal(count_valid(world), 1);
    assert_int_equal(sign_out_due(world), ROLEAUTH_TRIGGER_NONE);
    set_clock(world, moment);
    assert_int_equal(count_valid(world), 0);
    assert_int_equal(sign_out_due(world), ROLEAUTH_TRIGGER_DAILY);
    assert_int_equal(sign_out_due(world), ROLEAUTH_TRIGGER_NONE);
}

/* The machine is off for some moments: they count as one. */
static void miss_moments(struct world *world, const struct oracle *oracle,
                         size_t last)
{
    int64_t on = oracle->moments[last] + 30;

    roleauth_virtual_clock_reboot(
        &world->clock, (long)(on - (int64_t)world->clock.time.realtime.tv_sec));
    assert_int_equal(count_valid(world), 0);
    assert_int_equal(sign_out_due(world), ROLEAUTH_TRIGGER_DAILY);
    assert_int_equal(sign_out_due(world), ROLEAUTH_TRIGGER_NONE);
}

/* Those of a day on which the clocks change, and each fourth of the others, so
 * that it does not take too long. */
static bool is_tried(const struct oracle *oracle, size_t i)
{
    return i < TIMES || i % 4 == 0 ||
           oracle->moments[i] - oracle->moments[i - TIMES] != DAY;
}

static void walk_library(struct world *world, const struct oracle *oracle,
                         const char *zone)
{
    size_t i = 1;

    use_zone(world, zone, oracle->moments[0], 0);
    for (; i < oracle->count; i++) {
        if (i % 50 == 7 && i + 20 < oracle->count) {
            authenticate(world);
            i += 20;
            miss_moments(world, oracle, i);
        } else if (is_tried(oracle, i)) {
            if (oracle->moments[i - 1] >
                (int64_t)world->clock.time.realtime.tv_sec)
                set_clock(world, oracle->moments[i - 1]);
            (void)sign_out_due(world);
            authenticate(world);
            pass_moment(world, oracle->moments[i]);
        }
    }
}

static void two_years_of_daily_times(void **state)
{
    static struct oracle oracle;
    struct world *world = *state;

    for (size_t i = 0; i < ZONES; i++) {
        ra_zone *zone;

        if (ra_zone_load(&zone, zones[i], NULL) != 0) {
            print_message("no %s on this system\n", zones[i]);
            continue;
        }
        ra_zone_free(&zone);
        ask_oracle(&oracle, zones[i]);
        walk_around(&oracle, zones[i]);
        walk_library(world, &oracle, zones[i]);
    }
}

/* ---- together with an interval ---- */

/* Every few hours and at the daily times: the interval starts anew with each
 * sign-out.  The expected moment is worked out from the oracle alone. */
static void walk_both(struct world *world, const struct oracle *oracle,
                      const char *zone)
{
    const int64_t interval = 7 * HOUR;
    int64_t last = oracle->moments[0];
    size_t daily = 1;

    use_zone(world, zone, last, (long)interval);
    while (daily < oracle->count / 3) {
        int64_t moment = oracle->moments[daily];
        roleauth_trigger expected = ROLEAUTH_TRIGGER_DAILY;
        roleauth_moment next;

        if (last + interval <= moment) {
            moment = last + interval;
            expected = ROLEAUTH_TRIGGER_INTERVAL;
        }
        authenticate(world);
        assert_int_equal(roleauth_triggers(world->context, NULL, &next, NULL),
                         0);
        assert_int_equal(next.trigger, expected);
        assert_int_equal(next.at, moment);
        set_clock(world, moment - 1);
        assert_int_equal(count_valid(world), 1);
        set_clock(world, moment);
        assert_int_equal(count_valid(world), 0);
        assert_int_equal(sign_out_due(world), expected);
        if (moment == oracle->moments[daily])
            daily++;
        last = moment;
    }
}

static void an_interval_between_daily_times(void **state)
{
    static struct oracle oracle;
    struct world *world = *state;
    ra_zone *zone;

    if (ra_zone_load(&zone, "Europe/Berlin", NULL) != 0)
        skip();
    ra_zone_free(&zone);
    ask_oracle(&oracle, "Europe/Berlin");
    walk_both(world, &oracle, "Europe/Berlin");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_end)
        TEST(two_years_of_daily_times),
        TEST(an_interval_between_daily_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

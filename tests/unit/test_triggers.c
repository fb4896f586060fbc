/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/triggers.h"

/* 2026-06-01 12:00:00 UTC. */
#define NOON INT64_C(1780315200)
#define HOUR INT64_C(3600)
#define DAY INT64_C(86400)
#define LAST INT64_C(253402300799)

static ra_zone *zone;
static const uint16_t times[] = {15 * 60, 0};

static int set_up(void **state)
{
    (void)state;
    return ra_zone_load(&zone, "UTC", NULL);
}

static int tear_down(void **state)
{
    (void)state;
    ra_zone_free(&zone);
    return 0;
}

static struct ra_trigger_view at(int64_t now)
{
    const struct ra_trigger_view view = {
        .now = now, .has_anchor = true, .anchor = NOON};

    return view;
}

static void expect(const struct ra_triggers *triggers,
                   struct ra_trigger_view view, roleauth_trigger before,
                   int64_t latest_at, roleauth_trigger after, int64_t next_at)
{
    roleauth_moment latest, next;

    memset(&latest, 0xFF, sizeof(latest));
    memset(&next, 0xFF, sizeof(next));
    assert_int_equal(ra_triggers_around(triggers, &view, &latest, &next), 0);
    assert_int_equal(latest.trigger, before);
    assert_int_equal(latest.at, latest_at);
    assert_int_equal(next.trigger, after);
    assert_int_equal(next.at, next_at);
}

#define NONE ROLEAUTH_TRIGGER_NONE
#define INTERVAL ROLEAUTH_TRIGGER_INTERVAL
#define DAILY ROLEAUTH_TRIGGER_DAILY
#define BOOT ROLEAUTH_TRIGGER_BOOT

static void words(void **state)
{
    (void)state;
    assert_string_equal(roleauth_trigger_word(INTERVAL), "interval");
    assert_string_equal(roleauth_trigger_word(DAILY), "daily");
    assert_string_equal(roleauth_trigger_word(BOOT), "boot");
    assert_string_equal(roleauth_trigger_word(ROLEAUTH_TRIGGER_HAND), "hand");
    assert_string_equal(roleauth_trigger_word(NONE), "none");
    assert_string_equal(roleauth_trigger_word((roleauth_trigger)99), "none");
}

static void without_triggers_there_is_no_moment(void **state)
{
    const struct ra_triggers none = {.zone = zone};
    const struct ra_triggers boot = {.boot = true};

    (void)state;
    assert_false(ra_triggers_any(NULL));
    assert_false(ra_triggers_any(&none));
    assert_true(ra_triggers_any(&boot));
    expect(&none, at(NOON), NONE, 0, NONE, 0);
    expect(&boot, at(NOON), NONE, 0, NONE, 0);
}

static void an_interval_counts_from_its_anchor(void **state)
{
    const struct ra_triggers triggers = {.interval = 8 * HOUR};
    struct ra_trigger_view view = at(NOON);

    (void)state;
    assert_true(ra_triggers_any(&triggers));
    expect(&triggers, view, INTERVAL, NOON, INTERVAL, NOON + 8 * HOUR);
    expect(&triggers, at(NOON + 8 * HOUR - 1), INTERVAL, NOON, INTERVAL,
           NOON + 8 * HOUR);
    expect(&triggers, at(NOON + 8 * HOUR), INTERVAL, NOON + 8 * HOUR, INTERVAL,
           NOON + 16 * HOUR);
    expect(&triggers, at(NOON + 1000 * DAY + 5), INTERVAL, NOON + 1000 * DAY,
           INTERVAL, NOON + 1000 * DAY + 8 * HOUR);
    /* Before it: the clock was set back. */
    expect(&triggers, at(NOON - 1), INTERVAL, NOON - 8 * HOUR, INTERVAL, NOON);
    expect(&triggers, at(NOON - 8 * HOUR - 1), INTERVAL, NOON - 16 * HOUR,
           INTERVAL, NOON - 8 * HOUR);
    /* Nothing to count from yet. */
    view.has_anchor = false;
    expect(&triggers, view, NONE, 0, NONE, 0);
}

static void daily_times_are_local(void **state)
{
    struct ra_triggers triggers = {
        .daily = times, .daily_count = 2, .zone = zone};
    ra_zone *berlin;

    (void)state;
    expect(&triggers, at(NOON), DAILY, NOON - 12 * HOUR, DAILY,
           NOON + 3 * HOUR);
    expect(&triggers, at(NOON + 3 * HOUR), DAILY, NOON + 3 * HOUR, DAILY,
           NOON + 12 * HOUR);
    expect(&triggers, at(NOON + 12 * HOUR - 1), DAILY, NOON + 3 * HOUR, DAILY,
           NOON + 12 * HOUR);
    triggers.daily_count = 1;
    expect(&triggers, at(NOON), DAILY, NOON - 21 * HOUR, DAILY,
           NOON + 3 * HOUR);
    if (ra_zone_load(&berlin, "Europe/Berlin", NULL) == 0) {
        triggers.zone = berlin;
        expect(&triggers, at(NOON), DAILY, NOON - 23 * HOUR, DAILY,
               NOON + HOUR);
        ra_zone_free(&berlin);
    }
}

/* A day that was skipped: its times count as the start of the next one. */
static void a_skipped_day_counts_once(void **state)
{
    const struct ra_triggers triggers = {.daily = times, .daily_count = 1};
    struct ra_triggers apia = triggers;
    ra_zone *samoa;

    (void)state;
    if (ra_zone_load(&samoa, "Pacific/Apia", NULL) != 0)
        skip();
    apia.zone = samoa;
    /* 2011-12-29 15:00 -10, then 2011-12-31 00:00 and 15:00 +14. */
    expect(&apia, at(1325239199), DAILY, 1325206800, DAILY, 1325239200);
    expect(&apia, at(1325239200), DAILY, 1325239200, DAILY, 1325293200);
    ra_zone_free(&samoa);
}

static void the_boot_is_only_ever_the_latest(void **state)
{
    const struct ra_triggers boot = {.boot = true};
    const struct ra_triggers no_boot = {.interval = HOUR};
    struct ra_trigger_view view = at(NOON + 5);

    (void)state;
    view.has_boot = true;
    view.booted = NOON + 3;
    expect(&boot, view, BOOT, NOON + 3, NONE, 0);
    expect(&no_boot, view, INTERVAL, NOON, INTERVAL, NOON + HOUR);
    view.booted = NOON + 6;
    expect(&boot, view, NONE, 0, NONE, 0);
}

static void the_latest_of_all_wins(void **state)
{
    struct ra_triggers triggers = {.interval = 2 * HOUR,
                                   .daily = times,
                                   .daily_count = 2,
                                   .zone = zone,
                                   .boot = true};
    struct ra_trigger_view view = at(NOON + 3 * HOUR + 60);

    (void)state;
    view.has_boot = true;
    view.booted = NOON + 30 * 60;
    expect(&triggers, view, DAILY, NOON + 3 * HOUR, INTERVAL, NOON + 4 * HOUR);
    view.booted = NOON + 3 * HOUR + 1;
    expect(&triggers, view, BOOT, NOON + 3 * HOUR + 1, INTERVAL,
           NOON + 4 * HOUR);
    /* At once: the first of interval, daily, boot. */
    triggers.interval = 3 * HOUR;
    view.booted = NOON + 3 * HOUR;
    expect(&triggers, view, INTERVAL, NOON + 3 * HOUR, INTERVAL,
           NOON + 6 * HOUR);
}

static void absurd_clocks_tell_nothing(void **state)
{
    static const int64_t absurd[] = {INT64_MIN, -1, LAST + 1, INT64_MAX};
    const struct ra_triggers triggers = {.interval = HOUR,
                                         .daily = times,
                                         .daily_count = 2,
                                         .zone = zone,
                                         .boot = true};
    roleauth_moment latest, next;

    (void)state;
    for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
        struct ra_trigger_view view = at(absurd[i]);

        assert_int_equal(ra_triggers_around(&triggers, &view, &latest, &next),
                         ROLEAUTH_E_ARGUMENT);
        assert_int_equal(latest.trigger, NONE);
        view = at(NOON);
        view.anchor = absurd[i];
        assert_int_equal(ra_triggers_around(&triggers, &view, &latest, &next),
                         ROLEAUTH_E_ARGUMENT);
        view = at(NOON);
        view.has_boot = true;
        view.booted = absurd[i];
        assert_int_equal(ra_triggers_around(&triggers, &view, &latest, &next),
                         0);
    }
}

/* At the ends of the calendar there may be no next moment, or no latest. */
static void the_ends_of_the_calendar(void **state)
{
    struct ra_triggers triggers = {.interval = 31536000};
    struct ra_trigger_view view = at(LAST);

    (void)state;
    view.anchor = LAST;
    expect(&triggers, view, INTERVAL, LAST, NONE, 0);
    triggers.interval = 60;
    view.anchor = 0;
    view.now = 0;
    expect(&triggers, view, INTERVAL, 0, INTERVAL, 60);
    triggers =
        (struct ra_triggers){.daily = times, .daily_count = 2, .zone = zone};
    expect(&triggers, at(LAST), DAILY, LAST - 9 * HOUR + 1, NONE, 0);
    expect(&triggers, at(0), DAILY, 0, DAILY, 15 * HOUR);
}

/* ---- what time it is ---- */

static roleauth_time when(int64_t real, long real_nanoseconds, int64_t boot,
                          long boot_nanoseconds)
{
    const roleauth_time time = {{(time_t)real, real_nanoseconds},
                                {(time_t)boot, boot_nanoseconds},
                                {1}};

    return time;
}

static int64_t now_for(roleauth_time then, roleauth_time now)
{
    return ra_trigger_now(&then, &now);
}

static void the_later_clock_counts(void **state)
{
    roleauth_time other = when(NOON - 500, 0, 7, 0);

    (void)state;
    assert_int_equal(now_for(when(NOON, 0, 100, 0), when(NOON + 9, 0, 109, 0)),
                     NOON + 9);
    /* Set back, and set forward. */
    assert_int_equal(
        now_for(when(NOON, 0, 100, 0), when(NOON - 3600, 0, 109, 0)), NOON + 9);
    assert_int_equal(
        now_for(when(NOON, 0, 100, 0), when(NOON + 3600, 0, 109, 0)),
        NOON + 3600);
    /* Another boot: there is the wall clock alone. */
    other.boot_id[0] = 2;
    assert_int_equal(now_for(when(NOON, 0, 100, 0), other), NOON - 500);
    /* Parts of seconds. */
    assert_int_equal(now_for(when(NOON, 900000000, 100, 900000000),
                             when(NOON - 9, 0, 101, 100000000)),
                     NOON + 1);
    assert_int_equal(now_for(when(NOON, 900000000, 100, 0),
                             when(NOON - 9, 0, 100, 100000000)),
                     NOON + 1);
    assert_int_equal(
        now_for(when(NOON, 0, 100, 900000000), when(NOON - 9, 0, 101, 0)),
        NOON);
    assert_true(now_for(when(INT64_MAX, 0, 1, 0),
                        when(NOON, 0, INT64_MAX, 0)) == INT64_MAX);
}

/* ---- what is due ---- */

static roleauth_moment due(const struct ra_triggers *triggers,
                           roleauth_time then, roleauth_time now)
{
    roleauth_moment moment;

    assert_int_equal(ra_triggers_due(triggers, &then, &now, &moment), 0);
    return moment;
}

static void a_moment_that_passed_is_due(void **state)
{
    const struct ra_triggers triggers = {
        .interval = 8 * HOUR, .daily = times, .daily_count = 2, .zone = zone};
    const roleauth_time then = when(NOON, 5, 100, 5);
    roleauth_moment moment;

    (void)state;
    assert_int_equal(due(&triggers, then, then).trigger, NONE);
    assert_int_equal(due(&triggers, then,
                         when(NOON + 3 * HOUR - 1, 0, 100 + 3 * HOUR - 1, 0))
                         .trigger,
                     NONE);
    moment = due(&triggers, then, when(NOON + 3 * HOUR, 0, 100 + 3 * HOUR, 5));
    assert_int_equal(moment.trigger, DAILY);
    assert_int_equal(moment.at, NOON + 3 * HOUR);
    /* Several that were missed: the latest one. */
    moment =
        due(&triggers, then, when(NOON + 9 * DAY + 5, 0, 100 + 9 * DAY + 5, 5));
    assert_int_equal(moment.trigger, INTERVAL);
    assert_int_equal(moment.at, NOON + 9 * DAY);
    /* The clock was set back: the time went on all the same. */
    moment = due(&triggers, then, when(NOON - DAY, 0, 100 + 3 * HOUR, 5));
    assert_int_equal(moment.trigger, DAILY);
    assert_int_equal(moment.at, NOON + 3 * HOUR);
}

static void another_boot_is_due(void **state)
{
    const struct ra_triggers triggers = {.interval = 8 * HOUR, .boot = true};
    const struct ra_triggers without = {.interval = 8 * HOUR};
    const struct ra_triggers only_boot = {.boot = true};
    const roleauth_time then = when(NOON, 0, 100, 0);
    roleauth_time now = when(NOON + 70, 0, 10, 0);
    roleauth_moment moment;

    (void)state;
    assert_int_equal(due(&triggers, then, now).trigger, NONE);
    now.boot_id[0] = 2;
    moment = due(&triggers, then, now);
    assert_int_equal(moment.trigger, BOOT);
    assert_int_equal(moment.at, NOON + 60);
    assert_int_equal(due(&without, then, now).trigger, NONE);
    /* A wall clock that says that it was before does not hide it. */
    now.realtime.tv_sec = 1000;
    assert_int_equal(due(&triggers, then, now).trigger, BOOT);
    assert_int_equal(due(&only_boot, then, now).trigger, BOOT);
}

/* The clock says less than when everything was signed out last, and another
 * boot is between: who knows what has passed? */
static void a_clock_from_before_is_due(void **state)
{
    const struct ra_triggers interval = {.interval = 8 * HOUR};
    const struct ra_triggers daily = {
        .daily = times, .daily_count = 2, .zone = zone};
    const roleauth_time then = when(NOON, 0, 100, 0);
    roleauth_time now = when(NOON - 5, 0, 10, 0);

    (void)state;
    now.boot_id[0] = 2;
    assert_int_equal(due(&interval, then, now).trigger, INTERVAL);
    assert_int_equal(due(&daily, then, now).trigger, DAILY);
    assert_int_equal(due(&daily, then, now).at, NOON - 5);
    /* So is a time since the boot that went back. */
    assert_int_equal(due(&daily, then, when(NOON - 5, 0, 10, 0)).trigger,
                     DAILY);
}

static void an_unknown_last_time_is_due(void **state)
{
    const struct ra_triggers interval = {.interval = 8 * HOUR};
    const struct ra_triggers daily = {
        .daily = times, .daily_count = 2, .zone = zone};
    const struct ra_triggers boot = {.boot = true};
    roleauth_time never;

    (void)state;
    memset(&never, 0, sizeof(never));
    assert_int_equal(due(&interval, never, when(NOON, 0, 10, 0)).trigger,
                     INTERVAL);
    assert_int_equal(due(&daily, never, when(NOON, 0, 10, 0)).trigger, DAILY);
    assert_int_equal(due(&boot, never, when(NOON, 0, 10, 0)).trigger, BOOT);
}

static void nothing_is_due_by_an_absurd_clock(void **state)
{
    const struct ra_triggers interval = {.interval = 8 * HOUR};
    const roleauth_time then = when(NOON, 0, 100, 0);
    const roleauth_time now = when(LAST + 1, 0, 100, 0);
    roleauth_moment moment;

    (void)state;
    assert_int_equal(ra_triggers_due(&interval, &then, &now, &moment),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(moment.trigger, NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(without_triggers_there_is_no_moment),
        cmocka_unit_test(an_interval_counts_from_its_anchor),
        cmocka_unit_test(daily_times_are_local),
        cmocka_unit_test(a_skipped_day_counts_once),
        cmocka_unit_test(the_boot_is_only_ever_the_latest),
        cmocka_unit_test(the_latest_of_all_wins),
        cmocka_unit_test(absurd_clocks_tell_nothing),
        cmocka_unit_test(the_ends_of_the_calendar),
        cmocka_unit_test(the_later_clock_counts),
        cmocka_unit_test(a_moment_that_passed_is_due),
        cmocka_unit_test(another_boot_is_due),
        cmocka_unit_test(a_clock_from_before_is_due),
        cmocka_unit_test(an_unknown_last_time_is_due),
        cmocka_unit_test(nothing_is_due_by_an_absurd_clock),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

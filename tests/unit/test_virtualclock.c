/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <roleauth_testing.h>
#include <string.h>
#include <time.h>

static roleauth_time read_clock(roleauth_virtual_clock *clock, int expected)
{
    roleauth_clock seam = roleauth_virtual_clock_seam(clock);
    roleauth_time time;

    memset(&time, 0, sizeof(time));
    assert_int_equal(seam.now(seam.data, &time), expected);
    return time;
}

static void it_starts_at_noon_an_hour_after_boot(void **state)
{
    roleauth_virtual_clock clock;
    roleauth_time time;
    struct tm tm;
    char text[32];

    (void)state;
    memset(&clock, 0xFF, sizeof(clock));
    roleauth_virtual_clock_init(&clock);
    time = read_clock(&clock, 0);
    assert_non_null(gmtime_r(&time.realtime.tv_sec, &tm));
    assert_true(strftime(text, sizeof(text), "%F %T", &tm) > 0);
    assert_string_equal(text, "2026-06-01 12:00:00");
    assert_int_equal(time.boottime.tv_sec, 3600);
    assert_int_equal(time.realtime.tv_nsec, 0);
    assert_int_equal(time.boottime.tv_nsec, 0);
}

static void both_clocks_go_on_together(void **state)
{
    roleauth_virtual_clock clock;
    roleauth_time before, after;

    (void)state;
    roleauth_virtual_clock_init(&clock);
    before = read_clock(&clock, 0);
    roleauth_virtual_clock_advance(&clock, 90);
    roleauth_virtual_clock_advance(&clock, -30);
    after = read_clock(&clock, 0);
    assert_int_equal(after.realtime.tv_sec - before.realtime.tv_sec, 60);
    assert_int_equal(after.boottime.tv_sec - before.boottime.tv_sec, 60);
    assert_memory_equal(after.boot_id, before.boot_id, 16);
}

static void another_boot_has_another_id(void **state)
{
    roleauth_virtual_clock clock;
    roleauth_time before, after;

    (void)state;
    roleauth_virtual_clock_init(&clock);
    before = read_clock(&clock, 0);
    roleauth_virtual_clock_reboot(&clock, 30);
    after = read_clock(&clock, 0);
    assert_int_equal(after.realtime.tv_sec - before.realtime.tv_sec, 30);
    assert_true(after.boottime.tv_sec > 0 && after.boottime.tv_sec <= 30);
    assert_memory_not_equal(after.boot_id, before.boot_id, 16);
}

static void a_broken_clock_fails(void **state)
{
    roleauth_virtual_clock clock;

    (void)state;
    roleauth_virtual_clock_init(&clock);
    clock.broken = 1;
    (void)read_clock(&clock, -1);
    clock.broken = 0;
    (void)read_clock(&clock, 0);
}

static void null_is_an_argument(void **state)
{
    const roleauth_clock none = roleauth_virtual_clock_seam(NULL);
    roleauth_context *context = roleauth_context_new();

    (void)state;
    roleauth_virtual_clock_init(NULL);
    roleauth_virtual_clock_advance(NULL, 1);
    roleauth_virtual_clock_reboot(NULL, 1);
    assert_null(none.now);
    assert_null(none.data);
    /* So that a context does not take it. */
    assert_int_equal(roleauth_context_set_clock(context, &none, NULL),
                     ROLEAUTH_E_ARGUMENT);
    roleauth_context_free(&context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_at_noon_an_hour_after_boot),
        cmocka_unit_test(both_clocks_go_on_together),
        cmocka_unit_test(another_boot_has_another_id),
        cmocka_unit_test(a_broken_clock_fails),
        cmocka_unit_test(null_is_an_argument),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

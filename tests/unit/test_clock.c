/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crypto.h"

static void the_system_clock_tells_all_three(void **state)
{
    struct ra_boot_id boot;
    roleauth_clock clock = ra_clock_system(&boot);
    roleauth_time first, second;
    char uuid[64] = "", hex[33];
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

    (void)state;
    assert_int_equal(ra_clock_now(&clock, &first), 0);
    assert_int_equal(ra_clock_now(&clock, &second), 0);
    assert_true(first.realtime.tv_sec >= 1700000000);
    assert_true(first.realtime.tv_sec <= time(NULL) + 1);
    assert_true(first.boottime.tv_sec > 0);
    assert_true(second.boottime.tv_sec >= first.boottime.tv_sec);
    assert_memory_equal(first.boot_id, second.boot_id, 16);
    assert_non_null(file);
    assert_non_null(fgets(uuid, sizeof(uuid), file));
    (void)fclose(file);
    ra_hex(first.boot_id, 16, hex);
    for (const char *u = uuid, *h = hex; *h != '\0'; u++)
        if (*u != '-')
            assert_int_equal(*u, *h++);
    boot.known = false;
    assert_int_equal(ra_clock_now(&clock, &first), -1);
}

/* A clock that says what it is told to say. */
struct told {
    roleauth_time time;
    int rc;
};

static int tell(void *data, roleauth_time *time)
{
    const struct told *told = data;

    *time = told->time;
    return told->rc;
}

static int says(time_t real, long real_nsec, time_t boot, long boot_nsec,
                int rc)
{
    struct told told = {{{real, real_nsec}, {boot, boot_nsec}, {1, 2, 3}}, rc};
    const roleauth_clock clock = {tell, &told};
    const roleauth_time zero = {{0, 0}, {0, 0}, {0}};
    roleauth_time time;
    int got;

    memset(&time, 0xFF, sizeof(time));
    got = ra_clock_now(&clock, &time);
    if (got == 0) {
        assert_int_equal(time.realtime.tv_sec, real);
        assert_int_equal(time.realtime.tv_nsec, real_nsec);
        assert_int_equal(time.boottime.tv_sec, boot);
        assert_int_equal(time.boot_id[2], 3);
    } else {
        assert_memory_equal(&time, &zero, sizeof(zero));
    }
    return got;
}

static void a_clock_that_cannot_be_right_is_refused(void **state)
{
    (void)state;
    assert_int_equal(says(1, 0, 1, 0, 0), 0);
    assert_int_equal(says(1, 999999999, 1, 999999999, 0), 0);
    assert_int_equal(says(0, 0, 1, 0, 0), -1); /* CVE-2013-1775 */
    assert_int_equal(says(0, 5, 1, 0, 0), -1);
    assert_int_equal(says(1, 0, 0, 0, 0), -1);
    assert_int_equal(says(-1, 0, 1, 0, 0), -1);
    assert_int_equal(says(1, 0, -1, 0, 0), -1);
    assert_int_equal(says(1, -1, 1, 0, 0), -1);
    assert_int_equal(says(1, 0, 1, -1, 0), -1);
    assert_int_equal(says(1, 1000000000, 1, 0, 0), -1);
    assert_int_equal(says(1, 0, 1, 1000000000, 0), -1);
    assert_int_equal(says(1, 0, 1, 0, -1), -1);
    assert_int_equal(says(1, 0, 1, 0, 1), -1);
}

static void rfc3339_of_known_moments(void **state)
{
    static const struct {
        time_t second;
        long nanosecond;
        const char *text; /* NULL: none */
    } cases[] = {
        {0, 0, "1970-01-01T00:00:00.000Z"},
        {1780315200, 0, "2026-06-01T12:00:00.000Z"},
        {1709251199, 999999999, "2024-02-29T23:59:59.999Z"},
        {1709251200, 1000000, "2024-03-01T00:00:00.001Z"},
        {1709251200, 999999, "2024-03-01T00:00:00.000Z"},
        {-1, 0, "1969-12-31T23:59:59.000Z"},
        {253402300799, 0, "9999-12-31T23:59:59.000Z"},
        {253402300800, 0, NULL},
        {-30610224000, 0, "1000-01-01T00:00:00.000Z"},
        {-30610224001, 0, NULL},
        {LONG_MAX, 0, NULL},
        {LONG_MIN, 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct timespec at = {cases[i].second, cases[i].nanosecond};
        char text[32] = "before";

        assert_int_equal(ra_rfc3339(&at, text), cases[i].text != NULL);
        assert_string_equal(text, cases[i].text != NULL ? cases[i].text : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_clock_tells_all_three),
        cmocka_unit_test(a_clock_that_cannot_be_right_is_refused),
        cmocka_unit_test(rfc3339_of_known_moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "auth/context.h"

static const char *const names[] = {"year",   "month", "day",  "hour",
                                    "minute", "date",  "time", "dayname"};

struct moment {
    int64_t second;
    const char *values[8];
};

static roleauth_time at(int64_t second)
{
    const roleauth_time time = {{second, 0}, {1, 0}, {0}};

    return time;
}

static void assert_moment(const ra_zone *zone, const struct moment *moment)
{
    roleauth_time time = at(moment->second);
    ra_vars *vars = NULL;

    assert_int_equal(ra_time_vars(&vars, NULL, zone, &time, NULL), 0);
    for (size_t i = 0; i < 8; i++) {
        roleauth_origin origin = ROLEAUTH_CLIENT;

        assert_string_equal(ra_vars_get(vars, names[i], &origin),
                            moment->values[i]);
        assert_int_equal(origin, ROLEAUTH_SERVER);
    }
    ra_vars_free(&vars);
}

static void known_moments_in_utc(void **state)
{
    static const struct moment moments[] = {
        {1780315200,
         {"2026", "6", "1", "12", "0", "2026/06/01", "12:00:00", "Mon"}},
        {0, {"1970", "1", "1", "0", "0", "1970/01/01", "00:00:00", "Thu"}},
        {1709251199,
         {"2024", "2", "29", "23", "59", "2024/02/29", "23:59:59", "Thu"}},
        {1709251200,
         {"2024", "3", "1", "0", "0", "2024/03/01", "00:00:00", "Fri"}},
        {-61851427200,
         {"0010", "1", "3", "0", "0", "0010/01/03", "00:00:00", "Sun"}},
        {253402300799,
         {"9999", "12", "31", "23", "59", "9999/12/31", "23:59:59", "Fri"}},
    };
    ra_zone *zone = NULL;

    (void)state;
    assert_int_equal(ra_zone_load(&zone, "UTC", NULL), 0);
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
        assert_moment(zone, &moments[i]);
    ra_zone_free(&zone);
}

/* The zone counts, and TZ, which belongs to the user, does not. */
static void the_zone_decides_and_not_tz(void **state)
{
    static const struct moment summer = {
        1780315200,
        {"2026", "6", "1", "14", "0", "2026/06/01", "14:00:00", "Mon"}};
    static const struct moment winter = {
        1767225600, /* midnight in UTC */
        {"2026", "1", "1", "1", "0", "2026/01/01", "01:00:00", "Thu"}};
    ra_zone *zone = NULL;

    (void)state;
    if (ra_zone_load(&zone, "Europe/Berlin", NULL) != 0) {
        print_message("no zone Europe/Berlin here\n");
        skip();
    }
    assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
    assert_moment(zone, &summer);
    assert_moment(zone, &winter);
    assert_int_equal(unsetenv("TZ"), 0);
    ra_zone_free(&zone);
}

static void the_servers_own_value_counts(void **state)
{
    roleauth_time time = at(1780315200);
    ra_vars *request = ra_vars_new(NULL), *vars = NULL;
    ra_zone *zone = NULL;

    (void)state;
    assert_int_equal(ra_zone_load(&zone, "UTC", NULL), 0);
    assert_int_equal(
        ra_vars_set(request, ROLEAUTH_SERVER, "year", "1999", NULL), 0);
    assert_int_equal(
        ra_vars_set(request, ROLEAUTH_SERVER, "user", "alice", NULL), 0);
    assert_int_equal(ra_vars_set(request, ROLEAUTH_CLIENT, "hour", "3", NULL),
                     0);
    assert_int_equal(ra_time_vars(&vars, request, zone, &time, NULL), 0);
    assert_string_equal(ra_vars_get(vars, "year", NULL), "1999");
    assert_string_equal(ra_vars_get(vars, "date", NULL), "2026/06/01");
    assert_string_equal(ra_vars_get(vars, "hour", NULL), "12");
    assert_string_equal(ra_vars_get(vars, "user", NULL), "alice");
    assert_null(ra_vars_get(request, "hour", NULL)); /* untouched */
    ra_vars_free(&vars);
    ra_vars_free(&request);
    ra_zone_free(&zone);
}

static void a_date_out_of_range_is_told(void **state)
{
    static const int64_t seconds[] = {253402300800, INT64_MAX, INT64_MIN};
    ra_zone *zone = NULL;

    (void)state;
    assert_int_equal(ra_zone_load(&zone, "UTC", NULL), 0);
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        roleauth_time time = at(seconds[i]);
        ra_vars *vars = NULL;

        assert_true(ra_time_vars(&vars, NULL, zone, &time, &error) < 0);
        assert_null(vars);
        assert_int_not_equal(error.code, 0);
    }
    ra_zone_free(&zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_moments_in_utc),
        cmocka_unit_test(the_zone_decides_and_not_tz),
        cmocka_unit_test(the_servers_own_value_counts),
        cmocka_unit_test(a_date_out_of_range_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

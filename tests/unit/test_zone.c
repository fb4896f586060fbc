/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/zone.h"

#define BEGIN ((int64_t)0)
#define END ((int64_t)4102444800) /* 2100-01-01 */

static void check_moment(const ra_zone *zone, const char *name, int64_t moment)
{
    struct ra_local_time local;
    time_t then = (time_t)moment;
    struct tm expected;

    assert_int_equal(ra_zone_local(zone, moment, &local), 0);
    assert_non_null(localtime_r(&then, &expected));
    if (local.year != expected.tm_year + 1900 ||
        local.month != expected.tm_mon + 1 || local.day != expected.tm_mday ||
        local.hour != expected.tm_hour || local.minute != expected.tm_min ||
        local.second != expected.tm_sec || local.weekday != expected.tm_wday ||
        local.utc_offset != expected.tm_gmtoff)
        fail_msg("%s %lld: %04d-%02d-%02d %02d:%02d:%02d, localtime_r "
                 "%04d-%02d-%02d %02d:%02d:%02d",
                 name, (long long)moment, local.year, local.month, local.day,
                 local.hour, local.minute, local.second,
                 expected.tm_year + 1900, expected.tm_mon + 1, expected.tm_mday,
                 expected.tm_hour, expected.tm_min, expected.tm_sec);
}

/* Seconds on both sides of every change of the offset. */
static void check_change(const ra_zone *zone, const char *name, int64_t low,
                         int64_t high)
{
    struct ra_local_time before, middle;

    assert_int_equal(ra_zone_local(zone, low, &before), 0);
    while (high - low > 1) {
        int64_t half = low + (high - low) / 2;

        assert_int_equal(ra_zone_local(zone, half, &middle), 0);
        if (middle.utc_offset == before.utc_offset)
            low = half;
        else
            high = half;
    }
    check_moment(zone, name, low);
    check_moment(zone, name, high);
}

static void compare_zone(const char *name)
{
    const int64_t step = 7 * 3600 + 13;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int offset = 0;
    ra_zone *zone;

    if (ra_zone_load(&zone, name, &error) == ROLEAUTH_E_NOT_FOUND) {
        print_message("no %s on this system\n", name);
        return;
    }
    assert_int_equal(error.code, 0);
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
    for (int64_t moment = BEGIN; moment < END; moment += step) {
        struct ra_local_time local;

        check_moment(zone, name, moment);
        assert_int_equal(ra_zone_local(zone, moment, &local), 0);
        if (moment > BEGIN && local.utc_offset != offset)
            check_change(zone, name, moment - step, moment);
        offset = local.utc_offset;
    }
    ra_zone_free(&zone);
    assert_null(zone);
}

static void test_as_localtime(void **state)
{
    static const char *const names[] = {"Europe/Berlin",
                                        "America/Sao_Paulo",
                                        "Australia/Lord_Howe",
                                        "Asia/Kolkata",
                                        "Africa/Casablanca",
                                        "America/Nuuk",
                                        "Pacific/Apia",
                                        "Europe/Dublin",
                                        "America/New_York",
                                        "Antarctica/Troll",
                                        "UTC",
                                        "Asia/Gaza",
                                        "America/St_Johns",
                                        "Africa/Monrovia",
                                        "Etc/GMT+12",
                                        "Pacific/Kiritimati"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        compare_zone(names[i]);
}

/* The user's TZ has no say, and nothing is changed for localtime(3). */
static void test_environment(void **state)
{
    struct ra_local_time local;
    ra_zone *zone;

    (void)state;
    assert_int_equal(setenv("TZ", "ABC-5", 1), 0);
    tzset();
    assert_int_equal(ra_zone_load(&zone, "UTC", NULL), 0);
    assert_int_equal(ra_zone_local(zone, 0, &local), 0);
    assert_int_equal(local.hour, 0);
    assert_string_equal(tzname[0], "ABC");
    ra_zone_free(&zone);
    assert_int_equal(ra_zone_load(&zone, NULL, NULL), 0);
    ra_zone_free(&zone);
    ra_zone_free(&zone);
    ra_zone_free(NULL);
}

static void test_years(void **state)
{
    struct ra_local_time local;
    ra_zone *zone;

    (void)state;
    assert_int_equal(ra_zone_load(&zone, "UTC", NULL), 0);
    assert_int_equal(ra_zone_local(zone, -62135596800, &local), 0);
    assert_int_equal(local.year, 1);
    assert_int_equal(local.weekday, 1);
    assert_int_equal(ra_zone_local(zone, -62135596801, &local),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_zone_local(zone, 253402300799, &local), 0);
    assert_int_equal(local.year, 9999);
    assert_int_equal(local.second, 59);
    assert_int_equal(ra_zone_local(zone, 253402300800, &local),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_zone_local(zone, INT64_MIN, &local),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_zone_local(zone, INT64_MAX, &local),
                     ROLEAUTH_E_ARGUMENT);
    ra_zone_free(&zone);
}

static void test_names(void **state)
{
    static const char *const bad[] = {"",
                                      "/etc/passwd",
                                      "../../../etc/passwd",
                                      "Europe/../UTC",
                                      "Europe//X",
                                      "Europe/",
                                      "./UTC",
                                      "Europe/.hidden",
                                      "a b",
                                      "Europe/Berlin;",
                                      "\xc3\xa9",
                                      "UTC\n",
                                      "a..b",
                                      ":UTC",
                                      "EST5EDT,M3.2.0,M11.1.0"};
    ra_zone *zone;
    char lengthy[300];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;

        assert_int_equal(ra_zone_load(&zone, bad[i], &error),
                         ROLEAUTH_E_INVALID);
        assert_int_equal(error.code, ROLEAUTH_E_INVALID);
        assert_null(zone);
    }
    memset(lengthy, 'a', sizeof(lengthy) - 1);
    lengthy[sizeof(lengthy) - 1] = '\0';
    assert_int_equal(ra_zone_load(&zone, lengthy, NULL), ROLEAUTH_E_INVALID);
    assert_int_equal(ra_zone_load(&zone, "Nowhere/At_All", NULL),
                     ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(ra_zone_load(&zone, "zone.tab/x", NULL),
                     ROLEAUTH_E_NOT_FOUND);
    assert_int_not_equal(ra_zone_load(&zone, "Europe", NULL), 0);
    assert_int_not_equal(ra_zone_load(&zone, "zone1970.tab", NULL), 0);
    assert_null(zone);
}

/* A file of version 2 with two types, two transitions and a rule. */
struct sample {
    unsigned char bytes[512];
    size_t length;
    size_t second; /* where the second header starts */
};

static void add(struct sample *sample, const void *bytes, size_t length)
{
    assert_true(length <= sizeof(sample->bytes) - sample->length);
    memcpy(sample->bytes + sample->length, bytes, length);
    sample->length += length;
}

static void add_number(struct sample *sample, uint64_t number, size_t size)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(number >> (8 * (size - 1 - i)));
    add(sample, bytes, size);
}

static void add_block(struct sample *sample, char version, size_t size)
{
    static const char fifteen[15] = "";

    add(sample, "TZif", 4);
    add(sample, &version, 1);
    add(sample, fifteen, sizeof(fifteen));
    add_number(sample, 0, 4);
    add_number(sample, 0, 4);
    add_number(sample, 0, 4);
    add_number(sample, 2, 4); /* transitions */
    add_number(sample, 2, 4); /* types */
    add_number(sample, 8, 4); /* characters */
    add_number(sample, 1000, size);
    add_number(sample, 2000, size);
    add(sample, "\1\0", 2);
    add_number(sample, 3600, 4);
    add(sample, "\0\0", 2);
    add_number(sample, 7200, 4);
    add(sample, "\1\4", 2);
    add(sample, "AAA\0BBB", 8);
}

static void make_sample(struct sample *sample, const char *rule)
{
    memset(sample, 0, sizeof(*sample));
    add_block(sample, '2', 4);
    sample->second = sample->length;
    add_block(sample, '2', 8);
    add(sample, "\n", 1);
    add(sample, rule, strlen(rule));
    add(sample, "\n", 1);
}

static int parse(const struct sample *sample, ra_zone **zone)
{
    /* A copy without a byte to spare, so that reading beyond it is seen. */
    unsigned char *copy = malloc(sample->length > 0 ? sample->length : 1);
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int code;

    assert_non_null(copy);
    memcpy(copy, sample->bytes, sample->length);
    code = ra_zone_parse(zone, copy, sample->length, &error);
    assert_int_equal(error.code, code);
    assert_true((code == 0) == (*zone != NULL));
    free(copy);
    return code;
}

static int offset(const ra_zone *zone, int64_t moment)
{
    struct ra_local_time local;

    assert_int_equal(ra_zone_local(zone, moment, &local), 0);
    return local.utc_offset;
}

static void test_sample(void **state)
{
    struct sample sample;
    ra_zone *zone;

    (void)state;
    make_sample(&sample, "<+03>-3");
    assert_int_equal(parse(&sample, &zone), 0);
    assert_int_equal(offset(zone, -5), 3600);
    assert_int_equal(offset(zone, 999), 3600);
    assert_int_equal(offset(zone, 1000), 7200);
    assert_int_equal(offset(zone, 1999), 7200);
    assert_int_equal(offset(zone, 2000), 10800);
    ra_zone_free(&zone);
    make_sample(&sample, "");
    assert_int_equal(parse(&sample, &zone), 0);
    assert_int_equal(offset(zone, 2000), 3600);
    ra_zone_free(&zone);
    /* Version 1: one block, no footer. */
    sample.length = sample.second;
    sample.bytes[4] = '\0';
    assert_int_equal(parse(&sample, &zone), 0);
    assert_int_equal(offset(zone, 1500), 7200);
    ra_zone_free(&zone);
    make_sample(&sample, "AAA-1BBB,M3.5.0");
    assert_int_equal(parse(&sample, &zone), ROLEAUTH_E_INVALID);
}

static void test_damage(void **state)
{
    static const struct {
        size_t place; /* in the second block */
        unsigned char byte;
    } damages[] = {{0, 't'},   {4, '1'},  {23, 1}, {27, 1}, {31, 1},
                   {35, 3},    {35, 1},   {39, 1}, {39, 0}, {43, 9},
                   {44, 1},    {50, 255}, {58, 0}, {60, 2}, {62, 1},
                   {62, 0x80}, {63, 2},   {66, 2}, {67, 8}, {72, 2},
                   {81, 'x'},  {82, 'x'}};
    struct sample sample, whole;
    ra_zone *zone;

    (void)state;
    make_sample(&whole, "AAA-1BBB,M3.5.0,M10.5.0/3");
    assert_int_equal(parse(&whole, &zone), 0);
    ra_zone_free(&zone);
    for (size_t length = 0; length < whole.length; length++) {
        sample = whole;
        sample.length = length;
        assert_int_equal(parse(&sample, &zone), ROLEAUTH_E_INVALID);
    }
    sample = whole;
    add(&sample, "x", 1);
    assert_int_equal(parse(&sample, &zone), ROLEAUTH_E_INVALID);
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        unsigned char *byte;

        sample = whole;
        byte = &sample.bytes[sample.second + damages[i].place];
        if (*byte == damages[i].byte)
            fail_msg("damage %zu is none", i);
        *byte = damages[i].byte;
        if (parse(&sample, &zone) != ROLEAUTH_E_INVALID)
            fail_msg("damage %zu is not seen", i);
    }
    /* Any byte: refused, or a zone that works. */
    for (size_t i = 0; i < whole.length; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            sample = whole;
            sample.bytes[i] ^= (unsigned char)(1u << bit);
            if (parse(&sample, &zone) == 0) {
                struct ra_local_time local;

                (void)ra_zone_local(zone, 1500, &local);
                (void)ra_zone_local(zone, 1700000000, &local);
                ra_zone_free(&zone);
            }
        }
    assert_int_equal(ra_zone_parse(&zone, "", 0, NULL), ROLEAUTH_E_INVALID);
}

static void test_too_large(void **state)
{
    size_t length = (size_t)1048577;
    unsigned char *bytes = calloc(1, length);
    ra_zone *zone;

    (void)state;
    assert_non_null(bytes);
    memcpy(bytes, "TZif", 4);
    assert_int_equal(ra_zone_parse(&zone, bytes, length, NULL),
                     ROLEAUTH_E_LIMIT);
    assert_int_equal(ra_zone_parse(&zone, bytes, length - 1, NULL),
                     ROLEAUTH_E_INVALID);
    free(bytes);
}

static int64_t moment_of(const ra_zone *zone, int year, int month, int day,
                         int hour, int minute)
{
    struct ra_local_time local;
    int64_t moment = -1;

    memset(&local, 0, sizeof(local));
    local.year = year;
    local.month = month;
    local.day = day;
    local.hour = hour;
    local.minute = minute;
    assert_int_equal(ra_zone_moment(zone, &local, &moment), 0);
    return moment;
}

/* Worked out by hand from the rules of the zones. */
static void test_moments(void **state)
{
    static const struct {
        const char *zone;
        int year, month, day, hour, minute;
        int64_t moment;
    } cases[] = {
        {"UTC", 2026, 6, 1, 12, 0, 1780315200},
        {"Asia/Kolkata", 2026, 6, 1, 17, 30, 1780315200},
        {"Europe/Berlin", 2026, 6, 1, 14, 0, 1780315200},
        /* Skipped from 02:00 to 03:00; repeated from 02:00 to 03:00. */
        {"Europe/Berlin", 2026, 3, 29, 1, 59, 1774745940},
        {"Europe/Berlin", 2026, 3, 29, 2, 0, 1774746000},
        {"Europe/Berlin", 2026, 3, 29, 2, 30, 1774746000},
        {"Europe/Berlin", 2026, 3, 29, 3, 0, 1774746000},
        {"Europe/Berlin", 2026, 3, 29, 3, 1, 1774746060},
        {"Europe/Berlin", 2026, 10, 25, 1, 59, 1792886340},
        {"Europe/Berlin", 2026, 10, 25, 2, 0, 1792886400},
        {"Europe/Berlin", 2026, 10, 25, 2, 59, 1792889940},
        {"Europe/Berlin", 2026, 10, 25, 3, 0, 1792893600},
        /* Far behind the last transition of the file: by the rule. */
        {"Europe/Berlin", 2096, 3, 25, 2, 30, 3983475600},
        /* Until 2019 at midnight: 00:00 skipped, 23:00 repeated. */
        {"America/Sao_Paulo", 2018, 11, 4, 0, 0, 1541300400},
        {"America/Sao_Paulo", 2018, 11, 4, 0, 59, 1541300400},
        {"America/Sao_Paulo", 2018, 11, 3, 23, 59, 1541300340},
        {"America/Sao_Paulo", 2018, 2, 17, 23, 30, 1518917400},
        {"America/Sao_Paulo", 2018, 2, 18, 0, 0, 1518922800},
        {"America/Sao_Paulo", 2020, 11, 1, 0, 0, 1604199600},
        {"America/Sao_Paulo", 2020, 2, 15, 23, 30, 1581820200},
        /* Half an hour. */
        {"Australia/Lord_Howe", 2026, 10, 4, 1, 59, 1791041340},
        {"Australia/Lord_Howe", 2026, 10, 4, 2, 15, 1791041400},
        {"Australia/Lord_Howe", 2026, 10, 4, 2, 30, 1791041400},
        {"Australia/Lord_Howe", 2026, 4, 5, 1, 30, 1775313000},
        {"Australia/Lord_Howe", 2026, 4, 5, 1, 45, 1775313900},
        {"Australia/Lord_Howe", 2026, 4, 5, 2, 0, 1775316600},
        /* Changes at midnight still. */
        {"Asia/Beirut", 2026, 3, 29, 0, 0, 1774735200},
        {"Asia/Beirut", 2026, 3, 29, 0, 30, 1774735200},
        {"Asia/Beirut", 2026, 10, 24, 23, 30, 1792873800},
        {"Asia/Beirut", 2026, 10, 25, 0, 0, 1792879200},
        /* The whole day of 2011-12-30 was skipped. */
        {"Pacific/Apia", 2011, 12, 30, 15, 0, 1325239200},
        {"Pacific/Apia", 2011, 12, 31, 0, 0, 1325239200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ra_zone *zone;
        int64_t moment;

        if (ra_zone_load(&zone, cases[i].zone, NULL) != 0) {
            print_message("no %s on this system\n", cases[i].zone);
            continue;
        }
        moment = moment_of(zone, cases[i].year, cases[i].month, cases[i].day,
                           cases[i].hour, cases[i].minute);
        if (moment != cases[i].moment)
            fail_msg("%s %d-%d-%d %d:%d: %lld instead of %lld", cases[i].zone,
                     cases[i].year, cases[i].month, cases[i].day, cases[i].hour,
                     cases[i].minute, (long long)moment,
                     (long long)cases[i].moment);
        ra_zone_free(&zone);
    }
}

/* What is a local time's moment has that local time, unless it was skipped;
 * and no moment before it has, which is looked for in steps of a quarter of an
 * hour. */
static void test_moment_is_the_inverse(void **state)
{
    static const char *const names[] = {
        "Europe/Berlin",     "America/Sao_Paulo", "Australia/Lord_Howe",
        "Africa/Casablanca", "Asia/Kathmandu",    "Antarctica/Troll",
        "Europe/Dublin"};
    const int64_t quarter = 900;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ra_zone *zone;

        if (ra_zone_load(&zone, names[i], NULL) != 0)
            continue;
        for (int64_t at = 1483228800; at < 1798761600; at += 7 * quarter) {
            struct ra_local_time local, before;
            int64_t moment, earlier;

            assert_int_equal(ra_zone_local(zone, at, &local), 0);
            assert_int_equal(ra_zone_moment(zone, &local, &moment), 0);
            assert_true(moment <= at);
            for (earlier = at - quarter; earlier >= at - 12 * quarter;
                 earlier -= quarter) {
                assert_int_equal(ra_zone_local(zone, earlier, &before), 0);
                if (before.day == local.day && before.hour == local.hour &&
                    before.minute == local.minute)
                    assert_true(moment <= earlier);
            }
            assert_int_equal(ra_zone_local(zone, moment, &before), 0);
            assert_int_equal(before.day, local.day);
            assert_int_equal(before.hour, local.hour);
            assert_int_equal(before.minute, local.minute);
        }
        ra_zone_free(&zone);
    }
}

static void test_no_such_date(void **state)
{
    static const struct ra_local_time bad[] = {
        {.year = 0, .month = 1, .day = 1},
        {.year = 10000, .month = 1, .day = 1},
        {.year = 2026, .month = 0, .day = 1},
        {.year = 2026, .month = 13, .day = 1},
        {.year = 2026, .month = 2, .day = 29},
        {.year = 2026, .month = 4, .day = 31},
        {.year = 2026, .month = 4, .day = 0},
        {.year = 2026, .month = 4, .day = 32},
        {.year = 2026, .month = 4, .day = 1, .hour = 24},
        {.year = 2026, .month = 4, .day = 1, .hour = -1},
        {.year = 2026, .month = 4, .day = 1, .minute = 60},
        {.year = 2026, .month = 4, .day = 1, .second = 60},
        {.year = INT32_MAX, .month = INT32_MAX, .day = INT32_MAX},
        {.year = INT32_MIN, .month = INT32_MIN, .day = INT32_MIN},
    };
    ra_zone *zone;
    int64_t moment = -1;

    (void)state;
    assert_int_equal(ra_zone_load(&zone, "UTC", NULL), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(ra_zone_moment(zone, &bad[i], &moment),
                         ROLEAUTH_E_ARGUMENT);
        assert_int_equal(moment, 0);
    }
    assert_int_equal(moment_of(zone, 1, 1, 1, 0, 0), -62135596800);
    assert_int_equal(moment_of(zone, 9999, 12, 31, 23, 59), 253402300740);
    assert_int_equal(moment_of(zone, 2024, 2, 29, 0, 0), 1709164800);
    ra_zone_free(&zone);
}

/* Transitions closer together than offsets are large: none is left out. */
static void test_moment_of_sample(void **state)
{
    struct sample sample;
    ra_zone *zone;

    (void)state;
    make_sample(&sample, "<+03>-3");
    assert_int_equal(parse(&sample, &zone), 0);
    /* +1 until 1000, +2 until 2000, then +3. */
    assert_int_equal(moment_of(zone, 1970, 1, 1, 1, 16), 960);
    assert_int_equal(moment_of(zone, 1970, 1, 1, 1, 17), 1000);
    assert_int_equal(moment_of(zone, 1970, 1, 1, 2, 17), 1020);
    assert_int_equal(moment_of(zone, 1970, 1, 1, 2, 34), 2000);
    assert_int_equal(moment_of(zone, 1970, 1, 1, 3, 34), 2040);
    ra_zone_free(&zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_localtime),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_years),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_moment_is_the_inverse),
        cmocka_unit_test(test_no_such_date),
        cmocka_unit_test(test_moment_of_sample),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/tzrule.h"

static void test_days(void **state)
{
    int64_t year = 0, last = ra_days_from_date(1, 1, 1) - 1;
    int month = 0, day = 0;

    (void)state;
    assert_int_equal(ra_days_from_date(1970, 1, 1), 0);
    assert_int_equal(ra_days_from_date(2000, 3, 1), 11017);
    assert_int_equal(ra_days_from_date(1, 1, 1), -719162);
    /* Every day of eight centuries, one after the other. */
    for (int64_t days = last + 1; days < last + 2 * 146097; days++) {
        ra_date_from_days(days, &year, &month, &day);
        assert_in_range(month, 1, 12);
        assert_in_range(day, 1, 31);
        assert_int_equal(ra_days_from_date(year, month, day), days);
    }
    ra_date_from_days(ra_days_from_date(2000, 2, 28) + 1, &year, &month, &day);
    assert_int_equal(day, 29);
    ra_date_from_days(ra_days_from_date(1900, 2, 28) + 1, &year, &month, &day);
    assert_int_equal(day, 1);
    ra_date_from_days(ra_days_from_date(9999, 12, 31), &year, &month, &day);
    assert_int_equal(year, 9999);
    assert_int_equal(month, 12);
    assert_int_equal(day, 31);
}

static void test_parse(void **state)
{
    static const char *const good[] = {
        "UTC0",
        "<+03>-3",
        "<-03>3",
        "<+0330>-3:30",
        "EST5EDT,M3.2.0,M11.1.0",
        "AAA1:02:03BBB-4:05:06,J1/0,J365/24",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "AAA0BBB,0/-167:59:59,365/167",
        "AAA+1BBB+0,J60,300",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "XXX24",
    };
    static const char *const bad[] = {
        "",
        "UTC",
        "UT0",
        "0",
        "<+03-3",
        "<+3>-3",
        "A1C0",
        "UTC25",
        "UTC0 ",
        " UTC0",
        "UTC0:60",
        "UTC0:0:60",
        "UTC1:",
        "EST5EDT",
        "EST5EDT,M3.2.0",
        "EST5EDT,M3.2.0,",
        "EST5EDT,M3.2.0,M11.1.0,",
        "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,M3.2,M11.1.0",
        "EST5EDT,J0,J365",
        "EST5EDT,J1,J366",
        "EST5EDT,0,366",
        "EST5EDT,0,1000",
        "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0/-168,M11.1.0",
        "EST5EDT,M3.2.0/,M11.1.0",
        "EST5EDT,M3.2.0/--1,M11.1.0",
        "EST5EDT,M3.2.0;M11.1.0",
        "EST99999999999999999999",
    };
    struct ra_tz_rule rule;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!ra_tz_rule_parse(&rule, good[i], strlen(good[i])))
            fail_msg("\"%s\" is refused", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (ra_tz_rule_parse(&rule, bad[i], strlen(bad[i])))
            fail_msg("\"%s\" is taken", bad[i]);
    /* Counted text: an embedded NUL is no name either. */
    assert_false(ra_tz_rule_parse(&rule, "UT\0C0", 5));
    assert_false(ra_tz_rule_parse(&rule, "UTC0\0", 5));
    assert_false(ra_tz_rule_parse(&rule, "UTC0", 3));
}

/* The rules that glibc takes in TZ as well. */
static void test_as_localtime(void **state)
{
    static const char *const rules[] = {
        "EST5EDT,M3.2.0,M11.1.0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "NZST-12NZDT,M9.5.0,M4.1.0/3",
        "AAA3BBB,J60/0,J300/1",
        "AAA3BBB,59/0,300/1",
        "AAA-3",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct ra_tz_rule rule;

        assert_true(ra_tz_rule_parse(&rule, rules[i], strlen(rules[i])));
        assert_int_equal(setenv("TZ", rules[i], 1), 0);
        tzset();
        for (int64_t at = 0; at < 4102444800; at += 3 * 3600) {
            time_t then = (time_t)at;
            struct tm expected;

            assert_non_null(localtime_r(&then, &expected));
            if (ra_tz_rule_offset(&rule, at) != expected.tm_gmtoff)
                fail_msg("%s at %lld", rules[i], (long long)at);
        }
    }
}

static int32_t offset(const char *text, int64_t moment)
{
    struct ra_tz_rule rule;

    assert_true(ra_tz_rule_parse(&rule, text, strlen(text)));
    return ra_tz_rule_offset(&rule, moment);
}

static void test_extensions(void **state)
{
    /* RFC 8536, 3.3.1: daylight saving time all year. */
    static const char always[] = "XXX3EDT4,0/0,J365/23";
    static const char west[] = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
    int64_t march = ra_days_from_date(2040, 3, 25) * RA_DAY;
    int64_t october = ra_days_from_date(2040, 10, 28) * RA_DAY;

    (void)state;
    for (int64_t at = 0; at < 4102444800; at += 1800)
        assert_int_equal(offset(always, at), -4 * 3600);
    /* The day before, at 23:00 in UTC-2. */
    assert_int_equal(offset(west, march + 3600 - 1), -2 * 3600);
    assert_int_equal(offset(west, march + 3600), -3600);
    assert_int_equal(offset(west, october + 3600 - 1), -3600);
    assert_int_equal(offset(west, october + 3600), -2 * 3600);
    /* A time seven days after its day, in the next year. */
    march = ra_days_from_date(2040, 1, 5) * RA_DAY;
    assert_int_equal(offset("AAA0BBB,J363/167,J100/0", march - 3600 - 1), 0);
    assert_int_equal(offset("AAA0BBB,J363/167,J100/0", march - 3600), 3600);
}

/* The changes that the rule tells are those at which its offset changes. */
static void test_next(void **state)
{
    static const char *const texts[] = {
        "CET-1CEST,M3.5.0,M10.5.0/3", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "IST-1GMT0,M10.5.0,M3.5.0/1",
        "AAA0BBB,0/-167:59:59,365/167"};
    struct ra_tz_rule rule;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t at = 1767225600;

        assert_true(ra_tz_rule_parse(&rule, texts[i], strlen(texts[i])));
        for (unsigned changes = 0; changes < 40; changes++) {
            int64_t next = ra_tz_rule_next(&rule, at);

            assert_true(next > at);
            assert_true(next - at < 367 * RA_DAY);
            for (int64_t between = at; between < next; between += RA_DAY / 8)
                assert_int_equal(ra_tz_rule_offset(&rule, between),
                                 ra_tz_rule_offset(&rule, at));
            assert_int_equal(ra_tz_rule_offset(&rule, next - 1),
                             ra_tz_rule_offset(&rule, at));
            at = next;
        }
    }
    assert_true(ra_tz_rule_parse(&rule, "UTC0", 4));
    assert_true(ra_tz_rule_next(&rule, 0) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),         cmocka_unit_test(test_parse),
        cmocka_unit_test(test_as_localtime), cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

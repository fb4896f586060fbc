/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/imply.h"
#include "match/match.h"
#include "match/sight.h"
#include "support/ruleset.h"

static uint32_t counts[RA_SIGHT_BITS];

static uint32_t hint_of(const char *pattern, uint32_t variable)
{
    struct ra_shape shape = {.room = 0};
    uint32_t hint;

    assert_true(ra_shape_read(&shape, pattern));
    hint = ra_hint_of(&shape, variable, counts);
    ra_shape_free(&shape);
    return hint;
}

static bool fits(const char *pattern, const char *value)
{
    struct ra_sight sights[2] = {{.reach = 0}, {.reach = 0}};

    if (value != NULL)
        ra_sight_take(&sights[1], value, strlen(value));
    return ra_hint_fits(hint_of(pattern, 1), sights, 2);
}

static void set_counts(void)
{
    for (size_t i = 0; i < RA_SIGHT_BITS; i++)
        counts[i] = (uint32_t)(i * 7 % 100);
    counts[RA_SIGHT_ALWAYS] = 100;
}

static void test_by_hand(void **state)
{
    (void)state;
    set_counts();
    assert_true(fits("abc", "abc"));
    assert_false(fits("abc", "xyz"));
    assert_false(fits("abcd*", "abc"));
    assert_true(fits("*", ""));
    assert_true(fits("*", "x"));
    assert_true(fits("", ""));
    assert_false(fits("a*", ""));
    /* Where it starts and ends counts. */
    assert_false(fits("m*", "am"));
    assert_false(fits("*m", "ma"));
    assert_true(fits("*m*", "ma"));
}

static void test_undefined(void **state)
{
    (void)state;
    set_counts();
    assert_false(fits("*", NULL));
    assert_false(fits("?", NULL));
    assert_false(fits("", NULL));
    assert_false(fits("abc", NULL));
}

/* No hint, or none that this reader knows of: it could match. */
static void test_no_hint(void **state)
{
    struct ra_sight sight = {.reach = 0};

    (void)state;
    set_counts();
    assert_int_equal(hint_of("abc", RA_SIGHTS), 0);
    assert_int_equal(hint_of("\xff", 0), 0);
    assert_true(ra_hint_fits(0, &sight, 1));
    assert_true(ra_hint_fits(hint_of("abc", 1), &sight, 1));
    assert_false(ra_hint_fits(hint_of("abc", 0), &sight, 1));
}

/* The rarest pairs are taken. */
static void test_rarest(void **state)
{
    unsigned rare = ra_sight_pair('x', 'q');

    (void)state;
    for (size_t i = 0; i < RA_SIGHT_BITS; i++)
        counts[i] = 50;
    counts[rare] = 1;
    assert_int_equal(hint_of("/usr/bin/xq/y", 1) >> 8 & 255, rare);
    assert_false(fits("/usr/bin/xq/y", "/usr/bin/aq/y/z"));
}

static void test_random(void **state)
{
    struct rs_choice choice = {.seed = 2};
    char pattern[RS_TEXT], value[RS_TEXT];
    size_t matched = 0, refused = 0;

    (void)state;
    set_counts();
    for (int i = 0; i < 40000; i++) {
        bool matches;

        rs_pattern(&choice, pattern);
        if (i % 2 == 0)
            rs_follow(&choice, pattern, value);
        else
            rs_value(&choice, value);
        matches = roleauth_glob_match(pattern, value) == 1;
        if (matches && !fits(pattern, value))
            fail_msg("%s, %s", pattern, value);
        matched += matches;
        refused += !matches && !fits(pattern, value);
    }
    assert_true(matched > 1000 && refused > 10000);
}

/* What a pattern implies fits what is sure of its values. */
static void test_implied(void **state)
{
    struct rs_choice choice = {.seed = 3};
    struct ra_pattern pattern = {.text = NULL}, other = {.text = NULL};
    char text[RS_TEXT], implied[RS_TEXT];
    size_t found = 0;
    bool nomem;

    (void)state;
    set_counts();
    for (int i = 0; i < 60000; i++) {
        struct ra_sight sights[2] = {{.reach = 0}, {.reach = 0}};

        rs_pattern(&choice, text);
        rs_pattern(&choice, implied);
        pattern.text = text;
        other.text = implied;
        assert_true(ra_shape_read(&pattern.shape, text));
        if (pattern.shape.form == RA_FORM_NEVER ||
            !ra_pattern_implies(&pattern, &other, &nomem))
            continue;
        ra_sight_add(&sights[1], &pattern.shape);
        assert_true(ra_hint_fits(hint_of(implied, 1), sights, 2));
        found++;
    }
    assert_true(found > 1000);
    ra_shape_free(&pattern.shape);
    ra_shape_free(&other.shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_undefined),
        cmocka_unit_test(test_no_hint), cmocka_unit_test(test_rarest),
        cmocka_unit_test(test_random),  cmocka_unit_test(test_implied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/imply.h"
#include "match/match.h"
#include "support/ruleset.h"

static struct ra_pattern first, second;

static bool implies(const char *pattern, const char *other)
{
    bool nomem = true, yes;

    first.text = pattern;
    second.text = other;
    assert_true(ra_shape_read(&first.shape, pattern));
    yes = ra_pattern_implies(&first, &second, &nomem);
    assert_false(nomem);
    return yes;
}

static void free_both(void)
{
    ra_shape_free(&first.shape);
    ra_shape_free(&second.shape);
}

/* More of them are in test_cover.c. */
static void test_embedded(void **state)
{
    (void)state;
    assert_true(implies("abcd", "a*c?"));
    assert_true(implies("abc*def", "ab*ef"));
    assert_true(implies("abc*def", "*bc*d*f"));
    assert_true(implies("*aba?ba*", "*a*b*a*b*"));
    assert_true(implies("a[xy]b", "a*b"));
    assert_true(implies("?ab", "*b"));
    /* A text must not be taken twice. */
    assert_false(implies("*ab*", "*ab*b*"));
    assert_false(implies("ab*", "ab*b*"));
    assert_false(implies("a?a", "*a*a*a"));
    assert_true(implies("a?a*a", "*a*a*a"));
    assert_false(implies("ab?b", "abb*b"));
    /* Both ends in the same run. */
    assert_false(implies("?abc", "a*c"));
    assert_false(implies("abc?", "a*c"));
    assert_false(implies("*aba", "*ab*ba"));
    assert_true(implies("*abba", "*ab*ba"));
    /* Runs only touch in the pattern, not in the values. */
    assert_false(implies("*a*b*", "*ab*"));
    assert_false(implies("*a?b*", "*ab*"));
    free_both();
}

static void test_unknown(void **state)
{
    (void)state;
    assert_true(implies("\xff", "\xff"));
    assert_true(implies("\xff", "*"));
    assert_false(implies("\xff\xff", "\xff*"));
    assert_false(implies("a?", "a??"));
    assert_false(implies("*", "*?"));
    assert_true(implies("[ab]", "**"));
    free_both();
}

/* Whatever is claimed, holds. */
static void test_random(void **state)
{
    struct rs_choice choice = {.seed = 5};
    char pattern[RS_TEXT], other[RS_TEXT], value[RS_TEXT];
    size_t claims = 0, tried = 0;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        rs_pattern(&choice, pattern);
        rs_pattern(&choice, other);
        if (!implies(pattern, other))
            continue;
        claims++;
        for (int j = 0; j < 8; j++) {
            rs_follow(&choice, pattern, value);
            if (roleauth_glob_match(pattern, value) != 1)
                continue;
            tried++;
            if (roleauth_glob_match(other, value) != 1)
                fail_msg("%s, %s: %s", pattern, other, value);
        }
    }
    assert_true(claims > 2000 && tried > 10000);
    free_both();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_embedded),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

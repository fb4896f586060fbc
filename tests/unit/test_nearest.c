/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "role/nearest.h"

static const char *const words[] = {
    "method",        "passwd", "user",   "prompt",      "message",
    "rejectMessage", "tries",  "period", "description", NULL};

static void near_words(void **state)
{
    static const struct {
        const char *word, *near;
    } cases[] = {
        {"trys", "tries"},
        {"tires", "tries"},
        {"Tries", "tries"},
        {"usr", "user"},
        {"usre", "user"},
        {"userr", "user"},
        {"rejectmessage", "rejectMessage"},
        {"reject_message", "rejectMessage"},
        {"password", "passwd"},
        {"mesage", "message"},
        {"perdiod", "period"},
        {"desc", "description"},
        {"METHOD", "method"},
        {"user", "user"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *near = ra_nearest_of(cases[i].word, words);

        if (near == NULL || strcmp(near, cases[i].near) != 0)
            fail_msg("%s: %s, expected %s", cases[i].word,
                     near != NULL ? near : "nothing", cases[i].near);
    }
}

static void far_words(void **state)
{
    static const char *const far[] = {
        "",
        "x",
        "zzzz",
        "kerberos",
        "de",
        "äöü",
        "this is a long sentence about the tries of a method",
        "colour"};
    const char *const none[] = {NULL};

    (void)state;
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++)
        assert_null(ra_nearest_of(far[i], words));
    assert_null(ra_nearest_of("tries", none));
}

static void the_first_of_equals(void **state)
{
    const char *const equals[] = {"abcde1", "abcde2", NULL};

    (void)state;
    assert_string_equal(ra_nearest_of("abcde3", equals), "abcde1");
    assert_string_equal(ra_nearest_of("abcde2", equals), "abcde2");
}

static void long_candidates_are_passed_over(void **state)
{
    const char *const lengthy[] = {
        "a_candidate_that_is_longer_than_any_word_of_ours", "triesx", NULL};

    (void)state;
    assert_string_equal(ra_nearest_of("tries", lengthy), "triesx");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_words),
        cmocka_unit_test(far_words),
        cmocka_unit_test(the_first_of_equals),
        cmocka_unit_test(long_candidates_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

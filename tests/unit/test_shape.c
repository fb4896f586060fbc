/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/match.h"
#include "match/shape.h"
#include "support/ruleset.h"

static struct ra_shape shape;

static bool run_is(size_t i, const char *text)
{
    return i < shape.count && shape.runs[i].length == strlen(text) &&
           memcmp(shape.text + shape.runs[i].start, text, strlen(text)) == 0;
}

static void test_forms(void **state)
{
    static const struct {
        const char *pattern;
        enum ra_form form;
    } cases[] = {
        {"", RA_FORM_LITERAL},
        {"abc", RA_FORM_LITERAL},
        {"\\a\\*\\\\", RA_FORM_LITERAL},
        {"[a]b[.]", RA_FORM_LITERAL},
        {"[[.a.]]", RA_FORM_LITERAL},
        {"[[=a=]]", RA_FORM_LITERAL},
        {"[a-a]", RA_FORM_LITERAL},
        {"[\\]]", RA_FORM_LITERAL},
        {"[]]", RA_FORM_LITERAL},
        {"a[", RA_FORM_LITERAL},
        {"[a", RA_FORM_LITERAL},
        {"[[:alpha:]", RA_FORM_OTHER},
        {"[[:alpha:", RA_FORM_LITERAL},
        {"[\xc3\xa9]", RA_FORM_LITERAL},
        {"*", RA_FORM_ANY},
        {"***", RA_FORM_ANY},
        {"a*", RA_FORM_STARRED},
        {"*a", RA_FORM_STARRED},
        {"a**[b]*", RA_FORM_STARRED},
        {"?", RA_FORM_OTHER},
        {"a?", RA_FORM_OTHER},
        {"[ab]", RA_FORM_OTHER},
        {"[!a]", RA_FORM_OTHER},
        {"[^a]", RA_FORM_OTHER},
        {"[b-a]", RA_FORM_OTHER},
        {"[[:digit:]]", RA_FORM_OTHER},
        {"[[:nope:]]", RA_FORM_OTHER},
        {"[[.ab.]]", RA_FORM_OTHER},
        {"*?", RA_FORM_OTHER},
        {"\\", RA_FORM_NEVER},
        {"a*\\", RA_FORM_NEVER},
        {"a\xff", RA_FORM_OPAQUE},
        {"\xc3", RA_FORM_OPAQUE},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        assert_true(ra_shape_read(&shape, cases[i].pattern));
        if (shape.form != cases[i].form)
            fail_msg("%s: %d", cases[i].pattern, (int)shape.form);
    }
    ra_shape_free(&shape);
}

static void test_runs(void **state)
{
    (void)state;
    assert_true(ra_shape_read(&shape, "/usr/*\\*x?[b]c[de]"));
    assert_int_equal(shape.count, 3);
    assert_true(run_is(0, "/usr/") && run_is(1, "*x") && run_is(2, "bc"));
    assert_true(shape.starts && !shape.ends);
    assert_true(ra_shape_read(&shape, "*a[b*"));
    assert_int_equal(shape.count, 1);
    assert_true(run_is(0, "a[b"));
    assert_true(!shape.starts && !shape.ends);
    assert_true(ra_shape_read(&shape, "?a**\xc3\xa9"));
    assert_true(run_is(0, "a") && run_is(1, "\xc3\xa9"));
    assert_true(!shape.starts && shape.ends);
    assert_true(ra_shape_read(&shape, ""));
    assert_int_equal(shape.count, 1);
    assert_true(run_is(0, "") && shape.starts && shape.ends);
    assert_string_equal(shape.text, "");
    assert_true(ra_shape_read(&shape, "a\\bc"));
    assert_string_equal(shape.text, "abc");
    assert_true(ra_shape_read(&shape, "a*\\"));
    assert_true(shape.count == 0 && !shape.starts && !shape.ends);
    ra_shape_free(&shape);
    assert_null(shape.text);
}

/* What a shape says of the values that its pattern matches. */
static void must_fit(const char *value)
{
    const char *at = value, *end = value + strlen(value);

    for (size_t i = 0; i < shape.count; i++) {
        const char *text = shape.text + shape.runs[i].start;
        size_t length = shape.runs[i].length;

        at = memmem(at, (size_t)(end - at), text, length);
        assert_non_null(at);
        if (i == 0 && shape.starts)
            assert_true(at == value);
        at += length;
        if (i + 1 == shape.count && shape.ends)
            assert_memory_equal(end - length, text, length);
    }
}

/* The pattern that a shape of literal texts and stars stands for. */
static void rebuild(char pattern[4 * RS_TEXT])
{
    char *to = pattern;

    for (size_t i = 0; i < shape.count; i++) {
        const char *text = shape.text + shape.runs[i].start;

        if (i > 0 || !shape.starts)
            *to++ = '*';
        for (size_t j = 0; j < shape.runs[i].length; j++) {
            if (strchr("*?[\\", text[j]) != NULL)
                *to++ = '\\';
            *to++ = text[j];
        }
    }
    if (!shape.ends)
        *to++ = '*';
    *to = '\0';
}

/* Returns whether the pattern matched. */
static bool hold_against(const char *pattern, const char *value)
{
    bool matches = roleauth_glob_match(pattern, value) == 1;
    char other[4 * RS_TEXT];

    if (matches)
        must_fit(value);
    if (shape.form == RA_FORM_NEVER)
        assert_false(matches);
    if (shape.form == RA_FORM_LITERAL)
        assert_true(matches == (strcmp(shape.text, value) == 0));
    if (shape.form == RA_FORM_ANY)
        assert_true(matches);
    if (shape.form == RA_FORM_STARRED) {
        rebuild(other);
        assert_true(matches == (roleauth_glob_match(other, value) == 1));
    }
    return matches;
}

static void test_random(void **state)
{
    struct rs_choice choice = {.seed = 1};
    char pattern[RS_TEXT], value[RS_TEXT];
    size_t matched = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        rs_pattern(&choice, pattern);
        assert_true(ra_shape_read(&shape, pattern));
        for (int j = 0; j < 6; j++) {
            if (j % 2 == 0)
                rs_follow(&choice, pattern, value);
            else
                rs_value(&choice, value);
            matched += hold_against(pattern, value);
        }
    }
    assert_true(matched > 10000);
    ra_shape_free(&shape);
}

/* Brackets that never close are read in reasonable time. */
static void test_open_brackets(void **state)
{
    enum { MANY = 200000 };
    char *pattern = malloc(MANY + 1);

    (void)state;
    assert_non_null(pattern);
    memset(pattern, '[', MANY);
    pattern[MANY] = '\0';
    assert_true(ra_shape_read(&shape, pattern));
    assert_int_equal(shape.form, RA_FORM_LITERAL);
    assert_string_equal(shape.text, pattern);
    for (size_t i = 0; i < MANY; i += 2)
        pattern[i] = '-';
    assert_true(ra_shape_read(&shape, pattern));
    assert_string_equal(shape.text, pattern);
    ra_shape_free(&shape);
    free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_open_brackets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match/match.h"
#include "support/glob_reference.h"

struct example {
    const char *pattern, *value;
    int match;
};

static void check(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct example *e = &examples[i];

        if (roleauth_glob_match(e->pattern, e->value) != e->match)
            fail_msg("\"%s\" against \"%s\" is not %d", e->pattern, e->value,
                     e->match);
        /* The reference is only worth something when it is right as well. */
        assert_int_equal(ref_glob(e->pattern, e->value), e->match);
    }
}

#define CHECK(examples)                                                        \
    check(examples, sizeof(examples) / sizeof((examples)[0]))

static void test_basics(void **state)
{
    static const struct example examples[] = {
        {"", "", 1},
        {"", "a", 0},
        {"a", "", 0},
        {"a", "a", 1},
        {"a", "A", 0},
        {"a", "ab", 0},
        {"ab", "a", 0},
        {"*", "", 1},
        {"**", "abc", 1},
        {"?", "", 0},
        {"?", "a", 1},
        {"?", "ab", 0},
        {"*?", "", 0},
        {"?*", "a", 1},
        {"a*", "a", 1},
        {"a*b", "ab", 1},
        {"a*b", "aab", 1},
        {"a*b", "abc", 0},
        {"a*a", "a", 0},
        {"*aa*aa", "aaa", 0},
        {"*ab*ab", "xabab", 1},
        {"*/usr/*", "/a/usr/b", 1},
        {"*", ".hidden", 1},
        {"?x", ".x", 1},
        {"[.]x", ".x", 1},
        {"a?b", "a/b", 1},
        {"\\*", "*", 1},
        {"\\*", "a", 0},
        {"\\a", "a", 1},
        {"*\\?", "ab?", 1},
        {"{a,b}", "a", 0},
        {"{a,b}", "{a,b}", 1},
        {"+(a)", "aa", 0},
        {"201[678]", "2017", 1},
        {"201[678]", "2015", 0},
    };

    (void)state;
    CHECK(examples);
    assert_int_equal(roleauth_glob_match(NULL, "a"), 0);
    assert_int_equal(roleauth_glob_match("*", NULL), 0);
}

static void test_sets(void **state)
{
    static const struct example examples[] = {
        {"[]a]", "]", 1},        {"[]a]", "a", 1},
        {"[!]a]", "]", 0},       {"[!]a]", "b", 1},
        {"[^]a]", "b", 1},       {"[!]", "[!]", 1},
        {"[]", "[]", 1},         {"[a!]", "!", 1},
        {"[a-]", "-", 1},        {"[a-]", "b", 0},
        {"[--0]", ".", 1},       {"[--0]", "1", 0},
        {"[]-a]", "^", 1},       {"[]-a]", "[", 0},
        {"[a-z-9]", "-", 1},     {"[a-z-9]", "9", 1},
        {"[a-z-9]", "5", 0},     {"[a-z-9]", "q", 1},
        {"[b-a]", "a", 0},       {"[b-a]", "b", 0},
        {"[b-ac]", "c", 1},      {"[!b-a]", "b", 1},
        {"[\\]]", "]", 1},       {"[\\]]", "\\", 0},
        {"[\\a-\\c]", "b", 1},   {"[a-\\c]", "b", 1},
        {"[[]", "[", 1},         {"[*?]", "?", 1},
        {"[*?]", "a", 0},        {"[[.-.]]", "-", 1},
        {"[[.].]-a]", "^", 1},   {"[[.a.]-[.c.]]", "b", 1},
        {"[[.ab.]]", "a", 0},    {"[[.ab.]x]", "x", 0},
        {"[x[.ab.]]", "x", 1},   {"[![.ab.]]", "x", 0},
        {"[[=a=]b]", "a", 1},    {"[[=a=]b]", "=", 0},
        {"[[=ab=]c]", "=c]", 1}, {"[[.a.]-]", "a", 1},
        {"[a[=b]", "a", 1},      {"[A-[:alpha:]]", "B]", 1},
        {"[", "[", 1},           {"[", "a", 0},
        {"*[", "a[", 1},         {"a[", "a[", 1},
        {"[a", "[a", 1},         {"[a-", "[a-", 1},
        {"*[a-*", "x[a-z", 1},   {"[[.", "[[.", 1},
        {"[[.x]", "[.", 1},      {"[[.x]", "[x", 1},
        {"[a-[.", "[a-[.", 1},   {"[[:", "[[:", 1},
        {"[[=", "[[=", 1},       {"[[:alpha:]", "[a", 1},
        {"[[:alpha:]", "a", 0},  {"\\", "\\", 0},
        {"\\", "", 0},           {"a\\", "a", 0},
        {"a\\", "a\\", 0},       {"*\\", "a\\", 0},
        {"[a\\", "[a\\", 0},     {"a*[b\\", "a[b\\", 0},
    };

    (void)state;
    CHECK(examples);
}

static void test_classes(void **state)
{
    static const char *const names[] = {"alnum", "alpha", "blank", "cntrl",
                                        "digit", "graph", "lower", "print",
                                        "punct", "space", "upper", "xdigit"};
    static const struct example examples[] = {
        {"[[:foo:]]", "f", 0},
        {"[[:foo:]]", ":]", 0},
        {"[[:foo:]a]", "a", 0},
        {"[a[:foo:]]", "a", 1},
        {"[![:foo:]]", "x", 0},
        {"[[:Alpha:]]", "A]", 1},
        {"[[:z:]]", "z]", 1},
        {"[[:digit:]-z]", "-", 1},
        {"[[:digit:]-z]", "a", 0},
        {"[:alpha:]", "p", 1},
        {"[:alpha:]", "z", 0},
        {"[[:alpha:]]", "\xc3\xa9", 0},
        {"[![:alpha:]]", "\xc3\xa9", 1},
        {"[[:print:]]", "\xff", 0},
        {"[[:digit:][:upper:]]*", "Ax", 1},
    };

    (void)state;
    CHECK(examples);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (int c = 1; c < 128; c++) {
            char pattern[24], value[2] = {(char)c, '\0'};

            (void)snprintf(pattern, sizeof(pattern), "[[:%s:]]", names[i]);
            assert_int_equal(roleauth_glob_match(pattern, value),
                             fnmatch(pattern, value, 0) == 0);
        }
}

static void test_utf8(void **state)
{
    static const struct example examples[] = {
        {"?", "\xc3\xa9", 1},
        {"??", "\xc3\xa9", 0},
        {"*?", "\xe2\x98\x83", 1},
        {"?", "\xf0\x9f\x98\x80", 1},
        {"\xc3\xa9", "\xc3\xa9", 1},
        {"\\\xc3\xa9", "\xc3\xa9", 1},
        {"[\xce\xb1-\xcf\x89]", "\xce\xb2", 1},
        {"[\xce\xb1-\xcf\x89]", "\xce\x91", 0},
        {"[a-\xce\xb6]", "\xce\xb1", 1},
        {"[!a]", "\xc3\xa9", 1},
        {"[[.\xc3\xa9.]]", "\xc3\xa9", 1},
        {"[[=\xc3\xa9=]]", "\xc3\xa9", 1},
        {"*[\xc3\xa9]x", "aa\xc3\xa9x", 1},
        /* Bytes that are part of no character. */
        {"?", "\xff", 1},
        {"??", "\xc3(", 1},
        {"?", "\xc0\xaf", 0},
        {"??", "\xc0\xaf", 1},
        {"???", "\xed\xa0\x80", 1},
        {"????", "\xf4\x90\x80\x80", 1},
        {"\xff", "\xff", 1},
        {"[\x80-\xff]", "\xa9", 1},
        {"[\x80-\xff]", "\xc3\xa9", 0},
        {"[\xc3\xa9]", "\xc3", 0},
        /* Half a character is no character. */
        {"*\xa9", "\xc3\xa9", 0},
        {"\xc3*", "\xc3\xa9", 0},
        {"\xc3?", "\xc3\xa9", 0},
        {"\xc3\\\xa9", "\xc3\xa9", 0},
        {"*\xa9*", "\xc3\xa9\xa9", 1},
        {"*?\xa9", "\xc3\xa9\xa9", 1},
        {"*\xc3", "a\xc3", 1},
    };

    (void)state;
    CHECK(examples);
}

/* An unterminated [ is a literal [ here.  In glibc it never matches when it
 * ends in "-", holds "[." without ".]", or holds an unknown class (which is
 * seen before the end is). */
static int differs_by_contract(const char *pattern)
{
    size_t size, length = strlen(pattern);

    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '[' && ref_set(at, 'a', &size) < 0 &&
            (pattern[length - 1] == '-' || strstr(at, "[.") != NULL ||
             strstr(at, ":]") != NULL))
            return 1;
    }
    return 0;
}

static void compare_one(const char *pattern, char **values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int ours = roleauth_glob_match(pattern, values[i]);
        int theirs = fnmatch(pattern, values[i], 0) == 0;

        if (ours == theirs)
            continue;
        if (!differs_by_contract(pattern) ||
            ours != ref_glob(pattern, values[i]))
            fail_msg("\"%s\" against \"%s\": %d, fnmatch %d", pattern,
                     values[i], ours, theirs);
    }
}

/* All texts over an alphabet up to a length, in the order of an odometer. */
static int next_text(char *text, const char *alphabet, size_t most)
{
    size_t i = strlen(text);

    while (i > 0) {
        const char *digit = strchr(alphabet, text[i - 1]);

        if (digit[1] != '\0') {
            text[i - 1] = digit[1];
            return 1;
        }
        text[--i] = alphabet[0];
    }
    i = strlen(text);
    if (i == most)
        return 0;
    text[i] = alphabet[0];
    text[i + 1] = '\0';
    return 1;
}

/* GLOB_EXHAUSTIVE is the longest pattern: 5 takes some seconds; 4, with shorter
 * values, is quick enough for valgrind(1). */
static void test_exhaustive(void **state)
{
    static const char letters[] = "*?[]!^-\\ab:", value_letters[] = "a-b[:]";
    const char *wish = getenv("GLOB_EXHAUSTIVE");
    size_t most = wish != NULL ? (size_t)strtoul(wish, NULL, 10) : 4;
    char *values[2048], text[8] = "", pattern[16] = "";
    size_t count = 0, patterns = 0;

    (void)state;
    assert_in_range(most, 1, 8);
    do {
        values[count] = strdup(text);
        assert_non_null(values[count]);
        count++;
    } while (next_text(text, value_letters, most < 5 ? 3 : 4) == 1);
    do {
        compare_one(pattern, values, count);
        patterns++;
    } while (next_text(pattern, letters, most) == 1);
    print_message("%zu patterns, %zu values\n", patterns, count);
    while (count > 0)
        free(values[--count]);
}

/* Longer than the exhaustive ones, and made of what matters; against the
 * reference. */
static void test_random(void **state)
{
    static const char *const parts[] = {
        "*",  "?",  "[",   "]",     "!",          "^",     "-",        "\\",
        "a",  "b",  ":",   ".",     "[:",         ":]",    "[.",       ".]",
        "[=", "=]", "[ab", "[!a]",  "[[:alpha:]", "[a-b]", "\xc3\xa9", "\xc3",
        "=",  "**", "[[:", "alpha", "[\xc3\xa9]", "\xa9",  "*a",       "z"};
    static const char *const pieces[] = {"a", "b",        "[",    "]",
                                         "-", "\xc3\xa9", "\xa9", "="};
    uint32_t random = 1;

    (void)state;
    for (int round = 0; round < 30000; round++) {
        char pattern[128] = "", value[64] = "", *end = pattern;
        int length = round % 9;

        for (int i = 0; i <= length; i++) {
            random = random * 1664525 + 1013904223;
            end = stpcpy(end, parts[random >> 27]);
        }
        end = value;
        for (int i = 0; i < round % 7; i++) {
            random = random * 1664525 + 1013904223;
            end = stpcpy(end, pieces[random >> 29]);
        }
        if (roleauth_glob_match(pattern, value) != ref_glob(pattern, value))
            fail_msg("\"%s\" against \"%s\"", pattern, value);
    }
}

static char *repeat(const char *head, const char *unit, size_t count,
                    const char *tail)
{
    char *text =
        calloc(1, strlen(head) + strlen(unit) * count + strlen(tail) + 1);
    char *at = text;

    assert_non_null(text);
    at = stpcpy(at, head);
    while (count-- > 0)
        at = stpcpy(at, unit);
    (void)stpcpy(at, tail);
    return text;
}

static void check_long(char *pattern, char *value, int match)
{
    assert_int_equal(roleauth_glob_match(pattern, value), match);
    free(pattern);
    free(value);
}

/* Segments longer than a word, than all words, and beyond ASCII, that the
 * plain search gives up on. */
static void test_long_segments(void **state)
{
    (void)state;
    for (size_t k = 1; k < 700; k += 63) {
        check_long(repeat("*", "[ab]", k, "c*"), repeat("", "a", 3000, ""), 0);
        check_long(repeat("*", "[ab]", k, "c*"), repeat("", "a", 3000, "cd"),
                   1);
        check_long(repeat("*", "[ab]", k, "c*"),
                   repeat("c", "\xc3\xa9", 2000, "c"), 0);
        check_long(repeat("*x", "?", k, "c*"), repeat("", "x", 3000, "c"), 1);
        check_long(repeat("*x", "[!c]", k, "c*"),
                   repeat("x\xff", "\xc3\xa9x", 2000, "xcc"), k % 2);
        check_long(repeat("*", "[!c\xc3\xaa]", k, "\\c*"),
                   repeat("c", "\xc3\xa9", 2000, "c"), 1);
        check_long(repeat("*", "a", k, "c*"), repeat("c", "a", 3000, "b"), 0);
        check_long(repeat("*", "a", k, "c*"), repeat("c", "a", 3000, "c"), 1);
        check_long(repeat("*", "[ab]", k, "c"), repeat("", "a", 3000, "c"), 1);
        check_long(repeat("*", "[ab]", k, ""), repeat("", "b", k - 1, ""), 0);
    }
}

/* Brackets that never close, by the thousand; the fuzzer holds them to the
 * bound. */
static void test_open_brackets(void **state)
{
    (void)state;
    check_long(repeat("*", "[[:a:]", 600, "x*"), repeat("", "[a", 2500, "bx"),
               0);
    check_long(repeat("*?", "[[.[.[=a", 300, "x*"),
               repeat("", "[[.[.[=a", 500, "bx"), 0);
    check_long(repeat("*", "[-", 1000, "x*"), repeat("", "[-", 2500, "bx"), 0);
    check_long(repeat("*", "[", 10000, ""), repeat("", "[", 10000, ""), 1);
}

static void test_fault(void **state)
{
    static const struct {
        const char *pattern;
        const char *word; /* of the prose; NULL: no fault */
        size_t offset;
    } cases[] = {
        {"", NULL, 0},
        {"*a?[b-c][!x]\\*", NULL, 0},
        {"[[:alpha:][=a=][.-.]-9-]", NULL, 0},
        {"[]a]", NULL, 0},
        {"\xc3\xa9[\xce\xb1-\xcf\x89]", NULL, 0},
        {"ab[c", "unterminated", 2},
        {"a[b-", "unterminated", 1},
        {"[[.x]", "unterminated", 0},
        {"[!]", "unterminated", 0},
        {"[[:alpha:]", "unterminated", 0},
        {"ab\\", "backslash", 2},
        {"a\\\\", NULL, 0},
        {"a\\\\\\", "backslash", 3},
        {"a[[:foo:]]", "class", 2},
        {"a[[:Alpha:]]", "class", 2},
        {"[[:size:]]", "class", 1},
        {"[[.ab.]]", "collating", 1},
        {"[xb-a]", "range", 2},
        {"[A-[:alpha:]]", "range", 1},
        {"\\[", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t offset = 0;
        const char *fault = ra_glob_fault(cases[i].pattern, &offset);

        if ((fault == NULL) != (cases[i].word == NULL))
            fail_msg("%s: %s", cases[i].pattern, fault ? fault : "no fault");
        if (fault == NULL)
            continue;
        assert_non_null(strstr(fault, cases[i].word));
        assert_int_equal(offset, cases[i].offset);
        assert_ptr_equal(ra_glob_fault(cases[i].pattern, NULL), fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_basics),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_exhaustive),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_long_segments),
        cmocka_unit_test(test_open_brackets),
        cmocka_unit_test(test_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

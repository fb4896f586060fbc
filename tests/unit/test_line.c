/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "auth/line.h"

static const struct ra_line_keys usual = {0x7F, 0x15, 0x17, 0x03,
                                          0x1C, 0x04, 0x1A};

/* Feeds all of it; returns the last event. */
static enum ra_line_event feed(struct ra_line *line, const char *bytes,
                               size_t length)
{
    enum ra_line_event event = RA_LINE_MORE;

    for (size_t i = 0; i < length; i++) {
        assert_int_equal(event, RA_LINE_MORE);
        event = ra_line_feed(line, (unsigned char)bytes[i]);
        assert_true(line->length < line->size);
        assert_int_equal(line->text[line->length], '\0');
    }
    return event;
}

struct typing {
    const char *typed;
    enum ra_line_event event;
    const char *text;
};

static void test_typing(void **state)
{
    static const struct typing cases[] = {
        {"abc\n", RA_LINE_DONE, "abc"},
        {"abc\r", RA_LINE_DONE, "abc"},
        {"\n", RA_LINE_DONE, ""},
        {"abc", RA_LINE_MORE, "abc"},
        {"ab\x7F\x08q\n", RA_LINE_DONE, "q"},
        {"\x7F\x7F\x08z\n", RA_LINE_DONE, "z"},
        {"abc\x15xy\n", RA_LINE_DONE, "xy"},
        {"one two  \x17x\n", RA_LINE_DONE, "one x"},
        {"one\x17x\n", RA_LINE_DONE, "x"},
        {"\x17x\n", RA_LINE_DONE, "x"},
        {"abc\x03", RA_LINE_CANCEL, ""},
        {"abc\x1C", RA_LINE_CANCEL, ""},
        {"abc\x04", RA_LINE_CANCEL, ""},
        {"\x04", RA_LINE_CANCEL, ""},
        {"abc\x1A", RA_LINE_SUSPEND, ""},
        /* One character at a time, whatever its length. */
        {"a\xC3\xA4\x7F\n", RA_LINE_DONE, "a"},
        {"\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\n", RA_LINE_DONE, "\xE2\x82\xAC"},
        /* What is not UTF-8: a byte at a time. */
        {"\xE2\x82\x7F\n", RA_LINE_DONE, "\xE2"},
        {"\xFF\xFE\x7F\n", RA_LINE_DONE, "\xFF"},
        {"\xA4\xA4\x7F\n", RA_LINE_DONE, "\xA4"},
        /* Other control characters may be part of a password. */
        {"a\tb\x1B[A\n", RA_LINE_DONE, "a\tb\x1B[A"},
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ra_line line;

        ra_line_start(&line, text, sizeof(text), &usual);
        assert_int_equal(feed(&line, cases[i].typed, strlen(cases[i].typed)),
                         cases[i].event);
        assert_string_equal(line.text, cases[i].text);
        assert_int_equal(line.length, strlen(cases[i].text));
        assert_false(line.unusable);
    }
}

static void test_own_keys(void **state)
{
    /* DEL interrupts, as on old systems, # erases, @ kills. */
    const struct ra_line_keys own = {'#', '@', 0, 0x7F, 0, 0, 'Z'};
    const struct ra_line_keys none = {0, 0, 0, 0, 0, 0, 0};
    struct ra_line line;
    char text[64];

    (void)state;
    ra_line_start(&line, text, sizeof(text), &own);
    assert_int_equal(feed(&line, "ab@cd#e\n", 8), RA_LINE_DONE);
    assert_string_equal(text, "ce");
    ra_line_start(&line, text, sizeof(text), &own);
    assert_int_equal(feed(&line, "ab\x7F", 3), RA_LINE_CANCEL);
    ra_line_start(&line, text, sizeof(text), &own);
    assert_int_equal(feed(&line, "abZ", 3), RA_LINE_SUSPEND);
    /* Keys that are not set are no NUL bytes. */
    ra_line_start(&line, text, sizeof(text), &none);
    assert_int_equal(feed(&line, "ab\0\n", 4), RA_LINE_DONE);
    assert_true(line.unusable);
    ra_line_start(&line, text, sizeof(text), &none);
    assert_int_equal(feed(&line, "ab\x03", 3), RA_LINE_CANCEL);
}

static void test_too_long(void **state)
{
    struct ra_line line;
    char text[8], after[4];

    (void)state;
    memset(after, 'G', sizeof(after));
    ra_line_start(&line, text, sizeof(text), &usual);
    assert_int_equal(feed(&line, "1234567\n", 8), RA_LINE_DONE);
    assert_string_equal(text, "1234567");
    assert_false(line.unusable);
    ra_line_start(&line, text, sizeof(text), &usual);
    assert_int_equal(feed(&line, "12345678", 8), RA_LINE_MORE);
    assert_true(line.unusable);
    assert_int_equal(line.length, 0);
    /* It goes on to its end, and erasing does not mend it ... */
    assert_int_equal(feed(&line,
                          "9\x7F\x7F\x17"
                          "abc",
                          7),
                     RA_LINE_MORE);
    assert_true(line.unusable);
    for (size_t i = 0; i < sizeof(text); i++)
        assert_int_equal(text[i], 0);
    assert_int_equal(feed(&line, "\n", 1), RA_LINE_DONE);
    assert_true(line.unusable);
    /* ... but a new start does (CVE-2019-18634). */
    ra_line_start(&line, text, sizeof(text), &usual);
    assert_int_equal(feed(&line,
                          "123456789\x15"
                          "abc\n",
                          14),
                     RA_LINE_DONE);
    assert_false(line.unusable);
    assert_string_equal(text, "abc");
    for (size_t i = 0; i < sizeof(after); i++)
        assert_int_equal(after[i], 'G');
}

static void test_nul(void **state)
{
    struct ra_line line;
    char text[64];

    (void)state;
    ra_line_start(&line, text, sizeof(text), &usual);
    assert_int_equal(feed(&line, "ab\0cd\n", 6), RA_LINE_DONE);
    assert_true(line.unusable);
    assert_int_equal(line.length, 0);
}

/* What is cut off does not stay in memory. */
static void test_wiping(void **state)
{
    struct ra_line line;
    char text[16];

    (void)state;
    ra_line_start(&line, text, sizeof(text), &usual);
    (void)feed(&line, "secret\x7F\x7F", 8);
    assert_memory_equal(text, "secr\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    (void)feed(&line, "\x03", 1);
    for (size_t i = 0; i < sizeof(text); i++)
        assert_int_equal(text[i], 0);
}

static void test_cells(void **state)
{
    static const struct {
        const char *text;
        const char *shown; /* NULL: not complete */
        unsigned columns, taken;
    } cases[] = {
        {"a", "a", 1, 1},
        {"\t", "^I", 2, 1},
        {"\x1B[", "^[", 2, 1},
        {"\x7F", "^?", 2, 1},
        {"\xC3\xA4", "\xC3\xA4", 1, 2},
        {"\xC3", NULL, 0, 0},
        {"\xE2\x82", NULL, 0, 0},
        {"\xE2x", "?", 1, 1},
        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80", 2, 4},
        {"\xF0\x9F\x98", NULL, 0, 0},
        {"\xE6\xBC\xA2", "\xE6\xBC\xA2", 2, 3},
        {"\xCC\x81", "\xCC\x81", 0, 2},
        {"\xC2\x9B", "?", 1, 2},     /* CSI of C1 */
        {"\xE2\x80\xAE", "?", 1, 3}, /* right-to-left override */
        {"\xFF", "?", 1, 1},
        {"\x80", "?", 1, 1},
        {"\xC0\x80", "?", 1, 1},
        {"", NULL, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ra_line_cell cell;
        size_t length = strlen(cases[i].text);

        assert_int_equal(ra_line_cell(cases[i].text, length, &cell),
                         cases[i].shown != NULL);
        if (cases[i].shown == NULL)
            continue;
        assert_int_equal(cell.length, strlen(cases[i].shown));
        assert_memory_equal(cell.bytes, cases[i].shown, cell.length);
        assert_int_equal(cell.columns, cases[i].columns);
        assert_int_equal(cell.taken, cases[i].taken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typing),   cmocka_unit_test(test_own_keys),
        cmocka_unit_test(test_too_long), cmocka_unit_test(test_nul),
        cmocka_unit_test(test_wiping),   cmocka_unit_test(test_cells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

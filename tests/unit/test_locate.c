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

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

static const char sample[] = "{ \"roles\": [\n"
                             "  {\"name\": \"é€😀\", \"auth\": [1, {\"x\":\n"
                             "    2}]},\r\n"
                             "  {\"we ird\\u0041\": [], \"q\\\"\": 5}\n"
                             "]}\n";

static void assert_place(ra_locator *l, const char *path, bool key, size_t line,
                         size_t column)
{
    size_t got_line = 99, got_column = 99;

    assert_true(ra_locate_path(l, path, key, &got_line, &got_column));
    if (got_line != line || got_column != column)
        fail_msg("%s: %zu:%zu, expected %zu:%zu", path, got_line, got_column,
                 line, column);
}

static void paths(void **state)
{
    ra_locator *l = ra_locator_new(sample, strlen(sample));

    (void)state;
    assert_place(l, "", false, 1, 1);
    assert_place(l, "roles", true, 1, 3);
    assert_place(l, "roles", false, 1, 12);
    assert_place(l, "roles[0]", false, 2, 3);
    assert_place(l, "roles[0].name", true, 2, 4);
    assert_place(l, "roles[0].name", false, 2, 12);
    assert_place(l, "roles[0].auth", true, 2, 19);
    assert_place(l, "roles[0].auth[0]", false, 2, 28);
    assert_place(l, "roles[0].auth[1].x", true, 2, 32);
    assert_place(l, "roles[0].auth[1].x", false, 3, 5);
    assert_place(l, "roles[1]", false, 4, 3);
    assert_place(l, "roles[1][\"we irdA\"]", true, 4, 4);
    assert_place(l, "roles[1][\"we ird\\u0041\"]", false, 4, 20);
    assert_place(l, "roles[1][\"q\\\"\"]", false, 4, 31);
    /* Backwards, and what is not there. */
    assert_place(l, "roles[0].name", false, 2, 12);
    assert_place(l, "roles[0].none", false, 2, 3);
    assert_place(l, "roles[7].name", false, 1, 12);
    assert_place(l, "roles.name", false, 1, 12);
    assert_place(l, "roles[0].name.deeper[3]", false, 2, 12);
    assert_place(l, "[0]", false, 1, 1);
    assert_place(l, "roles[1][\"q\\\"\"].x", true, 4, 31);
    ra_locator_free(&l);
    assert_null(l);
}

/* Counts anew for each offset. */
static void place(const char *text, size_t offset, size_t *line, size_t *column)
{
    size_t start = 0;

    *line = 1;
    for (size_t i = 0; i < offset; i++)
        if (text[i] == '\n') {
            ++*line;
            start = i + 1;
        }
    *column = 1 + ra_utf8_count(text + start, offset - start);
}

static void offsets_in_any_order(void **state)
{
    ra_locator *l = ra_locator_new(sample, strlen(sample));
    size_t offset = 0;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        size_t line, column, want_line, want_column;

        offset = (offset * 31 + 17) % (strlen(sample) + 1);
        /* Only where a character starts. */
        if (((unsigned char)sample[offset] & 0xC0) == 0x80)
            continue;
        place(sample, offset, &want_line, &want_column);
        ra_locate_offset(l, offset, &line, &column);
        assert_int_equal(line, want_line);
        assert_int_equal(column, want_column);
    }
    ra_locator_free(&l);
}

static void beyond_the_end_is_the_end(void **state)
{
    ra_locator *l = ra_locator_new("a\nbc", 4);
    size_t line, column;

    (void)state;
    ra_locate_offset(l, 1000, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 3);
    ra_locator_free(&l);
}

static void assert_enclosing(const char *text, size_t offset, const char *want)
{
    ra_locator *l = ra_locator_new(text, strlen(text));
    char *path = ra_locate_enclosing(l, offset);

    assert_string_equal(path, want);
    free(path);
    ra_locator_free(&l);
}

static void enclosing(void **state)
{
    const char text[] = "{\"a\":[1,{\"b c\":\"x\",\"d\\u00e9\":[]}],\"e\":2}";

    (void)state;
    assert_enclosing(text, 0, "");
    assert_enclosing(text, 1, "a");
    assert_enclosing(text, 5, "a");
    assert_enclosing(text, 6, "a[0]");
    assert_enclosing(text, 8, "a[1]");
    assert_enclosing(text, 9, "a[1][\"b c\"]");
    assert_enclosing(text, 16, "a[1][\"b c\"]");
    assert_enclosing(text, 19, "a[1][\"dé\"]");
    assert_enclosing(text, strlen(text) - 2, "e");
    assert_enclosing("", 0, "");
    assert_enclosing("[1,", 3, "");
    assert_enclosing("{\"a\":tru", 5, "a");
    assert_enclosing("{\"a\":1,\"a\":2}", 7, "a");
}

static void damaged_text_is_harmless(void **state)
{
    static const char *const texts[] = {
        "{\"a\\", "{\"a\\u00", "[[[[",          "]]]]}}",  "{,,:}",
        "{\"a\"", "\"",        "{\"a\":",       "[\"\xFF", "{1:2}",
        ",",      "",          "{\"\\ud83d\\u",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t length = strlen(texts[i]);
        char *copy = malloc(length + 1);
        ra_locator *l;
        size_t line, column;

        assert_non_null(copy);
        memcpy(copy, texts[i], length);
        l = ra_locator_new(copy, length);
        assert_true(ra_locate_path(l, "a", true, &line, &column));
        assert_true(
            ra_locate_path(l, "[0][0][\"\\ud83d\\u", false, &line, &column));
        assert_true(ra_locate_path(l, "[99999999999999999999999]", false, &line,
                                   &column));
        assert_true(ra_locate_path(l, "[\"", false, &line, &column));
        for (size_t k = 0; k <= length; k++)
            free(ra_locate_enclosing(l, k));
        (void)ra_locate_nesting(l, 2);
        ra_locator_free(&l);
        free(copy);
    }
}

static void nesting(void **state)
{
    const char text[] = "[\"[[[\",{\"a\":[[]]},[[]]]";
    ra_locator *l = ra_locator_new(text, strlen(text));

    (void)state;
    assert_int_equal(ra_locate_nesting(l, 4), (size_t)-1);
    assert_int_equal(ra_locate_nesting(l, 3), 13);
    assert_int_equal(ra_locate_nesting(l, 0), 0);
    ra_locator_free(&l);
}

static void assert_key(const char *before, const char *key, const char *want)
{
    struct ra_buf path = RA_BUF_INIT(1000);

    assert_true(ra_buf_add_text(&path, before));
    assert_true(ra_json_path_key(&path, key));
    assert_string_equal(path.data, want);
    ra_buf_free(&path);
}

static void writing_paths(void **state)
{
    struct ra_buf path = RA_BUF_INIT(1000);

    (void)state;
    assert_key("", "name", "name");
    assert_key("a[1]", "name_2", "a[1].name_2");
    assert_key("a", "2x", "a[\"2x\"]");
    assert_key("a", "", "a[\"\"]");
    assert_key("", "x y", "[\"x y\"]");
    assert_key("", "q\"\\", "[\"q\\\"\\\\\"]");
    assert_key("", "\033\n", "[\"\\u001B\\u000A\"]");
    assert_key("", "é", "[\"é\"]");
    assert_key("", "\xE2\x80\xAE", "[\"\\u202E\"]");
    assert_true(ra_json_path_index(&path, 12));
    assert_string_equal(path.data, "[12]");
    ra_buf_free(&path);
}

/* 100,000 problems in 100,000 roles, and one on every name of one object. */
static void many_places_take_linear_time(void **state)
{
    struct ra_buf text = RA_BUF_INIT(1u << 30);
    const size_t count = 100000;
    struct timespec before, after;
    ra_locator *l;
    size_t line, column;
    char path[64];

    (void)state;
    (void)ra_buf_add_text(&text, "{\"roles\":[");
    for (size_t i = 0; i < count; i++)
        (void)ra_buf_printf(&text, "%s{\"name\":\"r%zu\",\"b\":[1,2]}",
                            i == 0 ? "" : ",", i);
    (void)ra_buf_add_text(&text, "],\"more\":{");
    for (size_t i = 0; i < count; i++)
        (void)ra_buf_printf(&text, "%s\"n%zu\":%zu", i == 0 ? "" : ",", i, i);
    assert_true(ra_buf_add_text(&text, "}}"));
    l = ra_locator_new(text.data, text.length);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(path, sizeof(path), "roles[%zu].b[1]", i);
        assert_true(ra_locate_path(l, path, false, &line, &column));
        assert_int_equal(line, 1);
    }
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(path, sizeof(path), "more.n%zu", i);
        assert_true(ra_locate_path(l, path, true, &line, &column));
    }
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    assert_int_equal(text.data[column], 'n');
    /* Quadratic time would be minutes. */
    assert_true(after.tv_sec - before.tv_sec < 20);
    ra_locator_free(&l);
    ra_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(offsets_in_any_order),
        cmocka_unit_test(beyond_the_end_is_the_end),
        cmocka_unit_test(enclosing),
        cmocka_unit_test(damaged_text_is_harmless),
        cmocka_unit_test(nesting),
        cmocka_unit_test(writing_paths),
        cmocka_unit_test(many_places_take_linear_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

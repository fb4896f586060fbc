/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Encodes by arithmetic, to compare the decoder's table with. */
static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static void every_code_point_decodes(void **state)
{
    char bytes[5] = "";

    (void)state;
    for (uint32_t c = 1; c <= 0x110010; c++) {
        size_t length = encode(c, bytes);
        uint32_t got = 0;
        bool good = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);

        bytes[length] = '\0';
        assert_int_equal(ra_utf8_decode(bytes, bytes + length, &got),
                         good ? length : 0);
        if (good) {
            char again[4];

            assert_int_equal(got, c);
            assert_int_equal(ra_utf8_encode(c, again), length);
            assert_memory_equal(again, bytes, length);
        }
        assert_int_equal(ra_utf8_decode(bytes, NULL, &got), good ? length : 0);
        assert_int_equal(ra_utf8_valid(bytes, length), good);
    }
}

static void cut_sequences_do_not_decode(void **state)
{
    static const uint32_t points[] = {0xE9, 0x20AC, 0x1F600};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char bytes[4];
        size_t length = encode(points[i], bytes);

        for (size_t cut = 1; cut < length; cut++) {
            /* Exactly as large as said, so that a sanitizer sees more. */
            char *copy = malloc(cut);
            uint32_t got;

            assert_non_null(copy);
            memcpy(copy, bytes, cut);
            assert_int_equal(ra_utf8_decode(copy, copy + cut, &got), 0);
            assert_false(ra_utf8_valid(copy, cut));
            free(copy);
        }
    }
}

static void overlong_forms_are_refused(void **state)
{
    static const char *const bad[] = {"\xC0\x80",
                                      "\xC1\xBF",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF",
                                      "\xF0\x80\x80\x80",
                                      "\xF0\x8F\xBF\xBF",
                                      "\x80",
                                      "\xFF",
                                      "\xF5\x80\x80\x80",
                                      "a\xBF"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(ra_utf8_valid(bad[i], strlen(bad[i])));
    assert_false(ra_utf8_valid("a\0b", 3));
    assert_true(ra_utf8_valid("", 0));
    assert_true(ra_utf8_valid("a\xC3\xA9", 3));
}

static void counting_takes_bad_bytes_as_one(void **state)
{
    (void)state;
    assert_int_equal(ra_utf8_count("", 0), 0);
    assert_int_equal(ra_utf8_count("a\xC3\xA9\xE2\x82\xAC", 6), 3);
    assert_int_equal(ra_utf8_count("\xE2\x82", 2), 2);
    assert_int_equal(ra_utf8_count("\xFF\xFE"
                                   "a",
                                   3),
                     3);
}

static void assert_visible(const char *text, size_t length, const char *want)
{
    struct ra_buf buf = RA_BUF_INIT(1000);

    assert_true(ra_text_add_visible(&buf, text, length));
    assert_string_equal(buf.data, want);
    ra_buf_free(&buf);
}

static void assert_display(const char *text, const char *want)
{
    struct ra_buf buf = RA_BUF_INIT(1000);

    assert_true(ra_text_add_display(&buf, text, strlen(text)));
    assert_string_equal(buf.data, want);
    ra_buf_free(&buf);
}

static void visible_escapes(void **state)
{
    (void)state;
    assert_visible("", 0, "");
    assert_visible("plain text 'é€😀'", strlen("plain text 'é€😀'"),
                   "plain text 'é€😀'");
    assert_visible("a\nb\tc\rd", 7, "a\\nb\\tc\\rd");
    assert_visible("\033[31m", 5, "\\033[31m");
    assert_visible("\x7F", 1, "\\177");
    assert_visible("a\\b", 3, "a\\\\b");
    assert_visible("\xFF", 1, "\\377");
    assert_visible("\xC2\x9B", 2, "\\302\\233");
    assert_visible("\xE2\x80\xAE"
                   "x",
                   4, "\\342\\200\\256x");
    assert_visible("\xE2\x80\xA8", 3, "\\342\\200\\250");
    assert_visible("\xD8\x9C", 2, "\\330\\234");
    assert_visible("\xE2\x82", 2, "\\342\\202");
}

static void a_nul_is_visible(void **state)
{
    (void)state;
    assert_visible("a\0b", 3, "a\\0b");
    /* Not \01, which would be another byte. */
    assert_visible("\0001", 2, "\\0001");
}

static void every_byte_is_safe_alone(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        struct ra_buf buf = RA_BUF_INIT(100);
        char byte = (char)c;

        assert_true(ra_text_add_visible(&buf, &byte, 1));
        for (size_t i = 0; i < buf.length; i++)
            assert_in_range((unsigned char)buf.data[i], 0x20, 0x7E);
        assert_true(buf.length >= 1);
        ra_buf_free(&buf);
    }
}

static void display_keeps_layout(void **state)
{
    (void)state;
    assert_display("a\n\tb\\c é", "a\n\tb\\c é");
    assert_display("a\rb\033]0;x\007", "a\\rb\\033]0;x\\a");
    assert_display("\xE2\x81\xA6"
                   "\xC3",
                   "\\342\\201\\246\\303");
}

static void controls(void **state)
{
    static const uint32_t yes[] = {0,      0x1F,   0x7F,   0x80,   0x9F,
                                   0x61C,  0x200E, 0x200F, 0x2028, 0x2029,
                                   0x202A, 0x202E, 0x2066, 0x2069};
    static const uint32_t no[] = {0x20,   0x7E,   0xA0,   0x61B,
                                  0x61D,  0x200D, 0x2010, 0x2027,
                                  0x202F, 0x2065, 0x206A, 0x1F600};

    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        assert_true(ra_text_is_control(yes[i]));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_false(ra_text_is_control(no[i]));
}

static void a_full_buffer_fails(void **state)
{
    struct ra_buf buf = RA_BUF_INIT(3);

    (void)state;
    assert_false(ra_text_add_visible(&buf, "\033", 1));
    assert_true(buf.failed);
    assert_false(ra_text_add_visible(&buf, "a", 1));
    ra_buf_free(&buf);
    assert_true(ra_text_add_visible(&buf, "abc", 3));
    assert_false(ra_text_add_display(&buf, "d", 1));
    ra_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_decodes),
        cmocka_unit_test(cut_sequences_do_not_decode),
        cmocka_unit_test(overlong_forms_are_refused),
        cmocka_unit_test(counting_takes_bad_bytes_as_one),
        cmocka_unit_test(visible_escapes),
        cmocka_unit_test(a_nul_is_visible),
        cmocka_unit_test(every_byte_is_safe_alone),
        cmocka_unit_test(display_keeps_layout),
        cmocka_unit_test(controls),
        cmocka_unit_test(a_full_buffer_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

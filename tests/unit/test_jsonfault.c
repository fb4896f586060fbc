/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static void good_texts_have_no_fault(void **state)
{
    static const char *const good[] = {
        "null",
        " [ ] ",
        "{}",
        "{\"a\":[1,-0,0.5,1e3,1E-2,10.25e+2,true,false,null]}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\xF0\x9F\x98\x80\"",
        "[[],{},[{}],{\"a\":{}}]\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct ra_json_fault fault;

        assert_false(ra_json_find_fault(good[i], strlen(good[i]), &fault));
    }
}

static void each_fault_is_placed_and_told(void **state)
{
    static const struct {
        const char *text;
        const char *code;
        size_t offset;
        const char *prose;
    } cases[] = {
        {" \n", "syntax", 0, "the text is empty"},
        {"[1,]", "syntax", 3,
         "expected a value, found ']': remove the comma before it, or add "
         "what is missing"},
        {"{\"a\":1,}", "syntax", 7,
         "expected a name in double quotes, found '}': remove the comma "
         "before it, or add what is missing"},
        {"{\"a\":}", "syntax", 5, "expected a value, found '}'"},
        {"{\"a\" 1}", "syntax", 5, "expected ':', found '1'"},
        {"{\"a\":1 \"b\"}", "syntax", 7, "expected ',' or '}', found a string"},
        {"[1 2]", "syntax", 3, "expected ',' or ']', found '2'"},
        {"[1}", "syntax", 2, "expected ',' or ']', found '}'"},
        {"[1", "syntax", 2, "expected ',' or ']', found the end of the text"},
        {"[", "syntax", 1,
         "expected a value or ']', found the end of the text"},
        {"{message\":1}", "syntax", 1,
         "expected a name in double quotes or '}', found 'message'"},
        {"['a']", "syntax", 1,
         "expected a value or ']', found ''': strings stand in double "
         "quotes"},
        {"[1] // x", "syntax", 4,
         "expected nothing more, found '/': JSON has no comments"},
        {"True", "syntax", 0, "expected a value, found 'True'"},
        {"[01]", "syntax", 1,
         "not a number as JSON writes it: no leading zeros"},
        {"[-]", "syntax", 1, "not a number as JSON writes it"},
        {"[1.]", "syntax", 1, "not a number as JSON writes it"},
        {"[1e]", "syntax", 1, "not a number as JSON writes it"},
        {"[1x]", "syntax", 1, "not a number as JSON writes it"},
        {"[+1]", "syntax", 1, "expected a value or ']', found '+'"},
        {"[\"a]", "syntax", 1, "this string is never closed"},
        {"[\"a\n\"]", "syntax", 3,
         "a line break in a string: close the string, or write \\n"},
        {"[\"a\t\"]", "syntax", 3,
         "a control character in a string: write an escape such as \\t"},
        {"[\"\\x\"]", "syntax", 2,
         "an escape that JSON does not have: write \\\\ for a backslash"},
        {"[\"\\u12G4\"]", "syntax", 2,
         "\\u is followed by exactly four hexadecimal digits"},
        {"[\"\\u00\x10\x11\"]", "syntax", 2,
         "\\u is followed by exactly four hexadecimal digits"},
        {"\"\\u1", "syntax", 1,
         "\\u is followed by exactly four hexadecimal digits"},
        {"\"\\", "syntax", 2, "the text ends in a string"},
        {"[\"\\ud800\"]", "syntax", 2,
         "half of a surrogate pair: write both halves, or the character "
         "itself"},
        {"[\"\\ud800\\u0041\"]", "syntax", 2,
         "half of a surrogate pair: write both halves, or the character "
         "itself"},
        {"[\"\\udc00\"]", "syntax", 2,
         "half of a surrogate pair: write both halves, or the character "
         "itself"},
        {"[\"\\u0000\"]", "nul", 2,
         "\\u0000: a text cannot hold a NUL character"},
        {"[\"a\xC3\"]", "utf8", 3, "a byte that is not UTF-8"},
        {"[\xFF]", "utf8", 1, "a byte that is not UTF-8"},
        {"\xEF\xBB\xBF[]", "syntax", 0,
         "a byte order mark: save the text as UTF-8 without one"},
        {"[\033]", "syntax", 1, "expected a value or ']', found '\\033'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t length = strlen(cases[i].text);
        /* Exactly as large as said, so that a sanitizer sees more. */
        char *copy = malloc(length);
        struct ra_json_fault fault;

        assert_non_null(copy);
        memcpy(copy, cases[i].text, length);
        assert_true(ra_json_find_fault(copy, length, &fault));
        assert_string_equal(fault.text, cases[i].prose);
        assert_string_equal(fault.code, cases[i].code);
        assert_int_equal(fault.offset, cases[i].offset);
        free(copy);
    }
}

static void a_nul_byte_is_told(void **state)
{
    struct ra_json_fault fault;

    (void)state;
    assert_true(ra_json_find_fault("[1,\0]", 5, &fault));
    assert_string_equal(fault.code, "nul");
    assert_int_equal(fault.offset, 3);
    assert_true(ra_json_find_fault("[\"a\0\"]", 6, &fault));
    assert_string_equal(fault.code, "nul");
    assert_int_equal(fault.offset, 3);
}

/* Whatever jansson refuses is refused here, and the other way round. */
static void agrees_with_the_parser(void **state)
{
    static const char alphabet[] = "[]{}:,\"\\1-u ";
    const size_t n = sizeof(alphabet) - 1;
    size_t good = 0;

    (void)state;
    for (unsigned long k = 0; k < n * n * n * n * n; k++) {
        unsigned long rest = k;
        struct ra_json_fault fault;
        ra_json *value = NULL;
        char text[6] = "";
        int code;

        for (size_t i = 0; i < 5; i++, rest /= n)
            text[i] = alphabet[rest % n];
        code = ra_json_parse(text, 5, &value, &fault);
        ra_json_free(&value);
        if (code == 0)
            good++;
        else
            assert_int_equal(code, ROLEAUTH_E_INVALID);
        assert_int_equal(ra_json_find_fault(text, 5, &fault), code != 0);
    }
    assert_true(good > 100);
}

static void tokens(void **state)
{
    const char text[] = "{\"ab\" : [1, 22]}";

    (void)state;
    assert_int_equal(ra_json_token_before(text, strlen(text), 5), 1);
    assert_int_equal(ra_json_token_before(text, strlen(text), 14), 12);
    assert_int_equal(ra_json_token_before(text, strlen(text), 0), 0);
    assert_int_equal(ra_json_token_before(text, strlen(text), 999), 15);
    assert_int_equal(ra_json_token_before("", 0, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts_have_no_fault),
        cmocka_unit_test(each_fault_is_placed_and_told),
        cmocka_unit_test(a_nul_byte_is_told),
        cmocka_unit_test(agrees_with_the_parser),
        cmocka_unit_test(tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

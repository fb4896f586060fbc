/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static ra_json *parse(const char *text)
{
    struct ra_json_fault fault;
    ra_json *value = NULL;

    assert_int_equal(ra_json_parse(text, strlen(text), &value, &fault), 0);
    assert_non_null(value);
    return value;
}

static void assert_fault(const char *text, const char *code, size_t offset)
{
    struct ra_json_fault fault;
    ra_json *value = NULL;

    assert_int_equal(ra_json_parse(text, strlen(text), &value, &fault),
                     ROLEAUTH_E_INVALID);
    assert_null(value);
    assert_string_equal(fault.code, code);
    assert_int_equal(fault.offset, offset);
    assert_int_equal(fault.duplicate_key, strcmp(code, "duplicate-key") == 0);
    assert_true(strlen(fault.text) > 5);
}

static void any_value_may_be_at_the_top(void **state)
{
    static const struct {
        const char *text;
        enum ra_json_type type;
        const char *name;
    } cases[] = {
        {"null", RA_JSON_NULL, "null"},
        {"true", RA_JSON_TRUE, "true"},
        {"false", RA_JSON_FALSE, "false"},
        {" 12 ", RA_JSON_INTEGER, "an integer"},
        {"1.5", RA_JSON_REAL, "a fraction"},
        {"\"x\"", RA_JSON_STRING, "a string"},
        {"[]", RA_JSON_ARRAY, "an array"},
        {"{}", RA_JSON_OBJECT, "an object"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ra_json *value = parse(cases[i].text);

        assert_int_equal(ra_json_type(value), cases[i].type);
        assert_string_equal(ra_json_type_name(value), cases[i].name);
        ra_json_free(&value);
        assert_null(value);
    }
}

static void reading(void **state)
{
    ra_json *value = parse("{\"z\":[1,-2,\"t\\u00e9\"],\"a\":{},\"m\":7}");
    const ra_json *array = ra_json_get(value, "z");
    size_t length = 9;
    char keys[8] = "";

    (void)state;
    assert_int_equal(ra_json_size(value), 3);
    assert_int_equal(ra_json_size(array), 3);
    assert_int_equal(ra_json_integer(ra_json_at(array, 1)), -2);
    assert_string_equal(ra_json_string(ra_json_at(array, 2), &length),
                        "t\xC3\xA9");
    assert_int_equal(length, 3);
    assert_null(ra_json_string(ra_json_at(array, 0), NULL));
    assert_int_equal(ra_json_integer(ra_json_at(array, 2)), 0);
    assert_null(ra_json_at(array, 3));
    assert_null(ra_json_get(value, "q"));
    assert_int_equal(ra_json_size(ra_json_at(array, 0)), 0);
    for (void *it = ra_json_first(value); it; it = ra_json_next(value, it)) {
        assert_ptr_equal(ra_json_value(it),
                         ra_json_get(value, ra_json_key(it)));
        keys[strlen(keys)] = ra_json_key(it)[0];
    }
    assert_string_equal(keys, "zam");
    ra_json_free(&value);
}

static void dropping(void **state)
{
    ra_json *value = parse("[{\"a\":[1]},2]");

    (void)state;
    ra_json_drop(value, 0);
    assert_int_equal(ra_json_size(value), 2);
    assert_int_equal(ra_json_type(ra_json_at(value, 0)), RA_JSON_NULL);
    assert_int_equal(ra_json_integer(ra_json_at(value, 1)), 2);
    ra_json_drop(value, 2);
    assert_int_equal(ra_json_size(value), 2);
    ra_json_free(&value);
}

static void depth(void **state)
{
    ra_json *value = parse("[{\"a\":[1]},2]");

    (void)state;
    assert_false(ra_json_deeper(value, 3));
    assert_true(ra_json_deeper(value, 2));
    assert_true(ra_json_deeper(value, 0));
    assert_false(ra_json_deeper(ra_json_at(value, 1), 0));
    ra_json_free(&value);
}

static void faults(void **state)
{
    (void)state;
    assert_fault("", "syntax", 0);
    assert_fault("{\"a\":1,\"b\":2, \"a\":3}", "duplicate-key", 14);
    assert_fault("[{\"q\\\"\":1,\"q\\\"\":3}]", "duplicate-key", 10);
    assert_fault("[1, 99999999999999999999]", "range", 4);
    assert_fault("[1e999]", "range", 1);
    assert_fault("[\"x\\u0000\"]", "nul", 3);
    assert_fault("{\"x\\u0000\":1}", "nul", 3);
    assert_fault("[\"\xFF\"]", "utf8", 2);
    assert_fault("\xEF\xBB\xBF{}", "syntax", 0);
    assert_fault("{\"a\":1 \"b\":2}", "syntax", 7);
}

static void a_duplicate_is_named(void **state)
{
    struct ra_json_fault fault;
    ra_json *value;
    const char text[] = "{\"name\":1,\n\"name\" : 2}";

    (void)state;
    assert_int_equal(ra_json_parse(text, strlen(text), &value, &fault),
                     ROLEAUTH_E_INVALID);
    assert_string_equal(fault.text,
                        "the name \"name\" stands twice in this object");
}

static void depth_of_the_parser_is_bounded(void **state)
{
    char *deep = malloc(5001);

    (void)state;
    assert_non_null(deep);
    memset(deep, '[', 4000);
    deep[4000] = '\0';
    assert_fault(deep, "nesting", 2047);
    /* The first that is too deep may be no array itself. */
    memset(deep + 2047, ']', 2048);
    memcpy(deep + 2047, "1", 1);
    deep[2047 + 1 + 2047] = '\0';
    assert_fault(deep, "nesting", 2047);
    free(deep);
}

/* The text stands inside brackets when it is parsed, out of which nothing may
 * break. */
static void brackets_hold(void **state)
{
    (void)state;
    assert_fault("1,2", "syntax", 1);
    assert_fault("1]", "syntax", 1);
    assert_fault("1],[2", "syntax", 1);
    assert_fault("1],[", "syntax", 1);
    assert_fault("]", "syntax", 0);
    /* Not what is wrong behind it. */
    assert_fault("1, {\"a\":1,\"a\":2}", "syntax", 1);
    assert_fault("1, 99999999999999999999", "syntax", 1);
    assert_fault(",1", "syntax", 0);
    assert_fault("1,", "syntax", 1);
    assert_fault("\"a", "syntax", 0);
}

/* Tokens around the sizes at which jansson's buffer grows, with escapes at
 * every place. */
static void long_tokens(void **state)
{
    (void)state;
    for (size_t size = 1; size < 2100; size += size < 70 ? 1 : 67) {
        struct ra_json_fault fault;
        char *text = malloc(2 * size + 3);
        size_t length;
        ra_json *value;

        assert_non_null(text);
        text[0] = '"';
        for (size_t i = 0; i < size; i++)
            memcpy(text + 1 + 2 * i, i % 2 == 0 ? "\\\"" : "\\\\", 2);
        text[1 + 2 * size] = '"';
        assert_int_equal(ra_json_parse(text, 2 * size + 2, &value, &fault), 0);
        assert_non_null(ra_json_string(value, &length));
        assert_int_equal(length, size);
        ra_json_free(&value);
        free(text);
    }
}

static void printing(void **state)
{
    ra_json *object = ra_json_new_object();
    ra_json *array = ra_json_new_array();
    char *text;

    (void)state;
    assert_true(ra_json_append(array, ra_json_new_integer(-5)));
    assert_true(ra_json_append(array, ra_json_new_bool(true)));
    assert_true(ra_json_append(array, ra_json_new_bool(false)));
    assert_true(ra_json_append(array, ra_json_new_string(NULL)));
    assert_true(ra_json_set(object, "z", ra_json_new_string("a\n\"\\ é")));
    assert_true(ra_json_set(object, "a", array));
    text = ra_json_dump(object);
    assert_string_equal(
        text, "{\"z\":\"a\\n\\\"\\\\ é\",\"a\":[-5,true,false,null]}");
    free(text);
    ra_json_free(&object);
}

static void no_control_characters_are_printed(void **state)
{
    ra_json *value = ra_json_new_string("\033[1m\x7F\xC2\x9B\xE2\x80\xAE.");
    char *text = ra_json_dump(value);

    (void)state;
    assert_string_equal(text, "\"\\u001B[1m\\u007F\\u009B\\u202E.\"");
    free(text);
    ra_json_free(&value);
}

static void bad_utf8_becomes_visible(void **state)
{
    ra_json *value = ra_json_new_string("a\xFF"
                                        "b");

    (void)state;
    assert_string_equal(ra_json_string(value, NULL), "a\\377b");
    ra_json_free(&value);
}

static void null_is_passed_through(void **state)
{
    ra_json *object = ra_json_new_object();
    ra_json *nothing = NULL;

    (void)state;
    assert_false(ra_json_set(object, "a", NULL));
    assert_false(ra_json_set(NULL, "a", ra_json_new_string("x")));
    assert_false(ra_json_append(NULL, ra_json_new_array()));
    assert_null(ra_json_dump(NULL));
    ra_json_free(&nothing);
    ra_json_free(&object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_value_may_be_at_the_top),
        cmocka_unit_test(reading),
        cmocka_unit_test(dropping),
        cmocka_unit_test(depth),
        cmocka_unit_test(faults),
        cmocka_unit_test(a_duplicate_is_named),
        cmocka_unit_test(depth_of_the_parser_is_bounded),
        cmocka_unit_test(brackets_hold),
        cmocka_unit_test(long_tokens),
        cmocka_unit_test(printing),
        cmocka_unit_test(no_control_characters_are_printed),
        cmocka_unit_test(bad_utf8_becomes_visible),
        cmocka_unit_test(null_is_passed_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

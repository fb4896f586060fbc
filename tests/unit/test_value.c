/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "role/load.h"
#include "support/told.h"

/* A source of one value, whose problems are kept. */
struct sample {
    struct told told;
    struct ra_load how;
    struct ra_arena arena;
    struct ra_source source;
    ra_json *value;
};

static const struct ra_place top = {NULL, NULL, 0, false};

static void start(struct sample *s, const char *text)
{
    struct ra_json_fault fault;

    memset(s, 0, sizeof(*s));
    s->told.lines.max = 10000;
    assert_true(ra_buf_add(&s->told.lines, "", 0));
    s->how.how.report = told_add;
    s->how.how.report_data = &s->told;
    s->source.file = "test";
    s->source.text = text;
    s->source.length = strlen(text);
    s->source.load = &s->how;
    s->source.arena = &s->arena;
    assert_int_equal(ra_json_parse(text, strlen(text), &s->value, &fault), 0);
}

static void end(struct sample *s, const char *lines)
{
    assert_string_equal(s->told.lines.data, lines);
    assert_false(s->source.nomem);
    ra_source_end(&s->source);
    ra_json_free(&s->value);
    ra_arena_free(&s->arena);
    ra_buf_free(&s->told.lines);
}

static void texts(void **state)
{
    struct sample s;

    (void)state;
    start(&s, "\"abc\"");
    assert_string_equal(ra_read_text(&s.source, &top, s.value), "abc");
    end(&s, "");
    start(&s, "\"\"");
    assert_null(ra_read_text(&s.source, &top, s.value));
    end(&s, "");
    start(&s, "null");
    assert_null(ra_read_text(&s.source, &top, s.value));
    end(&s, "");
    start(&s, "false");
    assert_null(ra_read_text(&s.source, &top, s.value));
    end(&s, "error wrong-type : found false, expected a string\n");
    start(&s, "\"%%\"");
    assert_string_equal(ra_read_template(&s.source, &top, s.value), "%%");
    end(&s, "");
}

static void integers(void **state)
{
    struct sample s;

    (void)state;
    start(&s, "7");
    assert_int_equal(ra_read_integer(&s.source, &top, s.value, 7, 7, 1), 7);
    assert_int_equal(ra_read_integer(&s.source, &top, s.value, 8, 9, 1), 1);
    end(&s, "error range : found 7, expected 8 to 9\n");
    start(&s, "\"\"");
    assert_int_equal(ra_read_integer(&s.source, &top, s.value, 0, 9, 3), 3);
    end(&s, "");
    start(&s, "\"-12\"");
    assert_int_equal(ra_read_integer(&s.source, &top, s.value, 0, 9, 3), 3);
    end(&s, "error wrong-type : found the string \"-12\", expected an "
            "integer: write the number without quotes\n");
    start(&s, "\"12 \"");
    assert_int_equal(ra_read_integer(&s.source, &top, s.value, 0, 9, 3), 3);
    end(&s, "error wrong-type : found the string \"12 \", expected an "
            "integer\n");
}

static void json_in_a_string(void **state)
{
    struct ra_nested nested;
    struct sample s;

    (void)state;
    start(&s, "\"[1]\"");
    ra_nested_open(&s.source, &nested, &top, s.value);
    assert_int_equal(ra_json_type(nested.value), RA_JSON_ARRAY);
    assert_true(nested.place->inner);
    ra_nested_close(&nested);
    end(&s, "");
    start(&s, "[1]");
    ra_nested_open(&s.source, &nested, &top, s.value);
    assert_ptr_equal(nested.value, s.value);
    assert_ptr_equal(nested.place, &top);
    ra_nested_close(&nested);
    end(&s, "");
    start(&s, "\"null\"");
    ra_nested_open(&s.source, &nested, &top, s.value);
    assert_null(nested.value);
    ra_nested_close(&nested);
    end(&s, "");
    start(&s, "\"{\\\"a\\\":[1,]}\"");
    ra_nested_open(&s.source, &nested, &top, s.value);
    assert_null(nested.value);
    ra_nested_close(&nested);
    end(&s, "error syntax a: expected a value, found ']': remove the comma "
            "before it, or add what is missing (at byte 8 of the JSON in this "
            "string)\n");
}

static void nesting_counts_anew_in_a_string(void **state)
{
    char text[200] = "{\"name\":\"r\",\"auth\":\"";

    (void)state;
    memset(text + strlen(text), '[', 32);
    memset(text + strlen(text), ']', 32);
    memcpy(text + strlen(text), "\"}", 3);
    assert_told_words(text, "error wrong-type");
    memcpy(text, "{\"name\":\"r\",\"auth\":\"", 20);
    memset(text + 20, '[', 33);
    memset(text + 53, ']', 33);
    memcpy(text + 86, "\"}", 3);
    assert_told_words(text, "error wrong-type, error nesting");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(integers),
        cmocka_unit_test(json_in_a_string),
        cmocka_unit_test(nesting_counts_anew_in_a_string),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

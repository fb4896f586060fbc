/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "role/diag.h"
#include "support/told.h"

static const char text[] = "{\"a\":\n [1, \"{\\\"b\\\":2}\"]}";

static const struct ra_place top = {NULL, NULL, 0, false};
static const struct ra_place a = {&top, "a", 0, false};
static const struct ra_place one = {&a, NULL, 1, false};
static const struct ra_place inner = {&one, NULL, 0, true};
static const struct ra_place b = {&inner, "b", 0, false};

/* The last diagnostic. */
struct last {
    size_t count, line, column;
    roleauth_severity severity;
    char code[32], path[64], prose[128];
};

static void keep(void *data, const roleauth_diagnostic *d)
{
    struct last *last = data;

    last->count++;
    last->line = d->line;
    last->column = d->column;
    last->severity = d->severity;
    (void)snprintf(last->code, sizeof(last->code), "%s", d->code);
    (void)snprintf(last->path, sizeof(last->path), "%s", d->path);
    (void)snprintf(last->prose, sizeof(last->prose), "%s", d->text);
}

static void assert_last(const struct last *last, const char *path, size_t line,
                        size_t column)
{
    assert_string_equal(last->path, path);
    assert_int_equal(last->line, line);
    assert_int_equal(last->column, column);
}

static void places(void **state)
{
    struct last last = {0};
    const struct ra_load how = {.how = {keep, &last, NULL, NULL, 0, 0, NULL}};
    struct ra_source s = {
        .file = "f", .text = text, .length = strlen(text), .load = &how};

    (void)state;
    ra_problem(&s, RA_RANGE, &top, "%d", 5);
    assert_last(&last, "", 1, 1);
    assert_string_equal(last.code, "range");
    assert_string_equal(last.prose, "5");
    ra_problem(&s, RA_RANGE, &a, "x");
    assert_last(&last, "a", 2, 2);
    ra_problem_key(&s, RA_RANGE, &a, "x");
    assert_last(&last, "a", 1, 2);
    ra_problem(&s, RA_RANGE, &one, "x");
    assert_last(&last, "a[1]", 2, 6);
    /* Inside the string: the place of the string. */
    ra_problem_key(&s, RA_RANGE, &b, "x");
    assert_last(&last, "a[1].b", 2, 6);
    ra_problem(&s, RA_RANGE, NULL, "x");
    assert_last(&last, "", 0, 0);
    assert_int_equal(s.errors, 6);
    assert_int_equal(last.count, 6);
    ra_source_end(&s);
}

static void severities(void **state)
{
    struct last last = {0};
    const struct ra_load how = {.how = {keep, &last, NULL, NULL, 0, 0, NULL}};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct ra_source s = {.file = "f", .load = &how, .error = &error};

    (void)state;
    ra_problem(&s, RA_UNSALTED, &a, "x");
    assert_int_equal(last.severity, ROLEAUTH_SEVERITY_WARNING);
    s.disabled = true;
    ra_problem(&s, RA_MISSING, &a, "x");
    assert_int_equal(last.severity, ROLEAUTH_SEVERITY_WARNING);
    assert_int_equal(s.errors, 0);
    assert_int_equal(s.code, 0);
    assert_int_equal(error.code, 0);
    s.disabled = false;
    ra_problem(&s, RA_LIMIT, &a, "first");
    assert_int_equal(last.severity, ROLEAUTH_SEVERITY_ERROR);
    ra_problem(&s, RA_MISSING, &a, "second");
    assert_int_equal(s.errors, 2);
    assert_int_equal(s.code, ROLEAUTH_E_LIMIT);
    assert_string_equal(error.text, "first");
    assert_string_equal(error.path, "a");
    /* A source without a text has no lines. */
    assert_int_equal(last.line, 0);
    assert_int_equal(last.count, 4);
    ra_source_end(&s);
}

static void words_are_unique(void **state)
{
    static const char *const words[] = {
#define RA_X(name, word, severity) word,
        RA_PROBLEMS(RA_X)
#undef RA_X
    };

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(words[i], words[k]);
}

static void quoting(void **state)
{
    struct ra_source s = {.file = "f"};
    char quoted[RA_QUOTE];

    (void)state;
    assert_string_equal(ra_quote(&s, quoted, "plain"), "plain");
    assert_string_equal(ra_quote(&s, quoted, "\033[1m\n"), "\\033[1m\\n");
    assert_string_equal(
        ra_quote(&s, quoted, "1234567890123456789012345678901\xC3\xA9"),
        "1234567890123456789012345678901...");
    assert_string_equal(
        ra_quote(&s, quoted, "123456789012345678901234567890\xC3\xA9"),
        "123456789012345678901234567890\xC3\xA9");
    for (int c = 0; c < 3; c++) {
        static const char *const worst[] = {"\001", "\xFF", "\\"};
        char all[100] = "";

        for (int i = 0; i < 99; i++)
            all[i] = worst[c][0];
        assert_int_equal(strlen(ra_quote(&s, quoted, all)),
                         (c == 2 ? 64 : 128) + 3);
    }
    assert_false(s.nomem);
}

static void types(void **state)
{
    (void)state;
    assert_told("{\"name\":\"r\",\"tag\":7}",
                "error wrong-type tag: found the number 7, expected a "
                "string\n");
    assert_told("{\"name\":\"r\",\"rorder\":\"a\\u0007\"}",
                "error wrong-type rorder: found the string \"a\\a\", expected "
                "an integer\n");
    assert_told("{\"name\":\"r\",\"rorder\":{}}",
                "error wrong-type rorder: found an object, expected an "
                "integer\n");
}

/* A text that the parser gives up is pointed at where our own limit is. */
static void deep_nesting(void **state)
{
    char deep[3000];
    struct last last = {0};
    const roleauth_loading how = {keep, &last, NULL, NULL, 0, 0, NULL};
    roleauth_roles *roles = NULL;

    (void)state;
    memset(deep, '[', sizeof(deep));
    assert_int_equal(
        roleauth_roles_parse(&roles, "x", deep, sizeof(deep), &how, NULL),
        ROLEAUTH_E_INVALID);
    assert_string_equal(last.code, "nesting");
    assert_int_equal(last.column, ROLEAUTH_MAX_NESTING + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places),
        cmocka_unit_test(severities),
        cmocka_unit_test(words_are_unique),
        cmocka_unit_test(quoting),
        cmocka_unit_test(types),
        cmocka_unit_test(deep_nesting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

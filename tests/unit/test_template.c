/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "role/template.h"

static ra_vars *sample(void)
{
    ra_vars *vars = ra_vars_new(NULL);

    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "user", "alice", NULL),
                     0);
    assert_int_equal(
        ra_vars_set(vars, ROLEAUTH_SERVER, "sly", "%user%%%", NULL), 0);
    assert_int_equal(
        ra_vars_set(vars, ROLEAUTH_SERVER, "ansi", "\033[1m\n\\", NULL), 0);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "empty", "", NULL), 0);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_CLIENT, "cwd", "/tmp", NULL),
                     0);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_CLIENT, "argc", "3", NULL), 0);
    return vars;
}

static bool trusts_cwd(const void *data, const char *name)
{
    assert_string_equal(data, "data");
    return strcmp(name, "cwd") == 0;
}

static bool expand(const char *text, enum ra_template_mode mode, char *to,
                   struct ra_template_use *use)
{
    ra_vars *vars = sample();
    struct ra_buf out = RA_BUF_INIT(200);
    bool good =
        ra_template_expand(text, mode, vars, trusts_cwd, "data", &out, use);

    if (good)
        memcpy(to, out.data, out.length + 1);
    ra_buf_free(&out);
    ra_vars_free(&vars);
    return good;
}

static void assert_expands(const char *text, enum ra_template_mode mode,
                           const char *want)
{
    struct ra_template_use use;
    char got[201];

    assert_true(expand(text, mode, got, &use));
    assert_string_equal(got, want);
    assert_string_equal(use.undefined, "");
}

static void expansion(void **state)
{
    (void)state;
    assert_expands("", RA_TEMPLATE_RAW, "");
    assert_expands("plain", RA_TEMPLATE_RAW, "plain");
    assert_expands("%user%", RA_TEMPLATE_RAW, "alice");
    assert_expands("%%", RA_TEMPLATE_RAW, "%");
    assert_expands("%%%%", RA_TEMPLATE_RAW, "%%");
    assert_expands("%%user%%", RA_TEMPLATE_RAW, "%user%");
    assert_expands("a%user%b%user%%%c", RA_TEMPLATE_RAW, "aalicebalice%c");
    assert_expands("[%empty%]", RA_TEMPLATE_RAW, "[]");
}

static void values_are_not_expanded_again(void **state)
{
    (void)state;
    assert_expands("%sly%", RA_TEMPLATE_RAW, "%user%%%");
    assert_expands("%sly%%user%", RA_TEMPLATE_RAW, "%user%%%alice");
    /* Nor together with what stands around them. */
    assert_expands("%%sly%sly%", RA_TEMPLATE_RAW, "%sly%user%%%");
}

static void display_makes_values_visible_only(void **state)
{
    (void)state;
    assert_expands("\ta\\\n%ansi%", RA_TEMPLATE_RAW, "\ta\\\n\033[1m\n\\");
    assert_expands("\ta\\\n%ansi%", RA_TEMPLATE_DISPLAY,
                   "\ta\\\n\\033[1m\\n\\\\");
}

static void undefined_is_told_and_not_empty(void **state)
{
    struct ra_template_use use;
    char got[201];

    (void)state;
    assert_false(expand("%user% %nobody% %other%", RA_TEMPLATE_RAW, got, &use));
    assert_string_equal(use.undefined, "nobody");
}

static void untrusted_variables_are_told(void **state)
{
    struct ra_template_use use;
    char got[201];

    (void)state;
    assert_true(expand("%user%%cwd%", RA_TEMPLATE_RAW, got, &use));
    assert_string_equal(use.client, "");
    assert_true(expand("%cwd%%argc%", RA_TEMPLATE_RAW, got, &use));
    assert_string_equal(got, "/tmp3");
    assert_string_equal(use.client, "argc");
}

static void without_a_judge_no_client_is_trusted(void **state)
{
    ra_vars *vars = sample();
    struct ra_buf out = RA_BUF_INIT(200);
    struct ra_template_use use;

    (void)state;
    assert_true(ra_template_expand("%cwd%", RA_TEMPLATE_RAW, vars, NULL, NULL,
                                   &out, &use));
    assert_string_equal(use.client, "cwd");
    ra_buf_free(&out);
    ra_vars_free(&vars);
}

static void output_is_bounded(void **state)
{
    ra_vars *vars = sample();
    struct ra_buf out = RA_BUF_INIT(9);
    struct ra_template_use use;

    (void)state;
    assert_false(ra_template_expand("%user%%user%", RA_TEMPLATE_RAW, vars, NULL,
                                    NULL, &out, &use));
    assert_true(out.failed);
    assert_string_equal(use.undefined, "");
    ra_buf_free(&out);
    ra_vars_free(&vars);
}

static void faults(void **state)
{
    static const struct {
        const char *text;
        size_t offset;
    } cases[] = {
        {"%", 0},      {"50%", 2},   {"%user", 0},   {"%user%%", 6},
        {"a%b c%", 1}, {"%1st%", 0}, {"%a-b%", 0},   {"%%%", 2},
        {"% %", 0},    {"é%é%", 2},  {"%user %", 0}, {"x%%y%", 4},
    };
    char name[ROLEAUTH_MAX_NAME + 4] = "%";
    size_t offset = 99;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ra_template_use use;
        char got[201];

        assert_non_null(ra_template_fault(cases[i].text, &offset));
        assert_int_equal(offset, cases[i].offset);
        assert_false(expand(cases[i].text, RA_TEMPLATE_RAW, got, &use));
    }
    assert_null(ra_template_fault("%user% 100%% %_x9%", &offset));
    memset(name + 1, 'n', ROLEAUTH_MAX_NAME);
    name[ROLEAUTH_MAX_NAME + 1] = '%';
    assert_null(ra_template_fault(name, &offset));
    name[ROLEAUTH_MAX_NAME + 1] = 'n';
    name[ROLEAUTH_MAX_NAME + 2] = '%';
    assert_non_null(ra_template_fault(name, &offset));
}

/* A text of this many bytes, in a buffer of its own. */
static char *repeat(char c, size_t count)
{
    char *text = malloc(count + 1);

    assert_non_null(text);
    memset(text, c, count);
    text[count] = '\0';
    return text;
}

static void assert_limit(const char *(*fault_of)(const char *), size_t limit)
{
    char *text = repeat('a', limit);

    assert_null(fault_of(text));
    free(text);
    text = repeat('a', limit + 1);
    assert_non_null(fault_of(text));
    free(text);
}

static void users(void **state)
{
    static const char *const bad[] = {
        "",
        "a/b",
        "/",
        "a:b",
        "-a",
        "a b",
        "a\tb",
        "a\nb",
        "\x7F",
        "\xC2\xA0",
        "\xFF",
        "\xC2\x85",
        "\xE2\x80\xAE",
        "\xE3\x80\x80",
        "\xE2\x80\x83",
    };

    (void)state;
    assert_limit(ra_user_fault, 255);
    assert_null(ra_user_fault("alice"));
    assert_null(ra_user_fault("a-"));
    assert_null(ra_user_fault("DOM\\user@example"));
    assert_null(ra_user_fault("j\xC3\xB6rg"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_non_null(ra_user_fault(bad[i]));
}

static void services(void **state)
{
    static const char *const bad[] = {"",    ".",   ".a",       "-a", "a/b",
                                      "a b", "a:b", "\xC3\xA9", "..", "a\n"};

    (void)state;
    assert_limit(ra_service_fault, 200);
    assert_null(ra_service_fault("login"));
    assert_null(ra_service_fault("_a.B+c@d-9"));
    assert_null(ra_service_fault("@x"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_non_null(ra_service_fault(bad[i]));
}

static void fnames(void **state)
{
    static const char *const bad[] = {"", "a\n", "\033", "\xFF",
                                      "\xE2\x80\xA8"};

    (void)state;
    assert_limit(ra_fname_fault, 255);
    assert_null(ra_fname_fault("/opt/pbul/gp001"));
    assert_null(ra_fname_fault("$name of it: \xC3\xA9 ../.."));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_non_null(ra_fname_fault(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expansion),
        cmocka_unit_test(values_are_not_expanded_again),
        cmocka_unit_test(display_makes_values_visible_only),
        cmocka_unit_test(undefined_is_told_and_not_empty),
        cmocka_unit_test(untrusted_variables_are_told),
        cmocka_unit_test(without_a_judge_no_client_is_trusted),
        cmocka_unit_test(output_is_bounded),
        cmocka_unit_test(faults),
        cmocka_unit_test(users),
        cmocka_unit_test(services),
        cmocka_unit_test(fnames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/told.h"

static void each_column_has_its_type(void **state)
{
    (void)state;
    assert_told_words("{\"name\":[]}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"rorder\":1.0}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"rorder\":true}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"disabled\":-1}", "error range");
    assert_told_words("{\"name\":\"a\",\"disabled\":[]}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"action\":\"AR\"}", "error bad-value");
    assert_told_words("{\"name\":\"a\",\"action\":false}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"message\":{}}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"message\":\"%\"}", "error template");
    assert_told_words("{\"name\":\"a\",\"id\":true}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"risk\":[]}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"rpt\":{}}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"tag\":1}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"comment\":1}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"iolog\":1}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"script\":{}}", "error wrong-type");
    assert_told_words("{\"name\":\"a\",\"script\":\" \"}", "warning barrier");
    assert_told_words("{\"name\":\"a\",\"auth\":5}", "error wrong-type");
    /* Templates only where they are expanded. */
    assert_told_words("{\"name\":\"100%\",\"iolog\":\"%\",\"tag\":\"%\"}", "");
}

static void null_and_empty_are_absent(void **state)
{
    static const char *const columns[] = {
        "rorder",   "disabled", "action", "message",     "variables",
        "varmatch", "auth",     "id",     "description", "risk",
        "tag",      "comment",  "iolog",  "rpt",         "script"};

    (void)state;
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        char text[100];
        struct told told;

        (void)snprintf(text, sizeof(text), "{\"name\":\"a\",\"%s\":null}",
                       columns[i]);
        told = told_load(text);
        assert_string_equal(told.lines.data, "");
        assert_null(roleauth_roles_column(told.roles, 0, columns[i]));
        told_free(&told);
        (void)snprintf(text, sizeof(text), "{\"name\":\"a\",\"%s\":\"\"}",
                       columns[i]);
        told = told_load(text);
        assert_string_equal(told.lines.data, "");
        assert_null(roleauth_roles_column(told.roles, 0, columns[i]));
        told_free(&told);
    }
}

static void a_disabled_role_only_warns(void **state)
{
    (void)state;
    assert_told_words("{\"disabled\":1,\"rorder\":\"x\",\"foo\":1,"
                      "\"auth\":\"[\",\"varmatch\":{\"a b\":[]}}",
                      "warning missing, warning wrong-type, "
                      "warning unknown-key, warning syntax, "
                      "warning variable-name, warning never-matches");
    /* What comes after it is not spared. */
    assert_told_words("[{\"name\":\"a\",\"disabled\":true,\"x\":1},"
                      "{\"name\":\"b\",\"x\":1}]",
                      "warning unknown-key, error unknown-key");
    /* The text itself must be JSON all the same. */
    assert_told_words("{\"disabled\":1,\"disabled\":1}", "error duplicate-key");
    /* Only 1 and true disable. */
    assert_told_words("{\"name\":\"a\",\"disabled\":2,\"x\":1}",
                      "error range, error unknown-key");
    assert_told_words("{\"name\":\"a\",\"disabled\":\"1\",\"x\":1}",
                      "error wrong-type, error unknown-key");
    assert_told_words("{\"name\":\"a\",\"disabled\":false,\"x\":1}",
                      "error unknown-key");
}

static void names_are_unique(void **state)
{
    (void)state;
    assert_told_words("[{\"name\":\"a\"},{\"name\":\"A\"},{\"name\":\"a \"}]",
                      "");
    assert_told("{\"roles\":[{\"name\":\"a\"},{\"name\":\"b\"},"
                "{\"name\":\"b\"}]}",
                "error duplicate-role roles[2].name: the name \"b\" is taken "
                "by roles[1] already: each role needs its own\n");
    /* A disabled role has its name too. */
    assert_told_words("[{\"name\":\"a\",\"disabled\":1},{\"name\":\"a\"}]",
                      "warning duplicate-role");
    /* Whichever comes first, the enabled one keeps the name. */
    assert_told_words("[{\"name\":\"a\",\"disabled\":1},{\"name\":\"a\"},"
                      "{\"name\":\"a\"}]",
                      "warning duplicate-role, error duplicate-role");
    assert_told_words("[{\"name\":\"a\"},{\"name\":\"a\",\"disabled\":1}]",
                      "warning duplicate-role");
}

static void a_misspelt_set_is_recognized(void **state)
{
    (void)state;
    assert_told("{\"name\":\"x\",\"role\":[]}",
                "error unknown-key role: a role has no \"role\": did you mean "
                "\"roles\"?\n");
    assert_told("[{\"name\":\"x\",\"rodrer\":5}]",
                "error unknown-key [0].rodrer: a role has no \"rodrer\": did "
                "you mean \"rorder\"?\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_column_has_its_type),
        cmocka_unit_test(null_and_empty_are_absent),
        cmocka_unit_test(a_disabled_role_only_warns),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(a_misspelt_set_is_recognized),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/told.h"

#define V(text) "{\"name\":\"r\",\"variables\":" text "}"

static void variables_keep_their_order(void **state)
{
    struct told told =
        told_load(V("\"{\\\"z\\\":\\\"%user%\\\",\\\"a\\\":\\\"\\\"}\""));
    struct ra_role_view view;
    const char *name, *value;

    (void)state;
    assert_string_equal(told.lines.data, "");
    assert_true(ra_roles_view(told.roles, 0, &view));
    assert_int_equal(view.variables, 2);
    assert_true(ra_roles_variable(told.roles, 0, 0, &name, &value));
    assert_string_equal(value, "%user%");
    assert_string_equal(name, "z");
    assert_true(ra_roles_variable(told.roles, 0, 1, &name, &value));
    assert_string_equal(value, "");
    assert_string_equal(name, "a");
    told_free(&told);
}

static void what_is_told(void **state)
{
    (void)state;
    assert_told_words(V("{}"), "");
    assert_told_words(V("null"), "");
    assert_told_words(V("\"\""), "");
    assert_told_words(V("\"{}\""), "");
    assert_told_words(V("[]"), "error wrong-type");
    assert_told_words(V("\"x\""), "error syntax");
    assert_told_words(V("{\"a\":1}"), "error wrong-type");
    assert_told_words(V("{\"a\":null}"), "error wrong-type");
    assert_told_words(V("{\"a\":[\"x\"]}"), "error wrong-type");
    assert_told_words(V("{\"a\":\"50%\"}"), "error template");
    assert_told_words(V("{\"a b\":\"x\"}"), "error variable-name");
    assert_told_words(V("{\"9\":\"x\",\"_9\":\"x\"}"), "error variable-name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_keep_their_order),
        cmocka_unit_test(what_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

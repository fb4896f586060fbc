/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/told.h"

/* Does the only role, with this varmatch, match user=alice and year=2026? */
static bool matches(const char *varmatch)
{
    char text[500];
    struct told told;
    ra_vars *vars = ra_vars_new(NULL);
    roleauth_selection selection;

    (void)snprintf(text, sizeof(text), "{\"name\":\"r\",\"varmatch\":%s}",
                   varmatch);
    told = told_load(text);
    if (told.roles == NULL)
        fail_msg("%s: %s", varmatch, told.lines.data);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "user", "alice", NULL),
                     0);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "year", "2026", NULL),
                     0);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_CLIENT, "varmatch", "x", NULL),
                     0);
    assert_int_equal(ra_roles_select(told.roles, vars, NULL, &selection, NULL),
                     0);
    ra_vars_free(&vars);
    told_free(&told);
    return selection.kind == ROLEAUTH_SELECTED_ROLE;
}

static void what_matches(void **state)
{
    (void)state;
    assert_true(matches("null"));
    assert_true(matches("\"\""));
    assert_true(matches("{}"));
    assert_true(matches("{\"varmatch\":{}}"));
    assert_true(matches("\"{}\""));
    assert_true(matches("\"null\""));
    assert_true(matches("{\"user\":\"al*\"}"));
    assert_true(matches("{\"varmatch\":{\"user\":\"al*\"}}"));
    assert_true(matches("\"{\\\"varmatch\\\":{\\\"user\\\":\\\"al*\\\"}}\""));
    assert_true(matches("{\"user\":[\"bob\",\"alice\"],\"year\":\"20??\"}"));
    /* A variable of that name. */
    assert_true(matches("{\"varmatch\":\"x\"}"));
}

static void what_does_not(void **state)
{
    (void)state;
    assert_false(matches("{\"user\":\"\"}"));
    assert_false(matches("{\"user\":\"al\"}"));
    assert_false(matches("{\"user\":[]}"));
    assert_false(matches("{\"user\":\"alice\",\"nobody\":\"*\"}"));
    assert_false(matches("{\"varmatch\":{\"user\":\"bob\"}}"));
    assert_false(matches("{\"varmatch\":\"y\"}"));
    /* varmatch is no template. */
    assert_false(matches("{\"user\":\"%user%\"}"));
}

#define V(text) "{\"name\":\"r\",\"varmatch\":" text "}"

static void what_is_told(void **state)
{
    (void)state;
    assert_told_words(V("[]"), "error wrong-type");
    assert_told_words(V("true"), "error wrong-type");
    assert_told_words(V("\"5\""), "error wrong-type");
    assert_told_words(V("\"{\""), "error syntax");
    assert_told_words(V("\"{\\\"a\\\":\\\"1\\\",\\\"a\\\":\\\"2\\\"}\""),
                      "error duplicate-key");
    assert_told_words(V("{\"a\":null}"), "error wrong-type");
    assert_told_words(V("{\"a\":{}}"), "error wrong-type");
    assert_told_words(V("{\"a\":[[]]}"), "error wrong-type");
    assert_told_words(V("{\"varmatch\":null}"), "error wrong-type");
    assert_told_words(V("{\"a-b\":\"x\"}"), "error variable-name");
    assert_told_words(V("{\"\":\"x\"}"), "error variable-name");
    assert_told_words(V("{\"a\":\"[x\"}"), "warning glob-literal");
    assert_told_words(V("{\"a\":[\"[x\",\"ok\",\"x\\\\\"]}"),
                      "warning glob-literal, warning glob-literal");
    assert_told_words(V("{\"a\":[]}"), "warning never-matches");
    assert_told_words(V("{\"pbclientmode\":\"pbrun\"}"), "warning pbrun");
    assert_told_words(V("{\"pbclientmode\":[\"run\",\"pbrun\"]}"),
                      "warning pbrun");
    assert_told_words(V("{\"pbclientmode\":\"run\",\"x\":\"pbrun\"}"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matches),
        cmocka_unit_test(what_does_not),
        cmocka_unit_test(what_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

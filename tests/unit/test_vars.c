/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/vars.h"

static void set(ra_vars *vars, roleauth_origin origin, const char *name,
                const char *value)
{
    assert_int_equal(ra_vars_set(vars, origin, name, value, NULL), 0);
}

static void assert_value(const ra_vars *vars, const char *name,
                         const char *value, roleauth_origin origin)
{
    roleauth_origin got = (roleauth_origin)99;

    assert_string_equal(ra_vars_get(vars, name, &got), value);
    assert_int_equal(got, origin);
    assert_string_equal(ra_vars_lookup(vars, name), value);
}

static void the_server_wins_whatever_the_order(void **state)
{
    ra_vars *vars = ra_vars_new(NULL);

    (void)state;
    set(vars, ROLEAUTH_CLIENT, "a", "client");
    assert_value(vars, "a", "client", ROLEAUTH_CLIENT);
    set(vars, ROLEAUTH_SERVER, "a", "server");
    assert_value(vars, "a", "server", ROLEAUTH_SERVER);
    set(vars, ROLEAUTH_CLIENT, "a", "client 2");
    assert_value(vars, "a", "server", ROLEAUTH_SERVER);
    set(vars, ROLEAUTH_SERVER, "a", "");
    assert_value(vars, "a", "", ROLEAUTH_SERVER);
    assert_null(ra_vars_get(vars, "A", NULL));
    assert_null(ra_vars_get(NULL, "a", NULL));
    ra_vars_free(&vars);
    assert_null(vars);
    ra_vars_free(&vars);
}

static void what_is_under_comes_first(void **state)
{
    ra_vars *under = ra_vars_new(NULL);
    ra_vars *vars = ra_vars_new(under);

    (void)state;
    set(under, ROLEAUTH_SERVER, "year", "1999");
    set(under, ROLEAUTH_CLIENT, "c", "client");
    set(vars, ROLEAUTH_SERVER, "year", "2026");
    set(vars, ROLEAUTH_SERVER, "day", "5");
    assert_value(vars, "year", "1999", ROLEAUTH_SERVER);
    assert_value(vars, "day", "5", ROLEAUTH_SERVER);
    assert_value(vars, "c", "client", ROLEAUTH_CLIENT);
    set(vars, ROLEAUTH_SERVER, "c", "server");
    assert_value(vars, "c", "server", ROLEAUTH_SERVER);
    assert_null(ra_vars_get(under, "day", NULL));
    ra_vars_free(&vars);
    ra_vars_free(&under);
}

static void reserved_names_are_dropped_once(void **state)
{
    static const char *const reserved[] = {"user",
                                           "submithost",
                                           "runuser",
                                           "runhost",
                                           "year",
                                           "month",
                                           "day",
                                           "hour",
                                           "minute",
                                           "date",
                                           "time",
                                           "dayname",
                                           "runconfirmuser",
                                           "runconfirm",
                                           "runconfirmpasswdservice"};
    const size_t count = sizeof(reserved) / sizeof(reserved[0]);
    ra_vars *vars = ra_vars_new(NULL);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_true(ra_var_reserved(reserved[i]));
        set(vars, ROLEAUTH_CLIENT, reserved[i], "x");
        set(vars, ROLEAUTH_CLIENT, reserved[i], "y");
        assert_null(ra_vars_get(vars, reserved[i], NULL));
    }
    assert_int_equal(ra_vars_dropped_count(vars), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(ra_vars_dropped(vars, i), reserved[i]);
    assert_null(ra_vars_dropped(vars, count));
    set(vars, ROLEAUTH_SERVER, "user", "alice");
    set(vars, ROLEAUTH_CLIENT, "user", "mallory");
    assert_value(vars, "user", "alice", ROLEAUTH_SERVER);
    assert_false(ra_var_reserved("User"));
    assert_false(ra_var_reserved("users"));
    assert_false(ra_var_reserved("runconfir"));
    ra_vars_free(&vars);
}

static void names(void **state)
{
    char name[ROLEAUTH_MAX_NAME + 2];
    ra_vars *vars = ra_vars_new(NULL);

    (void)state;
    assert_true(ra_var_name_valid("_a1Z", 4));
    assert_true(ra_var_name_valid("a b", 1));
    assert_false(ra_var_name_valid("", 0));
    assert_false(ra_var_name_valid("1a", 2));
    assert_false(ra_var_name_valid("a-b", 3));
    assert_false(ra_var_name_valid("a\0b", 3));
    assert_false(ra_var_name_valid("\xC3\xA9", 2));
    memset(name, 'n', sizeof(name));
    assert_true(ra_var_name_valid(name, ROLEAUTH_MAX_NAME));
    assert_false(ra_var_name_valid(name, ROLEAUTH_MAX_NAME + 1));
    name[ROLEAUTH_MAX_NAME + 1] = '\0';
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, name, "x", NULL),
                     ROLEAUTH_E_LIMIT);
    name[ROLEAUTH_MAX_NAME] = '\0';
    set(vars, ROLEAUTH_SERVER, name, "x");
    assert_value(vars, name, "x", ROLEAUTH_SERVER);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "a b", "x", NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_CLIENT, "", "x", NULL),
                     ROLEAUTH_E_ARGUMENT);
    ra_vars_free(&vars);
}

static void values(void **state)
{
    char *value = malloc(ROLEAUTH_MAX_VALUE + 2);
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    ra_vars *vars = ra_vars_new(NULL);

    (void)state;
    assert_non_null(value);
    memset(value, 'v', ROLEAUTH_MAX_VALUE + 1);
    value[ROLEAUTH_MAX_VALUE + 1] = '\0';
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "a", value, &error),
                     ROLEAUTH_E_LIMIT);
    assert_string_equal(error.text, "the value of a is 65537 bytes, at most "
                                    "65536 are allowed");
    value[ROLEAUTH_MAX_VALUE] = '\0';
    set(vars, ROLEAUTH_SERVER, "a", value);
    assert_value(vars, "a", value, ROLEAUTH_SERVER);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "a", "\xFF", NULL),
                     ROLEAUTH_E_ARGUMENT);
    /* What was refused changed nothing. */
    assert_value(vars, "a", value, ROLEAUTH_SERVER);
    assert_int_equal(ra_vars_set(vars, (roleauth_origin)7, "a", "x", NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, NULL, "x", NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "a", NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_vars_set(NULL, ROLEAUTH_SERVER, "a", "x", NULL),
                     ROLEAUTH_E_ARGUMENT);
    ra_vars_free(&vars);
    free(value);
}

static void many_in_order(void **state)
{
    ra_vars *vars = ra_vars_new(NULL);
    char name[32];

    (void)state;
    for (int i = 0; i < 50000; i++) {
        (void)snprintf(name, sizeof(name), "n%06d", i);
        set(vars, ROLEAUTH_CLIENT, name, name);
    }
    for (int i = 0; i < 50000; i++) {
        (void)snprintf(name, sizeof(name), "n%06d", i);
        assert_value(vars, name, name, ROLEAUTH_CLIENT);
    }
    ra_vars_free(&vars);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_wins_whatever_the_order),
        cmocka_unit_test(what_is_under_comes_first),
        cmocka_unit_test(reserved_names_are_dropped_once),
        cmocka_unit_test(names),
        cmocka_unit_test(values),
        cmocka_unit_test(many_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "role/role.h"

static roleauth_roles *load(const char *text)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;

    if (roleauth_roles_parse(&roles, "test", text, strlen(text), NULL,
                             &error) != 0)
        fail_msg("%s: %s", error.path, error.text);
    return roles;
}

static ra_vars *vars_of(const char *user)
{
    ra_vars *vars = ra_vars_new(NULL);

    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "user", user, NULL), 0);
    return vars;
}

static void assert_selects(const char *text, const char *user, const char *name,
                           roleauth_selected kind, const char *want)
{
    roleauth_roles *roles = load(text);
    ra_vars *vars = vars_of(user);
    roleauth_selection selection;

    memset(&selection, 0x5A, sizeof(selection));
    assert_int_equal(ra_roles_select(roles, vars, name, &selection, NULL), 0);
    assert_int_equal(selection.kind, kind);
    if (want != NULL)
        assert_string_equal(selection.name, want);
    else
        assert_null(selection.name);
    if (kind == ROLEAUTH_SELECTED_BARRIER)
        assert_string_equal(selection.why,
                            "it has a script, which cannot be run here");
    else
        assert_null(selection.why);
    if (kind != ROLEAUTH_SELECTED_NONE && want != NULL)
        assert_string_equal(
            roleauth_roles_column(roles, selection.index, "name"), want);
    ra_vars_free(&vars);
    roleauth_roles_free(&roles);
}

#define ROLES                                                                  \
    "[{\"name\":\"last\",\"rorder\":9},"                                       \
    "{\"name\":\"b\",\"rorder\":2,\"varmatch\":{\"user\":\"b*\"}},"            \
    "{\"name\":\"off\",\"rorder\":-5,\"disabled\":1},"                         \
    "{\"name\":\"a\",\"rorder\":2,\"varmatch\":{\"user\":[\"a*\",\"ba\"]}},"   \
    "{\"name\":\"s\",\"rorder\":3,\"script\":\"x\","                           \
    "\"varmatch\":{\"user\":\"s*\"}},"                                         \
    "{\"name\":\"never\",\"rorder\":1,\"varmatch\":{\"user\":[]}},"            \
    "{\"name\":\"undefined\",\"rorder\":1,\"varmatch\":{\"nobody\":\"*\"}}]"

static void the_first_that_matches(void **state)
{
    (void)state;
    assert_selects(ROLES, "bob", NULL, ROLEAUTH_SELECTED_ROLE, "b");
    assert_selects(ROLES, "ba", NULL, ROLEAUTH_SELECTED_ROLE, "b");
    assert_selects(ROLES, "alice", NULL, ROLEAUTH_SELECTED_ROLE, "a");
    assert_selects(ROLES, "carol", NULL, ROLEAUTH_SELECTED_ROLE, "last");
    assert_selects(ROLES, "", NULL, ROLEAUTH_SELECTED_ROLE, "last");
    assert_selects("[]", "bob", NULL, ROLEAUTH_SELECTED_NONE, NULL);
    assert_selects("[{\"name\":\"x\",\"varmatch\":{\"user\":\"y\"}}]", "bob",
                   NULL, ROLEAUTH_SELECTED_NONE, NULL);
    assert_selects("[{\"method\":\"getuserpasswd\",\"user\":\"u\"}]", "bob",
                   NULL, ROLEAUTH_SELECTED_ROLE, NULL);
}

static void a_barrier_ends_the_search(void **state)
{
    (void)state;
    assert_selects(ROLES, "sam", NULL, ROLEAUTH_SELECTED_BARRIER, "s");
    assert_selects(ROLES, "bob", "s", ROLEAUTH_SELECTED_BARRIER, "s");
}

static void by_name(void **state)
{
    (void)state;
    assert_selects(ROLES, "bob", "a", ROLEAUTH_SELECTED_ROLE, "a");
    assert_selects(ROLES, "bob", "never", ROLEAUTH_SELECTED_ROLE, "never");
    assert_selects(ROLES, "bob", "off", ROLEAUTH_SELECTED_NONE, NULL);
    assert_selects(ROLES, "bob", "none", ROLEAUTH_SELECTED_NONE, NULL);
    assert_selects(ROLES, "bob", "", ROLEAUTH_SELECTED_NONE, NULL);
    assert_selects("[]", "bob", "a", ROLEAUTH_SELECTED_NONE, NULL);
    /* A disabled role of the same name is only a warning, and not found. */
    assert_selects("[{\"name\":\"a\",\"rorder\":2},"
                   "{\"name\":\"a\",\"rorder\":1,\"disabled\":1}]",
                   "bob", "a", ROLEAUTH_SELECTED_ROLE, "a");
}

static void order_is_by_rorder_and_stable(void **state)
{
    struct ra_buf text = RA_BUF_INIT(1u << 24);
    roleauth_roles *roles;
    long last_order = -1, last_place = -1;

    (void)state;
    for (int i = 0; i < 2000; i++)
        (void)ra_buf_printf(&text, "%s{\"name\":\"%04d\",\"rorder\":%d}",
                            i == 0 ? "[" : ",", i, i * 7919 % 13);
    assert_true(ra_buf_add_text(&text, "]"));
    roles = load(text.data);
    assert_int_equal(roleauth_roles_count(roles), 2000);
    for (size_t i = 0; i < 2000; i++) {
        long place = strtol(roleauth_roles_column(roles, i, "name"), NULL, 10);
        long order = place * 7919 % 13;

        assert_true(order > last_order ||
                    (order == last_order && place > last_place));
        last_order = order;
        last_place = place;
    }
    roleauth_roles_free(&roles);
    ra_buf_free(&text);
}

static void extreme_rorders(void **state)
{
    roleauth_roles *roles =
        load("[{\"name\":\"max\",\"rorder\":9223372036854775807},"
             "{\"name\":\"zero\"},"
             "{\"name\":\"min\",\"rorder\":-9223372036854775808}]");

    (void)state;
    assert_string_equal(roleauth_roles_column(roles, 0, "name"), "min");
    assert_string_equal(roleauth_roles_column(roles, 1, "name"), "zero");
    assert_string_equal(roleauth_roles_column(roles, 2, "name"), "max");
    roleauth_roles_free(&roles);
}

static void columns(void **state)
{
    roleauth_roles *roles =
        load("{\"name\":\"n\",\"description\":\"d\",\"message\":\"m\",\"id\":7,"
             "\"risk\":\"r\",\"tag\":\"t\",\"comment\":\"c\",\"iolog\":\"i\","
             "\"rpt\":-1,\"script\":\"s\"}");
    static const char *const want[][2] = {
        {"name", "n"}, {"description", "d"}, {"message", "m"}, {"id", "7"},
        {"risk", "r"}, {"tag", "t"},         {"comment", "c"}, {"iolog", "i"},
        {"rpt", "-1"}, {"script", "s"}};

    (void)state;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
        assert_string_equal(roleauth_roles_column(roles, 0, want[i][0]),
                            want[i][1]);
    assert_null(roleauth_roles_column(roles, 0, "rorder"));
    assert_null(roleauth_roles_column(roles, 0, NULL));
    assert_null(roleauth_roles_column(roles, 1, "name"));
    assert_null(roleauth_roles_column(NULL, 0, "name"));
    assert_int_equal(roleauth_roles_count(NULL), 0);
    roleauth_roles_free(&roles);
}

static void views(void **state)
{
    roleauth_roles *roles = load(
        "[{\"name\":\"n\",\"action\":\"R\",\"message\":\"%user%!\","
        "\"variables\":{\"b\":\"2%user%\",\"a\":\"\"},"
        "\"auth\":[{\"method\":\"getuserpasswdpam\",\"user\":\"%user%\","
        "\"service\":\"su\",\"fname\":\"f\",\"period\":60,\"prompt\":\"p\","
        "\"message\":\"m\",\"rejectMessage\":\"r\",\"tries\":5},"
        "{\"method\":\"submitconfirmuser\",\"user\":\"x\"}]}]");
    struct ra_role_view role;
    struct ra_method_view method;
    const char *name, *value;

    (void)state;
    assert_true(ra_roles_trusted(roles));
    assert_true(ra_roles_view(roles, 0, &role));
    assert_string_equal(role.columns[RA_COLUMN_NAME], "n");
    assert_null(role.columns[RA_COLUMN_DESCRIPTION]);
    assert_true(role.rejects);
    assert_string_equal(role.columns[RA_COLUMN_MESSAGE], "%user%!");
    assert_int_equal(role.methods, 2);
    assert_int_equal(role.variables, 2);
    assert_true(ra_roles_variable(roles, 0, 0, &name, &value));
    assert_string_equal(value, "2%user%");
    assert_string_equal(name, "b");
    assert_true(ra_roles_variable(roles, 0, 1, &name, &value));
    assert_string_equal(value, "");
    assert_string_equal(name, "a");
    assert_false(ra_roles_variable(roles, 0, 2, &name, &value));
    assert_false(ra_roles_view(roles, 1, &role));
    assert_false(ra_roles_method(roles, 0, 2, &method));
    assert_true(ra_roles_method(roles, 0, 0, &method));
    assert_int_equal(method.kind, RA_GETUSERPASSWDPAM);
    assert_string_equal(method.name, "getuserpasswdpam");
    assert_null(method.passwd);
    assert_string_equal(method.user, "%user%");
    assert_string_equal(method.service, "su");
    assert_string_equal(method.fname, "f");
    assert_string_equal(method.prompt, "p");
    assert_string_equal(method.message, "m");
    assert_string_equal(method.reject_message, "r");
    assert_int_equal(method.tries, 5);
    assert_int_equal(method.period, 60);
    assert_true(ra_roles_method(roles, 0, 1, &method));
    assert_int_equal(method.kind, RA_SUBMITCONFIRMUSER);
    assert_null(method.fname);
    assert_int_equal(method.tries, ROLEAUTH_DEFAULT_TRIES);
    assert_int_equal(method.period, 0);
    roleauth_roles_free(&roles);
}

/* ---- references ---- */

static void *hold_and_give_up(void *data)
{
    for (int i = 0; i < 2000; i++) {
        roleauth_roles *roles = roleauth_roles_ref(data);

        if (roleauth_roles_count(roles) != 7)
            return data;
        roleauth_roles_free(&roles);
    }
    return NULL;
}

static void references(void **state)
{
    roleauth_roles *roles = load(ROLES);
    roleauth_roles *other = roleauth_roles_ref(roles);
    roleauth_roles *nothing = NULL;
    pthread_t threads[4];

    (void)state;
    assert_ptr_equal(roles, other);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, hold_and_give_up, roles), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    roleauth_roles_free(&roles);
    assert_null(roles);
    assert_int_equal(roleauth_roles_count(other), 7);
    roleauth_roles_free(&other);
    roleauth_roles_free(&nothing);
    roleauth_roles_free(NULL);
    assert_null(roleauth_roles_ref(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_matches),
        cmocka_unit_test(a_barrier_ends_the_search),
        cmocka_unit_test(by_name),
        cmocka_unit_test(order_is_by_rorder_and_stable),
        cmocka_unit_test(extreme_rorders),
        cmocka_unit_test(columns),
        cmocka_unit_test(views),
        cmocka_unit_test(references),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

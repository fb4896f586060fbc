/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "role/role.h"

#define ROLES                                                                  \
    "[{\"name\":\"off\",\"disabled\":1,\"varmatch\":{\"user\":\"*\"}},"        \
    "{\"name\":\"never\",\"varmatch\":{\"user\":[]}},"                         \
    "{\"name\":\"two\",\"varmatch\":{\"host\":\"w*\",\"user\":\"c*\","         \
    "\"day\":\"Sun\"}},"                                                       \
    "{\"name\":\"undefined\",\"varmatch\":{\"nobody\":\"*\"}},"                \
    "{\"name\":\"one\",\"varmatch\":{\"user\":[\"a*\",\"ba\"],"                \
    "\"host\":\"w[ex]b\"}},"                                                   \
    "{\"name\":\"last\",\"varmatch\":{\"host\":[\"x\",\"?eb\",\"*\"],"         \
    "\"user\":\"carol\"}},"                                                    \
    "{\"name\":\"behind\",\"varmatch\":{}}]"

struct sample {
    roleauth_roles *roles;
    ra_vars *vars;
    roleauth_explanation *why;
    struct ra_buf told;
};

static void start(struct sample *s, const char *text, const char *user)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    memset(s, 0, sizeof(*s));
    s->told.max = 10000;
    if (roleauth_roles_parse(&s->roles, "test", text, strlen(text), NULL,
                             &error) != 0)
        fail_msg("%s: %s", error.path, error.text);
    s->vars = ra_vars_new(NULL);
    assert_int_equal(ra_vars_set(s->vars, ROLEAUTH_SERVER, "user", user, NULL),
                     0);
    assert_int_equal(ra_vars_set(s->vars, ROLEAUTH_CLIENT, "host", "web", NULL),
                     0);
}

static void explain(struct sample *s, const char *name, size_t most)
{
    ra_buf_free(&s->told);
    roleauth_explanation_free(&s->why);
    assert_int_equal(
        ra_roles_explain(s->roles, s->vars, name, most, &s->why, NULL), 0);
    (void)ra_buf_add(&s->told, "", 0);
    for (size_t i = 0; i < roleauth_explanation_miss_count(s->why); i++) {
        const roleauth_mismatch *m = roleauth_explanation_miss(s->why, i);

        (void)ra_buf_printf(&s->told, "%zu %s", m->index, m->role);
        if (m->disabled == 1)
            (void)ra_buf_add_text(&s->told, " disabled\n");
        else
            (void)ra_buf_printf(&s->told, " %zu/%zu %s=%s (%s)\n", m->matched,
                                m->variables, m->variable,
                                m->value != NULL ? m->value : "-", m->pattern);
    }
    assert_null(roleauth_explanation_miss(
        s->why, roleauth_explanation_miss_count(s->why)));
}

static void end(struct sample *s)
{
    roleauth_explanation_free(&s->why);
    assert_null(s->why);
    ra_vars_free(&s->vars);
    ra_buf_free(&s->told);
    roleauth_roles_free(&s->roles);
}

static void every_role_before_in_order(void **state)
{
    struct sample s;

    (void)state;
    start(&s, ROLES, "carol");
    explain(&s, NULL, 0);
    assert_string_equal(roleauth_explanation_selection(s.why)->name, "last");
    assert_int_equal(roleauth_explanation_left_out(s.why), 0);
    assert_string_equal(s.told.data, "0 off disabled\n"
                                     "1 never 0/1 user=carol ()\n"
                                     "2 two 2/3 day=- (Sun)\n"
                                     "3 undefined 0/1 nobody=- (*)\n"
                                     "4 one 1/2 user=carol (a* | ba)\n");
    /* As many as there are is all of them. */
    explain(&s, NULL, 5);
    assert_int_equal(roleauth_explanation_left_out(s.why), 0);
    assert_true(strncmp(s.told.data, "0 off", 5) == 0);
    end(&s);
}

static void the_nearest_of_many(void **state)
{
    struct sample s;

    (void)state;
    start(&s, ROLES, "carol");
    explain(&s, NULL, 2);
    assert_int_equal(roleauth_explanation_left_out(s.why), 3);
    assert_string_equal(s.told.data, "2 two 2/3 day=- (Sun)\n"
                                     "4 one 1/2 user=carol (a* | ba)\n");
    explain(&s, NULL, 4);
    assert_int_equal(roleauth_explanation_left_out(s.why), 1);
    /* Among equals the earlier one, and a disabled one last of all. */
    assert_string_equal(s.told.data, "2 two 2/3 day=- (Sun)\n"
                                     "4 one 1/2 user=carol (a* | ba)\n"
                                     "1 never 0/1 user=carol ()\n"
                                     "3 undefined 0/1 nobody=- (*)\n");
    end(&s);
}

static void why_the_selected_role(void **state)
{
    struct sample s;
    const roleauth_match *match;

    (void)state;
    start(&s, ROLES, "carol");
    explain(&s, NULL, 0);
    assert_int_equal(roleauth_explanation_match_count(s.why), 2);
    match = roleauth_explanation_match(s.why, 0);
    assert_string_equal(match->variable, "host");
    assert_string_equal(match->value, "web");
    assert_string_equal(match->pattern, "?eb");
    match = roleauth_explanation_match(s.why, 1);
    assert_string_equal(match->variable, "user");
    assert_string_equal(match->pattern, "carol");
    assert_null(roleauth_explanation_match(s.why, 2));
    /* What is told outlives the set and the request. */
    roleauth_roles_free(&s.roles);
    ra_vars_free(&s.vars);
    assert_string_equal(roleauth_explanation_miss(s.why, 4)->role, "one");
    assert_string_equal(roleauth_explanation_selection(s.why)->name, "last");
    end(&s);
}

static void nothing_to_tell(void **state)
{
    struct sample s;

    (void)state;
    /* By name: what varmatch says of the others does not matter. */
    start(&s, ROLES, "carol");
    explain(&s, "behind", 0);
    assert_string_equal(roleauth_explanation_selection(s.why)->name, "behind");
    assert_int_equal(roleauth_explanation_match_count(s.why), 0);
    assert_string_equal(s.told.data, "");
    /* A role without varmatch. */
    end(&s);
    start(&s, "[{\"name\":\"x\"}]", "u");
    explain(&s, NULL, 0);
    assert_int_equal(roleauth_explanation_match_count(s.why), 0);
    assert_int_equal(roleauth_explanation_miss_count(s.why), 0);
    end(&s);
    /* No role at all. */
    start(&s, "[]", "u");
    explain(&s, NULL, 3);
    assert_int_equal(roleauth_explanation_selection(s.why)->kind,
                     ROLEAUTH_SELECTED_NONE);
    assert_int_equal(roleauth_explanation_miss_count(s.why), 0);
    end(&s);
    assert_null(roleauth_explanation_selection(NULL));
    assert_null(roleauth_explanation_match(NULL, 0));
    assert_null(roleauth_explanation_miss(NULL, 0));
    assert_int_equal(roleauth_explanation_left_out(NULL), 0);
}

/* Held against sorting them all. */
static void the_nearest_of_very_many(void **state)
{
    enum { COUNT = 500, MOST = 37 };
    struct ra_buf text = RA_BUF_INIT(1u << 20);
    struct sample s;
    size_t last = COUNT + 1;

    (void)state;
    (void)ra_buf_add_text(&text, "[");
    for (unsigned i = 0; i < COUNT; i++)
        (void)ra_buf_printf(
            &text,
            "%s{\"name\":\"r%u\",\"varmatch\":{\"host\":\"%s\",\"user\":\"%s\","
            "\"never\":\"x\"}}",
            i > 0 ? "," : "", i, i * 7 % 5 == 0 ? "web" : "db",
            i * 11 % 3 == 0 ? "u*" : "v*");
    assert_true(ra_buf_add_text(&text, "]"));
    start(&s, text.data, "u");
    explain(&s, NULL, MOST);
    assert_int_equal(roleauth_explanation_miss_count(s.why), MOST);
    assert_int_equal(roleauth_explanation_left_out(s.why), COUNT - MOST);
    for (size_t i = 0, at = 0; i < MOST; i++) {
        const roleauth_mismatch *m = roleauth_explanation_miss(s.why, i);

        assert_true(m->matched <= last);
        at = m->matched == last ? at : 0;
        /* The first ones with so many, none of them passed over. */
        for (; at < m->index; at++)
            assert_false((at * 7 % 5 == 0) + (at * 11 % 3 == 0) ==
                         (int)m->matched);
        at = m->index + 1;
        last = m->matched;
    }
    end(&s);
    ra_buf_free(&text);
}

/* A long value, or a long list, that many roles fail on. */
static void what_many_fail_on_is_kept_once(void **state)
{
    const roleauth_mismatch *a, *b, *c;
    struct sample s;

    (void)state;
    start(&s,
          "[{\"name\":\"a\",\"varmatch\":{\"user\":[\"x\",\"y\"]}},"
          "{\"name\":\"b\",\"varmatch\":{\"user\":[\"x\",\"y\"]}},"
          "{\"name\":\"c\",\"varmatch\":{\"user\":\"z\"}}]",
          "carol");
    explain(&s, NULL, 0);
    assert_string_equal(s.told.data, "0 a 0/1 user=carol (x | y)\n"
                                     "1 b 0/1 user=carol (x | y)\n"
                                     "2 c 0/1 user=carol (z)\n");
    a = roleauth_explanation_miss(s.why, 0);
    b = roleauth_explanation_miss(s.why, 1);
    c = roleauth_explanation_miss(s.why, 2);
    assert_ptr_equal(a->value, b->value);
    assert_ptr_equal(a->value, c->value);
    assert_ptr_equal(a->pattern, b->pattern);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_before_in_order),
        cmocka_unit_test(the_nearest_of_many),
        cmocka_unit_test(why_the_selected_role),
        cmocka_unit_test(nothing_to_tell),
        cmocka_unit_test(the_nearest_of_very_many),
        cmocka_unit_test(what_many_fail_on_is_kept_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

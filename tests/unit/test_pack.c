/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "role/pack.h"

static const struct ra_origin nowhere = {NULL, 0, 0};
static const roleauth_loading plainly = ROLEAUTH_LOADING_INIT;

static void add(struct ra_set_builder *set, const char *name, int64_t rorder,
                bool disabled)
{
    static const char *const patterns[] = {"a*", "b"};
    static const struct ra_condition conditions[] = {{"user", patterns, 2}};
    const struct ra_role role = {
        .columns = {[RA_COLUMN_NAME] = name, [RA_COLUMN_TAG] = "same"},
        .conditions = conditions,
        .condition_count = 1,
        .rorder = rorder,
        .number = (int64_t)ra_set_count(set) + 100,
        .disabled = disabled,
    };

    ra_set_add(set, &role);
}

static void the_order_of_selection(void **state)
{
    struct ra_set_builder set;
    roleauth_roles *roles = NULL;
    struct ra_role_view view;
    static const char *const sorted[] = {"d", "b", "c", "e", "a"};

    (void)state;
    assert_true(ra_set_begin(&set));
    add(&set, "a", 9, false);
    add(&set, "b", -1, false);
    add(&set, "c", 0, true);
    add(&set, "d", INT64_MIN, false);
    add(&set, "e", 0, false);
    assert_int_equal(ra_set_end(&set, &nowhere, &plainly, &roles), 0);
    ra_set_free(&set);
    assert_int_equal(roleauth_roles_count(roles), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(ra_roles_view(roles, i, &view));
        assert_string_equal(view.columns[RA_COLUMN_NAME], sorted[i]);
        assert_int_equal(view.number, 100 + sorted[i][0] - 'a');
        assert_int_equal(view.disabled, i == 2);
        assert_int_equal(view.conditions, 1);
    }
    roleauth_roles_free(&roles);
}

static void names_that_are_taken(void **state)
{
    struct ra_set_builder set;
    struct ra_taken taken;
    char name[16];

    (void)state;
    assert_true(ra_set_begin(&set));
    assert_false(ra_set_taken(&set, "a", &taken));
    add(&set, "a", 0, true);
    assert_true(ra_set_taken(&set, "a", &taken));
    assert_true(taken.disabled);
    assert_int_equal(taken.number, 100);
    add(&set, "a", 0, false);
    assert_true(ra_set_taken(&set, "a", &taken));
    assert_false(taken.disabled);
    assert_int_equal(taken.number, 101);
    /* A disabled one does not take it back, however the table grows. */
    add(&set, "a", 0, true);
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof(name), "r%u", i);
        assert_false(ra_set_taken(&set, name, &taken));
        add(&set, name, 0, false);
    }
    assert_true(ra_set_taken(&set, "a", &taken));
    assert_int_equal(taken.number, 101);
    assert_true(ra_set_taken(&set, "r999", &taken));
    assert_int_equal(taken.number, 100 + 3 + 999);
    ra_set_free(&set);
}

/* Texts are kept once, so that a set of many roles is compact. */
static void a_set_is_compact(void **state)
{
    enum { COUNT = 10000 };
    struct ra_set_builder set;
    roleauth_roles *roles = NULL;
    char name[16];

    (void)state;
    assert_true(ra_set_begin(&set));
    for (unsigned i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof(name), "role %05u", i);
        add(&set, name, i, false);
    }
    assert_int_equal(ra_set_end(&set, &nowhere, &plainly, &roles), 0);
    ra_set_free(&set);
    assert_true(ra_roles_block(roles)->size < (size_t)COUNT * 160);
    assert_int_equal(ra_index_conditions(ra_roles_block(roles)), 1);
    roleauth_roles_free(&roles);
}

/* What nothing read from a source can be, but a damaged file. */
static void nothing_is_believed(void **state)
{
    struct ra_set_builder set;
    roleauth_roles *roles = NULL;
    struct ra_role_item *item;
    struct ra_role_view view;
    struct ra_method_view method;
    roleauth_selection selection;

    (void)state;
    assert_true(ra_set_begin(&set));
    add(&set, "a", 0, false);
    assert_int_equal(ra_set_end(&set, &nowhere, &plainly, &roles), 0);
    ra_set_free(&set);
    item = (void *)(uintptr_t)ra_block_item(ra_roles_block(roles),
                                            RA_SECTION_ROLES, 0);
    item->method_count = 1;
    assert_false(ra_roles_method(roles, 0, 0, &method));
    item->method_count = ROLEAUTH_MAX_METHODS + 1;
    assert_false(ra_roles_view(roles, 0, &view));
    item->method_count = 0;
    /* The role and its rule do not agree. */
    item->flags = RA_ROLE_DISABLED;
    assert_false(ra_roles_view(roles, 0, &view));
    item->flags = 0;
    item->barrier = UINT32_MAX;
    assert_int_equal(ra_roles_select(roles, NULL, "a", &selection, NULL),
                     ROLEAUTH_E_INVALID);
    assert_int_equal(selection.kind, ROLEAUTH_SELECTED_NONE);
    item->barrier = 0;
    item->columns[RA_COLUMN_RPT] = UINT32_MAX;
    assert_false(ra_roles_view(roles, 0, &view));
    assert_null(roleauth_roles_column(roles, 0, "rpt"));
    item->columns[RA_COLUMN_RPT] = 0;
    assert_true(ra_roles_view(roles, 0, &view));
    roleauth_roles_free(&roles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_selection),
        cmocka_unit_test(names_that_are_taken),
        cmocka_unit_test(a_set_is_compact),
        cmocka_unit_test(nothing_is_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

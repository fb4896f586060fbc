/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/rules.h"
#include "support/ruleset.h"

static const struct rs_variable request[] = {
    {"pbclientmode", "run"}, {"year", "2017"}, {"empty", ""}, {NULL, NULL}};

/* One rule. */
static void make(struct ruleset *set, const struct ra_condition *conditions,
                 size_t count)
{
    assert_true(rs_begin(set));
    assert_true(ra_index_add(set->index, conditions, count, true));
    assert_int_equal(rs_end(set, NULL), 0);
}

/* The condition that fails first, of a rule alone. */
static size_t failure(const struct ra_condition *conditions, size_t count)
{
    struct ra_question question = rs_question(request);
    struct ruleset set;
    size_t failed, rule;

    make(&set, conditions, count);
    assert_int_equal(ra_rule_failure(&set.block, 0, &question, &failed), 0);
    assert_int_equal(ra_index_scan(&set.block, &question, &rule), 0);
    assert_true(rule == (failed == count ? 0 : RA_NO_RULE));
    rs_free(&set);
    return failed;
}

static void test_all_must_hold(void **state)
{
    static const char *const run[] = {"run"}, *const years[] = {"201[678]"};
    static const char *const other[] = {"pbrun"};
    const struct ra_condition good[] = {{"pbclientmode", run, 1},
                                        {"year", years, 1}};
    const struct ra_condition first[] = {{"pbclientmode", other, 1},
                                         {"year", other, 1}};
    const struct ra_condition second[] = {{"year", years, 1},
                                          {"pbclientmode", other, 1}};

    (void)state;
    assert_int_equal(failure(good, 2), 2);
    assert_int_equal(failure(first, 2), 0);
    assert_int_equal(failure(second, 2), 1);
    assert_int_equal(failure(NULL, 0), 0);
}

static void test_any_pattern(void **state)
{
    static const char *const patterns[] = {"x*", "y*", "ru?", "z"};
    const struct ra_condition any = {"pbclientmode", patterns, 4};
    const struct ra_condition some = {"pbclientmode", patterns, 2};
    const struct ra_condition none = {"pbclientmode", patterns, 0};

    (void)state;
    assert_int_equal(failure(&any, 1), 1);
    assert_int_equal(failure(&some, 1), 0);
    assert_int_equal(failure(&none, 1), 0);
}

static void test_undefined_never_matches(void **state)
{
    static const char *const all[] = {"*"}, *const nothing[] = {""};
    const struct ra_condition undefined = {"nobody", all, 1};
    const struct ra_condition unlike = {"nobody", nothing, 1};
    const struct ra_condition empty = {"empty", all, 1};
    const struct ra_condition blank = {"empty", nothing, 1};

    (void)state;
    assert_int_equal(failure(&undefined, 1), 0);
    assert_int_equal(failure(&unlike, 1), 0);
    assert_int_equal(failure(&empty, 1), 1);
    assert_int_equal(failure(&blank, 1), 1);
}

static void test_whole_value(void **state)
{
    static const char *const part[] = {"201"}, *const inside[] = {"01"};
    const struct ra_condition prefix = {"year", part, 1};
    const struct ra_condition middle = {"year", inside, 1};

    (void)state;
    assert_int_equal(failure(&prefix, 1), 0);
    assert_int_equal(failure(&middle, 1), 0);
}

/* What was added can be read again, as it was written. */
static void test_views(void **state)
{
    static const char *const first[] = {"a*", "b", "a*"};
    static const char *const second[] = {"*"};
    const struct ra_condition conditions[] = {{"zebra", first, 3},
                                              {"ant", second, 1}};
    struct ra_condition_view view, again;
    struct ra_rule_view rule;
    struct ruleset set;
    const char *pattern;

    (void)state;
    assert_true(rs_begin(&set));
    assert_true(ra_index_add(set.index, conditions, 2, true));
    assert_true(ra_index_add(set.index, conditions + 1, 1, false));
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(ra_index_rules(&set.block), 2);
    assert_int_equal(ra_index_conditions(&set.block), 2);
    assert_true(ra_rule_view(&set.block, 0, &rule));
    assert_true(rule.enabled && rule.conditions == 2);
    assert_true(ra_rule_view(&set.block, 1, &rule));
    assert_true(!rule.enabled && rule.conditions == 1);
    assert_true(ra_rule_condition(&set.block, 0, 0, &view));
    assert_string_equal(view.variable, "zebra");
    assert_int_equal(view.patterns, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(ra_condition_pattern(&set.block, &view, i, &pattern));
        assert_string_equal(pattern, first[i]);
    }
    assert_true(ra_rule_condition(&set.block, 0, 1, &view));
    assert_true(ra_rule_condition(&set.block, 1, 0, &again));
    assert_int_equal(view.id, again.id);
    assert_true(ra_condition_view(&set.block, view.id, &again));
    assert_string_equal(again.variable, "ant");
    rs_free(&set);
}

static void test_not_there(void **state)
{
    static const char *const patterns[] = {"a"};
    const struct ra_condition condition = {"v", patterns, 1};
    struct ra_question question = rs_question(request);
    struct ra_condition_view view;
    struct ra_rule_view rule;
    struct ruleset set;
    const char *pattern;
    size_t failed;

    (void)state;
    make(&set, &condition, 1);
    assert_false(ra_rule_view(&set.block, 1, &rule));
    assert_false(ra_rule_view(&set.block, RA_NO_RULE, &rule));
    assert_false(ra_rule_condition(&set.block, 0, 1, &view));
    assert_false(ra_rule_condition(&set.block, 1, 0, &view));
    assert_false(ra_condition_view(&set.block, 1, &view));
    assert_true(ra_condition_view(&set.block, 0, &view));
    assert_false(ra_condition_pattern(&set.block, &view, 1, &pattern));
    assert_null(pattern);
    assert_int_equal(ra_rule_failure(&set.block, 1, &question, &failed),
                     ROLEAUTH_E_INVALID);
    rs_free(&set);
}

static void test_scan(void **state)
{
    struct ra_question question = rs_question(request);
    struct ruleset set;
    size_t rule;

    (void)state;
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, 2);
    RS_ADD(&set, "year", "2016");
    RS_ADD(&set, "year", "2017", "pbclientmode", "pb*");
    RS_ADD(&set, "year", "2017", "pbclientmode", "r*");
    RS_ADD(&set, "year", "2017");
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(ra_index_scan(&set.block, &question, &rule), 0);
    assert_int_equal(rule, 4);
    rs_free(&set);
    assert_true(rs_begin(&set));
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(ra_index_scan(&set.block, &question, &rule), 0);
    assert_true(rule == RA_NO_RULE);
    rs_free(&set);
}

/* Every number that leads elsewhere is looked at. */
static void test_damaged(void **state)
{
    static const char *const patterns[] = {"2017"};
    const struct ra_condition condition = {"year", patterns, 1};
    struct ra_question question = rs_question(request);

    (void)state;
    for (int i = 0; i < 6; i++) {
        struct ruleset set;
        struct ra_rule_item *rules;
        struct ra_condition_item *conditions;
        struct ra_variable_item *variables;
        uint32_t *texts, *lists;
        size_t rule;

        make(&set, &condition, 1);
        rules = (void *)set.block.sections[RA_SECTION_RULES].items;
        conditions = (void *)set.block.sections[RA_SECTION_CONDITIONS].items;
        variables = (void *)set.block.sections[RA_SECTION_VARIABLES].items;
        texts = (void *)set.block.sections[RA_SECTION_PATTERNS].items;
        lists = (void *)set.block.sections[RA_SECTION_RULE_CONDITIONS].items;
        if (i == 0)
            rules->first++;
        else if (i == 1)
            conditions->first++;
        else if (i == 2)
            variables->name = 0;
        else if (i == 3)
            texts[0] = 4000000000;
        else if (i == 4)
            lists[0] = 7;
        else
            conditions->variable = 1;
        assert_int_equal(ra_index_scan(&set.block, &question, &rule),
                         ROLEAUTH_E_INVALID);
        assert_true(rule == RA_NO_RULE);
        rs_free(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_must_hold),
        cmocka_unit_test(test_any_pattern),
        cmocka_unit_test(test_undefined_never_matches),
        cmocka_unit_test(test_whole_value),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_not_there),
        cmocka_unit_test(test_scan),
        cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/build.h"
#include "support/ruleset.h"

static const char *text_of(const struct ruleset *set, uint32_t condition)
{
    const struct ra_condition_item *conditions =
        ra_builder_items(&set->builder, RA_SECTION_CONDITIONS);
    const uint32_t *patterns =
        ra_builder_items(&set->builder, RA_SECTION_PATTERNS);

    return ra_builder_text_at(&set->builder,
                              patterns[conditions[condition].first]);
}

/* Is this the path of a rule? */
static void must_lead(const struct ruleset *set, size_t rule,
                      const char *const *texts)
{
    const struct ra_rule_item *rules =
        ra_builder_items(&set->builder, RA_SECTION_RULES);
    const uint32_t *path = set->index->paths + rules[rule].first;

    for (size_t i = 0; i < set->index->lengths[rule]; i++)
        assert_string_equal(text_of(set, path[i]), texts[i]);
    assert_null(texts[set->index->lengths[rule]]);
}
#define MUST_LEAD(set, rule, ...)                                              \
    must_lead((set), (rule), (const char *const[]){__VA_ARGS__, NULL})

static const struct ra_index_item *item_of(const struct ruleset *set)
{
    return ra_builder_items(&set->builder, RA_SECTION_INDEX);
}

static void build(struct ruleset *set)
{
    assert_true(ra_build_keys(set->index));
    assert_true(ra_build_ranks(set->index));
}

/* Literals first, then what leads to rules, then what is looked at when it
 * matters, then what no rule needs. */
static void test_classes(void **state)
{
    static const char *const off[] = {"off"}, *const never[] = {"x\\"};
    const struct ra_condition disabled = {"v", off, 1};
    const struct ra_condition impossible[] = {{"v", never, 1}, {"w", off, 1}};
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    assert_true(ra_index_add(set.index, &disabled, 1, false));
    assert_true(ra_index_add(set.index, impossible, 2, true));
    RS_ADD(&set, "v", "*", "w", "?*");
    RS_ADD(&set, "v", "glob*", "w", "lit", "x", "other*");
    RS_ADD(&set, "v", "glob2*", "w", "?*");
    build(&set);
    assert_int_equal(item_of(&set)->literals, 1);
    assert_string_equal(text_of(&set, 0), "lit");
    assert_int_equal(item_of(&set)->keyed, 3);
    assert_string_equal(text_of(&set, 1), "glob2*");
    assert_string_equal(text_of(&set, 2), "*");
    assert_int_equal(set.index->lengths[0], RA_NONE);
    assert_int_equal(set.index->lengths[1], RA_NONE);
    MUST_LEAD(&set, 2, "*", "?*");
    MUST_LEAD(&set, 4, "glob2*", "?*");
    assert_int_equal(set.index->lengths[3], 3);
    rs_free(&set);
}

/* What is least likely leads; literals follow before globs. */
static void test_paths(void **state)
{
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < 100; i++)
        RS_ADD(&set, "user", "root", "host", i % 2 == 0 ? "db1" : "db2");
    RS_ADD(&set, "command", "*", "user", "root", "host", "web*", "host", "db9");
    RS_ADD(&set, "host", "db*", "user", "root", "host", "db1");
    RS_ADD(&set, "user", "root", "user", "root");
    RS_ADD(&set, NULL);
    build(&set);
    MUST_LEAD(&set, 0, "db1", "root");
    assert_string_equal(text_of(&set, set.index->paths[200]), "db9");
    assert_int_equal(set.index->lengths[100], 4);
    MUST_LEAD(&set, 101, "db1", "root", "db*");
    MUST_LEAD(&set, 102, "root");
    assert_int_equal(set.index->lengths[103], 0);
    rs_free(&set);
}

/* More conditions than are sorted by hand. */
static void test_long_rule(void **state)
{
    enum { MANY = 300 };
    static char names[MANY][16];
    static const char *const pattern[] = {"x"};
    static struct ra_condition conditions[MANY];
    struct ruleset set;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "v%d", i * 7 % 100);
        conditions[i] = (struct ra_condition){names[i], pattern, 1};
    }
    assert_true(rs_begin(&set));
    assert_true(ra_index_add(set.index, conditions, MANY, true));
    RS_ADD(&set, "v5", "x");
    build(&set);
    assert_int_equal(set.index->lengths[0], 100);
    for (size_t i = 1; i < 100; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(set.index->paths[i] != set.index->paths[j]);
    rs_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_long_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

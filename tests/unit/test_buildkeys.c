/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/build.h"
#include "support/ruleset.h"

/* The key of the only pattern of a rule's first condition. */
static const struct ra_key *key_of(const struct ruleset *set, size_t rule)
{
    const struct ra_rule_item *rules =
        ra_builder_items(&set->builder, RA_SECTION_RULES);
    const uint32_t *lists =
        ra_builder_items(&set->builder, RA_SECTION_RULE_CONDITIONS);
    const struct ra_condition_item *conditions =
        ra_builder_items(&set->builder, RA_SECTION_CONDITIONS);

    return &set->index->keys[conditions[lists[rules[rule].first]].first];
}

static uint32_t chance_of(const struct ruleset *set, size_t rule)
{
    const struct ra_rule_item *rules =
        ra_builder_items(&set->builder, RA_SECTION_RULES);
    const uint32_t *lists =
        ra_builder_items(&set->builder, RA_SECTION_RULE_CONDITIONS);

    return set->index->chances[lists[rules[rule].first]];
}

/* Literals that tell what values look like. */
static void add_literals(struct ruleset *set)
{
    char text[32];

    for (int i = 0; i < 200; i++) {
        (void)snprintf(text, sizeof(text), "/usr/bin/tool%d.sh", i);
        RS_ADD(set, "command", i % 2 == 0 ? text : "/usr/bin/sudo.sh");
    }
}

static void test_rarest(void **state)
{
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    RS_ADD(&set, "command", "/usr/bin/*xyz*");
    RS_ADD(&set, "command", "/usr/bin/x*.sh");
    RS_ADD(&set, "command", "/*.py");
    RS_ADD(&set, "command", "/usr/*");
    RS_ADD(&set, "command", "*/bin/*");
    add_literals(&set);
    assert_true(ra_build_keys(set.index));
    assert_int_equal(key_of(&set, 0)->kind, RA_KEY_GRAM);
    assert_int_equal(key_of(&set, 1)->kind, RA_KEY_PREFIX);
    assert_int_equal(key_of(&set, 1)->length, 10);
    assert_int_equal(key_of(&set, 2)->kind, RA_KEY_SUFFIX);
    assert_int_equal(key_of(&set, 3)->kind, RA_KEY_PREFIX);
    assert_int_equal(key_of(&set, 4)->kind, RA_KEY_GRAM);
    assert_int_equal(key_of(&set, 4)->length, 3);
    rs_free(&set);
}

static void test_chances(void **state)
{
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    RS_ADD(&set, "command", "*");
    RS_ADD(&set, "command", "?*");
    RS_ADD(&set, "command", "never\\");
    RS_ADD(&set, "command", "/usr/bin/*");
    RS_ADD(&set, "command", "/opt/*");
    RS_ADD(&set, "command", "/usr/bin/sudo.sh");
    RS_ADD(&set, "command", "/usr/bin/tool8.sh");
    add_literals(&set);
    assert_true(ra_build_keys(set.index));
    assert_int_equal(chance_of(&set, 0), RA_CHANCE_ALWAYS);
    assert_int_equal(chance_of(&set, 1), RA_CHANCE_ALWAYS);
    assert_int_equal(chance_of(&set, 2), RA_CHANCE_NEVER);
    assert_true(chance_of(&set, 3) > RA_CHANCE_ALWAYS / 2);
    assert_true(chance_of(&set, 4) < RA_CHANCE_ALWAYS / 20);
    assert_true(chance_of(&set, 5) > 10 * chance_of(&set, 6));
    assert_true(chance_of(&set, 6) < chance_of(&set, 3));
    rs_free(&set);
}

/* Of disabled rules nothing is counted, but what they have has keys. */
static void test_uses(void **state)
{
    static const char *const pattern[] = {"x"};
    const struct ra_condition condition = {"v", pattern, 1};
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < 3; i++)
        assert_true(ra_index_add(set.index, &condition, 1, false));
    RS_ADD(&set, "v", "y");
    RS_ADD(&set, "v", "y", "w", "y");
    assert_true(ra_build_keys(set.index));
    assert_int_equal(set.index->uses[0], 0);
    assert_int_equal(set.index->uses[1], 2);
    assert_int_equal(set.index->uses[2], 1);
    assert_int_equal(set.index->keys[0].kind, RA_KEY_WHOLE);
    rs_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rarest),
        cmocka_unit_test(test_chances),
        cmocka_unit_test(test_uses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

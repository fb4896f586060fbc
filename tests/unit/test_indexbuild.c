/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/rules.h"
#include "support/heap.h"
#include "support/ruleset.h"

static void test_conditions_once(void **state)
{
    static const char *const ab[] = {"a", "b"}, *const ba[] = {"b", "a"};
    static const char *const a[] = {"a"};
    const struct ra_condition conditions[] = {
        {"x", a, 1}, {"y", a, 1}, {"x", ab, 2}, {"x", ba, 2}, {"x", a, 0}};
    struct ra_condition_view view;
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < 50; i++)
        assert_true(
            ra_index_add(set.index, conditions, RS_COUNT(conditions), true));
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(ra_index_conditions(&set.block), RS_COUNT(conditions));
    assert_int_equal(ra_index_rules(&set.block), 50);
    for (size_t i = 0; i < RS_COUNT(conditions); i++) {
        assert_true(ra_rule_condition(&set.block, 49, i, &view));
        assert_string_equal(view.variable, conditions[i].variable);
        assert_int_equal(view.patterns, conditions[i].count);
    }
    rs_free(&set);
}

/* The first pattern of a rule's first condition. */
static const char *text_of(const struct ra_block *block, size_t rule)
{
    struct ra_condition_view view;
    const char *pattern;

    assert_true(ra_rule_condition(block, rule, 0, &view));
    assert_true(ra_condition_pattern(block, &view, 0, &pattern));
    return pattern;
}

static void test_order(void **state)
{
    static const uint32_t order[] = {2, 0, 3, 1};
    struct ra_question question;
    struct rs_variable variables[] = {{"v", "c"}, {NULL, NULL}};
    struct ruleset set;
    size_t rule;

    (void)state;
    assert_true(rs_begin(&set));
    RS_ADD(&set, "v", "a", "w", "b");
    RS_ADD(&set, "v", "[cd]");
    RS_ADD(&set, "v", "b", "x", "y", "z", "*");
    RS_ADD(&set, "v", "c");
    assert_int_equal(rs_end(&set, order), 0);
    assert_string_equal(text_of(&set.block, 0), "b");
    assert_string_equal(text_of(&set.block, 1), "a");
    assert_string_equal(text_of(&set.block, 2), "c");
    assert_string_equal(text_of(&set.block, 3), "[cd]");
    question = rs_question(variables);
    assert_int_equal(ra_index_first(&set.block, &question, &rule), 0);
    assert_int_equal(rule, 2);
    rs_free(&set);
}

struct told {
    size_t calls, done, total;
};

static void tell(void *data, size_t done, size_t total)
{
    struct told *told = data;

    assert_true(done <= total && done >= told->done);
    assert_true(told->calls == 0 || total == told->total);
    *told = (struct told){told->calls + 1, done, total};
}

static void test_progress(void **state)
{
    enum { MANY = 60000 };
    struct told told = {0, 0, 0};
    struct ruleset set;
    char text[16];

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(text, sizeof(text), "%d", i % 500);
        RS_ADD(&set, "a", text, "b", text + 1);
    }
    assert_true(ra_index_end(set.index, NULL, tell, &told));
    assert_int_equal(told.done, told.total);
    assert_true(told.calls >= 3);
    rs_free(&set);
}

/* Adds rules of all kinds.  Returns whether the set was made. */
static bool make(struct ruleset *set, size_t rules)
{
    struct rs_choice choice = {.seed = 9};
    struct rs_pool pool;
    uint32_t order[64];
    bool made;

    rs_fill_pool(&choice, &pool);
    made = rs_begin(set);
    for (size_t i = 0; made && i < rules; i++) {
        rs_add_random(set, &choice, &pool);
        order[i] = (uint32_t)(rules - 1 - i);
    }
    made = rs_end(set, order) == 0 && made;
    return made;
}

static void test_out_of_memory(void **state)
{
    struct ruleset set;

    (void)state;
    if (!heap_can_fail())
        skip();
    for (unsigned long i = 1;; i++) {
        long before = heap.live;
        bool made, failed;

        heap_arm(i);
        made = make(&set, 64);
        failed = heap_disarm();
        assert_true(made == !failed);
        rs_free(&set);
        assert_int_equal(heap.live, before);
        if (!failed) {
            assert_true(i > 20);
            break;
        }
    }
}

/* A failure sticks. */
static void test_failed(void **state)
{
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    RS_ADD(&set, "v", "a");
    set.builder.nomem = true;
    assert_false(ra_index_add(set.index, NULL, 0, true));
    assert_false(ra_index_end(set.index, NULL, NULL, NULL));
    ra_index_free(&set.index);
    assert_null(set.index);
    ra_index_free(&set.index);
    assert_int_equal(ra_builder_finish(&set.builder, &set.block),
                     ROLEAUTH_E_NOMEM);
    rs_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions_once), cmocka_unit_test(test_order),
        cmocka_unit_test(test_progress),        cmocka_unit_test(test_failed),
        cmocka_unit_test(test_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

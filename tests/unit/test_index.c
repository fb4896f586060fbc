/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/rules.h"
#include "support/heap.h"
#include "support/ruleset.h"

/* More than are looked at before the index is asked. */
enum { AHEAD = 80 };

/* The index and the scan give the same answer. */
static size_t must_agree(const struct ra_block *block,
                         const struct rs_variable *variables)
{
    struct ra_question question = rs_question(variables);
    size_t wanted, found;

    assert_int_equal(ra_index_scan(block, &question, &wanted), 0);
    assert_int_equal(ra_index_first(block, &question, &found), 0);
    assert_true(found == wanted);
    return found;
}

/* ---- at random ---- */

static void try_set(uint64_t seed, size_t rules, size_t ahead, size_t questions)
{
    struct rs_choice choice = {.seed = seed};
    struct rs_variable variables[RS_VARIABLES + 1];
    char texts[RS_VARIABLES][RS_TEXT];
    struct rs_pool pool;
    struct ruleset set;

    assert_true(rs_begin(&set));
    rs_add_disabled(&set, ahead);
    rs_fill_pool(&choice, &pool);
    for (size_t i = 0; i < rules; i++)
        rs_add_random(&set, &choice, &pool);
    assert_int_equal(rs_end(&set, NULL), 0);
    for (size_t i = 0; i < questions; i++) {
        rs_ask_random(&choice, &pool, texts, variables);
        (void)must_agree(&set.block, variables);
    }
    rs_free(&set);
}

static void test_random_few(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++)
        try_set(seed, seed % 12, 0, 8);
}

static void test_random_indexed(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++)
        try_set(seed << 20, seed % 60, AHEAD, 16);
}

static void test_random_deep(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++)
        try_set(seed << 40, 200 + seed * 10, AHEAD, 40);
}

/* ---- by hand ---- */

static void test_empty(void **state)
{
    static const struct rs_variable none[] = {{NULL, NULL}};
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_true(must_agree(&set.block, none) == RA_NO_RULE);
    rs_free(&set);
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, AHEAD);
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_true(must_agree(&set.block, none) == RA_NO_RULE);
    rs_free(&set);
}

/* A rule without conditions matches always, and is before those behind it. */
static void test_no_conditions(void **state)
{
    static const struct rs_variable none[] = {{NULL, NULL}};
    static const struct rs_variable user[] = {{"user", "root"}, {NULL, NULL}};
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, AHEAD);
    RS_ADD(&set, "user", "root");
    RS_ADD(&set, NULL);
    RS_ADD(&set, "user", "*");
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(must_agree(&set.block, none), AHEAD + 1);
    assert_int_equal(must_agree(&set.block, user), AHEAD);
    rs_free(&set);
}

/* More variables than there is room for at first, of a question or a set. */
static void test_many_variables(void **state)
{
    enum { MANY = 300 };
    static char names[MANY][16];
    static struct rs_variable variables[MANY + 1];
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, AHEAD);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "v%d", i);
        variables[i] = (struct rs_variable){names[i], "value"};
        RS_ADD(&set, names[i], "v*e", "v0", i % 2 == 0 ? "valve" : "value");
    }
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(must_agree(&set.block, variables), AHEAD + 1);
    variables[1].value = NULL;
    assert_int_equal(must_agree(&set.block, variables), AHEAD + 3);
    for (int i = 0; i < MANY - 1; i++)
        variables[i].value = i == 0 ? "value" : NULL;
    assert_int_equal(must_agree(&set.block, variables), AHEAD + MANY - 1);
    rs_free(&set);
}

/* So many conditions hold that memory is needed for them. */
static void test_many_hold(void **state)
{
    enum { MANY = 3000 };
    static char value[MANY + 1], pattern[MANY + 2];
    const struct rs_variable variables[] = {
        {"user", value}, {"host", "x"}, {NULL, NULL}};
    struct ruleset set;

    (void)state;
    memset(value, 'a', MANY);
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, AHEAD);
    for (size_t i = 0; i < 400; i++) {
        memset(pattern, 'a', i + 1);
        (void)memcpy(pattern + i + 1, "*", 2);
        RS_ADD(&set, "user", pattern, "host", i == 399 ? "x" : "y");
    }
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(must_agree(&set.block, variables), AHEAD + 399);
    rs_free(&set);
}

/* A value that holds the same grams thousands of times. */
static void test_long_value(void **state)
{
    static char value[ROLEAUTH_MAX_VALUE + 1];
    struct rs_variable variables[] = {{"user", value}, {NULL, NULL}};
    struct ruleset set;
    char pattern[32];

    (void)state;
    for (size_t i = 0; i < ROLEAUTH_MAX_VALUE; i++)
        value[i] = "abcabd"[i % 6];
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, AHEAD);
    for (int i = 0; i < 500; i++) {
        (void)snprintf(pattern, sizeof(pattern), "*abc*%d*", i);
        RS_ADD(&set, "user", pattern);
        (void)snprintf(pattern, sizeof(pattern), "*bcabd[%d]", i);
        RS_ADD(&set, "user", pattern);
    }
    RS_ADD(&set, "user", "*dabcab*cab?");
    assert_int_equal(rs_end(&set, NULL), 0);
    (void)must_agree(&set.block, variables);
    (void)memcpy(value + ROLEAUTH_MAX_VALUE - 4, "cabx", 4);
    assert_int_equal(must_agree(&set.block, variables), AHEAD + 1000);
    (void)memcpy(value + 1022, "77777", 5);
    assert_int_equal(must_agree(&set.block, variables), AHEAD + 2 * 7);
    rs_free(&set);
}

/* Nothing to go by but looking at all: the scan catches up. */
static void test_residual(void **state)
{
    enum { MANY = 4000 };
    struct rs_variable variables[] = {{"user", "q"}, {NULL, NULL}};
    struct ruleset set;
    char pattern[32];

    (void)state;
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, AHEAD);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(pattern, sizeof(pattern), "[!q%d]", i);
        RS_ADD(&set, "user", pattern, "user", "?");
    }
    RS_ADD(&set, "user", "[p-r]");
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(must_agree(&set.block, variables), AHEAD + MANY);
    variables[0].value = "7";
    assert_int_equal(must_agree(&set.block, variables), AHEAD);
    variables[0].value = "77";
    assert_true(must_agree(&set.block, variables) == RA_NO_RULE);
    rs_free(&set);
}

/* ---- damage ---- */

/* Any answer, but no harm; and a rule that is given applies. */
static void ask_damaged(const struct ra_block *block,
                        const struct rs_variable *variables)
{
    struct ra_question question = rs_question(variables);
    struct ra_rule_view view;
    size_t rule, failed;
    int code = ra_index_first(block, &question, &rule);

    assert_true(code == 0 || code == ROLEAUTH_E_INVALID);
    assert_true(code == 0 || rule == RA_NO_RULE);
    if (rule == RA_NO_RULE)
        return;
    assert_true(ra_rule_view(block, rule, &view) && view.enabled);
    assert_int_equal(ra_rule_failure(block, rule, &question, &failed), 0);
    assert_int_equal(failed, view.conditions);
}

static void damage(struct ruleset *set, struct rs_choice *choice,
                   const struct rs_pool *pool)
{
    unsigned char *bytes = (unsigned char *)set->block.bytes;
    size_t from = RA_BLOCK_HEADER, size = set->block.size;
    struct rs_variable variables[RS_VARIABLES + 1];
    char texts[RS_VARIABLES][RS_TEXT];

    for (size_t i = from; i < size; i++) {
        unsigned char was = bytes[i];

        bytes[i] ^= (unsigned char)(1 + rs_below(choice, 255));
        /* ra_block_open() would refuse a block without it. */
        if (set->block.sections[RA_BLOCK_TEXT]
                .items[set->block.sections[RA_BLOCK_TEXT].count - 1] == '\0') {
            rs_ask_random(choice, pool, texts, variables);
            ask_damaged(&set->block, variables);
        }
        bytes[i] = was;
    }
}

static void test_damaged(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct rs_choice choice = {.seed = seed};
        struct rs_pool pool;
        struct ruleset set;

        assert_true(rs_begin(&set));
        rs_add_disabled(&set, AHEAD);
        rs_fill_pool(&choice, &pool);
        for (size_t i = 0; i < 40 * seed; i++)
            rs_add_random(&set, &choice, &pool);
        assert_int_equal(rs_end(&set, NULL), 0);
        damage(&set, &choice, &pool);
        rs_free(&set);
    }
}

/* Nodes that share their children would be searched for ever. */
static void test_shared_children(void **state)
{
    static const struct rs_variable variables[] = {
        {"a", "1"}, {"b", "1"}, {"c", "1"}, {NULL, NULL}};
    struct ra_node_item *nodes;
    struct ruleset set;
    size_t count;

    (void)state;
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, AHEAD);
    for (int i = 0; i < 2000; i++) {
        char text[3][16];

        for (int j = 0; j < 3; j++)
            (void)snprintf(text[j], sizeof(text[j]), "%d", i >> (2 * j) & 3);
        RS_ADD(&set, "a", text[0], "b", text[1], "c", text[2], "d", "1");
    }
    assert_int_equal(rs_end(&set, NULL), 0);
    nodes = (void *)set.block.sections[RA_SECTION_NODES].items;
    count = set.block.sections[RA_SECTION_NODES].count;
    assert_true(count > 8);
    assert_true(must_agree(&set.block, variables) == RA_NO_RULE);
    for (size_t i = 0; i + 1 < count; i++) {
        nodes[i].first = 0;
        nodes[i].hint = 0;
        nodes[i].from = (uint32_t)i + 1;
        nodes[i].residual = (uint32_t)(count - i - 1);
    }
    ask_damaged(&set.block, variables);
    rs_free(&set);
}

/* ---- out of memory ---- */

static void test_out_of_memory(void **state)
{
    enum { MANY = 400 };
    static char names[MANY][16];
    static struct rs_variable variables[MANY + 1];
    struct ra_question question = rs_question(variables);
    struct ruleset set;
    char pattern[32];
    size_t rule;

    (void)state;
    if (!heap_can_fail())
        skip();
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, AHEAD);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "v%d", i);
        (void)snprintf(pattern, sizeof(pattern), "*%03d*", i);
        variables[i] = (struct rs_variable){names[i], "value"};
        RS_ADD(&set, names[i], "v*", "v0", pattern);
        RS_ADD(&set, names[i], "v*", "v1", "nothing");
    }
    assert_int_equal(rs_end(&set, NULL), 0);
    variables[0].value = "*000*001*002*003*004*005*006*007*008*009*";
    for (unsigned long i = 1;; i++) {
        long before = heap.live;
        bool failed;
        int code;

        heap_arm(i);
        code = ra_index_first(&set.block, &question, &rule);
        failed = heap_disarm();
        assert_int_equal(heap.live, before);
        if (!failed) {
            assert_int_equal(code, 0);
            assert_true(i > 3);
            break;
        }
        assert_int_equal(code, ROLEAUTH_E_NOMEM);
        assert_true(rule == RA_NO_RULE);
    }
    rs_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_few),
        cmocka_unit_test(test_random_indexed),
        cmocka_unit_test(test_random_deep),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_no_conditions),
        cmocka_unit_test(test_many_variables),
        cmocka_unit_test(test_many_hold),
        cmocka_unit_test(test_long_value),
        cmocka_unit_test(test_residual),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_shared_children),
        cmocka_unit_test(test_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

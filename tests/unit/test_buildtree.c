/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/rules.h"
#include "support/ruleset.h"

/* A walk over a whole tree. */
struct walk {
    const struct ra_block *block;
    const struct ra_index_item *index;
    unsigned char *seen; /* rules */
    size_t nodes, edges, leaves;
};

static const struct ra_node_item *node_at(const struct walk *walk,
                                          size_t number)
{
    const struct ra_node_item *node =
        ra_block_item(walk->block, RA_SECTION_NODES, number);

    assert_non_null(node);
    return node;
}

static bool has(const struct ra_block *block, uint32_t rule, uint32_t condition)
{
    const struct ra_rule_item *item =
        ra_block_item(block, RA_SECTION_RULES, rule);
    const uint32_t *list = ra_rule_list(block, item);

    for (size_t i = 0; i < ra_rule_count(item); i++)
        if (list[i] == condition)
            return true;
    return false;
}

/* The rule has all that led here. */
static void must_belong(struct walk *walk, uint32_t rule, const uint32_t *path,
                        unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        assert_true(has(walk->block, rule, path[i]));
    walk->seen[rule] = 1;
}

/* Returns the first rule of a run. */
static uint32_t walk_run(struct walk *walk, size_t at, const uint32_t *path,
                         unsigned depth)
{
    const struct ra_leaf_item *leaf =
        ra_block_item(walk->block, RA_SECTION_LEAVES, at);
    uint32_t first, condition;
    bool last = false;

    assert_non_null(leaf);
    first = leaf->rule;
    for (size_t i = 0; !last; i++) {
        leaf = ra_block_item(walk->block, RA_SECTION_LEAVES, at + i);
        assert_non_null(leaf);
        assert_true(i == 0 || leaf[-1].rule <= leaf->rule);
        last = (leaf->condition & RA_LAST) != 0;
        condition = leaf->condition & ~RA_LAST;
        must_belong(walk, leaf->rule, path, depth);
        /* Nothing behind a rule that applies here can be the first. */
        assert_true(condition == RA_ENDS
                        ? last
                        : has(walk->block, leaf->rule, condition));
        walk->leaves++;
    }
    return first;
}

static uint32_t walk_node(struct walk *walk, size_t number, uint32_t *path,
                          unsigned depth);

static uint32_t walk_lead(struct walk *walk, uint32_t lead, size_t number,
                          uint32_t *path, unsigned depth)
{
    assert_true(lead != RA_NONE);
    if ((lead & RA_RUN) != 0)
        return walk_run(walk, lead & ~RA_RUN, path, depth);
    assert_true(lead > number);
    return walk_node(walk, lead, path, depth);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t walk_edges(struct walk *walk, const struct ra_node_item *node,
                           size_t number, uint32_t *path, unsigned depth)
{
    const struct ra_edge_item *edges =
        ra_block_items(walk->block, RA_SECTION_EDGES, node->edge, node->edges);
    uint32_t first = RA_NONE;

    assert_non_null(edges);
    walk->edges += node->edges;
    for (size_t i = 0; i < node->edges; i++) {
        assert_true(edges[i].condition < walk->index->literals);
        assert_true(i == 0 || edges[i].condition > edges[i - 1].condition);
        path[depth] = edges[i].condition;
        first = least(first,
                      walk_lead(walk, edges[i].lead, number, path, depth + 1));
    }
    return first;
}

/* Returns the first rule here and below. */
static uint32_t walk_node(struct walk *walk, size_t number, uint32_t *path,
                          unsigned depth)
{
    const struct ra_node_item *node = node_at(walk, number);
    uint32_t first, before = 0;

    walk->nodes++;
    assert_true(depth <= RA_TREE_DEPTH);
    assert_true(depth > 0 || node->edges == 0);
    first = walk_edges(walk, node, number, path, depth);
    if (node->run != RA_NONE)
        first = least(first, walk_run(walk, node->run, path, depth));
    assert_true(node->residual == 0 || node->from > number);
    for (uint32_t i = 0; i < node->residual; i++) {
        uint32_t found;

        path[depth] = node_at(walk, node->from + i)->condition;
        assert_true(path[depth] >= walk->index->literals);
        found = walk_node(walk, node->from + i, path, depth + 1);
        assert_true(found > before || i == 0);
        before = found;
        first = least(first, found);
    }
    /* Those of the root's leads are elsewhere. */
    assert_true(number == 0 || node->first == first);
    return first;
}

static void must_be_sound(const struct ra_block *block, struct walk *walk)
{
    uint32_t path[RA_TREE_DEPTH + 1], first;
    size_t rules = ra_index_rules(block);

    *walk = (struct walk){.block = block, .seen = calloc(rules + 1, 1)};
    walk->index = ra_block_item(block, RA_SECTION_INDEX, 0);
    assert_non_null(walk->seen);
    first = walk_node(walk, 0, path, 0);
    for (uint32_t i = 0; i < ra_index_conditions(block); i++) {
        const struct ra_condition_item *item =
            ra_block_item(block, RA_SECTION_CONDITIONS, i);

        path[0] = i;
        assert_true(item->lead == RA_NONE || i < walk->index->keyed);
        if (item->lead != RA_NONE)
            first = least(first, walk_lead(walk, item->lead, 0, path, 1));
    }
    assert_int_equal(node_at(walk, 0)->first, first);
    assert_int_equal(walk->nodes, ra_block_count(block, RA_SECTION_NODES));
    assert_int_equal(walk->edges, ra_block_count(block, RA_SECTION_EDGES));
    assert_int_equal(walk->leaves, ra_block_count(block, RA_SECTION_LEAVES));
}

static void test_random(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct rs_choice choice = {.seed = seed << 24};
        struct rs_pool pool;
        struct ruleset set;
        struct walk walk;

        assert_true(rs_begin(&set));
        rs_fill_pool(&choice, &pool);
        for (size_t i = 0; i < 10 * seed; i++)
            rs_add_random(&set, &choice, &pool);
        assert_int_equal(rs_end(&set, NULL), 0);
        must_be_sound(&set.block, &walk);
        free(walk.seen);
        rs_free(&set);
    }
}

/* Every rule is there, unless one before it has the same conditions. */
static void test_all_there(void **state)
{
    enum { MANY = 2000 };
    char text[2][16];
    struct ruleset set;
    struct walk walk;

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(text[0], sizeof(text[0]), "%d", i % 10);
        (void)snprintf(text[1], sizeof(text[1]), "%d*", i % 100);
        RS_ADD(&set, "a", text[0], "b", text[1]);
    }
    RS_ADD(&set, NULL);
    assert_int_equal(rs_end(&set, NULL), 0);
    must_be_sound(&set.block, &walk);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(walk.seen[i], 1);
    assert_int_equal(walk.seen[MANY], 1);
    free(walk.seen);
    rs_free(&set);
}

/* A chain of rules, each with one condition more, is no endless path. */
static void test_deep(void **state)
{
    enum { LONG = 60, EACH = 40 };
    static char names[LONG][16];
    static struct ra_condition conditions[LONG];
    static const char *const pattern[] = {"x"};
    struct ruleset set;
    struct walk walk;

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < LONG; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "v%d", i);
        conditions[i] = (struct ra_condition){names[i], pattern, 1};
    }
    for (size_t i = 0; i < EACH * LONG; i++) {
        const char *last[] = {"y"};
        char text[16];

        (void)snprintf(text, sizeof(text), "%zu?", i);
        last[0] = text;
        conditions[i % LONG].patterns = last;
        assert_true(ra_index_add(set.index, conditions, i % LONG + 1, true));
        conditions[i % LONG].patterns = pattern;
        assert_true(ra_index_add(set.index, conditions, LONG - i % 7, true));
    }
    assert_int_equal(rs_end(&set, NULL), 0);
    must_be_sound(&set.block, &walk);
    for (size_t i = 0; i < ra_index_rules(&set.block); i += 2)
        assert_int_equal(walk.seen[i], 1);
    free(walk.seen);
    rs_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_all_there),
        cmocka_unit_test(test_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

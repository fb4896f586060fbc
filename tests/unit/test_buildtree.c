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
    size_t nodes, leaves;
    unsigned deepest;
};

static const struct ra_node_item *node_at(const struct walk *walk,
                                          size_t number)
{
    const struct ra_node_item *node =
        ra_block_item(walk->block, RA_SECTION_NODES, number);

    assert_non_null(node);
    return node;
}

static uint32_t lead_at(const struct walk *walk, size_t number)
{
    const uint32_t *lead =
        ra_block_item(walk->block, RA_SECTION_NODE_CONDITIONS, number);

    assert_non_null(lead);
    return *lead;
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

static uint32_t walk_leaves(struct walk *walk, const struct ra_node_item *node,
                            const uint32_t *path, unsigned depth)
{
    const struct ra_leaf_item *leaf = ra_block_items(
        walk->block, RA_SECTION_LEAVES, node->leaf_from, node->leaves);

    assert_non_null(leaf);
    walk->leaves += node->leaves;
    for (size_t i = 0; i < node->leaves; i++) {
        assert_true(i == 0 || leaf[i - 1].rule <= leaf[i].rule);
        must_belong(walk, leaf[i].rule, path, depth);
        assert_true(has(walk->block, leaf[i].rule, leaf[i].condition));
    }
    return node->leaves > 0 ? leaf[0].rule : RA_NONE;
}

/* Returns the first rule here and below. */
static uint32_t walk_node(struct walk *walk, size_t number, uint32_t *path,
                          unsigned depth)
{
    const struct ra_node_item *node = node_at(walk, number);
    uint32_t limit = depth == 0 ? walk->index->keyed : walk->index->literals;
    uint32_t first = node->here, found, before = 0;

    walk->nodes++;
    walk->deepest = depth > walk->deepest ? depth : walk->deepest;
    assert_true(depth <= RA_TREE_DEPTH);
    assert_true(node->keyed + node->residual == 0 || node->from > number);
    if (node->here != RA_NONE)
        must_belong(walk, node->here, path, depth);
    found = walk_leaves(walk, node, path, depth);
    first = found < first ? found : first;
    for (uint32_t i = 0; i < node->keyed + node->residual; i++) {
        uint32_t child = node->from + i, lead = lead_at(walk, child);

        /* Ordered by condition, then by first rule. */
        assert_true((lead < limit) == (i < node->keyed));
        if (i > 0 && i < node->keyed)
            assert_true(lead > lead_at(walk, child - 1));
        path[depth] = lead;
        found = walk_node(walk, child, path, depth + 1);
        if (i > node->keyed)
            assert_true(found > before);
        before = found;
        first = found < first ? found : first;
    }
    assert_int_equal(node->first, first);
    return first;
}

static void must_be_sound(const struct ra_block *block, struct walk *walk)
{
    uint32_t path[RA_TREE_DEPTH + 1];
    const struct ra_node_item *root;
    size_t rules = ra_index_rules(block);

    *walk = (struct walk){.block = block, .seen = calloc(rules + 1, 1)};
    walk->index = ra_block_item(block, RA_SECTION_INDEX, 0);
    assert_non_null(walk->seen);
    (void)walk_node(walk, 0, path, 0);
    assert_int_equal(walk->nodes, ra_block_count(block, RA_SECTION_NODES));
    assert_int_equal(walk->leaves, ra_block_count(block, RA_SECTION_LEAVES));
    root = node_at(walk, 0);
    for (uint32_t i = root->from; i < root->from + root->keyed; i++) {
        const struct ra_condition_item *item =
            ra_block_item(block, RA_SECTION_CONDITIONS, lead_at(walk, i));

        assert_int_equal(item->node, i);
    }
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

/* SPDX-License-Identifier: MIT */
/* Grows the tree of rules, level by level, so that children lie together and
 * behind their parent. */
#include "match/build.h"

#include <stdlib.h>
#include <string.h>

/* So many rules are not worth children; so many that share a residual
 * condition are not worth a node. */
enum { FEW = 32, FEW_RESIDUAL = 8 };

/* Up to so many patterns of a list have leaves of their own. */
enum { SHORT_LIST = 4 };

/* Rules between two calls of progress(). */
enum { STRIDE = 16384 };

/* The rules of a node whose turn has not come. */
struct range {
    uint32_t first, count; /* in tree->items */
    uint32_t depth;        /* conditions of them that are dealt with */
};

struct tree {
    ra_index_builder *index;
    const struct ra_rule_item *rules;
    /* Rules, in their order within each range; what they are sorted by is in
     * the upper halves. */
    uint64_t *items, *spare;
    size_t count, done, told;
    uint64_t *left; /* rules of a node for its run */
    size_t left_count;
    struct range *ranges; /* of each node */
    size_t room;
};

static uint32_t rule_of(uint64_t item)
{
    return (uint32_t)item;
}

static uint32_t condition_of(const struct tree *tree, uint64_t item,
                             size_t depth)
{
    return tree->index->paths[tree->rules[rule_of(item)].first + depth];
}

/* Conditions below this number lead from a node to children that are found by
 * number: those with keys from the root; from others, only literals, of which
 * few hold at once. */
static uint32_t limit_of(const struct tree *tree, size_t depth)
{
    const struct ra_index_item *item =
        ra_builder_items(tree->index->block, RA_SECTION_INDEX);

    return depth == 0 ? item->keyed : item->literals;
}

static void tell(struct tree *tree, size_t rules)
{
    tree->done += rules;
    if (tree->index->progress == NULL ||
        (tree->done - tree->told < STRIDE && tree->done < tree->count))
        return;
    tree->told = tree->done;
    tree->index->progress(tree->index->data, tree->done, tree->count);
}

static const struct ra_condition_item *condition_at(const struct tree *tree,
                                                    uint32_t condition)
{
    const struct ra_condition_item *items =
        ra_builder_items(tree->index->block, RA_SECTION_CONDITIONS);

    return &items[condition];
}

/* Adds the node of a range, which the condition leads to. */
static bool add_node(struct tree *tree, uint32_t condition,
                     const struct range *range)
{
    struct ra_builder *block = tree->index->block;
    struct ra_node_item *node = ra_builder_add(block, RA_SECTION_NODES, 1);
    size_t count = ra_builder_count(block, RA_SECTION_NODES);

    if (node == NULL)
        return false;
    if (count > tree->room) {
        size_t room = 2 * count + 64;
        struct range *ranges =
            ra_large_grow(tree->ranges, room * sizeof(*ranges));

        if (ranges == NULL) {
            block->nomem = true;
            return false;
        }
        tree->ranges = ranges;
        tree->room = room;
    }
    tree->ranges[count - 1] = *range;
    node->condition = condition;
    if (condition != RA_NONE)
        node->hint = condition_at(tree, condition)->hint;
    node->run = RA_NONE;
    node->first =
        range->count > 0 ? rule_of(tree->items[range->first]) : RA_NONE;
    return true;
}

/* ---- runs ---- */

/* The hint of a condition of a path behind this depth; 0: none has one. */
static uint32_t next_hint(const struct tree *tree, uint64_t item, size_t depth)
{
    uint32_t hint = 0;

    while (hint == 0 && ++depth < tree->index->lengths[rule_of(item)])
        hint = condition_at(tree, condition_of(tree, item, depth))->hint;
    return hint;
}

/* Adds the leaves of a rule. */
static bool add_leaf(struct tree *tree, uint64_t item, size_t depth)
{
    bool ends = tree->index->lengths[rule_of(item)] == depth;
    uint32_t condition = ends ? RA_ENDS : condition_of(tree, item, depth);
    const struct ra_condition_item *of =
        ends ? NULL : condition_at(tree, condition);
    bool each = of != NULL && of->count <= SHORT_LIST;
    size_t count = each ? of->count : 1;
    struct ra_leaf_item *leaf =
        ra_builder_add(tree->index->block, RA_SECTION_LEAVES, count);

    if (leaf == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        leaf[i].rule = rule_of(item);
        leaf[i].condition = condition;
        leaf[i].hints[0] = each ? tree->index->keys[of->first + i].hint : 0;
        leaf[i].hints[1] = next_hint(tree, item, depth);
    }
    return true;
}

/* Adds a run of some rules; *lead leads there. */
static bool add_run(struct tree *tree, const uint64_t *items, size_t count,
                    size_t depth, uint32_t *lead)
{
    struct ra_builder *block = tree->index->block;
    size_t first = ra_builder_count(block, RA_SECTION_LEAVES);
    struct ra_leaf_item *leaves;

    *lead = RA_NONE;
    if (count == 0)
        return true;
    if (first >= RA_RUN) {
        block->full = true;
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (!add_leaf(tree, items[i], depth))
            return false;
    leaves = ra_builder_items(block, RA_SECTION_LEAVES);
    leaves[ra_builder_count(block, RA_SECTION_LEAVES) - 1].condition |= RA_LAST;
    *lead = RA_RUN | (uint32_t)first;
    tell(tree, count);
    return true;
}

/* ---- nodes ---- */

/* Does the last rule of a range have no condition that is not dealt with? */
static bool ends_here(const struct tree *tree, const struct range *range)
{
    return range->count > 0 &&
           tree->index->lengths[rule_of(
               tree->items[range->first + range->count - 1])] == range->depth;
}

/* The first rule of a range that ends here applies whenever one behind it
 * could: leaves those out. */
static void cut(struct tree *tree, struct range *range)
{
    uint32_t count = range->count;

    range->count = 0;
    while (range->count < count && !ends_here(tree, range))
        range->count++;
    tell(tree, count - range->count);
}

/* Sorts the rules of a range by their next condition; those for which it is a
 * residual one by the first rule that has it. */
static void sort_range(struct tree *tree, const struct range *range)
{
    uint64_t *items = tree->items + range->first;
    uint64_t first = 0;
    size_t at = 0;

    for (size_t i = 0; i < range->count; i++)
        items[i] = (uint64_t)condition_of(tree, items[i], range->depth) << 32 |
                   rule_of(items[i]);
    ra_build_sort(items, tree->spare, range->count,
                  ra_builder_count(tree->index->block, RA_SECTION_CONDITIONS));
    while (at < range->count && items[at] >> 32 < limit_of(tree, range->depth))
        at++;
    for (size_t i = at; i < range->count; i++) {
        if (i == at || condition_of(tree, items[i], range->depth) !=
                           condition_of(tree, items[i - 1], range->depth))
            first = rule_of(items[i]);
        items[i] = first << 32 | rule_of(items[i]);
    }
    ra_build_sort(items + at, tree->spare, range->count - at,
                  ra_builder_count(tree->index->block, RA_SECTION_RULES));
}

/* The rules from the i-th one of a range that share their next condition. */
static struct range group_at(const struct tree *tree, const struct range *range,
                             uint32_t i, uint32_t *condition)
{
    const uint64_t *items = tree->items + range->first;
    struct range group = {range->first + i, 0, range->depth + 1};

    *condition = condition_of(tree, items[i], range->depth);
    while (i < range->count &&
           condition_of(tree, items[i], range->depth) == *condition) {
        group.count++;
        i++;
    }
    return group;
}

/* Adds a node for the rules of a range; or a run, when they are few. */
static bool add_group(struct tree *tree, uint32_t condition,
                      struct range *range, uint32_t *lead)
{
    size_t number = ra_builder_count(tree->index->block, RA_SECTION_NODES);

    cut(tree, range);
    if (range->count <= FEW || range->depth == RA_TREE_DEPTH)
        return add_run(tree, tree->items + range->first, range->count,
                       range->depth, lead);
    if (number >= RA_RUN) {
        tree->index->block->full = true;
        return false;
    }
    *lead = (uint32_t)number;
    return add_node(tree, condition, range);
}

/* Adds what a literal leads to from a node; or, from the root, any condition
 * with keys. */
static bool add_edge(struct tree *tree, size_t number, uint32_t condition,
                     struct range *range)
{
    struct ra_builder *block = tree->index->block;
    struct ra_condition_item *conditions =
        ra_builder_items(block, RA_SECTION_CONDITIONS);
    struct ra_node_item *nodes;
    struct ra_edge_item *edge;
    uint32_t lead;

    if (!add_group(tree, condition, range, &lead))
        return false;
    if (number == 0) {
        conditions[condition].lead = lead;
        return true;
    }
    edge = ra_builder_add(block, RA_SECTION_EDGES, 1);
    if (edge == NULL)
        return false;
    *edge = (struct ra_edge_item){condition, lead};
    nodes = ra_builder_items(block, RA_SECTION_NODES);
    nodes[number].edges++;
    return true;
}

/* Leaves a rule to the run of the node that is grown. */
static void leave(struct tree *tree, uint64_t item)
{
    tree->left[tree->left_count++] =
        (uint64_t)rule_of(item) << 32 | rule_of(item);
}

/* Adds the node that a residual condition leads to; or leaves its rules, when
 * they are few. */
static bool add_residual(struct tree *tree, size_t number, uint32_t condition,
                         const struct range *range)
{
    struct ra_builder *block = tree->index->block;
    size_t count = ra_builder_count(block, RA_SECTION_NODES);
    struct ra_node_item *nodes;

    if (range->count <= FEW_RESIDUAL) {
        for (uint32_t i = 0; i < range->count; i++)
            leave(tree, tree->items[range->first + i]);
        return true;
    }
    if (!add_node(tree, condition, range))
        return false;
    /* They lie together, behind the nodes of edges. */
    nodes = ra_builder_items(block, RA_SECTION_NODES);
    if (nodes[number].residual++ == 0)
        nodes[number].from = (uint32_t)count;
    return true;
}

/* Adds what leads on from a node. */
static bool add_children(struct tree *tree, size_t number,
                         const struct range *range)
{
    struct ra_builder *block = tree->index->block;
    struct ra_node_item *nodes = ra_builder_items(block, RA_SECTION_NODES);
    uint32_t limit = limit_of(tree, range->depth), condition;
    bool ok = true;

    nodes[number].edge = (uint32_t)ra_builder_count(block, RA_SECTION_EDGES);
    sort_range(tree, range);
    for (uint32_t i = 0; ok && i < range->count;) {
        struct range group = group_at(tree, range, i, &condition);

        i += group.count;
        ok = condition < limit ? add_edge(tree, number, condition, &group)
                               : add_residual(tree, number, condition, &group);
    }
    return ok;
}

static bool grow_node(struct tree *tree, size_t number)
{
    struct range range = tree->ranges[number];
    struct ra_node_item *nodes;
    uint32_t run;

    tree->left_count = 0;
    cut(tree, &range);
    if (ends_here(tree, &range))
        leave(tree, tree->items[range.first + --range.count]);
    if (range.depth == RA_TREE_DEPTH)
        for (uint32_t i = 0; i < range.count; i++)
            leave(tree, tree->items[range.first + i]);
    else if (!add_children(tree, number, &range))
        return false;
    ra_build_sort(tree->left, tree->spare, tree->left_count,
                  ra_builder_count(tree->index->block, RA_SECTION_RULES));
    if (!add_run(tree, tree->left, tree->left_count, range.depth, &run))
        return false;
    nodes = ra_builder_items(tree->index->block, RA_SECTION_NODES);
    nodes[number].run = run == RA_NONE ? RA_NONE : run & ~RA_RUN;
    return true;
}

static bool gather(struct tree *tree)
{
    size_t rules = ra_builder_count(tree->index->block, RA_SECTION_RULES);
    struct range all = {0, 0, 0};

    tree->items = ra_build_alloc(tree->index, rules, sizeof(*tree->items));
    tree->spare = ra_build_alloc(tree->index, rules, sizeof(*tree->spare));
    tree->left = ra_build_alloc(tree->index, rules, sizeof(*tree->left));
    if (tree->items == NULL || tree->spare == NULL || tree->left == NULL)
        return false;
    for (size_t i = 0; i < rules; i++)
        if (tree->index->lengths[i] != RA_NONE)
            tree->items[tree->count++] = i;
    all.count = (uint32_t)tree->count;
    return add_node(tree, RA_NONE, &all);
}

bool ra_build_tree(ra_index_builder *index)
{
    struct tree tree = {
        .index = index,
        .rules = ra_builder_items(index->block, RA_SECTION_RULES),
    };
    bool ok = gather(&tree);

    for (size_t i = 0;
         ok && i < ra_builder_count(index->block, RA_SECTION_NODES); i++)
        ok = grow_node(&tree, i);
    ra_large_free(tree.items);
    ra_large_free(tree.spare);
    ra_large_free(tree.left);
    ra_large_free(tree.ranges);
    return ok;
}

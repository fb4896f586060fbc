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
    uint64_t *left; /* rules that are to be leaves */
    size_t count, done, told;
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

/* Adds the node of a range, and what leads to it. */
static bool add_node(struct tree *tree, uint32_t condition,
                     const struct range *range)
{
    struct ra_builder *block = tree->index->block;
    struct ra_node_item *node = ra_builder_add(block, RA_SECTION_NODES, 1);
    uint32_t *leads = ra_builder_add(block, RA_SECTION_NODE_CONDITIONS, 1);
    size_t count = ra_builder_count(block, RA_SECTION_NODES);

    if (leads == NULL)
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
    *leads = condition;
    if (condition != RA_NONE)
        node->hint = condition_at(tree, condition)->hint;
    node->here = RA_NONE;
    node->first =
        range->count > 0 ? rule_of(tree->items[range->first]) : RA_NONE;
    return true;
}

/* Takes the rules that end here out of a range; the first of them counts.
 * Returns it, or RA_NONE. */
static uint32_t take_ended(struct tree *tree, struct range *range)
{
    uint64_t *items = tree->items + range->first;
    uint32_t here = RA_NONE;
    size_t kept = 0;

    for (size_t i = 0; i < range->count; i++) {
        uint32_t rule = rule_of(items[i]);

        if (tree->index->lengths[rule] > range->depth)
            items[kept++] = items[i];
        else if (here == RA_NONE)
            here = rule;
    }
    tell(tree, range->count - kept);
    range->count = (uint32_t)kept;
    return here;
}

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
    uint32_t condition = condition_of(tree, item, depth);
    const struct ra_condition_item *of = condition_at(tree, condition);
    size_t count = of->count <= SHORT_LIST ? of->count : 1;
    struct ra_leaf_item *leaf =
        ra_builder_add(tree->index->block, RA_SECTION_LEAVES, count);

    if (leaf == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        leaf[i].rule = rule_of(item);
        leaf[i].condition = condition;
        leaf[i].hints[0] =
            of->count <= SHORT_LIST ? tree->index->keys[of->first + i].hint : 0;
        leaf[i].hints[1] = next_hint(tree, item, depth);
    }
    return true;
}

/* Adds the leaves of a node: some of the rules of a range. */
static bool add_leaves(struct tree *tree, size_t number, size_t depth,
                       const uint64_t *items, size_t count)
{
    struct ra_builder *block = tree->index->block;
    size_t first = ra_builder_count(block, RA_SECTION_LEAVES);
    struct ra_node_item *nodes = ra_builder_items(block, RA_SECTION_NODES);

    for (size_t i = 0; i < count; i++)
        if (!add_leaf(tree, items[i], depth))
            return false;
    nodes[number].leaf_from = (uint32_t)first;
    nodes[number].leaves =
        (uint32_t)(ra_builder_count(block, RA_SECTION_LEAVES) - first);
    tell(tree, count);
    return true;
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

/* Adds the children of a node, and as its leaves what is not worth a child. */
static bool add_children(struct tree *tree, size_t number,
                         const struct range *range)
{
    struct ra_builder *block = tree->index->block;
    size_t from = ra_builder_count(block, RA_SECTION_NODES), left = 0;
    uint32_t kinds[2] = {0, 0};
    struct ra_node_item *nodes;
    uint32_t condition;

    sort_range(tree, range);
    for (uint32_t i = 0; i < range->count;) {
        struct range child = group_at(tree, range, i, &condition);
        bool residual = condition >= limit_of(tree, range->depth);

        i += child.count;
        if (residual && child.count <= FEW_RESIDUAL) {
            for (uint32_t j = 0; j < child.count; j++) {
                uint64_t rule = rule_of(tree->items[child.first + j]);

                tree->left[left++] = rule << 32 | rule;
            }
            continue;
        }
        kinds[residual]++;
        if (!add_node(tree, condition, &child))
            return false;
    }
    nodes = ra_builder_items(block, RA_SECTION_NODES);
    nodes[number].from = (uint32_t)from;
    nodes[number].keyed = kinds[0];
    nodes[number].residual = kinds[1];
    ra_build_sort(tree->left, tree->spare, left,
                  ra_builder_count(block, RA_SECTION_RULES));
    return add_leaves(tree, number, range->depth, tree->left, left);
}

static bool grow_node(struct tree *tree, size_t number)
{
    struct range range = tree->ranges[number];
    struct ra_node_item *nodes;
    uint32_t here = take_ended(tree, &range);

    nodes = ra_builder_items(tree->index->block, RA_SECTION_NODES);
    nodes[number].here = here;
    if (range.count == 0)
        return true;
    /* The root always has children, which are found by their conditions. */
    if (number != 0 && (range.count <= FEW || range.depth == RA_TREE_DEPTH))
        return add_leaves(tree, number, range.depth, tree->items + range.first,
                          range.count);
    return add_children(tree, number, &range);
}

/* Lets the conditions tell which child of the root is theirs. */
static void name_children(const struct tree *tree)
{
    const struct ra_node_item *root =
        ra_builder_items(tree->index->block, RA_SECTION_NODES);
    const uint32_t *leads =
        ra_builder_items(tree->index->block, RA_SECTION_NODE_CONDITIONS);
    struct ra_condition_item *conditions =
        ra_builder_items(tree->index->block, RA_SECTION_CONDITIONS);

    for (uint32_t i = root->from; i < root->from + root->keyed; i++)
        conditions[leads[i]].node = i;
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
    if (ok)
        name_children(&tree);
    ra_large_free(tree.items);
    ra_large_free(tree.spare);
    ra_large_free(tree.left);
    ra_large_free(tree.ranges);
    return ok;
}

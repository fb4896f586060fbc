/* SPDX-License-Identifier: MIT */
#include "match/tree.h"

#include <stdlib.h>
#include <string.h>

/* Up to this many times as many children as conditions that hold, they are
 * looked at one by one. */
enum { WALK = 4 };

bool ra_search_begin(struct ra_search *search, const struct ra_block *block)
{
    search->block = block;
    search->index = ra_block_item(block, RA_SECTION_INDEX, 0);
    ra_memo_init(&search->known);
    search->held = search->own;
    search->count = 0;
    search->room = RA_HELD_OWN;
    search->complete = false;
    search->best = RA_NONE;
    search->work = 0;
    search->limit = SIZE_MAX;
    search->nodes_left = ra_block_count(block, RA_SECTION_NODES);
    search->leaves_left = ra_block_count(block, RA_SECTION_LEAVES);
    /* In the tree, ahead of it, and in the end. */
    search->looks_left = 3 * ra_block_count(block, RA_SECTION_RULE_CONDITIONS);
    search->code = 0;
    return (search->index != NULL &&
            search->index->keyed <= ra_index_conditions(block) &&
            ra_index_conditions(block) < RA_MEMO_END) ||
           ra_search_fail(search, ROLEAUTH_E_INVALID);
}

void ra_search_end(struct ra_search *search)
{
    ra_memo_free(&search->known);
    if (search->held != search->own)
        free(search->held);
    search->held = search->own;
}

static bool make_room(struct ra_search *search)
{
    uint32_t *held = reallocarray(NULL, 4 * search->room, sizeof(*held));

    if (held == NULL)
        return ra_search_fail(search, ROLEAUTH_E_NOMEM);
    memcpy(held, search->held, search->count * sizeof(*held));
    if (search->held != search->own)
        free(search->held);
    search->held = held;
    search->room *= 4;
    return true;
}

bool ra_search_hold(struct ra_search *search, uint32_t condition)
{
    if (condition >= search->index->keyed)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    if (search->count == search->room && !make_room(search))
        return false;
    if (!ra_memo_set(&search->known, condition, true))
        return ra_search_fail(search, ROLEAUTH_E_NOMEM);
    search->held[search->count++] = condition;
    return true;
}

bool ra_search_condition(struct ra_search *search, uint32_t condition,
                         bool *holds)
{
    enum ra_known known = ra_memo_get(&search->known, condition);

    *holds = known == RA_YES;
    if (known != RA_UNKNOWN ||
        (search->complete && condition < search->index->keyed))
        return true;
    if (condition >= ra_index_conditions(search->block))
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    if (!search->decide(search, condition, holds))
        return false;
    if (*holds && condition < search->index->keyed)
        return ra_search_hold(search, condition) && ra_search_pay(search, 1);
    if (!ra_memo_set(&search->known, condition, *holds))
        return ra_search_fail(search, ROLEAUTH_E_NOMEM);
    return ra_search_pay(search, 1);
}

bool ra_search_rule(struct ra_search *search, size_t rule, bool *holds)
{
    const struct ra_rule_item *item =
        ra_block_item(search->block, RA_SECTION_RULES, rule);
    const uint32_t *list =
        item != NULL ? ra_rule_list(search->block, item) : NULL;
    size_t count = item != NULL ? ra_rule_count(item) : 0;

    *holds = false;
    if (list == NULL || count > search->looks_left)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    search->looks_left -= count;
    *holds = ra_rule_enabled(item);
    for (size_t i = 0; *holds && i < count; i++)
        if (!ra_search_condition(search, list[i], holds))
            return false;
    return true;
}

static bool search_leaf(struct ra_search *search,
                        const struct ra_node_item *node)
{
    size_t count = node->keyed & ~RA_NODE_LEAF;
    const struct ra_leaf_item *leaf =
        ra_block_items(search->block, RA_SECTION_LEAVES, node->from, count);

    if (leaf == NULL || count > search->leaves_left)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    search->leaves_left -= count;
    for (size_t i = 0; i < count && leaf[i].rule < search->best; i++) {
        bool holds;

        if (!ra_search_condition(search, leaf[i].condition, &holds))
            return false;
        if (!holds)
            continue;
        if (!ra_search_rule(search, leaf[i].rule, &holds))
            return false;
        if (holds)
            search->best = leaf[i].rule;
    }
    return ra_search_pay(search, count / 8);
}

static bool search_node(struct ra_search *search, size_t number,
                        unsigned depth);

/* A child, when a rule there can be the best and its condition holds. */
static bool search_child(struct ra_search *search,
                         const struct ra_node_item *at, size_t number,
                         unsigned depth)
{
    bool holds;

    if (at->first >= search->best)
        return true;
    if (!ra_search_condition(search, at->condition, &holds))
        return false;
    return !holds || search_node(search, number, depth + 1);
}

/* The child of this condition among count, which are ordered by it. */
static size_t find_child(const struct ra_node_item *children, size_t count,
                         uint32_t condition)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (children[middle].condition < condition)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && children[low].condition == condition ? low : count;
}

static bool search_keyed(struct ra_search *search,
                         const struct ra_node_item *node,
                         const struct ra_node_item *children, unsigned depth)
{
    size_t count = node->keyed;

    if (!ra_search_pay(search, 1))
        return false;
    if (count <= WALK * search->count) {
        for (size_t i = 0; i < count; i++)
            if (!search_child(search, &children[i], node->from + i, depth))
                return false;
        return true;
    }
    for (size_t i = 0; i < search->count; i++) {
        size_t at = find_child(children, count, search->held[i]);

        if (at < count &&
            !search_child(search, &children[at], node->from + at, depth))
            return false;
    }
    return true;
}

static bool search_node(struct ra_search *search, size_t number, unsigned depth)
{
    const struct ra_node_item *node =
        ra_block_item(search->block, RA_SECTION_NODES, number);
    const struct ra_node_item *children;
    size_t count;

    if (node == NULL || depth > RA_TREE_DEPTH || search->nodes_left == 0)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    search->nodes_left--;
    if (node->here < search->best)
        search->best = node->here;
    if ((node->keyed & RA_NODE_LEAF) != 0)
        return search_leaf(search, node);
    count = (size_t)node->keyed + node->residual;
    children =
        ra_block_items(search->block, RA_SECTION_NODES, node->from, count);
    if (children == NULL || (count > 0 && node->from <= number))
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    if (number != 0 && !search_keyed(search, node, children, depth))
        return false;
    for (size_t i = node->keyed; i < count && children[i].first < search->best;
         i++)
        if (!search_child(search, &children[i], node->from + i, depth))
            return false;
    return true;
}

bool ra_search_tree(struct ra_search *search)
{
    const struct ra_condition_item *conditions = ra_block_items(
        search->block, RA_SECTION_CONDITIONS, 0, search->index->keyed);

    if (conditions == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    search->complete = true;
    /* The children of the root that matter are known by number. */
    for (size_t i = 0; i < search->count; i++) {
        uint32_t number = conditions[search->held[i]].node;
        const struct ra_node_item *node =
            ra_block_item(search->block, RA_SECTION_NODES, number);

        if (number == RA_NONE)
            continue;
        if (node == NULL)
            return ra_search_fail(search, ROLEAUTH_E_INVALID);
        if (node->first < search->best && !search_node(search, number, 1))
            return false;
    }
    return search_node(search, 0, 0);
}

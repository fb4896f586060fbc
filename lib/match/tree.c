/* SPDX-License-Identifier: MIT */
#include "match/tree.h"

#include <stdlib.h>
#include <string.h>

bool ra_search_begin(struct ra_search *search, const struct ra_block *block)
{
    search->block = block;
    search->index = ra_block_item(block, RA_SECTION_INDEX, 0);
    ra_memo_init(&search->known);
    search->held = search->own;
    search->literals = search->count = 0;
    search->room = RA_HELD_OWN;
    search->complete = false;
    search->sights_count = 0;
    search->best = RA_NONE;
    search->floor = 0;
    search->work = 0;
    search->limit = SIZE_MAX;
    search->nodes_left = ra_block_count(block, RA_SECTION_NODES);
    search->leaves_left = ra_block_count(block, RA_SECTION_LEAVES);
    /* In the tree, ahead of it, and in the end. */
    search->looks_left = 3 * ra_block_count(block, RA_SECTION_RULE_CONDITIONS);
    search->code = 0;
    return (search->index != NULL &&
            search->index->literals <= search->index->keyed &&
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

bool ra_search_hold(struct ra_search *search, uint32_t condition,
                    enum ra_known known)
{
    if (condition >= search->index->keyed)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    if (search->count == search->room && !make_room(search))
        return false;
    if (!ra_memo_set(&search->known, condition, known))
        return ra_search_fail(search, ROLEAUTH_E_NOMEM);
    search->held[search->count++] = condition;
    if (condition < search->index->literals) {
        search->held[search->count - 1] = search->held[search->literals];
        search->held[search->literals++] = condition;
    }
    return true;
}

/* Finds out whether a condition holds of which this is known so far. */
static bool find_out(struct ra_search *search, uint32_t condition,
                     enum ra_known known, bool *holds)
{
    if (condition >= ra_index_conditions(search->block))
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    if (!search->decide(search, condition, holds))
        return false;
    if (*holds && known == RA_UNKNOWN && condition < search->index->keyed)
        return ra_search_hold(search, condition, RA_YES) &&
               ra_search_pay(search, 1);
    if (!ra_memo_set(&search->known, condition, *holds ? RA_YES : RA_NO))
        return ra_search_fail(search, ROLEAUTH_E_NOMEM);
    return ra_search_pay(search, 1);
}

bool ra_search_condition(struct ra_search *search, uint32_t condition,
                         bool *holds)
{
    enum ra_known known = ra_memo_get(&search->known, condition);

    *holds = known == RA_YES;
    if (known == RA_YES || known == RA_NO)
        return true;
    if (known == RA_UNKNOWN && search->complete &&
        condition < search->index->keyed)
        return true;
    return find_out(search, condition, known, holds);
}

/* As ra_search_condition(), but may take a condition with keys for one that
 * holds although it does not. */
static bool seems_to_hold(struct ra_search *search, uint32_t condition,
                          bool *holds)
{
    if (condition >= search->index->keyed)
        return ra_search_condition(search, condition, holds);
    *holds = ra_memo_get(&search->known, condition) >= RA_PERHAPS;
    return true;
}

static bool hint_fits(const struct ra_search *search, uint32_t hint)
{
    return ra_hint_fits(hint, search->sights, search->sights_count);
}

/* Do the hints of all conditions of a list fit?  False: failed. */
static bool hints_fit(struct ra_search *search, const uint32_t *list,
                      size_t count, bool *fit)
{
    size_t conditions = ra_index_conditions(search->block);
    const struct ra_condition_item *items =
        ra_block_items(search->block, RA_SECTION_CONDITIONS, 0, conditions);

    for (size_t i = 0; *fit && i < count; i++) {
        if (list[i] >= conditions)
            return ra_search_fail(search, ROLEAUTH_E_INVALID);
        *fit = hint_fits(search, items[list[i]].hint);
    }
    return true;
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
    if (!hints_fit(search, list, count, holds))
        return false;
    for (size_t i = 0; *holds && i < count; i++)
        if (!ra_search_condition(search, list[i], holds))
            return false;
    return true;
}

/* Takes the rule for the best one when it applies. */
static bool try_rule(struct ra_search *search, uint32_t rule)
{
    bool holds;

    if (!ra_search_rule(search, rule, &holds))
        return false;
    if (holds && rule < search->best)
        search->best = rule;
    return true;
}

static bool search_leaves(struct ra_search *search,
                          const struct ra_node_item *node)
{
    const struct ra_leaf_item *leaf = ra_block_items(
        search->block, RA_SECTION_LEAVES, node->leaf_from, node->leaves);
    uint32_t tried = RA_NONE;

    if (leaf == NULL || node->leaves > search->leaves_left)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    search->leaves_left -= node->leaves;
    for (size_t i = 0; i < node->leaves && leaf[i].rule < search->best; i++) {
        bool holds;

        if (!hint_fits(search, leaf[i].hints[0]) ||
            !hint_fits(search, leaf[i].hints[1]) ||
            leaf[i].rule < search->floor || leaf[i].rule == tried)
            continue;
        if (!seems_to_hold(search, leaf[i].condition, &holds) ||
            (holds && !try_rule(search, leaf[i].rule)))
            return false;
        tried = leaf[i].rule;
    }
    return ra_search_pay(search, node->leaves / 8);
}

static bool search_node(struct ra_search *search, size_t number,
                        unsigned depth);

/* A child whose condition seems to hold, when a rule there can be the best. */
static bool search_child(struct ra_search *search, size_t number,
                         unsigned depth)
{
    const struct ra_node_item *node =
        ra_block_item(search->block, RA_SECTION_NODES, number);

    if (node == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    return node->first >= search->best ||
           search_node(search, number, depth + 1);
}

/* The place of a condition among count, which are in order; count: it is not
 * there. */
static size_t find_lead(const uint32_t *leads, size_t count, uint32_t condition)
{
    size_t low = 0, left = count;

    while (left > 0) {
        size_t half = left / 2;
        bool right = leads[low + half] < condition;

        low = right ? low + half + 1 : low;
        left = right ? left - half - 1 : half;
    }
    return low < count && leads[low] == condition ? low : count;
}

/* The children whose conditions are literals: looks for those that hold among
 * them, or the other way round. */
static bool search_literals(struct ra_search *search,
                            const struct ra_node_item *node, unsigned depth)
{
    const uint32_t *leads = ra_block_items(
        search->block, RA_SECTION_NODE_CONDITIONS, node->from, node->keyed);
    size_t count = node->keyed, held = search->literals;

    if (leads == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    for (size_t i = 0; count <= held && i < count; i++)
        if (ra_memo_get(&search->known, leads[i]) >= RA_PERHAPS &&
            !search_child(search, node->from + i, depth))
            return false;
    for (size_t i = 0; count > held && i < held; i++) {
        size_t at = find_lead(leads, count, search->held[i]);

        if (at < count && !search_child(search, node->from + at, depth))
            return false;
    }
    return ra_search_pay(search, (count < held ? count : held) / 8 + 1);
}

/* The other children. */
static bool search_residual(struct ra_search *search,
                            const struct ra_node_item *node, unsigned depth)
{
    size_t from = (size_t)node->from + node->keyed;
    const struct ra_node_item *children =
        ra_block_items(search->block, RA_SECTION_NODES, from, node->residual);
    const uint32_t *leads = ra_block_items(
        search->block, RA_SECTION_NODE_CONDITIONS, from, node->residual);

    if (children == NULL || leads == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    for (size_t i = 0; i < node->residual && children[i].first < search->best;
         i++) {
        bool holds;

        if (!hint_fits(search, children[i].hint))
            continue;
        if (!seems_to_hold(search, leads[i], &holds) ||
            (holds && !search_node(search, from + i, depth + 1)))
            return false;
    }
    return true;
}

static bool search_node(struct ra_search *search, size_t number, unsigned depth)
{
    const struct ra_node_item *node =
        ra_block_item(search->block, RA_SECTION_NODES, number);

    if (node == NULL || depth > RA_TREE_DEPTH || search->nodes_left == 0 ||
        (node->keyed + node->residual > 0 && node->from <= number))
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    search->nodes_left--;
    if (node->here < search->best && node->here >= search->floor &&
        !try_rule(search, node->here))
        return false;
    /* Those of the root are known already. */
    if (number != 0 && node->keyed > 0 && !search_literals(search, node, depth))
        return false;
    return search_leaves(search, node) && search_residual(search, node, depth);
}

/* The node below the root that a condition leads to; NULL: there is none. */
static const struct ra_node_item *lead(const struct ra_search *search,
                                       const struct ra_condition_item *from)
{
    return ra_block_item(search->block, RA_SECTION_NODES, from->node);
}

/* Nodes are all over the memory: asks for those that come soon, and for what
 * those lead to that come next. */
static void prefetch(const struct ra_search *search,
                     const struct ra_condition_item *conditions, size_t at)
{
    enum { SOON = 8, NEXT = 4 };
    const struct ra_node_item *node;

    if (at + SOON < search->count)
        __builtin_prefetch(lead(search, &conditions[search->held[at + SOON]]));
    if (at + NEXT < search->count) {
        node = lead(search, &conditions[search->held[at + NEXT]]);
        if (node != NULL)
            __builtin_prefetch(ra_block_item(search->block, RA_SECTION_LEAVES,
                                             node->leaf_from));
    }
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
            lead(search, &conditions[search->held[i]]);

        prefetch(search, conditions, i);
        if (number == RA_NONE)
            continue;
        if (node == NULL)
            return ra_search_fail(search, ROLEAUTH_E_INVALID);
        if (node->first < search->best && !search_node(search, number, 1))
            return false;
    }
    return search_node(search, 0, 0);
}

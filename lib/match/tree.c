/* SPDX-License-Identifier: MIT */
#include "match/tree.h"

#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

static void init_numbers(struct ra_numbers *numbers)
{
    numbers->items = numbers->own;
    numbers->count = 0;
    numbers->room = RA_NUMBERS_OWN;
}

static void free_numbers(struct ra_numbers *numbers)
{
    if (numbers->items != numbers->own)
        free(numbers->items);
    numbers->items = numbers->own;
}

static bool grow_numbers(struct ra_numbers *numbers)
{
    uint32_t *items =
        reallocarray(NULL, 4 * numbers->room, sizeof(*numbers->items));

    if (items == NULL)
        return false;
    memcpy(items, numbers->items, numbers->count * sizeof(*items));
    free_numbers(numbers);
    numbers->items = items;
    numbers->room *= 4;
    return true;
}

/* False: out of memory. */
static bool add_number(struct ra_numbers *numbers, uint32_t number)
{
    if (numbers->count == numbers->room && !grow_numbers(numbers))
        return false;
    numbers->items[numbers->count++] = number;
    return true;
}

/* ---- conditions and rules ---- */

bool ra_search_begin(struct ra_search *search, const struct ra_block *block)
{
    size_t conditions = ra_index_conditions(block);

    search->block = block;
    search->index = ra_block_item(block, RA_SECTION_INDEX, 0);
    ra_memo_init(&search->known);
    init_numbers(&search->literals);
    init_numbers(&search->leads);
    search->complete = false;
    search->sights_count = 0;
    search->best = RA_NONE;
    search->floor = 0;
    search->work = 0;
    search->limit = SIZE_MAX;
    search->nodes_left = ra_block_count(block, RA_SECTION_NODES);
    search->leaves_left = ra_block_count(block, RA_SECTION_LEAVES);
    /* In the tree, ahead of it, and once more. */
    search->looks_left = 3 * ra_block_count(block, RA_SECTION_RULE_CONDITIONS);
    search->code = 0;
    return (search->index != NULL &&
            search->index->literals <= search->index->keyed &&
            search->index->keyed <= conditions && conditions < RA_MEMO_END) ||
           ra_search_fail(search, ROLEAUTH_E_INVALID);
}

void ra_search_end(struct ra_search *search)
{
    ra_memo_free(&search->known);
    free_numbers(&search->literals);
    free_numbers(&search->leads);
}

/* Leaves are all over the memory: asks for them before they are needed. */
static void prefetch(const struct ra_search *search, uint32_t lead)
{
    if ((lead & RA_RUN) != 0)
        __builtin_prefetch(
            ra_block_item(search->block, RA_SECTION_LEAVES, lead & ~RA_RUN));
    else
        __builtin_prefetch(
            ra_block_item(search->block, RA_SECTION_NODES, lead));
}

bool ra_search_hold(struct ra_search *search, uint32_t condition, uint32_t lead,
                    enum ra_known known)
{
    if (condition >= search->index->keyed)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    if (!ra_memo_set(&search->known, condition, known) ||
        (condition < search->index->literals &&
         !add_number(&search->literals, condition)))
        return ra_search_fail(search, ROLEAUTH_E_NOMEM);
    if (lead == RA_NONE)
        return true;
    prefetch(search, lead);
    return add_number(&search->leads, lead) ||
           ra_search_fail(search, ROLEAUTH_E_NOMEM);
}

/* Finds out whether a condition holds of which this is known so far. */
static bool find_out(struct ra_search *search, uint32_t condition,
                     enum ra_known known, bool *holds)
{
    const struct ra_condition_item *item =
        ra_block_item(search->block, RA_SECTION_CONDITIONS, condition);

    if (item == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    if (!search->decide(search, condition, holds))
        return false;
    if (*holds && known == RA_UNKNOWN && condition < search->index->keyed)
        return ra_search_hold(search, condition, item->lead, RA_YES) &&
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

bool ra_search_rule(struct ra_search *search, size_t rule, bool *applies)
{
    const struct ra_rule_item *item =
        ra_block_item(search->block, RA_SECTION_RULES, rule);
    const uint32_t *list;
    size_t count;

    *applies = false;
    if (item == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    if (!ra_rule_enabled(item) || !hint_fits(search, item->hint))
        return true;
    list = ra_rule_list(search->block, item);
    count = ra_rule_count(item);
    if (list == NULL || count > search->looks_left)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    search->looks_left -= count;
    *applies = true;
    if (!hints_fit(search, list, count, applies))
        return false;
    for (size_t i = 0; *applies && i < count; i++)
        if (!ra_search_condition(search, list[i], applies))
            return false;
    return true;
}

/* ---- the tree ---- */

/* Takes the rule of a leaf for the best one when it applies. */
static bool try_leaf(struct ra_search *search, const struct ra_leaf_item *leaf)
{
    uint32_t condition = leaf->condition & ~RA_LAST;
    bool holds = true;

    if (condition != RA_ENDS && !seems_to_hold(search, condition, &holds))
        return false;
    if (!holds)
        return true;
    if (!ra_search_rule(search, leaf->rule, &holds))
        return false;
    if (holds)
        search->best = leaf->rule;
    return true;
}

static bool search_run(struct ra_search *search, size_t first)
{
    size_t count = ra_block_count(search->block, RA_SECTION_LEAVES), i = first;
    const struct ra_leaf_item *leaves =
        ra_block_items(search->block, RA_SECTION_LEAVES, 0, count);
    uint32_t tried = RA_NONE;

    do {
        if (i >= count || search->leaves_left == 0)
            return ra_search_fail(search, ROLEAUTH_E_INVALID);
        search->leaves_left--;
        if (leaves[i].rule >= search->best)
            break;
        if (!hint_fits(search, leaves[i].hints[0]) ||
            !hint_fits(search, leaves[i].hints[1]) ||
            leaves[i].rule < search->floor || leaves[i].rule == tried)
            continue;
        if (!try_leaf(search, &leaves[i]))
            return false;
        tried = leaves[i].rule;
    } while ((leaves[i++].condition & RA_LAST) == 0);
    return ra_search_pay(search, 1 + (i - first) / 8);
}

static bool search_node(struct ra_search *search, size_t number,
                        unsigned depth);

/* What a condition that seems to hold leads to, behind the node of a number. */
static bool follow(struct ra_search *search, uint32_t lead, size_t behind,
                   unsigned depth)
{
    if (lead == RA_NONE)
        return true;
    if ((lead & RA_RUN) != 0)
        return search_run(search, lead & ~RA_RUN);
    return lead > behind ? search_node(search, lead, depth + 1)
                         : ra_search_fail(search, ROLEAUTH_E_INVALID);
}

/* The place of a condition among count edges, which are in order; count: it
 * is not there. */
static size_t find_edge(const struct ra_edge_item *edges, size_t count,
                        uint32_t condition)
{
    size_t low = 0, left = count;

    while (left > 0) {
        size_t half = left / 2;
        bool right = edges[low + half].condition < condition;

        low = right ? low + half + 1 : low;
        left = right ? left - half - 1 : half;
    }
    return low < count && edges[low].condition == condition ? low : count;
}

/* The edges of a node: looks for the literals that hold among them, or the
 * other way round. */
static bool search_edges(struct ra_search *search,
                         const struct ra_node_item *node, size_t number,
                         unsigned depth)
{
    const struct ra_edge_item *edges = ra_block_items(
        search->block, RA_SECTION_EDGES, node->edge, node->edges);
    size_t count = node->edges, held = search->literals.count;

    if (edges == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    for (size_t i = 0; count <= held && i < count; i++)
        if (ra_memo_get(&search->known, edges[i].condition) >= RA_PERHAPS &&
            !follow(search, edges[i].lead, number, depth))
            return false;
    for (size_t i = 0; count > held && i < held; i++) {
        size_t at = find_edge(edges, count, search->literals.items[i]);

        if (at < count && !follow(search, edges[at].lead, number, depth))
            return false;
    }
    return ra_search_pay(search, (count < held ? count : held) / 8);
}

/* The nodes that other conditions lead to. */
static bool search_residual(struct ra_search *search,
                            const struct ra_node_item *node, unsigned depth)
{
    const struct ra_node_item *nodes = ra_block_items(
        search->block, RA_SECTION_NODES, node->from, node->residual);

    if (nodes == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    for (size_t i = 0; i < node->residual && nodes[i].first < search->best;
         i++) {
        bool holds;

        if (!hint_fits(search, nodes[i].hint))
            continue;
        if (!seems_to_hold(search, nodes[i].condition, &holds) ||
            (holds && !search_node(search, node->from + i, depth + 1)))
            return false;
    }
    return true;
}

static bool search_node(struct ra_search *search, size_t number, unsigned depth)
{
    const struct ra_node_item *node =
        ra_block_item(search->block, RA_SECTION_NODES, number);

    if (node == NULL || depth > RA_TREE_DEPTH || search->nodes_left == 0 ||
        (node->residual > 0 && node->from <= number))
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    search->nodes_left--;
    if (node->first >= search->best)
        return true;
    return ra_search_pay(search, 1) &&
           search_edges(search, node, number, depth) &&
           (node->run == RA_NONE || search_run(search, node->run)) &&
           search_residual(search, node, depth);
}

bool ra_search_tree(struct ra_search *search)
{
    search->complete = true;
    for (size_t i = 0; i < search->leads.count; i++)
        if (!follow(search, search->leads.items[i], 0, 0))
            return false;
    return search_node(search, 0, 0);
}

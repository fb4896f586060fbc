/* SPDX-License-Identifier: MIT */
/* Numbers the conditions from rare to common, and sorts each rule's by it. */
#include "match/build.h"

#include <stdlib.h>
#include <string.h>

struct numbers {
    uint32_t *numbers; /* of conditions, by their numbers so far */
    uint32_t *places;  /* of conditions in paths */
    uint32_t *leaders; /* of rules, as numbered so far; RA_NONE: none */
    uint64_t *row;     /* a path while it is sorted */
};

/* Marks the rules that can apply. */
static void mark_rules(ra_index_builder *index)
{
    size_t rules = ra_builder_count(index->block, RA_SECTION_RULES);
    const struct ra_rule_item *items =
        ra_builder_items(index->block, RA_SECTION_RULES);
    const uint32_t *lists =
        ra_builder_items(index->block, RA_SECTION_RULE_CONDITIONS);

    for (size_t i = 0; i < rules; i++) {
        bool possible = ra_rule_enabled(&items[i]);

        for (size_t j = 0; possible && j < ra_rule_count(&items[i]); j++)
            possible =
                index->chances[lists[items[i].first + j]] != RA_CHANCE_NEVER;
        index->lengths[i] = possible ? 0 : RA_NONE;
    }
}

/* Can it be found by its keys? */
static bool can_be_found(const ra_index_builder *index, uint32_t condition)
{
    const struct ra_condition_item *items =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);
    const struct ra_key *keys = index->keys + items[condition].first;

    for (size_t i = 0; i < items[condition].count; i++)
        if (keys[i].kind == RA_KEY_NONE)
            return false;
    return true;
}

/* Is it one literal?  At most one of those on a variable holds, so that they
 * may all be found. */
static bool is_literal(const ra_index_builder *index, uint32_t condition)
{
    const struct ra_condition_item *items =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);

    return items[condition].count == 1 &&
           index->keys[items[condition].first].kind == RA_KEY_WHOLE;
}

/* Says which conditions are found by their keys: for each rule its leader,
 * which is least likely to hold. */
static void choose_leaders(ra_index_builder *index, uint32_t *leaders)
{
    size_t rules = ra_builder_count(index->block, RA_SECTION_RULES);
    const struct ra_rule_item *items =
        ra_builder_items(index->block, RA_SECTION_RULES);
    const uint32_t *lists =
        ra_builder_items(index->block, RA_SECTION_RULE_CONDITIONS);

    for (size_t i = 0; i < rules; i++) {
        leaders[i] = RA_NONE;
        for (size_t j = 0;
             index->lengths[i] != RA_NONE && j < ra_rule_count(&items[i]);
             j++) {
            uint32_t one = lists[items[i].first + j], *best = &leaders[i];

            if (index->fates[one] == RA_UNUSED)
                index->fates[one] =
                    is_literal(index, one) ? RA_KEYED : RA_RESIDUAL;
            if (can_be_found(index, one) &&
                (*best == RA_NONE ||
                 index->chances[one] < index->chances[*best]))
                *best = one;
        }
        if (leaders[i] != RA_NONE)
            index->fates[leaders[i]] = RA_KEYED;
    }
}

/* Puts the conditions in order of chances, rare ones first; the lower half of
 * an item is a condition. */
static void sort_by_chance(const ra_index_builder *index, uint64_t *items,
                           uint64_t *spare, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i] = (uint64_t)index->uses[i] << 32 | i;
    ra_build_sort(items, spare, count, UINT32_MAX);
    for (size_t i = 0; i < count; i++) {
        uint32_t number = (uint32_t)items[i];

        items[i] = (uint64_t)index->chances[number] << 32 | number;
    }
    ra_build_sort(items, spare, count, UINT32_MAX);
}

enum class { CLASS_LITERAL, CLASS_KEYED, CLASS_RESIDUAL, CLASS_UNUSED };

static enum class class_of(const ra_index_builder *index, uint32_t condition) {
    switch ((enum ra_fate)index->fates[condition]){
        case RA_KEYED : return is_literal(index, condition) ? CLASS_LITERAL
                                                            : CLASS_KEYED;
        case RA_RESIDUAL : return CLASS_RESIDUAL;
        default : return CLASS_UNUSED;
    }
}

/* Conditions are renumbered by class, and within that by chance.  In a path,
 * literals stand before others, which have to be matched.  Both by number so
 * far. */
static bool make_numbers(ra_index_builder *index, struct numbers *numbers,
                         size_t count)
{
    struct ra_index_item *item =
        ra_builder_add(index->block, RA_SECTION_INDEX, 1);
    uint64_t *items = ra_build_alloc(index, count, sizeof(*items));
    uint64_t *spare = ra_build_alloc(index, count, sizeof(*spare));
    bool ok = item != NULL && items != NULL && spare != NULL;
    uint32_t number = 0;

    if (ok)
        sort_by_chance(index, items, spare, count);
    for (int class = CLASS_LITERAL; ok && class <= CLASS_UNUSED; class ++)
        for (uint32_t i = 0; i < count; i++) {
            uint32_t one = (uint32_t)items[i];

            if ((int)class_of(index, one) != class)
                continue;
            item->literals += class == CLASS_LITERAL;
            item->keyed += class <= CLASS_KEYED;
            numbers->places[one] =
                class == CLASS_LITERAL ? number : item->literals + i;
            numbers->numbers[one] = number++;
        }
    ra_large_free(items);
    ra_large_free(spare);
    return ok;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* Few rules have many conditions. */
static void sort_row(uint64_t *row, size_t count)
{
    if (count > 32) {
        qsort(row, count, sizeof(*row), compare);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        uint64_t one = row[i];
        size_t at = i;

        for (; at > 0 && row[at - 1] > one; at--)
            row[at] = row[at - 1];
        row[at] = one;
    }
}

/* The path of a rule: its leader, then its other conditions by place, each
 * once. */
static void make_path(ra_index_builder *index, const struct numbers *numbers,
                      size_t rule)
{
    const struct ra_rule_item *items =
        ra_builder_items(index->block, RA_SECTION_RULES);
    const uint32_t *lists =
        ra_builder_items(index->block, RA_SECTION_RULE_CONDITIONS);
    size_t count = ra_rule_count(&items[rule]), length = 0;
    const uint32_t *list;
    uint32_t *path;

    index->lengths[rule] = 0;
    /* Where no rule has a condition, there are no lists. */
    if (count == 0)
        return;
    list = lists + items[rule].first;
    path = index->paths + items[rule].first;
    for (size_t i = 0; i < count; i++) {
        uint64_t place = list[i] == numbers->leaders[rule]
                             ? 0
                             : (uint64_t)numbers->places[list[i]] + 1;

        numbers->row[i] = place << 32 | numbers->numbers[list[i]];
    }
    sort_row(numbers->row, count);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || numbers->row[i] != numbers->row[i - 1])
            path[length++] = (uint32_t)numbers->row[i];
    index->lengths[rule] = (uint32_t)length;
}

/* The paths of the rules that are in the index. */
static bool make_paths(ra_index_builder *index, struct numbers *numbers)
{
    size_t rules = ra_builder_count(index->block, RA_SECTION_RULES), most = 0;
    const struct ra_rule_item *items =
        ra_builder_items(index->block, RA_SECTION_RULES);

    for (size_t i = 0; i < rules; i++)
        if (ra_rule_count(&items[i]) > most)
            most = ra_rule_count(&items[i]);
    numbers->row = ra_build_alloc(index, most, sizeof(*numbers->row));
    if (numbers->row == NULL)
        return false;
    for (size_t i = 0; i < rules; i++)
        if (index->lengths[i] != RA_NONE)
            make_path(index, numbers, i);
    return true;
}

static bool renumber(ra_index_builder *index, const uint32_t *numbers,
                     size_t count)
{
    size_t length = ra_builder_count(index->block, RA_SECTION_RULE_CONDITIONS);
    uint32_t *lists =
        ra_builder_items(index->block, RA_SECTION_RULE_CONDITIONS);
    struct ra_condition_item *items =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);
    struct ra_condition_item *old = ra_build_alloc(index, count, sizeof(*old));

    if (old == NULL)
        return false;
    if (count > 0)
        memcpy(old, items, count * sizeof(*old));
    for (size_t i = 0; i < count; i++)
        items[numbers[i]] = old[i];
    for (size_t i = 0; i < length; i++)
        lists[i] = numbers[lists[i]];
    ra_large_free(old);
    return true;
}

/* Gives each rule the hint of the condition that is least likely to hold, of
 * those that have one. */
static void give_hints(ra_index_builder *index)
{
    size_t rules = ra_builder_count(index->block, RA_SECTION_RULES);
    struct ra_rule_item *items =
        ra_builder_items(index->block, RA_SECTION_RULES);
    const struct ra_condition_item *conditions =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);

    for (size_t i = 0; i < rules; i++)
        for (size_t j = 0; items[i].hint == 0 && index->lengths[i] != RA_NONE &&
                           j < index->lengths[i];
             j++)
            items[i].hint = conditions[index->paths[items[i].first + j]].hint;
}

bool ra_build_ranks(ra_index_builder *index)
{
    struct ra_builder *block = index->block;
    size_t count = ra_builder_count(block, RA_SECTION_CONDITIONS);
    size_t rules = ra_builder_count(block, RA_SECTION_RULES);
    struct numbers numbers = {
        .numbers = ra_build_alloc(index, count, sizeof(uint32_t)),
        .places = ra_build_alloc(index, count, sizeof(uint32_t)),
        .leaders = ra_build_alloc(index, rules, sizeof(uint32_t)),
    };
    bool ok;

    index->fates = ra_build_alloc(index, count, sizeof(*index->fates));
    index->paths = ra_build_alloc(
        index, ra_builder_count(block, RA_SECTION_RULE_CONDITIONS),
        sizeof(*index->paths));
    index->lengths = ra_build_alloc(index, rules, sizeof(*index->lengths));
    ok = !block->nomem;
    if (ok) {
        memset(index->fates, RA_UNUSED, count);
        mark_rules(index);
        choose_leaders(index, numbers.leaders);
        ok = make_numbers(index, &numbers, count) &&
             make_paths(index, &numbers) &&
             renumber(index, numbers.numbers, count);
    }
    if (ok)
        give_hints(index);
    ra_large_free(numbers.numbers);
    ra_large_free(numbers.places);
    ra_large_free(numbers.leaders);
    ra_large_free(numbers.row);
    return ok;
}

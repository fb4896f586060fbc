/* SPDX-License-Identifier: MIT */
/* Numbers the conditions from rare to common, and sorts each rule's by it. */
#include "match/build.h"

#include <stdlib.h>
#include <string.h>

/* Conditions of one class stand together, in this order. */
enum class { CLASS_KEYED, CLASS_ANY, CLASS_RESIDUAL, CLASS_UNUSED };

enum { CLASS_SHIFT = 62, USES_SHIFT = 32 };
#define MOST_USES UINT64_C(0x3FFFFFFF)

/* Marks the rules that can apply and counts what they use. */
static void count_uses(ra_index_builder *index)
{
    size_t rules = ra_builder_count(index->block, RA_SECTION_RULES);
    const struct ra_rule_item *items =
        ra_builder_items(index->block, RA_SECTION_RULES);
    const uint32_t *lists =
        ra_builder_items(index->block, RA_SECTION_RULE_CONDITIONS);

    for (size_t i = 0; i < rules; i++) {
        size_t count = ra_rule_count(&items[i]);
        bool possible = ra_rule_enabled(&items[i]);

        for (size_t j = 0; possible && j < count; j++)
            possible = index->fates[lists[items[i].first + j]] != RA_IMPOSSIBLE;
        index->lengths[i] = possible ? 0 : RA_NONE;
        for (size_t j = 0; possible && j < count; j++)
            index->uses[lists[items[i].first + j]]++;
    }
}

/* A condition of stars alone holds whenever its variable is defined, however
 * rare it is. */
static enum class class_of(const ra_index_builder *index, size_t condition) {
    const struct ra_condition_item *items =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);
    const struct ra_key *keys = index->keys + items[condition].first;

    if (index->uses[condition] == 0) return CLASS_UNUSED;
    if (index->fates[condition] == RA_RESIDUAL) return CLASS_RESIDUAL;
    for (size_t i = 0; i < items[condition].count;
         i++) if (keys[i].kind == RA_KEY_ANY) return CLASS_ANY;
    return CLASS_KEYED;
}

/* The conditions by rank; the lower half of an item is the number so far. */
static void rank(const ra_index_builder *index, uint64_t *ranked,
                 uint64_t *spare, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t uses = index->uses[i] < MOST_USES ? index->uses[i] : MOST_USES;

        ranked[i] = (uint64_t)class_of(index, i) << CLASS_SHIFT |
                    uses << USES_SHIFT | i;
    }
    ra_build_sort(ranked, spare, count, (uint64_t)1 << 32);
}

/* Renumbers the conditions. */
static bool renumber(ra_index_builder *index, const uint64_t *ranked,
                     size_t count)
{
    size_t length = ra_builder_count(index->block, RA_SECTION_RULE_CONDITIONS);
    uint32_t *lists =
        ra_builder_items(index->block, RA_SECTION_RULE_CONDITIONS);
    struct ra_condition_item *items =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);
    struct ra_condition_item *old = ra_build_alloc(index, count, sizeof(*old));
    uint32_t *numbers = ra_build_alloc(index, count, sizeof(*numbers));
    bool ok = old != NULL && numbers != NULL;

    if (ok && count > 0)
        memcpy(old, items, count * sizeof(*old));
    for (size_t i = 0; ok && i < count; i++) {
        uint32_t number = (uint32_t)ranked[i];

        numbers[number] = (uint32_t)i;
        items[i] = old[number];
    }
    for (size_t i = 0; ok && i < length; i++)
        lists[i] = numbers[lists[i]];
    free(old);
    free(numbers);
    return ok;
}

static int compare(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* Sorts a list; few rules have a long one. */
static void sort(uint32_t *list, size_t count)
{
    if (count > 32) {
        qsort(list, count, sizeof(*list), compare);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        uint32_t one = list[i];
        size_t at = i;

        for (; at > 0 && list[at - 1] > one; at--)
            list[at] = list[at - 1];
        list[at] = one;
    }
}

/* The sorted conditions of the rules that are in the index, each once. */
static void make_paths(ra_index_builder *index)
{
    size_t rules = ra_builder_count(index->block, RA_SECTION_RULES);
    const struct ra_rule_item *items =
        ra_builder_items(index->block, RA_SECTION_RULES);
    const uint32_t *lists =
        ra_builder_items(index->block, RA_SECTION_RULE_CONDITIONS);

    for (size_t i = 0; i < rules; i++) {
        size_t count = ra_rule_count(&items[i]), length = 0;
        uint32_t *path = index->paths + items[i].first;

        if (index->lengths[i] == RA_NONE)
            continue;
        for (size_t j = 0; j < count; j++)
            path[j] = lists[items[i].first + j];
        sort(path, count);
        for (size_t j = 0; j < count; j++)
            if (length == 0 || path[length - 1] != path[j])
                path[length++] = path[j];
        index->lengths[i] = (uint32_t)length;
    }
}

/* Adds the item that says how many conditions have keys. */
static bool note_keyed(ra_index_builder *index, const uint64_t *ranked,
                       size_t count)
{
    struct ra_index_item *item =
        ra_builder_add(index->block, RA_SECTION_INDEX, 1);

    if (item == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        item->keyed += ranked[i] >> CLASS_SHIFT < CLASS_RESIDUAL;
    return true;
}

bool ra_build_ranks(ra_index_builder *index)
{
    size_t count = ra_builder_count(index->block, RA_SECTION_CONDITIONS);
    uint64_t *ranked = ra_build_alloc(index, count, sizeof(*ranked));
    uint64_t *spare = ra_build_alloc(index, count, sizeof(*spare));
    bool ok;

    index->uses = ra_build_alloc(index, count, sizeof(*index->uses));
    index->paths = ra_build_alloc(
        index, ra_builder_count(index->block, RA_SECTION_RULE_CONDITIONS),
        sizeof(*index->paths));
    index->lengths =
        ra_build_alloc(index, ra_builder_count(index->block, RA_SECTION_RULES),
                       sizeof(*index->lengths));
    ok = ranked != NULL && spare != NULL && index->uses != NULL &&
         index->paths != NULL && index->lengths != NULL;
    if (ok) {
        count_uses(index);
        rank(index, ranked, spare, count);
        ok = renumber(index, ranked, count) && note_keyed(index, ranked, count);
    }
    if (ok)
        make_paths(index);
    free(ranked);
    free(spare);
    return ok;
}

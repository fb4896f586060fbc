/* SPDX-License-Identifier: MIT */
/* Takes rules down, each condition once, and builds the index over them. */
#include "match/build.h"
#include "match/memo.h"

#include <stdlib.h>
#include <string.h>

ra_index_builder *ra_index_begin(struct ra_builder *builder)
{
    ra_index_builder *index = calloc(1, sizeof(*index));

    if (index != NULL)
        index->block = builder;
    return index;
}

void ra_index_free(ra_index_builder **index)
{
    if (*index == NULL)
        return;
    ra_large_free((*index)->variables.slots);
    ra_large_free((*index)->conditions.slots);
    ra_large_free((*index)->texts);
    ra_large_free((*index)->keys);
    ra_large_free((*index)->fates);
    ra_large_free((*index)->chances);
    ra_large_free((*index)->uses);
    ra_large_free((*index)->paths);
    ra_large_free((*index)->lengths);
    free(*index);
    *index = NULL;
}

/* ---- tables ---- */

static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash = (hash ^ more) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

static uint64_t hash_variable(const ra_index_builder *index, uint32_t number)
{
    const struct ra_variable_item *items =
        ra_builder_items(index->block, RA_SECTION_VARIABLES);

    return mix(0, items[number].name);
}

static uint64_t hash_texts(uint32_t variable, const uint32_t *texts,
                           size_t count)
{
    uint64_t hash = mix(1, variable);

    for (size_t i = 0; i < count; i++)
        hash = mix(hash, texts[i]);
    return hash;
}

static uint64_t hash_condition(const ra_index_builder *index, uint32_t number)
{
    const struct ra_condition_item *items =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);
    const uint32_t *texts = ra_builder_items(index->block, RA_SECTION_PATTERNS);
    const struct ra_condition_item *item = &items[number];

    return hash_texts(item->variable,
                      item->count == 0 ? NULL : texts + item->first,
                      item->count);
}

/* Keeps a table at most half full.  False: out of memory. */
static bool make_room(ra_index_builder *index, struct ra_table *table,
                      uint64_t (*hash)(const ra_index_builder *, uint32_t))
{
    size_t old = table->slots == NULL ? 0 : table->mask + 1;
    size_t count = old == 0 ? 64 : 2 * old;
    uint32_t *slots;

    if (table->used < old / 2)
        return true;
    slots = ra_large_array(count, sizeof(*slots));
    if (slots == NULL) {
        index->block->nomem = true;
        return false;
    }
    for (size_t i = 0; i < old; i++) {
        size_t to;

        if (table->slots[i] == 0)
            continue;
        to = hash(index, table->slots[i] - 1) & (count - 1);
        while (slots[to] != 0)
            to = (to + 1) & (count - 1);
        slots[to] = table->slots[i];
    }
    ra_large_free(table->slots);
    table->slots = slots;
    table->mask = count - 1;
    return true;
}

/* ---- adding ---- */

/* The variable of this name.  False: failed. */
static bool add_variable(ra_index_builder *index, const char *name,
                         uint32_t *number)
{
    struct ra_table *table = &index->variables;
    const struct ra_variable_item *items;
    struct ra_variable_item *item;
    uint32_t text = ra_builder_text(index->block, name, strlen(name));
    size_t at;

    if (text == 0 || !make_room(index, table, hash_variable))
        return false;
    items = ra_builder_items(index->block, RA_SECTION_VARIABLES);
    at = mix(0, text) & table->mask;
    while (table->slots[at] != 0 && items[table->slots[at] - 1].name != text)
        at = (at + 1) & table->mask;
    if (table->slots[at] == 0) {
        item = ra_builder_add(index->block, RA_SECTION_VARIABLES, 1);
        if (item == NULL)
            return false;
        item->name = text;
        table->slots[at] =
            (uint32_t)ra_builder_count(index->block, RA_SECTION_VARIABLES);
        table->used++;
    }
    *number = table->slots[at] - 1;
    return true;
}

/* Takes the patterns of a condition down in index->texts. */
static bool take_patterns(ra_index_builder *index,
                          const struct ra_condition *condition)
{
    if (condition->count > index->texts_room) {
        uint32_t *texts = ra_large_grow(
            index->texts, condition->count * sizeof(*index->texts));

        if (texts == NULL) {
            index->block->nomem = true;
            return false;
        }
        index->texts = texts;
        index->texts_room = condition->count;
    }
    for (size_t i = 0; i < condition->count; i++) {
        const char *pattern = condition->patterns[i];

        index->texts[i] =
            ra_builder_text(index->block, pattern, strlen(pattern));
        if (index->texts[i] == 0)
            return false;
    }
    return true;
}

/* Is it a condition on this variable with these patterns? */
static bool is_condition(const ra_index_builder *index, uint32_t number,
                         uint32_t variable, size_t count)
{
    const struct ra_condition_item *items =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);
    const uint32_t *texts = ra_builder_items(index->block, RA_SECTION_PATTERNS);
    const struct ra_condition_item *item = &items[number];

    return item->variable == variable && item->count == count &&
           (count == 0 || memcmp(texts + item->first, index->texts,
                                 count * sizeof(*texts)) == 0);
}

/* Adds a condition with the patterns in index->texts.  False: failed. */
static bool new_condition(ra_index_builder *index, uint32_t variable,
                          size_t count)
{
    size_t number = ra_builder_count(index->block, RA_SECTION_CONDITIONS);
    size_t first = ra_builder_count(index->block, RA_SECTION_PATTERNS);
    struct ra_condition_item *item;

    if (number >= RA_MEMO_END) {
        index->block->full = true;
        return false;
    }
    if (count > 0) {
        uint32_t *texts =
            ra_builder_add(index->block, RA_SECTION_PATTERNS, count);

        if (texts == NULL)
            return false;
        memcpy(texts, index->texts, count * sizeof(*texts));
    }
    item = ra_builder_add(index->block, RA_SECTION_CONDITIONS, 1);
    if (item == NULL)
        return false;
    item->variable = variable;
    item->first = (uint32_t)first;
    item->count = (uint32_t)count;
    item->lead = RA_NONE;
    return true;
}

/* The number of a condition, which is kept once.  False: failed. */
static bool add_condition(ra_index_builder *index,
                          const struct ra_condition *condition,
                          uint32_t *number)
{
    struct ra_table *table = &index->conditions;
    size_t count = condition->count, at;
    uint32_t variable;

    if (!add_variable(index, condition->variable, &variable) ||
        !take_patterns(index, condition) ||
        !make_room(index, table, hash_condition))
        return false;
    at = hash_texts(variable, index->texts, count) & table->mask;
    while (table->slots[at] != 0 &&
           !is_condition(index, table->slots[at] - 1, variable, count))
        at = (at + 1) & table->mask;
    if (table->slots[at] == 0) {
        if (!new_condition(index, variable, count))
            return false;
        table->slots[at] =
            (uint32_t)ra_builder_count(index->block, RA_SECTION_CONDITIONS);
        table->used++;
    }
    *number = table->slots[at] - 1;
    return true;
}

bool ra_index_add(ra_index_builder *index,
                  const struct ra_condition *conditions, size_t count,
                  bool enabled)
{
    size_t first = ra_builder_count(index->block, RA_SECTION_RULE_CONDITIONS);
    struct ra_rule_item *rule;

    if (count >= RA_RULE_ENABLED) {
        index->block->full = true;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t number, *place;

        if (!add_condition(index, &conditions[i], &number))
            return false;
        place = ra_builder_add(index->block, RA_SECTION_RULE_CONDITIONS, 1);
        if (place == NULL)
            return false;
        *place = number;
    }
    rule = ra_builder_add(index->block, RA_SECTION_RULES, 1);
    if (rule == NULL)
        return false;
    rule->first = (uint32_t)first;
    rule->count = (uint32_t)count | (enabled ? RA_RULE_ENABLED : 0);
    return true;
}

/* ---- the end ---- */

void *ra_build_alloc(ra_index_builder *index, size_t count, size_t size)
{
    void *items = ra_large_array(count + 1, size);

    if (items == NULL)
        index->block->nomem = true;
    return items;
}

void ra_build_sort(uint64_t *items, uint64_t *spare, size_t count, uint64_t end)
{
    for (unsigned shift = 32; shift < 64 && end >> (shift - 32) > 0;
         shift += 8) {
        size_t places[257] = {0};

        for (size_t i = 0; i < count; i++)
            places[(items[i] >> shift & 0xFF) + 1]++;
        for (size_t i = 1; i < 256; i++)
            places[i] += places[i - 1];
        for (size_t i = 0; i < count; i++)
            spare[places[items[i] >> shift & 0xFF]++] = items[i];
        memcpy(items, spare, count * sizeof(*items));
    }
}

/* Puts the rules and their lists in order.  False: failed. */
static bool put_in_order(ra_index_builder *index, const uint32_t *order)
{
    size_t count = ra_builder_count(index->block, RA_SECTION_RULES), at = 0;
    size_t length = ra_builder_count(index->block, RA_SECTION_RULE_CONDITIONS);
    struct ra_rule_item *items =
        ra_builder_items(index->block, RA_SECTION_RULES);
    uint32_t *lists =
        ra_builder_items(index->block, RA_SECTION_RULE_CONDITIONS);
    struct ra_rule_item *old = ra_build_alloc(index, count, sizeof(*old));
    uint32_t *old_lists = ra_build_alloc(index, length, sizeof(*old_lists));
    bool ok = old != NULL && old_lists != NULL;

    if (ok && length > 0)
        memcpy(old_lists, lists, length * sizeof(*lists));
    if (ok && count > 0)
        memcpy(old, items, count * sizeof(*items));
    for (size_t i = 0; ok && i < count; i++) {
        size_t conditions = ra_rule_count(&old[order[i]]);

        items[i] = old[order[i]];
        if (conditions > 0)
            memcpy(lists + at, old_lists + items[i].first,
                   conditions * sizeof(*lists));
        items[i].first = (uint32_t)at;
        at += conditions;
    }
    ra_large_free(old);
    ra_large_free(old_lists);
    return ok;
}

static void free_table(struct ra_table *table)
{
    ra_large_free(table->slots);
    *table = (struct ra_table){.slots = NULL};
}

bool ra_index_end(ra_index_builder *index, const uint32_t *order,
                  ra_progress *progress, void *data)
{
    if (index->block->nomem || index->block->full)
        return false;
    index->progress = progress;
    index->data = data;
    free_table(&index->variables);
    free_table(&index->conditions);
    return (order == NULL || put_in_order(index, order)) &&
           ra_build_keys(index) && ra_build_ranks(index) &&
           ra_build_tree(index) && ra_build_tables(index);
}

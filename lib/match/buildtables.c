/* SPDX-License-Identifier: MIT */
/* The tables by which conditions and variables are found. */
#include "match/build.h"

#include <string.h>

struct tables {
    ra_index_builder *index;
    struct ra_index_item *item;
    struct ra_variable_item *variables;
    uint64_t *filter;
    unsigned char *tags;
    struct ra_key_item *keys;
    struct ra_posting_item *postings;
    size_t whole, part; /* patterns with such keys */
};

static bool is_whole(const struct ra_key *key)
{
    return key->kind == RA_KEY_WHOLE;
}

static bool is_part(const struct ra_key *key)
{
    return key->kind == RA_KEY_PREFIX || key->kind == RA_KEY_SUFFIX ||
           key->kind == RA_KEY_GRAM;
}

/* Calls visit for the key of each pattern of the conditions that have
 * postings. */
static void each_pattern(struct tables *tables,
                         void (*visit)(struct tables *tables,
                                       uint32_t condition,
                                       const struct ra_key *key))
{
    const ra_index_builder *index = tables->index;
    const struct ra_condition_item *conditions =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);

    for (uint32_t i = 0; i < tables->item->keyed; i++)
        for (uint32_t j = 0; j < conditions[i].count; j++)
            visit(tables, i, &index->keys[conditions[i].first + j]);
}

/* The slot of a key, or the free one where it would go. */
static size_t slot_of(const struct tables *tables, const struct ra_key *key)
{
    unsigned bits =
        is_whole(key) ? tables->item->whole_bits : tables->item->part_bits;
    size_t base = is_whole(key) ? 0 : (size_t)1 << tables->item->whole_bits;
    size_t mask = ((size_t)1 << bits) - 1;
    size_t at = (size_t)(key->hash >> (64 - bits));

    while (tables->tags[base + at] != 0 &&
           (tables->tags[base + at] != ra_key_tag(key->hash) ||
            tables->keys[base + at].check != (uint32_t)key->hash))
        at = (at + 1) & mask;
    return base + at;
}

static uint32_t variable_of(const struct tables *tables, uint32_t condition)
{
    const struct ra_condition_item *items =
        ra_builder_items(tables->index->block, RA_SECTION_CONDITIONS);

    return items[condition].variable;
}

static void count_key(struct tables *tables, uint32_t condition,
                      const struct ra_key *key)
{
    struct ra_variable_item *variable =
        &tables->variables[variable_of(tables, condition)];
    size_t slot;

    variable->any_count += key->kind == RA_KEY_ANY;
    if (!is_whole(key) && !is_part(key))
        return;
    slot = slot_of(tables, key);
    tables->tags[slot] = ra_key_tag(key->hash);
    tables->keys[slot].check = (uint32_t)key->hash;
    tables->keys[slot].one.lead++;
    if (is_part(key)) {
        size_t bit =
            ra_key_filter(key->hash, tables->item->part_bits + RA_FILTER_BITS);

        tables->filter[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
    if (key->kind == RA_KEY_PREFIX)
        variable->prefixes[key->length / 64] |= UINT64_C(1)
                                                << (key->length % 64);
    else if (key->kind == RA_KEY_SUFFIX)
        variable->suffixes[key->length / 64] |= UINT64_C(1)
                                                << (key->length % 64);
    else if (key->kind == RA_KEY_GRAM)
        variable->grams |= UINT32_C(1) << key->length;
}

/* Makes room for the postings of keys that stand for several conditions and
 * returns how many there are. */
static size_t place_postings(struct tables *tables, size_t keys,
                             size_t variables)
{
    size_t postings = 0;

    for (size_t i = 0; i < keys; i++) {
        struct ra_posting_item *one = &tables->keys[i].one;

        if (one->lead > 1) {
            one->condition = RA_NONE;
            one->hint = (uint32_t)postings;
            postings += one->lead;
        }
        one->lead = 0;
    }
    for (size_t i = 0; i < variables; i++) {
        tables->variables[i].any_first = (uint32_t)postings;
        postings += tables->variables[i].any_count;
        tables->variables[i].any_count = 0;
    }
    return postings;
}

/* The posting that is to be filled next for a key. */
static struct ra_posting_item *next_posting(struct tables *tables,
                                            uint32_t condition,
                                            const struct ra_key *key)
{
    struct ra_variable_item *variable =
        &tables->variables[variable_of(tables, condition)];
    struct ra_posting_item *one;

    if (key->kind == RA_KEY_ANY)
        return &tables->postings[variable->any_first + variable->any_count++];
    if (!is_whole(key) && !is_part(key))
        return NULL;
    one = &tables->keys[slot_of(tables, key)].one;
    return one->condition == RA_NONE
               ? &tables->postings[one->hint + one->lead++]
               : one;
}

static void add_posting(struct tables *tables, uint32_t condition,
                        const struct ra_key *key)
{
    const struct ra_condition_item *items =
        ra_builder_items(tables->index->block, RA_SECTION_CONDITIONS);
    struct ra_posting_item *posting = next_posting(tables, condition, key);

    if (posting != NULL)
        *posting = (struct ra_posting_item){condition, key->hint,
                                            items[condition].lead};
}

/* Bits of a table for this many keys, at most three quarters full. */
static uint32_t bits_for(size_t keys)
{
    uint32_t bits = 3;

    while (((size_t)1 << bits) / 4 * 3 < keys)
        bits++;
    return bits;
}

static void count_kind(struct tables *tables, uint32_t condition,
                       const struct ra_key *key)
{
    (void)condition;
    tables->whole += is_whole(key);
    tables->part += is_part(key);
}

/* Adds the empty tables of keys. */
static bool add_tables(struct tables *tables)
{
    struct ra_builder *block = tables->index->block;
    size_t count;

    each_pattern(tables, count_kind);
    tables->item->whole_bits = bits_for(tables->whole);
    tables->item->part_bits = bits_for(tables->part);
    count = ((size_t)1 << tables->item->whole_bits) +
            ((size_t)1 << tables->item->part_bits);
    tables->filter = ra_builder_add(
        block, RA_SECTION_KEY_FILTER,
        (size_t)1 << (tables->item->part_bits + RA_FILTER_BITS - 6));
    tables->tags = ra_builder_add(block, RA_SECTION_KEY_TAGS, count);
    tables->keys = ra_builder_add(block, RA_SECTION_KEYS, count);
    return tables->keys != NULL;
}

static bool add_variable_slots(ra_index_builder *index)
{
    size_t count = ra_builder_count(index->block, RA_SECTION_VARIABLES);
    const struct ra_variable_item *variables =
        ra_builder_items(index->block, RA_SECTION_VARIABLES);
    size_t room = 4;
    uint32_t *slots;

    while (room < 2 * count)
        room *= 2;
    slots = ra_builder_add(index->block, RA_SECTION_VARIABLE_SLOTS, room);
    if (slots == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        size_t at =
            ra_name_hash(ra_builder_text_at(index->block, variables[i].name)) &
            (room - 1);

        while (slots[at] != 0)
            at = (at + 1) & (room - 1);
        slots[at] = i + 1;
    }
    return true;
}

bool ra_build_tables(ra_index_builder *index)
{
    size_t variables = ra_builder_count(index->block, RA_SECTION_VARIABLES);
    struct tables tables = {
        .index = index,
        .item = ra_builder_items(index->block, RA_SECTION_INDEX),
        .variables = ra_builder_items(index->block, RA_SECTION_VARIABLES),
    };
    size_t postings;

    if (!add_tables(&tables))
        return false;
    each_pattern(&tables, count_key);
    postings = place_postings(
        &tables, ra_builder_count(index->block, RA_SECTION_KEYS), variables);
    if (postings > 0) {
        tables.postings =
            ra_builder_add(index->block, RA_SECTION_POSTINGS, postings);
        if (tables.postings == NULL)
            return false;
    }
    each_pattern(&tables, add_posting);
    return add_variable_slots(index);
}

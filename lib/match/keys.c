/* SPDX-License-Identifier: MIT */
#include "match/keys.h"

#include <string.h>

/* ---- the keys of a pattern ---- */

static uint64_t hash_forward(const unsigned char *text, size_t length)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < length; i++)
        hash = ra_key_step(hash, text[i]);
    return hash;
}

static uint64_t hash_backward(const unsigned char *end, size_t length)
{
    uint64_t hash = 0;

    for (size_t i = 1; i <= length; i++)
        hash = ra_key_step(hash, *(end - i));
    return hash;
}

static size_t at_most(size_t length, size_t limit)
{
    return length < limit ? length : limit;
}

static struct ra_key make_key(enum ra_key_kind kind, uint32_t variable,
                              size_t length, uint64_t text)
{
    return (struct ra_key){ra_key_hash(kind, variable, length, text), kind,
                           (uint32_t)length};
}

/* The prefix and the suffix, the longer one first. */
static void affixes(const struct ra_shape *shape, uint32_t variable,
                    void (*visit)(void *data, const struct ra_key *key),
                    void *data)
{
    const unsigned char *text = (const unsigned char *)shape->text;
    const struct ra_run *first = &shape->runs[0];
    const struct ra_run *last = &shape->runs[shape->count - 1];
    size_t head = shape->starts ? at_most(first->length, RA_AFFIX) : 0;
    size_t tail = shape->ends ? at_most(last->length, RA_AFFIX) : 0;
    struct ra_key prefix = make_key(RA_KEY_PREFIX, variable, head,
                                    hash_forward(text + first->start, head));
    struct ra_key suffix =
        make_key(RA_KEY_SUFFIX, variable, tail,
                 hash_backward(text + last->start + last->length, tail));

    if (tail > head)
        visit(data, &suffix);
    if (head > 0)
        visit(data, &prefix);
    if (tail > 0 && tail <= head)
        visit(data, &suffix);
}

/* The windows of all runs; the longer, the rarer. */
static void grams(const struct ra_shape *shape, uint32_t variable,
                  void (*visit)(void *data, const struct ra_key *key),
                  void *data)
{
    const unsigned char *text = (const unsigned char *)shape->text;
    size_t length = 0;

    for (size_t i = 0; i < shape->count; i++)
        if (shape->runs[i].length > length)
            length = shape->runs[i].length;
    length = at_most(length, RA_GRAM);
    for (size_t i = 0; i < shape->count; i++) {
        const struct ra_run *run = &shape->runs[i];

        for (size_t at = 0; at + length <= run->length; at++) {
            struct ra_key key =
                make_key(RA_KEY_GRAM, variable, length,
                         ra_key_gram(text + run->start + at, length));

            visit(data, &key);
        }
    }
}

static struct ra_key whole_key(uint32_t variable, const char *text,
                               size_t length)
{
    return make_key(
        RA_KEY_WHOLE, variable, length,
        hash_forward((const unsigned char *)text, at_most(length, RA_AFFIX)));
}

void ra_keys_of_shape(const struct ra_shape *shape, uint32_t variable,
                      void (*visit)(void *data, const struct ra_key *key),
                      void *data)
{
    struct ra_key key = {0, RA_KEY_NONE, 0};

    switch (shape->form) {
    case RA_FORM_NEVER:
        key.kind = RA_KEY_NEVER;
        break;
    case RA_FORM_ANY:
        key.kind = RA_KEY_ANY;
        break;
    case RA_FORM_LITERAL:
        key = whole_key(variable, shape->text, shape->runs[0].length);
        break;
    case RA_FORM_STARRED:
    case RA_FORM_OTHER:
        if (shape->count > 0) {
            affixes(shape, variable, visit, data);
            grams(shape, variable, visit, data);
        }
        return;
    case RA_FORM_OPAQUE:
        return;
    }
    visit(data, &key);
}

/* ---- the keys that a text has in a block ---- */

static bool open_table(struct ra_key_table *table, const struct ra_block *block,
                       size_t first, uint32_t bits)
{
    size_t count = bits < 31 ? (size_t)1 << bits : 0;

    table->bits = bits;
    table->tags = ra_block_items(block, RA_SECTION_KEY_TAGS, first, count);
    table->items = ra_block_items(block, RA_SECTION_KEYS, first, count);
    return bits > 0 && count > 0 && table->tags != NULL && table->items != NULL;
}

bool ra_keys_open(struct ra_keys *keys, const struct ra_block *block)
{
    const struct ra_index_item *index =
        ra_block_item(block, RA_SECTION_INDEX, 0);

    keys->block = block;
    return index != NULL &&
           open_table(&keys->whole, block, 0, index->whole_bits) &&
           open_table(&keys->part, block, (size_t)1 << index->whole_bits,
                      index->part_bits);
}

/* The key of this hash; NULL: there is none. */
static inline const struct ra_key_item *find(const struct ra_key_table *table,
                                             uint64_t hash)
{
    size_t mask = ((size_t)1 << table->bits) - 1;
    size_t at = (size_t)(hash >> (64 - table->bits));
    unsigned char tag = ra_key_tag(hash);

    /* Some slot is free, unless the block is damaged. */
    for (size_t left = mask; table->tags[at] != 0 && left > 0; left--) {
        if (table->tags[at] == tag && table->items[at].check == (uint32_t)hash)
            return &table->items[at];
        at = (at + 1) & mask;
    }
    return NULL;
}

static inline bool has_length(const uint64_t lengths[4], size_t length)
{
    return (lengths[length >> 6] >> (length & 63) & 1) != 0;
}

static const struct ra_variable_item *variable_at(const struct ra_keys *keys,
                                                  uint32_t variable)
{
    return ra_block_item(keys->block, RA_SECTION_VARIABLES, variable);
}

bool ra_keys_whole(const struct ra_keys *keys, uint32_t variable,
                   const char *text, size_t length, ra_key_found *found,
                   void *data)
{
    struct ra_key key = whole_key(variable, text, length);
    const struct ra_key_item *item = find(&keys->whole, key.hash);

    return item == NULL || found(data, item);
}

bool ra_keys_prefix(const struct ra_keys *keys, uint32_t variable,
                    const char *text, size_t length, ra_key_found *found,
                    void *data)
{
    const struct ra_variable_item *of = variable_at(keys, variable);
    const unsigned char *bytes = (const unsigned char *)text;
    uint64_t hash = 0;

    if (of == NULL)
        return false;
    length = at_most(length, RA_AFFIX);
    for (size_t i = 1; i <= length; i++) {
        const struct ra_key_item *item;

        hash = ra_key_step(hash, bytes[i - 1]);
        if (!has_length(of->prefixes, i))
            continue;
        item = find(&keys->part, ra_key_hash(RA_KEY_PREFIX, variable, i, hash));
        if (item != NULL && !found(data, item))
            return false;
    }
    return true;
}

bool ra_keys_suffix(const struct ra_keys *keys, uint32_t variable,
                    const char *text, size_t length, ra_key_found *found,
                    void *data)
{
    const struct ra_variable_item *of = variable_at(keys, variable);
    const unsigned char *end = (const unsigned char *)text + length;
    uint64_t hash = 0;

    if (of == NULL)
        return false;
    length = at_most(length, RA_AFFIX);
    for (size_t i = 1; i <= length; i++) {
        const struct ra_key_item *item;

        hash = ra_key_step(hash, *(end - i));
        if (!has_length(of->suffixes, i))
            continue;
        item = find(&keys->part, ra_key_hash(RA_KEY_SUFFIX, variable, i, hash));
        if (item != NULL && !found(data, item))
            return false;
    }
    return true;
}

/* The grams of one length. */
static bool find_grams(const struct ra_keys *keys, uint32_t variable,
                       const char *text, size_t length, size_t gram,
                       ra_key_found *found, void *data)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const struct ra_key_item *last = NULL;
    uint32_t window = 0;

    for (size_t i = 0; i < length; i++) {
        const struct ra_key_item *item;

        /* As ra_key_gram() would have it. */
        window = window >> 8 | (uint32_t)bytes[i] << 24;
        if (i + 1 < gram)
            continue;
        item = find(&keys->part, ra_key_hash(RA_KEY_GRAM, variable, gram,
                                             window >> (8 * (RA_GRAM - gram))));
        if (item != NULL && item != last && !found(data, item))
            return false;
        last = item;
    }
    return true;
}

bool ra_keys_gram(const struct ra_keys *keys, uint32_t variable,
                  const char *text, size_t length, ra_key_found *found,
                  void *data)
{
    const struct ra_variable_item *of = variable_at(keys, variable);

    if (of == NULL)
        return false;
    for (size_t gram = 1; gram <= RA_GRAM; gram++)
        if ((of->grams >> gram & 1) != 0 &&
            !find_grams(keys, variable, text, length, gram, found, data))
            return false;
    return true;
}

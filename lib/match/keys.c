/* SPDX-License-Identifier: MIT */
#include "match/keys.h"

#include <string.h>

/* ---- the keys of a pattern ---- */

static size_t at_most(size_t length, size_t limit)
{
    return length < limit ? length : limit;
}

void ra_affixes_take(struct ra_affixes *affixes, const char *text,
                     size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t count = at_most(length, RA_AFFIX);
    uint64_t power = 1, prefix = 0, suffix = 0;

    affixes->length = length;
    affixes->prefix[0] = affixes->suffix[0] = 0;
    for (size_t i = 0; i < count; i++) {
        prefix += bytes[i] * power;
        suffix += bytes[length - 1 - i] * power;
        affixes->prefix[i + 1] = prefix;
        affixes->suffix[i + 1] = suffix;
        power *= UINT64_C(0x9FB21C651E98DF25);
    }
}

static struct ra_key make_key(enum ra_key_kind kind, uint32_t variable,
                              size_t length, uint64_t text)
{
    return (struct ra_key){.hash = ra_key_hash(kind, variable, length, text),
                           .kind = kind,
                           .length = (uint32_t)length};
}

static struct ra_key prefix_key(uint32_t variable, const struct ra_affixes *of,
                                size_t length)
{
    return make_key(RA_KEY_PREFIX, variable, length, of->prefix[length]);
}

static struct ra_key suffix_key(uint32_t variable, const struct ra_affixes *of,
                                size_t length)
{
    return make_key(RA_KEY_SUFFIX, variable, length, of->suffix[length]);
}

static struct ra_key whole_key(uint32_t variable, const struct ra_affixes *of)
{
    return make_key(RA_KEY_WHOLE, variable, of->length,
                    of->prefix[at_most(of->length, RA_AFFIX)]);
}

/* The prefix and the suffix, the longer one first. */
static void affixes(const struct ra_shape *shape, uint32_t variable,
                    ra_key_visit *visit, void *data)
{
    const struct ra_run *first = &shape->runs[0];
    const struct ra_run *last = &shape->runs[shape->count - 1];
    size_t head = shape->starts ? at_most(first->length, RA_AFFIX) : 0;
    size_t tail = shape->ends ? at_most(last->length, RA_AFFIX) : 0;
    struct ra_affixes of;
    struct ra_key prefix, suffix;

    ra_affixes_take(&of, shape->text, last->start + last->length);
    prefix = prefix_key(variable, &of, head);
    suffix = suffix_key(variable, &of, tail);
    if (tail > head)
        visit(data, &suffix);
    if (head > 0)
        visit(data, &prefix);
    if (tail > 0 && tail <= head)
        visit(data, &suffix);
}

/* The windows of all runs; the longer, the rarer. */
static void grams(const struct ra_shape *shape, uint32_t variable,
                  ra_key_visit *visit, void *data)
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

void ra_keys_of_shape(const struct ra_shape *shape, uint32_t variable,
                      ra_key_visit *visit, void *data)
{
    struct ra_key key = {.kind = RA_KEY_NONE};
    struct ra_affixes of;

    switch (shape->form) {
    case RA_FORM_NEVER:
        key.kind = RA_KEY_NEVER;
        break;
    case RA_FORM_ANY:
        key.kind = RA_KEY_ANY;
        break;
    case RA_FORM_LITERAL:
        ra_affixes_take(&of, shape->text, shape->runs[0].length);
        key = whole_key(variable, &of);
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

void ra_keys_of_text(const char *text, size_t length, uint32_t variable,
                     ra_key_visit *visit, void *data)
{
    const unsigned char *bytes = (const unsigned char *)text;
    struct ra_affixes of;
    struct ra_key key;

    ra_affixes_take(&of, text, length);
    key = whole_key(variable, &of);
    visit(data, &key);
    for (size_t i = 1; i <= at_most(length, RA_AFFIX); i++) {
        key = prefix_key(variable, &of, i);
        visit(data, &key);
        key = suffix_key(variable, &of, i);
        visit(data, &key);
    }
    for (size_t gram = 1; gram <= RA_GRAM; gram++)
        for (size_t at = 0; at + gram <= length; at++) {
            key = make_key(RA_KEY_GRAM, variable, gram,
                           ra_key_gram(bytes + at, gram));
            visit(data, &key);
        }
}

/* ---- the keys that a text has in a block ---- */

static bool open_table(struct ra_key_table *table, const struct ra_block *block,
                       size_t first, uint32_t bits)
{
    size_t count = bits < 30 ? (size_t)1 << bits : 0;

    table->bits = bits;
    table->tags = ra_block_items(block, RA_SECTION_KEY_TAGS, first, count);
    table->items = ra_block_items(block, RA_SECTION_KEYS, first, count);
    return bits > 1 && count > 0 && table->tags != NULL && table->items != NULL;
}

bool ra_keys_open(struct ra_keys *keys, const struct ra_block *block)
{
    const struct ra_index_item *index =
        ra_block_item(block, RA_SECTION_INDEX, 0);

    keys->block = block;
    if (index == NULL ||
        !open_table(&keys->whole, block, 0, index->whole_bits) ||
        !open_table(&keys->part, block, (size_t)1 << index->whole_bits,
                    index->part_bits))
        return false;
    keys->filter = ra_block_items(block, RA_SECTION_KEY_FILTER, 0,
                                  (size_t)1 << (keys->part.bits - 2));
    return keys->filter != NULL;
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

static const struct ra_variable_item *variable_at(const struct ra_keys *keys,
                                                  uint32_t variable)
{
    return ra_block_item(keys->block, RA_SECTION_VARIABLES, variable);
}

/* The key of a part; NULL: there is none. */
static inline const struct ra_key_item *find_part(const struct ra_keys *keys,
                                                  uint64_t hash)
{
    size_t bit = ra_key_filter(hash, keys->part.bits + RA_FILTER_BITS);

    return (keys->filter[bit / 64] >> (bit % 64) & 1) != 0
               ? find(&keys->part, hash)
               : NULL;
}

bool ra_keys_whole(const struct ra_keys *keys, uint32_t variable,
                   const struct ra_affixes *text, ra_key_found *found,
                   void *data)
{
    const struct ra_key_item *item =
        find(&keys->whole, whole_key(variable, text).hash);

    return item == NULL || found(data, item);
}

/* Those of the lengths that are in use. */
static inline bool find_affixes(const struct ra_keys *keys, uint32_t variable,
                                enum ra_key_kind kind,
                                const uint64_t lengths[4],
                                const uint64_t *hashes, size_t most,
                                ra_key_found *found, void *data)
{
    for (size_t word = 0; word <= most / 64; word++)
        for (uint64_t left = lengths[word]; left != 0; left &= left - 1) {
            size_t length = 64 * word + (size_t)__builtin_ctzll(left);
            const struct ra_key_item *item;

            if (length > most)
                return true;
            item = find_part(
                keys, ra_key_hash(kind, variable, length, hashes[length]));
            if (item != NULL && !found(data, item))
                return false;
        }
    return true;
}

bool ra_keys_prefix(const struct ra_keys *keys, uint32_t variable,
                    const struct ra_affixes *text, ra_key_found *found,
                    void *data)
{
    const struct ra_variable_item *of = variable_at(keys, variable);

    return of != NULL &&
           find_affixes(keys, variable, RA_KEY_PREFIX, of->prefixes,
                        text->prefix, at_most(text->length, RA_AFFIX), found,
                        data);
}

bool ra_keys_suffix(const struct ra_keys *keys, uint32_t variable,
                    const struct ra_affixes *text, ra_key_found *found,
                    void *data)
{
    const struct ra_variable_item *of = variable_at(keys, variable);

    return of != NULL &&
           find_affixes(keys, variable, RA_KEY_SUFFIX, of->suffixes,
                        text->suffix, at_most(text->length, RA_AFFIX), found,
                        data);
}

/* The grams of one length. */
static inline bool find_grams(const struct ra_keys *keys, uint32_t variable,
                              const char *text, size_t length, size_t gram,
                              ra_key_found *found, void *data)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const struct ra_key_item *last = NULL;
    uint32_t window = 0;

    for (size_t i = 0; i < length; i++) {
        const struct ra_key_item *item;

        /* As ra_key_gram() would have it. */
        window = window >> 8 | (uint32_t)bytes[i] << (8 * (RA_GRAM - 1));
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

/* SPDX-License-Identifier: MIT */
/* The keys of patterns: texts that a value must be, start with, end in or
 * hold.  Building and asking agree on them here. */
#ifndef RA_MATCH_KEYS_H
#define RA_MATCH_KEYS_H

#include "match/rules.h"
#include "match/shape.h"

/* A longer prefix or suffix is cut to this; a gram has 1 to RA_GRAM bytes. */
enum { RA_AFFIX = 255, RA_GRAM = 3 };

enum ra_key_kind {
    RA_KEY_NONE, /* residual */
    RA_KEY_NEVER,
    RA_KEY_ANY,
    RA_KEY_WHOLE,
    RA_KEY_PREFIX,
    RA_KEY_SUFFIX,
    RA_KEY_GRAM
};

struct ra_key {
    uint64_t hash;
    enum ra_key_kind kind;
    uint32_t length;
    uint32_t hint; /* of the pattern */
};

typedef void ra_key_visit(void *data, const struct ra_key *key);

/* ---- hashes ---- */

/* Hashes of what a text starts with and ends in, by length: the sums of its
 * bytes (from the start, or from the end), each times a power of an odd
 * number. */
struct ra_affixes {
    size_t length; /* of the text */
    uint64_t prefix[RA_AFFIX + 1], suffix[RA_AFFIX + 1];
};

void ra_affixes_take(struct ra_affixes *affixes, const char *text,
                     size_t length);

/* Of a key; text is the hash of a prefix or suffix, or a gram's bytes. */
static inline uint64_t ra_key_hash(enum ra_key_kind kind, uint32_t variable,
                                   uint64_t length, uint64_t text)
{
    uint64_t seed = ((uint64_t)kind << 60 | length << 32 | variable) + 1;
    uint64_t hash = (text ^ seed * UINT64_C(0xD6E8FEB86659FD93)) *
                    UINT64_C(0x9E3779B97F4A7C15);

    return hash ^ hash >> 32;
}

static inline unsigned char ra_key_tag(uint64_t hash)
{
    unsigned char tag = (unsigned char)(hash >> 24);

    return tag == 0 ? 1 : tag;
}

/* The bit of a part in a filter of 2^bits bits. */
static inline size_t ra_key_filter(uint64_t hash, unsigned bits)
{
    return (size_t)(hash >> (64 - bits));
}

/* A gram, little endian whatever the machine is. */
static inline uint32_t ra_key_gram(const unsigned char *text, size_t length)
{
    uint32_t gram = 0;

    for (size_t i = 0; i < length; i++)
        gram |= (uint32_t)text[i] << (8 * i);
    return gram;
}

/* ---- the keys of a pattern ---- */

/* Calls visit for each key that could stand for a pattern of this shape; the
 * best first among equals. */
void ra_keys_of_shape(const struct ra_shape *shape, uint32_t variable,
                      ra_key_visit *visit, void *data);
/* Calls visit for each key that finds something in a text, some perhaps more
 * than once. */
void ra_keys_of_text(const char *text, size_t length, uint32_t variable,
                     ra_key_visit *visit, void *data);

/* ---- the keys that a text has in a block ---- */

struct ra_key_table {
    const unsigned char *tags;
    const struct ra_key_item *items;
    unsigned bits; /* of them */
};

struct ra_keys {
    const struct ra_block *block;
    struct ra_key_table whole, part;
    const uint64_t *filter; /* of the hashes of parts */
};

/* Called for each key that is found. */
typedef bool ra_key_found(void *data, const struct ra_key_item *key);

/* The conditions that a key stands for; NULL: damaged. */
static inline const struct ra_posting_item *
ra_key_postings(const struct ra_block *block, const struct ra_key_item *key,
                size_t *count)
{
    if (key->one.condition != RA_NONE) {
        *count = 1;
        return &key->one;
    }
    *count = key->one.lead;
    return ra_block_items(block, RA_SECTION_POSTINGS, key->one.hint, *count);
}

/* False: damaged. */
bool ra_keys_open(struct ra_keys *keys, const struct ra_block *block);

/* Each calls found for the keys of a variable that are there, until it
 * returns false, which they return. */

bool ra_keys_whole(const struct ra_keys *keys, uint32_t variable,
                   const struct ra_affixes *text, ra_key_found *found,
                   void *data);
/* That text starts with. */
bool ra_keys_prefix(const struct ra_keys *keys, uint32_t variable,
                    const struct ra_affixes *text, ra_key_found *found,
                    void *data);
/* That text ends with. */
bool ra_keys_suffix(const struct ra_keys *keys, uint32_t variable,
                    const struct ra_affixes *text, ra_key_found *found,
                    void *data);
/* That text holds; some perhaps more than once. */
bool ra_keys_gram(const struct ra_keys *keys, uint32_t variable,
                  const char *text, size_t length, ra_key_found *found,
                  void *data);

#endif

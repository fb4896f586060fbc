/* SPDX-License-Identifier: MIT */
/* Chooses a key for each pattern. */
#include "match/build.h"

#include <stdlib.h>

/* How often each key could be chosen; keys that fall together are only taken
 * for more common than they are. */
struct counters {
    uint32_t *counts;
    unsigned bits;
};

struct choice {
    struct counters *counters;
    struct ra_key *best;
};

static uint32_t *counter_of(const struct counters *counters, uint64_t hash)
{
    return &counters->counts[hash >> (64 - counters->bits)];
}

static void count_key(void *data, const struct ra_key *key)
{
    uint32_t *count = counter_of(data, key->hash);

    *count += *count < UINT32_MAX;
}

/* Takes the rarest, the first among equals. */
static void choose_key(void *data, const struct ra_key *key)
{
    const struct choice *choice = data;

    if (choice->best->kind == RA_KEY_NONE ||
        *counter_of(choice->counters, key->hash) <
            *counter_of(choice->counters, choice->best->hash))
        *choice->best = *key;
}

/* Calls visit for the keys of all patterns; reading, if there is one, is told
 * the pattern first. */
static bool each_key(ra_index_builder *index,
                     void (*visit)(void *data, const struct ra_key *key),
                     struct choice *choice, void *data)
{
    size_t count = ra_builder_count(index->block, RA_SECTION_CONDITIONS);
    const struct ra_condition_item *conditions =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);
    const uint32_t *patterns =
        ra_builder_items(index->block, RA_SECTION_PATTERNS);
    struct ra_shape shape = {.room = 0};
    bool ok = true;

    for (size_t i = 0; ok && i < count; i++) {
        const struct ra_condition_item *condition = &conditions[i];

        for (size_t j = 0; ok && j < condition->count; j++) {
            size_t pattern = condition->first + j;

            ok = ra_shape_read(
                &shape, ra_builder_text_at(index->block, patterns[pattern]));
            choice->best = &index->keys[pattern];
            if (ok)
                ra_keys_of_shape(&shape, condition->variable, visit, data);
        }
    }
    index->block->nomem |= !ok;
    ra_shape_free(&shape);
    return ok;
}

static enum ra_fate fate_of(const struct ra_key *keys, size_t count)
{
    enum ra_fate fate = RA_IMPOSSIBLE;

    for (size_t i = 0; i < count; i++) {
        if (keys[i].kind == RA_KEY_NONE)
            return RA_RESIDUAL;
        if (keys[i].kind != RA_KEY_NEVER)
            fate = RA_KEYED;
    }
    return fate;
}

bool ra_build_keys(ra_index_builder *index)
{
    size_t conditions = ra_builder_count(index->block, RA_SECTION_CONDITIONS);
    size_t patterns = ra_builder_count(index->block, RA_SECTION_PATTERNS);
    const struct ra_condition_item *items =
        ra_builder_items(index->block, RA_SECTION_CONDITIONS);
    struct counters counters = {.bits = 10};
    struct choice choice = {&counters, NULL};
    bool ok;

    while (counters.bits < 22 && (size_t)1 << counters.bits < 4 * patterns)
        counters.bits++;
    index->keys = ra_build_alloc(index, patterns, sizeof(*index->keys));
    index->fates = ra_build_alloc(index, conditions, sizeof(*index->fates));
    counters.counts = ra_build_alloc(index, (size_t)1 << counters.bits,
                                     sizeof(*counters.counts));
    ok = index->keys != NULL && index->fates != NULL &&
         counters.counts != NULL &&
         each_key(index, count_key, &choice, &counters) &&
         each_key(index, choose_key, &choice, &choice);
    for (size_t i = 0; ok && i < conditions; i++)
        index->fates[i] = (unsigned char)fate_of(index->keys + items[i].first,
                                                 items[i].count);
    free(counters.counts);
    return ok;
}

/* SPDX-License-Identifier: MIT */
/* Chooses a key for each pattern: the one that the fewest values have.  What
 * values there will be, nobody knows; the literal texts of the rules tell what
 * they look like. */
#include "match/build.h"
#include "match/sight.h"

#include <stdlib.h>

/* Rules whose texts are looked at, and bytes of each text. */
enum { SAMPLE = 1024, SAMPLE_TEXT = 255 };
/* Keys that a byte of a text has, at most: it ends a prefix, starts a suffix,
 * and starts grams. */
enum { KEYS_A_BYTE = 2 + RA_GRAM };
enum { GLOB_COST = 8 };

struct sample {
    ra_index_builder *index;
    struct ra_condition_item *conditions;
    const uint32_t *patterns;
    struct ra_shape shape;
    /* How many texts have a key.  Keys that fall together are only taken for
     * more common than they are. */
    uint32_t *counts;
    unsigned bits;
    uint32_t *texts;    /* of each variable */
    uint32_t *sights;   /* RA_SIGHT_BITS of each variable that has hints: in how
                           many texts they are */
    uint32_t *uses;     /* of each variable */
    struct ra_key best; /* of the pattern that is being looked at */
};

static uint32_t *count_of(const struct sample *sample, uint64_t hash)
{
    return &sample->counts[hash >> (64 - sample->bits)];
}

static void count_key(void *data, const struct ra_key *key)
{
    ++*count_of(data, key->hash);
}

/* Takes the rarest, the first among equals. */
static void choose_key(void *data, const struct ra_key *key)
{
    struct sample *sample = data;

    if (sample->best.kind == RA_KEY_NONE ||
        *count_of(sample, key->hash) < *count_of(sample, sample->best.hash))
        sample->best = *key;
}

static bool read_pattern(struct sample *sample, size_t pattern)
{
    struct ra_builder *block = sample->index->block;

    if (ra_shape_read(&sample->shape,
                      ra_builder_text_at(block, sample->patterns[pattern])))
        return true;
    block->nomem = true;
    return false;
}

static uint32_t *sights_of(const struct sample *sample, uint32_t variable)
{
    return &sample->sights[(variable < RA_SIGHTS ? variable : RA_SIGHTS) *
                           (size_t)RA_SIGHT_BITS];
}

static void count_sight(struct sample *sample, uint32_t variable, size_t length)
{
    uint32_t *counts = sights_of(sample, variable);
    struct ra_sight sight;

    ra_sight_take(&sight, sample->shape.text, length);
    for (size_t i = 0; i < RA_SIGHT_BITS; i++)
        counts[i] += sight.pairs[i];
}

/* Counts the keys of the texts of one condition. */
static bool sample_condition(struct sample *sample, uint32_t condition)
{
    const struct ra_condition_item *item = &sample->conditions[condition];

    for (size_t i = 0; i < item->count; i++) {
        const struct ra_shape *shape = &sample->shape;
        size_t length = 0;

        if (!read_pattern(sample, item->first + i))
            return false;
        if (shape->count > 0)
            length = shape->runs[shape->count - 1].start +
                     shape->runs[shape->count - 1].length;
        else if (shape->form != RA_FORM_LITERAL)
            continue;
        sample->texts[item->variable]++;
        count_sight(sample, item->variable, length);
        ra_keys_of_text(shape->text,
                        length < SAMPLE_TEXT ? length : SAMPLE_TEXT,
                        item->variable, count_key, sample);
    }
    return true;
}

/* Looks at the texts of rules here and there. */
static bool take_sample(struct sample *sample)
{
    const struct ra_builder *block = sample->index->block;
    size_t count = ra_builder_count(block, RA_SECTION_RULES);
    const struct ra_rule_item *rules =
        ra_builder_items(block, RA_SECTION_RULES);
    const uint32_t *lists = ra_builder_items(block, RA_SECTION_RULE_CONDITIONS);

    for (size_t i = 0; i < count; i += count / SAMPLE + 1) {
        const struct ra_rule_item *rule = &rules[i];

        for (size_t j = 0; j < ra_rule_count(rule); j++)
            if (!sample_condition(sample, lists[rule->first + j]))
                return false;
    }
    return true;
}

/* Counts by how many enabled rules each condition and variable is used. */
static void count_uses(struct sample *sample)
{
    const struct ra_builder *block = sample->index->block;
    size_t count = ra_builder_count(block, RA_SECTION_RULES);
    const struct ra_rule_item *rules =
        ra_builder_items(block, RA_SECTION_RULES);
    const uint32_t *lists = ra_builder_items(block, RA_SECTION_RULE_CONDITIONS);

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0;
             ra_rule_enabled(&rules[i]) && j < ra_rule_count(&rules[i]); j++) {
            uint32_t condition = lists[rules[i].first + j];

            sample->index->uses[condition]++;
            sample->uses[sample->conditions[condition].variable]++;
        }
}

/* How likely a value seems to have the key of a pattern. */
static double chance_of(const struct sample *sample, const struct ra_key *key,
                        uint32_t variable)
{
    if (key->kind == RA_KEY_NEVER)
        return 0;
    if (key->kind == RA_KEY_ANY || key->kind == RA_KEY_NONE)
        return 1;
    return (*count_of(sample, key->hash) + 0.5) /
           (sample->texts[variable] + 1.0);
}

/* Chooses the keys of a condition and tells its chance. */
static bool choose_keys(struct sample *sample, uint32_t condition)
{
    struct ra_condition_item *item = &sample->conditions[condition];
    struct ra_key *keys = sample->index->keys + item->first;
    bool never = true;
    double chance = 0;

    for (size_t i = 0; i < item->count; i++) {
        if (!read_pattern(sample, item->first + i))
            return false;
        sample->best = (struct ra_key){.kind = RA_KEY_NONE};
        ra_keys_of_shape(&sample->shape, item->variable, choose_key, sample);
        keys[i] = sample->best;
        keys[i].hint = ra_hint_of(&sample->shape, item->variable,
                                  sights_of(sample, item->variable));
        item->hint = item->count == 1 ? keys[i].hint : 0;
        chance += chance_of(sample, &keys[i], item->variable);
        never = never && keys[i].kind == RA_KEY_NEVER;
    }
    if (item->count == 1 && keys[0].kind == RA_KEY_WHOLE)
        chance = (double)sample->index->uses[condition] /
                 (sample->uses[item->variable] + 1.0) / GLOB_COST;
    if (chance > 1)
        chance = 1;
    sample->index->chances[condition] =
        never ? RA_CHANCE_NEVER : (uint32_t)(chance * RA_CHANCE_ALWAYS);
    return true;
}

bool ra_build_keys(ra_index_builder *index)
{
    struct ra_builder *block = index->block;
    size_t conditions = ra_builder_count(block, RA_SECTION_CONDITIONS);
    size_t patterns = ra_builder_count(block, RA_SECTION_PATTERNS);
    size_t variables = ra_builder_count(block, RA_SECTION_VARIABLES);
    struct sample sample = {
        .index = index,
        .conditions = ra_builder_items(block, RA_SECTION_CONDITIONS),
        .patterns = ra_builder_items(block, RA_SECTION_PATTERNS),
        .bits = 10,
    };
    bool ok;

    while (sample.bits < 20 && (size_t)1 << sample.bits < 128 * patterns)
        sample.bits++;
    index->uses = ra_build_alloc(index, conditions, sizeof(*index->uses));
    index->keys = ra_build_alloc(index, patterns, sizeof(*index->keys));
    index->chances = ra_build_alloc(index, conditions, sizeof(*index->chances));
    sample.counts =
        ra_build_alloc(index, (size_t)1 << sample.bits, sizeof(*sample.counts));
    sample.sights = ra_build_alloc(
        index,
        ((variables < RA_SIGHTS ? variables : RA_SIGHTS) + 1) * RA_SIGHT_BITS,
        sizeof(*sample.sights));
    sample.texts = ra_build_alloc(index, variables, sizeof(*sample.texts));
    sample.uses = ra_build_alloc(index, variables, sizeof(*sample.uses));
    ok = index->uses != NULL && index->keys != NULL && index->chances != NULL &&
         sample.counts != NULL && sample.texts != NULL &&
         sample.sights != NULL && sample.uses != NULL;
    if (ok)
        count_uses(&sample);
    ok = ok && take_sample(&sample);
    for (uint32_t i = 0; ok && i < conditions; i++)
        ok = choose_keys(&sample, i);
    ra_large_free(sample.counts);
    ra_large_free(sample.sights);
    ra_large_free(sample.texts);
    ra_large_free(sample.uses);
    ra_shape_free(&sample.shape);
    return ok;
}

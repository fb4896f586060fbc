/* SPDX-License-Identifier: MIT */
#include "match/sight.h"

#include <string.h>

void ra_sight_take(struct ra_sight *sight, const char *value, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)value;
    unsigned char last = '\0';

    sight->reach = length + 1;
    memset(sight->pairs, 0, sizeof(sight->pairs));
    sight->pairs[RA_SIGHT_ALWAYS] = 1;
    for (size_t i = 0; i < length; i++) {
        sight->pairs[ra_sight_pair(last, bytes[i])] = 1;
        last = bytes[i];
    }
    sight->pairs[ra_sight_pair(last, '\0')] = 1;
}

/* The two rarest bits of a pattern so far. */
struct rarest {
    const uint32_t *counts;
    uint32_t first, second;
};

static void try_bit(struct rarest *rarest, unsigned bit)
{
    if (bit == rarest->first || bit == rarest->second)
        return;
    if (rarest->counts[bit] < rarest->counts[rarest->first]) {
        rarest->second = rarest->first;
        rarest->first = bit;
    } else if (rarest->counts[bit] < rarest->counts[rarest->second]) {
        rarest->second = bit;
    }
}

uint32_t ra_hint_of(const struct ra_shape *shape, uint32_t variable,
                    const uint32_t counts[RA_SIGHT_BITS])
{
    const unsigned char *text = (const unsigned char *)shape->text;
    struct rarest rarest = {counts, RA_SIGHT_ALWAYS, RA_SIGHT_ALWAYS};
    size_t least = 0;

    if (variable >= RA_SIGHTS || shape->form == RA_FORM_OPAQUE)
        return 0;
    for (size_t i = 0; i < shape->count; i++) {
        const struct ra_run *run = &shape->runs[i];
        unsigned char last = '\0';

        for (size_t j = 0; j < run->length; j++) {
            if (j > 0 || (i == 0 && shape->starts))
                try_bit(&rarest, ra_sight_pair(last, text[run->start + j]));
            last = text[run->start + j];
        }
        if (i + 1 == shape->count && shape->ends)
            try_bit(&rarest, ra_sight_pair(last, '\0'));
        least += run->length;
    }
    return (variable + 1) | rarest.first << 8 | rarest.second << 16 |
           (uint32_t)(least < 255 ? least : 255) << 24;
}

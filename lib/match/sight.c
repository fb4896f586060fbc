/* SPDX-License-Identifier: MIT */
#include "match/sight.h"

#include <string.h>

static void clear(struct ra_sight *sight)
{
    memset(sight->pairs, 0, sizeof(sight->pairs));
    sight->pairs[RA_SIGHT_ALWAYS] = 1;
}

void ra_sight_take(struct ra_sight *sight, const char *value, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)value;
    unsigned char last = '\0';

    clear(sight);
    sight->reach = length + 1;
    for (size_t i = 0; i < length; i++) {
        sight->pairs[ra_sight_pair(last, bytes[i])] = 1;
        last = bytes[i];
    }
    sight->pairs[ra_sight_pair(last, '\0')] = 1;
}

/* Calls visit for each pair of bytes in the runs of a shape, and of those
 * with the NUL before and behind whatever the pattern matches. */
static void each_pair(const struct ra_shape *shape,
                      void (*visit)(void *data, unsigned pair), void *data)
{
    const unsigned char *text = (const unsigned char *)shape->text;

    for (size_t i = 0; i < shape->count; i++) {
        const struct ra_run *run = &shape->runs[i];
        unsigned char last = '\0';

        for (size_t j = 0; j < run->length; j++) {
            if (j > 0 || (i == 0 && shape->starts))
                visit(data, ra_sight_pair(last, text[run->start + j]));
            last = text[run->start + j];
        }
        if (i + 1 == shape->count && shape->ends)
            visit(data, ra_sight_pair(last, '\0'));
    }
}

/* Bytes that whatever the pattern matches has at least. */
static size_t least_length(const struct ra_shape *shape)
{
    size_t length = 0;

    for (size_t i = 0; i < shape->count; i++)
        length += shape->runs[i].length;
    return length;
}

static void add_pair(void *data, unsigned pair)
{
    struct ra_sight *sight = data;

    sight->pairs[pair] = 1;
}

void ra_sight_add(struct ra_sight *sight, const struct ra_shape *shape)
{
    size_t reach = least_length(shape) + 1;

    if (sight->reach == 0)
        clear(sight);
    if (sight->reach < reach)
        sight->reach = reach;
    each_pair(shape, add_pair, sight);
}

/* The two rarest pairs of a pattern so far. */
struct rarest {
    const uint32_t *counts;
    uint32_t first, second;
};

static void try_pair(void *data, unsigned pair)
{
    struct rarest *rarest = data;

    if (pair == rarest->first || pair == rarest->second)
        return;
    if (rarest->counts[pair] < rarest->counts[rarest->first]) {
        rarest->second = rarest->first;
        rarest->first = pair;
    } else if (rarest->counts[pair] < rarest->counts[rarest->second]) {
        rarest->second = pair;
    }
}

uint32_t ra_hint_of(const struct ra_shape *shape, uint32_t variable,
                    const uint32_t counts[RA_SIGHT_BITS])
{
    struct rarest rarest = {counts, RA_SIGHT_ALWAYS, RA_SIGHT_ALWAYS};
    size_t least = least_length(shape);

    if (variable >= RA_SIGHTS || shape->form == RA_FORM_OPAQUE)
        return 0;
    each_pair(shape, try_pair, &rarest);
    return (variable + 1) | rarest.first << 8 | rarest.second << 16 |
           (uint32_t)(least < 255 ? least : 255) << 24;
}

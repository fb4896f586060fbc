/* SPDX-License-Identifier: MIT */
/* What a value looks like at first sight, and the hints by which most patterns
 * that do not match it are passed over without being read. */
#ifndef RA_MATCH_SIGHT_H
#define RA_MATCH_SIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/shape.h"

/* Variables from this one on have no hints. */
enum { RA_SIGHTS = 255 };

enum { RA_SIGHT_BITS = 256 };

struct ra_sight {
    size_t reach; /* one more than the length; 0: undefined */
    /* 1 for each pair of bytes that follow each other, by hash; the NUL stands
     * before the first and behind the last one. */
    unsigned char pairs[RA_SIGHT_BITS];
};

/* What every value has, and no pair is. */
enum { RA_SIGHT_ALWAYS = RA_SIGHT_BITS - 1 };

static inline unsigned ra_sight_pair(unsigned char first, unsigned char second)
{
    uint32_t pair = (uint32_t)first | (uint32_t)second << 8;
    unsigned bit = pair * UINT32_C(0x9E3779B1) >> 24;

    return bit == RA_SIGHT_ALWAYS ? RA_SIGHT_ALWAYS - 1 : bit;
}

void ra_sight_take(struct ra_sight *sight, const char *value, size_t length);
/* Adds to a sight what is sure of the values that a pattern of this shape
 * matches, and so of whatever pattern it implies. */
void ra_sight_add(struct ra_sight *sight, const struct ra_shape *shape);

/* Of a pattern of this shape; 0: none.  counts tell how common each bit is. */
uint32_t ra_hint_of(const struct ra_shape *shape, uint32_t variable,
                    const uint32_t counts[RA_SIGHT_BITS]);

/* Could the pattern of a hint match?  There are count sights. */
static inline bool ra_hint_fits(uint32_t hint, const struct ra_sight *sights,
                                size_t count)
{
    size_t variable = hint & 255, first = hint >> 8 & 255;
    size_t second = hint >> 16 & 255, least = hint >> 24;

    if (variable == 0 || variable > count)
        return true;
    return sights[variable - 1].reach > least &&
           (sights[variable - 1].pairs[first] &
            sights[variable - 1].pairs[second]) != 0;
}

#endif

/* SPDX-License-Identifier: MIT */
/* What is known of numbers while one question is answered: a small hash table
 * that hardly ever needs memory of its own. */
#ifndef RA_MATCH_MEMO_H
#define RA_MATCH_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RA_MEMO_OWN = 256 };
/* Numbers are below this. */
#define RA_MEMO_END UINT32_C(0x7FFFFFFF)

enum ra_known { RA_UNKNOWN, RA_NO, RA_YES };

struct ra_memo {
    uint32_t *slots; /* (number + 1) * 2, and 1 for yes; 0: free */
    size_t used;
    unsigned shift; /* of a 32-bit hash, which leaves a slot's index */
    uint32_t own[RA_MEMO_OWN];
};

void ra_memo_init(struct ra_memo *memo);
void ra_memo_free(struct ra_memo *memo);
/* Notes what was unknown.  False: out of memory. */
bool ra_memo_set(struct ra_memo *memo, uint32_t number, bool yes);

static inline uint32_t *ra_memo_slot(const struct ra_memo *memo,
                                     uint32_t number)
{
    size_t mask = UINT32_MAX >> memo->shift;
    size_t at = (uint32_t)(number * UINT32_C(0x9E3779B1)) >> memo->shift;

    while (memo->slots[at] >> 1 != number + 1 && memo->slots[at] != 0)
        at = (at + 1) & mask;
    return &memo->slots[at];
}

static inline enum ra_known ra_memo_get(const struct ra_memo *memo,
                                        uint32_t number)
{
    uint32_t slot = *ra_memo_slot(memo, number);

    return slot == 0 ? RA_UNKNOWN : (slot & 1) != 0 ? RA_YES : RA_NO;
}

#endif

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
#define RA_MEMO_END UINT32_C(0x3FFFFFFF)

enum ra_known { RA_UNKNOWN, RA_NO, RA_PERHAPS, RA_YES };

struct ra_memo {
    uint32_t *slots; /* (number + 1) * 4 + what is known; 0: free */
    size_t used;
    unsigned shift; /* of a 32-bit hash, which leaves a slot's index */
    uint32_t own[RA_MEMO_OWN];
};

void ra_memo_init(struct ra_memo *memo);
void ra_memo_free(struct ra_memo *memo);
/* False: out of memory. */
bool ra_memo_set(struct ra_memo *memo, uint32_t number, enum ra_known known);

static inline uint32_t *ra_memo_slot(const struct ra_memo *memo,
                                     uint32_t number)
{
    size_t mask = UINT32_MAX >> memo->shift;
    size_t at = (uint32_t)(number * UINT32_C(0x9E3779B1)) >> memo->shift;

    while (memo->slots[at] >> 2 != number + 1 && memo->slots[at] != 0)
        at = (at + 1) & mask;
    return &memo->slots[at];
}

static inline enum ra_known ra_memo_get(const struct ra_memo *memo,
                                        uint32_t number)
{
    return (enum ra_known)(*ra_memo_slot(memo, number) & 3);
}

#endif

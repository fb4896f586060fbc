/* SPDX-License-Identifier: MIT */
#include "match/memo.h"

#include <stdlib.h>
#include <string.h>

void ra_memo_init(struct ra_memo *memo)
{
    memset(memo->own, 0, sizeof(memo->own));
    memo->slots = memo->own;
    memo->used = 0;
    memo->shift = 24;
}

void ra_memo_free(struct ra_memo *memo)
{
    if (memo->slots != memo->own)
        free(memo->slots);
    memo->slots = memo->own;
}

static bool grow(struct ra_memo *memo)
{
    struct ra_memo bigger = {.shift = memo->shift - 2};
    size_t count = (size_t)1 << (32 - memo->shift);

    bigger.slots = calloc(4 * count, sizeof(*bigger.slots));
    if (bigger.slots == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (memo->slots[i] != 0)
            *ra_memo_slot(&bigger, (memo->slots[i] >> 2) - 1) = memo->slots[i];
    ra_memo_free(memo);
    memo->slots = bigger.slots;
    memo->shift = bigger.shift;
    return true;
}

bool ra_memo_set(struct ra_memo *memo, uint32_t number, enum ra_known known)
{
    uint32_t *slot;

    /* At most half full; two steps below 2^32 slots it stays as it is. */
    if (memo->used >= (size_t)1 << (31 - memo->shift) && !grow(memo))
        return false;
    slot = ra_memo_slot(memo, number);
    memo->used += *slot == 0;
    *slot = (number + 1) << 2 | (uint32_t)known;
    return true;
}

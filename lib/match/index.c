/* SPDX-License-Identifier: MIT */
/* Asking the index. */
#include "match/rules.h"

int ra_index_first(const struct ra_block *block,
                   const struct ra_question *question, size_t *rule)
{
    return ra_index_scan(block, question, rule);
}

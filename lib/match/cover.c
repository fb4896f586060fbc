/* SPDX-License-Identifier: MIT */
/* Rules that can never apply, because an earlier one does. */
#include <stdlib.h>

#include "match/rules.h"

struct ra_cover {
    const struct ra_block *block;
};

ra_cover *ra_cover_new(const struct ra_block *block)
{
    ra_cover *cover = calloc(1, sizeof(*cover));

    if (cover != NULL)
        cover->block = block;
    return cover;
}

void ra_cover_free(ra_cover **cover)
{
    free(*cover);
    *cover = NULL;
}

int ra_cover_find(ra_cover *cover, size_t rule, size_t *by)
{
    struct ra_rule_view view;

    *by = RA_NO_RULE;
    return ra_rule_view(cover->block, rule, &view) ? 0 : ROLEAUTH_E_INVALID;
}

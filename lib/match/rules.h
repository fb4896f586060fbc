/* SPDX-License-Identifier: MIT */
/* How rules lie in a block: the items of the sections of this room.  Private
 * to it. */
#ifndef RA_MATCH_RULES_H
#define RA_MATCH_RULES_H

#include "match/index.h"

/* RA_SECTION_VARIABLES */
struct ra_variable_item {
    uint32_t name; /* a text */
};

/* RA_SECTION_CONDITIONS */
struct ra_condition_item {
    uint32_t variable;
    uint32_t first, count; /* in RA_SECTION_PATTERNS, whose items are texts */
};

/* RA_SECTION_RULES */
#define RA_RULE_ENABLED UINT32_C(0x80000000)
struct ra_rule_item {
    uint32_t first; /* in RA_SECTION_RULE_CONDITIONS: numbers of conditions */
    uint32_t count; /* and perhaps RA_RULE_ENABLED */
};

static inline size_t ra_rule_count(const struct ra_rule_item *rule)
{
    return rule->count & ~RA_RULE_ENABLED;
}

static inline bool ra_rule_enabled(const struct ra_rule_item *rule)
{
    return (rule->count & RA_RULE_ENABLED) != 0;
}

/* The conditions of a rule, as written; NULL: damaged. */
static inline const uint32_t *ra_rule_list(const struct ra_block *block,
                                           const struct ra_rule_item *rule)
{
    return ra_block_items(block, RA_SECTION_RULE_CONDITIONS, rule->first,
                          ra_rule_count(rule));
}

#endif

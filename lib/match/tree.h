/* SPDX-License-Identifier: MIT */
/* The tree of rules, searched for the first one whose conditions all hold. */
#ifndef RA_MATCH_TREE_H
#define RA_MATCH_TREE_H

#include "match/memo.h"
#include "match/rules.h"
#include "match/sight.h"

enum { RA_NUMBERS_OWN = 128 };

struct ra_numbers {
    uint32_t *items;
    size_t count, room;
    uint32_t own[RA_NUMBERS_OWN];
};

struct ra_search {
    const struct ra_block *block;
    const struct ra_index_item *index;
    struct ra_memo known; /* of conditions: do they hold? */
    /* The literals that hold, and the leads of these and the other conditions
     * with keys that seem to.  Once they are all there, a condition with keys
     * that is unknown does not hold. */
    struct ra_numbers literals, leads;
    bool complete;
    const struct ra_sight *sights; /* of values, by variable */
    size_t sights_count;
    uint32_t best;  /* only rules before this one are looked for */
    uint32_t floor; /* rules before this one are known not to apply */
    /* Work is counted in units of about one look at a pattern.  When there has
     * been more than the limit, tired() raises the limit and returns true; or
     * it returns false, and the search ends. */
    size_t work, limit;
    bool (*tired)(struct ra_search *search);
    /* Does a condition hold?  False: it failed, and said why in code. */
    bool (*decide)(struct ra_search *search, uint32_t condition, bool *holds);
    /* What a sound block has no more of: a damaged one could lead to the same
     * nodes again and again. */
    size_t nodes_left, leaves_left, looks_left;
    int code; /* of a failure */
};

/* Searches nothing yet.  False: damaged. */
bool ra_search_begin(struct ra_search *search, const struct ra_block *block);
void ra_search_end(struct ra_search *search);
/* Notes that a condition with keys, of which nothing is known, holds or
 * perhaps does, and where it leads to.  False: failed. */
bool ra_search_hold(struct ra_search *search, uint32_t condition, uint32_t lead,
                    enum ra_known known);
/* Sets search->best to the first rule before it whose conditions all hold.
 * False: it failed, or tired() ended it. */
bool ra_search_tree(struct ra_search *search);
/* Does a condition hold?  False: failed. */
bool ra_search_condition(struct ra_search *search, uint32_t condition,
                         bool *holds);
/* Does a rule apply?  False: failed. */
bool ra_search_rule(struct ra_search *search, size_t rule, bool *applies);

/* Ends a search; always false. */
static inline bool ra_search_fail(struct ra_search *search, int code)
{
    search->code = code;
    return false;
}

static inline bool ra_search_pay(struct ra_search *search, size_t work)
{
    search->work += work;
    return search->work <= search->limit || search->tired(search);
}

#endif

/* SPDX-License-Identifier: MIT */
/* The parts of the building of an index, in the order in which they go to
 * work.  Each returns false when it failed, which sticks to the block. */
#ifndef RA_MATCH_BUILD_H
#define RA_MATCH_BUILD_H

#include "base/large.h"
#include "match/keys.h"
#include "match/rules.h"

/* A hash table of items of a section: slots hold the item's number + 1, or
 * 0. */
struct ra_table {
    uint32_t *slots;
    size_t mask, used;
};

/* What becomes of a condition. */
enum ra_fate {
    RA_RESIDUAL, /* looked at when it matters */
    RA_KEYED,    /* found by its keys */
    RA_UNUSED    /* no rule that can apply has it */
};

/* How likely a condition seems to hold: up to this for always. */
#define RA_CHANCE_ALWAYS (UINT32_C(1) << 29)
#define RA_CHANCE_NEVER UINT32_MAX

struct ra_index_builder {
    struct ra_builder *block;
    struct ra_table variables, conditions;
    uint32_t *texts; /* of the patterns of the condition that is being added */
    size_t texts_room;

    /* While the index is built: */
    uint32_t *uses;       /* of each condition, by enabled rules */
    struct ra_key *keys;  /* of each pattern */
    uint32_t *chances;    /* of each condition; RA_CHANCE_NEVER */
    unsigned char *fates; /* of each condition: enum ra_fate */
    uint32_t *paths;      /* the lists of rules, sorted, in their places */
    uint32_t *lengths;    /* of the paths; RA_NONE: not in the index */
    ra_progress *progress;
    void *data;
};

/* Fills uses, keys and chances. */
bool ra_build_keys(ra_index_builder *index);
/* Fills fates, puts the conditions in order, then fills paths and lengths. */
bool ra_build_ranks(ra_index_builder *index);
/* Adds nodes and leaves. */
bool ra_build_tree(ra_index_builder *index);
/* Adds the tables of keys and their postings, and variables' slots. */
bool ra_build_tables(ra_index_builder *index);

/* Zeroed memory for count items, for ra_large_free(); NULL: out of memory,
 * which is noted.  Never NULL for 0 items. */
void *ra_build_alloc(ra_index_builder *index, size_t count, size_t size);
/* Sorts by the upper halves, keeping the order of equal ones; all are below
 * end.  spare is as large. */
void ra_build_sort(uint64_t *items, uint64_t *spare, size_t count,
                   uint64_t end);

#endif

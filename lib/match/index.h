/* SPDX-License-Identifier: MIT */
/* Which of many rules applies?
 *
 * A rule is a list of conditions, all of which must hold; rules are in order,
 * and the first one that applies counts.  Rules and the index over them are
 * sections of a block (base/block.h).
 *
 * How it works.  Conditions are kept once, however many rules have them.  Each
 * rule is found by the one of its conditions that is least likely to hold, as
 * far as the literal texts of all the rules tell: its leader.  The leaders
 * that hold for the values of a request are found through keys: hashes of
 * literal texts that a matching value must be, start with, end in or hold.
 * The rules of a leader form a tree (a "set trie") in which the literals of
 * the request lead on; other conditions are only looked at when those before
 * them hold.  Every part of the tree tells its first rule, and is passed over
 * when an earlier rule is known to apply.
 *
 * Two things keep it honest.  What leads to a rule may lead to too many, and
 * a rule only counts once each of its conditions has been matched with
 * roleauth_glob_match().  And where the index finds little to go by, a scan
 * goes ahead of it, so that an answer never costs much more than looking at
 * one rule after the other.
 *
 *   shape.h   what literal texts a pattern has
 *   keys.h    the keys of patterns, and of values in a block
 *   sight.h   hints: bytes by which most patterns that do not match are
 *             passed over without being read
 *   rules.h   how it all lies in a block
 *   build.h   how it gets there: keys, ranks, tree, tables
 *   tree.h    the search; index.c asks it for requests, cover.c for rules */
#ifndef RA_MATCH_INDEX_H
#define RA_MATCH_INDEX_H

#include "base/block.h"
#include "match/match.h"

/* The sections of this room. */
enum {
    RA_SECTION_VARIABLES = 1,
    RA_SECTION_VARIABLE_SLOTS,
    RA_SECTION_CONDITIONS,
    RA_SECTION_PATTERNS,
    RA_SECTION_RULES,
    RA_SECTION_RULE_CONDITIONS,
    RA_SECTION_INDEX, /* one item */
    RA_SECTION_KEYS,
    RA_SECTION_KEY_TAGS,
    RA_SECTION_KEY_FILTER,
    RA_SECTION_POSTINGS,
    RA_SECTION_NODES,
    RA_SECTION_EDGES,
    RA_SECTION_LEAVES,
    RA_SECTION_MATCH_END = 15 /* the rooms below start behind this */
};

/* Adds the sizes of this room's items. */
void ra_index_layout(struct ra_block_layout *layout);

#define RA_NO_RULE ((size_t)-1)

/* ---- building ---- */

typedef struct ra_index_builder ra_index_builder;

/* Called now and then with how much of a total is done. */
typedef void ra_progress(void *data, size_t done, size_t total);

/* The builder is borrowed; NULL: out of memory. */
ra_index_builder *ra_index_begin(struct ra_builder *builder);
/* Adds a rule with its conditions in the order written, which are copied; a
 * rule that is not enabled never applies.  A failure sticks to the builder.
 * False: failed. */
bool ra_index_add(ra_index_builder *index,
                  const struct ra_condition *conditions, size_t count,
                  bool enabled);
/* Puts the rules in order (order[i] is the number, from 0, of the rule that
 * comes i-th; NULL: as they were added) and builds the index.  progress may
 * be NULL.  Returns false when it failed. */
bool ra_index_end(ra_index_builder *index, const uint32_t *order,
                  ra_progress *progress, void *data);
void ra_index_free(ra_index_builder **index);

/* ---- reading: each returns false for what the block does not hold ---- */

struct ra_rule_view {
    bool enabled;
    size_t conditions;
};

struct ra_condition_view {
    uint32_t id; /* equal for equal conditions, below ra_index_conditions() */
    const char *variable;
    size_t patterns;
    uint32_t first; /* its first pattern; for ra_condition_pattern() */
};

size_t ra_index_rules(const struct ra_block *block);
size_t ra_index_conditions(const struct ra_block *block);
bool ra_rule_view(const struct ra_block *block, size_t rule,
                  struct ra_rule_view *view);
/* The i-th condition of a rule, as written. */
bool ra_rule_condition(const struct ra_block *block, size_t rule, size_t i,
                       struct ra_condition_view *view);
bool ra_condition_view(const struct ra_block *block, uint32_t id,
                       struct ra_condition_view *view);
bool ra_condition_pattern(const struct ra_block *block,
                          const struct ra_condition_view *view, size_t i,
                          const char **pattern);

/* ---- asking ---- */

/* The variables of a request. */
struct ra_question {
    const void *variables;
    ra_lookup *lookup;
    /* Calls visit for each variable that is defined, with the value that
     * lookup gives; for some perhaps more than once. */
    void (*each)(const void *variables,
                 void (*visit)(void *data, const char *name, const char *value),
                 void *data);
};

/* Does any of a condition's patterns match?  Returns 0 with *holds set, or
 * ROLEAUTH_E_INVALID (a damaged block). */
int ra_condition_holds(const struct ra_block *block,
                       const struct ra_condition_view *view,
                       const struct ra_question *question, bool *holds);
/* The first condition of a rule, as written, that does not hold: *condition
 * is its place, or the number of conditions when all hold.  Does not look at
 * whether the rule is enabled.  Returns as ra_condition_holds(). */
int ra_rule_failure(const struct ra_block *block, size_t rule,
                    const struct ra_question *question, size_t *condition);
/* The first enabled rule that applies, by looking at one after the other:
 * what the index is held against.  *rule is RA_NO_RULE when none does.
 * Returns 0; ROLEAUTH_E_INVALID. */
int ra_index_scan(const struct ra_block *block,
                  const struct ra_question *question, size_t *rule);
/* The same answer by the index.  Returns 0; ROLEAUTH_E_INVALID (a damaged
 * block); ROLEAUTH_E_NOMEM. */
int ra_index_first(const struct ra_block *block,
                   const struct ra_question *question, size_t *rule);

/* ---- rules that can never apply ---- */

/* Remembers what one pattern is known to cover, over many questions. */
typedef struct ra_cover ra_cover;

/* The block is borrowed; NULL: out of memory. */
ra_cover *ra_cover_new(const struct ra_block *block);
void ra_cover_free(ra_cover **cover);
/* An enabled rule before this one that provably applies whenever this one
 * would; RA_NO_RULE: none is known.  Proved are equal patterns, literals that
 * a pattern matches, "*", and literal prefixes, suffixes and infixes that
 * imply each other; what cannot be proved is not claimed.  Returns 0;
 * ROLEAUTH_E_INVALID; ROLEAUTH_E_NOMEM. */
int ra_cover_find(ra_cover *cover, size_t rule, size_t *by);

#endif

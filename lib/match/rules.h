/* SPDX-License-Identifier: MIT */
/* How rules and the index lie in a block: the items of the sections of this
 * room.  Private to it. */
#ifndef RA_MATCH_RULES_H
#define RA_MATCH_RULES_H

#include "match/index.h"

/* No item, no rule. */
#define RA_NONE UINT32_MAX

/* RA_SECTION_VARIABLES */
struct ra_variable_item {
    uint32_t name;                 /* a text */
    uint32_t grams;                /* bit n: there are grams of n bytes among
                                      its keys */
    uint32_t any_first, any_count; /* postings of patterns of stars alone */
    /* Bit n: there are prefixes (suffixes) of n bytes among its keys. */
    uint64_t prefixes[4], suffixes[4];
};

/* RA_SECTION_VARIABLE_SLOTS: a hash table of names, variable + 1, 0: free;
 * a power of two of them. */

/* RA_SECTION_CONDITIONS: first those of one literal, then the others with
 * keys, then the residual ones, then those of no rule that can apply. */
struct ra_condition_item {
    uint32_t variable;
    uint32_t first, count; /* in RA_SECTION_PATTERNS, whose items are texts */
    uint32_t lead;         /* to the rules that are found by it; see below */
    uint32_t hint;         /* sight.h */
};

/* RA_SECTION_RULES */
#define RA_RULE_ENABLED UINT32_C(0x80000000)
struct ra_rule_item {
    uint32_t first; /* in RA_SECTION_RULE_CONDITIONS: numbers of conditions */
    uint32_t count; /* and perhaps RA_RULE_ENABLED */
    uint32_t hint;  /* of the condition that is least likely to hold */
};

/* RA_SECTION_INDEX */
struct ra_index_item {
    uint32_t literals; /* conditions of one literal, which come first */
    uint32_t keyed;    /* conditions with keys, literals included */
    /* RA_SECTION_KEYS holds two hash tables, of 2^bits slots each: of whole
     * values, and of parts of values. */
    uint32_t whole_bits, part_bits;
};

/* RA_SECTION_KEY_FILTER: a bit for the hash of each part of a value that is a
 * key, in words of 64; so many times as many (by power of two) as slots. */
enum { RA_FILTER_BITS = 4 };

/* RA_SECTION_POSTINGS: conditions that a key stands for. */
struct ra_posting_item {
    uint32_t condition;
    uint32_t hint; /* of the pattern */
    uint32_t lead; /* of the condition */
};

/* RA_SECTION_KEYS; with a byte in RA_SECTION_KEY_TAGS each, 0: free */
struct ra_key_item {
    uint32_t check; /* the low half of the hash */
    /* Most keys stand for one condition.  Where the condition is RA_NONE, the
     * hint is the first of some postings, and the lead their number. */
    struct ra_posting_item one;
};

/* A lead to rules: RA_NONE; or RA_RUN and a leaf; or a node. */
#define RA_RUN UINT32_C(0x80000000)

/* RA_SECTION_NODES: a tree of rules by conditions.  The first node is the
 * root; what a node leads to lies behind it.  The root's literals and other
 * conditions with keys have no edges, but the lead themselves. */
struct ra_node_item {
    uint32_t first;          /* of the rules here and below; RA_NONE: none */
    uint32_t run;            /* a leaf, or RA_NONE */
    uint32_t edge, edges;    /* of literals, ordered by condition */
    uint32_t from, residual; /* nodes of other conditions, by first rule */
    uint32_t condition;      /* that led here */
    uint32_t hint;           /* of that */
};

/* RA_SECTION_EDGES */
struct ra_edge_item {
    uint32_t condition, lead;
};

/* RA_SECTION_LEAVES: runs of rules that have no node of their own, in order.
 * A rule whose next condition is a short list has a leaf for each of its
 * patterns. */
#define RA_LAST UINT32_C(0x80000000) /* the run ends here */
#define RA_ENDS UINT32_C(0x3FFFFFFF) /* the rule has no further condition */
struct ra_leaf_item {
    uint32_t condition; /* the next one, or RA_ENDS; and perhaps RA_LAST */
    uint32_t rule;
    uint32_t hints[2]; /* of that condition, or pattern, and of another one */
};

/* A path leads through this many conditions at most. */
enum { RA_TREE_DEPTH = 16 };

/* For RA_SECTION_VARIABLE_SLOTS. */
static inline size_t ra_name_hash(const char *name)
{
    uint32_t hash = 0;

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * UINT32_C(0x9E3779B1);
    return hash ^ hash >> 15;
}

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

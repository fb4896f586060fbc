/* SPDX-License-Identifier: MIT */
/* Role sets and requests by seed: the same seed gives the same set on every
 * machine.  For tests, for the bench, and for other programs (generate.c).
 *
 * A set lies in plain structs, roles in the order of selection, and can be
 * written as JSON.  Running out of memory ends the program. */
#ifndef TESTS_GENERATE_H
#define TESTS_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* X(kind, word, what it is) */
#define GEN_KINDS(X)                                                           \
    X(GEN_REALISTIC, "realistic", "a policy of hosts, users and commands")     \
    X(GEN_PLAIN, "plain", "the same, with * as the only metacharacter")        \
    X(GEN_SINGLE, "single", "one pattern on one variable a role")              \
    X(GEN_NO_LITERALS, "no-literals", "patterns without literal characters")   \
    X(GEN_SHARED, "shared", "roles that share every literal")                  \
    X(GEN_LAST, "last", "roles that differ in the last condition only")        \
    X(GEN_NESTED, "nested", "patterns that are prefixes of each other")        \
    X(GEN_GRAMS, "grams", "literals that every value contains")                \
    X(GEN_POPULAR, "popular", "conditions that nearly every value fulfils")    \
    X(GEN_SUBSETS, "subsets", "few conditions in all combinations")            \
    X(GEN_VARIABLES, "variables", "thousands of variables")                    \
    X(GEN_DEEP, "deep", "many conditions a role, each role's in the next")     \
    X(GEN_LISTS, "lists", "long lists of patterns")                            \
    X(GEN_SHORT, "short", "short texts of few letters, in all places")         \
    X(GEN_LONG, "long", "values of up to 64 KiB")                              \
    X(GEN_HOSTILE, "hostile", "all of these hostile ones in one set")          \
    X(GEN_ODD, "odd", "malformed patterns, broken sets, not only ASCII")

enum gen_kind {
#define GEN_X(kind, word, what) kind,
    GEN_KINDS(GEN_X)
#undef GEN_X
        GEN_KIND_COUNT
};

const char *gen_kind_word(enum gen_kind kind);
/* False: there is no such kind. */
bool gen_kind_find(const char *word, enum gen_kind *kind);

struct gen_order {
    enum gen_kind kind;
    uint64_t seed;
    size_t roles, requests;
    /* What the numbers of users, hosts and commands are in proportion to; 0:
     * the square root of the number of roles. */
    size_t words;
};

/* A list of patterns for a variable; kept once, however many roles have it. */
struct gen_condition {
    size_t variable;
    const char *const *patterns;
    size_t count;
    const char *example; /* a value that matches; NULL: none is known */
};

struct gen_role {
    size_t first; /* of its conditions in ids */
    size_t count;
    int64_t rorder;
    bool disabled;
};

struct gen_request {
    const char **values; /* by variable; NULL: undefined */
};

struct gen_set {
    struct gen_order order;
    const char **variables;
    size_t variable_count;
    struct gen_condition *conditions;
    size_t condition_count;
    uint32_t *ids; /* of conditions, role after role */
    size_t id_count;
    struct gen_role *roles;
    size_t role_count;
    struct gen_request *requests;
    size_t request_count;
    struct gen_inside *inside;
};

/* The next of a row of numbers that look random (splitmix64). */
uint64_t gen_spread(uint64_t *seed);

struct gen_set *gen_make(const struct gen_order *order);
void gen_free(struct gen_set **set);

/* 1: the value matches the pattern, 0: it does not. */
typedef int gen_match(const char *pattern, const char *value);
/* fnmatch(3) without flags, for ASCII. */
gen_match gen_fnmatch;

#define GEN_NONE ((size_t)-1)
/* The first enabled role whose conditions hold, by looking at one after the
 * other, each condition being matched once at most. */
size_t gen_first(const struct gen_set *set, const char *const *values,
                 gen_match *match);

/* The name that the role has in JSON. */
#define GEN_NAME_SIZE 32
void gen_role_name(char name[GEN_NAME_SIZE], size_t role);
/* An array of roles, not in the order of selection, which rorder tells;
 * description, when it is not NULL, is that of every role. */
void gen_write_roles(const struct gen_set *set, const char *description,
                     FILE *output);
/* gen_write_roles() into memory, to be freed. */
char *gen_roles_text(const struct gen_set *set, const char *description,
                     size_t *length);
/* Objects of variables, one a line. */
void gen_write_requests(const struct gen_set *set, FILE *output);

#endif

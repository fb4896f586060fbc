/* SPDX-License-Identifier: MIT */
/* How the kinds of sets are made: between generate.c and generate_*.c. */
#ifndef TESTS_GENERATE_INSIDE_H
#define TESTS_GENERATE_INSIDE_H

#include "support/generate.h"

struct gen_random {
    uint64_t state[4];
};

/* 0 to limit - 1; limit is above 0. */
size_t gen_below(struct gen_set *set, size_t limit);
/* True in percent of a hundred cases. */
bool gen_chance(struct gen_set *set, unsigned percent);
/* As gen_below(), small numbers far oftener than large ones (Zipf's law): each
 * doubling of the number is as probable as the one before it. */
size_t gen_skewed(struct gen_set *set, size_t limit);

/* Memory that lives as long as the set; zeroed. */
void *gen_alloc(struct gen_set *set, size_t size);
/* A text that lives as long as the set. */
const char *gen_text(struct gen_set *set, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* unit repeated, so that it is length bytes, and then a tail. */
const char *gen_repeat(struct gen_set *set, const char *unit, size_t length,
                       const char *tail);

/* Its number. */
size_t gen_variable(struct gen_set *set, const char *name);
/* Appends a condition to the last role.  The texts must live as long as the
 * set; the array is copied. */
void gen_condition(struct gen_set *set, size_t variable,
                   const char *const *patterns, size_t count,
                   const char *example);
/* gen_condition() of one pattern. */
void gen_pattern(struct gen_set *set, size_t variable, const char *pattern,
                 const char *example);
/* Appends a role without conditions. */
struct gen_role *gen_role(struct gen_set *set);

/* How a kind is made.  All variables exist after begin; values is all NULL. */
struct gen_maker {
    void (*begin)(struct gen_set *set);
    void (*role)(struct gen_set *set, size_t role);
    void (*request)(struct gen_set *set, size_t request, const char **values);
};

/* Whatever the maker wants to know about its set. */
void **gen_data(struct gen_set *set);
/* Values that fulfil the conditions of a role, as far as they are known. */
void gen_follow(const struct gen_set *set, size_t role, const char **values);

extern const struct gen_maker gen_real_maker, gen_single_maker;
/* Of a hostile kind; NULL: it is none. */
const struct gen_maker *gen_hostile_maker(enum gen_kind kind);

#endif

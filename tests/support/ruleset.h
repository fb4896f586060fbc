/* SPDX-License-Identifier: MIT */
/* Rules and questions for the tests of lib/match: by hand, and at random from
 * small alphabets, so that they collide.  To be included behind cmocka.h, or in
 * a fuzzer. */
#ifndef TESTS_SUPPORT_RULESET_H
#define TESTS_SUPPORT_RULESET_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match/index.h"

/* ---- questions ---- */

/* The last one of an array has no name; value NULL: undefined. */
struct rs_variable {
    const char *name, *value;
};

static inline const char *rs_lookup(const void *variables, const char *name)
{
    for (const struct rs_variable *v = variables; v->name != NULL; v++)
        if (strcmp(v->name, name) == 0)
            return v->value;
    return NULL;
}

static inline void rs_each(const void *variables,
                           void (*visit)(void *data, const char *name,
                                         const char *value),
                           void *data)
{
    for (const struct rs_variable *v = variables; v->name != NULL; v++)
        if (v->value != NULL)
            visit(data, v->name, v->value);
}

static inline struct ra_question rs_question(const struct rs_variable *v)
{
    return (struct ra_question){v, rs_lookup, rs_each};
}

/* ---- rules ---- */

struct ruleset {
    struct ra_builder builder;
    ra_index_builder *index;
    struct ra_block block;
};

static inline struct ra_block_layout rs_layout(void)
{
    struct ra_block_layout layout = {{0}};

    ra_index_layout(&layout);
    return layout;
}

/* False: out of memory; to be ended or freed all the same. */
static inline bool rs_begin(struct ruleset *set)
{
    struct ra_block_layout layout = rs_layout();

    memset(set, 0, sizeof(*set));
    ra_builder_init(&set->builder, &layout);
    set->index = ra_index_begin(&set->builder);
    return set->index != NULL;
}

/* Returns as ra_builder_finish(). */
static inline int rs_end(struct ruleset *set, const uint32_t *order)
{
    bool ok = set->index != NULL && ra_index_end(set->index, order, NULL, NULL);
    int code;

    ra_index_free(&set->index);
    code = ra_builder_finish(&set->builder, &set->block);
    return ok || code != 0 ? code : ROLEAUTH_E_NOMEM;
}

static inline void rs_free(struct ruleset *set)
{
    ra_index_free(&set->index);
    ra_builder_free(&set->builder);
    ra_block_free(&set->block);
}

/* A rule of up to four conditions "variable", "pattern", and so on to NULL. */
static inline void rs_add(struct ruleset *set, const char *const *texts)
{
    struct ra_condition conditions[4];
    size_t count = 0;

    for (; texts[2 * count] != NULL; count++)
        conditions[count] =
            (struct ra_condition){texts[2 * count], &texts[2 * count + 1], 1};
    (void)ra_index_add(set->index, conditions, count, true);
}
#define RS_ADD(set, ...) rs_add((set), (const char *const[]){__VA_ARGS__, NULL})

/* Rules that are not enabled, so that the first of those that count is not
 * found before the index is asked. */
static inline void rs_add_disabled(struct ruleset *set, size_t count)
{
    while (count-- > 0)
        (void)ra_index_add(set->index, NULL, 0, false);
}

/* ---- choices ---- */

/* From bytes as long as there are some, then by seed (splitmix64); without a
 * seed always the first one. */
struct rs_choice {
    const uint8_t *bytes;
    size_t left;
    uint64_t seed;
};

static inline uint64_t rs_next(struct rs_choice *choice)
{
    uint64_t z;

    if (choice->left > 0) {
        choice->left--;
        return *choice->bytes++;
    }
    if (choice->seed == 0)
        return 0;
    z = choice->seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static inline size_t rs_below(struct rs_choice *choice, size_t end)
{
    return (size_t)(rs_next(choice) % end);
}

/* ---- patterns and values ---- */

enum { RS_TEXT = 64, RS_VARIABLES = 4 };

static const char *const rs_names[RS_VARIABLES] = {"user", "host", "command",
                                                   "_x"};

/* What stands for itself in values, and nearly always in patterns. */
static const char *const rs_plain[] = {
    "a",    "b",        "ab",
    "aa",   "ba",       "abc",
    "abab", "\xc3\xa9", "\xe2\x82\xac",
    "-",    "/",        "/usr/bin/",
    "c",    "]",        "x",
};
static const char *const rs_wild[] = {
    "*",     "*",      "*",           "?",       "[ab]",        "[!a]",
    "[a-c]", "[^b-z]", "[[:alpha:]]", "[a]",     "[\\]]",       "[",
    "\\*",   "\\a",    "**",          "[[.a.]]", "[\xc3\xa9x]", "[b-a]",
};
#define RS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* All of it, or nothing when the text would get longer than RS_TEXT bytes with
 * the NUL. */
static inline void rs_append(char *text, const char *more)
{
    size_t used = strlen(text), length = strlen(more);

    if (used + length < RS_TEXT)
        memcpy(text + used, more, length + 1);
}

static inline void rs_value(struct rs_choice *choice, char text[RS_TEXT])
{
    size_t count = rs_below(choice, 6);

    text[0] = '\0';
    while (count-- > 0)
        rs_append(text, rs_plain[rs_below(choice, RS_COUNT(rs_plain))]);
}

static inline void rs_pattern(struct rs_choice *choice, char text[RS_TEXT])
{
    size_t count = rs_below(choice, 6);

    text[0] = '\0';
    while (count-- > 0) {
        if (rs_below(choice, 5) < 2)
            rs_append(text, rs_wild[rs_below(choice, RS_COUNT(rs_wild))]);
        else
            rs_append(text, rs_plain[rs_below(choice, RS_COUNT(rs_plain))]);
    }
    if (rs_below(choice, 64) == 1)
        rs_append(text, "\\");
    if (rs_below(choice, 64) == 1)
        rs_append(text, "\xff");
}

/* A value that the pattern probably matches. */
static inline void rs_follow(struct rs_choice *choice, const char *pattern,
                             char text[RS_TEXT])
{
    char one[2] = "";

    text[0] = '\0';
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '*') {
            if (rs_below(choice, 2) == 1)
                rs_append(text, rs_plain[rs_below(choice, RS_COUNT(rs_plain))]);
            continue;
        }
        one[0] = *pattern;
        if (*pattern == '?' || *pattern == '[')
            one[0] = "abcx"[rs_below(choice, 4)];
        if (*pattern == '[' && strchr(pattern, ']') != NULL)
            pattern = strchr(pattern, ']');
        else if (*pattern == '\\' && pattern[1] != '\0')
            one[0] = *++pattern;
        rs_append(text, one);
    }
}

/* ---- rules at random ---- */

enum { RS_POOL = 24, RS_LIST = 5, RS_CONDITIONS = 5 };

struct rs_pool {
    char patterns[RS_POOL][RS_TEXT];
    size_t count;
};

static inline void rs_fill_pool(struct rs_choice *choice, struct rs_pool *pool)
{
    pool->count = 1 + rs_below(choice, RS_POOL);
    for (size_t i = 0; i < pool->count; i++)
        rs_pattern(choice, pool->patterns[i]);
}

/* A rule whose patterns come from a pool. */
static inline void rs_add_random(struct ruleset *set, struct rs_choice *choice,
                                 const struct rs_pool *pool)
{
    const char *patterns[RS_CONDITIONS][RS_LIST];
    struct ra_condition conditions[RS_CONDITIONS];
    size_t count = rs_below(choice, RS_CONDITIONS), kind;
    size_t first = rs_below(choice, RS_VARIABLES);

    for (size_t i = 0; i < count; i++) {
        kind = rs_below(choice, 16);
        conditions[i].variable = rs_names[(first + i) % RS_VARIABLES];
        conditions[i].patterns = patterns[i];
        conditions[i].count = kind < 12    ? 1
                              : kind == 15 ? rs_below(choice, RS_LIST)
                                           : kind - 10;
        for (size_t j = 0; j < conditions[i].count; j++)
            patterns[i][j] = pool->patterns[rs_below(choice, pool->count)];
    }
    (void)ra_index_add(set->index, conditions, count,
                       rs_below(choice, 12) != 1);
}

/* Values for all the variables; some are undefined, some match a pattern of
 * the pool. */
static inline void rs_ask_random(struct rs_choice *choice,
                                 const struct rs_pool *pool,
                                 char texts[RS_VARIABLES][RS_TEXT],
                                 struct rs_variable variables[RS_VARIABLES + 1])
{
    for (size_t i = 0; i < RS_VARIABLES; i++) {
        size_t kind = rs_below(choice, 8);

        if (kind < 4)
            rs_follow(choice, pool->patterns[rs_below(choice, pool->count)],
                      texts[i]);
        else
            rs_value(choice, texts[i]);
        variables[i].name = rs_names[i];
        variables[i].value = kind == 7 ? NULL : texts[i];
    }
    variables[RS_VARIABLES] = (struct rs_variable){NULL, NULL};
}

#endif

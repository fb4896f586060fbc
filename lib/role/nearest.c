/* SPDX-License-Identifier: MIT */
#include "role/nearest.h"

#include <stdbool.h>
#include <string.h>

/* Longer words are never close to one of ours. */
#define LONGEST 32

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The edits that make b of a: a letter put in, left out, changed, or two
 * neighbours swapped (Damerau and Levenshtein, each place edited once). */
static size_t distance(const char *a, size_t a_length, const char *b,
                       size_t b_length)
{
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];

    for (size_t j = 0; j <= b_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *spare = before;

        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            char x = lower(a[i - 1]), y = lower(b[j - 1]);

            now[j] =
                least(least(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        before = last;
        last = now;
        now = spare;
    }
    return last[b_length];
}

/* One word as the beginning of the other, such as "desc" for "description",
 * is near whatever the distance. */
static bool is_start(const char *word, size_t length, const char *candidate)
{
    if (length < 3)
        return false;
    for (size_t i = 0; i < length; i++)
        if (lower(word[i]) != lower(candidate[i]))
            return false;
    return true;
}

const char *ra_nearest(const char *word, ra_candidate *candidate,
                       const void *data)
{
    size_t length = strlen(word);
    size_t best = length / 3 + 1;
    const char *found = NULL;
    const char *other;

    if (length > LONGEST)
        return NULL;
    for (size_t i = 0; (other = candidate(data, i)) != NULL; i++) {
        size_t other_length = strlen(other);
        size_t edits;

        if (other_length > LONGEST)
            continue;
        edits = distance(word, length, other, other_length);
        /* Every letter changed is another word. */
        if (edits >= length || edits >= other_length)
            continue;
        if (edits > best || (edits == best && found != NULL))
            continue;
        best = edits;
        found = other;
    }
    for (size_t i = 0; found == NULL && (other = candidate(data, i)); i++)
        if (is_start(word, length, other))
            found = other;
    return found;
}

static const char *word_at(const void *data, size_t index)
{
    return ((const char *const *)data)[index];
}

const char *ra_nearest_of(const char *word, const char *const *words)
{
    return ra_nearest(word, word_at, words);
}

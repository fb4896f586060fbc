/* SPDX-License-Identifier: MIT */
/* libFuzzer target: the input is a pattern, a NUL or newline, and a value.
 * Compares roleauth_glob_match() with the reference and holds it to its bound
 * by counting steps, which a clock could not on a busy machine. */
#include <stddef.h>
#include <stdint.h>

static size_t steps;

/* The matcher is compiled into this file, under other names, so that its steps
 * can be counted. */
#define RA_GLOB_STEP(count) (steps += (count))
#define roleauth_glob_match counted_glob_match
#define ra_glob_fault counted_glob_fault
#define ra_glob_long_char counted_glob_long_char
#define ra_glob_item counted_glob_item
#define ra_glob_is_open counted_glob_is_open
#define ra_glob_note_open counted_glob_note_open
#include "../../lib/match/bracket.c"
#include "../../lib/match/glob.c"

#include <stdio.h>

#include "support/glob_reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 2048 };

static void check(const char *pattern, const char *value)
{
    size_t rows = strlen(pattern) + 1, columns = strlen(value) + 1;
    size_t offset = 0;
    int match;

    steps = 0;
    match = roleauth_glob_match(pattern, value);
    /* A table of rows and brackets read once more cost a multiple. */
    if (steps > 16 * rows * columns + 4096) {
        (void)fprintf(stderr, "%zu steps for %zu x %zu\n", steps, rows,
                      columns);
        __builtin_trap();
    }
    if (ra_glob_fault(pattern, &offset) != NULL && offset >= rows)
        __builtin_trap();
    if (rows * columns <= 40000 && match != ref_glob(pattern, value)) {
        (void)fprintf(stderr, "answered %d\n", match);
        __builtin_trap();
    }
}

/* Repeats unit up to a length and adds the tail. */
static void repeat(char *to, const char *unit, const char *tail)
{
    size_t length = strlen(unit);
    char *end = to;

    while ((size_t)(end - to) + length < LONGEST) {
        memcpy(end, unit, length);
        end += length;
    }
    (void)stpcpy(end, tail);
}

/* Both repeated, so that short inputs reach what only shows at length; and
 * with a tail that keeps the search going to the end. */
static void check_repeated(const char *pattern, const char *value)
{
    char *longer = malloc(2 * (LONGEST + 8));
    char *text = longer == NULL ? NULL : longer + LONGEST + 8;

    if (longer != NULL && *pattern != '\0' && *value != '\0') {
        *longer = '*';
        repeat(text, value, "");
        repeat(longer + 1, pattern, "");
        check(longer, text);
        check(pattern, text);
        repeat(text, value, "\2\1");
        repeat(longer + 1, pattern, "\1*");
        check(longer, text);
    }
    free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *value;

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    /* Copies of their own, so that reading beyond an end is seen. */
    value = text + strcspn(text, "\n");
    if (value == text + size) {
        value = NULL;
    } else {
        *value = '\0';
        value = strdup(value + 1);
    }
    if (value != NULL) {
        char *pattern = strdup(text);

        if (pattern != NULL) {
            check(pattern, value);
            if (size <= 64 && size % 4 != 0)
                check_repeated(pattern, value);
        }
        free(pattern);
    }
    free(value);
    free(text);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* What stands between the brackets of a glob(7) set, item by item. */
#ifndef RA_MATCH_BRACKET_H
#define RA_MATCH_BRACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The fuzzer counts steps here; the library itself counts nothing. */
#ifndef RA_GLOB_STEP
#define RA_GLOB_STEP(count) ((void)0)
#endif

/* A byte that is not part of valid UTF-8 is this plus the byte: a character
 * of its own, equal to no code point. */
#define RA_GLOB_BYTE ((uint32_t)0x110000)

/* Length of the character that starts at NUL-terminated text, and which it
 * is; for one that does not start with an ASCII byte. */
size_t ra_glob_long_char(const unsigned char *text, uint32_t *code);

/* The same for any character; 1 and code 0 at the NUL. */
static inline size_t ra_glob_char(const unsigned char *text, uint32_t *code)
{
    *code = *text;
    return *text < 0x80 ? 1 : ra_glob_long_char(text, code);
}

struct ra_glob_item {
    uint32_t low, high;    /* a character or a range, unless: */
    const uint64_t *class; /* the ASCII characters of a class; or NULL */
    bool bad;              /* an unknown class or collating symbol */
    const char *fault;     /* what its author should know; or NULL */
};

static inline bool ra_glob_item_has(const struct ra_glob_item *item,
                                    uint32_t code)
{
    if (item->class != NULL)
        return code < 128 && (item->class[code >> 6] >> (code & 63) & 1) != 0;
    return item->low <= code && code <= item->high;
}

/*
 * What is known of brackets that never close.
 *
 * That a [ is a literal one shows only at the end of the pattern, so a pattern
 * full of them would be read to its end again and again, and the bound of
 * roleauth_glob_match() be lost.  But all the items that were passed on the
 * way to the end lead nowhere either.  We keep where such ways start; another
 * bracket whose items meet one of them never closes.  Ways that run side by
 * side for long can only differ in their phase within a-b-c-d ranges, of which
 * there are three, so that keeping the ones met last suffices.
 */
struct ra_glob_open {
    unsigned count;
    size_t turn;
    struct {
        const unsigned char *from, *at; /* item starts, from <= at */
        size_t met;                     /* the turn of it */
    } ways[4];
    /* The first ".]" at or behind symbol is symbol_end; NULL: none. */
    const unsigned char *symbol, *symbol_end;
};

/* Reads the item at text.  Returns what stands behind it; NULL: the pattern
 * ends first. */
const unsigned char *ra_glob_item(struct ra_glob_open *open,
                                  const unsigned char *text,
                                  struct ra_glob_item *item);

/* Does the bracket whose first item is here never close? */
bool ra_glob_is_open(struct ra_glob_open *open, const unsigned char *first);
/* Keeps that it does not. */
void ra_glob_note_open(struct ra_glob_open *open, const unsigned char *first);

#endif

/* SPDX-License-Identifier: MIT */
/* Patterns and values, nothing else.  roleauth_glob_match() itself is in the
 * public header. */
#ifndef RA_MATCH_MATCH_H
#define RA_MATCH_MATCH_H

#include <roleauth.h>
#include <stdbool.h>
#include <stddef.h>

/* Is there something in this pattern that only matches literally, or never,
 * and that its author probably did not mean (an unterminated [, an unknown
 * class, a reversed range, a trailing backslash)?  Returns NULL, or prose
 * for a warning; *offset is then the byte it is about. */
const char *ra_glob_fault(const char *pattern, size_t *offset);

/* One condition of a varmatch: a variable and its patterns, any of which may
 * match.  No patterns: never matches. */
struct ra_condition {
    const char *variable;
    const char *const *patterns;
    size_t count;
};

/* Finds a variable's value; NULL: undefined. */
typedef const char *ra_lookup(const void *variables, const char *name);

#endif

/* SPDX-License-Identifier: MIT */
/* The known word that a misspelt one is nearest to. */
#ifndef RA_ROLE_NEAREST_H
#define RA_ROLE_NEAREST_H

#include <stddef.h>

/* Gives the candidates one by one; NULL: that was the last. */
typedef const char *ra_candidate(const void *data, size_t index);

/* NULL when none is near enough to be what was meant.  Case counts little. */
const char *ra_nearest(const char *word, ra_candidate *candidate,
                       const void *data);

/* Candidates in an array that ends in NULL. */
const char *ra_nearest_of(const char *word, const char *const *words);

#endif

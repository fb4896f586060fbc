/* SPDX-License-Identifier: MIT */
/* Memory that may become large.
 *
 * What is large comes from mmap(2) itself and grows by mremap(2), which copies
 * nothing.  malloc(3) would do so too, but before it serves a large request,
 * glibc's puts together all the small pieces that were freed before: while a
 * tree of a million values is taken apart, that costs more than reading it. */
#ifndef RA_BASE_LARGE_H
#define RA_BASE_LARGE_H

#include <stddef.h>

/* Zeroed and aligned for any type.  NULL: out of memory. */
void *ra_large_new(size_t size);
/* As ra_large_new() for count items, checked for overflow. */
void *ra_large_array(size_t count, size_t size);
/* Makes it larger; what is new is zeroed.  old may be NULL.  NULL: out of
 * memory, and old is as it was. */
void *ra_large_grow(void *old, size_t size);
/* NULL does no harm. */
void ra_large_free(void *memory);

#endif

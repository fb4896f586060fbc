/* SPDX-License-Identifier: MIT */
/* Memory that is given out piece by piece and freed all at once. */
#ifndef RA_BASE_ARENA_H
#define RA_BASE_ARENA_H

#include <stddef.h>

struct ra_arena_block;
struct ra_arena {
    struct ra_arena_block *blocks;
    size_t used; /* bytes given out, for statistics */
};

/* Zeroed and aligned for any type; NULL: out of memory.  An all-zero arena
 * is empty and fit for use. */
void *ra_arena_alloc(struct ra_arena *arena, size_t size);
/* As ra_arena_alloc() for count items, checked for overflow. */
void *ra_arena_array(struct ra_arena *arena, size_t count, size_t size);
/* A NUL-terminated copy, packed without alignment. */
char *ra_arena_text(struct ra_arena *arena, const char *text, size_t length);
/* What was given out is not used any more: frees it now and then.  The next
 * block that is asked for makes malloc(3) put together the small pieces that
 * were freed meanwhile, which is cheap only while they are in the cache; the
 * loading of roles was a quarter slower without that. */
void ra_arena_reset(struct ra_arena *arena);
void ra_arena_free(struct ra_arena *arena);

#endif

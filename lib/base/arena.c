/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)65536)

struct ra_arena_block {
    struct ra_arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

/* The place for size bytes at this alignment in the newest block; or NULL. */
static void *fit(struct ra_arena_block *block, size_t size, size_t align)
{
    size_t start;

    if (block == NULL)
        return NULL;
    start = (block->used + align - 1) / align * align;
    if (start > block->size || block->size - start < size)
        return NULL;
    block->used = start + size;
    return block->bytes + start;
}

static void *give(struct ra_arena *arena, size_t size, size_t align)
{
    struct ra_arena_block *block;
    size_t room = size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE;
    void *place = fit(arena->blocks, size, align);

    if (place != NULL) {
        arena->used += size;
        return place;
    }
    if (size > SIZE_MAX / 2)
        return NULL;
    block = calloc(1, sizeof(*block) + room);
    if (block == NULL)
        return NULL;
    block->size = room;
    if (room == size && arena->blocks != NULL) {
        /* A large piece of its own: keep filling the newest block. */
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    arena->used += size;
    return fit(block, size, align);
}

void *ra_arena_alloc(struct ra_arena *arena, size_t size)
{
    return give(arena, size, alignof(max_align_t));
}

void *ra_arena_array(struct ra_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size)
        return NULL;
    return give(arena, count * size, alignof(max_align_t));
}

char *ra_arena_text(struct ra_arena *arena, const char *text, size_t length)
{
    char *copy;

    if (length >= SIZE_MAX / 2)
        return NULL;
    copy = give(arena, length + 1, 1);
    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}

void ra_arena_reset(struct ra_arena *arena)
{
    if (arena->used > BLOCK_SIZE / 4 * 3)
        ra_arena_free(arena);
}

void ra_arena_free(struct ra_arena *arena)
{
    struct ra_arena_block *block = arena->blocks;

    while (block != NULL) {
        struct ra_arena_block *next = block->next;

        free(block);
        block = next;
    }
    memset(arena, 0, sizeof(*arena));
}

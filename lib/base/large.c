/* SPDX-License-Identifier: MIT */
#include "base/large.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Where mmap(2) begins to pay. */
#define LARGE ((size_t)64 * 1024)

static bool is_large(size_t size)
{
    return size >= LARGE;
}

void *ra_large_new(size_t size)
{
    void *memory;

    if (!is_large(size))
        return calloc(1, size > 0 ? size : 1);
    if (size > SIZE_MAX / 2)
        return NULL;
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED ? memory : NULL;
}

void *ra_large_grow(void *old, size_t old_size, size_t size)
{
    void *memory;

    if (old != NULL && is_large(old_size)) {
        if (size > SIZE_MAX / 2)
            return NULL;
        /* Up to the end of its last page, old is zero too: nobody wrote
         * behind it. */
        memory = mremap(old, old_size, size, MREMAP_MAYMOVE);
        return memory != MAP_FAILED ? memory : NULL;
    }
    memory = ra_large_new(size);
    if (memory != NULL && old_size > 0)
        memcpy(memory, old, old_size);
    if (memory != NULL)
        free(old);
    return memory;
}

void ra_large_free(void *memory, size_t size)
{
    if (memory != NULL && is_large(size))
        (void)munmap(memory, size);
    else
        free(memory);
}

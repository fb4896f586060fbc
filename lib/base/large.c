/* SPDX-License-Identifier: MIT */
#include "base/large.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Where mmap(2) begins to pay. */
#define LARGE ((size_t)64 * 1024)

/* What stands before the memory that is given out. */
struct head {
    alignas(max_align_t) size_t size; /* with the head */
};

static struct head *head_of(void *memory)
{
    return (struct head *)memory - 1;
}

static bool is_large(size_t size)
{
    return size >= LARGE;
}

void *ra_large_new(size_t size)
{
    struct head *head;

    if (size > SIZE_MAX / 2)
        return NULL;
    size += sizeof(*head);
    if (!is_large(size)) {
        head = calloc(1, size);
    } else {
        head = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (head == MAP_FAILED)
            head = NULL;
    }
    if (head == NULL)
        return NULL;
    head->size = size;
    return head + 1;
}

void *ra_large_array(size_t count, size_t size)
{
    return size != 0 && count > SIZE_MAX / 2 / size
               ? NULL
               : ra_large_new(count * size);
}

/* Between the end of old and that of its last page is zero too: nobody wrote
 * there. */
static void *remap(struct head *head, size_t size)
{
    struct head *larger;

    if (size > SIZE_MAX / 2)
        return NULL;
    size += sizeof(*head);
    larger = mremap(head, head->size, size, MREMAP_MAYMOVE);
    if (larger == MAP_FAILED)
        return NULL;
    larger->size = size;
    return larger + 1;
}

void *ra_large_grow(void *old, size_t size)
{
    void *memory;

    if (old != NULL && is_large(head_of(old)->size))
        return remap(head_of(old), size);
    memory = ra_large_new(size);
    if (memory == NULL || old == NULL)
        return memory;
    memcpy(memory, old, head_of(old)->size - sizeof(struct head));
    ra_large_free(old);
    return memory;
}

void ra_large_free(void *memory)
{
    struct head *head;

    if (memory == NULL)
        return;
    head = head_of(memory);
    if (is_large(head->size))
        (void)munmap(head, head->size);
    else
        free(head);
}

/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* In front of what is given out; as large as the strictest alignment. */
union header {
    size_t size; /* of the whole mapping */
    max_align_t align;
};

/* Kept out of swap as far as RLIMIT_MEMLOCK allows. */
static void *map(size_t size)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    void *place =
        mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_LOCKED, -1, 0);

    return place != MAP_FAILED
               ? place
               : mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
}

void *ra_secret_alloc(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t whole;
    union header *header;

    if (size > SIZE_MAX / 2)
        return NULL;
    whole = (sizeof(*header) + size + page - 1) / page * page;
    header = map(whole);
    if (header == MAP_FAILED)
        return NULL;
    /* Without this the memory is not fit for a secret.  A fork(2)ed child has
     * no use for it. */
    if (madvise(header, whole, MADV_DONTDUMP) != 0) {
        (void)munmap(header, whole);
        return NULL;
    }
    (void)madvise(header, whole, MADV_WIPEONFORK);
    header->size = whole;
    return header + 1;
}

void ra_secret_free(void *secret)
{
    union header *header;
    size_t whole;

    if (secret == NULL)
        return;
    header = (union header *)secret - 1;
    whole = header->size;
    explicit_bzero(header, whole);
    (void)munmap(header, whole);
}

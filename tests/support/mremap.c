/* SPDX-License-Identifier: MIT */
/* mremap(2) for programs under ThreadSanitizer, which does not watch it:
 * memory that moves would come with the marks of whoever had its new address
 * before, and those would be told as races. */
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

void *mremap(void *old, size_t old_size, size_t new_size, int flags, ...)
{
    void *memory = mmap(NULL, new_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)flags; /* MREMAP_MAYMOVE */
    if (memory == MAP_FAILED)
        return MAP_FAILED;
    memcpy(memory, old, old_size < new_size ? old_size : new_size);
    (void)munmap(old, old_size);
    return memory;
}

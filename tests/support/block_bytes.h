/* SPDX-License-Identifier: MIT */
/* Where things stand in the header of a block, for tests that damage one; in
 * the library this is base/block.c's own. */
#ifndef TESTS_SUPPORT_BLOCK_BYTES_H
#define TESTS_SUPPORT_BLOCK_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/block.h"
#include "base/crypto.h"

enum {
    AT_BYTE_ORDER = 16,
    AT_VERSION = 20,
    AT_SIZE = 24,
    AT_SECTIONS = 32,
    SECTION_SIZE = 24, /* offset and count, 8 bytes each; bytes of an item */
    AT_BODY_DIGEST = 1024 - 64,
    AT_DIGEST = 1024 - 32
};

static inline size_t at_section(size_t section)
{
    return AT_SECTIONS + section * SECTION_SIZE;
}

static inline size_t at_count(size_t section)
{
    return at_section(section) + 8;
}

static inline size_t at_item_size(size_t section)
{
    return at_section(section) + 16;
}

/* size is 4 or 8. */
static inline void put(unsigned char *bytes, size_t at, uint64_t value,
                       size_t size)
{
    uint32_t half = (uint32_t)value;

    memcpy(bytes + at, size == 8 ? (void *)&value : (void *)&half, size);
}

static inline uint64_t get64(const unsigned char *bytes, size_t at)
{
    uint64_t value;

    memcpy(&value, bytes + at, sizeof(value));
    return value;
}

/* Makes the header whole again after a change.  False: libcrypto failed. */
static inline bool seal_again(unsigned char *bytes)
{
    return ra_sha256(bytes, AT_DIGEST, bytes + AT_DIGEST);
}

#endif

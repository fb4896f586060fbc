/* SPDX-License-Identifier: MIT */
#include "role/names.h"

#include <string.h>

#include "base/large.h"

/* FNV-1a, 64 bits, with the high half folded in. */
static size_t hash_of(const char *name)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001B3u;
    return (size_t)(hash ^ hash >> 32);
}

bool ra_names_init(struct ra_names *names, size_t count)
{
    size_t size = 16;

    /* Half empty at least, so that a search always ends. */
    while (size / 2 < count)
        size *= 2;
    names->slots = ra_large_array(size, sizeof(*names->slots));
    names->mask = size - 1;
    return names->slots != NULL;
}

void ra_names_free(struct ra_names *names)
{
    ra_large_free(names->slots);
    memset(names, 0, sizeof(*names));
}

/* The slot that holds the name, or the free one where it belongs; NULL: there
 * is neither, because the table is damaged. */
static uint32_t *slot_of(const struct ra_names *names, const char *name,
                         ra_name_at *name_at, const void *data)
{
    size_t at = hash_of(name) & names->mask;

    for (size_t i = 0; i <= names->mask; i++) {
        uint32_t *slot = &names->slots[(at + i) & names->mask];
        const char *other = *slot != 0 ? name_at(data, *slot - 1) : NULL;

        if (*slot == 0 || (other != NULL && strcmp(other, name) == 0))
            return slot;
    }
    return NULL;
}

size_t ra_names_find(const struct ra_names *names, const char *name,
                     ra_name_at *name_at, const void *data)
{
    const uint32_t *slot = NULL;

    if (names->slots != NULL)
        slot = slot_of(names, name, name_at, data);
    return slot != NULL ? (size_t)*slot - 1 : RA_NAMES_NONE;
}

size_t ra_names_add(struct ra_names *names, size_t place, ra_name_at *name_at,
                    const void *data)
{
    uint32_t *slot = slot_of(names, name_at(data, place), name_at, data);

    if (*slot != 0)
        return *slot - 1;
    *slot = (uint32_t)(place + 1);
    return RA_NAMES_NONE;
}

void ra_names_replace(struct ra_names *names, size_t place, ra_name_at *name_at,
                      const void *data)
{
    *slot_of(names, name_at(data, place), name_at, data) =
        (uint32_t)(place + 1);
}

bool ra_names_has(const struct ra_names *names, size_t place,
                  ra_name_at *name_at, const void *data)
{
    const char *name = name_at(data, place);

    return name != NULL && ra_names_find(names, name, name_at, data) == place;
}

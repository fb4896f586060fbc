/* SPDX-License-Identifier: MIT */
/* Finding a role by its name: a hash table of places in an array. */
#ifndef RA_ROLE_NAMES_H
#define RA_ROLE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ra_names {
    uint32_t *slots; /* place + 1; 0: free */
    size_t mask;
};

/* What is the name at this place?  NULL: there is none. */
typedef const char *ra_name_at(const void *data, size_t place);

#define RA_NAMES_NONE ((size_t)-1)

/* Room for count names.  False: out of memory. */
bool ra_names_init(struct ra_names *names, size_t count);
void ra_names_free(struct ra_names *names);
/* The place of this name, or RA_NAMES_NONE; also in a table that is damaged.
 */
size_t ra_names_find(const struct ra_names *names, const char *name,
                     ra_name_at *name_at, const void *data);
/* Adds a place unless its name is there already: that one's place then, else
 * RA_NAMES_NONE.  There must be room. */
size_t ra_names_add(struct ra_names *names, size_t place, ra_name_at *name_at,
                    const void *data);
/* Puts a place where another one of its name is. */
void ra_names_replace(struct ra_names *names, size_t place, ra_name_at *name_at,
                      const void *data);
/* Is it this place that its name leads to? */
bool ra_names_has(const struct ra_names *names, size_t place,
                  ra_name_at *name_at, const void *data);

#endif

/* SPDX-License-Identifier: MIT */
/* Memory for passwords: out of core dumps (madvise(2) MADV_DONTDUMP), kept
 * out of swap where the limits allow (mmap(2) MAP_LOCKED), wiped when freed. */
#ifndef RA_BASE_SECRET_H
#define RA_BASE_SECRET_H

#include <stddef.h>

/* Zeroed; NULL: out of memory. */
void *ra_secret_alloc(size_t size);
/* Wipes and frees; NULL-safe. */
void ra_secret_free(void *secret);

#endif

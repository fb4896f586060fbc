/* SPDX-License-Identifier: MIT */
/* What the file store does on its own account. */
#ifndef RA_STORE_FILE_H
#define RA_STORE_FILE_H

#include <time.h>

/* Temporary files have this prefix, which no item's name can have. */
#define RA_FILE_TEMPORARY ".tmp-"
/* Seconds after which nobody can still be writing one. */
#define RA_FILE_ABANDONED 60

/* Removes the temporary files in an open directory that a crash has left,
 * judged by st_ctime, which nobody can set. */
void ra_file_clean(int directory, time_t now);

#endif

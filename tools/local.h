/* SPDX-License-Identifier: MIT */
/* Moments and local time, for what people read and write. */
#ifndef ROLEAUTH_LOCAL_H
#define ROLEAUTH_LOCAL_H

#include "tool.h"

/* ---- local.c ---- */

/* What the tool itself wants to know of a configuration that the library has
 * taken: json_decref() it.  path NULL: the default one, which may be absent.
 * NULL: told on standard error. */
json_t *local_config(const char *path);
/* From now on local time is that of the configured zone, and TZ has no say. */
int local_zone(const json_t *config);

#define MOMENT_SIZE 48
/* Each is false when there is no such date: "2026-11-22 15:00:00", local time.
 */
bool local_text(int64_t second, char text[MOMENT_SIZE]);
/* The same with " +0100", which tells a time that daylight saving repeats. */
bool local_text_zoned(int64_t second, char text[MOMENT_SIZE]);
/* RFC 3339, UTC. */
bool utc_text(int64_t second, char text[MOMENT_SIZE]);

/* ---- when.c; milliseconds since 1970 ---- */

/* RFC 3339 date-time.  False: it is none. */
bool when_event(const char *text, int64_t *milliseconds);
/* That, or "YYYY-MM-DD", or with " HH:MM" or " HH:MM:SS", local time; or "90s",
 * "30m", "2h", "3d" or "1w" before now. */
bool when_argument(const char *text, int64_t *milliseconds);

#endif

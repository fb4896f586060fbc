/* SPDX-License-Identifier: MIT */
/* Local time by zone, read from TZif files (RFC 8536, tzfile(5)) by the
 * library itself: localtime(3) would obey the TZ environment variable, which
 * in a set-uid program belongs to the user, and change process-wide state. */
#ifndef RA_BASE_ZONE_H
#define RA_BASE_ZONE_H

#include <roleauth.h>

typedef struct ra_zone ra_zone;

struct ra_local_time {
    int year;           /* such as 2026 */
    int month, day;     /* 1 to 12, 1 to 31 */
    int hour, minute, second;
    int weekday;        /* 0 Sunday to 6 Saturday */
    int utc_offset;     /* seconds east of UTC */
};

/* Reads a zone.  name NULL: /etc/localtime (UTC when that is absent, as
 * tzset(3)); else a name below /usr/share/zoneinfo such as "Europe/Berlin"
 * (no "..", no leading slash, characters [A-Za-z0-9._+/-]) or "UTC".
 * Returns 0, ROLEAUTH_E_NOT_FOUND, ROLEAUTH_E_INVALID (damaged file, bad
 * name, a zone that counts leap seconds), ROLEAUTH_E_LIMIT (over 1 MiB),
 * ROLEAUTH_E_IO, ROLEAUTH_E_NOMEM. */
int ra_zone_load(ra_zone **zone, const char *name, roleauth_error *error);
/* From the bytes of a TZif file. */
int ra_zone_parse(ra_zone **zone, const void *bytes, size_t length,
                  roleauth_error *error);
void ra_zone_free(ra_zone **zone);

/* Local time of a moment, seconds since 1970 UTC.  Returns 0, or
 * ROLEAUTH_E_ARGUMENT when the year is outside 1 to 9999. */
int ra_zone_local(const ra_zone *zone, int64_t moment,
                  struct ra_local_time *local);

/* The moment of a local date and time; weekday and utc_offset are not looked
 * at.  A time that the zone skips, as at the start of daylight saving, is the
 * first moment behind the gap, one that it repeats its first occurrence.
 * Returns 0, or ROLEAUTH_E_ARGUMENT: there is no such date or time of day, or
 * the year is outside 1 to 9999. */
int ra_zone_moment(const ra_zone *zone, const struct ra_local_time *local,
                   int64_t *moment);

#endif

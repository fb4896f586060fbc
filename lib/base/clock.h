/* SPDX-License-Identifier: MIT */
/* The system's clocks behind the clock seam. */
#ifndef RA_BASE_CLOCK_H
#define RA_BASE_CLOCK_H

#include <roleauth.h>
#include <stdbool.h>

/* CLOCK_REALTIME, CLOCK_BOOTTIME and /proc/sys/kernel/random/boot_id. */
roleauth_clock ra_clock_system(void);

/* Reads a clock and checks what it says: -1 also for a time that is zero or
 * negative, or nanoseconds out of range. */
int ra_clock_now(const roleauth_clock *clock, roleauth_time *time);

/* RFC 3339 in UTC with milliseconds, such as 2026-11-22T05:00:00.123Z; false:
 * the year does not have four digits. */
bool ra_rfc3339(const struct timespec *realtime, char text[32]);

#endif

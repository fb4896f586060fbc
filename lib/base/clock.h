/* SPDX-License-Identifier: MIT */
/* The system's clocks behind the clock seam. */
#ifndef RA_BASE_CLOCK_H
#define RA_BASE_CLOCK_H

#include <roleauth.h>
#include <stdbool.h>

/* /proc/sys/kernel/random/boot_id, which no process sees change. */
struct ra_boot_id {
    bool known;
    unsigned char id[16];
};

/* CLOCK_REALTIME, CLOCK_BOOTTIME and the boot id, which is read now and kept
 * in *boot.  *boot has to outlive the clock; when it cannot be read, neither
 * can the clock. */
roleauth_clock ra_clock_system(struct ra_boot_id *boot);

/* Reads a clock and checks what it says: -1 also for a time that is zero or
 * negative, or nanoseconds out of range. */
int ra_clock_now(const roleauth_clock *clock, roleauth_time *time);

/* RFC 3339 in UTC with milliseconds, such as 2026-11-22T05:00:00.123Z; false:
 * the year does not have four digits. */
bool ra_rfc3339(const struct timespec *realtime, char text[32]);

#endif

/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/tzrule.h"

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define NANOSECONDS 1000000000L

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* random(4): a UUID in lower case, such as
 * 6fd5a44b-35f4-4ad4-a9b9-6b9be13e1fe9. */
static int parse_boot_id(const char *text, unsigned char id[16])
{
    size_t digits = 0;

    for (; *text != '\0' && *text != '\n' && digits < 32; text++) {
        int value = hex_value(*text);

        if (*text == '-')
            continue;
        if (value < 0)
            return -1;
        if (digits % 2 == 0)
            id[digits / 2] = (unsigned char)(value << 4);
        else
            id[digits / 2] = (unsigned char)(id[digits / 2] | value);
        digits++;
    }
    return digits == 32 ? 0 : -1;
}

static int read_boot_id(unsigned char id[16])
{
    char text[64];
    ssize_t got;
    int fd = open(BOOT_ID_FILE, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    got = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    if (got <= 0)
        return -1;
    text[got] = '\0';
    return parse_boot_id(text, id);
}

static int system_now(void *data, roleauth_time *time)
{
    const struct ra_boot_id *boot = data;

    memcpy(time->boot_id, boot->id, sizeof(time->boot_id));
    return boot->known &&
                   clock_gettime(CLOCK_REALTIME, &time->realtime) == 0 &&
                   clock_gettime(CLOCK_BOOTTIME, &time->boottime) == 0
               ? 0
               : -1;
}

roleauth_clock ra_clock_system(struct ra_boot_id *boot)
{
    roleauth_clock clock = {system_now, boot};

    boot->known = read_boot_id(boot->id) == 0;
    return clock;
}

/* CVE-2013-1775: a clock at zero must not make anything look fresh. */
static int is_sane(const struct timespec *time)
{
    return time->tv_sec > 0 && time->tv_nsec >= 0 &&
           time->tv_nsec < NANOSECONDS;
}

int ra_clock_now(const roleauth_clock *clock, roleauth_time *time)
{
    memset(time, 0, sizeof(*time));
    if (clock->now(clock->data, time) == 0 && is_sane(&time->realtime) &&
        is_sane(&time->boottime))
        return 0;
    memset(time, 0, sizeof(*time));
    return -1;
}

/* gmtime_r(3) would do, but it reads the TZ environment variable and the zone
 * that it names. */
bool ra_rfc3339(const struct timespec *realtime, char text[32])
{
    int64_t moment = (int64_t)realtime->tv_sec;
    int64_t days = moment / RA_DAY - (moment % RA_DAY < 0);
    int seconds = (int)(moment - days * RA_DAY);
    int64_t year;
    int month, day;

    text[0] = '\0';
    /* The years 1000 to 9999. */
    if (days < -354285 || days > 2932896)
        return false;
    ra_date_from_days(days, &year, &month, &day);
    return snprintf(text, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ",
                    (int)year, month, day, seconds / 3600, seconds / 60 % 60,
                    seconds % 60, realtime->tv_nsec / 1000000) < 32;
}

/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
    (void)data;
    if (clock_gettime(CLOCK_REALTIME, &time->realtime) != 0 ||
        clock_gettime(CLOCK_BOOTTIME, &time->boottime) != 0)
        return -1;
    return read_boot_id(time->boot_id);
}

roleauth_clock ra_clock_system(void)
{
    roleauth_clock clock = {system_now, NULL};

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

bool ra_rfc3339(const struct timespec *realtime, char text[32])
{
    struct tm tm;
    char seconds[32];

    text[0] = '\0';
    if (gmtime_r(&realtime->tv_sec, &tm) == NULL || tm.tm_year < -900 ||
        tm.tm_year > 8099 ||
        strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        return false;
    return snprintf(text, 32, "%.20s.%03ldZ", seconds,
                    realtime->tv_nsec / 1000000) < 32;
}

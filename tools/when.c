/* SPDX-License-Identifier: MIT */
/* Moments as people and events write them. */
#include <bsd/stdlib.h>
#include <ctype.h>
#include <string.h>

#include "local.h"

/* A date, and as much of a time as was there. */
struct parts {
    struct tm tm;
    int milliseconds;
    bool has_offset;
    long offset; /* seconds east of UTC */
};

/* ---- reading; each moves *at behind what it takes ---- */

static bool take_digits(const char **at, int count, int *value)
{
    *value = 0;
    for (; count > 0; count--, ++*at) {
        if (!isdigit((unsigned char)**at))
            return false;
        *value = *value * 10 + (**at - '0');
    }
    return true;
}

static bool take_char(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    ++*at;
    return true;
}

static bool take_date(const char **at, struct tm *tm)
{
    int year, month;

    if (!take_digits(at, 4, &year) || !take_char(at, '-') ||
        !take_digits(at, 2, &month) || !take_char(at, '-') ||
        !take_digits(at, 2, &tm->tm_mday))
        return false;
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    return year >= 1;
}

/* Digits behind the third are no news. */
static bool take_fraction(const char **at, int *milliseconds)
{
    int weight = 100;

    if (!isdigit((unsigned char)**at))
        return false;
    for (; isdigit((unsigned char)**at); ++*at, weight /= 10)
        *milliseconds += (**at - '0') * weight;
    return true;
}

static bool take_clock(const char **at, struct parts *parts)
{
    struct tm *tm = &parts->tm;

    if (!take_digits(at, 2, &tm->tm_hour) || !take_char(at, ':') ||
        !take_digits(at, 2, &tm->tm_min))
        return false;
    if (take_char(at, ':')) {
        if (!take_digits(at, 2, &tm->tm_sec))
            return false;
        if (take_char(at, '.') && !take_fraction(at, &parts->milliseconds))
            return false;
    }
    /* RFC 3339, 5.6: 60 is a leap second. */
    return tm->tm_hour <= 23 && tm->tm_min <= 59 && tm->tm_sec <= 60;
}

static bool take_offset(const char **at, struct parts *parts)
{
    bool west = **at == '-';
    int hours, minutes;

    parts->has_offset = **at != '\0';
    if (!parts->has_offset || take_char(at, 'Z') || take_char(at, 'z'))
        return true;
    if (**at != '+' && **at != '-')
        return false;
    ++*at;
    if (!take_digits(at, 2, &hours) || !take_char(at, ':') ||
        !take_digits(at, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    parts->offset = (hours * 60L + minutes) * (west ? -60 : 60);
    return true;
}

/* Is the day one of its month? */
static bool is_date(const struct tm *tm)
{
    struct tm same = {
        .tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday};

    (void)timegm(&same);
    return same.tm_year == tm->tm_year && same.tm_mon == tm->tm_mon &&
           same.tm_mday == tm->tm_mday;
}

static bool take_parts(const char *text, struct parts *parts)
{
    memset(parts, 0, sizeof(*parts));
    if (!take_date(&text, &parts->tm) || !is_date(&parts->tm))
        return false;
    if (*text == '\0')
        return true;
    return strchr("Tt ", *text++) != NULL && take_clock(&text, parts) &&
           take_offset(&text, parts) && *text == '\0';
}

/* ---- moments ---- */

static long offset_at(time_t moment)
{
    struct tm tm;

    return localtime_r(&moment, &tm) != NULL ? tm.tm_gmtoff : 0;
}

/* As the triggers take local times: the first occurrence of one that is
 * repeated.  One that is skipped counts by the offset before the gap. */
static time_t local_moment(time_t as_utc)
{
    const time_t day = 86400;
    long before = offset_at(as_utc - day), after = offset_at(as_utc + day);
    time_t early = as_utc - (before > after ? before : after);
    time_t late = as_utc - (before > after ? after : before);

    if (early + offset_at(early) == as_utc)
        return early;
    if (late + offset_at(late) == as_utc)
        return late;
    return as_utc - before;
}

static int64_t moment_of(const struct parts *parts)
{
    struct tm tm = parts->tm;
    time_t as_utc = timegm(&tm);
    time_t moment =
        parts->has_offset ? as_utc - parts->offset : local_moment(as_utc);

    return (int64_t)moment * 1000 + parts->milliseconds;
}

bool when_event(const char *text, int64_t *milliseconds)
{
    struct parts parts;

    if (text == NULL || !take_parts(text, &parts) || !parts.has_offset)
        return false;
    *milliseconds = moment_of(&parts);
    return true;
}

/* "2h": so long ago; " ago" may follow. */
static bool take_ago(const char *text, int64_t *milliseconds)
{
    static const char units[] = "smhdw";
    static const long long seconds[] = {1, 60, 3600, 86400, 604800};
    size_t digits = strspn(text, "0123456789");
    const char *unit, *fault = NULL;
    char number[16];
    struct timespec now;
    long long count;

    if (digits == 0 || digits >= sizeof(number) || text[digits] == '\0' ||
        (unit = strchr(units, text[digits])) == NULL ||
        (text[digits + 1] != '\0' && strcmp(text + digits + 1, " ago") != 0))
        return false;
    memcpy(number, text, digits);
    number[digits] = '\0';
    count = strtonum(number, 0, 1000000000, &fault);
    if (fault != NULL || clock_gettime(CLOCK_REALTIME, &now) != 0)
        return false;
    *milliseconds =
        ((int64_t)now.tv_sec - count * seconds[unit - units]) * 1000 +
        now.tv_nsec / 1000000;
    return true;
}

bool when_argument(const char *text, int64_t *milliseconds)
{
    struct parts parts;

    if (take_ago(text, milliseconds))
        return true;
    if (!take_parts(text, &parts))
        return false;
    *milliseconds = moment_of(&parts);
    return true;
}

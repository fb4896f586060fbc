/* SPDX-License-Identifier: MIT */
#include "base/tzrule.h"

#include <string.h>

/* Days in 400 years, after which the Gregorian calendar repeats itself. */
#define ERA 146097

/* Text that is read from the front. */
struct cursor {
    const char *at, *end;
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Both count the year from March 1, so that a leap day is a year's last and
 * the months' lengths repeat: 153 days in 5 months. */
int64_t ra_days_from_date(int64_t year, int month, int day)
{
    int64_t from_march = month > 2 ? month - 3 : month + 9;
    int64_t era, of_era;

    year -= month <= 2;
    era = floor_div(year, 400);
    of_era = year - era * 400;
    /* 0000-03-01 is 719468 days before 1970-01-01. */
    return era * ERA + of_era * 365 + of_era / 4 - of_era / 100 +
           (153 * from_march + 2) / 5 + day - 1 - 719468;
}

void ra_date_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t era, of_era, of_year, from_march;

    days += 719468;
    era = floor_div(days, ERA);
    days -= era * ERA;
    /* Leap days come every 4 years but 100, but the last of 400. */
    of_era = (days - days / 1460 + days / 36524 - days / (ERA - 1)) / 365;
    of_year = days - (of_era * 365 + of_era / 4 - of_era / 100);
    from_march = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
    *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    *year = era * 400 + of_era + (*month <= 2);
}

static bool accept(struct cursor *text, char c)
{
    if (text->at == text->end || *text->at != c)
        return false;
    text->at++;
    return true;
}

/* A decimal number of at most 3 digits, from least to most. */
static bool number(struct cursor *text, int least, int most, int *value)
{
    const char *start = text->at;

    *value = 0;
    while (text->at < text->end && *text->at >= '0' && *text->at <= '9' &&
           text->at - start < 3)
        *value = *value * 10 + (*text->at++ - '0');
    return text->at > start && *value >= least && *value <= most;
}

/* [+-]hh[:mm[:ss]] */
static bool clock_time(struct cursor *text, int most_hours, int32_t *seconds)
{
    bool negative = accept(text, '-');
    int hours, minutes = 0, rest = 0;

    if (!negative)
        (void)accept(text, '+');
    if (!number(text, 0, most_hours, &hours))
        return false;
    if (accept(text, ':')) {
        if (!number(text, 0, 59, &minutes))
            return false;
        if (accept(text, ':') && !number(text, 0, 59, &rest))
            return false;
    }
    *seconds = hours * 3600 + minutes * 60 + rest;
    if (negative)
        *seconds = -*seconds;
    return true;
}

/* A name of three characters or more: letters, or <> around a choice of
 * characters.  What it says does not matter. */
static bool skip_name(struct cursor *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool quoted = accept(text, '<');
    size_t length = 0;

    while (text->at < text->end && *text->at != '\0' &&
           (strchr(letters, *text->at) != NULL ||
            (quoted && strchr("0123456789+-", *text->at) != NULL))) {
        text->at++;
        length++;
    }
    return length >= 3 && (!quoted || accept(text, '>'));
}

static bool date(struct cursor *text, struct ra_tz_date *date)
{
    bool good;

    if (!accept(text, ','))
        return false;
    if (accept(text, 'M')) {
        date->kind = RA_TZ_WEEKDAY;
        good = number(text, 1, 12, &date->month) && accept(text, '.') &&
               number(text, 1, 5, &date->week) && accept(text, '.') &&
               number(text, 0, 6, &date->day);
    } else if (accept(text, 'J')) {
        date->kind = RA_TZ_JULIAN;
        good = number(text, 1, 365, &date->day);
    } else {
        date->kind = RA_TZ_DAY;
        good = number(text, 0, 365, &date->day);
    }
    date->time = 2 * 3600;
    if (good && accept(text, '/'))
        good = clock_time(text, 167, &date->time);
    return good;
}

bool ra_tz_rule_parse(struct ra_tz_rule *rule, const char *string,
                      size_t length)
{
    struct cursor text = {string, string + length};

    memset(rule, 0, sizeof(*rule));
    if (!skip_name(&text) || !clock_time(&text, 24, &rule->standard))
        return false;
    /* POSIX counts west of UTC. */
    rule->standard = -rule->standard;
    if (text.at == text.end)
        return true;
    rule->has_summer = true;
    if (!skip_name(&text))
        return false;
    rule->summer = rule->standard + 3600;
    if (text.at < text.end && *text.at != ',') {
        if (!clock_time(&text, 24, &rule->summer))
            return false;
        rule->summer = -rule->summer;
    }
    return date(&text, &rule->start) && date(&text, &rule->end) &&
           text.at == text.end;
}

/* Local time of the change in that year, as seconds since 1970. */
static int64_t change(const struct ra_tz_date *date, int64_t year)
{
    int64_t first = ra_days_from_date(year, 1, 1), march, day, next;

    switch (date->kind) {
    case RA_TZ_JULIAN:
        march = ra_days_from_date(year, 3, 1);
        day = first + date->day - 1;
        /* The 60th is March 1, whether or not there is a February 29. */
        if (date->day >= 60)
            day = march + date->day - 60;
        break;
    case RA_TZ_DAY:
        day = first + date->day;
        break;
    case RA_TZ_WEEKDAY:
    default:
        day = ra_days_from_date(year, date->month, 1);
        next = date->month == 12 ? ra_days_from_date(year + 1, 1, 1)
                                 : ra_days_from_date(year, date->month + 1, 1);
        /* 1970-01-01 was a Thursday. */
        day += (date->day - (day + 4) % 7 + 14) % 7 + (date->week - 1) * 7;
        if (day >= next)
            day -= 7; /* week 5 is the last one */
        break;
    }
    return day * RA_DAY + date->time;
}

int32_t ra_tz_rule_offset(const struct ra_tz_rule *rule, int64_t moment)
{
    int64_t year, latest = INT64_MIN;
    int32_t offset = rule->standard;
    int month, day;

    if (!rule->has_summer)
        return rule->standard;
    ra_date_from_days(floor_div(moment + rule->standard, RA_DAY), &year, &month,
                      &day);
    /* The last change up to the moment counts.  Its time may lie a week away
     * from its day, in another year.  Where an end and a start fall together,
     * summer time lasts all year (RFC 8536, 3.3.1). */
    for (int64_t y = year - 1; y <= year + 1; y++) {
        int64_t end = change(&rule->end, y) - rule->summer;
        int64_t start = change(&rule->start, y) - rule->standard;

        if (end <= moment && end > latest) {
            latest = end;
            offset = rule->standard;
        }
        if (start <= moment && start >= latest) {
            latest = start;
            offset = rule->summer;
        }
    }
    return offset;
}

static int64_t earlier_after(int64_t moment, int64_t change, int64_t next)
{
    return change > moment && change < next ? change : next;
}

int64_t ra_tz_rule_next(const struct ra_tz_rule *rule, int64_t moment)
{
    int64_t year, next = INT64_MAX;
    int month, day;

    if (!rule->has_summer)
        return next;
    ra_date_from_days(floor_div(moment + rule->standard, RA_DAY), &year, &month,
                      &day);
    /* As above; and the next change may be one of the next year. */
    for (int64_t y = year - 1; y <= year + 2; y++) {
        next = earlier_after(moment, change(&rule->start, y) - rule->standard,
                             next);
        next =
            earlier_after(moment, change(&rule->end, y) - rule->summer, next);
    }
    return next;
}

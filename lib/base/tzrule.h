/* SPDX-License-Identifier: MIT */
/* The days of the calendar, and the rule at the end of a TZif file: a POSIX TZ
 * string as RFC 8536, 3.3 extends it. */
#ifndef RA_BASE_TZRULE_H
#define RA_BASE_TZRULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RA_DAY ((int64_t)86400) /* seconds */

/* Days since 1970-01-01 in the Gregorian calendar; month 1 to 12. */
int64_t ra_days_from_date(int64_t year, int month, int day);
void ra_date_from_days(int64_t days, int64_t *year, int *month, int *day);

/* When a change happens each year. */
struct ra_tz_date {
    enum {
        RA_TZ_JULIAN,  /* Jn: day 1 to 365, February 29 is never counted */
        RA_TZ_DAY,     /* n: day 0 to 365 */
        RA_TZ_WEEKDAY, /* Mm.w.d: weekday d of week w of month m */
    } kind;
    int month, week, day;
    int32_t time; /* seconds after local midnight, may lie days away */
};

struct ra_tz_rule {
    int32_t standard, summer; /* seconds east of UTC */
    bool has_summer;
    struct ra_tz_date start, end;
};

/* Returns false for anything that is not wholly such a string. */
bool ra_tz_rule_parse(struct ra_tz_rule *rule, const char *text, size_t length);

/* Seconds east of UTC at a moment. */
int32_t ra_tz_rule_offset(const struct ra_tz_rule *rule, int64_t moment);

/* The first moment after this one at which the rule begins or ends summer
 * time; INT64_MAX: there is none. */
int64_t ra_tz_rule_next(const struct ra_tz_rule *rule, int64_t moment);

#endif

/* SPDX-License-Identifier: MIT */
/* The time variables of the reference system. */
#include "auth/context.h"

#include <stdio.h>

#include "base/error.h"

#define TEXT_SIZE 32

/* The server's own value counts (roleauth-roles(5)). */
static int set_unless_server(ra_vars *vars, const char *name, const char *text,
                             roleauth_error *error)
{
    return ra_vars_get(vars, name, NULL) != NULL
               ? 0
               : ra_vars_set(vars, ROLEAUTH_SERVER, name, text, error);
}

static int set_number(ra_vars *vars, const char *name, int number,
                      roleauth_error *error)
{
    char text[TEXT_SIZE];

    (void)snprintf(text, sizeof(text), "%d", number);
    return set_unless_server(vars, name, text, error);
}

static int set_all(ra_vars *vars, const struct ra_local_time *local,
                   roleauth_error *error)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed",
                                    "Thu", "Fri", "Sat"};
    char year[TEXT_SIZE], date[2 * TEXT_SIZE], time[2 * TEXT_SIZE];
    int rc;

    (void)snprintf(year, sizeof(year), "%04d", local->year);
    (void)snprintf(date, sizeof(date), "%04d/%02d/%02d", local->year,
                   local->month, local->day);
    (void)snprintf(time, sizeof(time), "%02d:%02d:%02d", local->hour,
                   local->minute, local->second);
    if ((rc = set_unless_server(vars, "year", year, error)) != 0 ||
        (rc = set_number(vars, "month", local->month, error)) != 0 ||
        (rc = set_number(vars, "day", local->day, error)) != 0 ||
        (rc = set_number(vars, "hour", local->hour, error)) != 0 ||
        (rc = set_number(vars, "minute", local->minute, error)) != 0 ||
        (rc = set_unless_server(vars, "date", date, error)) != 0 ||
        (rc = set_unless_server(vars, "time", time, error)) != 0)
        return rc;
    return set_unless_server(vars, "dayname", days[local->weekday], error);
}

int ra_time_vars(ra_vars **vars, const ra_vars *request, const ra_zone *zone,
                 const roleauth_time *time, roleauth_error *error)
{
    struct ra_local_time local;
    int rc;

    *vars = ra_vars_new(request);
    if (*vars == NULL)
        return ra_fail_nomem(error);
    rc = ra_zone_local(zone, time->realtime.tv_sec, &local);
    if (rc == 0)
        rc = set_all(*vars, &local, error);
    else
        (void)ra_fail(error, rc, "the date is outside the years 1 to 9999");
    if (rc != 0)
        ra_vars_free(vars);
    return rc;
}

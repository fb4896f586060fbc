/* SPDX-License-Identifier: MIT */
#include "store/triggers.h"

#include <string.h>

#include "base/tzrule.h"

#define NANOSECONDS 1000000000L
/* 9999-12-31 23:59:59 UTC. */
#define LAST_MOMENT INT64_C(253402300799)
/* How many days before and after today the moments around now can belong to:
 * a zone that crosses the date line skips a day, or has one twice. */
#define DAYS_AROUND 3

const char *roleauth_trigger_word(roleauth_trigger trigger)
{
    switch (trigger) {
    case ROLEAUTH_TRIGGER_INTERVAL:
        return "interval";
    case ROLEAUTH_TRIGGER_DAILY:
        return "daily";
    case ROLEAUTH_TRIGGER_BOOT:
        return "boot";
    case ROLEAUTH_TRIGGER_HAND:
        return "hand";
    case ROLEAUTH_TRIGGER_NONE:
        break;
    }
    return "none";
}

bool ra_triggers_any(const struct ra_triggers *triggers)
{
    return triggers != NULL && (triggers->interval > 0 ||
                                triggers->daily_count > 0 || triggers->boot);
}

/* The best moments so far. */
struct search {
    int64_t now;
    roleauth_moment *latest, *next;
};

static void offer(struct search *search, roleauth_trigger trigger,
                  int64_t moment)
{
    roleauth_moment *latest = search->latest;
    roleauth_moment *next = search->next;

    if (moment > search->now) {
        if (next->trigger == ROLEAUTH_TRIGGER_NONE || moment < next->at)
            *next = (roleauth_moment){trigger, moment};
    } else if (latest->trigger == ROLEAUTH_TRIGGER_NONE ||
               moment > latest->at) {
        *latest = (roleauth_moment){trigger, moment};
    }
}

/* anchor + k * interval, with a negative k where the anchor lies in the future
 * because a clock was set back: at no time is the latest moment further away
 * than one interval. */
static void offer_interval(struct search *search, int64_t interval,
                           int64_t anchor)
{
    int64_t since = search->now - anchor;
    int64_t rest = since % interval;
    int64_t latest;

    if (rest < 0)
        rest += interval;
    latest = search->now - rest;
    offer(search, ROLEAUTH_TRIGGER_INTERVAL, latest);
    if (latest <= LAST_MOMENT - interval)
        offer(search, ROLEAUTH_TRIGGER_INTERVAL, latest + interval);
}

static void offer_day(struct search *search, const struct ra_triggers *triggers,
                      int64_t days)
{
    struct ra_local_time local;
    int64_t year, moment;

    memset(&local, 0, sizeof(local));
    ra_date_from_days(days, &year, &local.month, &local.day);
    local.year = (int)year;
    for (size_t i = 0; i < triggers->daily_count; i++) {
        local.hour = triggers->daily[i] / 60;
        local.minute = triggers->daily[i] % 60;
        if (ra_zone_moment(triggers->zone, &local, &moment) == 0)
            offer(search, ROLEAUTH_TRIGGER_DAILY, moment);
    }
}

static int offer_daily(struct search *search,
                       const struct ra_triggers *triggers)
{
    struct ra_local_time today;
    int64_t days;

    if (ra_zone_local(triggers->zone, search->now, &today) != 0)
        return ROLEAUTH_E_ARGUMENT;
    days = ra_days_from_date(today.year, today.month, today.day);
    for (int64_t day = days - DAYS_AROUND; day <= days + DAYS_AROUND; day++)
        offer_day(search, triggers, day);
    return 0;
}

static bool is_sane(int64_t moment)
{
    return moment >= 0 && moment <= LAST_MOMENT;
}

int ra_triggers_around(const struct ra_triggers *triggers,
                       const struct ra_trigger_view *view,
                       roleauth_moment *latest, roleauth_moment *next)
{
    struct search search = {view->now, latest, next};
    int rc = 0;

    memset(latest, 0, sizeof(*latest));
    memset(next, 0, sizeof(*next));
    if (!is_sane(view->now) || (view->has_anchor && !is_sane(view->anchor)))
        return ROLEAUTH_E_ARGUMENT;
    if (triggers->interval > 0 && view->has_anchor)
        offer_interval(&search, triggers->interval, view->anchor);
    if (triggers->daily_count > 0)
        rc = offer_daily(&search, triggers);
    if (triggers->boot && view->has_boot && view->booted <= view->now)
        offer(&search, ROLEAUTH_TRIGGER_BOOT, view->booted);
    if (rc != 0) {
        memset(latest, 0, sizeof(*latest));
        memset(next, 0, sizeof(*next));
    }
    return rc;
}

static bool same_boot(const roleauth_time *a, const roleauth_time *b)
{
    return memcmp(a->boot_id, b->boot_id, sizeof(a->boot_id)) == 0;
}

int64_t ra_trigger_now(const roleauth_time *then, const roleauth_time *now)
{
    int64_t real = (int64_t)now->realtime.tv_sec;
    int64_t sum;
    long nanoseconds =
        then->realtime.tv_nsec + now->boottime.tv_nsec - then->boottime.tv_nsec;

    if (!same_boot(then, now))
        return real;
    if (__builtin_add_overflow((int64_t)then->realtime.tv_sec,
                               (int64_t)now->boottime.tv_sec, &sum) ||
        __builtin_sub_overflow(sum, (int64_t)then->boottime.tv_sec, &sum) ||
        __builtin_add_overflow(sum,
                               nanoseconds >= NANOSECONDS ? 1
                               : nanoseconds < 0          ? -1
                                                          : 0,
                               &sum))
        return INT64_MAX;
    return sum > real ? sum : real;
}

static void set_later(roleauth_moment *due, roleauth_trigger trigger,
                      int64_t at)
{
    if (due->trigger == ROLEAUTH_TRIGGER_NONE || at > due->at)
        *due = (roleauth_moment){trigger, at};
}

/* What stands in for a moment that nobody knows. */
static roleauth_trigger any_of(const struct ra_triggers *triggers)
{
    if (triggers->interval > 0)
        return ROLEAUTH_TRIGGER_INTERVAL;
    return triggers->daily_count > 0 ? ROLEAUTH_TRIGGER_DAILY
                                     : ROLEAUTH_TRIGGER_NONE;
}

int ra_triggers_due(const struct ra_triggers *triggers,
                    const roleauth_time *then, const roleauth_time *now,
                    roleauth_moment *due)
{
    int64_t since = (int64_t)then->realtime.tv_sec;
    struct ra_trigger_view view = {
        .now = ra_trigger_now(then, now), .has_anchor = true, .anchor = since};
    roleauth_moment latest, next;
    int rc = ra_triggers_around(triggers, &view, &latest, &next);

    memset(due, 0, sizeof(*due));
    if (rc != 0)
        return rc;
    if (latest.trigger != ROLEAUTH_TRIGGER_NONE && latest.at > since)
        *due = latest;
    if (triggers->boot && !same_boot(then, now))
        set_later(due, ROLEAUTH_TRIGGER_BOOT,
                  (int64_t)now->realtime.tv_sec -
                      (int64_t)now->boottime.tv_sec);
    if (due->trigger == ROLEAUTH_TRIGGER_NONE && view.now < since)
        *due = (roleauth_moment){any_of(triggers), view.now};
    return 0;
}

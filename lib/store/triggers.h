/* SPDX-License-Identifier: MIT */
/* The moments at which everything that is remembered ends.  Pure: no clock, no
 * store. */
#ifndef RA_STORE_TRIGGERS_H
#define RA_STORE_TRIGGERS_H

#include <roleauth.h>
#include <stdbool.h>

#include "base/zone.h"

/* All zero: none. */
struct ra_triggers {
    int64_t interval;      /* seconds; 0: none */
    const uint16_t *daily; /* minutes after midnight, local time */
    size_t daily_count;
    const ra_zone *zone; /* of the daily times */
    bool boot;
};

/* What they are counted from; seconds of CLOCK_REALTIME. */
struct ra_trigger_view {
    int64_t now;
    bool has_anchor; /* of the interval */
    int64_t anchor;
    bool has_boot; /* the boot is to be told when they say so */
    int64_t booted;
};

/* Is there any?  triggers may be NULL. */
bool ra_triggers_any(const struct ra_triggers *triggers);

/* The latest moment up to now, and the first one after it, each with what it
 * is; of several at once the first of interval, daily, boot.  Returns 0, or
 * ROLEAUTH_E_ARGUMENT: it cannot be told, since now or the anchor lies outside
 * the years 1970 to 9999; then nothing from before now may be believed in. */
int ra_triggers_around(const struct ra_triggers *triggers,
                       const struct ra_trigger_view *view,
                       roleauth_moment *latest, roleauth_moment *next);

/* What time it is for the triggers of something that is from then: the later
 * of CLOCK_REALTIME and, in the same boot, that of then and the time since, so
 * that it revives nothing to set the clock back. */
int64_t ra_trigger_now(const roleauth_time *then, const roleauth_time *now);

/* Which of them has passed since then: *due is NONE when none has.  A boot is
 * another boot's then.  When the clock was set back to before another boot's
 * then, nobody knows how much time has passed: that is due too.  Returns as
 * ra_triggers_around(). */
int ra_triggers_due(const struct ra_triggers *triggers,
                    const roleauth_time *then, const roleauth_time *now,
                    roleauth_moment *due);

#endif

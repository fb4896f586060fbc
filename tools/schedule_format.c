/* SPDX-License-Identifier: MIT */
/* What the configuration asks for, and the text of a file for it.  Whatever
 * starts `roleauth signout --due`, that decides whether anything is due: so
 * timers need not be exact, they only must not miss a moment. */
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

/* No file of ours is near that long. */
#define UNIT_MAX 65536

const struct format *const schedule_formats[] = {
    &schedule_systemd, &schedule_launchd, &schedule_cron, NULL};

const struct format *format_find(const char *name)
{
    for (size_t i = 0; name != NULL && schedule_formats[i] != NULL; i++)
        if (strcmp(schedule_formats[i]->name, name) == 0)
            return schedule_formats[i];
    return NULL;
}

/* The library has taken the configuration: "HH:MM" is all that there is. */
static int take_daily(struct plan *plan, const struct config *config,
                      roleauth_error *error)
{
    json_t *daily = json_object_get(config->top, "signout_daily");
    size_t index;
    json_t *time;

    json_array_foreach(daily, index, time)
    {
        unsigned hour = 24, minute = 60;
        const char *text = json_string_value(time);

        if (text == NULL || plan->daily_count == ROLEAUTH_MAX_DAILY ||
            sscanf(text, "%2u:%2u", &hour, &minute) != 2 || hour > 23 ||
            minute > 59)
            return schedule_fail(error, ROLEAUTH_E_INVALID, config->path,
                                 "signout_daily takes up to %d times HH:MM",
                                 ROLEAUTH_MAX_DAILY);
        plan->daily[plan->daily_count++] = hour * 60 + minute;
    }
    return 0;
}

/* It stands in files of several kinds; a name of a zone needs no more. */
static int take_zone(struct plan *plan, const struct config *config,
                     roleauth_error *error)
{
    plan->zone = config_text(config, "time_zone");
    if (plan->zone == NULL ||
        plan->zone[strspn(plan->zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "abcdefghijklmnopqrstuvwxyz"
                                      "0123456789/_+-")] == '\0')
        return 0;
    return schedule_fail(error, ROLEAUTH_E_INVALID, config->path,
                         "time_zone has a character that no timer takes");
}

/* Such as a line end, behind which a unit would go on with something else. */
static bool has_control(const char *path)
{
    for (; *path != '\0'; path++)
        if ((unsigned char)*path < ' ' || *path == '\177')
            return true;
    return false;
}

static int take_writable(struct plan *plan, const struct config *config,
                         roleauth_error *error)
{
    static const char *const keys[] = {"store_directory", "state_directory"};
    const char *path;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if ((path = config_text(config, keys[i])) != NULL)
            plan->writable[plan->writable_count++] = path;
    for (size_t i = 0; (path = config_log(config, i)) != NULL &&
                       plan->writable_count < WRITABLE_MAX;
         i++)
        plan->writable[plan->writable_count++] = path;
    for (size_t i = 0; i < plan->writable_count; i++)
        if (has_control(plan->writable[i]))
            return schedule_fail(error, ROLEAUTH_E_INVALID, config->path,
                                 "the path of a directory or event file has a "
                                 "control character, which no timer takes");
    return 0;
}

int plan_make(struct plan *plan, const struct config *config,
              roleauth_error *error)
{
    int rc;

    memset(plan, 0, sizeof(*plan));
    plan->program = ROLEAUTH_PROGRAM;
    if (strcmp(config->path, ROLEAUTH_CONFIG_FILE) != 0)
        plan->config = config->path;
    plan->interval = (long)json_integer_value(
        json_object_get(config->top, "signout_interval"));
    plan->boot = json_is_true(json_object_get(config->top, "signout_boot"));
    if ((rc = take_writable(plan, config, error)) != 0 ||
        (rc = take_daily(plan, config, error)) != 0)
        return rc;
    return take_zone(plan, config, error);
}

/* The moments of an interval are counted from the last sign-out, whichever
 * trigger it was, so no timer can know them.  To ask is cheap; a twelfth of
 * the interval, within one and five minutes, is late enough. */
long plan_poll(const struct plan *plan)
{
    long seconds = plan->interval / 12 / 60 * 60;

    if (seconds < 60)
        return 60;
    return seconds < 300 ? seconds : 300;
}

/* The zones of the present differ from each other by whole quarters of an
 * hour. */
void plan_minutes(const struct plan *plan, bool minutes[60])
{
    for (size_t i = 0; i < plan->daily_count; i++)
        for (unsigned quarter = 0; quarter < 60; quarter += 15)
            minutes[(plan->daily[i] + quarter) % 60] = true;
}

int unit_text(const struct unit *unit, const struct plan *plan, char **text,
              size_t *length, roleauth_error *error)
{
    FILE *out;
    int rc;

    *text = NULL;
    *length = 0;
    out = open_memstream(text, length);
    if (out == NULL)
        return schedule_fail(error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
    rc = unit->render(out, plan);
    if (fclose(out) == 0 && rc == 0 && mark_set(*text, *length) == 0)
        return 0;
    free(*text);
    *text = NULL;
    return schedule_fail(error, ROLEAUTH_E_NOMEM, unit->path,
                         "it cannot be generated");
}

static int look_text(const struct unit *unit, const struct plan *plan,
                     const struct entry *entry, enum unit_state *state,
                     roleauth_error *error)
{
    enum mark mark = mark_check(entry->text, entry->length);
    char *text = NULL;
    size_t length = 0;
    int rc = 0;

    *state = UNIT_DIFFERS;
    if (mark == MARK_NONE)
        *state = UNIT_FOREIGN;
    else if (mark == MARK_WRONG)
        *state = UNIT_EDITED;
    else if (plan != NULL &&
             (rc = unit_text(unit, plan, &text, &length, error)) == 0 &&
             length == entry->length && memcmp(text, entry->text, length) == 0)
        *state = UNIT_SAME;
    free(text);
    return rc;
}

int unit_look(const struct unit *unit, const struct plan *plan,
              struct tree *tree, enum unit_state *state, roleauth_error *error)
{
    struct entry entry;
    int rc = tree_read(tree, unit->path, UNIT_MAX, &entry, error);

    if (rc != 0)
        return rc;
    if (entry.kind == ENTRY_ABSENT)
        *state = UNIT_ABSENT;
    else if (entry.kind == ENTRY_FILE && unit->target == NULL)
        rc = look_text(unit, plan, &entry, state, error);
    else if (entry.kind == ENTRY_LINK && unit->target != NULL &&
             strcmp(entry.text, unit->target) == 0)
        *state = UNIT_SAME;
    else
        *state = UNIT_FOREIGN;
    entry_free(&entry);
    return rc;
}

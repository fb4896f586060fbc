/* SPDX-License-Identifier: MIT */
/* Everything is looked at before anything is written, and what is going to be
 * done is noted first. */
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "schedule.h"

#define UNITS_MAX 4

struct install {
    const struct schedule *schedule;
    const struct format *format;
    struct tree tree;
    struct record record;
    struct config config;
    struct plan plan;
    enum unit_state states[UNITS_MAX];
    json_t *note; /* the new record */
    size_t changes;
    bool replaced; /* a file that the manager may have read */
};

const struct format *schedule_format(const struct schedule *schedule,
                                     const struct record *record)
{
    if (schedule->format != NULL)
        return schedule->format;
    if (record_format(record) != NULL)
        return record_format(record);
    return manager_installed(schedule_systemd.manager) ? &schedule_systemd
                                                       : &schedule_cron;
}

static int refuse(const char *path, enum unit_state state,
                  roleauth_error *error)
{
    if (state == UNIT_EDITED)
        return schedule_fail(error, ROLEAUTH_E_INVALID, path,
                             "somebody changed it since it was installed: "
                             "move it away, and keep changes in a file of "
                             "their own (systemctl edit)");
    return schedule_fail(error, ROLEAUTH_E_INVALID, path,
                         "something is there that roleauth schedule did not "
                         "make: move it away");
}

static bool is_obstacle(enum unit_state state)
{
    return state == UNIT_EDITED || state == UNIT_FOREIGN;
}

/* Looks at the file of another format, whose directories are not made for
 * that. */
static int look_at_other(struct install *i, const struct unit *unit,
                         enum unit_state *state, roleauth_error *error)
{
    bool makes = i->tree.makes;
    int rc;

    i->tree.makes = false;
    rc = unit_look(unit, NULL, &i->tree, state, error);
    i->tree.makes = makes;
    return rc;
}

/* Is what we want to remove our own?  A file that never was is nobody's
 * concern. */
static int look_at_others(struct install *i, roleauth_error *error)
{
    enum unit_state state = UNIT_ABSENT;
    int rc;

    for (size_t f = 0; schedule_formats[f] != NULL; f++) {
        const struct format *format = schedule_formats[f];

        for (size_t u = 0; format != i->format && u < format->count; u++) {
            rc = look_at_other(i, &format->units[u], &state, error);
            if (rc == 0 && state == UNIT_EDITED)
                rc = refuse(format->units[u].path, state, error);
            if (rc != 0)
                return rc;
        }
    }
    return 0;
}

/* Is what we want to replace our own? */
static int look(struct install *i, roleauth_error *error)
{
    int rc;

    for (size_t u = 0; u < i->format->count; u++) {
        const struct unit *unit = &i->format->units[u];

        rc = unit_look(unit, &i->plan, &i->tree, &i->states[u], error);
        if (rc == 0 && is_obstacle(i->states[u]))
            rc = refuse(unit->path, i->states[u], error);
        if (rc != 0)
            return rc;
    }
    return look_at_others(i, error);
}

static int check_manager(const struct install *i, roleauth_error *error)
{
    if (i->schedule->root != NULL || i->schedule->dry ||
        i->format->manager == NULL || manager_installed(i->format->manager))
        return 0;
    return schedule_fail(error, ROLEAUTH_E_ARGUMENT, NULL,
                         "--format %s needs %s, which is not installed: use "
                         "another --format, or --root for another system",
                         i->format->name, i->format->manager);
}

static int check_triggers(const struct install *i, roleauth_error *error)
{
    if (i->plan.interval > 0 || i->plan.daily_count > 0 || i->plan.boot)
        return 0;
    return schedule_fail(error, ROLEAUTH_E_ARGUMENT, NULL,
                         "there is no trigger: give --interval, --daily or "
                         "--boot, or use roleauth schedule remove");
}

static int prepare(struct install *i, roleauth_error *error)
{
    const struct schedule *schedule = i->schedule;
    const char *path = NULL;
    int rc;

    if ((rc = tree_open(&i->tree, schedule->root, !schedule->dry, error)) !=
            0 ||
        (rc = record_open(&i->record, &i->tree,
                          schedule->dry ? LOCK_SH : LOCK_EX, error)) != 0 ||
        (rc = record_config(&i->record, schedule->config, &path, error)) != 0)
        return rc;
    i->format = schedule_format(schedule, &i->record);
    if ((rc = check_manager(i, error)) != 0 ||
        (rc = config_read(&i->config, &i->tree, path, error)) != 0 ||
        (rc = config_need(&i->config, schedule->config, error)) != 0 ||
        (rc = config_change(&i->config, schedule->changes, error)) != 0 ||
        (rc = plan_make(&i->plan, &i->config, error)) != 0 ||
        (rc = check_triggers(i, error)) != 0 || (rc = look(i, error)) != 0)
        return rc;
    i->note = record_make(&i->record, i->format, &i->config);
    return i->note != NULL
               ? 0
               : schedule_fail(error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
}

/* ---- doing it ---- */

static void tell(struct install *i, const char *what, const char *path)
{
    i->changes++;
    (void)printf("%s ", what);
    put_visible(stdout, path);
    (void)putchar('\n');
}

static int write_unit(struct install *i, size_t u, roleauth_error *error)
{
    const struct entry like = {
        .mode = 0644, .owner = geteuid(), .group = getegid()};
    const struct unit *unit = &i->format->units[u];
    char *text = NULL;
    size_t length = 0;
    int rc;

    if (i->states[u] == UNIT_SAME)
        return 0;
    if (unit->target != NULL) {
        rc = tree_link(&i->tree, unit->path, unit->target, error);
    } else {
        rc = unit_text(unit, &i->plan, &text, &length, error);
        if (rc == 0)
            rc = tree_write(&i->tree, unit->path, text, length, &like, error);
        i->replaced |= i->states[u] == UNIT_DIFFERS;
    }
    if (rc == 0)
        tell(i, i->states[u] == UNIT_ABSENT ? "wrote" : "replaced", unit->path);
    free(text);
    return rc;
}

static void run(const struct install *i, const struct format *format,
                const char *const *const *commands)
{
    if (i->schedule->root == NULL && manager_running(format))
        (void)manager_run(format, commands);
}

static int remove_other(struct install *i, const struct format *format,
                        roleauth_error *error)
{
    enum unit_state states[UNITS_MAX];
    bool found = false;
    int rc = 0;

    for (size_t u = 0; u < format->count && rc == 0; u++) {
        rc = look_at_other(i, &format->units[u], &states[u], error);
        found |= rc == 0 && states[u] == UNIT_DIFFERS;
    }
    if (rc != 0 || !found)
        return rc;
    run(i, format, format->stop);
    for (size_t u = format->count; u > 0 && rc == 0; u--) {
        const struct unit *unit = &format->units[u - 1];

        if (states[u - 1] != UNIT_SAME && states[u - 1] != UNIT_DIFFERS)
            continue;
        rc = tree_remove(&i->tree, unit->path, error);
        if (rc == 0)
            tell(i, "removed", unit->path);
    }
    run(i, format, format->after_stop);
    return rc;
}

/* Two formats would do no harm, but nobody would know which one counts. */
static int remove_others(struct install *i, roleauth_error *error)
{
    int rc = 0;

    for (size_t f = 0; schedule_formats[f] != NULL && rc == 0; f++)
        if (schedule_formats[f] != i->format)
            rc = remove_other(i, schedule_formats[f], error);
    return rc;
}

static int write_all(struct install *i, roleauth_error *error)
{
    int rc = record_write(&i->record, i->note, error);

    if (rc == 0 && config_changed(&i->config)) {
        rc = config_write(&i->config, &i->tree, error);
        if (rc == 0)
            tell(i, "changed", i->config.path);
    }
    for (size_t u = 0; rc == 0 && u < i->format->count; u++)
        rc = write_unit(i, u, error);
    return rc == 0 ? remove_others(i, error) : rc;
}

static int start(const struct install *i)
{
    const struct format *format = i->format;

    if (i->schedule->root != NULL || (i->changes == 0 && !format->again))
        return EXIT_YES;
    if (access(i->plan.program, X_OK) != 0)
        (void)fprintf(stderr, "roleauth: warning: %s is not installed\n",
                      i->plan.program);
    if (!manager_running(format)) {
        (void)fprintf(stderr,
                      "roleauth: warning: %s does not run here, so nothing "
                      "was started\n",
                      format->name);
        return EXIT_YES;
    }
    return manager_run(format, i->replaced ? format->restart : format->start);
}

/* As far as nothing was changed, nothing stays. */
static int give_up(struct install *i, const roleauth_error *error)
{
    roleauth_error ignored = ROLEAUTH_ERROR_INIT;

    if (i->changes > 0)
        (void)fputs("roleauth: not all was installed: try again, or undo it by "
                    "roleauth schedule remove\n",
                    stderr);
    else if (i->record.old != NULL)
        (void)record_put_back(&i->record, &ignored);
    else if (record_remove(&i->record, &ignored) == 0)
        tree_remove_directories(&i->tree, i->tree.made);
    return fail(error);
}

static int install(struct install *i, roleauth_error *error)
{
    int rc = write_all(i, error);

    if (rc != 0)
        return give_up(i, error);
    if (i->changes == 0)
        (void)puts("nothing changed: all is installed as configured");
    return start(i);
}

/* ---- saying it ---- */

static int show_unit(const struct install *i, size_t u, roleauth_error *error)
{
    const struct unit *unit = &i->format->units[u];
    char *text = NULL;
    size_t length = 0;
    int rc;

    if (i->states[u] == UNIT_SAME) {
        (void)printf("# as it is: %s\n", unit->path);
        return 0;
    }
    if (unit->target != NULL) {
        (void)printf("# would link %s to %s\n", unit->path, unit->target);
        return 0;
    }
    rc = unit_text(unit, &i->plan, &text, &length, error);
    if (rc != 0)
        return rc;
    (void)printf("# would write %s:\n%s\n", unit->path, text);
    free(text);
    return 0;
}

static int show_plan(const struct install *i, roleauth_error *error)
{
    const struct format *format = i->format;

    if (config_changed(&i->config)) {
        (void)fputs("# would change ", stdout);
        put_visible(stdout, i->config.path);
        (void)printf(":\n%s\n", i->config.text);
    }
    for (size_t u = 0; u < format->count; u++)
        if (show_unit(i, u, error) != 0)
            return fail(error);
    for (size_t c = 0; i->schedule->root == NULL && format->start[c] != NULL;
         c++) {
        (void)fputs("# would run: ", stdout);
        put_command(format, format->start[c]);
    }
    return EXIT_YES;
}

int schedule_install(const struct schedule *schedule)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct install i = {.schedule = schedule, .tree.fd = -1, .record.lock = -1};
    int status;

    if (prepare(&i, &error) != 0) {
        status = fail(&error);
        /* Somebody else who is at work may be about to use them. */
        if (i.tree.fd != -1 && error.code != ROLEAUTH_E_BUSY)
            tree_remove_directories(&i.tree, i.tree.made);
    } else {
        status = schedule->dry ? show_plan(&i, &error) : install(&i, &error);
    }
    json_decref(i.note);
    config_free(&i.config);
    record_close(&i.record);
    tree_close(&i.tree);
    return status;
}

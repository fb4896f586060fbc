/* SPDX-License-Identifier: MIT */
/* Undoes what install did: its files, of whichever format, its triggers in the
 * configuration, its directories; in the end the note of it. */
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "schedule.h"

struct removal {
    const struct schedule *schedule;
    struct tree tree;
    struct record record;
    struct config config;
    const char *path; /* of the configuration */
    bool readable;    /* config is what is there */
    bool unrestored;  /* its triggers could not be put back */
    size_t changes;
    int status;
};

static void tell(struct removal *r, const char *done, const char *would,
                 const char *path)
{
    r->changes++;
    (void)fputs(r->schedule->dry ? would : done, stdout);
    put_visible(stdout, path);
    (void)putchar('\n');
}

/* Something stays; the rest is removed all the same. */
static void keep(struct removal *r, const char *path, const char *why)
{
    (void)fputs("roleauth: ", stderr);
    put_visible(stderr, path);
    (void)fprintf(stderr, " stays: %s\n", why);
    r->status = EXIT_NO;
}

static void keep_for(struct removal *r, const roleauth_error *error)
{
    (void)fail(error);
    r->status = EXIT_NO;
}

/* ---- files ---- */

static bool is_ours(enum unit_state state)
{
    return state == UNIT_SAME || state == UNIT_DIFFERS;
}

static void remove_unit(struct removal *r, const struct format *format,
                        const struct unit *unit)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    enum unit_state state = UNIT_ABSENT;

    if (unit_look(unit, NULL, &r->tree, &state, &error) != 0) {
        keep_for(r, &error);
    } else if (state == UNIT_EDITED) {
        keep(r, unit->path, "somebody changed it since it was installed");
    } else if (state == UNIT_FOREIGN && format == record_format(&r->record)) {
        keep(r, unit->path, "roleauth schedule did not make it");
    } else if (is_ours(state)) {
        if (!r->schedule->dry && tree_remove(&r->tree, unit->path, &error) != 0)
            keep_for(r, &error);
        else
            tell(r, "removed ", "# would remove ", unit->path);
    }
}

static bool is_installed(struct removal *r, const struct format *format)
{
    roleauth_error ignored = ROLEAUTH_ERROR_INIT;
    enum unit_state state = UNIT_ABSENT;

    for (size_t u = 0; u < format->count; u++)
        if (unit_look(&format->units[u], NULL, &r->tree, &state, &ignored) ==
                0 &&
            (is_ours(state) || state == UNIT_EDITED))
            return true;
    return false;
}

static void run(struct removal *r, const struct format *format,
                const char *const *const *commands)
{
    if (r->schedule->root != NULL || !manager_running(format))
        return;
    if (!r->schedule->dry) {
        if (manager_run(format, commands) != 0)
            r->status = EXIT_UNAVAILABLE;
        return;
    }
    for (; *commands != NULL; commands++) {
        (void)fputs("# would run: ", stdout);
        put_command(format, *commands);
    }
}

static void remove_format(struct removal *r, const struct format *format)
{
    if (!is_installed(r, format))
        return;
    run(r, format, format->stop);
    /* The manager's own links first, then what they lead to. */
    for (size_t u = format->count; u > 0; u--)
        remove_unit(r, format, &format->units[u - 1]);
    run(r, format, format->after_stop);
}

/* ---- the configuration ---- */

/* What each trigger goes back to, unless somebody set it since. */
static json_t *former(struct removal *r)
{
    json_t *now = config_triggers(&r->config);
    json_t *before = json_object_get(r->record.old, "former");
    json_t *installed = json_object_get(r->record.old, "installed");
    json_t *changes = json_object();

    for (const char *const *key = trigger_keys; *key != NULL; key++) {
        json_t *value = json_object_get(now, *key);

        if (json_equal(value, json_object_get(before, *key)))
            continue;
        if (json_equal(value, json_object_get(installed, *key)))
            (void)json_object_set(changes, *key, json_object_get(before, *key));
        else
            keep(r, *key, "somebody changed it since it was installed");
    }
    json_decref(now);
    return changes;
}

/* Another time it may work. */
static void fail_to_restore(struct removal *r, const roleauth_error *error)
{
    keep_for(r, error);
    r->unrestored = true;
}

static void remove_config(struct removal *r)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    if (!r->schedule->dry && tree_remove(&r->tree, r->path, &error) != 0)
        fail_to_restore(r, &error);
    else
        tell(r, "removed ", "# would remove ", r->path);
}

static void write_config(struct removal *r)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    if (!config_changed(&r->config))
        return;
    if (!r->schedule->dry && config_write(&r->config, &r->tree, &error) != 0)
        fail_to_restore(r, &error);
    else
        tell(r, "restored ", "# would restore ", r->path);
}

static void restore(struct removal *r)
{
    json_t *text = json_object_get(r->record.old, "former_text");
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    json_t *changes;

    if (r->record.old == NULL || !r->readable ||
        r->config.entry.kind == ENTRY_ABSENT)
        return;
    if (record_is_ours(&r->record, &r->config.entry) && json_is_false(text)) {
        remove_config(r);
        return;
    }
    if (record_is_ours(&r->record, &r->config.entry) && json_is_string(text)) {
        free(r->config.text);
        r->config.text = strdup(json_string_value(text));
        if (r->config.text != NULL) {
            write_config(r);
            return;
        }
        (void)schedule_fail(&error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
        fail_to_restore(r, &error);
        return;
    }
    changes = former(r);
    if (config_change(&r->config, changes, &error) != 0)
        fail_to_restore(r, &error);
    else
        write_config(r);
    json_decref(changes);
}

/* ---- the whole ---- */

static int prepare(struct removal *r, roleauth_error *error)
{
    const struct schedule *schedule = r->schedule;
    int rc;

    if ((rc = tree_open(&r->tree, schedule->root, false, error)) != 0 ||
        (rc = record_open(&r->record, &r->tree,
                          schedule->dry ? LOCK_SH : LOCK_EX, error)) != 0 ||
        (rc = record_config(&r->record, schedule->config, &r->path, error)) !=
            0)
        return rc;
    if (config_read(&r->config, &r->tree, r->path, error) == 0) {
        r->readable = true;
        return 0;
    }
    /* Timers can go without it, logs cannot. */
    if (schedule->delete_logs)
        return error->code;
    if (r->record.old != NULL)
        keep_for(r, error);
    return 0;
}

static void undo(struct removal *r)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    for (size_t i = 0; schedule_formats[i] != NULL; i++)
        remove_format(r, schedule_formats[i]);
    if (r->schedule->delete_logs &&
        logs_remove(r->schedule, &r->config) != EXIT_YES)
        r->status = EXIT_NO;
    restore(r);
    /* While triggers are left that could be restored another time, so is the
     * note of them. */
    if (r->schedule->dry || r->record.old == NULL || !r->readable ||
        r->unrestored)
        return;
    if (record_remove(&r->record, &error) != 0)
        keep_for(r, &error);
    r->changes++;
}

int schedule_remove(const struct schedule *schedule)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct removal r = {.schedule = schedule, .tree.fd = -1, .record.lock = -1};

    if (prepare(&r, &error) != 0) {
        r.status = fail(&error);
    } else {
        undo(&r);
        if (r.changes == 0 && r.status == EXIT_YES)
            (void)puts("nothing is installed");
    }
    config_free(&r.config);
    record_close(&r.record);
    tree_close(&r.tree);
    return r.status;
}

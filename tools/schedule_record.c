/* SPDX-License-Identifier: MIT */
/* What install did is noted before it is done, so that remove can undo also
 * an install that a crash ended in between:
 *
 *   format       the name of the format
 *   config       which configuration was changed
 *   former       the triggers before the first install, null for absent keys
 *   installed    the triggers since the last one
 *   former_text  the whole configuration before the first install; false:
 *                there was none; null: somebody else changed it between two
 *                installs, so that only the triggers can be put back
 *   sha256       of the configuration since the last install
 *   directories  those that install made
 *
 * The file is as private as the configuration. */
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schedule.h"

#define PATH ROLEAUTH_SCHEDULE_DIR "/schedule.json"
/* A configuration, every byte of it escaped. */
#define SIZE_MAX_RECORD ((size_t)8 * ROLEAUTH_MAX_CONFIG)

static int parse(struct record *record, const struct entry *entry,
                 roleauth_error *error)
{
    if (entry->kind == ENTRY_ABSENT)
        return 0;
    if (entry->kind == ENTRY_FILE)
        record->old = json_loadb(entry->text, entry->length,
                                 JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(record->old) && record_format(record) != NULL &&
        json_is_string(json_object_get(record->old, "config")) &&
        json_is_object(json_object_get(record->old, "former")))
        return 0;
    return schedule_fail(error, ROLEAUTH_E_INVALID, PATH,
                         "it does not tell what was installed: move it away; "
                         "the triggers then stay in the configuration");
}

/* Is the directory that we locked still the one that others will lock?  Who
 * undoes a first install removes it. */
static bool is_there(struct tree *tree, int lock)
{
    roleauth_error ignored = ROLEAUTH_ERROR_INIT;
    bool makes = tree->makes, same = false;
    struct stat locked, st;
    const char *name = "";
    int fd = -1;

    tree->makes = false;
    if (tree_parent(tree, PATH, &fd, &name, &ignored) == 0 && fd != -1) {
        same = fstat(fd, &st) == 0 && fstat(lock, &locked) == 0 &&
               st.st_ino == locked.st_ino && st.st_dev == locked.st_dev;
        (void)close(fd);
    }
    tree->makes = makes;
    return same;
}

/* Nobody waits: two who install at the same time want to know. */
static int take_lock(struct record *record, int lock, roleauth_error *error)
{
    const char *name = "";
    int fd = -1;
    int rc = tree_parent(record->tree, PATH, &fd, &name, error);

    if (rc != 0 || fd == -1)
        return rc;
    if (flock(fd, lock | LOCK_NB) == 0 && is_there(record->tree, fd)) {
        record->lock = fd;
        return 0;
    }
    (void)close(fd);
    return schedule_fail(error, ROLEAUTH_E_BUSY, NULL,
                         "another roleauth schedule is at work: try again");
}

int record_open(struct record *record, struct tree *tree, int lock,
                roleauth_error *error)
{
    struct entry entry;
    int rc;

    record->tree = tree;
    record->lock = -1;
    record->old = NULL;
    rc = take_lock(record, lock, error);
    if (rc != 0 || record->lock == -1)
        return rc;
    rc = tree_read(tree, PATH, SIZE_MAX_RECORD, &entry, error);
    if (rc == 0)
        rc = parse(record, &entry, error);
    entry_free(&entry);
    return rc;
}

void record_close(struct record *record)
{
    if (record->lock != -1)
        (void)close(record->lock);
    record->lock = -1;
    json_decref(record->old);
    record->old = NULL;
}

const struct format *record_format(const struct record *record)
{
    return format_find(
        json_string_value(json_object_get(record->old, "format")));
}

int record_config(const struct record *record, const char *option,
                  const char **path, roleauth_error *error)
{
    const char *recorded =
        json_string_value(json_object_get(record->old, "config"));

    *path = option != NULL ? option : recorded;
    if (*path == NULL)
        *path = ROLEAUTH_CONFIG_FILE;
    if (recorded != NULL && strcmp(*path, recorded) != 0)
        return schedule_fail(error, ROLEAUTH_E_ARGUMENT, NULL,
                             "what is installed belongs to --config %s: "
                             "roleauth schedule remove comes first",
                             recorded);
    return tree_check_path(*path, "--config", error);
}

bool record_is_ours(const struct record *record, const struct entry *entry)
{
    const char *sum = json_string_value(json_object_get(record->old, "sha256"));
    char hex[DIGEST_SIZE];

    return sum != NULL && entry->kind == ENTRY_FILE &&
           digest(entry->text, entry->length, hex) == 0 &&
           strcmp(hex, sum) == 0;
}

static json_t *former_text(const struct record *record,
                           const struct config *config)
{
    if (record->old != NULL)
        return record_is_ours(record, &config->entry)
                   ? json_incref(json_object_get(record->old, "former_text"))
                   : json_null();
    if (config->entry.kind == ENTRY_ABSENT)
        return json_false();
    return json_stringn(config->entry.text, config->entry.length);
}

/* A trigger that somebody set by hand since the last install is what remove
 * goes back to. */
static json_t *former_triggers(const struct record *record, const json_t *now)
{
    json_t *former = json_deep_copy(now);
    json_t *installed = json_object_get(record->old, "installed");
    json_t *before = json_object_get(record->old, "former");

    for (const char *const *key = trigger_keys; former != NULL && *key != NULL;
         key++)
        if (json_object_get(before, *key) != NULL &&
            json_equal(json_object_get(now, *key),
                       json_object_get(installed, *key)))
            (void)json_object_set(former, *key, json_object_get(before, *key));
    return former;
}

static json_t *all_directories(const struct record *record)
{
    json_t *all = json_array();
    json_t *old = json_object_get(record->old, "directories");

    if (old != NULL && json_array_extend(all, old) != 0)
        return NULL;
    if (json_array_extend(all, record->tree->made) != 0)
        return NULL;
    return all;
}

/* The triggers as they were found. */
static json_t *found_triggers(const struct config *config)
{
    struct config found = {.top = NULL};
    json_t *triggers;

    found.top = config->entry.kind == ENTRY_FILE
                    ? json_loads(config->entry.text, 0, NULL)
                    : json_object();
    triggers = config_triggers(&found);
    json_decref(found.top);
    return triggers;
}

json_t *record_make(const struct record *record, const struct format *format,
                    const struct config *config)
{
    json_t *now = found_triggers(config);
    char hex[DIGEST_SIZE];
    json_t *data = NULL;

    if (now != NULL && digest(config->text, strlen(config->text), hex) == 0)
        data = json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:o}", "format",
                         format->name, "config", config->path, "former",
                         former_triggers(record, now), "installed",
                         config_triggers(config), "former_text",
                         former_text(record, config), "sha256", hex,
                         "directories", all_directories(record));
    json_decref(now);
    return data;
}

static int write_data(struct record *record, const json_t *data,
                      roleauth_error *error)
{
    const struct entry like = {
        .mode = 0600, .owner = geteuid(), .group = getegid()};
    char *text;
    int rc;

    text = json_dumps(data, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    if (text == NULL)
        return schedule_fail(error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
    rc = tree_write(record->tree, PATH, text, strlen(text), &like, error);
    free(text);
    return rc;
}

int record_write(struct record *record, const json_t *data,
                 roleauth_error *error)
{
    return json_equal(data, record->old) ? 0 : write_data(record, data, error);
}

int record_put_back(struct record *record, roleauth_error *error)
{
    return write_data(record, record->old, error);
}

int record_remove(struct record *record, roleauth_error *error)
{
    int rc = tree_remove(record->tree, PATH, error);

    if (rc == 0)
        tree_remove_directories(record->tree,
                                json_object_get(record->old, "directories"));
    return rc;
}

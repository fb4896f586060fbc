/* SPDX-License-Identifier: MIT */
/* The triggers in roleauth.json(5), which the lazy check reads: they are
 * changed there and nowhere else, so that timers and checks agree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schedule.h"

const char *const trigger_keys[] = {"signout_interval", "signout_daily",
                                    "signout_boot", NULL};

/* Shows diagnostics under the name that the file is going to have. */
struct renamed {
    struct reporter reporter;
    const char *path;
};

static void report_renamed(void *data, const roleauth_diagnostic *diagnostic)
{
    struct renamed *renamed = data;
    roleauth_diagnostic told = *diagnostic;

    told.file = renamed->path;
    report_plain(&renamed->reporter, &told);
}

/* Does the library take the configuration in this file?  What decides will
 * refuse it when others could have written it; so does this, but in a tree of
 * --root, whose directories may belong to who builds it. */
static int check(const struct tree *tree, const char *path, const char *name,
                 roleauth_error *error)
{
    struct renamed renamed = {{stderr, 0}, name};
    roleauth_context *context = roleauth_context_new();
    char *outside = tree_outside(tree, path);
    configure_fn *configure = tree->root == NULL ? roleauth_context_configure
                                                 : roleauth_context_inspect;
    int rc = ROLEAUTH_E_NOMEM;

    if (context != NULL && outside != NULL)
        rc = configure(context, outside, report_renamed, &renamed, error);
    else
        (void)schedule_fail(error, rc, NULL, "out of memory");
    if (rc != 0 && renamed.reporter.errors > 0)
        (void)schedule_fail(error, ROLEAUTH_E_INVALID, name,
                            "the configuration cannot be used");
    roleauth_context_free(&context);
    free(outside);
    return rc;
}

static int parse(struct config *config, roleauth_error *error)
{
    json_error_t fault;

    config->top = json_loads(config->text, JSON_REJECT_DUPLICATES, &fault);
    if (json_is_object(config->top))
        return 0;
    return schedule_fail(error, ROLEAUTH_E_INVALID, config->path,
                         "it is not one JSON object");
}

int config_read(struct config *config, struct tree *tree, const char *path,
                roleauth_error *error)
{
    int rc;

    memset(config, 0, sizeof(*config));
    config->path = path;
    rc = tree_read(tree, path, ROLEAUTH_MAX_CONFIG, &config->entry, error);
    if (rc != 0)
        return rc;
    if (config->entry.kind == ENTRY_LINK)
        return schedule_fail(error, ROLEAUTH_E_UNTRUSTED, path,
                             "it is a symbolic link: give the path that it "
                             "leads to by --config");
    if (config->entry.kind == ENTRY_FILE &&
        (rc = check(tree, path, path, error)) != 0)
        return rc;
    config->text =
        strdup(config->entry.kind == ENTRY_FILE ? config->entry.text : "{}\n");
    if (config->text == NULL)
        return schedule_fail(error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
    return parse(config, error);
}

void config_free(struct config *config)
{
    entry_free(&config->entry);
    free(config->text);
    json_decref(config->top);
    memset(config, 0, sizeof(*config));
}

int config_need(const struct config *config, const char *option,
                roleauth_error *error)
{
    if (option == NULL || config->entry.kind == ENTRY_FILE)
        return 0;
    return schedule_fail(error, ROLEAUTH_E_NOT_FOUND, config->path,
                         "the configuration does not exist: make it, if only "
                         "with {} in it");
}

/* Sets one key in the text; what the parsed members must then be is known. */
static int change(struct config *config, const char *key, json_t *value)
{
    char *text;

    if (json_is_null(value)) {
        value = NULL;
        (void)json_object_del(config->top, key);
    } else if (json_object_set(config->top, key, value) != 0) {
        return -1;
    }
    text = splice_member(config->text, key, value);
    if (text == NULL)
        return -1;
    free(config->text);
    config->text = text;
    return 0;
}

int config_change(struct config *config, const json_t *changes,
                  roleauth_error *error)
{
    json_t *result;
    int rc = 0;

    for (const char *const *key = trigger_keys; *key != NULL && rc == 0;
         key++) {
        json_t *value = json_object_get(changes, *key);
        json_t *now = json_object_get(config->top, *key);

        if (value == NULL || json_equal(value, now) ||
            (json_is_null(value) && now == NULL))
            continue;
        rc = change(config, *key, value);
    }
    if (rc != 0)
        return schedule_fail(error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
    /* A key in escapes, such as "\u0073ignout_boot", is none to
     * splice_member(): then the layout goes. */
    result = json_loads(config->text, JSON_REJECT_DUPLICATES, NULL);
    if (!json_equal(result, config->top)) {
        free(config->text);
        config->text = json_dumps(config->top, JSON_INDENT(2));
    }
    json_decref(result);
    return config->text != NULL
               ? 0
               : schedule_fail(error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
}

bool config_changed(const struct config *config)
{
    return config->entry.kind == ENTRY_FILE
               ? strcmp(config->text, config->entry.text) != 0
               : json_object_size(config->top) > 0;
}

/* It is tried under another name first: a configuration that the library
 * refuses would end every evaluation. */
int config_write(const struct config *config, struct tree *tree,
                 roleauth_error *error)
{
    struct entry like = config->entry;
    struct entry trial = {.mode = 0600, .owner = geteuid(), .group = getegid()};
    char *name = NULL;
    int rc;

    if (asprintf(&name, "%s.%ld.trial", config->path, (long)getpid()) < 0)
        return schedule_fail(error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
    if (like.kind == ENTRY_ABSENT)
        like = trial;
    rc = tree_write(tree, name, config->text, strlen(config->text), &trial,
                    error);
    if (rc == 0) {
        roleauth_error ignored = ROLEAUTH_ERROR_INIT;

        rc = check(tree, name, config->path, error);
        (void)tree_remove(tree, name, &ignored);
    }
    if (rc == 0)
        rc = tree_write(tree, config->path, config->text, strlen(config->text),
                        &like, error);
    free(name);
    return rc;
}

json_t *config_triggers(const struct config *config)
{
    json_t *triggers = json_object();

    for (const char *const *key = trigger_keys; *key != NULL; key++) {
        json_t *value = json_object_get(config->top, *key);

        if (json_object_set_new(triggers, *key,
                                value != NULL ? json_deep_copy(value)
                                              : json_null()) != 0) {
            json_decref(triggers);
            return NULL;
        }
    }
    return triggers;
}

const char *config_text(const struct config *config, const char *key)
{
    const char *text = json_string_value(json_object_get(config->top, key));

    /* roleauth.json(5): null and "" stand for the default. */
    return text != NULL && *text != '\0' ? text : NULL;
}

const char *config_log(const struct config *config, size_t index)
{
    json_t *events = json_object_get(config->top, "events");
    size_t at;
    json_t *sink;

    json_array_foreach(events, at, sink)
    {
        const char *path = json_string_value(json_object_get(sink, "path"));

        if (path != NULL && index-- == 0)
            return path;
    }
    return NULL;
}

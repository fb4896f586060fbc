/* SPDX-License-Identifier: MIT */
/* The configuration file, roleauth.json(5). */
#include "auth/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/trust.h"
#include "role/diag.h"
#include "role/nearest.h"

/* One file on its way into settings. */
struct config {
    struct ra_source source;
    struct ra_settings draft;
};

typedef void read_value(struct config *config, const struct ra_place *place,
                        const ra_json *value, int setting);

struct key {
    const char *name;
    read_value *read;
    int setting;
};

static read_value read_text, read_number, read_switch, read_names, read_events,
    read_daily, read_command;

static const struct key keys[] = {
    {"store_directory", read_text, ROLEAUTH_STORE_DIRECTORY},
    {"state_directory", read_text, ROLEAUTH_STATE_DIRECTORY},
    {"time_zone", read_text, ROLEAUTH_TIME_ZONE},
    {"passwd_service", read_text, ROLEAUTH_PASSWD_SERVICE},
    {"pam_confdir", read_text, ROLEAUTH_PAM_CONFDIR},
    {"retry_message", read_text, ROLEAUTH_RETRY_MESSAGE},
    {"prompt_timeout", read_number, ROLEAUTH_PROMPT_TIMEOUT},
    {"survive_reboot", read_switch, ROLEAUTH_SURVIVE_REBOOT},
    {"allow_no_challenge", read_switch, ROLEAUTH_ALLOW_NO_CHALLENGE},
    {"submit_host_is_local", read_switch, ROLEAUTH_SUBMIT_HOST_IS_LOCAL},
    {"trusted_client_variables", read_names, 0},
    {"events", read_events, 0},
    {"signout_interval", read_number, ROLEAUTH_SIGNOUT_INTERVAL},
    {"signout_daily", read_daily, 0},
    {"signout_boot", read_switch, ROLEAUTH_SIGNOUT_BOOT},
    {"signout_command", read_command, 0},
    {"signout_command_timeout", read_number, ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* Tells what a setter found wrong. */
static void tell_setter(struct config *c, const struct ra_place *place, int rc,
                        const roleauth_error *why)
{
    if (rc == ROLEAUTH_E_NOMEM)
        c->source.nomem = true;
    else if (rc != 0)
        ra_problem(&c->source, RA_BAD_VALUE, place, "%s", why->text);
}

/* What it means must not depend on where a program was started. */
static bool is_path(int setting)
{
    return setting == ROLEAUTH_STORE_DIRECTORY ||
           setting == ROLEAUTH_STATE_DIRECTORY ||
           setting == ROLEAUTH_PAM_CONFDIR;
}

static void read_text(struct config *c, const struct ra_place *place,
                      const ra_json *value, int setting)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    const char *text = ra_json_string(value, NULL);
    int rc;

    if (ra_json_type(value) != RA_JSON_NULL && text == NULL) {
        ra_problem_type(&c->source, place, value, "a string");
        return;
    }
    if (text != NULL && is_path(setting) && text[0] != '/' && text[0] != '\0') {
        ra_problem(&c->source, RA_BAD_VALUE, place,
                   "a directory is given by a path that starts with a slash");
        return;
    }
    rc =
        ra_settings_text(&c->draft, (roleauth_text_setting)setting, text, &why);
    tell_setter(c, place, rc, &why);
}

static void read_number(struct config *c, const struct ra_place *place,
                        const ra_json *value, int setting)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int rc;

    if (ra_json_type(value) != RA_JSON_INTEGER) {
        ra_problem_type(&c->source, place, value, "an integer");
        return;
    }
    rc = ra_settings_number(&c->draft, (roleauth_number_setting)setting,
                            (long)ra_json_integer(value), &why);
    if (rc != 0)
        ra_problem(&c->source, RA_RANGE, place, "%s", why.text);
}

static void read_switch(struct config *c, const struct ra_place *place,
                        const ra_json *value, int setting)
{
    enum ra_json_type type = ra_json_type(value);

    if (type != RA_JSON_TRUE && type != RA_JSON_FALSE) {
        ra_problem_type(&c->source, place, value, "true or false");
        return;
    }
    (void)ra_settings_number(&c->draft, (roleauth_number_setting)setting,
                             type == RA_JSON_TRUE, NULL);
}

static void read_names(struct config *c, const struct ra_place *place,
                       const ra_json *value, int setting)
{
    (void)setting;
    if (ra_json_type(value) != RA_JSON_ARRAY) {
        ra_problem_type(&c->source, place, value, "an array of strings");
        return;
    }
    for (size_t i = 0; i < ra_json_size(value); i++) {
        const struct ra_place at = {place, NULL, i, false};
        roleauth_error why = ROLEAUTH_ERROR_INIT;
        const char *name = ra_json_string(ra_json_at(value, i), NULL);

        if (name == NULL)
            ra_problem_type(&c->source, &at, ra_json_at(value, i), "a string");
        else
            tell_setter(c, &at, ra_settings_trust(&c->draft, name, &why), &why);
    }
}

/* ---- signing out ---- */

/* An array of up to most strings, none of which has a fault.  False: it is no
 * such array, which was told. */
static bool
read_strings(struct config *c, const struct ra_place *place,
             const ra_json *value, const char **strings, size_t most,
             const char *(*fault_of)(const char *text, size_t index))
{
    size_t errors = c->source.errors;

    if (ra_json_type(value) != RA_JSON_ARRAY) {
        ra_problem_type(&c->source, place, value, "an array of strings");
        return false;
    }
    if (ra_json_size(value) > most) {
        ra_problem(&c->source, RA_RANGE, place,
                   "there are %zu strings: %zu are the most",
                   ra_json_size(value), most);
        return false;
    }
    for (size_t i = 0; i < ra_json_size(value); i++) {
        const struct ra_place at = {place, NULL, i, false};
        char quoted[RA_QUOTE];
        const char *fault;

        strings[i] = ra_json_string(ra_json_at(value, i), NULL);
        if (strings[i] == NULL)
            ra_problem_type(&c->source, &at, ra_json_at(value, i), "a string");
        else if ((fault = fault_of(strings[i], i)) != NULL)
            ra_problem(&c->source, RA_BAD_VALUE, &at, "\"%s\" %s",
                       ra_quote(&c->source, quoted, strings[i]), fault);
    }
    return c->source.errors == errors && !c->source.nomem;
}

static const char *time_fault(const char *text, size_t index)
{
    (void)index;
    return ra_settings_time_fault(text);
}

static void read_daily(struct config *c, const struct ra_place *place,
                       const ra_json *value, int setting)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    const char *times[ROLEAUTH_MAX_DAILY];

    (void)setting;
    if (read_strings(c, place, value, times, ROLEAUTH_MAX_DAILY, time_fault))
        tell_setter(
            c, place,
            ra_settings_daily(&c->draft, times, ra_json_size(value), &why),
            &why);
}

static void read_command(struct config *c, const struct ra_place *place,
                         const ra_json *value, int setting)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    const char *arguments[ROLEAUTH_MAX_COMMAND];

    (void)setting;
    if (read_strings(c, place, value, arguments, ROLEAUTH_MAX_COMMAND,
                     ra_settings_argument_fault))
        tell_setter(c, place,
                    ra_settings_command(&c->draft, arguments,
                                        ra_json_size(value), &why),
                    &why);
}

/* ---- events: [{"sink":"file","path":...,"mandatory":...}, ...] ---- */

static const char *const sink_keys[] = {"sink", "path", "mandatory", NULL};
static const char *const sink_kinds[] = {"file", "syslog", NULL};

struct sink_entry {
    const char *kind, *path;
    bool mandatory;
};

static void tell_unknown(struct config *c, const struct ra_place *place,
                         const char *key, const char *near)
{
    char quoted[RA_QUOTE];

    (void)ra_quote(&c->source, quoted, key);
    if (near != NULL)
        ra_problem_key(&c->source, RA_UNKNOWN_KEY, place,
                       "unknown key \"%s\": did you mean \"%s\"?", quoted,
                       near);
    else
        ra_problem_key(&c->source, RA_UNKNOWN_KEY, place,
                       "unknown key \"%s\": remove it", quoted);
}

static void read_sink_member(struct config *c, const struct ra_place *place,
                             const char *key, const ra_json *value,
                             struct sink_entry *entry)
{
    const char *text = ra_json_string(value, NULL);
    enum ra_json_type type = ra_json_type(value);

    if (strcmp(key, "mandatory") == 0) {
        if (type != RA_JSON_TRUE && type != RA_JSON_FALSE)
            ra_problem_type(&c->source, place, value, "true or false");
        entry->mandatory = type == RA_JSON_TRUE;
    } else if (strcmp(key, "sink") == 0 || strcmp(key, "path") == 0) {
        if (text == NULL)
            ra_problem_type(&c->source, place, value, "a string");
        else if (key[0] == 's')
            entry->kind = text;
        else
            entry->path = text;
    } else {
        tell_unknown(c, place, key, ra_nearest_of(key, sink_keys));
    }
}

static void add_sink(struct config *c, const struct ra_place *place,
                     const struct sink_entry *entry)
{
    roleauth_duty duty =
        entry->mandatory ? ROLEAUTH_MANDATORY : ROLEAUTH_OPTIONAL;
    char quoted[RA_QUOTE];
    const char *near;
    int rc = 0;

    if (entry->kind == NULL) {
        ra_problem(&c->source, RA_MISSING, place,
                   "\"sink\" is missing: expected \"file\" or \"syslog\"");
    } else if (strcmp(entry->kind, "file") == 0) {
        if (entry->path == NULL || entry->path[0] != '/')
            ra_problem(&c->source, RA_MISSING, place,
                       "a file needs a \"path\" that starts with a slash");
        else
            rc = ra_sinks_add_file(c->draft.sinks, entry->path, duty);
    } else if (strcmp(entry->kind, "syslog") == 0) {
        if (entry->path != NULL || entry->mandatory)
            ra_problem(&c->source, RA_BAD_VALUE, place,
                       "syslog has no path and cannot be mandatory: it does "
                       "not tell when it fails");
        else
            rc = ra_sinks_add_syslog(c->draft.sinks);
    } else {
        near = ra_nearest_of(entry->kind, sink_kinds);
        ra_problem(&c->source, RA_BAD_VALUE, place,
                   "\"%s\" is no sink: expected \"file\" or \"syslog\"%s%s%s",
                   ra_quote(&c->source, quoted, entry->kind),
                   near != NULL ? "; did you mean \"" : "",
                   near != NULL ? near : "", near != NULL ? "\"?" : "");
    }
    if (rc != 0)
        c->source.nomem = true;
}

static void read_events(struct config *c, const struct ra_place *place,
                        const ra_json *value, int setting)
{
    (void)setting;
    if (ra_json_type(value) != RA_JSON_ARRAY) {
        ra_problem_type(&c->source, place, value, "an array of objects");
        return;
    }
    if (ra_settings_clear_sinks(&c->draft, NULL) != 0)
        c->source.nomem = true;
    for (size_t i = 0; i < ra_json_size(value) && !c->source.nomem; i++) {
        const struct ra_place at = {place, NULL, i, false};
        const ra_json *object = ra_json_at(value, i);
        struct sink_entry entry = {NULL, NULL, false};
        size_t errors = c->source.errors;

        if (ra_json_type(object) != RA_JSON_OBJECT) {
            ra_problem_type(&c->source, &at, object, "an object");
            continue;
        }
        for (void *it = ra_json_first(object); it != NULL;
             it = ra_json_next(object, it)) {
            const struct ra_place member = {&at, ra_json_key(it), 0, false};

            read_sink_member(c, &member, ra_json_key(it), ra_json_value(it),
                             &entry);
        }
        if (c->source.errors == errors)
            add_sink(c, &at, &entry);
    }
}

/* ---- the whole ---- */

static const char *key_name(const void *data, size_t index)
{
    (void)data;
    return index < KEYS ? keys[index].name : NULL;
}

static void read_top(struct config *c, const ra_json *top)
{
    const struct ra_place root = {NULL, NULL, 0, false};

    if (ra_json_type(top) != RA_JSON_OBJECT) {
        ra_problem_type(&c->source, &root, top, "an object");
        return;
    }
    for (void *it = ra_json_first(top); it != NULL;
         it = ra_json_next(top, it)) {
        const char *name = ra_json_key(it);
        const struct ra_place place = {&root, name, 0, false};
        size_t i = 0;

        while (i < KEYS && strcmp(keys[i].name, name) != 0)
            i++;
        if (i < KEYS)
            keys[i].read(c, &place, ra_json_value(it), keys[i].setting);
        else
            tell_unknown(c, &place, name, ra_nearest(name, key_name, NULL));
    }
}

static int parse(struct config *c, roleauth_error *error)
{
    struct ra_json_fault fault;
    ra_json *top = NULL;
    int rc = ra_json_parse(c->source.text, c->source.length, &top, &fault);

    if (rc == ROLEAUTH_E_INVALID)
        ra_problem_json(&c->source, NULL, c->source.text, c->source.length,
                        &fault);
    else if (rc == 0)
        read_top(c, top);
    ra_json_free(&top);
    if (c->source.nomem || rc == ROLEAUTH_E_NOMEM)
        return ra_fail_nomem(error);
    return c->source.errors == 0 ? 0 : ROLEAUTH_E_INVALID;
}

/* Opens the file; *why is empty when nobody else could have written it.
 * Returns 1 when the default one is absent. */
static int open_config(const char *path, int *fd, roleauth_error *why,
                       roleauth_error *error)
{
    const char *name = path != NULL ? path : ROLEAUTH_CONFIG_FILE;
    struct stat st;
    int trusted = 0;
    int rc;

    if (path == NULL && lstat(name, &st) != 0 &&
        (errno == ENOENT || errno == ENOTDIR))
        return 1;
    rc = ra_trust_open_file(name, fd, &trusted, why);
    if (rc == 0 && trusted != 1 && why->code == ROLEAUTH_OK)
        (void)ra_fail(why, ROLEAUTH_E_UNTRUSTED,
                      "others could have written it");
    return rc == 0 ? 0 : ra_fail_in(error, rc, name, 0, 0, NULL, why->text);
}

int ra_config_text(struct ra_settings *settings, const char *name,
                   const char *text, size_t length, roleauth_report *report,
                   void *report_data, roleauth_error *error)
{
    const struct ra_load load = {
        .how = {.report = report, .report_data = report_data}};
    struct config config;
    int rc;

    memset(&config, 0, sizeof(config));
    config.source.file = name;
    config.source.text = text;
    config.source.length = length;
    config.source.load = &load;
    config.source.error = error;
    if (ra_settings_copy(&config.draft, settings) != 0)
        return ra_fail_nomem(error);
    rc = parse(&config, error);
    ra_source_end(&config.source);
    if (rc == 0) {
        struct ra_settings old = *settings;

        *settings = config.draft;
        config.draft = old;
    }
    ra_settings_free(&config.draft);
    return rc;
}

static void warn_untrusted(const char *name, const roleauth_error *why,
                           roleauth_report *report, void *report_data)
{
    const roleauth_diagnostic diagnostic = {
        ROLEAUTH_SEVERITY_WARNING, "untrusted", name, 0, 0, "", why->text};

    if (report != NULL)
        report(report_data, &diagnostic);
}

int ra_config_read(struct ra_settings *settings, const char *path,
                   enum ra_config_use use, roleauth_report *report,
                   void *report_data, roleauth_error *error)
{
    const char *name = path != NULL ? path : ROLEAUTH_CONFIG_FILE;
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    char *text = NULL;
    size_t length = 0;
    int fd = -1;
    int rc = open_config(path, &fd, &why, error);

    if (rc != 0)
        return rc == 1 ? 0 : rc;
    if (why.code != ROLEAUTH_OK && use == RA_CONFIG_DECIDE)
        rc = ra_fail_in(error, why.code, name, 0, 0, NULL, why.text);
    else
        rc = ra_read_all(fd, name, ROLEAUTH_MAX_CONFIG, &text, &length, error);
    (void)close(fd);
    if (rc == 0 && why.code != ROLEAUTH_OK)
        warn_untrusted(name, &why, report, report_data);
    if (rc == 0)
        rc = ra_config_text(settings, name, text, length, report, report_data,
                            error);
    if (rc == 0 && why.code != ROLEAUTH_OK)
        settings->untrusted = true;
    free(text);
    return rc;
}

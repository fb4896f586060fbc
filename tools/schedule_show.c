/* SPDX-License-Identifier: MIT */
/* What is installed, and what it does; changes nothing. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "local.h"
#include "schedule.h"

static const char *const state_words[] = {
    [UNIT_ABSENT] = "absent",   [UNIT_SAME] = "same",
    [UNIT_DIFFERS] = "differs", [UNIT_EDITED] = "edited",
    [UNIT_FOREIGN] = "foreign",
};

static const char *const state_texts[] = {
    [UNIT_ABSENT] = "absent",
    [UNIT_SAME] = "as configured",
    [UNIT_DIFFERS] = "differs: roleauth schedule install",
    [UNIT_EDITED] = "was changed by somebody",
    [UNIT_FOREIGN] = "was not made by roleauth schedule",
};

struct show {
    const struct schedule *schedule;
    struct tree tree;
    struct record record;
    struct config config;
    struct plan plan;
    const struct format *format; /* installed, or that install would take */
    json_t *files;
    size_t absent, wrong;
    roleauth_sign_out_record last; /* trigger NONE: none, or unknown */
    roleauth_moment next;
};

static int add_file(struct show *s, const struct unit *unit,
                    enum unit_state state)
{
    return json_array_append_new(s->files,
                                 json_pack("{s:s, s:s}", "path", unit->path,
                                           "state", state_words[state]));
}

static int look(struct show *s, const struct format *format,
                roleauth_error *error)
{
    enum unit_state state;
    int rc;

    for (size_t u = 0; u < format->count; u++) {
        rc = unit_look(&format->units[u], &s->plan, &s->tree, &state, error);
        if (rc != 0)
            return rc;
        /* Of another format only what is ours counts. */
        if (format != s->format &&
            (state == UNIT_ABSENT || state == UNIT_FOREIGN))
            continue;
        s->absent += state == UNIT_ABSENT;
        s->wrong += state != UNIT_SAME || format != s->format;
        if (add_file(s, &format->units[u], state) != 0)
            return schedule_fail(error, ROLEAUTH_E_NOMEM, NULL,
                                 "out of memory");
    }
    return 0;
}

static int prepare(struct show *s, roleauth_error *error)
{
    const struct schedule *schedule = s->schedule;
    const char *path = NULL;
    int rc;

    if ((rc = tree_open(&s->tree, schedule->root, false, error)) != 0 ||
        (rc = record_open(&s->record, &s->tree, LOCK_SH, error)) != 0 ||
        (rc = record_config(&s->record, schedule->config, &path, error)) != 0 ||
        (rc = config_read(&s->config, &s->tree, path, error)) != 0 ||
        (rc = config_need(&s->config, schedule->config, error)) != 0 ||
        (rc = plan_make(&s->plan, &s->config, error)) != 0)
        return rc;
    s->format = schedule_format(schedule, &s->record);
    s->files = json_array();
    for (size_t i = 0; schedule_formats[i] != NULL && rc == 0; i++)
        rc = look(s, schedule_formats[i], error);
    return rc;
}

/* ---- when ---- */

/* The newest one of everything, which comes first. */
static void take_last(void *data, const roleauth_sign_out_record *sign_out)
{
    roleauth_sign_out_record *last = data;

    if (last->trigger == ROLEAUTH_TRIGGER_NONE && sign_out->user == NULL &&
        sign_out->fname == NULL)
        *last = *sign_out;
}

/* A tree of --root is not a machine that runs. */
static int ask_library(struct show *s)
{
    const struct shared shared = {
        .config = s->config.entry.kind == ENTRY_FILE ? s->config.path : NULL};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_context *context;
    int status = EXIT_YES;

    if (s->schedule->root != NULL)
        return EXIT_YES;
    context = shared_context(&shared, roleauth_context_configure, &status);
    if (context == NULL)
        return status;
    if (roleauth_triggers(context, NULL, &s->next, &error) != 0 ||
        roleauth_sign_outs(context, take_last, &s->last, &error) != 0) {
        (void)fail(&error);
        status = EXIT_UNAVAILABLE;
    }
    roleauth_context_free(&context);
    return status;
}

/* RFC 3339, UTC, as in the log; false: there is no such moment. */
static bool moment_text(char text[MOMENT_SIZE], roleauth_trigger trigger,
                        int64_t at)
{
    return trigger != ROLEAUTH_TRIGGER_NONE && at != 0 && utc_text(at, text);
}

static void put_moment(const char *name, roleauth_trigger trigger, int64_t at)
{
    char text[MOMENT_SIZE];

    if (moment_text(text, trigger, at))
        (void)printf("%s: %s (%s)\n", name, text,
                     roleauth_trigger_word(trigger));
    else
        (void)printf("%s: none\n", name);
}

static json_t *json_moment(roleauth_trigger trigger, int64_t at)
{
    char text[MOMENT_SIZE];

    return moment_text(text, trigger, at)
               ? json_pack("{s:s, s:s}", "time", text, "trigger",
                           roleauth_trigger_word(trigger))
               : json_null();
}

/* ---- printing ---- */

static void put_triggers(const struct plan *plan)
{
    if (plan->interval > 0)
        (void)printf("interval: %ld s\n", plan->interval);
    for (size_t i = 0; i < plan->daily_count; i++)
        (void)printf("daily: %02u:%02u%s%s\n", plan->daily[i] / 60,
                     plan->daily[i] % 60, plan->zone != NULL ? " " : "",
                     plan->zone != NULL ? plan->zone : "");
    if (plan->boot)
        (void)puts("boot: yes");
}

static const char *state_text(const char *word)
{
    for (size_t i = 0; i < sizeof(state_words) / sizeof(state_words[0]); i++)
        if (strcmp(state_words[i], word) == 0)
            return state_texts[i];
    return word;
}

static int put_plain(const struct show *s, bool installed)
{
    size_t index;
    json_t *file;

    (void)printf("installed: %s\nformat: %s\nconfiguration: ",
                 installed ? "yes" : "no", s->format->name);
    put_visible(stdout, s->config.path);
    (void)putchar('\n');
    put_triggers(&s->plan);
    json_array_foreach(s->files, index, file)
    {
        const char *word = json_string_value(json_object_get(file, "state"));

        (void)printf("file: %s: %s\n",
                     json_string_value(json_object_get(file, "path")),
                     state_text(word));
    }
    if (s->schedule->root == NULL) {
        put_moment("last", s->last.trigger, s->last.at);
        put_moment("next", s->next.trigger, s->next.at);
    }
    return EXIT_YES;
}

static json_t *json_daily(const struct plan *plan)
{
    json_t *daily = json_array();

    for (size_t i = 0; i < plan->daily_count; i++)
        (void)json_array_append_new(daily, json_sprintf("%02u:%02u",
                                                        plan->daily[i] / 60,
                                                        plan->daily[i] % 60));
    return daily;
}

static int put_object(const struct show *s, bool installed)
{
    return put_json(json_pack(
        "{s:b, s:s, s:o, s:I, s:o, s:b, s:o, s:O, s:o, s:o}", "installed",
        installed, "format", s->format->name, "config",
        json_text(s->config.path), "interval", (json_int_t)s->plan.interval,
        "daily", json_daily(&s->plan), "boot", s->plan.boot, "time_zone",
        json_text(s->plan.zone), "files", s->files, "last",
        json_moment(s->last.trigger, s->last.at), "next",
        json_moment(s->next.trigger, s->next.at)));
}

static int show(struct show *s)
{
    bool installed = s->absent < s->format->count;
    int status = ask_library(s);
    int printed;

    printed =
        s->schedule->json ? put_object(s, installed) : put_plain(s, installed);
    if (status == EXIT_YES)
        status = printed;
    if (status == EXIT_YES && s->wrong > 0)
        status = EXIT_NO;
    return status;
}

int schedule_show(const struct schedule *schedule)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct show s = {.schedule = schedule, .tree.fd = -1, .record.lock = -1};
    int status = prepare(&s, &error) == 0 ? show(&s) : fail(&error);

    json_decref(s.files);
    config_free(&s.config);
    record_close(&s.record);
    tree_close(&s.tree);
    return status;
}

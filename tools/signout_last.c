/* SPDX-License-Identifier: MIT */
/* The last sign-out, for people and for inventory systems; changes nothing. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "local.h"
#include "signout.h"

/* Its texts are copies; trigger NONE: there was none. */
struct last {
    const struct signout *asked;
    roleauth_sign_out_record record;
    char *user, *fname;
    bool failed;
};

static bool covers(const char *ended, const char *asked)
{
    return ended == NULL || (asked != NULL && strcmp(ended, asked) == 0);
}

static char *copy(struct last *last, const char *text)
{
    char *made = text != NULL ? strdup(text) : NULL;

    if (text != NULL && made == NULL)
        last->failed = true;
    return made;
}

/* The newest one comes first.  One of a single user, say, does not tell when
 * everything ended. */
static void take(void *data, const roleauth_sign_out_record *sign_out)
{
    struct last *last = data;

    if (last->record.trigger != ROLEAUTH_TRIGGER_NONE ||
        !covers(sign_out->user, last->asked->user) ||
        !covers(sign_out->fname, last->asked->fname))
        return;
    last->record = *sign_out;
    last->record.user = last->user = copy(last, sign_out->user);
    last->record.fname = last->fname = copy(last, sign_out->fname);
}

/* ---- formats ---- */

static bool has_code(const roleauth_sign_out_record *record)
{
    return record->command == ROLEAUTH_COMMAND_EXITED ||
           record->command == ROLEAUTH_COMMAND_KILLED;
}

static void put_fact(const char *name, const char *value)
{
    if (value == NULL)
        return;
    (void)printf("%s: ", name);
    put_visible(stdout, value);
    (void)putchar('\n');
}

static int print_text(const roleauth_sign_out_record *record)
{
    char time[MOMENT_SIZE];

    if (record->trigger == ROLEAUTH_TRIGGER_NONE) {
        (void)puts("none");
        return EXIT_YES;
    }
    put_fact("time", record->at != 0 && local_text_zoned(record->at, time)
                         ? time
                         : "not known");
    put_fact("trigger", roleauth_trigger_word(record->trigger));
    put_fact("user", record->user);
    put_fact("fname", record->fname);
    (void)printf("ended: %" PRIu64 "\ncommand: %s", record->ended,
                 roleauth_command_word(record->command));
    if (has_code(record))
        (void)printf(" %d", record->command_code);
    (void)putchar('\n');
    return EXIT_YES;
}

static json_t *json_command(const roleauth_sign_out_record *record)
{
    if (record->command == ROLEAUTH_COMMAND_NONE)
        return json_null();
    return json_pack(
        "{s:s, s:o}", "result", roleauth_command_word(record->command), "code",
        has_code(record) ? json_integer(record->command_code) : json_null());
}

static int print_json(const roleauth_sign_out_record *record)
{
    char time[MOMENT_SIZE], local[MOMENT_SIZE];
    bool known = record->at != 0 && utc_text(record->at, time) &&
                 local_text(record->at, local);

    return put_json(json_pack(
        "{s:s?, s:s?, s:s, s:o, s:o, s:I, s:o}", "time", known ? time : NULL,
        "local", known ? local : NULL, "trigger",
        roleauth_trigger_word(record->trigger), "user", json_text(record->user),
        "fname", json_text(record->fname), "ended", (json_int_t)record->ended,
        "command", json_command(record)));
}

/* What Jamf's extension attributes of type date take. */
static int print_jamf(const roleauth_sign_out_record *record)
{
    char time[MOMENT_SIZE];

    (void)printf("<result>%s</result>\n",
                 record->at != 0 && local_text(record->at, time)
                     ? time
                     : "1970-01-01 00:00:00");
    return EXIT_YES;
}

/* ---- the whole ---- */

static int print_last(const struct last *last, enum signout_format format)
{
    switch (format) {
    case FORMAT_JSON:
        return print_json(&last->record);
    case FORMAT_JAMF:
        return print_jamf(&last->record);
    case FORMAT_TEXT:
        break;
    }
    return print_text(&last->record);
}

static int find(struct last *last)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int status = EXIT_YES;
    roleauth_context *context = shared_context(
        &last->asked->shared, roleauth_context_configure, &status);

    if (context == NULL)
        return status;
    if (roleauth_sign_outs(context, take, last, &error) != 0 || last->failed) {
        if (last->failed)
            error.code = ROLEAUTH_E_NOMEM;
        (void)fail(&error);
        status = EXIT_UNAVAILABLE;
    }
    roleauth_context_free(&context);
    return status;
}

int signout_last(const struct signout *signout, enum signout_format format)
{
    struct last last = {.asked = signout};
    int status = find(&last);
    json_t *top = NULL;

    if (status != EXIT_YES)
        goto out;
    top = local_config(signout->shared.config);
    if (top == NULL) {
        status = EXIT_UNUSABLE;
        goto out;
    }
    status = local_zone(top);
    if (status == EXIT_YES)
        status = print_last(&last, format);
out:
    json_decref(top);
    free(last.user);
    free(last.fname);
    return status;
}

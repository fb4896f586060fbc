/* SPDX-License-Identifier: MIT */
/* Signing out: revoke, remember that it was done, run the command, write the
 * event; in this order.  The revocation stands whatever becomes of the rest.
 *
 * Of many processes that find a sign-out due, one signs out: each asks again
 * with the lock of the state held (ra_state_revoke_if()), and the first one
 * writes a new state before it gives the lock back, from whose making the
 * others then count.  Nothing is locked while the command runs. */
#include "auth/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/command.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "store/history.h"

#define NOTE_SIZE 400

/* One sign-out that took place. */
struct sign_out {
    roleauth_context *context;
    const char *user, *fname;
    roleauth_moment trigger;
    size_t ended;
    bool has_time;
    roleauth_time time;
    struct ra_command_result command;
    char notes[RA_SIGN_OUT_NOTES][NOTE_SIZE];
    size_t note_count;
};

static void note(struct sign_out *done, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct sign_out *done, const char *format, ...)
{
    va_list args;

    if (done->note_count == RA_SIGN_OUT_NOTES)
        return;
    va_start(args, format);
    (void)vsnprintf(done->notes[done->note_count++], NOTE_SIZE, format, args);
    va_end(args);
}

/* ---- the command ---- */

/* Nothing of this process's own environment. */
struct environment {
    char *texts[6];
    size_t count;
    bool failed;
};

static void add_variable(struct environment *environment, const char *name,
                         const char *value)
{
    struct ra_buf buf = RA_BUF_INIT((size_t)2 * ROLEAUTH_MAX_BINDING);
    char *text = NULL;

    if (value == NULL)
        return;
    if (ra_buf_printf(&buf, "%s=%s", name, value))
        text = ra_buf_take(&buf);
    ra_buf_free(&buf);
    if (text == NULL)
        environment->failed = true;
    else
        environment->texts[environment->count++] = text;
}

static void free_environment(struct environment *environment)
{
    for (size_t i = 0; i < environment->count; i++)
        free(environment->texts[i]);
}

static void note_command(struct sign_out *done, unsigned seconds)
{
    const struct ra_command_result *command = &done->command;

    switch (command->end) {
    case ROLEAUTH_COMMAND_EXITED:
        if (command->code != 0)
            note(done, "the sign-out command failed with exit status %d",
                 command->code);
        break;
    case ROLEAUTH_COMMAND_KILLED:
        note(done, "the sign-out command was killed by signal %d",
             command->code);
        break;
    case ROLEAUTH_COMMAND_TIMEOUT:
        note(done,
             "the sign-out command took more than %u seconds and was killed",
             seconds);
        break;
    case ROLEAUTH_COMMAND_NOT_RUN:
        note(done, "the sign-out command was not run: %s", command->why);
        break;
    case ROLEAUTH_COMMAND_NONE:
    case ROLEAUTH_COMMAND_UNKNOWN:
        note(done, "the sign-out command was run: %s", command->why);
        break;
    }
}

static void run_command(struct sign_out *done)
{
    const struct ra_settings *settings = ra_context_settings(done->context);
    unsigned seconds =
        (unsigned)settings->numbers[ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT];
    struct environment environment = {.count = 0};

    add_variable(&environment, "PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    add_variable(&environment, "LANG", "C");
    add_variable(&environment, "ROLEAUTH_TRIGGER",
                 roleauth_trigger_word(done->trigger.trigger));
    add_variable(&environment, "ROLEAUTH_USER", done->user);
    add_variable(&environment, "ROLEAUTH_FNAME", done->fname);
    if (environment.failed) {
        done->command.end = ROLEAUTH_COMMAND_NOT_RUN;
        (void)snprintf(done->command.why, sizeof(done->command.why),
                       "out of memory");
    } else {
        ra_command_run(settings->command, environment.texts, seconds,
                       &done->command);
    }
    note_command(done, seconds);
    free_environment(&environment);
}

/* ---- what is left behind ---- */

/* It is remembered before the command runs, which may end this process or the
 * machine. */
static void remember_and_run(struct sign_out *done)
{
    const roleauth_store *store = &ra_context_seams(done->context)->store;
    bool has_command = ra_context_settings(done->context)->command != NULL;
    const roleauth_sign_out_record record = {
        .at = (int64_t)done->time.realtime.tv_sec,
        .trigger = done->trigger.trigger,
        .user = done->user,
        .fname = done->fname,
        .ended = done->ended,
        .command =
            has_command ? ROLEAUTH_COMMAND_UNKNOWN : ROLEAUTH_COMMAND_NONE,
    };
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    unsigned char id[RA_HISTORY_ID];
    int rc = ra_history_add(store, &record, id, &why);

    if (has_command) {
        run_command(done);
        if (rc == 0)
            rc = ra_history_complete(store, id, done->command.end,
                                     done->command.code, &why);
    }
    if (rc != 0)
        note(done, "the sign-out is missing in the history: %s", why.text);
}

/* No error, but worth telling: the code stays ROLEAUTH_OK. */
static void tell_lost(const roleauth_error *why, roleauth_error *error)
{
    size_t length;

    if (error == NULL || error->code != ROLEAUTH_OK)
        return;
    length = strlen(error->text);
    (void)snprintf(error->text + length, sizeof(error->text) - length,
                   "%snot logged: %s", length > 0 ? "; " : "", why->text);
}

static int write_event(struct sign_out *done, roleauth_error *error)
{
    const ra_sinks *sinks = ra_context_settings(done->context)->sinks;
    struct ra_sign_out_facts facts = {
        .time = done->has_time ? &done->time : NULL,
        .trigger = done->trigger,
        .user = done->user,
        .fname = done->fname,
        .ended = done->ended,
        .command = done->command.end,
        .command_code = done->command.code,
        .command_output = done->command.output,
    };
    roleauth_error why = ROLEAUTH_ERROR_INIT, lost = ROLEAUTH_ERROR_INIT;
    size_t kept;
    char *line;
    int rc;

    for (size_t i = 0; i < done->note_count; i++)
        facts.notes[i] = done->notes[i];
    line = ra_event_sign_out(&facts);
    if (line == NULL)
        return ra_fail_nomem(error);
    rc = ra_sinks_write(sinks, ROLEAUTH_MANDATORY, line, &kept, &why);
    if (ra_sinks_write(sinks, ROLEAUTH_OPTIONAL, line, &kept, &lost) != 0 &&
        rc == 0)
        tell_lost(&lost, error);
    free(line);
    return rc == 0
               ? 0
               : ra_fail(error, rc, "signed out, but not logged: %s", why.text);
}

/* No errors, but worth telling: the code stays ROLEAUTH_OK. */
static void tell_notes(const struct sign_out *done, roleauth_error *error)
{
    roleauth_error text = ROLEAUTH_ERROR_INIT;
    char joined[2 * NOTE_SIZE] = "";
    size_t length = 0;

    if (error == NULL || done->note_count == 0)
        return;
    for (size_t i = 0; i < done->note_count && length < sizeof(joined); i++)
        length += (size_t)snprintf(joined + length, sizeof(joined) - length,
                                   "%s%s", i > 0 ? "; " : "", done->notes[i]);
    (void)ra_fail(&text, ROLEAUTH_E_IO, "%s", joined);
    memcpy(error->text, text.text, sizeof(error->text));
}

/* Everything that follows the revocation; revoked: a note of that. */
static int finish(struct sign_out *done, const roleauth_error *revoked,
                  roleauth_error *error)
{
    int rc;

    done->has_time =
        ra_clock_now(&ra_context_seams(done->context)->clock, &done->time) == 0;
    if (revoked->text[0] != '\0')
        note(done, "%s", revoked->text);
    remember_and_run(done);
    tell_notes(done, error);
    rc = write_event(done, error);
    free(done->command.output);
    return rc;
}

/* ---- the calls ---- */

/* Returns 0 when this context may sign out. */
static int prepare(roleauth_context *context, roleauth_error *error)
{
    int rc;

    if (context == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no context");
    if ((rc = ra_context_ready(context, error)) != 0)
        return rc;
    return ra_context_settings(context)->untrusted
               ? ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                         "others could have written the configuration")
               : 0;
}

int roleauth_sign_out(roleauth_context *context, const char *user,
                      const char *fname, size_t *ended, roleauth_error *error)
{
    struct sign_out done = {.context = context,
                            .user = user,
                            .fname = fname,
                            .trigger = {ROLEAUTH_TRIGGER_HAND, 0}};
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_records_config config;
    int rc;

    roleauth_error_clear(error);
    if (ended != NULL)
        *ended = 0;
    /* A script's empty variable must not pass for somebody signed out. */
    if ((user != NULL && *user == '\0') || (fname != NULL && *fname == '\0'))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "the user or fname to sign out is empty");
    if ((rc = prepare(context, error)) != 0)
        return rc;
    config = ra_context_records(context);
    rc = ra_records_revoke(&config, user, fname, &done.ended, &why);
    if (rc != 0)
        return ra_fail(error, rc, "%s", why.text);
    if (ended != NULL)
        *ended = done.ended;
    return finish(&done, &why, error);
}

int roleauth_sign_out_due(roleauth_context *context, roleauth_trigger *trigger,
                          size_t *ended, roleauth_error *error)
{
    struct sign_out done = {.context = context};
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_records_config config;
    int rc;

    roleauth_error_clear(error);
    if (ended != NULL)
        *ended = 0;
    if (trigger != NULL)
        *trigger = ROLEAUTH_TRIGGER_NONE;
    if ((rc = prepare(context, error)) != 0)
        return rc;
    config = ra_context_records(context);
    rc = ra_records_revoke_due(&config, &done.trigger, &done.ended, &why);
    if (rc != 0)
        return ra_fail(error, rc, "%s", why.text);
    if (done.trigger.trigger == ROLEAUTH_TRIGGER_NONE)
        return 0;
    if (ended != NULL)
        *ended = done.ended;
    if (trigger != NULL)
        *trigger = done.trigger.trigger;
    return finish(&done, &why, error);
}

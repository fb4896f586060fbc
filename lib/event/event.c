/* SPDX-License-Identifier: MIT */
#include "event/event.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

/* syslog(3) drops a datagram that is too long, and says nothing: no text that
 * a client has a say in may make an event that long. */
#define TEXT_MAX ((size_t)1024)
#define NOTES_MAX ((size_t)8)

/* A text, cut at a character's end; NULL: out of memory. */
static ra_json *short_string(const char *text)
{
    struct ra_buf buf = RA_BUF_INIT(TEXT_MAX + 8);
    size_t length = TEXT_MAX;
    ra_json *value = NULL;

    if (text == NULL || strlen(text) <= TEXT_MAX)
        return ra_json_new_string(text);
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    if (ra_buf_add(&buf, text, length) && ra_buf_add_text(&buf, "..."))
        value = ra_json_new_string(buf.data);
    ra_buf_free(&buf);
    return value;
}

/* The members that every event starts with. */
static bool add_head(ra_json *object, const char *kind,
                     const roleauth_time *time, const char *id)
{
    char text[32];
    const char *when =
        time != NULL && ra_rfc3339(&time->realtime, text) ? text : NULL;

    return ra_json_set(object, "time", ra_json_new_string(when)) &&
           ra_json_set(object, "event", ra_json_new_string(kind)) &&
           (id == NULL || ra_json_set(object, "id", ra_json_new_string(id)));
}

/* Where known: an unknown fact has no member. */
static bool add_fact(ra_json *object, const char *name, const char *text)
{
    return text == NULL || ra_json_set(object, name, short_string(text));
}

static ra_json *notes_of_result(const roleauth_result *result)
{
    size_t count = roleauth_result_note_count(result);
    ra_json *notes = ra_json_new_array();

    for (size_t i = 0; i < count && notes != NULL; i++) {
        bool last = i + 1 == NOTES_MAX && count > NOTES_MAX;
        const char *note =
            last ? "there are more notes" : roleauth_result_note(result, i);

        if (!ra_json_append(notes, short_string(note)))
            ra_json_free(&notes);
        if (last)
            break;
    }
    return notes;
}

char *ra_event_evaluation(const roleauth_result *result,
                          const struct ra_event_facts *facts)
{
    ra_json *object = ra_json_new_object();
    char *line = NULL;

    if (add_head(object, "evaluation", facts->time,
                 roleauth_result_id(result)) &&
        ra_result_describe(result, short_string, object) &&
        add_fact(object, "requester", facts->requester) &&
        add_fact(object, "submithost", facts->submit_host) &&
        add_fact(object, "runuser", facts->run_user) &&
        add_fact(object, "runhost", facts->run_host) &&
        ra_json_set(object, "notes", notes_of_result(result)))
        line = ra_json_dump(object);
    ra_json_free(&object);
    return line;
}

static ra_json *notes_of_sign_out(const struct ra_sign_out_facts *facts)
{
    ra_json *notes = ra_json_new_array();

    for (size_t i = 0;
         notes != NULL && i < RA_SIGN_OUT_NOTES && facts->notes[i] != NULL; i++)
        if (!ra_json_append(notes, short_string(facts->notes[i])))
            ra_json_free(&notes);
    return notes;
}

/* The moment for which it was due; by hand: null. */
static ra_json *moment_json(const roleauth_moment *moment)
{
    const struct timespec at = {(time_t)moment->at, 0};
    char text[32];
    bool due = moment->trigger != ROLEAUTH_TRIGGER_HAND &&
               moment->trigger != ROLEAUTH_TRIGGER_NONE;

    return ra_json_new_string(due && ra_rfc3339(&at, text) ? text : NULL);
}

static ra_json *command_json(const struct ra_sign_out_facts *facts)
{
    ra_json *object;
    bool has_code = facts->command == ROLEAUTH_COMMAND_EXITED ||
                    facts->command == ROLEAUTH_COMMAND_KILLED;

    if (facts->command == ROLEAUTH_COMMAND_NONE)
        return ra_json_new_string(NULL);
    object = ra_json_new_object();
    if (ra_json_set(
            object, "result",
            ra_json_new_string(roleauth_command_word(facts->command))) &&
        ra_json_set(object, "code",
                    has_code ? ra_json_new_integer(facts->command_code)
                             : ra_json_new_string(NULL)) &&
        ra_json_set(object, "output", short_string(facts->command_output)))
        return object;
    ra_json_free(&object);
    return NULL;
}

char *ra_event_sign_out(const struct ra_sign_out_facts *facts)
{
    ra_json *object = ra_json_new_object();
    char *line = NULL;

    if (add_head(object, "signout", facts->time, NULL) &&
        ra_json_set(object, "user", short_string(facts->user)) &&
        ra_json_set(object, "fname", short_string(facts->fname)) &&
        ra_json_set(object, "ended",
                    ra_json_new_integer((int64_t)facts->ended)) &&
        ra_json_set(object, "trigger",
                    ra_json_new_string(
                        roleauth_trigger_word(facts->trigger.trigger))) &&
        ra_json_set(object, "due", moment_json(&facts->trigger)) &&
        ra_json_set(object, "command", command_json(facts)) &&
        ra_json_set(object, "notes", notes_of_sign_out(facts)))
        line = ra_json_dump(object);
    ra_json_free(&object);
    return line;
}

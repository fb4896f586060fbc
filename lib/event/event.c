/* SPDX-License-Identifier: MIT */
#include "event/event.h"

#include "base/clock.h"

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
    return text == NULL || ra_json_set(object, name, ra_json_new_string(text));
}

char *ra_event_evaluation(const roleauth_result *result,
                          const struct ra_event_facts *facts)
{
    ra_json *object = ra_json_new_object();
    char *line = NULL;

    if (add_head(object, "evaluation", facts->time,
                 roleauth_result_id(result)) &&
        ra_result_describe(result, object) &&
        add_fact(object, "requester", facts->requester) &&
        add_fact(object, "submithost", facts->submit_host) &&
        add_fact(object, "runuser", facts->run_user) &&
        add_fact(object, "runhost", facts->run_host) &&
        ra_result_describe_notes(result, object))
        line = ra_json_dump(object);
    ra_json_free(&object);
    return line;
}

static ra_json *notes_of(const char *note)
{
    ra_json *notes = ra_json_new_array();

    if (note[0] != '\0' && !ra_json_append(notes, ra_json_new_string(note)))
        ra_json_free(&notes);
    return notes;
}

char *ra_event_sign_out(const roleauth_time *time, const char *user,
                        const char *fname, size_t ended, const char *note)
{
    ra_json *object = ra_json_new_object();
    char *line = NULL;

    if (add_head(object, "signout", time, NULL) &&
        ra_json_set(object, "user", ra_json_new_string(user)) &&
        ra_json_set(object, "fname", ra_json_new_string(fname)) &&
        ra_json_set(object, "ended", ra_json_new_integer((int64_t)ended)) &&
        ra_json_set(object, "notes", notes_of(note)))
        line = ra_json_dump(object);
    ra_json_free(&object);
    return line;
}

/* SPDX-License-Identifier: MIT */
/* One event, for people: time, decision and reason, then NAME=VALUE.  Names of
 * users and roles come from outside: a value that could be taken for more than
 * one, or for another name, stands in quotes. */
#include <stdlib.h>
#include <string.h>

#include "log.h"

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* roleauth_visible() doubles backslashes, so that \" is ours. */
static void put_value(const char *text)
{
    char *visible = roleauth_visible(text);
    bool quoted;

    if (visible == NULL)
        return;
    quoted = *visible == '\0' || strpbrk(visible, " =\"[]") != NULL;
    if (quoted)
        (void)putchar('"');
    for (const char *at = visible; *at != '\0'; at++) {
        if (*at == '"')
            (void)putchar('\\');
        (void)putchar(*at);
    }
    if (quoted)
        (void)putchar('"');
    free(visible);
}

static void put_fact(const char *name, const char *text)
{
    if (text == NULL)
        return;
    (void)printf(" %s=", name);
    put_value(text);
}

static void put_facts(const json_t *event, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        put_fact(*keys, text_of(event, *keys));
}

static void put_number(const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);

    if (json_is_integer(number))
        (void)printf(" %s=%" JSON_INTEGER_FORMAT, key,
                     json_integer_value(number));
}

/* False: it is no time. */
static bool make_local(const char *time, char text[MOMENT_SIZE])
{
    int64_t milliseconds;

    return when_event(time, &milliseconds) &&
           local_text_zoned(milliseconds / 1000 - (milliseconds % 1000 < 0),
                            text);
}

static void put_time(const json_t *event)
{
    char text[MOMENT_SIZE];

    (void)fputs(make_local(text_of(event, "time"), text) ? text
                                                         : "(time not known)",
                stdout);
}

static void put_word(const char *word)
{
    (void)putchar(' ');
    put_value(word != NULL ? word : "?");
}

static void put_methods(const json_t *methods)
{
    static const char *const facts[] = {"user", "service", NULL};
    size_t index;
    json_t *method;

    json_array_foreach(methods, index, method)
    {
        const char *name = text_of(method, "method");

        (void)fputs(" [", stdout);
        put_value(name != NULL ? name : "?");
        put_facts(method, facts);
        put_word(text_of(method, "result"));
        if (json_is_true(json_object_get(method, "cached")))
            (void)fputs(" remembered", stdout);
        else
            put_number(method, "attempts");
        (void)putchar(']');
    }
}

static void put_notes(const json_t *event)
{
    json_t *notes = json_object_get(event, "notes");
    size_t index;
    json_t *note;

    json_array_foreach(notes, index, note)
    {
        put_fact("note", json_string_value(note));
    }
}

static void put_evaluation(const json_t *event)
{
    static const char *const who[] = {"requester", "submithost", "runuser",
                                      "runhost",   "role",       NULL};

    put_word(text_of(event, "decision"));
    put_word(text_of(event, "reason"));
    put_facts(event, who);
    put_methods(json_object_get(event, "methods"));
    put_fact("reject_message", text_of(event, "reject_message"));
    put_notes(event);
    /* Of two with the same id the last one counts. */
    put_fact("id", text_of(event, "id"));
}

static void put_sign_out(const json_t *event)
{
    static const char *const whom[] = {"user", "fname", NULL};
    const json_t *command = json_object_get(event, "command");
    const char *due = text_of(event, "due");
    char text[MOMENT_SIZE];

    (void)fputs(" signout", stdout);
    put_word(text_of(event, "trigger"));
    put_facts(event, whom);
    put_number(event, "ended");
    put_fact("due", make_local(due, text) ? text : due);
    put_fact("command", text_of(command, "result"));
    put_number(command, "code");
    put_fact("output", text_of(command, "output"));
    put_notes(event);
}

void log_print(const json_t *event)
{
    put_time(event);
    if (log_kind_of_event(event) == LOG_SIGN_OUT)
        put_sign_out(event);
    else
        put_evaluation(event);
    (void)putchar('\n');
}

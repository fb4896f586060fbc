/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "log.h"

static const struct {
    const char *word;
    enum log_kind kind;
} kinds[] = {
    {"accept", LOG_ACCEPT},
    {"reject", LOG_REJECT},
    {"error", LOG_ERROR},
    {"signout", LOG_SIGN_OUT},
};

enum log_kind log_kind_of_word(const char *word)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].word, word) == 0)
            return kinds[i].kind;
    return LOG_NONE;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool is(const json_t *object, const char *key, const char *wanted)
{
    const char *text = text_of(object, key);

    return text != NULL && strcmp(text, wanted) == 0;
}

enum log_kind log_kind_of_event(const json_t *event)
{
    const char *decision = text_of(event, "decision");

    if (is(event, "event", "signout"))
        return LOG_SIGN_OUT;
    if (!is(event, "event", "evaluation") || decision == NULL ||
        strcmp(decision, "signout") == 0)
        return LOG_NONE;
    return log_kind_of_word(decision);
}

/* Who asked, who was authenticated, or who was signed out by name. */
static bool is_about(const json_t *event, const char *user)
{
    json_t *methods = json_object_get(event, "methods");
    size_t index;
    json_t *method;

    if (is(event, "requester", user))
        return true;
    if (is(event, "event", "signout"))
        return is(event, "user", user);
    json_array_foreach(methods, index, method)
    {
        if (is(method, "user", user))
            return true;
    }
    return false;
}

bool log_passes(const struct log_filter *filter, const json_t *event)
{
    int64_t time = 0;

    if (filter->kinds != 0 &&
        (filter->kinds & (unsigned)log_kind_of_event(event)) == 0)
        return false;
    if (filter->role != NULL && !is(event, "role", filter->role))
        return false;
    if (filter->user != NULL && !is_about(event, filter->user))
        return false;
    return !when_event(text_of(event, "time"), &time) ||
           (time >= filter->since && time < filter->until);
}

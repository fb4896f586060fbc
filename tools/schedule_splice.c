/* SPDX-License-Identifier: MIT */
/* An administrator's configuration keeps its layout: one member of the object
 * is replaced, added or removed, and every other byte stays.  The text is one
 * that a strict parser took (RFC 8259), so that only its end has to be minded
 * here; config_change() holds the result against the parsed members. */
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

#define SPACE " \t\r\n"

/* Where a member stands: key to end is `"key": value`. */
struct member {
    const char *before; /* the space in front of it starts */
    const char *key;
    const char *value;
    const char *end;
};

static const char *skip_string(const char *at)
{
    for (at++; *at != '"' && *at != '\0'; at++)
        if (*at == '\\' && at[1] != '\0')
            at++;
    return *at == '"' ? at + 1 : at;
}

static const char *skip_value(const char *at)
{
    size_t depth = 0;

    do {
        if (*at == '"') {
            at = skip_string(at);
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            depth--;
            at++;
        } else if (strcspn(at, SPACE ",:") == 0) {
            at++;
        } else {
            at += strcspn(at, SPACE ",:{}[]\"");
        }
    } while (depth > 0 && *at != '\0');
    return at;
}

/* Reads the member behind at, which is behind '{' or ','; false: none. */
static bool next_member(const char *at, struct member *member)
{
    member->before = at;
    member->key = at + strspn(at, SPACE);
    if (*member->key != '"')
        return false;
    at = skip_string(member->key);
    at += strspn(at, SPACE);
    if (*at != ':')
        return false;
    at++;
    member->value = at + strspn(at, SPACE);
    member->end = skip_value(member->value);
    return true;
}

static bool is_key(const struct member *member, const char *key)
{
    size_t length = strlen(key);

    return strncmp(member->key + 1, key, length) == 0 &&
           member->key[length + 1] == '"';
}

/* text with the bytes from start to end replaced. */
static char *replace(const char *text, const char *start, const char *end,
                     const char *space, const char *new_text)
{
    char *result = NULL;

    if (asprintf(&result, "%.*s%s%s%s", (int)(start - text), text, space,
                 new_text, end) < 0)
        return NULL;
    return result;
}

static char *replace_value(const char *text, const struct member *found,
                           const json_t *value)
{
    char *dump = json_dumps(value, JSON_ENCODE_ANY);
    char *result = NULL;

    if (dump != NULL)
        result = replace(text, found->value, found->end, "", dump);
    free(dump);
    return result;
}

/* Adds a member behind the last one, spaced as that is. */
static char *add(const char *text, const char *open, const struct member *last,
                 const char *key, const json_t *value)
{
    char *dump = json_dumps(value, JSON_ENCODE_ANY);
    char *member = NULL, *result = NULL;
    const char *end = open + 1 + strspn(open + 1, SPACE);

    if (dump == NULL)
        return NULL;
    if (last->key == NULL) {
        if (asprintf(&member, "\n  \"%s\": %s\n", key, dump) >= 0)
            result = replace(text, open + 1, end, "", member);
    } else if (asprintf(&member, ",%.*s\"%s\": %s",
                        last->key > last->before
                            ? (int)(last->key - last->before)
                            : 1,
                        last->key > last->before ? last->before : " ", key,
                        dump) >= 0) {
        result = replace(text, last->end, last->end, "", member);
    }
    free(dump);
    free(member);
    return result;
}

/* Takes the comma along that parted it from the one before it or after it. */
static char *drop(const char *text, const struct member *previous,
                  const struct member *found)
{
    const char *behind = found->end + strspn(found->end, SPACE);

    if (previous->key != NULL)
        return replace(text, previous->end, found->end, "", "");
    if (*behind == ',')
        return replace(text, found->before, behind + 1, "", "");
    return replace(text, found->before, behind, "", "");
}

char *splice_member(const char *text, const char *key, const json_t *value)
{
    const char *open = text + strspn(text, SPACE);
    struct member member, last = {NULL, NULL, NULL, NULL};
    const char *at = open + 1;

    if (*open != '{')
        return NULL;
    while (next_member(at, &member)) {
        if (is_key(&member, key))
            return value != NULL ? replace_value(text, &member, value)
                                 : drop(text, &last, &member);
        last = member;
        at = member.end + strspn(member.end, SPACE);
        if (*at != ',')
            break;
        at++;
    }
    return value != NULL ? add(text, open, &last, key, value) : strdup(text);
}

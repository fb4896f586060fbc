/* SPDX-License-Identifier: MIT */
#include "event/event.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"

#define NOTE_SIZE 512

struct variable {
    const char *name, *value;
    struct variable *next;
};

struct note {
    const char *text;
    struct note *next;
};

struct roleauth_result {
    struct ra_arena arena;
    bool incomplete; /* memory ran out: can never be an accept */
    roleauth_decision decision;
    roleauth_reason reason;
    const char *id, *role, *message, *reject_message;
    roleauth_method_result methods[ROLEAUTH_MAX_METHODS];
    size_t method_count;
    struct variable *variables, **last_variable;
    struct note *notes, **last_note;
};

static const char *copy(roleauth_result *result, const char *text)
{
    const char *made;

    if (text == NULL)
        return NULL;
    made = ra_arena_text(&result->arena, text, strlen(text));
    if (made == NULL)
        result->incomplete = true;
    return made;
}

roleauth_result *ra_result_new(const char *id)
{
    roleauth_result *result = calloc(1, sizeof(*result));
    unsigned char bytes[16];
    char text[33];

    if (result == NULL)
        return NULL;
    result->decision = ROLEAUTH_ERROR;
    result->reason = ROLEAUTH_REASON_INTERNAL;
    result->last_variable = &result->variables;
    result->last_note = &result->notes;
    if (id == NULL && ra_random(bytes, sizeof(bytes))) {
        ra_hex(bytes, sizeof(bytes), text);
        id = text;
    }
    result->id = copy(result, id);
    if (result->id == NULL)
        roleauth_result_free(&result);
    return result;
}

void roleauth_result_free(roleauth_result **result)
{
    if (result == NULL || *result == NULL)
        return;
    ra_arena_free(&(*result)->arena);
    free(*result);
    *result = NULL;
}

void ra_result_set_role(roleauth_result *result, const char *role)
{
    result->role = copy(result, role);
}

void ra_result_set_message(roleauth_result *result, const char *message)
{
    result->message = copy(result, message);
}

void ra_result_set_reject_message(roleauth_result *result, const char *text)
{
    result->reject_message = copy(result, text);
}

void ra_result_add_variable(roleauth_result *result, const char *name,
                            const char *value)
{
    struct variable *variable =
        ra_arena_alloc(&result->arena, sizeof(*variable));

    if (variable == NULL) {
        result->incomplete = true;
        return;
    }
    variable->name = copy(result, name);
    variable->value = copy(result, value);
    *result->last_variable = variable;
    result->last_variable = &variable->next;
}

void ra_result_note(roleauth_result *result, const char *format, ...)
{
    struct note *note = ra_arena_alloc(&result->arena, sizeof(*note));
    char text[NOTE_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (note == NULL || (note->text = copy(result, text)) == NULL) {
        result->incomplete = true;
        return;
    }
    *result->last_note = note;
    result->last_note = &note->next;
}

void ra_result_set_method(roleauth_result *result, size_t index,
                          const roleauth_method_result *done)
{
    roleauth_method_result *method;

    if (index >= ROLEAUTH_MAX_METHODS) {
        result->incomplete = true;
        return;
    }
    method = &result->methods[index];
    *method = *done;
    method->method = copy(result, done->method);
    method->user = copy(result, done->user);
    method->service = copy(result, done->service);
    if (index >= result->method_count)
        result->method_count = index + 1;
}

/* The reasons of ERROR, and ok, which is none for a denial. */
static bool is_failure(roleauth_reason reason)
{
    return reason == ROLEAUTH_REASON_UNAVAILABLE ||
           reason == ROLEAUTH_REASON_INTERNAL || reason == ROLEAUTH_REASON_OK;
}

void ra_result_decide(roleauth_result *result, roleauth_decision decision,
                      roleauth_reason reason)
{
    result->decision = ROLEAUTH_ERROR;
    result->reason = reason;
    if (decision == ROLEAUTH_ACCEPT && reason == ROLEAUTH_REASON_OK &&
        !result->incomplete) {
        result->decision = ROLEAUTH_ACCEPT;
        return;
    }
    result->variables = NULL;
    result->last_variable = &result->variables;
    if (decision == ROLEAUTH_REJECT && !is_failure(reason))
        result->decision = ROLEAUTH_REJECT;
    else if (reason != ROLEAUTH_REASON_UNAVAILABLE)
        result->reason = ROLEAUTH_REASON_INTERNAL;
}

int roleauth_result_accepted(const roleauth_result *result)
{
    return result != NULL && result->decision == ROLEAUTH_ACCEPT;
}

roleauth_decision roleauth_result_decision(const roleauth_result *result)
{
    return result != NULL ? result->decision : ROLEAUTH_ERROR;
}

roleauth_reason roleauth_result_reason(const roleauth_result *result)
{
    return result != NULL ? result->reason : ROLEAUTH_REASON_INTERNAL;
}

const char *roleauth_result_role(const roleauth_result *result)
{
    return result != NULL ? result->role : NULL;
}

const char *roleauth_result_message(const roleauth_result *result)
{
    return result != NULL ? result->message : NULL;
}

const char *roleauth_result_reject_message(const roleauth_result *result)
{
    return result != NULL ? result->reject_message : NULL;
}

const char *roleauth_result_id(const roleauth_result *result)
{
    return result != NULL ? result->id : NULL;
}

size_t roleauth_result_method_count(const roleauth_result *result)
{
    return result != NULL ? result->method_count : 0;
}

const roleauth_method_result *
roleauth_result_method(const roleauth_result *result, size_t index)
{
    return result != NULL && index < result->method_count
               ? &result->methods[index]
               : NULL;
}

size_t roleauth_result_variable_count(const roleauth_result *result)
{
    size_t count = 0;

    if (result == NULL)
        return 0;
    for (struct variable *v = result->variables; v != NULL; v = v->next)
        count++;
    return count;
}

const char *roleauth_result_variable(const roleauth_result *result,
                                     size_t index, const char **name)
{
    const struct variable *variable = result ? result->variables : NULL;

    while (variable != NULL && index-- > 0)
        variable = variable->next;
    if (name != NULL)
        *name = variable != NULL ? variable->name : NULL;
    return variable != NULL ? variable->value : NULL;
}

const char *roleauth_result_get(const roleauth_result *result, const char *name)
{
    if (result == NULL || name == NULL)
        return NULL;
    for (struct variable *v = result->variables; v != NULL; v = v->next)
        if (strcmp(v->name, name) == 0)
            return v->value;
    return NULL;
}

size_t roleauth_result_note_count(const roleauth_result *result)
{
    size_t count = 0;

    if (result == NULL)
        return 0;
    for (struct note *note = result->notes; note != NULL; note = note->next)
        count++;
    return count;
}

const char *roleauth_result_note(const roleauth_result *result, size_t index)
{
    const struct note *note = result != NULL ? result->notes : NULL;

    while (note != NULL && index-- > 0)
        note = note->next;
    return note != NULL ? note->text : NULL;
}

const char *roleauth_reason_word(roleauth_reason reason)
{
    switch (reason) {
#define ROLEAUTH_X(name, number, word, prose)                                  \
    case name:                                                                 \
        return word;
        ROLEAUTH_REASONS(ROLEAUTH_X)
#undef ROLEAUTH_X
    }
    return "internal";
}

const char *roleauth_decision_word(roleauth_decision decision)
{
    switch (decision) {
    case ROLEAUTH_ACCEPT:
        return "accept";
    case ROLEAUTH_REJECT:
        return "reject";
    case ROLEAUTH_ERROR:
        break;
    }
    return "error";
}

static ra_json *method_json(const roleauth_method_result *method)
{
    ra_json *object = ra_json_new_object();

    if (ra_json_set(object, "method", ra_json_new_string(method->method)) &&
        ra_json_set(object, "user", ra_json_new_string(method->user)) &&
        ra_json_set(object, "service", ra_json_new_string(method->service)) &&
        ra_json_set(
            object, "result",
            ra_json_new_string(roleauth_decision_word(method->decision))) &&
        ra_json_set(object, "cached", ra_json_new_bool(method->cached != 0)) &&
        ra_json_set(object, "attempts", ra_json_new_integer(method->attempts)))
        return object;
    ra_json_free(&object);
    return NULL;
}

static ra_json *methods_json(const roleauth_result *result)
{
    ra_json *array = ra_json_new_array();

    for (size_t i = 0; i < result->method_count; i++)
        if (!ra_json_append(array, method_json(&result->methods[i])))
            ra_json_free(&array);
    return array;
}

static ra_json *notes_json(const roleauth_result *result)
{
    ra_json *array = ra_json_new_array();

    for (struct note *note = result->notes; note != NULL; note = note->next)
        if (!ra_json_append(array, ra_json_new_string(note->text)))
            ra_json_free(&array);
    return array;
}

bool ra_result_describe(const roleauth_result *result,
                        ra_json *(*text_of)(const char *text), ra_json *object)
{
    return ra_json_set(
               object, "decision",
               ra_json_new_string(roleauth_decision_word(result->decision))) &&
           ra_json_set(
               object, "reason",
               ra_json_new_string(roleauth_reason_word(result->reason))) &&
           ra_json_set(object, "role", text_of(result->role)) &&
           ra_json_set(object, "message", text_of(result->message)) &&
           ra_json_set(object, "reject_message",
                       text_of(result->reject_message)) &&
           ra_json_set(object, "methods", methods_json(result));
}

static ra_json *variables_json(const roleauth_result *result)
{
    ra_json *object = ra_json_new_object();

    for (struct variable *v = result->variables; v != NULL; v = v->next)
        if (!ra_json_set(object, v->name, ra_json_new_string(v->value)))
            ra_json_free(&object);
    return object;
}

char *roleauth_result_json(const roleauth_result *result)
{
    ra_json *object;
    char *line = NULL;

    if (result == NULL)
        return NULL;
    object = ra_json_new_object();
    if (ra_result_describe(result, ra_json_new_string, object) &&
        ra_json_set(object, "variables", variables_json(result)) &&
        ra_json_set(object, "notes", notes_json(result)))
        line = ra_json_dump(object);
    ra_json_free(&object);
    return line;
}

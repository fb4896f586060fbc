/* SPDX-License-Identifier: MIT */
/* Roles as JSON text. */
#include "role/write.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "match/index.h"

/* ---- parts of a role ---- */

bool ra_write_is_integer(const char *text, int64_t *number)
{
    char digits[32];

    *number = 0;
    if (strlen(text) >= sizeof(digits) - 1)
        return false;
    errno = 0;
    *number = strtoll(text, NULL, 10);
    (void)snprintf(digits, sizeof(digits), "%" PRId64, *number);
    return errno == 0 && strcmp(digits, text) == 0;
}

const char *ra_write_name(const struct ra_role_view *view)
{
    const char *name = view->columns[RA_COLUMN_NAME];

    return name != NULL ? name : "(no name)";
}

/* Gives value away when it is whole. */
static int finish(bool whole, bool good, ra_json **value, roleauth_error *error)
{
    if (whole && good)
        return 0;
    ra_json_free(value);
    return whole ? ra_fail_nomem(error) : ra_roles_damaged(error);
}

int ra_write_variables(const roleauth_roles *roles, size_t role,
                       const struct ra_role_view *view, ra_json **value,
                       roleauth_error *error)
{
    bool whole = true, good = true;

    *value = NULL;
    if (view->variables == 0)
        return 0;
    *value = ra_json_new_object();
    for (size_t i = 0; i < view->variables && whole && good; i++) {
        const char *name, *text;

        whole = ra_roles_variable(roles, role, i, &name, &text);
        if (whole)
            good = ra_json_set(*value, name, ra_json_new_string(text));
    }
    return finish(whole, good && *value != NULL, value, error);
}

/* A pattern; or an array of them, where there is not exactly one. */
static ra_json *patterns_of(const struct ra_block *block,
                            const struct ra_condition_view *condition,
                            bool *whole)
{
    ra_json *array = condition->patterns == 1 ? NULL : ra_json_new_array();
    const char *pattern;

    if (condition->patterns == 1) {
        *whole = ra_condition_pattern(block, condition, 0, &pattern);
        return *whole ? ra_json_new_string(pattern) : NULL;
    }
    for (size_t i = 0; i < condition->patterns && array != NULL && *whole;
         i++) {
        *whole = ra_condition_pattern(block, condition, i, &pattern);
        if (*whole && !ra_json_append(array, ra_json_new_string(pattern)))
            ra_json_free(&array);
    }
    return array;
}

int ra_write_varmatch(const roleauth_roles *roles, size_t role,
                      const struct ra_role_view *view, ra_json **value,
                      roleauth_error *error)
{
    const struct ra_block *block = ra_roles_block(roles);
    bool whole = true, good = true;

    *value = NULL;
    if (view->conditions == 0)
        return 0;
    *value = ra_json_new_object();
    for (size_t i = 0; i < view->conditions && whole && good; i++) {
        struct ra_condition_view condition;

        whole = ra_rule_condition(block, role, i, &condition);
        if (whole)
            good = ra_json_set(*value, condition.variable,
                               patterns_of(block, &condition, &whole));
    }
    return finish(whole, good && *value != NULL, value, error);
}

static bool set_text(ra_json *object, const char *key, const char *text)
{
    return text == NULL || ra_json_set(object, key, ra_json_new_string(text));
}

/* What is as it would be without being set is left out. */
static bool set_number(ra_json *object, const char *key, int64_t number,
                       int64_t fallback)
{
    return number == fallback ||
           ra_json_set(object, key, ra_json_new_integer(number));
}

static ra_json *method_of(const struct ra_method_view *method)
{
    ra_json *object = ra_json_new_object();

    if (!(set_text(object, "method", method->name) &&
          set_text(object, "user", method->user) &&
          set_text(object, "service", method->service) &&
          set_text(object, "passwd", method->passwd) &&
          set_text(object, "fname", method->fname) &&
          set_number(object, "period", method->period, 0) &&
          set_number(object, "tries", method->tries, ROLEAUTH_DEFAULT_TRIES) &&
          set_text(object, "prompt", method->prompt) &&
          set_text(object, "message", method->message) &&
          set_text(object, "rejectMessage", method->reject_message)))
        ra_json_free(&object);
    return object;
}

int ra_write_auth(const roleauth_roles *roles, size_t role,
                  const struct ra_role_view *view, ra_json **value,
                  roleauth_error *error)
{
    bool whole = true, good = true;

    *value = NULL;
    if (view->methods == 0)
        return 0;
    *value = ra_json_new_array();
    for (size_t i = 0; i < view->methods && whole && good; i++) {
        struct ra_method_view method;

        whole = ra_roles_method(roles, role, i, &method);
        if (whole)
            good = ra_json_append(*value, method_of(&method));
    }
    return finish(whole, good && *value != NULL, value, error);
}

/* ---- what cannot be written ---- */

int ra_write_check(const roleauth_roles *roles, roleauth_error *error)
{
    size_t count = roleauth_roles_count(roles), restricted = 0, first = 0;
    struct ra_role_view view;

    for (size_t i = 0; i < count; i++) {
        if (!ra_roles_view(roles, i, &view))
            return ra_roles_damaged(error);
        if (view.broken)
            return ra_fail(error, ROLEAUTH_E_INVALID,
                           "the role \"%.*s\" has errors, which nobody minds "
                           "because it is disabled, but which keep it from "
                           "being written as it is: mend or remove it",
                           RA_WRITE_NAME, ra_write_name(&view));
        if (view.restricted && restricted++ == 0)
            first = i;
    }
    if (restricted == 0)
        return 0;
    if (!ra_roles_view(roles, first, &view))
        return ra_roles_damaged(error);
    return ra_fail(error, ROLEAUTH_E_INVALID,
                   "a role that other tables restrict cannot be written "
                   "(%zu of them, the first is \"%.*s\"): take it out of "
                   "roleusers, rolehosts, rolecmds and roletmdates",
                   restricted, RA_WRITE_NAME, ra_write_name(&view));
}

/* ---- the output ---- */

#define BUFFER_SIZE ((size_t)65536)

/* A failure sticks. */
struct output {
    int fd;
    int err; /* errno value */
    bool nomem;
    size_t used;
    char buffer[BUFFER_SIZE];
};

/* A descriptor that does not block is waited for. */
static bool can_wait(const struct output *out)
{
    struct pollfd wanted = {out->fd, POLLOUT, 0};

    return errno == EINTR ||
           (errno == EAGAIN && (poll(&wanted, 1, -1) >= 0 || errno == EINTR));
}

static void flush(struct output *out)
{
    size_t done = 0;

    while (done < out->used && out->err == 0) {
        ssize_t got = write(out->fd, out->buffer + done, out->used - done);

        if (got > 0)
            done += (size_t)got;
        else if (got == 0)
            out->err = EIO;
        else if (!can_wait(out))
            out->err = errno;
    }
    out->used = 0;
}

static void put_bytes(struct output *out, const char *bytes, size_t length)
{
    while (length > 0 && out->err == 0) {
        size_t room = BUFFER_SIZE - out->used;
        size_t piece = length < room ? length : room;

        memcpy(out->buffer + out->used, bytes, piece);
        out->used += piece;
        bytes += piece;
        length -= piece;
        if (out->used == BUFFER_SIZE)
            flush(out);
    }
}

static void put(struct output *out, const char *text)
{
    put_bytes(out, text, strlen(text));
}

static void put_line(struct output *out, unsigned depth)
{
    put(out, "\n");
    for (; depth > 0; depth--)
        put(out, "    ");
}

/* On one line; takes value over. */
static void put_scalar(struct output *out, const ra_json *value)
{
    char *text = ra_json_dump(value);

    if (text == NULL)
        out->nomem = true;
    else
        put(out, text);
    free(text);
}

static void put_key(struct output *out, const char *key)
{
    ra_json *text = ra_json_new_string(key);

    put_scalar(out, text);
    ra_json_free(&text);
    put(out, ": ");
}

static bool is_container(const ra_json *value)
{
    return ra_json_type(value) == RA_JSON_OBJECT ||
           ra_json_type(value) == RA_JSON_ARRAY;
}

static void put_value(struct output *out, const ra_json *value, unsigned depth);

static void put_object(struct output *out, const ra_json *object,
                       unsigned depth)
{
    const char *between = "";

    put(out, "{");
    for (void *it = ra_json_first(object); it != NULL;
         it = ra_json_next(object, it)) {
        put(out, between);
        put_line(out, depth + 1);
        put_key(out, ra_json_key(it));
        put_value(out, ra_json_value(it), depth + 1);
        between = ",";
    }
    put_line(out, depth);
    put(out, "}");
}

/* Patterns stand on one line, Auth methods on lines of their own. */
static void put_array(struct output *out, const ra_json *array, unsigned depth)
{
    size_t count = ra_json_size(array);
    bool lines = count > 0 && is_container(ra_json_at(array, 0));

    put(out, "[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put(out, lines ? "," : ", ");
        if (lines)
            put_line(out, depth + 1);
        put_value(out, ra_json_at(array, i), depth + 1);
    }
    if (lines)
        put_line(out, depth);
    put(out, "]");
}

/* As deep as a role is: role, auth, method, attribute. */
static void put_value(struct output *out, const ra_json *value, unsigned depth)
{
    if (ra_json_type(value) == RA_JSON_OBJECT)
        put_object(out, value, depth);
    else if (ra_json_type(value) == RA_JSON_ARRAY)
        put_array(out, value, depth);
    else
        put_scalar(out, value);
}

/* ---- roles ---- */

/* A text column; the set keeps numbers as text. */
static bool set_column(ra_json *object, const struct ra_role_view *view,
                       enum ra_column column)
{
    const char *text = view->columns[column];
    bool number = column == RA_COLUMN_ID || column == RA_COLUMN_RISK ||
                  column == RA_COLUMN_RPT;
    int64_t value;

    if (text != NULL && number && ra_write_is_integer(text, &value))
        return ra_json_set(object, ra_column_name(column),
                           ra_json_new_integer(value));
    return set_text(object, ra_column_name(column), text);
}

static bool set_columns(ra_json *object, const struct ra_role_view *view)
{
    static const enum ra_column after[] = {
        RA_COLUMN_RISK, RA_COLUMN_TAG,    RA_COLUMN_COMMENT, RA_COLUMN_IOLOG,
        RA_COLUMN_RPT,  RA_COLUMN_SCRIPT, RA_COLUMN_MESSAGE,
    };
    bool good = set_column(object, view, RA_COLUMN_NAME) &&
                set_column(object, view, RA_COLUMN_ID) &&
                set_column(object, view, RA_COLUMN_DESCRIPTION) &&
                set_number(object, "rorder", view->rorder, 0) &&
                set_number(object, "disabled", view->disabled, 0) &&
                set_text(object, "action", view->rejects ? "R" : NULL);

    for (size_t i = 0; good && i < sizeof(after) / sizeof(after[0]); i++)
        good = set_column(object, view, after[i]);
    return good;
}

/* One of the JSON columns. */
typedef int part(const roleauth_roles *roles, size_t role,
                 const struct ra_role_view *view, ra_json **value,
                 roleauth_error *error);

static int set_parts(ra_json *object, const roleauth_roles *roles, size_t role,
                     const struct ra_role_view *view, roleauth_error *error)
{
    static const struct {
        const char *key;
        part *of;
    } parts[] = {
        {"variables", ra_write_variables},
        {"varmatch", ra_write_varmatch},
        {"auth", ra_write_auth},
    };
    int code = 0;

    for (size_t i = 0; code == 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
        ra_json *value;

        code = parts[i].of(roles, role, view, &value, error);
        if (code == 0 && value != NULL &&
            !ra_json_set(object, parts[i].key, value))
            code = ra_fail_nomem(error);
    }
    return code;
}

/* A role as an object; an Auth array alone as that. */
static int role_of(const roleauth_roles *roles, size_t role, ra_json **value,
                   bool *alone, roleauth_error *error)
{
    struct ra_role_view view;
    int code = 0;

    *value = NULL;
    if (!ra_roles_view(roles, role, &view))
        return ra_roles_damaged(error);
    *alone = view.columns[RA_COLUMN_NAME] == NULL && !view.disabled;
    if (*alone && (roleauth_roles_count(roles) > 1 || view.methods == 0))
        return ra_roles_damaged(error);
    if (*alone)
        return ra_write_auth(roles, role, &view, value, error);
    *value = ra_json_new_object();
    if (!set_columns(*value, &view))
        code = ra_fail_nomem(error);
    if (code == 0)
        code = set_parts(*value, roles, role, &view, error);
    if (code != 0)
        ra_json_free(value);
    return code;
}

static int put_roles(struct output *out, const roleauth_roles *roles,
                     roleauth_error *error)
{
    const size_t count = roleauth_roles_count(roles);
    bool alone = false;
    int code = 0;

    for (size_t i = 0; i < count && code == 0 && out->err == 0 && !out->nomem;
         i++) {
        ra_json *value;

        code = role_of(roles, i, &value, &alone, error);
        if (code != 0)
            break;
        if (!alone) {
            put(out, i == 0 ? "[" : ",");
            put_line(out, 1);
        }
        put_value(out, value, alone ? 0 : 1);
        ra_json_free(&value);
    }
    put(out, count == 0 ? "[]\n" : alone ? "\n" : "\n]\n");
    return code;
}

int roleauth_roles_write(const roleauth_roles *roles, int output,
                         roleauth_error *error)
{
    struct output *out;
    int code;

    roleauth_error_clear(error);
    if (roles == NULL || output < 0)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "no roles, or no descriptor to write them to");
    code = ra_write_check(roles, error);
    if (code != 0)
        return code;
    out = calloc(1, sizeof(*out));
    if (out == NULL)
        return ra_fail_nomem(error);
    out->fd = output;
    code = put_roles(out, roles, error);
    if (code == 0 && !out->nomem)
        flush(out);
    if (code == 0 && out->nomem)
        code = ra_fail_nomem(error);
    if (code == 0 && out->err != 0)
        code = ra_fail_errno(error, out->err, "cannot write the roles");
    free(out);
    return code;
}

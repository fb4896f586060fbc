/* SPDX-License-Identifier: MIT */
#include "auth/prepare.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "role/template.h"

#define EXPANSION_MAX 1048576

/* What an expansion needs, and where it stands for a message. */
struct expansion {
    struct ra_ready_role *ready;
    const ra_vars *vars;
    const struct ra_settings *settings;
    roleauth_error *error;
    roleauth_reason reason; /* of the first failure */
    const char *where;      /* such as "auth[2]" */
};

static bool reject(struct expansion *x, roleauth_reason reason, int code,
                   const char *attribute, const char *what, const char *name)
{
    x->reason = reason;
    (void)ra_fail(x->error, code, "%s%s%s: %s%s%s", x->where,
                  *x->where != '\0' ? "." : "", attribute, what,
                  name != NULL ? " " : "", name != NULL ? name : "");
    return false;
}

/* Expands one template into the arena; NULL stays NULL. */
static bool expand(struct expansion *x, const char *attribute, const char *text,
                   enum ra_template_mode mode, struct ra_template_use *use,
                   const char **out)
{
    struct ra_buf buf = RA_BUF_INIT(EXPANSION_MAX);

    *out = NULL;
    memset(use, 0, sizeof(*use));
    if (text == NULL)
        return true;
    if (ra_template_expand(text, mode, x->vars, ra_settings_trusts, x->settings,
                           &buf, use))
        *out = ra_arena_text(&x->ready->arena, buf.data != NULL ? buf.data : "",
                             buf.length);
    ra_buf_free(&buf);
    if (*out != NULL)
        return true;
    if (use->undefined[0] != '\0')
        return reject(x, ROLEAUTH_REASON_UNDEFINED, ROLEAUTH_E_INVALID,
                      attribute, "no variable", use->undefined);
    return reject(x, ROLEAUTH_REASON_INTERNAL, ROLEAUTH_E_NOMEM, attribute,
                  "cannot be expanded", NULL);
}

/* Text for people. */
static bool expand_display(struct expansion *x, const char *attribute,
                           const char *text, const char **out)
{
    struct ra_template_use use;

    return expand(x, attribute, text, RA_TEMPLATE_DISPLAY, &use, out);
}

/* Text that decides: no client has a say in it, and it must be well formed.
 */
static bool expand_attribute(struct expansion *x, const char *attribute,
                             const char *text,
                             const char *(*fault_of)(const char *),
                             const char **out)
{
    struct ra_template_use use;
    const char *fault;

    if (!expand(x, attribute, text, RA_TEMPLATE_RAW, &use, out))
        return false;
    if (*out == NULL)
        return true;
    if (use.client[0] != '\0')
        return reject(x, ROLEAUTH_REASON_BAD_ATTRIBUTE, ROLEAUTH_E_INVALID,
                      attribute, "holds the client's variable", use.client);
    fault = fault_of(*out);
    return fault == NULL || reject(x, ROLEAUTH_REASON_BAD_ATTRIBUTE,
                                   ROLEAUTH_E_INVALID, attribute, fault, NULL);
}

/* The prompts of the reference system. */
static bool default_prompt(struct expansion *x, struct ra_ready_method *method)
{
    struct ra_buf buf = RA_BUF_INIT(EXPANSION_MAX);

    method->prompt = method->own_prompt;
    if (method->prompt != NULL)
        return true;
    switch (method->kind) {
    case RA_GETSTRINGPASSWD:
        method->prompt = "Password:";
        return true;
    case RA_GETUSERPASSWD:
        (void)ra_buf_printf(&buf, "Password for %s: ", method->user);
        break;
    case RA_SUBMITCONFIRMUSER:
        (void)ra_buf_printf(&buf, "Enter password for %s: ", method->user);
        break;
    default:
        return true;
    }
    if (!buf.failed)
        method->prompt = ra_arena_text(&x->ready->arena, buf.data, buf.length);
    ra_buf_free(&buf);
    return method->prompt != NULL ||
           reject(x, ROLEAUTH_REASON_INTERNAL, ROLEAUTH_E_NOMEM, "prompt",
                  "out of memory", NULL);
}

static bool prepare_method(struct expansion *x,
                           const struct ra_method_view *view,
                           struct ra_ready_method *method)
{
    method->kind = view->kind;
    method->name = view->name;
    method->passwd = view->passwd;
    method->tries = view->tries;
    method->period = view->period;
    return expand_attribute(x, "user", view->user, ra_user_fault,
                            &method->user) &&
           expand_attribute(x, "service", view->service, ra_service_fault,
                            &method->service) &&
           expand_attribute(x, "fname", view->fname, ra_fname_fault,
                            &method->fname) &&
           expand_display(x, "prompt", view->prompt, &method->own_prompt) &&
           expand_display(x, "message", view->message, &method->message) &&
           expand_display(x, "rejectMessage", view->reject_message,
                          &method->reject_message) &&
           default_prompt(x, method);
}

/* A compiled policy in which something is not where it should be. */
static bool damaged(struct expansion *x)
{
    return reject(x, ROLEAUTH_REASON_UNAVAILABLE, ROLEAUTH_E_INVALID, "",
                  "the compiled policy is damaged: compile it again", NULL);
}

static bool prepare_methods(struct expansion *x, const roleauth_roles *roles,
                            size_t role, size_t count)
{
    struct ra_ready_role *ready = x->ready;
    char where[32];

    ready->methods =
        ra_arena_array(&ready->arena, count, sizeof(*ready->methods));
    if (ready->methods == NULL)
        return reject(x, ROLEAUTH_REASON_INTERNAL, ROLEAUTH_E_NOMEM, "auth",
                      "out of memory", NULL);
    ready->method_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ra_method_view view;

        (void)snprintf(where, sizeof(where), "auth[%zu]", i);
        x->where = where;
        if (!ra_roles_method(roles, role, i, &view))
            return damaged(x);
        if (!prepare_method(x, &view, &ready->methods[i]))
            return false;
    }
    return true;
}

static bool prepare_variables(struct expansion *x, const roleauth_roles *roles,
                              size_t role, size_t count)
{
    struct ra_ready_role *ready = x->ready;
    struct ra_template_use use;

    x->where = "variables";
    ready->variables =
        ra_arena_array(&ready->arena, count, sizeof(*ready->variables));
    if (ready->variables == NULL)
        return reject(x, ROLEAUTH_REASON_INTERNAL, ROLEAUTH_E_NOMEM, "",
                      "out of memory", NULL);
    ready->variable_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ra_ready_variable *variable = &ready->variables[i];
        const char *text;

        if (!ra_roles_variable(roles, role, i, &variable->name, &text))
            return damaged(x);
        if (!expand(x, variable->name, text, RA_TEMPLATE_RAW, &use,
                    &variable->value))
            return false;
    }
    return true;
}

roleauth_reason ra_prepare(struct ra_ready_role *ready,
                           const roleauth_roles *roles, size_t role,
                           const ra_vars *vars,
                           const struct ra_settings *settings,
                           roleauth_error *error)
{
    struct expansion x = {
        ready, vars, settings, error, ROLEAUTH_REASON_INTERNAL, ""};
    struct ra_role_view view;

    memset(ready, 0, sizeof(*ready));
    if (!ra_roles_view(roles, role, &view)) {
        (void)damaged(&x);
        return x.reason;
    }
    ready->rejects = view.rejects;
    if (prepare_methods(&x, roles, role, view.methods) &&
        prepare_variables(&x, roles, role, view.variables)) {
        x.where = "";
        if (expand_display(&x, "message", view.columns[RA_COLUMN_MESSAGE],
                           &ready->message))
            return ROLEAUTH_REASON_OK;
    }
    return x.reason;
}

void ra_ready_free(struct ra_ready_role *ready)
{
    ra_arena_free(&ready->arena);
    memset(ready, 0, sizeof(*ready));
}

/* SPDX-License-Identifier: MIT */
/* Any text as a source of roles: it is refused with a reason and a place
 * inside the text, or every view of it can be read. */
#include <roleauth.h>
#include <stdlib.h>
#include <string.h>

#include "role/role.h"
#include "role/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, so that the fuzzer keeps the input. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

struct seen {
    size_t errors;
    size_t size;
};

static void look(void *data, const roleauth_diagnostic *d)
{
    struct seen *seen = data;

    must(d->code[0] != '\0' && d->text[0] != '\0');
    must(d->line <= seen->size + 1 && d->column <= seen->size + 1);
    must((d->line == 0) == (d->column == 0));
    /* Nothing that is shown may reach a terminal as a control. */
    for (const char *at = d->text; *at != '\0'; at++)
        must((unsigned char)*at >= 0x20 && *at != 0x7F);
    for (const char *at = d->path; *at != '\0'; at++)
        must((unsigned char)*at >= 0x20 && *at != 0x7F);
    seen->errors += d->severity == ROLEAUTH_SEVERITY_ERROR;
}

static void read_method(const struct ra_method_view *view)
{
    const char *const templates[] = {view->user,    view->service,
                                     view->fname,   view->prompt,
                                     view->message, view->reject_message};
    size_t offset;

    must(view->tries >= 1 && view->tries <= ROLEAUTH_MAX_TRIES);
    must(view->period <= ROLEAUTH_MAX_PERIOD);
    must((view->kind == RA_GETSTRINGPASSWD) == (view->passwd != NULL));
    must((view->kind == RA_GETSTRINGPASSWD) == (view->user == NULL));
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
        must(templates[i] == NULL ||
             ra_template_fault(templates[i], &offset) == NULL);
}

static void read_role(const roleauth_roles *roles, size_t index)
{
    struct ra_role_view view;
    struct ra_method_view method;
    roleauth_selection selection;
    const char *name;

    ra_roles_view(roles, index, &view);
    if (view.name != NULL) {
        ra_roles_select(roles, NULL, view.name, &selection);
        /* Only enabled roles are sure to be whole. */
        if (selection.kind == ROLEAUTH_SELECTED_NONE ||
            selection.index != index)
            return;
    } else if (roleauth_roles_count(roles) != 1 || view.variables > 0 ||
               view.description != NULL) {
        return;
    }
    for (size_t i = 0; i < view.methods; i++) {
        ra_roles_method(roles, index, i, &method);
        if (view.name != NULL)
            read_method(&method);
    }
    for (size_t i = 0; i < view.variables; i++)
        must(ra_roles_variable(roles, index, i, &name) != NULL);
}

static void tell(void *data, const roleauth_mismatch *mismatch)
{
    size_t *count = data;

    must(mismatch->disabled == 1 || mismatch->pattern != NULL);
    ++*count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {0, size};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    roleauth_selection selection;
    ra_vars *vars = ra_vars_new(NULL);
    size_t told = 0;
    int code =
        roleauth_roles_parse(&roles, "fuzz", data, size, look, &seen, &error);

    must((code == 0) == (roles != NULL) && (code == 0) == (seen.errors == 0));
    must(code == error.code);
    if (roles != NULL && vars != NULL) {
        for (size_t i = 0; i < roleauth_roles_count(roles); i++)
            read_role(roles, i);
        must(ra_vars_set(vars, ROLEAUTH_SERVER, "user", "alice", NULL) == 0);
        must(ra_roles_explain(roles, vars, NULL, &selection, tell, &told) == 0);
        must(told == (selection.kind == ROLEAUTH_SELECTED_NONE
                          ? roleauth_roles_count(roles)
                          : selection.index));
    }
    ra_vars_free(&vars);
    roleauth_roles_free(&roles);
    return 0;
}

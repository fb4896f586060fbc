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

/* Only whole roles are held to what is written of them. */
static void read_role(const roleauth_roles *roles, size_t index)
{
    struct ra_role_view view;
    struct ra_method_view method;
    roleauth_selection selection;
    const char *name = NULL, *value;

    must(ra_roles_view(roles, index, &view));
    if (view.broken)
        return;
    if (view.columns[RA_COLUMN_NAME] != NULL && !view.disabled) {
        must(ra_roles_select(roles, NULL, view.columns[RA_COLUMN_NAME],
                             &selection, NULL) == 0);
        must(selection.kind != ROLEAUTH_SELECTED_NONE &&
             selection.index == index);
    }
    for (size_t i = 0; i < view.methods; i++) {
        must(ra_roles_method(roles, index, i, &method));
        read_method(&method);
    }
    for (size_t i = 0; i < view.variables; i++)
        must(ra_roles_variable(roles, index, i, &name, &value));
}

static void explain(roleauth_roles *roles)
{
    roleauth_explanation *why = NULL;
    const roleauth_selection *selection;
    ra_vars *vars = ra_vars_new(NULL);
    size_t count = roleauth_roles_count(roles);

    must(ra_vars_set(vars, ROLEAUTH_SERVER, "user", "alice", NULL) == 0);
    must(ra_roles_explain(roles, vars, NULL, 0, &why, NULL) == 0);
    selection = roleauth_explanation_selection(why);
    must(
        roleauth_explanation_miss_count(why) ==
        (selection->kind == ROLEAUTH_SELECTED_NONE ? count : selection->index));
    for (size_t i = 0; i < roleauth_explanation_miss_count(why); i++) {
        const roleauth_mismatch *miss = roleauth_explanation_miss(why, i);

        must(miss->index == i);
        must(miss->disabled == 1 || miss->pattern != NULL);
    }
    roleauth_explanation_free(&why);
    ra_vars_free(&vars);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {0, size};
    const roleauth_loading how = {look, &seen, NULL, NULL, 0, 1, NULL};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    int code = roleauth_roles_parse(&roles, "fuzz", data, size, &how, &error);

    must((code == 0) == (roles != NULL) && (code == 0) == (seen.errors == 0));
    must(code == error.code);
    if (roles != NULL) {
        for (size_t i = 0; i < roleauth_roles_count(roles); i++)
            read_role(roles, i);
        explain(roles);
    }
    roleauth_roles_free(&roles);
    return 0;
}

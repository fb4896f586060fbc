/* SPDX-License-Identifier: MIT */
/* The set of roles, and which of them a request selects. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "role/pack.h"

/* ---- life ---- */

roleauth_roles *roleauth_roles_ref(roleauth_roles *roles)
{
    if (roles != NULL)
        (void)atomic_fetch_add_explicit(&roles->references, 1,
                                        memory_order_relaxed);
    return roles;
}

void roleauth_roles_free(roleauth_roles **roles)
{
    roleauth_roles *set;
    if (roles == NULL || *roles == NULL)
        return;
    set = *roles;
    *roles = NULL;
    /* What other threads did with the set comes before its end. */
    if (atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) !=
        1)
        return;
    if (set->mapped)
        (void)munmap((void *)(uintptr_t)set->block.bytes, set->block.size);
    else
        ra_block_free(&set->block);
    free(set);
}

/* ---- reading ---- */

int ra_roles_damaged(roleauth_error *error)
{
    return ra_fail(error, ROLEAUTH_E_INVALID,
                   "this compiled policy is damaged: compile it again");
}

size_t roleauth_roles_count(const roleauth_roles *roles)
{
    return roles != NULL ? ra_block_count(&roles->block, RA_SECTION_ROLES) : 0;
}

const struct ra_block *ra_roles_block(const roleauth_roles *roles)
{
    return &roles->block;
}

static const struct ra_role_item *role_at(const roleauth_roles *roles,
                                          size_t role)
{
    return ra_block_item(&roles->block, RA_SECTION_ROLES, role);
}

const char *ra_column_name(enum ra_column column)
{
    static const char *const columns[RA_COLUMNS] = {
        [RA_COLUMN_NAME] = "name",
        [RA_COLUMN_DESCRIPTION] = "description",
        [RA_COLUMN_MESSAGE] = "message",
        [RA_COLUMN_ID] = "id",
        [RA_COLUMN_RISK] = "risk",
        [RA_COLUMN_TAG] = "tag",
        [RA_COLUMN_COMMENT] = "comment",
        [RA_COLUMN_IOLOG] = "iolog",
        [RA_COLUMN_RPT] = "rpt",
        [RA_COLUMN_SCRIPT] = "script",
    };

    return columns[column];
}

const char *roleauth_roles_column(const roleauth_roles *roles, size_t index,
                                  const char *column)
{
    const struct ra_role_item *item =
        roles != NULL ? role_at(roles, index) : NULL;
    const char *text = NULL;

    if (item == NULL || column == NULL)
        return NULL;
    for (size_t i = 0; i < RA_COLUMNS; i++)
        if (strcmp(ra_column_name((enum ra_column)i), column) == 0)
            (void)ra_block_text(&roles->block, item->columns[i], &text);
    return text;
}

/* Are there as many methods and variables as it says?  Who makes room for them
 * must not believe a damaged policy. */
static bool has_parts(const roleauth_roles *roles,
                      const struct ra_role_item *item)
{
    return ra_block_items(&roles->block, RA_SECTION_METHODS, item->methods,
                          item->method_count) != NULL &&
           ra_block_items(&roles->block, RA_SECTION_ROLE_VARIABLES,
                          item->variables, item->variable_count) != NULL;
}

bool ra_roles_view(const roleauth_roles *roles, size_t role,
                   struct ra_role_view *view)
{
    const struct ra_role_item *item = role_at(roles, role);
    struct ra_rule_view rule;

    memset(view, 0, sizeof(*view));
    if (item == NULL || !ra_rule_view(&roles->block, role, &rule) ||
        rule.enabled != ((item->flags & RA_ROLE_DISABLED) == 0) ||
        item->method_count > ROLEAUTH_MAX_METHODS || !has_parts(roles, item) ||
        !ra_block_text(&roles->block, item->barrier, &view->barrier))
        return false;
    for (size_t i = 0; i < RA_COLUMNS; i++)
        if (!ra_block_text(&roles->block, item->columns[i], &view->columns[i]))
            return false;
    view->restricted = (item->flags & RA_ROLE_RESTRICTED) != 0;
    view->disabled = (item->flags & RA_ROLE_DISABLED) != 0;
    view->broken = (item->flags & RA_ROLE_BROKEN) != 0;
    view->rejects = (item->flags & RA_ROLE_REJECTS) != 0;
    view->rorder = item->rorder;
    view->number = item->number;
    view->conditions = rule.conditions;
    view->methods = item->method_count;
    view->variables = item->variable_count;
    return true;
}

/* The texts of a method; a damaged policy may have lost some. */
static bool method_texts(const struct ra_block *block,
                         const struct ra_method_item *item,
                         struct ra_method_view *view)
{
    return ra_block_text(block, item->passwd, &view->passwd) &&
           ra_block_text(block, item->user, &view->user) &&
           ra_block_text(block, item->service, &view->service) &&
           ra_block_text(block, item->fname, &view->fname) &&
           ra_block_text(block, item->prompt, &view->prompt) &&
           ra_block_text(block, item->message, &view->message) &&
           ra_block_text(block, item->reject_message, &view->reject_message);
}

bool ra_roles_method(const roleauth_roles *roles, size_t role, size_t method,
                     struct ra_method_view *view)
{
    const struct ra_role_item *of = role_at(roles, role);
    const struct ra_method_item *item = NULL;

    memset(view, 0, sizeof(*view));
    if (of != NULL && method < of->method_count)
        item = ra_block_item(&roles->block, RA_SECTION_METHODS,
                             (size_t)of->methods + method);
    if (item == NULL || item->kind >= RA_METHOD_KINDS || item->tries < 1 ||
        item->tries > ROLEAUTH_MAX_TRIES || item->period > ROLEAUTH_MAX_PERIOD)
        return false;
    view->kind = (enum ra_method_kind)item->kind;
    view->name = ra_method_name(view->kind);
    view->tries = item->tries;
    view->period = item->period;
    return method_texts(&roles->block, item, view) && ra_method_complete(view);
}

bool ra_roles_variable(const roleauth_roles *roles, size_t role,
                       size_t variable, const char **name, const char **value)
{
    const struct ra_role_item *of = role_at(roles, role);
    const struct ra_variable_item *item = NULL;

    if (of != NULL && variable < of->variable_count)
        item = ra_block_item(&roles->block, RA_SECTION_ROLE_VARIABLES,
                             (size_t)of->variables + variable);
    return item != NULL && ra_block_text(&roles->block, item->name, name) &&
           ra_block_text(&roles->block, item->value, value) && *name != NULL &&
           *value != NULL;
}

bool ra_roles_trusted(const roleauth_roles *roles)
{
    return roles->trusted;
}

/* ---- selection ---- */

static const char *name_at(const void *data, size_t place)
{
    const roleauth_roles *roles = data;
    const struct ra_role_item *item = role_at(roles, place);
    const char *name = NULL;

    if (item != NULL && (item->flags & RA_ROLE_DISABLED) == 0)
        (void)ra_block_text(&roles->block, item->columns[RA_COLUMN_NAME],
                            &name);
    return name;
}

static size_t find_named(const roleauth_roles *roles, const char *name)
{
    const struct ra_section *from = &roles->block.sections[RA_SECTION_NAMES];
    /* The table is only read here. */
    const struct ra_names names = {(uint32_t *)(uintptr_t)from->items,
                                   from->count - 1};

    if (from->count == 0 || (from->count & names.mask) != 0)
        return RA_NO_RULE;
    return ra_names_find(&names, name, name_at, roles);
}

static int take(const roleauth_roles *roles, size_t index,
                roleauth_selection *selection, roleauth_error *error)
{
    struct ra_role_view view;

    /* What is in memory was looked at as a whole, or made here. */
    if ((roles->mapped && !ra_role_sound(roles, index)) ||
        !ra_roles_view(roles, index, &view) || view.disabled)
        return ra_roles_damaged(error);
    selection->kind = view.barrier != NULL ? ROLEAUTH_SELECTED_BARRIER
                                           : ROLEAUTH_SELECTED_ROLE;
    selection->index = index;
    selection->name = view.columns[RA_COLUMN_NAME];
    selection->why = view.barrier;
    return 0;
}

struct ra_question ra_vars_question(const ra_vars *vars)
{
    const struct ra_question question = {vars, ra_vars_lookup, ra_vars_each};

    return question;
}

int ra_roles_select(const roleauth_roles *roles, const ra_vars *vars,
                    const char *name, roleauth_selection *selection,
                    roleauth_error *error)
{
    const struct ra_question question = ra_vars_question(vars);
    size_t index = RA_NO_RULE;
    int code = 0;

    memset(selection, 0, sizeof(*selection));
    selection->kind = ROLEAUTH_SELECTED_NONE;
    if (name != NULL)
        index = find_named(roles, name);
    else
        code = ra_index_first(&roles->block, &question, &index);
    if (code == ROLEAUTH_E_NOMEM)
        return ra_fail_nomem(error);
    if (code != 0)
        return ra_roles_damaged(error);
    return index != RA_NO_RULE ? take(roles, index, selection, error) : 0;
}

/* SPDX-License-Identifier: MIT */
/* The set of roles, and which of them a request selects. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "role/set.h"

#define JOINED_MAX ((size_t)1 << 30)

/* ---- life ---- */

roleauth_roles *ra_roles_new(void)
{
    roleauth_roles *roles = calloc(1, sizeof(*roles));

    if (roles != NULL)
        atomic_init(&roles->references, 1);
    return roles;
}

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
    ra_names_free(&set->names);
    ra_arena_free(&set->arena);
    free(set);
}

bool ra_roles_reserve(roleauth_roles *roles, size_t count)
{
    roles->roles = ra_arena_array(&roles->arena, count, sizeof(struct ra_role));
    return roles->roles != NULL && ra_names_init(&roles->names, count);
}

/* ---- order ---- */

static int compare(const void *a, const void *b)
{
    const struct ra_role *x = a, *y = b;

    if (x->rorder != y->rorder)
        return x->rorder < y->rorder ? -1 : 1;
    return x->loaded < y->loaded ? -1 : x->loaded > y->loaded;
}

static bool is_sorted(const roleauth_roles *roles)
{
    for (size_t i = 1; i < roles->count; i++)
        if (compare(&roles->roles[i - 1], &roles->roles[i]) > 0)
            return false;
    return true;
}

static const char *name_at(const void *data, size_t place)
{
    const struct ra_role *roles = data;

    return roles[place].columns[RA_COLUMN_NAME];
}

/* A disabled role may bear the name of another, and is not to be found. */
static void index_names(roleauth_roles *roles)
{
    if (roles->names.slots == NULL)
        return;
    ra_names_clear(&roles->names);
    for (size_t i = 0; i < roles->count; i++)
        if (!roles->roles[i].disabled && name_at(roles->roles, i) != NULL)
            (void)ra_names_add(&roles->names, i, name_at, roles->roles);
}

void ra_roles_sort(roleauth_roles *roles)
{
    if (!is_sorted(roles))
        qsort(roles->roles, roles->count, sizeof(*roles->roles), compare);
    index_names(roles);
}

/* ---- reading ---- */

size_t roleauth_roles_count(const roleauth_roles *roles)
{
    return roles != NULL ? roles->count : 0;
}

const char *roleauth_roles_column(const roleauth_roles *roles, size_t index,
                                  const char *column)
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

    if (roles == NULL || column == NULL || index >= roles->count)
        return NULL;
    for (size_t i = 0; i < RA_COLUMNS; i++)
        if (strcmp(columns[i], column) == 0)
            return roles->roles[index].columns[i];
    return NULL;
}

void ra_roles_view(const roleauth_roles *roles, size_t role,
                   struct ra_role_view *view)
{
    const struct ra_role *from = &roles->roles[role];

    view->name = from->columns[RA_COLUMN_NAME];
    view->description = from->columns[RA_COLUMN_DESCRIPTION];
    view->rejects = from->rejects;
    view->message = from->columns[RA_COLUMN_MESSAGE];
    view->methods = from->method_count;
    view->variables = from->variable_count;
}

void ra_roles_method(const roleauth_roles *roles, size_t role, size_t method,
                     struct ra_method_view *view)
{
    *view = roles->roles[role].methods[method];
}

const char *ra_roles_variable(const roleauth_roles *roles, size_t role,
                              size_t variable, const char **name)
{
    const struct ra_role_variable *from =
        &roles->roles[role].variables[variable];

    *name = from->name;
    return from->value;
}

bool ra_roles_trusted(const roleauth_roles *roles)
{
    return roles->trusted;
}

/* ---- selection ---- */

/* Index of the first condition that fails; condition_count: the role
 * matches. */
static size_t first_failure(const struct ra_role *role, const ra_vars *vars)
{
    return ra_varmatch(role->conditions, role->condition_count, ra_vars_lookup,
                       vars);
}

static void take(const roleauth_roles *roles, size_t index,
                 roleauth_selection *selection)
{
    const struct ra_role *role = &roles->roles[index];

    selection->kind = role->barrier != NULL ? ROLEAUTH_SELECTED_BARRIER
                                            : ROLEAUTH_SELECTED_ROLE;
    selection->index = index;
    selection->name = role->columns[RA_COLUMN_NAME];
    selection->why = role->barrier;
}

static void take_named(const roleauth_roles *roles, const char *name,
                       roleauth_selection *selection)
{
    size_t index = ra_names_find(&roles->names, name, name_at, roles->roles);

    if (index != RA_NAMES_NONE)
        take(roles, index, selection);
}

void ra_roles_select(const roleauth_roles *roles, const ra_vars *vars,
                     const char *name, roleauth_selection *selection)
{
    memset(selection, 0, sizeof(*selection));
    selection->kind = ROLEAUTH_SELECTED_NONE;
    if (name != NULL) {
        take_named(roles, name, selection);
        return;
    }
    for (size_t i = 0; i < roles->count; i++) {
        const struct ra_role *role = &roles->roles[i];

        if (!role->disabled &&
            first_failure(role, vars) == role->condition_count) {
            take(roles, i, selection);
            return;
        }
    }
}

/* Tells why one role does not match.  False: out of memory. */
static bool tell(const roleauth_roles *roles, size_t index,
                 const struct ra_condition *condition, const ra_vars *vars,
                 void (*each)(void *data, const roleauth_mismatch *),
                 void *data)
{
    struct ra_buf joined = RA_BUF_INIT(JOINED_MAX);
    roleauth_mismatch mismatch = {0};
    bool good;

    mismatch.index = index;
    mismatch.role = roles->roles[index].columns[RA_COLUMN_NAME];
    if (condition == NULL) {
        mismatch.disabled = 1;
        each(data, &mismatch);
        return true;
    }
    for (size_t i = 0; i < condition->count; i++) {
        if (i > 0)
            (void)ra_buf_add_text(&joined, " | ");
        (void)ra_buf_add_text(&joined, condition->patterns[i]);
    }
    good = ra_buf_add(&joined, "", 0);
    if (good) {
        mismatch.variable = condition->variable;
        mismatch.value = ra_vars_get(vars, condition->variable, NULL);
        mismatch.pattern = joined.data;
        each(data, &mismatch);
    }
    ra_buf_free(&joined);
    return good;
}

int ra_roles_explain(const roleauth_roles *roles, const ra_vars *vars,
                     const char *name, roleauth_selection *selection,
                     void (*each)(void *data, const roleauth_mismatch *),
                     void *data)
{
    size_t end = roles->count;

    ra_roles_select(roles, vars, name, selection);
    if (selection->kind != ROLEAUTH_SELECTED_NONE)
        end = selection->index;
    /* A name passes over the others whatever their varmatch says. */
    if (name != NULL || each == NULL)
        return 0;
    for (size_t i = 0; i < end; i++) {
        const struct ra_role *role = &roles->roles[i];
        const struct ra_condition *failed =
            role->disabled ? NULL
                           : &role->conditions[first_failure(role, vars)];

        if (!tell(roles, i, failed, vars, each, data))
            return ROLEAUTH_E_NOMEM;
    }
    return 0;
}

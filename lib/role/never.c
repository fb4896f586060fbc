/* SPDX-License-Identifier: MIT */
/* Roles that can never match, because one before them matches whatever they
 * match. */
#include <stdlib.h>

#include "role/load.h"

struct never {
    int64_t number; /* of the role in its source */
    uint32_t role, by;
};

/* Those that were found, in the end in the order of the source. */
struct findings {
    struct never *items;
    size_t count, room;
};

static bool add(struct findings *to, const struct never *found)
{
    if (to->count == to->room) {
        size_t room = 2 * to->room + 16;
        struct never *larger =
            reallocarray(to->items, room, sizeof(*to->items));

        if (larger == NULL)
            return false;
        to->items = larger;
        to->room = room;
    }
    to->items[to->count++] = *found;
    return true;
}

static int look_at(ra_cover *cover, const roleauth_roles *roles, size_t role,
                   struct findings *to)
{
    struct never found = {.role = (uint32_t)role};
    struct ra_role_view view;
    size_t by = RA_NO_RULE;
    int code;

    if (!ra_roles_view(roles, role, &view))
        return ROLEAUTH_E_INVALID;
    if (view.disabled)
        return 0;
    code = ra_cover_find(cover, role, &by);
    if (code != 0 || by == RA_NO_RULE)
        return code;
    found.number = view.number;
    found.by = (uint32_t)by;
    return add(to, &found) ? 0 : ROLEAUTH_E_NOMEM;
}

static int find(const struct ra_source *source, const roleauth_roles *roles,
                struct findings *to)
{
    const size_t count = roleauth_roles_count(roles);
    ra_cover *cover = ra_cover_new(ra_roles_block(roles));
    int code = cover != NULL ? 0 : ROLEAUTH_E_NOMEM;

    for (size_t i = 0; i < count && code == 0; i++) {
        code = look_at(cover, roles, i, to);
        ra_source_progress(source, "comparing", i + 1, count);
    }
    ra_cover_free(&cover);
    return code;
}

/* The order of the source, in which its places are found fast. */
static int compare(const void *a, const void *b)
{
    const struct never *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

static const char *name_of(struct ra_source *source,
                           const roleauth_roles *roles, size_t role,
                           char quoted[RA_QUOTE])
{
    struct ra_role_view view;

    if (!ra_roles_view(roles, role, &view) ||
        view.columns[RA_COLUMN_NAME] == NULL)
        return "(no name)";
    return ra_quote(source, quoted, view.columns[RA_COLUMN_NAME]);
}

static void tell(struct ra_source *source, const roleauth_roles *roles,
                 const struct never *found)
{
    const struct ra_place top = {NULL, NULL, 0, false};
    const struct ra_place array = {&top, source->array, 0, false};
    struct ra_role_place role;
    char late[RA_QUOTE], early[RA_QUOTE];

    ra_place_role(&role, source->array != NULL ? &array : &top, found->number);
    ra_problem(source, RA_NEVER_MATCHES, source->placed ? &role.place : NULL,
               "\"%s\" never matches: \"%s\" comes before it and matches "
               "whatever it matches",
               name_of(source, roles, found->role, late),
               name_of(source, roles, found->by, early));
}

int ra_warn_never(struct ra_source *source, const roleauth_roles *roles)
{
    struct findings findings = {NULL, 0, 0};
    int code = find(source, roles, &findings);

    if (code == 0 && findings.count > 0) {
        qsort(findings.items, findings.count, sizeof(*findings.items), compare);
        for (size_t i = 0; i < findings.count; i++)
            tell(source, roles, &findings.items[i]);
    }
    free(findings.items);
    return code;
}

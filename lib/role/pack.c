/* SPDX-License-Identifier: MIT */
/* From roles that were read to a set. */
#include <bsd/stdlib.h>
#include <string.h>

#include "base/large.h"
#include "role/pack.h"

void ra_set_layout(struct ra_block_layout *layout)
{
    memset(layout, 0, sizeof(*layout));
    layout->size[RA_BLOCK_TEXT] = 1;
    ra_index_layout(layout);
    layout->size[RA_SECTION_ROLES] = sizeof(struct ra_role_item);
    layout->size[RA_SECTION_METHODS] = sizeof(struct ra_method_item);
    layout->size[RA_SECTION_ROLE_VARIABLES] = sizeof(struct ra_variable_item);
    layout->size[RA_SECTION_NAMES] = sizeof(uint32_t);
    layout->size[RA_SECTION_SOURCE] = sizeof(struct ra_source_item);
    layout->size[RA_SECTION_SUMS] = sizeof(uint64_t);
}

bool ra_set_begin(struct ra_set_builder *set)
{
    struct ra_block_layout layout;

    memset(set, 0, sizeof(*set));
    ra_set_layout(&layout);
    ra_builder_init(&set->block, &layout);
    set->index = ra_index_begin(&set->block);
    set->nomem = set->index == NULL || !ra_names_init(&set->names, 0);
    return !set->nomem;
}

void ra_set_reserve(struct ra_set_builder *set, size_t count)
{
    /* Items, and bytes of text, of a role as policies have them. */
    static const struct {
        unsigned section;
        size_t each;
    } usual[] = {
        {RA_BLOCK_TEXT, 64},     {RA_SECTION_ROLES, 1},
        {RA_SECTION_METHODS, 1}, {RA_SECTION_ROLE_VARIABLES, 1},
        {RA_SECTION_RULES, 1},   {RA_SECTION_RULE_CONDITIONS, 4},
    };
    struct ra_names names;

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        ra_builder_reserve(&set->block, usual[i].section,
                           count * usual[i].each);
    ra_builder_reserve_texts(&set->block, count);
    if (ra_set_count(set) == 0 && ra_names_init(&names, count)) {
        ra_names_free(&set->names);
        set->names = names;
    }
}

void ra_set_free(struct ra_set_builder *set)
{
    ra_index_free(&set->index);
    ra_names_free(&set->names);
    ra_builder_free(&set->block);
    memset(set, 0, sizeof(*set));
}

static struct ra_role_item *items_of(const struct ra_set_builder *set)
{
    return ra_builder_items(&set->block, RA_SECTION_ROLES);
}

/* ---- names while roles are added ---- */

static const char *name_at(const void *data, size_t place)
{
    const struct ra_set_builder *set = data;

    return ra_builder_text_at(&set->block,
                              items_of(set)[place].columns[RA_COLUMN_NAME]);
}

bool ra_set_taken(const struct ra_set_builder *set, const char *name,
                  struct ra_taken *taken)
{
    size_t place = ra_names_find(&set->names, name, name_at, set);

    if (place == RA_NAMES_NONE)
        return false;
    taken->number = items_of(set)[place].number;
    taken->disabled = (items_of(set)[place].flags & RA_ROLE_DISABLED) != 0;
    return true;
}

/* Keeps the table half empty at least. */
static bool make_room_for_name(struct ra_set_builder *set, size_t count)
{
    struct ra_names larger;

    if (count <= set->names.mask / 2)
        return true;
    if (!ra_names_init(&larger, 2 * count))
        return false;
    for (size_t i = 0; i + 1 < count; i++)
        if (ra_names_has(&set->names, i, name_at, set))
            (void)ra_names_add(&larger, i, name_at, set);
    ra_names_free(&set->names);
    set->names = larger;
    return true;
}

/* An enabled role takes the name of a disabled one over. */
static void keep_name(struct ra_set_builder *set, size_t place)
{
    const struct ra_role_item *items = items_of(set);
    size_t other;

    if (items[place].columns[RA_COLUMN_NAME] == 0)
        return;
    other = ra_names_add(&set->names, place, name_at, set);
    if (other != RA_NAMES_NONE && (items[other].flags & RA_ROLE_DISABLED) != 0)
        ra_names_replace(&set->names, place, name_at, set);
}

/* ---- adding a role ---- */

static uint32_t text(struct ra_set_builder *set, const char *from)
{
    return ra_builder_text(&set->block, from, from != NULL ? strlen(from) : 0);
}

static void pack_columns(struct ra_set_builder *set, const struct ra_role *role,
                         struct ra_role_item *item)
{
    const char *name = role->columns[RA_COLUMN_NAME];

    /* Names are unique. */
    item->columns[RA_COLUMN_NAME] =
        ra_builder_own_text(&set->block, name, name != NULL ? strlen(name) : 0);
    for (size_t i = RA_COLUMN_NAME + 1; i < RA_COLUMNS; i++)
        if (role->columns[i] != NULL)
            item->columns[i] = text(set, role->columns[i]);
    item->barrier = text(set, role->barrier);
    item->rorder = role->rorder;
    item->number = role->number;
    item->flags = (uint16_t)((role->disabled ? RA_ROLE_DISABLED : 0) |
                             (role->rejects ? RA_ROLE_REJECTS : 0) |
                             (role->broken ? RA_ROLE_BROKEN : 0) |
                             (role->restricted ? RA_ROLE_RESTRICTED : 0));
}

static void pack_methods(struct ra_set_builder *set, const struct ra_role *role,
                         struct ra_role_item *item)
{
    struct ra_method_item *to;

    item->methods = (uint32_t)ra_builder_count(&set->block, RA_SECTION_METHODS);
    item->method_count = (uint16_t)role->method_count;
    to = ra_builder_add(&set->block, RA_SECTION_METHODS, role->method_count);
    for (size_t i = 0; to != NULL && i < role->method_count; i++) {
        const struct ra_method_view *from = &role->methods[i];

        to[i] = (struct ra_method_item){
            .passwd = text(set, from->passwd),
            .user = text(set, from->user),
            .service = text(set, from->service),
            .fname = text(set, from->fname),
            .prompt = text(set, from->prompt),
            .message = text(set, from->message),
            .reject_message = text(set, from->reject_message),
            .period = from->period,
            .tries = (uint16_t)from->tries,
            .kind = (uint16_t)from->kind,
        };
    }
}

static void pack_variables(struct ra_set_builder *set,
                           const struct ra_role *role,
                           struct ra_role_item *item)
{
    struct ra_variable_item *to;

    item->variables =
        (uint32_t)ra_builder_count(&set->block, RA_SECTION_ROLE_VARIABLES);
    item->variable_count = (uint32_t)role->variable_count;
    to = ra_builder_add(&set->block, RA_SECTION_ROLE_VARIABLES,
                        role->variable_count);
    for (size_t i = 0; to != NULL && i < role->variable_count; i++) {
        to[i].name = text(set, role->variables[i].name);
        to[i].value = text(set, role->variables[i].value);
    }
}

void ra_set_add(struct ra_set_builder *set, const struct ra_role *role)
{
    size_t place = ra_builder_count(&set->block, RA_SECTION_ROLES);
    struct ra_role_item item = {.rorder = 0};
    struct ra_role_item *to;

    if (set->nomem)
        return;
    pack_columns(set, role, &item);
    pack_methods(set, role, &item);
    pack_variables(set, role, &item);
    to = ra_builder_add(&set->block, RA_SECTION_ROLES, 1);
    if (to == NULL)
        return;
    *to = item;
    if (!ra_index_add(set->index, role->conditions, role->condition_count,
                      !role->disabled) ||
        !make_room_for_name(set, place + 1))
        set->nomem = true;
    else
        keep_name(set, place);
}

size_t ra_set_count(const struct ra_set_builder *set)
{
    return ra_builder_count(&set->block, RA_SECTION_ROLES);
}

/* ---- the order of selection ---- */

struct place {
    int64_t rorder;
    uint32_t added;
};

static int compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->rorder != y->rorder)
        return x->rorder < y->rorder ? -1 : 1;
    return x->added < y->added ? -1 : x->added > y->added;
}

static bool is_sorted(const struct ra_role_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (items[i - 1].rorder > items[i].rorder)
            return false;
    return true;
}

/* Puts the roles as order says, which takes a copy of them. */
static bool permute(struct ra_role_item *items, const uint32_t *order,
                    size_t count)
{
    struct ra_role_item *copy = ra_large_array(count, sizeof(*copy));

    if (copy == NULL)
        return false;
    memcpy(copy, items, count * sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        items[i] = copy[order[i]];
    ra_large_free(copy);
    return true;
}

/* Sorts the roles; *order, of as many items as there are roles, is NULL when
 * they were in order.  heapsort(3), because qsort(3) asks malloc(3) for a
 * large piece: see base/large.h.  False: out of memory. */
static bool sort(struct ra_set_builder *set, uint32_t **order)
{
    size_t count = ra_set_count(set);
    struct ra_role_item *items = items_of(set);
    struct place *places;
    bool good;

    *order = NULL;
    if (is_sorted(items, count))
        return true;
    places = ra_large_array(count, sizeof(*places));
    *order = ra_large_array(count, sizeof(**order));
    good = places != NULL && *order != NULL;
    for (size_t i = 0; good && i < count; i++) {
        places[i].rorder = items[i].rorder;
        places[i].added = (uint32_t)i;
    }
    good = good && heapsort(places, count, sizeof(*places), compare) == 0;
    for (size_t i = 0; good && i < count; i++)
        (*order)[i] = places[i].added;
    ra_large_free(places);
    return good && permute(items, *order, count);
}

/* ---- the set ---- */

/* The names of enabled roles: a disabled one is not to be found. */
static void pack_names(struct ra_set_builder *set)
{
    size_t count = ra_set_count(set), size = 16;
    const struct ra_role_item *items = items_of(set);
    struct ra_names names;

    while (size / 2 < count)
        size *= 2;
    names.slots = ra_builder_add(&set->block, RA_SECTION_NAMES, size);
    names.mask = size - 1;
    for (size_t i = 0; names.slots != NULL && i < count; i++)
        if ((items[i].flags & RA_ROLE_DISABLED) == 0 &&
            items[i].columns[RA_COLUMN_NAME] != 0)
            (void)ra_names_add(&names, i, name_at, set);
}

static void pack_origin(struct ra_set_builder *set,
                        const struct ra_origin *origin)
{
    struct ra_source_item *item;

    if (origin->path == NULL)
        return;
    item = ra_builder_add(&set->block, RA_SECTION_SOURCE, 1);
    if (item == NULL)
        return;
    item->seconds = origin->seconds;
    item->nanoseconds = origin->nanoseconds;
    item->path = text(set, origin->path);
}

struct indexing {
    const roleauth_loading *how;
};

static void index_progress(void *data, size_t done, size_t total)
{
    const struct indexing *indexing = data;

    indexing->how->progress(indexing->how->progress_data, "indexing", done,
                            total);
}

static bool pack_all(struct ra_set_builder *set, const struct ra_origin *origin,
                     const roleauth_loading *how)
{
    struct indexing indexing = {how};
    uint32_t *order = NULL;
    bool good =
        !set->nomem && sort(set, &order) &&
        ra_index_end(set->index, order,
                     how->progress != NULL ? index_progress : NULL, &indexing);

    ra_large_free(order);
    if (!good)
        return false;
    ra_index_free(&set->index);
    ra_names_free(&set->names);
    pack_names(set);
    pack_origin(set, origin);
    (void)ra_builder_add(&set->block, RA_SECTION_SUMS, ra_set_count(set));
    return true;
}

/* The roles can be read by now.  What is not whole keeps a sum of 0. */
static void make_sums(const roleauth_roles *roles)
{
    const struct ra_section *to = &roles->block.sections[RA_SECTION_SUMS];
    uint64_t *sums = (uint64_t *)(uintptr_t)to->items;

    for (size_t i = 0; i < to->count; i++)
        (void)ra_role_sum(roles, i, &sums[i]);
}

int ra_set_end(struct ra_set_builder *set, const struct ra_origin *origin,
               const roleauth_loading *how, roleauth_roles **roles)
{
    roleauth_roles *made = calloc(1, sizeof(*made));
    int code = made != NULL && pack_all(set, origin, how) ? 0
               : set->block.full                          ? ROLEAUTH_E_LIMIT
                                                          : ROLEAUTH_E_NOMEM;

    *roles = NULL;
    if (code == 0)
        code = ra_builder_finish(&set->block, &made->block);
    if (code == 0) {
        make_sums(made);
        atomic_init(&made->references, 1);
        *roles = made;
    } else {
        free(made);
    }
    return code;
}

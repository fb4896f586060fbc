/* SPDX-License-Identifier: MIT */
#include "role/ids.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "role/write.h"

/* An id that is used, and the free ones above it, up to the next that is used:
 * they are given away from below. */
struct used {
    int64_t id;
    uint32_t given; /* how many of those above it were given away */
    uint32_t next;  /* the next entry above which there may be some: this one,
                       or one behind it */
};

/* Roles in a row without ids of their own, before one of equal rorder that has
 * one. */
struct run {
    uint32_t first, end; /* that one */
    int64_t below;       /* its id */
};

struct own {
    int64_t id;
    uint32_t role;
};

struct plan {
    const roleauth_roles *roles;
    size_t count;
    int64_t *ids;      /* of the roles */
    bool *has;         /* which roles have their own */
    int64_t *rorder;   /* of the roles */
    struct used *used; /* in ascending order; 0 is always among them */
    size_t used_count;
    struct run *runs;
    size_t run_count;
    int64_t last; /* the greatest that was used or given away, 0 at least */
    roleauth_error *error;
};

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static int compare_runs(const void *a, const void *b)
{
    const struct run *x = a, *y = b;

    return x->below < y->below ? -1 : x->below > y->below;
}

static int compare_own(const void *a, const void *b)
{
    const struct own *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

/* ---- the ids that roles have ---- */

static int read_id(struct plan *p, size_t role)
{
    struct ra_role_view view;
    const char *text;

    if (!ra_roles_view(p->roles, role, &view))
        return ra_roles_damaged(p->error);
    p->rorder[role] = view.rorder;
    text = view.columns[RA_COLUMN_ID];
    if (text == NULL)
        return 0;
    if (!ra_write_is_integer(text, &p->ids[role]))
        return ra_fail(p->error, ROLEAUTH_E_INVALID,
                       "the role \"%.*s\" has the id \"%.40s\": in a database "
                       "it must be an integer",
                       RA_WRITE_NAME, ra_write_name(&view), text);
    p->has[role] = true;
    return 0;
}

/* For errors. */
static const char *name_at(const struct plan *p, size_t role)
{
    const char *name = roleauth_roles_column(p->roles, role, "name");

    return name != NULL ? name : "(no name)";
}

/* Are the ids of roles unique, and free in the database? */
static int check_own(const struct plan *p, const struct own *own, size_t count,
                     const int64_t *taken, size_t taken_count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && own[i - 1].id == own[i].id)
            return ra_fail(p->error, ROLEAUTH_E_INVALID,
                           "the roles \"%.*s\" and \"%.*s\" have the same id, "
                           "%" PRId64 ": give one of them another, or none",
                           RA_WRITE_NAME, name_at(p, own[i - 1].role),
                           RA_WRITE_NAME, name_at(p, own[i].role), own[i].id);
        if (taken_count > 0 && bsearch(&own[i].id, taken, taken_count,
                                       sizeof(*taken), compare_ids) != NULL)
            return ra_fail(p->error, ROLEAUTH_E_INVALID,
                           "the id %" PRId64 " of the role \"%.*s\" is taken "
                           "in the database, by a role or in a table that "
                           "restricts roles: give it another, or none",
                           own[i].id, RA_WRITE_NAME, name_at(p, own[i].role));
    }
    return 0;
}

/* Roles of equal rorder must have ascending ids. */
static int check_order(const struct plan *p)
{
    size_t last = 0;
    bool any = false;

    for (size_t i = 0; i < p->count; i++) {
        if (i > 0 && p->rorder[i] != p->rorder[i - 1])
            any = false;
        if (!p->has[i])
            continue;
        if (any && p->ids[last] > p->ids[i])
            return ra_fail(p->error, ROLEAUTH_E_INVALID,
                           "the role \"%.*s\" (id %" PRId64
                           ") comes before \"%.*s\" (id %" PRId64
                           "), but a database takes roles of equal rorder by "
                           "their ids: give them another rorder, or other ids",
                           RA_WRITE_NAME, name_at(p, last), p->ids[last],
                           RA_WRITE_NAME, name_at(p, i), p->ids[i]);
        any = true;
        last = i;
    }
    return 0;
}

/* ---- the ids that roles get ---- */

static void use(struct plan *p, int64_t id)
{
    size_t at = p->used_count;

    if (at > 0 && p->used[at - 1].id == id)
        return;
    p->used[at] = (struct used){id, 0, (uint32_t)at};
    p->used_count++;
    p->last = id;
}

/* Merges what is taken and what roles have, both in ascending order, and 0:
 * what is given away is above it. */
static void merge(struct plan *p, const struct own *own, size_t own_count,
                  const int64_t *taken, size_t taken_count)
{
    size_t i = 0, j = 0;
    bool zero = false;

    while (i < own_count || j < taken_count) {
        bool first =
            j == taken_count || (i < own_count && own[i].id < taken[j]);
        int64_t id = first ? own[i++].id : taken[j++];

        if (id > 0 && !zero)
            use(p, 0);
        zero = zero || id >= 0;
        use(p, id);
    }
    if (!zero)
        use(p, 0);
}

/* Is there a free id above that of an entry, below the next one's? */
static bool has_free(const struct plan *p, size_t at)
{
    if (p->used[at].id < 0)
        return false;
    return at + 1 == p->used_count ||
           p->used[at + 1].id - p->used[at].id > (int64_t)p->used[at].given + 1;
}

/* The entry at or behind this one above which there is a free id: the last one
 * has some, or nobody wants them.  Shortens the way that it went. */
static size_t find_free(struct plan *p, size_t at)
{
    size_t found = at;

    while (!has_free(p, found))
        found = p->used[found].next != found ? p->used[found].next : found + 1;
    while (at < found) {
        size_t next = p->used[at].next != at ? p->used[at].next : at + 1;

        p->used[at].next = (uint32_t)found;
        at = next;
    }
    return found;
}

static size_t entry_of(const struct plan *p, int64_t id)
{
    size_t low = 0, high = p->used_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (p->used[middle].id <= id)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The smallest free ids above that of the role before the run, if any. */
static int fill_run(struct plan *p, const struct run *run)
{
    bool bound = run->first > 0 &&
                 p->rorder[run->first] == p->rorder[run->first - 1] &&
                 p->ids[run->first - 1] > 0;
    size_t entry = entry_of(p, bound ? p->ids[run->first - 1] : 0);

    for (size_t i = run->first; i < run->end; i++) {
        int64_t id;

        entry = find_free(p, entry);
        id = p->used[entry].id;
        if (id >= run->below)
            return ra_fail(p->error, ROLEAUTH_E_INVALID,
                           "no id is free for the role \"%.*s\", which comes "
                           "before \"%.*s\" (id %" PRId64
                           ") and must have a smaller one: give them another "
                           "rorder, or the second one a greater id",
                           RA_WRITE_NAME, name_at(p, i), RA_WRITE_NAME,
                           name_at(p, run->end), run->below);
        p->ids[i] = id + 1 + (int64_t)p->used[entry].given++;
    }
    return 0;
}

/* Nothing of equal rorder comes behind them that has an id. */
static int fill_last(struct plan *p, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        if (p->last == INT64_MAX)
            return ra_fail(p->error, ROLEAUTH_E_LIMIT,
                           "no id is left for the role \"%.*s\": the greatest "
                           "there is, is in use",
                           RA_WRITE_NAME, name_at(p, i));
        p->ids[i] = ++p->last;
    }
    return 0;
}

/* Finds the runs, and fills those that nothing bounds from above. */
static int find_runs(struct plan *p)
{
    int code = 0;

    for (size_t i = 0; i < p->count && code == 0; i++) {
        size_t first = i;

        while (i < p->count && !p->has[i] && p->rorder[i] == p->rorder[first])
            i++;
        if (i == p->count || p->rorder[i] != p->rorder[first])
            code = fill_last(p, first, i--);
        else if (i > first)
            p->runs[p->run_count++] =
                (struct run){(uint32_t)first, (uint32_t)i, p->ids[i]};
    }
    return code;
}

/* Those that must have the smallest ids choose first, and the smallest they
 * can have: whatever they leave is as good for those behind them. */
static int fill(struct plan *p)
{
    int code = find_runs(p);

    qsort(p->runs, p->run_count, sizeof(*p->runs), compare_runs);
    for (size_t i = 0; i < p->run_count && code == 0; i++)
        code = fill_run(p, &p->runs[i]);
    return code;
}

/* ---- all of it ---- */

static bool make_room(struct plan *p, size_t taken, struct own **own)
{
    p->ids = calloc(p->count + 1, sizeof(*p->ids));
    p->has = calloc(p->count + 1, sizeof(*p->has));
    p->rorder = calloc(p->count + 1, sizeof(*p->rorder));
    p->used = calloc(p->count + taken + 1, sizeof(*p->used));
    p->runs = calloc(p->count + 1, sizeof(*p->runs));
    *own = calloc(p->count + 1, sizeof(**own));
    return p->ids != NULL && p->has != NULL && p->rorder != NULL &&
           p->used != NULL && p->runs != NULL && *own != NULL;
}

static int plan_all(struct plan *p, struct own *own, int64_t *taken,
                    size_t taken_count)
{
    size_t count = 0;
    int code = 0;

    for (size_t i = 0; i < p->count && code == 0; i++) {
        code = read_id(p, i);
        if (code == 0 && p->has[i])
            own[count++] = (struct own){p->ids[i], (uint32_t)i};
    }
    if (code != 0)
        return code;
    qsort(own, count, sizeof(*own), compare_own);
    if (taken_count > 0)
        qsort(taken, taken_count, sizeof(*taken), compare_ids);
    code = check_own(p, own, count, taken, taken_count);
    if (code == 0)
        code = check_order(p);
    if (code != 0)
        return code;
    merge(p, own, count, taken, taken_count);
    return fill(p);
}

int ra_ids_plan(const roleauth_roles *roles, int64_t *taken, size_t count,
                int64_t **ids, roleauth_error *error)
{
    struct plan p = {
        .roles = roles,
        .count = roleauth_roles_count(roles),
        .error = error,
    };
    struct own *own = NULL;
    int code = make_room(&p, count, &own) ? plan_all(&p, own, taken, count)
                                          : ra_fail_nomem(error);

    *ids = NULL;
    if (code == 0) {
        *ids = p.ids;
        p.ids = NULL;
    }
    free(p.ids);
    free(p.has);
    free(p.rorder);
    free(p.used);
    free(p.runs);
    free(own);
    return code;
}

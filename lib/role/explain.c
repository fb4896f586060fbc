/* SPDX-License-Identifier: MIT */
/* Why a request selects the role that it selects. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "role/set.h"

#define JOINED_MAX ((size_t)1 << 30)

struct roleauth_explanation {
    roleauth_roles *roles;
    struct ra_arena arena;
    roleauth_selection selection;
    roleauth_match *matches;
    roleauth_mismatch *misses;
    size_t match_count, miss_count, left_out;
};

/* A role that does not match, before anything about it is told. */
struct miss {
    uint32_t role;
    uint32_t matched; /* conditions that hold */
    bool disabled;
};

/* The value of a variable, as it is told. */
struct told_value {
    const char *variable, *value;
};

struct explainer {
    roleauth_explanation *to;
    const struct ra_block *block;
    struct ra_question question;
    unsigned char *known; /* of each condition: 0 not yet, 1 fails, 2 holds */
    struct miss *heap;    /* the nearest misses, the farthest on top */
    size_t count, most;
    /* What is told is told of many roles, and kept once: a client's values may
     * be long. */
    void *values;        /* tsearch(3): struct told_value, by variable */
    const char **joined; /* patterns of each condition; NULL: not yet */
    int code;
};

enum { FAILS = 1, HOLDS = 2 };

/* Each condition is looked at once, however many roles have it. */
static bool holds(struct explainer *x, const struct ra_condition_view *view)
{
    bool yes = false;

    if (x->known[view->id] == 0) {
        int code = ra_condition_holds(x->block, view, &x->question, &yes);

        if (code != 0)
            x->code = code;
        x->known[view->id] = yes ? HOLDS : FAILS;
    }
    return x->known[view->id] == HOLDS;
}

/* The i-th condition of a role; false: the policy is damaged. */
static bool condition(struct explainer *x, size_t role, size_t i,
                      struct ra_condition_view *view)
{
    if (ra_rule_condition(x->block, role, i, view))
        return true;
    x->code = ROLEAUTH_E_INVALID;
    return false;
}

/* ---- the nearest misses ---- */

/* Is a farther from matching than b?  Among equals, the later role is. */
static bool farther(const struct miss *a, const struct miss *b)
{
    if (a->disabled != b->disabled)
        return a->disabled;
    if (a->matched != b->matched)
        return a->matched < b->matched;
    return a->role > b->role;
}

static void swap(struct miss *a, struct miss *b)
{
    struct miss kept = *a;

    *a = *b;
    *b = kept;
}

static void sift_up(struct miss *heap, size_t i)
{
    while (i > 0 && farther(&heap[i], &heap[(i - 1) / 2])) {
        swap(&heap[i], &heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sift_down(struct miss *heap, size_t count)
{
    size_t i = 0;

    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= count)
            return;
        if (child + 1 < count && farther(&heap[child + 1], &heap[child]))
            child++;
        if (!farther(&heap[child], &heap[i]))
            return;
        swap(&heap[child], &heap[i]);
        i = child;
    }
}

static void keep(struct explainer *x, const struct miss *miss)
{
    if (x->count < x->most) {
        x->heap[x->count] = *miss;
        sift_up(x->heap, x->count++);
        return;
    }
    x->to->left_out++;
    if (x->most > 0 && farther(&x->heap[0], miss)) {
        x->heap[0] = *miss;
        sift_down(x->heap, x->count);
    }
}

static void look_at(struct explainer *x, size_t role)
{
    struct miss miss = {.role = (uint32_t)role};
    struct ra_condition_view view;
    struct ra_rule_view rule;

    if (!ra_rule_view(x->block, role, &rule)) {
        x->code = ROLEAUTH_E_INVALID;
        return;
    }
    miss.disabled = !rule.enabled;
    for (size_t i = 0; i < rule.conditions && rule.enabled; i++) {
        if (!condition(x, role, i, &view))
            return;
        miss.matched += holds(x, &view);
    }
    keep(x, &miss);
}

static int by_role(const void *a, const void *b)
{
    const struct miss *x = a, *y = b;

    return x->role < y->role ? -1 : x->role > y->role;
}

static int by_nearness(const void *a, const void *b)
{
    return farther(a, b) ? 1 : farther(b, a) ? -1 : 0;
}

/* ---- what is told ---- */

static const char *copy(struct explainer *x, const char *text)
{
    char *made = ra_arena_text(&x->to->arena, text, strlen(text));

    if (made == NULL)
        x->code = ROLEAUTH_E_NOMEM;
    return made;
}

static int compare_values(const void *a, const void *b)
{
    const struct told_value *x = a, *y = b;

    return strcmp(x->variable, y->variable);
}

static void keep_value(void *value)
{
    (void)value; /* it is the arena's */
}

static const char *add_value(struct explainer *x,
                             const struct told_value *wanted)
{
    const char *value =
        x->question.lookup(x->question.variables, wanted->variable);
    struct told_value *told;

    if (value == NULL || (value = copy(x, value)) == NULL)
        return NULL;
    told = ra_arena_array(&x->to->arena, 1, sizeof(*told));
    if (told != NULL) {
        *told = (struct told_value){wanted->variable, value};
        if (tsearch(told, &x->values, compare_values) != NULL)
            return value;
    }
    x->code = ROLEAUTH_E_NOMEM;
    return NULL;
}

static const char *value_of(struct explainer *x, const char *variable)
{
    const struct told_value wanted = {variable, NULL};
    void *const *found = tfind(&wanted, &x->values, compare_values);

    return found != NULL ? ((const struct told_value *)*found)->value
                         : add_value(x, &wanted);
}

static const char *join_patterns(struct explainer *x,
                                 const struct ra_condition_view *view)
{
    struct ra_buf joined = RA_BUF_INIT(JOINED_MAX);
    const char *pattern, *text = NULL;

    (void)ra_buf_add(&joined, "", 0);
    for (size_t i = 0; i < view->patterns; i++) {
        if (!ra_condition_pattern(x->block, view, i, &pattern))
            x->code = ROLEAUTH_E_INVALID;
        else if (i == 0 || ra_buf_add_text(&joined, " | "))
            (void)ra_buf_add_text(&joined, pattern);
    }
    if (joined.failed)
        x->code = ROLEAUTH_E_NOMEM;
    else
        text = copy(x, joined.data);
    ra_buf_free(&joined);
    return text;
}

static const char *patterns_of(struct explainer *x,
                               const struct ra_condition_view *view)
{
    if (x->joined[view->id] == NULL)
        x->joined[view->id] = join_patterns(x, view);
    return x->joined[view->id];
}

/* The first condition that fails. */
static void tell_failure(struct explainer *x, const struct miss *miss,
                         roleauth_mismatch *told)
{
    struct ra_condition_view view;
    size_t i = 0;

    while (condition(x, miss->role, i, &view) && holds(x, &view))
        i++;
    if (x->code != 0)
        return;
    told->variable = view.variable;
    told->value = value_of(x, view.variable);
    told->pattern = patterns_of(x, &view);
    told->matched = miss->matched;
}

static void tell_miss(struct explainer *x, const struct miss *miss,
                      roleauth_mismatch *told)
{
    struct ra_role_view role;

    if (!ra_roles_view(x->to->roles, miss->role, &role)) {
        x->code = ROLEAUTH_E_INVALID;
        return;
    }
    told->index = miss->role;
    told->role = role.columns[RA_COLUMN_NAME];
    told->disabled = miss->disabled;
    if (miss->disabled)
        return;
    told->variables = role.conditions;
    tell_failure(x, miss, told);
}

static void tell_misses(struct explainer *x)
{
    roleauth_explanation *to = x->to;

    if (x->count > 1)
        qsort(x->heap, x->count, sizeof(*x->heap),
              to->left_out == 0 ? by_role : by_nearness);
    to->misses =
        ra_arena_array(&to->arena, x->count, sizeof(roleauth_mismatch));
    if (to->misses == NULL)
        x->code = ROLEAUTH_E_NOMEM;
    for (; to->miss_count < x->count && x->code == 0; to->miss_count++)
        tell_miss(x, &x->heap[to->miss_count], &to->misses[to->miss_count]);
}

/* The pattern of a condition that holds. */
static void tell_match(struct explainer *x,
                       const struct ra_condition_view *view,
                       roleauth_match *told)
{
    told->variable = view->variable;
    told->value = value_of(x, view->variable);
    for (size_t i = 0; i < view->patterns && told->value != NULL; i++) {
        const char *pattern;

        if (!ra_condition_pattern(x->block, view, i, &pattern)) {
            x->code = ROLEAUTH_E_INVALID;
            return;
        }
        if (roleauth_glob_match(pattern, told->value) == 1) {
            told->pattern = pattern;
            return;
        }
    }
    if (x->code == 0)
        x->code = ROLEAUTH_E_INVALID;
}

static void tell_matches(struct explainer *x)
{
    roleauth_explanation *to = x->to;
    struct ra_condition_view view;
    struct ra_role_view role;

    if (!ra_roles_view(to->roles, to->selection.index, &role)) {
        x->code = ROLEAUTH_E_INVALID;
        return;
    }
    to->matches =
        ra_arena_array(&to->arena, role.conditions, sizeof(roleauth_match));
    if (to->matches == NULL)
        x->code = ROLEAUTH_E_NOMEM;
    for (; to->match_count < role.conditions && x->code == 0; to->match_count++)
        if (condition(x, to->selection.index, to->match_count, &view))
            tell_match(x, &view, &to->matches[to->match_count]);
}

/* ---- the whole ---- */

static void explain(struct explainer *x, size_t most)
{
    const size_t conditions = ra_index_conditions(x->block);
    size_t end = roleauth_roles_count(x->to->roles);

    if (x->to->selection.kind != ROLEAUTH_SELECTED_NONE) {
        end = x->to->selection.index;
        tell_matches(x);
    }
    x->most = most == 0 || most > end ? end : most;
    x->known = calloc(conditions + 1, 1);
    x->heap = calloc(x->most + 1, sizeof(*x->heap));
    x->joined = calloc(conditions + 1, sizeof(char *));
    if (x->known == NULL || x->heap == NULL || x->joined == NULL)
        x->code = ROLEAUTH_E_NOMEM;
    for (size_t i = 0; i < end && x->code == 0; i++)
        look_at(x, i);
    if (x->code == 0)
        tell_misses(x);
    free(x->known);
    free(x->heap);
    free(x->joined);
    tdestroy(x->values, keep_value);
}

int ra_roles_explain(roleauth_roles *roles, const ra_vars *vars,
                     const char *name, size_t most,
                     roleauth_explanation **explanation, roleauth_error *error)
{
    roleauth_explanation *to = calloc(1, sizeof(*to));
    struct explainer x = {
        .to = to,
        .block = ra_roles_block(roles),
        .question = ra_vars_question(vars),
    };
    int code;

    *explanation = NULL;
    if (to == NULL)
        return ra_fail_nomem(error);
    to->roles = roleauth_roles_ref(roles);
    code = ra_roles_select(roles, vars, name, &to->selection, error);
    /* A name passes over the others whatever their varmatch says. */
    if (code == 0 && name == NULL) {
        explain(&x, most);
        code = x.code == ROLEAUTH_E_NOMEM ? ra_fail_nomem(error)
               : x.code != 0              ? ra_roles_damaged(error)
                                          : 0;
    }
    if (code == 0)
        *explanation = to;
    else
        roleauth_explanation_free(&to);
    return code;
}

void roleauth_explanation_free(roleauth_explanation **explanation)
{
    if (explanation == NULL || *explanation == NULL)
        return;
    roleauth_roles_free(&(*explanation)->roles);
    ra_arena_free(&(*explanation)->arena);
    free(*explanation);
    *explanation = NULL;
}

const roleauth_selection *
roleauth_explanation_selection(const roleauth_explanation *explanation)
{
    return explanation != NULL ? &explanation->selection : NULL;
}

size_t roleauth_explanation_match_count(const roleauth_explanation *explanation)
{
    return explanation != NULL ? explanation->match_count : 0;
}

const roleauth_match *
roleauth_explanation_match(const roleauth_explanation *explanation,
                           size_t index)
{
    return index < roleauth_explanation_match_count(explanation)
               ? &explanation->matches[index]
               : NULL;
}

size_t roleauth_explanation_miss_count(const roleauth_explanation *explanation)
{
    return explanation != NULL ? explanation->miss_count : 0;
}

const roleauth_mismatch *
roleauth_explanation_miss(const roleauth_explanation *explanation, size_t index)
{
    return index < roleauth_explanation_miss_count(explanation)
               ? &explanation->misses[index]
               : NULL;
}

size_t roleauth_explanation_left_out(const roleauth_explanation *explanation)
{
    return explanation != NULL ? explanation->left_out : 0;
}

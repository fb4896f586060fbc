/* SPDX-License-Identifier: MIT */
/* Rules that can never apply, because an earlier one does.
 *
 * Whenever a rule applies, its conditions hold, and with them those that they
 * imply.  So the question is the one that a request asks: which is the first
 * rule whose conditions are all among these?  The keys of what a pattern
 * surely holds lead to the conditions that it may imply. */
#include <stdlib.h>
#include <string.h>

#include "match/imply.h"
#include "match/keys.h"
#include "match/tree.h"

/* A rule may cost this much on the average, and some more than others.  What
 * is not found by then is not claimed: so no set of rules takes more than
 * near-linear time. */
enum { CREDIT = 512, FIRST_CREDIT = 1000000 };

/* Conditions that are implied are remembered, about this many at most, and so
 * many for each condition. */
enum { REMEMBERED = 1 << 16, REMEMBERED_EACH = 32 };

/* What a condition implies, in cover->implied; NOT_YET: nobody has looked. */
struct span {
    uint32_t first, count;
};
#define NOT_YET UINT32_MAX

struct ra_cover {
    struct ra_search search;
    const struct ra_block *block;
    struct ra_keys keys;
    struct ra_sight *sights;
    struct span *spans; /* of conditions */
    uint32_t *implied;
    size_t count, room;
    size_t credit;
    const uint32_t *list; /* the conditions of the rule */
    size_t list_count;
    const struct ra_condition_item *from; /* the one that is looked at */
    struct ra_pattern first;              /* its first that can match */
    struct ra_pattern pattern, other;     /* that are compared */
    struct ra_memo seen;                  /* conditions, for this one */
};

ra_cover *ra_cover_new(const struct ra_block *block)
{
    ra_cover *cover = calloc(1, sizeof(*cover));
    size_t conditions = ra_index_conditions(block);

    if (cover == NULL)
        return NULL;
    cover->block = block;
    cover->credit = FIRST_CREDIT;
    cover->sights = calloc(RA_SIGHTS, sizeof(*cover->sights));
    cover->spans = calloc(conditions + 1, sizeof(*cover->spans));
    if (cover->sights == NULL || cover->spans == NULL)
        ra_cover_free(&cover);
    for (size_t i = 0; cover != NULL && i < conditions; i++)
        cover->spans[i].count = NOT_YET;
    return cover;
}

void ra_cover_free(ra_cover **cover)
{
    if (*cover == NULL)
        return;
    free((*cover)->sights);
    free((*cover)->spans);
    free((*cover)->implied);
    ra_shape_free(&(*cover)->first.shape);
    ra_shape_free(&(*cover)->pattern.shape);
    ra_shape_free(&(*cover)->other.shape);
    free(*cover);
    *cover = NULL;
}

/* ---- which conditions imply which ---- */

static const struct ra_condition_item *condition_at(const ra_cover *cover,
                                                    uint32_t condition)
{
    return ra_block_item(cover->block, RA_SECTION_CONDITIONS, condition);
}

/* The text of a pattern of a condition.  False: failed. */
static bool read_text(ra_cover *cover, const struct ra_condition_item *of,
                      size_t i, struct ra_pattern *pattern)
{
    const uint32_t *texts =
        ra_block_items(cover->block, RA_SECTION_PATTERNS, of->first, of->count);

    return (texts != NULL &&
            ra_block_text(cover->block, texts[i], &pattern->text) &&
            pattern->text != NULL) ||
           ra_search_fail(&cover->search, ROLEAUTH_E_INVALID);
}

/* And its shape.  False: failed, or gave up. */
static bool read_pattern(ra_cover *cover, const struct ra_condition_item *of,
                         size_t i, struct ra_pattern *pattern)
{
    return read_text(cover, of, i, pattern) &&
           ra_search_pay(&cover->search, 1 + strlen(pattern->text) / 16) &&
           (ra_shape_read(&pattern->shape, pattern->text) ||
            ra_search_fail(&cover->search, ROLEAUTH_E_NOMEM));
}

/* Does a pattern of a condition match whatever cover->pattern does?  False:
 * failed, or gave up. */
static bool some_matches(ra_cover *cover, const struct ra_condition_item *other,
                         bool *yes)
{
    bool nomem = false;

    *yes = false;
    for (size_t i = 0; !*yes && i < other->count; i++) {
        if (!read_text(cover, other, i, &cover->other) ||
            !ra_search_pay(&cover->search, 1 + strlen(cover->other.text) / 16))
            return false;
        *yes = ra_pattern_implies(&cover->pattern, &cover->other, &nomem);
        if (nomem)
            return ra_search_fail(&cover->search, ROLEAUTH_E_NOMEM);
    }
    return true;
}

/* Does a condition imply another one on its variable?  False: failed, or gave
 * up. */
static bool implies(ra_cover *cover, const struct ra_condition_item *from,
                    const struct ra_condition_item *other, bool *yes)
{
    bool all = true, some = false;

    *yes = false;
    for (size_t i = 0; all && i < from->count; i++) {
        if (!read_pattern(cover, from, i, &cover->pattern))
            return false;
        if (cover->pattern.shape.form == RA_FORM_NEVER)
            continue;
        some = true;
        if (!some_matches(cover, other, &all))
            return false;
    }
    *yes = all && some;
    return true;
}

/* ---- what a condition implies ---- */

static bool add_implied(ra_cover *cover, uint32_t condition)
{
    if (cover->count == cover->room) {
        size_t room = 2 * cover->room + 1024;
        uint32_t *implied =
            reallocarray(cover->implied, room, sizeof(*implied));

        if (implied == NULL)
            return ra_search_fail(&cover->search, ROLEAUTH_E_NOMEM);
        cover->implied = implied;
        cover->room = room;
    }
    cover->implied[cover->count++] = condition;
    return true;
}

/* Keeps those that cover->from implies of some conditions. */
static bool look_at(ra_cover *cover, const struct ra_posting_item *postings,
                    size_t count)
{
    struct ra_search *search = &cover->search;

    if (postings == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    for (size_t i = 0; i < count; i++) {
        uint32_t condition = postings[i].condition;
        const struct ra_condition_item *other = condition_at(cover, condition);
        bool yes;

        if (!ra_search_pay(search, 1))
            return false;
        if (other == NULL || other->variable != cover->from->variable)
            return ra_search_fail(search, ROLEAUTH_E_INVALID);
        if (!ra_hint_fits(postings[i].hint, search->sights,
                          search->sights_count) ||
            ra_memo_get(&cover->seen, condition) != RA_UNKNOWN)
            continue;
        if (!ra_memo_set(&cover->seen, condition, RA_YES))
            return ra_search_fail(search, ROLEAUTH_E_NOMEM);
        if (!implies(cover, cover->from, other, &yes) ||
            (yes && !add_implied(cover, condition)))
            return false;
    }
    return true;
}

static bool found_key(void *data, const struct ra_key_item *key)
{
    ra_cover *cover = data;
    size_t count;
    const struct ra_posting_item *postings =
        ra_key_postings(cover->block, key, &count);

    return look_at(cover, postings, count);
}

/* Looks for the keys that whatever matches a pattern of this shape has. */
static bool look_for(ra_cover *cover, const struct ra_shape *shape)
{
    const struct ra_keys *keys = &cover->keys;
    uint32_t variable = cover->from->variable;
    const struct ra_variable_item *item =
        ra_block_item(cover->block, RA_SECTION_VARIABLES, variable);
    struct ra_affixes affixes;

    if (item == NULL)
        return ra_search_fail(&cover->search, ROLEAUTH_E_INVALID);
    if (!look_at(cover,
                 ra_block_items(cover->block, RA_SECTION_POSTINGS,
                                item->any_first, item->any_count),
                 item->any_count))
        return false;
    for (size_t i = 0; i < shape->count; i++) {
        const char *text = shape->text + shape->runs[i].start;
        size_t length = shape->runs[i].length;

        ra_affixes_take(&affixes, text, length);
        if ((shape->form == RA_FORM_LITERAL &&
             !ra_keys_whole(keys, variable, &affixes, found_key, cover)) ||
            (i == 0 && shape->starts &&
             !ra_keys_prefix(keys, variable, &affixes, found_key, cover)) ||
            (i + 1 == shape->count && shape->ends &&
             !ra_keys_suffix(keys, variable, &affixes, found_key, cover)) ||
            !ra_search_pay(&cover->search, length / 16) ||
            !ra_keys_gram(keys, variable, text, length, found_key, cover))
            return false;
    }
    return true;
}

static void forget(ra_cover *cover)
{
    for (size_t i = 0; i < ra_index_conditions(cover->block); i++)
        cover->spans[i].count = NOT_YET;
    cover->count = 0;
}

/* Finds what a condition implies; cover->first is the first pattern that can
 * match.  False: failed, or gave up. */
static bool find_implied(ra_cover *cover, uint32_t condition)
{
    size_t most =
        REMEMBERED + REMEMBERED_EACH * ra_index_conditions(cover->block);
    size_t first;
    bool ok;

    if (cover->spans[condition].count != NOT_YET)
        return true;
    if (cover->count > most)
        forget(cover);
    first = cover->count;
    ra_memo_init(&cover->seen);
    ok = look_for(cover, &cover->first.shape);
    ra_memo_free(&cover->seen);
    if (ok)
        cover->spans[condition] =
            (struct span){(uint32_t)first, (uint32_t)(cover->count - first)};
    else
        cover->count = first;
    return ok;
}

/* ---- what a rule implies ---- */

/* Takes down what a condition of the rule implies.  *possible: it can hold.
 * False: failed, or gave up. */
static bool take_condition(ra_cover *cover, uint32_t condition, bool *possible)
{
    struct ra_search *search = &cover->search;
    const struct ra_condition_item *from = condition_at(cover, condition);
    size_t i = 0;

    *possible = false;
    if (from == NULL)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    for (; !*possible && i < from->count; i++) {
        if (!read_pattern(cover, from, i, &cover->first))
            return false;
        *possible = cover->first.shape.form != RA_FORM_NEVER;
    }
    if (!*possible)
        return true;
    if (from->variable < search->sights_count)
        ra_sight_add(&cover->sights[from->variable], &cover->first.shape);
    cover->from = from;
    if (!find_implied(cover, condition))
        return false;
    for (i = 0; i < cover->spans[condition].count; i++) {
        uint32_t one = cover->implied[cover->spans[condition].first + i];

        if (!ra_search_pay(search, 1) ||
            (ra_memo_get(&search->known, one) == RA_UNKNOWN &&
             !ra_search_hold(search, one, condition_at(cover, one)->lead,
                             RA_YES)))
            return false;
    }
    return true;
}

static bool take_rule(ra_cover *cover)
{
    bool possible = true;

    for (size_t i = 0; possible && i < cover->list_count; i++)
        if (!take_condition(cover, cover->list[i], &possible))
            return false;
    return possible;
}

/* Is it implied by a condition of the rule? */
static bool decide(struct ra_search *search, uint32_t condition, bool *holds)
{
    ra_cover *cover = (ra_cover *)search; /* its first member */
    const struct ra_condition_item *other = condition_at(cover, condition);

    *holds = false;
    for (size_t i = 0; !*holds && i < cover->list_count; i++) {
        const struct ra_condition_item *from =
            condition_at(cover, cover->list[i]);

        if (from == NULL)
            return ra_search_fail(search, ROLEAUTH_E_INVALID);
        if (cover->list[i] == condition)
            *holds = true;
        else if (from->variable == other->variable &&
                 !implies(cover, from, other, holds))
            return false;
    }
    return true;
}

/* Gives up. */
static bool tired(struct ra_search *search)
{
    search->limit = SIZE_MAX;
    return false;
}

static bool begin(ra_cover *cover, size_t rule)
{
    struct ra_search *search = &cover->search;
    const struct ra_rule_item *item =
        ra_block_item(cover->block, RA_SECTION_RULES, rule);
    size_t variables = ra_block_count(cover->block, RA_SECTION_VARIABLES);

    if (!ra_search_begin(search, cover->block))
        return false;
    search->decide = decide;
    search->tired = tired;
    search->limit = cover->credit;
    search->sights = cover->sights;
    search->sights_count = variables < RA_SIGHTS ? variables : RA_SIGHTS;
    search->best = (uint32_t)rule;
    cover->list = item != NULL ? ra_rule_list(cover->block, item) : NULL;
    cover->list_count = item != NULL ? ra_rule_count(item) : 0;
    return (cover->list != NULL && ra_keys_open(&cover->keys, cover->block)) ||
           ra_search_fail(search, ROLEAUTH_E_INVALID);
}

static void end(ra_cover *cover)
{
    struct ra_search *search = &cover->search;

    for (size_t i = 0; i < search->sights_count; i++)
        cover->sights[i].reach = 0;
    cover->credit -=
        search->work < cover->credit ? search->work : cover->credit;
    cover->credit += CREDIT;
    ra_search_end(search);
}

int ra_cover_find(ra_cover *cover, size_t rule, size_t *by)
{
    int code;

    *by = RA_NO_RULE;
    if (begin(cover, rule) && take_rule(cover))
        (void)ra_search_tree(&cover->search);
    code = cover->search.code;
    if (code == 0 && cover->search.best < rule)
        *by = cover->search.best;
    end(cover);
    return code;
}

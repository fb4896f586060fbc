/* SPDX-License-Identifier: MIT */
/* Asking the index. */
#include <stdlib.h>
#include <string.h>

#include "match/keys.h"
#include "match/tree.h"

/* So few rules are looked at one by one; among more, the first ones are. */
enum { FEW_RULES = 8, FIRST_RULES = 64 };
/* Work before the scan sets out; then it goes AHEAD times as far as the index
 * has worked. */
enum { PATIENCE = 64, AHEAD = 4 };
/* Bytes of a value whose grams are looked for at once, and those that make up
 * a unit of work. */
enum { PART = 1024, PART_WORK = 16 };

enum { VALUES_OWN = 32 };

struct asking {
    struct ra_search search;
    const struct ra_question *question;
    struct ra_keys keys;
    size_t variables; /* of the block */
    const char **values;
    size_t *lengths; /* of values */
    struct ra_sight *sights;
    struct ra_memo seen; /* keys that were found by more than one gram */
    bool over;           /* search.best is the answer */
    size_t patterns_left, postings_left;
    const char *own_values[VALUES_OWN];
    size_t own_lengths[VALUES_OWN];
    struct ra_sight own_sights[VALUES_OWN];
};

/* The search is the first member. */
static struct asking *asking_of(struct ra_search *search)
{
    return (struct asking *)search;
}

/* Does a condition hold?  By its patterns. */
static bool decide(struct ra_search *search, uint32_t condition, bool *holds)
{
    struct asking *asking = asking_of(search);
    const struct ra_condition_item *item =
        ra_block_item(search->block, RA_SECTION_CONDITIONS, condition);
    const uint32_t *texts = ra_block_items(search->block, RA_SECTION_PATTERNS,
                                           item->first, item->count);
    const char *pattern;

    *holds = false;
    if (texts == NULL || item->variable >= asking->variables)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    if (asking->values[item->variable] == NULL ||
        !ra_hint_fits(item->hint, asking->sights, search->sights_count))
        return true;
    if (item->count > asking->patterns_left)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    asking->patterns_left -= item->count;
    for (size_t i = 0; !*holds && i < item->count; i++) {
        if (!ra_block_text(search->block, texts[i], &pattern) ||
            pattern == NULL)
            return ra_search_fail(search, ROLEAUTH_E_INVALID);
        *holds =
            roleauth_glob_match(pattern, asking->values[item->variable]) == 1;
    }
    search->work += item->count / 2;
    return true;
}

/* Looks at rules one by one, up to this one.  False: failed, or over. */
static bool scan_to(struct asking *asking, size_t end)
{
    struct ra_search *search = &asking->search;
    size_t work = search->work, rules = ra_index_rules(search->block);
    bool holds = false;

    if (end > search->best)
        end = search->best;
    if (end > rules)
        end = rules;
    search->limit = SIZE_MAX;
    while (search->floor < end && !holds) {
        if (!ra_search_rule(search, search->floor, &holds))
            return false;
        if (holds)
            search->best = search->floor;
        else
            search->floor++;
    }
    asking->over = search->floor >= search->best || search->floor >= rules;
    search->work = work;
    return !asking->over;
}

/* The index has had a hard time: lets the scan, which may be nearly there, go
 * ahead of it.  So an answer never costs much more than a scan, whatever the
 * index is up against. */
static bool scan_ahead(struct ra_search *search)
{
    size_t work = search->work;
    bool more = scan_to(asking_of(search), AHEAD * work);

    search->limit = work + work / 4;
    return more;
}

/* ---- the conditions that hold ---- */

/* Notes that a condition seems to hold.  Its pattern is not looked at before
 * all else speaks for a rule. */
static bool take_posting(struct asking *asking,
                         const struct ra_posting_item *posting)
{
    struct ra_search *search = &asking->search;

    if (asking->postings_left == 0)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    asking->postings_left--;
    if (!ra_hint_fits(posting->hint, search->sights, search->sights_count) ||
        ra_memo_get(&search->known, posting->condition) != RA_UNKNOWN)
        return ra_search_pay(search, 1);
    return ra_search_hold(search, posting->condition, posting->lead,
                          RA_PERHAPS) &&
           ra_search_pay(search, 1);
}

static bool take_postings(struct asking *asking,
                          const struct ra_posting_item *postings, size_t count)
{
    if (postings == NULL)
        return ra_search_fail(&asking->search, ROLEAUTH_E_INVALID);
    for (size_t i = 0; i < count; i++)
        if (!take_posting(asking, &postings[i]))
            return false;
    return true;
}

static bool found_key(void *data, const struct ra_key_item *key)
{
    struct asking *asking = data;
    size_t count;
    const struct ra_posting_item *postings =
        ra_key_postings(asking->search.block, key, &count);

    return take_postings(asking, postings, count);
}

/* As found_key(), for what may be found again and again. */
static bool found_again(void *data, const struct ra_key_item *key)
{
    struct asking *asking = data;
    uint32_t number = (uint32_t)(key - asking->keys.part.items);

    if (ra_memo_get(&asking->seen, number) != RA_UNKNOWN)
        return true;
    if (!ra_memo_set(&asking->seen, number, RA_YES))
        return ra_search_fail(&asking->search, ROLEAUTH_E_NOMEM);
    return found_key(data, key);
}

static bool look_for_grams(struct asking *asking, uint32_t variable,
                           const char *value, size_t length)
{
    for (size_t at = 0; at < length; at += PART) {
        size_t part = length - at;

        /* Parts overlap, so that no gram is cut. */
        if (part > PART + RA_GRAM - 1)
            part = PART + RA_GRAM - 1;
        if (!ra_keys_gram(&asking->keys, variable, value + at, part,
                          found_again, asking) ||
            !ra_search_pay(&asking->search, part / PART_WORK))
            return false;
    }
    return true;
}

/* Finds the conditions on a variable that hold.  False: failed, or over. */
static bool look_for(struct asking *asking, uint32_t variable)
{
    const struct ra_variable_item *item =
        ra_block_item(asking->search.block, RA_SECTION_VARIABLES, variable);
    const char *value = asking->values[variable];
    size_t length = asking->lengths[variable];
    struct ra_affixes affixes;

    ra_affixes_take(&affixes, value, length);
    return take_postings(asking,
                         ra_block_items(asking->search.block,
                                        RA_SECTION_POSTINGS, item->any_first,
                                        item->any_count),
                         item->any_count) &&
           ra_keys_whole(&asking->keys, variable, &affixes, found_key,
                         asking) &&
           ra_keys_prefix(&asking->keys, variable, &affixes, found_key,
                          asking) &&
           ra_keys_suffix(&asking->keys, variable, &affixes, found_key,
                          asking) &&
           (item->grams == 0 ||
            look_for_grams(asking, variable, value, length)) &&
           ra_search_pay(&asking->search, 1);
}

static bool look_for_all(struct asking *asking)
{
    for (uint32_t i = 0; i < asking->variables; i++)
        if (asking->values[i] != NULL && !look_for(asking, i))
            return false;
    return true;
}

/* ---- the variables ---- */

static void take_variable(void *data, const char *name, const char *value)
{
    struct asking *asking = data;
    const struct ra_block *block = asking->search.block;
    size_t mask = ra_block_count(block, RA_SECTION_VARIABLE_SLOTS) - 1;
    const uint32_t *slots =
        ra_block_items(block, RA_SECTION_VARIABLE_SLOTS, 0, mask + 1);
    size_t at = ra_name_hash(name) & mask;

    for (size_t left = mask; slots[at] != 0 && left > 0; left--) {
        const struct ra_variable_item *item =
            ra_block_item(block, RA_SECTION_VARIABLES, slots[at] - 1);
        const char *text;

        if (item == NULL || !ra_block_text(block, item->name, &text) ||
            text == NULL) {
            asking->search.code = ROLEAUTH_E_INVALID;
            return;
        }
        if (strcmp(text, name) == 0) {
            asking->values[slots[at] - 1] = value;
            asking->lengths[slots[at] - 1] = strlen(value);
            return;
        }
        at = (at + 1) & mask;
    }
}

/* Asks for the variables of the block, which are few: a request may have many
 * more, its client's too. */
static bool look_up_variables(struct asking *asking)
{
    const struct ra_question *question = asking->question;

    for (size_t i = 0; i < asking->variables; i++) {
        const struct ra_variable_item *item =
            ra_block_item(asking->search.block, RA_SECTION_VARIABLES, i);
        const char *name;

        if (!ra_block_text(asking->search.block, item->name, &name) ||
            name == NULL)
            return ra_search_fail(&asking->search, ROLEAUTH_E_INVALID);
        asking->values[i] = question->lookup(question->variables, name);
        if (asking->values[i] != NULL)
            asking->lengths[i] = strlen(asking->values[i]);
    }
    return true;
}

/* Makes room for what is known of the block's variables, which is nothing. */
static bool make_room(struct asking *asking)
{
    size_t count = ra_block_count(asking->search.block, RA_SECTION_VARIABLES);
    size_t sights = count < RA_SIGHTS ? count : RA_SIGHTS;

    asking->variables = count;
    if (count > VALUES_OWN) {
        asking->values = calloc(count, sizeof(char *));
        asking->lengths = calloc(count, sizeof(*asking->lengths));
        asking->sights = malloc(sights * sizeof(*asking->sights));
        if (asking->values == NULL || asking->lengths == NULL ||
            asking->sights == NULL)
            return ra_search_fail(&asking->search, ROLEAUTH_E_NOMEM);
    } else {
        memset(asking->values, 0, count * sizeof(char *));
    }
    for (size_t i = 0; i < sights; i++)
        asking->sights[i].reach = 0;
    asking->search.sights = asking->sights;
    asking->search.sights_count = sights;
    return true;
}

/* Takes down what the block's variables are.  False: failed. */
static bool take_variables(struct asking *asking)
{
    size_t slots =
        ra_block_count(asking->search.block, RA_SECTION_VARIABLE_SLOTS);

    if (slots == 0 || (slots & (slots - 1)) != 0)
        return ra_search_fail(&asking->search, ROLEAUTH_E_INVALID);
    if (!make_room(asking))
        return false;
    if (asking->variables > VALUES_OWN)
        asking->question->each(asking->question->variables, take_variable,
                               asking);
    else if (!look_up_variables(asking))
        return false;
    for (size_t i = 0; i < asking->search.sights_count; i++)
        if (asking->values[i] != NULL)
            ra_sight_take(&asking->sights[i], asking->values[i],
                          asking->lengths[i]);
    return asking->search.code == 0;
}

/* ---- the answer ---- */

/* What work is no reason yet to let the scan go ahead: among more rules, more
 * conditions hold. */
static size_t patience(size_t rules)
{
    size_t root = 1;

    while (root * root < rules)
        root *= 2;
    return PATIENCE + root / 2;
}

static bool begin(struct asking *asking, const struct ra_block *block,
                  const struct ra_question *question)
{
    asking->question = question;
    asking->values = asking->own_values;
    asking->lengths = asking->own_lengths;
    asking->sights = asking->own_sights;
    ra_memo_init(&asking->seen);
    asking->over = false;
    asking->patterns_left = ra_block_count(block, RA_SECTION_PATTERNS);
    asking->postings_left = ra_block_count(block, RA_SECTION_POSTINGS) +
                            ra_block_count(block, RA_SECTION_KEYS);
    if (!ra_search_begin(&asking->search, block))
        return false;
    asking->search.tired = scan_ahead;
    asking->search.decide = decide;
    return ra_keys_open(&asking->keys, block) ||
           ra_search_fail(&asking->search, ROLEAUTH_E_INVALID);
}

static void end(struct asking *asking)
{
    ra_memo_free(&asking->seen);
    if (asking->values != asking->own_values)
        free(asking->values);
    if (asking->lengths != asking->own_lengths)
        free(asking->lengths);
    if (asking->sights != asking->own_sights)
        free(asking->sights);
    ra_search_end(&asking->search);
}

/* False: failed. */
static bool ask(struct asking *asking)
{
    struct ra_search *search = &asking->search;

    if (!take_variables(asking))
        return false;
    if (!scan_to(asking, FIRST_RULES))
        return asking->over;
    search->limit = patience(ra_index_rules(search->block));
    return (look_for_all(asking) && ra_search_tree(search)) || asking->over;
}

int ra_index_first(const struct ra_block *block,
                   const struct ra_question *question, size_t *rule)
{
    struct asking asking;
    int code = 0;

    *rule = RA_NO_RULE;
    if (ra_index_rules(block) <= FEW_RULES)
        return ra_index_scan(block, question, rule);
    if (!begin(&asking, block, question) || !ask(&asking))
        code = asking.search.code;
    else if (asking.search.best != RA_NONE)
        *rule = asking.search.best;
    end(&asking);
    return code;
}

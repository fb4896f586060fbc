/* SPDX-License-Identifier: MIT */
/* Asking the index. */
#include <stdlib.h>
#include <string.h>

#include "match/keys.h"
#include "match/tree.h"

/* Fewer rules than these are looked at one by one. */
enum { FEW_RULES = 16 };
/* Work before the scan sets out; then it goes AHEAD times as far as the index
 * has worked. */
enum { PATIENCE = 256, AHEAD = 4 };
/* Bytes of a value whose grams are looked for at once, and those that make up
 * a unit of work. */
enum { PART = 1024, PART_WORK = 16 };

enum { VALUES_OWN = 32 };

struct asking {
    struct ra_search search;
    const struct ra_question *question;
    struct ra_keys keys;
    const char **values; /* of the block's variables */
    struct ra_sight *sights;
    size_t variables;
    struct ra_memo seen; /* keys whose postings have been looked at */
    const char *value;   /* that is being looked at */
    size_t scanned;      /* rules before this one do not apply */
    bool over;           /* search.best is the answer */
    size_t patterns_left, postings_left;
    const char *own[VALUES_OWN];
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

/* The index has had a hard time: lets the scan, which may be nearly there, go
 * ahead of it.  So an answer never costs much more than a scan, whatever the
 * index is up against. */
static bool scan_ahead(struct ra_search *search)
{
    struct asking *asking = asking_of(search);
    size_t end = search->work * AHEAD, work = search->work;
    size_t rules = ra_index_rules(search->block);

    if (end > search->best)
        end = search->best;
    if (end > rules)
        end = rules;
    search->limit = SIZE_MAX;
    for (; asking->scanned < end; asking->scanned++) {
        bool holds;

        if (!ra_search_rule(search, asking->scanned, &holds))
            return false;
        if (holds)
            search->best = (uint32_t)asking->scanned;
        if (holds)
            break;
    }
    asking->over = asking->scanned >= search->best || asking->scanned >= rules;
    search->work = work;
    search->limit = work + work / 4;
    return !asking->over;
}

/* ---- the conditions that hold ---- */

/* Notes the conditions that a key leads to.  Their patterns are not looked at
 * before all else speaks for a rule. */
static bool look_at(struct asking *asking, size_t first, size_t count)
{
    struct ra_search *search = &asking->search;
    const struct ra_posting_item *postings =
        ra_block_items(search->block, RA_SECTION_POSTINGS, first, count);

    if (postings == NULL || count > asking->postings_left)
        return ra_search_fail(search, ROLEAUTH_E_INVALID);
    asking->postings_left -= count;
    for (size_t i = 0; i < count; i++) {
        uint32_t condition = postings[i].condition;

        if (!ra_hint_fits(postings[i].hint, search->sights,
                          search->sights_count) ||
            ra_memo_get(&search->known, condition) != RA_UNKNOWN)
            continue;
        if (!ra_search_hold(search, condition, RA_PERHAPS) ||
            !ra_search_pay(search, 1))
            return false;
        __builtin_prefetch(
            ra_block_item(search->block, RA_SECTION_CONDITIONS, condition));
    }
    return ra_search_pay(search, count / 8);
}

static bool found_key(void *data, const struct ra_key_item *key)
{
    return look_at(data, key->first, key->count);
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
                           size_t length)
{
    for (size_t at = 0; at < length; at += PART) {
        size_t part = length - at;

        /* Parts overlap, so that no gram is cut. */
        if (part > PART + RA_GRAM - 1)
            part = PART + RA_GRAM - 1;
        if (!ra_keys_gram(&asking->keys, variable, asking->value + at, part,
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
    size_t length = strlen(value);
    struct ra_affixes affixes;

    asking->value = value;
    ra_affixes_take(&affixes, value, length);
    return look_at(asking, item->any_first, item->any_count) &&
           ra_keys_whole(&asking->keys, variable, &affixes, found_key,
                         asking) &&
           ra_keys_prefix(&asking->keys, variable, &affixes, found_key,
                          asking) &&
           ra_keys_suffix(&asking->keys, variable, &affixes, found_key,
                          asking) &&
           (item->grams == 0 || look_for_grams(asking, variable, length));
}

static bool look_for_all(struct asking *asking)
{
    for (uint32_t i = 0; i < asking->search.sights_count; i++)
        if (asking->values[i] != NULL)
            ra_sight_take(&asking->sights[i], asking->values[i],
                          strlen(asking->values[i]));
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
            return;
        }
        at = (at + 1) & mask;
    }
}

/* Looks up what the block's variables are.  False: failed. */
static bool take_variables(struct asking *asking)
{
    const struct ra_block *block = asking->search.block;
    size_t slots = ra_block_count(block, RA_SECTION_VARIABLE_SLOTS);

    asking->variables = ra_block_count(block, RA_SECTION_VARIABLES);
    asking->values = asking->own;
    if (slots == 0 || (slots & (slots - 1)) != 0)
        return ra_search_fail(&asking->search, ROLEAUTH_E_INVALID);
    asking->search.sights_count =
        asking->variables < RA_SIGHTS ? asking->variables : RA_SIGHTS;
    if (asking->variables > VALUES_OWN) {
        asking->values = calloc(asking->variables, sizeof(char *));
        asking->sights =
            calloc(asking->search.sights_count, sizeof(*asking->sights));
        if (asking->values == NULL || asking->sights == NULL)
            return ra_search_fail(&asking->search, ROLEAUTH_E_NOMEM);
    } else {
        memset(asking->own, 0, sizeof(asking->own));
        memset(asking->own_sights, 0,
               asking->variables * sizeof(*asking->own_sights));
    }
    asking->search.sights = asking->sights;
    asking->question->each(asking->question->variables, take_variable, asking);
    return asking->search.code == 0;
}

/* ---- the answer ---- */

/* Whatever the index says, the conditions of the answer must hold: a damaged
 * block never gives a rule that does not apply. */
static int confirm(const struct ra_block *block,
                   const struct ra_question *question, size_t rule)
{
    struct ra_rule_view view;
    size_t failed;
    int code = ra_rule_failure(block, rule, question, &failed);

    if (code != 0)
        return code;
    return ra_rule_view(block, rule, &view) && view.enabled &&
                   failed == view.conditions
               ? 0
               : ROLEAUTH_E_INVALID;
}

/* What work is no reason yet to let the scan go ahead: among more rules, more
 * conditions hold. */
static size_t patience(size_t rules)
{
    size_t root = 1;

    while (root * root < rules)
        root *= 2;
    return PATIENCE + root;
}

static bool ask(struct asking *asking, const struct ra_block *block)
{
    if (!ra_search_begin(&asking->search, block))
        return false;
    asking->search.limit = patience(ra_index_rules(block));
    asking->search.tired = scan_ahead;
    asking->search.decide = decide;
    asking->scanned = 0;
    asking->over = false;
    asking->patterns_left = ra_block_count(block, RA_SECTION_PATTERNS);
    asking->postings_left = ra_block_count(block, RA_SECTION_POSTINGS);
    if (!ra_keys_open(&asking->keys, block))
        return ra_search_fail(&asking->search, ROLEAUTH_E_INVALID);
    return take_variables(asking) &&
           ((look_for_all(asking) && ra_search_tree(&asking->search)) ||
            asking->over);
}

static int ask_index(const struct ra_block *block,
                     const struct ra_question *question, size_t *rule)
{
    struct asking asking;
    int code;

    asking.question = question;
    asking.values = asking.own;
    asking.sights = asking.own_sights;
    ra_memo_init(&asking.seen);
    if (ask(&asking, block)) {
        code = 0;
        if (asking.search.best != RA_NONE) {
            code = confirm(block, question, asking.search.best);
            if (code == 0)
                *rule = asking.search.best;
        }
    } else {
        code =
            asking.search.code != 0 ? asking.search.code : ROLEAUTH_E_INVALID;
    }
    ra_memo_free(&asking.seen);
    if (asking.values != asking.own)
        free(asking.values);
    if (asking.sights != asking.own_sights)
        free(asking.sights);
    ra_search_end(&asking.search);
    return code;
}

int ra_index_first(const struct ra_block *block,
                   const struct ra_question *question, size_t *rule)
{
    *rule = RA_NO_RULE;
    if (ra_index_rules(block) <= FEW_RULES)
        return ra_index_scan(block, question, rule);
    return ask_index(block, question, rule);
}

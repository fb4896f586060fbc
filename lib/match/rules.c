/* SPDX-License-Identifier: MIT */
/* Rules as they lie in a block: views of them, and the scan that the index is
 * held against. */
#include "match/rules.h"

void ra_index_layout(struct ra_block_layout *layout)
{
    layout->size[RA_BLOCK_TEXT] = 1;
    layout->size[RA_SECTION_VARIABLES] = sizeof(struct ra_variable_item);
    layout->size[RA_SECTION_VARIABLE_SLOTS] = sizeof(uint32_t);
    layout->size[RA_SECTION_CONDITIONS] = sizeof(struct ra_condition_item);
    layout->size[RA_SECTION_PATTERNS] = sizeof(uint32_t);
    layout->size[RA_SECTION_RULES] = sizeof(struct ra_rule_item);
    layout->size[RA_SECTION_RULE_CONDITIONS] = sizeof(uint32_t);
    layout->size[RA_SECTION_INDEX] = sizeof(struct ra_index_item);
    layout->size[RA_SECTION_KEYS] = sizeof(struct ra_key_item);
    layout->size[RA_SECTION_KEY_TAGS] = 1;
    layout->size[RA_SECTION_KEY_FILTER] = sizeof(uint64_t);
    layout->size[RA_SECTION_POSTINGS] = sizeof(struct ra_posting_item);
    layout->size[RA_SECTION_NODES] = sizeof(struct ra_node_item);
    layout->size[RA_SECTION_EDGES] = sizeof(struct ra_edge_item);
    layout->size[RA_SECTION_LEAVES] = sizeof(struct ra_leaf_item);
}

size_t ra_index_rules(const struct ra_block *block)
{
    return ra_block_count(block, RA_SECTION_RULES);
}

size_t ra_index_conditions(const struct ra_block *block)
{
    return ra_block_count(block, RA_SECTION_CONDITIONS);
}

bool ra_rule_view(const struct ra_block *block, size_t rule,
                  struct ra_rule_view *view)
{
    const struct ra_rule_item *item =
        ra_block_item(block, RA_SECTION_RULES, rule);

    *view = (struct ra_rule_view){false, 0};
    if (item == NULL || ra_rule_list(block, item) == NULL)
        return false;
    view->enabled = ra_rule_enabled(item);
    view->conditions = ra_rule_count(item);
    return true;
}

bool ra_condition_view(const struct ra_block *block, uint32_t id,
                       struct ra_condition_view *view)
{
    const struct ra_condition_item *item =
        ra_block_item(block, RA_SECTION_CONDITIONS, id);
    const struct ra_variable_item *variable;

    *view = (struct ra_condition_view){.id = id};
    if (item == NULL || ra_block_items(block, RA_SECTION_PATTERNS, item->first,
                                       item->count) == NULL)
        return false;
    variable = ra_block_item(block, RA_SECTION_VARIABLES, item->variable);
    if (variable == NULL ||
        !ra_block_text(block, variable->name, &view->variable) ||
        view->variable == NULL)
        return false;
    view->first = item->first;
    view->patterns = item->count;
    return true;
}

bool ra_rule_condition(const struct ra_block *block, size_t rule, size_t i,
                       struct ra_condition_view *view)
{
    const struct ra_rule_item *item =
        ra_block_item(block, RA_SECTION_RULES, rule);
    const uint32_t *list = item == NULL ? NULL : ra_rule_list(block, item);

    *view = (struct ra_condition_view){.id = 0};
    return list != NULL && i < ra_rule_count(item) &&
           ra_condition_view(block, list[i], view);
}

bool ra_condition_pattern(const struct ra_block *block,
                          const struct ra_condition_view *view, size_t i,
                          const char **pattern)
{
    const uint32_t *texts =
        ra_block_items(block, RA_SECTION_PATTERNS, view->first, view->patterns);

    *pattern = NULL;
    return texts != NULL && i < view->patterns &&
           ra_block_text(block, texts[i], pattern) && *pattern != NULL;
}

int ra_condition_holds(const struct ra_block *block,
                       const struct ra_condition_view *view,
                       const struct ra_question *question, bool *holds)
{
    const char *value = question->lookup(question->variables, view->variable);

    *holds = false;
    for (size_t i = 0; value != NULL && !*holds && i < view->patterns; i++) {
        const char *pattern;

        if (!ra_condition_pattern(block, view, i, &pattern))
            return ROLEAUTH_E_INVALID;
        *holds = roleauth_glob_match(pattern, value) == 1;
    }
    return 0;
}

int ra_rule_failure(const struct ra_block *block, size_t rule,
                    const struct ra_question *question, size_t *condition)
{
    struct ra_rule_view view;
    bool holds = true;

    *condition = 0;
    if (!ra_rule_view(block, rule, &view))
        return ROLEAUTH_E_INVALID;
    for (size_t i = 0; holds && i < view.conditions; i++) {
        struct ra_condition_view one;
        int code = ra_rule_condition(block, rule, i, &one)
                       ? ra_condition_holds(block, &one, question, &holds)
                       : ROLEAUTH_E_INVALID;

        if (code != 0)
            return code;
        *condition += holds;
    }
    return 0;
}

int ra_index_scan(const struct ra_block *block,
                  const struct ra_question *question, size_t *rule)
{
    size_t count = ra_index_rules(block);

    *rule = RA_NO_RULE;
    for (size_t i = 0; i < count; i++) {
        struct ra_rule_view view;
        size_t failed;
        int code;

        if (!ra_rule_view(block, i, &view))
            return ROLEAUTH_E_INVALID;
        if (!view.enabled)
            continue;
        code = ra_rule_failure(block, i, question, &failed);
        if (code != 0)
            return code;
        if (failed == view.conditions) {
            *rule = i;
            return 0;
        }
    }
    return 0;
}

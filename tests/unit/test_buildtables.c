/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/keys.h"
#include "match/match.h"
#include "match/rules.h"
#include "support/ruleset.h"

struct search {
    const struct ra_block *block;
    uint32_t condition;
    bool found;
};

static void look_at(struct search *search,
                    const struct ra_posting_item *postings, size_t count)
{
    assert_non_null(postings);
    for (size_t i = 0; i < count; i++) {
        const struct ra_condition_item *item = ra_block_item(
            search->block, RA_SECTION_CONDITIONS, postings[i].condition);

        assert_non_null(item);
        assert_int_equal(postings[i].lead, item->lead);
        search->found |= postings[i].condition == search->condition;
    }
}

static bool found_key(void *data, const struct ra_key_item *key)
{
    struct search *search = data;
    size_t count;
    const struct ra_posting_item *postings =
        ra_key_postings(search->block, key, &count);

    look_at(search, postings, count);
    return true;
}

/* Do the keys of a value lead to a condition? */
static bool leads(const struct ra_block *block, uint32_t condition,
                  uint32_t variable, const char *value)
{
    const struct ra_variable_item *item =
        ra_block_item(block, RA_SECTION_VARIABLES, variable);
    struct search search = {block, condition, false};
    size_t length = strlen(value);
    struct ra_affixes affixes;
    struct ra_keys keys;

    assert_true(ra_keys_open(&keys, block));
    ra_affixes_take(&affixes, value, length);
    look_at(&search,
            ra_block_items(block, RA_SECTION_POSTINGS, item->any_first,
                           item->any_count),
            item->any_count);
    assert_true(ra_keys_whole(&keys, variable, &affixes, found_key, &search));
    assert_true(ra_keys_prefix(&keys, variable, &affixes, found_key, &search));
    assert_true(ra_keys_suffix(&keys, variable, &affixes, found_key, &search));
    assert_true(
        ra_keys_gram(&keys, variable, value, length, found_key, &search));
    return search.found;
}

/* Every value that matches a condition with keys leads to it. */
static size_t try_set(uint64_t seed, size_t rules)
{
    struct rs_choice choice = {.seed = seed};
    const struct ra_index_item *index;
    char value[RS_TEXT];
    struct rs_pool pool;
    struct ruleset set;
    size_t tried = 0;

    assert_true(rs_begin(&set));
    rs_fill_pool(&choice, &pool);
    for (size_t i = 0; i < rules; i++)
        rs_add_random(&set, &choice, &pool);
    assert_int_equal(rs_end(&set, NULL), 0);
    index = ra_block_item(&set.block, RA_SECTION_INDEX, 0);
    for (uint32_t i = 0; i < index->keyed; i++) {
        const struct ra_condition_item *item =
            ra_block_item(&set.block, RA_SECTION_CONDITIONS, i);
        struct ra_condition_view view;
        const char *pattern;

        assert_true(ra_condition_view(&set.block, i, &view));
        for (size_t j = 0; j < 6 * view.patterns; j++) {
            assert_true(
                ra_condition_pattern(&set.block, &view, j / 6, &pattern));
            rs_follow(&choice, pattern, value);
            if (roleauth_glob_match(pattern, value) != 1)
                continue;
            assert_true(leads(&set.block, i, item->variable, value));
            tried++;
        }
    }
    rs_free(&set);
    return tried;
}

static void test_random(void **state)
{
    size_t tried = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++)
        tried += try_set(seed << 16, seed % 50);
    assert_true(tried > 5000);
}

/* Each variable is where its name leads to. */
static void test_variables(void **state)
{
    enum { MANY = 1000 };
    const uint32_t *slots;
    struct ruleset set;
    size_t count;
    char name[16];

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof(name), "v%d", i);
        RS_ADD(&set, name, "x");
    }
    assert_int_equal(rs_end(&set, NULL), 0);
    slots = ra_block_item(&set.block, RA_SECTION_VARIABLE_SLOTS, 0);
    count = ra_block_count(&set.block, RA_SECTION_VARIABLE_SLOTS);
    assert_true((count & (count - 1)) == 0 && count >= 2 * MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        const struct ra_variable_item *item =
            ra_block_item(&set.block, RA_SECTION_VARIABLES, i);
        const char *text;
        size_t at;

        assert_true(ra_block_text(&set.block, item->name, &text));
        at = ra_name_hash(text) & (count - 1);
        while (slots[at] != i + 1) {
            assert_int_not_equal(slots[at], 0);
            at = (at + 1) & (count - 1);
        }
    }
    rs_free(&set);
}

/* Rules without conditions have tables too. */
static void test_empty(void **state)
{
    struct ra_keys keys;
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    rs_add_disabled(&set, 3);
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_true(ra_keys_open(&keys, &set.block));
    assert_int_equal(ra_block_count(&set.block, RA_SECTION_POSTINGS), 0);
    rs_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/keys.h"
#include "match/match.h"
#include "support/ruleset.h"

enum { VARIABLE = 3, MOST_KEYS = 8192 };

struct keys {
    struct ra_key keys[MOST_KEYS];
    size_t count;
};

static void take(void *data, const struct ra_key *key)
{
    struct keys *keys = data;

    assert_true(keys->count < MOST_KEYS);
    keys->keys[keys->count++] = *key;
}

static bool has(const struct keys *keys, const struct ra_key *key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->keys[i].hash == key->hash &&
            keys->keys[i].kind == key->kind &&
            keys->keys[i].length == key->length)
            return true;
    return false;
}

static void keys_of(const char *pattern, struct keys *keys)
{
    struct ra_shape shape = {.room = 0};

    keys->count = 0;
    assert_true(ra_shape_read(&shape, pattern));
    ra_keys_of_shape(&shape, VARIABLE, take, keys);
    ra_shape_free(&shape);
}

static size_t count_kind(const struct keys *keys, enum ra_key_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < keys->count; i++)
        count += keys->keys[i].kind == kind;
    return count;
}

static void test_kinds(void **state)
{
    static struct keys keys;

    (void)state;
    keys_of("abc", &keys);
    assert_int_equal(keys.count, 1);
    assert_int_equal(keys.keys[0].kind, RA_KEY_WHOLE);
    keys_of("", &keys);
    assert_int_equal(count_kind(&keys, RA_KEY_WHOLE), 1);
    keys_of("**", &keys);
    assert_int_equal(keys.count, 1);
    assert_int_equal(keys.keys[0].kind, RA_KEY_ANY);
    keys_of("a\\", &keys);
    assert_int_equal(keys.count, 1);
    assert_int_equal(keys.keys[0].kind, RA_KEY_NEVER);
    keys_of("?*", &keys);
    assert_int_equal(keys.count, 0);
    keys_of("abc\xff", &keys);
    assert_int_equal(keys.count, 0);
    /* The longer end first; grams of the longest runs. */
    keys_of("ab*c*fghij", &keys);
    assert_int_equal(keys.keys[0].kind, RA_KEY_SUFFIX);
    assert_int_equal(keys.keys[0].length, 5);
    assert_int_equal(keys.keys[1].kind, RA_KEY_PREFIX);
    assert_int_equal(count_kind(&keys, RA_KEY_GRAM), 3);
    keys_of("*a*bc*", &keys);
    assert_int_equal(keys.count, 1);
    assert_int_equal(keys.keys[0].length, 2);
    keys_of("?a", &keys);
    assert_int_equal(count_kind(&keys, RA_KEY_SUFFIX), 1);
}

/* Every key of a pattern is one of every value that it matches. */
static void test_random(void **state)
{
    static struct keys wanted, there;
    struct rs_choice choice = {.seed = 11};
    char pattern[RS_TEXT], value[RS_TEXT];
    size_t compared = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        rs_pattern(&choice, pattern);
        rs_follow(&choice, pattern, value);
        if (roleauth_glob_match(pattern, value) != 1)
            continue;
        keys_of(pattern, &wanted);
        there.count = 0;
        ra_keys_of_text(value, strlen(value), VARIABLE, take, &there);
        for (size_t j = 0; j < wanted.count; j++) {
            if (wanted.keys[j].kind == RA_KEY_ANY)
                continue;
            assert_true(has(&there, &wanted.keys[j]));
            compared++;
        }
    }
    assert_true(compared > 10000);
}

/* Beyond RA_AFFIX bytes, prefixes and suffixes are cut. */
static void test_long(void **state)
{
    static struct keys wanted, there;
    static char pattern[1002], value[1202];

    (void)state;
    memset(pattern, 'p', 600);
    pattern[600] = '*';
    memset(pattern + 601, 's', 400);
    memset(value, 'p', 700);
    memset(value + 700, 's', 500);
    assert_int_equal(roleauth_glob_match(pattern, value), 1);
    keys_of(pattern, &wanted);
    assert_int_equal(wanted.keys[0].kind, RA_KEY_PREFIX);
    assert_int_equal(wanted.keys[0].length, RA_AFFIX);
    assert_int_equal(wanted.keys[1].kind, RA_KEY_SUFFIX);
    assert_int_equal(wanted.keys[1].length, RA_AFFIX);
    there.count = 0;
    ra_keys_of_text(value, strlen(value), VARIABLE, take, &there);
    assert_true(has(&there, &wanted.keys[0]));
    assert_true(has(&there, &wanted.keys[1]));
}

/* ---- in a block ---- */

struct found {
    const struct ra_block *block;
    size_t keys, conditions;
    size_t stop_at;
};

static bool found_key(void *data, const struct ra_key_item *key)
{
    struct found *found = data;
    size_t count;

    assert_non_null(ra_key_postings(found->block, key, &count));
    found->conditions += count;
    return ++found->keys != found->stop_at;
}

static size_t find_all(const struct ra_block *block, const char *value)
{
    struct found found = {block, 0, 0, 0};
    struct ra_affixes affixes;
    struct ra_keys keys;

    assert_true(ra_keys_open(&keys, block));
    ra_affixes_take(&affixes, value, strlen(value));
    assert_true(ra_keys_whole(&keys, 0, &affixes, found_key, &found));
    assert_true(ra_keys_prefix(&keys, 0, &affixes, found_key, &found));
    assert_true(ra_keys_suffix(&keys, 0, &affixes, found_key, &found));
    assert_true(
        ra_keys_gram(&keys, 0, value, strlen(value), found_key, &found));
    return found.conditions;
}

static void test_find(void **state)
{
    struct found found = {.stop_at = 1};
    struct ra_affixes affixes;
    struct ra_keys keys;
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    RS_ADD(&set, "v", "literal");
    RS_ADD(&set, "v", "pre*");
    RS_ADD(&set, "v", "*post");
    RS_ADD(&set, "v", "*inside*");
    RS_ADD(&set, "v", "?");
    RS_ADD(&set, "v", "many[0-9]");
    RS_ADD(&set, "v", "many?");
    RS_ADD(&set, "v", "many[a-z]");
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(find_all(&set.block, "many1"), 3);
    assert_int_equal(find_all(&set.block, "literal"), 1);
    assert_int_equal(find_all(&set.block, "literally"), 0);
    assert_int_equal(find_all(&set.block, "prefix"), 1);
    assert_int_equal(find_all(&set.block, "a prefix"), 0);
    assert_int_equal(find_all(&set.block, "signpost"), 1);
    assert_int_equal(find_all(&set.block, "an inside view"), 1);
    assert_int_equal(find_all(&set.block, "pre-inside-post"), 3);
    assert_int_equal(find_all(&set.block, ""), 0);
    /* The caller may stop. */
    found.block = &set.block;
    assert_true(ra_keys_open(&keys, &set.block));
    ra_affixes_take(&affixes, "prefix", 6);
    assert_false(ra_keys_prefix(&keys, 0, &affixes, found_key, &found));
    /* A variable that is not there. */
    assert_false(ra_keys_prefix(&keys, 1, &affixes, found_key, &found));
    assert_false(ra_keys_suffix(&keys, 1, &affixes, found_key, &found));
    assert_false(ra_keys_gram(&keys, 1, "abc", 3, found_key, &found));
    rs_free(&set);
}

static void test_open(void **state)
{
    struct ra_index_item *item;
    struct ra_keys keys;
    struct ruleset set;

    (void)state;
    for (uint32_t bits = 0; bits < 70; bits++) {
        assert_true(rs_begin(&set));
        RS_ADD(&set, "v", "literal");
        assert_int_equal(rs_end(&set, NULL), 0);
        item = (void *)set.block.sections[RA_SECTION_INDEX].items;
        if (bits != item->whole_bits) {
            uint32_t was = item->whole_bits;

            item->whole_bits = bits;
            assert_true(bits < was || !ra_keys_open(&keys, &set.block));
            item->whole_bits = was;
        }
        if (bits > item->part_bits) {
            item->part_bits = bits;
            assert_false(ra_keys_open(&keys, &set.block));
        }
        set.block.sections[RA_SECTION_INDEX].count = 0;
        assert_false(ra_keys_open(&keys, &set.block));
        rs_free(&set);
    }
}

/* A table without a free slot is not searched for ever. */
static void test_full(void **state)
{
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    RS_ADD(&set, "v", "*abc*");
    RS_ADD(&set, "v", "literal");
    assert_int_equal(rs_end(&set, NULL), 0);
    memset((void *)set.block.sections[RA_SECTION_KEY_TAGS].items, 7,
           set.block.sections[RA_SECTION_KEY_TAGS].count);
    memset((void *)set.block.sections[RA_SECTION_KEY_FILTER].items, 0xFF,
           set.block.sections[RA_SECTION_KEY_FILTER].count * 8);
    (void)find_all(&set.block, "abcdefghijklmnopqrstuvwxyz0123456789");
    rs_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds), cmocka_unit_test(test_random),
        cmocka_unit_test(test_long),  cmocka_unit_test(test_find),
        cmocka_unit_test(test_open),  cmocka_unit_test(test_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

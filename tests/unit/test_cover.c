/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/rules.h"
#include "support/heap.h"
#include "support/ruleset.h"

/* What covers a rule. */
static size_t covers(const struct ra_block *block, size_t rule)
{
    ra_cover *cover = ra_cover_new(block);
    size_t by, again;

    assert_non_null(cover);
    assert_int_equal(ra_cover_find(cover, rule, &by), 0);
    /* What was remembered changes nothing. */
    assert_int_equal(ra_cover_find(cover, rule, &again), 0);
    assert_true(by == again);
    assert_true(by == RA_NO_RULE || by < rule);
    ra_cover_free(&cover);
    assert_null(cover);
    return by;
}

/* ---- what must be claimed, and what must not ---- */

/* Is a rule with one pattern covered by one with another? */
static bool covered(const char *first, const char *second)
{
    struct ruleset set;
    size_t by;

    assert_true(rs_begin(&set));
    RS_ADD(&set, "v", first);
    RS_ADD(&set, "v", second);
    assert_int_equal(rs_end(&set, NULL), 0);
    by = covers(&set.block, 1);
    rs_free(&set);
    return by == 0;
}

static void test_patterns(void **state)
{
    static const struct {
        const char *first, *second;
        bool covered;
    } cases[] = {
        {"a", "a", true},
        {"a?[b-d]", "a?[b-d]", true},
        {"a?", "ab", true},
        {"[a-c]*", "bc", true},
        {"*", "", true},
        {"*", "?", true},
        {"**", "[ab]", true},
        {"?*", "", false},
        {"?*", "*", false},
        {"?*", "a*", false}, /* true, but not proved */
        {"ab*", "abc*", true},
        {"ab*", "ab*", true},
        {"ab*", "ab", true},
        {"ab*", "ab?", true},
        {"ab*", "a*", false},
        {"ab*", "a[b]*", true},
        {"*bc", "*abc", true},
        {"*bc", "?bc", true},
        {"*bc", "*c", false},
        {"*bc", "bc*", false},
        {"*b*", "abc", true},
        {"*b*", "a*b", true},
        {"*b*", "*abc*", true},
        {"*b*", "*a?c*", false},
        {"*ab*", "*a?b*", false},
        {"a*c", "ab*bc", true},
        {"a*c", "abc*", false},
        {"ab*bc", "abc", false},
        {"ab*b", "ab?b", true},
        {"*ab*bc*", "*xabcbcx*", true},
        {"*ab*bc*", "*xabcx*", false},
        {"*ab*bc*", "*bc?ab*", false},
        {"*ab*bc", "*ab?bc", true},
        {"*ab*bc", "*abc", false},
        {"\\*a*", "\\*ab", true},
        {"\\*a*", "xa", false},
        {"*\xa9*", "*\xc3\xa9*", false}, /* half a character */
        {"*\xc3\xa9*", "*a\xc3\xa9", true},
        {"a", "a\\", false}, /* never matches: that is another matter */
        {"a\\", "a", false},
        {"", "", true},
        {"", "*", false},
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        if (covered(cases[i].first, cases[i].second) != cases[i].covered)
            fail_msg("%s, then %s", cases[i].first, cases[i].second);
}

static void test_rules(void **state)
{
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    RS_ADD(&set, "user", "root", "host", "db*");              /* 0 */
    RS_ADD(&set, "user", "root", "host", "db1");              /* 1 by 0 */
    RS_ADD(&set, "user", "root");                             /* 2 */
    RS_ADD(&set, "host", "db7", "user", "root", "x", "[ab]"); /* 3 by 0 */
    RS_ADD(&set, "user", "r*");                               /* 4 */
    RS_ADD(&set, "user", "root", "host", "x", "x", "1");      /* 5 by 2 */
    RS_ADD(&set, "host", "db1");                              /* 6 */
    RS_ADD(&set, "user", "r??t", "user", "root");             /* 7 by 2 */
    (void)ra_index_add(set.index, NULL, 0, false);            /* 8 disabled */
    RS_ADD(&set, "x", "1");                                   /* 9 */
    RS_ADD(&set, NULL);                                       /* 10 */
    RS_ADD(&set, "x", "2");                                   /* 11 by 10 */
    RS_ADD(&set, NULL);                                       /* 12 by 10 */
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_true(covers(&set.block, 0) == RA_NO_RULE);
    assert_int_equal(covers(&set.block, 1), 0);
    assert_true(covers(&set.block, 2) == RA_NO_RULE);
    assert_int_equal(covers(&set.block, 3), 0);
    assert_true(covers(&set.block, 4) == RA_NO_RULE);
    assert_int_equal(covers(&set.block, 5), 2);
    assert_true(covers(&set.block, 6) == RA_NO_RULE);
    assert_int_equal(covers(&set.block, 7), 2);
    assert_true(covers(&set.block, 8) == RA_NO_RULE);
    assert_true(covers(&set.block, 9) == RA_NO_RULE);
    assert_int_equal(covers(&set.block, 11), 10);
    assert_int_equal(covers(&set.block, 12), 10);
    rs_free(&set);
}

static void test_lists(void **state)
{
    static const char *const some[] = {"a*", "b"}, *const none[] = {"x\\"};
    static const char *const fewer[] = {"ab", "b", "z\\"};
    static const char *const more[] = {"ab", "c"};
    const struct ra_condition conditions[] = {
        {"v", some, 2}, {"v", fewer, 3}, {"v", more, 2},
        {"v", none, 1}, {"v", none, 0},
    };
    struct ruleset set;

    (void)state;
    assert_true(rs_begin(&set));
    for (size_t i = 0; i < RS_COUNT(conditions); i++)
        assert_true(ra_index_add(set.index, &conditions[i], 1, true));
    RS_ADD(&set, "v", "aa");
    RS_ADD(&set, "v", "a?");
    RS_ADD(&set, "v", "*");
    assert_int_equal(rs_end(&set, NULL), 0);
    assert_int_equal(covers(&set.block, 1), 0);
    assert_true(covers(&set.block, 2) == RA_NO_RULE);
    assert_true(covers(&set.block, 3) == RA_NO_RULE);
    assert_true(covers(&set.block, 4) == RA_NO_RULE);
    assert_int_equal(covers(&set.block, 5), 0);
    assert_int_equal(covers(&set.block, 6), 0);
    assert_true(covers(&set.block, 7) == RA_NO_RULE);
    rs_free(&set);
}

/* ---- at random ---- */

/* Whenever the rule applies, so does what covers it.  Returns whether it
 * did. */
static bool hold_against(const struct ra_block *block, size_t rule, size_t by,
                         const struct rs_variable *variables)
{
    struct ra_question question = rs_question(variables);
    struct ra_rule_view view;
    size_t failed;

    assert_true(ra_rule_view(block, rule, &view));
    assert_int_equal(ra_rule_failure(block, rule, &question, &failed), 0);
    if (failed < view.conditions)
        return false;
    assert_true(ra_rule_view(block, by, &view) && view.enabled);
    assert_int_equal(ra_rule_failure(block, by, &question, &failed), 0);
    assert_int_equal(failed, view.conditions);
    return true;
}

/* Values that the rule's own conditions ask for. */
static void follow(const struct ra_block *block, size_t rule,
                   struct rs_choice *choice, char texts[RS_VARIABLES][RS_TEXT],
                   const struct rs_variable *variables)
{
    struct ra_rule_view view;

    assert_true(ra_rule_view(block, rule, &view));
    for (size_t i = 0; i < view.conditions; i++) {
        struct ra_condition_view condition;
        const char *pattern;

        assert_true(ra_rule_condition(block, rule, i, &condition));
        for (size_t j = 0; condition.patterns > 0 && j < RS_VARIABLES; j++) {
            if (strcmp(variables[j].name, condition.variable) != 0)
                continue;
            assert_true(ra_condition_pattern(
                block, &condition, rs_below(choice, condition.patterns),
                &pattern));
            rs_follow(choice, pattern, texts[j]);
        }
    }
}

static void try_set(uint64_t seed, size_t rules, size_t *claims, size_t *tried)
{
    struct rs_choice choice = {.seed = seed};
    struct rs_variable variables[RS_VARIABLES + 1];
    char texts[RS_VARIABLES][RS_TEXT];
    struct rs_pool pool;
    struct ruleset set;
    ra_cover *cover;

    assert_true(rs_begin(&set));
    rs_fill_pool(&choice, &pool);
    for (size_t i = 0; i < rules; i++)
        rs_add_random(&set, &choice, &pool);
    assert_int_equal(rs_end(&set, NULL), 0);
    cover = ra_cover_new(&set.block);
    for (size_t i = 0; i < rules; i++) {
        size_t by;

        assert_int_equal(ra_cover_find(cover, i, &by), 0);
        if (by == RA_NO_RULE)
            continue;
        ++*claims;
        for (int j = 0; j < 8; j++) {
            rs_ask_random(&choice, &pool, texts, variables);
            follow(&set.block, i, &choice, texts, variables);
            *tried += hold_against(&set.block, i, by, variables);
        }
    }
    ra_cover_free(&cover);
    rs_free(&set);
}

static void test_random(void **state)
{
    size_t claims = 0, tried = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++)
        try_set(seed << 8, 4 + seed % 60, &claims, &tried);
    for (uint64_t seed = 1; seed <= 8; seed++)
        try_set(seed << 32, 500, &claims, &tried);
    assert_true(claims > 1000 && tried > 1000);
}

/* ---- limits, damage, memory ---- */

/* Each pattern implies all those before it: what that costs is bounded. */
static void test_nested(void **state)
{
    enum { MANY = 3000 };
    static char pattern[MANY + 2];
    size_t by, claims = 0;
    struct ruleset set;
    ra_cover *cover;

    (void)state;
    assert_true(rs_begin(&set));
    for (size_t i = 0; i < MANY; i++) {
        memset(pattern, 'a', i + 1);
        (void)memcpy(pattern + i + 1, "*", 2);
        RS_ADD(&set, "user", pattern, "host", i % 2 == 0 ? "x" : "y");
    }
    assert_int_equal(rs_end(&set, NULL), 0);
    cover = ra_cover_new(&set.block);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(ra_cover_find(cover, i, &by), 0);
        assert_true(by == RA_NO_RULE || (by < i && by % 2 == i % 2));
        claims += by != RA_NO_RULE;
    }
    assert_true(claims > 100);
    ra_cover_free(&cover);
    rs_free(&set);
}

/* What implies more than is remembered. */
static void test_forgotten(void **state)
{
    enum { MANY = 320 };
    struct ruleset set;
    ra_cover *cover;
    size_t by;

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < MANY; i++) {
        char text[16];
        const char *const patterns[] = {"*", text};
        const struct ra_condition condition = {"v", patterns, 2};

        (void)snprintf(text, sizeof(text), "%d", i);
        assert_true(ra_index_add(set.index, &condition, 1, true));
    }
    assert_int_equal(rs_end(&set, NULL), 0);
    cover = ra_cover_new(&set.block);
    for (size_t i = MANY; i-- > 1;) {
        assert_int_equal(ra_cover_find(cover, i, &by), 0);
        assert_int_equal(by, 0);
    }
    ra_cover_free(&cover);
    rs_free(&set);
}

/* What takes too long is not claimed, and does no harm to what follows. */
static void test_given_up(void **state)
{
    enum { MANY = 6000 };
    struct ruleset set;
    ra_cover *cover;
    size_t by, claims = 0;

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < MANY; i++) {
        char texts[2][32];

        (void)snprintf(texts[0], sizeof(texts[0]), "[!%d]*", i);
        (void)snprintf(texts[1], sizeof(texts[1]), "?[!%d]*", i);
        RS_ADD(&set, "v", texts[0], "v", texts[1]);
    }
    RS_ADD(&set, "w", "a*");
    RS_ADD(&set, "w", "ab");
    assert_int_equal(rs_end(&set, NULL), 0);
    cover = ra_cover_new(&set.block);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(ra_cover_find(cover, i, &by), 0);
        claims += by != RA_NO_RULE;
    }
    assert_int_equal(claims, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(ra_cover_find(cover, 0, &by), 0);
    assert_int_equal(ra_cover_find(cover, MANY + 1, &by), 0);
    assert_true(by == MANY || by == RA_NO_RULE);
    ra_cover_free(&cover);
    rs_free(&set);
}

static void test_not_there(void **state)
{
    struct ruleset set;
    ra_cover *cover = NULL;
    size_t by;

    (void)state;
    ra_cover_free(&cover);
    assert_true(rs_begin(&set));
    RS_ADD(&set, "v", "*");
    assert_int_equal(rs_end(&set, NULL), 0);
    cover = ra_cover_new(&set.block);
    assert_int_equal(ra_cover_find(cover, 1, &by), ROLEAUTH_E_INVALID);
    assert_true(by == RA_NO_RULE);
    ra_cover_free(&cover);
    rs_free(&set);
}

static void test_damaged(void **state)
{
    struct rs_choice choice = {.seed = 7};
    struct rs_pool pool;
    struct ruleset set;
    unsigned char *bytes;

    (void)state;
    assert_true(rs_begin(&set));
    rs_fill_pool(&choice, &pool);
    for (size_t i = 0; i < 60; i++)
        rs_add_random(&set, &choice, &pool);
    assert_int_equal(rs_end(&set, NULL), 0);
    bytes = (unsigned char *)set.block.bytes;
    for (size_t i = RA_BLOCK_HEADER; i < set.block.size; i++) {
        const struct ra_section *text = &set.block.sections[RA_BLOCK_TEXT];
        ra_cover *cover = ra_cover_new(&set.block);
        unsigned char was = bytes[i];
        size_t by;

        bytes[i] ^= (unsigned char)(1 + rs_below(&choice, 255));
        for (size_t j = 0; j < 4 && text->items[text->count - 1] == '\0'; j++) {
            int code = ra_cover_find(cover, rs_below(&choice, 60), &by);

            assert_true(code == 0 || code == ROLEAUTH_E_INVALID);
        }
        bytes[i] = was;
        ra_cover_free(&cover);
    }
    rs_free(&set);
}

static void test_out_of_memory(void **state)
{
    struct rs_choice choice = {.seed = 3};
    struct rs_pool pool;
    struct ruleset set;

    (void)state;
    if (!heap_can_fail())
        skip();
    assert_true(rs_begin(&set));
    rs_fill_pool(&choice, &pool);
    for (size_t i = 0; i < 500; i++)
        rs_add_random(&set, &choice, &pool);
    assert_int_equal(rs_end(&set, NULL), 0);
    /* dlsym(3), which finds the real functions, may keep a piece. */
    (void)covers(&set.block, 499);
    for (unsigned long i = 1;; i++) {
        long before = heap.live;
        ra_cover *cover;
        bool failed;
        size_t by;
        int code = 0;

        heap_arm(i);
        cover = ra_cover_new(&set.block);
        for (size_t j = 0; cover != NULL && code == 0 && j < 500; j++)
            code = ra_cover_find(cover, j, &by);
        failed = heap_disarm();
        assert_int_equal(code, failed && cover != NULL ? ROLEAUTH_E_NOMEM : 0);
        assert_true(failed || cover != NULL);
        ra_cover_free(&cover);
        assert_int_equal(heap.live, before);
        if (!failed) {
            assert_true(i > 5);
            break;
        }
    }
    rs_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns), cmocka_unit_test(test_rules),
        cmocka_unit_test(test_lists),    cmocka_unit_test(test_random),
        cmocka_unit_test(test_nested),   cmocka_unit_test(test_forgotten),
        cmocka_unit_test(test_given_up), cmocka_unit_test(test_not_there),
        cmocka_unit_test(test_damaged),  cmocka_unit_test(test_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

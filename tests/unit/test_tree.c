/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "match/tree.h"
#include "support/heap.h"
#include "support/ruleset.h"

/* A search in which conditions hold by the text of their pattern. */
struct asking {
    struct ra_search search;
    const char *const *holding;
    size_t decided, tired;
    size_t more; /* work that tired() grants, once */
    bool fail;
};

static const char *text_of(const struct ra_block *block, uint32_t condition)
{
    struct ra_condition_view view;
    const char *pattern;

    assert_true(ra_condition_view(block, condition, &view));
    assert_true(ra_condition_pattern(block, &view, 0, &pattern));
    return pattern;
}

static bool is_holding(const struct asking *asking, uint32_t condition)
{
    const char *text = text_of(asking->search.block, condition);

    for (const char *const *one = asking->holding; *one != NULL; one++)
        if (strcmp(*one, text) == 0)
            return true;
    return false;
}

static bool decide(struct ra_search *search, uint32_t condition, bool *holds)
{
    struct asking *asking = (struct asking *)search;

    asking->decided++;
    *holds = is_holding(asking, condition);
    return !asking->fail || ra_search_fail(search, ROLEAUTH_E_NOMEM);
}

static bool tired(struct ra_search *search)
{
    struct asking *asking = (struct asking *)search;

    asking->tired++;
    search->limit = search->work + asking->more;
    return asking->more > 0;
}

static void hold(struct asking *asking, uint32_t condition)
{
    const struct ra_condition_item *item =
        ra_block_item(asking->search.block, RA_SECTION_CONDITIONS, condition);

    assert_true(
        ra_search_hold(&asking->search, condition, item->lead, RA_PERHAPS));
}

static void begin(struct asking *asking, const struct ra_block *block,
                  const char *const *holding)
{
    memset(asking, 0, sizeof(*asking));
    assert_true(ra_search_begin(&asking->search, block));
    asking->search.decide = decide;
    asking->search.tired = tired;
    asking->holding = holding;
    for (uint32_t i = 0; i < asking->search.index->keyed; i++)
        if (is_holding(asking, i))
            hold(asking, i);
}

#define HOLDING(...) ((const char *const[]){__VA_ARGS__, NULL})

static uint32_t first(const struct ra_block *block, const char *const *holding)
{
    struct asking asking;
    uint32_t best;

    begin(&asking, block, holding);
    assert_true(ra_search_tree(&asking.search));
    best = asking.search.best;
    ra_search_end(&asking.search);
    return best;
}

static void make(struct ruleset *set)
{
    assert_true(rs_begin(set));
    RS_ADD(set, "a", "1", "b", "2", "c", "?x"); /* 0 */
    RS_ADD(set, "a", "1", "b", "2");            /* 1 */
    RS_ADD(set, "b", "2", "c", "3*");           /* 2 */
    RS_ADD(set, "c", "?y");                     /* 3 */
    RS_ADD(set, "a", "1");                      /* 4 */
    assert_int_equal(rs_end(set, NULL), 0);
}

static void test_first(void **state)
{
    struct ruleset set;

    (void)state;
    make(&set);
    assert_int_equal(first(&set.block, HOLDING("1")), 4);
    assert_int_equal(first(&set.block, HOLDING("1", "2")), 1);
    assert_int_equal(first(&set.block, HOLDING("1", "2", "?x")), 0);
    assert_int_equal(first(&set.block, HOLDING("2", "3*")), 2);
    assert_int_equal(first(&set.block, HOLDING("2", "?y")), 3);
    assert_int_equal(first(&set.block, HOLDING("1", "?y")), 3);
    assert_int_equal(first(&set.block, HOLDING("2", "?x")), RA_NONE);
    assert_int_equal(first(&set.block, HOLDING("none")), RA_NONE);
    rs_free(&set);
}

/* What only seems to hold is found out; nothing twice. */
static void test_perhaps(void **state)
{
    struct asking asking;
    struct ruleset set;

    (void)state;
    make(&set);
    begin(&asking, &set.block, HOLDING("1", "2", "3*"));
    asking.holding = HOLDING("1", "3*");
    assert_true(ra_search_tree(&asking.search));
    assert_int_equal(asking.search.best, 4);
    assert_true(asking.decided <= 5);
    ra_search_end(&asking.search);
    rs_free(&set);
}

static void test_bounds(void **state)
{
    struct asking asking;
    struct ruleset set;

    (void)state;
    make(&set);
    begin(&asking, &set.block, HOLDING("1", "2", "?x"));
    asking.search.floor = 1;
    assert_true(ra_search_tree(&asking.search));
    assert_int_equal(asking.search.best, 1);
    ra_search_end(&asking.search);
    begin(&asking, &set.block, HOLDING("1", "2"));
    asking.search.best = 1;
    assert_true(ra_search_tree(&asking.search));
    assert_int_equal(asking.search.best, 1);
    ra_search_end(&asking.search);
    rs_free(&set);
}

static void test_tired(void **state)
{
    struct asking asking;
    struct ruleset set;

    (void)state;
    make(&set);
    begin(&asking, &set.block, HOLDING("1", "2", "?x"));
    asking.search.limit = 0;
    assert_false(ra_search_tree(&asking.search));
    assert_int_equal(asking.tired, 1);
    assert_int_equal(asking.search.code, 0);
    ra_search_end(&asking.search);
    begin(&asking, &set.block, HOLDING("1", "2", "?x"));
    asking.search.limit = 0;
    asking.more = 100;
    assert_true(ra_search_tree(&asking.search));
    assert_int_equal(asking.tired, 1);
    assert_int_equal(asking.search.best, 0);
    ra_search_end(&asking.search);
    rs_free(&set);
}

static void test_failures(void **state)
{
    struct asking asking;
    struct ruleset set;
    bool holds;

    (void)state;
    make(&set);
    begin(&asking, &set.block, HOLDING("1", "2"));
    asking.fail = true;
    assert_false(ra_search_tree(&asking.search));
    assert_int_equal(asking.search.code, ROLEAUTH_E_NOMEM);
    ra_search_end(&asking.search);
    begin(&asking, &set.block, HOLDING("1"));
    assert_false(ra_search_hold(&asking.search, 77, RA_NONE, RA_YES));
    assert_int_equal(asking.search.code, ROLEAUTH_E_INVALID);
    asking.search.code = 0;
    assert_false(ra_search_condition(&asking.search, 77, &holds));
    assert_int_equal(asking.search.code, ROLEAUTH_E_INVALID);
    asking.search.code = 0;
    assert_false(ra_search_rule(&asking.search, 5, &holds));
    assert_int_equal(asking.search.code, ROLEAUTH_E_INVALID);
    asking.search.code = 0;
    asking.search.nodes_left = 0;
    assert_false(ra_search_tree(&asking.search));
    assert_int_equal(asking.search.code, ROLEAUTH_E_INVALID);
    ra_search_end(&asking.search);
    set.block.sections[RA_SECTION_INDEX].count = 0;
    assert_false(ra_search_begin(&asking.search, &set.block));
    ra_search_end(&asking.search);
    rs_free(&set);
}

static void test_many_hold(void **state)
{
    enum { MANY = 2000 };
    struct asking asking;
    struct ruleset set;
    char text[16];

    (void)state;
    assert_true(rs_begin(&set));
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(text, sizeof(text), i % 2 == 0 ? "%d" : "%d*", i);
        RS_ADD(&set, "a", text);
    }
    assert_int_equal(rs_end(&set, NULL), 0);
    begin(&asking, &set.block, HOLDING("none"));
    for (uint32_t i = MANY; i-- > 0;)
        hold(&asking, i);
    assert_int_equal(asking.search.leads.count, MANY);
    assert_int_equal(asking.search.literals.count, MANY / 2);
    for (uint32_t i = 0; i < MANY / 2; i++)
        assert_int_equal(asking.search.literals.items[i], MANY / 2 - 1 - i);
    ra_search_end(&asking.search);
    if (heap_can_fail()) {
        bool held = true;

        begin(&asking, &set.block, HOLDING("none"));
        heap_arm(1);
        for (uint32_t i = 0; held && i < MANY; i++)
            held = ra_search_hold(&asking.search, i, RA_NONE, RA_YES);
        assert_true(heap_disarm());
        assert_false(held);
        assert_int_equal(asking.search.code, ROLEAUTH_E_NOMEM);
        ra_search_end(&asking.search);
    }
    rs_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first),    cmocka_unit_test(test_perhaps),
        cmocka_unit_test(test_bounds),   cmocka_unit_test(test_tired),
        cmocka_unit_test(test_failures), cmocka_unit_test(test_many_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

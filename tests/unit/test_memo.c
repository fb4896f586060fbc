/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "match/memo.h"
#include "support/heap.h"

static void test_set_and_get(void **state)
{
    struct ra_memo memo;

    (void)state;
    ra_memo_init(&memo);
    assert_int_equal(ra_memo_get(&memo, 0), RA_UNKNOWN);
    assert_true(ra_memo_set(&memo, 0, RA_PERHAPS));
    assert_true(ra_memo_set(&memo, 1, RA_NO));
    assert_true(ra_memo_set(&memo, RA_MEMO_END - 1, RA_YES));
    assert_int_equal(ra_memo_get(&memo, 0), RA_PERHAPS);
    assert_int_equal(ra_memo_get(&memo, 1), RA_NO);
    assert_int_equal(ra_memo_get(&memo, 2), RA_UNKNOWN);
    assert_int_equal(ra_memo_get(&memo, RA_MEMO_END - 1), RA_YES);
    assert_true(ra_memo_set(&memo, 0, RA_YES));
    assert_int_equal(ra_memo_get(&memo, 0), RA_YES);
    assert_int_equal(memo.used, 3);
    /* Numbers out of range are unknown, whatever they are. */
    assert_int_equal(ra_memo_get(&memo, UINT32_MAX), RA_UNKNOWN);
    assert_int_equal(ra_memo_get(&memo, RA_MEMO_END), RA_UNKNOWN);
    ra_memo_free(&memo);
}

static void test_growth(void **state)
{
    enum { MANY = 20000 };
    struct ra_memo memo;

    (void)state;
    ra_memo_init(&memo);
    for (uint32_t i = 0; i < MANY; i++)
        assert_true(ra_memo_set(&memo, i * 977, (enum ra_known)(1 + i % 3)));
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(ra_memo_get(&memo, i * 977), 1 + i % 3);
        assert_int_equal(ra_memo_get(&memo, i * 977 + 1), RA_UNKNOWN);
    }
    ra_memo_free(&memo);
    ra_memo_init(&memo);
    assert_int_equal(ra_memo_get(&memo, 977), RA_UNKNOWN);
    ra_memo_free(&memo);
}

static void test_out_of_memory(void **state)
{
    struct ra_memo memo;
    bool failed = false;

    (void)state;
    if (!heap_can_fail())
        skip();
    ra_memo_init(&memo);
    heap_arm(1);
    for (uint32_t i = 0; i < RA_MEMO_OWN && !failed; i++)
        failed = !ra_memo_set(&memo, i, RA_YES);
    assert_true(heap_disarm());
    assert_true(failed);
    assert_int_equal(ra_memo_get(&memo, 5), RA_YES);
    assert_true(ra_memo_set(&memo, 1000, RA_YES));
    assert_int_equal(ra_memo_get(&memo, 5), RA_YES);
    ra_memo_free(&memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_get),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

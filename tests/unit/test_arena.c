/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdalign.h>
#include <string.h>

#include "base/arena.h"

static void assert_zeroed(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], 0);
}

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    struct ra_arena arena = {0};
    unsigned char *pieces[2000];

    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        size_t size = i % 97 + 1;

        pieces[i] = ra_arena_alloc(&arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        assert_zeroed(pieces[i], size);
        memset(pieces[i], (int)(i % 255) + 1, size);
        assert_non_null(ra_arena_text(&arena, "x", 1));
    }
    for (size_t i = 0; i < 2000; i++)
        for (size_t j = 0; j < i % 97 + 1; j++)
            assert_int_equal(pieces[i][j], i % 255 + 1);
    ra_arena_free(&arena);
    assert_null(arena.blocks);
    assert_int_equal(arena.used, 0);
    ra_arena_free(&arena);
}

static void large_pieces_fit_too(void **state)
{
    static const size_t sizes[] = {16383, 16384, 16385,  65535,
                                   65536, 65537, 1000000};
    struct ra_arena arena = {0};
    size_t used = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *piece = ra_arena_alloc(&arena, sizes[i]);
        char *small = ra_arena_text(&arena, "small", 5);

        assert_non_null(piece);
        assert_zeroed(piece, sizes[i]);
        memset(piece, 0xFF, sizes[i]);
        assert_string_equal(small, "small");
        used += sizes[i] + 6;
        assert_int_equal(arena.used, used);
    }
    ra_arena_free(&arena);
}

static void texts_end_in_nul(void **state)
{
    struct ra_arena arena = {0};
    char *text = ra_arena_text(&arena, "abcdef", 3);
    char *empty = ra_arena_text(&arena, NULL, 0);

    (void)state;
    assert_string_equal(text, "abc");
    assert_string_equal(empty, "");
    ra_arena_free(&arena);
}

static void sizes_do_not_wrap(void **state)
{
    struct ra_arena arena = {0};

    (void)state;
    assert_null(ra_arena_alloc(&arena, SIZE_MAX));
    assert_null(ra_arena_alloc(&arena, SIZE_MAX - 64));
    assert_null(ra_arena_array(&arena, SIZE_MAX / 2, 3));
    assert_null(ra_arena_array(&arena, (size_t)1 << 33, (size_t)1 << 33));
    assert_null(ra_arena_text(&arena, "x", SIZE_MAX));
    assert_int_equal(arena.used, 0);
    assert_non_null(ra_arena_array(&arena, 0, 8));
    assert_non_null(ra_arena_array(&arena, 8, 0));
    assert_non_null(ra_arena_array(&arena, 3, 8));
    assert_int_equal(arena.used, 24);
    ra_arena_free(&arena);
}

/* What is given out after a reset is zeroed and good, and nothing grows. */
static void it_is_used_again_and_again(void **state)
{
    struct ra_arena arena = {0};

    (void)state;
    for (size_t i = 0; i < 10000; i++) {
        size_t size = i % 500 * 10;
        unsigned char *piece = ra_arena_alloc(&arena, size);

        for (size_t k = 0; k < size; k++)
            assert_int_equal(piece[k], 0);
        memset(piece, 0xFF, size);
        ra_arena_reset(&arena);
        assert_true(arena.used < 100000);
    }
    ra_arena_reset(&arena);
    ra_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(large_pieces_fit_too),
        cmocka_unit_test(texts_end_in_nul),
        cmocka_unit_test(sizes_do_not_wrap),
        cmocka_unit_test(it_is_used_again_and_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

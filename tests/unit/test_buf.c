/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* What was wiped, as seen from the definitions below, which stand before
 * libc's for the whole program. */
static size_t wiped_bytes;
static bool wiped_secret;

/* Apart, so that compilers do not take what is wiped for something read. */
__attribute__((noinline)) static void wipe(void *at, size_t length)
{
    volatile unsigned char *byte = at;

    wiped_bytes += length;
    if (length >= 6 && memcmp(at, "secret", 6) == 0)
        wiped_secret = true;
    while (length-- > 0)
        *byte++ = 0;
}

#undef explicit_bzero
void explicit_bzero(void *at, size_t length)
{
    wipe(at, length);
}

/* _FORTIFY_SOURCE calls it by this name. */
void __explicit_bzero_chk(void *at, size_t length, size_t known);
void __explicit_bzero_chk(void *at, size_t length, size_t known)
{
    assert_true(length <= known);
    wipe(at, length);
}

static int start(void **state)
{
    (void)state;
    wiped_bytes = 0;
    wiped_secret = false;
    return 0;
}

static void additions_follow_each_other(void **state)
{
    struct ra_buf buf = RA_BUF_INIT(100);
    char *text;

    (void)state;
    assert_true(ra_buf_add(&buf, "ab\0c", 4));
    assert_true(ra_buf_add_text(&buf, "de"));
    assert_true(ra_buf_add_text(&buf, ""));
    assert_true(ra_buf_add_char(&buf, 'f'));
    assert_true(ra_buf_printf(&buf, "%s-%d", "g", 7));
    assert_int_equal(buf.length, 10);
    assert_memory_equal(buf.data, "ab\0cdefg-7", 11);
    text = ra_buf_take(&buf);
    assert_memory_equal(text, "ab\0cdefg-7", 11);
    free(text);
    assert_null(buf.data);
    assert_int_equal(buf.length, 0);
    assert_int_equal(buf.max, 100);
    assert_true(ra_buf_add_char(&buf, 'x'));
    ra_buf_free(&buf);
    assert_int_equal(buf.max, 100);
}

static void nothing_is_an_empty_text(void **state)
{
    struct ra_buf buf = RA_BUF_INIT(0);
    char *text;

    (void)state;
    assert_true(ra_buf_add(&buf, NULL, 0));
    assert_true(ra_buf_printf(&buf, "%s", ""));
    assert_non_null(buf.data);
    ra_buf_free(&buf);
    text = ra_buf_take(&buf);
    assert_string_equal(text, "");
    free(text);
}

static void the_limit_holds_on_both_sides(void **state)
{
    (void)state;
    for (size_t max = 0; max < 300; max++) {
        struct ra_buf buf = RA_BUF_INIT(max);

        for (size_t i = 0; i < max; i++)
            assert_true(ra_buf_add_char(&buf, 'x'));
        assert_int_equal(buf.length, max);
        assert_false(buf.failed);
        assert_false(ra_buf_add_char(&buf, 'y'));
        assert_true(buf.failed);
        ra_buf_free(&buf);
        assert_false(buf.failed);
        assert_false(ra_buf_printf(&buf, "%0*d", (int)max + 1, 0));
        ra_buf_free(&buf);
        if (max > 0)
            assert_true(ra_buf_printf(&buf, "%0*d", (int)max, 0));
        ra_buf_free(&buf);
    }
}

static void a_failure_sticks(void **state)
{
    struct ra_buf buf = RA_BUF_INIT(3);

    (void)state;
    assert_true(ra_buf_add_text(&buf, "ab"));
    assert_false(ra_buf_add_text(&buf, "cd"));
    assert_false(ra_buf_add_text(&buf, ""));
    assert_false(ra_buf_add(&buf, "c", 1));
    assert_false(ra_buf_printf(&buf, "c"));
    assert_int_equal(buf.length, 2);
    assert_null(ra_buf_take(&buf));
    assert_null(buf.data);
    assert_false(buf.failed);
}

static void huge_lengths_do_not_wrap(void **state)
{
    struct ra_buf buf = RA_BUF_INIT(SIZE_MAX);

    (void)state;
    assert_true(ra_buf_add_text(&buf, "ab"));
    assert_false(ra_buf_add(&buf, "x", SIZE_MAX));
    ra_buf_free(&buf);
    assert_true(ra_buf_add_text(&buf, "ab"));
    assert_false(ra_buf_add(&buf, "x", SIZE_MAX - 1));
    ra_buf_free(&buf);
}

static void growing_leaves_no_copy(void **state)
{
    struct ra_buf buf = RA_BUF_INIT(1000);

    (void)state;
    assert_true(ra_buf_add_text(&buf, "secret"));
    while (!wiped_secret && buf.length < 1000)
        assert_true(ra_buf_add_char(&buf, '.'));
    assert_true(wiped_secret);
    assert_memory_equal(buf.data, "secret", 6);
    ra_buf_free(&buf);
}

static void wiping_wipes_all(void **state)
{
    struct ra_buf buf = RA_BUF_INIT(1000);
    size_t size;

    (void)state;
    assert_true(ra_buf_add_text(&buf, "secret"));
    size = buf.size;
    ra_buf_wipe(&buf);
    assert_true(wiped_secret);
    assert_int_equal(wiped_bytes, size);
    assert_null(buf.data);
    assert_int_equal(buf.max, 1000);
    ra_buf_wipe(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(additions_follow_each_other, start),
        cmocka_unit_test_setup(nothing_is_an_empty_text, start),
        cmocka_unit_test_setup(the_limit_holds_on_both_sides, start),
        cmocka_unit_test_setup(a_failure_sticks, start),
        cmocka_unit_test_setup(huge_lengths_do_not_wrap, start),
        cmocka_unit_test_setup(growing_leaves_no_copy, start),
        cmocka_unit_test_setup(wiping_wipes_all, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

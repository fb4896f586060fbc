/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/large.h"

static void assert_zero(const unsigned char *bytes, size_t from, size_t to)
{
    for (; from < to; from++)
        assert_int_equal(bytes[from], 0);
}

/* Through every size around where the kind of memory changes. */
static void it_grows(void **state)
{
    static const size_t sizes[] = {1,     63,     4096,   65519,  65520,
                                   65537, 131072, 131073, 200000, 5000000};
    size_t size = 0;
    unsigned char *memory = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *larger = ra_large_grow(memory, sizes[i]);

        assert_non_null(larger);
        memory = larger;
        for (size_t k = 0; k < size; k++)
            assert_int_equal(memory[k], (unsigned char)(k % 251 + 1));
        assert_zero(memory, size, sizes[i]);
        size = sizes[i];
        for (size_t k = 0; k < size; k++)
            memory[k] = (unsigned char)(k % 251 + 1);
    }
    ra_large_free(memory);
}

static void it_is_zeroed(void **state)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 1000000};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *memory = ra_large_new(sizes[i]);

        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        assert_zero(memory, 0, sizes[i]);
        ra_large_free(memory);
    }
    ra_large_free(NULL);
}

static void too_much(void **state)
{
    unsigned char *memory = ra_large_new(65536);

    (void)state;
    assert_null(ra_large_new(SIZE_MAX));
    assert_null(ra_large_new(SIZE_MAX / 2));
    assert_null(ra_large_array(SIZE_MAX / 4, 5));
    memory[65535] = 7;
    assert_null(ra_large_grow(memory, SIZE_MAX));
    assert_null(ra_large_grow(memory, SIZE_MAX / 2));
    assert_int_equal(memory[65535], 7);
    ra_large_free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows),
        cmocka_unit_test(it_is_zeroed),
        cmocka_unit_test(too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

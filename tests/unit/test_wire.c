/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/wire.h"

static void numbers_are_big_endian(void **state)
{
    unsigned char bytes[16];
    struct ra_writer writer = {bytes, 0, sizeof(bytes), false};

    (void)state;
    ra_put_number(&writer, 0x0102030405060708, 8);
    ra_put_number(&writer, 0x090A, 2);
    ra_put_number(&writer, 0xFF0B, 1);
    ra_put_text(&writer, "x");
    assert_false(writer.failed);
    assert_int_equal(writer.length, 13);
    assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10\11\12\13x", 13);
}

static void what_is_put_can_be_got(void **state)
{
    unsigned char bytes[64];

    (void)state;
    for (unsigned count = 1; count <= 8; count++) {
        uint64_t most = UINT64_MAX >> (64 - 8 * count);

        for (uint64_t value = most; value != 0; value /= 3) {
            struct ra_writer writer = {bytes, 0, sizeof(bytes), false};
            struct ra_reader reader = {bytes, count, false};

            ra_put_number(&writer, value, count);
            assert_int_equal(writer.length, count);
            assert_true(ra_get_number(&reader, count) == value);
            assert_false(reader.failed);
            assert_int_equal(reader.left, 0);
        }
    }
}

static void writer_stops_at_its_end(void **state)
{
    unsigned char bytes[5] = "....";
    struct ra_writer writer = {bytes, 0, 4, false};

    (void)state;
    ra_put_bytes(&writer, "abc", 3);
    assert_false(writer.failed);
    ra_put_bytes(&writer, NULL, 0);
    assert_false(writer.failed);
    ra_put_number(&writer, 1, 2);
    assert_true(writer.failed);
    ra_put_bytes(&writer, "d", 1); /* would fit, but comes too late */
    assert_true(writer.failed);
    assert_int_equal(writer.length, 3);
    assert_memory_equal(bytes, "abc.", 5);
}

static void reader_stops_at_its_end(void **state)
{
    struct ra_reader reader = {(const unsigned char *)"\1\2\3", 3, false};

    (void)state;
    assert_int_equal(ra_get_number(&reader, 2), 0x0102);
    assert_non_null(ra_get_bytes(&reader, 0));
    assert_int_equal(ra_get_number(&reader, 2), 0);
    assert_true(reader.failed);
    assert_int_equal(ra_get_number(&reader, 1), 0);
    assert_null(ra_get_bytes(&reader, SIZE_MAX));
    assert_null(ra_get_bytes(&reader, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(what_is_put_can_be_got),
        cmocka_unit_test(writer_stops_at_its_end),
        cmocka_unit_test(reader_stops_at_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

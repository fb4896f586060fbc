/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "match/bracket.h"

static const unsigned char *bytes(const char *text)
{
    return (const unsigned char *)text;
}

/* Reads one item; returns how many bytes it took, 0: the pattern ends. */
static size_t read_item(const char *text, struct ra_glob_item *item)
{
    struct ra_glob_open open;
    const unsigned char *behind;

    memset(&open, 0, sizeof(open));
    behind = ra_glob_item(&open, bytes(text), item);
    return behind != NULL ? (size_t)(behind - bytes(text)) : 0;
}

static void characters(void **state)
{
    uint32_t code;

    (void)state;
    assert_int_equal(ra_glob_char(bytes("a"), &code), 1);
    assert_int_equal(code, 'a');
    assert_int_equal(ra_glob_char(bytes(""), &code), 1);
    assert_int_equal(code, 0);
    assert_int_equal(ra_glob_char(bytes("\xC3\xBC"), &code), 2);
    assert_int_equal(code, 0xFC);
    assert_int_equal(ra_glob_char(bytes("\xF0\x9F\x98\x80"), &code), 4);
    assert_int_equal(code, 0x1F600);
    /* No UTF-8: the byte alone, equal to no code point. */
    assert_int_equal(ra_glob_char(bytes("\xFC"), &code), 1);
    assert_int_equal(code, RA_GLOB_BYTE + 0xFC);
    assert_int_equal(ra_glob_char(bytes("\xC3x"), &code), 1);
    assert_int_equal(code, RA_GLOB_BYTE + 0xC3);
    assert_int_equal(ra_glob_char(bytes("\xC0\x80"), &code), 1);
    assert_int_equal(ra_glob_char(bytes("\xED\xA0\x80"), &code), 1);
}

static void items(void **state)
{
    struct ra_glob_item item;

    (void)state;
    assert_int_equal(read_item("ab]", &item), 1);
    assert_true(item.low == 'a' && item.high == 'a' && item.class == NULL);
    assert_int_equal(read_item("a-c]", &item), 3);
    assert_true(ra_glob_item_has(&item, 'b'));
    assert_false(ra_glob_item_has(&item, 'd'));
    assert_int_equal(read_item("a-]", &item), 1);
    assert_int_equal(read_item("\\]x]", &item), 2);
    assert_true(ra_glob_item_has(&item, ']'));
    assert_int_equal(read_item("[.-.]-0]", &item), 7);
    assert_true(ra_glob_item_has(&item, '/'));
    assert_int_equal(read_item("[=a=]]", &item), 5);
    assert_true(ra_glob_item_has(&item, 'a'));
    assert_int_equal(read_item("c-a]", &item), 3);
    assert_false(ra_glob_item_has(&item, 'b'));
    assert_non_null(item.fault);
}

static void classes(void **state)
{
    struct ra_glob_item item;

    (void)state;
    assert_int_equal(read_item("[:digit:]]", &item), 9);
    assert_non_null(item.class);
    for (uint32_t c = 0; c < 256; c++)
        assert_int_equal(ra_glob_item_has(&item, c), c >= '0' && c <= '9');
    assert_int_equal(read_item("[:nosuch:]]", &item), 10);
    assert_true(item.bad);
    assert_non_null(item.fault);
}

static void what_never_ends(void **state)
{
    struct ra_glob_item item;

    (void)state;
    assert_int_equal(read_item("", &item), 0);
    assert_int_equal(read_item("\\", &item), 0);
    assert_int_equal(read_item("a-", &item), 1);
    assert_int_equal(read_item("a-\\", &item), 0);
    assert_int_equal(read_item("[.a", &item), 0);
}

static void what_is_known_to_be_open(void **state)
{
    const unsigned char *pattern = bytes("[a[b[c[d");
    struct ra_glob_open open;

    (void)state;
    memset(&open, 0, sizeof(open));
    assert_true(ra_glob_is_open(&open, pattern + 1));
    ra_glob_note_open(&open, pattern + 1);
    assert_int_equal(open.count, 1);
    /* The next bracket's items are met on the way. */
    assert_true(ra_glob_is_open(&open, pattern + 3));
    assert_int_equal(open.count, 1);
    memset(&open, 0, sizeof(open));
    assert_false(ra_glob_is_open(&open, bytes("a[b]c[d")));
    assert_int_equal(open.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters),
        cmocka_unit_test(items),
        cmocka_unit_test(classes),
        cmocka_unit_test(what_never_ends),
        cmocka_unit_test(what_is_known_to_be_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

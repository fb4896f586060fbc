/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/block_bytes.h"
#include "support/heap.h"

/* ---- a block to play with ---- */

enum { NUMBERS = 1, PAIRS = 7, LAST = RA_BLOCK_SECTIONS - 1, NOTHING = 3 };

struct pair {
    int64_t first;
    uint32_t second, third;
};

static struct ra_block_layout layout_of(void)
{
    struct ra_block_layout layout = {{0}};

    layout.size[RA_BLOCK_TEXT] = 1;
    layout.size[NUMBERS] = sizeof(uint32_t);
    layout.size[PAIRS] = sizeof(struct pair);
    layout.size[LAST] = 3;
    return layout;
}

static void build(struct ra_builder *builder)
{
    struct ra_block_layout layout = layout_of();
    struct pair *pair;
    uint32_t *number;

    ra_builder_init(builder, &layout);
    for (uint32_t i = 0; i < 5; i++) {
        number = ra_builder_add(builder, NUMBERS, 1);
        if (number != NULL)
            *number = 10 * i;
    }
    pair = ra_builder_add(builder, PAIRS, 2);
    if (pair != NULL) {
        pair[0].second = ra_builder_text(builder, "alpha", 5);
        pair[1].second = ra_builder_text(builder, "beta", 4);
        pair[1].first = -1;
    }
    (void)ra_builder_add(builder, LAST, 1);
}

/* A sealed copy of exactly as many bytes as it has, so that a sanitizer sees a
 * step beyond; for free(). */
static unsigned char *sealed(size_t *size)
{
    struct ra_builder builder;
    struct ra_block block;
    unsigned char *bytes;

    build(&builder);
    assert_int_equal(ra_builder_finish(&builder, &block), 0);
    bytes = malloc(block.size);
    assert_non_null(bytes);
    memcpy(bytes, block.bytes, block.size);
    assert_true(ra_block_seal(&block, bytes));
    *size = block.size;
    ra_block_free(&block);
    return bytes;
}

static int open_as(const unsigned char *bytes, size_t size,
                   const struct ra_block_layout *layout, struct ra_block *block,
                   const char *part)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int code = ra_block_open(block, bytes, size, layout, &error);

    assert_int_equal(code, error.code);
    if (code != 0) {
        assert_null(block->bytes);
        assert_int_equal(ra_block_count(block, NUMBERS), 0);
        if (strstr(error.text, part) == NULL)
            fail_msg("\"%s\" in \"%s\"", part, error.text);
    }
    return code;
}

/* Opening fails with a text that has this part. */
static void refused(const unsigned char *bytes, size_t size, const char *part)
{
    struct ra_block_layout layout = layout_of();
    struct ra_block block;

    assert_int_equal(open_as(bytes, size, &layout, &block, part),
                     ROLEAUTH_E_INVALID);
}

/* ---- building and reading ---- */

static void check_content(const struct ra_block *block)
{
    const uint32_t *numbers = ra_block_items(block, NUMBERS, 0, 5);
    const struct pair *pairs = ra_block_items(block, PAIRS, 0, 2);
    const char *text;

    assert_int_equal(ra_block_count(block, NUMBERS), 5);
    assert_int_equal(ra_block_count(block, PAIRS), 2);
    assert_int_equal(ra_block_count(block, LAST), 1);
    assert_int_equal(ra_block_count(block, NOTHING), 0);
    assert_int_equal(numbers[4], 40);
    assert_int_equal(pairs[1].first, -1);
    assert_int_equal(pairs[1].third, 0);
    assert_true(ra_block_text(block, pairs[0].second, &text));
    assert_string_equal(text, "alpha");
    assert_true(ra_block_text(block, pairs[1].second, &text));
    assert_string_equal(text, "beta");
}

static void what_was_built_is_read(void **state)
{
    struct ra_block_layout layout = layout_of();
    struct ra_builder builder;
    struct ra_block block;
    unsigned char *bytes;
    size_t size;

    (void)state;
    build(&builder);
    assert_int_equal(ra_builder_finish(&builder, &block), 0);
    check_content(&block);
    assert_int_equal(block.size % 16, 0);
    ra_block_free(&block);
    bytes = sealed(&size);
    assert_int_equal(open_as(bytes, size, &layout, &block, ""), 0);
    check_content(&block);
    assert_int_equal(ra_block_verify(&block, NULL), 0);
    free(bytes);
}

static void nothing_is_a_block_too(void **state)
{
    struct ra_block_layout layout = layout_of();
    unsigned char bytes[RA_BLOCK_HEADER];
    struct ra_builder builder;
    struct ra_block block;
    const char *text = "x";

    (void)state;
    ra_builder_init(&builder, &layout);
    assert_int_equal(ra_builder_finish(&builder, &block), 0);
    assert_int_equal(ra_block_count(&block, NUMBERS), 0);
    assert_null(ra_block_item(&block, NUMBERS, 0));
    assert_true(ra_block_text(&block, 0, &text));
    assert_null(text);
    assert_true(ra_block_text(&block, 1, &text));
    assert_string_equal(text, "");
    assert_false(ra_block_text(&block, 2, &text));
    assert_null(text);
    assert_true(ra_block_seal(&block, bytes));
    ra_block_free(&block);
}

static void items_are_aligned(void **state)
{
    struct ra_block_layout layout = layout_of();

    (void)state;
    for (size_t length = 0; length < 40; length++) {
        struct ra_builder builder;
        struct ra_block block;
        char text[40];

        memset(text, 'x', sizeof(text));
        ra_builder_init(&builder, &layout);
        (void)ra_builder_text(&builder, text, length);
        assert_non_null(ra_builder_add(&builder, LAST, length + 1));
        assert_non_null(ra_builder_add(&builder, PAIRS, 1));
        assert_int_equal(ra_builder_finish(&builder, &block), 0);
        for (size_t i = 0; i < RA_BLOCK_SECTIONS; i++)
            assert_int_equal((uintptr_t)block.sections[i].items % 16,
                             (uintptr_t)block.bytes % 16);
        ra_block_free(&block);
    }
}

static void items_out_of_range_are_not_there(void **state)
{
    struct ra_block_layout layout = layout_of();
    struct ra_block block;
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    assert_int_equal(open_as(bytes, size, &layout, &block, ""), 0);
    assert_non_null(ra_block_item(&block, NUMBERS, 4));
    assert_null(ra_block_item(&block, NUMBERS, 5));
    assert_null(ra_block_item(&block, NUMBERS, SIZE_MAX));
    assert_non_null(ra_block_items(&block, NUMBERS, 5, 0));
    assert_null(ra_block_items(&block, NUMBERS, 6, 0));
    assert_null(ra_block_items(&block, NUMBERS, 1, 5));
    assert_null(ra_block_items(&block, NUMBERS, 1, SIZE_MAX));
    assert_null(ra_block_items(&block, NUMBERS, SIZE_MAX, SIZE_MAX));
    assert_null(ra_block_item(&block, NOTHING, 0));
    free(bytes);
}

static void texts_are_kept_once(void **state)
{
    struct ra_block_layout layout = layout_of();
    struct ra_builder builder;
    struct ra_block block;
    uint32_t offsets[5000];
    size_t count;
    char text[32];

    (void)state;
    ra_builder_init(&builder, &layout);
    assert_int_equal(ra_builder_text(&builder, NULL, 5), 0);
    assert_int_equal(ra_builder_text(&builder, "", 0), 1);
    assert_int_equal(ra_builder_own_text(&builder, NULL, 5), 0);
    assert_int_equal(ra_builder_own_text(&builder, "", 0), 1);
    for (size_t i = 0; i < 5000; i++) {
        int length = snprintf(text, sizeof(text), "text %zu", i);

        offsets[i] = ra_builder_text(&builder, text, (size_t)length);
        assert_int_not_equal(offsets[i], 0);
    }
    count = ra_builder_count(&builder, RA_BLOCK_TEXT);
    for (size_t i = 0; i < 5000; i++) {
        int length = snprintf(text, sizeof(text), "text %zu!", i);

        /* Also a text that others begin with. */
        assert_int_equal(ra_builder_text(&builder, text, (size_t)length - 1),
                         offsets[i]);
        assert_memory_equal(ra_builder_text_at(&builder, offsets[i]), text,
                            (size_t)length - 1);
    }
    assert_int_equal(ra_builder_count(&builder, RA_BLOCK_TEXT), count);
    assert_int_not_equal(ra_builder_own_text(&builder, "text 7", 6),
                         offsets[7]);
    assert_int_equal(ra_builder_finish(&builder, &block), 0);
    for (size_t i = 0; i < 5000; i++) {
        const char *kept;

        (void)snprintf(text, sizeof(text), "text %zu", i);
        assert_true(ra_block_text(&block, offsets[i], &kept));
        assert_string_equal(kept, text);
    }
    ra_block_free(&block);
}

/* Texts whose hashes are equal, found by trying. */
static void texts_of_one_hash_are_told_apart(void **state)
{
    static const char *const texts[] = {"aliceej0_1/", "alice", "text 15024",
                                        "text 48406"};
    struct ra_block_layout layout = layout_of();
    struct ra_builder builder;

    (void)state;
    ra_builder_init(&builder, &layout);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
            uint32_t offset =
                ra_builder_text(&builder, texts[i], strlen(texts[i]));

            assert_string_equal(ra_builder_text_at(&builder, offset), texts[i]);
        }
    assert_int_equal(ra_builder_count(&builder, RA_BLOCK_TEXT),
                     2 + 12 + 6 + 11 + 11);
    ra_builder_free(&builder);
}

static void texts_out_of_range_are_not_there(void **state)
{
    struct ra_block_layout layout = layout_of();
    struct ra_builder builder;
    struct ra_block block;
    const char *text;
    uint32_t end;

    (void)state;
    ra_builder_init(&builder, &layout);
    assert_int_equal(ra_builder_text(&builder, "last", 4), 2);
    end = (uint32_t)ra_builder_count(&builder, RA_BLOCK_TEXT);
    assert_null(ra_builder_text_at(&builder, 0));
    assert_null(ra_builder_text_at(&builder, end));
    assert_null(ra_builder_text_at(&builder, UINT32_MAX));
    assert_int_equal(ra_builder_finish(&builder, &block), 0);
    assert_true(ra_block_text(&block, end - 1, &text));
    assert_string_equal(text, "");
    assert_false(ra_block_text(&block, end, &text));
    assert_null(text);
    assert_false(ra_block_text(&block, UINT32_MAX, &text));
    ra_block_free(&block);
}

static void sections_grow(void **state)
{
    struct ra_block_layout layout = layout_of();
    struct ra_builder builder;
    struct ra_block block;
    const uint32_t *numbers;

    (void)state;
    ra_builder_init(&builder, &layout);
    assert_non_null(ra_builder_add(&builder, PAIRS, 0));
    assert_int_equal(ra_builder_count(&builder, PAIRS), 0);
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t *number = ra_builder_add(&builder, NUMBERS, 1 + i % 3);

        assert_non_null(number);
        assert_int_equal(number[i % 3], 0);
        number[0] = i;
    }
    assert_ptr_equal((uint32_t *)ra_builder_items(&builder, NUMBERS) +
                         ra_builder_count(&builder, NUMBERS),
                     (uint32_t *)ra_builder_add(&builder, NUMBERS, 0));
    assert_int_equal(ra_builder_finish(&builder, &block), 0);
    numbers = ra_block_items(&block, NUMBERS, 0, 199998);
    assert_non_null(numbers);
    for (uint32_t i = 0, at = 0; i < 99999; at += 1 + i % 3, i++)
        assert_int_equal(numbers[at], i);
    ra_block_free(&block);
}

/* ---- limits and failures ---- */

/* What finishes a builder that has failed. */
static void fails_as(struct ra_builder *builder, int code)
{
    struct ra_block block;

    assert_null(ra_builder_add(builder, NUMBERS, 1));
    assert_int_equal(ra_builder_text(builder, "more", 4), 0);
    assert_int_equal(ra_builder_finish(builder, &block), code);
    assert_null(block.bytes);
    assert_null(ra_builder_items(builder, NUMBERS));
    ra_builder_free(builder);
}

static void more_than_can_be_counted(void **state)
{
    struct ra_block_layout layout = layout_of();
    struct ra_builder builder;

    (void)state;
    build(&builder);
    assert_null(ra_builder_add(&builder, NUMBERS, (size_t)UINT32_MAX - 4));
    fails_as(&builder, ROLEAUTH_E_LIMIT);
    build(&builder);
    assert_null(ra_builder_add(&builder, PAIRS, SIZE_MAX));
    fails_as(&builder, ROLEAUTH_E_LIMIT);
    /* The last items that can be counted, which is only pretended. */
    build(&builder);
    builder.sections[LAST].count = UINT32_MAX - 1;
    assert_null(ra_builder_add(&builder, LAST, 2));
    fails_as(&builder, ROLEAUTH_E_LIMIT);
    /* Texts, too. */
    build(&builder);
    builder.sections[RA_BLOCK_TEXT].count = UINT32_MAX - 4;
    assert_int_equal(ra_builder_own_text(&builder, "four", 4), 0);
    fails_as(&builder, ROLEAUTH_E_LIMIT);
    ra_builder_init(&builder, &layout);
    assert_null(ra_builder_add(&builder, NOTHING, 1));
    fails_as(&builder, ROLEAUTH_E_LIMIT);
}

static void a_block_has_texts(void **state)
{
    struct ra_block_layout layout = {{0}};
    struct ra_builder builder;

    (void)state;
    layout.size[NUMBERS] = 4;
    ra_builder_init(&builder, &layout);
    fails_as(&builder, ROLEAUTH_E_LIMIT);
    layout.size[RA_BLOCK_TEXT] = 2;
    ra_builder_init(&builder, &layout);
    {
        struct ra_block block;

        assert_int_equal(ra_builder_finish(&builder, &block),
                         ROLEAUTH_E_INTERNAL);
        assert_null(block.bytes);
    }
}

static void memory_runs_out(void **state)
{
    unsigned long fail_at = 0;
    int code = ROLEAUTH_E_NOMEM;

    (void)state;
    if (!heap_can_fail())
        skip();
    while (code == ROLEAUTH_E_NOMEM) {
        struct ra_builder builder;
        struct ra_block block;
        long live = heap.live;
        char text[32];

        heap_arm(++fail_at);
        build(&builder);
        for (int i = 0; i < 3000; i++) {
            int length = snprintf(text, sizeof(text), "text %d", i);
            uint32_t offset = ra_builder_text(&builder, text, (size_t)length);
            const char *kept = ra_builder_text_at(&builder, offset);

            assert_true(offset == 0 ? builder.nomem : strcmp(kept, text) == 0);
        }
        code = ra_builder_finish(&builder, &block);
        assert_int_equal(code, heap_disarm() ? ROLEAUTH_E_NOMEM : 0);
        assert_int_equal(block.bytes == NULL, code != 0);
        ra_builder_free(&builder);
        ra_block_free(&block);
        assert_int_equal(heap.live, live);
    }
    assert_int_equal(code, 0);
    assert_true(fail_at > 10);
}

/* ---- opening what is not right ---- */

static void no_block_at_all(void **state)
{
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    refused(NULL, 0, "no compiled policy");
    refused(bytes, 15, "no compiled policy");
    bytes[3] ^= 1;
    refused(bytes, size, "no compiled policy");
    bytes[3] ^= 1;
    refused(bytes, 16, "cut short");
    refused(bytes, RA_BLOCK_HEADER - 1, "cut short");
    free(bytes);
}

static void another_byte_order(void **state)
{
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    put(bytes, AT_BYTE_ORDER, 0x04030201, 4);
    refused(bytes, size, "byte order");
    assert_true(seal_again(bytes));
    refused(bytes, size, "byte order");
    free(bytes);
}

static void another_version(void **state)
{
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    put(bytes, AT_VERSION, RA_BLOCK_VERSION + 1, 4);
    refused(bytes, size, "another version");
    assert_true(seal_again(bytes));
    refused(bytes, size, "another version");
    put(bytes, AT_VERSION, 0, 4);
    refused(bytes, size, "another version");
    free(bytes);
}

/* No bit of the header may change, its checksum's own not excepted. */
static void a_damaged_header(void **state)
{
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    for (size_t at = AT_SIZE; at < RA_BLOCK_HEADER; at++) {
        unsigned char bit = (unsigned char)(1u << at % 8);

        bytes[at] ^= bit;
        refused(bytes, size, "checksum of its header");
        bytes[at] ^= bit;
    }
    free(bytes);
}

static void another_size(void **state)
{
    size_t size;
    unsigned char *bytes = sealed(&size);
    unsigned char *longer = calloc(1, size + 16);

    (void)state;
    assert_non_null(longer);
    refused(bytes, size - 1, "cut short, or something was added");
    refused(bytes, RA_BLOCK_HEADER, "cut short");
    memcpy(longer, bytes, size);
    refused(longer, size + 1, "something was added");
    refused(longer, size + 16, "something was added");
    put(longer, AT_SIZE, size + 16, 8);
    assert_true(seal_again(longer));
    refused(longer, size + 16, "not where they should be");
    put(bytes, AT_SIZE, size - 16, 8);
    assert_true(seal_again(bytes));
    refused(bytes, size - 16, "not where they should be");
    put(bytes, AT_SIZE, UINT64_MAX, 8);
    assert_true(seal_again(bytes));
    refused(bytes, size, "cut short");
    free(longer);
    free(bytes);
}

static void another_layout(void **state)
{
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    for (size_t i = 0; i < RA_BLOCK_SECTIONS; i++) {
        struct ra_block_layout layout = layout_of();
        struct ra_block block;

        layout.size[i] = i == PAIRS ? 0 : layout.size[i] + 1;
        assert_int_equal(
            open_as(bytes, size, &layout, &block, "not where they should be"),
            ROLEAUTH_E_INVALID);
    }
    free(bytes);
}

/* Refused with one number of a section's changed, and fine with it put back. */
static void entry_refused(unsigned char *bytes, size_t size, size_t at,
                          uint64_t value)
{
    struct ra_block_layout layout = layout_of();
    uint64_t before = get64(bytes, at);
    struct ra_block block;

    assert_true(before != value);
    put(bytes, at, value, 8);
    assert_true(seal_again(bytes));
    refused(bytes, size, "not where they should be");
    put(bytes, at, before, 8);
    assert_true(seal_again(bytes));
    assert_int_equal(open_as(bytes, size, &layout, &block, ""), 0);
}

static void hostile_offsets(void **state)
{
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    for (unsigned i = 0; i < RA_BLOCK_SECTIONS; i++) {
        size_t at = at_section(i);
        uint64_t offset = get64(bytes, at);

        entry_refused(bytes, size, at, 0);
        entry_refused(bytes, size, at, RA_BLOCK_HEADER - 16);
        entry_refused(bytes, size, at, offset + 1);  /* out of line */
        entry_refused(bytes, size, at, offset + 16); /* a gap */
        entry_refused(bytes, size, at, offset - 16); /* in the one before */
        entry_refused(bytes, size, at, size + 16);
        entry_refused(bytes, size, at, UINT64_MAX);
        entry_refused(bytes, size, at, UINT64_MAX - 15);
        entry_refused(bytes, size, at, (uint64_t)INT64_MAX + 1);
    }
    free(bytes);
}

static void hostile_counts(void **state)
{
    static const unsigned sections[] = {RA_BLOCK_TEXT, NUMBERS, PAIRS, LAST,
                                        NOTHING};
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        size_t at = at_count(sections[i]);
        uint64_t item = layout_of().size[sections[i]];
        uint64_t count = get64(bytes, at);

        entry_refused(bytes, size, at, count + 20);
        entry_refused(bytes, size, at, size);
        entry_refused(bytes, size, at, (uint64_t)UINT32_MAX + 1);
        entry_refused(bytes, size, at, UINT64_MAX);
        /* Products that wrap around to a little more than there is. */
        if (item > 1)
            entry_refused(bytes, size, at, UINT64_MAX / item + 2);
        if (count > 0 && sections[i] != LAST)
            entry_refused(bytes, size, at, 0);
    }
    free(bytes);
}

/* A count that is another, but in the same room, cannot be told from a right
 * one; what it leads to lies in the block. */
static void counts_within_the_room(void **state)
{
    struct ra_block_layout layout = layout_of();
    struct ra_block block;
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    put(bytes, at_count(NUMBERS), 8, 8);
    assert_true(seal_again(bytes));
    assert_int_equal(open_as(bytes, size, &layout, &block, ""), 0);
    assert_int_equal(*(const uint32_t *)ra_block_item(&block, NUMBERS, 7), 0);
    free(bytes);
}

static void texts_must_end(void **state)
{
    size_t size, first, last;
    unsigned char *bytes = sealed(&size);

    (void)state;
    first = RA_BLOCK_HEADER + 1;
    last = RA_BLOCK_HEADER + (size_t)get64(bytes, at_count(RA_BLOCK_TEXT)) - 1;
    bytes[last] = 'x';
    refused(bytes, size, "not where they should be");
    bytes[last] = '\0';
    bytes[first] = 'x';
    refused(bytes, size, "not where they should be");
    bytes[first] = '\0';
    entry_refused(bytes, size, at_count(RA_BLOCK_TEXT), 1);
    free(bytes);
}

/* ---- checksums ---- */

static void any_changed_byte_shows(void **state)
{
    struct ra_block_layout layout = layout_of();
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct ra_block block;
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    assert_int_equal(open_as(bytes, size, &layout, &block, ""), 0);
    for (size_t at = RA_BLOCK_HEADER; at < size; at++) {
        bytes[at] ^= 0x20;
        assert_int_equal(ra_block_verify(&block, NULL), ROLEAUTH_E_INVALID);
        bytes[at] ^= 0x20;
    }
    assert_int_equal(ra_block_verify(&block, &error), 0);
    assert_int_equal(error.code, 0);
    bytes[size - 1] ^= 1;
    assert_int_equal(ra_block_verify(&block, &error), ROLEAUTH_E_INVALID);
    assert_non_null(strstr(error.text, "checksum of its content"));
    assert_non_null(strstr(error.text, "compile it again"));
    free(bytes);
}

static void a_block_that_was_opened_can_be_sealed(void **state)
{
    struct ra_block_layout layout = layout_of();
    unsigned char header[RA_BLOCK_HEADER];
    struct ra_block block;
    size_t size;
    unsigned char *bytes = sealed(&size);

    (void)state;
    assert_int_equal(open_as(bytes, size, &layout, &block, ""), 0);
    assert_true(ra_block_seal(&block, header));
    assert_memory_equal(header, bytes, sizeof(header));
    assert_memory_not_equal(bytes + AT_BODY_DIGEST, bytes + AT_DIGEST,
                            RA_SHA256_SIZE);
    free(bytes);
}

/* The same roles give the same bytes: nothing of the memory they were built
 * in is left between sections. */
static void equal_blocks_have_equal_bytes(void **state)
{
    size_t size, other_size;
    unsigned char *bytes = sealed(&size);
    unsigned char *other = sealed(&other_size);

    (void)state;
    assert_int_equal(size, other_size);
    assert_memory_equal(bytes, other, size);
    free(bytes);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_built_is_read),
        cmocka_unit_test(nothing_is_a_block_too),
        cmocka_unit_test(items_are_aligned),
        cmocka_unit_test(items_out_of_range_are_not_there),
        cmocka_unit_test(texts_are_kept_once),
        cmocka_unit_test(texts_of_one_hash_are_told_apart),
        cmocka_unit_test(texts_out_of_range_are_not_there),
        cmocka_unit_test(sections_grow),
        cmocka_unit_test(more_than_can_be_counted),
        cmocka_unit_test(a_block_has_texts),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(no_block_at_all),
        cmocka_unit_test(another_byte_order),
        cmocka_unit_test(another_version),
        cmocka_unit_test(a_damaged_header),
        cmocka_unit_test(another_size),
        cmocka_unit_test(another_layout),
        cmocka_unit_test(hostile_offsets),
        cmocka_unit_test(hostile_counts),
        cmocka_unit_test(counts_within_the_room),
        cmocka_unit_test(texts_must_end),
        cmocka_unit_test(any_changed_byte_shows),
        cmocka_unit_test(a_block_that_was_opened_can_be_sealed),
        cmocka_unit_test(equal_blocks_have_equal_bytes),
    };

    return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}

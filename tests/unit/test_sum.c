/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "role/pack.h"

#define ROLES                                                                  \
    "[{\"name\":\"other\",\"varmatch\":{\"user\":\"x\"}},"                     \
    "{\"name\":\"door\",\"id\":7,\"message\":\"Welcome, %user%.\","            \
    "\"variables\":{\"runas\":\"root\"},"                                      \
    "\"varmatch\":{\"user\":[\"a*\",\"bob\"]},"                                \
    "\"auth\":[{\"method\":\"getuserpasswd\",\"user\":\"%user%\","             \
    "\"fname\":\"f\",\"period\":60}]},"                                        \
    "{\"name\":\"off\",\"disabled\":1,\"auth\":[{\"method\":\"none\"}]}]"

static roleauth_roles *load(void)
{
    roleauth_roles *roles = NULL;

    assert_int_equal(
        roleauth_roles_parse(&roles, "test", ROLES, strlen(ROLES), NULL, NULL),
        0);
    return roles;
}

static void sound_roles(void **state)
{
    roleauth_roles *roles = load(), *again = load();
    uint64_t sums[3], sum;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_true(ra_role_sound(roles, i));
        assert_true(ra_role_sum(roles, i, &sums[i]));
        assert_true(ra_role_sum(again, i, &sum));
        assert_true(sum == sums[i]);
    }
    assert_true(sums[0] != sums[1]);
    /* Disabled and broken from the beginning: never selected anyway. */
    assert_false(ra_role_sum(roles, 2, &sum));
    assert_false(ra_role_sound(roles, 2));
    assert_false(ra_role_sound(roles, 3));
    roleauth_roles_free(&roles);
    roleauth_roles_free(&again);
}

/* No bit of what the role says can change unseen.  What belongs to the other
 * roles, or to the index, may. */
static void every_bit_counts(void **state)
{
    static const unsigned sections[] = {
        RA_SECTION_METHODS, RA_SECTION_ROLE_VARIABLES, RA_SECTION_SUMS};
    roleauth_roles *roles = load();
    struct ra_role_item *door;
    unsigned char *bytes;

    (void)state;
    door = (void *)(uintptr_t)ra_block_item(&roles->block, RA_SECTION_ROLES, 1);
    bytes = (unsigned char *)door;
    for (size_t i = 0; i < sizeof(*door) * 8; i++) {
        bytes[i / 8] ^= (unsigned char)(1U << i % 8);
        /* Bits that nothing reads are no damage. */
        if (i < offsetof(struct ra_role_item, flags) * 8 + 4)
            assert_false(ra_role_sound(roles, 1));
        bytes[i / 8] ^= (unsigned char)(1U << i % 8);
    }
    for (size_t s = 0; s < sizeof(sections) / sizeof(sections[0]); s++) {
        const struct ra_section *section = &roles->block.sections[sections[s]];

        /* The door's item: sums have one for each role. */
        bytes = (unsigned char *)(uintptr_t)section->items +
                (sections[s] == RA_SECTION_SUMS ? section->size : 0);
        for (size_t i = 0; i < section->size * 8; i++) {
            bytes[i / 8] ^= (unsigned char)(1U << i % 8);
            assert_false(ra_role_sound(roles, 1));
            bytes[i / 8] ^= (unsigned char)(1U << i % 8);
        }
    }
    assert_true(ra_role_sound(roles, 1));
    roleauth_roles_free(&roles);
}

static void every_letter_counts(void **state)
{
    static const char *const texts[] = {"Welcome, %user%.",
                                        "root",
                                        "runas",
                                        "%user%",
                                        "door",
                                        "a*",
                                        "bob",
                                        "f",
                                        "7"};
    roleauth_roles *roles = load();
    const struct ra_section *section = &roles->block.sections[RA_BLOCK_TEXT];
    char *all = (char *)(uintptr_t)section->items;
    roleauth_selection selection;

    (void)state;
    /* A set that was made in memory needs no such look. */
    roles->mapped = true;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t size = strlen(texts[i]) + 1;
        char *text = memmem(all, section->count, texts[i], size);

        /* A text that others end in. */
        while (text != NULL && text[-1] != '\0')
            text = memmem(text + 1, (size_t)(all + section->count - text) - 1,
                          texts[i], size);
        assert_non_null(text);
        text[0] ^= 1;
        assert_int_equal(ra_roles_select(roles, NULL, "door", &selection, NULL),
                         strcmp(texts[i], "door") == 0 ? 0
                                                       : ROLEAUTH_E_INVALID);
        assert_int_equal(selection.kind, ROLEAUTH_SELECTED_NONE);
        text[0] ^= 1;
    }
    assert_int_equal(ra_roles_select(roles, NULL, "door", &selection, NULL), 0);
    assert_int_equal(selection.kind, ROLEAUTH_SELECTED_ROLE);
    roles->mapped = false;
    roleauth_roles_free(&roles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_roles),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(every_letter_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

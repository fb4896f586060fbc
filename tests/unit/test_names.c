/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/names.h"

static const char *name_at(const void *data, size_t place)
{
    return ((const char(*)[16])data)[place];
}

static void every_name_is_found_once(void **state)
{
    enum { COUNT = 5000 };
    char(*all)[16] = calloc(COUNT + 1, sizeof(*all));
    struct ra_names names;

    (void)state;
    assert_non_null(all);
    assert_true(ra_names_init(&names, COUNT));
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(all[i], sizeof(all[i]), "role %zu", i);
        assert_int_equal(ra_names_find(&names, all[i], name_at, all),
                         RA_NAMES_NONE);
        assert_int_equal(ra_names_add(&names, i, name_at, all), RA_NAMES_NONE);
    }
    memcpy(all[COUNT], all[17], sizeof(all[17]));
    assert_int_equal(ra_names_add(&names, COUNT, name_at, all), 17);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(ra_names_find(&names, all[i], name_at, all), i);
    assert_int_equal(ra_names_find(&names, "", name_at, all), RA_NAMES_NONE);
    assert_true(ra_names_has(&names, 17, name_at, all));
    assert_false(ra_names_has(&names, COUNT, name_at, all));
    ra_names_replace(&names, COUNT, name_at, all);
    assert_true(ra_names_has(&names, COUNT, name_at, all));
    assert_int_equal(ra_names_find(&names, all[17], name_at, all), COUNT);
    ra_names_free(&names);
    assert_int_equal(ra_names_find(&names, all[0], name_at, all),
                     RA_NAMES_NONE);
    free(all);
}

static const char *no_name(const void *data, size_t place)
{
    (void)data;
    (void)place;
    return NULL;
}

/* As it may lie in a damaged file: no free slot, names that are not there. */
static void a_damaged_table_ends_a_search(void **state)
{
    uint32_t slots[4] = {1, 2, 3, UINT32_MAX};
    const struct ra_names names = {slots, 3};

    (void)state;
    assert_int_equal(ra_names_find(&names, "x", no_name, NULL), RA_NAMES_NONE);
}

static void a_full_table_still_ends_a_search(void **state)
{
    char all[8][16] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct ra_names names;

    (void)state;
    assert_true(ra_names_init(&names, 8));
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(ra_names_add(&names, i, name_at, all), RA_NAMES_NONE);
    assert_int_equal(ra_names_find(&names, "x", name_at, all), RA_NAMES_NONE);
    ra_names_free(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_found_once),
        cmocka_unit_test(a_full_table_still_ends_a_search),
        cmocka_unit_test(a_damaged_table_ends_a_search),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

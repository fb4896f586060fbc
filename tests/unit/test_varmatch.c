/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "match/match.h"

struct variable {
    const char *name, *value;
};

static const struct variable request[] = {
    {"pbclientmode", "run"}, {"year", "2017"}, {"empty", ""}, {NULL, NULL}};

static const char *lookup(const void *variables, const char *name)
{
    for (const struct variable *v = variables; v->name != NULL; v++) {
        if (strcmp(v->name, name) == 0)
            return v->value;
    }
    return NULL;
}

static void test_all_must_hold(void **state)
{
    static const char *const run[] = {"run"}, *const years[] = {"201[678]"};
    static const char *const other[] = {"pbrun"};
    const struct ra_condition good[] = {{"pbclientmode", run, 1},
                                        {"year", years, 1}};
    const struct ra_condition first[] = {{"pbclientmode", other, 1},
                                         {"year", other, 1}};
    const struct ra_condition second[] = {{"year", years, 1},
                                          {"pbclientmode", other, 1}};

    (void)state;
    assert_int_equal(ra_varmatch(good, 2, lookup, request), 2);
    assert_int_equal(ra_varmatch(first, 2, lookup, request), 0);
    assert_int_equal(ra_varmatch(second, 2, lookup, request), 1);
    assert_int_equal(ra_varmatch(NULL, 0, lookup, request), 0);
}

static void test_any_pattern(void **state)
{
    static const char *const patterns[] = {"x*", "y*", "ru?", "z"};
    const struct ra_condition any = {"pbclientmode", patterns, 4};
    const struct ra_condition some = {"pbclientmode", patterns, 2};
    const struct ra_condition none = {"pbclientmode", patterns, 0};

    (void)state;
    assert_int_equal(ra_varmatch(&any, 1, lookup, request), 1);
    assert_int_equal(ra_varmatch(&some, 1, lookup, request), 0);
    assert_int_equal(ra_varmatch(&none, 1, lookup, request), 0);
}

static void test_undefined_never_matches(void **state)
{
    static const char *const all[] = {"*"}, *const nothing[] = {""};
    const struct ra_condition undefined = {"nobody", all, 1};
    const struct ra_condition unlike = {"nobody", nothing, 1};
    const struct ra_condition empty = {"empty", all, 1};
    const struct ra_condition blank = {"empty", nothing, 1};

    (void)state;
    assert_int_equal(ra_varmatch(&undefined, 1, lookup, request), 0);
    assert_int_equal(ra_varmatch(&unlike, 1, lookup, request), 0);
    assert_int_equal(ra_varmatch(&empty, 1, lookup, request), 1);
    assert_int_equal(ra_varmatch(&blank, 1, lookup, request), 1);
}

static void test_whole_value(void **state)
{
    static const char *const part[] = {"201"}, *const inside[] = {"01"};
    const struct ra_condition prefix = {"year", part, 1};
    const struct ra_condition middle = {"year", inside, 1};

    (void)state;
    assert_int_equal(ra_varmatch(&prefix, 1, lookup, request), 0);
    assert_int_equal(ra_varmatch(&middle, 1, lookup, request), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_must_hold),
        cmocka_unit_test(test_any_pattern),
        cmocka_unit_test(test_undefined_never_matches),
        cmocka_unit_test(test_whole_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

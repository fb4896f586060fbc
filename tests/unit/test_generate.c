/* SPDX-License-Identifier: MIT */
/* The generated sets are what they are said to be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <roleauth.h>
#include <stdlib.h>
#include <string.h>

#include "support/generate_inside.h"

static struct gen_set *make(enum gen_kind kind, uint64_t seed, size_t roles)
{
    const struct gen_order order = {kind, seed, roles, 40, 0};

    return gen_make(&order);
}

/* Roles and requests as text. */
static char *text_of(const struct gen_set *set)
{
    char *text = NULL;
    size_t length;
    FILE *output = open_memstream(&text, &length);

    assert_non_null(output);
    gen_write_roles(set, "d", output);
    gen_write_requests(set, output);
    assert_int_equal(fclose(output), 0);
    return text;
}

static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
    return hash;
}

static void seeds_decide(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < GEN_KIND_COUNT; kind++) {
        struct gen_set *set = make((enum gen_kind)kind, 1, 60);
        struct gen_set *same = make((enum gen_kind)kind, 1, 60);
        struct gen_set *other = make((enum gen_kind)kind, 2, 60);
        char *texts[3] = {text_of(set), text_of(same), text_of(other)};

        assert_string_equal(texts[0], texts[1]);
        assert_string_not_equal(texts[0], texts[2]);
        for (size_t i = 0; i < 3; i++)
            free(texts[i]);
        gen_free(&set);
        gen_free(&same);
        gen_free(&other);
    }
}

/* Another number here means that sets are no longer those of before, on this
 * machine or all. */
static void sets_are_the_same_everywhere(void **state)
{
    struct gen_set *set = make(GEN_REALISTIC, 7, 300);
    char *text = text_of(set);

    (void)state;
    assert_int_equal(hash_of(text), 0xCEBCB94970CDF266u);
    free(text);
    gen_free(&set);
    set = make(GEN_HOSTILE, 7, 300);
    text = text_of(set);
    assert_int_equal(hash_of(text), 0x9E09BF78A7F199FFu);
    free(text);
    gen_free(&set);
}

static void kinds_have_words(void **state)
{
    enum gen_kind kind;

    (void)state;
    for (size_t i = 0; i < GEN_KIND_COUNT; i++) {
        assert_true(gen_kind_find(gen_kind_word((enum gen_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    assert_false(gen_kind_find("", &kind));
}

static void every_set_loads(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < GEN_KIND_COUNT; kind++) {
        for (size_t roles = 1; roles <= 256; roles *= 16) {
            struct gen_set *set = make((enum gen_kind)kind, roles, roles);
            roleauth_error error = ROLEAUTH_ERROR_INIT;
            roleauth_roles *loaded = NULL;
            char name[GEN_NAME_SIZE], *text;
            size_t length;

            text = gen_roles_text(set, NULL, &length);
            if (roleauth_roles_parse(&loaded, "generated", text, length, NULL,
                                     &error) != 0)
                fail_msg("%s: %s: %s", gen_kind_word((enum gen_kind)kind),
                         error.path, error.text);
            assert_int_equal(roleauth_roles_count(loaded), roles);
            for (size_t i = 0; i < roles; i++) {
                gen_role_name(name, i);
                assert_string_equal(roleauth_roles_column(loaded, i, "name"),
                                    name);
            }
            roleauth_roles_free(&loaded);
            free(text);
            gen_free(&set);
        }
    }
}

static void values_can_be_set(void **state)
{
    size_t longest = 0;

    (void)state;
    for (size_t kind = 0; kind < GEN_KIND_COUNT; kind++) {
        struct gen_set *set = make((enum gen_kind)kind, 3, 2);

        for (size_t i = 0; i < set->request_count; i++) {
            roleauth_request *request = roleauth_request_new();

            for (size_t v = 0; v < set->variable_count; v++) {
                const char *value = set->requests[i].values[v];

                if (value == NULL)
                    continue;
                longest = strlen(value) > longest ? strlen(value) : longest;
                assert_int_equal(roleauth_request_set(request, ROLEAUTH_SERVER,
                                                      set->variables[v], value,
                                                      NULL),
                                 0);
            }
            roleauth_request_free(&request);
        }
        gen_free(&set);
    }
    assert_in_range(longest, ROLEAUTH_MAX_VALUE - 8, ROLEAUTH_MAX_VALUE);
}

/* ---- realistic ---- */

static void examples_match(void **state)
{
    static const enum gen_kind kinds[] = {GEN_REALISTIC, GEN_PLAIN, GEN_SINGLE};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct gen_set *set = make(kinds[k], 4, 2000);

        for (size_t i = 0; i < set->condition_count; i++) {
            const struct gen_condition *condition = &set->conditions[i];

            assert_non_null(condition->example);
            assert_int_equal(
                roleauth_glob_match(condition->patterns[0], condition->example),
                1);
            assert_int_equal(
                gen_fnmatch(condition->patterns[0], condition->example), 1);
        }
        gen_free(&set);
    }
}

static void roles_are_like_those_of_people(void **state)
{
    struct gen_set *set = make(GEN_REALISTIC, 5, 10000);
    size_t disabled = 0, of_first = 0, *uses;

    (void)state;
    uses = calloc(set->condition_count, sizeof(size_t));
    assert_non_null(uses);
    for (size_t i = 0; i < set->role_count; i++) {
        const struct gen_role *role = &set->roles[i];

        assert_in_range(role->count, 2, 6);
        disabled += role->disabled;
        if (i > 0)
            assert_true(set->roles[i - 1].rorder <= role->rorder);
        for (size_t c = 0; c < role->count; c++)
            uses[set->ids[role->first + c]]++;
    }
    assert_in_range(disabled, 100, 300);
    assert_int_equal(set->roles[0].rorder, set->roles[1].rorder);
    /* A few users have many of the roles. */
    for (size_t i = 0; i < set->condition_count; i++)
        if (set->conditions[i].variable == 0 && uses[i] > of_first)
            of_first = uses[i];
    assert_in_range(of_first, 200, 3000);
    free(uses);
    gen_free(&set);
}

static size_t distinct_literals(size_t roles, size_t words)
{
    const struct gen_order order = {GEN_REALISTIC, 6, roles, 0, words};
    struct gen_set *set = gen_make(&order);
    size_t count = 0;

    for (size_t i = 0; i < set->condition_count; i++)
        count += set->conditions[i].variable == 0 &&
                 set->conditions[i].count == 1 &&
                 strpbrk(set->conditions[i].patterns[0], "*?[") == NULL;
    gen_free(&set);
    return count;
}

static void words_grow_as_the_root(void **state)
{
    size_t small = distinct_literals(2500, 0);

    (void)state;
    assert_in_range(distinct_literals(40000, 0), small * 3, small * 5);
    assert_in_range(distinct_literals(40000, 50), small, small * 3 / 2);
}

static void half_of_the_requests_match_late(void **state)
{
    static const size_t sizes[] = {100, 1000, 20000};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const struct gen_order order = {GEN_REALISTIC, k, sizes[k], 200, 0};
        struct gen_set *set = gen_make(&order);
        size_t last = set->role_count - set->role_count / 100, late = 0;
        size_t none = 0;

        for (size_t i = 0; i < set->request_count; i++) {
            size_t first = gen_first(set, set->requests[i].values, gen_fnmatch);

            none += first == GEN_NONE;
            late += first >= last;
        }
        assert_in_range(late, 97, 130);
        assert_in_range(none, 40, 115);
        gen_free(&set);
    }
}

static void plain_ones_have_stars_only(void **state)
{
    struct gen_set *set = make(GEN_PLAIN, 8, 3000);
    size_t stars = 0;

    (void)state;
    for (size_t i = 0; i < set->condition_count; i++)
        for (size_t p = 0; p < set->conditions[i].count; p++) {
            const char *pattern = set->conditions[i].patterns[p];

            assert_null(strpbrk(pattern, "?[\\"));
            stars += strchr(pattern, '*') != NULL;
        }
    assert_true(stars > 100);
    gen_free(&set);
}

static void single_ones_have_one_condition(void **state)
{
    struct gen_set *set = make(GEN_SINGLE, 8, 3000);

    (void)state;
    /* Hardly one is there twice. */
    assert_true(set->condition_count > 2700);
    for (size_t i = 0; i < set->role_count; i++)
        assert_int_equal(set->roles[i].count, 1);
    gen_free(&set);
}

/* ---- answers ---- */

static void answers_agree(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < GEN_ODD; kind++) {
        struct gen_set *set = make((enum gen_kind)kind, 9, 200);

        for (size_t i = 0; i < set->request_count; i++) {
            const char *const *values = set->requests[i].values;

            assert_int_equal(gen_first(set, values, gen_fnmatch),
                             gen_first(set, values, roleauth_glob_match));
        }
        gen_free(&set);
    }
}

static void first_is_the_first(void **state)
{
    struct gen_set *set = make(GEN_SHARED, 1, 100);
    const char **values = calloc(set->variable_count, sizeof(*values));

    (void)state;
    assert_non_null(values);
    set->roles[40].disabled = false;
    gen_follow(set, 40, values);
    assert_int_equal(gen_first(set, values, gen_fnmatch), 40);
    set->roles[40].disabled = true;
    assert_int_equal(gen_first(set, values, gen_fnmatch), GEN_NONE);
    set->roles[70].count = 0;
    set->roles[70].disabled = false;
    assert_int_equal(gen_first(set, values, gen_fnmatch), 70);
    free(values);
    gen_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_decide),
        cmocka_unit_test(sets_are_the_same_everywhere),
        cmocka_unit_test(kinds_have_words),
        cmocka_unit_test(every_set_loads),
        cmocka_unit_test(values_can_be_set),
        cmocka_unit_test(examples_match),
        cmocka_unit_test(roles_are_like_those_of_people),
        cmocka_unit_test(words_grow_as_the_root),
        cmocka_unit_test(half_of_the_requests_match_late),
        cmocka_unit_test(plain_ones_have_stars_only),
        cmocka_unit_test(single_ones_have_one_condition),
        cmocka_unit_test(answers_agree),
        cmocka_unit_test(first_is_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

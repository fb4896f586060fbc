/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>

#include "support/told.h"
#include "role/ids.h"

#include <stdlib.h>

/* Roles are written as RORDER:ID or RORDER, apart by blanks; their names are
 * r0, r1 ... */
static struct told make(const char *roles)
{
    struct ra_buf text = RA_BUF_INIT(1u << 20);
    struct told told;
    unsigned number = 0;

    assert_true(ra_buf_add_char(&text, '['));
    while (*roles != '\0') {
        char *end;
        long rorder = strtol(roles, &end, 10);

        assert_true(ra_buf_printf(&text, "%s{\"name\":\"r%u\",\"rorder\":%ld",
                                  number > 0 ? "," : "", number, rorder));
        if (*end == ':') {
            roles = end + 1;
            assert_true(ra_buf_printf(&text, ",\"id\":\"%.*s\"",
                                      (int)strcspn(roles, " "), roles));
            end = (char *)(uintptr_t)(roles + strcspn(roles, " "));
        }
        assert_true(ra_buf_add_char(&text, '}'));
        roles = end + strspn(end, " ");
        number++;
    }
    assert_true(ra_buf_add_char(&text, ']'));
    told = told_load(text.data);
    assert_non_null(told.roles);
    ra_buf_free(&text);
    return told;
}

static void assert_plan(const char *roles, int64_t *taken, size_t count,
                        const char *expected)
{
    struct told told = make(roles);
    struct ra_buf got = RA_BUF_INIT(1u << 20);
    int64_t *ids = NULL;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    if (ra_ids_plan(told.roles, taken, count, &ids, &error) != 0) {
        assert_null(ids);
        assert_true(ra_buf_add_text(&got, error.text));
        if (strstr(got.data, expected) == NULL)
            fail_msg("%s: %s, expected %s", roles, got.data, expected);
    } else {
        assert_true(ra_buf_add(&got, "", 0));
        for (size_t i = 0; i < roleauth_roles_count(told.roles); i++)
            assert_true(
                ra_buf_printf(&got, "%s%" PRId64, i > 0 ? " " : "", ids[i]));
        if (strcmp(got.data, expected) != 0)
            fail_msg("%s: %s, expected %s", roles, got.data, expected);
    }
    free(ids);
    ra_buf_free(&got);
    told_free(&told);
}

#define assert_ids(roles, expected) assert_plan(roles, NULL, 0, expected)

static void roles_without_ids_are_numbered(void **state)
{
    (void)state;
    assert_ids("", "");
    assert_ids("0", "1");
    assert_ids("0 0 0 5 5 9", "1 2 3 4 5 6");
    assert_ids("-7 0 0", "1 2 3");
}

static void own_ids_are_kept(void **state)
{
    (void)state;
    assert_ids("0:3 0:7 0:8", "3 7 8");
    assert_ids("0:8 1:7 2:3", "8 7 3");
    assert_ids("0:-9223372036854775808 0:0 0:9223372036854775807",
               "-9223372036854775808 0 9223372036854775807");
    assert_ids("0:2 0 1 0:5 0", "2 3 5 6 7");
    assert_ids("0:2 1:1 1", "2 1 3");
}

static void gaps_are_filled_from_below(void **state)
{
    (void)state;
    assert_ids("0 0 0:3", "1 2 3");
    assert_ids("0 0:3 0 0:5 0", "1 3 4 5 6");
    assert_ids("0:1 0 0 0:9", "1 2 3 9");
    /* Those of another group are passed over. */
    assert_ids("0 0 0 0:9 1:1 2:3", "2 4 5 9 1 3");
    /* And what another group took, which has less to choose from. */
    assert_ids("0 0 0:5 1 1:3", "2 4 5 1 3");
    assert_ids("0 0:6 1 1:5 2 2:4", "3 6 2 5 1 4");
    assert_ids("0 0:11 1:5 1 1 1 1 1:10", "1 11 5 6 7 8 9 10");
    /* Never below 1. */
    assert_ids("0:-4 0 0 0:3", "-4 1 2 3");
    assert_ids("0:0 0 0:3 1:-1 1 1:9", "0 1 3 -1 2 9");
}

static void what_is_taken_is_passed_over(void **state)
{
    int64_t taken[] = {5, 3, 8, 8, -2};

    (void)state;
    assert_plan("0 0 1", taken, 5, "9 10 11");
    assert_plan("0 0 0:6 1", taken, 5, "1 2 6 9");
    assert_plan("0:1 0 0 0:6", taken, 5, "1 2 4 6");
    assert_plan("0:8", taken, 5,
                "the id 8 of the role \"r0\" is taken in the database");
    assert_plan("0:-2", taken, 5, "the id -2 of the role \"r0\" is taken");
}

static void what_cannot_be_is_told(void **state)
{
    int64_t taken[] = {1, 2, 3};

    (void)state;
    assert_ids("0:a", "the role \"r0\" has the id \"a\": in a database");
    assert_ids("0:07", "the id \"07\"");
    assert_ids("0:9223372036854775808", "the id \"9223372036854775808\"");
    assert_ids("0:1 0:4 1:4",
               "the roles \"r1\" and \"r2\" have the same id, 4");
    assert_ids("0:4 0:3", "the role \"r0\" (id 4) comes before \"r1\" (id 3)");
    assert_ids("0:4 0 0 0:3", "the role \"r0\" (id 4) comes before \"r3\" "
                              "(id 3)");
    assert_ids("0 0:1", "no id is free for the role \"r0\", which comes "
                        "before \"r1\" (id 1)");
    assert_ids("0:3 0 0:4", "no id is free for the role \"r1\"");
    assert_ids("0 0 0 0:3", "no id is free for the role \"r2\", which comes "
                            "before \"r3\" (id 3)");
    assert_ids("0 0:-5", "no id is free for the role \"r0\"");
    assert_ids("0 0:4 1 1:3 2:1", "no id is free for the role \"r0\"");
    assert_plan("0 0:4", taken, 3, "no id is free for the role \"r0\"");
    assert_ids("0:9223372036854775807 0", "no id is left for the role \"r1\"");
}

/* Unique, ascending where they must be, and those that roles had. */
static void check_plan(const struct told *told, const int64_t *ids)
{
    size_t count = roleauth_roles_count(told->roles);

    for (size_t i = 0; i < count; i++) {
        struct ra_role_view view, last;

        assert_true(ra_roles_view(told->roles, i, &view));
        if (view.columns[RA_COLUMN_ID] != NULL)
            assert_true(strtoll(view.columns[RA_COLUMN_ID], NULL, 10) ==
                        ids[i]);
        if (i > 0 && ra_roles_view(told->roles, i - 1, &last) &&
            last.rorder == view.rorder)
            assert_true(ids[i - 1] < ids[i]);
        for (size_t j = 0; j < i; j++)
            assert_true(ids[i] != ids[j]);
    }
}

/* ---- held against trying everything ---- */

enum { ROLES = 7, MOST_ID = 10 };

struct puzzle {
    int rorder[ROLES];
    int id[ROLES]; /* 0: none */
    bool used[MOST_ID + 1];
};

static bool has_end(const struct puzzle *p, int role)
{
    for (int i = role; i < ROLES && p->rorder[i] == p->rorder[role]; i++)
        if (p->id[i] != 0)
            return true;
    return false;
}

/* Can the roles from this one on be given ids?  What no id comes behind can
 * always have a large one. */
static bool is_possible(struct puzzle *p, int role, int above)
{
    bool possible = false;

    if (role == ROLES)
        return true;
    if (role > 0 && p->rorder[role] != p->rorder[role - 1])
        above = 0;
    if (p->id[role] != 0)
        return p->id[role] > above && is_possible(p, role + 1, p->id[role]);
    if (!has_end(p, role))
        return is_possible(p, role + 1, above);
    for (int id = above + 1; id <= MOST_ID && !possible; id++)
        if (!p->used[id]) {
            p->used[id] = true;
            possible = is_possible(p, role + 1, id);
            p->used[id] = false;
        }
    return possible;
}

static void random_puzzle(struct puzzle *p, unsigned *seed, char text[200])
{
    int rorder = 0;

    memset(p, 0, sizeof(*p));
    text[0] = '\0';
    for (int i = 0; i < ROLES; i++) {
        int id = 1 + rand_r(seed) % MOST_ID;
        size_t used = strlen(text);

        rorder += rand_r(seed) % 3 == 0;
        p->rorder[i] = rorder;
        if (rand_r(seed) % 2 == 0 && !p->used[id]) {
            p->id[i] = id;
            p->used[id] = true;
        }
        (void)snprintf(text + used, 200 - used,
                       p->id[i] != 0 ? "%d:%d " : "%d ", rorder, id);
    }
}

static void what_is_possible_is_planned(void **state)
{
    unsigned seed = 1, planned = 0;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        struct puzzle puzzle;
        char text[200];
        struct told told;
        int64_t *ids;
        bool good;

        random_puzzle(&puzzle, &seed, text);
        told = make(text);
        good = ra_ids_plan(told.roles, NULL, 0, &ids, NULL) == 0;
        if (good != is_possible(&puzzle, 0, 0))
            fail_msg("%s: %s", text, good ? "planned" : "refused");
        if (good)
            check_plan(&told, ids);
        planned += good;
        free(ids);
        told_free(&told);
    }
    assert_true(planned > 500 && planned < 2500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_without_ids_are_numbered),
        cmocka_unit_test(own_ids_are_kept),
        cmocka_unit_test(gaps_are_filled_from_below),
        cmocka_unit_test(what_is_taken_is_passed_over),
        cmocka_unit_test(what_cannot_be_is_told),
        cmocka_unit_test(what_is_possible_is_planned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

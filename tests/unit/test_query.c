/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>

#include "support/world.h"

#define ROLES                                                                  \
    "[{'name':'a','varmatch':{'user':'x*','year':'19*'}},"                     \
    "{'name':'b','varmatch':{'nosuch':['p','q']}},{'name':'off','disabled':1}" \
    ","                                                                        \
    "{'name':'c','varmatch':{'user':'ali?e','year':'2026'}},{'name':'d'}]"

static roleauth_selection choose(struct world *world)
{
    roleauth_selection selection;

    memset(&selection, 0xFF, sizeof(selection));
    assert_int_equal(roleauth_select(world->context, world->roles,
                                     world->request, &selection, NULL),
                     0);
    return selection;
}

/* What roleauth_evaluate() takes is what this tells. */
static void selection_runs_nothing(void **state)
{
    struct world *world = *state;
    roleauth_selection selection;

    world_roles(world, ROLES);
    selection = choose(world);
    assert_int_equal(selection.kind, ROLEAUTH_SELECTED_ROLE);
    assert_int_equal(selection.index, 3);
    assert_string_equal(selection.name, "c");
    assert_null(selection.why);
    world_request(world, "zoe", NULL);
    assert_string_equal(choose(world).name, "d");
    assert_int_equal(roleauth_request_set_role(world->request, "a", NULL), 0);
    assert_string_equal(choose(world).name, "a");
    assert_int_equal(roleauth_request_set_role(world->request, "off", NULL), 0);
    assert_int_equal(choose(world).kind, ROLEAUTH_SELECTED_NONE);
    assert_null(choose(world).name);
    assert_int_equal(world->events, 0);
}

static void a_barrier_says_why(void **state)
{
    struct world *world = *state;
    roleauth_selection selection;

    world_roles(world, "[{'name':'w','script':'x'},{'name':'d'}]");
    selection = choose(world);
    assert_int_equal(selection.kind, ROLEAUTH_SELECTED_BARRIER);
    assert_string_equal(selection.name, "w");
    assert_non_null(strstr(selection.why, "script"));
    world_roles(world, "[{'method':'getuserpasswd','user':'x'}]");
    selection = choose(world);
    assert_int_equal(selection.kind, ROLEAUTH_SELECTED_ROLE);
    assert_null(selection.name);
}

struct told {
    size_t used;
    char text[1024];
};

static void tell(struct told *told, const roleauth_mismatch *mismatch)
{
    told->used += (size_t)snprintf(
        told->text + told->used, sizeof(told->text) - told->used,
        "%zu %s %d %s %s %s;", mismatch->index, mismatch->role,
        mismatch->disabled, mismatch->variable ? mismatch->variable : "-",
        mismatch->value ? mismatch->value : "-",
        mismatch->pattern ? mismatch->pattern : "-");
    assert_true(told->used < sizeof(told->text));
}

static void an_explanation_tells_what_failed(void **state)
{
    struct world *world = *state;
    roleauth_explanation *why = NULL;
    struct told told = {0, ""};

    world_roles(world, ROLES);
    assert_int_equal(roleauth_explain(world->context, world->roles,
                                      world->request, 0, &why, NULL),
                     0);
    assert_string_equal(roleauth_explanation_selection(why)->name, "c");
    for (size_t i = 0; i < roleauth_explanation_miss_count(why); i++)
        tell(&told, roleauth_explanation_miss(why, i));
    roleauth_explanation_free(&why);
    assert_string_equal(told.text, "0 a 0 user alice x*;"
                                   "1 b 0 nosuch - p | q;"
                                   "2 off 1 - - -;");
}

static void a_broken_clock_selects_nothing(void **state)
{
    struct world *world = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_selection selection;
    roleauth_explanation *why = NULL;

    world_roles(world, ROLES);
    world->clock.broken = 1;
    assert_int_equal(roleauth_select(world->context, world->roles,
                                     world->request, &selection, &error),
                     ROLEAUTH_E_IO);
    assert_int_equal(error.code, ROLEAUTH_E_IO);
    assert_int_equal(selection.kind, ROLEAUTH_SELECTED_NONE);
    assert_int_equal(roleauth_explain(world->context, world->roles,
                                      world->request, 0, &why, NULL),
                     ROLEAUTH_E_IO);
    assert_null(why);
}

static void count_record(void *data, const roleauth_record *record)
{
    (void)record;
    (*(unsigned *)data)++;
}

static void arguments_are_checked(void **state)
{
    struct world *world = *state;
    roleauth_context *context = world->context;
    roleauth_selection selection;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;

    world_roles(world, ROLES);
    assert_int_equal(
        roleauth_select(NULL, world->roles, world->request, &selection, &error),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(error.code, ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_select(context, NULL, world->request, &selection, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_select(context, world->roles, NULL, &selection, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_select(context, world->roles, world->request, NULL, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_explain(context, world->roles, world->request, 0, NULL, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_status(NULL, count_record, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_status(context, NULL, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_sign_out(NULL, NULL, NULL, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_inspect(NULL, "x", NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_inspect(&roles, NULL, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
}

/* ---- sign-out ---- */

static void prove(struct world *world, const char *requester, const char *user)
{
    char roles[200], answer[32];

    (void)snprintf(roles, sizeof(roles),
                   "[{'method':'getuserpasswd','user':'%s','fname':'f%s',"
                   "'period':60}]",
                   user, user);
    (void)snprintf(answer, sizeof(answer), "%spw", user);
    world_roles(world, roles);
    world_request(world, requester, "desk");
    (void)world_run(world, answer);
    world_decided(world, ROLEAUTH_REASON_OK);
}

static unsigned records(struct world *world)
{
    unsigned count = 0;

    assert_int_equal(
        roleauth_status(world->context, count_record, &count, NULL), 0);
    return count;
}

static void a_sign_out_writes_one_event(void **state)
{
    struct world *world = *state;
    size_t ended = 0;
    unsigned events;

    prove(world, "alice", "bob");
    prove(world, "alice", "eve");
    prove(world, "carol", "bob");
    assert_int_equal(records(world), 3);
    events = world->events;
    assert_int_equal(
        roleauth_sign_out(world->context, "eve", NULL, &ended, NULL), 0);
    assert_int_equal(ended, 1);
    assert_int_equal(world->events, events + 1);
    assert_non_null(
        strstr(world->event,
               "{\"time\":\"2026-06-01T12:00:00.000Z\",\"event\":\"signout\","
               "\"user\":\"eve\",\"fname\":null,\"ended\":1"));
    assert_int_equal(records(world), 2);
    assert_int_equal(
        roleauth_sign_out(world->context, "carol", "fbob", &ended, NULL), 0);
    assert_int_equal(ended, 1);
    assert_int_equal(records(world), 1);
    assert_int_equal(roleauth_sign_out(world->context, NULL, NULL, NULL, NULL),
                     0);
    assert_int_equal(world->events, events + 3);
    assert_int_equal(records(world), 0);
}

static void a_sign_out_of_nothing_is_told_too(void **state)
{
    struct world *world = *state;
    size_t ended = 9;

    assert_int_equal(roleauth_sign_out(world->context, NULL, "x", &ended, NULL),
                     0);
    assert_int_equal(ended, 0);
    assert_int_equal(world->events, 1);
}

/* It stands, and the caller learns that the log does not know. */
static void a_sign_out_that_is_not_logged_stands(void **state)
{
    struct world *world = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    size_t ended = 0;

    prove(world, "alice", "bob");
    world->event_rc = -1;
    assert_int_equal(
        roleauth_sign_out(world->context, NULL, NULL, &ended, &error),
        ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "signed out, but not logged"));
    assert_int_equal(ended, 1);
    world->event_rc = 0;
    assert_int_equal(records(world), 0);
}

/* A memory store that can be told to fail. */
static struct {
    roleauth_store real;
    bool write_fails, remove_fails, lock_fails;
} faulty;

static int faulty_write(void *data, roleauth_area area, const char *name,
                        const void *bytes, size_t length, int64_t expires,
                        roleauth_error *error)
{
    return faulty.write_fails ? ROLEAUTH_E_IO
                              : faulty.real.write(data, area, name, bytes,
                                                  length, expires, error);
}

static int faulty_remove(void *data, roleauth_area area, const char *name,
                         roleauth_error *error)
{
    return faulty.remove_fails ? ROLEAUTH_E_IO
                               : faulty.real.remove(data, area, name, error);
}

static int faulty_lock(void *data, roleauth_error *error)
{
    return faulty.lock_fails ? ROLEAUTH_E_IO : faulty.real.lock(data, error);
}

static void use_faulty_store(struct world *world)
{
    roleauth_store store;

    memset(&faulty, 0, sizeof(faulty));
    assert_int_equal(roleauth_memory_store(&faulty.real), 0);
    store = faulty.real;
    store.write = faulty_write;
    store.remove = faulty_remove;
    store.lock = faulty_lock;
    assert_int_equal(roleauth_context_set_store(world->context, &store, NULL),
                     0);
}

static void a_sign_out_that_fails_says_so(void **state)
{
    struct world *world = *state;

    use_faulty_store(world);
    prove(world, "alice", "bob");
    for (int i = 0; i < 2; i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        unsigned events = world->events;

        faulty.remove_fails = true;
        faulty.write_fails = i == 0;
        faulty.lock_fails = i == 1;
        assert_true(
            roleauth_sign_out(world->context, NULL, NULL, NULL, &error) < 0);
        assert_int_not_equal(error.code, 0);
        assert_int_equal(world->events, events);
    }
    faulty.lock_fails = false;
    assert_int_equal(records(world), 1);
}

/* On a full disk nothing can be written, but the key can be removed. */
static void a_full_disk_keeps_nobody_signed_in(void **state)
{
    struct world *world = *state;

    use_faulty_store(world);
    prove(world, "alice", "bob");
    faulty.write_fails = true;
    assert_int_equal(roleauth_sign_out(world->context, "bob", NULL, NULL, NULL),
                     0);
    assert_int_equal(records(world), 0);
    (void)world_run(world, NULL);
    world_decided(world, ROLEAUTH_REASON_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_end)
        TEST(selection_runs_nothing),
        TEST(a_barrier_says_why),
        TEST(an_explanation_tells_what_failed),
        TEST(a_broken_clock_selects_nothing),
        TEST(arguments_are_checked),
        TEST(a_sign_out_writes_one_event),
        TEST(a_sign_out_of_nothing_is_told_too),
        TEST(a_sign_out_that_is_not_logged_stands),
        TEST(a_sign_out_that_fails_says_so),
        TEST(a_full_disk_keeps_nobody_signed_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

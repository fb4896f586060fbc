/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "auth/context.h"
#include "support/world.h"

static void freeze(struct world *world)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    assert_int_equal(ra_context_ready(world->context, &error), 0);
    assert_int_equal(ra_context_ready(world->context, &error), 0);
}

/* Every setter, with arguments that are right. */
static void assert_every_setter(struct world *world, roleauth_context *context,
                                int expected)
{
    roleauth_clock clock = roleauth_virtual_clock_seam(&world->clock);
    roleauth_users users = roleauth_fake_users_seam(world->users);
    roleauth_pam pam = roleauth_fake_pam_seam(world->pam);
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_store store;

    assert_int_equal(roleauth_memory_store(&store), 0);
    assert_int_equal(
        roleauth_context_set_text(context, ROLEAUTH_RETRY_MESSAGE, "x", NULL),
        expected);
    assert_int_equal(
        roleauth_context_set_number(context, ROLEAUTH_PROMPT_TIMEOUT, 1, NULL),
        expected);
    assert_int_equal(roleauth_context_trust_client(context, "x", NULL),
                     expected);
    assert_int_equal(roleauth_context_clear_sinks(context, NULL), expected);
    assert_int_equal(
        roleauth_context_add_file_sink(context, "/x", ROLEAUTH_OPTIONAL, NULL),
        expected);
    assert_int_equal(roleauth_context_add_syslog_sink(context, NULL), expected);
    assert_int_equal(roleauth_context_add_callback_sink(
                         context, world_hear, world, ROLEAUTH_MANDATORY, NULL),
                     expected);
    assert_int_equal(roleauth_context_set_clock(context, &clock, NULL),
                     expected);
    assert_int_equal(roleauth_context_set_users(context, &users, NULL),
                     expected);
    assert_int_equal(roleauth_context_set_pam(context, &pam, NULL), expected);
    assert_int_equal(roleauth_context_set_store(context, &store, &error),
                     expected);
    assert_int_equal(error.code, expected);
    if (expected != 0)
        store.release(store.data);
}

static void setters_work_until_it_is_used(void **state)
{
    struct world *world = *state;

    assert_every_setter(world, world->context, 0);
    assert_every_setter(world, world->context, 0);
    freeze(world);
    assert_every_setter(world, world->context, ROLEAUTH_E_IN_USE);
    assert_int_equal(roleauth_context_configure(world->context, "/nowhere",
                                                NULL, NULL, NULL),
                     ROLEAUTH_E_IN_USE);
}

static void no_context_is_told(void **state)
{
    struct world *world = *state;

    assert_every_setter(world, NULL, ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_context_configure(NULL, "/nowhere", NULL, NULL, NULL),
        ROLEAUTH_E_ARGUMENT);
    roleauth_context_free(NULL);
}

/* Every way to use it makes it immutable. */
static void each_use_freezes_it(void **state)
{
    struct world *world = *state;
    roleauth_selection selection;

    world_roles(world, "{'name':'r'}");
    for (int use = 0; use < 3; use++) {
        world_context(world);
        if (use == 0)
            (void)world_run(world, NULL);
        else if (use == 1)
            assert_int_equal(roleauth_select(world->context, world->roles,
                                             world->request, &selection, NULL),
                             0);
        else
            assert_int_equal(
                roleauth_sign_out(world->context, NULL, NULL, NULL, NULL), 0);
        assert_int_equal(roleauth_context_set_number(
                             world->context, ROLEAUTH_PROMPT_TIMEOUT, 1, NULL),
                         ROLEAUTH_E_IN_USE);
    }
}

static void a_seam_needs_all_its_functions(void **state)
{
    struct world *world = *state;
    roleauth_clock clock = {NULL, NULL};
    roleauth_users users = {NULL, NULL};
    roleauth_pam pam = roleauth_fake_pam_seam(world->pam);
    roleauth_store store, broken;

    assert_int_equal(roleauth_context_set_clock(world->context, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_context_set_clock(world->context, &clock, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_context_set_users(world->context, &users, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_context_set_users(world->context, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_context_set_pam(world->context, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_context_set_store(world->context, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
#define WITHOUT(seam, member, set)                                             \
    do {                                                                       \
        __typeof__(seam) copy = seam;                                          \
        copy.member = NULL;                                                    \
        assert_int_equal(set(world->context, &copy, NULL),                     \
                         ROLEAUTH_E_ARGUMENT);                                 \
    } while (0)
    WITHOUT(pam, find, roleauth_context_set_pam);
    WITHOUT(pam, start, roleauth_context_set_pam);
    WITHOUT(pam, authenticate, roleauth_context_set_pam);
    WITHOUT(pam, account_management, roleauth_context_set_pam);
    WITHOUT(pam, user, roleauth_context_set_pam);
    WITHOUT(pam, end, roleauth_context_set_pam);
    assert_int_equal(roleauth_memory_store(&store), 0);
    WITHOUT(store, read, roleauth_context_set_store);
    WITHOUT(store, write, roleauth_context_set_store);
    WITHOUT(store, create, roleauth_context_set_store);
    WITHOUT(store, remove, roleauth_context_set_store);
    WITHOUT(store, list, roleauth_context_set_store);
    WITHOUT(store, lock, roleauth_context_set_store);
    WITHOUT(store, unlock, roleauth_context_set_store);
#undef WITHOUT
    broken = store;
    broken.release = NULL; /* the only one that may be missing */
    assert_int_equal(roleauth_context_set_store(world->context, &broken, NULL),
                     0);
    assert_int_equal(roleauth_context_set_store(world->context, &store, NULL),
                     0);
}

static void count_release(void *data)
{
    (*(unsigned *)data)++;
}

static void a_store_is_released_once(void **state)
{
    struct world *world = *state;
    unsigned released = 0;
    roleauth_store store;

    assert_int_equal(roleauth_memory_store(&store), 0);
    store.release(store.data);
    store.release = count_release;
    store.data = &released;
    assert_int_equal(roleauth_context_set_store(world->context, &store, NULL),
                     0);
    assert_int_equal(released, 0);
    assert_int_equal(roleauth_context_set_store(world->context, &store, NULL),
                     0);
    assert_int_equal(released, 1); /* the one that was replaced */
    roleauth_context_free(&world->context);
    assert_null(world->context);
    assert_int_equal(released, 2);
    roleauth_context_free(&world->context);
    assert_int_equal(released, 2);
}

static void sinks_need_their_arguments(void **state)
{
    struct world *world = *state;
    roleauth_context *context = world->context;

    assert_int_equal(
        roleauth_context_add_file_sink(context, NULL, ROLEAUTH_OPTIONAL, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_context_add_file_sink(context, "", ROLEAUTH_OPTIONAL, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_context_add_file_sink(context, "/x", (roleauth_duty)7, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_context_add_callback_sink(
                         context, NULL, NULL, ROLEAUTH_OPTIONAL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_context_add_callback_sink(
                         context, world_hear, world, (roleauth_duty)-1, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_context_trust_client(context, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
}

static void what_is_frozen_is_what_was_set(void **state)
{
    struct world *world = *state;
    const struct ra_settings *settings;
    struct ra_records_config records;

    assert_int_equal(roleauth_context_set_number(
                         world->context, ROLEAUTH_SURVIVE_REBOOT, 1, NULL),
                     0);
    freeze(world);
    settings = ra_context_settings(world->context);
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_TIME_ZONE), "UTC");
    assert_non_null(ra_context_zone(world->context));
    records = ra_context_records(world->context);
    assert_true(records.survive_reboot);
    assert_ptr_equal(records.store, &ra_context_seams(world->context)->store);
    assert_ptr_equal(records.clock, &ra_context_seams(world->context)->clock);
    assert_ptr_equal(ra_context_seams(world->context)->clock.data,
                     &world->clock);
}

static void the_real_seams_are_the_default(void **state)
{
    roleauth_context *context = roleauth_context_new();
    const struct ra_seams *seams;

    (void)state;
    assert_int_equal(ra_context_ready(context, NULL), 0);
    seams = ra_context_seams(context);
    assert_non_null(seams->clock.now);
    assert_non_null(seams->users.lookup);
    assert_non_null(seams->pam.start);
    assert_non_null(seams->store.read);
    roleauth_context_free(&context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_end)
        TEST(setters_work_until_it_is_used),
        TEST(no_context_is_told),
        TEST(each_use_freezes_it),
        TEST(a_seam_needs_all_its_functions),
        TEST(a_store_is_released_once),
        TEST(sinks_need_their_arguments),
        TEST(what_is_frozen_is_what_was_set),
        TEST(the_real_seams_are_the_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

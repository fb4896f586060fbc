/* SPDX-License-Identifier: MIT */
/* The set in force while it is replaced.  Also to be run under
 * -fsanitize=thread. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "role/role.h"
#include "support/scratch.h"

#define READERS 3
#define WRITERS 2
#define RELOADS 150

static struct scratch scratch;

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void write_roles(const char *name, const char *text)
{
    scratch_write(&scratch, name, text, strlen(text), 0600);
}

/* The name of the first role in force; "": there are none. */
static void in_force(roleauth_policy *policy, const char *name)
{
    roleauth_roles *roles = roleauth_policy_roles(policy);

    assert_non_null(roles);
    assert_string_equal(roleauth_roles_column(roles, 0, "name"), name);
    roleauth_roles_free(&roles);
    assert_null(roles);
}

static int load(roleauth_policy *policy, const char *name,
                roleauth_error *error)
{
    return roleauth_policy_load(policy, scratch_at(&scratch, name), NULL,
                                error);
}

static void nothing_is_in_force_at_first(void **state)
{
    roleauth_policy *policy = roleauth_policy_new();

    (void)state;
    assert_non_null(policy);
    assert_null(roleauth_policy_roles(policy));
    roleauth_policy_free(&policy);
    assert_null(policy);
    roleauth_policy_free(&policy);
    roleauth_policy_free(NULL);
}

static void arguments(void **state)
{
    roleauth_policy *policy = roleauth_policy_new();
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    assert_null(roleauth_policy_roles(NULL));
    assert_int_equal(roleauth_policy_load(NULL, "x", NULL, &error),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(error.code, ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_policy_load(policy, NULL, NULL, &error),
                     ROLEAUTH_E_ARGUMENT);
    assert_null(roleauth_policy_roles(policy));
    roleauth_policy_free(&policy);
}

static void a_load_replaces_the_set(void **state)
{
    roleauth_policy *policy = roleauth_policy_new();
    roleauth_roles *before;

    (void)state;
    write_roles("a", "{\"name\":\"a\"}");
    write_roles("b", "[{\"name\":\"b\"},{\"name\":\"c\"}]");
    assert_int_equal(load(policy, "a", NULL), 0);
    in_force(policy, "a");
    before = roleauth_policy_roles(policy);
    assert_int_equal(load(policy, "b", NULL), 0);
    in_force(policy, "b");
    /* Whoever began with the old one keeps it. */
    assert_string_equal(roleauth_roles_column(before, 0, "name"), "a");
    roleauth_policy_free(&policy);
    assert_int_equal(roleauth_roles_count(before), 1);
    roleauth_roles_free(&before);
}

static void a_failed_load_changes_nothing(void **state)
{
    roleauth_policy *policy = roleauth_policy_new();
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    write_roles("bad", "{\"nam\":\"a\"}");
    assert_int_equal(load(policy, "bad", &error), ROLEAUTH_E_INVALID);
    assert_null(roleauth_policy_roles(policy));
    write_roles("good", "{\"name\":\"a\"}");
    assert_int_equal(load(policy, "good", &error), 0);
    assert_int_equal(error.code, 0);
    assert_int_equal(load(policy, "bad", &error), ROLEAUTH_E_INVALID);
    assert_int_equal(error.code, ROLEAUTH_E_INVALID);
    in_force(policy, "a");
    assert_int_equal(load(policy, "absent", &error), ROLEAUTH_E_IO);
    in_force(policy, "a");
    /* What others could have written is not put in force. */
    write_roles("open", "{\"name\":\"b\"}");
    assert_int_equal(chmod(scratch_at(&scratch, "open"), 0666), 0);
    assert_int_equal(load(policy, "open", &error), ROLEAUTH_E_UNTRUSTED);
    in_force(policy, "a");
    roleauth_policy_free(&policy);
}

/* While one load goes on, another one begins and ends. */
static void load_another(void *data, const char *phase, size_t done,
                         size_t total)
{
    roleauth_policy *policy = data;

    (void)phase;
    assert_true(done <= total);
    assert_int_equal(load(policy, "newer", NULL), 0);
    in_force(policy, "newer");
}

static void a_load_that_ends_late_undoes_nothing(void **state)
{
    roleauth_policy *policy = roleauth_policy_new();
    const roleauth_loading how = {.progress = load_another,
                                  .progress_data = policy};

    (void)state;
    write_roles("older", "[{\"name\":\"older\"},{\"name\":\"x\"}]");
    write_roles("newer", "[{\"name\":\"newer\"}]");
    assert_int_equal(
        roleauth_policy_load(policy, scratch_at(&scratch, "older"), &how, NULL),
        0);
    in_force(policy, "newer");
    assert_int_equal(load(policy, "older", NULL), 0);
    in_force(policy, "older");
    roleauth_policy_free(&policy);
}

/* ---- threads ---- */

/* What the threads of a test share; they tell failures by counting, because a
 * failed assertion may only leave the main thread. */
struct shared {
    roleauth_policy *policy;
    roleauth_context *context;
    char paths[3][512];
    atomic_bool stop;
    atomic_uint failures, answers[2], reloads;
};

/* In either set, the roles carry the set's name, and one of them matches. */
static void ask(struct shared *shared, const roleauth_request *request)
{
    roleauth_roles *roles = roleauth_policy_roles(shared->policy);
    roleauth_selection selection;
    roleauth_result *result = NULL;
    const char *first = roleauth_roles_column(roles, 0, "tag");
    const char *tag;
    bool good;

    good = roleauth_select(shared->context, roles, request, &selection, NULL) ==
               0 &&
           selection.kind == ROLEAUTH_SELECTED_ROLE;
    tag = good ? roleauth_roles_column(roles, selection.index, "tag") : NULL;
    good = good && tag != NULL && first != NULL && strcmp(tag, first) == 0 &&
           selection.index + 1 == roleauth_roles_count(roles);
    good = good &&
           roleauth_evaluate(shared->context, roles, request, &result, NULL) ==
               0 &&
           roleauth_result_accepted(result) == 1 &&
           strcmp(roleauth_result_role(result), selection.name) == 0;
    if (good)
        atomic_fetch_add(&shared->answers[strcmp(tag, "compiled") == 0], 1);
    else
        atomic_fetch_add(&shared->failures, 1);
    roleauth_result_free(&result);
    roleauth_roles_free(&roles);
}

static void *reader(void *data)
{
    struct shared *shared = data;
    roleauth_request *request = roleauth_request_new();

    if (request == NULL ||
        roleauth_request_set(request, ROLEAUTH_SERVER, "user", "alice", NULL) !=
            0 ||
        roleauth_request_set_records(request, ROLEAUTH_RECORDS_IGNORE, NULL) !=
            0)
        atomic_fetch_add(&shared->failures, 1);
    while (request != NULL && !atomic_load(&shared->stop))
        ask(shared, request);
    roleauth_request_free(&request);
    return NULL;
}

/* JSON, compiled, and one that fails, in turn. */
static void *writer(void *data)
{
    struct shared *shared = data;

    for (unsigned i = 0; i < RELOADS; i++) {
        int wanted = i % 3 == 2 ? ROLEAUTH_E_INVALID : 0;

        if (roleauth_policy_load(shared->policy, shared->paths[i % 3], NULL,
                                 NULL) != wanted)
            atomic_fetch_add(&shared->failures, 1);
        atomic_fetch_add(&shared->reloads, 1);
    }
    return NULL;
}

/* count roles of which the last one matches. */
static void write_set(const char *name, const char *tag, size_t count)
{
    static char text[65536];
    size_t used = strlcpy(text, "[", sizeof(text));
    char pattern[32];

    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count;

        (void)snprintf(pattern, sizeof(pattern), "bob%zu*", i);
        used += (size_t)snprintf(
            text + used, sizeof(text) - used,
            "{\"name\":\"%s %zu\",\"tag\":\"%s\",\"varmatch\":{"
            "\"user\":\"%s\"}}%s",
            tag, i, tag, last ? "[!z]lic?" : pattern, last ? "]" : ",");
    }
    assert_true(used < sizeof(text));
    scratch_write(&scratch, name, text, used, 0600);
}

static void wait_for(const atomic_uint *counter, unsigned wanted)
{
    const struct timespec step = {0, 1000000};

    for (int i = 0; i < 60000 && atomic_load(counter) < wanted; i++)
        (void)nanosleep(&step, NULL);
}

static void prepare(struct shared *shared)
{
    static const char *const names[] = {"plain.json", "compiled", "bad.json"};
    roleauth_roles *roles = NULL;

    memset(shared, 0, sizeof(*shared));
    write_set("plain.json", "plain", 40);
    write_set("source.json", "compiled", 90);
    write_roles("bad.json", "[{\"name\":\"a\"},{\"name\":\"a\"}]");
    for (size_t i = 0; i < 3; i++)
        (void)strlcpy(shared->paths[i], scratch_at(&scratch, names[i]), 512);
    assert_int_equal(roleauth_roles_load(&roles,
                                         scratch_at(&scratch, "source.json"),
                                         NULL, NULL),
                     0);
    assert_int_equal(roleauth_roles_compile(roles, shared->paths[1], NULL), 0);
    roleauth_roles_free(&roles);
    shared->context = roleauth_context_new();
    shared->policy = roleauth_policy_new();
    assert_non_null(shared->context);
    assert_non_null(shared->policy);
    assert_int_equal(load(shared->policy, "plain.json", NULL), 0);
}

static void reloads_while_others_evaluate(void **state)
{
    pthread_t readers[READERS], writers[WRITERS];
    struct shared shared;

    (void)state;
    prepare(&shared);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, reader, &shared), 0);
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, writer, &shared), 0);
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_join(writers[i], NULL), 0);
    /* Both were seen, whatever the scheduler did. */
    assert_int_equal(load(shared.policy, "plain.json", NULL), 0);
    wait_for(&shared.answers[0], atomic_load(&shared.answers[0]) + 1);
    assert_int_equal(load(shared.policy, "compiled", NULL), 0);
    wait_for(&shared.answers[1], atomic_load(&shared.answers[1]) + 1);
    atomic_store(&shared.stop, true);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_join(readers[i], NULL), 0);
    assert_int_equal(atomic_load(&shared.failures), 0);
    assert_int_equal(atomic_load(&shared.reloads), WRITERS * RELOADS);
    assert_true(atomic_load(&shared.answers[0]) > 0);
    assert_true(atomic_load(&shared.answers[1]) > 0);
    roleauth_policy_free(&shared.policy);
    roleauth_context_free(&shared.context);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_in_force_at_first),
        TEST(arguments),
        TEST(a_load_replaces_the_set),
        TEST(a_failed_load_changes_nothing),
        TEST(a_load_that_ends_late_undoes_nothing),
        TEST(reloads_while_others_evaluate),
    };

    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}

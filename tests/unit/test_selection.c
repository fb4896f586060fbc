/* SPDX-License-Identifier: MIT */
/* On generated sets of 1 to 5,000 roles, realistic and hostile, the index
 * answers as a scan does, while other threads put other sets in force.
 *
 * SELECTION_SETS says how many sets (60), SELECTION_FROM which one is the
 * first (0): a failure tells its number. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <roleauth.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "match/index.h"
#include "role/set.h"
#include "role/vars.h"
#include "support/generate.h"

enum { WORKERS = 2, READERS = 1, RING = 16, MOST_ROLES = 5000 };

/* A set that was put in force, and what its answers are. */
struct known {
    size_t number, users;
    struct gen_set *set;
    size_t *expected;
};

struct world {
    char directory[64];
    roleauth_context *context;
    roleauth_policy *policy;
    size_t end;         /* behind the last set */
    atomic_size_t next; /* set */
    atomic_bool over;
    atomic_size_t wrong, asked_in_force;
    pthread_mutex_t mutex; /* guards the rest */
    struct known *ring[RING];
};

/* Assertions of cmocka are for the thread that runs the test. */
static bool wrong(struct world *world, size_t number, size_t request,
                  const char *what)
{
    if (atomic_fetch_add(&world->wrong, 1) < 10)
        (void)fprintf(stderr, "set %zu, request %zu: %s\n", number, request,
                      what);
    return false;
}

/* ---- sets by number ---- */

static size_t limit_of(enum gen_kind kind)
{
    switch (kind) {
    case GEN_ODD:
        return 40; /* in more than these, everything matches */
    case GEN_DEEP:
        return 200; /* of hundreds of conditions each */
    default:
        return MOST_ROLES;
    }
}

/* Half of the sets are realistic; small ones, which differ in more, are far
 * oftener than large ones. */
static struct gen_order order_of(size_t number)
{
    static const enum gen_kind real[] = {GEN_REALISTIC, GEN_REALISTIC,
                                         GEN_PLAIN, GEN_SINGLE};
    enum { HOSTILE = GEN_KIND_COUNT - GEN_NO_LITERALS };
    uint64_t seed = number;
    size_t one = gen_spread(&seed) % 13, other = gen_spread(&seed) % 13;
    size_t start = (size_t)1 << (one < other ? one : other);
    struct gen_order order = {GEN_REALISTIC, number, 0, 0, 0};

    order.kind = number % 2 == 0
                     ? real[number / 2 % 4]
                     : (enum gen_kind)(GEN_NO_LITERALS + number / 2 % HOSTILE);
    order.roles = start + gen_spread(&seed) % start;
    if (order.roles > limit_of(order.kind))
        order.roles = limit_of(order.kind);
    order.requests = 10000 / order.roles;
    order.requests = order.requests < 4    ? 4
                     : order.requests > 40 ? 40
                                           : order.requests;
    return order;
}

static struct known *known_new(const struct gen_order *order, size_t number)
{
    struct known *known = calloc(1, sizeof(*known));

    if (known == NULL)
        abort();
    known->number = number;
    known->users = 1;
    known->set = gen_make(order);
    known->expected = calloc(order->requests + 1, sizeof(size_t));
    if (known->expected == NULL)
        abort();
    for (size_t i = 0; i < order->requests; i++)
        known->expected[i] = gen_first(
            known->set, known->set->requests[i].values, roleauth_glob_match);
    return known;
}

static void known_drop(struct world *world, struct known *known)
{
    bool last;

    if (known == NULL)
        return;
    (void)pthread_mutex_lock(&world->mutex);
    last = --known->users == 0;
    (void)pthread_mutex_unlock(&world->mutex);
    if (!last)
        return;
    gen_free(&known->set);
    free(known->expected);
    free(known);
}

/* Others may meet the set from now on. */
static void publish(struct world *world, struct known *known)
{
    struct known **place = &world->ring[known->number % RING], *before;

    (void)pthread_mutex_lock(&world->mutex);
    before = *place;
    *place = known;
    known->users++;
    (void)pthread_mutex_unlock(&world->mutex);
    known_drop(world, before);
}

/* What is known of the set that these roles are; NULL: nothing any more. */
static struct known *recognize(struct world *world, const roleauth_roles *roles)
{
    const char *text = roleauth_roles_column(roles, 0, "description");
    size_t number = text != NULL ? strtoul(text, NULL, 10) : 0;
    struct known *known;

    (void)pthread_mutex_lock(&world->mutex);
    known = world->ring[number % RING];
    if (known != NULL && known->number == number)
        known->users++;
    else
        known = NULL;
    (void)pthread_mutex_unlock(&world->mutex);
    return known;
}

/* ---- answers ---- */

static ra_vars *vars_of(const struct gen_set *set, size_t request)
{
    ra_vars *vars = ra_vars_new(NULL);

    for (size_t v = 0; vars != NULL && v < set->variable_count; v++) {
        const char *value = set->requests[request].values[v];

        if (value != NULL && ra_vars_set(vars, ROLEAUTH_SERVER,
                                         set->variables[v], value, NULL) != 0)
            abort();
    }
    return vars;
}

/* Index, scan and the generator's own answer are one. */
static bool ask_block(struct world *world, const struct known *known,
                      const roleauth_roles *roles, size_t request)
{
    const struct ra_block *block = ra_roles_block(roles);
    ra_vars *vars = vars_of(known->set, request);
    const struct ra_question question = ra_vars_question(vars);
    size_t first = 0, scanned = 0;
    bool good = true;

    if (ra_index_first(block, &question, &first) != 0 ||
        ra_index_scan(block, &question, &scanned) != 0)
        good = wrong(world, known->number, request, "failed");
    else if (first != scanned)
        good = wrong(world, known->number, request, "index and scan differ");
    else if (first != known->expected[request])
        good = wrong(world, known->number, request, "both are wrong");
    ra_vars_free(&vars);
    return good;
}

static roleauth_request *request_of(const struct gen_set *set, size_t request)
{
    roleauth_request *made = roleauth_request_new();

    for (size_t v = 0; v < set->variable_count; v++) {
        const char *value = set->requests[request].values[v];

        if (value != NULL &&
            roleauth_request_set(made, ROLEAUTH_SERVER, set->variables[v],
                                 value, NULL) != 0)
            abort();
    }
    return made;
}

/* The public call answers likewise, and names the role. */
static bool ask_public(struct world *world, const struct known *known,
                       const roleauth_roles *roles, size_t request)
{
    roleauth_request *made = request_of(known->set, request);
    roleauth_selection selection;
    size_t expected = known->expected[request];
    char name[GEN_NAME_SIZE];
    bool good = true;

    if (roleauth_select(world->context, roles, made, &selection, NULL) != 0)
        good = wrong(world, known->number, request, "selection failed");
    else if (expected == GEN_NONE && selection.kind != ROLEAUTH_SELECTED_NONE)
        good = wrong(world, known->number, request, "a role where none is");
    if (good && expected != GEN_NONE) {
        gen_role_name(name, expected);
        if (selection.kind != ROLEAUTH_SELECTED_ROLE ||
            selection.index != expected || strcmp(selection.name, name) != 0)
            good = wrong(world, known->number, request, "another role");
    }
    roleauth_request_free(&made);
    return good;
}

typedef bool ask(struct world *world, const struct known *known,
                 const roleauth_roles *roles, size_t request);

static void ask_all(struct world *world, const struct known *known,
                    const roleauth_roles *roles, ask *one)
{
    bool good = true;

    if (roleauth_roles_count(roles) != known->set->role_count) {
        (void)wrong(world, known->number, 0, "roles are missing");
        return;
    }
    for (size_t i = 0; good && i < known->set->request_count; i++)
        good = one(world, known, roles, i);
}

/* ---- threads ---- */

static void file_name(const struct world *world, size_t number,
                      const char *suffix, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/%zu.%s", world->directory, number, suffix);
}

static bool write_set(const struct known *known, const char *path)
{
    char description[32];
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return false;
    (void)snprintf(description, sizeof(description), "%zu", known->number);
    gen_write_roles(known->set, description, file);
    return fclose(file) == 0;
}

/* The same set, mapped from a file. */
static void ask_compiled(struct world *world, const struct known *known,
                         const roleauth_roles *roles)
{
    roleauth_roles *mapped = NULL;
    char path[128];

    file_name(world, known->number, "compiled", path, sizeof(path));
    if (roleauth_roles_compile(roles, path, NULL) != 0 ||
        roleauth_roles_load(&mapped, path, NULL, NULL) != 0)
        (void)wrong(world, known->number, 0, "cannot be compiled");
    else
        ask_all(world, known, mapped, ask_public);
    roleauth_roles_free(&mapped);
    (void)unlink(path);
}

/* Puts a set in force and asks it everything, be it in force for long or not.
 */
static void work_on(struct world *world, size_t number)
{
    const struct gen_order order = order_of(number);
    struct known *known = known_new(&order, number), *found;
    roleauth_roles *roles = NULL;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char path[128];

    file_name(world, number, "json", path, sizeof(path));
    publish(world, known);
    if (!write_set(known, path) ||
        roleauth_policy_load(world->policy, path, NULL, &error) != 0) {
        (void)wrong(world, number, 0, error.text);
        goto out;
    }
    roles = roleauth_policy_roles(world->policy);
    found = recognize(world, roles);
    if (found != known) {
        roleauth_roles_free(&roles);
        if (roleauth_roles_load(&roles, path, NULL, NULL) != 0)
            (void)wrong(world, number, 0, "cannot be loaded again");
    }
    known_drop(world, found);
    ask_all(world, known, roles, ask_block);
    ask_all(world, known, roles, ask_public);
    if (number % 8 < 2)
        ask_compiled(world, known, roles);
out:
    roleauth_roles_free(&roles);
    known_drop(world, known);
    (void)unlink(path);
}

static void *work(void *data)
{
    struct world *world = data;
    size_t number;

    while ((number = atomic_fetch_add(&world->next, 1)) < world->end)
        work_on(world, number);
    return NULL;
}

/* Asks whatever is in force. */
static void *ask_in_force(void *data)
{
    struct world *world = data;

    while (!atomic_load(&world->over)) {
        roleauth_roles *roles = roleauth_policy_roles(world->policy);
        struct known *known = roles != NULL ? recognize(world, roles) : NULL;

        for (size_t i = 0; known != NULL && i < 4; i++) {
            size_t asked = atomic_fetch_add(&world->asked_in_force, 1);

            (void)ask_public(world, known, roles,
                             asked % known->set->request_count);
        }
        known_drop(world, known);
        roleauth_roles_free(&roles);
        (void)usleep(1000);
    }
    return NULL;
}

static size_t number_in(const char *variable, size_t otherwise)
{
    const char *text = getenv(variable);

    return text != NULL && *text != '\0' ? strtoul(text, NULL, 10) : otherwise;
}

static void run(struct world *world)
{
    pthread_t workers[WORKERS], readers[READERS];

    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, ask_in_force, world),
                         0);
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&workers[i], NULL, work, world), 0);
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(workers[i], NULL), 0);
    atomic_store(&world->over, true);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_join(readers[i], NULL), 0);
}

static void index_answers_as_the_scan(void **state)
{
    size_t from = number_in("SELECTION_FROM", 0);
    struct world *world = calloc(1, sizeof(*world));
    const char *base = getenv("TMPDIR");

    (void)state;
    assert_non_null(world);
    (void)snprintf(world->directory, sizeof(world->directory),
                   "%.40s/selection.XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(world->directory));
    world->context = roleauth_context_new();
    world->policy = roleauth_policy_new();
    assert_non_null(world->context);
    assert_non_null(world->policy);
    assert_int_equal(pthread_mutex_init(&world->mutex, NULL), 0);
    world->end = from + number_in("SELECTION_SETS", 60);
    atomic_init(&world->next, from);
    run(world);
    for (size_t i = 0; i < RING; i++)
        known_drop(world, world->ring[i]);
    roleauth_policy_free(&world->policy);
    roleauth_context_free(&world->context);
    (void)pthread_mutex_destroy(&world->mutex);
    assert_int_equal(rmdir(world->directory), 0);
    assert_int_equal(atomic_load(&world->wrong), 0);
    assert_true(atomic_load(&world->asked_in_force) > 0);
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_answers_as_the_scan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Selection on a generated set of roles: roleauth_select() as an embedder calls
 * it, the index alone, and a linear scan with fnmatch(3) in the C locale over
 * a flat array of (variable, pattern), which stops at a role's first failure
 * and at the first role that matches.  All sides in one process, in turns.
 *
 * bench_select KIND ROLES REQUESTS [SEED [WORDS [DIRECTORY]]]
 *
 * "scan" is given the values as an array by variable; "named_scan" looks each
 * up once in the request, as the index has to.  A request's time is the median
 * of some rounds; the answers are compared on every request.  With a DIRECTORY
 * the set is compiled into it and mapped from there, and answers.ours says
 * which role each request selects.  Prints lines of "NAME<tab>VALUE", times in
 * nanoseconds. */
#include <roleauth.h>

#include <fnmatch.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "match/index.h"
#include "role/set.h"
#include "role/vars.h"
#include "support/generate.h"

enum {
    ROUNDS = 9,
    SCAN_MOST = 100000,  /* roles; more are only compared, not timed */
    REPEAT_BELOW = 2000, /* ns: what is faster is timed several at a time */
    LOADS = 5,
};

struct entry {
    const char *pattern;
    uint32_t variable;
    uint32_t others; /* that may match instead, behind this one */
};

struct flat {
    struct entry *entries;
    size_t *starts; /* of the enabled roles, and the end */
    size_t *roles;  /* their numbers in the set */
    size_t count;
};

/* A value that was looked up already, for a question. */
struct found {
    size_t question;
    const char *value;
};

struct bench {
    struct gen_set *set;
    struct found *found; /* by variable */
    size_t *question;
    struct flat flat;
    roleauth_context *context;
    roleauth_roles *roles;
    roleauth_request **requests;
    ra_vars **vars;
};

static void *must(void *memory)
{
    if (memory == NULL) {
        (void)fprintf(stderr, "bench_select: out of memory\n");
        exit(2);
    }
    return memory;
}

static void must_work(int code, const roleauth_error *error)
{
    if (code == 0)
        return;
    (void)fprintf(stderr, "bench_select: %s: %s\n", roleauth_strerror(code),
                  error->text);
    exit(2);
}

static double now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double part(double *values, size_t count, double share)
{
    qsort(values, count, sizeof(*values), ascending);
    return values[(size_t)((double)(count - 1) * share)];
}

static void print(const char *name, double value)
{
    (void)printf("%s\t%.6g\n", name, value);
}

/* ---- the scan ---- */

static void flatten(struct bench *bench)
{
    const struct gen_set *set = bench->set;
    struct flat *flat = &bench->flat;
    size_t used = 0, patterns = 0;

    for (size_t i = 0; i < set->id_count; i++)
        patterns += set->conditions[set->ids[i]].count;
    flat->entries = must(calloc(patterns + 1, sizeof(*flat->entries)));
    flat->starts = must(calloc(set->role_count + 1, sizeof(size_t)));
    flat->roles = must(calloc(set->role_count + 1, sizeof(size_t)));
    for (size_t r = 0; r < set->role_count; r++) {
        const struct gen_role *role = &set->roles[r];

        if (role->disabled)
            continue;
        flat->roles[flat->count++] = r;
        for (size_t c = 0; c < role->count; c++) {
            const struct gen_condition *condition =
                &set->conditions[set->ids[role->first + c]];

            for (size_t p = 0; p < condition->count; p++)
                flat->entries[used++] = (struct entry){
                    condition->patterns[p], (uint32_t)condition->variable,
                    (uint32_t)(condition->count - p - 1)};
        }
        flat->starts[flat->count] = used;
    }
}

/* ---- the sides ---- */

typedef size_t side(const struct bench *bench, size_t request);

typedef const char *value_of(const struct bench *bench, size_t request,
                             size_t variable);

/* Inlined, so that each scan is as quick as one written by hand. */
static inline __attribute__((always_inline)) size_t
scan(const struct bench *bench, size_t request, value_of *find)
{
    const struct flat *flat = &bench->flat;

    for (size_t r = 0; r < flat->count; r++) {
        size_t e = flat->starts[r], end = flat->starts[r + 1];

        while (e < end) {
            const struct entry *entry = &flat->entries[e];
            const char *value = find(bench, request, entry->variable);

            if (value != NULL && fnmatch(entry->pattern, value, 0) == 0)
                e += entry->others + 1;
            else if (entry->others > 0)
                e++;
            else
                break;
        }
        if (e == end)
            return flat->roles[r];
    }
    return GEN_NONE;
}

static inline const char *value_given(const struct bench *bench, size_t request,
                                      size_t variable)
{
    return bench->set->requests[request].values[variable];
}

static size_t by_scan(const struct bench *bench, size_t request)
{
    return scan(bench, request, value_given);
}

static inline const char *value_found(const struct bench *bench, size_t request,
                                      size_t variable)
{
    struct found *found = &bench->found[variable];

    if (found->question != *bench->question) {
        found->question = *bench->question;
        found->value = ra_vars_lookup(bench->vars[request],
                                      bench->set->variables[variable]);
    }
    return found->value;
}

static size_t by_named_scan(const struct bench *bench, size_t request)
{
    ++*bench->question;
    return scan(bench, request, value_found);
}

static size_t by_index(const struct bench *bench, size_t request)
{
    const struct ra_question question = ra_vars_question(bench->vars[request]);
    size_t rule;

    if (ra_index_first(ra_roles_block(bench->roles), &question, &rule) != 0)
        exit(2);
    return rule;
}

static size_t by_select(const struct bench *bench, size_t request)
{
    roleauth_selection selection;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    must_work(roleauth_select(bench->context, bench->roles,
                              bench->requests[request], &selection, &error),
              &error);
    return selection.kind == ROLEAUTH_SELECTED_NONE ? GEN_NONE
                                                    : selection.index;
}

enum { SELECT, INDEX, SCAN, NAMED_SCAN, SIDES };

static const struct {
    const char *name;
    side *answer;
} sides[SIDES] = {
    {"select", by_select},
    {"index", by_index},
    {"scan", by_scan},
    {"named_scan", by_named_scan},
};

/* ---- set-up ---- */

static void set_request(struct bench *bench, size_t request)
{
    const struct gen_set *set = bench->set;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    bench->requests[request] = must(roleauth_request_new());
    bench->vars[request] = must(ra_vars_new(NULL));
    for (size_t v = 0; v < set->variable_count; v++) {
        const char *value = set->requests[request].values[v];

        if (value == NULL)
            continue;
        must_work(roleauth_request_set(bench->requests[request],
                                       ROLEAUTH_SERVER, set->variables[v],
                                       value, &error),
                  &error);
        must_work(ra_vars_set(bench->vars[request], ROLEAUTH_SERVER,
                              set->variables[v], value, &error),
                  &error);
    }
}

static double load_once(const char *text, size_t length, roleauth_roles **roles)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    double start = now();

    must_work(roleauth_roles_parse(roles, "bench", text, length, NULL, &error),
              &error);
    return now() - start;
}

static double json_once(const char *text, size_t length)
{
    double start = now(), end;
    json_t *tree = must(json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL));

    end = now();
    json_decref(tree);
    return end - start;
}

static void load(struct bench *bench)
{
    size_t length, loads = bench->set->role_count > SCAN_MOST ? 1 : LOADS;
    char *text = gen_roles_text(bench->set, NULL, &length);
    double times[LOADS], json[LOADS];
    size_t roles = bench->set->role_count;

    for (size_t i = 0; i < loads; i++) {
        roleauth_roles_free(&bench->roles);
        times[i] = load_once(text, length, &bench->roles);
        if (loads > 1)
            json[i] = json_once(text, length);
    }
    free(text);
    print("text_bytes", (double)length);
    print("block_bytes", (double)ra_roles_block(bench->roles)->size);
    print("block_bytes_per_role",
          (double)ra_roles_block(bench->roles)->size / (double)roles);
    print("load", part(times, loads, 0.5));
    if (loads > 1)
        print("json_loadb", part(json, loads, 0.5));
}

/* Writes the set as a file and maps that; the first answer reads some of it.
 */
static void compile(struct bench *bench, const char *directory)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    double start, loaded[LOADS], answered[LOADS];
    roleauth_roles *in_memory = bench->roles;
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/policy", directory);
    start = now();
    must_work(roleauth_roles_compile(in_memory, path, &error), &error);
    print("compile", now() - start);
    for (size_t i = 0; i < LOADS; i++) {
        start = now();
        must_work(roleauth_roles_load(&bench->roles, path, NULL, &error),
                  &error);
        loaded[i] = now() - start;
        (void)by_select(bench, 0);
        answered[i] = now() - start;
        roleauth_roles_free(&bench->roles);
    }
    bench->roles = in_memory;
    print("map", part(loaded, LOADS, 0.5));
    print("map_and_select", part(answered, LOADS, 0.5));
}

/* ---- answers ---- */

/* All sides against the generator, on every request. */
static void compare_answers(struct bench *bench, const char *directory)
{
    size_t differ = 0, none = 0, late = 0, roles = bench->set->role_count;
    char path[4096];
    FILE *file = NULL;

    if (directory != NULL) {
        (void)snprintf(path, sizeof(path), "%s/answers.ours", directory);
        file = must(fopen(path, "we"));
    }
    for (size_t i = 0; i < bench->set->request_count; i++) {
        size_t answer =
            gen_first(bench->set, bench->set->requests[i].values, gen_fnmatch);

        for (size_t s = 0; s < SIDES; s++)
            differ += sides[s].answer(bench, i) != answer;
        none += answer == GEN_NONE;
        late += answer != GEN_NONE && answer >= roles - (roles + 99) / 100;
        if (file != NULL)
            (void)fprintf(file, "%lld\n", (long long)answer);
    }
    if (file != NULL && fclose(file) != 0)
        exit(2);
    print("requests", (double)bench->set->request_count);
    print("match_nowhere", (double)none);
    print("match_late", (double)late);
    print("different_answers", (double)differ);
    if (differ > 0)
        exit(1);
}

/* ---- times ---- */

static volatile size_t sink;

static double time_request(const struct bench *bench, size_t s, size_t request,
                           size_t repeats)
{
    double start = now();

    for (size_t i = 0; i < repeats; i++)
        sink = sides[s].answer(bench, request);
    return (now() - start) / (double)repeats;
}

static double time_all(const struct bench *bench, size_t s, size_t repeats,
                       double *times)
{
    double sum = 0;

    for (size_t i = 0; i < bench->set->request_count; i++)
        sum += times[i * ROUNDS] = time_request(bench, s, i, repeats);
    return sum / (double)bench->set->request_count;
}

static void tell(const char *name, const char *what, double value)
{
    char both[64];

    (void)snprintf(both, sizeof(both), "%s_%s", name, what);
    print(both, value);
}

/* Each request's median, and what these are like. */
static void summarize(size_t s, double *times, size_t count, double *medians)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += medians[i] = part(times + i * ROUNDS, ROUNDS, 0.5);
    times = must(calloc(count, sizeof(*times)));
    memcpy(times, medians, count * sizeof(*times));
    tell(sides[s].name, "median", part(times, count, 0.5));
    tell(sides[s].name, "p99", part(times, count, 0.99));
    tell(sides[s].name, "mean", sum / (double)count);
    free(times);
}

/* How the index compares on the requests that it likes least. */
static void compare_worst(const double *index, const double *scan, size_t count)
{
    double *ratios = must(calloc(count, sizeof(*ratios)));

    for (size_t i = 0; i < count; i++)
        ratios[i] = index[i] / scan[i];
    print("index_to_scan_p99", part(ratios, count, 0.99));
    print("index_to_scan_worst", part(ratios, count, 1));
    free(ratios);
}

static void time_sides(struct bench *bench)
{
    size_t count = bench->set->request_count, repeats[SIDES];
    size_t used = bench->set->role_count > SCAN_MOST ? SCAN : SIDES;
    double *times[SIDES], *medians[SIDES];

    for (size_t s = 0; s < used; s++) {
        double mean;

        times[s] = must(calloc(count * ROUNDS, sizeof(double)));
        medians[s] = must(calloc(count, sizeof(double)));
        mean = time_all(bench, s, 1, times[s]);
        repeats[s] =
            mean < REPEAT_BELOW ? (size_t)(REPEAT_BELOW / mean) + 1 : 1;
    }
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t s = 0; s < used; s++)
            (void)time_all(bench, s, repeats[s], times[s] + round);
    for (size_t s = 0; s < used; s++)
        summarize(s, times[s], count, medians[s]);
    if (used == SIDES)
        compare_worst(medians[INDEX], medians[SCAN], count);
    for (size_t s = 0; s < used; s++) {
        free(times[s]);
        free(medians[s]);
    }
}

static void finish(struct bench *bench)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    print("peak_bytes", (double)usage.ru_maxrss * 1024);
    for (size_t i = 0; i < bench->set->request_count; i++) {
        roleauth_request_free(&bench->requests[i]);
        ra_vars_free(&bench->vars[i]);
    }
    free(bench->requests);
    free(bench->vars);
    free(bench->found);
    free(bench->question);
    free(bench->flat.entries);
    free(bench->flat.starts);
    free(bench->flat.roles);
    roleauth_roles_free(&bench->roles);
    roleauth_context_free(&bench->context);
    gen_free(&bench->set);
}

/* What the arguments ask for.  False: nothing that there is. */
static bool read_arguments(int argc, char **argv, struct gen_order *order)
{
    if (argc > 7 || (argc > 1 && !gen_kind_find(argv[1], &order->kind)))
        return false;
    order->roles = argc > 2 ? strtoul(argv[2], NULL, 10) : order->roles;
    order->requests = argc > 3 ? strtoul(argv[3], NULL, 10) : order->requests;
    order->seed = argc > 4 ? strtoul(argv[4], NULL, 10) : order->seed;
    order->words = argc > 5 ? strtoul(argv[5], NULL, 10) : order->words;
    return order->roles > 0 && order->requests > 0;
}

int main(int argc, char **argv)
{
    struct gen_order order = {GEN_REALISTIC, 1, 1000, 1000, 0};
    const char *directory = argc > 6 ? argv[6] : NULL;
    struct bench bench;

    memset(&bench, 0, sizeof(bench));
    if (!read_arguments(argc, argv, &order)) {
        (void)fprintf(stderr, "usage: bench_select [KIND [ROLES [REQUESTS "
                              "[SEED [WORDS [DIRECTORY]]]]]]\n");
        return 2;
    }
    bench.set = gen_make(&order);
    (void)printf("kind\t%s\n", gen_kind_word(order.kind));
    print("roles", (double)order.roles);
    load(&bench);
    flatten(&bench);
    bench.found = must(calloc(bench.set->variable_count, sizeof(*bench.found)));
    bench.question = must(calloc(1, sizeof(*bench.question)));
    bench.context = must(roleauth_context_new());
    bench.requests = must(calloc(order.requests, sizeof(*bench.requests)));
    bench.vars = must(calloc(order.requests, sizeof(*bench.vars)));
    for (size_t i = 0; i < order.requests; i++)
        set_request(&bench, i);
    if (directory != NULL)
        compile(&bench, directory);
    compare_answers(&bench, directory);
    time_sides(&bench);
    finish(&bench);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Writes a generated set for other programs.
 *
 * generate KIND ROLES REQUESTS SEED WORDS DIRECTORY
 *
 * DIRECTORY/roles.json      the roles, as roleauth-roles(5) has them
 * DIRECTORY/requests.json   an object of variables a line
 * DIRECTORY/patterns        of kind "single": each enabled role's number in
 *                           the order of selection, a tab, and its pattern
 * DIRECTORY/values          of kind "single": each request's value
 *
 * WORDS 0: the vocabulary grows with the square root of ROLES. */
#include <stdlib.h>

#include "support/generate.h"

static FILE *create(const char *directory, const char *name)
{
    char path[4096];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    file = fopen(path, "we");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    return file;
}

static void finish(FILE *file)
{
    if (ferror(file) != 0 || fclose(file) != 0) {
        perror("generate");
        exit(2);
    }
}

/* The one condition of every role, and what is asked about it. */
static void write_single(const struct gen_set *set, const char *directory)
{
    FILE *patterns = create(directory, "patterns");
    FILE *values = create(directory, "values");
    size_t variable = set->conditions[0].variable;

    for (size_t i = 0; i < set->role_count; i++)
        if (!set->roles[i].disabled)
            (void)fprintf(
                patterns, "%zu\t%s\n", i,
                set->conditions[set->ids[set->roles[i].first]].patterns[0]);
    for (size_t i = 0; i < set->request_count; i++)
        (void)fprintf(values, "%s\n", set->requests[i].values[variable]);
    finish(patterns);
    finish(values);
}

int main(int argc, char **argv)
{
    struct gen_order order;
    struct gen_set *set;
    FILE *file;

    if (argc != 7 || !gen_kind_find(argv[1], &order.kind)) {
        (void)fprintf(stderr, "usage: generate KIND ROLES REQUESTS SEED WORDS "
                              "DIRECTORY\nkinds:\n");
        for (size_t i = 0; i < GEN_KIND_COUNT; i++)
            (void)fprintf(stderr, "  %s\n", gen_kind_word((enum gen_kind)i));
        return 2;
    }
    order.roles = strtoul(argv[2], NULL, 10);
    order.requests = strtoul(argv[3], NULL, 10);
    order.seed = strtoul(argv[4], NULL, 10);
    order.words = strtoul(argv[5], NULL, 10);
    set = gen_make(&order);
    file = create(argv[6], "roles.json");
    gen_write_roles(set, NULL, file);
    finish(file);
    file = create(argv[6], "requests.json");
    gen_write_requests(set, file);
    finish(file);
    if (order.kind == GEN_SINGLE && order.roles > 0)
        write_single(set, argv[6]);
    gen_free(&set);
    return 0;
}

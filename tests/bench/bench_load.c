/* SPDX-License-Identifier: MIT */
/* Loading roles with full validation against jansson's json_loadb(3) alone on
 * the same bytes, each side in child processes of its own, in turn.
 * bench_load [ROLES [RUNS]] */
#include <jansson.h>
#include <roleauth.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_RUNS 99

struct text {
    char *bytes;
    size_t length;
};

struct measure {
    double seconds;
    double megabytes; /* of peak memory, over what the process began with */
};

static struct text make_roles(unsigned count)
{
    struct text text = {NULL, 0};
    FILE *file = open_memstream(&text.bytes, &text.length);

    if (file == NULL)
        return text;
    (void)fputs("{\"roles\": [\n", file);
    for (unsigned i = 0; i < count; i++)
        (void)fprintf(
            file,
            "{\"name\": \"role-%u\", \"rorder\": %u, \"description\": "
            "\"Team %u works on the hosts of project %u\",\n"
            " \"message\": \"Welcome, %%user%%.\",\n"
            " \"varmatch\": {\"submithost\": \"web-%u-*\", \"runuser\": "
            "\"app%u\", \"command\": [\"/usr/bin/tool%u\", \"deploy*\"]},\n"
            " \"variables\": {\"runconfirmuser\": \"%%user%%\", \"project\": "
            "\"p%u\"},\n"
            " \"auth\": [{\"method\": \"getuserpasswd\", \"user\": "
            "\"%%user%%\", \"fname\": \"gp%u\", \"period\": 600, \"tries\": 3, "
            "\"message\": \"Ask the help desk.\"}]}%s\n",
            i, i % 1000, i % 97, i % 1013, i % 311, i % 53, i % 29, i % 1013,
            i % 199, i + 1 < count ? "," : "");
    (void)fputs("]}\n", file);
    (void)fclose(file);
    return text;
}

static bool load_ours(const struct text *text)
{
    roleauth_roles *roles = NULL;

    return roleauth_roles_parse(&roles, "bench", text->bytes, text->length,
                                NULL, NULL) == 0;
}

static bool load_jansson(const struct text *text)
{
    return json_loadb(text->bytes, text->length, JSON_REJECT_DUPLICATES,
                      NULL) != NULL;
}

static double now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Runs one side once, in a child that does not free. */
static bool run(bool (*load)(const struct text *), const struct text *text,
                struct measure *measure)
{
    int ends[2];
    bool good;
    pid_t child;

    if (pipe(ends) != 0)
        return false;
    (void)fflush(stdout);
    child = fork();
    if (child == 0) {
        struct rusage before, after;
        double start;

        (void)getrusage(RUSAGE_SELF, &before);
        start = now();
        if (!load(text))
            _exit(1);
        measure->seconds = now() - start;
        (void)getrusage(RUSAGE_SELF, &after);
        measure->megabytes =
            (double)(after.ru_maxrss - before.ru_maxrss) / 1024;
        _exit(write(ends[1], measure, sizeof(*measure)) !=
              (ssize_t)sizeof(*measure));
    }
    (void)close(ends[1]);
    good = child > 0 && read(ends[0], measure, sizeof(*measure)) ==
                            (ssize_t)sizeof(*measure);
    (void)close(ends[0]);
    if (child > 0)
        (void)waitpid(child, NULL, 0);
    return good;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    unsigned roles = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
    size_t runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 7;
    struct text text = make_roles(roles);
    double times[2][MOST_RUNS], ratios[MOST_RUNS];
    struct measure ours = {0, 0}, jansson = {0, 0};

    if (text.bytes == NULL || runs == 0 || runs > MOST_RUNS)
        return 2;
    (void)printf("%u roles, %.1f MB of JSON, %zu runs\n", roles,
                 (double)text.length / 1e6, runs);
    for (size_t i = 0; i < runs; i++) {
        if (!run(load_jansson, &text, &jansson) ||
            !run(load_ours, &text, &ours)) {
            (void)fprintf(stderr, "bench_load: a side failed\n");
            return 1;
        }
        times[0][i] = ours.seconds;
        times[1][i] = jansson.seconds;
        ratios[i] = ours.seconds / jansson.seconds;
    }
    (void)printf("%-12s %10s %12s\n", "", "median s", "peak MB");
    (void)printf("%-12s %10.3f %12.1f\n", "libroleauth", median(times[0], runs),
                 ours.megabytes);
    (void)printf("%-12s %10.3f %12.1f\n", "json_loadb", median(times[1], runs),
                 jansson.megabytes);
    (void)printf("ratio        %10.2f %12.2f\n", median(ratios, runs),
                 ours.megabytes / jansson.megabytes);
    free(text.bytes);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Times two commands as whole processes in turn, in one session on one
 * pseudo-terminal; used by process.sh.
 *   time_process RUNS USER PREPARE A B
 * PREPARE and B run as USER, A as the caller.  PREPARE is a command for sh(1);
 * A and B are words with single spaces between them, the first a path. */
#include <fcntl.h>
#include <grp.h>
#include <pty.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_RUNS 10000
#define MOST_WORDS 32

static double now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* Splits a command into words, in place. */
static void split(char *command, char *words[MOST_WORDS + 1])
{
    size_t count = 0;

    for (char *rest = command; rest != NULL && count < MOST_WORDS;)
        words[count++] = strsep(&rest, " ");
    words[count] = NULL;
}

/* Runs a program, as pw when it is not NULL; its time in *milliseconds. */
static bool run(char *const words[], const struct passwd *pw,
                double *milliseconds)
{
    double start = now();
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

        if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
            _exit(126);
        if (pw != NULL && (initgroups(pw->pw_name, pw->pw_gid) != 0 ||
                           setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0))
            _exit(126);
        (void)execv(words[0], words);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    *milliseconds = now() - start;
    return status == 0;
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

/* Within the session on the terminal; results go to the FILE. */
static int measure(size_t runs, const struct passwd *pw, char **commands,
                   FILE *results)
{
    static double a[MOST_RUNS], b[MOST_RUNS], ratios[MOST_RUNS];
    char shell[] = "/bin/sh", option[] = "-c";
    char *prepare[] = {shell, option, commands[0], NULL};
    char *first[MOST_WORDS + 1], *second[MOST_WORDS + 1];
    double ignored;

    split(commands[1], first);
    split(commands[2], second);
    if (!run(prepare, pw, &ignored)) {
        (void)fprintf(results, "cannot prepare: %s\n", commands[0]);
        return 1;
    }
    for (size_t i = 0; i < runs; i++) {
        if (!run(first, NULL, &a[i]) || !run(second, pw, &b[i])) {
            (void)fprintf(results, "a command failed in run %zu\n", i);
            return 1;
        }
        ratios[i] = a[i] / b[i];
    }
    (void)fprintf(results,
                  "A median %.2f ms, B median %.2f ms, ratio A/B %.2f\n",
                  median(a, runs), median(b, runs), median(ratios, runs));
    return 0;
}

int main(int argc, char **argv)
{
    size_t runs = argc == 6 ? strtoul(argv[1], NULL, 10) : 0;
    const struct passwd *pw = argc == 6 ? getpwnam(argv[2]) : NULL;
    FILE *results = fdopen(dup(STDOUT_FILENO), "w");
    char drained[256];
    int terminal, status = 1;
    pid_t child;

    if (runs == 0 || runs > MOST_RUNS || pw == NULL || results == NULL) {
        (void)fprintf(stderr, "usage: time_process RUNS USER PREPARE A B\n");
        return 2;
    }
    child = forkpty(&terminal, NULL, NULL, NULL);
    if (child == 0) {
        status = measure(runs, pw, argv + 3, results);
        (void)fclose(results);
        _exit(status);
    }
    if (child < 0)
        return 2;
    while (read(terminal, drained, sizeof(drained)) > 0)
        continue;
    (void)waitpid(child, &status, 0);
    return status == 0 ? 0 : 1;
}

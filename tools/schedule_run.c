/* SPDX-License-Identifier: MIT */
/* Running the manager of timers: by its arguments, without a shell. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schedule.h"

#define ARGUMENTS_MAX 8

/* Where it is, for free(3); NULL: nowhere. */
static char *find(const char *program)
{
    const char *path = getenv("PATH");
    char *copy = path != NULL ? strdup(path) : NULL;
    char *rest = copy, *directory, *found = NULL;

    while (found == NULL && (directory = strsep(&rest, ":")) != NULL) {
        char *name = NULL;

        /* An empty one would be where we were started. */
        if (directory[0] != '/' ||
            asprintf(&name, "%s/%s", directory, program) < 0)
            continue;
        if (access(name, X_OK) == 0)
            found = name;
        else
            free(name);
    }
    free(copy);
    return found;
}

bool manager_installed(const char *program)
{
    char *found = find(program);
    bool is_there = found != NULL;

    free(found);
    return is_there;
}

bool manager_running(const struct format *format)
{
    struct stat st;

    return format->running == NULL ||
           (lstat(format->running, &st) == 0 && S_ISDIR(st.st_mode));
}

void put_command(const struct format *format, const char *const *arguments)
{
    (void)printf("%s", format->manager);
    for (; *arguments != NULL; arguments++) {
        (void)putchar(' ');
        put_visible(stdout, *arguments);
    }
    (void)putchar('\n');
}

/* main() ignores SIGPIPE and SIGXFSZ; the manager gets the defaults. */
static int start(const struct format *format, const char *const *arguments,
                 pid_t *child)
{
    char *argv[ARGUMENTS_MAX + 2] = {(char *)(uintptr_t)format->manager};
    char *program = find(format->manager);
    posix_spawnattr_t attributes;
    sigset_t defaults;
    int rc;

    if (program == NULL)
        return ENOENT;
    /* execve(2) changes no argument, whatever its type says. */
    for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
        argv[i + 1] = (char *)(uintptr_t)arguments[i];
    rc = posix_spawnattr_init(&attributes);
    if (rc != 0)
        goto out;
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)sigaddset(&defaults, SIGXFSZ);
    if ((rc = posix_spawnattr_setsigdefault(&attributes, &defaults)) == 0 &&
        (rc = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF)) ==
            0)
        rc = posix_spawn(child, program, NULL, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
out:
    free(program);
    return rc;
}

static int run(const struct format *format, const char *const *arguments)
{
    pid_t child = -1;
    int state = 0;
    int rc = start(format, arguments, &child);

    if (rc != 0) {
        (void)fprintf(stderr, "roleauth: %s: %s\n", format->manager,
                      strerror(rc));
        return EXIT_UNAVAILABLE;
    }
    while (waitpid(child, &state, 0) == -1)
        if (errno != EINTR)
            return EXIT_UNAVAILABLE;
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
        return 0;
    (void)fprintf(stderr, "roleauth: %s %s failed\n", format->manager,
                  arguments[0]);
    return EXIT_UNAVAILABLE;
}

int manager_run(const struct format *format, const char *const *const *commands)
{
    int status = 0;

    (void)fflush(stdout);
    for (; *commands != NULL; commands++)
        if (run(format, *commands) != 0)
            status = EXIT_UNAVAILABLE;
    return status;
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/spawn.h"

static char *const no_environment[] = {NULL};

/* Runs a script and returns what it prints; its exit status in *status. */
static const char *run(struct ra_spawn *spawn, const char *script, int *status)
{
    static char output[4096];
    char *const arguments[] = {(char *)"/bin/sh", (char *)"-c", (char *)script,
                               NULL};
    size_t length = 0;
    ssize_t got;
    int ends[2];
    pid_t child;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    spawn->arguments = arguments;
    spawn->output = ends[1];
    if (spawn->errors >= 0)
        spawn->errors = ends[1];
    assert_int_equal(ra_spawn(spawn, &child), 0);
    (void)close(ends[1]);
    while ((got = read(ends[0], output + length, sizeof(output) - 1 - length)) >
           0)
        length += (size_t)got;
    (void)close(ends[0]);
    output[length] = '\0';
    assert_int_equal(waitpid(child, status, 0), child);
    return output;
}

static void only_what_is_given(void **state)
{
    char *const environment[] = {(char *)"A=b c", (char *)"PATH=/usr/bin:/bin",
                                 NULL};
    struct ra_spawn spawn = {.environment = environment, .errors = 0};
    int leak = open("/dev/null", O_RDONLY);
    int status;

    (void)state;
    assert_true(leak > 2);
    assert_string_equal(run(&spawn,
                            "echo \"$A-$HOME-$LD_PRELOAD\"; echo e >&2; exit 3",
                            &status),
                        "b c--\ne\n");
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_string_equal(run(&spawn, "cat; echo end", &status), "end\n");
    /* Nothing but the three descriptors, and that of the listing. */
    assert_string_equal(run(&spawn, "ls /proc/self/fd | tr '\\n' ' '", &status),
                        "0 1 2 3 ");
    (void)close(leak);
}

static void the_directory_and_the_group(void **state)
{
    struct ra_spawn spawn = {.environment = no_environment,
                             .errors = -1,
                             .directory = "/",
                             .group = RA_SPAWN_OWN_GROUP};
    const char *script = "pwd; set -- $(cat /proc/$$/stat); "
                         "[ \"$5\" = $$ ] && echo own";
    int status;

    (void)state;
    assert_string_equal(run(&spawn, "pwd", &status), "/\n");
    assert_string_equal(run(&spawn, script, &status), "/\nown\n");
    spawn.group = RA_SPAWN_OUR_GROUP;
    assert_string_equal(run(&spawn, script, &status), "/\n");
}

/* Neither what we block nor what we ignore is handed on. */
static void signals_are_as_by_default(void **state)
{
    struct ra_spawn spawn = {.environment = no_environment, .errors = -1};
    static const int ignored[] = {SIGXFSZ, SIGUSR1, SIGALRM};
    sigset_t blocked, old;
    int status;

    (void)state;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &old), 0);
    assert_true(signal(SIGHUP, SIG_IGN) != SIG_ERR);
    (void)run(&spawn, "kill -TERM $$; exit 7", &status);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    (void)run(&spawn, "kill -HUP $$; exit 7", &status);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
    assert_true(signal(SIGHUP, SIG_DFL) != SIG_ERR);
    /* Those that few ignore, such as this tool SIGXFSZ, are no exception. */
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        char script[64];

        (void)snprintf(script, sizeof(script), "kill -%d $$; exit 7",
                       ignored[i]);
        assert_true(signal(ignored[i], SIG_IGN) != SIG_ERR);
        (void)run(&spawn, script, &status);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == ignored[i]);
        assert_true(signal(ignored[i], SIG_DFL) != SIG_ERR);
    }
    assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

static void what_cannot_be_run_is_told(void **state)
{
    char *const arguments[] = {(char *)"/no/such/program", NULL};
    char *const device[] = {(char *)"/dev/null", NULL};
    struct ra_spawn spawn = {.arguments = arguments,
                             .environment = no_environment,
                             .output = STDOUT_FILENO,
                             .errors = -1};
    pid_t child;

    (void)state;
    assert_int_equal(ra_spawn(&spawn, &child), ENOENT);
    spawn.arguments = device;
    assert_int_equal(ra_spawn(&spawn, &child), EACCES);
    spawn.directory = "/no/such/directory";
    assert_int_not_equal(ra_spawn(&spawn, &child), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_given),
        cmocka_unit_test(the_directory_and_the_group),
        cmocka_unit_test(signals_are_as_by_default),
        cmocka_unit_test(what_cannot_be_run_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "auth/command.h"
#include "support/scratch.h"

static struct scratch scratch;
static struct ra_command_result result;
static char *const environment[] = {(char *)"PATH=/usr/bin:/bin",
                                    (char *)"LANG=C", NULL};

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    memset(&result, 0, sizeof(result));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(result.output);
    scratch_remove(&scratch);
    return 0;
}

static void run(const char *program, const char *argument, unsigned seconds)
{
    char *const arguments[] = {(char *)program, (char *)argument, NULL};

    free(result.output);
    memset(&result, 0xFF, sizeof(result));
    ra_command_run(arguments, environment, seconds, &result);
}

/* A script of ours, by its path. */
static void run_script(const char *text, unsigned seconds)
{
    static const char head[] = "#!/bin/sh\n";
    char script[1024];

    (void)snprintf(script, sizeof(script), "%s%s\n", head, text);
    scratch_write(&scratch, "script", script, strlen(script), 0700);
    run(scratch_at(&scratch, "script"), "an argument; $(x)", seconds);
}

static void its_end_is_told(void **state)
{
    (void)state;
    run_script("echo \"$1\"; echo err >&2", 10);
    assert_int_equal(result.end, ROLEAUTH_COMMAND_EXITED);
    assert_int_equal(result.code, 0);
    assert_string_equal(result.output, "an argument; $(x)\\nerr");
    assert_string_equal(result.why, "");
    run_script("exit 7", 10);
    assert_int_equal(result.end, ROLEAUTH_COMMAND_EXITED);
    assert_int_equal(result.code, 7);
    assert_null(result.output);
    run_script("kill -USR1 $$", 10);
    assert_int_equal(result.end, ROLEAUTH_COMMAND_KILLED);
    assert_int_equal(result.code, SIGUSR1);
}

static void its_world_is_ours_to_say(void **state)
{
    (void)state;
    assert_int_equal(setenv("EVIL", "1", 1), 0);
    run_script("pwd; env | grep -v -e '^_=' -e '^PWD=' -e '^SHLVL=' | sort;"
               "cat; set -- $(cat /proc/$$/stat); [ \"$5\" = $$ ] && echo own",
               10);
    assert_string_equal(result.output, "/\\nLANG=C\\nPATH=/usr/bin:/bin\\nown");
    (void)unsetenv("EVIL");
}

static void hostile_output_is_made_visible(void **state)
{
    (void)state;
    run_script("printf 'a\\033[2J\\0001\\377\\\\\\n\\n\\n'", 10);
    assert_string_equal(result.output, "a\\033[2J\\0001\\377\\\\");
}

/* A megabyte neither blocks it nor is kept. */
static void a_megabyte_is_read_and_dropped(void **state)
{
    (void)state;
    run_script("head -c 3000000 /dev/zero | tr '\\0' 'x'; exit 4", 60);
    assert_int_equal(result.end, ROLEAUTH_COMMAND_EXITED);
    assert_int_equal(result.code, 4);
    assert_int_equal(strlen(result.output), RA_COMMAND_OUTPUT);
    assert_int_equal(strspn(result.output, "x"), RA_COMMAND_OUTPUT);
}

static double seconds_now(void)
{
    struct timespec now;

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static pid_t read_pid(const char *name)
{
    char text[32] = "";

    (void)scratch_read(&scratch, name, text, sizeof(text) - 1);
    return (pid_t)strtol(text, NULL, 10);
}

/* Is it gone within seconds?  A zombie of somebody else's is. */
static bool is_gone(pid_t pid)
{
    for (int i = 0; i < 300; i++) {
        const struct timespec nap = {0, 10000000};
        char path[64], stat[512] = "";
        FILE *file;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        file = fopen(path, "re");
        if (file == NULL)
            return true;
        /* It may end between opening and reading: ESRCH. */
        if (fgets(stat, sizeof(stat), file) == NULL)
            stat[0] = '\0';
        (void)fclose(file);
        if (strstr(stat, ") Z ") != NULL)
            return true;
        (void)nanosleep(&nap, NULL);
    }
    return false;
}

/* The whole group is killed, and what floods us does not keep us. */
static void its_time_is_limited(void **state)
{
    char script[700];
    double started = seconds_now();

    (void)state;
    (void)snprintf(script, sizeof(script),
                   "trap '' TERM HUP INT\necho first\n"
                   "sleep 1000 & echo $! >%s\nwait",
                   scratch_at(&scratch, "pid"));
    run_script(script, 1);
    assert_int_equal(result.end, ROLEAUTH_COMMAND_TIMEOUT);
    assert_int_equal(result.code, 0);
    assert_string_equal(result.output, "first");
    assert_true(seconds_now() - started >= 1.0);
    assert_true(seconds_now() - started < 6.0);
    assert_true(is_gone(read_pid("pid")));
    started = seconds_now();
    run_script("exec yes", 1);
    assert_int_equal(result.end, ROLEAUTH_COMMAND_TIMEOUT);
    assert_true(seconds_now() - started < 6.0);
    run_script("kill -STOP $$", 1);
    assert_int_equal(result.end, ROLEAUTH_COMMAND_TIMEOUT);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* What it left behind may hold its output open: that is not waited for. */
static void what_it_leaves_behind_is_left_alone(void **state)
{
    char script[700];
    double started = seconds_now();
    pid_t left;

    (void)state;
    (void)snprintf(script, sizeof(script), "sleep 30 & echo $! >%s\necho done",
                   scratch_at(&scratch, "pid"));
    run_script(script, 20);
    assert_int_equal(result.end, ROLEAUTH_COMMAND_EXITED);
    assert_int_equal(result.code, 0);
    assert_string_equal(result.output, "done");
    assert_true(seconds_now() - started < 10.0);
    left = read_pid("pid");
    assert_int_equal(kill(left, 0), 0);
    (void)kill(left, SIGKILL);
}

static void expect_not_run(const char *why)
{
    assert_int_equal(result.end, ROLEAUTH_COMMAND_NOT_RUN);
    assert_null(result.output);
    if (strstr(result.why, why) == NULL)
        fail_msg("%s", result.why);
}

static void what_is_not_to_be_run_is_not(void **state)
{
    static const char script[] = "#!/bin/sh\ntouch $0.ran\n";

    (void)state;
    run(scratch_at(&scratch, "missing"), NULL, 5);
    expect_not_run("there is no");
    run("true", NULL, 5);
    expect_not_run("slash");
    run("", NULL, 5);
    expect_not_run("slash");
    run("/", NULL, 5);
    expect_not_run("not a regular file");
    scratch_write(&scratch, "plain", script, strlen(script), 0600);
    run(scratch_at(&scratch, "plain"), NULL, 5);
    expect_not_run("cannot run");
    scratch_write(&scratch, "broken", "#!/no/such\n", 11, 0700);
    run(scratch_at(&scratch, "broken"), NULL, 5);
    expect_not_run("cannot run");
    scratch_write(&scratch, "shared", script, strlen(script), 0777);
    run(scratch_at(&scratch, "shared"), NULL, 5);
    expect_not_run("chmod go-w");
    scratch_mkdir(&scratch, "open", 0777);
    scratch_write(&scratch, "open/script", script, strlen(script), 0700);
    run(scratch_at(&scratch, "open/script"), NULL, 5);
    expect_not_run("chmod go-w");
    assert_int_equal(symlink("../open/script", scratch_at(&scratch, "link")),
                     0);
    run(scratch_at(&scratch, "link"), NULL, 5);
    expect_not_run("");
    assert_int_not_equal(access(scratch_at(&scratch, "shared.ran"), F_OK), 0);
    assert_int_not_equal(access(scratch_at(&scratch, "open/script.ran"), F_OK),
                         0);
}

/* A process that ignores SIGCHLD loses the status, not the revocation. */
static void a_lost_end_is_told(void **state)
{
    (void)state;
    assert_true(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    run_script("echo x", 10);
    assert_true(signal(SIGCHLD, SIG_DFL) != SIG_ERR);
    assert_int_equal(result.end, ROLEAUTH_COMMAND_UNKNOWN);
    assert_string_equal(result.output, "x");
    assert_non_null(strstr(result.why, "SIGCHLD"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(its_end_is_told),
        TEST(its_world_is_ours_to_say),
        TEST(hostile_output_is_made_visible),
        TEST(a_megabyte_is_read_and_dropped),
        TEST(its_time_is_limited),
        TEST(what_it_leaves_behind_is_left_alone),
        TEST(what_is_not_to_be_run_is_not),
        TEST(a_lost_end_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

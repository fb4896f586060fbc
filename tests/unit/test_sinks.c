/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event/event.h"

static size_t kept;

struct place {
    char directory[256];
    char log[300];
    char other[300];
    ra_sinks *sinks;
};

static int start(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    const char *base = getenv("TMPDIR");

    assert_non_null(place);
    (void)snprintf(place->directory, sizeof(place->directory),
                   "%s/roleauth-sinks-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(place->directory));
    (void)snprintf(place->log, sizeof(place->log), "%s/log", place->directory);
    (void)snprintf(place->other, sizeof(place->other), "%s/other",
                   place->directory);
    place->sinks = ra_sinks_new();
    assert_non_null(place->sinks);
    *state = place;
    return 0;
}

static int end(void **state)
{
    struct place *place = *state;

    ra_sinks_free(&place->sinks);
    (void)remove(place->log);
    (void)remove(place->other);
    assert_int_equal(rmdir(place->directory), 0);
    free(place);
    return 0;
}

static int add_log(struct place *place, roleauth_duty duty)
{
    return ra_sinks_add_file(place->sinks, place->log, duty);
}

static int tell(struct place *place, const char *line)
{
    return ra_sinks_write(place->sinks, ROLEAUTH_MANDATORY, line, &kept, NULL);
}

/* The whole of a small file. */
static void assert_content(const char *path, const char *expected)
{
    char text[4096] = "";
    FILE *file = fopen(path, "re");
    size_t got;

    assert_non_null(file);
    got = fread(text, 1, sizeof(text) - 1, file);
    text[got] = '\0';
    (void)fclose(file);
    assert_string_equal(text, expected);
}

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
}

static void a_file_is_made_private_and_appended_to(void **state)
{
    struct place *place = *state;
    struct stat st;

    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    assert_int_equal(tell(place, "{\"a\":1}"), 0);
    assert_int_equal(stat(place->log, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(tell(place, "{\"a\":2}"), 0);
    assert_int_equal(tell(place, ""), 0);
    assert_content(place->log, "{\"a\":1}\n{\"a\":2}\n\n");
}

static void a_rotated_file_is_left_behind(void **state)
{
    struct place *place = *state;

    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    assert_int_equal(tell(place, "one"), 0);
    assert_int_equal(rename(place->log, place->other), 0);
    assert_int_equal(tell(place, "two"), 0);
    assert_content(place->other, "one\n");
    assert_content(place->log, "two\n");
    assert_int_equal(truncate(place->log, 0), 0);
    assert_int_equal(tell(place, "three"), 0);
    assert_content(place->log, "three\n");
}

static void assert_refused(struct place *place)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    assert_int_equal(
        ra_sinks_write(place->sinks, ROLEAUTH_MANDATORY, "line", &kept, &error),
        ROLEAUTH_E_IO);
    assert_int_equal(error.code, ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, place->log));
}

static void a_link_is_not_followed(void **state)
{
    struct place *place = *state;

    put(place->other, "kept\n");
    assert_int_equal(symlink(place->other, place->log), 0);
    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    assert_refused(place);
    assert_content(place->other, "kept\n");
    assert_int_equal(unlink(place->log), 0);
    assert_int_equal(symlink("/nowhere/at/all", place->log), 0);
    assert_refused(place);
}

static void a_second_name_is_refused(void **state)
{
    struct place *place = *state;

    put(place->other, "kept\n");
    assert_int_equal(link(place->other, place->log), 0);
    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    assert_refused(place);
    assert_content(place->other, "kept\n");
}

static void a_fifo_does_not_hang(void **state)
{
    struct place *place = *state;

    assert_int_equal(mkfifo(place->log, 0600), 0);
    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    (void)alarm(20);
    assert_refused(place);
    (void)alarm(0);
}

static void a_directory_is_refused(void **state)
{
    struct place *place = *state;

    assert_int_equal(mkdir(place->log, 0700), 0);
    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    assert_refused(place);
}

static void a_device_is_refused(void **state)
{
    struct place *place = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    assert_int_equal(
        ra_sinks_add_file(place->sinks, "/dev/null", ROLEAUTH_MANDATORY), 0);
    assert_int_equal(
        ra_sinks_write(place->sinks, ROLEAUTH_MANDATORY, "line", &kept, &error),
        ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "/dev/null"));
}

static void a_missing_directory_is_told(void **state)
{
    struct place *place = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char path[400];

    (void)snprintf(path, sizeof(path), "%s/none/log", place->directory);
    assert_int_equal(ra_sinks_add_file(place->sinks, path, ROLEAUTH_MANDATORY),
                     0);
    assert_int_equal(
        ra_sinks_write(place->sinks, ROLEAUTH_MANDATORY, "line", &kept, &error),
        ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "No such file"));
}

static void a_torn_line_is_ended(void **state)
{
    struct place *place = *state;

    put(place->log, "{\"a\":1}\n{\"torn");
    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    assert_int_equal(tell(place, "{\"a\":2}"), 0);
    assert_int_equal(tell(place, "{\"a\":3}"), 0);
    assert_content(place->log, "{\"a\":1}\n{\"torn\n{\"a\":2}\n{\"a\":3}\n");
}

/* Runs in a child, whose limits and mounts end with it. */
static int in_child(struct place *place, int (*act)(struct place *place))
{
    int status = -1;
    pid_t child = fork();

    if (child == 0)
        _exit(act(place));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* setrlimit(2), RLIMIT_FSIZE: a write stops at the limit, as on a full disk.
 * 0 when the torn line was told. */
static int meet_the_limit(struct place *place)
{
    const struct rlimit limit = {10, 10};

    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 2;
    if (tell(place, "1234") != 0)
        return 3;
    if (tell(place, "123456789") == 0) /* five of its ten bytes fit */
        return 4;
    return tell(place, "x") == 0 ? 5 : 0; /* none of its bytes */
}

static void a_full_disk_is_told_and_mended_later(void **state)
{
    struct place *place = *state;

    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    assert_int_equal(in_child(place, meet_the_limit), 0);
    assert_content(place->log, "1234\n12345");
    assert_int_equal(tell(place, "after"), 0);
    assert_content(place->log, "1234\n12345\nafter\n");
}

#define NO_MOUNT 77

/* A file system of two pages, in a mount namespace of our own. */
static int fill_a_disk(struct place *place)
{
    char line[3000];
    int rc = 0;

    if (unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", place->directory, "tmpfs", 0, "size=8192") != 0)
        return NO_MOUNT;
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    for (int i = 0; i < 20 && rc == 0; i++)
        rc = tell(place, line);
    if (rc != ROLEAUTH_E_IO)
        return 2;
    if (tell(place, line) != ROLEAUTH_E_IO)
        return 3;
    if (truncate(place->log, 5) != 0 || tell(place, "after") != 0)
        return 4;
    return 0;
}

static void a_full_file_system_is_told(void **state)
{
    struct place *place = *state;
    int rc;

    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    rc = in_child(place, fill_a_disk);
    if (rc == NO_MOUNT) {
        print_message("mounting a small file system needs root\n");
        skip();
    }
    assert_int_equal(rc, 0);
}

static void a_file_of_somebody_else_is_refused(void **state)
{
    struct place *place = *state;

    if (geteuid() != 0) {
        print_message("giving a file away needs root\n");
        skip();
    }
    put(place->log, "");
    assert_int_equal(chown(place->log, 12345, 12345), 0);
    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    assert_refused(place);
    assert_content(place->log, "");
}

enum { WRITERS = 6, LINES = 150 };

static int write_many(struct place *place, int writer)
{
    char line[1200];

    for (int i = 0; i < LINES; i++) {
        int length = snprintf(line, sizeof(line), "<%d %d ", writer, i);
        size_t more = (size_t)(i * 7 % 1000);

        memset(line + length, 'a' + writer, more);
        memcpy(line + (size_t)length + more, ">", 2);
        if (tell(place, line) != 0)
            return 1;
    }
    return 0;
}

static void assert_lines_whole(const char *path)
{
    char line[2000];
    int next[WRITERS] = {0};
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        int writer, i;

        assert_int_equal(sscanf(line, "<%d %d ", &writer, &i), 2);
        assert_in_range(writer, 0, WRITERS - 1);
        assert_int_equal(i, next[writer]++);
        assert_string_equal(line + strlen(line) - 2, ">\n");
    }
    (void)fclose(file);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(next[i], LINES);
}

static void lines_of_many_processes_stay_whole(void **state)
{
    struct place *place = *state;
    pid_t children[WRITERS];

    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(write_many(place, i));
    }
    for (int i = 0; i < WRITERS; i++) {
        int status = -1;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_lines_whole(place->log);
}

struct heard {
    unsigned count;
    int rc;
    char line[64];
};

static int hear(void *data, const char *line, size_t length)
{
    struct heard *heard = data;

    assert_int_equal(length, strlen(line));
    (void)snprintf(heard->line, sizeof(heard->line), "%s", line);
    heard->count++;
    return heard->rc;
}

static void each_duty_is_written_apart(void **state)
{
    struct place *place = *state;
    struct heard must = {0, 0, ""}, may = {0, 0, ""};

    assert_int_equal(
        ra_sinks_add_callback(place->sinks, hear, &must, ROLEAUTH_MANDATORY),
        0);
    assert_int_equal(
        ra_sinks_add_callback(place->sinks, hear, &may, ROLEAUTH_OPTIONAL), 0);
    assert_int_equal(tell(place, "m"), 0);
    assert_int_equal(must.count, 1);
    assert_int_equal(may.count, 0);
    assert_int_equal(
        ra_sinks_write(place->sinks, ROLEAUTH_OPTIONAL, "o", &kept, NULL), 0);
    assert_int_equal(must.count, 1);
    assert_string_equal(may.line, "o");
}

static void a_failure_is_told_and_the_others_still_hear(void **state)
{
    struct place *place = *state;
    struct heard bad = {0, -1, ""}, good = {0, 0, ""};
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)ra_sinks_add_callback(place->sinks, hear, &bad, ROLEAUTH_MANDATORY);
    (void)ra_sinks_add_callback(place->sinks, hear, &good, ROLEAUTH_MANDATORY);
    assert_int_equal(
        ra_sinks_write(place->sinks, ROLEAUTH_MANDATORY, "x", &kept, &error),
        ROLEAUTH_E_IO);
    assert_string_equal(error.text, "event callback failed");
    assert_int_equal(bad.count, 1);
    assert_int_equal(good.count, 1);
    bad.rc = 1; /* anything but 0 is a failure */
    assert_int_equal(tell(place, "x"), ROLEAUTH_E_IO);
}

static void a_copy_stands_on_its_own(void **state)
{
    struct place *place = *state;
    struct heard heard = {0, 0, ""};
    ra_sinks *copy;

    assert_int_equal(add_log(place, ROLEAUTH_MANDATORY), 0);
    (void)ra_sinks_add_callback(place->sinks, hear, &heard, ROLEAUTH_MANDATORY);
    copy = ra_sinks_copy(place->sinks);
    assert_non_null(copy);
    ra_sinks_free(&place->sinks);
    assert_null(place->sinks);
    ra_sinks_free(&place->sinks);
    assert_int_equal(ra_sinks_write(copy, ROLEAUTH_MANDATORY, "c", &kept, NULL),
                     0);
    assert_int_equal(heard.count, 1);
    assert_content(place->log, "c\n");
    ra_sinks_free(&copy);
}

static void syslog_takes_it_and_none_is_no_failure(void **state)
{
    struct place *place = *state;

    assert_int_equal(tell(place, "nobody hears"), 0);
    assert_int_equal(ra_sinks_add_syslog(place->sinks), 0);
    assert_int_equal(ra_sinks_write(place->sinks, ROLEAUTH_OPTIONAL,
                                    "{\"test\":\"%s\"}", &kept, NULL),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(a_file_is_made_private_and_appended_to),
        TEST(a_rotated_file_is_left_behind),
        TEST(a_link_is_not_followed),
        TEST(a_second_name_is_refused),
        TEST(a_fifo_does_not_hang),
        TEST(a_directory_is_refused),
        TEST(a_device_is_refused),
        TEST(a_missing_directory_is_told),
        TEST(a_torn_line_is_ended),
        TEST(a_full_disk_is_told_and_mended_later),
        TEST(a_full_file_system_is_told),
        TEST(a_file_of_somebody_else_is_refused),
        TEST(lines_of_many_processes_stay_whole),
        TEST(each_duty_is_written_apart),
        TEST(a_failure_is_told_and_the_others_still_hear),
        TEST(a_copy_stands_on_its_own),
        TEST(syslog_takes_it_and_none_is_no_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

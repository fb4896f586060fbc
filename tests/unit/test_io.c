/* SPDX-License-Identifier: MIT */
/* Reading lines is tested with the conversation that does it, test_lines.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/io.h"

static void test_deadline(void **state)
{
    struct ra_deadline deadline;

    (void)state;
    ra_deadline_start(&deadline, 0);
    assert_false(deadline.limited);
    assert_int_equal(ra_deadline_left(&deadline, 500), 500);
    ra_deadline_start(&deadline, 100);
    assert_int_equal(ra_deadline_left(&deadline, 500), 500);
    assert_in_range(ra_deadline_left(&deadline, 1000000), 1, 100000);
    /* A part of a millisecond is not yet the end. */
    ra_deadline_start(&deadline, 86400);
    assert_true(ra_deadline_left(&deadline, 100000000) > 86000000);
    deadline.at.tv_sec -= 86401;
    assert_int_equal(ra_deadline_left(&deadline, 500), 0);
    deadline.at.tv_sec = 0;
    assert_int_equal(ra_deadline_left(&deadline, 500), 0);
}

static void test_wait(void **state)
{
    struct ra_deadline deadline;
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    ra_deadline_start(&deadline, 1);
    assert_int_equal(ra_wait_for(ends[1], POLLOUT, &deadline),
                     ROLEAUTH_ANSWERED);
    assert_int_equal(ra_wait_for(ends[0], POLLIN, &deadline),
                     ROLEAUTH_ANSWER_TIMEOUT);
    ra_deadline_start(&deadline, 0);
    (void)close(ends[1]);
    assert_int_equal(ra_wait_for(ends[0], POLLIN, &deadline),
                     ROLEAUTH_ANSWERED);
    (void)close(ends[0]);
    assert_int_equal(ra_wait_for(ends[0], POLLIN, &deadline),
                     ROLEAUTH_ANSWER_FAILED);
}

/* A full pipe that somebody empties late and in small bites. */
static void test_write_all(void **state)
{
    static char bytes[300000];
    struct ra_deadline deadline;
    int ends[2], status = -1;
    pid_t child;

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    ra_deadline_start(&deadline, 1);
    assert_false(ra_write_all(ends[1], bytes, sizeof(bytes), &deadline));
    child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0) {
        char bite[1000];
        ssize_t got;
        size_t all = 0;

        (void)close(ends[1]);
        (void)fcntl(ends[0], F_SETFL, 0);
        while ((got = read(ends[0], bite, sizeof(bite))) > 0)
            all += (size_t)got;
        _exit(all >= sizeof(bytes) + 4096 ? 0 : 1);
    }
    ra_deadline_start(&deadline, 60);
    assert_true(ra_write_all(ends[1], bytes, sizeof(bytes), &deadline));
    (void)close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    (void)close(ends[0]);
}

static void test_read_byte(void **state)
{
    unsigned char c = 0;
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(ra_read_byte(ends[0], &c), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(write(ends[1], "ab", 2), 2);
    assert_int_equal(ra_read_byte(ends[0], &c), 1);
    assert_int_equal(c, 'a');
    (void)close(ends[1]);
    assert_int_equal(ra_read_byte(ends[0], &c), 1);
    assert_int_equal(ra_read_byte(ends[0], &c), 0);
    (void)close(ends[0]);
}

static void writing_obeys_the_deadline(void **state)
{
    static char much[300000];
    struct ra_deadline deadline;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    ra_deadline_start(&deadline, 1);
    assert_false(ra_write_all(ends[1], much, sizeof(much), &deadline));
    assert_int_equal(ra_deadline_left(&deadline, 1000), 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* Without MSG_NOSIGNAL the test would end here. */
static void a_peer_that_left_is_no_signal(void **state)
{
    struct ra_deadline deadline;
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    (void)close(ends[0]);
    ra_deadline_start(&deadline, 1);
    assert_false(ra_write_all(ends[1], "x", 1, &deadline));
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_obeys_the_deadline),
        cmocka_unit_test(a_peer_that_left_is_no_signal),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_write_all),
        cmocka_unit_test(test_read_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

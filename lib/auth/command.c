/* SPDX-License-Identifier: MIT */
#include "auth/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/io.h"
#include "auth/spawn.h"
#include "base/error.h"
#include "base/text.h"
#include "base/trust.h"

/* How often the command is looked at for its end. */
#define NAP_MILLISECONDS 20
/* Bytes that are read before its end and the time are looked at again: what a
 * pipe holds (pipe(7)). */
#define AT_ONCE 65536
/* Seconds in which what was killed is gone, unless it hangs in the kernel. */
#define GONE_SECONDS 5

/* A command that runs. */
struct running {
    pid_t child;
    int fd;    /* what it prints; -1: that has ended */
    bool gone; /* it ended, with this status, or was lost */
    bool lost;
    int status;
    char output[RA_COMMAND_OUTPUT];
    size_t length;
};

static void tell(struct ra_command_result *result, roleauth_command_end end,
                 const roleauth_error *why)
{
    result->end = end;
    memcpy(result->why, why->text, sizeof(result->why));
}

/* ---- starting ---- */

static int check(const char *program, roleauth_error *why)
{
    int trusted = 0;
    int rc;

    if (program == NULL || program[0] != '/')
        return ra_fail(why, ROLEAUTH_E_ARGUMENT,
                       "its path does not start with a slash");
    rc = ra_trust_check_file(program, &trusted, why);
    if (rc == ROLEAUTH_E_NOT_FOUND)
        return ra_fail(why, rc, "there is no %s", program);
    if (rc == 0 && trusted != 1)
        rc = ra_fail(why, ROLEAUTH_E_UNTRUSTED, "others could have written %s",
                     program);
    return rc;
}

static int start(struct running *running, char *const *arguments,
                 char *const *environment, roleauth_error *why)
{
    struct ra_spawn spawn = {
        .arguments = arguments,
        .environment = environment,
        .directory = "/",
        .group = RA_SPAWN_OWN_GROUP,
    };
    int ends[2];
    int err;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return ra_fail_errno(why, errno, "there is no pipe");
    spawn.output = spawn.errors = ends[1];
    err = fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0
              ? ra_spawn(&spawn, &running->child)
              : errno;
    (void)close(ends[1]);
    if (err == 0) {
        running->fd = ends[0];
        return 0;
    }
    (void)close(ends[0]);
    return ra_fail_errno(why, err, "cannot run %s", arguments[0]);
}

/* ---- listening ---- */

/* Takes what is there, and keeps the start of it. */
static void take_output(struct running *running)
{
    char chunk[4096];
    size_t taken = 0;

    while (running->fd >= 0 && taken < AT_ONCE) {
        size_t room = sizeof(running->output) - running->length;
        ssize_t got = read(running->fd, chunk, sizeof(chunk));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            (void)close(running->fd);
            running->fd = -1;
            return;
        }
        taken += (size_t)got;
        if ((size_t)got < room)
            room = (size_t)got;
        memcpy(running->output + running->length, chunk, room);
        running->length += room;
    }
}

/* Waits a moment, or until there is output to take. */
static void nap(const struct running *running, int milliseconds)
{
    struct pollfd watched = {running->fd, POLLIN, 0};

    (void)poll(&watched, running->fd >= 0 ? 1 : 0, milliseconds);
}

static void look(struct running *running)
{
    pid_t done = waitpid(running->child, &running->status, WNOHANG);

    if (done == running->child)
        running->gone = true;
    else if (done < 0 && errno != EINTR)
        /* The process ignores SIGCHLD, or somebody else waits for all its
         * children: waitpid(2), ECHILD. */
        running->gone = running->lost = true;
}

/* Goes on until it has ended, or the time is over.  What it started and left
 * behind may hold its output open: its own end counts. */
static void attend(struct running *running, const struct ra_deadline *deadline)
{
    int left;

    while ((left = ra_deadline_left(deadline, NAP_MILLISECONDS)) > 0) {
        nap(running, left);
        take_output(running);
        look(running);
        if (running->gone)
            return;
    }
}

/* Before it was waited for, its process id, and so that of its group, belongs
 * to nobody else. */
static void end_group(struct running *running)
{
    struct ra_deadline deadline;

    (void)kill(-running->child, SIGKILL);
    ra_deadline_start(&deadline, GONE_SECONDS);
    attend(running, &deadline);
}

/* ---- the whole ---- */

static char *make_visible(const struct running *running)
{
    struct ra_buf buf = RA_BUF_INIT((size_t)4 * RA_COMMAND_OUTPUT + 8);
    size_t length = running->length;

    while (length > 0 && (running->output[length - 1] == '\n' ||
                          running->output[length - 1] == '\r'))
        length--;
    if (length > 0 && ra_text_add_visible(&buf, running->output, length))
        return ra_buf_take(&buf);
    ra_buf_free(&buf);
    return NULL;
}

static void tell_end(const struct running *running, bool late,
                     struct ra_command_result *result)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;

    if (late) {
        result->end = ROLEAUTH_COMMAND_TIMEOUT;
    } else if (running->lost) {
        (void)ra_fail(&why, ROLEAUTH_E_IO,
                      "its end was not seen: this process ignores SIGCHLD, or "
                      "waits for all of its children");
        tell(result, ROLEAUTH_COMMAND_UNKNOWN, &why);
    } else if (WIFSIGNALED(running->status)) {
        result->end = ROLEAUTH_COMMAND_KILLED;
        result->code = WTERMSIG(running->status);
    } else {
        result->end = ROLEAUTH_COMMAND_EXITED;
        result->code = WEXITSTATUS(running->status);
    }
}

void ra_command_run(char *const *arguments, char *const *environment,
                    unsigned seconds, struct ra_command_result *result)
{
    struct running running = {.fd = -1};
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_deadline deadline;
    bool late;

    memset(result, 0, sizeof(*result));
    if (check(arguments[0], &why) != 0 ||
        start(&running, arguments, environment, &why) != 0) {
        tell(result, ROLEAUTH_COMMAND_NOT_RUN, &why);
        return;
    }
    ra_deadline_start(&deadline, seconds);
    attend(&running, &deadline);
    late = !running.gone;
    if (late)
        end_group(&running);
    else
        take_output(&running);
    if (running.fd >= 0)
        (void)close(running.fd);
    tell_end(&running, late, result);
    result->output = make_visible(&running);
}

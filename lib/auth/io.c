/* SPDX-License-Identifier: MIT */
#include "auth/io.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MILLISECONDS 1000
#define NANOSECONDS_A_MILLISECOND 1000000L

void ra_deadline_start(struct ra_deadline *deadline, unsigned seconds)
{
    memset(deadline, 0, sizeof(*deadline));
    deadline->limited = seconds != 0;
    /* Cannot fail on Linux; were it to, the zero would have passed. */
    if (clock_gettime(CLOCK_MONOTONIC, &deadline->at) == 0)
        deadline->at.tv_sec += (time_t)seconds;
}

int ra_deadline_left(const struct ra_deadline *deadline, int most)
{
    struct timespec now;
    long long left;

    if (!deadline->limited)
        return most;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    left =
        (long long)(deadline->at.tv_sec - now.tv_sec) * MILLISECONDS +
        (deadline->at.tv_nsec - now.tv_nsec + NANOSECONDS_A_MILLISECOND - 1) /
            NANOSECONDS_A_MILLISECOND;
    if (left <= 0)
        return 0;
    return left < most ? (int)left : most;
}

roleauth_answer ra_wait_for(int fd, short events,
                            const struct ra_deadline *deadline)
{
    for (;;) {
        struct pollfd watched = {fd, events, 0};
        int left = ra_deadline_left(deadline, INT_MAX);
        int ready;

        if (left == 0)
            return ROLEAUTH_ANSWER_TIMEOUT;
        ready = poll(&watched, 1, deadline->limited ? left : -1);
        if (ready > 0)
            return (watched.revents & POLLNVAL) != 0 ? ROLEAUTH_ANSWER_FAILED
                                                     : ROLEAUTH_ANSWERED;
        if (ready < 0 && errno != EINTR && errno != EAGAIN)
            return ROLEAUTH_ANSWER_FAILED;
    }
}

/* A peer that went away must not kill us by SIGPIPE; for a pipe only who owns
 * the process can see to that. */
static ssize_t write_some(int fd, const char *bytes, size_t length)
{
    ssize_t written = send(fd, bytes, length, MSG_NOSIGNAL);

    return written < 0 && errno == ENOTSOCK ? write(fd, bytes, length)
                                            : written;
}

/* A pipe that poll(2) calls writable takes PIPE_BUF bytes at once (pipe(7)),
 * whoever else sleeps on it. */
bool ra_write_all(int fd, const char *bytes, size_t length,
                  const struct ra_deadline *deadline)
{
    while (length > 0) {
        ssize_t written;

        if (ra_wait_for(fd, POLLOUT, deadline) != ROLEAUTH_ANSWERED)
            return false;
        written = write_some(fd, bytes, length < PIPE_BUF ? length : PIPE_BUF);
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        } else if (written == 0 || (errno != EINTR && errno != EAGAIN)) {
            return false;
        }
    }
    return true;
}

roleauth_answer ra_show_line(int fd, const char *text,
                             const struct ra_deadline *deadline)
{
    size_t length = strlen(text);

    if (fd < 0)
        return ROLEAUTH_ANSWER_NOBODY;
    if (ra_write_all(fd, text, length, deadline) &&
        ((length > 0 && text[length - 1] == '\n') ||
         ra_write_all(fd, "\n", 1, deadline)))
        return ROLEAUTH_ANSWERED;
    return ROLEAUTH_ANSWER_FAILED;
}

int ra_read_byte(int fd, unsigned char *c)
{
    ssize_t got;

    do {
        got = read(fd, c, 1);
    } while (got < 0 && errno == EINTR);
    return (int)got;
}

/* A line as it grows in the prompt's reply. */
struct growth {
    roleauth_prompt *prompt;
    size_t length;
    bool unusable;
    bool cr; /* a CR that may be part of the line end */
    bool any;
};

static void grow(struct growth *line, unsigned char c)
{
    if (c == '\0' || line->length + 1 >= line->prompt->reply_size)
        line->unusable = true;
    else
        line->prompt->reply[line->length++] = (char)c;
}

/* Takes one byte of the line. */
static void take(struct growth *line, unsigned char c)
{
    line->any = true;
    if (line->cr)
        grow(line, '\r');
    line->cr = c == '\r';
    if (!line->cr)
        grow(line, c);
}

static void finish(struct growth *line)
{
    roleauth_prompt *prompt = line->prompt;

    if (line->unusable) {
        explicit_bzero(prompt->reply, prompt->reply_size);
        prompt->reply_length = ROLEAUTH_REPLY_UNUSABLE;
    } else {
        prompt->reply[line->length] = '\0';
        prompt->reply_length = line->length;
    }
}

roleauth_answer ra_read_line(int fd, roleauth_prompt *prompt,
                             const struct ra_deadline *deadline)
{
    struct growth line = {prompt, 0, false, false, false};
    roleauth_answer answer;
    unsigned char c = 0;
    int got;

    for (;;) {
        answer = ra_wait_for(fd, POLLIN, deadline);
        if (answer != ROLEAUTH_ANSWERED)
            break;
        got = ra_read_byte(fd, &c);
        if (got < 0 && errno == EAGAIN)
            continue;
        if (got < 0)
            answer = ROLEAUTH_ANSWER_FAILED;
        else if (got == 0 && !line.any)
            answer = ROLEAUTH_ANSWER_CANCELLED;
        if (got <= 0 || c == '\n')
            break;
        take(&line, c);
    }
    explicit_bzero(&c, sizeof(c));
    if (answer == ROLEAUTH_ANSWERED)
        finish(&line);
    else
        explicit_bzero(prompt->reply, prompt->reply_size);
    return answer;
}

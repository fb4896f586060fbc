/* SPDX-License-Identifier: MIT */
#include "event/event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

enum sink_kind { SINK_FILE, SINK_SYSLOG, SINK_CALLBACK };

struct sink {
    enum sink_kind kind;
    roleauth_duty duty;
    char *path;            /* SINK_FILE */
    roleauth_event_fn *fn; /* SINK_CALLBACK */
    void *data;
};

struct ra_sinks {
    struct sink *sinks;
    size_t count;
};

ra_sinks *ra_sinks_new(void)
{
    return calloc(1, sizeof(ra_sinks));
}

void ra_sinks_free(ra_sinks **sinks)
{
    if (*sinks == NULL)
        return;
    for (size_t i = 0; i < (*sinks)->count; i++)
        free((*sinks)->sinks[i].path);
    free((*sinks)->sinks);
    free(*sinks);
    *sinks = NULL;
}

static int add(ra_sinks *sinks, const struct sink *sink)
{
    struct sink *grown =
        reallocarray(sinks->sinks, sinks->count + 1, sizeof(*grown));
    char *path = NULL;

    if (grown == NULL)
        return ROLEAUTH_E_NOMEM;
    sinks->sinks = grown;
    if (sink->path != NULL && (path = strdup(sink->path)) == NULL)
        return ROLEAUTH_E_NOMEM;
    grown[sinks->count] = *sink;
    grown[sinks->count].path = path;
    sinks->count++;
    return 0;
}

int ra_sinks_add_file(ra_sinks *sinks, const char *path, roleauth_duty duty)
{
    char *borrowed = (char *)(uintptr_t)path;
    struct sink sink = {SINK_FILE, duty, borrowed, NULL, NULL};

    return add(sinks, &sink);
}

int ra_sinks_add_syslog(ra_sinks *sinks)
{
    struct sink sink = {SINK_SYSLOG, ROLEAUTH_OPTIONAL, NULL, NULL, NULL};

    return add(sinks, &sink);
}

int ra_sinks_add_callback(ra_sinks *sinks, roleauth_event_fn *fn, void *data,
                          roleauth_duty duty)
{
    struct sink sink = {SINK_CALLBACK, duty, NULL, fn, data};

    return add(sinks, &sink);
}

ra_sinks *ra_sinks_copy(const ra_sinks *sinks)
{
    ra_sinks *made = ra_sinks_new();

    for (size_t i = 0; made != NULL && i < sinks->count; i++)
        if (add(made, &sinks->sinks[i]) != 0)
            ra_sinks_free(&made);
    return made;
}

/* Root's files are ours too: the administrator may have made the log. */
static bool is_ours(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_nlink == 1 &&
           (st->st_uid == geteuid() || st->st_uid == 0);
}

/* A log that an attacker can point elsewhere, read, or make hang is no log:
 * a regular file of ours with one link. */
static int open_log(const char *path, roleauth_error *error)
{
    struct stat st;
    int fd = open(path,
                  O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC |
                      O_NONBLOCK | O_NOCTTY,
                  S_IRUSR | S_IWUSR);

    if (fd < 0) {
        (void)ra_fail_errno(error, errno, "event file %s", path);
        return -1;
    }
    if (fstat(fd, &st) != 0 || !is_ours(&st)) {
        (void)ra_fail(error, ROLEAUTH_E_IO,
                      "event file %s: not a regular file of ours with one link",
                      path);
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool ends_within_line(int fd)
{
    off_t end = lseek(fd, 0, SEEK_END);
    char last;

    return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

/* Does the file end within a line, as a full disk or a crash leaves it?  So it
 * looks for a moment while another process appends a line over the end of a
 * page: we look again. */
static bool ends_torn(int fd)
{
    const struct timespec pause = {0, 1000000};

    for (int looks = 0; looks < 5; looks++) {
        if (looks > 0)
            (void)nanosleep(&pause, NULL);
        if (!ends_within_line(fd))
            return false;
    }
    return true;
}

/* One append, so that lines of several writers do not mix. */
static int append_line(const char *path, const char *line,
                       roleauth_error *error)
{
    size_t length = strlen(line);
    int fd = open_log(path, error);
    struct iovec parts[3] = {{(char *)(uintptr_t) "\n", 0},
                             {(char *)(uintptr_t)line, length},
                             {(char *)(uintptr_t) "\n", 1}};
    ssize_t written;
    int err;

    if (fd < 0)
        return ROLEAUTH_E_IO;
    if (ends_torn(fd)) {
        parts[0].iov_len = 1;
        length++;
    }
    do {
        written = writev(fd, parts, 3);
    } while (written < 0 && errno == EINTR);
    err = written < 0 ? errno : ENOSPC;
    if (close(fd) != 0 && written >= 0)
        err = errno;
    else if (written >= 0 && (size_t)written == length + 1)
        return 0;
    return ra_fail_errno(error, err, "event file %s", path);
}

static int write_sink(const struct sink *sink, const char *line,
                      roleauth_error *error)
{
    switch (sink->kind) {
    case SINK_FILE:
        return append_line(sink->path, line, error);
    case SINK_SYSLOG:
        syslog(LOG_AUTHPRIV | LOG_NOTICE, "%s", line);
        return 0;
    case SINK_CALLBACK:
        if (sink->fn(sink->data, line, strlen(line)) == 0)
            return 0;
        return ra_fail(error, ROLEAUTH_E_IO, "event callback failed");
    }
    return ra_fail(error, ROLEAUTH_E_INTERNAL, "unknown event sink");
}

bool ra_sinks_any(const ra_sinks *sinks, roleauth_duty duty)
{
    for (size_t i = 0; i < sinks->count; i++)
        if (sinks->sinks[i].duty == duty)
            return true;
    return false;
}

int ra_sinks_write(const ra_sinks *sinks, roleauth_duty duty, const char *line,
                   size_t *kept, roleauth_error *error)
{
    int outcome = 0;

    *kept = 0;
    for (size_t i = 0; i < sinks->count; i++) {
        if (sinks->sinks[i].duty != duty)
            continue;
        if (write_sink(&sinks->sinks[i], line, error) == 0)
            ++*kept;
        else
            outcome = ROLEAUTH_E_IO;
    }
    return outcome;
}

/* SPDX-License-Identifier: MIT */
/* The way to a file, one component at a time.  Whoever can write a directory
 * can put another file there, so each is judged on a descriptor that the next
 * one is then opened from: what was checked is what is used (compare
 * CVE-2018-6954 and path_resolution(7)). */
#include "base/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* As many as path_resolution(7) follows. */
#define MOST_LINKS 40
#define READ_AT_ONCE ((size_t)65536)
/* ACLs need no look of their own: where acl(5) gives another user the right
 * to write, the group bits hold the mask, which then has it too. */
#define WRITE_BY_OTHERS (S_IWGRP | S_IWOTH)

/* A walk that found something wrong goes on, for callers that only warn. */
struct walk {
    int dir;                 /* O_PATH; checked already */
    bool shared;             /* dir is sticky, and others can write it */
    char seen[PATH_MAX];     /* what dir is called in texts; "" is the root */
    char rest[PATH_MAX];     /* what is still ahead */
    char name[NAME_MAX + 1]; /* of the last component, in dir */
    bool missing;            /* there is no such last component */
    struct stat st;          /* of it, where it is not missing */
    unsigned links;
    roleauth_error *finding; /* the first thing wrong */
};

static bool is_ours(const struct stat *st)
{
    return st->st_uid == 0 || st->st_uid == geteuid();
}

static void untrusted_owner(const struct walk *w, const char *name,
                            const struct stat *st)
{
    (void)ra_fail(w->finding, ROLEAUTH_E_UNTRUSTED,
                  "%s/%s belongs to user %ju, who could change it: "
                  "chown it to root",
                  w->seen, name, (uintmax_t)st->st_uid);
}

static void untrusted_mode(const struct walk *w, const char *name,
                           const struct stat *st)
{
    (void)ra_fail(w->finding, ROLEAUTH_E_UNTRUSTED,
                  "%s/%s has mode %04o, so that others can write to it: "
                  "chmod go-w %s/%s",
                  w->seen, name, (unsigned)(st->st_mode & 07777), w->seen,
                  name);
}

/* Judges what was opened under name.  A directory that others can write is
 * good enough only when they cannot rename what is not theirs in it: sticky
 * and root's.  What follows in it must then be ours. */
static void check_dir(struct walk *w, const char *name, const struct stat *st)
{
    bool writable = (st->st_mode & WRITE_BY_OTHERS) != 0;

    w->shared = writable && (st->st_mode & S_ISVTX) != 0 && st->st_uid == 0;
    if (!is_ours(st))
        untrusted_owner(w, name, st);
    else if (writable && !w->shared)
        untrusted_mode(w, name, st);
}

/* dir becomes fd, which is then the walk's. */
static int enter(struct walk *w, int fd, const char *name,
                 const struct stat *st)
{
    check_dir(w, name, st);
    (void)close(w->dir);
    w->dir = fd;
    if (strcmp(name, "..") == 0) {
        char *slash = strrchr(w->seen, '/');

        if (slash != NULL)
            *slash = '\0';
        return 0;
    }
    if (strlcat(w->seen, "/", sizeof(w->seen)) >= sizeof(w->seen) ||
        strlcat(w->seen, name, sizeof(w->seen)) >= sizeof(w->seen))
        return ENAMETOOLONG;
    return 0;
}

static int go_to_root(struct walk *w)
{
    struct stat st;
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    if (w->dir >= 0)
        (void)close(w->dir);
    w->dir = fd;
    w->seen[0] = '\0';
    if (fstat(fd, &st) != 0)
        return errno;
    check_dir(w, "", &st);
    return 0;
}

/* Takes the next component off the rest: false when there is none. */
static bool next_name(struct walk *w, int *err)
{
    *err = 0;
    for (;;) {
        size_t skip = strspn(w->rest, "/");
        size_t length = strcspn(w->rest + skip, "/");

        if (length == 0)
            return false;
        if (length >= sizeof(w->name)) {
            *err = ENAMETOOLONG;
            return false;
        }
        memcpy(w->name, w->rest + skip, length);
        w->name[length] = '\0';
        memmove(w->rest, w->rest + skip + length,
                strlen(w->rest + skip + length) + 1);
        if (strcmp(w->name, ".") != 0)
            return true;
    }
}

/* The link's text goes in front of the rest.  An O_PATH descriptor of a
 * symbolic link is read with an empty name (readlink(2)). */
static int follow(struct walk *w, int fd)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(fd, "", target, sizeof(target));

    if (length < 0)
        return errno;
    if (++w->links > MOST_LINKS)
        return ELOOP;
    if (length == 0)
        return ENOENT;
    if ((size_t)length >= sizeof(target))
        return ENAMETOOLONG;
    target[length] = '\0';
    if (strlcat(target, "/", sizeof(target)) >= sizeof(target) ||
        strlcat(target, w->rest, sizeof(target)) >= sizeof(target))
        return ENAMETOOLONG;
    (void)strlcpy(w->rest, target, sizeof(w->rest));
    return target[0] == '/' ? go_to_root(w) : 0;
}

/* One component.  Sets *last when the walk has arrived.  Returns an errno
 * value. */
static int step(struct walk *w, bool *last)
{
    struct stat st;
    int err;
    int fd = openat(w->dir, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    *last = w->rest[strspn(w->rest, "/")] == '\0';
    if (fd < 0) {
        w->missing = *last && errno == ENOENT;
        return w->missing ? 0 : errno;
    }
    if (fstat(fd, &st) != 0) {
        err = errno;
        goto out;
    }
    if (w->shared && !is_ours(&st))
        untrusted_owner(w, w->name, &st);
    err = 0;
    if (S_ISLNK(st.st_mode)) {
        *last = false;
        err = follow(w, fd);
    } else if (*last) {
        w->st = st;
    } else if (S_ISDIR(st.st_mode)) {
        err = enter(w, fd, w->name, &st);
        fd = -1;
    } else {
        err = ENOTDIR;
    }
out:
    if (fd >= 0)
        (void)close(fd);
    return err;
}

/* The rest starts as the absolute path. */
static int start(struct walk *w, const char *path)
{
    int err;

    w->rest[0] = '\0';
    if (path[0] == '\0')
        return ENOENT;
    if (path[0] != '/') {
        if (getcwd(w->rest, sizeof(w->rest)) == NULL)
            return errno;
        /* getcwd(3): "(unreachable)/..." from outside of our root. */
        if (w->rest[0] != '/')
            return ENOENT;
        if (strlcat(w->rest, "/", sizeof(w->rest)) >= sizeof(w->rest))
            return ENAMETOOLONG;
    }
    err = go_to_root(w);
    if (err == 0 && strlcat(w->rest, path, sizeof(w->rest)) >= sizeof(w->rest))
        err = ENAMETOOLONG;
    return err;
}

/* Walks up to the last component, which is looked at but not entered.
 * Returns an errno value; dir is to be closed in any case. */
static int walk(struct walk *w, const char *path, roleauth_error *finding)
{
    bool last = false;
    int err;

    memset(w, 0, sizeof(*w));
    w->dir = -1;
    w->finding = finding;
    err = start(w, path);
    while (err == 0 && !last && next_name(w, &err))
        err = step(w, &last);
    if (err == 0 && !last) {
        /* "/", or a link to it: dir itself. */
        w->name[0] = '.';
        w->name[1] = '\0';
        if (fstat(w->dir, &w->st) != 0)
            err = errno;
    }
    return err;
}

static void walk_end(struct walk *w)
{
    if (w->dir >= 0)
        (void)close(w->dir);
    w->dir = -1;
}

/* Opens the last component.  It may have been replaced since it was looked
 * at: what counts is what was opened. */
static int open_last(struct walk *w, int flags, int *fd)
{
    int err;

    *fd = openat(w->dir, w->name,
                 O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | flags);
    if (*fd < 0)
        return errno;
    if (fstat(*fd, &w->st) == 0)
        return 0;
    err = errno;
    (void)close(*fd);
    *fd = -1;
    return err;
}

static int fail_open(const char *path, int err, roleauth_error *error)
{
    return ra_fail_errno(error, err, "cannot open %s", path);
}

static int fail_regular(const char *path, roleauth_error *error)
{
    return ra_fail(error, ROLEAUTH_E_IO, "%s is not a regular file", path);
}

/* The owner and the mode of the last component. */
static void check_file(struct walk *w)
{
    if (!is_ours(&w->st))
        untrusted_owner(w, w->name, &w->st);
    else if ((w->st.st_mode & WRITE_BY_OTHERS) != 0)
        untrusted_mode(w, w->name, &w->st);
}

/* The last component as a regular file: opened only once it seems to be one,
 * since opening a device can do things, and with O_NONBLOCK in case it has
 * just become a FIFO. */
static int open_regular(struct walk *w, const char *path, int *fd,
                        roleauth_error *error)
{
    int err = w->missing ? ENOENT : 0;

    if (err == 0 && !S_ISREG(w->st.st_mode))
        return fail_regular(path, error);
    if (err == 0)
        err = open_last(w, O_NONBLOCK, fd);
    if (err != 0)
        return fail_open(path, err, error);
    if (!S_ISREG(w->st.st_mode)) {
        (void)close(*fd);
        *fd = -1;
        return fail_regular(path, error);
    }
    (void)fcntl(*fd, F_SETFL, 0);
    check_file(w);
    return 0;
}

int ra_trust_open_file(const char *path, int *fd, int *trusted,
                       roleauth_error *error)
{
    roleauth_error finding = ROLEAUTH_ERROR_INIT;
    struct walk w;
    int err, rc;

    *fd = -1;
    *trusted = 0;
    err = walk(&w, path, &finding);
    rc = err != 0 ? fail_open(path, err, error)
                  : open_regular(&w, path, fd, error);
    walk_end(&w);
    if (rc != 0)
        return rc;
    if (finding.code == ROLEAUTH_OK)
        *trusted = 1;
    else
        (void)ra_fail(error, finding.code, "%s", finding.text);
    return 0;
}

int ra_trust_check_file(const char *path, int *trusted, roleauth_error *error)
{
    roleauth_error finding = ROLEAUTH_ERROR_INIT;
    struct walk w;
    int err, rc = 0;

    *trusted = 0;
    err = walk(&w, path, &finding);
    if (err == 0 && w.missing)
        err = ENOENT;
    if (err != 0)
        rc = err == ENOENT ? ROLEAUTH_E_NOT_FOUND : fail_open(path, err, error);
    else if (!S_ISREG(w.st.st_mode))
        rc = fail_regular(path, error);
    else
        check_file(&w);
    walk_end(&w);
    if (rc != 0)
        return rc;
    if (finding.code == ROLEAUTH_OK)
        *trusted = 1;
    else
        (void)ra_fail(error, finding.code, "%s", finding.text);
    return 0;
}

static int check_private(const struct stat *st, const char *path,
                         roleauth_error *error)
{
    if (!S_ISDIR(st->st_mode))
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED, "%s is not a directory",
                       path);
    if (st->st_uid != geteuid())
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                       "%s belongs to user %ju instead of user %ju", path,
                       (uintmax_t)st->st_uid, (uintmax_t)geteuid());
    if ((st->st_mode & 0777) != 0700)
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                       "%s has mode %04o: chmod 0700 %s", path,
                       (unsigned)(st->st_mode & 07777), path);
    return 0;
}

/* mkdirat(2) obeys the umask, which is the process's and not ours to set.
 * Another process may be making it at this moment: either one will do. */
static int make_last(struct walk *w)
{
    if (mkdirat(w->dir, w->name, 0700) != 0) {
        if (errno != EEXIST)
            return errno;
    } else if (fchmodat(w->dir, w->name, 0700, 0) != 0) {
        return errno;
    }
    if (fstatat(w->dir, w->name, &w->st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno;
    w->missing = false;
    return 0;
}

static int open_private(const char *path, bool make, int *fd,
                        roleauth_error *error)
{
    roleauth_error finding = ROLEAUTH_ERROR_INIT;
    struct walk w;
    int err, rc = 0;

    *fd = -1;
    err = walk(&w, path, &finding);
    if (finding.code != ROLEAUTH_OK) {
        rc = ra_fail(error, finding.code, "%s", finding.text);
        goto out;
    }
    if (err == 0 && w.missing)
        err = make ? make_last(&w) : ENOENT;
    if (err == ENOENT && !make) {
        rc = ROLEAUTH_E_NOT_FOUND;
        goto out;
    }
    if (err == 0 && (rc = check_private(&w.st, path, error)) != 0)
        goto out;
    if (err == 0)
        err = open_last(&w, O_DIRECTORY, fd);
    rc = err != 0 ? fail_open(path, err, error)
                  : check_private(&w.st, path, error);
    if (rc != 0 && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
out:
    walk_end(&w);
    return rc;
}

int ra_trust_open_private_dir(const char *path, int *fd, roleauth_error *error)
{
    return open_private(path, false, fd, error);
}

int ra_trust_make_private_dir(const char *path, int *fd, roleauth_error *error)
{
    return open_private(path, true, fd, error);
}

/* The directory part of path, as POSIX dirname(3) would tell it, and the rest,
 * which must be a name.  Returns an errno value. */
static int split(const char *path, char parent[PATH_MAX], const char **name)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash != NULL ? (size_t)(slash - path) : 0;

    *name = slash != NULL ? slash + 1 : path;
    if (path[0] == '\0')
        return ENOENT;
    if ((*name)[0] == '\0' || strcmp(*name, ".") == 0 ||
        strcmp(*name, "..") == 0)
        return EISDIR;
    if (length >= PATH_MAX)
        return ENAMETOOLONG;
    (void)strlcpy(parent, slash == NULL ? "." : "/", PATH_MAX);
    if (length > 0) {
        memcpy(parent, path, length);
        parent[length] = '\0';
    }
    return 0;
}

int ra_trust_open_parent(const char *path, int *fd, const char **name,
                         roleauth_error *error)
{
    roleauth_error finding = ROLEAUTH_ERROR_INIT;
    char parent[PATH_MAX];
    struct walk w;
    int err, rc = 0;

    *fd = -1;
    err = split(path, parent, name);
    if (err != 0)
        return ra_fail_errno(error, err, "cannot write %s", path);
    err = walk(&w, parent, &finding);
    if (err == 0)
        err = w.missing ? ENOENT : open_last(&w, O_DIRECTORY, fd);
    if (err == 0)
        check_dir(&w, w.name, &w.st);
    if (finding.code != ROLEAUTH_OK)
        rc = ra_fail(error, finding.code, "%s", finding.text);
    else if (err != 0)
        rc = fail_open(parent, err, error);
    if (rc != 0 && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    walk_end(&w);
    return rc;
}

/* Reads until the buffer is full or the file ends. */
static int fill(int fd, char *buffer, size_t size, size_t *length)
{
    while (*length < size) {
        ssize_t got = read(fd, buffer + *length, size - *length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        *length += (size_t)got;
    }
    return 0;
}

/* One byte more than the file seems to have, so that its end shows without
 * growing; never one that max does not call for. */
static size_t first_size(int fd, size_t max)
{
    struct stat st;
    size_t size = READ_AT_ONCE;

    if (fstat(fd, &st) == 0 && st.st_size > 0 &&
        (uintmax_t)st.st_size < SIZE_MAX / 4)
        size = (size_t)st.st_size + 2;
    return size > max + 2 ? max + 2 : size;
}

/* The buffer keeps room for a NUL, and one byte over max shows a file that is
 * too large. */
int ra_read_all(int fd, const char *name, size_t max, char **bytes,
                size_t *length, roleauth_error *error)
{
    size_t size = first_size(fd, max);
    char *buffer = malloc(size);
    size_t used = 0;
    int err, rc;

    *bytes = NULL;
    *length = 0;
    while (buffer != NULL) {
        char *larger;

        err = fill(fd, buffer, size - 1, &used);
        if (err != 0) {
            rc = ra_fail_errno(error, err, "cannot read %s", name);
            goto out;
        }
        if (used > max) {
            rc = ra_fail(error, ROLEAUTH_E_LIMIT, "%s is larger than %zu bytes",
                         name, max);
            goto out;
        }
        if (used < size - 1) {
            buffer[used] = '\0';
            *bytes = buffer;
            *length = used;
            return 0;
        }
        size = size > (max + 2) / 2 ? max + 2 : size * 2;
        larger = realloc(buffer, size);
        if (larger == NULL)
            break;
        buffer = larger;
    }
    rc = ra_fail_nomem(error);
out:
    free(buffer);
    return rc;
}

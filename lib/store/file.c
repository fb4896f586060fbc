/* SPDX-License-Identifier: MIT */
/* The default store: a file for each item, below one directory for each area.
 * The directory is opened anew for each operation, so that one that was
 * replaced or opened up to others is noticed at once, and everything in it is
 * reached from that descriptor.  A new content is a new file that takes the
 * name over (rename(2)): whoever reads, and whoever crashes, sees the old one
 * or the new one. */
#include "store/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/trust.h"
#include "store/store.h"

#define LOCK_FILE "lock"
/* How long others may hold the lock, in steps of LOCK_STEP. */
#define LOCK_STEPS 1000
#define LOCK_STEP 10000000L /* nanoseconds */
#define TEMPORARY_SIZE (sizeof(RA_FILE_TEMPORARY) + 32)

struct file_store {
    char *directories[2];  /* by roleauth_area */
    pthread_mutex_t mutex; /* guards lock_fd, from lock to unlock */
    int lock_fd;
};

static const char *directory_of(const struct file_store *store,
                                roleauth_area area)
{
    return store->directories[area == ROLEAUTH_AREA_STATE ? 1 : 0];
}

/* Could it be an item's name?  The lock is none. */
static bool is_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789.-";
    size_t length = strspn(name, allowed);

    return length > 0 && length <= ROLEAUTH_STORE_NAME &&
           name[length] == '\0' && name[0] != '.' &&
           strcmp(name, LOCK_FILE) != 0;
}

static int check_name(const char *name, roleauth_error *error)
{
    return is_name(name) ? 0
                         : ra_fail(error, ROLEAUTH_E_ARGUMENT,
                                   "%s is not a name for an item", name);
}

static int open_directory(const struct file_store *store, roleauth_area area,
                          int *fd, roleauth_error *error)
{
    return ra_trust_open_private_dir(directory_of(store, area), fd, error);
}

/* ---- reading ---- */

/* Is what was opened what a store writes?  Texts name it as path/name. */
static int check_file(const struct stat *st, const char *path, const char *name,
                      roleauth_error *error)
{
    const char *fault = NULL;

    if (!S_ISREG(st->st_mode))
        fault = "is not a regular file";
    else if (st->st_nlink > 1) /* 0: replaced since it was opened */
        fault = "has other names (hard links)";
    else if (st->st_uid != geteuid())
        fault = "belongs to another user";
    else if ((st->st_mode & 07777) != 0600)
        fault = "does not have mode 0600";
    return fault == NULL ? 0
                         : ra_fail(error, ROLEAUTH_E_UNTRUSTED, "%s/%s %s",
                                   path, name, fault);
}

static int fail_file(int err, const char *doing, const char *path,
                     const char *name, roleauth_error *error)
{
    return ra_fail_errno(error, err, "cannot %s %s/%s", doing, path, name);
}

/* O_NONBLOCK: a FIFO must not hang us before fstat(2) finds it out. */
static int open_item(int directory, const char *path, const char *name, int *fd,
                     roleauth_error *error)
{
    struct stat st;

    *fd = openat(directory, name,
                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT)
        return ROLEAUTH_E_NOT_FOUND;
    if (*fd < 0 && errno == ELOOP)
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED, "%s/%s is a symbolic link",
                       path, name);
    /* open(2): a socket, and a device without a driver. */
    if (*fd < 0 && errno == ENXIO)
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                       "%s/%s is not a regular file", path, name);
    if (*fd < 0 || fstat(*fd, &st) != 0)
        return fail_file(errno, "open", path, name, error);
    return check_file(&st, path, name, error);
}

static int read_whole(int fd, const char *path, const char *name, void *buffer,
                      size_t size, size_t *length, roleauth_error *error)
{
    unsigned char over;
    size_t used = 0;

    for (;;) {
        bool full = used == size;
        ssize_t got = read(fd, full ? &over : (unsigned char *)buffer + used,
                           full ? 1 : size - used);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_file(errno, "read", path, name, error);
        if (got == 0)
            break;
        if (full)
            return ra_fail(error, ROLEAUTH_E_LIMIT,
                           "%s/%s is larger than %zu bytes", path, name, size);
        used += (size_t)got;
    }
    *length = used;
    return 0;
}

static int file_read(void *data, roleauth_area area, const char *name,
                     void *buffer, size_t size, size_t *length,
                     roleauth_error *error)
{
    const struct file_store *store = data;
    const char *path = directory_of(store, area);
    int directory = -1, fd = -1;
    int rc = check_name(name, error);

    *length = 0;
    if (rc == 0)
        rc = open_directory(store, area, &directory, error);
    if (rc == 0)
        rc = open_item(directory, path, name, &fd, error);
    if (rc == 0)
        rc = read_whole(fd, path, name, buffer, size, length, error);
    if (fd >= 0)
        (void)close(fd);
    if (directory >= 0)
        (void)close(directory);
    return rc;
}

/* ---- writing ---- */

void ra_file_clean(int directory, time_t now)
{
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    struct stat st;

    if (entries == NULL) {
        if (copy >= 0)
            (void)close(copy);
        return;
    }
    while ((entry = readdir(entries)) != NULL) {
        if (strncmp(entry->d_name, RA_FILE_TEMPORARY,
                    strlen(RA_FILE_TEMPORARY)) == 0 &&
            fstatat(directory, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            (now - st.st_ctime > RA_FILE_ABANDONED ||
             st.st_ctime - now > RA_FILE_ABANDONED))
            (void)unlinkat(directory, entry->d_name, 0);
    }
    (void)closedir(entries);
}

struct temporary {
    const char *path; /* of the directory, for texts */
    int directory;
    int fd;
    char name[TEMPORARY_SIZE]; /* "": there is no file */
};

/* Its own st_ctime tells what time it is for the others'. */
static int temporary_open(struct temporary *t, roleauth_error *error)
{
    unsigned char random[16];
    struct stat st;

    if (!ra_random(random, sizeof(random)))
        return ra_fail(error, ROLEAUTH_E_IO, "there is no randomness");
    (void)snprintf(t->name, sizeof(t->name), "%s", RA_FILE_TEMPORARY);
    ra_hex(random, sizeof(random), t->name + strlen(RA_FILE_TEMPORARY));
    t->fd = openat(t->directory, t->name,
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (t->fd < 0) {
        int err = errno;

        t->name[0] = '\0';
        return ra_fail_errno(error, err, "cannot make a file in %s", t->path);
    }
    /* The umask is the process's own. */
    if (fchmod(t->fd, 0600) != 0 || fstat(t->fd, &st) != 0)
        return fail_file(errno, "make", t->path, t->name, error);
    ra_file_clean(t->directory, st.st_ctime);
    return 0;
}

/* The file's mtime keeps the expiry, where it is cheap to find. */
static int temporary_fill(struct temporary *t, roleauth_area area,
                          const void *bytes, size_t length, int64_t expires,
                          roleauth_error *error)
{
    const struct timespec times[2] = {{0, UTIME_OMIT}, {expires, 0}};
    size_t done = 0;
    int fd = t->fd;

    while (done < length) {
        ssize_t put =
            write(fd, (const unsigned char *)bytes + done, length - done);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return fail_file(put < 0 ? errno : EIO, "write", t->path, t->name,
                             error);
        done += (size_t)put;
    }
    if (area == ROLEAUTH_AREA_RECORDS && futimens(fd, times) != 0)
        return fail_file(errno, "write", t->path, t->name, error);
    if (area == ROLEAUTH_AREA_STATE && fsync(fd) != 0)
        return fail_file(errno, "sync", t->path, t->name, error);
    t->fd = -1;
    /* close(2): on Linux the descriptor is gone also after EINTR. */
    if (close(fd) != 0 && errno != EINTR)
        return fail_file(errno, "write", t->path, t->name, error);
    return 0;
}

/* link(2) and unlink(2), for file systems that cannot rename without
 * replacing.  For a moment the file has two names. */
static int link_new(struct temporary *t, const char *name)
{
    if (linkat(t->directory, t->name, t->directory, name, 0) != 0)
        return errno;
    (void)unlinkat(t->directory, t->name, 0);
    t->name[0] = '\0';
    return 0;
}

/* Gives the temporary file its name. */
static int temporary_name(struct temporary *t, const char *name, bool replace,
                          roleauth_error *error)
{
    int err = 0;
    int rc = replace ? renameat(t->directory, t->name, t->directory, name)
                     : renameat2(t->directory, t->name, t->directory, name,
                                 RENAME_NOREPLACE);

    if (rc == 0)
        t->name[0] = '\0';
    else
        err = errno;
    if (!replace && (err == EINVAL || err == ENOSYS))
        err = link_new(t, name);
    if (!replace && err == EEXIST)
        return 0; /* the other one holds */
    return err == 0 ? 0 : fail_file(err, "write", t->path, name, error);
}

static void temporary_close(struct temporary *t)
{
    if (t->fd >= 0)
        (void)close(t->fd);
    if (t->name[0] != '\0')
        (void)unlinkat(t->directory, t->name, 0);
    if (t->directory >= 0)
        (void)close(t->directory);
}

static int put_item(const struct file_store *store, roleauth_area area,
                    const char *name, const void *bytes, size_t length,
                    int64_t expires, bool replace, roleauth_error *error)
{
    struct temporary t = {directory_of(store, area), -1, -1, ""};
    int rc = check_name(name, error);

    if (rc == 0 && length > ROLEAUTH_STORE_ITEM)
        rc = ra_fail(error, ROLEAUTH_E_LIMIT, "an item of %zu bytes", length);
    if (rc == 0)
        rc = ra_trust_make_private_dir(t.path, &t.directory, error);
    if (rc == 0)
        rc = temporary_open(&t, error);
    if (rc == 0)
        rc = temporary_fill(&t, area, bytes, length, expires, error);
    if (rc == 0)
        rc = temporary_name(&t, name, replace, error);
    if (rc == 0 && area == ROLEAUTH_AREA_STATE && fsync(t.directory) != 0)
        rc = fail_file(errno, "sync", t.path, ".", error);
    temporary_close(&t);
    return rc;
}

static int file_write(void *data, roleauth_area area, const char *name,
                      const void *bytes, size_t length, int64_t expires,
                      roleauth_error *error)
{
    return put_item(data, area, name, bytes, length, expires, true, error);
}

static int file_create(void *data, roleauth_area area, const char *name,
                       const void *bytes, size_t length, roleauth_error *error)
{
    return put_item(data, area, name, bytes, length, 0, false, error);
}

static int file_remove(void *data, roleauth_area area, const char *name,
                       roleauth_error *error)
{
    const struct file_store *store = data;
    const char *path = directory_of(store, area);
    int directory = -1;
    int rc = check_name(name, error);

    if (rc != 0)
        return rc;
    rc = open_directory(store, area, &directory, error);
    if (rc != 0)
        return rc == ROLEAUTH_E_NOT_FOUND ? 0 : rc;
    if (unlinkat(directory, name, 0) != 0) {
        if (errno != ENOENT)
            rc = fail_file(errno, "remove", path, name, error);
    } else if (area == ROLEAUTH_AREA_STATE && fsync(directory) != 0) {
        rc = fail_file(errno, "sync", path, ".", error);
    }
    (void)close(directory);
    return rc;
}

/* ---- listing ---- */

static int file_list(void *data, roleauth_area area,
                     void (*each)(void *each_data, const char *name,
                                  int64_t expires),
                     void *each_data, roleauth_error *error)
{
    const char *path = directory_of(data, area);
    const struct dirent *entry;
    struct stat st;
    DIR *entries;
    int fd, err;
    int rc = open_directory(data, area, &fd, error);

    if (rc != 0)
        return rc == ROLEAUTH_E_NOT_FOUND ? 0 : rc;
    entries = fdopendir(fd);
    if (entries == NULL) {
        err = errno;
        (void)close(fd);
        return ra_fail_errno(error, err, "cannot list %s", path);
    }
    while (errno = 0, (entry = readdir(entries)) != NULL) {
        if (is_name(entry->d_name) &&
            fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            each(each_data, entry->d_name,
                 area == ROLEAUTH_AREA_RECORDS && S_ISREG(st.st_mode) &&
                         st.st_mtime > 0
                     ? (int64_t)st.st_mtime
                     : 0);
    }
    err = errno;
    (void)closedir(entries);
    return err == 0 ? 0 : ra_fail_errno(error, err, "cannot list %s", path);
}

/* ---- locking ---- */

/* Waits, but not for ever: a process that was stopped while it held the lock
 * must not stop everybody. */
static int wait_for_lock(int fd)
{
    const struct timespec step = {0, LOCK_STEP};

    for (int i = 0; i < LOCK_STEPS; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return errno;
        (void)nanosleep(&step, NULL);
    }
    return ETIMEDOUT;
}

static int open_lock(const struct file_store *store, int *fd,
                     roleauth_error *error)
{
    const char *path = directory_of(store, ROLEAUTH_AREA_STATE);
    struct stat st;
    int directory;
    int rc = ra_trust_make_private_dir(path, &directory, error);

    if (rc != 0)
        return rc;
    *fd = openat(directory, LOCK_FILE,
                 O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
                     O_CLOEXEC,
                 0600);
    if (*fd < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EROFS))
        rc = ra_fail(error, ROLEAUTH_E_LIMIT, "there is no room for %s/%s",
                     path, LOCK_FILE);
    else if (*fd < 0 || fstat(*fd, &st) != 0)
        rc = fail_file(errno, "open", path, LOCK_FILE, error);
    else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
        rc = ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                     "%s/%s is not a lock: remove it", path, LOCK_FILE);
    else if ((st.st_mode & 07777) != 0600 && fchmod(*fd, 0600) != 0)
        rc = fail_file(errno, "open", path, LOCK_FILE, error);
    (void)close(directory);
    return rc;
}

static int file_lock(void *data, roleauth_error *error)
{
    struct file_store *store = data;
    int fd = -1;
    int rc, err = 0;

    if (pthread_mutex_lock(&store->mutex) != 0)
        return ra_fail(error, ROLEAUTH_E_INTERNAL, "the store is locked");
    rc = open_lock(store, &fd, error);
    if (rc == 0 && (err = wait_for_lock(fd)) == ETIMEDOUT)
        rc = ra_fail(error, ROLEAUTH_E_IN_USE,
                     "another process has locked %s/%s for too long",
                     directory_of(store, ROLEAUTH_AREA_STATE), LOCK_FILE);
    else if (rc == 0 && err != 0)
        rc = fail_file(err, "lock", directory_of(store, ROLEAUTH_AREA_STATE),
                       LOCK_FILE, error);
    if (rc == 0) {
        store->lock_fd = fd;
        return 0;
    }
    if (fd >= 0)
        (void)close(fd);
    (void)pthread_mutex_unlock(&store->mutex);
    return rc;
}

/* LOCK_UN, because a child that was forked meanwhile may still have a copy of
 * the descriptor, which would keep the lock (flock(2)). */
static void file_unlock(void *data)
{
    struct file_store *store = data;

    (void)flock(store->lock_fd, LOCK_UN);
    (void)close(store->lock_fd);
    store->lock_fd = -1;
    (void)pthread_mutex_unlock(&store->mutex);
}

/* ---- the store ---- */

static void file_release(void *data)
{
    struct file_store *store = data;

    free(store->directories[0]);
    free(store->directories[1]);
    (void)pthread_mutex_destroy(&store->mutex);
    free(store);
}

int ra_file_store_new(roleauth_store *store, const char *records_directory,
                      const char *state_directory, roleauth_error *error)
{
    struct file_store *made = calloc(1, sizeof(*made));

    memset(store, 0, sizeof(*store));
    if (made == NULL)
        return ra_fail_nomem(error);
    if (pthread_mutex_init(&made->mutex, NULL) != 0) {
        free(made);
        return ra_fail_nomem(error);
    }
    made->lock_fd = -1;
    made->directories[0] = strdup(records_directory);
    made->directories[1] = strdup(state_directory);
    if (made->directories[0] == NULL || made->directories[1] == NULL) {
        file_release(made);
        return ra_fail_nomem(error);
    }
    store->read = file_read;
    store->write = file_write;
    store->create = file_create;
    store->remove = file_remove;
    store->list = file_list;
    store->lock = file_lock;
    store->unlock = file_unlock;
    store->release = file_release;
    store->data = made;
    return 0;
}

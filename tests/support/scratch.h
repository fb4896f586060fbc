/* SPDX-License-Identifier: MIT */
/* A directory for one test, and what a test puts into it.  To be included
 * behind cmocka.h. */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Somebody who is neither root nor whoever runs the tests. */
#define SCRATCH_STRANGER 54321

struct scratch {
    char path[256];
    char buffer[8][512];
    unsigned next;
};

static inline void scratch_make(struct scratch *scratch)
{
    const char *parent = getenv("TMPDIR");

    memset(scratch, 0, sizeof(*scratch));
    (void)snprintf(scratch->path, sizeof(scratch->path), "%s/roleauth-XXXXXX",
                   parent != NULL && parent[0] == '/' ? parent : "/tmp");
    assert_non_null(mkdtemp(scratch->path));
}

static inline int scratch_remove_one(const char *path, const struct stat *st,
                                     int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void scratch_remove(struct scratch *scratch)
{
    (void)nftw(scratch->path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of name; good until seven more were asked for. */
static inline const char *scratch_at(struct scratch *scratch, const char *name)
{
    char *path = scratch->buffer[scratch->next++ % 8];

    (void)strlcpy(path, scratch->path, 512);
    (void)strlcat(path, "/", 512);
    (void)strlcat(path, name, 512);
    return path;
}

static inline void scratch_write(struct scratch *scratch, const char *name,
                                 const void *bytes, size_t length, mode_t mode)
{
    int fd =
        open(scratch_at(scratch, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static inline size_t scratch_read(struct scratch *scratch, const char *name,
                                  void *bytes, size_t size)
{
    int fd = open(scratch_at(scratch, name), O_RDONLY);
    ssize_t got;

    assert_true(fd >= 0);
    got = read(fd, bytes, size);
    assert_true(got >= 0);
    assert_int_equal(close(fd), 0);
    return (size_t)got;
}

static inline void scratch_mkdir(struct scratch *scratch, const char *name,
                                 mode_t mode)
{
    assert_int_equal(mkdir(scratch_at(scratch, name), 0700), 0);
    assert_int_equal(chmod(scratch_at(scratch, name), mode), 0);
}

/* Runs test with a file system of 64 KiB mounted on the directory name, which
 * nobody else sees.  For a process of its own.  Returns what test does; 77: it
 * cannot be mounted here. */
static inline int scratch_on_small_disk(struct scratch *scratch,
                                        const char *name, int (*test)(void))
{
    char path[512];
    int result;

    (void)strlcpy(path, scratch_at(scratch, name), sizeof(path));
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", path, "tmpfs", 0, "size=64k,mode=0700") != 0)
        return 77;
    result = test();
    /* Else the directory stays busy for a moment after the process is gone. */
    (void)umount2(path, MNT_DETACH);
    return result;
}

#define scratch_need_root()                                                    \
    do {                                                                       \
        if (geteuid() != 0) {                                                  \
            print_message("skipped: needs root\n");                            \
            skip();                                                            \
        }                                                                      \
    } while (0)

#endif

/* SPDX-License-Identifier: MIT */
/* A set as a file.
 *
 * Written: the block as it is, into a new file that takes the name over
 * (rename(2)), so that whoever maps the old one keeps it, and nobody sees half
 * of a new one.  Read: mapped, so that a program that asks once touches no more
 * of it than its question needs.  A file that is cut short while it is mapped
 * ends the program with SIGBUS (mmap(2)): it is to be replaced, not edited. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/large.h"
#include "base/trust.h"
#include "role/pack.h"

/* What a file is called until it is whole.  One that a killed process left
 * behind stays: nobody but its writer knows whether it still grows. */
#define TEMPORARY ".roleauth-compile-"
#define RANDOM_SIZE 16

/* ---- reading ---- */

/* What every reader of a set may take for granted: a rule for each role. */
static bool is_whole(const struct ra_block *block)
{
    size_t roles = ra_block_count(block, RA_SECTION_ROLES);

    return roles <= ROLEAUTH_MAX_ROLES && ra_index_rules(block) == roles;
}

int ra_compiled_open(roleauth_roles **roles, void *bytes, size_t size,
                     roleauth_error *error)
{
    roleauth_roles *made = calloc(1, sizeof(*made));
    struct ra_block_layout layout;
    int code;

    *roles = NULL;
    if (made == NULL)
        return ra_fail_nomem(error);
    ra_set_layout(&layout);
    code = ra_block_open(&made->block, bytes, size, &layout, error);
    if (code == 0 && !is_whole(&made->block))
        code = ra_roles_damaged(error);
    if (code == 0) {
        atomic_init(&made->references, 1);
        *roles = made;
        made = NULL;
    }
    free(made);
    return code;
}

static int fail_file(roleauth_error *error, int err, const char *doing,
                     const char *path)
{
    return ra_fail_errno(error, err, "cannot %s %s", doing, path);
}

/* As ra_compiled_map(), with errors that do not name the file. */
static int map(roleauth_roles **roles, int fd, const char *path,
               roleauth_error *error)
{
    struct stat st;
    void *bytes;
    int code;

    if (fstat(fd, &st) != 0)
        return fail_file(error, errno, "read", path);
    /* mmap(2) of nothing is EINVAL. */
    if (st.st_size <= 0)
        return ra_compiled_open(roles, NULL, 0, error);
    if ((uintmax_t)st.st_size > PTRDIFF_MAX)
        return ra_fail(error, ROLEAUTH_E_INVALID,
                       "this is too large for a compiled policy");
    bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return fail_file(error, errno, "map", path);
    code = ra_compiled_open(roles, bytes, (size_t)st.st_size, error);
    if (code == 0)
        (*roles)->mapped = true;
    else
        (void)munmap(bytes, (size_t)st.st_size);
    return code;
}

int ra_compiled_detach(roleauth_roles *roles, roleauth_error *error)
{
    const struct ra_block file = roles->block;
    struct ra_block_layout layout;
    struct ra_block copy;
    unsigned char *bytes;
    int code;

    if (!roles->mapped)
        return 0;
    bytes = ra_large_new(file.size);
    if (bytes == NULL)
        return ra_fail_nomem(error);
    memcpy(bytes, file.bytes, file.size);
    ra_set_layout(&layout);
    /* What was good when it was mapped may have been written to since. */
    code = ra_block_open(&copy, bytes, file.size, &layout, error);
    if (code == 0)
        code = ra_block_verify(&copy, error);
    if (code != 0) {
        ra_large_free(bytes);
        return code;
    }
    roles->block = copy;
    roles->mapped = false;
    (void)munmap((void *)(uintptr_t)file.bytes, file.size);
    return 0;
}

static int fail_at(roleauth_error *error, const char *path, int code,
                   const roleauth_error *why)
{
    return ra_fail_in(error, code, path, 0, 0, NULL, why->text);
}

int ra_compiled_map(roleauth_roles **roles, int fd, const char *path,
                    roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int code;

    *roles = NULL;
    code = map(roles, fd, path, &why);
    return code == 0 ? 0 : fail_at(error, path, code, &why);
}

int roleauth_roles_verify(const char *path, roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    int fd = -1, trusted, code;

    roleauth_error_clear(error);
    if (path == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no path");
    code = ra_trust_open_file(path, &fd, &trusted, &why);
    /* Who could have written it is another question. */
    if (code == 0)
        roleauth_error_clear(&why);
    if (code == 0)
        code = ra_compiled_map(&roles, fd, path, &why);
    if (code == 0)
        code = ra_block_verify(&roles->block, &why);
    roleauth_roles_free(&roles);
    if (fd >= 0)
        (void)close(fd);
    return code == 0 ? 0 : fail_at(error, path, code, &why);
}

/* ---- where a set came from ---- */

bool ra_set_origin(const roleauth_roles *roles, struct ra_origin *origin)
{
    const struct ra_source_item *item =
        ra_block_item(&roles->block, RA_SECTION_SOURCE, 0);

    memset(origin, 0, sizeof(*origin));
    if (item == NULL ||
        !ra_block_text(&roles->block, item->path, &origin->path) ||
        origin->path == NULL || origin->path[0] != '/') {
        origin->path = NULL;
        return false;
    }
    origin->seconds = item->seconds;
    origin->nanoseconds = item->nanoseconds;
    return true;
}

bool ra_origin_newer(const struct ra_origin *a, const struct ra_origin *b)
{
    return a->seconds != b->seconds ? a->seconds > b->seconds
                                    : a->nanoseconds > b->nanoseconds;
}

void ra_origin_free(struct ra_origin *origin)
{
    free((void *)(uintptr_t)origin->path);
    memset(origin, 0, sizeof(*origin));
}

static struct ra_origin changed_at(const struct stat *st)
{
    const struct ra_origin at = {
        .seconds = st->st_mtim.tv_sec,
        .nanoseconds = st->st_mtim.tv_nsec,
    };

    return at;
}

/* A journal that is empty holds no change: SQLite makes such for readers. */
static void look_at_journal(struct ra_origin *origin, const char *suffix)
{
    struct ra_buf name = RA_BUF_INIT((size_t)65536);
    struct ra_origin at;
    struct stat st;

    if (ra_buf_add_text(&name, origin->path) &&
        ra_buf_add_text(&name, suffix) && stat(name.data, &st) == 0 &&
        S_ISREG(st.st_mode) && st.st_size > 0) {
        at = changed_at(&st);
        if (ra_origin_newer(&at, origin)) {
            origin->seconds = at.seconds;
            origin->nanoseconds = at.nanoseconds;
        }
    }
    ra_buf_free(&name);
}

bool ra_origin_of(const char *path, struct ra_origin *origin)
{
    char *absolute = realpath(path, NULL);
    struct stat st;

    memset(origin, 0, sizeof(*origin));
    if (absolute == NULL || stat(absolute, &st) != 0) {
        free(absolute);
        return false;
    }
    *origin = changed_at(&st);
    origin->path = absolute;
    /* Beside the file itself, not beside a link to it: SQLite's "Temporary
     * Files Used By SQLite", sections 2.1 and 2.2. */
    look_at_journal(origin, "-wal");
    look_at_journal(origin, "-journal");
    return true;
}

/* ---- writing ---- */

struct output {
    const char *path; /* for texts */
    const char *name; /* in the directory */
    int directory, fd;
    mode_t mode;
    bool has_old;
    gid_t group;                                         /* of the old file */
    char temporary[sizeof(TEMPORARY) + 2 * RANDOM_SIZE]; /* "": none */
};

static int fail_output(const struct output *out, int err, roleauth_error *error)
{
    return fail_file(error, err, "write", out->path);
}

/* Is it the file that the roles were read from? */
static bool is_source(const roleauth_roles *roles, const struct stat *st)
{
    struct ra_origin origin;
    struct stat source;

    return ra_set_origin(roles, &origin) && stat(origin.path, &source) == 0 &&
           source.st_dev == st->st_dev && source.st_ino == st->st_ino;
}

/* What has the name by now: may it be replaced, and who may read it?  A link
 * is not replaced, because what it points to is what its owner calls the
 * policy, nor written through, because the directory there is another one. */
static int look_at_old(struct output *out, const roleauth_roles *roles,
                       roleauth_error *error)
{
    struct stat st;

    if (fstatat(out->directory, out->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : fail_output(out, errno, error);
    if (S_ISLNK(st.st_mode))
        return ra_fail(error, ROLEAUTH_E_IO,
                       "%s is a symbolic link: remove it, or name the file "
                       "that it points to",
                       out->path);
    if (S_ISDIR(st.st_mode))
        return fail_output(out, EISDIR, error);
    if (!S_ISREG(st.st_mode))
        return ra_fail(error, ROLEAUTH_E_IO, "%s is not a regular file",
                       out->path);
    if (is_source(roles, &st))
        return ra_fail(error, ROLEAUTH_E_IO,
                       "%s is what the roles were read from: name another "
                       "file",
                       out->path);
    /* Somebody else's choice of readers is none: policies hold hashes. */
    if (st.st_uid == 0 || st.st_uid == geteuid()) {
        out->has_old = true;
        out->mode = st.st_mode & 0755;
        out->group = st.st_gid;
    }
    return 0;
}

static int output_open(struct output *out, roleauth_error *error)
{
    unsigned char random[RANDOM_SIZE];

    if (!ra_random(random, sizeof(random)))
        return ra_fail(error, ROLEAUTH_E_IO, "there is no randomness");
    memcpy(out->temporary, TEMPORARY, sizeof(TEMPORARY));
    ra_hex(random, sizeof(random), out->temporary + strlen(TEMPORARY));
    out->fd =
        openat(out->directory, out->temporary,
               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out->fd >= 0)
        return 0;
    out->temporary[0] = '\0';
    return fail_output(out, errno, error);
}

static int output_write(struct output *out, const unsigned char *bytes,
                        size_t length, roleauth_error *error)
{
    size_t done = 0;

    while (done < length) {
        ssize_t put = write(out->fd, bytes + done, length - done);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return fail_output(out, put < 0 ? errno : EIO, error);
        done += (size_t)put;
    }
    return 0;
}

/* The mode of the old file, whatever the umask; its group too, else the group
 * bits would be for another one. */
static int output_admit(struct output *out)
{
    struct stat st;

    if (out->has_old) {
        if (fstat(out->fd, &st) != 0)
            return errno;
        if (st.st_gid != out->group &&
            fchown(out->fd, (uid_t)-1, out->group) != 0)
            out->mode &= ~(mode_t)S_IRWXG;
    }
    return fchmod(out->fd, out->mode) == 0 ? 0 : errno;
}

/* Makes the new content last, and gives it its name.  Returns an errno
 * value. */
static int output_name(struct output *out)
{
    int fd = out->fd;

    if (fsync(fd) != 0)
        return errno;
    out->fd = -1;
    /* close(2): on Linux the descriptor is gone also after EINTR. */
    if (close(fd) != 0 && errno != EINTR)
        return errno;
    if (renameat(out->directory, out->temporary, out->directory, out->name) !=
        0)
        return errno;
    out->temporary[0] = '\0';
    /* EINVAL: this file system cannot (fsync(2)). */
    return fsync(out->directory) == 0 || errno == EINVAL ? 0 : errno;
}

static void output_close(struct output *out)
{
    if (out->fd >= 0)
        (void)close(out->fd);
    if (out->temporary[0] != '\0')
        (void)unlinkat(out->directory, out->temporary, 0);
    if (out->directory >= 0)
        (void)close(out->directory);
}

int ra_set_vouched(const roleauth_roles *roles, roleauth_error *error)
{
    if (!roles->trusted)
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                       "others could have changed these roles, which a file "
                       "of ours would hide");
    return roles->mapped ? ra_block_verify(&roles->block, error) : 0;
}

static int write_all(struct output *out, const roleauth_roles *roles,
                     roleauth_error *error)
{
    const struct ra_block *block = &roles->block;
    unsigned char header[RA_BLOCK_HEADER];
    int code, err;

    if (!ra_block_seal(block, header))
        return ra_fail_nomem(error);
    code = output_open(out, error);
    if (code == 0)
        code = output_write(out, header, sizeof(header), error);
    if (code == 0)
        code = output_write(out, block->bytes + sizeof(header),
                            block->size - sizeof(header), error);
    if (code != 0)
        return code;
    err = output_admit(out);
    if (err == 0)
        err = output_name(out);
    return err == 0 ? 0 : fail_output(out, err, error);
}

int roleauth_roles_compile(const roleauth_roles *roles, const char *path,
                           roleauth_error *error)
{
    struct output out = {
        .path = path,
        .directory = -1,
        .fd = -1,
        .mode = 0600,
    };
    int code;

    roleauth_error_clear(error);
    if (roles == NULL || path == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no roles, or no path");
    code = ra_set_vouched(roles, error);
    if (code == 0)
        code = ra_trust_open_parent(path, &out.directory, &out.name, error);
    if (code == 0)
        code = look_at_old(&out, roles, error);
    if (code == 0)
        code = write_all(&out, roles, error);
    output_close(&out);
    return code;
}

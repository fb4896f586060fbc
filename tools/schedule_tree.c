/* SPDX-License-Identifier: MIT */
/* Files below a root: what is read, written and removed stays below it.  Every
 * directory is opened by one name from the one above, without following
 * links, so that nobody can lead us elsewhere between two looks. */
#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schedule.h"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int schedule_fail(roleauth_error *error, int code, const char *file,
                  const char *format, ...)
{
    va_list args;

    roleauth_error_clear(error);
    error->code = code;
    if (file != NULL)
        (void)snprintf(error->file, sizeof(error->file), "%s", file);
    va_start(args, format);
    (void)vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    return code;
}

int schedule_fail_errno(roleauth_error *error, int number, const char *file,
                        const char *what)
{
    const char *mend = "";

    if (number == ENOMEM)
        return schedule_fail(error, ROLEAUTH_E_NOMEM, file, "out of memory");
    if (number == EACCES || number == EPERM)
        mend = ": run as root, or give a directory of your own by --root";
    else if (number == ELOOP)
        mend = ": a symbolic link is in the way, which is not followed";
    return schedule_fail(error, ROLEAUTH_E_IO, file, "cannot %s it: %s%s", what,
                         strerror(number), mend);
}

int tree_open(struct tree *tree, const char *root, bool makes,
              roleauth_error *error)
{
    memset(tree, 0, sizeof(*tree));
    tree->root = root;
    tree->makes = makes;
    tree->made = json_array();
    tree->fd =
        open(root != NULL ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree->fd == -1)
        return schedule_fail_errno(error, errno, root, "open");
    return tree->made != NULL
               ? 0
               : schedule_fail(error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
}

void tree_close(struct tree *tree)
{
    if (tree->fd != -1)
        (void)close(tree->fd);
    json_decref(tree->made);
    tree->fd = -1;
    tree->made = NULL;
}

/* The next component of *rest, which moves behind it; 0: there is none. */
static size_t next_name(const char **rest, const char **name)
{
    size_t length;

    *rest += strspn(*rest, "/");
    length = strcspn(*rest, "/");
    *name = *rest;
    *rest += length;
    return length;
}

int tree_check_path(const char *path, const char *option, roleauth_error *error)
{
    const char *rest = path, *name;
    json_t *text = json_string(path); /* only of UTF-8 */
    size_t length;

    json_decref(text);
    if (text == NULL || path[0] != '/' || path[strlen(path) - 1] == '/' ||
        strlen(path) >= PATH_MAX)
        return schedule_fail(error, ROLEAUTH_E_ARGUMENT, NULL,
                             "%s takes the path of a file that starts with a "
                             "slash, in UTF-8",
                             option);
    for (const char *c = path; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == '\177')
            return schedule_fail(error, ROLEAUTH_E_ARGUMENT, NULL,
                                 "%s takes a path without control characters",
                                 option);
    while ((length = next_name(&rest, &name)) > 0)
        if ((length == 1 && name[0] == '.') ||
            (length == 2 && name[0] == '.' && name[1] == '.'))
            return schedule_fail(error, ROLEAUTH_E_ARGUMENT, NULL,
                                 "%s takes a path without \".\" and \"..\"",
                                 option);
    return 0;
}

char *tree_outside(const struct tree *tree, const char *path)
{
    char *outside = NULL;

    if (asprintf(&outside, "%s%s", tree->root != NULL ? tree->root : "", path) <
        0)
        return NULL;
    return outside;
}

/* Could others replace what is in it?  In a tree of --root that is not asked:
 * who builds one may own it. */
static int check_directory(const struct tree *tree, int fd, const char *path,
                           roleauth_error *error)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return schedule_fail_errno(error, errno, path, "open");
    if (tree->root != NULL)
        return 0;
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return schedule_fail(error, ROLEAUTH_E_UNTRUSTED, path,
                             "it belongs to user %lu: chown root it",
                             (unsigned long)st.st_uid);
    /* In a sticky directory of root's only owners replace (unlink(2)), and
     * the next component's owner is looked at in turn. */
    if ((st.st_mode & 022) != 0 &&
        !((st.st_mode & S_ISVTX) != 0 && st.st_uid == 0))
        return schedule_fail(error, ROLEAUTH_E_UNTRUSTED, path,
                             "others can write to it: chmod go-w it");
    return 0;
}

/* Makes a directory.  made is its path. */
static int make_directory(struct tree *tree, int above, const char *name,
                          const char *made, mode_t mode, roleauth_error *error)
{
    int below, rc = 0;

    if (mkdirat(above, name, mode) != 0)
        return errno == EEXIST
                   ? 0
                   : schedule_fail_errno(error, errno, made, "make");
    /* Whatever the umask.  By its descriptor: who owns a tree of --root could
     * put a link in its place, which fchmodat(2) would follow. */
    below = openat(above, name, DIRECTORY);
    if (below == -1 || fchmod(below, mode) != 0 || fsync(above) != 0)
        rc = schedule_fail_errno(error, errno, made, "make");
    if (below != -1)
        (void)close(below);
    if (rc != 0)
        return rc;
    return json_array_append_new(tree->made, json_string(made)) == 0
               ? 0
               : schedule_fail(error, ROLEAUTH_E_NOMEM, NULL, "out of memory");
}

/* Goes from *fd, which is closed, down to the directory path. */
static int step(struct tree *tree, int *fd, const char *name, const char *path,
                roleauth_error *error)
{
    /* What the tool alone reads, it keeps to itself. */
    mode_t mode = strcmp(path, ROLEAUTH_SCHEDULE_DIR) == 0 ? 0700 : 0755;
    int below = openat(*fd, name, DIRECTORY);
    int rc = 0;

    if (below == -1 && errno == ENOENT && tree->makes) {
        rc = make_directory(tree, *fd, name, path, mode, error);
        if (rc == 0)
            below = openat(*fd, name, DIRECTORY);
    }
    if (rc == 0 && below == -1 && errno == ENOTDIR) {
        struct stat st;

        /* open(2) says so of a link, too. */
        errno = fstatat(*fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                        S_ISLNK(st.st_mode)
                    ? ELOOP
                    : ENOTDIR;
    }
    if (rc == 0 && below == -1 && errno != ENOENT)
        rc = schedule_fail_errno(error, errno, path, "open");
    if (rc == 0 && below == -1 && tree->makes)
        rc = schedule_fail_errno(error, ENOENT, path, "open");
    (void)close(*fd);
    *fd = below;
    return rc;
}

int tree_parent(struct tree *tree, const char *path, int *fd, const char **last,
                roleauth_error *error)
{
    char directory[PATH_MAX] = "", name[NAME_MAX + 1];
    size_t at = 0, length;
    const char *rest = path, *start;
    int rc;

    *fd = fcntl(tree->fd, F_DUPFD_CLOEXEC, 3);
    if (*fd == -1)
        return schedule_fail_errno(error, errno, path, "open");
    rc = check_directory(tree, *fd, tree->root != NULL ? tree->root : "/",
                         error);
    while (rc == 0 && *fd != -1 && (length = next_name(&rest, &start)) > 0) {
        if (length > NAME_MAX || at + length + 2 > sizeof(directory)) {
            rc = schedule_fail_errno(error, ENAMETOOLONG, path, "open");
            break;
        }
        *last = start;
        if (strspn(rest, "/") == strlen(rest))
            break;
        memcpy(name, start, length);
        name[length] = '\0';
        directory[at++] = '/';
        memcpy(directory + at, name, length + 1);
        at += length;
        rc = step(tree, fd, name, directory, error);
        if (rc == 0 && *fd != -1)
            rc = check_directory(tree, *fd, directory, error);
    }
    if (rc != 0 && *fd != -1) {
        (void)close(*fd);
        *fd = -1;
    }
    return rc;
}

/* ---- reading ---- */

static int read_link(int parent, const char *name, const char *path,
                     struct entry *entry, roleauth_error *error)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(parent, name, target, sizeof(target) - 1);

    if (length < 0)
        return schedule_fail_errno(error, errno, path, "read");
    target[length] = '\0';
    entry->text = strdup(target);
    if (entry->text == NULL)
        return schedule_fail_errno(error, ENOMEM, path, "read");
    entry->length = (size_t)length;
    entry->kind = ENTRY_LINK;
    return 0;
}

static int read_text(int fd, const char *path, size_t max, struct entry *entry,
                     roleauth_error *error)
{
    size_t size = 4096;
    ssize_t got;

    for (;;) {
        char *grown = realloc(entry->text, size + 1);

        if (grown == NULL)
            return schedule_fail_errno(error, ENOMEM, path, "read");
        entry->text = grown;
        got = read(fd, grown + entry->length, size - entry->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return schedule_fail_errno(error, errno, path, "read");
        entry->length += (size_t)got;
        grown[entry->length] = '\0';
        if (got == 0)
            return 0;
        if (entry->length > max)
            return schedule_fail(error, ROLEAUTH_E_LIMIT, path,
                                 "it has more than %zu bytes", max);
        if (entry->length == size)
            size *= 2;
    }
}

static int read_file(const struct tree *tree, int fd, const char *path,
                     size_t max, struct entry *entry, roleauth_error *error)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return schedule_fail_errno(error, errno, path, "read");
    if (!S_ISREG(st.st_mode))
        return schedule_fail(error, ROLEAUTH_E_INVALID, path,
                             "it is not a regular file: move it away");
    if (tree->root == NULL && st.st_uid != 0 && st.st_uid != geteuid())
        return schedule_fail(error, ROLEAUTH_E_UNTRUSTED, path,
                             "it belongs to user %lu: look at it, then chown "
                             "root it or remove it",
                             (unsigned long)st.st_uid);
    entry->kind = ENTRY_FILE;
    entry->mode = st.st_mode & 07777;
    entry->owner = st.st_uid;
    entry->group = st.st_gid;
    return read_text(fd, path, max, entry, error);
}

int tree_read(struct tree *tree, const char *path, size_t max,
              struct entry *entry, roleauth_error *error)
{
    const char *name = "";
    int parent = -1, fd = -1;
    int rc;

    memset(entry, 0, sizeof(*entry));
    rc = tree_parent(tree, path, &parent, &name, error);
    if (rc != 0 || parent == -1)
        return rc;
    /* Not to hang on a FIFO. */
    fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd != -1)
        rc = read_file(tree, fd, path, max, entry, error);
    else if (errno == ELOOP)
        rc = read_link(parent, name, path, entry, error);
    else if (errno != ENOENT)
        rc = schedule_fail_errno(error, errno, path, "open");
    if (fd != -1)
        (void)close(fd);
    (void)close(parent);
    if (rc != 0)
        entry_free(entry);
    return rc;
}

void entry_free(struct entry *entry)
{
    free(entry->text);
    memset(entry, 0, sizeof(*entry));
}

/* ---- writing ---- */

static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, text, length);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return -1;
        text += put;
        length -= (size_t)put;
    }
    return 0;
}

/* A dot in front, so that neither systemd nor cron(8) takes it for one of
 * theirs if it is left by a crash. */
static int temporary(int parent, const char *name, char path[NAME_MAX + 1])
{
    int fd = -1;

    for (int tries = 0; fd == -1 && tries < 100; tries++) {
        int length = snprintf(path, NAME_MAX + 1, ".%s.%08x", name,
                              (unsigned)arc4random());

        if (length < 0 || length > NAME_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        fd = openat(parent, path,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd == -1 && errno != EEXIST)
            return -1;
    }
    return fd;
}

static int fill(int fd, const char *text, size_t length,
                const struct entry *like)
{
    struct stat st;

    if (write_all(fd, text, length) != 0 || fstat(fd, &st) != 0)
        return -1;
    if ((st.st_uid != like->owner || st.st_gid != like->group) &&
        fchown(fd, like->owner, like->group) != 0)
        return -1;
    return fchmod(fd, like->mode) == 0 && fsync(fd) == 0 ? 0 : -1;
}

int tree_write(struct tree *tree, const char *path, const char *text,
               size_t length, const struct entry *like, roleauth_error *error)
{
    char name[NAME_MAX + 1] = "";
    const char *last = "";
    int parent = -1, fd = -1;
    int rc = tree_parent(tree, path, &parent, &last, error);

    if (rc != 0)
        return rc;
    if (parent == -1)
        return schedule_fail_errno(error, ENOENT, path, "write");
    fd = temporary(parent, last, name);
    if (fd == -1) {
        rc = schedule_fail_errno(error, errno, path, "write");
        goto out;
    }
    if (fill(fd, text, length, like) != 0 ||
        renameat(parent, name, parent, last) != 0) {
        rc = schedule_fail_errno(error, errno, path, "write");
        (void)unlinkat(parent, name, 0);
        goto out;
    }
    if (fsync(parent) != 0)
        rc = schedule_fail_errno(error, errno, path, "write");
out:
    if (fd != -1)
        (void)close(fd);
    (void)close(parent);
    return rc;
}

int tree_link(struct tree *tree, const char *path, const char *target,
              roleauth_error *error)
{
    const char *name = "";
    int parent = -1;
    int rc = tree_parent(tree, path, &parent, &name, error);

    if (rc != 0)
        return rc;
    if (parent == -1)
        return schedule_fail_errno(error, ENOENT, path, "make");
    if (symlinkat(target, parent, name) != 0 || fsync(parent) != 0)
        rc = schedule_fail_errno(error, errno, path, "make");
    (void)close(parent);
    return rc;
}

int tree_remove(struct tree *tree, const char *path, roleauth_error *error)
{
    const char *name = "";
    int parent = -1;
    int rc = tree_parent(tree, path, &parent, &name, error);

    if (rc != 0 || parent == -1)
        return rc;
    if (unlinkat(parent, name, 0) == 0) {
        if (fsync(parent) != 0)
            rc = schedule_fail_errno(error, errno, path, "remove");
    } else if (errno != ENOENT) {
        rc = schedule_fail_errno(error, errno, path, "remove");
    }
    (void)close(parent);
    return rc;
}

void tree_remove_directories(struct tree *tree, const json_t *paths)
{
    roleauth_error ignored = ROLEAUTH_ERROR_INIT;
    bool makes = tree->makes;

    tree->makes = false;
    for (size_t i = json_array_size(paths); i > 0; i--) {
        const char *path = json_string_value(json_array_get(paths, i - 1));
        const char *name = "";
        int parent = -1;

        if (path == NULL || tree_check_path(path, "", &ignored) != 0 ||
            tree_parent(tree, path, &parent, &name, &ignored) != 0 ||
            parent == -1)
            continue;
        (void)unlinkat(parent, name, AT_REMOVEDIR);
        (void)close(parent);
    }
    tree->makes = makes;
}

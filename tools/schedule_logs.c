/* SPDX-License-Identifier: MIT */
/* The event files of the configuration, and what rotation made of them. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schedule.h"

/* logrotate(8): FILE.1, with dateext FILE-20261122 (and an hour or seconds
 * behind it), each perhaps compressed. */
static bool is_rotated(const char *rest)
{
    static const char *const endings[] = {"",   ".gz",  ".bz2", ".xz",
                                          ".Z", ".zst", ".lz4"};
    size_t digits;

    if (*rest != '.' && *rest != '-')
        return false;
    digits = strspn(rest + 1, "0123456789");
    if (digits == 0 || (*rest == '-' && digits < 8))
        return false;
    rest += 1 + digits;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcmp(rest, endings[i]) == 0)
            return true;
    return false;
}

static bool is_of(const char *name, const char *log)
{
    size_t length = strlen(log);

    return strncmp(name, log, length) == 0 &&
           (name[length] == '\0' || is_rotated(name + length));
}

static int complain(const char *directory, const char *name, const char *why)
{
    (void)fputs("roleauth: ", stderr);
    put_visible(stderr, directory);
    (void)fputs(": ", stderr);
    put_visible(stderr, name);
    (void)fprintf(stderr, " stays: %s\n", why);
    return EXIT_NO;
}

static int remove_log(const struct schedule *schedule, int directory,
                      const char *path, const char *name)
{
    struct stat st;

    if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? EXIT_YES
                               : complain(path, name, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return complain(path, name, "it is not a regular file");
    if (!schedule->dry && unlinkat(directory, name, 0) != 0)
        return complain(path, name, strerror(errno));
    (void)fputs(schedule->dry ? "# would remove " : "removed ", stdout);
    put_visible(stdout, path);
    if (strcmp(strrchr(path, '/') + 1, name) != 0) {
        (void)fputs(": ", stdout);
        put_visible(stdout, name);
    }
    (void)putchar('\n');
    return EXIT_YES;
}

static int remove_logs(const struct schedule *schedule, int fd,
                       const char *path, const char *log)
{
    DIR *directory = fdopendir(fd);
    const struct dirent *entry;
    int status = EXIT_YES;

    if (directory == NULL) {
        status = complain(path, log, strerror(errno));
        (void)close(fd);
        return status;
    }
    while ((entry = readdir(directory)) != NULL)
        if (is_of(entry->d_name, log) &&
            remove_log(schedule, fd, path, entry->d_name) != EXIT_YES)
            status = EXIT_NO;
    (void)closedir(directory);
    return status;
}

int logs_remove(const struct schedule *schedule, const struct config *config)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    const char *path, *name = "";
    int status = EXIT_YES;
    struct tree tree;

    /* A directory of logs may be writable by a group of its own: whoever is
     * in it can no more than we do here. */
    if (tree_open(&tree, schedule->root != NULL ? schedule->root : "/", false,
                  &error) != 0)
        return fail(&error);
    for (size_t i = 0; (path = config_log(config, i)) != NULL; i++) {
        int fd = -1;

        if (tree_check_path(path, "an event file", &error) != 0 ||
            tree_parent(&tree, path, &fd, &name, &error) != 0) {
            (void)fail(&error);
            status = EXIT_NO;
        } else if (fd != -1 &&
                   remove_logs(schedule, fd, path, name) != EXIT_YES) {
            status = EXIT_NO;
        }
    }
    tree_close(&tree);
    return status;
}

/* SPDX-License-Identifier: MIT */
#include "auth/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

/* In this order: what is to become the output may itself be descriptor 0. */
static int add_files(posix_spawn_file_actions_t *files,
                     const struct ra_spawn *spawn)
{
    int code =
        posix_spawn_file_actions_adddup2(files, spawn->output, STDOUT_FILENO);

    if (code == 0 && spawn->errors >= 0)
        code = posix_spawn_file_actions_adddup2(files, spawn->errors,
                                                STDERR_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_addopen(files, STDIN_FILENO,
                                                "/dev/null", O_RDONLY, 0);
    if (code == 0)
        code =
            posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    if (code == 0 && spawn->directory != NULL)
        code = posix_spawn_file_actions_addchdir_np(files, spawn->directory);
    return code;
}

/* What this process blocks or ignores is no business of the program's. */
static int set_attributes(posix_spawnattr_t *attributes,
                          const struct ra_spawn *spawn)
{
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigset_t none, defaults;
    int code;

    (void)sigemptyset(&none);
    (void)sigfillset(&defaults);
    if (spawn->group == RA_SPAWN_OWN_GROUP)
        flags |= POSIX_SPAWN_SETPGROUP;
    code = posix_spawnattr_setsigmask(attributes, &none);
    if (code == 0)
        code = posix_spawnattr_setsigdefault(attributes, &defaults);
    if (code == 0)
        code = posix_spawnattr_setpgroup(attributes, 0);
    if (code == 0)
        code = posix_spawnattr_setflags(attributes, (short)flags);
    return code;
}

int ra_spawn(const struct ra_spawn *spawn, pid_t *child)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&files);

    if (code != 0)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code != 0)
        goto out;
    code = add_files(&files, spawn);
    if (code == 0)
        code = set_attributes(&attributes, spawn);
    if (code == 0)
        code = posix_spawn(child, spawn->arguments[0], &files, &attributes,
                           spawn->arguments, spawn->environment);
    (void)posix_spawnattr_destroy(&attributes);
out:
    (void)posix_spawn_file_actions_destroy(&files);
    return code;
}

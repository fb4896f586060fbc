/* SPDX-License-Identifier: MIT */
/* Starting a program, without a shell. */
#ifndef RA_AUTH_SPAWN_H
#define RA_AUTH_SPAWN_H

#include <sys/types.h>

/* posix_spawn(3): the exit status where it could not tell that the program
 * does not run; the shell's for the same. */
#define RA_EXIT_NOT_RUN 127

enum ra_spawn_group {
    RA_SPAWN_OUR_GROUP,
    RA_SPAWN_OWN_GROUP /* a process group that bears its process id */
};

struct ra_spawn {
    char *const *arguments; /* the first is the program's path */
    char *const *environment;
    int output;            /* becomes its standard output */
    int errors;            /* its standard error; -1: ours */
    const char *directory; /* NULL: ours */
    enum ra_spawn_group group;
};

/* Starts it, with /dev/null as its standard input, no other descriptor than
 * the three, no signal blocked, and those that programs are ended by as they
 * are by default.  Returns 0 or an errno value. */
int ra_spawn(const struct ra_spawn *spawn, pid_t *child);

#endif

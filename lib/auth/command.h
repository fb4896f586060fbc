/* SPDX-License-Identifier: MIT */
/* The sign-out command. */
#ifndef RA_AUTH_COMMAND_H
#define RA_AUTH_COMMAND_H

#include <roleauth.h>

/* Bytes of what it prints that are kept; the rest is read and forgotten. */
#define RA_COMMAND_OUTPUT 1024

struct ra_command_result {
    roleauth_command_end end;
    int code;      /* exit status or signal */
    char *output;  /* made visible, for free(3); NULL: nothing, or no memory */
    char why[320]; /* why it was not run, or its end not seen; or "" */
};

/* Runs it and waits for it, for so many seconds; then its whole process group
 * is killed.  It is not run unless its path starts with a slash and nobody but
 * root and the effective user could have written it.  arguments and
 * environment end in NULL. */
void ra_command_run(char *const *arguments, char *const *environment,
                    unsigned seconds, struct ra_command_result *result);

#endif

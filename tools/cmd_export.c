/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "tool.h"

static const char text[] =
    "usage: roleauth export (-d DB | -f FILE)\n"
    "\n"
    "Prints roles as JSON, in the order of selection.\n"
    "\n"
    "  -d DB    roles: an SQLite database\n"
    "  -f FILE  roles: roleauth-roles(5), or a compiled policy\n"
    "  --help   print this\n"
    "\n"
    "Exit status: 0 done, 2 roles cannot be used, or JSON cannot say them, 3\n"
    "the database is locked, or standard output cannot be written.\n";

static const struct option options[] = {
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int export(const struct source *source)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    int status = source_load(source, roleauth_roles_inspect, &roles);

    if (status == EXIT_YES &&
        roleauth_roles_write(roles, STDOUT_FILENO, &error) != 0) {
        status = source_fail(source, &error);
        /* The roles were fine, and standard output is not. */
        if (error.code == ROLEAUTH_E_IO)
            status = EXIT_UNAVAILABLE;
    }
    roleauth_roles_free(&roles);
    return status;
}

int command_export(int argc, char **argv)
{
    struct source source = {.file = NULL};
    int option, status;

    while ((option = getopt_long(argc, argv, "+d:f:h", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return help(text);
        if (!source_take(&source, option))
            return usage("export", "an option is wrong");
    }
    if (optind < argc)
        return usage("export", "there is an argument too many");
    status = source_check(&source, "export");
    return status == EXIT_YES ? export(&source) : status;
}

/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tool.h"

enum { OPTION_REPLACE = OPTION_OWN };

static const char text[] =
    "usage: roleauth import -f FILE -d DB [--replace]\n"
    "\n"
    "Writes roles into the table \"role\" of an SQLite database, which is\n"
    "made when it is absent: all of them, or none.\n"
    "\n"
    "  -f FILE    roles: roleauth-roles(5)\n"
    "  -d DB      the database\n"
    "  --replace  the roles that it has already go\n"
    "  --help     print this\n"
    "\n"
    "Exit status: 0 done, 2 roles or database cannot be used, 3 the database\n"
    "is locked.\n";

static const struct option options[] = {
    {"replace", no_argument, NULL, OPTION_REPLACE},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int import(const char *file, const char *database,
                  roleauth_store_mode mode)
{
    const struct source source = {.file = file};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    int status = source_load(&source, roleauth_roles_load, &roles);

    if (status == EXIT_YES &&
        roleauth_roles_store(roles, database, mode, &error) != 0)
        status = fail(&error);
    roleauth_roles_free(&roles);
    return status;
}

int command_import(int argc, char **argv)
{
    const char *file = NULL, *database = NULL;
    roleauth_store_mode mode = ROLEAUTH_STORE_ADD;
    int option;

    while ((option = getopt_long(argc, argv, "+f:d:h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_HELP:
            return help(text);
        case 'f':
            file = optarg;
            break;
        case 'd':
            database = optarg;
            break;
        case OPTION_REPLACE:
            mode = ROLEAUTH_STORE_REPLACE;
            break;
        default:
            return usage("import", "an option is wrong");
        }
    }
    if (optind < argc)
        return usage("import", "there is an argument too many");
    if (file == NULL)
        return usage("import", "-f FILE is missing");
    if (database == NULL)
        return usage("import", "-d DB is missing");
    return import(file, database, mode);
}

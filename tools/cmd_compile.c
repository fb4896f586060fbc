/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tool.h"

enum { OPTION_VERIFY = OPTION_OWN };

static const char text[] =
    "usage: roleauth compile (-f FILE | -d DB) -o FILE\n"
    "       roleauth compile --verify FILE\n"
    "\n"
    "Writes roles, with their index, as a compiled policy, which -f maps\n"
    "instead of reading it; or looks at every byte of one.\n"
    "\n"
    "  -f FILE        roles: roleauth-roles(5)\n"
    "  -d DB          roles: an SQLite database\n"
    "  -o FILE        the compiled policy, replaced as a whole\n"
    "  --verify FILE  is this compiled policy as it was written?\n"
    "  --help         print this\n"
    "\n"
    "Exit status: 0 done, 2 roles cannot be used, FILE cannot be written or\n"
    "is damaged, 3 something needed does not work.\n";

static const struct option options[] = {
    {"verify", required_argument, NULL, OPTION_VERIFY},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct compile {
    struct source source;
    const char *output;
    const char *verify;
};

static int compile(const struct compile *compile)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    int status = source_load(&compile->source, roleauth_roles_load, &roles);

    if (status == EXIT_YES &&
        roleauth_roles_compile(roles, compile->output, &error) != 0)
        status = fail(&error);
    roleauth_roles_free(&roles);
    return status;
}

static int verify(const struct compile *compile)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    if (compile->source.file != NULL || compile->source.database != NULL ||
        compile->output != NULL)
        return usage("compile", "--verify stands alone");
    return roleauth_roles_verify(compile->verify, &error) == 0 ? EXIT_YES
                                                               : fail(&error);
}

static int run(const struct compile *arguments)
{
    int status;

    if (arguments->verify != NULL)
        return verify(arguments);
    status = source_check(&arguments->source, "compile");
    if (status != EXIT_YES)
        return status;
    if (arguments->output == NULL)
        return usage("compile", "-o FILE is missing");
    return compile(arguments);
}

int command_compile(int argc, char **argv)
{
    struct compile arguments = {.output = NULL};
    int option;

    while ((option = getopt_long(argc, argv, "+f:d:o:h", options, NULL)) !=
           -1) {
        switch (option) {
        case OPTION_HELP:
            return help(text);
        case 'o':
            arguments.output = optarg;
            break;
        case OPTION_VERIFY:
            arguments.verify = optarg;
            break;
        default:
            if (!source_take(&arguments.source, option))
                return usage("compile", "an option is wrong");
        }
    }
    if (optind < argc)
        return usage("compile", "there is an argument too many");
    return run(&arguments);
}

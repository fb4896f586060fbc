/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static const char text[] =
    "usage: roleauth glob PATTERN [STRING]...\n"
    "\n"
    "Prints the strings, or the lines of standard input, that match.\n"
    "\n"
    "Exit status: 0 one matches, 1 none does.\n";

static const struct option options[] = {
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int match_lines(const char *pattern)
{
    int status = EXIT_NO;
    char *line = NULL;
    size_t size = 0;
    ssize_t length;

    while ((length = getline(&line, &size, stdin)) >= 0) {
        bool ended = length > 0 && line[length - 1] == '\n';

        if (ended)
            line[--length] = '\0';
        /* A line with a NUL in it is no string. */
        if (strlen(line) == (size_t)length &&
            roleauth_glob_match(pattern, line) == 1) {
            (void)puts(line);
            status = EXIT_YES;
        }
    }
    free(line);
    if (ferror(stdin)) {
        (void)fprintf(stderr, "roleauth: standard input: %s\n",
                      strerror(errno));
        return EXIT_UNAVAILABLE;
    }
    return status;
}

int command_glob(int argc, char **argv)
{
    int status = EXIT_NO;
    int option;

    while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return help(text);
        return usage("glob", "an option is wrong");
    }
    if (optind >= argc)
        return usage("glob", "a PATTERN is missing");
    if (optind + 1 == argc)
        return match_lines(argv[optind]);
    for (int i = optind + 1; i < argc; i++) {
        if (roleauth_glob_match(argv[optind], argv[i]) != 1)
            continue;
        (void)puts(argv[i]);
        status = EXIT_YES;
    }
    return status;
}

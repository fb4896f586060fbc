/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tool.h"

static const char text[] =
    "usage: roleauth lint [OPTION]... FILE...\n"
    "       roleauth lint [OPTION]... -d DB\n"
    "\n"
    "Prints every error and warning of roles, also of those that can never\n"
    "match.\n"
    "\n"
    "  -d DB              roles: an SQLite database\n"
    "  --pam-confdir DIR  PAM services are files in DIR\n"
    "  --config FILE      instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --json             print one JSON object\n"
    "  --help             print this\n"
    "\n"
    "Exit status: 0 no error, 1 an error, 2 a file cannot be read, 3 the\n"
    "database is locked.\n";

static const struct option options[] = {
    {"pam-confdir", required_argument, NULL, OPTION_PAM_CONFDIR},
    {"config", required_argument, NULL, OPTION_CONFIG},
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

struct lint {
    struct shared shared;
    const char *database;
    roleauth_loading how;
    struct reporter reporter;  /* without --json */
    json_t *errors, *warnings; /* with --json */
    bool incomplete;           /* one of those could not be made */
};

static void add_diagnostic(void *data, const roleauth_diagnostic *diagnostic)
{
    struct lint *lint = data;
    json_t *list = diagnostic->severity == ROLEAUTH_SEVERITY_ERROR
                       ? lint->errors
                       : lint->warnings;

    if (json_array_append_new(
            list,
            json_pack("{s:o, s:I, s:I, s:o, s:s, s:o}", "file",
                      json_text(diagnostic->file), "line",
                      (json_int_t)diagnostic->line, "column",
                      (json_int_t)diagnostic->column, "path",
                      json_text(diagnostic->path), "code", diagnostic->code,
                      "text", json_text(diagnostic->text))) != 0)
        lint->incomplete = true;
}

/* The worse of two exit statuses. */
static int worse(int a, int b)
{
    return a > b ? a : b;
}

static size_t error_count(const struct lint *lint)
{
    return lint->reporter.errors + json_array_size(lint->errors);
}

static int lint_source(struct lint *lint, const char *path)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    size_t before = error_count(lint);
    int rc =
        load_roles(&roles, path, roleauth_roles_inspect, &lint->how, &error);

    roleauth_roles_free(&roles);
    if (rc == 0)
        return EXIT_YES;
    return error_count(lint) > before ? EXIT_NO : fail(&error);
}

static int lint_all(struct lint *lint, char **files)
{
    int status = EXIT_YES;

    if (lint->database != NULL)
        return lint_source(lint, lint->database);
    for (; *files != NULL; files++)
        status = worse(status, lint_source(lint, *files));
    return status;
}

/* Prints what was collected. */
static int print_lists(const struct lint *lint)
{
    return put_json(lint->incomplete
                        ? NULL
                        : json_pack("{s:O, s:O}", "errors", lint->errors,
                                    "warnings", lint->warnings));
}

static void prepare(struct lint *lint)
{
    lint->reporter.file = stdout;
    lint->errors = json_array();
    lint->warnings = json_array();
    lint->how.lint = 1;
    lint->how.database = lint->database != NULL;
    lint->how.report = lint->shared.json ? add_diagnostic : report_plain;
    lint->how.report_data =
        lint->shared.json ? (void *)lint : (void *)&lint->reporter;
}

static int run(struct lint *lint, char **files)
{
    int status = EXIT_YES;

    lint->how.context =
        shared_context(&lint->shared, roleauth_context_inspect, &status);
    if (lint->how.context == NULL)
        return status;
    prepare(lint);
    status = lint_all(lint, files);
    if (lint->shared.json)
        status = worse(status, print_lists(lint));
    json_decref(lint->errors);
    json_decref(lint->warnings);
    roleauth_context_free(&lint->how.context);
    return status;
}

int command_lint(int argc, char **argv)
{
    struct lint lint = {.database = NULL};
    int option;

    while ((option = getopt_long(argc, argv, "d:h", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return help(text);
        if (option == 'd')
            lint.database = optarg;
        else if (!shared_take(&lint.shared, option))
            return usage("lint", "an option is wrong");
    }
    if (optind >= argc && lint.database == NULL)
        return usage("lint", "FILE or -d DB is missing");
    if (optind < argc && lint.database != NULL)
        return usage("lint", "FILE and -d DB exclude each other");
    return run(&lint, argv + optind);
}

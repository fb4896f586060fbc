/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tool.h"

static const char text[] =
    "usage: roleauth lint [OPTION]... FILE...\n"
    "\n"
    "Prints every error and warning of role files.\n"
    "\n"
    "  --pam-confdir DIR  PAM services are files in DIR\n"
    "  --config FILE      instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --json             print one JSON object\n"
    "  --help             print this\n"
    "\n"
    "Exit status: 0 no error, 1 an error, 2 a file cannot be read.\n";

static const struct option options[] = {
    {"pam-confdir", required_argument, NULL, OPTION_PAM_CONFDIR},
    {"config", required_argument, NULL, OPTION_CONFIG},
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

struct lint {
    struct shared shared;
    roleauth_context *context;
    struct reporter reporter;  /* without --json */
    json_t *errors, *warnings; /* with --json */
};

static void add_diagnostic(void *data, const roleauth_diagnostic *diagnostic)
{
    struct lint *lint = data;
    json_t *list = diagnostic->severity == ROLEAUTH_SEVERITY_ERROR
                       ? lint->errors
                       : lint->warnings;

    (void)json_array_append_new(
        list,
        json_pack("{s:s, s:I, s:I, s:s, s:s, s:s}", "file", diagnostic->file,
                  "line", (json_int_t)diagnostic->line, "column",
                  (json_int_t)diagnostic->column, "path", diagnostic->path,
                  "code", diagnostic->code, "text", diagnostic->text));
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

static int lint_file(struct lint *lint, const char *path)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    size_t before = error_count(lint);
    int rc = roleauth_roles_inspect(
        &roles, path, lint->context,
        lint->shared.json ? add_diagnostic : report_plain,
        lint->shared.json ? (void *)lint : (void *)&lint->reporter, &error);

    roleauth_roles_free(&roles);
    if (rc == 0)
        return EXIT_YES;
    return error_count(lint) > before ? EXIT_NO : fail(&error);
}

static int run(struct lint *lint, char **files)
{
    int status = EXIT_YES;

    lint->context =
        shared_context(&lint->shared, roleauth_context_inspect, &status);
    if (lint->context == NULL)
        return status;
    lint->reporter.file = stdout;
    lint->errors = json_array();
    lint->warnings = json_array();
    for (; *files != NULL; files++)
        status = worse(status, lint_file(lint, *files));
    if (lint->shared.json)
        status = worse(status,
                       put_json(json_pack("{s:O, s:O}", "errors", lint->errors,
                                          "warnings", lint->warnings)));
    json_decref(lint->errors);
    json_decref(lint->warnings);
    roleauth_context_free(&lint->context);
    return status;
}

int command_lint(int argc, char **argv)
{
    struct lint lint = {.context = NULL};
    int option;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return help(text);
        if (!shared_take(&lint.shared, option))
            return usage("lint", "an option is wrong");
    }
    if (optind >= argc)
        return usage("lint", "a FILE is missing");
    return run(&lint, argv + optind);
}

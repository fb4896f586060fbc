/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tool.h"

enum { OPTION_EXPLAIN = OPTION_OWN };

static const char text[] =
    "usage: roleauth match -f FILE [OPTION]...\n"
    "\n"
    "Prints the role that matches, runs nothing.\n"
    "\n"
    "  -f FILE        roles: roleauth-roles(5)\n"
    "  -r ROLE        take this role, without looking at varmatch\n"
    "  -D NAME=VALUE  set a server variable\n"
    "  -C NAME=VALUE  set a client variable\n"
    "  --explain      say why the roles before it do not match\n"
    "  --config FILE  instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --json         print one JSON object\n"
    "  --help         print this\n"
    "\n"
    "Exit status: 0 a role matches, 1 none does, 2 roles or configuration\n"
    "cannot be used, 3 the role that matches cannot be honoured.\n";

static const struct option options[] = {
    {"explain", no_argument, NULL, OPTION_EXPLAIN},
    {"config", required_argument, NULL, OPTION_CONFIG},
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

struct match {
    struct shared shared;
    struct reporter reporter;
    const char *file;
    bool explain;
    roleauth_request *request;
    json_t *misses; /* with --json --explain */
};

static json_t *string_or_null(const char *string)
{
    return string != NULL ? json_string(string) : json_null();
}

static void add_miss(void *data, const roleauth_mismatch *mismatch)
{
    struct match *match = data;

    (void)json_array_append_new(
        match->misses, json_pack("{s:o, s:b, s:o, s:o, s:o}", "role",
                                 string_or_null(mismatch->role), "disabled",
                                 mismatch->disabled, "variable",
                                 string_or_null(mismatch->variable), "value",
                                 string_or_null(mismatch->value), "pattern",
                                 string_or_null(mismatch->pattern)));
}

static void put_name(FILE *file, const char *name)
{
    if (name != NULL)
        put_visible(file, name);
    else
        (void)fputs("(no name)", file);
}

static void print_miss(void *data, const roleauth_mismatch *mismatch)
{
    (void)data;
    put_name(stdout, mismatch->role);
    if (mismatch->disabled) {
        (void)fputs(": disabled\n", stdout);
        return;
    }
    (void)fputs(": ", stdout);
    put_visible(stdout, mismatch->variable);
    if (mismatch->value != NULL) {
        (void)fputs(" is \"", stdout);
        put_visible(stdout, mismatch->value);
        (void)fputs("\", which does not match \"", stdout);
    } else {
        (void)fputs(" is undefined, it has to match \"", stdout);
    }
    put_visible(stdout, mismatch->pattern);
    (void)fputs("\"\n", stdout);
}

static int print_selection(const struct match *match,
                           const roleauth_selection *selection)
{
    if (match->shared.json) {
        json_t *object =
            json_pack("{s:o}", "role", string_or_null(selection->name));

        if (match->explain)
            (void)json_object_set(object, "before", match->misses);
        return put_json(object);
    }
    if (selection->kind == ROLEAUTH_SELECTED_NONE) {
        (void)fputs("roleauth: no role matches\n", stderr);
        return EXIT_YES;
    }
    put_name(stdout, selection->name);
    (void)putchar('\n');
    return EXIT_YES;
}

static int status_of(const roleauth_selection *selection)
{
    switch (selection->kind) {
    case ROLEAUTH_SELECTED_ROLE:
        return EXIT_YES;
    case ROLEAUTH_SELECTED_BARRIER:
        (void)fprintf(stderr, "roleauth: the role cannot be honoured: %s\n",
                      selection->why);
        return EXIT_UNAVAILABLE;
    case ROLEAUTH_SELECTED_NONE:
        break;
    }
    return EXIT_NO;
}

static int select_role(struct match *match, roleauth_context *context,
                       const roleauth_roles *roles)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_selection selection;
    int rc, status;

    if (match->explain)
        rc = roleauth_explain(context, roles, match->request, &selection,
                              match->shared.json ? add_miss : print_miss, match,
                              &error);
    else
        rc =
            roleauth_select(context, roles, match->request, &selection, &error);
    if (rc != 0) {
        (void)fail(&error);
        return EXIT_UNAVAILABLE;
    }
    status = print_selection(match, &selection);
    return status != EXIT_YES ? status : status_of(&selection);
}

static int run(struct match *match)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_context *context;
    roleauth_roles *roles = NULL;
    int status = EXIT_UNUSABLE;

    if (match->file == NULL)
        return usage("match", "-f FILE is missing");
    context = shared_context(&match->shared, roleauth_context_inspect, &status);
    if (context == NULL)
        return status;
    match->reporter.file = stderr;
    if (roleauth_roles_inspect(&roles, match->file, NULL, report_plain,
                               &match->reporter, &error) == 0)
        status = select_role(match, context, roles);
    else
        status = fail_unless_reported(&match->reporter, &error);
    roleauth_roles_free(&roles);
    roleauth_context_free(&context);
    return status;
}

static int take(struct match *match, int option)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    switch (option) {
    case 'f':
        match->file = optarg;
        return EXIT_YES;
    case 'r':
        return roleauth_request_set_role(match->request, optarg, &error) == 0
                   ? EXIT_YES
                   : fail(&error);
    case 'D':
        return set_variable(match->request, ROLEAUTH_SERVER, optarg);
    case 'C':
        return set_variable(match->request, ROLEAUTH_CLIENT, optarg);
    case OPTION_EXPLAIN:
        match->explain = true;
        return EXIT_YES;
    default:
        return shared_take(&match->shared, option)
                   ? EXIT_YES
                   : usage("match", "an option is wrong");
    }
}

int command_match(int argc, char **argv)
{
    struct match match = {.file = NULL};
    int status = EXIT_YES;
    int option;

    match.request = new_request();
    match.misses = json_array();
    if (match.request == NULL)
        status = EXIT_UNAVAILABLE;
    while (status == EXIT_YES && (option = getopt_long(argc, argv, "+f:r:D:C:h",
                                                       options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            status = help(text);
            goto out;
        }
        status = take(&match, option);
    }
    if (status == EXIT_YES && optind < argc)
        status = usage("match", "there is an argument too many");
    if (status == EXIT_YES)
        status = run(&match);
out:
    json_decref(match.misses);
    roleauth_request_free(&match.request);
    return status;
}

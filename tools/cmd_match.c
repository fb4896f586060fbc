/* SPDX-License-Identifier: MIT */
#include <bsd/stdlib.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

enum { OPTION_EXPLAIN = OPTION_OWN };

#define MOST 20 /* roles that --explain tells of */

static const char text[] =
    "usage: roleauth match (-f FILE | -d DB) [OPTION]...\n"
    "\n"
    "Prints the role that matches, runs nothing.\n"
    "\n"
    "  -f FILE        roles: roleauth-roles(5), or a compiled policy\n"
    "  -d DB          roles: an SQLite database\n"
    "  -r ROLE        take this role, without looking at varmatch\n"
    "  -D NAME=VALUE  set a server variable\n"
    "  -C NAME=VALUE  set a client variable\n"
    "  --explain[=N]  say why it matches, and why the roles before it do not:\n"
    "                 of more than N (20; or all) the nearest misses\n"
    "  --config FILE  instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --json         print one JSON object\n"
    "  --help         print this\n"
    "\n"
    "Exit status: 0 a role matches, 1 none does, 2 roles or configuration\n"
    "cannot be used, 3 the role that matches cannot be honoured.\n";

static const struct option options[] = {
    {"explain", optional_argument, NULL, OPTION_EXPLAIN},
    {"config", required_argument, NULL, OPTION_CONFIG},
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

struct match {
    struct shared shared;
    struct source source;
    bool explain;
    size_t most; /* roles to explain; 0: all */
    bool named;  /* by -r */
    roleauth_request *request;
};

static int print_selection(const struct match *match,
                           const roleauth_selection *selection)
{
    if (match->shared.json)
        return put_json(json_pack("{s:o}", "role", json_text(selection->name)));
    if (selection->kind == ROLEAUTH_SELECTED_NONE) {
        (void)fputs("roleauth: no role matches\n", stderr);
        return EXIT_YES;
    }
    put_role(stdout, selection->name);
    (void)putchar('\n');
    return EXIT_YES;
}

static int status_of(const roleauth_selection *selection)
{
    switch (selection->kind) {
    case ROLEAUTH_SELECTED_ROLE:
        return EXIT_YES;
    case ROLEAUTH_SELECTED_BARRIER:
        (void)fputs("roleauth: the role cannot be honoured: ", stderr);
        put_visible(stderr, selection->why);
        (void)fputc('\n', stderr);
        return EXIT_UNAVAILABLE;
    case ROLEAUTH_SELECTED_NONE:
        break;
    }
    return EXIT_NO;
}

/* A damaged policy, or a request that cannot be looked at. */
static int fail_to_select(const struct match *match,
                          const roleauth_error *error)
{
    int status = source_fail(&match->source, error);

    return error->code == ROLEAUTH_E_INVALID ? status : EXIT_UNAVAILABLE;
}

static int tell(const struct match *match, const roleauth_selection *selection)
{
    int status = print_selection(match, selection);

    return status != EXIT_YES ? status : status_of(selection);
}

static int select_role(const struct match *match, roleauth_context *context,
                       const roleauth_roles *roles)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_selection selection;

    if (roleauth_select(context, roles, match->request, &selection, &error) !=
        0)
        return fail_to_select(match, &error);
    return tell(match, &selection);
}

static int explain_role(const struct match *match, roleauth_context *context,
                        roleauth_roles *roles)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_explanation *why = NULL;
    int status;

    if (roleauth_explain(context, roles, match->request, match->most, &why,
                         &error) != 0)
        return fail_to_select(match, &error);
    if (match->shared.json) {
        status = put_json(json_explanation(why));
        if (status == EXIT_YES)
            status = status_of(roleauth_explanation_selection(why));
    } else {
        print_explanation(why, match->named);
        status = tell(match, roleauth_explanation_selection(why));
    }
    roleauth_explanation_free(&why);
    return status;
}

static int run(const struct match *match)
{
    roleauth_context *context;
    roleauth_roles *roles = NULL;
    int status = source_check(&match->source, "match");

    if (status != EXIT_YES)
        return status;
    context = shared_context(&match->shared, roleauth_context_inspect, &status);
    if (context == NULL)
        return status;
    status = source_load(&match->source, roleauth_roles_inspect, &roles);
    if (status == EXIT_YES)
        status = match->explain ? explain_role(match, context, roles)
                                : select_role(match, context, roles);
    roleauth_roles_free(&roles);
    roleauth_context_free(&context);
    return status;
}

/* --explain[=N|all] */
static int take_explain(struct match *match, const char *number)
{
    const char *fault = NULL;

    match->explain = true;
    match->most = MOST;
    if (number == NULL)
        return EXIT_YES;
    match->most = 0;
    if (strcmp(number, "all") == 0)
        return EXIT_YES;
    match->most = (size_t)strtonum(number, 1, ROLEAUTH_MAX_ROLES, &fault);
    return fault == NULL ? EXIT_YES
                         : usage("match", "--explain=N takes 1 to %d, or all",
                                 ROLEAUTH_MAX_ROLES);
}

static int take(struct match *match, int option)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    switch (option) {
    case 'r':
        match->named = true;
        return roleauth_request_set_role(match->request, optarg, &error) == 0
                   ? EXIT_YES
                   : fail(&error);
    case 'D':
        return set_variable(match->request, ROLEAUTH_SERVER, optarg);
    case 'C':
        return set_variable(match->request, ROLEAUTH_CLIENT, optarg);
    case OPTION_EXPLAIN:
        return take_explain(match, optarg);
    default:
        return shared_take(&match->shared, option) ||
                       source_take(&match->source, option)
                   ? EXIT_YES
                   : usage("match", "an option is wrong");
    }
}

int command_match(int argc, char **argv)
{
    struct match match = {.explain = false};
    int status = EXIT_YES;
    int option;

    match.request = new_request();
    if (match.request == NULL)
        status = EXIT_UNAVAILABLE;
    while (status == EXIT_YES &&
           (option = getopt_long(argc, argv, "+f:d:r:D:C:h", options, NULL)) !=
               -1) {
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
    roleauth_request_free(&match.request);
    return status;
}

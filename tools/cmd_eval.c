/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

enum {
    OPTION_STDIN = OPTION_OWN,
    OPTION_ASKPASS,
    OPTION_IGNORE_CACHE,
    OPTION_NO_UPDATE,
    OPTION_SCOPE,
};

static const char text[] =
    "usage: roleauth eval (-f FILE | -d DB) [OPTION]...\n"
    "\n"
    "Selects the first role that matches, runs its Auth, prints the result.\n"
    "\n"
    "  -f FILE                 roles: roleauth-roles(5), or a compiled policy\n"
    "  -d DB                   roles: an SQLite database\n"
    "  -r ROLE                 take this role, without looking at varmatch\n"
    "  -D NAME=VALUE           set a server variable\n"
    "  -C NAME=VALUE           set a client variable\n"
    "  --stdin                 answer prompts with lines of standard input\n"
    "  --askpass PROGRAM       answer prompts with what PROGRAM prints\n"
    "  -n                      never prompt\n"
    "  --ignore-cache          ask whatever is remembered, remember nothing\n"
    "  --no-update             use what is remembered, remember nothing\n"
    "  --scope TEXT            remember for this session only\n"
    "  --pam-confdir DIR       PAM services are files in DIR\n"
    "  --passwd-service NAME   check passwords by this PAM service\n"
    "  --submit-host-is-local  the submit host is this host\n"
    "  --timeout SECONDS       time limit of each prompt, 0 for none\n"
    "  --config FILE           instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --cache-dir DIR         timestamp records\n"
    "  --state-dir DIR         key and sign-out state\n"
    "  --log FILE|syslog|none  where the event goes\n"
    "  --json                  print one JSON object\n"
    "  --help                  print this\n"
    "\n"
    "Exit status: 0 accept, 1 reject, 2 roles or configuration cannot be\n"
    "used, 3 something needed does not work.\n";

static const struct option options[] = {
    {"stdin", no_argument, NULL, OPTION_STDIN},
    {"askpass", required_argument, NULL, OPTION_ASKPASS},
    {"ignore-cache", no_argument, NULL, OPTION_IGNORE_CACHE},
    {"no-update", no_argument, NULL, OPTION_NO_UPDATE},
    {"scope", required_argument, NULL, OPTION_SCOPE},
    {"pam-confdir", required_argument, NULL, OPTION_PAM_CONFDIR},
    {"passwd-service", required_argument, NULL, OPTION_PASSWD_SERVICE},
    {"submit-host-is-local", no_argument, NULL, OPTION_SUBMIT_LOCAL},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    RECORD_OPTIONS,
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

enum asking { ASK_TERMINAL, ASK_STDIN, ASK_PROGRAM, ASK_NOBODY };

struct eval {
    struct shared shared;
    struct source source;
    enum asking asking;
    const char *askpass;
    roleauth_record_use records;
    roleauth_request *request;
    roleauth_conversation conversation;
};

/* The conversation that a dying program must give the terminal back for; set
 * before the handler is. */
static const roleauth_conversation *on_terminal;

static void die(int number)
{
    roleauth_conversation_restore(on_terminal);
    /* The default action was restored by SA_RESETHAND. */
    (void)raise(number);
}

static void watch_signals(const roleauth_conversation *conversation)
{
    struct sigaction action;

    on_terminal = conversation;
    memset(&action, 0, sizeof(action));
    action.sa_handler = die;
    action.sa_flags = (int)(SA_RESETHAND | SA_NODEFER);
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}

static int take_text(int rc, const roleauth_error *error)
{
    return rc == 0 ? EXIT_YES : fail(error);
}

static int take(struct eval *eval, int option)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    switch (option) {
    case 'r':
        return take_text(
            roleauth_request_set_role(eval->request, optarg, &error), &error);
    case 'D':
        return set_variable(eval->request, ROLEAUTH_SERVER, optarg);
    case 'C':
        return set_variable(eval->request, ROLEAUTH_CLIENT, optarg);
    case 'n':
        eval->asking = ASK_NOBODY;
        return EXIT_YES;
    case OPTION_STDIN:
        eval->asking = ASK_STDIN;
        return EXIT_YES;
    case OPTION_ASKPASS:
        eval->asking = ASK_PROGRAM;
        eval->askpass = optarg;
        return EXIT_YES;
    case OPTION_IGNORE_CACHE:
        eval->records = ROLEAUTH_RECORDS_IGNORE;
        return EXIT_YES;
    case OPTION_NO_UPDATE:
        if (eval->records == ROLEAUTH_RECORDS_USE)
            eval->records = ROLEAUTH_RECORDS_NO_UPDATE;
        return EXIT_YES;
    case OPTION_SCOPE:
        return take_text(
            roleauth_request_set_scope(eval->request, optarg, &error), &error);
    default:
        return shared_take(&eval->shared, option) ||
                       source_take(&eval->source, option)
                   ? EXIT_YES
                   : usage("eval", "an option is wrong");
    }
}

static int set_asking(struct eval *eval)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int rc = 0;

    switch (eval->asking) {
    case ASK_TERMINAL:
        rc = roleauth_conversation_terminal(&eval->conversation, NULL);
        if (rc == 0)
            watch_signals(&eval->conversation);
        break;
    case ASK_STDIN:
        rc = roleauth_conversation_lines(&eval->conversation, STDIN_FILENO,
                                         STDERR_FILENO);
        break;
    case ASK_PROGRAM:
        if (access(eval->askpass, X_OK) != 0)
            return usage("eval", "--askpass takes the path of a program");
        rc = roleauth_conversation_askpass(&eval->conversation, eval->askpass,
                                           STDERR_FILENO);
        if (rc == ROLEAUTH_E_ARGUMENT)
            return usage("eval", "--askpass takes a path with a slash");
        break;
    case ASK_NOBODY:
        return EXIT_YES;
    }
    if (rc == 0)
        rc = roleauth_request_set_conversation(eval->request,
                                               &eval->conversation, &error);
    error.code = rc;
    return take_text(rc, &error);
}

static void put_line(const char *name, const char *value)
{
    if (value == NULL)
        return;
    (void)printf("%s: ", name);
    put_visible(stdout, value);
    (void)putchar('\n');
}

static void put_method(const roleauth_method_result *method)
{
    (void)printf("method: %s", method->method);
    if (method->user != NULL) {
        (void)fputs(" user=", stdout);
        put_visible(stdout, method->user);
    }
    if (method->service != NULL) {
        (void)fputs(" service=", stdout);
        put_visible(stdout, method->service);
    }
    (void)printf(" %s", roleauth_decision_word(method->decision));
    if (method->cached)
        (void)printf(" (remembered)\n");
    else
        (void)printf(" (attempts: %u)\n", method->attempts);
}

static void put_result(const roleauth_result *result)
{
    const char *name, *value;

    put_line("decision",
             roleauth_decision_word(roleauth_result_decision(result)));
    put_line("reason", roleauth_reason_word(roleauth_result_reason(result)));
    put_line("role", roleauth_result_role(result));
    put_line("message", roleauth_result_message(result));
    put_line("reject message", roleauth_result_reject_message(result));
    for (size_t i = 0; i < roleauth_result_method_count(result); i++)
        put_method(roleauth_result_method(result, i));
    for (size_t i = 0;
         (value = roleauth_result_variable(result, i, &name)) != NULL; i++) {
        (void)printf("variable: %s=", name);
        put_visible(stdout, value);
        (void)putchar('\n');
    }
    for (size_t i = 0; i < roleauth_result_note_count(result); i++)
        put_line("note", roleauth_result_note(result, i));
}

static int print_result(const struct eval *eval, const roleauth_result *result)
{
    char *json;

    if (roleauth_result_reason(result) == ROLEAUTH_REASON_PROMPT_NEEDED &&
        eval->asking == ASK_TERMINAL)
        (void)fputs("roleauth: there is no terminal: see --stdin and "
                    "--askpass\n",
                    stderr);

    if (!eval->shared.json) {
        put_result(result);
        return EXIT_YES;
    }
    json = roleauth_result_json(result);
    if (json == NULL) {
        (void)fputs("roleauth: out of memory\n", stderr);
        return EXIT_UNAVAILABLE;
    }
    (void)puts(json);
    free(json);
    return EXIT_YES;
}

static int status_of(const roleauth_result *result)
{
    if (roleauth_result_accepted(result))
        return EXIT_YES;
    return roleauth_result_decision(result) == ROLEAUTH_REJECT
               ? EXIT_NO
               : EXIT_UNAVAILABLE;
}

static int evaluate(struct eval *eval, roleauth_context *context)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    roleauth_result *result = NULL;
    int status = source_load(&eval->source, roleauth_roles_load, &roles);

    if (status == EXIT_YES)
        status = set_asking(eval);
    if (status == EXIT_YES) {
        if (roleauth_evaluate(context, roles, eval->request, &result, &error) !=
            0) {
            status = fail(&error);
        } else {
            status = status_of(result);
            if (print_result(eval, result) != EXIT_YES && status == EXIT_YES)
                status = EXIT_UNAVAILABLE;
        }
    }
    roleauth_result_free(&result);
    roleauth_roles_free(&roles);
    return status;
}

static int run(struct eval *eval)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_context *context;
    int status = source_check(&eval->source, "eval");

    if (status != EXIT_YES)
        return status;
    if (roleauth_request_set_records(eval->request, eval->records, &error) != 0)
        return fail(&error);
    context =
        shared_context(&eval->shared, roleauth_context_configure, &status);
    if (context != NULL)
        status = evaluate(eval, context);
    roleauth_context_free(&context);
    return status;
}

int command_eval(int argc, char **argv)
{
    struct eval eval = {.records = ROLEAUTH_RECORDS_USE};
    int status = EXIT_YES;
    int option;

    eval.request = new_request();
    if (eval.request == NULL)
        return EXIT_UNAVAILABLE;
    while (status == EXIT_YES &&
           (option = getopt_long(argc, argv, "+f:d:r:D:C:nh", options, NULL)) !=
               -1) {
        if (option == OPTION_HELP) {
            roleauth_request_free(&eval.request);
            return help(text);
        }
        status = take(&eval, option);
    }
    if (status == EXIT_YES && optind < argc)
        status = usage("eval", "there is an argument too many");
    if (status == EXIT_YES)
        status = run(&eval);
    roleauth_request_free(&eval.request);
    roleauth_conversation_close(&eval.conversation);
    on_terminal = NULL; /* it was part of eval */
    return status;
}

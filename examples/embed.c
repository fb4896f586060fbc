/* SPDX-License-Identifier: MIT.  May this user do it?  embed ROLES USER */
#include <roleauth.h>
#include <signal.h>
#include <stdio.h>

static roleauth_conversation terminal = ROLEAUTH_CONVERSATION_INIT;
static void die(int number) /* and give the terminal back */
{
    roleauth_conversation_restore(&terminal);
    signal(number, SIG_DFL);
    raise(number);
}

int main(int argc, char **argv)
{
    roleauth_error e = ROLEAUTH_ERROR_INIT;
    roleauth_context *context = roleauth_context_new();
    roleauth_request *request = roleauth_request_new();
    roleauth_roles *roles = NULL;
    roleauth_result *result = NULL;
    int status;

    if (argc != 3 ||
        roleauth_context_configure(context, NULL, NULL, NULL, &e) ||
        roleauth_roles_load(&roles, argv[1], NULL, &e) ||
        roleauth_request_set(request, ROLEAUTH_SERVER, "user", argv[2], &e) ||
        roleauth_conversation_terminal(&terminal, NULL) ||
        signal(SIGTERM, die) == SIG_ERR || signal(SIGHUP, die) == SIG_ERR ||
        roleauth_request_set_conversation(request, &terminal, &e) ||
        roleauth_evaluate(context, roles, request, &result, &e))
        fprintf(stderr, "%s: %s\n", e.file, e.code ? e.text : "ROLES USER?");
    status = !roleauth_result_accepted(result); /* the only way in */
    puts(status == 0 ? "welcome" : "no");
    roleauth_result_free(&result);
    roleauth_roles_free(&roles);
    roleauth_request_free(&request);
    roleauth_conversation_close(&terminal);
    roleauth_context_free(&context);
    return status;
}

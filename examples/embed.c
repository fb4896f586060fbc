/* SPDX-License-Identifier: MIT */
/* The shortest honest program: may this user do it?  embed ROLES USER */
#include <roleauth.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_context *context = roleauth_context_new();
    roleauth_request *request = roleauth_request_new();
    roleauth_roles *roles = NULL;
    roleauth_result *result = NULL;
    roleauth_conversation terminal = {NULL, NULL, NULL, NULL};
    int status = 1;

    if (argc != 3)
        (void)fprintf(stderr, "usage: embed ROLES USER\n");
    else if (roleauth_context_configure(context, NULL, NULL, NULL, &error) ||
             roleauth_roles_load(&roles, argv[1], NULL, NULL, &error) ||
             roleauth_request_set(request, ROLEAUTH_SERVER, "user", argv[2],
                                  &error) ||
             roleauth_conversation_terminal(&terminal, NULL) ||
             roleauth_request_set_conversation(request, &terminal, &error) ||
             roleauth_evaluate(context, roles, request, &result, &error))
        (void)fprintf(stderr, "%s%s%s\n", error.file, *error.file ? ": " : "",
                      error.text);
    else if (roleauth_result_accepted(result))
        status = 0; /* the one and only way in */
    if (argc == 3)
        (void)puts(status == 0 ? "welcome" : "no");
    roleauth_result_free(&result);
    roleauth_roles_free(&roles);
    roleauth_request_free(&request);
    roleauth_conversation_close(&terminal);
    roleauth_context_free(&context);
    return status;
}

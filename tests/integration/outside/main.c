/* SPDX-License-Identifier: MIT */
/* A program of somebody else: asks the role's own password, which comes from a
 * pipe.  It reaches jansson, libcrypto, SQLite, libbsd and libcrypt, so that
 * each of them must have been linked.  Prints the version of the library. */
#include <roleauth.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int hashed_roles(char *text, size_t size)
{
    char hash[ROLEAUTH_CRYPT_SIZE];
    int length;

    if (roleauth_password_crypt("open sesame", hash) != 0)
        return -1;
    length = snprintf(text, size,
                      "[{\"method\": \"getstringpasswd\", \"passwd\": \"%s\","
                      " \"tries\": 1}]",
                      hash);
    return length > 0 && (size_t)length < size ? 0 : -1;
}

/* Returns 1 accepted, 0 not, -1: the calls did not work. */
static int evaluate(const char *roles_text, const char *answer)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_conversation lines = {NULL, NULL, NULL, NULL};
    roleauth_context *context = roleauth_context_new();
    roleauth_request *request = roleauth_request_new();
    roleauth_roles *roles = NULL;
    roleauth_result *result = NULL;
    int pipes[2], accepted = -1;

    if (pipe(pipes) != 0)
        return -1;
    if (write(pipes[1], answer, strlen(answer)) == (ssize_t)strlen(answer) &&
        close(pipes[1]) == 0 &&
        roleauth_context_clear_sinks(context, &error) == 0 &&
        roleauth_roles_parse(&roles, "outside", roles_text, strlen(roles_text),
                             NULL, &error) == 0 &&
        roleauth_conversation_lines(&lines, pipes[0], -1) == 0 &&
        roleauth_request_set(request, ROLEAUTH_SERVER, "user", "alice",
                             &error) == 0 &&
        roleauth_request_set_conversation(request, &lines, &error) == 0 &&
        roleauth_evaluate(context, roles, request, &result, &error) == 0)
        accepted = roleauth_result_accepted(result);
    else
        (void)fprintf(stderr, "%d: %s\n", error.code, error.text);
    roleauth_result_free(&result);
    roleauth_roles_free(&roles);
    roleauth_request_free(&request);
    roleauth_conversation_close(&lines);
    roleauth_context_free(&context);
    (void)close(pipes[0]);
    return accepted;
}

int main(void)
{
    char roles[1024];

    if (strcmp(roleauth_version(), ROLEAUTH_VERSION) != 0)
        return 2;
    if (roleauth_glob_match("201[678]", "2017") != 1)
        return 3;
    if (hashed_roles(roles, sizeof(roles)) != 0)
        return 4;
    if (evaluate(roles, "open sesame\n") != 1)
        return 5;
    if (evaluate(roles, "open barley\n") != 0)
        return 6;
    (void)puts(roleauth_version());
    return 0;
}

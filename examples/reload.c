/* SPDX-License-Identifier: MIT.  Which role?  reload ROLES <QUESTIONS
 * Answers lines of USER RUNUSER COMMAND; SIGHUP loads ROLES again. */
#define _POSIX_C_SOURCE 200809L
#include <roleauth.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile sig_atomic_t stale = 1; /* nothing is loaded yet */
static void hang_up(int number)
{
    stale = number;
}

static void answer(roleauth_context *c, roleauth_policy *policy, char *line)
{
    roleauth_roles *roles = roleauth_policy_roles(policy);
    roleauth_request *q = roleauth_request_new();
    roleauth_selection role;
    char *user = NULL, *runuser = NULL, *command = NULL;

    if (sscanf(line, "%ms %ms %m[^\n]", &user, &runuser, &command) != 3 ||
        roleauth_request_set(q, ROLEAUTH_SERVER, "user", user, NULL) ||
        roleauth_request_set(q, ROLEAUTH_SERVER, "runuser", runuser, NULL) ||
        roleauth_request_set(q, ROLEAUTH_CLIENT, "command", command, NULL) ||
        roleauth_select(c, roles, q, &role, NULL))
        puts("error");
    else if (role.kind == ROLEAUTH_SELECTED_ROLE)
        printf("role %s\n", role.name ? role.name : ""); /* it is in roles */
    else
        puts(role.kind == ROLEAUTH_SELECTED_NONE ? "no role" : "unavailable");
    fflush(stdout);
    free(user), free(runuser), free(command);
    roleauth_request_free(&q);
    roleauth_roles_free(&roles);
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = hang_up, .sa_flags = SA_RESTART};
    roleauth_context *context = roleauth_context_new();
    roleauth_policy *policy = roleauth_policy_new();
    roleauth_error e = ROLEAUTH_ERROR_INIT;
    char *line = NULL;
    size_t size = 0;

    sigaction(SIGHUP, &action, NULL);
    while (argc == 2 && getline(&line, &size, stdin) >= 0) {
        if (stale) {
            stale = 0; /* first: what changes meanwhile needs another load */
            if (roleauth_policy_load(policy, argv[1], NULL, &e))
                fprintf(stderr, "%s:%zu: %s\n", argv[1], e.line, e.text);
        }
        answer(context, policy, line);
    }
    free(line);
    roleauth_policy_free(&policy);
    roleauth_context_free(&context);
    return argc != 2;
}

/* SPDX-License-Identifier: MIT */
/* A unit test of somebody else, with the fakes.  Prints the version. */
#include <roleauth_testing.h>
#include <stdio.h>
#include <string.h>

static const char roles_text[] =
    "[{\"method\": \"getuserpasswd\", \"user\": \"alice\"}]";

static int set_up(roleauth_context *context, roleauth_roles **roles,
                  roleauth_fake_users *users)
{
    roleauth_users seam = roleauth_fake_users_seam(users);
    roleauth_store store;

    return roleauth_fake_users_add(users, "alice", 1000, "correct horse") ||
           roleauth_memory_store(&store) ||
           roleauth_context_set_store(context, &store, NULL) ||
           roleauth_context_set_users(context, &seam, NULL) ||
           roleauth_context_clear_sinks(context, NULL) ||
           roleauth_roles_parse(roles, "outside", roles_text,
                                strlen(roles_text), NULL, NULL);
}

int main(void)
{
    roleauth_context *context = roleauth_context_new();
    roleauth_fake_users *users = roleauth_fake_users_new();
    roleauth_request *request = roleauth_request_new();
    roleauth_script *script = roleauth_script_new();
    roleauth_conversation talk = roleauth_script_conversation(script);
    roleauth_roles *roles = NULL;
    roleauth_result *result = NULL;
    int accepted = 0;

    if (set_up(context, &roles, users) == 0 &&
        roleauth_script_type(script, "correct horse") == 0 &&
        roleauth_request_set(request, ROLEAUTH_SERVER, "user", "alice", NULL) ==
            0 &&
        roleauth_request_set_conversation(request, &talk, NULL) == 0 &&
        roleauth_evaluate(context, roles, request, &result, NULL) == 0)
        accepted = roleauth_result_accepted(result) &&
                   roleauth_script_prompts(script) == 1;
    if (accepted)
        (void)puts(roleauth_version());
    roleauth_result_free(&result);
    roleauth_roles_free(&roles);
    roleauth_request_free(&request);
    roleauth_script_free(&script);
    roleauth_context_free(&context);
    roleauth_fake_users_free(&users);
    return accepted ? 0 : 1;
}

/* SPDX-License-Identifier: MIT */
/* A PAM module that leads back into the library: it succeeds when a role that
 * demands nothing is accepted, which must not happen. */
#include <roleauth.h>
#include <security/pam_modules.h>
#include <string.h>

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc,
                        const char **argv)
{
    static const char text[] = "{\"name\": \"open\"}";
    roleauth_context *context = roleauth_context_new();
    roleauth_request *request = roleauth_request_new();
    roleauth_roles *roles = NULL;
    roleauth_result *result = NULL;
    int code = PAM_SYSTEM_ERR;

    (void)pamh;
    (void)flags;
    (void)argc;
    (void)argv;
    if (roleauth_context_clear_sinks(context, NULL) == 0 &&
        roleauth_roles_parse(&roles, "nested", text, strlen(text), NULL,
                             NULL) == 0 &&
        roleauth_evaluate(context, roles, request, &result, NULL) == 0 &&
        roleauth_result_accepted(result))
        code = PAM_SUCCESS;
    roleauth_result_free(&result);
    roleauth_roles_free(&roles);
    roleauth_request_free(&request);
    roleauth_context_free(&context);
    return code;
}

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh;
    (void)flags;
    (void)argc;
    (void)argv;
    return PAM_SUCCESS;
}

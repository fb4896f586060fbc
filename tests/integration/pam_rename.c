/* SPDX-License-Identifier: MIT */
/* A PAM module that succeeds and changes PAM_USER to its argument. */
#include <security/pam_modules.h>

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc,
                        const char **argv)
{
    (void)flags;
    if (argc != 1)
        return PAM_SERVICE_ERR;
    return pam_set_item(pamh, PAM_USER, argv[0]);
}

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh;
    (void)flags;
    (void)argc;
    (void)argv;
    return PAM_SUCCESS;
}

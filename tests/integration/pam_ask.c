/* SPDX-License-Identifier: MIT */
/* A PAM module that asks what its arguments say:
 *   show=TEXT          a message
 *   secret=TEXT        a hidden prompt, visible=TEXT a visible one
 *   expect=ANSWER      what has to be answered to the last prompt */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>

static int take(pam_handle_t *pamh, const char *argument, char **answer)
{
    const char *text = strchr(argument, '=');

    if (text == NULL)
        return PAM_SERVICE_ERR;
    text++;
    if (strncmp(argument, "show=", 5) == 0)
        return pam_prompt(pamh, PAM_TEXT_INFO, NULL, "%s", text);
    if (strncmp(argument, "expect=", 7) == 0)
        return *answer != NULL && strcmp(*answer, text) == 0 ? PAM_SUCCESS
                                                             : PAM_AUTH_ERR;
    free(*answer);
    *answer = NULL;
    return pam_prompt(pamh,
                      strncmp(argument, "visible=", 8) == 0
                          ? PAM_PROMPT_ECHO_ON
                          : PAM_PROMPT_ECHO_OFF,
                      answer, "%s", text);
}

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc,
                        const char **argv)
{
    int code = PAM_SUCCESS;
    char *answer = NULL;

    (void)flags;
    for (int i = 0; i < argc && code == PAM_SUCCESS; i++)
        code = take(pamh, argv[i], &answer);
    free(answer);
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

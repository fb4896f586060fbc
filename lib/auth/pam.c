/* SPDX-License-Identifier: MIT */
/* A password, or whatever PAM asks for, of a PAM service. */
#include "auth/auth.h"

#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROMPT_MAX 131072

/* One transaction over all tries, as login(1) and sudo(8) have it, so that a
 * module can count them. */
struct run {
    const struct ra_check *check;
    void *transaction;
    int code;           /* PAM's last, for pam_end(3) */
    bool authenticated; /* by PAM, and nothing speaks against it yet */
    bool challenged;    /* something was asked or shown meanwhile */
    /* Of one call into PAM: */
    bool prompted;          /* a prompt was answered */
    bool unusable;          /* an answer was too long: a wrong password */
    roleauth_answer answer; /* the first that was none */
};

/* ---- the conversation, pam_conv(3) ---- */

static void free_responses(struct pam_response *responses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (responses[i].resp != NULL) {
            explicit_bzero(responses[i].resp, strlen(responses[i].resp));
            free(responses[i].resp);
        }
    free(responses);
}

/* pam_unix(8) and most others ask like this when they know nothing better. */
static bool is_plain_prompt(const char *text)
{
    return strcmp(text, "Password: ") == 0 || strcmp(text, "Password:") == 0;
}

/* What is asked for a module's prompt. */
static bool add_prompt(const struct ra_check *check, int style,
                       const char *text, struct ra_buf *prompt)
{
    if (check->prompt != NULL)
        (void)ra_buf_add_text(prompt, check->prompt);
    if (check->password_prompt != NULL && style == PAM_PROMPT_ECHO_OFF &&
        is_plain_prompt(text))
        text = check->password_prompt;
    return ra_buf_add_text(prompt, text);
}

/* Asks one prompt.  The reply is a copy for free(3), as the module expects. */
static int ask(struct run *run, int style, const char *text, char **reply)
{
    struct ra_buf prompt = RA_BUF_INIT(PROMPT_MAX);
    const char *answer = NULL;
    int code = PAM_CONV_ERR;

    run->answer = ROLEAUTH_ANSWER_FAILED;
    if (!add_prompt(run->check, style, text, &prompt))
        goto out;
    run->answer =
        ra_talk_ask(run->check->talk,
                    style == PAM_PROMPT_ECHO_OFF ? ROLEAUTH_PROMPT_SECRET
                                                 : ROLEAUTH_PROMPT_VISIBLE,
                    prompt.data, &answer);
    if (run->answer != ROLEAUTH_ANSWERED)
        goto out;
    run->prompted = run->challenged = true;
    run->unusable = answer == NULL;
    if (answer == NULL)
        goto out;
    *reply = strdup(answer);
    ra_talk_forget(run->check->talk);
    if (*reply == NULL)
        run->answer = ROLEAUTH_ANSWER_FAILED;
    else
        code = PAM_SUCCESS;
out:
    ra_buf_free(&prompt);
    return code;
}

/* Text that nobody can see is no failure: nothing was asked. */
static void show(struct run *run, roleauth_style style, const char *text)
{
    if (ra_talk_show(run->check->talk, style, text))
        run->challenged = true;
}

static int carry(struct run *run, const struct pam_message *message,
                 struct pam_response *response)
{
    const char *text = message->msg != NULL ? message->msg : "";

    switch (message->msg_style) {
    case PAM_PROMPT_ECHO_OFF:
    case PAM_PROMPT_ECHO_ON:
        return ask(run, message->msg_style, text, &response->resp);
    case PAM_ERROR_MSG:
        show(run, ROLEAUTH_SHOW_ERROR, text);
        return PAM_SUCCESS;
    case PAM_TEXT_INFO:
        show(run, ROLEAUTH_SHOW_INFO, text);
        return PAM_SUCCESS;
    default: /* PAM_BINARY_PROMPT, whose text is not text, and the unknown */
        run->answer = ROLEAUTH_ANSWER_FAILED;
        return PAM_CONV_ERR;
    }
}

/* In Linux-PAM messages is an array of pointers.  Once an answer was missing,
 * the other modules of the stack ask in vain. */
static int converse(int count, const struct pam_message **messages,
                    struct pam_response **responses, void *data)
{
    struct run *run = data;
    struct pam_response *made;
    int code = PAM_SUCCESS;

    *responses = NULL;
    if (run->answer != ROLEAUTH_ANSWERED || run->unusable)
        return PAM_CONV_ERR;
    if (count <= 0 || count > PAM_MAX_NUM_MSG) {
        run->answer = ROLEAUTH_ANSWER_FAILED;
        return PAM_CONV_ERR;
    }
    made = calloc((size_t)count, sizeof(*made));
    if (made == NULL) {
        run->answer = ROLEAUTH_ANSWER_FAILED;
        return PAM_BUF_ERR;
    }
    for (int i = 0; i < count && code == PAM_SUCCESS; i++)
        code = carry(run, messages[i], &made[i]);
    if (code == PAM_SUCCESS)
        *responses = made;
    else
        free_responses(made, (size_t)count);
    return code;
}

/* ---- the transaction ---- */

static int start(const struct ra_check *check, const struct pam_conv *conv,
                 void **transaction)
{
    const roleauth_pam_start with = {
        .service = check->service,
        .user = check->user,
        .ruser = check->ruser,
        .rhost = check->rhost,
        .tty = check->tty,
        .conv = conv,
    };

    *transaction = NULL;
    return check->pam->start(check->pam->data, &with, transaction);
}

static bool is_same_user(const struct ra_check *check, void *transaction)
{
    const char *user = check->pam->user(transaction);

    return user != NULL && strcmp(user, check->user) == 0;
}

static void begin_call(struct run *run)
{
    run->prompted = false;
    run->unusable = false;
    run->answer = ROLEAUTH_ANSWERED;
}

/* Whatever PAM made of it: an answer that did not come ends the method. */
static bool deny_unanswered(const struct run *run, struct ra_verdict *verdict)
{
    if (run->answer == ROLEAUTH_ANSWERED)
        return false;
    ra_verdict_deny(verdict, ra_answer_reason(run->answer),
                    run->answer == ROLEAUTH_ANSWER_FAILED
                        ? "the conversation failed"
                        : NULL);
    return true;
}

static void deny_unavailable(const struct run *run, const char *call,
                             struct ra_verdict *verdict)
{
    /* Linux-PAM needs no handle to tell what a number means. */
    ra_verdict_deny(verdict, ROLEAUTH_REASON_UNAVAILABLE,
                    "%s of the PAM service %.200s: %s (%d)", call,
                    run->check->service, pam_strerror(NULL, run->code),
                    run->code);
}

static void settle_success(struct run *run, struct ra_verdict *verdict)
{
    if (!is_same_user(run->check, run->transaction))
        ra_verdict_deny(verdict, ROLEAUTH_REASON_DENIED,
                        "PAM authenticated another user");
    else if (!run->challenged && !run->check->allow_no_challenge)
        ra_verdict_deny(verdict, ROLEAUTH_REASON_NO_CHALLENGE, NULL);
    else
        run->authenticated = true;
}

static enum ra_try try_pam(void *data, struct ra_verdict *verdict)
{
    struct run *run = data;

    begin_call(run);
    run->code = run->check->pam->authenticate(run->transaction,
                                              PAM_DISALLOW_NULL_AUTHTOK);
    if (run->prompted)
        verdict->attempts++;
    if (deny_unanswered(run, verdict))
        return RA_TRY_END;
    if (run->unusable && run->code != PAM_MAXTRIES)
        return RA_TRY_WRONG;
    switch (run->code) {
    case PAM_SUCCESS:
        settle_success(run, verdict);
        return RA_TRY_END;
    case PAM_AUTH_ERR:
    case PAM_USER_UNKNOWN:
    case PAM_PERM_DENIED:
    case PAM_CRED_INSUFFICIENT:
        if (run->prompted)
            return RA_TRY_WRONG;
        ra_verdict_deny(verdict, ROLEAUTH_REASON_WRONG_PASSWORD,
                        "PAM refused without asking");
        return RA_TRY_END;
    case PAM_MAXTRIES:
        ra_verdict_deny(verdict, ROLEAUTH_REASON_WRONG_PASSWORD, NULL);
        return RA_TRY_END;
    default:
        deny_unavailable(run, "pam_authenticate", verdict);
        return RA_TRY_END;
    }
}

static bool is_same_account(const roleauth_account *a,
                            const roleauth_account *b)
{
    return a->has_uid == b->has_uid && a->uid == b->uid &&
           a->has_shadow == b->has_shadow && strcmp(a->hash, b->hash) == 0;
}

/* A record is tied to the shadow entry that was verified: to the one that was
 * there before the first prompt, and only when it still is. */
static void settle_account(const struct ra_check *check, int code_before,
                           const roleauth_account *before,
                           struct ra_verdict *verdict)
{
    int code = ra_account_look_up(check, &verdict->account);

    verdict->has_account = code == ROLEAUTH_OK;
    verdict->unsettled =
        code != code_before ||
        (code != ROLEAUTH_OK && code != ROLEAUTH_E_NOT_FOUND) ||
        !is_same_account(before, &verdict->account);
}

static void manage_account(struct run *run, struct ra_verdict *verdict)
{
    begin_call(run);
    run->code = run->check->pam->account_management(run->transaction,
                                                    PAM_DISALLOW_NULL_AUTHTOK);
    if (deny_unanswered(run, verdict))
        return;
    if (run->unusable) {
        ra_verdict_deny(verdict, ROLEAUTH_REASON_WRONG_PASSWORD, NULL);
        return;
    }
    switch (run->code) {
    case PAM_SUCCESS:
        break;
    case PAM_ACCT_EXPIRED:
        ra_verdict_deny(verdict, ROLEAUTH_REASON_EXPIRED, NULL);
        return;
    case PAM_NEW_AUTHTOK_REQD:
        ra_verdict_deny(verdict, ROLEAUTH_REASON_PASSWORD_EXPIRED, NULL);
        return;
    case PAM_AUTH_ERR:
    case PAM_PERM_DENIED:
    case PAM_USER_UNKNOWN:
        ra_verdict_deny(verdict, ROLEAUTH_REASON_DENIED, NULL);
        return;
    default:
        deny_unavailable(run, "pam_acct_mgmt", verdict);
        return;
    }
    if (!is_same_user(run->check, run->transaction)) {
        ra_verdict_deny(verdict, ROLEAUTH_REASON_DENIED,
                        "PAM changed to another user");
        return;
    }
    if (!verdict->challenged)
        (void)snprintf(verdict->why, sizeof(verdict->why),
                       "PAM accepted without a challenge");
    verdict->reason = ROLEAUTH_REASON_OK;
    verdict->decision = ROLEAUTH_ACCEPT;
}

/* May a transaction be started at all? */
static bool is_ready(const struct ra_check *check, struct ra_verdict *verdict)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    if (ra_pam_inside()) {
        ra_verdict_deny(verdict, ROLEAUTH_REASON_UNAVAILABLE,
                        "a PAM module led back into the library");
        return false;
    }
    if (check->pam->find(check->pam->data, check->service, &error) == 0)
        return true;
    ra_verdict_deny(verdict, ROLEAUTH_REASON_UNAVAILABLE, "%.250s",
                    error.text[0] != '\0' ? error.text
                                          : "the PAM service cannot be used");
    return false;
}

void ra_check_pam(const struct ra_check *check, struct ra_verdict *verdict)
{
    struct run run = {.check = check, .answer = ROLEAUTH_ANSWERED};
    const struct pam_conv conv = {converse, &run};
    roleauth_account before;
    int code;

    ra_verdict_init(verdict);
    if (!is_ready(check, verdict))
        return;
    code = ra_account_look_up(check, &before);
    run.code = start(check, &conv, &run.transaction);
    if (run.code != PAM_SUCCESS || run.transaction == NULL) {
        deny_unavailable(&run, "pam_start", verdict);
        goto out;
    }
    ra_run_tries(check, try_pam, &run, verdict);
    /* What account management shows is no challenge. */
    verdict->challenged = run.challenged;
    if (run.authenticated)
        manage_account(&run, verdict);
    check->pam->end(run.transaction, run.code);
    if (verdict->decision == ROLEAUTH_ACCEPT)
        settle_account(check, code, &before, verdict);
out:
    explicit_bzero(&before, sizeof(before));
}

/* ---- at a hit on a record ---- */

/* Refuses every prompt; *data becomes true then. */
static int refuse(int count, const struct pam_message **messages,
                  struct pam_response **responses, void *data)
{
    bool *asked = data;

    *responses = NULL;
    if (count <= 0 || count > PAM_MAX_NUM_MSG)
        return PAM_CONV_ERR;
    for (int i = 0; i < count; i++)
        if (messages[i]->msg_style != PAM_ERROR_MSG &&
            messages[i]->msg_style != PAM_TEXT_INFO)
            *asked = true;
    if (*asked)
        return PAM_CONV_ERR;
    *responses = calloc((size_t)count, sizeof(**responses));
    return *responses != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

const char *ra_recheck_pam(const struct ra_check *check)
{
    bool asked = false, same;
    const struct pam_conv conv = {refuse, &asked};
    void *transaction;
    int code;

    if (ra_pam_inside())
        return "a PAM module led back into the library";
    if (check->pam->find(check->pam->data, check->service, NULL) != 0)
        return "the PAM service cannot be used";
    if (start(check, &conv, &transaction) != PAM_SUCCESS || transaction == NULL)
        return "the PAM service cannot be started";
    code = check->pam->account_management(
        transaction, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
    same = is_same_user(check, transaction);
    check->pam->end(transaction, code);
    if (asked)
        return "PAM's account management wants to ask";
    if (code != PAM_SUCCESS)
        return "PAM's account management no longer agrees";
    return same ? NULL : "PAM changed to another user";
}

/* SPDX-License-Identifier: MIT */
#include <roleauth_testing.h>

#include <security/pam_appl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct round {
    int style;
    char *text;
    char *expected;
};

struct service {
    char *name;
    struct round *rounds;
    size_t round_count;
    int authenticates, account;
    char *rename;
    struct service *next;
};

struct roleauth_fake_pam {
    struct service *services;
    /* The one thing that changes while transactions run, in any thread. */
    atomic_uint authentications;
};

struct transaction {
    roleauth_fake_pam *pam;
    const struct service *service;
    char *user;
    struct pam_conv conv;
};

roleauth_fake_pam *roleauth_fake_pam_new(void)
{
    return calloc(1, sizeof(roleauth_fake_pam));
}

static void free_service(struct service *service)
{
    for (size_t i = 0; i < service->round_count; i++) {
        free(service->rounds[i].text);
        free(service->rounds[i].expected);
    }
    free(service->rounds);
    free(service->rename);
    free(service->name);
    free(service);
}

void roleauth_fake_pam_free(roleauth_fake_pam **pam)
{
    if (pam == NULL || *pam == NULL)
        return;
    while ((*pam)->services != NULL) {
        struct service *service = (*pam)->services;

        (*pam)->services = service->next;
        free_service(service);
    }
    free(*pam);
    *pam = NULL;
}

static struct service *find_service(const roleauth_fake_pam *pam,
                                    const char *name)
{
    for (struct service *s = pam->services; s != NULL; s = s->next)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

int roleauth_fake_pam_add(roleauth_fake_pam *pam, const char *name)
{
    struct service *service;

    if (pam == NULL || name == NULL || find_service(pam, name) != NULL)
        return ROLEAUTH_E_ARGUMENT;
    service = calloc(1, sizeof(*service));
    if (service == NULL || (service->name = strdup(name)) == NULL) {
        free(service);
        return ROLEAUTH_E_NOMEM;
    }
    service->authenticates = PAM_SUCCESS;
    service->account = PAM_SUCCESS;
    service->next = pam->services;
    pam->services = service;
    return 0;
}

/* The service to change.  Returns 0 or a negative code. */
static int find_to_change(const roleauth_fake_pam *pam, const char *name,
                          struct service **service)
{
    *service = NULL;
    if (pam == NULL || name == NULL)
        return ROLEAUTH_E_ARGUMENT;
    *service = find_service(pam, name);
    return *service != NULL ? 0 : ROLEAUTH_E_NOT_FOUND;
}

/* A copy of an optional text; false: out of memory. */
static bool copy_text(char **copy, const char *text)
{
    *copy = text != NULL ? strdup(text) : NULL;
    return text == NULL || *copy != NULL;
}

/* PAM's number of a style; 0: there is no such style. */
static int pam_style(roleauth_style style)
{
    switch (style) {
    case ROLEAUTH_PROMPT_SECRET:
        return PAM_PROMPT_ECHO_OFF;
    case ROLEAUTH_PROMPT_VISIBLE:
        return PAM_PROMPT_ECHO_ON;
    case ROLEAUTH_SHOW_ERROR:
        return PAM_ERROR_MSG;
    case ROLEAUTH_SHOW_INFO:
        return PAM_TEXT_INFO;
    }
    return 0;
}

static int add_round(struct service *service, const struct round *round)
{
    struct round *grown =
        reallocarray(service->rounds, service->round_count + 1, sizeof(*grown));

    if (grown == NULL)
        return ROLEAUTH_E_NOMEM;
    service->rounds = grown;
    grown[service->round_count++] = *round;
    return 0;
}

int roleauth_fake_pam_round(roleauth_fake_pam *pam, const char *name,
                            roleauth_style style, const char *text,
                            const char *expected)
{
    struct round round = {pam_style(style), NULL, NULL};
    struct service *service;
    int rc = find_to_change(pam, name, &service);

    if (round.style == 0)
        return ROLEAUTH_E_ARGUMENT;
    if (rc != 0)
        return rc;
    /* A round is added whole or not at all: without what it expects, any
     * answer would be right. */
    if (copy_text(&round.text, text) && copy_text(&round.expected, expected) &&
        add_round(service, &round) == 0)
        return 0;
    free(round.text);
    free(round.expected);
    return ROLEAUTH_E_NOMEM;
}

int roleauth_fake_pam_authenticates(roleauth_fake_pam *pam, const char *name,
                                    int code)
{
    struct service *service;
    int rc = find_to_change(pam, name, &service);

    if (rc == 0)
        service->authenticates = code;
    return rc;
}

int roleauth_fake_pam_account(roleauth_fake_pam *pam, const char *name,
                              int code)
{
    struct service *service;
    int rc = find_to_change(pam, name, &service);

    if (rc == 0)
        service->account = code;
    return rc;
}

int roleauth_fake_pam_rename(roleauth_fake_pam *pam, const char *name,
                             const char *user)
{
    struct service *service;
    char *copy;
    int rc = find_to_change(pam, name, &service);

    if (rc != 0)
        return rc;
    if (!copy_text(&copy, user))
        return ROLEAUTH_E_NOMEM;
    free(service->rename);
    service->rename = copy;
    return 0;
}

unsigned roleauth_fake_pam_authentications(const roleauth_fake_pam *pam)
{
    return pam != NULL ? atomic_load(&pam->authentications) : 0;
}

static int pam_find(void *data, const char *service, roleauth_error *error)
{
    (void)error;
    return find_service(data, service) != NULL ? 0 : ROLEAUTH_E_NOT_FOUND;
}

static int pam_begin(void *data, const roleauth_pam_start *start,
                     void **transaction)
{
    struct transaction *made;

    *transaction = NULL;
    if (find_service(data, start->service) == NULL)
        return PAM_SYSTEM_ERR;
    made = calloc(1, sizeof(*made));
    if (made == NULL || (made->user = strdup(start->user)) == NULL) {
        free(made);
        return PAM_BUF_ERR;
    }
    made->pam = data;
    made->service = find_service(data, start->service);
    made->conv = *start->conv;
    *transaction = made;
    return PAM_SUCCESS;
}

/* One round as a module has it: PAM_SUCCESS, PAM_AUTH_ERR, PAM_CONV_ERR. */
static int play(const struct transaction *transaction,
                const struct round *round)
{
    struct pam_message message = {round->style, round->text};
    const struct pam_message *messages = &message;
    struct pam_response *response = NULL;
    int code = transaction->conv.conv(1, &messages, &response,
                                      transaction->conv.appdata_ptr);

    if (code != PAM_SUCCESS)
        return code;
    if (round->expected != NULL &&
        (response == NULL || response->resp == NULL ||
         strcmp(response->resp, round->expected) != 0))
        code = PAM_AUTH_ERR;
    if (response != NULL) {
        if (response->resp != NULL)
            explicit_bzero(response->resp, strlen(response->resp));
        free(response->resp);
        free(response);
    }
    return code;
}

static int pam_auth(void *data, int flags)
{
    struct transaction *transaction = data;
    const struct service *service = transaction->service;
    int outcome = service->authenticates;

    (void)flags;
    (void)atomic_fetch_add(&transaction->pam->authentications, 1);
    for (size_t i = 0; i < service->round_count; i++) {
        int code = play(transaction, &service->rounds[i]);

        if (code != PAM_SUCCESS && code != PAM_AUTH_ERR)
            return code;
        if (code == PAM_AUTH_ERR)
            outcome = PAM_AUTH_ERR;
    }
    if (outcome == PAM_SUCCESS && service->rename != NULL) {
        char *renamed = strdup(service->rename);

        if (renamed == NULL)
            return PAM_BUF_ERR;
        free(transaction->user);
        transaction->user = renamed;
    }
    return outcome;
}

static int pam_account(void *data, int flags)
{
    const struct transaction *transaction = data;

    (void)flags;
    return transaction->service->account;
}

static const char *pam_user(void *data)
{
    const struct transaction *transaction = data;

    return transaction->user;
}

static void pam_finish(void *data, int status)
{
    struct transaction *transaction = data;

    (void)status;
    if (transaction == NULL)
        return;
    free(transaction->user);
    free(transaction);
}

roleauth_pam roleauth_fake_pam_seam(roleauth_fake_pam *pam)
{
    const roleauth_pam seam = {pam_find, pam_begin,  pam_auth, pam_account,
                               pam_user, pam_finish, pam};
    const roleauth_pam none = {NULL, NULL, NULL, NULL, NULL, NULL, NULL};

    return pam != NULL ? seam : none;
}

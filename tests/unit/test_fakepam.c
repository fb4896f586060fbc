/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <roleauth_testing.h>
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

/* A user who answers every prompt the same, and counts. */
struct user {
    const char *answer; /* NULL: the conversation fails */
    int styles[8];
    unsigned count;
};

static int converse(int count, const struct pam_message **messages,
                    struct pam_response **responses, void *data)
{
    struct user *user = data;

    assert_int_equal(count, 1);
    user->styles[user->count++] = messages[0]->msg_style;
    if (user->answer == NULL)
        return PAM_CONV_ERR;
    *responses = calloc(1, sizeof(**responses));
    assert_non_null(*responses);
    if (messages[0]->msg_style == PAM_PROMPT_ECHO_OFF ||
        messages[0]->msg_style == PAM_PROMPT_ECHO_ON)
        (*responses)->resp = strdup(user->answer);
    return PAM_SUCCESS;
}

struct outcome {
    int start, authenticate, account;
    char user[32];
};

static struct outcome run(roleauth_fake_pam *pam, const char *service,
                          struct user *user)
{
    roleauth_pam seam = roleauth_fake_pam_seam(pam);
    const struct pam_conv conv = {converse, user};
    const roleauth_pam_start start = {service, "alice", NULL,
                                      NULL,    NULL,    &conv};
    struct outcome outcome = {-1, -1, -1, ""};
    void *transaction = NULL;

    outcome.start = seam.start(seam.data, &start, &transaction);
    if (outcome.start != PAM_SUCCESS) {
        assert_null(transaction);
        return outcome;
    }
    outcome.authenticate = seam.authenticate(transaction, 0);
    outcome.account = seam.account_management(transaction, 0);
    (void)strncpy(outcome.user, seam.user(transaction),
                  sizeof(outcome.user) - 1);
    seam.end(transaction, outcome.account);
    return outcome;
}

static void services_are_found(void **state)
{
    roleauth_fake_pam *pam = roleauth_fake_pam_new();
    roleauth_pam seam = roleauth_fake_pam_seam(pam);
    struct user user = {"x", {0}, 0};

    (void)state;
    assert_int_equal(seam.find(seam.data, "sudo", NULL), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(run(pam, "sudo", &user).start, PAM_SYSTEM_ERR);
    assert_int_equal(roleauth_fake_pam_add(pam, "sudo"), 0);
    assert_int_equal(seam.find(seam.data, "sudo", NULL), 0);
    assert_int_equal(roleauth_fake_pam_add(NULL, "x"), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_pam_add(pam, NULL), ROLEAUTH_E_ARGUMENT);
    seam.end(NULL, 0);
    roleauth_fake_pam_free(&pam);
    assert_null(pam);
    roleauth_fake_pam_free(&pam);
    roleauth_fake_pam_free(NULL);
}

static void rounds_are_played_with_their_styles(void **state)
{
    static const int styles[] = {PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON,
                                 PAM_ERROR_MSG, PAM_TEXT_INFO};
    roleauth_fake_pam *pam = roleauth_fake_pam_new();
    struct user user = {"right", {0}, 0};
    struct outcome outcome;

    (void)state;
    assert_int_equal(roleauth_fake_pam_add(pam, "s"), 0);
    assert_int_equal(
        roleauth_fake_pam_round(pam, "s", ROLEAUTH_PROMPT_SECRET, "1", "right"),
        0);
    assert_int_equal(
        roleauth_fake_pam_round(pam, "s", ROLEAUTH_PROMPT_VISIBLE, "2", NULL),
        0);
    assert_int_equal(
        roleauth_fake_pam_round(pam, "s", ROLEAUTH_SHOW_ERROR, "3", NULL), 0);
    assert_int_equal(
        roleauth_fake_pam_round(pam, "s", ROLEAUTH_SHOW_INFO, "4", NULL), 0);
    outcome = run(pam, "s", &user);
    assert_int_equal(outcome.authenticate, PAM_SUCCESS);
    assert_int_equal(outcome.account, PAM_SUCCESS);
    assert_string_equal(outcome.user, "alice");
    assert_int_equal(user.count, 4);
    assert_memory_equal(user.styles, styles, sizeof(styles));
    user = (struct user){"wrong", {0}, 0};
    assert_int_equal(run(pam, "s", &user).authenticate, PAM_AUTH_ERR);
    assert_int_equal(user.count, 4); /* the stack runs to its end */
    user = (struct user){NULL, {0}, 0};
    assert_int_equal(run(pam, "s", &user).authenticate, PAM_CONV_ERR);
    assert_int_equal(user.count, 1);
    assert_int_equal(roleauth_fake_pam_authentications(pam), 3);
    roleauth_fake_pam_free(&pam);
}

static void outcomes_are_as_told(void **state)
{
    roleauth_fake_pam *pam = roleauth_fake_pam_new();
    struct user user = {"x", {0}, 0};
    struct outcome outcome;

    (void)state;
    assert_int_equal(roleauth_fake_pam_add(pam, "s"), 0);
    assert_int_equal(roleauth_fake_pam_authenticates(pam, "s", PAM_MAXTRIES),
                     0);
    assert_int_equal(roleauth_fake_pam_account(pam, "s", PAM_ACCT_EXPIRED), 0);
    assert_int_equal(roleauth_fake_pam_rename(pam, "s", "root"), 0);
    outcome = run(pam, "s", &user);
    assert_int_equal(outcome.authenticate, PAM_MAXTRIES);
    assert_int_equal(outcome.account, PAM_ACCT_EXPIRED);
    assert_string_equal(outcome.user, "alice"); /* renamed on success only */
    assert_int_equal(roleauth_fake_pam_authenticates(pam, "s", PAM_SUCCESS), 0);
    assert_string_equal(run(pam, "s", &user).user, "root");
    assert_int_equal(roleauth_fake_pam_rename(pam, "s", NULL), 0);
    assert_string_equal(run(pam, "s", &user).user, "alice");
    roleauth_fake_pam_free(&pam);
}

static void an_unknown_service_cannot_be_changed(void **state)
{
    roleauth_fake_pam *pam = roleauth_fake_pam_new();

    (void)state;
    assert_int_equal(
        roleauth_fake_pam_round(pam, "s", ROLEAUTH_SHOW_INFO, "x", NULL),
        ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(roleauth_fake_pam_authenticates(pam, "s", 0),
                     ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(roleauth_fake_pam_account(pam, "s", 0),
                     ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(roleauth_fake_pam_rename(pam, "s", "x"),
                     ROLEAUTH_E_NOT_FOUND);
    roleauth_fake_pam_free(&pam);
}

/* The second would have been in front of the first, and its rounds gone. */
static void a_service_is_added_once(void **state)
{
    roleauth_fake_pam *pam = roleauth_fake_pam_new();
    struct user user = {"wrong", {0}, 0};

    (void)state;
    assert_int_equal(roleauth_fake_pam_add(pam, "s"), 0);
    assert_int_equal(
        roleauth_fake_pam_round(pam, "s", ROLEAUTH_PROMPT_SECRET, "?", "right"),
        0);
    assert_int_equal(roleauth_fake_pam_add(pam, "s"), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(run(pam, "s", &user).authenticate, PAM_AUTH_ERR);
    assert_int_equal(roleauth_fake_pam_add(pam, "S"), 0);
    roleauth_fake_pam_free(&pam);
}

static void an_unknown_style_is_refused(void **state)
{
    static const int unknown[] = {0, 5, 99, -1};
    roleauth_fake_pam *pam = roleauth_fake_pam_new();
    struct user user = {"x", {0}, 0};

    (void)state;
    assert_int_equal(roleauth_fake_pam_add(pam, "s"), 0);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_int_equal(roleauth_fake_pam_round(
                             pam, "s", (roleauth_style)unknown[i], "?", NULL),
                         ROLEAUTH_E_ARGUMENT);
    assert_int_equal(run(pam, "s", &user).authenticate, PAM_SUCCESS);
    assert_int_equal(user.count, 0); /* there is no such round */
    roleauth_fake_pam_free(&pam);
}

static void null_is_an_argument(void **state)
{
    roleauth_fake_pam *pam = roleauth_fake_pam_new();
    const roleauth_pam none = roleauth_fake_pam_seam(NULL);
    roleauth_context *context = roleauth_context_new();

    (void)state;
    assert_int_equal(
        roleauth_fake_pam_round(NULL, "s", ROLEAUTH_SHOW_INFO, "x", NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        roleauth_fake_pam_round(pam, NULL, ROLEAUTH_SHOW_INFO, "x", NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_pam_authenticates(NULL, "s", 0),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_pam_authenticates(pam, NULL, 0),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_pam_account(NULL, "s", 0),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_pam_account(pam, NULL, 0),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_pam_rename(NULL, "s", "x"),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_pam_rename(pam, NULL, "x"),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_pam_authentications(NULL), 0);
    assert_null(none.find);
    assert_null(none.data);
    /* So that a context does not take it. */
    assert_int_equal(roleauth_context_set_pam(context, &none, NULL),
                     ROLEAUTH_E_ARGUMENT);
    roleauth_context_free(&context);
    roleauth_fake_pam_free(&pam);
}

enum { THREADS = 4, TIMES = 200000 };

struct crowd {
    roleauth_pam seam;
    pthread_barrier_t start; /* so that they run at once */
};

static void *authenticate_often(void *data)
{
    struct crowd *crowd = data;
    const roleauth_pam *seam = &crowd->seam;
    const struct pam_conv conv = {converse, NULL};
    const roleauth_pam_start start = {"s", "alice", NULL, NULL, NULL, &conv};
    void *transaction = NULL;

    if (seam->start(seam->data, &start, &transaction) != PAM_SUCCESS)
        abort();
    (void)pthread_barrier_wait(&crowd->start);
    for (unsigned i = 0; i < TIMES; i++)
        (void)seam->authenticate(transaction, 0);
    seam->end(transaction, PAM_SUCCESS);
    return NULL;
}

static void threads_may_authenticate_at_once(void **state)
{
    roleauth_fake_pam *pam = roleauth_fake_pam_new();
    struct crowd crowd = {.seam = roleauth_fake_pam_seam(pam)};
    pthread_t threads[THREADS];

    (void)state;
    assert_int_equal(pthread_barrier_init(&crowd.start, NULL, THREADS), 0);
    assert_int_equal(roleauth_fake_pam_add(pam, "s"), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, authenticate_often, &crowd), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    (void)pthread_barrier_destroy(&crowd.start);
    assert_int_equal(roleauth_fake_pam_authentications(pam), THREADS * TIMES);
    roleauth_fake_pam_free(&pam);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_are_found),
        cmocka_unit_test(rounds_are_played_with_their_styles),
        cmocka_unit_test(outcomes_are_as_told),
        cmocka_unit_test(an_unknown_service_cannot_be_changed),
        cmocka_unit_test(a_service_is_added_once),
        cmocka_unit_test(an_unknown_style_is_refused),
        cmocka_unit_test(null_is_an_argument),
        cmocka_unit_test(threads_may_authenticate_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

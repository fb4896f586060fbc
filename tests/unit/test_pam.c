/* SPDX-License-Identifier: MIT */
#include "support/auth_fixture.h"

#include <security/pam_appl.h>
#include <stdio.h>

static void begin(struct fixture *f)
{
    fixture_begin(f);
    assert_int_equal(roleauth_fake_users_add(f->users, "alice", 1001, "unix"),
                     0);
    assert_int_equal(roleauth_fake_pam_add(f->pam, "svc"), 0);
    f->check.service = "svc";
    f->check.prompt = NULL;
}

/* As begin(), with one password prompt. */
static void begin_asking(struct fixture *f)
{
    begin(f);
    assert_int_equal(roleauth_fake_pam_round(f->pam, "svc",
                                             ROLEAUTH_PROMPT_SECRET,
                                             "Password: ", "right"),
                     0);
}

static void run(struct fixture *f)
{
    ra_check_pam(&f->check, &f->verdict);
}

static void assert_shown(const struct fixture *f, size_t index,
                         roleauth_style style, const char *text)
{
    roleauth_style found = ROLEAUTH_SHOW_INFO;

    assert_non_null(roleauth_script_text(f->script, index, &found));
    assert_string_equal(roleauth_script_text(f->script, index, NULL), text);
    assert_int_equal(found, style);
}

static void test_right(void **state)
{
    struct fixture f;

    (void)state;
    begin_asking(&f);
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    assert_true(f.verdict.challenged);
    assert_int_equal(f.verdict.attempts, 1);
    assert_true(f.verdict.has_account);
    assert_int_equal(f.verdict.account.uid, 1001);
    assert_shown(&f, 0, ROLEAUTH_PROMPT_SECRET, "Password: ");
    assert_string_equal(f.verdict.why, "");
    fixture_end(&f);
}

static void test_tries(void **state)
{
    struct fixture f;

    (void)state;
    begin_asking(&f);
    fixture_type(&f, "wrong");
    fixture_type(&f, "");
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    assert_int_equal(f.verdict.attempts, 3);
    assert_int_equal(roleauth_fake_pam_authentications(f.pam), 3);
    assert_shown(&f, 1, ROLEAUTH_SHOW_ERROR, "Sorry, try again.");
    fixture_end(&f);
    begin_asking(&f);
    f.check.tries = 2;
    for (int i = 0; i < 3; i++)
        fixture_type(&f, "wrong");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_int_equal(f.verdict.attempts, 2);
    assert_int_equal(roleauth_fake_pam_authentications(f.pam), 2);
    fixture_end(&f);
}

static void test_prompts(void **state)
{
    struct fixture f;

    (void)state;
    begin_asking(&f);
    assert_int_equal(
        roleauth_fake_pam_round(f.pam, "svc", ROLEAUTH_SHOW_INFO, "look", NULL),
        0);
    assert_int_equal(roleauth_fake_pam_round(f.pam, "svc",
                                             ROLEAUTH_PROMPT_VISIBLE,
                                             "Token: ", "123456"),
                     0);
    f.check.prompt = "dba ";
    f.check.password_prompt = "Password for alice: ";
    fixture_type(&f, "right");
    fixture_type(&f, "123456");
    run(&f);
    assert_accepted(&f);
    assert_int_equal(f.verdict.attempts, 1);
    assert_shown(&f, 0, ROLEAUTH_PROMPT_SECRET, "dba Password for alice: ");
    assert_shown(&f, 1, ROLEAUTH_SHOW_INFO, "look");
    assert_shown(&f, 2, ROLEAUTH_PROMPT_VISIBLE, "dba Token: ");
    fixture_end(&f);
}

/* What pam_authenticate returns, with and without a prompt before it. */
static void test_authenticate_codes(void **state)
{
    static const struct {
        int code;
        bool takes_try;
        roleauth_reason reason;
    } cases[] = {
        {PAM_AUTH_ERR, true, ROLEAUTH_REASON_WRONG_PASSWORD},
        {PAM_USER_UNKNOWN, true, ROLEAUTH_REASON_WRONG_PASSWORD},
        {PAM_PERM_DENIED, true, ROLEAUTH_REASON_WRONG_PASSWORD},
        {PAM_CRED_INSUFFICIENT, true, ROLEAUTH_REASON_WRONG_PASSWORD},
        {PAM_MAXTRIES, false, ROLEAUTH_REASON_WRONG_PASSWORD},
        {PAM_AUTHINFO_UNAVAIL, false, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_ACCT_EXPIRED, false, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_NEW_AUTHTOK_REQD, false, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_CONV_ERR, false, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_ABORT, false, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_IGNORE, false, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_INCOMPLETE, false, ROLEAUTH_REASON_UNAVAILABLE},
        {-1, false, ROLEAUTH_REASON_UNAVAILABLE},
        {4711, false, ROLEAUTH_REASON_UNAVAILABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;

        begin_asking(&f);
        assert_int_equal(
            roleauth_fake_pam_authenticates(f.pam, "svc", cases[i].code), 0);
        for (int j = 0; j < 3; j++)
            fixture_type(&f, "right");
        run(&f);
        assert_denied(&f, cases[i].reason);
        assert_int_equal(f.verdict.attempts, cases[i].takes_try ? 3 : 1);
        fixture_end(&f);
        begin(&f);
        assert_int_equal(
            roleauth_fake_pam_authenticates(f.pam, "svc", cases[i].code), 0);
        run(&f);
        assert_denied(&f, cases[i].reason);
        assert_int_equal(f.verdict.attempts, 0);
        assert_int_equal(roleauth_fake_pam_authentications(f.pam), 1);
        assert_int_equal(roleauth_script_count(f.script), 0);
        fixture_end(&f);
    }
}

static void test_account_codes(void **state)
{
    static const struct {
        int code;
        roleauth_reason reason;
    } cases[] = {
        {PAM_ACCT_EXPIRED, ROLEAUTH_REASON_EXPIRED},
        {PAM_NEW_AUTHTOK_REQD, ROLEAUTH_REASON_PASSWORD_EXPIRED},
        {PAM_AUTH_ERR, ROLEAUTH_REASON_DENIED},
        {PAM_PERM_DENIED, ROLEAUTH_REASON_DENIED},
        {PAM_USER_UNKNOWN, ROLEAUTH_REASON_DENIED},
        {PAM_AUTHTOK_EXPIRED, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_AUTHINFO_UNAVAIL, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_SYSTEM_ERR, ROLEAUTH_REASON_UNAVAILABLE},
        {PAM_IGNORE, ROLEAUTH_REASON_UNAVAILABLE},
        {-1, ROLEAUTH_REASON_UNAVAILABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;

        begin_asking(&f);
        assert_int_equal(roleauth_fake_pam_account(f.pam, "svc", cases[i].code),
                         0);
        fixture_type(&f, "wrong");
        fixture_type(&f, "right");
        run(&f);
        assert_denied(&f, cases[i].reason);
        assert_int_equal(f.verdict.attempts, 2);
        assert_non_null(ra_recheck_pam(&f.check));
        fixture_end(&f);
    }
}

static void test_no_answer(void **state)
{
    static const struct {
        roleauth_answer answer;
        roleauth_reason reason;
    } cases[] = {
        {ROLEAUTH_ANSWER_CANCELLED, ROLEAUTH_REASON_CANCELLED},
        {ROLEAUTH_ANSWER_TIMEOUT, ROLEAUTH_REASON_TIMEOUT},
        {ROLEAUTH_ANSWER_NOBODY, ROLEAUTH_REASON_PROMPT_NEEDED},
        {ROLEAUTH_ANSWER_FAILED, ROLEAUTH_REASON_UNAVAILABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;

        begin_asking(&f);
        fixture_type(&f, "wrong");
        assert_int_equal(roleauth_script_fail(f.script, cases[i].answer), 0);
        fixture_type(&f, "right");
        run(&f);
        assert_denied(&f, cases[i].reason);
        assert_int_equal(f.verdict.attempts, 1);
        assert_int_equal(roleauth_script_prompts(f.script), 2);
        fixture_end(&f);
    }
}

static void test_too_long(void **state)
{
    struct fixture f;
    char longest[513];

    (void)state;
    memset(longest, 'x', 512);
    longest[512] = '\0';
    begin(&f);
    /* Any answer would do, were it sent. */
    assert_int_equal(roleauth_fake_pam_round(f.pam, "svc",
                                             ROLEAUTH_PROMPT_SECRET, "P", NULL),
                     0);
    f.check.tries = 1;
    fixture_type(&f, longest);
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_int_equal(f.verdict.attempts, 1);
    fixture_end(&f);
    longest[511] = '\0';
    begin(&f);
    assert_int_equal(roleauth_fake_pam_round(
                         f.pam, "svc", ROLEAUTH_PROMPT_SECRET, "P", longest),
                     0);
    fixture_type(&f, "x");
    fixture_type(&f, longest);
    run(&f);
    assert_accepted(&f);
    fixture_end(&f);
}

static void test_no_challenge(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_NO_CHALLENGE);
    assert_false(f.verdict.challenged);
    fixture_end(&f);
    begin(&f);
    f.check.allow_no_challenge = true;
    run(&f);
    assert_accepted(&f);
    assert_false(f.verdict.challenged);
    assert_string_not_equal(f.verdict.why, "");
    fixture_end(&f);
    begin(&f);
    assert_int_equal(roleauth_fake_pam_round(f.pam, "svc", ROLEAUTH_SHOW_INFO,
                                             "Touch it", NULL),
                     0);
    run(&f);
    assert_accepted(&f);
    assert_true(f.verdict.challenged);
    assert_int_equal(f.verdict.attempts, 0);
    fixture_end(&f);
}

/* A text that went nowhere is no challenge. */
static void test_shown_to_nobody(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    assert_int_equal(roleauth_fake_pam_round(f.pam, "svc", ROLEAUTH_SHOW_INFO,
                                             "Touch it", NULL),
                     0);
    ra_talk_free(&f.talk);
    f.talk = ra_talk_new(NULL, &f.clock_seam, 0);
    f.check.talk = f.talk;
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_NO_CHALLENGE);
    fixture_end(&f);
}

static void test_other_user(void **state)
{
    struct fixture f;

    (void)state;
    begin_asking(&f);
    assert_int_equal(roleauth_fake_pam_rename(f.pam, "svc", "root"), 0);
    fixture_type(&f, "right");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_DENIED);
    fixture_end(&f);
    begin_asking(&f);
    assert_int_equal(roleauth_fake_pam_rename(f.pam, "svc", "alice"), 0);
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    fixture_end(&f);
}

static void test_no_service(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    f.check.service = "nosuch";
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_UNAVAILABLE);
    assert_string_not_equal(f.verdict.why, "");
    assert_non_null(ra_recheck_pam(&f.check));
    fixture_end(&f);
}

static void test_user_elsewhere(void **state)
{
    struct fixture f;

    (void)state;
    begin_asking(&f);
    f.check.user = "bob";
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    assert_false(f.verdict.has_account);
    fixture_end(&f);
    begin_asking(&f);
    roleauth_fake_users_break(f.users, 1);
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    assert_false(f.verdict.has_account);
    fixture_end(&f);
}

static void test_recheck(void **state)
{
    struct fixture f;

    (void)state;
    begin_asking(&f);
    assert_null(ra_recheck_pam(&f.check));
    assert_int_equal(roleauth_fake_pam_authentications(f.pam), 0);
    assert_int_equal(roleauth_script_count(f.script), 0);
    fixture_end(&f);
}

/* ---- a PAM that holds the conversation in odd ways ---- */

struct puppet {
    struct pam_conv copy;
    int (*play)(struct puppet *puppet);
    int flags, ends, account_code;
    bool asks_in_account;
    const char *user;
    roleauth_pam_start start;
};

static int puppet_find(void *data, const char *service, roleauth_error *error)
{
    (void)data;
    (void)service;
    (void)error;
    return 0;
}

static int puppet_start(void *data, const roleauth_pam_start *start,
                        void **transaction)
{
    struct puppet *puppet = data;

    puppet->copy = *start->conv;
    puppet->start = *start;
    *transaction = data;
    return PAM_SUCCESS;
}

static int puppet_authenticate(void *transaction, int flags)
{
    struct puppet *puppet = transaction;

    puppet->flags = flags;
    return puppet->play(puppet);
}

/* Sends messages; the answers go to *answers, or are freed. */
static int say(struct puppet *puppet, int count,
               const struct pam_message *messages,
               struct pam_response **answers)
{
    const struct pam_message *list[PAM_MAX_NUM_MSG + 1];
    struct pam_response *made = NULL;
    int code;

    for (int i = 0; i < count && i <= PAM_MAX_NUM_MSG; i++)
        list[i] = &messages[i];
    code = puppet->copy.conv(count, list, &made, puppet->copy.appdata_ptr);
    if (answers != NULL) {
        *answers = made;
        return code;
    }
    for (int i = 0; made != NULL && i < count; i++)
        free(made[i].resp);
    free(made);
    return code;
}

static int puppet_account(void *transaction, int flags)
{
    struct puppet *puppet = transaction;
    const struct pam_message question = {PAM_PROMPT_ECHO_ON, "sure? "};
    const struct pam_message text = {PAM_TEXT_INFO, "expires soon"};

    puppet->flags = flags;
    if (puppet->asks_in_account) {
        if (say(puppet, 1, &question, NULL) != PAM_SUCCESS)
            return PAM_SUCCESS; /* as a careless module does */
    } else if (say(puppet, 1, &text, NULL) != PAM_SUCCESS) {
        return PAM_CONV_ERR;
    }
    return puppet->account_code;
}

static const char *puppet_user(void *transaction)
{
    const struct puppet *puppet = transaction;

    return puppet->user;
}

static void puppet_end(void *transaction, int status)
{
    struct puppet *puppet = transaction;

    (void)status;
    puppet->ends++;
}

static void begin_puppet(struct fixture *f, struct puppet *puppet,
                         int (*play)(struct puppet *puppet))
{
    const roleauth_pam seam = {
        puppet_find,    puppet_start, puppet_authenticate,
        puppet_account, puppet_user,  puppet_end,
        puppet};

    begin(f);
    memset(puppet, 0, sizeof(*puppet));
    puppet->play = play;
    puppet->user = "alice";
    f->pam_seam = seam;
}

static int play_batch(struct puppet *puppet)
{
    const struct pam_message messages[] = {{PAM_ERROR_MSG, "be careful"},
                                           {PAM_PROMPT_ECHO_ON, "Name: "},
                                           {PAM_PROMPT_ECHO_OFF, NULL},
                                           {PAM_TEXT_INFO, NULL}};
    struct pam_response *answers = NULL;
    int code = say(puppet, 4, messages, &answers);

    if (code != PAM_SUCCESS)
        return code;
    assert_null(answers[0].resp);
    assert_string_equal(answers[1].resp, "al");
    assert_string_equal(answers[2].resp, "");
    assert_null(answers[3].resp);
    assert_int_equal(answers[1].resp_retcode, 0);
    free(answers[1].resp);
    free(answers[2].resp);
    free(answers);
    return PAM_SUCCESS;
}

static void test_batch(void **state)
{
    struct fixture f;
    struct puppet puppet;

    (void)state;
    begin_puppet(&f, &puppet, play_batch);
    f.check.ruser = "bob";
    f.check.rhost = "host";
    f.check.tty = "pts/1";
    fixture_type(&f, "al");
    fixture_type(&f, "");
    run(&f);
    assert_accepted(&f);
    assert_int_equal(f.verdict.attempts, 1);
    assert_int_equal(puppet.flags, (int)PAM_DISALLOW_NULL_AUTHTOK);
    assert_int_equal(puppet.ends, 1);
    assert_string_equal(puppet.start.ruser, "bob");
    assert_string_equal(puppet.start.rhost, "host");
    assert_string_equal(puppet.start.tty, "pts/1");
    assert_int_equal(roleauth_script_count(f.script), 5);
    fixture_end(&f);
    /* The second answer is missing: the first is not lost, and no more is
     * asked. */
    begin_puppet(&f, &puppet, play_batch);
    fixture_type(&f, "al");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_CANCELLED);
    assert_int_equal(roleauth_script_count(f.script), 3);
    assert_int_equal(puppet.ends, 1);
    fixture_end(&f);
}

static int play_odd(struct puppet *puppet)
{
    static const struct pam_message binary = {PAM_BINARY_PROMPT, "\1\2"};
    struct pam_response *answers = (struct pam_response *)puppet;

    assert_int_equal(say(puppet, 1, &binary, &answers), PAM_CONV_ERR);
    assert_null(answers);
    return PAM_SUCCESS;
}

static int play_none(struct puppet *puppet)
{
    assert_int_equal(say(puppet, 0, NULL, NULL), PAM_CONV_ERR);
    return PAM_SUCCESS;
}

static int play_many(struct puppet *puppet)
{
    struct pam_message messages[PAM_MAX_NUM_MSG + 1];

    for (int i = 0; i <= PAM_MAX_NUM_MSG; i++) {
        messages[i].msg_style = PAM_TEXT_INFO;
        messages[i].msg = "x";
    }
    assert_int_equal(say(puppet, PAM_MAX_NUM_MSG, messages, NULL), PAM_SUCCESS);
    assert_int_equal(say(puppet, PAM_MAX_NUM_MSG + 1, messages, NULL),
                     PAM_CONV_ERR);
    return PAM_SUCCESS;
}

/* A stack of which one module does not care that the conversation failed. */
static int play_careless(struct puppet *puppet)
{
    const struct pam_message question = {PAM_PROMPT_ECHO_OFF, "first "};

    (void)say(puppet, 1, &question, NULL);
    (void)say(puppet, 1, &question, NULL);
    return PAM_SUCCESS;
}

static void test_odd(void **state)
{
    int (*const plays[])(struct puppet *) = {play_odd, play_none, play_many};
    struct fixture f;
    struct puppet puppet;

    (void)state;
    for (size_t i = 0; i < sizeof(plays) / sizeof(plays[0]); i++) {
        begin_puppet(&f, &puppet, plays[i]);
        f.check.allow_no_challenge = true;
        run(&f);
        assert_denied(&f, ROLEAUTH_REASON_UNAVAILABLE);
        assert_int_equal(puppet.ends, 1);
        fixture_end(&f);
    }
}

static void test_careless(void **state)
{
    struct fixture f;
    struct puppet puppet;
    char longest[513];

    (void)state;
    begin_puppet(&f, &puppet, play_careless);
    assert_int_equal(roleauth_script_fail(f.script, ROLEAUTH_ANSWER_TIMEOUT),
                     0);
    fixture_type(&f, "anything");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_TIMEOUT);
    assert_int_equal(roleauth_script_prompts(f.script), 1);
    fixture_end(&f);
    begin_puppet(&f, &puppet, play_careless);
    memset(longest, 'x', 512);
    longest[512] = '\0';
    f.check.tries = 1;
    fixture_type(&f, longest);
    fixture_type(&f, "anything");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_int_equal(roleauth_script_prompts(f.script), 1);
    fixture_end(&f);
}

static int play_success(struct puppet *puppet)
{
    (void)puppet;
    return PAM_SUCCESS;
}

static int play_lost_user(struct puppet *puppet)
{
    const struct pam_message question = {PAM_PROMPT_ECHO_OFF, "first "};

    puppet->user = NULL;
    return say(puppet, 1, &question, NULL);
}

static void test_account_talks(void **state)
{
    struct fixture f;
    struct puppet puppet;

    (void)state;
    /* What account management shows is no challenge. */
    begin_puppet(&f, &puppet, play_success);
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_NO_CHALLENGE);
    assert_int_equal(roleauth_script_count(f.script), 0);
    fixture_end(&f);
    begin_puppet(&f, &puppet, play_success);
    f.check.allow_no_challenge = true;
    run(&f);
    assert_accepted(&f);
    assert_false(f.verdict.challenged);
    assert_int_equal(roleauth_script_count(f.script), 1);
    assert_null(ra_recheck_pam(&f.check));
    assert_int_equal(roleauth_script_count(f.script), 1);
    fixture_end(&f);
    begin_puppet(&f, &puppet, play_batch);
    puppet.asks_in_account = true;
    fixture_type(&f, "al");
    fixture_type(&f, "");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_CANCELLED);
    assert_non_null(ra_recheck_pam(&f.check));
    fixture_end(&f);
    begin_puppet(&f, &puppet, play_lost_user);
    fixture_type(&f, "al");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_DENIED);
    assert_non_null(ra_recheck_pam(&f.check));
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_tries),
        cmocka_unit_test(test_prompts),
        cmocka_unit_test(test_authenticate_codes),
        cmocka_unit_test(test_account_codes),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_no_challenge),
        cmocka_unit_test(test_shown_to_nobody),
        cmocka_unit_test(test_other_user),
        cmocka_unit_test(test_no_service),
        cmocka_unit_test(test_user_elsewhere),
        cmocka_unit_test(test_recheck),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_odd),
        cmocka_unit_test(test_careless),
        cmocka_unit_test(test_account_talks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

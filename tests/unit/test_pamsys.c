/* SPDX-License-Identifier: MIT */
/* The checks over the real libpam, with services of our own. */
#include "support/auth_fixture.h"
#include "support/pam_directory.h"

#include <pwd.h>
#include <security/pam_appl.h>
#include <sys/wait.h>

#define MATRIX "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_matrix.so"

static struct pam_directory directory;

static int set_up(void **state)
{
    (void)state;
    pam_directory_make(&directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pam_directory_drop(&directory);
    return 0;
}

static void begin(struct fixture *f, const char *service, const char *text)
{
    fixture_begin(f);
    f->pam_seam = ra_pam_system(directory.path);
    f->check.service = service;
    f->check.prompt = NULL;
    pam_directory_add(&directory, service, text);
}

static void run(struct fixture *f)
{
    assert_false(ra_pam_inside());
    ra_check_pam(&f->check, &f->verdict);
    assert_false(ra_pam_inside());
}

static void test_permit(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, "permit",
          "auth required pam_permit.so\naccount required pam_permit.so\n");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_NO_CHALLENGE);
    f.check.allow_no_challenge = true;
    f.check.service = "PERMIT";
    run(&f);
    assert_accepted(&f);
    assert_false(f.verdict.challenged);
    assert_null(ra_recheck_pam(&f.check));
    fixture_end(&f);
}

static void test_deny(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, "deny",
          "auth required pam_deny.so\naccount required pam_deny.so\n");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_int_equal(f.verdict.attempts, 0);
    assert_non_null(ra_recheck_pam(&f.check));
    fixture_end(&f);
    begin(&f, "noaccount",
          "auth required pam_permit.so\naccount required pam_deny.so\n");
    f.check.allow_no_challenge = true;
    run(&f);
    assert_int_equal(f.verdict.decision == ROLEAUTH_ACCEPT, 0);
    fixture_end(&f);
}

static void test_rootok(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, "rootok",
          "auth required pam_rootok.so\naccount required pam_permit.so\n");
    run(&f);
    assert_denied(&f, getuid() == 0 ? ROLEAUTH_REASON_NO_CHALLENGE
                                    : ROLEAUTH_REASON_WRONG_PASSWORD);
    fixture_end(&f);
}

static void test_echo(void **state)
{
    struct fixture f;

    (void)state;
    /* Shows text, which is a challenge of a kind. */
    begin(&f, "echo",
          "auth optional pam_echo.so hello\n"
          "auth required pam_permit.so\naccount required pam_permit.so\n");
    run(&f);
    assert_accepted(&f);
    assert_true(f.verdict.challenged);
    assert_int_equal(roleauth_script_count(f.script), 1);
    assert_string_equal(roleauth_script_text(f.script, 0, NULL), "hello");
    fixture_end(&f);
}

static void test_missing_module(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, "nomodule",
          "auth required pam_no_such_module.so\n"
          "account required pam_permit.so\n");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_UNAVAILABLE);
    assert_non_null(strstr(f.verdict.why, "nomodule"));
    fixture_end(&f);
}

/* "other" accepts all; no service may come to it. */
static void test_other(void **state)
{
    static const char *const texts[] = {"", "auth required pam_permit.so\n",
                                        "account required pam_permit.so\n"};
    struct fixture f;

    (void)state;
    pam_directory_add(&directory, "other",
                      "auth required pam_permit.so\n"
                      "account required pam_permit.so\n");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        begin(&f, "partly", texts[i]);
        f.check.allow_no_challenge = true;
        run(&f);
        assert_denied(&f, ROLEAUTH_REASON_UNAVAILABLE);
        assert_non_null(ra_recheck_pam(&f.check));
        fixture_end(&f);
    }
    begin(&f, "present", "");
    f.check.allow_no_challenge = true;
    f.check.service = "absent";
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_UNAVAILABLE);
    f.check.service = "other";
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_UNAVAILABLE);
    fixture_end(&f);
}

/* ---- pam_matrix of cwrap.org ---- */

static void begin_matrix(struct fixture *f)
{
    char text[1200], path[512];

    pam_directory_path(&directory, "passdb", path);
    pam_directory_add(&directory, "passdb",
                      "alice:right:matrix\nbob:other:elsewhere\n");
    (void)snprintf(text, sizeof(text),
                   "auth required %s passdb=%s\n"
                   "account required %s passdb=%s\n",
                   MATRIX, path, MATRIX, path);
    begin(f, "matrix", text);
}

static void test_matrix(void **state)
{
    struct fixture f;

    (void)state;
    if (access(MATRIX, R_OK) != 0) {
        print_message("needs pam_matrix.so of libpam-wrapper\n");
        skip();
    }
    begin_matrix(&f);
    fixture_type(&f, "wrong");
    fixture_type(&f, "");
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    assert_int_equal(f.verdict.attempts, 3);
    assert_int_equal(roleauth_script_prompts(f.script), 3);
    assert_null(ra_recheck_pam(&f.check));
    fixture_end(&f);
    begin_matrix(&f);
    fixture_type(&f, "wrong");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_CANCELLED);
    assert_int_equal(f.verdict.attempts, 1);
    fixture_end(&f);
    begin_matrix(&f);
    f.check.user = "bob";
    fixture_type(&f, "other");
    run(&f);
    assert_int_not_equal(f.verdict.decision, ROLEAUTH_ACCEPT);
    assert_non_null(ra_recheck_pam(&f.check));
    fixture_end(&f);
}

/* ---- pam_unix, with a user of our own ---- */

#define UNIX_USER "roleauth-test-pam"

static int command(const char *path, char *const arguments[])
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        (void)execv(path, arguments);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : -1;
}

static void remove_user(void)
{
    char *const arguments[] = {(char *)"userdel", (char *)UNIX_USER, NULL};

    (void)command("/usr/sbin/userdel", arguments);
}

/* The password is "right", of the system's default kind. */
static bool add_user(void)
{
    char hash[ROLEAUTH_CRYPT_SIZE];
    char *const arguments[] = {
        (char *)"useradd", (char *)"-M", (char *)"-r", (char *)"-p", hash,
        (char *)UNIX_USER, NULL};

    if (getpwnam(UNIX_USER) != NULL)
        remove_user();
    return roleauth_password_crypt("right", hash) == 0 &&
           command("/usr/sbin/useradd", arguments) == 0;
}

static int change_user(const char *option, const char *value)
{
    char *const arguments[] = {(char *)"usermod", (char *)option, (char *)value,
                               (char *)UNIX_USER, NULL};

    return command("/usr/sbin/usermod", arguments);
}

static int lock_user(const char *option)
{
    char *const arguments[] = {(char *)"usermod", (char *)option,
                               (char *)UNIX_USER, NULL};

    return command("/usr/sbin/usermod", arguments);
}

#define UNIX_SERVICE                                                           \
    "auth required pam_unix.so nullok nodelay\n"                               \
    "account required pam_unix.so\n"

static void begin_unix(struct fixture *f)
{
    begin(f, "unix", UNIX_SERVICE);
    f->users_seam = ra_users_system();
    f->check.user = UNIX_USER;
}

static void try_unix(void)
{
    struct fixture f;

    begin_unix(&f);
    fixture_type(&f, "wrong");
    fixture_type(&f, "right");
    run(&f);
    assert_accepted(&f);
    assert_int_equal(f.verdict.attempts, 2);
    assert_true(f.verdict.has_account);
    assert_int_equal(f.verdict.account.has_shadow, 1);
    assert_null(ra_recheck_pam(&f.check));
    fixture_end(&f);
    /* The same account through shadow(5). */
    begin_unix(&f);
    f.check.service = NULL;
    f.check.prompt = "Password: ";
    fixture_type(&f, "wrong");
    fixture_type(&f, "right");
    ra_check_shadow(&f.check, &f.verdict);
    assert_accepted(&f);
    fixture_end(&f);
    /* Nobody at all. */
    begin_unix(&f);
    f.check.user = "roleauth-no-such-user";
    for (int i = 0; i < 3; i++)
        fixture_type(&f, "right");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
    assert_int_equal(f.verdict.attempts, 3);
    fixture_end(&f);
}

/* Answers once by PAM and once by shadow(5): they must agree. */
static void both_say(roleauth_reason reason)
{
    struct fixture f;

    begin_unix(&f);
    f.check.tries = 1;
    fixture_type(&f, "right");
    run(&f);
    assert_denied(&f, reason);
    assert_non_null(ra_recheck_pam(&f.check));
    fixture_end(&f);
    begin_unix(&f);
    f.clock_seam.now = NULL;
    f.check.tries = 1;
    f.check.service = NULL;
    f.check.prompt = "Password: ";
    roleauth_virtual_clock_init(&f.clock);
    f.clock.time.realtime.tv_sec = time(NULL);
    f.clock_seam = roleauth_virtual_clock_seam(&f.clock);
    fixture_type(&f, "right");
    ra_check_shadow(&f.check, &f.verdict);
    assert_denied(&f, reason);
    fixture_end(&f);
}

static void test_unix(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("needs root to add a user\n");
        skip();
    }
    if (!add_user()) {
        print_message("useradd(8) failed\n");
        skip();
    }
    try_unix();
    assert_int_equal(change_user("-e", "2020-01-01"), 0);
    both_say(ROLEAUTH_REASON_EXPIRED);
    assert_int_equal(change_user("-e", ""), 0);
}

static void test_unix_aging(void **state)
{
    char *const demand[] = {(char *)"chage", (char *)"-d", (char *)"0",
                            (char *)UNIX_USER, NULL};
    struct fixture f;

    (void)state;
    if (geteuid() != 0 || !add_user()) {
        print_message("needs root to add a user\n");
        skip();
    }
    assert_int_equal(command("/usr/bin/chage", demand), 0);
    both_say(ROLEAUTH_REASON_PASSWORD_EXPIRED);
    assert_true(add_user());
    assert_int_equal(lock_user("-L"), 0);
    begin_unix(&f);
    f.check.service = NULL;
    f.check.prompt = "Password: ";
    fixture_type(&f, "right");
    ra_check_shadow(&f.check, &f.verdict);
    assert_denied(&f, ROLEAUTH_REASON_LOCKED);
    fixture_end(&f);
    /* An empty password, which pam_unix would take by "nullok". */
    assert_int_equal(change_user("-p", ""), 0);
    begin_unix(&f);
    for (int i = 0; i < 3; i++)
        fixture_type(&f, "");
    run(&f);
    assert_denied(&f, ROLEAUTH_REASON_WRONG_PASSWORD);
    fixture_end(&f);
}

static int remove_user_after(void **state)
{
    (void)state;
    if (geteuid() == 0 && getpwnam(UNIX_USER) != NULL)
        remove_user();
    return 0;
}

/* ---- items, and the way back in ---- */

static int look_inside(int count, const struct pam_message **messages,
                       struct pam_response **responses, void *data)
{
    bool *inside = data;

    (void)messages;
    *inside = ra_pam_inside();
    *responses = calloc((size_t)count, sizeof(**responses));
    return *responses != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

static void test_items(void **state)
{
    const roleauth_pam pam = ra_pam_system(directory.path);
    bool inside = false;
    const struct pam_conv conv = {look_inside, &inside};
    const roleauth_pam_start start = {"echo", "alice", "bob",
                                      "host", "pts/7", &conv};
    void *transaction = NULL;
    const void *item = NULL;

    (void)state;
    pam_directory_add(&directory, "echo",
                      "auth required pam_echo.so hello\n"
                      "auth required pam_permit.so\n"
                      "account required pam_permit.so\n");
    assert_int_equal(pam.find(pam.data, "echo", NULL), 0);
    assert_int_equal(pam.start(pam.data, &start, &transaction), PAM_SUCCESS);
    assert_string_equal(pam.user(transaction), "alice");
    assert_int_equal(pam_get_item(transaction, PAM_RUSER, &item), PAM_SUCCESS);
    assert_string_equal(item, "bob");
    assert_int_equal(pam_get_item(transaction, PAM_RHOST, &item), PAM_SUCCESS);
    assert_string_equal(item, "host");
    assert_int_equal(pam_get_item(transaction, PAM_TTY, &item), PAM_SUCCESS);
    assert_string_equal(item, "pts/7");
    assert_int_equal(pam.authenticate(transaction, 0), PAM_SUCCESS);
    assert_true(inside);
    assert_false(ra_pam_inside());
    pam.end(transaction, PAM_SUCCESS);
}

/* A conversation that evaluates again, as a module of ours in the stack. */
struct loop {
    struct fixture inner;
    bool ran;
};

static roleauth_answer evaluate_again(void *data, roleauth_prompt *prompts,
                                      size_t count, unsigned timeout)
{
    struct loop *loop = data;

    (void)prompts;
    (void)count;
    (void)timeout;
    loop->ran = true;
    ra_check_pam(&loop->inner.check, &loop->inner.verdict);
    assert_non_null(ra_recheck_pam(&loop->inner.check));
    return ROLEAUTH_ANSWERED;
}

static void test_led_back(void **state)
{
    static const char text[] = "auth required pam_echo.so hello\n"
                               "auth required pam_permit.so\n"
                               "account required pam_permit.so\n";
    const roleauth_conversation conversation = {evaluate_again, NULL, NULL,
                                                NULL};
    struct loop loop;
    struct fixture f;

    (void)state;
    memset(&loop, 0, sizeof(loop));
    begin(&loop.inner, "echo", text);
    begin(&f, "echo", text);
    f.conversation = conversation;
    f.conversation.data = &loop;
    ra_talk_free(&f.talk);
    f.talk = ra_talk_new(&f.conversation, &f.clock_seam, 0);
    f.check.talk = f.talk;
    run(&f);
    assert_true(loop.ran);
    assert_accepted(&f);
    assert_denied(&loop.inner, ROLEAUTH_REASON_UNAVAILABLE);
    assert_non_null(strstr(loop.inner.verdict.why, "led back"));
    fixture_end(&loop.inner);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permit),
        cmocka_unit_test(test_deny),
        cmocka_unit_test(test_rootok),
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_missing_module),
        cmocka_unit_test(test_other),
        cmocka_unit_test(test_matrix),
        cmocka_unit_test_teardown(test_unix, remove_user_after),
        cmocka_unit_test_teardown(test_unix_aging, remove_user_after),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_led_back),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

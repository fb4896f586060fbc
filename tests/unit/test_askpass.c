/* SPDX-License-Identifier: MIT */
#include "support/pam_directory.h"

#include <fcntl.h>
#include <roleauth.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

struct fixture {
    struct pam_directory directory;
    char program[512];
    roleauth_conversation conversation;
    char reply[512];
    size_t length;
};

/* A shell script as the program. */
static void begin(struct fixture *f, const char *script)
{
    memset(f, 0, sizeof(*f));
    pam_directory_make(&f->directory);
    pam_directory_path(&f->directory, "askpass", f->program);
    pam_directory_add(&f->directory, "askpass", script);
    assert_int_equal(chmod(f->program, 0700), 0);
    assert_int_equal(
        roleauth_conversation_askpass(&f->conversation, f->program, -1), 0);
}

static void end(struct fixture *f)
{
    int status;

    /* Whatever happened, no child is left over. */
    assert_int_equal(waitpid(-1, &status, WNOHANG), -1);
    roleauth_conversation_close(&f->conversation);
    pam_directory_drop(&f->directory);
}

static roleauth_answer ask(struct fixture *f, const char *text,
                           unsigned timeout)
{
    roleauth_prompt prompt = {ROLEAUTH_PROMPT_SECRET, text, f->reply,
                              sizeof(f->reply), 0};
    roleauth_answer answer;

    memset(f->reply, 'U', sizeof(f->reply));
    answer =
        f->conversation.converse(f->conversation.data, &prompt, 1, timeout);
    f->length = prompt.reply_length;
    if (answer != ROLEAUTH_ANSWERED)
        for (size_t i = 0; i < sizeof(f->reply); i++)
            assert_int_equal(f->reply[i], 0);
    return answer;
}

static void assert_reply(struct fixture *f, const char *text,
                         const char *expected)
{
    assert_int_equal(ask(f, text, 0), ROLEAUTH_ANSWERED);
    assert_string_equal(f->reply, expected);
    assert_int_equal(f->length, strlen(expected));
}

static void test_argument(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, "#!/bin/sh\nprintf '%s|%s\\n' \"$#\" \"$1\"\n");
    assert_reply(&f,
                 "Password for $HOME `id`: ", "1|Password for $HOME `id`: ");
    assert_reply(&f, "", "1|");
    assert_reply(&f, "-n", "1|-n");
    end(&f);
}

static void test_first_line(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, "#!/bin/sh\nprintf 'one\\r\\ntwo\\n'\n");
    assert_reply(&f, "P", "one");
    end(&f);
    begin(&f, "#!/bin/sh\nprintf one\n");
    assert_reply(&f, "P", "one");
    end(&f);
    begin(&f, "#!/bin/sh\necho\n");
    assert_reply(&f, "P", "");
    end(&f);
    begin(&f, "#!/bin/sh\nexit 0\n");
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWER_CANCELLED);
    end(&f);
}

static void test_unusable(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, "#!/bin/sh\nprintf '%0511d\\n' 7\n");
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWERED);
    assert_int_equal(f.length, 511);
    end(&f);
    begin(&f, "#!/bin/sh\nprintf '%0512d\\n' 7\n");
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWERED);
    assert_true(f.length == ROLEAUTH_REPLY_UNUSABLE);
    end(&f);
    begin(&f, "#!/bin/sh\nprintf 'a\\000b\\n'\n");
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWERED);
    assert_true(f.length == ROLEAUTH_REPLY_UNUSABLE);
    end(&f);
}

static void test_exit_status(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, "#!/bin/sh\necho secret\nexit 1\n");
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWER_CANCELLED);
    end(&f);
    begin(&f, "#!/bin/sh\nexit 255\n");
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWER_CANCELLED);
    end(&f);
    begin(&f, "#!/bin/sh\necho secret\nkill -9 $$\n");
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWER_FAILED);
    end(&f);
}

static void test_cannot_start(void **state)
{
    struct fixture f;
    roleauth_conversation none;

    (void)state;
    begin(&f, "#!/bin/sh\necho secret\n");
    assert_int_equal(unlink(f.program), 0);
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWER_FAILED);
    end(&f);
    if (!is_under_valgrind()) {
        begin(&f, "#!/no/such/interpreter\n");
        assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWER_FAILED);
        end(&f);
    }
    begin(&f, "#!/bin/sh\nexec /no/such/program\n");
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWER_FAILED);
    end(&f);
    assert_int_equal(roleauth_conversation_askpass(&none, "askpass", -1),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_conversation_askpass(&none, NULL, -1),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_conversation_askpass(NULL, "/x", -1),
                     ROLEAUTH_E_ARGUMENT);
    assert_null(none.converse);
}

/* Before it printed, after it printed, and when it closed its output. */
static void test_timeout(void **state)
{
    static const char *const scripts[] = {
        "#!/bin/sh\nexec sleep 60\n",
        "#!/bin/sh\necho secret\nexec sleep 60\n",
        "#!/bin/sh\necho secret\nexec sleep 60 >/dev/null 2>&1\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct fixture f;
        time_t before = time(NULL);

        begin(&f, scripts[i]);
        assert_int_equal(ask(&f, "P", 1), ROLEAUTH_ANSWER_TIMEOUT);
        assert_true(time(NULL) - before < 30);
        end(&f);
    }
}

static void test_endless_output(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, "#!/bin/sh\necho secret\nexec yes\n");
    assert_int_equal(ask(&f, "P", 0), ROLEAUTH_ANSWER_FAILED);
    end(&f);
}

/* The program gets /dev/null, and neither a descriptor that the caller forgot
 * to close on exec nor its signal mask. */
static void test_what_it_gets(void **state)
{
    struct fixture f;
    int extra = open("/dev/null", O_RDONLY);
    sigset_t blocked, before;

    (void)state;
    assert_true(extra >= 0);
    assert_int_equal(dup2(extra, 57), 57);
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    (void)sigaddset(&blocked, SIGALRM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
    begin(&f, "#!/bin/sh\n"
              "in=$(readlink /proc/$$/fd/0)\n"
              "test -e /proc/$$/fd/57 && in=\"$in open\"\n"
              "while read -r key value; do\n"
              "  test \"$key\" = SigBlk: && in=\"$in $value\"\n"
              "done </proc/$$/status\n"
              "echo \"$in\"\n");
    assert_reply(&f, "P", "/dev/null 0000000000000000");
    end(&f);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    (void)close(57);
    (void)close(extra);
}

static void test_texts(void **state)
{
    struct fixture f;
    roleauth_conversation spoken;
    roleauth_prompt text = {ROLEAUTH_SHOW_ERROR, "hello", NULL, 0, 0};
    char written[16] = "";
    int ends[2];

    (void)state;
    begin(&f, "#!/bin/sh\necho secret\n");
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(f.conversation.converse(f.conversation.data, &text, 1, 0),
                     ROLEAUTH_ANSWER_NOBODY);
    assert_int_equal(roleauth_conversation_askpass(&spoken, f.program, ends[1]),
                     0);
    assert_int_equal(spoken.converse(spoken.data, &text, 1, 0),
                     ROLEAUTH_ANSWERED);
    assert_int_equal(read(ends[0], written, sizeof(written) - 1), 6);
    assert_string_equal(written, "hello\n");
    roleauth_conversation_close(&spoken);
    (void)close(ends[0]);
    (void)close(ends[1]);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_argument),
        cmocka_unit_test(test_first_line),
        cmocka_unit_test(test_unusable),
        cmocka_unit_test(test_exit_status),
        cmocka_unit_test(test_cannot_start),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_endless_output),
        cmocka_unit_test(test_what_it_gets),
        cmocka_unit_test(test_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

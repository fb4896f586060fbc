/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <roleauth.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct fixture {
    int input[2], output[2];
    roleauth_conversation conversation;
    char reply[512];
};

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    assert_int_equal(pipe2(f->input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(f->output, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(roleauth_conversation_lines(&f->conversation, f->input[0],
                                                 f->output[1]),
                     0);
}

static void end(struct fixture *f)
{
    roleauth_conversation_close(&f->conversation);
    assert_null(f->conversation.converse);
    for (int i = 0; i < 2; i++) {
        (void)close(f->input[i]);
        (void)close(f->output[i]);
    }
}

static void send_bytes(struct fixture *f, const char *bytes, size_t length)
{
    assert_int_equal(write(f->input[1], bytes, length), length);
}

/* No more input comes. */
static void hang_up(struct fixture *f)
{
    (void)close(f->input[1]);
    f->input[1] = -1;
}

static roleauth_answer ask(struct fixture *f, size_t *length, unsigned timeout)
{
    roleauth_prompt prompt = {ROLEAUTH_PROMPT_SECRET, "Password: ", f->reply,
                              sizeof(f->reply), 0};
    roleauth_answer answer;

    memset(f->reply, 'U', sizeof(f->reply));
    answer =
        f->conversation.converse(f->conversation.data, &prompt, 1, timeout);
    *length = prompt.reply_length;
    return answer;
}

static void assert_reply(struct fixture *f, const char *expected)
{
    size_t length;

    assert_int_equal(ask(f, &length, 0), ROLEAUTH_ANSWERED);
    assert_int_equal(length, strlen(expected));
    assert_string_equal(f->reply, expected);
}

static void assert_unusable(struct fixture *f)
{
    size_t length;

    assert_int_equal(ask(f, &length, 0), ROLEAUTH_ANSWERED);
    assert_true(length == ROLEAUTH_REPLY_UNUSABLE);
    for (size_t i = 0; i < sizeof(f->reply); i++)
        assert_int_equal(f->reply[i], 0);
}

static void assert_written(struct fixture *f, const char *expected)
{
    char text[256];
    ssize_t got = read(f->output[0], text, sizeof(text) - 1);

    text[got > 0 ? got : 0] = '\0';
    assert_string_equal(text, expected);
}

static void test_lines(void **state)
{
    struct fixture f;
    size_t length;
    static const char bytes[] = "one\n\ntwo words \r\n\r\na\rb\nlast";

    (void)state;
    begin(&f);
    send_bytes(&f, bytes, sizeof(bytes) - 1);
    hang_up(&f);
    assert_reply(&f, "one");
    assert_written(&f, "Password: ");
    assert_reply(&f, "");
    assert_reply(&f, "two words ");
    assert_reply(&f, "");
    assert_reply(&f, "a\rb");
    assert_reply(&f, "last");
    assert_int_equal(ask(&f, &length, 0), ROLEAUTH_ANSWER_CANCELLED);
    assert_int_equal(f.reply[0], 0);
    end(&f);
}

static void test_nothing_beyond_the_line(void **state)
{
    struct fixture f;
    char rest[16] = "";

    (void)state;
    begin(&f);
    send_bytes(&f, "secret\nrest", 11);
    assert_reply(&f, "secret");
    assert_int_equal(read(f.input[0], rest, sizeof(rest)), 4);
    assert_string_equal(rest, "rest");
    end(&f);
}

static void test_lengths(void **state)
{
    struct fixture f;
    char longest[514];

    (void)state;
    memset(longest, 'x', sizeof(longest));
    for (size_t length = 0; length <= 9; length++) {
        begin(&f);
        send_bytes(&f, longest, length);
        send_bytes(&f, "\n", 1);
        longest[length] = '\0';
        assert_reply(&f, longest);
        longest[length] = 'x';
        end(&f);
    }
    begin(&f);
    send_bytes(&f, longest, 511);
    send_bytes(&f, "\r\n", 2);
    send_bytes(&f, longest, 511);
    send_bytes(&f, "\n", 1);
    send_bytes(&f, longest, 512);
    send_bytes(&f, "\n", 1);
    send_bytes(&f, longest, 511);
    send_bytes(&f, "\rx\nnext\n", 8);
    longest[511] = '\0';
    assert_reply(&f, longest);
    assert_reply(&f, longest);
    assert_unusable(&f);
    assert_unusable(&f);
    assert_reply(&f, "next");
    end(&f);
}

static void test_nul(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    send_bytes(&f, "a\0b\nc\n", 6);
    assert_unusable(&f);
    assert_reply(&f, "c");
    end(&f);
}

static void test_end_after_cr(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    send_bytes(&f, "abc\r", 4);
    hang_up(&f);
    assert_reply(&f, "abc");
    end(&f);
}

static void test_timeout(void **state)
{
    struct fixture f;
    struct timespec before, after;
    size_t length;

    (void)state;
    begin(&f);
    send_bytes(&f, "half", 4);
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &before), 0);
    assert_int_equal(ask(&f, &length, 1), ROLEAUTH_ANSWER_TIMEOUT);
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &after), 0);
    assert_true(after.tv_sec - before.tv_sec >= 1);
    for (size_t i = 0; i < sizeof(f.reply); i++)
        assert_int_equal(f.reply[i], 0);
    end(&f);
}

/* The caller's descriptor may be non-blocking. */
static void test_nonblocking(void **state)
{
    struct fixture f;
    size_t length;

    (void)state;
    begin(&f);
    assert_int_equal(fcntl(f.input[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(ask(&f, &length, 1), ROLEAUTH_ANSWER_TIMEOUT);
    send_bytes(&f, "now\n", 4);
    assert_reply(&f, "now");
    end(&f);
}

static roleauth_answer show(roleauth_conversation *conversation,
                            const char *text)
{
    roleauth_prompt prompt = {ROLEAUTH_SHOW_INFO, text, NULL, 0, 0};

    return conversation->converse(conversation->data, &prompt, 1, 0);
}

static void test_texts(void **state)
{
    struct fixture f;
    roleauth_conversation quiet;
    roleauth_prompt both[2];

    (void)state;
    begin(&f);
    assert_int_equal(show(&f.conversation, "hello"), ROLEAUTH_ANSWERED);
    assert_written(&f, "hello\n");
    assert_int_equal(show(&f.conversation, "two\nlines\n"), ROLEAUTH_ANSWERED);
    assert_written(&f, "two\nlines\n");
    assert_int_equal(show(&f.conversation, ""), ROLEAUTH_ANSWERED);
    assert_written(&f, "\n");
    memset(both, 0, sizeof(both));
    both[0].style = ROLEAUTH_SHOW_ERROR;
    both[0].text = "first";
    both[1].style = ROLEAUTH_PROMPT_VISIBLE;
    both[1].text = "Name: ";
    both[1].reply = f.reply;
    both[1].reply_size = sizeof(f.reply);
    send_bytes(&f, "me\n", 3);
    assert_int_equal(f.conversation.converse(f.conversation.data, both, 2, 0),
                     ROLEAUTH_ANSWERED);
    assert_written(&f, "first\nName: ");
    assert_string_equal(f.reply, "me");
    /* Without an output nothing is shown, and that is told. */
    assert_int_equal(roleauth_conversation_lines(&quiet, f.input[0], -1), 0);
    assert_int_equal(show(&quiet, "hello"), ROLEAUTH_ANSWER_NOBODY);
    send_bytes(&f, "me\n", 3);
    assert_int_equal(quiet.converse(quiet.data, &both[1], 1, 0),
                     ROLEAUTH_ANSWERED);
    assert_written(&f, "");
    roleauth_conversation_close(&quiet);
    end(&f);
}

static void test_broken(void **state)
{
    struct fixture f;
    roleauth_conversation none;
    size_t length;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    begin(&f);
    (void)close(f.input[0]);
    assert_int_equal(ask(&f, &length, 0), ROLEAUTH_ANSWER_FAILED);
    f.input[0] = -1;
    end(&f);
    assert_int_equal(roleauth_conversation_lines(&none, 0, full), 0);
    assert_int_equal(show(&none, "hello"), ROLEAUTH_ANSWER_FAILED);
    roleauth_conversation_close(&none);
    (void)close(full);
    assert_int_equal(roleauth_conversation_lines(NULL, 0, 1),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_conversation_lines(&none, -1, 1),
                     ROLEAUTH_E_ARGUMENT);
    assert_null(none.converse);
    roleauth_conversation_restore(&none);
    roleauth_conversation_restore(NULL);
    roleauth_conversation_close(&none);
    roleauth_conversation_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_nothing_beyond_the_line),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_end_after_cr),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_nonblocking),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

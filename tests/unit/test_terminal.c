/* SPDX-License-Identifier: MIT */
/* The test is the person in front of a pseudoterminal, a child process the
 * program; what the program learns comes back through a pipe. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <roleauth.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PATIENCE_MILLISECONDS 30000

struct stage {
    int master;
    int go;     /* a byte from us lets the program go on */
    int report; /* what the program tells */
    pid_t child;
    char screen[16384];
    size_t shown, seen;
};

/* The program's ends of the pipes. */
struct wings {
    int go, report;
};

typedef void program(const struct wings *wings);

/* ---- in the program ---- */

static void tell(const struct wings *wings, const char *text)
{
    if (write(wings->report, text, strlen(text)) < 0)
        _exit(99);
}

static void await_go(const struct wings *wings)
{
    char c;

    if (read(wings->go, &c, 1) != 1)
        _exit(98);
}

static void open_conversation(roleauth_conversation *conversation)
{
    if (roleauth_conversation_terminal(conversation, NULL) != 0)
        _exit(97);
}

static roleauth_answer ask(const struct wings *wings,
                           roleauth_conversation *conversation,
                           roleauth_style style, const char *text,
                           unsigned timeout)
{
    char reply[512], line[700];
    roleauth_prompt prompt = {style, text, reply, sizeof(reply), 0};
    roleauth_answer answer;

    memset(reply, 'U', sizeof(reply));
    answer = conversation->converse(conversation->data, &prompt, 1, timeout);
    if (answer != ROLEAUTH_ANSWERED)
        (void)snprintf(line, sizeof(line), "answer %d%s\n", (int)answer,
                       reply[0] == '\0' || reply[0] == 'U' ? "" : " left over");
    else if (prompt.reply_length == ROLEAUTH_REPLY_UNUSABLE)
        (void)snprintf(line, sizeof(line), "unusable\n");
    else
        (void)snprintf(line, sizeof(line), "%zu [%s]\n", prompt.reply_length,
                       reply);
    tell(wings, line);
    return answer;
}

static void ask_secret(const struct wings *wings)
{
    roleauth_conversation conversation;

    open_conversation(&conversation);
    await_go(wings);
    (void)ask(wings, &conversation, ROLEAUTH_PROMPT_SECRET, "Password: ", 0);
    await_go(wings);
    conversation.finish(conversation.data);
    tell(wings, "finished\n");
    roleauth_conversation_close(&conversation);
    await_go(wings);
}

static void ask_visible(const struct wings *wings)
{
    roleauth_conversation conversation;

    open_conversation(&conversation);
    await_go(wings);
    (void)ask(wings, &conversation, ROLEAUTH_PROMPT_VISIBLE, "Name: ", 0);
    roleauth_conversation_close(&conversation);
    tell(wings, "closed\n");
    await_go(wings);
}

static void ask_with_limit(const struct wings *wings)
{
    roleauth_conversation conversation;

    open_conversation(&conversation);
    await_go(wings);
    (void)ask(wings, &conversation, ROLEAUTH_PROMPT_SECRET, "Password: ", 1);
    await_go(wings);
    roleauth_conversation_close(&conversation);
    await_go(wings);
}

static void ask_twice(const struct wings *wings)
{
    roleauth_conversation conversation;
    roleauth_prompt text = {ROLEAUTH_SHOW_ERROR, "Sorry", NULL, 0, 0};

    open_conversation(&conversation);
    await_go(wings);
    (void)ask(wings, &conversation, ROLEAUTH_PROMPT_SECRET, "First: ", 0);
    await_go(wings);
    (void)conversation.converse(conversation.data, &text, 1, 0);
    (void)ask(wings, &conversation, ROLEAUTH_PROMPT_SECRET, "Second: ", 0);
    roleauth_conversation_close(&conversation);
    tell(wings, "closed\n");
    await_go(wings);
}

/* ---- in front of the terminal ---- */

static void set_stage(struct stage *stage, program *play)
{
    int go[2], report[2];

    memset(stage, 0, sizeof(*stage));
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    assert_int_equal(pipe2(report, O_CLOEXEC), 0);
    stage->child = forkpty(&stage->master, NULL, NULL, NULL);
    assert_int_not_equal(stage->child, -1);
    if (stage->child == 0) {
        const struct wings wings = {go[0], report[1]};

        (void)close(go[1]);
        (void)close(report[0]);
        play(&wings);
        _exit(0);
    }
    (void)close(go[0]);
    (void)close(report[1]);
    stage->go = go[1];
    stage->report = report[0];
}

static void go_on(struct stage *stage)
{
    assert_int_equal(write(stage->go, "g", 1), 1);
}

static void type(struct stage *stage, const char *bytes, size_t length)
{
    assert_int_equal(write(stage->master, bytes, length), length);
}

static void type_text(struct stage *stage, const char *text)
{
    type(stage, text, strlen(text));
}

/* Takes what is on the screen; false: nothing came in time. */
static bool watch(struct stage *stage, int milliseconds)
{
    struct pollfd watched = {stage->master, POLLIN, 0};
    ssize_t got;

    if (poll(&watched, 1, milliseconds) <= 0)
        return false;
    got = read(stage->master, stage->screen + stage->shown,
               sizeof(stage->screen) - 1 - stage->shown);
    if (got <= 0)
        return false;
    stage->shown += (size_t)got;
    stage->screen[stage->shown] = '\0';
    return true;
}

/* Waits for a text behind what was waited for before. */
static void expect(struct stage *stage, const char *text)
{
    for (;;) {
        const char *found = strstr(stage->screen + stage->seen, text);

        if (found != NULL) {
            stage->seen = (size_t)(found - stage->screen) + strlen(text);
            return;
        }
        if (!watch(stage, PATIENCE_MILLISECONDS))
            fail_msg("\"%s\" is not on the screen: \"%s\"", text,
                     stage->screen + stage->seen);
    }
}

static void assert_never_shown(struct stage *stage, const char *text)
{
    while (watch(stage, 50))
        continue;
    assert_null(strstr(stage->screen, text));
}

/* The next line of the program's report. */
static void assert_told(struct stage *stage, const char *expected)
{
    char line[700];
    size_t length = 0;

    for (;;) {
        struct pollfd watched = {stage->report, POLLIN, 0};

        /* Somebody must read the screen meanwhile. */
        (void)watch(stage, 0);
        if (poll(&watched, 1, PATIENCE_MILLISECONDS) <= 0 ||
            read(stage->report, line + length, 1) != 1 ||
            length + 1 >= sizeof(line))
            fail_msg("the program does not tell \"%s\"", expected);
        if (line[length] == '\n')
            break;
        length++;
    }
    line[length] = '\0';
    assert_string_equal(line, expected);
}

/* What is written to a pseudoterminal comes to the other side some time later;
 * waits until bytes are there, unread.  Only without ICANON. */
static void await_arrival(const struct stage *stage, int bytes)
{
    int slave = open(ptsname(stage->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    int there = -1;

    assert_true(slave >= 0);
    for (int i = 0; i < PATIENCE_MILLISECONDS && there < bytes; i++) {
        assert_int_equal(ioctl(slave, FIONREAD, &there), 0);
        (void)poll(NULL, 0, there < bytes ? 1 : 0);
    }
    assert_int_equal(there, bytes);
    (void)close(slave);
}

static bool has_mode(const struct stage *stage, tcflag_t mode)
{
    struct termios modes;

    assert_int_equal(tcgetattr(stage->master, &modes), 0);
    return (modes.c_lflag & mode) != 0;
}

static void strike_stage(struct stage *stage)
{
    int status = -1;

    /* It may be gone already; SIGPIPE is ignored. */
    (void)!write(stage->go, "g", 1);
    assert_int_equal(waitpid(stage->child, &status, 0), stage->child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    (void)close(stage->master);
    (void)close(stage->go);
    (void)close(stage->report);
}

/* ---- tests ---- */

static void test_secret(void **state)
{
    struct stage stage;

    (void)state;
    set_stage(&stage, ask_secret);
    go_on(&stage);
    expect(&stage, "Password: ");
    type_text(&stage, "secrex\x7Ft\r");
    assert_told(&stage, "6 [secret]");
    expect(&stage, "\r\n");
    /* Until the evaluation is over. */
    assert_false(has_mode(&stage, ECHO));
    assert_false(has_mode(&stage, ICANON | ISIG | IEXTEN | ECHONL));
    type_text(&stage, "more");
    await_arrival(&stage, 4);
    go_on(&stage);
    assert_told(&stage, "finished");
    assert_true(has_mode(&stage, ECHO));
    assert_true(has_mode(&stage, ICANON));
    assert_true(has_mode(&stage, ISIG));
    assert_never_shown(&stage, "secre");
    assert_never_shown(&stage, "more");
    strike_stage(&stage);
}

static void test_lengths(void **state)
{
    char typed[600], told[700];

    (void)state;
    for (size_t length = 0; length <= 512;
         length = length == 9 ? 510 : length + 1) {
        struct stage stage;

        memset(typed, 'x', length);
        memcpy(typed + length, "\n", 2);
        set_stage(&stage, ask_secret);
        go_on(&stage);
        expect(&stage, "Password: ");
        type(&stage, typed, length + 1);
        typed[length] = '\0';
        (void)snprintf(told, sizeof(told), "%zu [%.511s]", length, typed);
        assert_told(&stage, length <= 511 ? told : "unusable");
        go_on(&stage);
        strike_stage(&stage);
    }
}

static void test_nul(void **state)
{
    struct stage stage;

    (void)state;
    set_stage(&stage, ask_secret);
    go_on(&stage);
    expect(&stage, "Password: ");
    type(&stage, "a\0b\r", 4);
    assert_told(&stage, "unusable");
    go_on(&stage);
    strike_stage(&stage);
}

/* Also what was typed before the first prompt, which the kernel echoed. */
static void test_type_ahead(void **state)
{
    struct stage stage;

    (void)state;
    set_stage(&stage, ask_secret);
    type_text(&stage, "early\n");
    expect(&stage, "early");
    go_on(&stage);
    expect(&stage, "Password: ");
    type_text(&stage, "late\n");
    assert_told(&stage, "4 [late]");
    go_on(&stage);
    strike_stage(&stage);
}

static void test_type_ahead_between(void **state)
{
    struct stage stage;

    (void)state;
    set_stage(&stage, ask_twice);
    go_on(&stage);
    expect(&stage, "First: ");
    type_text(&stage, "one\n");
    assert_told(&stage, "3 [one]");
    type_text(&stage, "hidden\nhalf");
    await_arrival(&stage, 11);
    assert_false(has_mode(&stage, ECHO));
    go_on(&stage);
    expect(&stage, "Sorry\r\n");
    expect(&stage, "Second: ");
    type_text(&stage, "two\n");
    assert_told(&stage, "3 [two]");
    assert_never_shown(&stage, "hidden");
    assert_never_shown(&stage, "half");
    assert_told(&stage, "closed");
    assert_true(has_mode(&stage, ECHO));
    strike_stage(&stage);
}

static void test_interrupt_between(void **state)
{
    struct stage stage;

    (void)state;
    set_stage(&stage, ask_twice);
    go_on(&stage);
    expect(&stage, "First: ");
    type_text(&stage, "one\n");
    assert_told(&stage, "3 [one]");
    type_text(&stage, "hidden\x03more");
    await_arrival(&stage, 11);
    go_on(&stage);
    assert_told(&stage, "answer 1");
    assert_never_shown(&stage, "hidden");
    assert_told(&stage, "closed");
    assert_true(has_mode(&stage, ECHO));
    strike_stage(&stage);
}

static void test_cancel(void **state)
{
    static const char *const keys[] = {"\x03", "\x04", "\x1C"};

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct stage stage;

        set_stage(&stage, ask_secret);
        go_on(&stage);
        expect(&stage, "Password: ");
        type_text(&stage, "hidden");
        type_text(&stage, keys[i]);
        assert_told(&stage, "answer 1");
        /* At once, not only when the evaluation is over. */
        assert_true(has_mode(&stage, ECHO));
        assert_true(has_mode(&stage, ICANON));
        assert_never_shown(&stage, "hidden");
        go_on(&stage);
        strike_stage(&stage);
    }
}

static void test_time_limit(void **state)
{
    struct stage stage;

    (void)state;
    set_stage(&stage, ask_with_limit);
    go_on(&stage);
    expect(&stage, "Password: ");
    type_text(&stage, "hidden");
    assert_told(&stage, "answer 2");
    assert_true(has_mode(&stage, ECHO));
    assert_never_shown(&stage, "hidden");
    go_on(&stage);
    strike_stage(&stage);
}

struct visible {
    const char *typed;
    const char *shown;
    const char *told;
};

static void test_visible(void **state)
{
    static const struct visible cases[] = {
        {"abc\n", "Name: abc\r\n", "3 [abc]"},
        {"ab\x7F"
         "c\n",
         "Name: ab\b \bc\r\n", "2 [ac]"},
        {"\x7F\x7F"
         "a\n",
         "Name: a\r\n", "1 [a]"},
        {"\xC3\xA4\x7F"
         "b\n",
         "Name: \xC3\xA4\b \bb\r\n", "1 [b]"},
        {"\xE6\xBC\xA2\x7F"
         "b\n",
         "Name: \xE6\xBC\xA2\b \b\b \bb\r\n", "1 [b]"},
        {"\x1B[2J\n", "Name: ^[[2J\r\n", "4 [\x1B[2J]"},
        {"\xC2\x9B"
         "A\n",
         "Name: ?A\r\n",
         "3 [\xC2\x9B"
         "A]"},
        {"ab\x15"
         "c\n",
         "Name: ab\b \b\b \bc\r\n", "1 [c]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage stage;

        set_stage(&stage, ask_visible);
        go_on(&stage);
        expect(&stage, "Name: ");
        stage.seen = 0;
        type_text(&stage, cases[i].typed);
        assert_told(&stage, cases[i].told);
        expect(&stage, cases[i].shown);
        assert_told(&stage, "closed");
        assert_true(has_mode(&stage, ECHO));
        strike_stage(&stage);
    }
}

static void test_visible_too_long(void **state)
{
    struct stage stage;
    char typed[600];

    (void)state;
    memset(typed, 'x', sizeof(typed));
    set_stage(&stage, ask_visible);
    go_on(&stage);
    expect(&stage, "Name: ");
    type(&stage, typed, 300);
    (void)watch(&stage, 200);
    type(&stage, typed, 300);
    type_text(&stage, "\x15short\n");
    assert_told(&stage, "5 [short]");
    strike_stage(&stage);
}

/* ---- the terminal's way of stopping: a small shell ---- */

/* valgrind(1) blocks signals during system calls, so that nothing stops. */
static void skip_without_job_control(void)
{
    const char *preload = getenv("LD_PRELOAD");

    if (preload != NULL && strstr(preload, "vgpreload") != NULL) {
        print_message("cannot stop under valgrind\n");
        skip();
    }
}

/* The shell is the session leader; the program runs in a group of its own, and
 * waits until the shell has given it the terminal. */
static pid_t start_job(const struct wings *wings, program *job, bool foreground)
{
    int ready[2];
    char c;
    pid_t child;

    if (pipe2(ready, O_CLOEXEC) != 0 || (child = fork()) < 0)
        _exit(94);
    if (child == 0) {
        (void)setpgid(0, 0);
        (void)close(ready[1]);
        (void)!read(ready[0], &c, 1);
        job(wings);
        _exit(0);
    }
    (void)setpgid(child, child);
    /* The shell changes the terminal from wherever it is. */
    (void)signal(SIGTTOU, SIG_IGN);
    if (tcsetpgrp(STDIN_FILENO, foreground ? child : getpgrp()) != 0)
        _exit(93);
    (void)close(ready[0]);
    (void)close(ready[1]);
    return child;
}

/* What a shell does to the terminal for itself. */
static void set_echo(bool on)
{
    struct termios modes;

    (void)tcgetattr(STDIN_FILENO, &modes);
    if (on)
        modes.c_lflag |= ECHO | ICANON | ISIG;
    else
        modes.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
}

static void tell_echo(const struct wings *wings)
{
    struct termios modes;

    (void)tcgetattr(STDIN_FILENO, &modes);
    tell(wings, (modes.c_lflag & ECHO) != 0 ? "echo on\n" : "echo off\n");
}

static void await_stop(const struct wings *wings, pid_t job)
{
    char line[64];
    int status = 0;

    if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status))
        _exit(96);
    (void)snprintf(line, sizeof(line), "stopped by %s\n",
                   WSTOPSIG(status) == SIGTSTP   ? "TSTP"
                   : WSTOPSIG(status) == SIGTTOU ? "TTOU"
                   : WSTOPSIG(status) == SIGSTOP ? "STOP"
                                                 : "something else");
    tell(wings, line);
}

static void go_foreground(pid_t job)
{
    (void)tcsetpgrp(STDIN_FILENO, job);
    (void)kill(-job, SIGCONT);
}

static void await_end(pid_t job)
{
    int status = -1;

    if (waitpid(job, &status, 0) != job || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0)
        _exit(95);
    (void)tcsetpgrp(STDIN_FILENO, getpgrp());
}

static void job_asks(const struct wings *wings)
{
    roleauth_conversation conversation;

    open_conversation(&conversation);
    (void)ask(wings, &conversation, ROLEAUTH_PROMPT_SECRET, "Password: ", 0);
    roleauth_conversation_close(&conversation);
}

static void shell_suspend(const struct wings *wings)
{
    pid_t job = start_job(wings, job_asks, true);

    await_stop(wings, job);
    tell_echo(wings);
    (void)tcsetpgrp(STDIN_FILENO, getpgrp());
    await_go(wings);
    go_foreground(job);
    await_end(job);
    tell_echo(wings);
    await_go(wings);
}

static void test_suspend(void **state)
{
    struct stage stage;

    (void)state;
    skip_without_job_control();
    set_stage(&stage, shell_suspend);
    expect(&stage, "Password: ");
    type_text(&stage, "hidden\x1A");
    assert_told(&stage, "stopped by TSTP");
    assert_told(&stage, "echo on");
    assert_never_shown(&stage, "hidden");
    go_on(&stage);
    expect(&stage, "Password: ");
    type_text(&stage, "secret\n");
    assert_told(&stage, "6 [secret]");
    assert_told(&stage, "echo on");
    assert_never_shown(&stage, "secret");
    strike_stage(&stage);
}

static void shell_background(const struct wings *wings)
{
    pid_t job;

    /* As readline does while the user types at the shell. */
    set_echo(false);
    job = start_job(wings, job_asks, false);
    await_stop(wings, job);
    set_echo(true);
    await_go(wings);
    go_foreground(job);
    await_end(job);
    tell_echo(wings);
    await_go(wings);
}

/* The shell's own modes must not be taken for the user's. */
static void test_background(void **state)
{
    struct stage stage;

    (void)state;
    skip_without_job_control();
    set_stage(&stage, shell_background);
    assert_told(&stage, "stopped by TTOU");
    assert_never_shown(&stage, "Password");
    go_on(&stage);
    expect(&stage, "Password: ");
    type_text(&stage, "secret\n");
    assert_told(&stage, "6 [secret]");
    assert_told(&stage, "echo on");
    assert_never_shown(&stage, "secret");
    strike_stage(&stage);
}

static void shell_stops_it(const struct wings *wings)
{
    pid_t job = start_job(wings, job_asks, true);

    await_go(wings);
    (void)kill(job, SIGSTOP);
    await_stop(wings, job);
    (void)tcsetpgrp(STDIN_FILENO, getpgrp());
    set_echo(true);
    tell_echo(wings);
    await_go(wings);
    go_foreground(job);
    await_end(job);
    tell_echo(wings);
    await_go(wings);
}

/* Nobody asked us: the modes are found lost, and set again. */
static void test_stopped_from_outside(void **state)
{
    struct stage stage;

    (void)state;
    skip_without_job_control();
    set_stage(&stage, shell_stops_it);
    expect(&stage, "Password: ");
    go_on(&stage);
    assert_told(&stage, "stopped by STOP");
    assert_told(&stage, "echo on");
    go_on(&stage);
    expect(&stage, "Password: ");
    assert_false(has_mode(&stage, ECHO));
    type_text(&stage, "secret\n");
    assert_told(&stage, "6 [secret]");
    assert_told(&stage, "echo on");
    assert_never_shown(&stage, "secret");
    strike_stage(&stage);
}

/* ---- ends ---- */

static roleauth_conversation dying;

static void on_terminate(int number)
{
    (void)number;
    roleauth_conversation_restore(&dying);
    _exit(0);
}

static void die_at_prompt(const struct wings *wings)
{
    open_conversation(&dying);
    (void)signal(SIGTERM, on_terminate);
    (void)ask(wings, &dying, ROLEAUTH_PROMPT_SECRET, "Password: ", 0);
}

/* Stopped, it cannot read what is typed; then it is told to die. */
static void shell_sees_it_die(const struct wings *wings)
{
    pid_t job = start_job(wings, die_at_prompt, true);

    await_go(wings);
    (void)kill(job, SIGSTOP);
    await_stop(wings, job);
    await_go(wings);
    (void)kill(job, SIGTERM);
    (void)kill(job, SIGCONT);
    await_end(job);
    tell_echo(wings);
    await_go(wings);
}

static void test_restore(void **state)
{
    struct stage stage;

    (void)state;
    skip_without_job_control();
    set_stage(&stage, shell_sees_it_die);
    expect(&stage, "Password: ");
    go_on(&stage);
    assert_told(&stage, "stopped by STOP");
    type_text(&stage, "hidden");
    await_arrival(&stage, 6);
    assert_false(has_mode(&stage, ECHO));
    go_on(&stage);
    assert_told(&stage, "echo on");
    assert_never_shown(&stage, "hidden");
    strike_stage(&stage);
}

static void ask_deaf(const struct wings *wings)
{
    (void)signal(SIGHUP, SIG_IGN);
    ask_visible(wings);
}

static void test_hang_up(void **state)
{
    struct stage stage;

    (void)state;
    set_stage(&stage, ask_deaf);
    go_on(&stage);
    expect(&stage, "Name: ");
    (void)close(stage.master);
    stage.master = -1;
    assert_told(&stage, "answer 1");
    strike_stage(&stage);
}

static void ask_nobody(const struct wings *wings)
{
    roleauth_conversation conversation;
    roleauth_prompt text = {ROLEAUTH_SHOW_INFO, "hello", NULL, 0, 0};
    pid_t child = fork();
    int status;

    if (child == 0) {
        (void)setsid();
        open_conversation(&conversation);
        (void)ask(wings, &conversation, ROLEAUTH_PROMPT_SECRET, "P", 0);
        if (conversation.converse(conversation.data, &text, 1, 0) ==
            ROLEAUTH_ANSWER_NOBODY)
            tell(wings, "not shown\n");
        conversation.finish(conversation.data);
        roleauth_conversation_close(&conversation);
        _exit(0);
    }
    (void)waitpid(child, &status, 0);
    await_go(wings);
}

static void test_nobody(void **state)
{
    struct stage stage;

    (void)state;
    set_stage(&stage, ask_nobody);
    assert_told(&stage, "answer 3");
    assert_told(&stage, "not shown");
    strike_stage(&stage);
}

static void test_other_paths(void **state)
{
    static const char *const paths[] = {"/no/such/tty", "/dev/null", ""};
    char reply[512];
    roleauth_prompt prompt = {ROLEAUTH_PROMPT_SECRET, "P", reply, sizeof(reply),
                              0};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        roleauth_conversation conversation;

        assert_int_equal(
            roleauth_conversation_terminal(&conversation, paths[i]), 0);
        assert_int_equal(
            conversation.converse(conversation.data, &prompt, 1, 0),
            ROLEAUTH_ANSWER_NOBODY);
        roleauth_conversation_restore(&conversation);
        roleauth_conversation_close(&conversation);
    }
    assert_int_equal(roleauth_conversation_terminal(NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_type_ahead),
        cmocka_unit_test(test_type_ahead_between),
        cmocka_unit_test(test_interrupt_between),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_time_limit),
        cmocka_unit_test(test_visible),
        cmocka_unit_test(test_visible_too_long),
        cmocka_unit_test(test_suspend),
        cmocka_unit_test(test_background),
        cmocka_unit_test(test_stopped_from_outside),
        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_hang_up),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_other_paths),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The conversation on a terminal.
 *
 * readpassphrase(3) turns echo on again after each answer, so that what is
 * typed during the check appears on the screen, and it handles signals.  Here
 * echo is off from the first prompt to finish(), and ^C, ^Z and their like
 * arrive as characters.  No signal handler is needed, but the modes can be
 * lost when somebody else stops the process and the shell continues it: they
 * are looked at again twice a second and before each byte counts. */
#include <roleauth.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "auth/io.h"
#include "auth/line.h"

#define DEFAULT_TTY "/dev/tty"
#define SLICE_MILLISECONDS 500
#define CONTROL_C 3
#define OUR_MODES (ECHO | ECHONL | ICANON | ISIG | IEXTEN)

struct terminal {
    char *path;
    int fd;             /* -1: not open */
    bool know_saved;    /* saved is what it was before the first prompt */
    bool in_foreground; /* it was ours to set, by job control */
    struct termios saved, ours;
    struct ra_line_keys keys;
    /* The modes are ours.  Read by a signal handler, hence set before. */
    volatile sig_atomic_t taken;
};

/* One prompt being answered. */
struct asking {
    struct terminal *terminal;
    roleauth_prompt *prompt;
    struct ra_deadline deadline;
    struct ra_line line;
    /* What a visible answer shows: for each cell where it ends in the text,
     * and its columns. */
    size_t cells;
    unsigned short ends[ROLEAUTH_MAX_PASSWORD + 1];
    unsigned char columns[ROLEAUTH_MAX_PASSWORD + 1];
};

/* ---- taking and giving back ---- */

static roleauth_answer open_terminal(struct terminal *terminal)
{
    struct termios probe;

    if (terminal->fd >= 0)
        return ROLEAUTH_ANSWERED;
    terminal->fd = open(terminal->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal->fd < 0)
        return ROLEAUTH_ANSWER_NOBODY;
    if (tcgetattr(terminal->fd, &probe) == 0)
        return ROLEAUTH_ANSWERED;
    (void)close(terminal->fd);
    terminal->fd = -1;
    return ROLEAUTH_ANSWER_NOBODY;
}

static unsigned char key(const struct termios *modes, int which)
{
    return modes->c_cc[which];
}

/* Remembers how the terminal was, and computes how we want it. */
static bool learn_modes(struct terminal *terminal)
{
    if (tcgetattr(terminal->fd, &terminal->saved) != 0)
        return false;
    terminal->ours = terminal->saved;
    terminal->ours.c_lflag &= ~(tcflag_t)OUR_MODES;
    terminal->ours.c_cc[VMIN] = 1;
    terminal->ours.c_cc[VTIME] = 0;
    terminal->keys.erase = key(&terminal->saved, VERASE);
    terminal->keys.kill = key(&terminal->saved, VKILL);
    terminal->keys.word_erase = key(&terminal->saved, VWERASE);
    terminal->keys.interrupt = key(&terminal->saved, VINTR);
    terminal->keys.quit = key(&terminal->saved, VQUIT);
    terminal->keys.end_of_file = key(&terminal->saved, VEOF);
    terminal->keys.suspend = key(&terminal->saved, VSUSP);
    terminal->know_saved = true;
    return true;
}

static bool has_our_modes(const struct terminal *terminal)
{
    struct termios now;

    return tcgetattr(terminal->fd, &now) == 0 &&
           (now.c_lflag & OUR_MODES) == (terminal->ours.c_lflag & OUR_MODES);
}

/* Also run in a signal handler: only calls of signal-safety(7). */
static void give_back(struct terminal *terminal)
{
    pid_t owner;

    if (!terminal->taken)
        return;
    owner = tcgetpgrp(terminal->fd);
    /* Put into the background, the modes are the shell's; to set them would
     * stop us by SIGTTOU. */
    if (!terminal->in_foreground || owner == -1 || owner == getpgrp())
        while (tcsetattr(terminal->fd, TCSAFLUSH, &terminal->saved) != 0 &&
               errno == EINTR)
            continue;
    terminal->taken = 0;
}

/* Sets our modes and drops what was typed before.  tcflush(3) comes first
 * because it stops a background process by SIGTTOU, as tcsetattr(3) does: the
 * modes that the shell uses for itself must not be taken for the user's. */
static roleauth_answer take(struct terminal *terminal)
{
    int code;

    while (tcflush(terminal->fd, TCIFLUSH) != 0)
        if (errno != EINTR)
            return ROLEAUTH_ANSWER_NOBODY;
    if (!terminal->know_saved && !learn_modes(terminal))
        return ROLEAUTH_ANSWER_FAILED;
    terminal->in_foreground = tcgetpgrp(terminal->fd) == getpgrp();
    terminal->taken = 1;
    do {
        code = tcsetattr(terminal->fd, TCSAFLUSH, &terminal->ours);
    } while (code != 0 && errno == EINTR);
    /* tcsetattr(3) succeeds when it could do any part of it. */
    if (code == 0 && has_our_modes(terminal))
        return ROLEAUTH_ANSWERED;
    give_back(terminal);
    return ROLEAUTH_ANSWER_FAILED;
}

/* Drops what was typed since the last answer; an interrupt in it counts. */
static roleauth_answer drop_type_ahead(const struct terminal *terminal)
{
    struct pollfd watched = {terminal->fd, POLLIN, 0};
    roleauth_answer answer = ROLEAUTH_ANSWERED;
    unsigned char c = 0;

    while (poll(&watched, 1, 0) > 0) {
        if (ra_read_byte(terminal->fd, &c) <= 0) {
            answer = ROLEAUTH_ANSWER_CANCELLED;
            break;
        }
        if (c == CONTROL_C || (c != 0 && c == terminal->keys.interrupt))
            answer = ROLEAUTH_ANSWER_CANCELLED;
    }
    explicit_bzero(&c, sizeof(c));
    return answer;
}

/* As a terminal does on its suspend character: the whole process group. */
static void suspend(struct terminal *terminal,
                    const struct ra_deadline *deadline)
{
    give_back(terminal);
    (void)ra_write_all(terminal->fd, "\n", 1, deadline);
    (void)kill(0, SIGTSTP);
}

/* ---- a visible answer ---- */

static void erase_cells(struct asking *asking, struct ra_line_cell *cell)
{
    while (asking->cells > 0 &&
           asking->ends[asking->cells - 1] > asking->line.length) {
        asking->cells--;
        for (unsigned i = 0; i < asking->columns[asking->cells]; i++)
            (void)ra_write_all(asking->terminal->fd, "\b \b", 3,
                               &asking->deadline);
    }
    explicit_bzero(cell, sizeof(*cell));
}

/* Brings the screen up to the line. */
static void echo(struct asking *asking)
{
    const struct ra_line *line = &asking->line;
    struct ra_line_cell cell;
    size_t at;

    if (asking->prompt->style != ROLEAUTH_PROMPT_VISIBLE)
        return;
    erase_cells(asking, &cell);
    at = asking->cells > 0 ? asking->ends[asking->cells - 1] : 0;
    while (asking->cells < ROLEAUTH_MAX_PASSWORD &&
           ra_line_cell(line->text + at, line->length - at, &cell)) {
        at += cell.taken;
        asking->ends[asking->cells] = (unsigned short)at;
        asking->columns[asking->cells] = cell.columns;
        asking->cells++;
        (void)ra_write_all(asking->terminal->fd, cell.bytes, cell.length,
                           &asking->deadline);
    }
    explicit_bzero(&cell, sizeof(cell));
}

/* ---- a prompt ---- */

/* What one step of reading came to. */
enum step { STEP_MORE, STEP_AGAIN, STEP_END };

/* Waits for a byte and feeds it to the line.  STEP_AGAIN: start over with the
 * prompt; STEP_END: *answer tells how it ended. */
static enum step read_step(struct asking *asking, roleauth_answer *answer)
{
    struct terminal *terminal = asking->terminal;
    struct pollfd watched = {terminal->fd, POLLIN, 0};
    int left = ra_deadline_left(&asking->deadline, SLICE_MILLISECONDS);
    int ready;
    unsigned char c = 0;
    enum ra_line_event event;

    *answer = ROLEAUTH_ANSWER_TIMEOUT;
    if (left == 0)
        return STEP_END;
    ready = poll(&watched, 1, left);
    *answer = ROLEAUTH_ANSWER_FAILED;
    if (ready < 0 && errno != EINTR && errno != EAGAIN)
        return STEP_END;
    if (!has_our_modes(terminal) && (watched.revents & POLLHUP) == 0)
        return STEP_AGAIN;
    if (ready <= 0)
        return STEP_MORE;
    /* Hung up: the end of input. */
    *answer = ROLEAUTH_ANSWER_CANCELLED;
    if (ra_read_byte(terminal->fd, &c) <= 0)
        return STEP_END;
    event = ra_line_feed(&asking->line, c);
    explicit_bzero(&c, sizeof(c));
    if (event == RA_LINE_SUSPEND) {
        suspend(terminal, &asking->deadline);
        return STEP_AGAIN;
    }
    if (event == RA_LINE_DONE)
        *answer = ROLEAUTH_ANSWERED;
    if (event != RA_LINE_MORE)
        return STEP_END;
    echo(asking);
    return STEP_MORE;
}

/* Makes the terminal ours, writes the prompt, and starts an empty line. */
static roleauth_answer begin(struct asking *asking)
{
    struct terminal *terminal = asking->terminal;
    roleauth_prompt *prompt = asking->prompt;
    roleauth_answer answer = terminal->taken && has_our_modes(terminal)
                                 ? drop_type_ahead(terminal)
                                 : take(terminal);

    if (answer != ROLEAUTH_ANSWERED)
        return answer;
    ra_line_start(&asking->line, prompt->reply, prompt->reply_size,
                  &terminal->keys);
    asking->cells = 0;
    return ra_write_all(terminal->fd, prompt->text, strlen(prompt->text),
                        &asking->deadline)
               ? ROLEAUTH_ANSWERED
               : ROLEAUTH_ANSWER_FAILED;
}

static roleauth_answer ask(struct terminal *terminal, roleauth_prompt *prompt,
                           unsigned timeout)
{
    struct asking asking = {.terminal = terminal, .prompt = prompt};
    enum step step = STEP_AGAIN;
    roleauth_answer answer = ROLEAUTH_ANSWER_FAILED;

    ra_deadline_start(&asking.deadline, timeout);
    do {
        if (step == STEP_AGAIN) {
            answer = begin(&asking);
            if (answer != ROLEAUTH_ANSWERED)
                break;
        }
        step = read_step(&asking, &answer);
    } while (step != STEP_END);
    if (terminal->taken)
        (void)ra_write_all(terminal->fd, "\n", 1, &asking.deadline);
    if (answer == ROLEAUTH_ANSWERED) {
        prompt->reply_length =
            asking.line.unusable ? ROLEAUTH_REPLY_UNUSABLE : asking.line.length;
    } else {
        /* TCSAFLUSH: what was typed so far never reaches the screen. */
        give_back(terminal);
        explicit_bzero(prompt->reply, prompt->reply_size);
    }
    explicit_bzero(&asking, sizeof(asking));
    return answer;
}

static roleauth_answer converse(void *data, roleauth_prompt *prompts,
                                size_t count, unsigned timeout)
{
    struct terminal *terminal = data;
    roleauth_answer answer = open_terminal(terminal);

    for (size_t i = 0; i < count && answer == ROLEAUTH_ANSWERED; i++) {
        if (prompts[i].reply != NULL) {
            answer = ask(terminal, &prompts[i], timeout);
        } else {
            struct ra_deadline deadline;

            ra_deadline_start(&deadline, timeout);
            answer = ra_show_line(terminal->fd, prompts[i].text, &deadline);
        }
    }
    return answer;
}

static void finish(void *data)
{
    struct terminal *terminal = data;

    give_back(terminal);
    if (terminal->fd >= 0)
        (void)close(terminal->fd);
    terminal->fd = -1;
    terminal->know_saved = false;
}

static void release(void *data)
{
    struct terminal *terminal = data;

    finish(terminal);
    free(terminal->path);
    free(terminal);
}

int roleauth_conversation_terminal(roleauth_conversation *conversation,
                                   const char *tty)
{
    struct terminal *terminal;

    if (conversation == NULL)
        return ROLEAUTH_E_ARGUMENT;
    memset(conversation, 0, sizeof(*conversation));
    terminal = calloc(1, sizeof(*terminal));
    if (terminal == NULL)
        return ROLEAUTH_E_NOMEM;
    terminal->fd = -1;
    terminal->path = strdup(tty != NULL ? tty : DEFAULT_TTY);
    if (terminal->path == NULL) {
        free(terminal);
        return ROLEAUTH_E_NOMEM;
    }
    conversation->converse = converse;
    conversation->finish = finish;
    conversation->release = release;
    conversation->data = terminal;
    return ROLEAUTH_OK;
}

void roleauth_conversation_restore(const roleauth_conversation *conversation)
{
    int saved = errno;

    if (conversation != NULL && conversation->converse == converse &&
        conversation->data != NULL)
        give_back(conversation->data);
    errno = saved;
}

void roleauth_conversation_close(roleauth_conversation *conversation)
{
    roleauth_conversation old;

    if (conversation == NULL)
        return;
    /* Cleared first: a signal handler may look at it meanwhile. */
    old = *conversation;
    memset(conversation, 0, sizeof(*conversation));
    if (old.release != NULL)
        old.release(old.data);
}

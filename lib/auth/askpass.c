/* SPDX-License-Identifier: MIT */
/* A conversation that answers with what a program prints. */
#include <roleauth.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/io.h"
#include "auth/spawn.h"

/* A program that prints more than this behind its line is broken. */
#define REST_MAX 65536
/* How often a program that printed its line is looked at for its end. */
#define NAP_MILLISECONDS 10

extern char **environ;

struct askpass {
    char *program;
    int output;
};

/* Starts the program with text as its argument, printing into output. */
static bool start(const struct askpass *askpass, const char *text, int output,
                  pid_t *child)
{
    char *const arguments[] = {askpass->program, (char *)text, NULL};
    const struct ra_spawn spawn = {
        .arguments = arguments,
        .environment = environ,
        .output = output,
        .errors = -1,
    };

    return ra_spawn(&spawn, child) == 0;
}

/* ---- ending ---- */

/* Waits for the end, in time; then it is killed.  The program is always
 * reaped.  Returns how it ended. */
static roleauth_answer reap(pid_t child, const struct ra_deadline *deadline,
                            bool stop)
{
    bool late = false;
    int status = 0;
    pid_t done;

    for (;;) {
        if (stop)
            (void)kill(child, SIGKILL);
        done = waitpid(child, &status, stop ? 0 : WNOHANG);
        if (done == child)
            break;
        if (done < 0 && errno != EINTR)
            return ROLEAUTH_ANSWER_FAILED;
        if (done == 0 && ra_deadline_left(deadline, 1) == 0)
            late = stop = true;
        else if (done == 0)
            (void)poll(NULL, 0, NAP_MILLISECONDS);
    }
    if (late)
        return ROLEAUTH_ANSWER_TIMEOUT;
    if (!WIFEXITED(status) || WEXITSTATUS(status) == RA_EXIT_NOT_RUN)
        return ROLEAUTH_ANSWER_FAILED;
    return WEXITSTATUS(status) == 0 ? ROLEAUTH_ANSWERED
                                    : ROLEAUTH_ANSWER_CANCELLED;
}

/* Reads and forgets what is printed behind the line. */
static roleauth_answer skip_rest(int fd, const struct ra_deadline *deadline)
{
    for (size_t rest = 0; rest < REST_MAX; rest++) {
        roleauth_answer answer = ra_wait_for(fd, POLLIN, deadline);
        unsigned char c;
        int got;

        if (answer != ROLEAUTH_ANSWERED)
            return answer;
        got = ra_read_byte(fd, &c);
        explicit_bzero(&c, sizeof(c));
        if (got == 0)
            return ROLEAUTH_ANSWERED;
        if (got < 0)
            return ROLEAUTH_ANSWER_FAILED;
    }
    return ROLEAUTH_ANSWER_FAILED;
}

/* ---- the conversation ---- */

/* Its exit status tells more than what it printed. */
static roleauth_answer listen_to(int fd, pid_t child, roleauth_prompt *prompt,
                                 const struct ra_deadline *deadline)
{
    roleauth_answer answer = ra_read_line(fd, prompt, deadline);
    roleauth_answer ended;

    if (answer == ROLEAUTH_ANSWERED)
        answer = skip_rest(fd, deadline);
    ended = reap(child, deadline,
                 answer == ROLEAUTH_ANSWER_TIMEOUT ||
                     answer == ROLEAUTH_ANSWER_FAILED);
    if (answer != ROLEAUTH_ANSWERED && answer != ROLEAUTH_ANSWER_CANCELLED)
        return answer;
    return ended != ROLEAUTH_ANSWERED ? ended : answer;
}

static roleauth_answer ask(const struct askpass *askpass,
                           roleauth_prompt *prompt,
                           const struct ra_deadline *deadline)
{
    roleauth_answer answer = ROLEAUTH_ANSWER_FAILED;
    int ends[2];
    pid_t child;
    bool started;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return ROLEAUTH_ANSWER_FAILED;
    started = start(askpass, prompt->text, ends[1], &child);
    (void)close(ends[1]);
    if (started)
        answer = listen_to(ends[0], child, prompt, deadline);
    (void)close(ends[0]);
    if (answer != ROLEAUTH_ANSWERED)
        explicit_bzero(prompt->reply, prompt->reply_size);
    return answer;
}

static roleauth_answer converse(void *data, roleauth_prompt *prompts,
                                size_t count, unsigned timeout)
{
    const struct askpass *askpass = data;
    roleauth_answer answer = ROLEAUTH_ANSWERED;

    for (size_t i = 0; i < count && answer == ROLEAUTH_ANSWERED; i++) {
        struct ra_deadline deadline;

        ra_deadline_start(&deadline, timeout);
        if (prompts[i].reply != NULL)
            answer = ask(askpass, &prompts[i], &deadline);
        else
            answer = ra_show_line(askpass->output, prompts[i].text, &deadline);
    }
    return answer;
}

static void release(void *data)
{
    struct askpass *askpass = data;

    free(askpass->program);
    free(askpass);
}

int roleauth_conversation_askpass(roleauth_conversation *conversation,
                                  const char *program, int output)
{
    struct askpass *askpass;

    if (conversation == NULL)
        return ROLEAUTH_E_ARGUMENT;
    memset(conversation, 0, sizeof(*conversation));
    if (program == NULL || strchr(program, '/') == NULL)
        return ROLEAUTH_E_ARGUMENT;
    askpass = calloc(1, sizeof(*askpass));
    if (askpass == NULL)
        return ROLEAUTH_E_NOMEM;
    askpass->program = strdup(program);
    if (askpass->program == NULL) {
        free(askpass);
        return ROLEAUTH_E_NOMEM;
    }
    askpass->output = output;
    conversation->converse = converse;
    conversation->release = release;
    conversation->data = askpass;
    return ROLEAUTH_OK;
}

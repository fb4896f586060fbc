/* SPDX-License-Identifier: MIT */
/* A conversation that answers with lines from a descriptor. */
#include <roleauth.h>
#include <stdlib.h>
#include <string.h>

#include "auth/io.h"

struct lines {
    int input, output;
};

static roleauth_answer converse_one(const struct lines *lines,
                                    roleauth_prompt *prompt, unsigned timeout)
{
    struct ra_deadline deadline;

    ra_deadline_start(&deadline, timeout);
    if (prompt->reply == NULL)
        return ra_show_line(lines->output, prompt->text, &deadline);
    if (lines->output >= 0 && !ra_write_all(lines->output, prompt->text,
                                            strlen(prompt->text), &deadline))
        return ROLEAUTH_ANSWER_FAILED;
    return ra_read_line(lines->input, prompt, &deadline);
}

static roleauth_answer converse(void *data, roleauth_prompt *prompts,
                                size_t count, unsigned timeout)
{
    roleauth_answer answer = ROLEAUTH_ANSWERED;

    for (size_t i = 0; i < count && answer == ROLEAUTH_ANSWERED; i++)
        answer = converse_one(data, &prompts[i], timeout);
    return answer;
}

int roleauth_conversation_lines(roleauth_conversation *conversation, int input,
                                int output)
{
    struct lines *lines;

    if (conversation == NULL)
        return ROLEAUTH_E_ARGUMENT;
    memset(conversation, 0, sizeof(*conversation));
    if (input < 0)
        return ROLEAUTH_E_ARGUMENT;
    lines = calloc(1, sizeof(*lines));
    if (lines == NULL)
        return ROLEAUTH_E_NOMEM;
    lines->input = input;
    lines->output = output;
    conversation->converse = converse;
    conversation->release = free;
    conversation->data = lines;
    return ROLEAUTH_OK;
}

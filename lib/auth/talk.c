/* SPDX-License-Identifier: MIT */
#include "auth/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

#define REPLY_SIZE (ROLEAUTH_MAX_PASSWORD + 1)
#define TEXT_MAX 262144

struct ra_talk {
    roleauth_conversation conversation;
    bool somebody;
    const roleauth_clock *clock;
    unsigned timeout;
    char *reply; /* REPLY_SIZE bytes, made for the first prompt */
    unsigned exchanges;
    bool answered;
    roleauth_time answered_at;
};

ra_talk *ra_talk_new(const roleauth_conversation *conversation,
                     const roleauth_clock *clock, unsigned timeout)
{
    ra_talk *talk = calloc(1, sizeof(*talk));

    if (talk == NULL)
        return NULL;
    if (conversation != NULL && conversation->converse != NULL) {
        talk->conversation = *conversation;
        talk->somebody = true;
    }
    talk->clock = clock;
    talk->timeout = timeout;
    return talk;
}

void ra_talk_free(ra_talk **talk)
{
    ra_talk *old = *talk;

    *talk = NULL;
    if (old == NULL)
        return;
    if (old->somebody && old->conversation.finish != NULL)
        old->conversation.finish(old->conversation.data);
    ra_secret_free(old->reply);
    free(old);
}

/* One prompt through the callback, whose answer is normalised. */
static roleauth_answer converse(ra_talk *talk, roleauth_prompt *prompt,
                                const char *text)
{
    struct ra_buf safe = RA_BUF_INIT(TEXT_MAX);
    roleauth_answer answer;

    if (!talk->somebody)
        return ROLEAUTH_ANSWER_NOBODY;
    if (!ra_text_add_display(&safe, text, strlen(text))) {
        ra_buf_free(&safe);
        return ROLEAUTH_ANSWER_FAILED;
    }
    prompt->text = safe.data != NULL ? safe.data : "";
    answer = talk->conversation.converse(talk->conversation.data, prompt, 1,
                                         talk->timeout);
    ra_buf_free(&safe);
    switch (answer) {
    case ROLEAUTH_ANSWERED:
        talk->exchanges++;
        return ROLEAUTH_ANSWERED;
    case ROLEAUTH_ANSWER_CANCELLED:
    case ROLEAUTH_ANSWER_TIMEOUT:
    case ROLEAUTH_ANSWER_NOBODY:
        return answer;
    default:
        return ROLEAUTH_ANSWER_FAILED;
    }
}

roleauth_answer ra_talk_ask(ra_talk *talk, roleauth_style style,
                            const char *text, const char **reply)
{
    roleauth_prompt prompt = {style, NULL, NULL, REPLY_SIZE,
                              ROLEAUTH_REPLY_UNSET};
    roleauth_answer answer;

    *reply = NULL;
    if (talk->reply == NULL)
        talk->reply = ra_secret_alloc(REPLY_SIZE);
    if (talk->reply == NULL)
        return ROLEAUTH_ANSWER_FAILED;
    ra_talk_forget(talk);
    prompt.reply = talk->reply;
    answer = converse(talk, &prompt, text);
    if (answer == ROLEAUTH_ANSWERED &&
        prompt.reply_length == ROLEAUTH_REPLY_UNSET)
        answer = ROLEAUTH_ANSWER_FAILED;
    if (answer != ROLEAUTH_ANSWERED) {
        ra_talk_forget(talk);
        return answer;
    }
    talk->answered = ra_clock_now(talk->clock, &talk->answered_at) == 0;
    /* What the callback says of its answer must be so. */
    if (prompt.reply_length < REPLY_SIZE &&
        talk->reply[prompt.reply_length] == '\0' &&
        memchr(talk->reply, '\0', prompt.reply_length) == NULL)
        *reply = talk->reply;
    else
        ra_talk_forget(talk);
    return ROLEAUTH_ANSWERED;
}

bool ra_talk_show(ra_talk *talk, roleauth_style style, const char *text)
{
    roleauth_prompt prompt = {style, NULL, NULL, 0, 0};

    return converse(talk, &prompt, text) == ROLEAUTH_ANSWERED;
}

void ra_talk_forget(ra_talk *talk)
{
    if (talk->reply != NULL)
        explicit_bzero(talk->reply, REPLY_SIZE);
}

void ra_talk_start_method(ra_talk *talk)
{
    talk->answered = false;
}

unsigned ra_talk_exchanges(const ra_talk *talk)
{
    return talk->exchanges;
}

bool ra_talk_answered_at(const ra_talk *talk, roleauth_time *time)
{
    if (talk->answered)
        *time = talk->answered_at;
    return talk->answered;
}

roleauth_reason ra_answer_reason(roleauth_answer answer)
{
    switch (answer) {
    case ROLEAUTH_ANSWER_CANCELLED:
        return ROLEAUTH_REASON_CANCELLED;
    case ROLEAUTH_ANSWER_TIMEOUT:
        return ROLEAUTH_REASON_TIMEOUT;
    case ROLEAUTH_ANSWER_NOBODY:
        return ROLEAUTH_REASON_PROMPT_NEEDED;
    default:
        return ROLEAUTH_REASON_UNAVAILABLE;
    }
}

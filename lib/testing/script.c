/* SPDX-License-Identifier: MIT */
#include <roleauth_testing.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct reply {
    roleauth_answer answer;
    char *text;
};

struct shown {
    roleauth_style style;
    char *text;
};

struct roleauth_script {
    struct reply *replies;
    size_t reply_count, next_reply;
    struct shown *shown;
    size_t shown_count;
    void (*before)(void *data);
    void *before_data;
    unsigned finished;
};

roleauth_script *roleauth_script_new(void)
{
    return calloc(1, sizeof(roleauth_script));
}

void roleauth_script_free(roleauth_script **script)
{
    if (script == NULL || *script == NULL)
        return;
    for (size_t i = 0; i < (*script)->reply_count; i++)
        free((*script)->replies[i].text);
    for (size_t i = 0; i < (*script)->shown_count; i++)
        free((*script)->shown[i].text);
    free((*script)->replies);
    free((*script)->shown);
    free(*script);
    *script = NULL;
}

static int add_reply(roleauth_script *script, roleauth_answer answer,
                     const char *text)
{
    struct reply *grown;

    if (script == NULL)
        return ROLEAUTH_E_ARGUMENT;
    grown =
        reallocarray(script->replies, script->reply_count + 1, sizeof(*grown));
    if (grown == NULL)
        return ROLEAUTH_E_NOMEM;
    script->replies = grown;
    grown[script->reply_count].answer = answer;
    grown[script->reply_count].text = strdup(text);
    if (grown[script->reply_count].text == NULL)
        return ROLEAUTH_E_NOMEM;
    script->reply_count++;
    return 0;
}

int roleauth_script_type(roleauth_script *script, const char *answer)
{
    return answer != NULL ? add_reply(script, ROLEAUTH_ANSWERED, answer)
                          : ROLEAUTH_E_ARGUMENT;
}

int roleauth_script_fail(roleauth_script *script, roleauth_answer answer)
{
    return add_reply(script, answer, "");
}

void roleauth_script_before_answer(roleauth_script *script,
                                   void (*call)(void *data), void *data)
{
    if (script == NULL)
        return;
    script->before = call;
    script->before_data = data;
}

static bool keep_shown(roleauth_script *script, const roleauth_prompt *prompt)
{
    struct shown *grown =
        reallocarray(script->shown, script->shown_count + 1, sizeof(*grown));

    if (grown == NULL)
        return false;
    script->shown = grown;
    grown[script->shown_count].style = prompt->style;
    grown[script->shown_count].text = strdup(prompt->text);
    if (grown[script->shown_count].text == NULL)
        return false;
    script->shown_count++;
    return true;
}

static roleauth_answer answer(roleauth_script *script, roleauth_prompt *prompt)
{
    const struct reply *reply;
    void (*before)(void *data) = script->before;
    size_t length;

    script->before = NULL;
    if (before != NULL)
        before(script->before_data);
    if (script->next_reply >= script->reply_count)
        return ROLEAUTH_ANSWER_CANCELLED;
    reply = &script->replies[script->next_reply++];
    if (reply->answer != ROLEAUTH_ANSWERED)
        return reply->answer;
    length = strlen(reply->text);
    if (length >= prompt->reply_size) {
        prompt->reply_length = ROLEAUTH_REPLY_UNUSABLE;
        return ROLEAUTH_ANSWERED;
    }
    memcpy(prompt->reply, reply->text, length + 1);
    prompt->reply_length = length;
    return ROLEAUTH_ANSWERED;
}

static roleauth_answer converse(void *data, roleauth_prompt *prompts,
                                size_t count, unsigned timeout)
{
    roleauth_script *script = data;

    (void)timeout;
    for (size_t i = 0; i < count; i++) {
        roleauth_answer outcome;

        if (!keep_shown(script, &prompts[i]))
            return ROLEAUTH_ANSWER_FAILED;
        if (prompts[i].reply == NULL)
            continue;
        outcome = answer(script, &prompts[i]);
        if (outcome != ROLEAUTH_ANSWERED)
            return outcome;
    }
    return ROLEAUTH_ANSWERED;
}

static void finish(void *data)
{
    roleauth_script *script = data;

    script->finished++;
}

roleauth_conversation roleauth_script_conversation(roleauth_script *script)
{
    const roleauth_conversation none = ROLEAUTH_CONVERSATION_INIT;
    const roleauth_conversation conversation = {converse, finish, NULL, script};

    return script != NULL ? conversation : none;
}

size_t roleauth_script_count(const roleauth_script *script)
{
    return script != NULL ? script->shown_count : 0;
}

static bool is_prompt(roleauth_style style)
{
    return style == ROLEAUTH_PROMPT_SECRET || style == ROLEAUTH_PROMPT_VISIBLE;
}

size_t roleauth_script_prompts(const roleauth_script *script)
{
    size_t count = 0;

    for (size_t i = 0; i < roleauth_script_count(script); i++)
        count += is_prompt(script->shown[i].style);
    return count;
}

const char *roleauth_script_text(const roleauth_script *script, size_t index,
                                 roleauth_style *style)
{
    if (index >= roleauth_script_count(script))
        return NULL;
    if (style != NULL)
        *style = script->shown[index].style;
    return script->shown[index].text;
}

unsigned roleauth_script_finished(const roleauth_script *script)
{
    return script != NULL ? script->finished : 0;
}

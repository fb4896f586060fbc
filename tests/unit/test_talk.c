/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <roleauth_testing.h>
#include <string.h>

#include "auth/auth.h"

/* What the callback does at its next call. */
struct partner {
    roleauth_answer answer;
    const char *bytes; /* written into the reply ... */
    size_t size;
    size_t claimed; /* ... and this is said to be its length */
    char *reply;    /* where it was */
    size_t reply_size;
    bool was_wiped; /* was the reply all zero before? */
    char text[600];
    unsigned timeout, calls, finished;
    roleauth_style style;
};

static roleauth_answer converse(void *data, roleauth_prompt *prompts,
                                size_t count, unsigned timeout)
{
    struct partner *partner = data;

    assert_int_equal(count, 1);
    partner->calls++;
    partner->timeout = timeout;
    partner->style = prompts->style;
    partner->reply = prompts->reply;
    partner->reply_size = prompts->reply_size;
    (void)strncpy(partner->text, prompts->text, sizeof(partner->text) - 1);
    if (prompts->reply != NULL) {
        partner->was_wiped = true;
        for (size_t i = 0; i < prompts->reply_size; i++)
            if (prompts->reply[i] != 0)
                partner->was_wiped = false;
        memcpy(prompts->reply, partner->bytes, partner->size);
        prompts->reply_length = partner->claimed;
    }
    return partner->answer;
}

static void finish(void *data)
{
    ((struct partner *)data)->finished++;
}

struct world {
    struct partner partner;
    roleauth_virtual_clock clock;
    roleauth_clock seam;
    ra_talk *talk;
};

static struct world world;

static int start(void **state)
{
    const roleauth_conversation conversation = {converse, finish, NULL,
                                                &world.partner};

    memset(&world, 0, sizeof(world));
    roleauth_virtual_clock_init(&world.clock);
    world.seam = roleauth_virtual_clock_seam(&world.clock);
    world.partner.bytes = "";
    world.talk = ra_talk_new(&conversation, &world.seam, 30);
    assert_non_null(world.talk);
    *state = &world;
    return 0;
}

static int end(void **state)
{
    (void)state;
    ra_talk_free(&world.talk);
    assert_null(world.talk);
    assert_int_equal(world.partner.finished, 1);
    ra_talk_free(&world.talk);
    return 0;
}

static void type(const char *bytes, size_t size, size_t claimed)
{
    world.partner.answer = ROLEAUTH_ANSWERED;
    world.partner.bytes = bytes;
    world.partner.size = size;
    world.partner.claimed = claimed;
}

static void an_answer_is_handed_over_and_forgotten(void **state)
{
    const char *reply;

    (void)state;
    type("secret", 7, 6);
    assert_int_equal(
        ra_talk_ask(world.talk, ROLEAUTH_PROMPT_SECRET, "Password: ", &reply),
        ROLEAUTH_ANSWERED);
    assert_string_equal(reply, "secret");
    assert_string_equal(world.partner.text, "Password: ");
    assert_int_equal(world.partner.timeout, 30);
    assert_int_equal(world.partner.style, ROLEAUTH_PROMPT_SECRET);
    assert_int_equal(world.partner.reply_size, ROLEAUTH_MAX_PASSWORD + 1);
    ra_talk_forget(world.talk);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(reply[i], 0);
    type("x", 2, 1);
    (void)ra_talk_ask(world.talk, ROLEAUTH_PROMPT_VISIBLE, "?", &reply);
    assert_true(world.partner.was_wiped);
    assert_int_equal(world.partner.style, ROLEAUTH_PROMPT_VISIBLE);
    type("y", 2, 1);
    (void)ra_talk_ask(world.talk, ROLEAUTH_PROMPT_VISIBLE, "?", &reply);
    assert_true(world.partner.was_wiped); /* without being told to forget */
}

static void answers_of_every_length(void **state)
{
    char bytes[ROLEAUTH_MAX_PASSWORD + 1];
    const char *reply;

    (void)state;
    for (size_t length = 0; length <= ROLEAUTH_MAX_PASSWORD; length++) {
        memset(bytes, 'a', length);
        bytes[length] = '\0';
        type(bytes, length + 1, length);
        assert_int_equal(
            ra_talk_ask(world.talk, ROLEAUTH_PROMPT_SECRET, "?", &reply),
            ROLEAUTH_ANSWERED);
        assert_string_equal(reply, bytes);
    }
}

static void assert_unusable(void)
{
    const char *reply = "before";

    assert_int_equal(
        ra_talk_ask(world.talk, ROLEAUTH_PROMPT_SECRET, "?", &reply),
        ROLEAUTH_ANSWERED);
    assert_null(reply);
    for (size_t i = 0; i < world.partner.reply_size; i++)
        assert_int_equal(world.partner.reply[i], 0);
}

static void what_the_callback_claims_is_checked(void **state)
{
    char full[ROLEAUTH_MAX_PASSWORD + 1];

    (void)state;
    memset(full, 'a', sizeof(full));
    type("abc", 4, ROLEAUTH_REPLY_UNUSABLE);
    assert_unusable();
    type("abc", 4, ROLEAUTH_MAX_PASSWORD + 1);
    assert_unusable();
    type("abc", 4, SIZE_MAX - 2);
    assert_unusable();
    type(full, sizeof(full), ROLEAUTH_MAX_PASSWORD); /* no NUL at its end */
    assert_unusable();
    type("abc", 4, 2); /* shorter than it is */
    assert_unusable();
    type("abc", 4, 4); /* a NUL inside */
    assert_unusable();
    type("a\0c", 4, 3);
    assert_unusable();
}

static void answers_that_did_not_come(void **state)
{
    static const struct {
        int says;
        roleauth_answer becomes;
        roleauth_reason reason;
    } cases[] = {
        {ROLEAUTH_ANSWER_CANCELLED, ROLEAUTH_ANSWER_CANCELLED,
         ROLEAUTH_REASON_CANCELLED},
        {ROLEAUTH_ANSWER_TIMEOUT, ROLEAUTH_ANSWER_TIMEOUT,
         ROLEAUTH_REASON_TIMEOUT},
        {ROLEAUTH_ANSWER_NOBODY, ROLEAUTH_ANSWER_NOBODY,
         ROLEAUTH_REASON_PROMPT_NEEDED},
        {ROLEAUTH_ANSWER_FAILED, ROLEAUTH_ANSWER_FAILED,
         ROLEAUTH_REASON_UNAVAILABLE},
        {5, ROLEAUTH_ANSWER_FAILED, ROLEAUTH_REASON_UNAVAILABLE},
        {-1, ROLEAUTH_ANSWER_FAILED, ROLEAUTH_REASON_UNAVAILABLE},
        {1000, ROLEAUTH_ANSWER_FAILED, ROLEAUTH_REASON_UNAVAILABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *reply = "before";
        roleauth_answer answer;
        roleauth_time time;

        type("partial", 8, 7);
        world.partner.answer = (roleauth_answer)cases[i].says;
        answer = ra_talk_ask(world.talk, ROLEAUTH_PROMPT_SECRET, "?", &reply);
        assert_int_equal(answer, cases[i].becomes);
        assert_null(reply);
        assert_int_equal(world.partner.reply[0], 0); /* wiped */
        assert_int_equal(ra_answer_reason(answer), cases[i].reason);
        assert_false(ra_talk_answered_at(world.talk, &time));
    }
    assert_int_equal(ra_talk_exchanges(world.talk), 0);
    assert_int_equal(ra_answer_reason(ROLEAUTH_ANSWERED),
                     ROLEAUTH_REASON_UNAVAILABLE);
}

static void the_moment_of_the_answer_is_kept(void **state)
{
    const char *reply;
    roleauth_time time;

    (void)state;
    type("x", 2, 1);
    assert_false(ra_talk_answered_at(world.talk, &time));
    (void)ra_talk_ask(world.talk, ROLEAUTH_PROMPT_SECRET, "?", &reply);
    roleauth_virtual_clock_advance(&world.clock, 100);
    assert_true(ra_talk_answered_at(world.talk, &time));
    assert_int_equal(time.boottime.tv_sec, 3600);
    (void)ra_talk_ask(world.talk, ROLEAUTH_PROMPT_SECRET, "?", &reply);
    assert_true(ra_talk_answered_at(world.talk, &time));
    assert_int_equal(time.boottime.tv_sec, 3700);
    ra_talk_start_method(world.talk);
    assert_false(ra_talk_answered_at(world.talk, &time));
    world.clock.broken = 1;
    (void)ra_talk_ask(world.talk, ROLEAUTH_PROMPT_SECRET, "?", &reply);
    assert_false(ra_talk_answered_at(world.talk, &time));
}

static void exchanges_are_counted(void **state)
{
    const char *reply;

    (void)state;
    type("x", 2, 1);
    assert_int_equal(ra_talk_exchanges(world.talk), 0);
    (void)ra_talk_ask(world.talk, ROLEAUTH_PROMPT_SECRET, "?", &reply);
    assert_int_equal(ra_talk_exchanges(world.talk), 1);
    assert_true(ra_talk_show(world.talk, ROLEAUTH_SHOW_INFO, "hello"));
    assert_string_equal(world.partner.text, "hello");
    assert_null(world.partner.reply);
    assert_int_equal(ra_talk_exchanges(world.talk), 2);
    world.partner.answer = ROLEAUTH_ANSWER_FAILED;
    assert_false(ra_talk_show(world.talk, ROLEAUTH_SHOW_INFO, "hello"));
    assert_int_equal(ra_talk_exchanges(world.talk), 2);
}

static void texts_are_safe_for_a_terminal(void **state)
{
    const char *reply;

    (void)state;
    type("x", 2, 1);
    (void)ra_talk_ask(
        world.talk, ROLEAUTH_PROMPT_SECRET,
        "a\n\tb\\ \033[2J\x7f \xC2\x9B \xE2\x80\xAE \xFF: ", &reply);
    assert_string_equal(world.partner.text, "a\n\tb\\ \\033[2J\\177 \\302\\233 "
                                            "\\342\\200\\256 \\377: ");
    (void)ra_talk_show(world.talk, ROLEAUTH_SHOW_ERROR, "");
    memset(world.partner.text, 'x', 2);
    (void)ra_talk_show(world.talk, ROLEAUTH_SHOW_ERROR, "\r");
    assert_memory_equal(world.partner.text, "\\r", 2);
}

static void nobody_can_be_asked(void **state)
{
    const roleauth_conversation none = {NULL, finish, NULL, &world.partner};
    ra_talk *talk = ra_talk_new(NULL, &world.seam, 0);
    const char *reply = "before";

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ra_talk_ask(talk, ROLEAUTH_PROMPT_SECRET, "?", &reply),
                         ROLEAUTH_ANSWER_NOBODY);
        assert_null(reply);
        assert_false(ra_talk_show(talk, ROLEAUTH_SHOW_INFO, "x"));
        ra_talk_free(&talk);
        if (i == 0)
            talk = ra_talk_new(&none, &world.seam, 0);
    }
    assert_int_equal(world.partner.finished, 0);
    assert_int_equal(world.partner.calls, 0);
}

/* Says that it answered, and does not say how long the answer is. */
static roleauth_answer forget_length(void *data, roleauth_prompt *prompts,
                                     size_t count, unsigned timeout)
{
    (void)data;
    (void)count;
    (void)timeout;
    memcpy(prompts[0].reply, "abc", 4);
    return ROLEAUTH_ANSWERED;
}

static void an_answer_without_a_length_is_a_failure(void **state)
{
    const roleauth_conversation conversation = {forget_length, NULL, NULL,
                                                NULL};
    roleauth_virtual_clock time;
    roleauth_clock clock;
    const char *reply;
    ra_talk *talk;

    (void)state;
    roleauth_virtual_clock_init(&time);
    clock = roleauth_virtual_clock_seam(&time);
    talk = ra_talk_new(&conversation, &clock, 0);
    assert_non_null(talk);
    assert_int_equal(ra_talk_ask(talk, ROLEAUTH_PROMPT_SECRET, "?", &reply),
                     ROLEAUTH_ANSWER_FAILED);
    assert_null(reply);
    ra_talk_free(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_without_a_length_is_a_failure),
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(an_answer_is_handed_over_and_forgotten),
        TEST(answers_of_every_length),
        TEST(what_the_callback_claims_is_checked),
        TEST(answers_that_did_not_come),
        TEST(the_moment_of_the_answer_is_kept),
        TEST(exchanges_are_counted),
        TEST(texts_are_safe_for_a_terminal),
        TEST(nobody_can_be_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "event/event.h"

static const roleauth_time noon = {{1780315200, 250000000}, {3600, 0}, {1}};

static void the_line_of_an_evaluation(void **state)
{
    const roleauth_method_result done = {
        "getuserpasswd",    "root", NULL, ROLEAUTH_ACCEPT,
        ROLEAUTH_REASON_OK, 0,      1};
    const struct ra_event_facts facts = {&noon, "alice", "desk", "root", "db1"};
    roleauth_result *result = ra_result_new("id-1");
    char *line;

    (void)state;
    ra_result_set_role(result, "dba");
    ra_result_set_message(result, "Welcome");
    ra_result_set_method(result, 0, &done);
    ra_result_add_variable(result, "secret", "kept out of the log");
    ra_result_note(result, "a note");
    ra_result_decide(result, ROLEAUTH_ACCEPT, ROLEAUTH_REASON_OK);
    line = ra_event_evaluation(result, &facts);
    assert_string_equal(
        line,
        "{\"time\":\"2026-06-01T12:00:00.250Z\",\"event\":\"evaluation\","
        "\"id\":\"id-1\",\"decision\":\"accept\",\"reason\":\"ok\",\"role\":"
        "\"dba\",\"message\":\"Welcome\",\"reject_message\":null,\"methods\":"
        "[{\"method\":\"getuserpasswd\",\"user\":\"root\",\"service\":null,"
        "\"result\":\"accept\",\"cached\":false,\"attempts\":1}],"
        "\"requester\":\"alice\",\"submithost\":\"desk\",\"runuser\":\"root\","
        "\"runhost\":\"db1\",\"notes\":[\"a note\"]}");
    free(line);
    roleauth_result_free(&result);
}

static void what_is_unknown_is_left_out(void **state)
{
    const struct ra_event_facts facts = {NULL, NULL, NULL, NULL, NULL};
    roleauth_result *result = ra_result_new("id-2");
    char *line;

    (void)state;
    ra_result_decide(result, ROLEAUTH_REJECT, ROLEAUTH_REASON_NO_ROLE);
    line = ra_event_evaluation(result, &facts);
    assert_string_equal(
        line, "{\"time\":null,\"event\":\"evaluation\",\"id\":\"id-2\","
              "\"decision\":\"reject\",\"reason\":\"no-matching-role\","
              "\"role\":null,\"message\":null,\"reject_message\":null,"
              "\"methods\":[],\"notes\":[]}");
    free(line);
    roleauth_result_free(&result);
}

static void the_line_of_a_sign_out(void **state)
{
    struct ra_sign_out_facts facts = {.time = &noon,
                                      .trigger = {ROLEAUTH_TRIGGER_HAND, 99},
                                      .user = "alice",
                                      .ended = 3};
    char *line = ra_event_sign_out(&facts);

    (void)state;
    assert_string_equal(
        line, "{\"time\":\"2026-06-01T12:00:00.250Z\",\"event\":\"signout\","
              "\"user\":\"alice\",\"fname\":null,\"ended\":3,"
              "\"trigger\":\"hand\",\"due\":null,"
              "\"command\":null,\"notes\":[]}");
    free(line);
    facts = (struct ra_sign_out_facts){
        .trigger = {ROLEAUTH_TRIGGER_DAILY, 1780315200},
        .fname = "/opt/gp001",
        .command = ROLEAUTH_COMMAND_EXITED,
        .command_code = 3,
        .command_output = "no bus",
        .notes = {"odd", "it failed"}};
    line = ra_event_sign_out(&facts);
    assert_string_equal(
        line, "{\"time\":null,\"event\":\"signout\",\"user\":null,"
              "\"fname\":\"/opt/gp001\",\"ended\":0,\"trigger\":\"daily\","
              "\"due\":\"2026-06-01T12:00:00.000Z\",\"command\":{"
              "\"result\":\"exited\",\"code\":3,\"output\":\"no bus\"},"
              "\"notes\":[\"odd\",\"it failed\"]}");
    free(line);
    facts = (struct ra_sign_out_facts){
        .trigger = {ROLEAUTH_TRIGGER_BOOT, INT64_MIN},
        .command = ROLEAUTH_COMMAND_TIMEOUT,
        .command_code = 9};
    line = ra_event_sign_out(&facts);
    assert_non_null(strstr(line, "\"trigger\":\"boot\",\"due\":null"));
    assert_non_null(strstr(line, "{\"result\":\"timeout\",\"code\":null,"
                                 "\"output\":null}"));
    free(line);
}

/* One line of JSON that neither a terminal nor a reader is fooled by. */
static void assert_harmless(char *line)
{
    struct ra_json_fault fault;
    ra_json *value = NULL;
    size_t length;

    assert_non_null(line);
    length = strlen(line);
    assert_true(ra_utf8_valid(line, length));
    for (const char *at = line; *at != '\0';) {
        uint32_t code_point = 0;

        at += ra_utf8_decode(at, line + length, &code_point);
        assert_false(ra_text_is_control(code_point));
    }
    assert_int_equal(ra_json_parse(line, length, &value, &fault), 0);
    ra_json_free(&value);
    free(line);
}

/* Hostile text in every field there is. */
static void tell_everywhere(const char *text)
{
    const roleauth_method_result done = {
        text, text, text, ROLEAUTH_REJECT, ROLEAUTH_REASON_CANCELLED, 0, 0};
    const struct ra_event_facts facts = {&noon, text, text, text, text};
    const struct ra_sign_out_facts sign_out = {
        .time = &noon,
        .user = text,
        .fname = text,
        .command = ROLEAUTH_COMMAND_KILLED,
        .command_output = text,
        .notes = {text, text, text, text}};
    roleauth_result *result = ra_result_new(text);

    ra_result_set_role(result, text);
    ra_result_set_message(result, text);
    ra_result_set_reject_message(result, text);
    ra_result_set_method(result, 0, &done);
    ra_result_note(result, "%s", text);
    ra_result_add_variable(result, "name", text);
    ra_result_decide(result, ROLEAUTH_ACCEPT, ROLEAUTH_REASON_OK);
    assert_harmless(ra_event_evaluation(result, &facts));
    assert_harmless(roleauth_result_json(result));
    assert_harmless(ra_event_sign_out(&sign_out));
    roleauth_result_free(&result);
}

static void hostile_text_stays_on_its_line(void **state)
{
    static const char *const texts[] = {
        "\n{\"time\":\"2026\",\"decision\":\"accept\"}",
        "a\r\nb",
        "\"},{\"decision\":\"accept\"",
        "\033[2J\033]0;title\007",
        "\xFF\xFE",
        "\xC0\x8A",         /* an overlong newline */
        "\xE0\x80\x8A",     /* another */
        "\xED\xA0\x80",     /* a surrogate */
        "\xF4\x90\x80\x80", /* beyond U+10FFFF */
        "cut \xE2\x82",
        "%s%n%d",
        "\\n\\u000a",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        tell_everywhere(texts[i]);
}

static void every_control_character_is_escaped(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x2070; c++) {
        char text[8] = "a";
        size_t length;

        if (!ra_text_is_control(c) && c > 0x100)
            continue;
        length = ra_utf8_encode(c, text + 1);
        memcpy(text + 1 + length, "b", 2);
        tell_everywhere(text);
    }
}

static void every_single_byte_is_harmless(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        const char text[4] = {'a', (char)c, 'b', '\0'};

        tell_everywhere(text);
    }
}

/* A reader gets back what was meant. */
static void valid_text_survives(void **state)
{
    static const char text[] = "a\n\t\"\\/ \xC3\xBC \xF0\x9F\x98\x80 \x7f"
                               " \xC2\x9B \xE2\x80\xAE";
    const struct ra_sign_out_facts facts = {.time = &noon, .user = text};
    char *line = ra_event_sign_out(&facts);
    struct ra_json_fault fault;
    ra_json *value = NULL;

    (void)state;
    assert_int_equal(ra_json_parse(line, strlen(line), &value, &fault), 0);
    assert_string_equal(ra_json_string(ra_json_get(value, "user"), NULL), text);
    ra_json_free(&value);
    free(line);
}

/* No client's text can make an event that syslog(3) would drop. */
static void an_event_is_bounded(void **state)
{
    const struct ra_event_facts facts = {&noon, NULL, NULL, NULL, NULL};
    roleauth_result *result = ra_result_new("id");
    char text[60001];
    char *line;

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(text); i += 3)
        memcpy(text + i, "\xE2\x80\xAE", 3);
    text[sizeof(text) - 1] = '\0';
    ra_result_set_role(result, text);
    ra_result_set_message(result, text);
    ra_result_set_reject_message(result, text);
    for (int i = 0; i < 50; i++)
        ra_result_note(result, "%s", text);
    line = ra_event_evaluation(result, &facts);
    assert_non_null(line);
    assert_true(strlen(line) < 32768);
    assert_non_null(strstr(line, "..."));
    assert_non_null(strstr(line, "there are more notes"));
    free(line);
    roleauth_result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_bounded),
        cmocka_unit_test(the_line_of_an_evaluation),
        cmocka_unit_test(what_is_unknown_is_left_out),
        cmocka_unit_test(the_line_of_a_sign_out),
        cmocka_unit_test(hostile_text_stays_on_its_line),
        cmocka_unit_test(every_control_character_is_escaped),
        cmocka_unit_test(every_single_byte_is_harmless),
        cmocka_unit_test(valid_text_survives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

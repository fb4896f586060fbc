/* SPDX-License-Identifier: MIT */
/* Everything an evaluation needs, faked: a context with its seams, a request
 * of alice at desk, one event sink that counts. */
#ifndef SUPPORT_WORLD_H
#define SUPPORT_WORLD_H

#include <roleauth_testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Base64 of the SHA-256 of "abc". */
#define WORLD_ABC "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="

struct world {
    roleauth_virtual_clock clock;
    roleauth_fake_users *users; /* bob: bobpw, eve: evepw */
    roleauth_fake_pam *pam;     /* sudo: asks "Password: ", right is pampw */
    roleauth_context *context;
    roleauth_roles *roles;
    roleauth_request *request;
    roleauth_script *script;
    roleauth_result *result;
    unsigned events;
    int event_rc;
    char *event;
    char text[4096]; /* of world_transcript() and its like */
};

static inline int world_hear(void *data, const char *line, size_t length)
{
    struct world *world = data;

    (void)length;
    world->events++;
    free(world->event);
    world->event = strdup(line);
    return world->event_rc;
}

/* Another request, by this requester from this host; each may be NULL. */
static inline void world_request(struct world *world, const char *user,
                                 const char *host)
{
    roleauth_request_free(&world->request);
    world->request = roleauth_request_new();
    assert_non_null(world->request);
    if (user != NULL)
        assert_int_equal(roleauth_request_set(world->request, ROLEAUTH_SERVER,
                                              "user", user, NULL),
                         0);
    if (host != NULL)
        assert_int_equal(roleauth_request_set(world->request, ROLEAUTH_SERVER,
                                              "submithost", host, NULL),
                         0);
}

static inline void world_set(struct world *world, roleauth_origin origin,
                             const char *name, const char *value)
{
    assert_int_equal(
        roleauth_request_set(world->request, origin, name, value, NULL), 0);
}

/* A context that nobody used yet. */
static inline void world_context(struct world *world)
{
    roleauth_clock clock = roleauth_virtual_clock_seam(&world->clock);
    roleauth_users users = roleauth_fake_users_seam(world->users);
    roleauth_pam pam = roleauth_fake_pam_seam(world->pam);
    roleauth_store store;

    roleauth_context_free(&world->context);
    world->context = roleauth_context_new();
    assert_non_null(world->context);
    assert_int_equal(roleauth_memory_store(&store), 0);
    assert_int_equal(roleauth_context_set_store(world->context, &store, NULL),
                     0);
    assert_int_equal(roleauth_context_set_clock(world->context, &clock, NULL),
                     0);
    assert_int_equal(roleauth_context_set_users(world->context, &users, NULL),
                     0);
    assert_int_equal(roleauth_context_set_pam(world->context, &pam, NULL), 0);
    assert_int_equal(roleauth_context_set_text(world->context,
                                               ROLEAUTH_TIME_ZONE, "UTC", NULL),
                     0);
    assert_int_equal(
        roleauth_context_add_callback_sink(world->context, world_hear, world,
                                           ROLEAUTH_MANDATORY, NULL),
        0);
}

static inline int world_start(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    roleauth_virtual_clock_init(&world->clock);
    world->users = roleauth_fake_users_new();
    world->pam = roleauth_fake_pam_new();
    assert_int_equal(
        roleauth_fake_users_add(world->users, "bob", 1001, "bobpw"), 0);
    assert_int_equal(
        roleauth_fake_users_add(world->users, "eve", 1002, "evepw"), 0);
    assert_int_equal(roleauth_fake_pam_add(world->pam, "sudo"), 0);
    assert_int_equal(roleauth_fake_pam_round(world->pam, "sudo",
                                             ROLEAUTH_PROMPT_SECRET,
                                             "Password: ", "pampw"),
                     0);
    world_context(world);
    world_request(world, "alice", "desk");
    *state = world;
    return 0;
}

static inline int world_end(void **state)
{
    struct world *world = *state;

    roleauth_result_free(&world->result);
    roleauth_request_free(&world->request);
    roleauth_script_free(&world->script);
    roleauth_roles_free(&world->roles);
    roleauth_context_free(&world->context);
    roleauth_fake_pam_free(&world->pam);
    roleauth_fake_users_free(&world->users);
    free(world->event);
    free(world);
    return 0;
}

/* Roles of JSON in which ' stands for ". */
static inline void world_roles(struct world *world, const char *json)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char *text = strdup(json);

    assert_non_null(text);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    roleauth_roles_free(&world->roles);
    if (roleauth_roles_parse(&world->roles, "test", text, strlen(text), NULL,
                             &error) != 0)
        print_message("%s: %s\n", error.path, error.text);
    assert_non_null(world->roles);
    free(text);
}

/* A user who has typed nothing yet. */
static inline void world_script(struct world *world)
{
    roleauth_conversation conversation;

    roleauth_script_free(&world->script);
    world->script = roleauth_script_new();
    assert_non_null(world->script);
    conversation = roleauth_script_conversation(world->script);
    assert_int_equal(
        roleauth_request_set_conversation(world->request, &conversation, NULL),
        0);
}

/* Answers with | between them; NULL: none, "": an empty one. */
static inline void world_type(struct world *world, const char *answers)
{
    char *text, *rest, *answer;

    if (answers == NULL)
        return;
    text = rest = strdup(answers);
    assert_non_null(text);
    while ((answer = strsep(&rest, "|")) != NULL)
        assert_int_equal(roleauth_script_type(world->script, answer), 0);
    free(text);
}

/* Evaluates, with whatever the script has. */
static inline const roleauth_result *world_evaluate(struct world *world)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    unsigned events = world->events;

    roleauth_result_free(&world->result);
    assert_int_equal(roleauth_evaluate(world->context, world->roles,
                                       world->request, &world->result, &error),
                     0);
    assert_non_null(world->result);
    assert_int_equal(world->events, events + 1);
    return world->result;
}

static inline const roleauth_result *world_run(struct world *world,
                                               const char *answers)
{
    world_script(world);
    world_type(world, answers);
    return world_evaluate(world);
}

/* What the user saw: ? hidden prompt, * visible one, ! error, - message. */
static inline const char *world_transcript(struct world *world)
{
    static const char marks[] = "?*!-";
    size_t used = 0;

    world->text[0] = '\0';
    for (size_t i = 0; i < roleauth_script_count(world->script); i++) {
        roleauth_style style;
        const char *text = roleauth_script_text(world->script, i, &style);

        used += (size_t)snprintf(world->text + used, sizeof(world->text) - used,
                                 "%s%c%s", i > 0 ? "|" : "", marks[style - 1],
                                 text);
        assert_true(used < sizeof(world->text));
    }
    return world->text;
}

/* The methods that ran: name=decision/attempts, + for a record's answer. */
static inline const char *world_methods(struct world *world)
{
    size_t used = 0;

    world->text[0] = '\0';
    for (size_t i = 0; i < roleauth_result_method_count(world->result); i++) {
        const roleauth_method_result *method =
            roleauth_result_method(world->result, i);

        used +=
            (size_t)snprintf(world->text + used, sizeof(world->text) - used,
                             "%s%s=%s/%u%s", i > 0 ? " " : "", method->method,
                             roleauth_decision_word(method->decision),
                             method->attempts, method->cached ? "+" : "");
        assert_true(used < sizeof(world->text));
    }
    return world->text;
}

/* All notes with | between them. */
static inline const char *world_notes(struct world *world)
{
    size_t used = 0;

    world->text[0] = '\0';
    for (size_t i = 0; i < roleauth_result_note_count(world->result); i++) {
        used += (size_t)snprintf(world->text + used, sizeof(world->text) - used,
                                 "%s%s", i > 0 ? "|" : "",
                                 roleauth_result_note(world->result, i));
        assert_true(used < sizeof(world->text));
    }
    return world->text;
}

static inline void world_decided(struct world *world, roleauth_reason reason)
{
    roleauth_decision decision = roleauth_result_decision(world->result);
    roleauth_reason got = roleauth_result_reason(world->result);

    assert_string_equal(roleauth_reason_word(got),
                        roleauth_reason_word(reason));
    if (reason == ROLEAUTH_REASON_OK)
        assert_int_equal(decision, ROLEAUTH_ACCEPT);
    else if (reason == ROLEAUTH_REASON_UNAVAILABLE ||
             reason == ROLEAUTH_REASON_INTERNAL)
        assert_int_equal(decision, ROLEAUTH_ERROR);
    else
        assert_int_equal(decision, ROLEAUTH_REJECT);
    assert_int_equal(roleauth_result_accepted(world->result),
                     reason == ROLEAUTH_REASON_OK);
    if (reason != ROLEAUTH_REASON_OK)
        assert_int_equal(roleauth_result_variable_count(world->result), 0);
}

#endif

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "auth/prepare.h"
#include "support/world.h"

/* A role, ready or not, with what it was made of. */
static struct ready {
    struct ra_ready_role role;
    struct ra_settings settings;
    ra_vars *vars;
    roleauth_error error;
} ready;

static int start(void **state)
{
    memset(&ready, 0, sizeof(ready));
    assert_int_equal(ra_settings_init(&ready.settings), 0);
    ready.vars = ra_vars_new(NULL);
    return world_start(state);
}

static int end(void **state)
{
    ra_ready_free(&ready.role);
    ra_ready_free(&ready.role);
    ra_settings_free(&ready.settings);
    ra_vars_free(&ready.vars);
    return world_end(state);
}

static roleauth_reason prepare(struct world *world, const char *roles)
{
    world_roles(world, roles);
    ra_ready_free(&ready.role);
    roleauth_error_clear(&ready.error);
    return ra_prepare(&ready.role, world->roles, 0, ready.vars, &ready.settings,
                      &ready.error);
}

static void set(roleauth_origin origin, const char *name, const char *value)
{
    assert_int_equal(ra_vars_set(ready.vars, origin, name, value, NULL), 0);
}

static void every_method_has_its_default_prompt(void **state)
{
    static const char *const prompts[] = {
        "Password:", "Password for bob: ", NULL,
        "Enter password for bob: ", NULL};
    struct world *world = *state;
    const struct ra_ready_role *role = &ready.role;

    assert_int_equal(
        prepare(world,
                "[{'method':'getstringpasswd','passwd':'" WORLD_ABC "'},"
                "{'method':'getuserpasswd','user':'bob'},"
                "{'method':'getuserpasswdpam','user':'bob','service':'s'},"
                "{'method':'submitconfirmuser','user':'bob'},"
                "{'method':'submitconfirmuserpam','user':'bob','service':'s'}"
                "]"),
        ROLEAUTH_REASON_OK);
    assert_int_equal(role->method_count, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct ra_ready_method *method = &role->methods[i];

        assert_int_equal(method->kind, i);
        if (prompts[i] == NULL)
            assert_null(method->prompt);
        else
            assert_string_equal(method->prompt, prompts[i]);
        assert_null(method->own_prompt);
        assert_null(method->message);
        assert_null(method->reject_message);
        assert_null(method->fname);
        assert_int_equal(method->tries, ROLEAUTH_DEFAULT_TRIES);
        assert_int_equal(method->period, 0);
    }
    assert_string_equal(role->methods[0].passwd, WORLD_ABC);
    assert_null(role->methods[0].user);
    assert_string_equal(role->methods[2].service, "s");
}

static void everything_is_expanded(void **state)
{
    struct world *world = *state;
    const struct ra_ready_role *role = &ready.role;
    const struct ra_ready_method *method;

    set(ROLEAUTH_SERVER, "u", "bob");
    set(ROLEAUTH_CLIENT, "c", "a\nb%u%");
    assert_int_equal(
        prepare(world,
                "{'name':'r','message':'%u%/%c%','variables':{'x':'%c%',"
                "'y':'%u%%%'},'auth':[{'method':'getuserpasswd','user':'%u%',"
                "'fname':'/opt/%u%','period':7,'tries':9,'prompt':'%c%: ',"
                "'message':'m %c%','rejectMessage':'r %c%'}]}"),
        ROLEAUTH_REASON_OK);
    assert_string_equal(role->message, "bob/a\\nb%u%");
    assert_false(role->rejects);
    assert_int_equal(role->variable_count, 2);
    assert_string_equal(role->variables[0].name, "x");
    assert_string_equal(role->variables[0].value, "a\nb%u%"); /* raw */
    assert_string_equal(role->variables[1].value, "bob%");
    method = &role->methods[0];
    assert_string_equal(method->user, "bob");
    assert_string_equal(method->fname, "/opt/bob");
    assert_string_equal(method->prompt, "a\\nb%u%: ");
    assert_string_equal(method->own_prompt, "a\\nb%u%: ");
    assert_string_equal(method->message, "m a\\nb%u%");
    assert_string_equal(method->reject_message, "r a\\nb%u%");
    assert_int_equal(method->tries, 9);
    assert_int_equal(method->period, 7);
}

static void a_role_without_anything(void **state)
{
    struct world *world = *state;
    const struct ra_ready_role *role = &ready.role;

    assert_int_equal(prepare(world, "{'name':'r'}"), ROLEAUTH_REASON_OK);
    assert_int_equal(role->method_count, 0);
    assert_int_equal(role->variable_count, 0);
    assert_null(role->message);
    assert_int_equal(prepare(world, "{'name':'r','action':'R'}"),
                     ROLEAUTH_REASON_OK);
    assert_true(role->rejects);
}

static void the_error_names_the_place(void **state)
{
    static const struct {
        const char *roles;
        roleauth_reason reason;
        const char *text;
    } cases[] = {
        {"[{'method':'getuserpasswd','user':'%nope%'}]",
         ROLEAUTH_REASON_UNDEFINED, "auth[0].user: no variable nope"},
        {"[{'method':'getuserpasswd','user':'a'},{'method':'getuserpasswd',"
         "'user':'a','rejectMessage':'%nope%'}]",
         ROLEAUTH_REASON_UNDEFINED, "auth[1].rejectMessage: no variable nope"},
        {"{'name':'r','variables':{'x':'%nope%'}}", ROLEAUTH_REASON_UNDEFINED,
         "variables.x: no variable nope"},
        {"{'name':'r','message':'%nope%'}", ROLEAUTH_REASON_UNDEFINED,
         "message: no variable nope"},
        {"[{'method':'getuserpasswd','user':'%c%'}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE,
         "auth[0].user: holds the client's variable c"},
        {"[{'method':'getuserpasswd','user':'%e%'}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE, NULL},
        {"[{'method':'getuserpasswd','user':'a','fname':'%n%','period':1}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE, NULL},
        {"[{'method':'getuserpasswdpam','user':'a','service':'%s%'}]",
         ROLEAUTH_REASON_BAD_ATTRIBUTE, NULL},
    };
    struct world *world = *state;

    set(ROLEAUTH_CLIENT, "c", "bob");
    set(ROLEAUTH_SERVER, "e", "");
    set(ROLEAUTH_SERVER, "n", "a\nb");
    set(ROLEAUTH_SERVER, "s", "../su");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(prepare(world, cases[i].roles), cases[i].reason);
        if (cases[i].text != NULL)
            assert_string_equal(ready.error.text, cases[i].text);
        else
            assert_string_not_equal(ready.error.text, "");
    }
}

/* Names that passwd(5), a path or an option would take amiss. */
static void users_that_are_no_users(void **state)
{
    static const char *const bad[] = {"-r",   "a b", "a/b",  "a:b",      "a\tb",
                                      "a\nb", " a",  "\x7f", "\xC2\x9B", ""};
    struct world *world = *state;
    char text[257];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        set(ROLEAUTH_SERVER, "u", bad[i]);
        assert_int_equal(
            prepare(world, "[{'method':'getuserpasswd','user':'%u%'}]"),
            ROLEAUTH_REASON_BAD_ATTRIBUTE);
    }
    memset(text, 'a', sizeof(text));
    text[256] = '\0';
    set(ROLEAUTH_SERVER, "u", text);
    assert_int_equal(
        prepare(world, "[{'method':'getuserpasswd','user':'%u%'}]"),
        ROLEAUTH_REASON_BAD_ATTRIBUTE);
    text[255] = '\0';
    set(ROLEAUTH_SERVER, "u", text);
    assert_int_equal(
        prepare(world, "[{'method':'getuserpasswd','user':'%u%'}]"),
        ROLEAUTH_REASON_OK);
}

static void a_trusted_client_is_believed(void **state)
{
    struct world *world = *state;

    set(ROLEAUTH_CLIENT, "c", "bob");
    assert_int_equal(ra_settings_trust(&ready.settings, "c", NULL), 0);
    assert_int_equal(
        prepare(world, "[{'method':'getuserpasswd','user':'%c%'}]"),
        ROLEAUTH_REASON_OK);
    assert_string_equal(ready.role.methods[0].user, "bob");
}

/* A thousand variables of 64 KiB each do not fit. */
static void an_expansion_has_its_limit(void **state)
{
    struct world *world = *state;
    char *big = malloc(ROLEAUTH_MAX_VALUE + 1), roles[4096];
    size_t used = 0;

    assert_non_null(big);
    memset(big, 'x', ROLEAUTH_MAX_VALUE);
    big[ROLEAUTH_MAX_VALUE] = '\0';
    set(ROLEAUTH_SERVER, "big", big);
    free(big);
    used += (size_t)snprintf(roles, sizeof(roles), "{'name':'r','message':'");
    for (int i = 0; i < 17; i++)
        used += (size_t)snprintf(roles + used, sizeof(roles) - used, "%%big%%");
    (void)snprintf(roles + used, sizeof(roles) - used, "'}");
    assert_int_equal(prepare(world, roles), ROLEAUTH_REASON_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(every_method_has_its_default_prompt),
        TEST(everything_is_expanded),
        TEST(a_role_without_anything),
        TEST(the_error_names_the_place),
        TEST(users_that_are_no_users),
        TEST(a_trusted_client_is_believed),
        TEST(an_expansion_has_its_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

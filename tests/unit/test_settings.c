/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "auth/context.h"

static size_t kept;

static int start(void **state)
{
    static struct ra_settings settings;

    assert_int_equal(ra_settings_init(&settings), 0);
    *state = &settings;
    return 0;
}

static int end(void **state)
{
    ra_settings_free(*state);
    return 0;
}

static void the_defaults(void **state)
{
    const struct ra_settings *settings = *state;

    assert_string_equal(ra_settings_get(settings, ROLEAUTH_STORE_DIRECTORY),
                        "/run/roleauth");
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_STATE_DIRECTORY),
                        "/var/lib/roleauth");
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_RETRY_MESSAGE),
                        "Sorry, try again.");
    assert_null(ra_settings_get(settings, ROLEAUTH_TIME_ZONE));
    assert_null(ra_settings_get(settings, ROLEAUTH_PASSWD_SERVICE));
    assert_null(ra_settings_get(settings, ROLEAUTH_PAM_CONFDIR));
    for (int i = 0; i < RA_NUMBER_SETTINGS; i++)
        assert_int_equal(settings->numbers[i],
                         i == ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT ? 30 : 0);
    assert_int_equal(settings->daily_count, 0);
    assert_null(settings->command);
    assert_true(settings->default_sinks);
    assert_false(ra_settings_trusts(settings, "anything"));
}

static void texts_are_set_and_taken_back(void **state)
{
    struct ra_settings *settings = *state;

    assert_int_equal(ra_settings_text(settings, ROLEAUTH_RETRY_MESSAGE,
                                      "Nochmal bitte \xC3\xBC", NULL),
                     0);
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_RETRY_MESSAGE),
                        "Nochmal bitte \xC3\xBC");
    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_RETRY_MESSAGE, "", NULL), 0);
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_RETRY_MESSAGE),
                        "Sorry, try again.");
    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_STORE_DIRECTORY, "/x", NULL), 0);
    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_STORE_DIRECTORY, NULL, NULL), 0);
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_STORE_DIRECTORY),
                        "/run/roleauth");
}

static void bad_texts_change_nothing(void **state)
{
    struct ra_settings *settings = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char path[1030];

    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_PASSWD_SERVICE, "sudo", NULL), 0);
    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_PASSWD_SERVICE, "../x", &error),
        ROLEAUTH_E_ARGUMENT);
    assert_non_null(strstr(error.text, "../x"));
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_PASSWD_SERVICE),
                        "sudo");
    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_RETRY_MESSAGE, "\xFF", NULL),
        ROLEAUTH_E_ARGUMENT);
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[1025] = '\0';
    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_STATE_DIRECTORY, path, NULL),
        ROLEAUTH_E_ARGUMENT);
    path[1024] = '\0';
    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_STATE_DIRECTORY, path, NULL), 0);
    assert_int_equal(ra_settings_text(settings,
                                      (roleauth_text_setting)RA_TEXT_SETTINGS,
                                      "x", NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        ra_settings_text(settings, (roleauth_text_setting)-1, NULL, NULL),
        ROLEAUTH_E_ARGUMENT);
}

static void a_time_zone_must_be_readable(void **state)
{
    struct ra_settings *settings = *state;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_TIME_ZONE, "UTC", NULL), 0);
    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_TIME_ZONE, "Nowhere/Atall", &error),
        ROLEAUTH_E_ARGUMENT);
    assert_int_not_equal(error.code, 0);
    assert_int_equal(ra_settings_text(settings, ROLEAUTH_TIME_ZONE,
                                      "../../etc/localtime", NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_TIME_ZONE), "UTC");
}

static void numbers_have_their_ranges(void **state)
{
    static const struct {
        roleauth_number_setting setting;
        long most;
    } cases[] = {{ROLEAUTH_PROMPT_TIMEOUT, 86400},
                 {ROLEAUTH_SURVIVE_REBOOT, 1},
                 {ROLEAUTH_ALLOW_NO_CHALLENGE, 1},
                 {ROLEAUTH_SUBMIT_HOST_IS_LOCAL, 1},
                 {ROLEAUTH_SIGNOUT_INTERVAL, 31536000},
                 {ROLEAUTH_SIGNOUT_BOOT, 1}};
    struct ra_settings *settings = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            ra_settings_number(settings, cases[i].setting, cases[i].most, NULL),
            0);
        assert_int_equal(ra_settings_number(settings, cases[i].setting,
                                            cases[i].most + 1, NULL),
                         ROLEAUTH_E_ARGUMENT);
        assert_int_equal(
            ra_settings_number(settings, cases[i].setting, -1, NULL),
            ROLEAUTH_E_ARGUMENT);
        assert_int_equal(settings->numbers[cases[i].setting], cases[i].most);
        assert_int_equal(
            ra_settings_number(settings, cases[i].setting, 0, NULL), 0);
    }
    assert_int_equal(
        ra_settings_number(
            settings, (roleauth_number_setting)RA_NUMBER_SETTINGS, 0, NULL),
        ROLEAUTH_E_ARGUMENT);
}

static int number(struct ra_settings *settings, roleauth_number_setting setting,
                  long value)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int rc = ra_settings_number(settings, setting, value, &error);

    if (rc == 0)
        assert_int_equal(settings->numbers[setting], value);
    else
        assert_non_null(strstr(error.text, "out of range"));
    return rc;
}

static void a_sign_out_has_its_ranges(void **state)
{
    const roleauth_number_setting interval = ROLEAUTH_SIGNOUT_INTERVAL;
    const roleauth_number_setting timeout = ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT;
    struct ra_settings *settings = *state;

    assert_int_equal(number(settings, interval, 60), 0);
    assert_int_equal(number(settings, interval, 59), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(number(settings, interval, 1), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(number(settings, interval, 0), 0);
    assert_int_equal(number(settings, timeout, 1), 0);
    assert_int_equal(number(settings, timeout, 3600), 0);
    assert_int_equal(number(settings, timeout, 0), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(number(settings, timeout, 3601), ROLEAUTH_E_ARGUMENT);
}

static void daily_times_are_times_of_a_day(void **state)
{
    static const char *const good[] = {"15:00", "00:00", "23:59"};
    static const char *const bad[] = {"",      "1:00",   "24:00", "12:60",
                                      "12-00", "12:0x",  "x2:00", "12:000",
                                      " 1:00", "12:00 ", "+1:00", "\xC3\xBC"};
    const char *many[ROLEAUTH_MAX_DAILY + 1];
    char texts[ROLEAUTH_MAX_DAILY + 1][6];
    struct ra_settings *settings = *state;

    assert_int_equal(ra_settings_daily(settings, good, 3, NULL), 0);
    assert_int_equal(settings->daily_count, 3);
    assert_int_equal(settings->daily[0], 900);
    assert_int_equal(settings->daily[1], 0);
    assert_int_equal(settings->daily[2], 1439);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        const char *const times[] = {"01:00", bad[i]};

        assert_int_equal(ra_settings_daily(settings, times, 2, &error),
                         ROLEAUTH_E_ARGUMENT);
        assert_non_null(strstr(error.text, "HH:MM"));
    }
    many[0] = many[1] = "01:00";
    assert_int_equal(ra_settings_daily(settings, many, 2, NULL),
                     ROLEAUTH_E_ARGUMENT);
    many[0] = NULL;
    assert_int_equal(ra_settings_daily(settings, many, 1, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(settings->daily_count, 3);
    for (size_t i = 0; i <= ROLEAUTH_MAX_DAILY; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "%02zu:%02zu", i / 3 % 24,
                       i % 3 * 7);
        many[i] = texts[i];
    }
    assert_int_equal(
        ra_settings_daily(settings, many, ROLEAUTH_MAX_DAILY + 1, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_int_equal(
        ra_settings_daily(settings, many, ROLEAUTH_MAX_DAILY, NULL), 0);
    assert_int_equal(settings->daily_count, ROLEAUTH_MAX_DAILY);
    assert_int_equal(ra_settings_daily(settings, NULL, 0, NULL), 0);
    assert_int_equal(settings->daily_count, 0);
}

static void a_command_starts_with_a_path(void **state)
{
    static const char *const good[] = {"/bin/true", "", "a b", "$(x)"};
    static const char *const relative[] = {"true"};
    static const char *const empty[] = {""};
    static const char *const bytes[] = {"/bin/true", "\xFF"};
    static const char *const missing[] = {"/bin/true", NULL};
    const char *many[ROLEAUTH_MAX_COMMAND + 1];
    struct ra_settings *settings = *state;
    struct ra_settings copy;

    assert_int_equal(ra_settings_command(settings, good, 4, NULL), 0);
    assert_string_equal(settings->command[0], "/bin/true");
    assert_string_equal(settings->command[3], "$(x)");
    assert_null(settings->command[4]);
    assert_int_equal(ra_settings_command(settings, relative, 1, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_settings_command(settings, empty, 1, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_settings_command(settings, bytes, 2, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_settings_command(settings, missing, 2, NULL),
                     ROLEAUTH_E_ARGUMENT);
    for (size_t i = 0; i <= ROLEAUTH_MAX_COMMAND; i++)
        many[i] = "/x";
    assert_int_equal(
        ra_settings_command(settings, many, ROLEAUTH_MAX_COMMAND + 1, NULL),
        ROLEAUTH_E_ARGUMENT);
    assert_string_equal(settings->command[2], "a b");
    assert_int_equal(ra_settings_copy(&copy, settings), 0);
    assert_int_equal(ra_settings_command(settings, NULL, 0, NULL), 0);
    assert_null(settings->command);
    assert_string_equal(copy.command[3], "$(x)");
    assert_null(copy.command[4]);
    ra_settings_free(&copy);
    assert_int_equal(
        ra_settings_command(settings, many, ROLEAUTH_MAX_COMMAND, NULL), 0);
}

static void only_variables_of_clients_are_trusted(void **state)
{
    static const char *const bad[] = {
        "",        "1x",   "a b",     "user",           "submithost", "runuser",
        "runhost", "year", "dayname", "runconfirmuser", "runconfirm"};
    struct ra_settings *settings = *state;

    assert_int_equal(ra_settings_trust(settings, "database", NULL), 0);
    assert_int_equal(ra_settings_trust(settings, "database", NULL), 0);
    assert_int_equal(settings->trusted_count, 1);
    assert_true(ra_settings_trusts(settings, "database"));
    assert_false(ra_settings_trusts(settings, "Database"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(ra_settings_trust(settings, bad[i], NULL),
                         ROLEAUTH_E_ARGUMENT);
    assert_int_equal(settings->trusted_count, 1);
}

static int hear(void *data, const char *line, size_t length)
{
    (void)line;
    (void)length;
    (*(unsigned *)data)++;
    return 0;
}

static void the_first_sink_replaces_the_default(void **state)
{
    struct ra_settings *settings = *state;
    unsigned heard = 0;
    ra_sinks *first = ra_settings_sinks(settings, NULL);

    assert_non_null(first);
    assert_false(settings->default_sinks);
    assert_int_equal(
        ra_sinks_add_callback(first, hear, &heard, ROLEAUTH_MANDATORY), 0);
    assert_ptr_equal(ra_settings_sinks(settings, NULL), first);
    assert_int_equal(
        ra_sinks_write(settings->sinks, ROLEAUTH_MANDATORY, "x", &kept, NULL),
        0);
    assert_int_equal(heard, 1);
    assert_int_equal(ra_settings_clear_sinks(settings, NULL), 0);
    assert_int_equal(
        ra_sinks_write(settings->sinks, ROLEAUTH_MANDATORY, "x", &kept, NULL),
        0);
    assert_int_equal(heard, 1);
}

static void a_copy_stands_on_its_own(void **state)
{
    struct ra_settings *settings = *state;
    struct ra_settings copy;

    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_RETRY_MESSAGE, "a", NULL), 0);
    assert_int_equal(
        ra_settings_number(settings, ROLEAUTH_PROMPT_TIMEOUT, 7, NULL), 0);
    assert_int_equal(ra_settings_trust(settings, "x", NULL), 0);
    assert_int_equal(ra_settings_copy(&copy, settings), 0);
    assert_int_equal(
        ra_settings_text(settings, ROLEAUTH_RETRY_MESSAGE, "b", NULL), 0);
    assert_int_equal(ra_settings_trust(settings, "y", NULL), 0);
    assert_string_equal(ra_settings_get(&copy, ROLEAUTH_RETRY_MESSAGE), "a");
    assert_int_equal(copy.numbers[ROLEAUTH_PROMPT_TIMEOUT], 7);
    assert_true(ra_settings_trusts(&copy, "x"));
    assert_false(ra_settings_trusts(&copy, "y"));
    assert_true(copy.default_sinks);
    ra_settings_free(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(the_defaults),
        TEST(texts_are_set_and_taken_back),
        TEST(bad_texts_change_nothing),
        TEST(a_time_zone_must_be_readable),
        TEST(numbers_have_their_ranges),
        TEST(a_sign_out_has_its_ranges),
        TEST(daily_times_are_times_of_a_day),
        TEST(a_command_starts_with_a_path),
        TEST(only_variables_of_clients_are_trusted),
        TEST(the_first_sink_replaces_the_default),
        TEST(a_copy_stands_on_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

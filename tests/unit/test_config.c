/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/context.h"

/* What was reported: "severity code LINE:COLUMN PATH" in lines. */
static char told[4096];

static void keep(void *data, const roleauth_diagnostic *d)
{
    size_t length = strlen(told);

    (void)data;
    (void)snprintf(told + length, sizeof(told) - length, "%s %s %zu:%zu %s\n",
                   d->severity == ROLEAUTH_SEVERITY_ERROR ? "error" : "warning",
                   d->code, d->line, d->column, d->path);
}

static int set_up(void **state)
{
    static struct ra_settings settings;

    told[0] = '\0';
    *state = &settings;
    return ra_settings_init(&settings);
}

static int tear_down(void **state)
{
    ra_settings_free(*state);
    return 0;
}

static int read_text(struct ra_settings *settings, const char *text,
                     roleauth_error *error)
{
    told[0] = '\0';
    return ra_config_text(settings, "test.json", text, strlen(text), keep, NULL,
                          error);
}

static void every_key(void **state)
{
    struct ra_settings *settings = *state;

    assert_int_equal(
        read_text(settings,
                  "{\"store_directory\": \"/a\", \"state_directory\": \"/b\","
                  "\"time_zone\": \"UTC\", \"passwd_service\": \"login\","
                  "\"pam_confdir\": \"/c\", \"retry_message\": \"Again.\","
                  "\"prompt_timeout\": 30, \"survive_reboot\": true,"
                  "\"allow_no_challenge\": true,"
                  "\"submit_host_is_local\": true,"
                  "\"trusted_client_variables\": [\"a\", \"b\", \"a\"],"
                  "\"events\": [{\"sink\": \"file\", \"path\": \"/d\","
                  "\"mandatory\": true}, {\"sink\": \"syslog\"}],"
                  "\"signout_interval\": 28800,"
                  "\"signout_daily\": [\"15:00\", \"00:00\"],"
                  "\"signout_boot\": true,"
                  "\"signout_command\": [\"/bin/loginctl\", \"x y\"],"
                  "\"signout_command_timeout\": 5}",
                  NULL),
        0);
    assert_string_equal(told, "");
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_STORE_DIRECTORY),
                        "/a");
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_STATE_DIRECTORY),
                        "/b");
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_TIME_ZONE), "UTC");
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_PASSWD_SERVICE),
                        "login");
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_PAM_CONFDIR), "/c");
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_RETRY_MESSAGE),
                        "Again.");
    assert_int_equal(settings->numbers[ROLEAUTH_PROMPT_TIMEOUT], 30);
    assert_int_equal(settings->numbers[ROLEAUTH_SURVIVE_REBOOT], 1);
    assert_int_equal(settings->numbers[ROLEAUTH_ALLOW_NO_CHALLENGE], 1);
    assert_int_equal(settings->numbers[ROLEAUTH_SUBMIT_HOST_IS_LOCAL], 1);
    assert_int_equal(settings->trusted_count, 2);
    assert_true(ra_sinks_any(settings->sinks, ROLEAUTH_MANDATORY));
    assert_true(ra_sinks_any(settings->sinks, ROLEAUTH_OPTIONAL));
    assert_int_equal(settings->numbers[ROLEAUTH_SIGNOUT_INTERVAL], 28800);
    assert_int_equal(settings->daily_count, 2);
    assert_int_equal(settings->daily[0], 15 * 60);
    assert_int_equal(settings->numbers[ROLEAUTH_SIGNOUT_BOOT], 1);
    assert_string_equal(settings->command[1], "x y");
    assert_null(settings->command[2]);
    assert_int_equal(settings->numbers[ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT], 5);
    /* What a file does not name stays. */
    assert_int_equal(read_text(settings, "{\"survive_reboot\": false}", NULL),
                     0);
    assert_int_equal(settings->numbers[ROLEAUTH_SURVIVE_REBOOT], 0);
    assert_int_equal(settings->numbers[ROLEAUTH_PROMPT_TIMEOUT], 30);
    assert_int_equal(read_text(settings, "{\"events\": []}", NULL), 0);
    assert_false(ra_sinks_any(settings->sinks, ROLEAUTH_MANDATORY));
}

static void every_problem_is_told(void **state)
{
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"", "error syntax 1:1 \n"},
        {"[]", "error wrong-type 1:1 \n"},
        {"{\"a\": 1, \"a\": 2}", "error duplicate-key 1:10 a\n"},
        {"{\"store_directry\": 1}", "error unknown-key 1:2 store_directry\n"},
        {"{\"store_directory\": 1}", "error wrong-type 1:21 store_directory\n"},
        {"{\"store_directory\": \"x\"}",
         "error bad-value 1:21 store_directory\n"},
        {"{\"pam_confdir\": \"x\"}", "error bad-value 1:17 pam_confdir\n"},
        {"{\"time_zone\": \"../x\"}", "error bad-value 1:15 time_zone\n"},
        {"{\"passwd_service\": \".x\"}",
         "error bad-value 1:20 passwd_service\n"},
        {"{\"prompt_timeout\": -1}", "error range 1:20 prompt_timeout\n"},
        {"{\"prompt_timeout\": 86401}", "error range 1:20 prompt_timeout\n"},
        {"{\"prompt_timeout\": \"9\"}",
         "error wrong-type 1:20 prompt_timeout\n"},
        {"{\"survive_reboot\": 1}", "error wrong-type 1:20 survive_reboot\n"},
        {"{\"trusted_client_variables\": \"a\"}",
         "error wrong-type 1:30 trusted_client_variables\n"},
        {"{\"trusted_client_variables\": [1, \"user\", \"1x\"]}",
         "error wrong-type 1:31 trusted_client_variables[0]\n"
         "error bad-value 1:34 trusted_client_variables[1]\n"
         "error bad-value 1:42 trusted_client_variables[2]\n"},
        {"{\"signout_interval\": 59}", "error range 1:22 signout_interval\n"},
        {"{\"signout_interval\": \"8h\"}",
         "error wrong-type 1:22 signout_interval\n"},
        {"{\"signout_daily\": \"15:00\"}",
         "error wrong-type 1:19 signout_daily\n"},
        {"{\"signout_daily\": [15, \"24:00\", \"1:00\"]}",
         "error wrong-type 1:20 signout_daily[0]\n"
         "error bad-value 1:24 signout_daily[1]\n"
         "error bad-value 1:33 signout_daily[2]\n"},
        {"{\"signout_daily\": [\"15:00\", \"15:00\"]}",
         "error bad-value 1:19 signout_daily\n"},
        {"{\"signout_daily\": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
         "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
         "error range 1:19 signout_daily\n"},
        {"{\"signout_boot\": 1}", "error wrong-type 1:18 signout_boot\n"},
        {"{\"signout_command\": \"/bin/true\"}",
         "error wrong-type 1:21 signout_command\n"},
        {"{\"signout_command\": [\"true\", 7]}",
         "error bad-value 1:22 signout_command[0]\n"
         "error wrong-type 1:30 signout_command[1]\n"},
        {"{\"signout_command_timeout\": 0}",
         "error range 1:29 signout_command_timeout\n"},
        {"{\"events\": {}}", "error wrong-type 1:12 events\n"},
        {"{\"events\": [1, {}, {\"sink\": \"fil\"}]}",
         "error wrong-type 1:13 events[0]\n"
         "error missing 1:16 events[1]\n"
         "error bad-value 1:20 events[2]\n"},
        {"{\"events\": [{\"sink\": \"file\", \"path\": \"x\"},"
         " {\"sink\": \"syslog\", \"mandatory\": true}, {\"snk\": 1}]}",
         "error missing 1:13 events[0]\n"
         "error bad-value 1:44 events[1]\n"
         "error unknown-key 1:84 events[2].snk\n"},
    };
    struct ra_settings *settings = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;

        assert_int_equal(read_text(settings, cases[i].text, &error),
                         ROLEAUTH_E_INVALID);
        assert_string_equal(told, cases[i].told);
        assert_int_equal(error.code, ROLEAUTH_E_INVALID);
        assert_string_equal(error.file, "test.json");
    }
}

/* A bad file leaves everything as it was. */
static void all_or_nothing(void **state)
{
    struct ra_settings *settings = *state;

    assert_int_equal(read_text(settings,
                               "{\"prompt_timeout\": 5, \"events\": [],"
                               "\"trusted_client_variables\": [\"a\"],"
                               "\"retry_message\": \"x\", \"nosuch\": 1}",
                               NULL),
                     ROLEAUTH_E_INVALID);
    assert_int_equal(settings->numbers[ROLEAUTH_PROMPT_TIMEOUT], 0);
    assert_int_equal(settings->trusted_count, 0);
    assert_true(settings->default_sinks);
    assert_true(ra_sinks_any(settings->sinks, ROLEAUTH_OPTIONAL));
    assert_string_equal(ra_settings_get(settings, ROLEAUTH_RETRY_MESSAGE),
                        "Sorry, try again.");
}

static void who_could_have_written_it(void **state)
{
    struct ra_settings *settings = *state;
    char directory[] = "/tmp/roleauth-config.XXXXXX";
    char path[64];
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    FILE *file;

    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/c.json", directory);
    assert_int_equal(
        ra_config_read(settings, path, RA_CONFIG_DECIDE, keep, NULL, &error),
        ROLEAUTH_E_IO);
    file = fopen(path, "we");
    assert_non_null(file);
    (void)fputs("{\"prompt_timeout\": 7}", file);
    (void)fclose(file);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(
        ra_config_read(settings, path, RA_CONFIG_DECIDE, keep, NULL, NULL), 0);
    assert_int_equal(settings->numbers[ROLEAUTH_PROMPT_TIMEOUT], 7);
    assert_false(settings->untrusted);
    assert_int_equal(chmod(path, 0666), 0);
    roleauth_error_clear(&error);
    assert_int_equal(
        ra_config_read(settings, path, RA_CONFIG_DECIDE, keep, NULL, &error),
        ROLEAUTH_E_UNTRUSTED);
    assert_non_null(strstr(error.text, "chmod go-w"));
    assert_string_equal(told, "");
    assert_int_equal(
        ra_config_read(settings, path, RA_CONFIG_INSPECT, keep, NULL, NULL), 0);
    assert_string_equal(told, "warning untrusted 0:0 \n");
    assert_true(settings->untrusted);
    (void)unlink(path);
    (void)rmdir(directory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_key),
        TEST(every_problem_is_told),
        TEST(all_or_nothing),
        TEST(who_could_have_written_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What can be configured, and the rules for each value. */
#include "auth/context.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "role/template.h"

#define MAX_TIMEOUT 86400
#define MAX_PATH_LENGTH 1024
#define MAX_COMMAND_TIMEOUT 3600
#define DEFAULT_COMMAND_TIMEOUT 30

int ra_settings_init(struct ra_settings *settings)
{
    memset(settings, 0, sizeof(*settings));
    settings->sinks = ra_sinks_new();
    settings->default_sinks = true;
    settings->numbers[ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT] =
        DEFAULT_COMMAND_TIMEOUT;
    if (settings->sinks != NULL && ra_sinks_add_syslog(settings->sinks) == 0)
        return 0;
    ra_settings_free(settings);
    return ROLEAUTH_E_NOMEM;
}

static void free_command(char **command)
{
    for (size_t i = 0; command != NULL && command[i] != NULL; i++)
        free(command[i]);
    free(command);
}

static size_t count_arguments(char *const *command)
{
    size_t count = 0;

    while (command != NULL && command[count] != NULL)
        count++;
    return count;
}

void ra_settings_free(struct ra_settings *settings)
{
    for (size_t i = 0; i < RA_TEXT_SETTINGS; i++)
        free(settings->texts[i]);
    for (size_t i = 0; i < settings->trusted_count; i++)
        free(settings->trusted[i]);
    free(settings->trusted);
    free_command(settings->command);
    ra_sinks_free(&settings->sinks);
    memset(settings, 0, sizeof(*settings));
}

static int add_trusted(struct ra_settings *settings, const char *name)
{
    char **grown = reallocarray(settings->trusted, settings->trusted_count + 1,
                                sizeof(*grown));

    if (grown == NULL)
        return ROLEAUTH_E_NOMEM;
    settings->trusted = grown;
    grown[settings->trusted_count] = strdup(name);
    if (grown[settings->trusted_count] == NULL)
        return ROLEAUTH_E_NOMEM;
    settings->trusted_count++;
    return 0;
}

/* A copy that ends in NULL, for free_command(); NULL: out of memory. */
static char **copy_command(const char *const *arguments, size_t count)
{
    char **made = calloc(count + 1, sizeof(*made));

    for (size_t i = 0; made != NULL && i < count; i++) {
        made[i] = strdup(arguments[i]);
        if (made[i] == NULL) {
            free_command(made);
            return NULL;
        }
    }
    return made;
}

int ra_settings_copy(struct ra_settings *to, const struct ra_settings *from)
{
    memset(to, 0, sizeof(*to));
    for (size_t i = 0; i < RA_TEXT_SETTINGS; i++)
        if (from->texts[i] != NULL &&
            (to->texts[i] = strdup(from->texts[i])) == NULL)
            goto fail;
    memcpy(to->numbers, from->numbers, sizeof(to->numbers));
    for (size_t i = 0; i < from->trusted_count; i++)
        if (add_trusted(to, from->trusted[i]) != 0)
            goto fail;
    memcpy(to->daily, from->daily, sizeof(to->daily));
    to->daily_count = from->daily_count;
    if (from->command != NULL &&
        (to->command = copy_command((const char *const *)from->command,
                                    count_arguments(from->command))) == NULL)
        goto fail;
    to->default_sinks = from->default_sinks;
    to->untrusted = from->untrusted;
    to->sinks = ra_sinks_copy(from->sinks);
    if (to->sinks != NULL)
        return 0;
fail:
    ra_settings_free(to);
    return ROLEAUTH_E_NOMEM;
}

/* Is the value one for this setting?  The time zone is read to see. */
static int check_text(roleauth_text_setting setting, const char *value,
                      roleauth_error *error)
{
    const char *fault = NULL;
    ra_zone *zone = NULL;
    int rc;

    switch (setting) {
    case ROLEAUTH_STORE_DIRECTORY:
    case ROLEAUTH_STATE_DIRECTORY:
    case ROLEAUTH_PAM_CONFDIR:
        if (strlen(value) > MAX_PATH_LENGTH)
            fault = "is longer than 1024 bytes";
        break;
    case ROLEAUTH_TIME_ZONE:
        rc = ra_zone_load(&zone, value, error);
        ra_zone_free(&zone);
        if (rc == 0 || rc == ROLEAUTH_E_NOMEM)
            return rc;
        fault = "is not a time zone that can be read";
        break;
    case ROLEAUTH_PASSWD_SERVICE:
        fault = ra_service_fault(value);
        break;
    case ROLEAUTH_RETRY_MESSAGE:
        break;
    default:
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "unknown setting");
    }
    if (fault == NULL && !ra_utf8_valid(value, strlen(value)))
        fault = "is not valid UTF-8";
    return fault == NULL
               ? 0
               : ra_fail(error, ROLEAUTH_E_ARGUMENT, "\"%s\" %s", value, fault);
}

int ra_settings_text(struct ra_settings *settings,
                     roleauth_text_setting setting, const char *value,
                     roleauth_error *error)
{
    char *copy = NULL;
    int rc;

    if ((unsigned)setting >= RA_TEXT_SETTINGS)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "unknown setting");
    if (value != NULL && *value != '\0') {
        rc = check_text(setting, value, error);
        if (rc == ROLEAUTH_E_NOMEM)
            return rc;
        if (rc != 0)
            return ROLEAUTH_E_ARGUMENT;
        copy = strdup(value);
        if (copy == NULL)
            return ra_fail_nomem(error);
    }
    free(settings->texts[setting]);
    settings->texts[setting] = copy;
    return 0;
}

int ra_settings_number(struct ra_settings *settings,
                       roleauth_number_setting setting, long value,
                       roleauth_error *error)
{
    long least = 0, most = 1;

    if ((unsigned)setting >= RA_NUMBER_SETTINGS)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "unknown setting");
    if (setting == ROLEAUTH_PROMPT_TIMEOUT)
        most = MAX_TIMEOUT;
    if (setting == ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT) {
        least = 1;
        most = MAX_COMMAND_TIMEOUT;
    }
    if (setting == ROLEAUTH_SIGNOUT_INTERVAL) {
        most = ROLEAUTH_MAX_INTERVAL;
        if (value > 0 && value < ROLEAUTH_MIN_INTERVAL)
            return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                           "%ld is out of range: %d to %ld, or 0 for none",
                           value, ROLEAUTH_MIN_INTERVAL, most);
    }
    if (value < least || value > most)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "%ld is out of range: %ld to %ld", value, least, most);
    settings->numbers[setting] = value;
    return 0;
}

/* ---- signing out ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Minutes after midnight of HH:MM; -1: it is none. */
static int minutes_of(const char *time)
{
    int hour, minute;

    if (strlen(time) != 5 || !is_digit(time[0]) || !is_digit(time[1]) ||
        time[2] != ':' || !is_digit(time[3]) || !is_digit(time[4]))
        return -1;
    hour = (time[0] - '0') * 10 + (time[1] - '0');
    minute = (time[3] - '0') * 10 + (time[4] - '0');
    return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

const char *ra_settings_time_fault(const char *time)
{
    return minutes_of(time) >= 0
               ? NULL
               : "is no time of day: write \"HH:MM\", 00:00 to 23:59";
}

static bool has_time(const uint16_t *daily, size_t count, uint16_t minutes)
{
    for (size_t i = 0; i < count; i++)
        if (daily[i] == minutes)
            return true;
    return false;
}

int ra_settings_daily(struct ra_settings *settings, const char *const *times,
                      size_t count, roleauth_error *error)
{
    uint16_t daily[ROLEAUTH_MAX_DAILY] = {0};

    if (count > ROLEAUTH_MAX_DAILY)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "there are %zu daily times: %d are the most", count,
                       ROLEAUTH_MAX_DAILY);
    for (size_t i = 0; i < count; i++) {
        const char *time = times[i] != NULL ? times[i] : "";
        const char *fault = ra_settings_time_fault(time);

        if (fault != NULL)
            return ra_fail(error, ROLEAUTH_E_ARGUMENT, "\"%s\" %s", time,
                           fault);
        daily[i] = (uint16_t)minutes_of(time);
        if (has_time(daily, i, daily[i]))
            return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                           "\"%s\" stands there twice: remove one", time);
    }
    memcpy(settings->daily, daily, sizeof(daily));
    settings->daily_count = count;
    return 0;
}

const char *ra_settings_argument_fault(const char *argument, size_t index)
{
    if (!ra_utf8_valid(argument, strlen(argument)))
        return "is not valid UTF-8";
    if (index > 0)
        return NULL;
    if (argument[0] != '/')
        return "is no program's path: it has to start with a slash";
    return strlen(argument) > MAX_PATH_LENGTH ? "is longer than 1024 bytes"
                                              : NULL;
}

int ra_settings_command(struct ra_settings *settings,
                        const char *const *arguments, size_t count,
                        roleauth_error *error)
{
    char **command = NULL;

    if (count > ROLEAUTH_MAX_COMMAND)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "the command has %zu arguments: %d are the most", count,
                       ROLEAUTH_MAX_COMMAND);
    for (size_t i = 0; i < count; i++) {
        const char *fault = arguments[i] == NULL
                                ? "is missing"
                                : ra_settings_argument_fault(arguments[i], i);

        if (fault != NULL)
            return ra_fail(error, ROLEAUTH_E_ARGUMENT, "\"%s\" %s",
                           arguments[i] != NULL ? arguments[i] : "", fault);
    }
    if (count > 0 && (command = copy_command(arguments, count)) == NULL)
        return ra_fail_nomem(error);
    free_command(settings->command);
    settings->command = command;
    return 0;
}

int ra_settings_trust(struct ra_settings *settings, const char *name,
                      roleauth_error *error)
{
    if (!ra_var_name_valid(name, strlen(name)))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "\"%s\" is not a variable's name", name);
    if (ra_var_reserved(name))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "\"%s\" is reserved: a client cannot set it", name);
    if (ra_settings_trusts(settings, name))
        return 0;
    return add_trusted(settings, name) == 0 ? 0 : ra_fail_nomem(error);
}

int ra_settings_clear_sinks(struct ra_settings *settings, roleauth_error *error)
{
    ra_sinks *none = ra_sinks_new();

    if (none == NULL)
        return ra_fail_nomem(error);
    ra_sinks_free(&settings->sinks);
    settings->sinks = none;
    settings->default_sinks = false;
    return 0;
}

ra_sinks *ra_settings_sinks(struct ra_settings *settings, roleauth_error *error)
{
    if (settings->default_sinks && ra_settings_clear_sinks(settings, error))
        return NULL;
    return settings->sinks;
}

const char *ra_settings_get(const struct ra_settings *settings,
                            roleauth_text_setting setting)
{
    static const char *const defaults[RA_TEXT_SETTINGS] = {
        [ROLEAUTH_STORE_DIRECTORY] = "/run/roleauth",
        [ROLEAUTH_STATE_DIRECTORY] = "/var/lib/roleauth",
        [ROLEAUTH_RETRY_MESSAGE] = "Sorry, try again.",
    };

    return settings->texts[setting] != NULL ? settings->texts[setting]
                                            : defaults[setting];
}

bool ra_settings_trusts(const void *data, const char *name)
{
    const struct ra_settings *settings = data;

    for (size_t i = 0; i < settings->trusted_count; i++)
        if (strcmp(settings->trusted[i], name) == 0)
            return true;
    return false;
}

/* SPDX-License-Identifier: MIT */
#include <bsd/stdlib.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

enum {
    OPTION_INTERVAL = OPTION_OWN,
    OPTION_DAILY,
    OPTION_BOOT,
    OPTION_NO_BOOT,
    OPTION_FORMAT,
    OPTION_ROOT,
    OPTION_DRY_RUN,
    OPTION_DELETE_LOGS,
};

static const char text[] =
    "usage: roleauth schedule install [OPTION]...\n"
    "       roleauth schedule show [OPTION]...\n"
    "       roleauth schedule remove [OPTION]...\n"
    "\n"
    "Installs, shows or removes timers that run roleauth signout --due.\n"
    "\n"
    "  --interval TIME   sign out every TIME: 8h, 30m, 1d, 3600; 0: not\n"
    "  --daily HH:MM     sign out at this time of day (repeatable); none: not\n"
    "  --boot            sign out when the machine boots\n"
    "  --no-boot         do not\n"
    "  --format FORMAT   systemd, launchd or cron\n"
    "  --config FILE     instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --root DIR        everything is below DIR, nothing is started\n"
    "  --dry-run         print what would be done, do nothing\n"
    "  --delete-logs     remove the event files, too\n"
    "  --json            print one JSON object\n"
    "  --help            print this\n"
    "\n"
    "Exit status: 0 done, or all is as configured; 1 something differs, or\n"
    "could not be removed; 2 usage, the configuration or a file cannot be\n"
    "used; 3 something needed does not work.\n";

static const struct option options[] = {
    {"interval", required_argument, NULL, OPTION_INTERVAL},
    {"daily", required_argument, NULL, OPTION_DAILY},
    {"boot", no_argument, NULL, OPTION_BOOT},
    {"no-boot", no_argument, NULL, OPTION_NO_BOOT},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"root", required_argument, NULL, OPTION_ROOT},
    {"dry-run", no_argument, NULL, OPTION_DRY_RUN},
    {"delete-logs", no_argument, NULL, OPTION_DELETE_LOGS},
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

enum action { INSTALL = 1, SHOW = 2, REMOVE = 4 };

static const struct action_name {
    const char *name;
    enum action action;
    int (*run)(const struct schedule *schedule);
} actions[] = {
    {"install", INSTALL, schedule_install},
    {"show", SHOW, schedule_show},
    {"remove", REMOVE, schedule_remove},
};

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

/* Which actions an option belongs to. */
static unsigned actions_of(int option)
{
    switch (option) {
    case OPTION_INTERVAL:
    case OPTION_DAILY:
    case OPTION_BOOT:
    case OPTION_NO_BOOT:
    case OPTION_FORMAT:
        return INSTALL;
    case OPTION_DRY_RUN:
        return INSTALL | REMOVE;
    case OPTION_DELETE_LOGS:
        return REMOVE;
    case OPTION_JSON:
        return SHOW;
    default:
        return INSTALL | SHOW | REMOVE;
    }
}

/* The seconds of "8h"; -1: it is no such time. */
static long long interval_seconds(const char *argument)
{
    static const struct {
        const char *unit;
        long long seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    size_t digits = strspn(argument, "0123456789");
    char number[16];
    const char *fault = NULL;
    long long count;

    if (digits == 0 || digits >= sizeof(number))
        return -1;
    memcpy(number, argument, digits);
    number[digits] = '\0';
    count = strtonum(number, 0, ROLEAUTH_MAX_INTERVAL, &fault);
    if (fault != NULL)
        return -1;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(argument + digits, units[i].unit) == 0)
            return count * units[i].seconds;
    return -1;
}

static int take_interval(struct schedule *schedule, const char *argument)
{
    long long seconds = interval_seconds(argument);

    if (seconds != 0 &&
        (seconds < ROLEAUTH_MIN_INTERVAL || seconds > ROLEAUTH_MAX_INTERVAL))
        return usage("schedule",
                     "--interval takes %d seconds to 365 days, "
                     "such as 8h, 30m, 1d or 3600, or 0",
                     ROLEAUTH_MIN_INTERVAL);
    /* None is what an absent key says. */
    return json_object_set_new(schedule->changes, "signout_interval",
                               seconds == 0 ? json_null()
                                            : json_integer(seconds)) == 0
               ? EXIT_YES
               : EXIT_UNAVAILABLE;
}

static bool is_time(const char *argument)
{
    return strlen(argument) == 5 && argument[2] == ':' &&
           isdigit((unsigned char)argument[0]) &&
           isdigit((unsigned char)argument[1]) &&
           isdigit((unsigned char)argument[3]) &&
           isdigit((unsigned char)argument[4]) &&
           strncmp(argument, "24", 2) < 0 && argument[3] < '6';
}

/* In order, each once, so that the same times are the same configuration. */
static int take_daily(struct schedule *schedule, const char *argument)
{
    json_t *daily = json_object_get(schedule->changes, "signout_daily");
    size_t at = 0;

    if (strcmp(argument, "none") == 0)
        return json_object_set_new(schedule->changes, "signout_daily",
                                   json_null()) == 0
                   ? EXIT_YES
                   : EXIT_UNAVAILABLE;
    if (!is_time(argument))
        return usage(
            "schedule",
            "--daily takes a time of 24 hours, such as 15:00, or none");
    if (!json_is_array(daily)) {
        daily = json_array();
        if (json_object_set_new(schedule->changes, "signout_daily", daily) != 0)
            return EXIT_UNAVAILABLE;
    }
    while (at < json_array_size(daily) &&
           strcmp(json_string_value(json_array_get(daily, at)), argument) < 0)
        at++;
    if (at < json_array_size(daily) &&
        strcmp(json_string_value(json_array_get(daily, at)), argument) == 0)
        return EXIT_YES;
    if (json_array_size(daily) == ROLEAUTH_MAX_DAILY)
        return usage("schedule", "--daily is given more than %d times",
                     ROLEAUTH_MAX_DAILY);
    return json_array_insert_new(daily, at, json_string(argument)) == 0
               ? EXIT_YES
               : EXIT_UNAVAILABLE;
}

static int take_boot(struct schedule *schedule, json_t *value)
{
    return json_object_set_new(schedule->changes, "signout_boot", value) == 0
               ? EXIT_YES
               : EXIT_UNAVAILABLE;
}

static int take_format(struct schedule *schedule, const char *argument)
{
    schedule->format = format_find(argument);
    return schedule->format != NULL
               ? EXIT_YES
               : usage("schedule", "--format takes systemd, launchd or cron");
}

static int take(struct schedule *schedule, int option)
{
    switch (option) {
    case OPTION_INTERVAL:
        return take_interval(schedule, optarg);
    case OPTION_DAILY:
        return take_daily(schedule, optarg);
    case OPTION_BOOT:
        return take_boot(schedule, json_true());
    case OPTION_NO_BOOT:
        return take_boot(schedule, json_null());
    case OPTION_FORMAT:
        return take_format(schedule, optarg);
    case OPTION_CONFIG:
        schedule->config = optarg;
        return EXIT_YES;
    case OPTION_ROOT:
        schedule->root = optarg;
        return EXIT_YES;
    case OPTION_DRY_RUN:
        schedule->dry = true;
        return EXIT_YES;
    case OPTION_DELETE_LOGS:
        schedule->delete_logs = true;
        return EXIT_YES;
    default:
        schedule->json = true;
        return EXIT_YES;
    }
}

static int take_all(struct schedule *schedule, const struct action_name *action,
                    int argc, char **argv)
{
    int option, status;

    while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
        if (option == '?')
            return usage("schedule", "an option is wrong");
        if ((actions_of(option) & action->action) == 0)
            return usage("schedule", "%s does not take this option",
                         action->name);
        status = take(schedule, option);
        if (status != EXIT_YES)
            return status;
    }
    if (optind < argc)
        return usage("schedule", "there is an argument too many");
    if (schedule->root != NULL && *schedule->root == '\0')
        return usage("schedule", "--root takes a directory");
    return EXIT_YES;
}

static int run(const struct action_name *action, int argc, char **argv)
{
    struct schedule schedule = {.changes = json_object()};
    int status = schedule.changes != NULL
                     ? take_all(&schedule, action, argc, argv)
                     : EXIT_UNAVAILABLE;

    if (status == EXIT_YES)
        status = action->run(&schedule);
    json_decref(schedule.changes);
    return status;
}

int command_schedule(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return help(text);
    for (size_t i = 0; argc > 1 && i < ACTIONS; i++)
        if (strcmp(argv[1], actions[i].name) == 0)
            return run(&actions[i], argc - 1, argv + 1);
    return usage("schedule", "install, show or remove is missing");
}

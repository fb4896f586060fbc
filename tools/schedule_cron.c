/* SPDX-License-Identifier: MIT */
/* A file for /etc/cron.d, whose lines have the user: cron(8), crontab(5). */
#include <paths.h>
#include <string.h>

#include "schedule.h"

/* cron.d knows names of letters, digits, '_' and '-' only. */
#define PATH ROLEAUTH_CRON_DIR "/roleauth-signout"

/* A word for the shell, which cron(8) always runs; '%' would end the line for
 * crontab(5), and cron takes the backslash away again. */
static void put_word(FILE *out, const char *word)
{
    (void)fputc('\'', out);
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            (void)fputs("'\\''", out);
        else if (*word == '%')
            (void)fputs("\\%", out);
        else
            (void)fputc(*word, out);
    }
    (void)fputc('\'', out);
}

static void put_line(FILE *out, const struct plan *plan)
{
    (void)fputs(" root ", out);
    put_word(out, plan->program);
    (void)fputs(" signout --due", out);
    if (plan->config != NULL) {
        (void)fputs(" --config ", out);
        put_word(out, plan->config);
    }
    /* What goes wrong is mailed. */
    (void)fputs(" >" _PATH_DEVNULL "\n", out);
}

/* With an hour of "*" daylight saving skips and repeats nothing, and the zone
 * of cron(8) does not matter; --due decides. */
static void put_minutes(FILE *out, const struct plan *plan)
{
    bool minutes[60] = {true}; /* each hour: a skipped or missed time */
    unsigned step = (unsigned)(plan_poll(plan) / 60), count = 0;
    const char *comma = "";

    plan_minutes(plan, minutes);
    for (unsigned minute = 0; plan->interval > 0 && minute < 60; minute += step)
        minutes[minute] = true;
    for (unsigned minute = 0; minute < 60; minute++)
        count += minutes[minute];
    for (unsigned minute = 0; count < 60 && minute < 60; minute++) {
        if (!minutes[minute])
            continue;
        (void)fprintf(out, "%s%u", comma, minute);
        comma = ",";
    }
    (void)fprintf(out, "%s * * * *", count == 60 ? "*" : "");
}

static int render(FILE *out, const struct plan *plan)
{
    (void)fputs("# " MARK_BLANK "\n"
                "# Times are in the configuration: roleauth schedule install\n"
                "SHELL=" _PATH_BSHELL "\n"
                "PATH=" _PATH_STDPATH "\n",
                out);
    put_minutes(out, plan);
    put_line(out, plan);
    (void)fputs("@reboot", out);
    put_line(out, plan);
    return ferror(out) != 0 ? -1 : 0;
}

static const struct unit units[] = {{PATH, NULL, render}};
static const char *const *const nothing[] = {NULL};

/* cron(8) looks at the directory each minute. */
const struct format schedule_cron = {
    .name = "cron",
    .units = units,
    .count = sizeof(units) / sizeof(units[0]),
    .start = nothing,
    .restart = nothing,
    .stop = nothing,
    .after_stop = nothing,
};

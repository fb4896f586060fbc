/* SPDX-License-Identifier: MIT */
/* A property list for launchd of macOS: launchd.plist(5). */
#include "schedule.h"

#define LABEL "roleauth.signout"

static void put_text(FILE *out, const char *text)
{
    (void)fputs("    <string>", out);
    for (; *text != '\0'; text++) {
        if (*text == '&')
            (void)fputs("&amp;", out);
        else if (*text == '<')
            (void)fputs("&lt;", out);
        else if (*text == '>')
            (void)fputs("&gt;", out);
        else
            (void)fputc(*text, out);
    }
    (void)fputs("</string>\n", out);
}

static void put_minute(FILE *out, unsigned minute)
{
    (void)fprintf(out,
                  "    <dict>\n"
                  "      <key>Minute</key>\n"
                  "      <integer>%u</integer>\n"
                  "    </dict>\n",
                  minute);
}

/* A time in local time; launchd knows no other zone, so that of another zone
 * is asked for each hour, on the minutes that it can fall on. */
static void put_calendar(FILE *out, const struct plan *plan)
{
    bool minutes[60] = {true}; /* each hour: a skipped or missed time */

    if (plan->zone != NULL)
        plan_minutes(plan, minutes);
    (void)fputs("  <key>StartCalendarInterval</key>\n"
                "  <array>\n",
                out);
    for (size_t i = 0; plan->zone == NULL && i < plan->daily_count; i++)
        (void)fprintf(out,
                      "    <dict>\n"
                      "      <key>Hour</key>\n"
                      "      <integer>%u</integer>\n"
                      "      <key>Minute</key>\n"
                      "      <integer>%u</integer>\n"
                      "    </dict>\n",
                      plan->daily[i] / 60, plan->daily[i] % 60);
    for (unsigned minute = 0; minute < 60; minute++)
        if (minutes[minute])
            put_minute(out, minute);
    (void)fputs("  </array>\n", out);
}

static int render(FILE *out, const struct plan *plan)
{
    (void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                "<!-- " MARK_BLANK " -->\n"
                "<plist version=\"1.0\">\n"
                "<dict>\n"
                "  <key>Label</key>\n"
                "  <string>" LABEL "</string>\n"
                "  <key>ProgramArguments</key>\n"
                "  <array>\n",
                out);
    put_text(out, plan->program);
    put_text(out, "signout");
    put_text(out, "--due");
    if (plan->config != NULL) {
        put_text(out, "--config");
        put_text(out, plan->config);
    }
    (void)fputs("  </array>\n"
                "  <key>RunAtLoad</key>\n"
                "  <true/>\n",
                out);
    /* As in the timer of systemd: --due is asked often. */
    if (plan->interval > 0)
        (void)fprintf(out,
                      "  <key>StartInterval</key>\n"
                      "  <integer>%ld</integer>\n",
                      plan_poll(plan));
    put_calendar(out, plan);
    (void)fputs("  <key>ProcessType</key>\n"
                "  <string>Background</string>\n"
                "  <key>Umask</key>\n"
                "  <integer>63</integer>\n"
                "</dict>\n"
                "</plist>\n",
                out);
    return ferror(out) != 0 ? -1 : 0;
}

#define PATH ROLEAUTH_LAUNCHD_DIR "/" LABEL ".plist"

static const struct unit units[] = {{PATH, NULL, render}};

static const char *const bootstrap[] = {"bootstrap", "system", PATH, NULL};
static const char *const bootout[] = {"bootout", "system/" LABEL, NULL};
static const char *const *const start[] = {bootstrap, NULL};
static const char *const *const restart[] = {bootout, bootstrap, NULL};
static const char *const *const stop[] = {bootout, NULL};
static const char *const *const after_stop[] = {NULL};

const struct format schedule_launchd = {
    .name = "launchd",
    .manager = "launchctl",
    .units = units,
    .count = sizeof(units) / sizeof(units[0]),
    .start = start,
    .restart = restart,
    .stop = stop,
    .after_stop = after_stop,
};

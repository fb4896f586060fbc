/* SPDX-License-Identifier: MIT */
/* systemd.service(5), systemd.timer(5), systemd.time(7), systemd.exec(5). */
#include <string.h>

#include "schedule.h"

#define SERVICE "roleauth-signout.service"
#define TIMER "roleauth-signout.timer"

/* One word of a command line: systemd.service(5), COMMAND LINES. */
static void put_word(FILE *out, const char *word)
{
    (void)fputc('"', out);
    for (; *word != '\0'; word++) {
        if (*word == '"' || *word == '\\')
            (void)fputc('\\', out);
        else if (*word == '%' || *word == '$')
            (void)fputc(*word, out);
        (void)fputc(*word, out);
    }
    (void)fputc('"', out);
}

/* What ProtectSystem=full makes read-only. */
static bool is_protected(const char *path)
{
    static const char *const places[] = {"/usr/", "/boot/", "/efi/", "/etc/"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strncmp(path, places[i], strlen(places[i])) == 0)
            return true;
    return false;
}

/* The directory of each, because what is in it may yet have to be made. */
static void put_writable(FILE *out, const struct plan *plan)
{
    for (size_t i = 0; i < plan->writable_count; i++) {
        const char *path = plan->writable[i];
        const char *slash = strrchr(path, '/');

        if (!is_protected(path))
            continue;
        (void)fputs("ReadWritePaths=\"-", out);
        /* Specifiers are expanded here, variables are not. */
        for (; path < slash; path++) {
            if (*path == '"' || *path == '\\')
                (void)fputc('\\', out);
            else if (*path == '%')
                (void)fputc('%', out);
            (void)fputc(*path, out);
        }
        (void)fputs("\"\n", out);
    }
}

static int render_service(FILE *out, const struct plan *plan)
{
    (void)fputs("# " MARK_BLANK "\n"
                "# For changes: systemctl edit " SERVICE "\n"
                "[Unit]\n"
                "Description=Sign-out on a schedule, if it is due\n"
                "Documentation=man:roleauth(1) man:roleauth.json(5)\n"
                "# For commands such as loginctl lock-sessions\n"
                "After=dbus.socket systemd-logind.service\n"
                "After=time-set.target\n"
                "\n"
                "[Service]\n"
                "Type=oneshot\n"
                "ExecStart=",
                out);
    put_word(out, plan->program);
    (void)fputs(" signout --due", out);
    if (plan->config != NULL) {
        (void)fputs(" --config ", out);
        put_word(out, plan->config);
    }
    (void)fputs("\n"
                "# The sign-out command has a time limit of its own, of an\n"
                "# hour at most\n"
                "TimeoutStartSec=3720\n"
                "UMask=0077\n"
                "# It runs often: what it complains about goes to the journal\n"
                "StandardOutput=null\n"
                "StandardError=journal\n"
                "SyslogLevel=notice\n"
                "LogLevelMax=notice\n"
                "\n"
                "# Records, state and log are written, and the sign-out\n"
                "# command needs the system bus, the sessions of users and\n"
                "# perhaps their files, terminals and processes; so /run,\n"
                "# /var, /home, /tmp and /dev stay as they are\n"
                "ProtectSystem=full\n",
                out);
    put_writable(out, plan);
    (void)fputs("NoNewPrivileges=yes\n"
                "ProtectKernelTunables=yes\n"
                "ProtectKernelModules=yes\n"
                "ProtectKernelLogs=yes\n"
                "ProtectControlGroups=yes\n"
                "ProtectHostname=yes\n"
                "LockPersonality=yes\n"
                "RestrictRealtime=yes\n"
                "RestrictSUIDSGID=yes\n"
                "RestrictNamespaces=yes\n"
                "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"
                "CapabilityBoundingSet=~CAP_SYS_ADMIN CAP_SYS_BOOT "
                "CAP_SYS_MODULE CAP_SYS_PTRACE CAP_SYS_RAWIO CAP_SYS_TIME "
                "CAP_MKNOD CAP_MAC_ADMIN CAP_MAC_OVERRIDE CAP_NET_ADMIN "
                "CAP_NET_RAW CAP_SYSLOG\n"
                "SystemCallArchitectures=native\n"
                "SystemCallFilter=@system-service\n"
                "SystemCallErrorNumber=EPERM\n",
                out);
    return ferror(out) != 0 ? -1 : 0;
}

static void put_calendar(FILE *out, const struct plan *plan)
{
    for (size_t i = 0; i < plan->daily_count; i++)
        (void)fprintf(out, "OnCalendar=*-*-* %02u:%02u:00%s%s\n",
                      plan->daily[i] / 60, plan->daily[i] % 60,
                      plan->zone != NULL ? " " : "",
                      plan->zone != NULL ? plan->zone : "");
    /* systemd.time(7) has no moment for a time that daylight saving skips. */
    (void)fputs("# Each hour, for a time that daylight saving skips\n"
                "OnCalendar=*-*-* *:00:00\n"
                "# For one at which the machine was off\n"
                "Persistent=true\n",
                out);
}

static int render_timer(FILE *out, const struct plan *plan)
{
    (void)fputs("# " MARK_BLANK "\n"
                "# Times are in the configuration: roleauth schedule install\n"
                "[Unit]\n"
                "Description=Sign-out on a schedule\n"
                "Documentation=man:roleauth(1) man:roleauth.json(5)\n"
                "\n"
                "[Timer]\n"
                "Unit=" SERVICE "\n",
                out);
    if (plan->boot)
        (void)fputs("OnBootSec=0\n", out);
    (void)fputs("# Once when this timer starts\n"
                "OnActiveSec=0\n",
                out);
    if (plan->interval > 0)
        (void)fprintf(out,
                      "# An interval of %ld seconds is counted from the last\n"
                      "# sign-out, which no timer knows: --due is asked\n"
                      "OnUnitActiveSec=%lds\n",
                      plan->interval, plan_poll(plan));
    put_calendar(out, plan);
    (void)fputs("# Other moments are due when the clock or the zone changes\n"
                "OnClockChange=yes\n"
                "OnTimezoneChange=yes\n"
                "AccuracySec=1s\n"
                "\n"
                "[Install]\n"
                "WantedBy=timers.target\n",
                out);
    return ferror(out) != 0 ? -1 : 0;
}

static const struct unit units[] = {
    {ROLEAUTH_SYSTEMD_DIR "/" SERVICE, NULL, render_service},
    {ROLEAUTH_SYSTEMD_DIR "/" TIMER, NULL, render_timer},
    /* What `systemctl enable` makes, here also below --root. */
    {ROLEAUTH_SYSTEMD_DIR "/timers.target.wants/" TIMER,
     ROLEAUTH_SYSTEMD_DIR "/" TIMER, NULL},
};

static const char *const reload[] = {"daemon-reload", NULL};
static const char *const enable[] = {"enable", "--now", TIMER, NULL};
static const char *const disable[] = {"disable", "--now", TIMER, NULL};
static const char *const *const start[] = {reload, enable, NULL};
static const char *const *const stop[] = {disable, NULL};
static const char *const *const after_stop[] = {reload, NULL};

const struct format schedule_systemd = {
    .name = "systemd",
    .manager = "systemctl",
    .running = "/run/systemd/system", /* sd_booted(3) */
    .units = units,
    .count = sizeof(units) / sizeof(units[0]),
    .start = start,
    .restart = start,
    .stop = stop,
    .after_stop = after_stop,
    .again = true,
};

/* SPDX-License-Identifier: MIT */
/* The library tells moments, and keeps its zones to itself.  The tool is a
 * process of its own, which may set TZ. */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schedule.h"

#define ZONES "/usr/share/zoneinfo/"

json_t *local_config(const char *path)
{
    const char *name = path != NULL ? path : ROLEAUTH_CONFIG_FILE;
    json_t *top = NULL;
    struct stat st;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 && path == NULL && errno == ENOENT)
        return json_object();
    if (fd < 0) {
        (void)fail_file(name, strerror(errno));
        return NULL;
    }
    /* It was looked at before; it may have been replaced since. */
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        st.st_size <= ROLEAUTH_MAX_CONFIG)
        top = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
    (void)close(fd);
    if (json_is_object(top))
        return top;
    json_decref(top);
    (void)fail_file(name, "the configuration cannot be read");
    return NULL;
}

/* The name of a zone was checked by the library: it is neither absolute nor
 * has it a "..". */
int local_zone(const json_t *config)
{
    const struct config view = {.top = (json_t *)(uintptr_t)config};
    const char *zone = config_text(&view, "time_zone");
    char *file = NULL;
    int rc;

    if (zone == NULL) {
        /* tzset(3): /etc/localtime, or UTC where there is none. */
        rc = unsetenv("TZ");
    } else if (strcmp(zone, "UTC") == 0) {
        rc = setenv("TZ", "UTC0", 1);
    } else {
        /* An absolute path, so that TZDIR has no say either. */
        if (asprintf(&file, ":" ZONES "%s", zone) < 0)
            file = NULL;
        rc = file != NULL ? setenv("TZ", file, 1) : -1;
        free(file);
    }
    if (rc != 0) {
        (void)fputs("roleauth: out of memory\n", stderr);
        return EXIT_UNAVAILABLE;
    }
    tzset();
    return EXIT_YES;
}

/* Four digits are what is written and read. */
static bool has_year(const struct tm *tm)
{
    return tm != NULL && tm->tm_year >= 1 - 1900 && tm->tm_year <= 9999 - 1900;
}

bool local_text(int64_t second, char text[MOMENT_SIZE])
{
    time_t moment = (time_t)second;
    struct tm tm;

    return has_year(localtime_r(&moment, &tm)) &&
           strftime(text, MOMENT_SIZE, "%Y-%m-%d %H:%M:%S", &tm) > 0;
}

bool local_text_zoned(int64_t second, char text[MOMENT_SIZE])
{
    time_t moment = (time_t)second;
    struct tm tm;

    return has_year(localtime_r(&moment, &tm)) &&
           strftime(text, MOMENT_SIZE, "%Y-%m-%d %H:%M:%S %z", &tm) > 0;
}

bool utc_text(int64_t second, char text[MOMENT_SIZE])
{
    time_t moment = (time_t)second;
    struct tm tm;

    return has_year(gmtime_r(&moment, &tm)) &&
           strftime(text, MOMENT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0;
}

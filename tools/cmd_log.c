/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "schedule.h"

enum {
    OPTION_USER = OPTION_OWN,
    OPTION_ROLE,
    OPTION_DECISION,
    OPTION_SINCE,
    OPTION_UNTIL,
};

static const char text[] =
    "usage: roleauth log [OPTION]... [FILE]...\n"
    "\n"
    "Prints events from FILE, which may be -, or from the first file in\n"
    "\"events\" of the configuration.  Changes nothing.\n"
    "\n"
    "  --user USER      requested by USER, who authenticated or was signed "
    "out\n"
    "  --role ROLE      of this role\n"
    "  --decision WORD  accept, reject, error or signout (repeatable)\n"
    "  --since TIME     at TIME or later\n"
    "  --until TIME     before TIME\n"
    "  --config FILE    instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --json           print the events as they are\n"
    "  --help           print this\n"
    "\n"
    "TIME is RFC 3339, or \"YYYY-MM-DD\" or \"YYYY-MM-DD HH:MM\" in the zone "
    "of\n"
    "the configuration, or so long ago: 90s, 30m, 2h, 3d, 1w.\n";

static const struct option options[] = {
    {"user", required_argument, NULL, OPTION_USER},
    {"role", required_argument, NULL, OPTION_ROLE},
    {"decision", required_argument, NULL, OPTION_DECISION},
    {"since", required_argument, NULL, OPTION_SINCE},
    {"until", required_argument, NULL, OPTION_UNTIL},
    {"config", required_argument, NULL, OPTION_CONFIG},
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

struct log {
    struct shared shared;
    struct log_filter filter;
    const char *since, *until;
    char *line;           /* LOG_LINE bytes */
    size_t odd, too_long; /* lines of this file that were left out */
};

/* ---- lines ---- */

enum line { LINE_END, LINE_READ, LINE_TOO_LONG };

/* Reads up to a line end, or the end of the file. */
static enum line read_line(FILE *file, char *line, size_t *length)
{
    size_t count = 0;
    int c;

    *length = 0;
    while ((c = getc_unlocked(file)) != EOF && c != '\n') {
        if (*length < LOG_LINE)
            line[(*length)++] = (char)c;
        count++;
    }
    if (c == EOF && count == 0)
        return LINE_END;
    return count > LOG_LINE ? LINE_TOO_LONG : LINE_READ;
}

static bool is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (line[i] != ' ' && line[i] != '\r' && line[i] != '\t')
            return false;
    return true;
}

/* Is there nothing in it that a terminal may obey? */
static bool is_plain(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (line[i] < ' ' || line[i] > '~')
            return false;
    return true;
}

/* As it stands; what is not plain ASCII is escaped, the value is the same. */
static void pass_through(const struct log *log, size_t length, json_t *event)
{
    if (is_plain(log->line, length)) {
        (void)fwrite(log->line, 1, length, stdout);
        (void)putchar('\n');
    } else {
        (void)put_json(json_incref(event));
    }
}

static void take_line(struct log *log, size_t length)
{
    json_t *event = json_loadb(log->line, length, JSON_REJECT_DUPLICATES, NULL);

    if (log_kind_of_event(event) == LOG_NONE) {
        log->odd += !is_blank(log->line, length);
    } else if (log_passes(&log->filter, event)) {
        if (log->shared.json)
            pass_through(log, length, event);
        else
            log_print(event);
    }
    json_decref(event);
}

/* ---- files ---- */

static void tell_left_out(const struct log *log, const char *name)
{
    if (log->odd == 0 && log->too_long == 0)
        return;
    (void)fputs("roleauth: ", stderr);
    put_visible(stderr, name);
    (void)fprintf(stderr, ": left out: lines that are no events: %zu",
                  log->odd);
    if (log->too_long > 0)
        (void)fprintf(stderr, ", lines of more than %d bytes: %zu", LOG_LINE,
                      log->too_long);
    (void)fputc('\n', stderr);
}

static int read_lines(struct log *log, FILE *file, const char *name)
{
    enum line what = LINE_END;
    size_t length;
    int err;

    log->odd = log->too_long = 0;
    errno = 0;
    /* Who reads may have gone away. */
    while (ferror(stdout) == 0 &&
           (what = read_line(file, log->line, &length)) != LINE_END) {
        if (what == LINE_READ)
            take_line(log, length);
        else
            log->too_long++;
    }
    err = errno;
    tell_left_out(log, name);
    if (ferror(file) == 0)
        return EXIT_YES;
    (void)fail_file(name, strerror(err));
    return EXIT_UNAVAILABLE;
}

/* Only a regular file is opened: opening a device may already do something,
 * and a pipe keeps who opens it waiting. */
static int open_regular(const char *name, const char **why)
{
    struct stat st;
    int fd = -1;

    *why = "not a regular file; - reads standard input";
    if (stat(name, &st) != 0) {
        *why = strerror(errno);
        return -1;
    }
    if (!S_ISREG(st.st_mode))
        return -1;
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        *why = strerror(errno);
        return -1;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    (void)close(fd);
    return -1;
}

static int read_file(struct log *log, const char *name)
{
    const char *why = NULL;
    int status, fd;
    FILE *file;

    if (strcmp(name, "-") == 0)
        return read_lines(log, stdin, "standard input");
    fd = open_regular(name, &why);
    if (fd < 0)
        return fail_file(name, why);
    file = fdopen(fd, "r");
    if (file == NULL) {
        why = strerror(errno);
        (void)close(fd);
        return fail_file(name, why);
    }
    status = read_lines(log, file, name);
    (void)fclose(file);
    return status;
}

static int read_configured(struct log *log, const json_t *top)
{
    const struct config view = {.top = (json_t *)(uintptr_t)top};
    const char *name = config_log(&view, 0);

    if (name != NULL)
        return read_file(log, name);
    (void)fail_file(log->shared.config != NULL ? log->shared.config
                                               : ROLEAUTH_CONFIG_FILE,
                    "events go to no file: name a FILE, or have one written by "
                    "\"events\": [{\"sink\": \"file\", \"path\": "
                    "\"/var/log/roleauth.log\"}]");
    return EXIT_UNUSABLE;
}

static int read_all(struct log *log, const json_t *top, char **names)
{
    int worst = EXIT_YES;

    log->line = malloc(LOG_LINE);
    if (log->line == NULL) {
        (void)fputs("roleauth: out of memory\n", stderr);
        return EXIT_UNAVAILABLE;
    }
    if (*names == NULL)
        worst = read_configured(log, top);
    for (; *names != NULL; names++) {
        int status = read_file(log, *names);

        if (status > worst)
            worst = status;
    }
    free(log->line);
    return worst;
}

/* ---- the command ---- */

/* Once local time is that of the configuration. */
static int take_times(struct log *log)
{
    log->filter.since = INT64_MIN;
    log->filter.until = INT64_MAX;
    if (log->since != NULL && !when_argument(log->since, &log->filter.since))
        return usage("log", "--since takes no such time");
    if (log->until != NULL && !when_argument(log->until, &log->filter.until))
        return usage("log", "--until takes no such time");
    return EXIT_YES;
}

static int run(struct log *log, char **names)
{
    roleauth_context *context;
    json_t *top = NULL;
    int status = EXIT_YES;

    /* Nothing is decided here: that others could have written it is only
     * warned of. */
    context = shared_context(&log->shared, roleauth_context_inspect, &status);
    if (context == NULL)
        return status;
    roleauth_context_free(&context);
    top = local_config(log->shared.config);
    if (top == NULL)
        return EXIT_UNUSABLE;
    if ((status = local_zone(top)) == EXIT_YES &&
        (status = take_times(log)) == EXIT_YES)
        status = read_all(log, top, names);
    json_decref(top);
    return status;
}

static int take_decision(struct log *log, const char *word)
{
    enum log_kind kind = log_kind_of_word(word);

    log->filter.kinds |= (unsigned)kind;
    return kind != LOG_NONE ? EXIT_YES
                            : usage("log", "--decision takes accept, reject, "
                                           "error or signout");
}

static int take_option(struct log *log, int option)
{
    switch (option) {
    case OPTION_USER:
        log->filter.user = optarg;
        return EXIT_YES;
    case OPTION_ROLE:
        log->filter.role = optarg;
        return EXIT_YES;
    case OPTION_DECISION:
        return take_decision(log, optarg);
    case OPTION_SINCE:
        log->since = optarg;
        return EXIT_YES;
    case OPTION_UNTIL:
        log->until = optarg;
        return EXIT_YES;
    default:
        return shared_take(&log->shared, option)
                   ? EXIT_YES
                   : usage("log", "an option is wrong");
    }
}

int command_log(int argc, char **argv)
{
    struct log log = {.line = NULL};
    int option, status;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return help(text);
        if ((status = take_option(&log, option)) != EXIT_YES)
            return status;
    }
    return run(&log, argv + optind);
}

/* SPDX-License-Identifier: MIT */
/* A bar on standard error while a load takes long.  Blanks and carriage
 * returns alone: every terminal knows them, and whatever width it has now is
 * asked for each time, so that nothing has to be told of SIGWINCH. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tool.h"

#define WIDEST 80    /* columns of the whole line */
#define NARROWEST 10 /* of a bar that is worth looking at */

void progress_begin(struct progress *progress)
{
    memset(progress, 0, sizeof(*progress));
    progress->watched = isatty(STDERR_FILENO) == 1 &&
                        clock_gettime(CLOCK_MONOTONIC, &progress->began) == 0;
}

/* Has it taken a second already? */
static bool is_slow(const struct progress *progress)
{
    struct timespec now;
    time_t seconds;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return false;
    seconds = now.tv_sec - progress->began.tv_sec;
    return seconds > 1 ||
           (seconds == 1 && now.tv_nsec >= progress->began.tv_nsec);
}

/* A background job stays away from what is on the screen meanwhile, and is not
 * stopped by a terminal that wants it so (TOSTOP, termios(3)). */
static bool in_foreground(void)
{
    pid_t group = tcgetpgrp(STDERR_FILENO);

    return group < 0 || group == getpgrp();
}

/* Columns to draw in.  The last one stays free: some terminals wrap as soon
 * as it is written. */
static size_t columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ||
        size.ws_col > WIDEST)
        return WIDEST - 1;
    return (size_t)size.ws_col - 1;
}

/* "reading  42% [####      ]" in at most room columns. */
static void compose(char line[WIDEST], size_t room, const char *phase,
                    double part)
{
    int head = snprintf(line, WIDEST, "%s %3d%%", phase, (int)(100 * part));
    size_t used = head > 0 ? (size_t)head : 0;
    size_t bar, full;

    if (used > room)
        used = room;
    line[used] = '\0';
    if (room < used + 3 + NARROWEST)
        return;
    bar = room - used - 3;
    full = (size_t)((double)bar * part);
    line[used++] = ' ';
    line[used++] = '[';
    memset(line + used, '#', full);
    memset(line + used + full, ' ', bar - full);
    line[used + bar] = ']';
    line[used + bar + 1] = '\0';
}

void progress_show(void *data, const char *phase, size_t done, size_t total)
{
    struct progress *progress = data;
    char line[WIDEST];
    size_t room;

    if (!progress->watched || total == 0 || !is_slow(progress) ||
        !in_foreground())
        return;
    if (done > total)
        done = total;
    room = columns();
    compose(line, room, phase, (double)done / (double)total);
    if (progress->drawn > room)
        progress->drawn = room;
    /* Blanks over what is left of a longer line. */
    (void)fprintf(stderr, "\r%-*s", (int)progress->drawn, line);
    progress->drawn = strlen(line);
}

void progress_erase(struct progress *progress)
{
    if (progress->drawn == 0)
        return;
    (void)fprintf(stderr, "\r%*s\r", (int)progress->drawn, "");
    progress->drawn = 0;
}

/* SPDX-License-Identifier: MIT */
/* Reading and writing with a time limit, for the conversations. */
#ifndef RA_AUTH_IO_H
#define RA_AUTH_IO_H

#include <roleauth.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* A moment on CLOCK_MONOTONIC. */
struct ra_deadline {
    bool limited;
    struct timespec at;
};

/* seconds 0: no limit. */
void ra_deadline_start(struct ra_deadline *deadline, unsigned seconds);
/* Milliseconds left, at most most, rounded up; 0: it has passed. */
int ra_deadline_left(const struct ra_deadline *deadline, int most);

/* Waits until a descriptor is ready for events of poll(2), or hung up.
 * ANSWERED, TIMEOUT or FAILED. */
roleauth_answer ra_wait_for(int fd, short events,
                            const struct ra_deadline *deadline);
/* Writes everything; false: it could not be written in time. */
bool ra_write_all(int fd, const char *bytes, size_t length,
                  const struct ra_deadline *deadline);
/* Writes a text that needs no answer, with a newline behind it when it has
 * none.  fd -1 is NOBODY: it was not shown. */
roleauth_answer ra_show_line(int fd, const char *text,
                             const struct ra_deadline *deadline);
/* Reads one byte: 1, 0 at the end, -1 with errno (EAGAIN: not yet). */
int ra_read_byte(int fd, unsigned char *c);

/* Reads one line into the prompt's reply, a byte at a time so that nothing
 * behind its newline is lost to others.  A CR before the newline or the end is
 * dropped.  End of input before any byte is CANCELLED. */
roleauth_answer ra_read_line(int fd, roleauth_prompt *prompt,
                             const struct ra_deadline *deadline);

#endif

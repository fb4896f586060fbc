/* SPDX-License-Identifier: MIT */
/* A line that is typed, byte by byte, and how it looks on a screen.  Pure: no
 * terminal is touched here. */
#ifndef RA_AUTH_LINE_H
#define RA_AUTH_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* The terminal's own characters, termios(3); 0: not set.  ^H and DEL, ^U, ^W,
 * ^C, ^D and ^Z work besides, where they are none of these. */
struct ra_line_keys {
    unsigned char erase, kill, word_erase, interrupt, quit, end_of_file,
        suspend;
};

enum ra_line_event {
    RA_LINE_MORE,   /* the line goes on */
    RA_LINE_DONE,   /* it is complete: text, or unusable */
    RA_LINE_CANCEL, /* the user gave up; the text is wiped */
    RA_LINE_SUSPEND /* the user wants to stop; the text is wiped */
};

struct ra_line {
    char *text;    /* borrowed; NUL-terminated at every moment */
    size_t size;   /* bytes that text has room for, with the NUL */
    size_t length; /* 0 while unusable */
    bool unusable; /* too long or with a NUL byte: a wrong password */
    struct ra_line_keys keys;
};

/* size must be at least 1. */
void ra_line_start(struct ra_line *line, char *text, size_t size,
                   const struct ra_line_keys *keys);
enum ra_line_event ra_line_feed(struct ra_line *line, unsigned char c);

/* How a text looks while it is typed: bytes to write, and columns for each.
 * Every byte of the text takes at most 3 bytes. */
struct ra_line_cell {
    char bytes[4];
    unsigned char length;  /* of bytes */
    unsigned char columns; /* 0 to 2 */
    unsigned char taken;   /* bytes of the text */
};
/* The first cell of a text; false: there is none, or it is not complete. */
bool ra_line_cell(const char *text, size_t length, struct ra_line_cell *cell);

#endif

/* SPDX-License-Identifier: MIT */
/* What the files of `roleauth log` share. */
#ifndef ROLEAUTH_LOG_H
#define ROLEAUTH_LOG_H

#include "local.h"

/* Bytes of the longest line that is read; the library cuts texts, so that its
 * own are far shorter. */
#define LOG_LINE 1048576

/* ---- log_filter.c ---- */

/* What kind of event a line is; a set of them in a filter. */
enum log_kind {
    LOG_NONE = 0, /* no event */
    LOG_ACCEPT = 1,
    LOG_REJECT = 2,
    LOG_ERROR = 4,
    LOG_SIGN_OUT = 8,
};

struct log_filter {
    const char *user, *role; /* NULL: any */
    unsigned kinds;          /* 0: any */
    int64_t since, until;    /* milliseconds since 1970; until is not in it */
};

/* "accept", "reject", "error" or "signout"; LOG_NONE for anything else. */
enum log_kind log_kind_of_word(const char *word);
enum log_kind log_kind_of_event(const json_t *event);
/* An event whose time is not known passes since and until: who audits would
 * rather see one too many. */
bool log_passes(const struct log_filter *filter, const json_t *event);

/* ---- log_print.c ---- */

/* Prints an event on one line. */
void log_print(const json_t *event);

#endif

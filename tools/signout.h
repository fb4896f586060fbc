/* SPDX-License-Identifier: MIT */
/* What the files of `roleauth signout` share. */
#ifndef ROLEAUTH_SIGNOUT_H
#define ROLEAUTH_SIGNOUT_H

#include "tool.h"

enum signout_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JAMF };

struct signout {
    struct shared shared;
    const char *user, *fname;
    bool due, last;
    const char *format; /* NULL: not given */
};

/* signout_last.c: tells the last sign-out that ended what user and fname say.
 */
int signout_last(const struct signout *signout, enum signout_format format);

#endif

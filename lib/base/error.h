/* SPDX-License-Identifier: MIT */
/* How the library fills a caller's roleauth_error. */
#ifndef RA_BASE_ERROR_H
#define RA_BASE_ERROR_H

#include <roleauth.h>

/* Sets *error, unless it is NULL or holds an earlier error.  The text is made
 * safe for a terminal.  Returns code. */
int ra_fail(roleauth_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As ra_fail(), for something in a file; line and column 0: none. */
int ra_fail_in(roleauth_error *error, int code, const char *file, size_t line,
               size_t column, const char *path, const char *text);

/* ra_fail() with "out of memory"; returns ROLEAUTH_E_NOMEM. */
int ra_fail_nomem(roleauth_error *error);

/* ra_fail() with ROLEAUTH_E_IO and ": " and the text of errno value err,
 * which is read before anything else is called. */
int ra_fail_errno(roleauth_error *error, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif

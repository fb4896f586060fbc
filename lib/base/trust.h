/* SPDX-License-Identifier: MIT */
/* Opening files and directories that nobody else could have written or
 * replaced (compare safe_path() of OpenSSH). */
#ifndef RA_BASE_TRUST_H
#define RA_BASE_TRUST_H

#include <roleauth.h>
#include <sys/types.h>

/* Opens a regular file for reading.  path may be relative and may go through
 * symbolic links: every directory on the way, and that of every link, is
 * checked; each must belong to root or the effective user and be writable by
 * nobody else, or be sticky and root's (such as /tmp) with the next component
 * belonging to root or the effective user.  The file itself must belong to
 * root or the effective user and be writable by nobody else, and is checked
 * by fstat(2) on the open descriptor (opened O_NONBLOCK first, so that a FIFO
 * cannot hang us).
 * On success *fd is open, close-on-exec, and *trusted tells the finding; when
 * that is 0, *error (when given) holds why, with code ROLEAUTH_E_UNTRUSTED,
 * naming the component and the mend ("chmod go-w DIR"), and the return value
 * is still 0: the caller decides.
 * Returns 0, or ROLEAUTH_E_IO (does not exist, not a regular file, ...). */
int ra_trust_open_file(const char *path, int *fd, int *trusted,
                       roleauth_error *error);

/* As ra_trust_open_file(), but opens nothing, because whoever closes any
 * descriptor of a file gives up all of the process's locks on it, also those
 * of SQLite (fcntl_locking(2)).  Returns 0; ROLEAUTH_E_NOT_FOUND, with
 * nothing in *error; ROLEAUTH_E_IO. */
int ra_trust_check_file(const char *path, int *trusted, roleauth_error *error);

/* Opens a directory that must belong to the effective user with mode 0700,
 * reached as above.  Returns 0 with *fd open (O_DIRECTORY | O_CLOEXEC);
 * ROLEAUTH_E_NOT_FOUND; ROLEAUTH_E_UNTRUSTED; ROLEAUTH_E_IO. */
int ra_trust_open_private_dir(const char *path, int *fd, roleauth_error *error);
/* As ra_trust_open_private_dir(), and makes the last component with mode
 * 0700 when it is absent (whatever the umask). */
int ra_trust_make_private_dir(const char *path, int *fd, roleauth_error *error);

/* Opens the directory in which a file is to be made or replaced: one in which
 * nobody but root and the effective user could replace it again, reached as
 * above.  *name is the last component, in path; it need not exist, and what it
 * is has not been looked at.  Returns 0 with *fd open (O_DIRECTORY |
 * O_CLOEXEC); ROLEAUTH_E_UNTRUSTED; ROLEAUTH_E_IO. */
int ra_trust_open_parent(const char *path, int *fd, const char **name,
                         roleauth_error *error);

/* Reads an open file to its end, at most max bytes (ROLEAUTH_E_LIMIT when
 * larger), into memory for free(3) with a NUL behind it.  name is for the
 * error's text. */
int ra_read_all(int fd, const char *name, size_t max, char **bytes,
                size_t *length, roleauth_error *error);

#endif

/* SPDX-License-Identifier: MIT */
/* The sign-outs of the past: one item of the state area, newest first. */
#ifndef RA_STORE_HISTORY_H
#define RA_STORE_HISTORY_H

#include <roleauth.h>

#define RA_HISTORY_ITEM "signouts"
#define RA_HISTORY_ID 16

/* Adds one, whose command, if it has one, is still to end, and forgets the
 * oldest ones beyond ROLEAUTH_MAX_SIGN_OUTS.  A damaged history is replaced.
 * id is set to what ra_history_complete() finds it by.  Returns 0;
 * ROLEAUTH_E_ARGUMENT: a text is too long; or why it was not kept. */
int ra_history_add(const roleauth_store *store,
                   const roleauth_sign_out_record *sign_out,
                   unsigned char id[RA_HISTORY_ID], roleauth_error *error);

/* Says what became of its command.  Returns 0, also when it was forgotten
 * meanwhile; or why that was not kept. */
int ra_history_complete(const roleauth_store *store,
                        const unsigned char id[RA_HISTORY_ID],
                        roleauth_command_end command, int code,
                        roleauth_error *error);

/* roleauth_sign_outs() without the context. */
int ra_history_each(const roleauth_store *store,
                    void (*each)(void *data,
                                 const roleauth_sign_out_record *sign_out),
                    void *data, roleauth_error *error);

#endif

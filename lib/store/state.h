/* SPDX-License-Identifier: MIT */
/* The state: the key of all records, and what was revoked.  It is one item of
 * the state area, so that key and revocations can only change together. */
#ifndef RA_STORE_STATE_H
#define RA_STORE_STATE_H

#include <roleauth.h>
#include <stdbool.h>

#include "base/crypto.h"
#include "store/wire.h"

#define RA_STATE_ITEM "state"
#define RA_STATE_KEY 32
/* More revocations by user or fname than these become a full one. */
#define RA_STATE_REVOCATIONS 4096

/* Ends the records of a user, of an fname or of both together whose
 * generation is smaller. */
struct ra_revocation {
    unsigned char kind;                   /* RA_REVOKED_... */
    unsigned char digest[RA_SHA256_SIZE]; /* of the names, by the key */
    uint64_t generation;
};

#define RA_REVOKED_USER 1U
#define RA_REVOKED_FNAME 2U

/* In the memory of base/secret.h. */
struct ra_state {
    unsigned char key[RA_STATE_KEY];
    roleauth_time made;  /* the key, which a full revocation replaces; zero:
                            the clock could not be read */
    bool revoked;        /* it was, in place of another */
    uint64_t generation; /* grows with every revocation, from 1 */
    uint64_t floor;      /* what has a smaller one is void */
    int64_t passed;      /* the trigger moment for which it was raised last; 0:
                            none since the key was made */
    uint32_t count;
    struct ra_revocation revocations[];
};

/* Reads it.  Returns 0; ROLEAUTH_E_NOT_FOUND: there is none;
 * ROLEAUTH_E_INVALID, ROLEAUTH_E_LIMIT or ROLEAUTH_E_UNTRUSTED: it is damaged,
 * or may have been read by others; ROLEAUTH_E_IO; ROLEAUTH_E_NOMEM. */
int ra_state_read(const roleauth_store *store, struct ra_state **state,
                  roleauth_error *error);

/* As ra_state_read(), and makes a new one, with a new key, where there is none
 * or only a damaged one.  Every old record is then void. */
int ra_state_open(const roleauth_store *store, const roleauth_clock *clock,
                  struct ra_state **state, roleauth_error *error);

/* Does what ra_state_read() returned say that there is no state, or none that
 * is of use, so that a new one is to be made? */
bool ra_state_is_lost(int rc);

void ra_state_free(struct ra_state **state);

/*
 * Revokes: all (user and fname NULL) by a new key, or by user, by fname, or by
 * both together, by an entry in the list.  When the list would grow beyond
 * RA_STATE_REVOCATIONS entries, everything is revoked instead.
 *
 * When the new state cannot be written (a full disk), the old one is removed,
 * so that everything is void.  The call then returns 0, and *error, while its
 * code stays ROLEAUTH_OK, has a text that says so.
 *
 * Returns 0: it is revoked; any other code: nothing is.
 */
int ra_state_revoke(const roleauth_store *store, const roleauth_clock *clock,
                    const char *user, const char *fname, roleauth_error *error);

/* ra_state_revoke() of all, if it is still wanted once nobody else can change
 * the state: wanted is called with it (NULL: it is damaged).  So of many
 * processes that find the same reason to revoke, one does it: the others wait
 * for the lock, and then see its new state.  Returns as ra_state_revoke(), or
 * ROLEAUTH_E_NOT_FOUND: it was not wanted, or there is no state any more. */
int ra_state_revoke_if(const roleauth_store *store, const roleauth_clock *clock,
                       bool (*wanted)(void *data, const struct ra_state *state),
                       void *data, roleauth_error *error);

/* Ends all records, because this trigger moment has passed, unless that was
 * done for the same one before.  The key stays, and when it was made, so that a
 * sign-out is still due.  Returns 0 or why it could not be written. */
int ra_state_pass(const roleauth_store *store, int64_t moment,
                  roleauth_error *error);

/* The smallest generation that is not revoked for a record of these names;
 * requester may be NULL.  False: it cannot be told. */
bool ra_state_floor(const struct ra_state *state, const char *user,
                    const char *requester, const char *fname, uint64_t *floor);

/* HMAC under the key.  What is authenticated starts with four bytes that tell
 * its kind, so that no MAC of one kind can stand for another. */
bool ra_state_mac(const struct ra_state *state, const void *bytes,
                  size_t length, unsigned char mac[RA_SHA256_SIZE]);
/* As ra_state_mac(), of what was written; false also when that failed. */
bool ra_state_mac_written(const struct ra_state *state,
                          const struct ra_writer *writer,
                          unsigned char mac[RA_SHA256_SIZE]);
/* Do the last RA_SHA256_SIZE bytes authenticate those before?  In constant
 * time.  Returns 0; ROLEAUTH_E_INVALID: no; ROLEAUTH_E_INTERNAL: it cannot be
 * told, since libcrypto failed. */
int ra_state_authenticate(const struct ra_state *state, const void *bytes,
                          size_t length);

#endif

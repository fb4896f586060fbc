/* SPDX-License-Identifier: MIT */
/* Timestamp records over the store seam.  records.c says what must hold. */
#ifndef RA_STORE_STORE_H
#define RA_STORE_STORE_H

#include <roleauth.h>
#include <stdbool.h>

#include "base/crypto.h"
#include "store/triggers.h"

/* What a record answers for: exactly one of each. */
struct ra_binding {
    const char *fname;
    const char *method;
    const char *user; /* who is authenticated */
    bool has_uid;     /* a local user: and with this uid */
    uint32_t uid;
    const char *service;     /* NULL: none */
    const char *requester;   /* NULL: none */
    const char *submit_host; /* NULL: none */
    const char *scope;       /* NULL: as wide as the requester */
};

/* What a record says of one proof. */
struct ra_proof_record {
    roleauth_time proved_at; /* when the password was entered */
    uint32_t period;         /* seconds */
    bool has_credential;     /* shadow(5) has the user */
    unsigned char credential[RA_SHA256_SIZE]; /* ra_records_credential() */
};

/* The records as one evaluation sees them: key and generation as they were
 * when it was opened.  Used by one thread. */
typedef struct ra_records ra_records;

struct ra_records_config {
    const roleauth_store *store;
    const roleauth_clock *clock;
    bool survive_reboot;
    const struct ra_triggers *triggers; /* NULL: none */
};

/* Reads key and generation; makes a key when there is none or it is damaged.
 * Returns 0; ROLEAUTH_E_IO, ROLEAUTH_E_UNTRUSTED, ROLEAUTH_E_NOMEM. */
int ra_records_open(ra_records **records,
                    const struct ra_records_config *config,
                    roleauth_error *error);
/* As ra_records_open() but never makes or alters anything:
 * ROLEAUTH_E_NOT_FOUND when there is no usable key. */
int ra_records_open_existing(ra_records **records,
                             const struct ra_records_config *config,
                             roleauth_error *error);
void ra_records_close(ra_records **records);

/* Says that time has passed since the records were opened, such as while a
 * person was asked. */
void ra_records_waited(ra_records *records);

/* Can this binding be remembered at all?  NULL: yes; else prose for a note
 * (neither requester nor scope; a text too long). */
const char *ra_binding_fault(const struct ra_binding *binding);

/* Finds the record of a binding that is valid now, for a window of the smaller
 * of its period and the one asked for.  Once ra_records_waited() was called,
 * it reads the state anew, so that a revocation since then counts.  Returns 0
 * with *found filled; ROLEAUTH_E_NOT_FOUND: no record, without anything odd;
 * any other code: no record, and *error is worth a note. */
int ra_records_find(ra_records *records, const struct ra_binding *binding,
                    uint32_t period, struct ra_proof_record *found,
                    roleauth_error *error);

/* Has anything been revoked since ra_records_open() that would end a record
 * of this binding, or has a trigger moment passed?  True also when it cannot be
 * told. */
bool ra_records_revoked(ra_records *records, const struct ra_binding *binding);

/* Keeps a proof with the generation of ra_records_open(), prunes what has
 * expired, and keeps the requester's records within ROLEAUTH_MAX_RECORDS: the
 * one that was just written, and those that last longest.
 * Returns 0; ROLEAUTH_E_NOT_FOUND: dropped, because it was revoked since the
 * open, or a trigger moment has passed; any other code: not kept, and *error is
 * worth a note. */
int ra_records_save(ra_records *records, const struct ra_binding *binding,
                    const struct ra_proof_record *proof, roleauth_error *error);

/* HMAC of the shadow entry (user and hash) under the key. */
bool ra_records_credential(const ra_records *records, const char *user,
                           const char *hash,
                           unsigned char credential[RA_SHA256_SIZE]);

/* roleauth_status() without the context. */
int ra_records_list(ra_records *records,
                    void (*each)(void *data, const roleauth_record *record),
                    void *data, roleauth_error *error);
/* roleauth_sign_out() without the event.  It returns 0 also when it could only
 * revoke more than it was asked to, by removing the key: then *error, while
 * its code stays ROLEAUTH_OK, has a text that says so. */
int ra_records_revoke(const struct ra_records_config *config, const char *user,
                      const char *fname, size_t *ended, roleauth_error *error);

/* roleauth_sign_out_due() without the command and the event: *due is NONE when
 * no trigger moment has passed since the key was made.  The records that end
 * are those that would be valid without any trigger. */
int ra_records_revoke_due(const struct ra_records_config *config,
                          roleauth_moment *due, size_t *ended,
                          roleauth_error *error);
/* roleauth_triggers() without the context. */
int ra_records_triggers(const struct ra_records_config *config,
                        roleauth_moment *latest, roleauth_moment *next,
                        roleauth_error *error);

/* The default store: files below two directories.  Copies the paths. */
int ra_file_store_new(roleauth_store *store, const char *records_directory,
                      const char *state_directory, roleauth_error *error);

#endif

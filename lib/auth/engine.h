/* SPDX-License-Identifier: MIT */
/* One evaluation: its whole state, for engine.c, runmethod.c and remember.c. */
#ifndef RA_AUTH_ENGINE_H
#define RA_AUTH_ENGINE_H

#include "auth/auth.h"
#include "auth/context.h"
#include "auth/prepare.h"
#include "auth/request.h"

/* What a method that succeeded left behind. */
struct ra_step {
    bool cached; /* a record answered */
    bool keep;   /* proof is to be recorded */
    bool has_uid;
    uint32_t uid;
    struct ra_proof_record proof;
};

struct ra_evaluation {
    roleauth_context *context;
    const roleauth_roles *roles;
    const roleauth_request *request;
    const struct ra_settings *settings;
    const struct ra_seams *seams;
    roleauth_result *result;
    bool has_time;
    roleauth_time started;
    ra_vars *vars; /* the request's and the time variables */
    roleauth_selection selection;
    struct ra_ready_role role;
    ra_talk *talk;
    ra_records *records; /* NULL: nothing is read or written */
    struct ra_step steps[ROLEAUTH_MAX_METHODS];
};

/* ---- runmethod.c ---- */

/* May a record answer, or must the user be asked? */
enum ra_ask { RA_ASK_UNLESS_PROVED, RA_ASK_ALWAYS };

/* Runs one method with all its tries and puts it into the result; returns its
 * reason, ROLEAUTH_REASON_OK when it succeeded. */
roleauth_reason ra_method_run(struct ra_evaluation *evaluation, size_t index,
                              enum ra_ask ask);

/* Does the record that answered for this method still do?  Checked against the
 * present once more when time has passed since the evaluation began. */
bool ra_method_still_proved(struct ra_evaluation *evaluation, size_t index);

/* ---- remember.c ---- */

/* Opens the records when a method of the role could use them. */
void ra_remember_open(struct ra_evaluation *evaluation);
/* Does a record answer for this method, checked against the present? */
bool ra_remember_find(struct ra_evaluation *evaluation, size_t index,
                      const struct ra_check *check);
/* Has the record that answered been revoked since? */
bool ra_remember_revoked(struct ra_evaluation *evaluation, size_t index);
/* Notes what is to be recorded of a proof, once the whole role accepted. */
void ra_remember_proof(struct ra_evaluation *evaluation, size_t index,
                       const struct ra_verdict *verdict,
                       const roleauth_time *method_started);
/* Writes the records of everything that was proved. */
void ra_remember_save(struct ra_evaluation *evaluation);

#endif

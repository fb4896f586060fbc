/* SPDX-License-Identifier: MIT */
/* One timestamp record as bytes.  Pure: no clock, no key, no store. */
#ifndef RA_STORE_RECORD_H
#define RA_STORE_RECORD_H

#include "store/store.h"
#include "store/wire.h"

/* Bytes of the largest record, its MAC included. */
#define RA_RECORD_MAX 8192

struct ra_record_fields {
    struct ra_binding binding;
    struct ra_proof_record proof;
    uint64_t generation; /* of the state when the proof began */
};

/* Adds the binding in the one form that it has: equal bytes are equal
 * bindings. */
void ra_record_put_binding(struct ra_writer *writer,
                           const struct ra_binding *binding);

/* Adds the record without its MAC, which is to follow: RA_SHA256_SIZE bytes
 * that the length in the record already counts. */
void ra_record_encode(struct ra_writer *writer,
                      const struct ra_record_fields *fields);

/* Reads length bytes, the MAC at their end included but not verified.  The
 * texts of fields point into bytes.  Returns 0 or ROLEAUTH_E_INVALID; what is
 * valid has one encoding only. */
int ra_record_decode(const void *bytes, size_t length,
                     struct ra_record_fields *fields);

/* Are they the same, field by field? */
bool ra_binding_equal(const struct ra_binding *a, const struct ra_binding *b);

/* What a proof is worth at one moment. */
enum ra_freshness {
    RA_STALE_OTHER_BOOT, /* measured by another boot's clock */
    RA_STALE_FUTURE,     /* zero, or not proved yet: a clock was set */
    RA_STALE_EXPIRED,
    RA_FRESH
};

/* Measures by both clocks, for a window of the smaller of its period and the
 * one asked for.  survive_reboot: a proof of another boot is measured by
 * CLOCK_REALTIME alone.  *age is the larger one, in whole seconds. */
enum ra_freshness ra_proof_freshness(const struct ra_proof_record *proof,
                                     const roleauth_time *now, uint32_t period,
                                     bool survive_reboot, uint32_t *age);

#endif

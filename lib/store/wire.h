/* SPDX-License-Identifier: MIT */
/* Numbers (big-endian) and bytes, to and from a bounded buffer that belongs to
 * the caller.  A failure sticks, so that a sequence needs one check at its
 * end. */
#ifndef RA_STORE_WIRE_H
#define RA_STORE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ra_writer {
    unsigned char *bytes;
    size_t length, size;
    bool failed; /* it did not fit: the content is not to be used */
};

void ra_put_bytes(struct ra_writer *writer, const void *bytes, size_t length);
/* With its NUL. */
void ra_put_text(struct ra_writer *writer, const char *text);
/* The low count bytes of value, 1 to 8. */
void ra_put_number(struct ra_writer *writer, uint64_t value, unsigned count);

struct ra_reader {
    const unsigned char *at;
    size_t left;
    bool failed; /* too short: what was read is zero or NULL */
};

/* The next length bytes where they are. */
const unsigned char *ra_get_bytes(struct ra_reader *reader, size_t length);
uint64_t ra_get_number(struct ra_reader *reader, unsigned count);

#endif

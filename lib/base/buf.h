/* SPDX-License-Identifier: MIT */
/* A growing, bounded byte buffer.  A failure sticks, so that a sequence of
 * additions needs one check at its end. */
#ifndef RA_BASE_BUF_H
#define RA_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct ra_buf {
    char *data;    /* NUL-terminated once something was added; or NULL */
    size_t length; /* without the NUL */
    size_t size;
    size_t max;    /* most bytes that length may reach */
    bool failed;   /* out of memory or over max: content is not to be used */
};

#define RA_BUF_INIT(maximum)                                                  \
    {                                                                         \
        NULL, 0, 0, (maximum), false                                          \
    }

/* All return false once the buffer has failed. */
bool ra_buf_add(struct ra_buf *buf, const void *bytes, size_t length);
bool ra_buf_add_text(struct ra_buf *buf, const char *text);
bool ra_buf_add_char(struct ra_buf *buf, char c);
bool ra_buf_printf(struct ra_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Gives the content away, for free(3); "" when empty; NULL when failed (the
 * content is then freed).  The buffer is empty afterwards. */
char *ra_buf_take(struct ra_buf *buf);
/* Makes it empty, keeping max. */
void ra_buf_free(struct ra_buf *buf);
/* As ra_buf_free(), after wiping the content. */
void ra_buf_wipe(struct ra_buf *buf);

#endif

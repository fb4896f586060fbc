/* SPDX-License-Identifier: MIT */
/* Templates: %name% is a variable's value, %% a percent sign. */
#ifndef RA_ROLE_TEMPLATE_H
#define RA_ROLE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "role/vars.h"

/* NULL: well formed; else prose for an error, and the offset of the byte it
 * is about. */
const char *ra_template_fault(const char *text, size_t *offset);

/* How the value of a variable is added: raw, or made visible so that it can
 * neither break a line nor send a terminal sequence. */
enum ra_template_mode { RA_TEMPLATE_RAW, RA_TEMPLATE_DISPLAY };

/* What an expansion met. */
struct ra_template_use {
    char undefined[ROLEAUTH_MAX_NAME + 1]; /* first undefined name, or "" */
    char client[ROLEAUTH_MAX_NAME + 1];    /* first untrusted name, or "" */
};

/* Adds the expansion to out in one pass.  trusted tells which client
 * variables do not count as untrusted (NULL: none are trusted).  Returns true
 * when out is complete and nothing was undefined; false otherwise (undefined
 * name in *use, malformed template, or out failed). */
bool ra_template_expand(const char *text, enum ra_template_mode mode,
                        const ra_vars *vars,
                        bool (*trusted)(const void *data, const char *name),
                        const void *trusted_data, struct ra_buf *out,
                        struct ra_template_use *use);

/* What "user", "service" and "fname" must be after expansion; NULL: fine,
 * else prose such as "is longer than 255 bytes". */
const char *ra_user_fault(const char *user);
const char *ra_service_fault(const char *service);
const char *ra_fname_fault(const char *fname);

#endif

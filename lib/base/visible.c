/* SPDX-License-Identifier: MIT */
#include <roleauth.h>

#include <string.h>

#include "base/text.h"

#define VISIBLE_MAX ((size_t)1 << 26)

char *roleauth_visible(const char *text)
{
    struct ra_buf buf = RA_BUF_INIT(VISIBLE_MAX);

    if (text == NULL || !ra_text_add_visible(&buf, text, strlen(text))) {
        ra_buf_free(&buf);
        return NULL;
    }
    return ra_buf_take(&buf);
}

/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for length more bytes and a NUL. */
static bool reserve(struct ra_buf *buf, size_t length)
{
    size_t need, size;
    char *data;

    if (buf->failed)
        return false;
    if (length > buf->max || buf->length > buf->max - length) {
        buf->failed = true;
        return false;
    }
    need = buf->length + length + 1;
    if (need <= buf->size)
        return true;
    size = buf->size < 64 ? 64 : buf->size;
    while (size < need)
        size = size > SIZE_MAX / 2 ? need : size * 2;
    /* Not realloc(3), which could leave a copy that is never wiped. */
    data = malloc(size);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    if (buf->data != NULL) {
        memcpy(data, buf->data, buf->length);
        explicit_bzero(buf->data, buf->size);
        free(buf->data);
    }
    buf->data = data;
    buf->size = size;
    return true;
}

bool ra_buf_add(struct ra_buf *buf, const void *bytes, size_t length)
{
    if (!reserve(buf, length))
        return false;
    if (length > 0)
        memcpy(buf->data + buf->length, bytes, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
    return true;
}

bool ra_buf_add_text(struct ra_buf *buf, const char *text)
{
    return ra_buf_add(buf, text, strlen(text));
}

bool ra_buf_add_char(struct ra_buf *buf, char c)
{
    return ra_buf_add(buf, &c, 1);
}

bool ra_buf_printf(struct ra_buf *buf, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        buf->failed = true;
        return false;
    }
    if (!reserve(buf, (size_t)length))
        return false;
    va_start(args, format);
    (void)vsnprintf(buf->data + buf->length, (size_t)length + 1, format, args);
    va_end(args);
    buf->length += (size_t)length;
    return true;
}

char *ra_buf_take(struct ra_buf *buf)
{
    char *data = NULL;

    if (ra_buf_add(buf, "", 0)) {
        data = buf->data;
        buf->data = NULL;
    }
    ra_buf_free(buf);
    return data;
}

void ra_buf_free(struct ra_buf *buf)
{
    size_t max = buf->max;

    free(buf->data);
    memset(buf, 0, sizeof(*buf));
    buf->max = max;
}

void ra_buf_wipe(struct ra_buf *buf)
{
    if (buf->data != NULL)
        explicit_bzero(buf->data, buf->size);
    ra_buf_free(buf);
}

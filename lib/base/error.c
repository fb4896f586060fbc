/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "base/buf.h"
#include "base/text.h"

const char *roleauth_version(void)
{
    return ROLEAUTH_VERSION;
}

const char *roleauth_strerror(int code)
{
    switch (code) {
#define ROLEAUTH_X(name, number, prose)                                        \
    case number:                                                               \
        return prose;
        ROLEAUTH_ERRORS(ROLEAUTH_X)
#undef ROLEAUTH_X
    default:
        return "unknown error";
    }
}

void roleauth_error_clear(roleauth_error *error)
{
    if (error != NULL)
        memset(error, 0, sizeof(*error));
}

/* Adds text without line ends, so that it stays one line of a log; a
 * backslash stays as it is. */
static bool add_line(struct ra_buf *buf, const char *text)
{
    while (*text != '\0') {
        size_t plain = strcspn(text, "\n\t");

        if (!ra_text_add_display(buf, text, plain))
            return false;
        text += plain;
        if (*text != '\0' &&
            !ra_buf_add_text(buf, *text++ == '\n' ? "\\n" : "\\t"))
            return false;
    }
    return true;
}

/* Copies text, cut at a character's end, without anything that could fool a
 * terminal. */
static void copy_display(char *to, size_t size, const char *text)
{
    struct ra_buf buf = RA_BUF_INIT(65536);

    if (add_line(&buf, text) && buf.data != NULL) {
        size_t length = buf.length < size - 1 ? buf.length : size - 1;

        while (length > 0 && length < buf.length &&
               ((unsigned char)buf.data[length] & 0xC0) == 0x80)
            length--;
        memcpy(to, buf.data, length);
        to[length] = '\0';
    } else {
        (void)strlcpy(to, buf.failed ? "out of memory" : "", size);
    }
    ra_buf_free(&buf);
}

int ra_fail_in(roleauth_error *error, int code, const char *file, size_t line,
               size_t column, const char *path, const char *text)
{
    if (error == NULL || error->code != ROLEAUTH_OK)
        return code;
    error->code = code;
    error->line = line;
    error->column = column;
    copy_display(error->text, sizeof(error->text), text);
    copy_display(error->file, sizeof(error->file), file ? file : "");
    copy_display(error->path, sizeof(error->path), path ? path : "");
    return code;
}

__attribute__((format(printf, 4, 0))) static int
fail_text(roleauth_error *error, int code, const char *suffix,
          const char *format, va_list args)
{
    char text[1024];
    int length;

    if (error == NULL || error->code != ROLEAUTH_OK)
        return code;
    length = vsnprintf(text, sizeof(text), format, args);
    if (length < 0)
        text[0] = '\0';
    if (suffix != NULL) {
        (void)strlcat(text, ": ", sizeof(text));
        (void)strlcat(text, suffix, sizeof(text));
    }
    return ra_fail_in(error, code, NULL, 0, 0, NULL, text);
}

int ra_fail(roleauth_error *error, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)fail_text(error, code, NULL, format, args);
    va_end(args);
    return code;
}

int ra_fail_nomem(roleauth_error *error)
{
    return ra_fail(error, ROLEAUTH_E_NOMEM, "out of memory");
}

int ra_fail_errno(roleauth_error *error, int err, const char *format, ...)
{
    char name[128];
    va_list args;

    /* The GNU strerror_r(3), which never fails. */
    const char *prose = strerror_r(err, name, sizeof(name));

    va_start(args, format);
    (void)fail_text(error, ROLEAUTH_E_IO, prose, format, args);
    va_end(args);
    return ROLEAUTH_E_IO;
}

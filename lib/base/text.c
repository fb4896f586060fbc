/* SPDX-License-Identifier: MIT */
#include "base/text.h"

/* libbsd carries two strnvis(3bsd) and warns until one is named; neither is
 * used here. */
#define LIBBSD_NETBSD_VIS
#include <bsd/vis.h>

#include <string.h>

/* Length of a sequence by its first byte, and the least and most that the
 * second byte may be: RFC 3629, section 4, which rules out overlong forms,
 * surrogates and anything above U+10FFFF. */
struct lead {
    unsigned char first, last;
    unsigned char length;
    unsigned char low, high;
};

static const struct lead leads[] = {
    {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F},
    {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF},
    {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

static const struct lead *find_lead(unsigned char byte)
{
    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    return NULL;
}

/* A sequence of two bytes and more.  The NUL that ends a text without an end
 * is no continuation byte, so nothing behind it is read. */
static size_t decode_long(const unsigned char *text, const unsigned char *end,
                          uint32_t *code_point)
{
    const struct lead *lead = find_lead(text[0]);
    uint32_t value;

    if (lead == NULL || (end != NULL && end - text < lead->length))
        return 0;
    if (text[1] < lead->low || text[1] > lead->high)
        return 0;
    value = text[0] & (0x7Fu >> lead->length);
    for (size_t i = 1; i < lead->length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (text[i] & 0x3Fu);
    }
    *code_point = value;
    return lead->length;
}

size_t ra_utf8_decode(const char *text, const char *end, uint32_t *code_point)
{
    const unsigned char *at = (const unsigned char *)text;

    if (end == NULL ? *at == '\0' : text >= end)
        return 0;
    if (*at < 0x80) {
        *code_point = *at;
        return 1;
    }
    return decode_long(at, (const unsigned char *)end, code_point);
}

size_t ra_utf8_encode(uint32_t code_point, char bytes[4])
{
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t length = code_point < 0x80      ? 1
                    : code_point < 0x800   ? 2
                    : code_point < 0x10000 ? 3
                                           : 4;

    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    bytes[0] = (char)(code_point | (length > 1 ? first[length] : 0));
    return length;
}

bool ra_utf8_valid(const char *text, size_t length)
{
    const char *end = text + length;
    uint32_t code_point;

    while (text < end) {
        size_t size = ra_utf8_decode(text, end, &code_point);

        if (size == 0 || code_point == 0)
            return false;
        text += size;
    }
    return true;
}

size_t ra_utf8_count(const char *text, size_t length)
{
    const char *end = text + length;
    uint32_t code_point;
    size_t count = 0;

    for (; text < end; count++) {
        size_t size = ra_utf8_decode(text, end, &code_point);

        text += size == 0 ? 1 : size;
    }
    return count;
}

bool ra_text_is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F) ||
           code_point == 0x061C || code_point == 0x200E ||
           code_point == 0x200F ||
           (code_point >= 0x2028 && code_point <= 0x202E) ||
           (code_point >= 0x2066 && code_point <= 0x2069);
}

/* Adds bytes as escapes, each by itself.  VIS_NOLOCALE: the process's locale
 * has no say.  The next byte matters to vis(3bsd) behind a NUL only: \0 and
 * a digit would read as another byte. */
static bool add_escaped(struct ra_buf *buf, const char *bytes, size_t length,
                        const char *end)
{
    const int flags = VIS_CSTYLE | VIS_OCTAL | VIS_WHITE | VIS_NOLOCALE;
    char escape[8];

    for (size_t i = 0; i < length; i++) {
        int next = bytes + i + 1 < end ? (unsigned char)bytes[i + 1] : 0;

        /* It allocates inside, and may fail. */
        if (vis(escape, (unsigned char)bytes[i], flags, next) == NULL) {
            buf->failed = true;
            return false;
        }
        if (!ra_buf_add_text(buf, escape))
            return false;
    }
    return true;
}

/* Is this character, of text for a terminal or a log, to be escaped? */
static bool is_unsafe(uint32_t code_point, bool display)
{
    if (display && (code_point == '\n' || code_point == '\t'))
        return false;
    return ra_text_is_control(code_point) || (!display && code_point == '\\');
}

static bool add_safe(struct ra_buf *buf, const char *text, size_t length,
                     bool display)
{
    const char *end = text + length;
    const char *plain = text;

    while (text < end) {
        uint32_t code_point = 0;
        size_t size = ra_utf8_decode(text, end, &code_point);

        if (size != 0 && !is_unsafe(code_point, display)) {
            text += size;
            continue;
        }
        if (size == 0)
            size = 1;
        if (!ra_buf_add(buf, plain, (size_t)(text - plain)) ||
            !add_escaped(buf, text, size, end))
            return false;
        text += size;
        plain = text;
    }
    return ra_buf_add(buf, plain, (size_t)(end - plain));
}

bool ra_text_add_visible(struct ra_buf *buf, const char *text, size_t length)
{
    return add_safe(buf, text, length, false);
}

bool ra_text_add_display(struct ra_buf *buf, const char *text, size_t length)
{
    return add_safe(buf, text, length, true);
}

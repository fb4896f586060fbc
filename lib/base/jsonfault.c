/* SPDX-License-Identifier: MIT */
/* Where, and why, a text is not JSON (RFC 8259), in words for the person who
 * wrote it.  Runs only after jansson has refused a text. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

/* jansson's JSON_PARSER_MAX_DEPTH, less the array that json.c puts around a
 * text. */
#define MAX_DEPTH 2047

/* What may come next. */
enum expect {
    VALUE,        /* after : or , or at the start */
    VALUE_OR_END, /* after [ */
    NAME,         /* after , in an object */
    NAME_OR_END,  /* after { */
    COLON,
    COMMA,  /* after a value in an array or object */
    NOTHING /* after the top value */
};

struct scan {
    const char *text;
    size_t length;
    size_t at;
    enum expect expect;
    unsigned depth;
    unsigned char object[MAX_DEPTH / 8 + 1]; /* one bit a level: an object? */
    struct ra_json_fault *fault;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_';
}

static bool fail(struct scan *s, size_t offset, const char *code,
                 const char *text)
{
    s->fault->code = code;
    s->fault->offset = offset;
    (void)snprintf(s->fault->text, sizeof(s->fault->text), "%s", text);
    return false;
}

static bool in_object(const struct scan *s)
{
    unsigned level = s->depth - 1;

    return (s->object[level / 8] >> level % 8 & 1) != 0;
}

/* ---- "expected this, found that" ---- */

static const char *expectation(const struct scan *s)
{
    switch (s->expect) {
    case VALUE:
        return "a value";
    case VALUE_OR_END:
        return "a value or ']'";
    case NAME:
        return "a name in double quotes";
    case NAME_OR_END:
        return "a name in double quotes or '}'";
    case COLON:
        return "':'";
    case COMMA:
        return in_object(s) ? "',' or '}'" : "',' or ']'";
    case NOTHING:
    default:
        return "nothing more";
    }
}

/* What a slip of the hand usually means. */
static const char *mend(const struct scan *s)
{
    const char *at = s->text + s->at;

    if (s->at == s->length)
        return "";
    if ((s->expect == VALUE && (*at == ']' || *at == '}')) ||
        (s->expect == NAME && *at == '}'))
        return s->expect == NAME || *at == ']'
                   ? ": remove the comma before it, or add what is missing"
                   : "";
    if (*at == '\'')
        return ": strings stand in double quotes";
    if (*at == '/' || *at == '#')
        return ": JSON has no comments";
    return "";
}

/* The word, string or character at this place, for a person. */
static void found(const struct scan *s, char *to, size_t size)
{
    struct ra_buf buf = RA_BUF_INIT(256);
    size_t end = s->at;
    uint32_t point;

    if (s->at == s->length) {
        (void)snprintf(to, size, "the end of the text");
        return;
    }
    if (s->text[s->at] == '"') {
        (void)snprintf(to, size, "a string");
        return;
    }
    while (end < s->length && end - s->at < 24 && is_word(s->text[end]))
        end++;
    if (end == s->at)
        end += ra_utf8_decode(s->text + end, s->text + s->length, &point);
    (void)ra_text_add_visible(&buf, s->text + s->at, end - s->at);
    (void)snprintf(to, size, "'%s'", buf.data != NULL ? buf.data : "");
    ra_buf_free(&buf);
}

static bool unexpected(struct scan *s)
{
    char what[80], text[200];
    uint32_t point;

    if (s->at < s->length &&
        ra_utf8_decode(s->text + s->at, s->text + s->length, &point) == 0)
        return fail(s, s->at, "utf8", "a byte that is not UTF-8");
    if (s->at < s->length && s->text[s->at] == '\0')
        return fail(s, s->at, "nul", "a NUL byte");
    found(s, what, sizeof(what));
    (void)snprintf(text, sizeof(text), "expected %s, found %s%s",
                   expectation(s), what, mend(s));
    return fail(s, s->at, "syntax", text);
}

/* ---- strings ---- */

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits of \uXXXX; -1: they are not. */
static long hex4(const struct scan *s, size_t at)
{
    long value = 0;

    if (at > s->length || s->length - at < 4)
        return -1;
    for (size_t i = at; i < at + 4; i++) {
        int digit = hex_digit(s->text[i]);

        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* \uXXXX at s->at + 1; a surrogate only as half of a pair. */
static bool unicode_escape(struct scan *s)
{
    size_t start = s->at;
    long high = hex4(s, s->at + 2);

    s->at += 6;
    if (high < 0)
        return fail(s, start, "syntax",
                    "\\u is followed by exactly four hexadecimal digits");
    if (high == 0)
        return fail(s, start, "nul",
                    "\\u0000: a text cannot hold a NUL character");
    if (high < 0xD800 || high > 0xDFFF)
        return true;
    if (high < 0xDC00 && s->length - s->at >= 6 && s->text[s->at] == '\\' &&
        s->text[s->at + 1] == 'u') {
        long low = hex4(s, s->at + 2);

        s->at += 6;
        if (low >= 0xDC00 && low <= 0xDFFF)
            return true;
    }
    return fail(s, start, "syntax",
                "half of a surrogate pair: write both halves, or the "
                "character itself");
}

static bool escape(struct scan *s)
{
    char c;

    if (s->length - s->at < 2)
        return fail(s, s->length, "syntax", "the text ends in a string");
    c = s->text[s->at + 1];
    if (c == 'u')
        return unicode_escape(s);
    if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
        return fail(s, s->at, "syntax",
                    "an escape that JSON does not have: write \\\\ for a "
                    "backslash");
    s->at += 2;
    return true;
}

static bool string(struct scan *s)
{
    size_t start = s->at++;

    while (s->at < s->length) {
        const char *at = s->text + s->at;
        uint32_t point = 0;
        size_t size = ra_utf8_decode(at, s->text + s->length, &point);

        if (*at == '"') {
            s->at++;
            return true;
        }
        if (size == 0)
            return fail(s, s->at, "utf8", "a byte that is not UTF-8");
        if (point == 0)
            return fail(s, s->at, "nul", "a NUL byte");
        if (point < 0x20)
            return fail(s, s->at, "syntax",
                        point == '\n' || point == '\r'
                            ? "a line break in a string: close the string, "
                              "or write \\n"
                            : "a control character in a string: write an "
                              "escape such as \\t");
        if (*at != '\\')
            s->at += size;
        else if (!escape(s))
            return false;
    }
    return fail(s, start, "syntax", "this string is never closed");
}

/* ---- numbers and words ---- */

static bool digits(struct scan *s)
{
    size_t start = s->at;

    while (s->at < s->length && is_digit(s->text[s->at]))
        s->at++;
    return s->at > start;
}

static bool have(const struct scan *s, char c)
{
    return s->at < s->length && s->text[s->at] == c;
}

static bool number(struct scan *s)
{
    size_t start = s->at;
    bool good, zero;

    if (have(s, '-'))
        s->at++;
    zero = have(s, '0');
    if (zero)
        s->at++;
    good = zero || digits(s);
    if (good && have(s, '.')) {
        s->at++;
        good = digits(s);
    }
    if (good && (have(s, 'e') || have(s, 'E'))) {
        s->at++;
        if (have(s, '+') || have(s, '-'))
            s->at++;
        good = digits(s);
    }
    if (good && (s->at == s->length || !is_word(s->text[s->at])))
        return true;
    return fail(s, start, "syntax",
                zero ? "not a number as JSON writes it: no leading zeros"
                     : "not a number as JSON writes it");
}

static bool word(struct scan *s)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t end = s->at;

    while (end < s->length && is_word(s->text[end]))
        end++;
    for (size_t i = 0; i < 3; i++)
        if (end - s->at == strlen(words[i]) &&
            memcmp(s->text + s->at, words[i], end - s->at) == 0) {
            s->at = end;
            return true;
        }
    return unexpected(s);
}

/* ---- structure ---- */

static void value_done(struct scan *s)
{
    s->expect = s->depth == 0 ? NOTHING : COMMA;
}

static bool open_container(struct scan *s, bool object)
{
    if (s->depth == MAX_DEPTH)
        return fail(s, s->at, "nesting",
                    "arrays and objects are nested too deeply");
    s->object[s->depth / 8] =
        (unsigned char)((s->object[s->depth / 8] & ~(1u << s->depth % 8)) |
                        (unsigned)object << s->depth % 8);
    s->depth++;
    s->at++;
    s->expect = object ? NAME_OR_END : VALUE_OR_END;
    return true;
}

static bool value(struct scan *s)
{
    char c = s->text[s->at];

    if (c == '{' || c == '[')
        return open_container(s, c == '{');
    if (c == '"' ? !string(s)
                 : (is_digit(c) || c == '-' ? !number(s) : !word(s)))
        return false;
    value_done(s);
    return true;
}

/* Takes the end of a container, or tells that here is none. */
static bool close_container(struct scan *s)
{
    char c = s->text[s->at];

    if (s->depth == 0 || c != (in_object(s) ? '}' : ']'))
        return false;
    s->at++;
    s->depth--;
    value_done(s);
    return true;
}

/* Takes one token. */
static bool step(struct scan *s)
{
    char c = s->text[s->at];

    switch (s->expect) {
    case VALUE_OR_END:
        return close_container(s) || value(s);
    case VALUE:
        return value(s);
    case NAME_OR_END:
    case NAME:
        if (c == '"') {
            s->expect = COLON;
            return string(s);
        }
        return (s->expect == NAME_OR_END && close_container(s)) ||
               unexpected(s);
    case COLON:
        if (c != ':')
            return unexpected(s);
        s->expect = VALUE;
        s->at++;
        return true;
    case COMMA:
        if (c != ',')
            return close_container(s) || unexpected(s);
        s->expect = in_object(s) ? NAME : VALUE;
        s->at++;
        return true;
    case NOTHING:
    default:
        return unexpected(s);
    }
}

static void skip_space(struct scan *s)
{
    while (s->at < s->length && is_space(s->text[s->at]))
        s->at++;
}

bool ra_json_find_fault(const char *text, size_t length,
                        struct ra_json_fault *fault)
{
    struct scan s = {.text = text, .length = length, .fault = fault};

    memset(fault, 0, sizeof(*fault));
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        return !fail(&s, 0, "syntax",
                     "a byte order mark: save the text as UTF-8 without one");
    skip_space(&s);
    if (s.at == length)
        return !fail(&s, 0, "syntax", "the text is empty");
    while (s.at < length) {
        if (!step(&s))
            return true;
        skip_space(&s);
    }
    return s.expect != NOTHING && !unexpected(&s);
}

size_t ra_json_token_before(const char *text, size_t length, size_t position)
{
    struct ra_json_fault fault;
    struct scan s = {.text = text, .length = length, .fault = &fault};
    size_t last = 0;

    memset(&fault, 0, sizeof(fault));
    skip_space(&s);
    while (s.at < length && s.at < position) {
        last = s.at;
        if (!step(&s))
            break;
        skip_space(&s);
    }
    return last;
}

/* SPDX-License-Identifier: MIT */
/* A glob matcher that is slow and plain: roleauth-roles(5) put into code, with
 * nothing in common with lib/match.  For the unit test and the fuzzer. */
#ifndef TESTS_GLOB_REFERENCE_H
#define TESTS_GLOB_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* One character (RFC 3629); a byte that is part of none is 0x80000000 plus the
 * byte, so that no code point equals it.  Returns its length. */
static size_t ref_char(const char *text, uint32_t *code)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)text[0];
    size_t length = lead < 0x80             ? 1
                    : (lead & 0xE0) == 0xC0 ? 2
                    : (lead & 0xF0) == 0xE0 ? 3
                    : (lead & 0xF8) == 0xF0 ? 4
                                            : 0;
    uint32_t value = length == 1 ? lead : lead & (0x7Fu >> length);

    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80) {
            length = 0;
            break;
        }
        value = value << 6 | ((unsigned char)text[i] & 0x3F);
    }
    if (length == 0 || value < least[length] || value > 0x10FFFF ||
        (value >= 0xD800 && value <= 0xDFFF)) {
        *code = 0x80000000u + lead;
        return 1;
    }
    *code = value;
    return length;
}

/* Is it in an ASCII class?  -1: there is no such class. */
static int ref_class(const char *name, size_t length, uint32_t c)
{
    bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
    bool digit = c >= '0' && c <= '9', graph = c > 32 && c < 127;

#define REF_CLASS(text, test)                                                  \
    if (length == strlen(text) && memcmp(name, text, length) == 0)             \
    return (test)
    REF_CLASS("alnum", upper || lower || digit);
    REF_CLASS("alpha", upper || lower);
    REF_CLASS("blank", c == ' ' || c == '\t');
    REF_CLASS("cntrl", c < 32 || c == 127);
    REF_CLASS("digit", digit);
    REF_CLASS("graph", graph);
    REF_CLASS("lower", lower);
    REF_CLASS("print", graph || c == ' ');
    REF_CLASS("punct", graph && !upper && !lower && !digit);
    REF_CLASS("space", c == ' ' || (c >= 9 && c <= 13));
    REF_CLASS("upper", upper);
    REF_CLASS("xdigit",
              digit || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'));
#undef REF_CLASS
    return -1;
}

/* An end of a range.  0: the text ends; -1: [.several.]; else its length. */
static long ref_end(const char *p, uint32_t *code)
{
    if (p[0] == '[' && p[1] == '.') {
        const char *close = strstr(p + 2, ".]");

        if (close == NULL)
            return 0;
        if (close == p + 2 || p + 2 + ref_char(p + 2, code) != close)
            return -(long)(close + 2 - p);
        return (long)(close + 2 - p);
    }
    if (p[0] == '\\')
        return p[1] == '\0' ? 0 : 1 + (long)ref_char(p + 1, code);
    return p[0] == '\0' ? 0 : (long)ref_char(p, code);
}

/* Where the class or equivalence [:x:] at p ends; 0: it is none. */
static size_t ref_named(const char *p)
{
    size_t length;
    uint32_t code;

    if (p[0] != '[' || (p[1] != ':' && p[1] != '=') || p[2] == '\0')
        return 0;
    length = p[1] == ':' ? strspn(p + 2, "abcdefghijklmnopqrstuvwxy")
                         : ref_char(p + 2, &code);
    if (p[2 + length] != p[1] || p[3 + length] != ']')
        return 0;
    return length + 4;
}

/* The set at p ("["): 1 holds c, 0 does not, -1 never closes. */
static int ref_set(const char *p, uint32_t c, size_t *size)
{
    const char *start = p++, *first;
    bool negated = *p == '!' || *p == '^', in = false, never = false;

    first = p += negated;
    for (; *p != ']' || p == first;) {
        uint32_t low = 0, high = 0;
        size_t named = ref_named(p);
        long length;

        if (named > 0 && p[1] == ':') {
            int answer = ref_class(p + 2, named - 4, c);

            never = never || (answer < 0 && !in);
            in = in || answer > 0;
            p += named;
            continue;
        }
        if (named > 0) {
            (void)ref_char(p + 2, &low);
            in = in || c == low;
            p += named;
            continue;
        }
        length = ref_end(p, &low);
        if (length == 0)
            return -1;
        p += labs(length);
        high = low;
        if (p[0] == '-' && p[1] != ']' && p[1] != '\0') {
            long other = ref_end(p + 1, &high);

            if (other == 0)
                return -1;
            p += 1 + labs(other);
            if (other < 0)
                length = other;
        }
        if (length < 0)
            never = never || !in;
        else
            in = in || (low <= c && c <= high);
    }
    *size = (size_t)(p + 1 - start);
    return !never && in != negated;
}

/* The element at p against the character c; *size is the element's. */
static bool ref_element(const char *p, uint32_t c, size_t *size)
{
    uint32_t wanted;
    int answer;

    if (p[0] == '?') {
        *size = 1;
        return true;
    }
    if (p[0] == '[') {
        answer = ref_set(p, c, size);
        if (answer >= 0)
            return answer == 1;
    }
    if (p[0] == '\\') {
        if (p[1] == '\0') {
            *size = 1;
            return false;
        }
        *size = 1 + ref_char(p + 1, &wanted);
    } else {
        *size = ref_char(p, &wanted);
    }
    return wanted == c;
}

/* fits[i][j]: the pattern from i on matches the value from j on. */
static int ref_glob(const char *pattern, const char *value)
{
    size_t rows = strlen(pattern) + 1, columns = strlen(value) + 1;
    bool *fits = calloc(rows * columns, sizeof(*fits));
    int answer;

    if (fits == NULL)
        return -1;
    for (size_t i = rows; i-- > 0;) {
        for (size_t j = columns; j-- > 0;) {
            uint32_t c;
            size_t size, length = ref_char(value + j, &c);
            bool *here = &fits[i * columns + j];

            if (pattern[i] == '\0')
                *here = value[j] == '\0';
            else if (pattern[i] == '*')
                *here = here[columns] || (value[j] != '\0' && here[length]);
            else
                *here = value[j] != '\0' &&
                        ref_element(pattern + i, c, &size) &&
                        fits[(i + size) * columns + j + length];
        }
    }
    answer = fits[0];
    free(fits);
    return answer;
}

#endif

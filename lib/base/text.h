/* SPDX-License-Identifier: MIT */
/* UTF-8 and text that is safe to show. */
#ifndef RA_BASE_TEXT_H
#define RA_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Decodes one code point of NUL-terminated or counted text (RFC 3629: no
 * surrogates, no overlong forms, up to U+10FFFF).  Returns its length in
 * bytes, 1 to 4; 0 when text does not start with valid UTF-8 (or end is
 * reached). */
size_t ra_utf8_decode(const char *text, const char *end, uint32_t *code_point);

/* Writes one code point, up to U+10FFFF; returns its length in bytes. */
size_t ra_utf8_encode(uint32_t code_point, char bytes[4]);

/* Is it all valid UTF-8, without a NUL? */
bool ra_utf8_valid(const char *text, size_t length);

/* Code points in valid UTF-8; any other byte counts as one. */
size_t ra_utf8_count(const char *text, size_t length);

/* Is this code point one that a terminal or a reader of a log could be
 * fooled by: C0, DEL, C1, bidirectional controls (U+061C, U+200E, U+200F,
 * U+202A-U+202E, U+2066-U+2069), line and paragraph separators (U+2028,
 * U+2029)? */
bool ra_text_is_control(uint32_t code_point);

/* Adds text with every control code point (newline and tab too) and every
 * byte that is not valid UTF-8 made visible by vis(3), in the style
 * VIS_CSTYLE | VIS_OCTAL: a byte as \n, \t, \033 ...; valid printable UTF-8
 * stays as it is.  A backslash is doubled, so that nothing can pass for an
 * escape. */
bool ra_text_add_visible(struct ra_buf *buf, const char *text, size_t length);

/* As ra_text_add_visible(), for text that a role's author or a PAM module
 * wrote for a terminal: newline, tab and backslash stay as they are. */
bool ra_text_add_display(struct ra_buf *buf, const char *text, size_t length);

#endif

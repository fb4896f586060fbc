/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259).  jansson parses and prints; json.c is the only file that
 * includes it.  Only when a problem is to be reported does a small scanner
 * (locate.c) turn a JSON path into line and column. */
#ifndef RA_BASE_JSON_H
#define RA_BASE_JSON_H

#include <roleauth.h>
#include <stdbool.h>
#include <stdint.h>

/* A value inside a tree; jansson's own type, never looked into. */
typedef struct json_t ra_json;

enum ra_json_type {
    RA_JSON_NULL,
    RA_JSON_FALSE,
    RA_JSON_TRUE,
    RA_JSON_INTEGER,
    RA_JSON_REAL,
    RA_JSON_STRING,
    RA_JSON_ARRAY,
    RA_JSON_OBJECT
};

/* Where and why a text is not JSON. */
struct ra_json_fault {
    bool duplicate_key;
    const char *code; /* "syntax", "duplicate-key", "utf8", "nul", "nesting"
                         or "range": the words of diagnostics */
    size_t offset;    /* bytes from the start of the text */
    char text[200];   /* found, expected; nothing that a terminal obeys */
};

/* The first place where a text is not JSON, duplicate keys and numbers out of
 * range apart; false: none.  jsonfault.c */
bool ra_json_find_fault(const char *text, size_t length,
                        struct ra_json_fault *fault);
/* Start of the last token that starts before a position. */
size_t ra_json_token_before(const char *text, size_t length, size_t position);

/* Parses a whole text: any value at the top; duplicate keys, invalid UTF-8
 * and \u0000 are faults.  Returns 0 with *value to be given to
 * ra_json_free(); ROLEAUTH_E_INVALID with *fault filled; ROLEAUTH_E_NOMEM. */
int ra_json_parse(const char *text, size_t length, ra_json **value,
                  struct ra_json_fault *fault);
/* As ra_json_parse(), and calls watch, unless it is NULL, whenever another
 * hundredth of a long text was read. */
int ra_json_parse_watched(const char *text, size_t length,
                          void (*watch)(void *data, size_t done, size_t total),
                          void *data, ra_json **value,
                          struct ra_json_fault *fault);
void ra_json_free(ra_json **value);

enum ra_json_type ra_json_type(const ra_json *value);
/* "a string", "an object" ...: for messages. */
const char *ra_json_type_name(const ra_json *value);
/* NULL unless it is a string; *length may be NULL. */
const char *ra_json_string(const ra_json *value, size_t *length);
/* 0 unless it is an integer. */
int64_t ra_json_integer(const ra_json *value);
/* Elements of an array or members of an object; else 0. */
size_t ra_json_size(const ra_json *value);
const ra_json *ra_json_at(const ra_json *array, size_t index);
const ra_json *ra_json_get(const ra_json *object, const char *key);

/* Do arrays and objects nest deeper than max in it?  A string or a number
 * has depth 0. */
bool ra_json_deeper(const ra_json *value, unsigned max);

/* Frees an element and puts null in its place, so that a large tree shrinks
 * while it is read.  Only for who owns the tree. */
void ra_json_drop(const ra_json *array, size_t index);

/* Members in the order of the text:
 *   for (it = ra_json_first(o); it; it = ra_json_next(o, it)) */
void *ra_json_first(const ra_json *object);
void *ra_json_next(const ra_json *object, void *it);
const char *ra_json_key(void *it);
const ra_json *ra_json_value(void *it);

/* ---- building and printing; every call accepts NULL for a value that could
 * not be made, so that only the last step needs a check ---- */

ra_json *ra_json_new_object(void);
ra_json *ra_json_new_array(void);
/* text may be NULL (null), and need not be UTF-8: invalid bytes become
 * visible escapes. */
ra_json *ra_json_new_string(const char *text);
ra_json *ra_json_new_integer(int64_t number);
ra_json *ra_json_new_bool(bool on);
/* Take value over, also when they fail (returning false). */
bool ra_json_set(ra_json *object, const char *key, ra_json *value);
bool ra_json_append(ra_json *array, ra_json *value);
/* One line without spaces at the ends, members in the order they were set, no
 * control characters; for free(3).  NULL: out of memory. */
char *ra_json_dump(const ra_json *value);

/* ---- places ---- */

/* Turns byte offsets and JSON paths of a text into 1-based line and column
 * (in characters). */
typedef struct ra_locator ra_locator;

/* text is borrowed and must be what ra_json_parse() accepted, or faulted at
 * some offset: the locator never reads beyond a fault. */
ra_locator *ra_locator_new(const char *text, size_t length);
void ra_locator_free(ra_locator **locator);
void ra_locate_offset(ra_locator *locator, size_t offset, size_t *line,
                      size_t *column);
/* The place of the value at a path such as roles[3].auth[0].tries ("" is the
 * top value; a key that is not [A-Za-z_][A-Za-z0-9_]* stands as ["..."] with
 * JSON escapes).  With of_key, of the last member's key instead.  The place
 * of the nearest enclosing value when the path goes deeper than the text (into
 * a string that holds JSON).  Successive paths in the order of the text cost
 * linear time over all.  False: out of memory; line and column are then 0. */
bool ra_locate_path(ra_locator *locator, const char *path, bool of_key,
                    size_t *line, size_t *column);
/* The path of the value that contains or starts at offset (on a key: of its
 * member); for free(3).  NULL: out of memory. */
char *ra_locate_enclosing(ra_locator *locator, size_t offset);
/* Offset of the first array or object nested deeper than max; or (size_t)-1.
 */
size_t ra_locate_nesting(ra_locator *locator, unsigned max);

/* Adds ".key", "key" at the start, or ["k e y"] to a path buffer. */
struct ra_buf;
bool ra_json_path_key(struct ra_buf *path, const char *key);
bool ra_json_path_index(struct ra_buf *path, size_t index);

#endif

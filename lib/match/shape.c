/* SPDX-License-Identifier: MIT */
#include "match/shape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "match/bracket.h"

struct reader {
    struct ra_shape *shape;
    struct ra_glob_open open;
    size_t length; /* of the text so far */
    bool literal;  /* the last element was one */
    bool star;     /* there is one */
    bool other;    /* there is an element that is neither */
};

/* Moves behind the set at *at; false: its bracket never closes.  *only is the
 * one character that it takes, or 0. */
static bool read_set(struct ra_glob_open *open, const unsigned char **at,
                     uint32_t *only)
{
    const unsigned char *place = *at + 1, *first;
    bool negated = *place == '!' || *place == '^';
    size_t items = 0;

    *only = 0;
    first = place += negated;
    if (open->count > 0 && ra_glob_is_open(open, first))
        return false;
    while (*place != ']' || place == first) {
        struct ra_glob_item item;

        place = ra_glob_item(open, place, &item);
        if (place == NULL) {
            ra_glob_note_open(open, first);
            return false;
        }
        *only = items++ == 0 && !negated && !item.bad && item.class == NULL &&
                        item.low == item.high
                    ? item.low
                    : 0;
    }
    *at = place + 1;
    return true;
}

static void add_literal(struct reader *reader, uint32_t code)
{
    struct ra_shape *shape = reader->shape;
    size_t length = 1;

    if (!reader->literal) {
        shape->starts |= shape->count == 0 && !reader->star && !reader->other;
        shape->runs[shape->count].start = reader->length;
        shape->runs[shape->count].length = 0;
        shape->count++;
        reader->literal = true;
    }
    if (code < 0x80)
        shape->text[reader->length] = (char)code;
    else
        length = ra_utf8_encode(code, shape->text + reader->length);
    shape->runs[shape->count - 1].length += length;
    reader->length += length;
}

static void add_other(struct reader *reader)
{
    reader->other = true;
    reader->literal = false;
}

/* Reads the element at *at and moves behind it.  False: a trailing
 * backslash. */
static bool read_element(struct reader *reader, const unsigned char **at)
{
    uint32_t code;

    if (**at == '*') {
        reader->star = true;
        reader->literal = false;
        ++*at;
        return true;
    }
    if (**at == '?') {
        add_other(reader);
        ++*at;
        return true;
    }
    if (**at == '[' && read_set(&reader->open, at, &code)) {
        if (code != 0)
            add_literal(reader, code);
        else
            add_other(reader);
        return true;
    }
    if (**at == '\\' && *++*at == '\0')
        return false;
    *at += ra_glob_char(*at, &code);
    add_literal(reader, code);
    return true;
}

static enum ra_form form_of(const struct reader *reader)
{
    if (reader->other)
        return RA_FORM_OTHER;
    if (!reader->star)
        return RA_FORM_LITERAL;
    return reader->shape->count == 0 ? RA_FORM_ANY : RA_FORM_STARRED;
}

/* Makes room for a pattern of this length and empties the shape.  False: out
 * of memory. */
static bool prepare(struct ra_shape *shape, size_t length)
{
    /* A character may be written at the end; runs have something between
     * them. */
    size_t room = length + 8;

    if (room > shape->room) {
        ra_shape_free(shape);
        shape->text = malloc(2 * room);
        shape->runs = reallocarray(NULL, room, sizeof(*shape->runs));
        if (shape->text == NULL || shape->runs == NULL) {
            ra_shape_free(shape);
            return false;
        }
        shape->room = 2 * room;
    }
    shape->count = 0;
    shape->starts = shape->ends = false;
    return true;
}

bool ra_shape_read(struct ra_shape *shape, const char *pattern)
{
    const unsigned char *at = (const unsigned char *)pattern;
    struct reader reader = {.shape = shape};
    size_t length = strlen(pattern);

    if (!prepare(shape, length))
        return false;
    shape->form = RA_FORM_OPAQUE;
    if (!ra_utf8_valid(pattern, length))
        return true;
    while (*at != '\0')
        if (!read_element(&reader, &at)) {
            shape->count = 0;
            shape->starts = false;
            shape->form = RA_FORM_NEVER;
            return true;
        }
    shape->text[reader.length] = '\0';
    shape->ends = reader.literal;
    shape->form = form_of(&reader);
    if (shape->form == RA_FORM_LITERAL) {
        shape->runs[0] = (struct ra_run){0, reader.length};
        shape->count = 1;
        shape->starts = shape->ends = true;
    }
    return true;
}

void ra_shape_free(struct ra_shape *shape)
{
    free(shape->text);
    free(shape->runs);
    memset(shape, 0, sizeof(*shape));
}

/* SPDX-License-Identifier: MIT */
/* fnmatch(3) without flags, on UTF-8.
 *
 * A pattern is a row of segments between stars.  The first one is matched at
 * the value's start and the last one at its end; each of the others is taken
 * where it first fits, which is never worse than a later place.  Nothing is
 * ever tried again once a segment has found its place, so the time is at most
 * proportional to pattern times value length.
 */
#include "match/match.h"

#include <string.h>

#include "match/bracket.h"

/* What an ASCII character is: literal outside a bracket, literal inside, and
 * literal as the end of a range.  Other bytes need a closer look. */
enum { OUTSIDE = 1, INSIDE = 2, RANGE_END = 4, ALL = 7 };

static const unsigned char
    kinds[256] =
        {
            [0x01 ... 0x29] = ALL, ['*'] = ALL - OUTSIDE,
            [0x2B ... 0x3E] = ALL, ['?'] = ALL - OUTSIDE,
            [0x40 ... 0x5A] = ALL, [']'] = ALL - RANGE_END,
            [0x5E ... 0x7F] = ALL,
};

#define LITERAL(byte) ((kinds[byte] & OUTSIDE) != 0)

/* Elements of a segment that the bit-parallel search takes; the rest of a
 * longer one is matched where these fit. */
enum { WORDS = 8, ELEMENTS = WORDS * 64 };

/* Steps of plain search before the bit-parallel one is worth its tables. */
enum { PATIENCE = 512 };
/* Characters that must be left to search in: a row is made for each ASCII
 * character, which the bound does not cover for shorter values. */
enum { ROWS_PAY = 128 };

enum set_answer { SET_NO, SET_YES, SET_OPEN };

struct glob {
    const unsigned char *end; /* of the value */
    size_t work;
    struct ra_glob_open open;
};

struct segment {
    const unsigned char *start, *end; /* end: a star or the NUL */
    size_t count;                     /* elements */
    const unsigned char *literal;     /* the last literal; or NULL */
    size_t literal_index;             /* elements before it */
};

/* The common set: ASCII characters and ranges.  Returns whether it holds the
 * character and moves *at behind it; SET_OPEN: it needs a closer look. */
static inline enum set_answer simple_set(const unsigned char **at,
                                         unsigned char code)
{
    const unsigned char *place = *at + 1, *first;
    bool negated = *place == '!' || *place == '^', hit = false;

    first = place += negated;
    while (*place != ']' || place == first) {
        RA_GLOB_STEP(1);
        if ((kinds[place[0]] & INSIDE) == 0)
            return SET_OPEN;
        if (place[1] != '-') {
            hit |= place[0] == code;
            place++;
        } else {
            if ((kinds[place[2]] & RANGE_END) == 0)
                return SET_OPEN;
            hit |= place[0] <= code && code <= place[2];
            place += 3;
        }
    }
    *at = place + 1;
    return hit != negated ? SET_YES : SET_NO;
}

/* Does the set at *at hold the character?  *at moves behind it, unless it is
 * no set, because its bracket never closes. */
static enum set_answer match_set(struct glob *glob, const unsigned char **at,
                                 uint32_t code)
{
    const unsigned char *place = *at + 1, *first;
    bool negated = *place == '!' || *place == '^';
    bool hit = false, spoiled = false;

    first = place += negated;
    if (glob->open.count > 0) {
        if (ra_glob_is_open(&glob->open, first))
            return SET_OPEN;
    } else if (code < 0x80) {
        enum set_answer answer = simple_set(at, (unsigned char)code);

        if (answer != SET_OPEN)
            return answer;
    }
    while (*place != ']' || place == first) {
        struct ra_glob_item item;

        place = ra_glob_item(&glob->open, place, &item);
        if (place == NULL) {
            ra_glob_note_open(&glob->open, first);
            return SET_OPEN;
        }
        /* As in glibc, what stands before an unknown class counts, and with
         * it the set matches nothing else, negated or not. */
        spoiled |= item.bad && !hit;
        hit |= !item.bad && ra_glob_item_has(&item, code);
    }
    *at = place + 1;
    return !spoiled && hit != negated ? SET_YES : SET_NO;
}

/* Matches one element with one character and moves behind both. */
static bool match_element(struct glob *glob, const unsigned char **pattern,
                          const unsigned char **value)
{
    const unsigned char *at = *pattern;
    uint32_t wanted, code;
    size_t length;

    RA_GLOB_STEP(1);
    if (**value == '\0')
        return false;
    length = ra_glob_char(*value, &code);
    *value += length;
    if (*at == '?') {
        *pattern = at + 1;
        return true;
    }
    if (*at == '[') {
        enum set_answer answer = match_set(glob, pattern, code);

        if (answer != SET_OPEN)
            return answer == SET_YES;
    }
    if (*at == '\\')
        at++;
    /* A trailing backslash asks for the NUL, which no character is. */
    *pattern = at + ra_glob_char(at, &wanted);
    return wanted == code;
}

/* Matches elements up to a star, the pattern's end or the first that fails,
 * and moves behind those that fit. */
static bool match_prefix(struct glob *glob, const unsigned char **pattern,
                         const unsigned char **value)
{
    const unsigned char *at = *pattern, *text = *value;
    bool fits = true;

    while (fits && *at != '*' && *at != '\0') {
        RA_GLOB_STEP(1);
        if (!LITERAL(*at))
            fits = match_element(glob, &at, &text);
        else if (*at++ != *text++)
            fits = false;
    }
    *pattern = at;
    *value = text;
    return fits;
}

/* Matches the elements from pattern to pattern_end.  Returns where the value
 * goes on; or NULL. */
static const unsigned char *match_run(struct glob *glob,
                                      const unsigned char *pattern,
                                      const unsigned char *pattern_end,
                                      const unsigned char *value)
{
    const unsigned char *start = pattern;

    while (pattern != pattern_end) {
        if (LITERAL(*pattern)) {
            RA_GLOB_STEP(1);
            if (*pattern != *value) {
                value = NULL;
                break;
            }
            pattern++;
            value++;
        } else if (!match_element(glob, &pattern, &value)) {
            value = NULL;
            break;
        }
    }
    glob->work += (size_t)(pattern - start) + 1;
    return value;
}

/* The element behind the one at place; NULL: a trailing backslash. */
static const unsigned char *skip_element(struct glob *glob,
                                         const unsigned char *place)
{
    uint32_t code;

    RA_GLOB_STEP(1);
    if (*place == '[' && match_set(glob, &place, 0) != SET_OPEN)
        return place;
    if (*place == '\\')
        place++;
    return *place == '\0' ? NULL : place + ra_glob_char(place, &code);
}

/* Takes the measure of the segment at start.  Returns false when it ends in a
 * backslash, which never matches. */
static bool measure(struct glob *glob, const unsigned char *start,
                    struct segment *segment)
{
    const unsigned char *place = start;

    *segment = (struct segment){.start = start};
    while (*place != '*' && *place != '\0') {
        if (LITERAL(*place)) {
            segment->literal = place;
            segment->literal_index = segment->count;
        }
        segment->count++;
        place = skip_element(glob, place);
        if (place == NULL)
            return false;
    }
    segment->end = place;
    return true;
}

/* The characters of the bit-parallel search ("shift-and", Baeza-Yates and
 * Gonnet 1992): bit i of a character's row tells whether element i takes
 * it, and bit i of the state whether the elements up to i fit just here. */
struct rows {
    size_t words, count;       /* of elements */
    const unsigned char *rest; /* the elements that are not in the rows */
    uint32_t other;            /* the character of other_row */
    uint64_t other_row[WORDS]; /* one beyond ASCII, made when it comes */
    uint64_t ascii[128 * WORDS];
};

/* The ASCII characters that an element takes. */
static void element_ascii(struct glob *glob, const unsigned char *element,
                          uint64_t set[2])
{
    bool quoted = *element == '\\';
    unsigned char literal = element[quoted], text[2] = {0, 0};

    set[0] = set[1] = 0;
    if (!quoted && literal == '[') {
        for (text[0] = 1; text[0] < 0x80; text[0]++) {
            const unsigned char *pattern = element, *value = text;

            if (match_element(glob, &pattern, &value))
                set[text[0] >> 6] |= UINT64_C(1) << (text[0] & 63);
        }
    } else if (!quoted && literal == '?') {
        set[0] = set[1] = ~UINT64_C(0);
    } else if (literal < 0x80) {
        set[literal >> 6] |= UINT64_C(1) << (literal & 63);
    }
}

static void make_rows(struct glob *glob, const struct segment *segment,
                      struct rows *rows)
{
    const unsigned char *place = segment->start, *last = NULL;
    size_t last_length = 0;
    uint64_t set[2] = {0, 0};

    rows->count = segment->count < ELEMENTS ? segment->count : ELEMENTS;
    rows->words = (rows->count + 63) / 64;
    rows->other = 0;
    memset(rows->ascii, 0, 128 * rows->words * sizeof(rows->ascii[0]));
    for (size_t i = 0; i < rows->count; i++) {
        const unsigned char *next = skip_element(glob, place);
        size_t length = (size_t)(next - place);

        /* Hostile patterns repeat themselves; so do honest ones. */
        if (length != last_length || memcmp(place, last, length) != 0)
            element_ascii(glob, place, set);
        last = place;
        last_length = length;
        for (size_t half = 0; half < 2; half++)
            for (uint64_t left = set[half]; left != 0; left &= left - 1) {
                size_t code = half * 64 + (size_t)__builtin_ctzll(left);

                rows->ascii[code * rows->words + i / 64] |= UINT64_C(1)
                                                            << (i % 64);
            }
        RA_GLOB_STEP(1);
        place = next;
    }
    rows->rest = place;
}

/* The row of a character beyond ASCII. */
static const uint64_t *other_row(struct glob *glob,
                                 const struct segment *segment,
                                 struct rows *rows,
                                 const unsigned char *character, uint32_t code)
{
    const unsigned char *place = segment->start;

    if (rows->other == code)
        return rows->other_row;
    rows->other = code;
    memset(rows->other_row, 0, sizeof(rows->other_row));
    for (size_t i = 0; i < rows->count; i++) {
        const unsigned char *element = place, *value = character;

        if (match_element(glob, &element, &value))
            rows->other_row[i / 64] |= UINT64_C(1) << (i % 64);
        place = skip_element(glob, place);
    }
    return rows->other_row;
}

static const unsigned char *find_by_rows(struct glob *glob,
                                         const struct segment *segment,
                                         const unsigned char *value)
{
    uint64_t state[WORDS] = {0};
    struct rows rows;
    uint64_t last;

    make_rows(glob, segment, &rows);
    last = UINT64_C(1) << ((rows.count - 1) % 64);
    while (value < glob->end) {
        const uint64_t *row;
        uint64_t carry = 1;
        uint32_t code;
        size_t length = ra_glob_char(value, &code);

        row = code < 128 ? &rows.ascii[code * rows.words]
                         : other_row(glob, segment, &rows, value, code);
        for (size_t i = 0; i < rows.words; i++) {
            uint64_t over = state[i] >> 63;

            RA_GLOB_STEP(1);
            state[i] = (state[i] << 1 | carry) & row[i];
            carry = over;
        }
        value += length;
        if ((state[rows.words - 1] & last) != 0) {
            const unsigned char *behind =
                match_run(glob, rows.rest, segment->end, value);

            if (behind != NULL)
                return behind;
        }
    }
    return NULL;
}

/* Where the segment first fits in the value from here on; returns the place
 * behind it, or NULL. */
static const unsigned char *find_segment(struct glob *glob,
                                         const struct segment *segment,
                                         const unsigned char *value)
{
    const unsigned char first = *segment->start;
    uint32_t code;

    glob->work = 0;
    while ((size_t)(glob->end - value) >= segment->count) {
        const unsigned char *behind;

        if (LITERAL(first)) {
            value = memchr(value, first, (size_t)(glob->end - value));
            if (value == NULL)
                return NULL;
        }
        behind = match_run(glob, segment->start, segment->end, value);
        if (behind != NULL)
            return behind;
        value += ra_glob_char(value, &code);
        if (glob->work > PATIENCE && glob->end - value >= ROWS_PAY)
            break;
    }
    if ((size_t)(glob->end - value) < segment->count)
        return NULL;
    /* Every character takes a byte at least. */
    if (segment->literal != NULL &&
        memchr(value + segment->literal_index, *segment->literal,
               (size_t)(glob->end - value) - segment->literal_index) == NULL)
        return NULL;
    return find_by_rows(glob, segment, value);
}

/* As find_segment(), for a segment of length literal characters. */
static const unsigned char *find_text(const struct glob *glob,
                                      const unsigned char *text, size_t length,
                                      const unsigned char *value)
{
    const unsigned char *found;

    /* memmem(3) takes a while to get going: first try some places. */
    for (unsigned tries = 0; tries < 12; tries++) {
        if ((size_t)(glob->end - value) < length)
            return NULL;
        if (*value != *text) {
            value = memchr(value, *text, (size_t)(glob->end - value));
            if (value == NULL || (size_t)(glob->end - value) < length)
                return NULL;
        }
        RA_GLOB_STEP(length);
        if (memcmp(value, text, length) == 0)
            return value + length;
        value++;
    }
    if ((size_t)(glob->end - value) < length)
        return NULL;
    /* It is slow on a text that repeats itself, which matters only when the
     * last character is there at all. */
    found = value + length - 1;
    if (memchr(found, text[length - 1], (size_t)(glob->end - found)) == NULL)
        return NULL;
    RA_GLOB_STEP((size_t)(glob->end - value));
    found = memmem(value, (size_t)(glob->end - value), text, length);
    return found == NULL ? NULL : found + length;
}

/* Does the segment match what the value ends in? */
static bool match_tail(struct glob *glob, const struct segment *segment,
                       const unsigned char *value)
{
    const unsigned char *tail = glob->end;
    uint32_t code;

    for (size_t i = 0; i < segment->count; i++) {
        size_t back = 1;

        RA_GLOB_STEP(1);
        if (tail == value)
            return false;
        /* A lead byte is never inside a character: the one that reaches just
         * to here is the last character. */
        if (tail[-1] >= 0x80)
            for (size_t more = 2; more <= 4; more++)
                if ((size_t)(tail - value) >= more &&
                    ra_glob_char(tail - more, &code) == more)
                    back = more;
        tail -= back;
    }
    return match_run(glob, segment->start, segment->end, tail) == glob->end;
}

/* Moves behind a run of stars and question marks, which takes as many
 * characters wherever its stars stand.  Returns false when there are not as
 * many. */
static bool skip_wildcards(const unsigned char **pattern,
                           const unsigned char **value)
{
    const unsigned char *at = *pattern, *text = *value;
    uint32_t code;

    for (; *at == '*' || *at == '?'; at++) {
        RA_GLOB_STEP(1);
        if (*at == '*')
            continue;
        if (*text == '\0')
            return false;
        text += ra_glob_char(text, &code);
    }
    *pattern = at;
    *value = text;
    return true;
}

/* Finds the place of a segment of more than literal characters; moves behind
 * both.  A segment at the pattern's end must match the value's end. */
static bool match_segment(struct glob *glob, const unsigned char **pattern,
                          const unsigned char **value)
{
    const unsigned char *at = *pattern, *text = *value;
    struct segment segment;

    if (match_prefix(glob, &at, &text) && (*at == '*' || *text == '\0')) {
        *pattern = at;
        *value = text;
        return true;
    }
    if (!measure(glob, *pattern, &segment))
        return false;
    *pattern = segment.end;
    if (*segment.end == '\0') {
        if (!match_tail(glob, &segment, *value))
            return false;
        *value = glob->end;
        return true;
    }
    *value = find_segment(glob, &segment, *value);
    return *value != NULL;
}

/* The part of a pattern that starts with a star. */
static bool match_stars(struct glob *glob, const unsigned char *pattern,
                        const unsigned char *value)
{
    glob->end = value + strlen((const char *)value);
    while (*pattern != '\0') {
        const unsigned char *behind;
        size_t length;

        if (!skip_wildcards(&pattern, &value))
            return false;
        if (*pattern == '\0')
            return true;
        for (behind = pattern; LITERAL(*behind); behind++)
            RA_GLOB_STEP(1);
        length = (size_t)(behind - pattern);
        if (*behind == '\0')
            return (size_t)(glob->end - value) >= length &&
                   memcmp(glob->end - length, pattern, length) == 0;
        if (*behind == '*') {
            value = find_text(glob, pattern, length, value);
            if (value == NULL)
                return false;
            pattern = behind;
        } else if (!match_segment(glob, &pattern, &value)) {
            return false;
        }
    }
    return true;
}

/* Any pattern, with what that may need to remember. */
static bool match_any(const unsigned char *pattern, const unsigned char *value)
{
    struct glob glob;

    glob.work = 0;
    glob.open.count = 0;
    glob.open.turn = 0;
    glob.open.symbol = glob.open.symbol_end = NULL;
    if (!match_prefix(&glob, &pattern, &value))
        return false;
    return *pattern == '*' ? match_stars(&glob, pattern, value)
                           : *value == '\0';
}

int roleauth_glob_match(const char *pattern, const char *value)
{
    const unsigned char *at = (const unsigned char *)pattern;
    const unsigned char *text = (const unsigned char *)value;

    if (at == NULL || text == NULL)
        return 0;
    /* What everyday patterns start with, or are. */
    for (;;) {
        while (LITERAL(*at)) {
            RA_GLOB_STEP(1);
            if (*at++ != *text++)
                return 0;
        }
        if (*at == '\0')
            return *text == '\0';
        if (*at == '*' && at[1] == '\0')
            return 1;
        if (*at == '*' || *text == '\0' || *text >= 0x80)
            break;
        if (*at == '[') {
            enum set_answer answer = simple_set(&at, *text);

            if (answer == SET_NO)
                return 0;
            if (answer == SET_OPEN)
                break;
        } else if (*at == '?') {
            at++;
        } else {
            if (*at != '\\')
                break;
            if (at[1] != *text)
                return 0;
            at += 2;
        }
        text++;
    }
    return match_any(at, text) ? 1 : 0;
}

/* Tells the first fault of the set at *at and moves behind it. */
static const char *set_fault(struct ra_glob_open *open,
                             const unsigned char **at,
                             const unsigned char **where)
{
    const unsigned char *place = *at + 1, *first;
    const char *fault = NULL;

    first = place += *place == '!' || *place == '^';
    while (*place != ']' || place == first) {
        struct ra_glob_item item;
        const unsigned char *next = ra_glob_item(open, place, &item);
        size_t name;

        if (next == NULL) {
            *where = *at;
            return "an unterminated [ only matches itself";
        }
        /* What is no class for glibc, such as [:Alpha:], still meant one. */
        name = strspn((const char *)place + 1, ":");
        if (place[0] == '[' && name == 1 && item.class == NULL &&
            item.fault == NULL) {
            name += strspn((const char *)place + 2,
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "abcdefghijklmnopqrstuvwxyz0123456789_");
            if (name > 1 && place[name + 1] == ':' && place[name + 2] == ']')
                item.fault = "an unknown character class never matches";
        }
        if (fault == NULL && item.fault != NULL) {
            fault = item.fault;
            *where = place;
        }
        place = next;
    }
    *at = place + 1;
    return fault;
}

const char *ra_glob_fault(const char *pattern, size_t *offset)
{
    const unsigned char *at = (const unsigned char *)pattern, *where = at;
    struct ra_glob_open open = {.count = 0};
    const char *fault = NULL;

    while (*at != '\0' && fault == NULL) {
        where = at;
        if (*at == '[') {
            fault = set_fault(&open, &at, &where);
        } else if (*at == '\\' && at[1] == '\0') {
            fault = "a trailing backslash never matches";
        } else {
            at += *at == '\\' ? 2 : 1;
        }
    }
    if (fault != NULL && offset != NULL)
        *offset = (size_t)(where - (const unsigned char *)pattern);
    return fault;
}

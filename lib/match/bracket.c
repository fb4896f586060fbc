/* SPDX-License-Identifier: MIT */
#include "match/bracket.h"

#include <string.h>

#include "base/text.h"

#define WAYS                                                                   \
    (sizeof(((struct ra_glob_open *)0)->ways) /                                \
     sizeof(((struct ra_glob_open *)0)->ways[0]))

/* Items that a bracket may pass before it meets a way that is known. */
enum { LONG_WAY = 8 };

static const struct {
    char name[8];
    uint64_t ascii[2];
} classes[] = {
    {"alnum", {0x03ff000000000000, 0x07fffffe07fffffe}},
    {"alpha", {0x0000000000000000, 0x07fffffe07fffffe}},
    {"blank", {0x0000000100000200, 0x0000000000000000}},
    {"cntrl", {0x00000000ffffffff, 0x8000000000000000}},
    {"digit", {0x03ff000000000000, 0x0000000000000000}},
    {"graph", {0xfffffffe00000000, 0x7fffffffffffffff}},
    {"lower", {0x0000000000000000, 0x07fffffe00000000}},
    {"print", {0xffffffff00000000, 0x7fffffffffffffff}},
    {"punct", {0xfc00fffe00000000, 0x78000001f8000001}},
    {"space", {0x0000000100003e00, 0x0000000000000000}},
    {"upper", {0x0000000000000000, 0x0000000007fffffe}},
    {"xdigit", {0x03ff000000000000, 0x0000007e0000007e}},
};

size_t ra_glob_long_char(const unsigned char *text, uint32_t *code)
{
    const unsigned char *end = text + 1;
    size_t length;

    RA_GLOB_STEP(1);
    /* Not beyond the NUL, which is no continuation byte. */
    while (end < text + 4 && (*end & 0xC0) == 0x80)
        end++;
    length = ra_utf8_decode((const char *)text, (const char *)end, code);
    if (length != 0)
        return length;
    *code = RA_GLOB_BYTE + *text;
    return 1;
}

static const uint64_t *find_class(const unsigned char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (classes[i].name[0] == name[0] &&
            strlen(classes[i].name) == length &&
            memcmp(classes[i].name, name, length) == 0)
            return classes[i].ascii;
    }
    return NULL;
}

/* [:name:], or NULL when it is something else. */
static const unsigned char *class_item(const unsigned char *text,
                                       struct ra_glob_item *item)
{
    const unsigned char *name = text + 2, *end = name;

    /* fnmatch(3) of glibc takes what holds anything but a to y for ordinary
     * characters. */
    while (*end >= 'a' && *end < 'z')
        end++;
    RA_GLOB_STEP((size_t)(end - text));
    if (end[0] != ':' || end[1] != ']')
        return NULL;
    item->class = find_class(name, (size_t)(end - name));
    if (item->class == NULL) {
        item->bad = true;
        item->fault = "an unknown character class never matches";
    }
    return end + 2;
}

/* [=x=], or NULL when it is something else. */
static const unsigned char *equivalence_item(const unsigned char *text,
                                             struct ra_glob_item *item)
{
    const unsigned char *end;
    uint32_t code;

    if (text[2] == '\0')
        return NULL;
    end = text + 2 + ra_glob_char(text + 2, &code);
    if (end[0] != '=' || end[1] != ']')
        return NULL;
    item->low = item->high = code;
    return end + 2;
}

/* [.x.]; NULL: it does not end. */
static const unsigned char *symbol(struct ra_glob_open *open,
                                   const unsigned char *text, uint32_t *code,
                                   struct ra_glob_item *item)
{
    const unsigned char *name = text + 2, *end = open->symbol_end;

    if (open->symbol == NULL || name < open->symbol ||
        (end != NULL && name > end)) {
        end = (const unsigned char *)strstr((const char *)name, ".]");
        RA_GLOB_STEP(end != NULL ? (size_t)(end - name)
                                 : strlen((const char *)name));
        open->symbol = name;
        open->symbol_end = end;
    }
    if (end == NULL)
        return NULL;
    if (end == name || name + ra_glob_char(name, code) != end) {
        item->bad = true;
        item->fault = "a collating symbol that is not one character never "
                      "matches";
    }
    return end + 2;
}

/* One end of a range: a character, quoted or not, or [.x.]. */
static const unsigned char *endpoint(struct ra_glob_open *open,
                                     const unsigned char *text, uint32_t *code,
                                     struct ra_glob_item *item)
{
    if (text[0] == '[' && text[1] == '.')
        return symbol(open, text, code, item);
    if (*text == '\\')
        text++;
    return *text == '\0' ? NULL : text + ra_glob_char(text, code);
}

const unsigned char *ra_glob_item(struct ra_glob_open *open,
                                  const unsigned char *text,
                                  struct ra_glob_item *item)
{
    const unsigned char *next = NULL;

    RA_GLOB_STEP(1);
    *item = (struct ra_glob_item){1, 0, NULL, false, NULL};
    if (text[0] == '[' && text[1] == ':')
        next = class_item(text, item);
    else if (text[0] == '[' && text[1] == '=')
        next = equivalence_item(text, item);
    if (next != NULL)
        return next;
    next = endpoint(open, text, &item->low, item);
    if (next == NULL)
        return NULL;
    item->high = item->low;
    if (next[0] != '-' || next[1] == ']' || next[1] == '\0')
        return next;
    next++;
    if (next[0] == '[' && (next[1] == ':' || next[1] == '='))
        item->fault = "a class cannot end a range";
    next = endpoint(open, next, &item->high, item);
    if (next != NULL && item->low > item->high && item->fault == NULL)
        item->fault = "a range from a higher to a lower character is empty";
    return next;
}

void ra_glob_note_open(struct ra_glob_open *open, const unsigned char *first)
{
    unsigned way = 0;

    if (open->count < WAYS) {
        way = open->count++;
    } else {
        for (unsigned i = 1; i < WAYS; i++)
            if (open->ways[i].met < open->ways[way].met)
                way = i;
    }
    open->ways[way].from = first;
    open->ways[way].at = first;
    open->ways[way].met = ++open->turn;
}

/* Moves each way to its last item that does not lie behind place. */
static void approach(struct ra_glob_open *open, const unsigned char *place)
{
    struct ra_glob_item item;

    for (unsigned i = 0; i < open->count; i++) {
        const unsigned char *next = open->ways[i].at;

        if (next > place)
            next = open->ways[i].from;
        while (next != NULL && next <= place) {
            open->ways[i].at = next;
            next = ra_glob_item(open, next, &item);
        }
        if (open->ways[i].at > place)
            open->ways[i].at = open->ways[i].from;
    }
}

/* Moves the heads of the ways up to place; does one of them meet it? */
static bool meet(struct ra_glob_open *open, const unsigned char *heads[WAYS],
                 const unsigned char *place)
{
    struct ra_glob_item item;

    for (unsigned i = 0; i < open->count; i++) {
        while (heads[i] != NULL && heads[i] < place)
            heads[i] = ra_glob_item(open, heads[i], &item);
        if (heads[i] == place) {
            open->ways[i].met = ++open->turn;
            return true;
        }
    }
    return false;
}

bool ra_glob_is_open(struct ra_glob_open *open, const unsigned char *first)
{
    const unsigned char *heads[WAYS], *place = first;
    struct ra_glob_item item;
    unsigned items = 0;

    approach(open, first);
    for (unsigned i = 0; i < open->count; i++)
        heads[i] = open->ways[i].at;
    while (place != NULL && !meet(open, heads, place)) {
        place = ra_glob_item(open, place, &item);
        if (place != NULL && *place == ']')
            return false;
        items++;
    }
    /* Worth keeping, unless another way is as good. */
    if (items > LONG_WAY)
        ra_glob_note_open(open, first);
    return true;
}

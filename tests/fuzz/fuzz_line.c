/* SPDX-License-Identifier: MIT */
/* libFuzzer target for the line editor: 7 bytes of keys, a byte of size, and
 * what is typed.  After each byte the line must be in order, and what was cut
 * off must be gone. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 8, GUARD = 8 };

static void must(int condition)
{
    if (!condition)
        __builtin_trap();
}

/* Everything behind the text is zero, and nothing behind the buffer moved. */
static void check_memory(const struct ra_line *line)
{
    must(line->length < line->size);
    must(strlen(line->text) == line->length);
    for (size_t i = line->length; i < line->size; i++)
        must(line->text[i] == '\0');
    for (size_t i = 0; i < GUARD; i++)
        must(line->text[line->size + i] == 'G');
    must(!line->unusable || line->length == 0);
}

/* The cells cover the text, but for a character that is not complete. */
static void check_cells(const struct ra_line *line)
{
    struct ra_line_cell cell;
    size_t at = 0;

    while (ra_line_cell(line->text + at, line->length - at, &cell)) {
        must(cell.taken >= 1 && cell.taken <= line->length - at);
        must(cell.length >= 1 && cell.length <= 4 && cell.columns <= 2);
        for (size_t i = 0; i < cell.length; i++)
            must((unsigned char)cell.bytes[i] >= ' ' &&
                 cell.bytes[i] != '\x7F');
        at += cell.taken;
    }
    must(line->length - at <= 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ra_line_keys keys;
    struct ra_line line;
    size_t room;
    char *text;

    if (size < HEAD)
        return 0;
    keys = (struct ra_line_keys){data[0], data[1], data[2], data[3],
                                 data[4], data[5], data[6]};
    room = (size_t)data[7] + 1;
    text = malloc(room + GUARD);
    if (text == NULL)
        return 0;
    memset(text, 'G', room + GUARD);
    ra_line_start(&line, text, room, &keys);
    for (size_t i = HEAD; i < size; i++) {
        enum ra_line_event event = ra_line_feed(&line, data[i]);

        check_memory(&line);
        check_cells(&line);
        if (event == RA_LINE_CANCEL || event == RA_LINE_SUSPEND)
            must(line.length == 0 && !line.unusable);
        else
            must(event == RA_LINE_MORE || event == RA_LINE_DONE);
        if (event == RA_LINE_DONE)
            ra_line_start(&line, text, room, &keys);
    }
    free(text);
    return 0;
}

/* SPDX-License-Identifier: MIT */
#include "auth/line.h"

#include <string.h>

#include "base/text.h"

#define CONTROL(letter) ((unsigned char)((letter)&0x1F))
#define DEL 0x7F

enum action { ADD, ERASE, KILL, WORD_ERASE, FINISH, CANCEL, SUSPEND };

void ra_line_start(struct ra_line *line, char *text, size_t size,
                   const struct ra_line_keys *keys)
{
    memset(line, 0, sizeof(*line));
    line->text = text;
    line->size = size;
    line->keys = *keys;
    explicit_bzero(text, size);
}

/* Length and content always go together, CVE-2019-18634. */
static void clear(struct ra_line *line)
{
    explicit_bzero(line->text, line->size);
    line->length = 0;
    line->unusable = false;
}

static void spoil(struct ra_line *line)
{
    clear(line);
    line->unusable = true;
}

static void cut(struct ra_line *line, size_t length)
{
    explicit_bzero(line->text + length, line->length - length);
    line->length = length;
}

static enum action usual_action(unsigned char c)
{
    switch (c) {
    case '\r':
    case '\n':
        return FINISH;
    case CONTROL('H'):
    case DEL:
        return ERASE;
    case CONTROL('U'):
        return KILL;
    case CONTROL('W'):
        return WORD_ERASE;
    case CONTROL('C'):
    case CONTROL('D'):
        return CANCEL;
    case CONTROL('Z'):
        return SUSPEND;
    default:
        return ADD;
    }
}

/* The terminal's settings come first: somebody may have DEL to interrupt. */
static enum action action_of(const struct ra_line_keys *keys, unsigned char c)
{
    /* _POSIX_VDISABLE is a NUL byte on Linux. */
    if (c == '\0')
        return ADD;
    if (c == keys->interrupt || c == keys->quit || c == keys->end_of_file)
        return CANCEL;
    if (c == keys->suspend)
        return SUSPEND;
    if (c == keys->erase)
        return ERASE;
    if (c == keys->kill)
        return KILL;
    if (c == keys->word_erase)
        return WORD_ERASE;
    return usual_action(c);
}

static void add(struct ra_line *line, unsigned char c)
{
    if (line->unusable)
        return;
    if (c == '\0' || line->length + 1 >= line->size) {
        spoil(line);
        return;
    }
    line->text[line->length++] = (char)c;
    line->text[line->length] = '\0';
}

/* Where the last character starts; one byte when it is not UTF-8. */
static size_t last_start(const struct ra_line *line)
{
    const char *end = line->text + line->length;

    for (size_t back = 2; back <= 4 && back <= line->length; back++) {
        uint32_t code_point;

        if (ra_utf8_decode(end - back, end, &code_point) == back)
            return line->length - back;
    }
    return line->length - 1;
}

static void erase(struct ra_line *line)
{
    if (line->length > 0)
        cut(line, last_start(line));
}

static void erase_word(struct ra_line *line)
{
    size_t length = line->length;

    while (length > 0 && line->text[length - 1] == ' ')
        length--;
    while (length > 0 && line->text[length - 1] != ' ')
        length--;
    if (length < line->length)
        cut(line, length);
}

enum ra_line_event ra_line_feed(struct ra_line *line, unsigned char c)
{
    switch (action_of(&line->keys, c)) {
    case ADD:
        add(line, c);
        return RA_LINE_MORE;
    case ERASE:
        erase(line);
        return RA_LINE_MORE;
    case WORD_ERASE:
        erase_word(line);
        return RA_LINE_MORE;
    case KILL:
        clear(line);
        return RA_LINE_MORE;
    case FINISH:
        return RA_LINE_DONE;
    case SUSPEND:
        clear(line);
        return RA_LINE_SUSPEND;
    default:
        clear(line);
        return RA_LINE_CANCEL;
    }
}

/* ---- how it looks ---- */

/* wcwidth(3) asks the locale, which is not ours; these are the wide blocks of
 * Unicode Standard Annex 11 that matter, and the combining ones. */
static unsigned char columns_of(uint32_t c)
{
    static const struct {
        uint32_t first, last;
        unsigned char columns;
    } ranges[] = {
        {0x0300, 0x036F, 0},   {0x1100, 0x115F, 2},   {0x200B, 0x200D, 0},
        {0x20D0, 0x20FF, 0},   {0x2E80, 0xA4CF, 2},   {0xAC00, 0xD7A3, 2},
        {0xF900, 0xFAFF, 2},   {0xFE00, 0xFE0F, 0},   {0xFE30, 0xFE6F, 2},
        {0xFF00, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2},   {0x1F300, 0x1F64F, 2},
        {0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1F9FF, 2}, {0x20000, 0x3FFFD, 2},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return ranges[i].columns;
    return 1;
}

/* Could more bytes make this a character? */
static bool is_incomplete(const char *text, size_t length)
{
    unsigned char lead = (unsigned char)text[0];
    size_t need = lead >= 0xF0 && lead <= 0xF4   ? 4
                  : lead >= 0xE0 && lead <= 0xEF ? 3
                  : lead >= 0xC2 && lead <= 0xDF ? 2
                                                 : 1;

    if (length >= need)
        return false;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return false;
    return true;
}

bool ra_line_cell(const char *text, size_t length, struct ra_line_cell *cell)
{
    uint32_t code_point;
    size_t taken;

    memset(cell, 0, sizeof(*cell));
    if (length == 0)
        return false;
    taken = ra_utf8_decode(text, text + length, &code_point);
    if (taken == 0 && is_incomplete(text, length))
        return false;
    cell->taken = taken > 0 ? (unsigned char)taken : 1;
    if (taken == 1 && ra_text_is_control(code_point)) {
        /* As stty(1) echoctl shows it. */
        cell->bytes[0] = '^';
        cell->bytes[1] = (char)(code_point ^ 0x40);
        cell->length = cell->columns = 2;
    } else if (taken == 0 || ra_text_is_control(code_point)) {
        cell->bytes[0] = '?';
        cell->length = cell->columns = 1;
    } else {
        memcpy(cell->bytes, text, taken);
        cell->length = (unsigned char)taken;
        cell->columns = columns_of(code_point);
    }
    return true;
}

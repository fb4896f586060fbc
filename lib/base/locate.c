/* SPDX-License-Identifier: MIT */
/* From JSON paths and offsets to lines and columns.  Works on text that
 * jansson has read, so it checks nothing, but it reads no byte outside the
 * text whatever that holds. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

/* The offsets of what one array or object holds: for each element one, for
 * each member two, of its key and its value. */
struct level {
    size_t start; /* offset of the container */
    bool filled;
    bool object;
    size_t *offsets;
    size_t count, size; /* used and allocated offsets */
    size_t next;        /* member that is probably asked for next */
};

struct ra_locator {
    const char *text;
    size_t length;
    /* The place that was told last. */
    size_t offset, line, column;
    /* The containers on the way to the path that was located last. */
    struct level *levels;
    size_t depth;
};

ra_locator *ra_locator_new(const char *text, size_t length)
{
    ra_locator *locator = calloc(1, sizeof(*locator));

    if (locator != NULL) {
        locator->text = text;
        locator->length = length;
        locator->line = 1;
        locator->column = 1;
    }
    return locator;
}

void ra_locator_free(ra_locator **locator)
{
    if (*locator == NULL)
        return;
    for (size_t i = 0; i < (*locator)->depth; i++)
        free((*locator)->levels[i].offsets);
    free((*locator)->levels);
    free(*locator);
    *locator = NULL;
}

/* ---- lines and columns ---- */

static void forward(ra_locator *l, size_t offset)
{
    const char *at = l->text + l->offset;
    const char *end = l->text + offset;
    const char *eol;

    while ((eol = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        l->line++;
        l->column = 1;
        at = eol + 1;
    }
    l->column += ra_utf8_count(at, (size_t)(end - at));
    l->offset = offset;
}

/* Back to the start of the offset's line when that is another one, so that
 * a step back costs no more than what lies between, or one line. */
static void backward(ra_locator *l, size_t offset)
{
    const char *from = l->text + offset;
    size_t span = l->offset - offset;
    const char *eol = memchr(from, '\n', span);

    if (eol == NULL) {
        l->column -= ra_utf8_count(from, span);
        l->offset = offset;
        return;
    }
    for (; eol != NULL;
         eol = memchr(eol + 1, '\n', (size_t)(l->text + l->offset - eol - 1)))
        l->line--;
    eol = memrchr(l->text, '\n', offset);
    l->offset = eol == NULL ? 0 : (size_t)(eol + 1 - l->text);
    l->column = 1;
    forward(l, offset);
}

void ra_locate_offset(ra_locator *l, size_t offset, size_t *line,
                      size_t *column)
{
    if (offset > l->length)
        offset = l->length;
    if (offset < l->offset)
        backward(l, offset);
    else
        forward(l, offset);
    *line = l->line;
    *column = l->column;
}

/* ---- finding one's way in the text ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(const ra_locator *l, size_t at)
{
    while (at < l->length && is_space(l->text[at]))
        at++;
    return at;
}

/* The end of a string that starts here, behind its quote. */
static size_t skip_string(const ra_locator *l, size_t at)
{
    for (at++; at < l->length; at++) {
        if (l->text[at] == '"')
            return at + 1;
        if (l->text[at] == '\\')
            at++;
    }
    return l->length;
}

/* The end of a number or a word; at least one byte is passed. */
static size_t skip_word(const ra_locator *l, size_t at)
{
    for (at++; at < l->length; at++) {
        char c = l->text[at];

        if (is_space(c) || c == ',' || c == ':' || c == '"' || c == '[' ||
            c == ']' || c == '{' || c == '}')
            break;
    }
    return at;
}

static size_t skip_value(const ra_locator *l, size_t at)
{
    size_t depth = 0;

    while (at < l->length) {
        char c = l->text[at];

        if (c == '"')
            at = skip_string(l, at);
        else if (c == '[' || c == '{')
            at++, depth++;
        else if (c == ']' || c == '}')
            at++, depth -= depth > 0;
        else if (depth > 0)
            at++;
        else
            at = skip_word(l, at);
        if (depth == 0)
            break;
    }
    return at;
}

/* ---- what a container holds ---- */

static bool push(struct level *level, size_t offset)
{
    if (level->count == level->size) {
        size_t size = level->size == 0 ? 16 : level->size * 2;
        size_t *offsets = reallocarray(level->offsets, size, sizeof(*offsets));

        if (offsets == NULL)
            return false;
        level->offsets = offsets;
        level->size = size;
    }
    level->offsets[level->count++] = offset;
    return true;
}

/* Takes in one element or member at *at; false: that was the last, or memory
 * ran out (*failed). */
static bool take_child(const ra_locator *l, struct level *level, size_t *at,
                       bool *failed)
{
    size_t key = skip_space(l, *at);
    size_t value = key;

    if (key >= l->length || l->text[key] == (level->object ? '}' : ']'))
        return false;
    if (level->object) {
        if (l->text[key] != '"')
            return false;
        value = skip_space(l, skip_string(l, key));
        if (value >= l->length || l->text[value] != ':')
            return false;
        value = skip_space(l, value + 1);
        *failed = *failed || !push(level, key);
    }
    *failed = *failed || !push(level, value);
    *at = skip_space(l, skip_value(l, value));
    if (*failed || *at >= l->length || l->text[*at] != ',')
        return false;
    ++*at;
    return true;
}

/* The level of this depth, filled for the container at start. */
static struct level *fill(ra_locator *l, size_t depth, size_t start)
{
    struct level *level;
    size_t at = start + 1;
    bool failed = false;

    if (depth == l->depth) {
        level = reallocarray(l->levels, depth + 1, sizeof(*level));
        if (level == NULL)
            return NULL;
        l->levels = level;
        memset(&level[depth], 0, sizeof(*level));
        l->depth++;
    }
    level = &l->levels[depth];
    if (level->filled && level->start == start)
        return level;
    level->start = start;
    level->object = l->text[start] == '{';
    level->count = 0;
    level->next = 0;
    while (take_child(l, level, &at, &failed))
        ;
    level->filled = !failed;
    return failed ? NULL : level;
}

/* ---- names ---- */

/* A name as it is written, in JSON's escapes. */
struct written {
    const char *at, *end;
};

static uint32_t hex4(const struct written *w)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        char c = w->at + i < w->end ? w->at[i] : '0';

        value =
            value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

static uint32_t read_unicode(struct written *w)
{
    uint32_t high = hex4(w), low;

    w->at += w->end - w->at < 4 ? w->end - w->at : 4;
    if (high < 0xD800 || high > 0xDBFF || w->end - w->at < 6 ||
        w->at[0] != '\\' || w->at[1] != 'u')
        return high;
    w->at += 2;
    low = hex4(w);
    w->at += 4;
    return 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF);
}

/* The next code point; 0: the end. */
static uint32_t read_point(struct written *w)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    uint32_t point = 0;
    size_t size = ra_utf8_decode(w->at, w->end, &point);
    const char *letter;

    if (size == 0)
        return 0;
    w->at += size;
    if (point != '\\' || w->at == w->end)
        return point;
    if (*w->at == 'u') {
        w->at++;
        return read_unicode(w);
    }
    letter = *w->at == '\0' ? NULL : strchr(from, *w->at);
    point = (unsigned char)(letter != NULL ? to[letter - from] : *w->at);
    w->at++;
    return point;
}

static bool same_name(struct written a, struct written b)
{
    uint32_t x, y;

    do {
        x = read_point(&a);
        y = read_point(&b);
    } while (x == y && x != 0);
    return x == y;
}

/* The name that starts with a quote at this offset. */
static struct written name_at(const ra_locator *l, size_t offset)
{
    size_t end = skip_string(l, offset);
    struct written w = {l->text + offset + 1, l->text + end};

    if (w.end > w.at && w.end[-1] == '"')
        w.end--;
    return w;
}

/* ---- paths ---- */

struct step {
    bool index;
    size_t number;
    struct written name;
};

static bool read_number(const char **path, struct step *step)
{
    step->number = 0;
    while (**path >= '0' && **path <= '9') {
        if (step->number > SIZE_MAX / 16)
            return false;
        step->number = step->number * 10 + (size_t)(**path - '0');
        ++*path;
    }
    return *(*path)++ == ']';
}

/* Reads one step of a path; false: its end (or none that makes sense). */
static bool read_step(const char **path, struct step *step)
{
    const char *at = *path;

    step->index = at[0] == '[' && at[1] != '"';
    if (step->index) {
        *path = at + 1;
        return read_number(path, step);
    }
    if (at[0] == '[') {
        step->name.at = at += 2;
        while (*at != '\0' && *at != '"')
            at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
        step->name.end = at;
        *path = at[0] == '"' && at[1] == ']' ? at + 2 : at + strlen(at);
        return true;
    }
    at += at[0] == '.';
    step->name.at = at;
    at += strcspn(at, ".[");
    step->name.end = at;
    *path = at;
    return at > step->name.at;
}

/* Where in a level's offsets the step leads; false: nowhere. */
static bool find_child(const ra_locator *l, struct level *level,
                       const struct step *step, size_t *place)
{
    size_t members = level->count / 2;

    if (!level->object) {
        *place = step->number;
        return step->index && step->number < level->count;
    }
    if (step->index)
        return false;
    /* Problems come in the order of the text: start where the last one was,
     * and go round. */
    for (size_t i = 0; i < members; i++) {
        size_t member = (level->next + i) % members;

        if (same_name(name_at(l, level->offsets[2 * member]), step->name)) {
            level->next = member;
            *place = 2 * member;
            return true;
        }
    }
    return false;
}

bool ra_locate_path(ra_locator *l, const char *path, bool of_key, size_t *line,
                    size_t *column)
{
    size_t at = skip_space(l, 0);
    size_t key = at;
    struct step step = {0};

    for (size_t depth = 0; read_step(&path, &step); depth++) {
        struct level *level;
        size_t place;

        /* When the path goes deeper than the text: the last value. */
        key = at;
        if (at >= l->length || (l->text[at] != '{' && l->text[at] != '['))
            break;
        level = fill(l, depth, at);
        if (level == NULL) {
            *line = *column = 0;
            return false;
        }
        if (!find_child(l, level, &step, &place))
            break;
        key = level->offsets[place];
        at = level->offsets[place + (level->object ? 1 : 0)];
    }
    ra_locate_offset(l, of_key ? key : at, line, column);
    return true;
}

/* ---- from an offset to a path ---- */

struct frame {
    bool object;
    bool inside;  /* an element or a member has begun */
    size_t index; /* of the element */
    size_t key;   /* offset of the member's name */
};

struct trail {
    struct frame *frames;
    size_t depth, size;
};

static bool enter(struct trail *trail, bool object)
{
    if (trail->depth == trail->size) {
        size_t size = trail->size == 0 ? 16 : trail->size * 2;
        struct frame *frames =
            reallocarray(trail->frames, size, sizeof(*frames));

        if (frames == NULL)
            return false;
        trail->frames = frames;
        trail->size = size;
    }
    memset(&trail->frames[trail->depth], 0, sizeof(*trail->frames));
    trail->frames[trail->depth++].object = object;
    return true;
}

/* Takes note of the token at this place; returns its end. */
static size_t follow(const ra_locator *l, struct trail *trail, size_t at)
{
    struct frame *top =
        trail->depth == 0 ? NULL : &trail->frames[trail->depth - 1];
    char c = l->text[at];

    if (top != NULL && (c == ']' || c == '}' || c == ',')) {
        top->inside = false;
        top->index += c == ',';
    } else if (top != NULL && !top->inside) {
        top->inside = !top->object || c == '"';
        top->key = at;
    }
    if (c == '"')
        return skip_string(l, at);
    if (c == '[' || c == ']' || c == '{' || c == '}' || c == ',' || c == ':')
        return at + 1;
    return skip_word(l, at);
}

static bool add_name(struct ra_buf *path, struct written name)
{
    struct ra_buf key = RA_BUF_INIT(SIZE_MAX / 16);
    uint32_t point;
    char bytes[4];
    bool good;

    while ((point = read_point(&name)) != 0)
        (void)ra_buf_add(&key, bytes, ra_utf8_encode(point, bytes));
    good = ra_buf_add(&key, "", 0) && ra_json_path_key(path, key.data);
    ra_buf_free(&key);
    return good;
}

static char *describe(const ra_locator *l, const struct trail *trail)
{
    struct ra_buf path = RA_BUF_INIT(SIZE_MAX / 16);

    for (size_t i = 0; i < trail->depth; i++) {
        const struct frame *frame = &trail->frames[i];

        if (!frame->inside)
            break;
        if (!(frame->object ? add_name(&path, name_at(l, frame->key))
                            : ra_json_path_index(&path, frame->index)))
            break;
    }
    return ra_buf_take(&path);
}

char *ra_locate_enclosing(ra_locator *l, size_t offset)
{
    struct trail trail = {NULL, 0, 0};
    size_t at = skip_space(l, 0);
    char *path = NULL;

    while (at < l->length && at <= offset) {
        size_t end = follow(l, &trail, at);
        char c = l->text[at];

        if (end > offset)
            break;
        if ((c == '[' || c == '{') && !enter(&trail, c == '{'))
            goto out;
        if ((c == ']' || c == '}') && trail.depth > 0)
            trail.depth--;
        at = skip_space(l, end);
    }
    path = describe(l, &trail);
out:
    free(trail.frames);
    return path;
}

size_t ra_locate_nesting(ra_locator *l, unsigned max)
{
    unsigned depth = 0;

    for (size_t at = 0; at < l->length;) {
        char c = l->text[at];

        if (c == '"') {
            at = skip_string(l, at);
            continue;
        }
        if (c == '[' || c == '{') {
            if (depth == max)
                return at;
            depth++;
        }
        if ((c == ']' || c == '}') && depth > 0)
            depth--;
        at++;
    }
    return (size_t)-1;
}

/* ---- writing paths ---- */

static bool is_plain_key(const char *key)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz_0123456789";

    return key[0] != '\0' && !(key[0] >= '0' && key[0] <= '9') &&
           key[strspn(key, letters)] == '\0';
}

bool ra_json_path_key(struct ra_buf *path, const char *key)
{
    const char *end = key + strlen(key);

    if (is_plain_key(key))
        return (path->length == 0 || ra_buf_add_char(path, '.')) &&
               ra_buf_add_text(path, key);
    (void)ra_buf_add_text(path, "[\"");
    while (key < end) {
        uint32_t point = 0xFFFD;
        size_t size = ra_utf8_decode(key, end, &point);

        if (size == 0 || ra_text_is_control(point)) {
            (void)ra_buf_printf(path, "\\u%04X", (unsigned)point);
        } else {
            if (point == '"' || point == '\\')
                (void)ra_buf_add_char(path, '\\');
            (void)ra_buf_add(path, key, size);
        }
        key += size == 0 ? 1 : size;
    }
    return ra_buf_add_text(path, "\"]");
}

bool ra_json_path_index(struct ra_buf *path, size_t index)
{
    return ra_buf_printf(path, "[%zu]", index);
}

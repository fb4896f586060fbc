/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* ---- parsing ---- */

/* A key as it is written, cut short, so that it fits. */
static void quote(char *to, size_t size, const char *text, size_t length)
{
    struct ra_buf buf = RA_BUF_INIT(4096);
    size_t cut = length < 36 ? length : 36;

    while (cut < length && cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
        cut--;
    (void)ra_text_add_display(&buf, text, cut);
    (void)snprintf(to, size, "%s%s", buf.failed ? "" : buf.data,
                   cut < length ? "..." : "");
    ra_buf_free(&buf);
}

static void set_fault(struct ra_json_fault *fault, const char *code,
                      size_t offset, const char *prose)
{
    memset(fault, 0, sizeof(*fault));
    fault->code = code;
    fault->offset = offset;
    (void)snprintf(fault->text, sizeof(fault->text), "%s", prose);
}

/* offset: of the second key. */
static void set_duplicate(struct ra_json_fault *fault, const char *text,
                          size_t length, size_t offset)
{
    char key[256], prose[sizeof(fault->text)];
    const char *start = text + offset;
    size_t room = length - offset;
    size_t size = 1;

    while (size < room && start[size] != '"')
        size += start[size] == '\\' ? 2 : 1;
    quote(key, sizeof(key), start + 1, size > room ? room - 1 : size - 1);
    (void)snprintf(prose, sizeof(prose),
                   "the name \"%.150s\" stands twice in this object", key);
    set_fault(fault, "duplicate-key", offset, prose);
    fault->duplicate_key = true;
}

/* jansson's verdict in our words.  Its codes are partly lost when memory runs
 * out in the middle, so a fault is only believed when the text has one. */
static int explain(const char *text, size_t length, const json_error_t *error,
                   size_t position, struct ra_json_fault *fault)
{
    bool faulty = ra_json_find_fault(text, length, fault);
    size_t offset = ra_json_token_before(text, length, position);

    /* jansson reads on behind a first value, as another element. */
    if (faulty && fault->offset <= offset)
        return ROLEAUTH_E_INVALID;
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        set_duplicate(fault, text, length, offset);
        return ROLEAUTH_E_INVALID;
    case json_error_numeric_overflow:
        set_fault(fault, "range", offset, "the number is too large");
        return ROLEAUTH_E_INVALID;
    case json_error_stack_overflow:
        set_fault(fault, "nesting", offset,
                  "arrays and objects are nested too deeply");
        return ROLEAUTH_E_INVALID;
    default:
        return faulty ? ROLEAUTH_E_INVALID : ROLEAUTH_E_NOMEM;
    }
}

/* Bytes of a text that takes long enough to be watched. */
enum { WATCHED = 65536 };

/* jansson (2.14, load.c) collects each token in a buffer that grows, and does
 * not notice when that fails: the token then lacks bytes, and a string that
 * lacks its closing quote is read beyond its end, or ends in assert(3).  A
 * number only loses digits.  So the text is read as the second element of an
 * array whose first is a number that makes the buffer grow to more than any
 * token of the text, and is thrown away. */
struct feed {
    const char *text;
    size_t length;
    size_t digits; /* of the number */
    size_t buffer; /* size that jansson's buffer has grown to by then */
    size_t at;     /* bytes given so far: head, digits, comma, text, ] */
    void (*watch)(void *data, size_t done, size_t total);
    void *watch_data;
    size_t told; /* the next report is due there */
};

static const char head[] = "[1.";

#define HEAD_LENGTH (sizeof(head) - 1)
#define SPARE 32 /* digits that may be lost while memory is short */
#define LEAP ((size_t)128)

/* The last quote behind at, up to end, that no backslash stands before. */
static const char *last_quote(const char *at, const char *end)
{
    const char *quote = end;

    do {
        quote = memrchr(at + 1, '"', (size_t)(quote - at - 1));
    } while (quote != NULL && quote[-1] == '\\');
    return quote;
}

/* The first such quote behind at; end: none. */
static const char *first_quote(const char *at, const char *end)
{
    do {
        at = memchr(at + 1, '"', (size_t)(end - at - 1));
    } while (at != NULL && at[-1] == '\\');
    return at != NULL ? at : end;
}

/* At least as much as the longest token: the longest way from one quote to the
 * next.  A quote behind a backslash is passed over, which makes it rather
 * longer.  Leaps from quote to quote, so that it reads little of the text. */
static size_t longest_token(const char *text, size_t length)
{
    const char *end = text + length;
    const char *at = text;
    size_t longest = length < LEAP ? length : LEAP;

    while ((size_t)(end - at) > LEAP) {
        const char *quote = last_quote(at, at + LEAP);

        if (quote == NULL)
            quote = first_quote(at + LEAP - 1, end);
        if ((size_t)(quote - at) + 1 > longest)
            longest = (size_t)(quote - at) + 1;
        at = quote;
    }
    return longest;
}

/* jansson's buffer doubles when it is full.  The comma behind the number is
 * looked at through the buffer too, and must not be the byte for which it
 * grows: the number ends well behind the last doubling. */
static void prepare(struct feed *feed)
{
    size_t longest = longest_token(feed->text, feed->length);
    size_t half = 64;

    while (half * 2 < longest + 3)
        half *= 2;
    feed->digits = half + SPARE;
    feed->buffer = half * 2;
}

/* Had jansson's buffer memory to grow?  Where memory is short for good, the
 * same size is refused now. */
static bool memory_is_left(size_t size)
{
    void *probe = malloc(size);
    /* A compiler may drop an allocation that nobody looks at. */
    void *volatile seen = probe;

    free(probe);
    return seen != NULL;
}

/* What the whole has at feed->at: the length of *piece, or of as many zeros
 * when that is NULL; 0: the end. */
static size_t piece_at(const struct feed *feed, const char **piece)
{
    const struct {
        const char *bytes;
        size_t length;
    } pieces[] = {
        {head, HEAD_LENGTH},
        {NULL, feed->digits},
        {",", 1},
        {feed->text, feed->length},
        {"]", 1},
    };
    size_t at = feed->at;

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        if (at < pieces[i].length) {
            *piece = pieces[i].bytes != NULL ? pieces[i].bytes + at : NULL;
            return pieces[i].length - at;
        }
        at -= pieces[i].length;
    }
    *piece = NULL;
    return 0;
}

/* Tells of each hundredth of the text, however the pieces fall. */
static void report(struct feed *feed)
{
    const size_t before = HEAD_LENGTH + feed->digits + 1;
    const size_t step = feed->length / 100 + 1;
    size_t done = feed->at > before ? feed->at - before : 0;

    if (feed->watch == NULL || feed->length < WATCHED || done < feed->told)
        return;
    if (done > feed->length)
        done = feed->length;
    feed->told = done + step;
    feed->watch(feed->watch_data, done, feed->length);
}

static size_t give(void *buffer, size_t size, void *data)
{
    struct feed *feed = data;
    const char *piece;
    size_t left = piece_at(feed, &piece);
    size_t count = left < size ? left : size;

    /* The comma ends the number: what follows may rely on the buffer. */
    if (feed->at == HEAD_LENGTH + feed->digits && !memory_is_left(feed->buffer))
        return (size_t)-1;
    if (piece != NULL)
        memcpy(buffer, piece, count);
    else
        memset(buffer, '0', count);
    feed->at += count;
    report(feed);
    return count;
}

int ra_json_parse(const char *text, size_t length, ra_json **value,
                  struct ra_json_fault *fault)
{
    return ra_json_parse_watched(text, length, NULL, NULL, value, fault);
}

int ra_json_parse_watched(const char *text, size_t length,
                          void (*watch)(void *data, size_t done, size_t total),
                          void *watch_data, ra_json **value,
                          struct ra_json_fault *fault)
{
    struct feed feed = {
        .text = text,
        .length = length,
        .watch = watch,
        .watch_data = watch_data,
    };
    size_t before;
    json_error_t error;
    json_t *array;

    *value = NULL;
    /* jansson leaves the code as it was where memory ran out. */
    memset(&error, 0, sizeof(error));
    prepare(&feed);
    before = HEAD_LENGTH + feed.digits + 1;
    array = json_load_callback(give, &feed, JSON_REJECT_DUPLICATES, &error);
    if (array == NULL) {
        size_t position = error.position > 0 ? (size_t)error.position : 0;

        return explain(text, length, &error,
                       position > before ? position - before : 0, fault);
    }
    /* "1,2" made it longer than two. */
    if (json_array_size(array) == 2)
        *value = json_incref(json_array_get(array, 1));
    json_decref(array);
    if (*value != NULL)
        return 0;
    return ra_json_find_fault(text, length, fault) ? ROLEAUTH_E_INVALID
                                                   : ROLEAUTH_E_NOMEM;
}

void ra_json_free(ra_json **value)
{
    json_decref(*value);
    *value = NULL;
}

/* ---- reading ---- */

enum ra_json_type ra_json_type(const ra_json *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return RA_JSON_OBJECT;
    case JSON_ARRAY:
        return RA_JSON_ARRAY;
    case JSON_STRING:
        return RA_JSON_STRING;
    case JSON_INTEGER:
        return RA_JSON_INTEGER;
    case JSON_REAL:
        return RA_JSON_REAL;
    case JSON_TRUE:
        return RA_JSON_TRUE;
    case JSON_FALSE:
        return RA_JSON_FALSE;
    case JSON_NULL:
    default:
        return RA_JSON_NULL;
    }
}

const char *ra_json_type_name(const ra_json *value)
{
    static const char *const names[] = {
        [RA_JSON_NULL] = "null",       [RA_JSON_FALSE] = "false",
        [RA_JSON_TRUE] = "true",       [RA_JSON_INTEGER] = "an integer",
        [RA_JSON_REAL] = "a fraction", [RA_JSON_STRING] = "a string",
        [RA_JSON_ARRAY] = "an array",  [RA_JSON_OBJECT] = "an object",
    };

    return names[ra_json_type(value)];
}

const char *ra_json_string(const ra_json *value, size_t *length)
{
    if (length != NULL)
        *length = json_string_length(value);
    return json_string_value(value);
}

int64_t ra_json_integer(const ra_json *value)
{
    return json_integer_value(value);
}

size_t ra_json_size(const ra_json *value)
{
    return json_is_array(value) ? json_array_size(value)
                                : json_object_size(value);
}

const ra_json *ra_json_at(const ra_json *array, size_t index)
{
    return json_array_get(array, index);
}

const ra_json *ra_json_get(const ra_json *object, const char *key)
{
    return json_object_get(object, key);
}

void ra_json_drop(const ra_json *array, size_t index)
{
    (void)json_array_set_new((json_t *)array, index, json_null());
}

/* jansson's iterators take no const, but change nothing. */
void *ra_json_first(const ra_json *object)
{
    return json_object_iter((json_t *)object);
}

void *ra_json_next(const ra_json *object, void *it)
{
    return json_object_iter_next((json_t *)object, it);
}

const char *ra_json_key(void *it)
{
    return json_object_iter_key(it);
}

const ra_json *ra_json_value(void *it)
{
    return json_object_iter_value(it);
}

/* Recursion ends at max, whatever the tree. */
bool ra_json_deeper(const ra_json *value, unsigned max)
{
    if (json_is_array(value) || json_is_object(value)) {
        if (max == 0)
            return true;
        for (size_t i = 0; i < json_array_size(value); i++)
            if (ra_json_deeper(json_array_get(value, i), max - 1))
                return true;
        for (void *it = ra_json_first(value); it != NULL;
             it = ra_json_next(value, it))
            if (ra_json_deeper(ra_json_value(it), max - 1))
                return true;
    }
    return false;
}

/* ---- building ---- */

ra_json *ra_json_new_object(void)
{
    return json_object();
}

ra_json *ra_json_new_array(void)
{
    return json_array();
}

ra_json *ra_json_new_string(const char *text)
{
    struct ra_buf buf = RA_BUF_INIT(SIZE_MAX / 8);
    size_t length;
    ra_json *value = NULL;

    if (text == NULL)
        return json_null();
    length = strlen(text);
    if (ra_utf8_valid(text, length))
        return json_stringn_nocheck(text, length);
    if (ra_text_add_visible(&buf, text, length))
        value = json_stringn_nocheck(buf.data, buf.length);
    ra_buf_wipe(&buf);
    return value;
}

ra_json *ra_json_new_integer(int64_t number)
{
    return json_integer(number);
}

ra_json *ra_json_new_bool(bool on)
{
    return json_boolean(on);
}

bool ra_json_set(ra_json *object, const char *key, ra_json *value)
{
    return json_object_set_new(object, key, value) == 0;
}

bool ra_json_append(ra_json *array, ra_json *value)
{
    return json_array_append_new(array, value) == 0;
}

/* ---- printing ---- */

static int add_piece(const char *bytes, size_t length, void *data)
{
    return ra_buf_add(data, bytes, length) ? 0 : -1;
}

/* jansson escapes C0 alone.  In JSON text anything beyond ASCII, and DEL,
 * stands inside a string, where \uXXXX means the same. */
static bool escape_controls(struct ra_buf *out, const char *text, size_t length)
{
    const char *end = text + length;
    const char *plain = text;

    while (text < end) {
        uint32_t point = 0;
        size_t size = ra_utf8_decode(text, end, &point);

        if (size == 0)
            return false;
        if (ra_text_is_control(point)) {
            (void)ra_buf_add(out, plain, (size_t)(text - plain));
            (void)ra_buf_printf(out, "\\u%04X", (unsigned)point);
            plain = text + size;
        }
        text += size;
    }
    return ra_buf_add(out, plain, (size_t)(end - plain));
}

char *ra_json_dump(const ra_json *value)
{
    struct ra_buf raw = RA_BUF_INIT(SIZE_MAX / 8);
    struct ra_buf out = RA_BUF_INIT(SIZE_MAX / 8);
    char *text = NULL;

    if (value != NULL &&
        json_dump_callback(value, add_piece, &raw,
                           JSON_COMPACT | JSON_ENCODE_ANY) == 0 &&
        raw.data != NULL && escape_controls(&out, raw.data, raw.length))
        text = ra_buf_take(&out);
    ra_buf_free(&raw);
    ra_buf_free(&out);
    return text;
}

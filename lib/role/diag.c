/* SPDX-License-Identifier: MIT */
#include "role/diag.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

#define TEXT_MAX 4096
#define PATH_MAX_BYTES ((size_t)1 << 31)
#define QUOTE_BYTES 32 /* of four characters each at most */

static const struct {
    const char *word;
    roleauth_severity severity;
} problems[] = {
#define RA_X(name, word, severity) {word, ROLEAUTH_SEVERITY_##severity},
    RA_PROBLEMS(RA_X)
#undef RA_X
};

void ra_source_end(struct ra_source *source)
{
    ra_locator_free(&source->locator);
}

void ra_source_progress(const struct ra_source *source, const char *phase,
                        size_t done, size_t total)
{
    const roleauth_loading *how = &source->load->how;
    size_t step = total / 100 + 1;

    if (how->progress != NULL && (done % step == 0 || done == total))
        how->progress(how->progress_data, phase, done, total);
}

/* ---- places ---- */

void ra_place_role(struct ra_role_place *at, const struct ra_place *up,
                   int64_t number)
{
    at->place = (struct ra_place){up, NULL, (size_t)number, false};
    if (number < 0) {
        (void)snprintf(at->digits, sizeof(at->digits), "%" PRId64, number);
        at->place.key = at->digits;
    }
}

static bool add_path(struct ra_buf *path, const struct ra_place *place)
{
    if (place == NULL)
        return true;
    if (!add_path(path, place->up))
        return false;
    if (place->inner || place->up == NULL)
        return true;
    return place->key != NULL ? ra_json_path_key(path, place->key)
                              : ra_json_path_index(path, place->index);
}

static bool is_inner(const struct ra_place *place)
{
    for (; place != NULL; place = place->up)
        if (place->inner)
            return true;
    return false;
}

/* How many arrays and objects of its text enclose a place. */
static unsigned depth_of(const struct ra_place *place)
{
    unsigned depth = 0;

    for (; place->up != NULL && !place->inner; place = place->up)
        depth++;
    return depth;
}

static bool open_locator(struct ra_source *s)
{
    if (s->locator == NULL)
        s->locator = ra_locator_new(s->text, s->length);
    return s->locator != NULL;
}

/* ---- telling ---- */

static roleauth_severity severity_of(const struct ra_source *s,
                                     enum ra_problem problem)
{
    return s->disabled ? ROLEAUTH_SEVERITY_WARNING : problems[problem].severity;
}

static void count(struct ra_source *s, enum ra_problem problem)
{
    if (severity_of(s, problem) == ROLEAUTH_SEVERITY_ERROR)
        s->errors++;
    else if (problems[problem].severity == ROLEAUTH_SEVERITY_ERROR)
        s->forgiven++;
}

/* Does anybody want to know? */
static bool is_wanted(const struct ra_source *s, enum ra_problem problem)
{
    if (s->nomem)
        return false;
    if (s->load->how.report != NULL)
        return true;
    return severity_of(s, problem) == ROLEAUTH_SEVERITY_ERROR && s->errors == 0;
}

static void tell(struct ra_source *s, enum ra_problem problem, size_t line,
                 size_t column, const char *path, const char *text)
{
    const roleauth_diagnostic diagnostic = {
        severity_of(s, problem),
        problems[problem].word,
        s->file,
        line,
        column,
        path,
        text,
    };

    if (diagnostic.severity == ROLEAUTH_SEVERITY_ERROR && s->code == 0) {
        s->code = problem == RA_LIMIT ? ROLEAUTH_E_LIMIT : ROLEAUTH_E_INVALID;
        (void)ra_fail_in(s->error, s->code, s->file, line, column, path, text);
    }
    if (s->load->how.report != NULL)
        s->load->how.report(s->load->how.report_data, &diagnostic);
}

/* Finds line, column and path, and tells. */
static void place_and_tell(struct ra_source *s, enum ra_problem problem,
                           const struct ra_place *place, bool of_key,
                           const char *text)
{
    struct ra_buf path = RA_BUF_INIT(PATH_MAX_BYTES);
    size_t line = 0, column = 0;
    bool good = ra_buf_add(&path, "", 0) && add_path(&path, place);

    if (good && s->text != NULL && place != NULL)
        good = open_locator(s) &&
               ra_locate_path(s->locator, path.data, of_key && !is_inner(place),
                              &line, &column);
    if (good)
        tell(s, problem, line, column, path.data, text);
    else
        s->nomem = true;
    ra_buf_free(&path);
}

__attribute__((format(printf, 5, 0))) static void
problem_args(struct ra_source *s, enum ra_problem problem,
             const struct ra_place *place, bool of_key, const char *format,
             va_list args)
{
    char text[TEXT_MAX];

    if (is_wanted(s, problem)) {
        if (vsnprintf(text, sizeof(text), format, args) < 0)
            s->nomem = true;
        else
            place_and_tell(s, problem, place, of_key, text);
    }
    count(s, problem);
}

void ra_problem(struct ra_source *source, enum ra_problem problem,
                const struct ra_place *place, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    problem_args(source, problem, place, false, format, args);
    va_end(args);
}

void ra_problem_key(struct ra_source *source, enum ra_problem problem,
                    const struct ra_place *place, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    problem_args(source, problem, place, true, format, args);
    va_end(args);
}

/* ---- not JSON ---- */

static enum ra_problem problem_of(const char *word)
{
    for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
        if (strcmp(problems[i].word, word) == 0)
            return (enum ra_problem)i;
    return RA_SYNTAX;
}

/* Where to point: a text that is nested too deeply even for the parser is
 * so from our own limit on. */
static size_t offset_of(const struct ra_json_fault *fault,
                        enum ra_problem problem, ra_locator *locator)
{
    size_t offset = problem == RA_NESTING
                        ? ra_locate_nesting(locator, ROLEAUTH_MAX_NESTING)
                        : fault->offset;

    return offset == (size_t)-1 ? fault->offset : offset;
}

static void tell_fault(struct ra_source *s, enum ra_problem problem,
                       const struct ra_json_fault *fault)
{
    size_t line, column, offset = fault->offset;
    char *path = NULL;

    if (open_locator(s)) {
        offset = offset_of(fault, problem, s->locator);
        path = ra_locate_enclosing(s->locator, offset);
    }
    if (path == NULL) {
        s->nomem = true;
        return;
    }
    ra_locate_offset(s->locator, offset, &line, &column);
    tell(s, problem, line, column, path, fault->text);
    free(path);
}

/* Puts the path inside the string behind the string's own. */
static void tell_inner_fault(struct ra_source *s, enum ra_problem problem,
                             const struct ra_place *place, const char *text,
                             size_t length, const struct ra_json_fault *fault)
{
    ra_locator *inner = ra_locator_new(text, length);
    size_t offset = inner != NULL ? offset_of(fault, problem, inner) : 0;
    char *path = inner != NULL ? ra_locate_enclosing(inner, offset) : NULL;
    struct ra_buf full = RA_BUF_INIT(PATH_MAX_BYTES);
    char prose[TEXT_MAX];
    size_t line = 0, column = 0;
    bool good =
        path != NULL && ra_buf_add(&full, "", 0) && add_path(&full, place);

    if (good && s->text != NULL)
        good = open_locator(s) &&
               ra_locate_path(s->locator, full.data, false, &line, &column);
    if (good && full.length > 0 && path[0] != '\0' && path[0] != '[')
        good = ra_buf_add_char(&full, '.');
    if (good && ra_buf_add_text(&full, path)) {
        (void)snprintf(prose, sizeof(prose),
                       "%s (at byte %zu of the JSON in this string)",
                       fault->text, offset);
        tell(s, problem, line, column, full.data, prose);
    } else {
        s->nomem = true;
    }
    free(path);
    ra_buf_free(&full);
    ra_locator_free(&inner);
}

void ra_problem_json(struct ra_source *source, const struct ra_place *place,
                     const char *text, size_t length,
                     const struct ra_json_fault *fault)
{
    enum ra_problem problem = problem_of(fault->code);

    if (is_wanted(source, problem)) {
        if (place == NULL)
            tell_fault(source, problem, fault);
        else
            tell_inner_fault(source, problem, place, text, length, fault);
    }
    count(source, problem);
}

/* ---- types ---- */

const char *ra_quote(struct ra_source *source, char quoted[RA_QUOTE],
                     const char *text)
{
    struct ra_buf buf = RA_BUF_INIT(RA_QUOTE);
    size_t length = strlen(text);
    size_t cut = length < QUOTE_BYTES ? length : QUOTE_BYTES;

    while (cut < length && cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
        cut--;
    if (!ra_text_add_visible(&buf, text, cut))
        source->nomem = true;
    (void)snprintf(quoted, RA_QUOTE, "%s%s",
                   buf.data != NULL && !buf.failed ? buf.data : "",
                   cut < length ? "..." : "");
    ra_buf_free(&buf);
    return quoted;
}

void ra_problem_nesting(struct ra_source *source, const struct ra_place *place,
                        const ra_json *value)
{
    unsigned depth = depth_of(place);

    if (depth > ROLEAUTH_MAX_NESTING ||
        ra_json_deeper(value, ROLEAUTH_MAX_NESTING - depth))
        ra_problem(source, RA_NESTING, place,
                   "arrays and objects are nested more than %d deep",
                   ROLEAUTH_MAX_NESTING);
}

/* Is it a whole number in quotes? */
static bool is_quoted_number(const char *text)
{
    text += text[0] == '-';
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

void ra_problem_type(struct ra_source *source, const struct ra_place *place,
                     const ra_json *value, const char *expected)
{
    const char *text = ra_json_string(value, NULL);
    char quoted[RA_QUOTE];

    if (text != NULL)
        ra_problem(source, RA_WRONG_TYPE, place,
                   "found the string \"%s\", expected %s%s",
                   ra_quote(source, quoted, text), expected,
                   is_quoted_number(text) && strstr(expected, "integer")
                       ? ": write the number without quotes"
                       : "");
    else if (ra_json_type(value) == RA_JSON_INTEGER)
        ra_problem(source, RA_WRONG_TYPE, place,
                   "found the number %" PRId64 ", expected %s",
                   ra_json_integer(value), expected);
    else
        ra_problem(source, RA_WRONG_TYPE, place, "found %s, expected %s",
                   ra_json_type_name(value), expected);
    ra_problem_nesting(source, place, value);
}

void ra_problem_secret_type(struct ra_source *source,
                            const struct ra_place *place, const ra_json *value,
                            const char *expected)
{
    ra_problem(source, RA_WRONG_TYPE, place, "found %s, expected %s",
               ra_json_type_name(value), expected);
    ra_problem_nesting(source, place, value);
}

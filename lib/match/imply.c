/* SPDX-License-Identifier: MIT */
#include "match/imply.h"

#include <string.h>

#include "match/match.h"

/* A place in the runs of a shape. */
struct place {
    size_t run, offset;
};

static bool starts_with(const struct ra_shape *in, const char *text,
                        size_t length, struct place *at)
{
    if (!in->starts || in->runs[0].length < length ||
        memcmp(in->text + in->runs[0].start, text, length) != 0)
        return false;
    *at = (struct place){0, length};
    return true;
}

/* Behind the place? */
static bool ends_with(const struct ra_shape *in, const char *text,
                      size_t length, const struct place *at)
{
    const struct ra_run *last = &in->runs[in->count - 1];
    size_t from = at->run + 1 == in->count ? at->offset : 0;

    return in->ends && last->length >= length &&
           last->length - length >= from &&
           memcmp(in->text + last->start + last->length - length, text,
                  length) == 0;
}

/* Where it first is, from the place on; moves behind that. */
static bool has_behind(const struct ra_shape *in, const char *text,
                       size_t length, struct place *at)
{
    for (; at->run < in->count; *at = (struct place){at->run + 1, 0}) {
        const struct ra_run *run = &in->runs[at->run];
        const char *from = in->text + run->start;
        const char *found =
            memmem(from + at->offset, run->length - at->offset, text, length);

        if (found != NULL) {
            at->offset = (size_t)(found - from) + length;
            return true;
        }
    }
    return false;
}

/* The runs of a shape follow each other in every value that its pattern
 * matches.  When literal texts with nothing but stars between them lie in
 * those, in their order, their pattern matches too. */
static bool embeds(const struct ra_shape *in, const struct ra_shape *texts)
{
    struct place at = {0, 0};

    if (in->count == 0)
        return false;
    for (size_t i = 0; i < texts->count; i++) {
        const char *text = texts->text + texts->runs[i].start;
        size_t length = texts->runs[i].length;
        bool found;

        if (i == 0 && texts->starts)
            found = starts_with(in, text, length, &at);
        else if (i + 1 == texts->count && texts->ends)
            found = ends_with(in, text, length, &at);
        else
            found = has_behind(in, text, length, &at);
        if (!found)
            return false;
    }
    return true;
}

bool ra_pattern_implies(const struct ra_pattern *pattern,
                        struct ra_pattern *other, bool *nomem)
{
    const struct ra_shape *shape = &pattern->shape;

    *nomem = false;
    if (strcmp(pattern->text, other->text) == 0)
        return true;
    if (shape->form == RA_FORM_LITERAL)
        return roleauth_glob_match(other->text, shape->text) == 1;
    if (!ra_shape_read(&other->shape, other->text)) {
        *nomem = true;
        return false;
    }
    return other->shape.form == RA_FORM_ANY ||
           (other->shape.form == RA_FORM_STARRED &&
            (shape->form == RA_FORM_STARRED || shape->form == RA_FORM_OTHER) &&
            embeds(shape, &other->shape));
}

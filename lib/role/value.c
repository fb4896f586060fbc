/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "role/load.h"
#include "role/nearest.h"
#include "role/template.h"

bool ra_value_absent(const ra_json *value)
{
    const char *text = ra_json_string(value, NULL);

    return text != NULL ? text[0] == '\0' : ra_json_type(value) == RA_JSON_NULL;
}

const char *ra_read_text(struct ra_source *source, const struct ra_place *place,
                         const ra_json *value)
{
    size_t length;
    const char *text = ra_json_string(value, &length);
    const char *copy;

    if (ra_value_absent(value))
        return NULL;
    if (text == NULL) {
        ra_problem_type(source, place, value, "a string");
        return NULL;
    }
    copy = ra_arena_text(source->arena, text, length);
    if (copy == NULL)
        source->nomem = true;
    return copy;
}

const char *ra_read_template(struct ra_source *source,
                             const struct ra_place *place, const ra_json *value)
{
    const char *text = ra_read_text(source, place, value);
    const char *fault;
    size_t offset;

    if (text == NULL)
        return NULL;
    fault = ra_template_fault(text, &offset);
    if (fault != NULL)
        ra_problem(source, RA_TEMPLATE, place, "%s (at byte %zu of the text)",
                   fault, offset);
    return text;
}

int64_t ra_read_integer(struct ra_source *source, const struct ra_place *place,
                        const ra_json *value, int64_t min, int64_t max,
                        int64_t fallback)
{
    int64_t number = ra_json_integer(value);

    if (ra_value_absent(value))
        return fallback;
    if (ra_json_type(value) != RA_JSON_INTEGER) {
        ra_problem_type(source, place, value, "an integer");
        return fallback;
    }
    if (number < min || number > max) {
        ra_problem(source, RA_RANGE, place,
                   "found %" PRId64 ", expected %" PRId64 " to %" PRId64,
                   number, min, max);
        return fallback;
    }
    return number;
}

void ra_unknown_key(struct ra_source *source, const struct ra_place *place,
                    const ra_json *value, const char *owner,
                    const char *const *known)
{
    const char *near = ra_nearest_of(place->key, known);
    char quoted[RA_QUOTE];

    if (near != NULL)
        ra_problem_key(source, RA_UNKNOWN_KEY, place,
                       "%s has no \"%s\": did you mean \"%s\"?", owner,
                       ra_quote(source, quoted, place->key), near);
    else
        ra_problem_key(source, RA_UNKNOWN_KEY, place, "%s has no \"%s\"", owner,
                       ra_quote(source, quoted, place->key));
    ra_problem_nesting(source, place, value);
}

void ra_nested_open(struct ra_source *source, struct ra_nested *nested,
                    const struct ra_place *place, const ra_json *value)
{
    struct ra_json_fault fault;
    size_t length;
    const char *text = ra_json_string(value, &length);
    int code;

    memset(nested, 0, sizeof(*nested));
    nested->place = place;
    nested->inner.up = place;
    nested->inner.inner = true;
    if (ra_value_absent(value))
        return;
    nested->value = value;
    if (text == NULL)
        return;
    code = ra_json_parse(text, length, &nested->tree, &fault);
    nested->value = nested->tree;
    nested->place = &nested->inner;
    if (code == ROLEAUTH_E_INVALID)
        ra_problem_json(source, place, text, length, &fault);
    else if (code != 0)
        source->nomem = true;
    else if (ra_value_absent(nested->tree))
        nested->value = NULL;
}

void ra_nested_close(struct ra_nested *nested)
{
    ra_json_free(&nested->tree);
}

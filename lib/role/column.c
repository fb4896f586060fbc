/* SPDX-License-Identifier: MIT */
/* The columns of a role. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "role/load.h"

enum kind {
    NAME,
    TEXT,
    TEMPLATE,
    TEXT_OR_INTEGER,
    SCRIPT,
    RORDER,
    DISABLED,
    ACTION,
    VARIABLES,
    VARMATCH,
    AUTH,
    KINDS
};

static const struct {
    enum kind kind;
    enum ra_column column;
} columns[] = {
    {NAME, RA_COLUMN_NAME},
    {RORDER, RA_COLUMNS},
    {DISABLED, RA_COLUMNS},
    {ACTION, RA_COLUMNS},
    {TEMPLATE, RA_COLUMN_MESSAGE},
    {VARIABLES, RA_COLUMNS},
    {VARMATCH, RA_COLUMNS},
    {AUTH, RA_COLUMNS},
    {TEXT_OR_INTEGER, RA_COLUMN_ID},
    {TEXT, RA_COLUMN_DESCRIPTION},
    {TEXT_OR_INTEGER, RA_COLUMN_RISK},
    {TEXT, RA_COLUMN_TAG},
    {TEXT, RA_COLUMN_COMMENT},
    {TEXT, RA_COLUMN_IOLOG},
    {TEXT_OR_INTEGER, RA_COLUMN_RPT},
    {SCRIPT, RA_COLUMN_SCRIPT},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

/* The keys of columns[], and NULL. */
static const char *const keys[COLUMN_COUNT + 1] = {
    "name",     "rorder", "disabled", "action",      "message", "variables",
    "varmatch", "auth",   "id",       "description", "risk",    "tag",
    "comment",  "iolog",  "rpt",      "script",
};

/* One role while it is read. */
struct reader {
    struct ra_source *source;
    struct ra_role *role;
};

/* Two roles of one name: nothing but a warning when one of them is disabled,
 * whichever comes first. */
static void tell_taken(struct reader *r, const struct ra_place *place,
                       const char *name, const struct ra_taken *taken)
{
    const char *array = place->up->up->key;
    size_t forgiven = r->source->forgiven;
    char quoted[RA_QUOTE];

    r->source->disabled = r->role->disabled || taken->disabled;
    ra_problem(r->source, RA_DUPLICATE_ROLE, place,
               "the name \"%s\" is taken by %s[%" PRId64
               "] already: each role needs its own",
               ra_quote(r->source, quoted, name), array != NULL ? array : "",
               taken->number);
    r->source->disabled = r->role->disabled;
    r->source->forgiven = forgiven;
}

static void read_name(struct reader *r, const struct ra_place *place,
                      const ra_json *value)
{
    const char *name = ra_read_text(r->source, place, value);
    struct ra_taken taken;

    r->role->columns[RA_COLUMN_NAME] = name;
    /* When there is another one, this role is an element of an array. */
    if (name != NULL && ra_set_taken(r->source->set, name, &taken))
        tell_taken(r, place, name, &taken);
}

static const char *read_text_or_integer(struct ra_source *source,
                                        const struct ra_place *place,
                                        const ra_json *value)
{
    char digits[32];
    const char *text;
    int length;

    if (ra_value_absent(value) || ra_json_type(value) == RA_JSON_STRING)
        return ra_read_text(source, place, value);
    if (ra_json_type(value) != RA_JSON_INTEGER) {
        ra_problem_type(source, place, value, "an integer or a string");
        return NULL;
    }
    length =
        snprintf(digits, sizeof(digits), "%" PRId64, ra_json_integer(value));
    text = ra_arena_text(source->arena, digits, (size_t)length);
    if (text == NULL)
        source->nomem = true;
    return text;
}

static void read_disabled(struct reader *r, const struct ra_place *place,
                          const ra_json *value)
{
    enum ra_json_type type = ra_json_type(value);

    if (ra_value_absent(value) || type == RA_JSON_TRUE || type == RA_JSON_FALSE)
        return;
    if (type != RA_JSON_INTEGER)
        ra_problem_type(r->source, place, value,
                        "the integer 0 or 1, true or false");
    else if (ra_json_integer(value) != 0 && ra_json_integer(value) != 1)
        ra_problem(r->source, RA_RANGE, place,
                   "found %" PRId64 ", expected 0 or 1",
                   ra_json_integer(value));
}

static void read_action(struct reader *r, const struct ra_place *place,
                        const ra_json *value)
{
    const char *text = ra_json_string(value, NULL);
    char quoted[RA_QUOTE];

    if (ra_value_absent(value))
        return;
    if (text == NULL)
        ra_problem_type(r->source, place, value, "\"A\" or \"R\"");
    else if (strcmp(text, "R") == 0)
        r->role->rejects = true;
    else if (strcmp(text, "A") != 0)
        ra_problem(r->source, RA_BAD_VALUE, place,
                   "found \"%s\", expected \"A\" (accept) or \"R\" (reject)",
                   ra_quote(r->source, quoted, text));
}

static void read_script(struct reader *r, const struct ra_place *place,
                        const ra_json *value)
{
    const char *script = ra_read_text(r->source, place, value);

    r->role->columns[RA_COLUMN_SCRIPT] = script;
    if (script == NULL)
        return;
    r->role->barrier = "it has a script, which cannot be run here";
    ra_problem_key(r->source, RA_BARRIER, place,
                   "a script cannot be run here: a request that matches this "
                   "role ends with \"unavailable\"");
}

static void read_auth(struct reader *r, const struct ra_place *place,
                      const ra_json *value)
{
    struct ra_nested nested;

    ra_nested_open(r->source, &nested, place, value);
    if (nested.value != NULL && ra_json_type(nested.value) == RA_JSON_ARRAY)
        ra_read_methods(r->source, nested.place, nested.value, r->role);
    else if (nested.value != NULL)
        ra_problem_type(r->source, nested.place, nested.value,
                        "an array of Auth methods");
    ra_nested_close(&nested);
}

static void read_column(struct reader *r, size_t i,
                        const struct ra_place *place, const ra_json *value)
{
    const char **text = &r->role->columns[columns[i].column % RA_COLUMNS];

    switch (columns[i].kind) {
    case NAME:
        read_name(r, place, value);
        break;
    case TEXT:
        *text = ra_read_text(r->source, place, value);
        break;
    case TEMPLATE:
        *text = ra_read_template(r->source, place, value);
        break;
    case TEXT_OR_INTEGER:
        *text = read_text_or_integer(r->source, place, value);
        break;
    case SCRIPT:
        read_script(r, place, value);
        break;
    case RORDER:
        r->role->rorder =
            ra_read_integer(r->source, place, value, INT64_MIN, INT64_MAX, 0);
        break;
    case DISABLED:
        read_disabled(r, place, value);
        break;
    case ACTION:
        read_action(r, place, value);
        break;
    case VARIABLES:
        ra_read_variables(r->source, place, value, r->role);
        break;
    case VARMATCH:
        ra_read_varmatch(r->source, place, value, r->role);
        break;
    case AUTH:
        read_auth(r, place, value);
        break;
    case KINDS:
    default:
        break;
    }
}

/* An array at the top of a source is a misspelt "roles" rather than a column.
 */
static void tell_unknown(struct reader *r, const struct ra_place *place,
                         const ra_json *value)
{
    static const char *const arrays[] = {"auth", "roles", NULL};
    bool shape = place->up->up == NULL && ra_json_type(value) == RA_JSON_ARRAY;

    ra_unknown_key(r->source, place, value, "a role", shape ? arrays : keys);
}

static size_t find_column(const char *key)
{
    size_t i = 0;

    while (i < COLUMN_COUNT &&
           (key[0] != keys[i][0] || strcmp(keys[i], key) != 0))
        i++;
    return i;
}

static void read_members(struct reader *r, const struct ra_place *place,
                         const ra_json *value)
{
    struct ra_place at = {place, NULL, 0, false};

    for (void *it = ra_json_first(value); it != NULL && !r->source->nomem;
         it = ra_json_next(value, it)) {
        size_t i;

        at.key = ra_json_key(it);
        i = find_column(at.key);
        if (i < COLUMN_COUNT)
            read_column(r, i, &at, ra_json_value(it));
        else
            tell_unknown(r, &at, ra_json_value(it));
    }
}

static bool is_disabled(const ra_json *role)
{
    const ra_json *value = ra_json_get(role, "disabled");

    return value != NULL &&
           (ra_json_type(value) == RA_JSON_TRUE || ra_json_integer(value) == 1);
}

void ra_read_role(struct ra_source *source, const struct ra_place *place,
                  const ra_json *value, struct ra_role *role)
{
    struct reader r = {source, role};
    const ra_json *name;

    if (ra_json_type(value) != RA_JSON_OBJECT) {
        ra_problem_type(source, place, value, "a role, which is an object");
        return;
    }
    role->disabled = is_disabled(value);
    source->disabled = role->disabled;
    source->forgiven = 0;
    name = ra_json_get(value, "name");
    if (name == NULL || ra_value_absent(name))
        ra_problem(source, RA_MISSING, place,
                   "\"name\" is missing or empty: a role needs one");
    read_members(&r, place, value);
    role->broken = source->forgiven > 0;
    source->disabled = false;
}

/* SPDX-License-Identifier: MIT */
/* "varmatch": the conditions under which a role applies. */
#include <string.h>

#include "role/load.h"

static void check_pattern(struct ra_source *source,
                          const struct ra_place *place, const char *variable,
                          const char *pattern)
{
    size_t offset = 0;
    const char *fault = ra_glob_fault(pattern, &offset);

    if (fault != NULL)
        ra_problem(source, RA_GLOB_LITERAL, place,
                   "%s (at byte %zu of the pattern)", fault, offset);
    /* The reference's published example says "pbrun", which is not among the
     * values that its own table lists. */
    if (strcmp(variable, "pbclientmode") == 0 && strcmp(pattern, "pbrun") == 0)
        ra_problem(source, RA_PBRUN, place,
                   "pbclientmode is never \"pbrun\": the documented values "
                   "are run, pbssh, pbguid, shell start, shell builtin, "
                   "shell command and shell redirect: write \"run\"");
}

/* One pattern; what is none is told. */
static const char *read_pattern(struct ra_source *source,
                                const struct ra_place *place,
                                const ra_json *value, const char *variable,
                                const char *expected)
{
    size_t length;
    const char *text = ra_json_string(value, &length);
    const char *copy;

    if (text == NULL) {
        ra_problem_type(source, place, value, expected);
        return "";
    }
    check_pattern(source, place, variable, text);
    copy = ra_arena_text(source->arena, text, length);
    if (copy == NULL)
        source->nomem = true;
    return copy;
}

static void read_patterns(struct ra_source *source,
                          const struct ra_place *place, const ra_json *value,
                          const char **patterns)
{
    struct ra_place at = {place, NULL, 0, false};

    if (ra_json_type(value) != RA_JSON_ARRAY) {
        patterns[0] =
            read_pattern(source, place, value, place->key,
                         "a pattern in a string, or an array of patterns");
        return;
    }
    for (at.index = 0; at.index < ra_json_size(value); at.index++)
        patterns[at.index] =
            read_pattern(source, &at, ra_json_at(value, at.index), place->key,
                         "a pattern in a string");
    if (at.index == 0)
        ra_problem(source, RA_NEVER_MATCHES, place,
                   "no pattern at all: this role never matches");
}

static void read_condition(struct ra_source *source,
                           const struct ra_place *place, const ra_json *value,
                           struct ra_condition *condition)
{
    bool array = ra_json_type(value) == RA_JSON_ARRAY;
    size_t count = array ? ra_json_size(value) : 1;
    const char **patterns =
        ra_arena_array(source->arena, count, sizeof(*patterns));
    char quoted[RA_QUOTE];

    condition->variable =
        ra_arena_text(source->arena, place->key, strlen(place->key));
    if (patterns == NULL || condition->variable == NULL) {
        source->nomem = true;
        return;
    }
    if (!ra_var_name_valid(place->key, strlen(place->key)))
        ra_problem_key(source, RA_VARIABLE_NAME, place,
                       "\"%s\" is no name of a variable: expected up to %d "
                       "letters, digits and _, not starting with a digit",
                       ra_quote(source, quoted, place->key), ROLEAUTH_MAX_NAME);
    read_patterns(source, place, value, patterns);
    condition->patterns = patterns;
    condition->count = count;
}

static void read_conditions(struct ra_source *source,
                            const struct ra_place *place, const ra_json *value,
                            struct ra_role *role)
{
    struct ra_place at = {place, NULL, 0, false};
    size_t count = ra_json_size(value);
    struct ra_condition *conditions =
        ra_arena_array(source->arena, count, sizeof(*conditions));

    if (conditions == NULL) {
        source->nomem = true;
        return;
    }
    role->conditions = conditions;
    for (void *it = ra_json_first(value); it != NULL && !source->nomem;
         it = ra_json_next(value, it)) {
        at.key = ra_json_key(it);
        read_condition(source, &at, ra_json_value(it),
                       &conditions[role->condition_count++]);
    }
}

void ra_read_varmatch(struct ra_source *source, const struct ra_place *place,
                      const ra_json *value, struct ra_role *role)
{
    struct ra_nested nested;
    const ra_json *wrapped;

    ra_nested_open(source, &nested, place, value);
    if (nested.value != NULL && ra_json_type(nested.value) != RA_JSON_OBJECT) {
        ra_problem_type(source, nested.place, nested.value,
                        "an object of patterns");
    } else if (nested.value != NULL) {
        /* {"varmatch":{...}}: a pattern is never an object, so this is not a
         * variable of that name. */
        wrapped = ra_json_size(nested.value) == 1
                      ? ra_json_get(nested.value, "varmatch")
                      : NULL;
        if (wrapped != NULL && ra_json_type(wrapped) == RA_JSON_OBJECT) {
            const struct ra_place at = {nested.place, "varmatch", 0, false};

            read_conditions(source, &at, wrapped, role);
        } else {
            read_conditions(source, nested.place, nested.value, role);
        }
    }
    ra_nested_close(&nested);
}

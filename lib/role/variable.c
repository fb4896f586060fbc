/* SPDX-License-Identifier: MIT */
/* "variables": what an accept returns. */
#include <string.h>

#include "role/load.h"

static void read_variable(struct ra_source *source,
                          const struct ra_place *place, const ra_json *value,
                          struct ra_role_variable *variable)
{
    char quoted[RA_QUOTE];

    variable->name =
        ra_arena_text(source->arena, place->key, strlen(place->key));
    if (!ra_var_name_valid(place->key, strlen(place->key)))
        ra_problem_key(source, RA_VARIABLE_NAME, place,
                       "\"%s\" is no name of a variable: expected up to %d "
                       "letters, digits and _, not starting with a digit",
                       ra_quote(source, quoted, place->key), ROLEAUTH_MAX_NAME);
    /* A variable is no attribute: its value may be empty, but not null. */
    if (ra_json_type(value) == RA_JSON_STRING)
        variable->value = ra_read_template(source, place, value);
    else
        ra_problem_type(source, place, value, "a string");
    if (variable->value == NULL)
        variable->value = "";
    if (variable->name == NULL)
        source->nomem = true;
}

static void read_all(struct ra_source *source, const struct ra_place *place,
                     const ra_json *value, struct ra_role *role)
{
    struct ra_place at = {place, NULL, 0, false};
    struct ra_role_variable *variables =
        ra_arena_array(source->arena, ra_json_size(value), sizeof(*variables));

    if (variables == NULL) {
        source->nomem = true;
        return;
    }
    role->variables = variables;
    for (void *it = ra_json_first(value); it != NULL && !source->nomem;
         it = ra_json_next(value, it)) {
        at.key = ra_json_key(it);
        read_variable(source, &at, ra_json_value(it),
                      &variables[role->variable_count++]);
    }
}

void ra_read_variables(struct ra_source *source, const struct ra_place *place,
                       const ra_json *value, struct ra_role *role)
{
    struct ra_nested nested;

    ra_nested_open(source, &nested, place, value);
    if (nested.value != NULL && ra_json_type(nested.value) == RA_JSON_OBJECT)
        read_all(source, nested.place, nested.value, role);
    else if (nested.value != NULL)
        ra_problem_type(source, nested.place, nested.value,
                        "an object of strings");
    ra_nested_close(&nested);
}

/* SPDX-License-Identifier: MIT */
#include "match/match.h"

static bool holds(const struct ra_condition *condition, const char *value)
{
    if (value == NULL)
        return false;
    for (size_t i = 0; i < condition->count; i++) {
        if (roleauth_glob_match(condition->patterns[i], value) == 1)
            return true;
    }
    return false;
}

size_t ra_varmatch(const struct ra_condition *conditions, size_t count,
                   ra_lookup *lookup, const void *variables)
{
    size_t i = 0;

    while (i < count &&
           holds(&conditions[i], lookup(variables, conditions[i].variable)))
        i++;
    return i;
}

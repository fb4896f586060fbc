/* SPDX-License-Identifier: MIT */
/* match --explain: why a request selects the role that it selects. */
#include <stdio.h>

#include "tool.h"

/* ---- to read ---- */

void put_role(FILE *file, const char *name)
{
    if (name != NULL)
        put_visible(file, name);
    else
        (void)fputs("(no name)", file);
}

static void put_quoted(const char *before, const char *text, const char *after)
{
    (void)fputs(before, stdout);
    put_visible(stdout, text);
    (void)fputs(after, stdout);
}

static void print_miss(const roleauth_mismatch *miss, bool nearest)
{
    put_role(stdout, miss->role);
    if (miss->disabled != 0) {
        (void)fputs(": disabled\n", stdout);
        return;
    }
    put_quoted(": ", miss->variable, "");
    if (miss->value != NULL)
        put_quoted(" is \"", miss->value, "\", which does not match");
    else
        (void)fputs(" is undefined, it has to match", stdout);
    put_quoted(" \"", miss->pattern, "\"");
    if (nearest)
        (void)printf(" (%zu of %zu variables match)", miss->matched,
                     miss->variables);
    (void)putchar('\n');
}

static void print_match(const char *role, const roleauth_match *match)
{
    put_role(stdout, role);
    put_quoted(": ", match->variable, "");
    put_quoted(" is \"", match->value, "\", which matches");
    put_quoted(" \"", match->pattern, "\"\n");
}

static void print_left_out(size_t count)
{
    if (count > 0)
        (void)printf("%zu more role%s left out (see --explain=all)\n", count,
                     count == 1 ? " is" : "s are");
}

static void print_reasons(const roleauth_explanation *why, bool named)
{
    const roleauth_selection *selection = roleauth_explanation_selection(why);
    size_t count = roleauth_explanation_match_count(why);

    if (selection->kind == ROLEAUTH_SELECTED_NONE)
        return;
    for (size_t i = 0; i < count; i++)
        print_match(selection->name, roleauth_explanation_match(why, i));
    if (count > 0)
        return;
    put_role(stdout, selection->name);
    (void)fputs(named ? ": asked for by name\n"
                      : ": has no varmatch: matches every request\n",
                stdout);
}

void print_explanation(const roleauth_explanation *why, bool named)
{
    const size_t left_out = roleauth_explanation_left_out(why);

    for (size_t i = 0; i < roleauth_explanation_miss_count(why); i++)
        print_miss(roleauth_explanation_miss(why, i), left_out > 0);
    print_left_out(left_out);
    print_reasons(why, named);
}

/* ---- for programs ---- */

static json_t *json_of_match(const roleauth_match *match)
{
    return json_pack("{s:o, s:o, s:o}", "variable", json_text(match->variable),
                     "value", json_text(match->value), "pattern",
                     json_text(match->pattern));
}

static json_t *json_of_miss(const roleauth_mismatch *miss)
{
    return json_pack(
        "{s:o, s:b, s:o, s:o, s:o, s:I, s:I}", "role", json_text(miss->role),
        "disabled", miss->disabled, "variable", json_text(miss->variable),
        "value", json_text(miss->value), "pattern", json_text(miss->pattern),
        "matched", (json_int_t)miss->matched, "variables",
        (json_int_t)miss->variables);
}

static bool add_matches(json_t *list, const roleauth_explanation *why)
{
    for (size_t i = 0; i < roleauth_explanation_match_count(why); i++)
        if (json_array_append_new(
                list, json_of_match(roleauth_explanation_match(why, i))) != 0)
            return false;
    return true;
}

static bool add_misses(json_t *list, const roleauth_explanation *why)
{
    for (size_t i = 0; i < roleauth_explanation_miss_count(why); i++)
        if (json_array_append_new(
                list, json_of_miss(roleauth_explanation_miss(why, i))) != 0)
            return false;
    return true;
}

json_t *json_explanation(const roleauth_explanation *why)
{
    json_t *matches = json_array(), *misses = json_array(), *object = NULL;

    /* An explanation that lacks something would be none. */
    if (add_matches(matches, why) && add_misses(misses, why))
        object = json_pack("{s:o, s:O, s:O, s:I}", "role",
                           json_text(roleauth_explanation_selection(why)->name),
                           "matches", matches, "before", misses, "left_out",
                           (json_int_t)roleauth_explanation_left_out(why));
    json_decref(matches);
    json_decref(misses);
    return object;
}

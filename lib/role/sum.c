/* SPDX-License-Identifier: MIT */
/* A sum over all that a role says, which is compared when it is selected: a
 * file that lost a bit must not decide by what is left.  It guards against
 * accidents; against people there are owner and mode, and the checksum of the
 * whole file is for `roleauth compile --verify`, because reading all of it for
 * each question would take away what compiling is for. */
#include <string.h>

#include "role/pack.h"

struct summing {
    const roleauth_roles *roles;
    size_t role;
    uint64_t sum;
};

/* A step of multiplication and shift, which each bit of what comes in gets
 * through to the end. */
static void add(struct summing *s, uint64_t number)
{
    s->sum = (s->sum ^ number) * UINT64_C(0x9E3779B97F4A7C15);
    s->sum ^= s->sum >> 32;
}

/* An absent text is another one than an empty one. */
static void add_text(struct summing *s, const char *text)
{
    size_t length = text != NULL ? strlen(text) : SIZE_MAX;
    uint64_t word;

    add(s, length);
    if (text == NULL)
        return;
    for (; length >= sizeof(word); length -= sizeof(word)) {
        memcpy(&word, text, sizeof(word));
        add(s, word);
        text += sizeof(word);
    }
    word = 0;
    memcpy(&word, text, length);
    add(s, word);
}

static bool add_methods(struct summing *s, size_t count)
{
    struct ra_method_view method;

    add(s, count);
    for (size_t i = 0; i < count; i++) {
        if (!ra_roles_method(s->roles, s->role, i, &method))
            return false;
        add(s, (uint64_t)method.kind << 32 | method.tries);
        add(s, method.period);
        add_text(s, method.passwd);
        add_text(s, method.user);
        add_text(s, method.service);
        add_text(s, method.fname);
        add_text(s, method.prompt);
        add_text(s, method.message);
        add_text(s, method.reject_message);
    }
    return true;
}

static bool add_variables(struct summing *s, size_t count)
{
    const char *name, *value;

    add(s, count);
    for (size_t i = 0; i < count; i++) {
        if (!ra_roles_variable(s->roles, s->role, i, &name, &value))
            return false;
        add_text(s, name);
        add_text(s, value);
    }
    return true;
}

static bool add_conditions(struct summing *s, size_t count)
{
    const struct ra_block *block = ra_roles_block(s->roles);
    struct ra_condition_view view;
    const char *pattern;

    add(s, count);
    for (size_t i = 0; i < count; i++) {
        if (!ra_rule_condition(block, s->role, i, &view))
            return false;
        add_text(s, view.variable);
        add(s, view.patterns);
        for (size_t k = 0; k < view.patterns; k++) {
            if (!ra_condition_pattern(block, &view, k, &pattern))
                return false;
            add_text(s, pattern);
        }
    }
    return true;
}

bool ra_role_sum(const roleauth_roles *roles, size_t role, uint64_t *sum)
{
    struct summing s = {roles, role, 0};
    struct ra_role_view view;

    if (!ra_roles_view(roles, role, &view))
        return false;
    add(&s, (uint64_t)view.rorder);
    add(&s, (uint64_t)view.number);
    add(&s, (view.disabled ? 1U : 0U) | (view.rejects ? 2U : 0U) |
                (view.restricted ? 4U : 0U) | (view.broken ? 8U : 0U));
    add_text(&s, view.barrier);
    for (size_t i = 0; i < RA_COLUMNS; i++)
        add_text(&s, view.columns[i]);
    if (!add_methods(&s, view.methods) || !add_variables(&s, view.variables) ||
        !add_conditions(&s, view.conditions))
        return false;
    *sum = s.sum;
    return true;
}

bool ra_role_sound(const roleauth_roles *roles, size_t role)
{
    const uint64_t *kept =
        ra_block_item(ra_roles_block(roles), RA_SECTION_SUMS, role);
    uint64_t sum;

    return kept != NULL && ra_role_sum(roles, role, &sum) && sum == *kept;
}

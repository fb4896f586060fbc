/* SPDX-License-Identifier: MIT */
/* Sets that are made to be hard for an index: they take from it what it could
 * hold on to, or give it too much of that. */
#include <string.h>

#include "support/generate_inside.h"

enum {
    BASE = 8,        /* variables of every set */
    MANY = 2000,     /* at most, of sets that need more */
    BITS = 30,       /* of the many, for subsets */
    CHAIN = 200,     /* conditions of the deepest role */
    NESTED = 300,    /* bytes of the longest nested literal */
    WORK = 1 << 20,  /* roles times bytes of a value, so that tests end */
    LONGEST = 65536, /* bytes of a value, which is what a request may have */
};

static const char *const base_names[BASE] = {"user",    "submithost", "runuser",
                                             "runhost", "command",    "group",
                                             "key",     "tag"};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Variables behind those of every set. */
static size_t many(const struct gen_set *set)
{
    return set->variable_count - BASE;
}

static void begin(struct gen_set *set)
{
    size_t more = least(set->order.roles, MANY);

    for (size_t i = 0; i < BASE; i++)
        (void)gen_variable(set, base_names[i]);
    for (size_t i = 0; i < (more > BITS ? more : BITS); i++)
        (void)gen_variable(set, gen_text(set, "m%zu", i));
}

static const char *pick(struct gen_set *set, const char *const *texts,
                        size_t count)
{
    return texts[gen_below(set, count)];
}

#define PICK(set, texts) pick(set, texts, sizeof(texts) / sizeof((texts)[0]))

/* Bytes that a value may have, so that a scan of all roles stays bounded. */
static size_t value_limit(const struct gen_set *set)
{
    size_t limit = WORK / (set->order.roles + 1);

    return limit > LONGEST ? LONGEST : limit < 40 ? 40 : limit;
}

/* Letters of an alphabet, least to most of them. */
static const char *letters(struct gen_set *set, const char *alphabet,
                           size_t from, size_t to)
{
    size_t length = from + gen_below(set, to - from + 1);
    char *text = gen_alloc(set, length + 1);

    for (size_t i = 0; i < length; i++)
        text[i] = alphabet[gen_below(set, strlen(alphabet))];
    return text;
}

/* ---- no literals ---- */

static const char *no_literals(struct gen_set *set)
{
    static const char *const parts[] = {"?",      "*",          "[a-z]", "[!q]",
                                        "?",      "[a-m]",      "[n-z]", "?*",
                                        "[!0-9]", "[[:lower:]]"};
    size_t count = 1 + gen_below(set, 6), used = 0;
    char text[128];

    while (count-- > 0) {
        const char *part = PICK(set, parts);

        memcpy(text + used, part, strlen(part));
        used += strlen(part);
    }
    return gen_text(set, "%.*s", (int)used, text);
}

static void no_literals_role(struct gen_set *set, size_t role)
{
    size_t count = 2 + gen_below(set, 3), first = gen_below(set, 3);

    (void)role;
    for (size_t i = 0; i < count; i++)
        gen_pattern(set, first + i, no_literals(set), NULL);
}

static void no_literals_request(struct gen_set *set, size_t request,
                                const char **values)
{
    /* Few of the patterns want a digit. */
    const char *alphabet = request % 2 == 0 ? "0123456789q" : "abmnyz";

    for (size_t v = 0; v < 6; v++)
        values[v] = letters(set, alphabet, 0, 10);
}

/* ---- everything shared but one thing ---- */

static void shared_role(struct gen_set *set, size_t role)
{
    static const char *const shapes[][2] = {
        {"", ""}, {"", "*"}, {"*", ""}, {"*", "*"}};
    const char *const *shape = shapes[gen_below(set, 4)];

    gen_pattern(set, 0, "root", "root");
    gen_pattern(set, 1, "same.example", "same.example");
    gen_pattern(set, 4, "/bin/sh", "/bin/sh");
    gen_pattern(set, 6, gen_text(set, "%sk%06zu%s", shape[0], role, shape[1]),
                gen_text(set, "k%06zu", role));
}

static void shared_request(struct gen_set *set, size_t request,
                           const char **values)
{
    size_t number = gen_below(set, set->role_count * 2);

    values[0] = "root";
    values[1] = "same.example";
    values[4] = "/bin/sh";
    values[6] = request % 2 == 0 ? gen_text(set, "k%06zu", number)
                                 : gen_text(set, "xk%06zu.", number);
}

/* ---- the last condition differs, and has nothing to hold on to ---- */

static void last_role(struct gen_set *set, size_t role)
{
    char text[8 * 4 + 1];

    gen_pattern(set, 0, "*", NULL);
    gen_pattern(set, 1, "?*", NULL);
    gen_pattern(set, 2, "*a*", NULL);
    gen_pattern(set, 3, "[a-z]*", NULL);
    gen_pattern(set, 5, "*[a-z]", NULL);
    /* The number in base 8, each digit as a set of two letters. */
    for (size_t i = 0; i < 8; i++) {
        char letter = (char)('a' + 2 * (role >> 3 * i & 7));

        text[4 * i] = '[';
        text[4 * i + 1] = letter;
        text[4 * i + 2] = (char)(letter + 1);
        text[4 * i + 3] = ']';
    }
    gen_pattern(set, 6, gen_text(set, "%.32s", text), NULL);
}

static void last_request(struct gen_set *set, size_t request,
                         const char **values)
{
    size_t number = gen_below(set, set->role_count);
    char text[8];

    for (size_t v = 0; v < 6; v++)
        values[v] = letters(set, "abcyz", 1, 12);
    values[2] = gen_text(set, "%sa", values[2]);
    for (size_t i = 0; i < 8; i++)
        text[i] = (char)('a' + 2 * (number >> 3 * i & 7) + gen_below(set, 2));
    if (request % 2 == 0)
        text[gen_below(set, 8)] = 'z';
    values[6] = gen_text(set, "%.8s", text);
}

/* ---- literals in each other ---- */

static const char *nested(struct gen_set *set, const char *unit)
{
    size_t most = least(set->order.roles, NESTED);
    const char *text = gen_repeat(set, unit, 1 + gen_below(set, most), "");

    switch (gen_below(set, 4)) {
    case 0:
        return text;
    case 1:
        return gen_text(set, "%s*", text);
    case 2:
        return gen_text(set, "*%s", text);
    default:
        return gen_text(set, "*%s*", text);
    }
}

static void nested_role(struct gen_set *set, size_t role)
{
    (void)role;
    gen_pattern(set, 0, nested(set, "a"), NULL);
    if (gen_chance(set, 70))
        gen_pattern(set, 1, nested(set, "ab"), NULL);
    gen_pattern(set, 6, nested(set, "b"), NULL);
}

static void nested_request(struct gen_set *set, size_t request,
                           const char **values)
{
    size_t most = least(set->order.roles, NESTED) + 2;
    /* One draw a statement: the order of arguments is the compiler's. */
    const char *tail = gen_chance(set, 30) ? "b" : "";

    values[0] = gen_repeat(set, "a", gen_below(set, most), tail);
    values[1] = gen_repeat(set, "ab", gen_below(set, most), "");
    /* Only the few patterns with short literals match. */
    values[6] = request % 2 == 0
                    ? gen_repeat(set, "b", gen_skewed(set, most), "")
                    : gen_repeat(set, "b", gen_below(set, most), "a");
}

/* ---- what all values contain ---- */

static void grams_role(struct gen_set *set, size_t role)
{
    static const char *const formats[] = {"*%sb*",      "*%s?b*",   "%s*a*a*b",
                                          "*%s[ab]a*c", "*a%s*bb*", "*b%s"};

    (void)role;
    for (size_t v = 0; v < 2; v++) {
        const char *text = gen_repeat(set, "a", 1 + gen_below(set, 60), "");
        const char *format = PICK(set, formats);
        size_t start = strcspn(format, "%");

        gen_pattern(set, v,
                    gen_text(set, "%.*s%s%s", (int)start, format, text,
                             format + start + 2),
                    NULL);
    }
}

static void grams_request(struct gen_set *set, size_t request,
                          const char **values)
{
    size_t limit = value_limit(set);

    for (size_t v = 0; v < 2; v++) {
        size_t length = gen_below(set, limit / 2 - 4);
        const char *middle = request % 2 == 0 || gen_chance(set, 50) ? "" : "b";

        values[v] = gen_repeat(set, "a", length,
                               gen_repeat(set, "a", length / 2, middle));
    }
}

/* ---- conditions that nearly always hold ---- */

static const char *const popular[] = {"*",    "?*", "*a*", "*b*",
                                      "*ab*", "a*", "*b",  "[a-c]*"};

static void popular_role(struct gen_set *set, size_t role)
{
    size_t count = 3 + gen_below(set, 4);

    for (size_t v = 0; v < count; v++)
        gen_pattern(set, v, PICK(set, popular), NULL);
    gen_pattern(set, 6, gen_text(set, "rare%zu", role / 3), NULL);
}

static void popular_request(struct gen_set *set, size_t request,
                            const char **values)
{
    for (size_t v = 0; v < 6; v++)
        values[v] = gen_text(set, "a%sb", letters(set, "abc", 0, 20));
    values[6] = request % 2 == 0
                    ? "common"
                    : gen_text(set, "rare%zu", gen_below(set, set->role_count));
}

/* ---- all combinations of few conditions ---- */

static void subsets_role(struct gen_set *set, size_t role)
{
    bool used[BITS] = {false};
    size_t other = gen_below(set, 6);

    (void)role;
    for (size_t i = 0; i < 6; i++) {
        /* At least one that a request of nothing but x does not have. */
        bool y = i == other || gen_chance(set, 10);
        size_t v;

        do
            v = gen_below(set, BITS);
        while (used[v]);
        used[v] = true;
        if (gen_chance(set, 80))
            gen_pattern(set, BASE + v, y ? "y" : "x", y ? "y" : "x");
        else
            gen_pattern(set, BASE + v, y ? "y*" : "*x", y ? "y" : "x");
    }
}

static void subsets_request(struct gen_set *set, size_t request,
                            const char **values)
{
    for (size_t v = 0; v < BITS; v++)
        values[BASE + v] = "x";
    for (size_t i = 0; i < request % 4; i++)
        values[BASE + gen_below(set, BITS)] = "y";
}

/* ---- many variables ---- */

static void variables_role(struct gen_set *set, size_t role)
{
    static const char *const patterns[] = {"one", "two", "t*", "*", "[a-o]*"};
    size_t count = 2 + gen_below(set, 3), stride = many(set) / 4;
    size_t v = gen_below(set, many(set));

    (void)role;
    for (size_t i = 0; i < count; i++) {
        gen_pattern(set, BASE + v, PICK(set, patterns), NULL);
        v = (v + 1 + gen_below(set, stride)) % many(set);
    }
}

static void variables_request(struct gen_set *set, size_t request,
                              const char **values)
{
    static const char *const texts[] = {"one", "two", "three", "z"};
    size_t count = request % 2 == 0 ? 4 : many(set) / 4;

    while (count-- > 0) {
        size_t v = gen_below(set, many(set));

        values[BASE + v] = PICK(set, texts);
    }
}

/* ---- chains ---- */

static void deep_role(struct gen_set *set, size_t role)
{
    size_t most = least(many(set), CHAIN);
    size_t count = most - gen_below(set, most / 2);

    (void)role;
    for (size_t v = 0; v < count; v++)
        gen_pattern(set, BASE + v, v % 3 == 0 ? "x" : "x*", "x");
    if (gen_chance(set, 50))
        gen_pattern(set, 6, "?", "?");
}

static void deep_request(struct gen_set *set, size_t request,
                         const char **values)
{
    size_t most = least(many(set), CHAIN);

    for (size_t v = 0; v < most; v++)
        values[BASE + v] = "x";
    /* The chain breaks in the half that all roles have, or anywhere. */
    values[BASE + gen_below(set, request % 3 > 0 ? most / 2 : most)] = NULL;
}

/* ---- lists ---- */

static const char *listed(struct gen_set *set)
{
    size_t number = gen_below(set, set->order.roles);

    switch (gen_below(set, 6)) {
    case 0:
        return gen_text(set, "l%zu*", number);
    case 1:
        return gen_text(set, "*l%zu", number);
    case 2:
        return gen_text(set, "*l%zu*m", number);
    case 3:
        return gen_text(set, "[l-m]?%zu", number);
    default:
        return gen_text(set, "l%zu", number);
    }
}

static void lists_role(struct gen_set *set, size_t role)
{
    size_t variables = 2 + gen_below(set, 2);

    (void)role;
    for (size_t v = 0; v < variables; v++) {
        const char *patterns[16];
        size_t count = 1 + gen_below(set, 16);

        for (size_t i = 0; i < count; i++)
            patterns[i] = listed(set);
        gen_condition(set, v, patterns, count, NULL);
    }
}

static void lists_request(struct gen_set *set, size_t request,
                          const char **values)
{
    for (size_t v = 0; v < 3; v++) {
        size_t number = gen_below(set, set->order.roles);

        values[v] = request % 2 == 0 ? gen_text(set, "k%zu.", number)
                                     : gen_text(set, "l%zu", number);
    }
}

/* ---- short texts ---- */

/* A few letters where a star stands, or nothing. */
static const char *for_star(struct gen_set *set, const char *star)
{
    return *star == '*' ? letters(set, "abcd", 0, 2) : "";
}

static void short_pattern(struct gen_set *set, size_t variable)
{
    static const char *const stars[] = {"", "*"};
    static const char *const middles[] = {"", "", "", "?", "[ab]", "*"};
    static const char *const alphabets[] = {"abc", "abcdefghijkl"};
    const char *before = PICK(set, stars), *behind = PICK(set, stars);
    const char *middle = PICK(set, middles), *alphabet = PICK(set, alphabets);
    const char *first = letters(set, alphabet, 1, 6);
    const char *second = *middle != '\0' ? letters(set, alphabet, 0, 3) : "";
    const char *left = for_star(set, before), *right = for_star(set, behind);
    const char *between =
        *middle == '?' || *middle == '[' ? "a" : for_star(set, middle);

    gen_pattern(
        set, variable,
        gen_text(set, "%s%s%s%s%s", before, first, middle, second, behind),
        gen_text(set, "%s%s%s%s%s", left, first, between, second, right));
}

static void short_role(struct gen_set *set, size_t role)
{
    size_t count = 1 + gen_below(set, 3);

    (void)role;
    for (size_t v = 0; v < count; v++)
        short_pattern(set, v);
}

static void short_request(struct gen_set *set, size_t request,
                          const char **values)
{
    for (size_t v = 0; v < 3; v++)
        values[v] = letters(set, "abcdef", 0, 7);
    if (request % 4 > 0)
        gen_follow(set, gen_below(set, set->role_count), values);
}

/* ---- long values ---- */

static void long_role(struct gen_set *set, size_t role)
{
    /* Around what a key may be long, and the odd longer one. */
    size_t lengths[] = {1, 2, 3, 4, 5, 254, 255, 256, 257, 1000};
    size_t length = lengths[gen_below(set, 10)];
    const char *text =
        gen_repeat(set, "abc", length, gen_chance(set, 50) ? "x" : "");

    switch (gen_below(set, 5)) {
    case 0:
        gen_pattern(set, 0, text, text);
        break;
    case 1:
        gen_pattern(set, 0, gen_text(set, "%s*[0-9]", text), NULL);
        break;
    case 2:
        gen_pattern(set, 0, gen_text(set, "*%s", text), NULL);
        break;
    case 3:
        gen_pattern(set, 0, gen_text(set, "*%s*x*y*z", text), NULL);
        break;
    default:
        gen_pattern(set, 0, "*?[!a-b]?*x", NULL);
    }
    if (gen_chance(set, 50))
        gen_pattern(set, 6, gen_text(set, "%zu*", role), NULL);
}

static void long_request(struct gen_set *set, size_t request,
                         const char **values)
{
    static const char *const units[] = {"abc", "a", "xabc", "aab"};
    static const char *const tails[] = {"", "x", "7", "xyz", "abcx"};
    size_t limit = value_limit(set) - 4;
    size_t length = request % 2 == 0 ? limit : gen_skewed(set, limit);
    const char *tail = PICK(set, tails);

    values[0] = gen_repeat(set, PICK(set, units), length, tail);
    values[6] = gen_text(set, "%zu.", gen_below(set, set->role_count));
}

/* ---- odd ---- */

static const char *const oddities[] = {
    "a",     "b",           "*",       "?",   "[",    "]",  "!",    "^",
    "-",     "\\",          "é",       "ü",   "€",    "𝄞",  "[!a]", "é*",
    "[é-ü]", "[[:alpha:]]", "[a",      "[.",  "[[.a", "[=", "[[:x", "[[:no:]]a",
    "/",     "\\[",         "[[.a.]]", "[]]", "[a-",  "**", "a*",   ".",
    "[z-a]", "?*",          "[[=a=]]", "a\\"};

static const char *odd(struct gen_set *set)
{
    const char *text = "";

    for (size_t count = gen_below(set, 5); count > 0; count--)
        text = gen_text(set, "%s%s", text, PICK(set, oddities));
    return text;
}

static void odd_role(struct gen_set *set, size_t role)
{
    /* Hardly one that matches everything. */
    size_t conditions = gen_chance(set, 99) ? 2 + gen_below(set, 3) : 0;

    (void)role;
    for (size_t v = 0; v < conditions; v++) {
        const char *patterns[3];
        /* Sometimes an empty list, which nothing fulfils. */
        size_t count = gen_chance(set, 80) ? 1 : gen_below(set, 4);

        for (size_t i = 0; i < count; i++)
            patterns[i] = odd(set);
        gen_condition(set, v, patterns, count, NULL);
    }
}

static void odd_request(struct gen_set *set, size_t request,
                        const char **values)
{
    static const char *const texts[] = {"a", "b", "é", "ü",  "€", "𝄞", "[",
                                        "]", "-", "!", "\\", "/", ".", "z"};

    (void)request;
    for (size_t v = 0; v < 4; v++) {
        const char *text = "";

        for (size_t count = gen_below(set, 5); count > 0; count--)
            text = gen_text(set, "%s%s", text, PICK(set, texts));
        values[v] = gen_chance(set, 85) ? text : NULL;
    }
}

/* ---- all together ---- */

static const struct gen_maker makers[GEN_KIND_COUNT];

/* Which of the kinds; never itself. */
static const struct gen_maker *any(struct gen_set *set)
{
    return &makers[GEN_NO_LITERALS +
                   gen_below(set, GEN_HOSTILE - GEN_NO_LITERALS)];
}

static void hostile_role(struct gen_set *set, size_t role)
{
    any(set)->role(set, role);
}

static void hostile_request(struct gen_set *set, size_t request,
                            const char **values)
{
    /* The second one takes the place of some values of the first. */
    any(set)->request(set, request, values);
    any(set)->request(set, request, values);
}

static const struct gen_maker makers[GEN_KIND_COUNT] = {
    [GEN_NO_LITERALS] = {begin, no_literals_role, no_literals_request},
    [GEN_SHARED] = {begin, shared_role, shared_request},
    [GEN_LAST] = {begin, last_role, last_request},
    [GEN_NESTED] = {begin, nested_role, nested_request},
    [GEN_GRAMS] = {begin, grams_role, grams_request},
    [GEN_POPULAR] = {begin, popular_role, popular_request},
    [GEN_SUBSETS] = {begin, subsets_role, subsets_request},
    [GEN_VARIABLES] = {begin, variables_role, variables_request},
    [GEN_DEEP] = {begin, deep_role, deep_request},
    [GEN_LISTS] = {begin, lists_role, lists_request},
    [GEN_SHORT] = {begin, short_role, short_request},
    [GEN_LONG] = {begin, long_role, long_request},
    [GEN_HOSTILE] = {begin, hostile_role, hostile_request},
    [GEN_ODD] = {begin, odd_role, odd_request},
};

const struct gen_maker *gen_hostile_maker(enum gen_kind kind)
{
    return makers[kind].begin != NULL ? &makers[kind] : NULL;
}

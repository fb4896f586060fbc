/* SPDX-License-Identifier: MIT */
/* Policies as enterprises have them: many narrow roles (this user as that user
 * on these hosts with this command), a few broad ones behind them. */
#include <stdlib.h>
#include <string.h>

#include "support/generate_inside.h"

enum subject {
    USER,
    GROUP,
    SUBMITHOST,
    RUNUSER,
    RUNHOST,
    COMMAND,
    CLIENTMODE,
    RUNCWD,
    SUBJECTS
};

static const char *const subject_names[SUBJECTS] = {
    "user",    "group",   "submithost",   "runuser",
    "runhost", "command", "pbclientmode", "runcwd"};
/* In percent: how many roles name the variable. */
static const unsigned char named[SUBJECTS] = {60, 25, 30, 65, 60, 70, 25, 6};

/* Variables of requests that no role names. */
static const char *const extras[] = {"ttyname", "pbclientname", "clientpid",
                                     "taskid"};
enum { EXTRAS = sizeof(extras) / sizeof(extras[0]) };

/* Broad roles at most. */
enum { BROAD = 64 };

enum shape { LITERAL, PREFIX, SUFFIX, INFIX, CLASS, GAP, ANY, SHAPES };

/* In percent. */
static const unsigned char specific[SHAPES] = {86, 4, 0, 0, 10, 0, 0};
static const unsigned char mixed[SHAPES] = {45, 18, 8, 6, 12, 4, 7};
static const unsigned char broad[SHAPES] = {18, 34, 20, 14, 6, 4, 4};
/* All but "*", of which one is enough where it is the only condition. */
static const unsigned char alone[SHAPES] = {60, 14, 6, 4, 12, 4, 0};

struct real {
    const char **names[SUBJECTS]; /* what the values are */
    size_t counts[SUBJECTS];
    size_t last_from;  /* the first of the last hundredth */
    size_t broad_from; /* the first broad role */
};

static struct real *real_of(struct gen_set *set)
{
    return *gen_data(set);
}

/* ---- names ---- */

/* Two syllables or more, other ones for each number. */
static const char *word(struct gen_set *set, size_t number)
{
    static const char consonants[] = "bdfghjklmnprstvwz", vowels[] = "aeiou";
    enum { MANY = (sizeof(consonants) - 1) * (sizeof(vowels) - 1) };
    char text[32];
    size_t used = 0, block = MANY * MANY;

    /* Neighbours shall not share their second syllable. */
    number = number / block * block + number % block * 37 % block;
    for (size_t i = 0; i < 2 || number > 0; i++) {
        size_t syllable = number % MANY;

        text[used++] = consonants[syllable / 5];
        text[used++] = vowels[syllable % 5];
        number /= MANY;
    }
    return gen_text(set, "%.*s", (int)used, text);
}

static const char *user_name(struct gen_set *set, size_t i)
{
    static const char *const kinds[] = {"", "", "",     "", "",
                                        "", "", "svc_", "", "adm-"};

    return gen_text(set, "%s%s", kinds[i % 10], word(set, i));
}

static const char *host_name(struct gen_set *set, size_t i, size_t apps)
{
    static const char *const stages[] = {"prod", "test", "prod", "dev"};
    static const char *const sites[] = {"fra", "lon", "nyc", "sin", "ams"};
    size_t number = i / apps;

    return gen_text(set, "%s-%s%02zu.%s.corp.example", word(set, i % apps),
                    stages[number % 4], number / 4 + 1,
                    sites[(i + number) % 5]);
}

static const char *command_name(struct gen_set *set, size_t i, size_t apps)
{
    const char *name = word(set, i);

    switch (i % 8) {
    case 0:
    case 1:
    case 2:
        return gen_text(set, "/usr/bin/%s", name);
    case 3:
        return gen_text(set, "/usr/sbin/%s", name);
    case 4:
        return gen_text(set, "/usr/bin/systemctl restart %s.service", name);
    case 5:
        return gen_text(set, "/usr/bin/%s --config /etc/%s.conf", name, name);
    default:
        return gen_text(set, "/opt/%s/bin/%s", word(set, i % apps), name);
    }
}

static const char *name_of(struct gen_set *set, enum subject subject, size_t i)
{
    static const char *const accounts[] = {"root", "oracle", "postgres",
                                           "www-data", "backup"};
    static const char *const modes[] = {
        "run",           "pbssh",         "pbguid",        "shell start",
        "shell builtin", "shell command", "shell redirect"};
    size_t apps = real_of(set)->counts[GROUP];

    switch (subject) {
    case USER:
        return user_name(set, i);
    case GROUP:
        return gen_text(set, "grp-%s", word(set, i));
    case SUBMITHOST:
    case RUNHOST:
        return host_name(set, i, apps);
    case RUNUSER:
        return i < 5 ? accounts[i] : word(set, i - 5);
    case COMMAND:
        return command_name(set, i, apps);
    case CLIENTMODE:
        return modes[i];
    default:
        return i == 0 ? "/" : gen_text(set, "/home/%s", user_name(set, i));
    }
}

static void begin(struct gen_set *set)
{
    struct real *real = gen_alloc(set, sizeof(*real));
    size_t words = set->order.words, roles = set->order.roles, many;
    const size_t counts[SUBJECTS] = {
        [USER] = 10 + 2 * words,    [GROUP] = 4 + words / 4,
        [SUBMITHOST] = 10 + words,  [RUNUSER] = 5 + words / 8,
        [RUNHOST] = 10 + 2 * words, [COMMAND] = 16 + words,
        [CLIENTMODE] = 7,           [RUNCWD] = 4 + words / 2,
    };

    *gen_data(set) = real;
    memcpy(real->counts, counts, sizeof(counts));
    for (size_t s = 0; s < SUBJECTS; s++) {
        (void)gen_variable(set, subject_names[s]);
        real->names[s] = gen_alloc(set, counts[s] * sizeof(char *));
        for (size_t i = 0; i < counts[s]; i++)
            real->names[s][i] = name_of(set, (enum subject)s, i);
    }
    for (size_t i = 0; i < EXTRAS; i++)
        (void)gen_variable(set, extras[i]);
    real->last_from = roles - (roles + 99) / 100;
    /* Few of them, or there would be nobody whom no role is for. */
    many = words < 4 * BROAD ? 1 + words / 4 : BROAD;
    real->broad_from = roles - (many < roles ? many : roles);
    if (real->broad_from < real->last_from)
        real->broad_from = real->last_from;
}

/* ---- patterns ---- */

static bool is_cut(char c)
{
    return strchr("-./_ ", c) != NULL;
}

/* The places behind separators, first to last; somewhere inside when there is
 * none. */
static size_t cuts(struct gen_set *set, const char *name, size_t places[64])
{
    size_t length = strlen(name), count = 0;

    for (size_t i = 1; i + 1 < length && count < 64; i++)
        if (is_cut(name[i]))
            places[count++] = i + 1;
    if (count == 0)
        places[count++] = 1 + gen_below(set, length > 2 ? length - 2 : 1);
    return count;
}

/* Prefixes end rather late and suffixes begin rather early, so that they are
 * not all of everything. */
static size_t late_cut(struct gen_set *set, const char *name)
{
    size_t places[64], count = cuts(set, name, places);

    return places[count - 1 - gen_skewed(set, count)];
}

static size_t early_cut(struct gen_set *set, const char *name)
{
    size_t places[64], count = cuts(set, name, places);

    return places[gen_skewed(set, count)];
}

static const char *infix(struct gen_set *set, const char *name)
{
    size_t start = early_cut(set, name);
    size_t length = strcspn(name + start, "-./_ ");

    return gen_text(set, "*%.*s*", (int)length, name + start);
}

/* One character becomes a set that has it. */
static const char *with_set(struct gen_set *set, const char *name)
{
    size_t at = gen_below(set, strlen(name)), first = at;
    char sets[4][16], c;
    const char *end = gen_chance(set, 30) ? "*" : "";

    /* A digit when there is one: db0[1-4]. */
    while (name[at] != '\0' && (name[at] < '0' || name[at] > '9'))
        at++;
    at = name[at] == '\0' ? first : at;
    c = name[at];
    if (c >= '0' && c <= '9') {
        memcpy(sets[0], "[0-9]", 6);
        memcpy(sets[1], "[[:digit:]]", 12);
        (void)snprintf(sets[2], sizeof(sets[2]), "[%c-9]", c);
        memcpy(sets[3], "?", 2);
    } else {
        memcpy(sets[0], c == '_' ? "[!a]" : "[!_]", 5);
        memcpy(sets[1], "?", 2);
        (void)snprintf(sets[2], sizeof(sets[2]), "[%cxyz]", c);
        (void)snprintf(sets[3], sizeof(sets[3]), "[0-9%c]", c);
    }
    return gen_text(set, "%.*s%s%s%s", (int)at, name, sets[gen_below(set, 4)],
                    name + at + 1, end);
}

static const char *gap(struct gen_set *set, const char *name)
{
    size_t a = early_cut(set, name), b = late_cut(set, name);
    size_t low = a < b ? a : b, high = a < b ? b : a;

    return gen_text(set, "%.*s*%s", (int)low, name, name + high);
}

static enum shape shape_of(struct gen_set *set,
                           const unsigned char shares[SHAPES])
{
    size_t number = gen_below(set, 100), shape = 0;

    while (number >= shares[shape])
        number -= shares[shape++];
    if (shape == CLASS && set->order.kind == GEN_PLAIN)
        return LITERAL;
    return (enum shape)shape;
}

/* A pattern that matches the name. */
static const char *shaped(struct gen_set *set, const char *name,
                          enum shape shape)
{
    switch (shape) {
    case PREFIX:
        return gen_text(set, "%.*s*", (int)late_cut(set, name), name);
    case SUFFIX:
        return gen_text(set, "*%s", name + early_cut(set, name) - 1);
    case INFIX:
        return infix(set, name);
    case CLASS:
        return with_set(set, name);
    case GAP:
        return gap(set, name);
    case ANY:
        return "*";
    default:
        return name;
    }
}

static const char *name_by_law(struct gen_set *set, size_t subject)
{
    const struct real *real = real_of(set);

    return real->names[subject][gen_skewed(set, real->counts[subject])];
}

static const char *name_by_chance(struct gen_set *set, size_t subject)
{
    const struct real *real = real_of(set);

    return real->names[subject][gen_below(set, real->counts[subject])];
}

/* Lists enumerate, such as the hosts of a cluster, and there are no more of
 * them than there are names: roles use them again. */
static void list(struct gen_set *set, size_t subject)
{
    const struct real *real = real_of(set);
    size_t limit = real->counts[subject], first = gen_skewed(set, limit);
    size_t count = 2 + first % 3;
    const char *patterns[4];

    for (size_t i = 0; i < count; i++)
        patterns[i] =
            real->names[subject][(first + i * (1 + first % 5)) % limit];
    gen_condition(set, subject, patterns, count, patterns[0]);
}

static void condition(struct gen_set *set, size_t subject,
                      const unsigned char shares[SHAPES])
{
    const char *name = name_by_law(set, subject);

    if (gen_chance(set, 8)) {
        list(set, subject);
        return;
    }
    /* Nobody writes "sh*" for a client mode. */
    if (subject != CLIENTMODE)
        gen_pattern(set, subject, shaped(set, name, shape_of(set, shares)),
                    name);
    else
        gen_pattern(set, subject, name, name);
}

/* ---- roles ---- */

/* What a narrow role is about: two of these. */
static bool is_main(size_t subject)
{
    return subject == USER || subject == SUBMITHOST || subject == RUNHOST ||
           subject == COMMAND;
}

static size_t count_of(const bool chosen[SUBJECTS], bool only_main)
{
    size_t count = 0;

    for (size_t s = 0; s < SUBJECTS; s++)
        count += chosen[s] && (!only_main || is_main(s));
    return count;
}

/* Which variables a role names. */
static void choose(struct gen_set *set, size_t least, size_t most,
                   size_t least_main, bool chosen[SUBJECTS])
{
    do
        for (size_t s = 0; s < SUBJECTS; s++)
            chosen[s] = gen_chance(set, named[s]);
    while (count_of(chosen, false) < least || count_of(chosen, false) > most ||
           count_of(chosen, true) < least_main);
}

static void role(struct gen_set *set, size_t number)
{
    bool narrow = number < real_of(set)->broad_from, chosen[SUBJECTS];
    size_t mains = 0, wanted = gen_chance(set, 70) ? 3 : 2, left;

    choose(set, 2, narrow ? 6 : 3, narrow ? 2 : 1, chosen);
    left = count_of(chosen, true);
    for (size_t s = 0; s < SUBJECTS; s++) {
        const unsigned char *shares = narrow ? mixed : broad;

        if (!chosen[s])
            continue;
        if (narrow && is_main(s)) {
            /* Any of the main ones may be the broad one of the role. */
            if (mains < wanted && gen_below(set, left) + mains < wanted) {
                shares = specific;
                mains++;
            }
            left--;
        }
        condition(set, s, shares);
    }
}

/* ---- requests ---- */

static void fill(struct gen_set *set, const char **values)
{
    for (size_t s = 0; s < SUBJECTS; s++) {
        values[s] = name_by_chance(set, s);
        if (s == RUNCWD && gen_chance(set, 10))
            values[s] = NULL;
    }
    values[SUBJECTS] = gen_text(set, "/dev/pts/%zu", gen_below(set, 100));
    values[SUBJECTS + 1] = "client.corp.example";
    values[SUBJECTS + 2] = gen_text(set, "%zu", 1000 + gen_below(set, 30000));
    values[SUBJECTS + 3] = gen_text(set, "%zu", gen_below(set, 1000000));
}

/* Nearly what a narrow role asks for. */
static void miss(struct gen_set *set, const char **values)
{
    static const enum subject mains[] = {USER, SUBMITHOST, RUNHOST, COMMAND};
    size_t changes = 1 + gen_below(set, 2);

    gen_follow(set, gen_below(set, set->role_count), values);
    while (changes-- > 0) {
        size_t s = mains[gen_below(set, 4)];

        values[s] = name_by_chance(set, s);
    }
}

/* Matches in the last hundredth of the roles, or (from: GEN_NONE) nowhere; a
 * stranger in ever more respects, the longer that takes to find. */
static void late_request(struct gen_set *set, size_t from, const char **values)
{
    enum { TRIES = 32 };

    for (size_t i = 0; i <= TRIES; i++) {
        fill(set, values);
        miss(set, values);
        if (i > TRIES / 4)
            values[USER] = gen_text(set, "guest%zu", gen_below(set, 100));
        if (i > TRIES / 2)
            values[RUNHOST] = gen_text(set, "lab%zu", gen_below(set, 100));
        if (i > 3 * TRIES / 4)
            values[COMMAND] = "./a.out";
        if (i == TRIES)
            values[SUBMITHOST] = "elsewhere";
        if (gen_first(set, values, gen_fnmatch) >= from)
            return;
    }
}

static void request(struct gen_set *set, size_t number, const char **values)
{
    if (number % 4 == 0) {
        late_request(set, real_of(set)->last_from, values);
    } else if (number % 4 == 2) {
        late_request(set, GEN_NONE, values);
    } else {
        fill(set, values);
        if (set->role_count > 0)
            gen_follow(set, gen_below(set, set->role_count), values);
    }
}

const struct gen_maker gen_real_maker = {begin, role, request};

/* ---- one variable ---- */

static void single_begin(struct gen_set *set)
{
    set->order.words = set->order.roles;
    begin(set);
}

static void single_role(struct gen_set *set, size_t number)
{
    const struct real *real = real_of(set);
    const char *name = real->names[COMMAND][number % real->counts[COMMAND]];
    enum shape shape = shape_of(set, alone);
    size_t length = strlen(name), at = length - 1 - gen_below(set, 3);
    const char *pattern;

    /* Cut inside the last word, or nearly all roles would be "/usr/bin/ *". */
    if (shape == PREFIX)
        pattern = gen_text(set, "%.*s*", (int)at, name);
    else if (shape == SUFFIX)
        pattern = gen_text(set, "*%s", name + (length > 8 ? length - 8 : 0));
    else if (shape == INFIX)
        pattern = gen_text(set, "*%.*s*", 6, name + (at > 6 ? at - 6 : 0));
    else
        pattern = shaped(set, name, shape);
    gen_pattern(set, COMMAND, pattern, name);
}

static void single_request(struct gen_set *set, size_t number,
                           const char **values)
{
    const char *name = name_by_chance(set, COMMAND);

    values[COMMAND] =
        number % 2 == 0 ? gen_text(set, "/srv/x%zu", number) : name;
}

const struct gen_maker gen_single_maker = {single_begin, single_role,
                                           single_request};

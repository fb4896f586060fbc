/* SPDX-License-Identifier: MIT */
#include "support/generate.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "support/generate_inside.h"

#define CHUNK ((size_t)1 << 16)
/* Roles of one rorder. */
#define TIES 7

struct chunk {
    struct chunk *next;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
};

struct gen_inside {
    struct gen_random random;
    struct chunk *chunks;
    uint32_t *slots; /* of conditions: number + 1, 0: free */
    size_t mask;
    size_t variable_room, condition_room, id_room, role_room;
    void *data;
};

/* ---- memory ---- */

static void *must(void *memory)
{
    if (memory == NULL) {
        (void)fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return memory;
}

/* Room for one more item. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room == 0 ? 16 : *room * 2;
    return must(reallocarray(items, *room, size));
}

void *gen_alloc(struct gen_set *set, size_t size)
{
    struct chunk *chunk = set->inside->chunks;
    size_t align = _Alignof(max_align_t);
    void *memory;

    size = (size + align - 1) / align * align;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        size_t room = size > CHUNK ? size : CHUNK;

        chunk = must(calloc(1, sizeof(*chunk) + room));
        chunk->size = room;
        chunk->next = set->inside->chunks;
        set->inside->chunks = chunk;
    }
    memory = chunk->bytes + chunk->used;
    chunk->used += size;
    return memory;
}

const char *gen_text(struct gen_set *set, const char *format, ...)
{
    char small[256], *text;
    va_list arguments, again;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(small, sizeof(small), format, arguments);
    va_end(arguments);
    text = gen_alloc(set, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

const char *gen_repeat(struct gen_set *set, const char *unit, size_t length,
                       const char *tail)
{
    size_t of_unit = strlen(unit), of_tail = strlen(tail);
    char *text = gen_alloc(set, length + of_tail + 1);

    for (size_t i = 0; i < length; i++)
        text[i] = unit[i % of_unit];
    memcpy(text + length, tail, of_tail + 1);
    return text;
}

/* ---- chance: integers only, so that every machine agrees ---- */

uint64_t gen_spread(uint64_t *seed)
{
    uint64_t z = *seed += 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static uint64_t turn(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

/* xoshiro256**, https://prng.di.unimi.it/. */
static uint64_t next(struct gen_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = turn(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = turn(s[3], 45);
    return result;
}

size_t gen_below(struct gen_set *set, size_t limit)
{
    uint64_t most = UINT64_MAX - UINT64_MAX % limit, number;

    do
        number = next(&set->inside->random);
    while (number >= most);
    return number % limit;
}

bool gen_chance(struct gen_set *set, unsigned percent)
{
    return gen_below(set, 100) < percent;
}

size_t gen_skewed(struct gen_set *set, size_t limit)
{
    size_t doublings = 1, number;

    while ((size_t)1 << doublings <= limit)
        doublings++;
    do {
        size_t start = (size_t)1 << gen_below(set, doublings);

        number = start - 1 + gen_below(set, start);
    } while (number >= limit);
    return number;
}

/* ---- building ---- */

void **gen_data(struct gen_set *set)
{
    return &set->inside->data;
}

size_t gen_variable(struct gen_set *set, const char *name)
{
    set->variables = grow(set->variables, set->variable_count,
                          &set->inside->variable_room, sizeof(char *));
    set->variables[set->variable_count] = name;
    return set->variable_count++;
}

static uint64_t hash_of(size_t variable, const char *const *patterns,
                        size_t count)
{
    uint64_t hash = variable + 0x9E3779B97F4A7C15u;

    for (size_t i = 0; i < count; i++) {
        for (const char *c = patterns[i]; *c != '\0'; c++)
            hash = (hash ^ (unsigned char)*c) * 0x100000001B3u;
        hash = (hash ^ 0x100) * 0x100000001B3u;
    }
    return hash ^ hash >> 29;
}

static uint64_t hash_again(const struct gen_condition *condition)
{
    return hash_of(condition->variable, condition->patterns, condition->count);
}

static void widen(struct gen_set *set)
{
    struct gen_inside *inside = set->inside;

    if (set->condition_count * 2 < inside->mask)
        return;
    inside->mask = inside->mask == 0 ? 255 : inside->mask * 2 + 1;
    free(inside->slots);
    inside->slots = must(calloc(inside->mask + 1, sizeof(uint32_t)));
    for (size_t i = 0; i < set->condition_count; i++) {
        size_t at = hash_again(&set->conditions[i]) & inside->mask;

        while (inside->slots[at] != 0)
            at = (at + 1) & inside->mask;
        inside->slots[at] = (uint32_t)i + 1;
    }
}

static bool is_same(const struct gen_condition *condition, size_t variable,
                    const char *const *patterns, size_t count)
{
    if (condition->variable != variable || condition->count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(condition->patterns[i], patterns[i]) != 0)
            return false;
    return true;
}

/* The slot of a condition, which is free when it is new. */
static uint32_t *find(struct gen_set *set, size_t variable,
                      const char *const *patterns, size_t count)
{
    struct gen_inside *inside = set->inside;
    size_t at;

    widen(set);
    at = hash_of(variable, patterns, count) & inside->mask;
    while (inside->slots[at] != 0 &&
           !is_same(&set->conditions[inside->slots[at] - 1], variable, patterns,
                    count))
        at = (at + 1) & inside->mask;
    return &inside->slots[at];
}

static uint32_t new_condition(struct gen_set *set, size_t variable,
                              const char *const *patterns, size_t count,
                              const char *example)
{
    const char **copy = gen_alloc(set, count * sizeof(char *));

    for (size_t i = 0; i < count; i++)
        copy[i] = patterns[i];
    set->conditions =
        grow(set->conditions, set->condition_count,
             &set->inside->condition_room, sizeof(*set->conditions));
    set->conditions[set->condition_count++] =
        (struct gen_condition){variable, copy, count, example};
    return (uint32_t)set->condition_count;
}

void gen_condition(struct gen_set *set, size_t variable,
                   const char *const *patterns, size_t count,
                   const char *example)
{
    uint32_t *slot = find(set, variable, patterns, count);

    if (*slot == 0)
        *slot = new_condition(set, variable, patterns, count, example);
    set->ids =
        grow(set->ids, set->id_count, &set->inside->id_room, sizeof(*set->ids));
    set->ids[set->id_count++] = *slot - 1;
    set->roles[set->role_count - 1].count++;
}

void gen_pattern(struct gen_set *set, size_t variable, const char *pattern,
                 const char *example)
{
    gen_condition(set, variable, &pattern, 1, example);
}

struct gen_role *gen_role(struct gen_set *set)
{
    struct gen_role *role;

    set->roles = grow(set->roles, set->role_count, &set->inside->role_room,
                      sizeof(*set->roles));
    role = &set->roles[set->role_count];
    memset(role, 0, sizeof(*role));
    role->first = set->id_count;
    role->rorder = (int64_t)(set->role_count / TIES * 10);
    role->disabled = gen_chance(set, 2);
    set->role_count++;
    return role;
}

void gen_follow(const struct gen_set *set, size_t role, const char **values)
{
    const struct gen_role *from = &set->roles[role];

    for (size_t i = 0; i < from->count; i++) {
        const struct gen_condition *condition =
            &set->conditions[set->ids[from->first + i]];

        if (condition->example != NULL)
            values[condition->variable] = condition->example;
    }
}

/* ---- the whole ---- */

static const struct {
    const char *word;
} kinds[GEN_KIND_COUNT] = {
#define GEN_X(kind, word, what) {word},
    GEN_KINDS(GEN_X)
#undef GEN_X
};

const char *gen_kind_word(enum gen_kind kind)
{
    return kinds[kind].word;
}

bool gen_kind_find(const char *word, enum gen_kind *kind)
{
    for (size_t i = 0; i < GEN_KIND_COUNT; i++)
        if (strcmp(kinds[i].word, word) == 0) {
            *kind = (enum gen_kind)i;
            return true;
        }
    return false;
}

static const struct gen_maker *maker_of(enum gen_kind kind)
{
    if (kind == GEN_REALISTIC || kind == GEN_PLAIN)
        return &gen_real_maker;
    if (kind == GEN_SINGLE)
        return &gen_single_maker;
    return gen_hostile_maker(kind);
}

static size_t root_of(size_t number)
{
    size_t root = 0;

    while ((root + 1) * (root + 1) <= number)
        root++;
    return root;
}

struct gen_set *gen_make(const struct gen_order *order)
{
    const struct gen_maker *maker = maker_of(order->kind);
    struct gen_set *set = must(calloc(1, sizeof(*set)));
    uint64_t seed = order->seed;

    set->inside = must(calloc(1, sizeof(*set->inside)));
    set->order = *order;
    if (order->words == 0)
        set->order.words = root_of(order->roles);
    for (size_t i = 0; i < 4; i++)
        set->inside->random.state[i] = gen_spread(&seed);
    maker->begin(set);
    for (size_t i = 0; i < order->roles; i++) {
        (void)gen_role(set);
        maker->role(set, i);
    }
    set->requests = must(calloc(order->requests + 1, sizeof(*set->requests)));
    for (size_t i = 0; i < order->requests; i++) {
        const char **values =
            gen_alloc(set, set->variable_count * sizeof(char *));

        set->requests[i].values = values;
        set->request_count++;
        maker->request(set, i, values);
    }
    return set;
}

void gen_free(struct gen_set **set)
{
    struct chunk *chunk;

    if (*set == NULL)
        return;
    chunk = (*set)->inside->chunks;
    while (chunk != NULL) {
        struct chunk *behind = chunk->next;

        free(chunk);
        chunk = behind;
    }
    free((*set)->inside->slots);
    free((*set)->inside);
    free((*set)->variables);
    free((*set)->conditions);
    free((*set)->ids);
    free((*set)->roles);
    free((*set)->requests);
    free(*set);
    *set = NULL;
}

/* ---- the plain answer ---- */

int gen_fnmatch(const char *pattern, const char *value)
{
    return fnmatch(pattern, value, 0) == 0;
}

static signed char holds(const struct gen_condition *condition,
                         const char *const *values, gen_match *match)
{
    const char *value = values[condition->variable];

    for (size_t i = 0; value != NULL && i < condition->count; i++)
        if (match(condition->patterns[i], value) == 1)
            return 1;
    return -1;
}

size_t gen_first(const struct gen_set *set, const char *const *values,
                 gen_match *match)
{
    /* 1: holds, -1: does not, 0: not known yet */
    signed char *known = must(calloc(set->condition_count + 1, 1));
    size_t answer = GEN_NONE;

    for (size_t i = 0; i < set->role_count && answer == GEN_NONE; i++) {
        const struct gen_role *role = &set->roles[i];
        const uint32_t *ids = set->ids + role->first;
        size_t good = 0;

        if (role->disabled)
            continue;
        for (; good < role->count; good++) {
            uint32_t id = ids[good];

            if (known[id] == 0)
                known[id] = holds(&set->conditions[id], values, match);
            if (known[id] < 0)
                break;
        }
        if (good == role->count)
            answer = i;
    }
    free(known);
    return answer;
}

/* ---- JSON ---- */

void gen_role_name(char name[GEN_NAME_SIZE], size_t role)
{
    (void)snprintf(name, GEN_NAME_SIZE, "role-%zu", role);
}

static void write_string(const char *text, FILE *output)
{
    (void)putc('"', output);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20) {
            (void)fprintf(output, "\\u%04x", c);
            continue;
        }
        if (c == '"' || c == '\\')
            (void)putc('\\', output);
        (void)putc(c, output);
    }
    (void)putc('"', output);
}

static void write_condition(const struct gen_set *set,
                            const struct gen_condition *condition, FILE *output)
{
    write_string(set->variables[condition->variable], output);
    (void)putc(':', output);
    if (condition->count == 1) {
        write_string(condition->patterns[0], output);
        return;
    }
    (void)putc('[', output);
    for (size_t i = 0; i < condition->count; i++) {
        if (i > 0)
            (void)putc(',', output);
        write_string(condition->patterns[i], output);
    }
    (void)putc(']', output);
}

static void write_role(const struct gen_set *set, size_t number,
                       const char *description, FILE *output)
{
    const struct gen_role *role = &set->roles[number];
    char name[GEN_NAME_SIZE];

    gen_role_name(name, number);
    (void)fprintf(output, "{\"name\":\"%s\",\"rorder\":%lld", name,
                  (long long)role->rorder);
    if (role->disabled)
        (void)fputs(",\"disabled\":1", output);
    if (description != NULL) {
        (void)fputs(",\"description\":", output);
        write_string(description, output);
    }
    (void)fputs(",\"varmatch\":{", output);
    for (size_t i = 0; i < role->count; i++) {
        if (i > 0)
            (void)putc(',', output);
        write_condition(set, &set->conditions[set->ids[role->first + i]],
                        output);
    }
    (void)fprintf(output,
                  "},\"auth\":[{\"method\":\"getuserpasswd\",\"user\":"
                  "\"%%user%%\",\"fname\":\"gp%zu\",\"period\":%u}]}",
                  number % 199, number % 3 == 0 ? 600u : 3600u);
}

void gen_write_roles(const struct gen_set *set, const char *description,
                     FILE *output)
{
    const char *between = "[\n";

    /* Roles of one rorder stay in order, which is what counts among them. */
    for (size_t turns = 0; turns < 3; turns++)
        for (size_t i = 0; i < set->role_count; i++) {
            if (i / TIES % 3 != 2 - turns)
                continue;
            (void)fputs(between, output);
            write_role(set, i, description, output);
            between = ",\n";
        }
    (void)fputs(set->role_count == 0 ? "[]\n" : "\n]\n", output);
}

char *gen_roles_text(const struct gen_set *set, const char *description,
                     size_t *length)
{
    char *text = NULL;
    FILE *output = must(open_memstream(&text, length));

    gen_write_roles(set, description, output);
    if (fclose(output) != 0)
        must(NULL);
    return text;
}

void gen_write_requests(const struct gen_set *set, FILE *output)
{
    for (size_t i = 0; i < set->request_count; i++) {
        const char *between = "{";

        for (size_t v = 0; v < set->variable_count; v++) {
            if (set->requests[i].values[v] == NULL)
                continue;
            (void)fputs(between, output);
            write_string(set->variables[v], output);
            (void)putc(':', output);
            write_string(set->requests[i].values[v], output);
            between = ",";
        }
        (void)fputs(*between == '{' ? "{}\n" : "}\n", output);
    }
}

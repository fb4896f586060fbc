/* SPDX-License-Identifier: MIT */
/* Any bytes as a compiled policy: refused, or everything in it can be looked
 * at and asked, which gives answers or says that it is damaged; no step leads
 * out of it, and none is taken for ever.
 *
 * An input is one of two things:
 *
 *   - A file that "roleauth compile" wrote, known by its first bytes.  Its
 *     header is made to fit whatever became of the rest, so that a change
 *     reaches what is behind it.  These seeds are called "file-...": when the
 *     format changes, compiled_seeds.sh writes them again.
 *   - A recipe: roles in JSON, a NUL, and changes of 8 bytes each to make to
 *     them once they are compiled; see struct change.  What no change was made
 *     to must be sound, and its index answer as the scan does. */
#include <fcntl.h>
#include <roleauth_testing.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/large.h"
#include "role/set.h"
#include "support/block_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_MAX = 32768,
    CHANGES = 64,
    STEPS = 100000, /* of views */
    QUESTIONS = 24, /* made of the policy's own patterns */
    EVALUATIONS = 16
};

/* Ends the program, so that the fuzzer keeps the input. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A policy that is looked at. */
struct subject {
    roleauth_roles *roles;
    bool sound; /* nothing in it was changed */
    size_t steps;
};

/* ---- what there is to see ---- */

static bool step(struct subject *subject)
{
    return subject->steps > 0 && subject->steps-- > 0;
}

/* Reads a text to its end. */
static void read_text(const char *text)
{
    must(text == NULL || strlen(text) < INPUT_MAX * 8);
}

static void look_at_role(struct subject *subject, size_t role)
{
    struct ra_method_view method;
    struct ra_role_view view;
    const char *name, *value;
    bool whole = ra_roles_view(subject->roles, role, &view);

    must(whole || !subject->sound);
    if (!whole)
        return;
    for (size_t i = 0; i < RA_COLUMNS; i++)
        read_text(view.columns[i]);
    read_text(view.barrier);
    must(view.methods <= ROLEAUTH_MAX_METHODS);
    for (size_t i = 0; i < view.methods && step(subject); i++) {
        whole = ra_roles_method(subject->roles, role, i, &method);
        must(whole || !subject->sound);
        if (!whole)
            continue;
        must(method.tries >= 1 && method.tries <= ROLEAUTH_MAX_TRIES);
        must(method.period <= ROLEAUTH_MAX_PERIOD && method.name != NULL);
        read_text(method.user);
        read_text(method.service);
        read_text(method.fname);
        read_text(method.passwd);
    }
    for (size_t i = 0; i < view.variables && step(subject); i++) {
        whole = ra_roles_variable(subject->roles, role, i, &name, &value);
        must(whole || !subject->sound);
        if (!whole)
            break;
        read_text(name);
        read_text(value);
    }
}

static void look_at_condition(struct subject *subject,
                              const struct ra_condition_view *view)
{
    const char *pattern;

    must(view->id < ra_index_conditions(ra_roles_block(subject->roles)));
    read_text(view->variable);
    for (size_t i = 0; i < view->patterns && step(subject); i++) {
        bool whole = ra_condition_pattern(ra_roles_block(subject->roles), view,
                                          i, &pattern);

        must(whole || !subject->sound);
        if (whole)
            read_text(pattern);
    }
}

static void look_at_rule(struct subject *subject, size_t rule)
{
    const struct ra_block *block = ra_roles_block(subject->roles);
    struct ra_condition_view condition;
    struct ra_rule_view view;

    if (!ra_rule_view(block, rule, &view)) {
        must(!subject->sound);
        return;
    }
    for (size_t i = 0; i < view.conditions && step(subject); i++) {
        bool whole = ra_rule_condition(block, rule, i, &condition);

        must(whole || !subject->sound);
        if (whole)
            look_at_condition(subject, &condition);
    }
}

/* What lint asks: which roles can never match? */
static void look_at_cover(struct subject *subject)
{
    const struct ra_block *block = ra_roles_block(subject->roles);
    ra_cover *cover = ra_cover_new(block);
    size_t count = ra_index_rules(block);

    must(cover != NULL);
    for (size_t i = 0; i < count && i < 64; i++) {
        size_t by = RA_NO_RULE;
        int code = ra_cover_find(cover, i, &by);

        must(code == 0 || (code == ROLEAUTH_E_INVALID && !subject->sound));
        must(code != 0 || by == RA_NO_RULE || by < i);
    }
    ra_cover_free(&cover);
}

/* What "export" asks. */
static void write_out(struct subject *subject)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

    must(fd >= 0);
    /* Also sound roles need not be what JSON can say. */
    must(roleauth_roles_write(subject->roles, fd, NULL) <= 0);
    (void)close(fd);
}

/* ---- what there is to ask ---- */

static void explain(struct subject *subject, const ra_vars *vars, size_t most)
{
    roleauth_explanation *why = NULL;
    int code = ra_roles_explain(subject->roles, vars, NULL, most, &why, NULL);

    must(code == 0 || (code == ROLEAUTH_E_INVALID && !subject->sound));
    must((why != NULL) == (code == 0));
    for (size_t i = 0; i < roleauth_explanation_miss_count(why); i++) {
        const roleauth_mismatch *miss = roleauth_explanation_miss(why, i);

        read_text(miss->role);
        read_text(miss->variable);
        must(miss->index < roleauth_roles_count(subject->roles));
    }
    for (size_t i = 0; i < roleauth_explanation_match_count(why); i++)
        read_text(roleauth_explanation_match(why, i)->pattern);
    roleauth_explanation_free(&why);
}

static void ask(struct subject *subject, const ra_vars *vars, const char *name)
{
    const struct ra_question question = ra_vars_question(vars);
    const struct ra_block *block = ra_roles_block(subject->roles);
    size_t index = RA_NO_RULE, scanned = RA_NO_RULE;
    roleauth_selection selection;
    struct ra_role_view view;
    int code;

    code = ra_roles_select(subject->roles, vars, name, &selection, NULL);
    must(code == 0 || (code == ROLEAUTH_E_INVALID && !subject->sound));
    if (code == 0 && selection.kind != ROLEAUTH_SELECTED_NONE) {
        must(ra_roles_view(subject->roles, selection.index, &view));
        must(!view.disabled);
        must((view.barrier != NULL) ==
             (selection.kind == ROLEAUTH_SELECTED_BARRIER));
        must(name == NULL || strcmp(selection.name, name) == 0);
    }
    if (name != NULL)
        return;
    code = ra_index_first(block, &question, &index);
    must(code == 0 || (code == ROLEAUTH_E_INVALID && !subject->sound));
    code = ra_index_scan(block, &question, &scanned);
    must(code == 0 || (code == ROLEAUTH_E_INVALID && !subject->sound));
    must(!subject->sound || index == scanned);
    explain(subject, vars, 0);
    explain(subject, vars, 3);
}

/* Variables for a question of the policy's own making: what its patterns say,
 * from the first-th condition on, every stride-th. */
static void take_patterns(const struct ra_block *block, ra_vars *vars,
                          uint32_t first, uint32_t stride, size_t most)
{
    size_t count = ra_index_conditions(block);

    for (size_t id = first, taken = 0; id < count && taken < most;
         id += stride, taken++) {
        struct ra_condition_view view;
        const char *pattern;

        if (ra_condition_view(block, (uint32_t)id, &view) &&
            ra_condition_pattern(block, &view, first % 2, &pattern) &&
            ra_vars_get(vars, view.variable, NULL) == NULL)
            (void)ra_vars_set(vars, ROLEAUTH_SERVER, view.variable, pattern,
                              NULL);
    }
}

static void ask_all(struct subject *subject)
{
    const struct ra_block *block = ra_roles_block(subject->roles);
    size_t count = roleauth_roles_count(subject->roles);

    for (uint32_t i = 0; i < QUESTIONS; i++) {
        ra_vars *vars = ra_vars_new(NULL);

        must(vars != NULL);
        if (i % 2 == 0)
            must(ra_vars_set(vars, ROLEAUTH_SERVER, "user", "alice", NULL) ==
                 0);
        /* One, many, then some. */
        if (i > 0)
            take_patterns(block, vars, i / 3, i % 3 + 1,
                          i == 1   ? 1
                          : i == 6 ? 160
                                   : 16);
        ask(subject, vars, NULL);
        ra_vars_free(&vars);
    }
    for (size_t i = 0; i < count && i < QUESTIONS; i++) {
        const char *name = roleauth_roles_column(subject->roles, i, "name");

        if (name != NULL)
            ask(subject, NULL, name);
    }
    ask(subject, NULL, "nobody has this name");
}

/* ---- whole evaluations, in which there is nobody to ask ---- */

static roleauth_context *context_of(void)
{
    static roleauth_context *context;
    static roleauth_virtual_clock time;
    roleauth_clock clock;
    roleauth_users users;
    roleauth_store store;
    roleauth_pam pam;

    if (context != NULL)
        return context;
    context = roleauth_context_new();
    roleauth_virtual_clock_init(&time);
    clock = roleauth_virtual_clock_seam(&time);
    users = roleauth_fake_users_seam(roleauth_fake_users_new());
    pam = roleauth_fake_pam_seam(roleauth_fake_pam_new());
    must(roleauth_memory_store(&store) == 0 &&
         roleauth_context_set_store(context, &store, NULL) == 0 &&
         roleauth_context_set_clock(context, &clock, NULL) == 0 &&
         roleauth_context_set_users(context, &users, NULL) == 0 &&
         roleauth_context_set_pam(context, &pam, NULL) == 0);
    return context;
}

/* Takes a role; NULL: whichever matches alice. */
static void evaluate(struct subject *subject, const char *role)
{
    roleauth_request *request = roleauth_request_new();
    roleauth_result *result = NULL;

    must(request != NULL && roleauth_request_set(request, ROLEAUTH_SERVER,
                                                 "user", "alice", NULL) == 0);
    /* A damaged policy may have lost a name but for its end. */
    if (roleauth_request_set_role(request, role, NULL) != 0)
        must(role != NULL && role[0] == '\0');
    must(roleauth_evaluate(context_of(), subject->roles, request, &result,
                           NULL) == 0);
    /* Nobody answers, so that only a role without methods accepts. */
    must(!roleauth_result_accepted(result) ||
         roleauth_result_method_count(result) == 0);
    roleauth_result_free(&result);
    roleauth_request_free(&request);
}

static void evaluate_all(struct subject *subject)
{
    size_t count = roleauth_roles_count(subject->roles);

    /* As if it had come from a file of root's. */
    subject->roles->trusted = true;
    evaluate(subject, NULL);
    for (size_t i = 0; i < count && i < EVALUATIONS; i++) {
        const char *name = roleauth_roles_column(subject->roles, i, "name");

        if (name != NULL)
            evaluate(subject, name);
    }
}

/* Looks at everything, and frees the set. */
static void look(roleauth_roles *roles, bool sound)
{
    struct subject subject = {roles, sound, STEPS};
    struct ra_origin origin;
    size_t count = roleauth_roles_count(roles);

    for (size_t i = 0; i < count && step(&subject); i++) {
        look_at_role(&subject, i);
        look_at_rule(&subject, i);
    }
    must(!ra_roles_view(roles, count, &(struct ra_role_view){.rorder = 0}));
    if (ra_set_origin(roles, &origin))
        read_text(origin.path);
    look_at_cover(&subject);
    ask_all(&subject);
    evaluate_all(&subject);
    write_out(&subject);
    roleauth_roles_free(&roles);
}

/* ---- from a file ---- */

static roleauth_roles *open_copy(const uint8_t *data, size_t size)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    unsigned char *copy = ra_large_new(size);
    int code;

    must(copy != NULL);
    memcpy(copy, data, size);
    code = ra_compiled_open(&roles, copy, size, &error);
    must(code == 0 || (code == ROLEAUTH_E_INVALID && error.text[0] != '\0'));
    must((code == 0) == (roles != NULL) && code == error.code);
    if (code != 0)
        ra_large_free(copy);
    return roles;
}

/* As many items as the header says, where there is room for them. */
static uint64_t fitting(const unsigned char *bytes, size_t section, size_t item,
                        size_t room)
{
    uint64_t count = get64(bytes, at_count(section));

    if (item == 0)
        return 0;
    return count < room / item ? count : room / item;
}

/* Writes sections that follow each other into the header.  Returns where they
 * end. */
static size_t lay_out(unsigned char *bytes, size_t size,
                      const struct ra_block_layout *layout)
{
    size_t offset = RA_BLOCK_HEADER;

    for (size_t i = 0; i < RA_BLOCK_SECTIONS; i++) {
        size_t item = layout->size[i];
        uint64_t count =
            fitting(bytes, i, item, offset < size ? size - offset : 0);

        put(bytes, at_section(i), offset, 8);
        put(bytes, at_count(i), count, 8);
        put(bytes, at_item_size(i), item, 4);
        offset = (offset + (size_t)count * item + 15) / 16 * 16;
    }
    put(bytes, AT_SIZE, offset, 8);
    return offset;
}

/* There must be a rule for each role. */
static void pair_rules(unsigned char *bytes)
{
    uint64_t roles = get64(bytes, at_count(RA_SECTION_ROLES));
    uint64_t rules = get64(bytes, at_count(RA_SECTION_RULES));

    put(bytes, at_count(roles < rules ? RA_SECTION_RULES : RA_SECTION_ROLES),
        roles < rules ? roles : rules, 8);
}

/* Makes a header fit what follows it.  bytes has room for 16 more.  Returns
 * the new size; 0: there is no room for texts. */
static size_t mend(unsigned char *bytes, size_t size)
{
    struct ra_block_layout layout;
    size_t texts;

    ra_set_layout(&layout);
    memcpy(bytes, RA_BLOCK_MAGIC, RA_BLOCK_MAGIC_SIZE);
    put(bytes, AT_BYTE_ORDER, 0x01020304, 4);
    put(bytes, AT_VERSION, RA_BLOCK_VERSION, 4);
    (void)lay_out(bytes, size, &layout);
    pair_rules(bytes);
    size = lay_out(bytes, size, &layout);
    texts = (size_t)get64(bytes, at_count(RA_BLOCK_TEXT));
    if (texts < 2)
        return 0;
    bytes[RA_BLOCK_HEADER + 1] = '\0';
    bytes[RA_BLOCK_HEADER + texts - 1] = '\0';
    must(seal_again(bytes));
    return size;
}

static void try_file(const uint8_t *data, size_t size)
{
    unsigned char *bytes = calloc(1, size + 16);
    roleauth_roles *roles;
    bool opens;

    must(bytes != NULL);
    roles = open_copy(data, size);
    opens = roles != NULL;
    if (opens)
        look(roles, ra_block_verify(ra_roles_block(roles), NULL) == 0);
    memcpy(bytes, data, size);
    if (!opens && size > RA_BLOCK_HEADER) {
        must(seal_again(bytes));
        roles = open_copy(bytes, size);
        opens = roles != NULL;
        if (opens)
            look(roles, false);
    }
    if (!opens && size > RA_BLOCK_HEADER) {
        size = mend(bytes, size);
        roles = size > 0 ? open_copy(bytes, size) : NULL;
        must(roles != NULL || size == 0);
        if (roles != NULL)
            look(roles, false);
    }
    free(bytes);
}

/* ---- from a recipe ---- */

/* Changes an aligned word of 4 bytes in a section. */
struct change {
    uint8_t section, how;
    uint16_t word; /* modulo those that there are */
    uint32_t value;
};

enum { SET, ADD, COPY, HOWS };

static void make_change(unsigned char *bytes, size_t size,
                        const struct change *change)
{
    size_t section = change->section % RA_BLOCK_SECTIONS;
    size_t start = (size_t)get64(bytes, at_section(section));
    size_t end = section + 1 < RA_BLOCK_SECTIONS
                     ? (size_t)get64(bytes, at_section(section + 1))
                     : size;
    size_t words = (end - start) / 4;
    uint32_t word;
    size_t at;

    if (words == 0)
        return;
    at = start + change->word % words * 4;
    memcpy(&word, bytes + at, 4);
    switch (change->how % HOWS) {
    case SET:
        word = change->value;
        break;
    case ADD:
        word += change->value;
        break;
    default:
        memcpy(&word, bytes + start + change->value % words * 4, 4);
    }
    memcpy(bytes + at, &word, 4);
}

/* Texts must begin and end, or the block does not open. */
static void keep_texts(unsigned char *bytes)
{
    size_t texts = (size_t)get64(bytes, at_count(RA_BLOCK_TEXT));

    bytes[RA_BLOCK_HEADER + 1] = '\0';
    bytes[RA_BLOCK_HEADER + texts - 1] = '\0';
}

static void try_recipe(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\0', size);
    size_t length = end != NULL ? (size_t)(end - data) : size;
    roleauth_roles *roles = NULL;
    const struct ra_block *block;
    unsigned char *bytes;
    size_t made = 0;

    if (roleauth_roles_parse(&roles, "recipe", data, length, NULL, NULL) != 0)
        return;
    block = ra_roles_block(roles);
    bytes = malloc(block->size);
    must(bytes != NULL);
    memcpy(bytes, block->bytes, block->size);
    must(ra_block_seal(block, bytes));
    for (size_t at = length + 1;
         at + sizeof(struct change) <= size && made < CHANGES;
         at += sizeof(struct change), made++) {
        struct change change;

        memcpy(&change, data + at, sizeof(change));
        make_change(bytes, block->size, &change);
    }
    keep_texts(bytes);
    look(open_copy(bytes, block->size), made == 0);
    free(bytes);
    roleauth_roles_free(&roles);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    if (size >= RA_BLOCK_MAGIC_SIZE &&
        memcmp(data, RA_BLOCK_MAGIC, RA_BLOCK_MAGIC_SIZE) == 0)
        try_file(data, size);
    else
        try_recipe(data, size);
    return 0;
}

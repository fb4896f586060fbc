/* SPDX-License-Identifier: MIT */
/* From a source to a set: which shape it has, and what is left when it is
 * read. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/trust.h"
#include "role/load.h"

#define SHAPES                                                                 \
    "a role, an array of roles, {\"roles\":[...]} or an array of Auth methods"

static const struct ra_place top = {NULL, NULL, 0, false};

/* A source that is to be read. */
struct opened {
    const char *path;
    int fd;          /* -1: not open */
    const char *why; /* it is not trusted; NULL: it is */
    struct ra_origin origin;
};

/* ---- the shapes of a source ---- */

static bool is_object_with(const ra_json *value, const char *key)
{
    return value != NULL && ra_json_type(value) == RA_JSON_OBJECT &&
           ra_json_get(value, key) != NULL;
}

/* Reads one role and adds it. */
static void add_role(struct ra_source *source, const struct ra_place *place,
                     const ra_json *value, size_t index)
{
    struct ra_role role = {.number = (int64_t)index};

    ra_read_role(source, place, value, &role);
    ra_set_add(source->set, &role);
    ra_arena_reset(source->arena);
}

static void read_role_array(struct ra_source *source,
                            const struct ra_place *place, const ra_json *array)
{
    struct ra_place at = {place, NULL, 0, false};
    size_t count = ra_json_size(array);

    if (count > ROLEAUTH_MAX_ROLES) {
        at.index = ROLEAUTH_MAX_ROLES;
        ra_problem(source, RA_LIMIT, &at,
                   "found %zu roles, at most %d are allowed", count,
                   ROLEAUTH_MAX_ROLES);
        return;
    }
    ra_set_reserve(source->set, count);
    /* Not the key itself, which the tree takes along. */
    source->array = place->key != NULL ? "roles" : NULL;
    source->placed = true;
    for (; at.index < count && !source->nomem; at.index++) {
        add_role(source, &at, ra_json_at(array, at.index), at.index);
        /* What is fresh in the cache is freed fast, and used again for the
         * next roles. */
        ra_json_drop(array, at.index);
        ra_source_progress(source, "reading", at.index + 1, count);
    }
}

/* {"roles":[...]} */
static void read_wrapped(struct ra_source *source, const ra_json *value)
{
    static const char *const known[] = {"roles", NULL};
    struct ra_place at = {&top, NULL, 0, false};

    for (void *it = ra_json_first(value); it != NULL && !source->nomem;
         it = ra_json_next(value, it)) {
        const ra_json *member = ra_json_value(it);

        at.key = ra_json_key(it);
        if (strcmp(at.key, "roles") != 0)
            ra_unknown_key(source, &at, member, "a set of roles", known);
        else if (ra_json_type(member) != RA_JSON_ARRAY)
            ra_problem_type(source, &at, member, "an array of roles");
        else
            read_role_array(source, &at, member);
    }
}

/* An Auth array alone. */
static void read_auth_array(struct ra_source *source, const ra_json *value)
{
    struct ra_role role = {.number = 0};

    ra_read_methods(source, &top, value, &role);
    ra_set_add(source->set, &role);
}

static void read_tree(struct ra_source *source, const ra_json *value)
{
    if (ra_json_type(value) == RA_JSON_ARRAY) {
        if (is_object_with(ra_json_at(value, 0), "method"))
            read_auth_array(source, value);
        else
            read_role_array(source, &top, value);
    } else if (ra_json_type(value) != RA_JSON_OBJECT) {
        ra_problem_type(source, &top, value, SHAPES);
    } else if (is_object_with(value, "roles")) {
        read_wrapped(source, value);
    } else if (is_object_with(value, "method") &&
               !is_object_with(value, "name")) {
        ra_problem(source, RA_WRONG_TYPE, &top,
                   "found one Auth method, expected " SHAPES
                   ": put it in brackets");
    } else {
        add_role(source, &top, value, 0);
    }
}

/* ---- from text ---- */

static void parsing(void *data, size_t done, size_t total)
{
    const struct ra_source *source = data;
    const roleauth_loading *how = &source->load->how;

    if (how->progress != NULL)
        how->progress(how->progress_data, "parsing", done, total);
}

static int read_text(struct ra_source *source, const struct opened *opened)
{
    struct ra_json_fault fault;
    ra_json *tree = NULL;
    int code;

    (void)opened;
    if (source->length > ROLEAUTH_MAX_FILE) {
        ra_problem(source, RA_LIMIT, NULL,
                   "found %zu bytes, at most %d are allowed", source->length,
                   ROLEAUTH_MAX_FILE);
        return 0;
    }
    code = ra_json_parse_watched(source->text, source->length, parsing, source,
                                 &tree, &fault);
    if (code == ROLEAUTH_E_INVALID)
        ra_problem_json(source, NULL, source->text, source->length, &fault);
    else if (code != 0)
        source->nomem = true;
    else
        read_tree(source, tree);
    ra_json_free(&tree);
    return 0;
}

/* ---- from a source to a set ---- */

/* Builds the set from what read finds; the source counts the problems. */
static int build(roleauth_roles **out, struct ra_source *source,
                 const struct opened *opened,
                 int (*read)(struct ra_source *, const struct opened *))
{
    struct ra_arena arena = {NULL, 0};
    struct ra_set_builder set;
    roleauth_roles *roles = NULL;
    int code = ROLEAUTH_E_NOMEM;

    source->set = &set;
    source->arena = &arena;
    if (!ra_set_begin(&set))
        goto out;
    if (opened->why != NULL)
        ra_problem(source, RA_UNTRUSTED, NULL, "%s", opened->why);
    code = read(source, opened);
    if (code == 0 && source->nomem)
        code = ROLEAUTH_E_NOMEM;
    if (code == 0)
        code = source->code;
    if (code == 0)
        code = ra_set_end(&set, &opened->origin, &source->load->how, &roles);
    if (code == 0 && source->load->how.lint != 0)
        code = ra_warn_never(source, roles);
    if (code == 0) {
        roles->trusted = opened->why == NULL;
        *out = roles;
        roles = NULL;
    }
out:
    roleauth_roles_free(&roles);
    ra_set_free(&set);
    ra_arena_free(&arena);
    ra_source_end(source);
    /* What was told before is not told again. */
    return code == 0 || source->code != 0
               ? code
               : ra_fail(source->error, code, "%s", roleauth_strerror(code));
}

int ra_roles_load_text(roleauth_roles **roles, const char *name,
                       const char *text, size_t length,
                       const struct ra_load *load, roleauth_error *error)
{
    const struct opened memory = {.path = name};
    struct ra_source source = {
        .file = name,
        .text = text,
        .length = length,
        .load = load,
        .error = error,
    };

    *roles = NULL;
    return build(roles, &source, &memory, read_text);
}

/* ---- from a file ---- */

static int read_database(struct ra_source *source, const struct opened *opened)
{
    return ra_database_read(source, opened->path, source->error);
}

/* What only says where it is not told yet gets the file's name. */
static int fail_at(roleauth_error *error, const char *path, int code,
                   const roleauth_error *why)
{
    return ra_fail_in(error, code, why->file[0] != '\0' ? why->file : path,
                      why->line, why->column, why->path, why->text);
}

/* A compiled policy whose source has changed is still good, but perhaps not
 * what its owner thinks is in force. */
static void warn_stale(struct ra_source *source, const roleauth_roles *roles)
{
    struct ra_origin then, now;

    if (ra_set_origin(roles, &then) && ra_origin_of(then.path, &now)) {
        if (ra_origin_newer(&now, &then))
            ra_problem(source, RA_STALE, NULL,
                       "its source %s has changed since it was compiled: "
                       "compile it again",
                       then.path);
        ra_origin_free(&now);
    }
}

static int load_compiled(roleauth_roles **roles, struct ra_source *source,
                         const struct opened *opened)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int code = ra_compiled_map(roles, opened->fd, opened->path, &why);

    if (code != 0)
        return fail_at(source->error, opened->path, code, &why);
    (*roles)->trusted = opened->why == NULL;
    if (opened->why != NULL)
        ra_problem(source, RA_UNTRUSTED, NULL, "%s", opened->why);
    warn_stale(source, *roles);
    if (source->load->how.lint != 0)
        code = ra_warn_never(source, *roles);
    ra_source_end(source);
    if (code == 0 && source->nomem)
        code = ROLEAUTH_E_NOMEM;
    if (code == 0)
        return 0;
    roleauth_roles_free(roles);
    if (code == ROLEAUTH_E_NOMEM)
        return ra_fail_nomem(source->error);
    code = ra_roles_damaged(&why);
    return fail_at(source->error, opened->path, code, &why);
}

static int load_json(roleauth_roles **roles, struct ra_source *source,
                     struct opened *opened)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    char *text = NULL;
    int code = ra_read_all(opened->fd, opened->path, ROLEAUTH_MAX_FILE, &text,
                           &source->length, &why);

    if (code != 0)
        return fail_at(source->error, opened->path, code, &why);
    source->text = text;
    code = build(roles, source, opened, read_text);
    free(text);
    return code;
}

/* Nothing of a database is opened but by SQLite: see ra_trust_check_file(). */
static int load_database(roleauth_roles **roles, struct ra_source *source,
                         struct opened *opened)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int trusted = 0;
    int code = ra_database_trust(opened->path, &trusted, &why);

    if (code != 0)
        return fail_at(source->error, opened->path, code, &why);
    if (trusted != 1) {
        if (source->load->must_trust)
            return fail_at(source->error, opened->path, ROLEAUTH_E_UNTRUSTED,
                           &why);
        opened->why = why.text;
    }
    return build(roles, source, opened, read_database);
}

enum content { COMPILED, DATABASE, JSON };

/* A short file is JSON, or not even that. */
static enum content content_of(int fd)
{
    char start[RA_BLOCK_MAGIC_SIZE] = {0};
    ssize_t got = pread(fd, start, sizeof(start), 0);

    if (got > 0 && ra_is_database(start, (size_t)got))
        return DATABASE;
    return memcmp(start, RA_BLOCK_MAGIC, RA_BLOCK_MAGIC_SIZE) == 0 ? COMPILED
                                                                   : JSON;
}

/* Opens the file, unless it is said to be a database. */
static int open_source(struct ra_source *source, struct opened *opened,
                       enum content *content, roleauth_error *why)
{
    int trusted = 0, code;

    *content = DATABASE;
    if (source->load->how.database != 0)
        return 0;
    code = ra_trust_open_file(opened->path, &opened->fd, &trusted, why);
    if (code != 0)
        return fail_at(source->error, opened->path, code, why);
    if (trusted != 1 && source->load->must_trust)
        return fail_at(source->error, opened->path, ROLEAUTH_E_UNTRUSTED, why);
    if (trusted != 1)
        opened->why = why->text;
    *content = content_of(opened->fd);
    return 0;
}

int ra_roles_load_file(roleauth_roles **roles, const char *path,
                       const struct ra_load *load, roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_source source = {.file = path, .load = load, .error = error};
    struct opened opened = {.path = path, .fd = -1};
    enum content content;
    int code;

    *roles = NULL;
    /* Before it is opened: what changes from now on makes it stale. */
    (void)ra_origin_of(path, &opened.origin);
    code = open_source(&source, &opened, &content, &why);
    if (content == DATABASE && opened.fd >= 0) {
        (void)close(opened.fd);
        opened.fd = -1;
        opened.why = NULL;
    }
    if (code == 0)
        code = content == COMPILED   ? load_compiled(roles, &source, &opened)
               : content == DATABASE ? load_database(roles, &source, &opened)
                                     : load_json(roles, &source, &opened);
    if (opened.fd >= 0)
        (void)close(opened.fd);
    ra_origin_free(&opened.origin);
    return code;
}

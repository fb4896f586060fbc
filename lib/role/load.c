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

/* ---- the shapes of a source ---- */

static bool is_object_with(const ra_json *value, const char *key)
{
    return value != NULL && ra_json_type(value) == RA_JSON_OBJECT &&
           ra_json_get(value, key) != NULL;
}

static void read_role_array(struct ra_source *source,
                            const struct ra_place *place, const ra_json *array,
                            roleauth_roles *roles)
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
    if (!ra_roles_reserve(roles, count)) {
        source->nomem = true;
        return;
    }
    for (; at.index < count && !source->nomem; at.index++) {
        roles->count = at.index + 1;
        ra_read_role(source, &at, ra_json_at(array, at.index), roles, at.index);
        /* What is fresh in the cache is freed fast, and used again for the
         * next roles. */
        ra_json_drop(array, at.index);
    }
}

/* {"roles":[...]} */
static void read_wrapped(struct ra_source *source, const ra_json *value,
                         roleauth_roles *roles)
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
            read_role_array(source, &at, member, roles);
    }
}

static void read_single(struct ra_source *source, const ra_json *value,
                        roleauth_roles *roles)
{
    if (!ra_roles_reserve(roles, 1)) {
        source->nomem = true;
        return;
    }
    roles->count = 1;
    if (ra_json_type(value) == RA_JSON_ARRAY)
        ra_read_methods(source, &top, value, &roles->roles[0]);
    else
        ra_read_role(source, &top, value, roles, 0);
}

static void read_tree(struct ra_source *source, const ra_json *value,
                      roleauth_roles *roles)
{
    if (ra_json_type(value) == RA_JSON_ARRAY) {
        if (is_object_with(ra_json_at(value, 0), "method"))
            read_single(source, value, roles);
        else
            read_role_array(source, &top, value, roles);
    } else if (ra_json_type(value) != RA_JSON_OBJECT) {
        ra_problem_type(source, &top, value, SHAPES);
    } else if (is_object_with(value, "roles")) {
        read_wrapped(source, value, roles);
    } else if (is_object_with(value, "method") &&
               !is_object_with(value, "name")) {
        ra_problem(source, RA_WRONG_TYPE, &top,
                   "found one Auth method, expected " SHAPES
                   ": put it in brackets");
    } else {
        read_single(source, value, roles);
    }
}

/* ---- from text ---- */

static void read_text(struct ra_source *source, roleauth_roles *roles)
{
    struct ra_json_fault fault;
    ra_json *tree = NULL;
    int code = ra_json_parse(source->text, source->length, &tree, &fault);

    if (code == ROLEAUTH_E_INVALID)
        ra_problem_json(source, NULL, source->text, source->length, &fault);
    else if (code != 0)
        source->nomem = true;
    else
        read_tree(source, tree, roles);
    ra_json_free(&tree);
}

/* why: NULL, or why the source is not trusted. */
static int load(roleauth_roles **out, struct ra_source *source, const char *why)
{
    roleauth_roles *roles = ra_roles_new();
    int code = ROLEAUTH_E_NOMEM;

    *out = NULL;
    if (roles == NULL)
        goto out;
    source->arena = &roles->arena;
    roles->trusted = why == NULL;
    if (why != NULL)
        ra_problem(source, RA_UNTRUSTED, NULL, "%s", why);
    if (source->length > ROLEAUTH_MAX_FILE)
        ra_problem(source, RA_LIMIT, NULL,
                   "found %zu bytes, at most %d are allowed", source->length,
                   ROLEAUTH_MAX_FILE);
    else
        read_text(source, roles);
    if (source->nomem)
        goto out;
    code = source->code;
    if (source->errors != 0)
        goto out;
    ra_roles_sort(roles);
    *out = roles;
    roles = NULL;
out:
    roleauth_roles_free(&roles);
    ra_source_end(source);
    return code == ROLEAUTH_E_NOMEM ? ra_fail_nomem(source->error) : code;
}

int ra_roles_load_text(roleauth_roles **roles, const char *name,
                       const char *text, size_t length,
                       const struct ra_load *how, roleauth_error *error)
{
    struct ra_source source = {
        .file = name,
        .text = text,
        .length = length,
        .load = how,
        .error = error,
    };

    return load(roles, &source, NULL);
}

/* ---- from a file ---- */

static int pass_on(roleauth_error *error, const char *path,
                   const roleauth_error *why)
{
    return ra_fail_in(error, why->code, why->file[0] != '\0' ? why->file : path,
                      why->line, why->column, why->path, why->text);
}

static int load_file(roleauth_roles **roles, const char *path,
                     const struct ra_load *how, bool must_trust,
                     roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_source source = {.file = path, .load = how, .error = error};
    int fd = -1, trusted = 0, code;
    char *text = NULL;

    *roles = NULL;
    code = ra_trust_open_file(path, &fd, &trusted, &why);
    if (code == 0 && trusted != 1 && must_trust)
        code = ROLEAUTH_E_UNTRUSTED;
    if (code == 0) {
        roleauth_error failed = ROLEAUTH_ERROR_INIT;

        code = ra_read_all(fd, path, ROLEAUTH_MAX_FILE, &text, &source.length,
                           &failed);
        if (code != 0)
            why = failed;
    }
    if (fd >= 0)
        (void)close(fd);
    if (code == 0) {
        source.text = text;
        code = load(roles, &source, trusted == 1 ? NULL : why.text);
    } else {
        why.code = code;
        (void)pass_on(error, path, &why);
    }
    free(text);
    return code;
}

int ra_roles_load_file(roleauth_roles **roles, const char *path,
                       const struct ra_load *how, roleauth_error *error)
{
    return load_file(roles, path, how, false, error);
}

/* ---- the public calls ---- */

int roleauth_roles_load(roleauth_roles **roles, const char *path,
                        roleauth_report *report, void *report_data,
                        roleauth_error *error)
{
    const struct ra_load how = {report, report_data, NULL, NULL};

    roleauth_error_clear(error);
    if (roles != NULL)
        *roles = NULL;
    if (roles == NULL || path == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "no place for the roles, or no path");
    return load_file(roles, path, &how, true, error);
}

int roleauth_roles_parse(roleauth_roles **roles, const char *name,
                         const void *text, size_t length,
                         roleauth_report *report, void *report_data,
                         roleauth_error *error)
{
    const struct ra_load how = {report, report_data, NULL, NULL};

    roleauth_error_clear(error);
    if (roles != NULL)
        *roles = NULL;
    if (roles == NULL || name == NULL || text == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "no place for the roles, no name or no text");
    return ra_roles_load_text(roles, name, text, length, &how, error);
}

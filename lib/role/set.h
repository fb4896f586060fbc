/* SPDX-License-Identifier: MIT */
/* How a set of roles lies in memory, and how it gets there. */
#ifndef RA_ROLE_SET_H
#define RA_ROLE_SET_H

#include <roleauth.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/block.h"
#include "match/index.h"
#include "match/match.h"
#include "role/names.h"
#include "role/role.h"

/* The sections of this room; rule i of the index is role i. */
enum {
    RA_SECTION_ROLES = RA_SECTION_MATCH_END + 1,
    RA_SECTION_METHODS,
    RA_SECTION_ROLE_VARIABLES,
    RA_SECTION_NAMES,  /* a hash table of names: role + 1, 0: free */
    RA_SECTION_SOURCE, /* one item at most */
    RA_SECTION_SUMS    /* of each role: sum.c */
};

void ra_set_layout(struct ra_block_layout *layout);

/* Where a set came from, to see whether that is newer by now. */
struct ra_origin {
    const char *path; /* absolute; NULL: memory */
    int64_t seconds;  /* mtime of the newest file of the source */
    int64_t nanoseconds;
};

/* A block and who else uses it. */
struct roleauth_roles {
    atomic_size_t references;
    struct ra_block block;
    bool mapped; /* the bytes are those of a file, for munmap(2) */
    bool trusted;
};

/* The variables, as the index asks for them. */
struct ra_question ra_vars_question(const ra_vars *vars);

/* ---- building ---- */

struct ra_role_variable {
    const char *name;
    const char *value; /* template */
};

/* One role while it is read; what it points to is copied by ra_set_add(). */
struct ra_role {
    const char *columns[RA_COLUMNS]; /* NULL: absent */
    const char *barrier;             /* why it cannot be honoured, or NULL */
    const struct ra_condition *conditions;
    const struct ra_role_variable *variables;
    const struct ra_method_view *methods;
    int64_t rorder;
    int64_t number; /* its index in a text, its id in a database */
    size_t condition_count, variable_count, method_count;
    bool restricted, disabled, rejects;
    bool broken; /* disabled, with what would be errors otherwise */
};

struct ra_set_builder {
    struct ra_builder block;
    ra_index_builder *index;
    struct ra_names names; /* of enabled and disabled roles */
    bool nomem;
};

/* False: out of memory; to be freed all the same. */
bool ra_set_begin(struct ra_set_builder *set);
/* Makes room for count roles; only speed depends on it. */
void ra_set_reserve(struct ra_set_builder *set, size_t count);
/* Adds a role.  Failures stick. */
void ra_set_add(struct ra_set_builder *set, const struct ra_role *role);
/* The role that has a name. */
struct ra_taken {
    int64_t number;
    bool disabled;
};
/* False: none has this name yet. */
bool ra_set_taken(const struct ra_set_builder *set, const char *name,
                  struct ra_taken *taken);
size_t ra_set_count(const struct ra_set_builder *set);
/* The set, roles in the order of selection, with one reference.  progress may
 * be NULL.  Returns 0; ROLEAUTH_E_NOMEM; ROLEAUTH_E_LIMIT. */
int ra_set_end(struct ra_set_builder *set, const struct ra_origin *origin,
               const roleauth_loading *how, roleauth_roles **roles);
void ra_set_free(struct ra_set_builder *set);

/* ---- compiled.c ---- */

/* A set on a block that was written by roleauth_roles_compile(): maps the
 * file behind fd.  Returns 0; ROLEAUTH_E_INVALID; ROLEAUTH_E_IO;
 * ROLEAUTH_E_NOMEM. */
int ra_compiled_map(roleauth_roles **roles, int fd, const char *path,
                    roleauth_error *error);
/* As ra_compiled_map(), from memory of ra_large_new(size), which belongs to the
 * set on success; its errors do not name a file. */
int ra_compiled_open(roleauth_roles **roles, void *bytes, size_t size,
                     roleauth_error *error);
/* Puts a copy in memory in the place of the file, and looks at all of it once.
 * Returns 0; ROLEAUTH_E_INVALID: it is damaged; ROLEAUTH_E_NOMEM. */
int ra_compiled_detach(roleauth_roles *roles, roleauth_error *error);
/* May this set be written where it will decide?  A file of ours must make
 * nothing look better than it is: it would hide that others could have written
 * the source, and a new checksum that the old one was wrong.  Returns 0;
 * ROLEAUTH_E_UNTRUSTED; ROLEAUTH_E_INVALID; ROLEAUTH_E_NOMEM. */
int ra_set_vouched(const roleauth_roles *roles, roleauth_error *error);
/* Where a set came from; the path belongs to the set. */
bool ra_set_origin(const roleauth_roles *roles, struct ra_origin *origin);
/* The time of change of a source, its journal files (of a database) too, and
 * its absolute path, to be given to ra_origin_free().  False: it is not
 * there. */
bool ra_origin_of(const char *path, struct ra_origin *origin);
void ra_origin_free(struct ra_origin *origin);
bool ra_origin_newer(const struct ra_origin *a, const struct ra_origin *b);

#endif

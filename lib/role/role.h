/* SPDX-License-Identifier: MIT */
/* Role sources to typed roles, and selection over them.  Loading, counting
 * and referencing are in the public header. */
#ifndef RA_ROLE_ROLE_H
#define RA_ROLE_ROLE_H

#include <roleauth.h>
#include <stdbool.h>

#include "role/vars.h"

enum ra_method_kind {
    RA_GETSTRINGPASSWD,
    RA_GETUSERPASSWD,
    RA_GETUSERPASSWDPAM,
    RA_SUBMITCONFIRMUSER,
    RA_SUBMITCONFIRMUSERPAM,
    RA_METHOD_KINDS
};

/* The columns that are text. */
enum ra_column {
    RA_COLUMN_NAME,
    RA_COLUMN_DESCRIPTION,
    RA_COLUMN_MESSAGE,
    RA_COLUMN_ID,
    RA_COLUMN_RISK,
    RA_COLUMN_TAG,
    RA_COLUMN_COMMENT,
    RA_COLUMN_IOLOG,
    RA_COLUMN_RPT,
    RA_COLUMN_SCRIPT,
    RA_COLUMNS
};
/* "name", "description" ... */
const char *ra_column_name(enum ra_column column);

/* Views: filled by value; what they point to belongs to the set. */
struct ra_role_view {
    const char *columns[RA_COLUMNS]; /* NULL: absent; "message" a template */
    const char *barrier;             /* why it cannot be honoured, or NULL */
    bool restricted;                 /* barred by the link tables */
    bool disabled;
    bool broken;  /* disabled, with what would be errors otherwise: nothing
                     of it is sure to be whole */
    bool rejects; /* action R */
    int64_t rorder;
    int64_t number; /* its index in a text, its id in a database */
    size_t conditions;
    size_t methods;
    size_t variables;
};

struct ra_method_view {
    enum ra_method_kind kind;
    const char *name;   /* "getuserpasswd" ... */
    const char *passwd; /* not a template; getstringpasswd only */
    const char *user;   /* templates; NULL: absent */
    const char *service;
    const char *fname;
    const char *prompt;
    const char *message;
    const char *reject_message;
    unsigned tries;  /* 1 to ROLEAUTH_MAX_TRIES */
    uint32_t period; /* seconds, 0: always asks */
};

/* "getuserpasswd" ... */
const char *ra_method_name(enum ra_method_kind kind);
/* Has it what its kind requires? */
bool ra_method_complete(const struct ra_method_view *method);

/* Each returns false for what is not there, as in a damaged policy. */
bool ra_roles_view(const roleauth_roles *roles, size_t role,
                   struct ra_role_view *view);
bool ra_roles_method(const roleauth_roles *roles, size_t role, size_t method,
                     struct ra_method_view *view);
/* *value is a template. */
bool ra_roles_variable(const roleauth_roles *roles, size_t role,
                       size_t variable, const char **name, const char **value);
/* The rules of the set: rule i is role i.  See match/index.h. */
const struct ra_block *ra_roles_block(const roleauth_roles *roles);

/* Could nobody but root and the effective user have written the source? */
bool ra_roles_trusted(const roleauth_roles *roles);

/* The first enabled role, in order, whose varmatch holds; or, with a name
 * that is not NULL, the enabled role of that name.  Returns 0;
 * ROLEAUTH_E_INVALID: a damaged policy; ROLEAUTH_E_NOMEM. */
int ra_roles_select(const roleauth_roles *roles, const ra_vars *vars,
                    const char *name, roleauth_selection *selection,
                    roleauth_error *error);
/* ROLEAUTH_E_INVALID with prose for a policy in which something is not
 * there. */
int ra_roles_damaged(roleauth_error *error);

/* explain.c: roleauth_explain() for variables. */
int ra_roles_explain(roleauth_roles *roles, const ra_vars *vars,
                     const char *name, size_t most,
                     roleauth_explanation **explanation, roleauth_error *error);

/* How a source is read. */
struct ra_load {
    roleauth_loading how;
    bool must_trust; /* refuse what others could have written */
    /* Prose for a warning about a PAM service that is named literally; false:
     * none.  May be NULL. */
    bool (*service_warning)(void *data, const char *service, char *text,
                            size_t size);
    void *service_data;
};

/* Whatever the file is. */
int ra_roles_load_file(roleauth_roles **roles, const char *path,
                       const struct ra_load *load, roleauth_error *error);
/* JSON from memory; trusted. */
int ra_roles_load_text(roleauth_roles **roles, const char *name,
                       const char *text, size_t length,
                       const struct ra_load *load, roleauth_error *error);

#endif

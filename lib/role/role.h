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

/* Views: filled by value; what they point to belongs to the set. */
struct ra_role_view {
    const char *name;        /* NULL: an Auth array alone */
    const char *description; /* NULL: none */
    bool rejects;            /* action R */
    const char *message;     /* template; NULL: none */
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

void ra_roles_view(const roleauth_roles *roles, size_t role,
                   struct ra_role_view *view);
void ra_roles_method(const roleauth_roles *roles, size_t role, size_t method,
                     struct ra_method_view *view);
/* Returns the template of the value; *name its name. */
const char *ra_roles_variable(const roleauth_roles *roles, size_t role,
                              size_t variable, const char **name);

/* Could nobody but root and the effective user have written the source? */
bool ra_roles_trusted(const roleauth_roles *roles);

/* The first enabled role, in order, whose varmatch holds; or, with a name
 * that is not NULL, the enabled role of that name. */
void ra_roles_select(const roleauth_roles *roles, const ra_vars *vars,
                     const char *name, roleauth_selection *selection);
/* As ra_roles_select(), telling each role before the selected one.
 * Returns 0 or ROLEAUTH_E_NOMEM. */
int ra_roles_explain(const roleauth_roles *roles, const ra_vars *vars,
                     const char *name, roleauth_selection *selection,
                     void (*each)(void *data, const roleauth_mismatch *),
                     void *data);

/* How a source is read. */
struct ra_load {
    roleauth_report *report; /* may be NULL */
    void *report_data;
    /* Prose for a warning about a PAM service that is named literally; false:
     * none.  May be NULL. */
    bool (*service_warning)(void *data, const char *service, char *text,
                            size_t size);
    void *service_data;
};

/* From a file; *trusted of the set is what ra_trust_open_file() found, and
 * becomes a warning here: the caller decides. */
int ra_roles_load_file(roleauth_roles **roles, const char *path,
                       const struct ra_load *load, roleauth_error *error);
/* From memory; trusted. */
int ra_roles_load_text(roleauth_roles **roles, const char *name,
                       const char *text, size_t length,
                       const struct ra_load *load, roleauth_error *error);

#endif

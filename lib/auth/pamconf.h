/* SPDX-License-Identifier: MIT */
/* What PAM's configuration says of a service: read as libpam reads it, to
 * know whether it would fall back to "other". */
#ifndef RA_AUTH_PAMCONF_H
#define RA_AUTH_PAMCONF_H

#include <roleauth.h>
#include <stdbool.h>

/* Where services are configured. */
struct ra_pam_places {
    const char *directories[2]; /* the first that has a file counts; or NULL */
    const char *file; /* pam.conf(5), when there is no directory; or NULL */
};

/* libpam's own places, or confdir alone when it is not NULL (borrowed). */
struct ra_pam_places ra_pam_places(const char *confdir);

/* What was found of a service. */
struct ra_pam_service {
    bool exists;      /* a file, or a line of pam.conf(5) */
    bool auth;        /* sound auth lines are reached */
    bool account;     /* sound account lines are reached */
    char permits[32]; /* module that lets anybody (or root) in; or "" */
};

/* Reads the service.  Returns 0 also when it does not exist; ROLEAUTH_E_IO:
 * it cannot be told; ROLEAUTH_E_NOMEM. */
int ra_pam_service_read(const struct ra_pam_places *places, const char *service,
                        struct ra_pam_service *found);

/* roleauth_pam.find over places. */
int ra_pam_service_find(const struct ra_pam_places *places, const char *service,
                        roleauth_error *error);

#endif

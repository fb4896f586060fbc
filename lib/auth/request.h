/* SPDX-License-Identifier: MIT */
/* What a request holds, for the files of this room. */
#ifndef RA_AUTH_REQUEST_H
#define RA_AUTH_REQUEST_H

#include "role/vars.h"

struct roleauth_request {
    ra_vars *vars;
    char *role;                         /* NULL: whichever matches */
    char *scope;                        /* NULL: as wide as the requester */
    char *id;                           /* NULL: a random one */
    roleauth_conversation conversation; /* converse NULL: nobody */
    roleauth_record_use records;
};

#endif

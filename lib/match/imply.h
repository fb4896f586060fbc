/* SPDX-License-Identifier: MIT */
/* Patterns that match whatever another one matches. */
#ifndef RA_MATCH_IMPLY_H
#define RA_MATCH_IMPLY_H

#include "match/shape.h"

/* A pattern and its shape. */
struct ra_pattern {
    const char *text;
    struct ra_shape shape;
};

/* Does every value that the first pattern matches match the second one?  True
 * only when that is certain.  Reads the shape of the second pattern, when it
 * matters.  False with *nomem set: out of memory. */
bool ra_pattern_implies(const struct ra_pattern *pattern,
                        struct ra_pattern *other, bool *nomem);

#endif

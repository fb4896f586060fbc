/* SPDX-License-Identifier: MIT */
/* What literal texts a pattern has. */
#ifndef RA_MATCH_SHAPE_H
#define RA_MATCH_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum ra_form {
    RA_FORM_NEVER,   /* matches nothing: a trailing backslash */
    RA_FORM_LITERAL, /* matches its text alone */
    RA_FORM_ANY,     /* matches everything: nothing but stars */
    RA_FORM_STARRED, /* literal texts and stars, nothing else */
    RA_FORM_OTHER,
    RA_FORM_OPAQUE /* not UTF-8: nothing is known */
};

/* Characters that follow each other in whatever the pattern matches. */
struct ra_run {
    size_t start, length; /* in the shape's text */
};

struct ra_shape {
    enum ra_form form;
    bool starts; /* the first run is what a matching value starts with */
    bool ends;   /* the last run is what a matching value ends with */
    size_t count;
    struct ra_run *runs; /* in order; a literal pattern has one, perhaps
                            empty, and others have none that is empty */
    char *text;          /* of the runs, one behind the other, and a NUL */
    size_t room;
};

/* Reads a pattern just as roleauth_glob_match() does, into a shape that is
 * all zero or holds another one.  False: out of memory. */
bool ra_shape_read(struct ra_shape *shape, const char *pattern);
void ra_shape_free(struct ra_shape *shape);

#endif

/* SPDX-License-Identifier: MIT */
/* The problems of a source: how they are collected and told. */
#ifndef RA_ROLE_DIAG_H
#define RA_ROLE_DIAG_H

#include <roleauth.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/json.h"
#include "role/role.h"

/* X(name, word, severity): every problem that is told, with its stable word.
 * Those of a disabled role are warnings throughout. */
#define RA_PROBLEMS(X)                                                         \
    X(RA_SYNTAX, "syntax", ERROR)                                              \
    X(RA_DUPLICATE_KEY, "duplicate-key", ERROR)                                \
    X(RA_UTF8, "utf8", ERROR)                                                  \
    X(RA_NUL, "nul", ERROR)                                                    \
    X(RA_NESTING, "nesting", ERROR)                                            \
    X(RA_RANGE, "range", ERROR)                                                \
    X(RA_LIMIT, "limit", ERROR)                                                \
    X(RA_UNKNOWN_KEY, "unknown-key", ERROR)                                    \
    X(RA_UNKNOWN_METHOD, "unknown-method", ERROR)                              \
    X(RA_WRONG_TYPE, "wrong-type", ERROR)                                      \
    X(RA_BAD_VALUE, "bad-value", ERROR)                                        \
    X(RA_MISSING, "missing", ERROR)                                            \
    X(RA_DUPLICATE_ROLE, "duplicate-role", ERROR)                              \
    X(RA_VARIABLE_NAME, "variable-name", ERROR)                                \
    X(RA_TEMPLATE, "template", ERROR)                                          \
    X(RA_BAD_BASE64, "bad-base64", ERROR)                                      \
    X(RA_BAD_HASH, "bad-hash", ERROR)                                          \
    X(RA_UNSALTED, "unsalted", WARNING)                                        \
    X(RA_BAD_ATTRIBUTE, "bad-attribute", WARNING)                              \
    X(RA_GLOB_LITERAL, "glob-literal", WARNING)                                \
    X(RA_NEVER_MATCHES, "never-matches", WARNING)                              \
    X(RA_PBRUN, "pbrun", WARNING)                                              \
    X(RA_FNAME_ALONE, "fname-without-period", WARNING)                         \
    X(RA_PERIOD_ALONE, "period-without-fname", WARNING)                        \
    X(RA_PAM_SERVICE, "pam-service", WARNING)                                  \
    X(RA_BARRIER, "barrier", WARNING)                                          \
    X(RA_UNTRUSTED, "untrusted", WARNING)                                      \
    X(RA_STALE, "stale", WARNING)

enum ra_problem {
#define RA_X(name, word, severity) name,
    RA_PROBLEMS(RA_X)
#undef RA_X
};

/* A value's place in a tree, on the stack of who reads it: nothing is spent
 * on paths until there is a problem. */
struct ra_place {
    const struct ra_place *up; /* NULL: the top */
    const char *key;           /* of a member; NULL: an element */
    size_t index;              /* of an element */
    bool inner;                /* the top of the JSON inside the string up */
};

/* That of a role among others, by the number that struct ra_role has: an index
 * of an array, or the id of a row.  What is no index stands as a key. */
struct ra_role_place {
    struct ra_place place;
    char digits[24];
};
void ra_place_role(struct ra_role_place *at, const struct ra_place *up,
                   int64_t number);

/* One source while it is read. */
struct ra_source {
    const char *file;
    const char *text; /* NULL: problems have no line and column */
    size_t length;
    const struct ra_load *load;
    roleauth_error *error;
    struct ra_set_builder *set; /* that is being built */
    struct ra_arena *arena;     /* of the role that is being read */
    ra_locator *locator;        /* made for the first problem */
    const char *array;          /* the key of the array of roles, or NULL */
    bool placed;                /* roles have places in an array */
    bool disabled;              /* inside a disabled role */
    bool nomem;
    size_t errors;
    size_t forgiven; /* errors but for the role that is disabled */
    int code;        /* of the first error; 0 */
};

void ra_source_end(struct ra_source *source);

/* Tells how much of a phase is done, now and then. */
void ra_source_progress(const struct ra_source *source, const char *phase,
                        size_t done, size_t total);

/* Tells a problem of the value at a place, or of its key. */
void ra_problem(struct ra_source *source, enum ra_problem problem,
                const struct ra_place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void ra_problem_key(struct ra_source *source, enum ra_problem problem,
                    const struct ra_place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* A text, at the place or (NULL) the source itself, is not JSON. */
void ra_problem_json(struct ra_source *source, const struct ra_place *place,
                     const char *text, size_t length,
                     const struct ra_json_fault *fault);
/* "found a string, expected an object", with what is found when it is short;
 * also tells when it nests too deeply. */
void ra_problem_type(struct ra_source *source, const struct ra_place *place,
                     const ra_json *value, const char *expected);
/* As ra_problem_type(), but never shows the value. */
void ra_problem_secret_type(struct ra_source *source,
                            const struct ra_place *place, const ra_json *value,
                            const char *expected);
/* Tells when a value that nobody looks into nests too deeply. */
void ra_problem_nesting(struct ra_source *source, const struct ra_place *place,
                        const ra_json *value);

/* A short copy of text, safe to show. */
#define RA_QUOTE 160
const char *ra_quote(struct ra_source *source, char quoted[RA_QUOTE],
                     const char *text);

#endif

/* SPDX-License-Identifier: MIT */
/* Loads roles from a text and keeps what is told about them. */
#ifndef TOLD_H
#define TOLD_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "role/role.h"

struct told {
    struct ra_buf lines; /* "error code PATH: text\n" ... */
    roleauth_roles *roles;
};

static inline void told_add(void *data, const roleauth_diagnostic *d)
{
    struct told *told = data;

    assert_true(ra_buf_printf(
        &told->lines, "%s %s %s: %s\n",
        d->severity == ROLEAUTH_SEVERITY_ERROR ? "error" : "warning", d->code,
        d->path, d->text));
}

static inline bool told_service(void *data, const char *service, char *text,
                                size_t size)
{
    (void)data;
    return strcmp(service, "suspicious") == 0 &&
           snprintf(text, size, "%s has pam_permit", service) > 0;
}

static inline struct told told_load(const char *text)
{
    struct told told = {RA_BUF_INIT(1u << 20), NULL};
    const struct ra_load how = {
        .how = {.report = told_add, .report_data = &told},
        .service_warning = told_service,
    };

    assert_true(ra_buf_add(&told.lines, "", 0));
    (void)ra_roles_load_text(&told.roles, "test", text, strlen(text), &how,
                             NULL);
    return told;
}

static inline void told_free(struct told *told)
{
    roleauth_roles_free(&told->roles);
    ra_buf_free(&told->lines);
}

/* What is told about a text, and no more. */
static inline void assert_told(const char *text, const char *lines)
{
    struct told told = told_load(text);

    assert_string_equal(told.lines.data, lines);
    told_free(&told);
}

/* As assert_told(), by the words alone: "error missing, warning unsalted". */
static inline void assert_told_words(const char *text, const char *words)
{
    struct told told = told_load(text);
    char got[1000] = "";
    const char *line = told.lines.data;

    while (*line != '\0') {
        size_t severity = strcspn(line, " ");
        size_t both = severity + 1 + strcspn(line + severity + 1, " ");
        size_t used = strlen(got);

        (void)snprintf(got + used, sizeof(got) - used, "%s%.*s",
                       used > 0 ? ", " : "", (int)both, line);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    if (strcmp(got, words) != 0)
        fail_msg("%s: \"%s\", expected \"%s\"", text, got, words);
    told_free(&told);
}

#endif

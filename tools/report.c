/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

void put_visible(FILE *file, const char *text)
{
    char *visible = roleauth_visible(text);

    if (visible != NULL)
        (void)fputs(visible, file);
    free(visible);
}

/* FILE:LINE:COLUMN: PATH: as far as each is known. */
static void put_place(FILE *file, const char *name, size_t line, size_t column,
                      const char *path)
{
    if (*name != '\0') {
        put_visible(file, name);
        if (line > 0)
            (void)fprintf(file, ":%zu:%zu", line, column);
        (void)fputs(": ", file);
    }
    if (*path != '\0') {
        put_visible(file, path);
        (void)fputs(": ", file);
    }
}

int fail(const roleauth_error *error)
{
    (void)fputs("roleauth: ", stderr);
    put_place(stderr, error->file, error->line, error->column, error->path);
    (void)fprintf(stderr, "%s\n",
                  error->text[0] != '\0' ? error->text
                                         : roleauth_strerror(error->code));
    switch (error->code) {
    case ROLEAUTH_E_NOMEM:
    case ROLEAUTH_E_INTERNAL:
    case ROLEAUTH_E_BUSY:
        return EXIT_UNAVAILABLE;
    default:
        return EXIT_UNUSABLE;
    }
}

int fail_file(const char *name, const char *why)
{
    (void)fputs("roleauth: ", stderr);
    put_visible(stderr, name);
    (void)fprintf(stderr, ": %s\n", why);
    return EXIT_UNUSABLE;
}

void report_plain(void *data, const roleauth_diagnostic *diagnostic)
{
    struct reporter *reporter = data;
    FILE *file = reporter->file;

    put_place(file, diagnostic->file, diagnostic->line, diagnostic->column,
              diagnostic->path);
    if (diagnostic->severity == ROLEAUTH_SEVERITY_WARNING)
        (void)fputs("warning: ", file);
    else
        reporter->errors++;
    (void)fprintf(file, "%s\n", diagnostic->text);
}

int fail_unless_reported(const struct reporter *reporter,
                         const roleauth_error *error)
{
    return reporter->errors > 0 ? EXIT_UNUSABLE : fail(error);
}

json_t *json_text(const char *text)
{
    json_t *string;
    char *visible;

    if (text == NULL)
        return json_null();
    string = json_string(text);
    if (string != NULL)
        return string;
    visible = roleauth_visible(text);
    string = json_string(visible);
    free(visible);
    return string;
}

int put_json(json_t *object)
{
    char *text = object != NULL
                     ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII)
                     : NULL;

    json_decref(object);
    if (text == NULL) {
        (void)fputs("roleauth: out of memory\n", stderr);
        return EXIT_UNAVAILABLE;
    }
    (void)puts(text);
    free(text);
    return EXIT_YES;
}

int finish(int status)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    (void)fprintf(stderr, "roleauth: standard output: %s\n", strerror(errno));
    return status == EXIT_YES ? EXIT_UNAVAILABLE : status;
}

/* SPDX-License-Identifier: MIT */
/* Where a command's roles come from. */
#include <stdio.h>

#include "tool.h"

bool source_take(struct source *source, int option)
{
    switch (option) {
    case 'f':
        source->file = optarg;
        return true;
    case 'd':
        source->database = optarg;
        return true;
    default:
        return false;
    }
}

int source_check(const struct source *source, const char *command)
{
    if (source->file == NULL && source->database == NULL)
        return usage(command, "-f FILE or -d DB is missing");
    if (source->file != NULL && source->database != NULL)
        return usage(command, "-f FILE and -d DB exclude each other");
    return EXIT_YES;
}

/* What a load tells, while a bar may be on the screen. */
struct telling {
    const roleauth_loading *how;
    struct progress progress;
};

static void tell(void *data, const roleauth_diagnostic *diagnostic)
{
    struct telling *telling = data;

    progress_erase(&telling->progress);
    telling->how->report(telling->how->report_data, diagnostic);
}

static void show(void *data, const char *phase, size_t done, size_t total)
{
    struct telling *telling = data;

    progress_show(&telling->progress, phase, done, total);
}

int load_roles(roleauth_roles **roles, const char *path, load_fn *load,
               const roleauth_loading *how, roleauth_error *error)
{
    struct telling telling = {.how = how};
    roleauth_loading watched = *how;
    int rc;

    watched.report = tell;
    watched.report_data = &telling;
    watched.progress = show;
    watched.progress_data = &telling;
    progress_begin(&telling.progress);
    rc = load(roles, path, &watched, error);
    progress_erase(&telling.progress);
    return rc;
}

static const char *path_of(const struct source *source)
{
    return source->database != NULL ? source->database : source->file;
}

int source_load(const struct source *source, load_fn *load,
                roleauth_roles **roles)
{
    struct reporter reporter = {stderr, 0};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_loading how = ROLEAUTH_LOADING_INIT;

    how.report = report_plain;
    how.report_data = &reporter;
    how.database = source->database != NULL;
    if (load_roles(roles, path_of(source), load, &how, &error) == 0)
        return EXIT_YES;
    return fail_unless_reported(&reporter, &error);
}

int source_fail(const struct source *source, const roleauth_error *error)
{
    roleauth_error named = *error;

    if (error->code == ROLEAUTH_E_INVALID && error->file[0] == '\0')
        (void)snprintf(named.file, sizeof(named.file), "%s", path_of(source));
    return fail(&named);
}

/* SPDX-License-Identifier: MIT */
/* A database file, whatever it says.  The seeds are made by
 * database_seeds.sh. */
#include <fcntl.h>
#include <roleauth.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

struct seen {
    size_t errors;
};

static void look(void *data, const roleauth_diagnostic *diagnostic)
{
    struct seen *seen = data;

    must(diagnostic->file != NULL && diagnostic->text != NULL);
    must(diagnostic->path != NULL && diagnostic->code != NULL);
    must(diagnostic->line == 0 && diagnostic->column == 0);
    seen->errors += diagnostic->severity == ROLEAUTH_SEVERITY_ERROR;
}

/* Writes the file, anew each time: SQLite may have kept journals. */
static void put(const char *path, const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    must(fd >= 0);
    must(write(fd, data, size) == (ssize_t)size);
    must(close(fd) == 0);
}

/* What was loaded can be written as JSON, which loads as many roles. */
static void round_trip(const roleauth_roles *roles)
{
    char name[] = "/tmp/roleauth-fuzz-json-XXXXXX";
    roleauth_roles *again = NULL;
    int fd = mkstemp(name);

    must(fd >= 0);
    if (roleauth_roles_write(roles, fd, NULL) == 0) {
        must(roleauth_roles_inspect(&again, name, NULL, NULL) == 0);
        must(roleauth_roles_count(again) == roleauth_roles_count(roles));
        roleauth_roles_free(&again);
    }
    must(close(fd) == 0);
    must(unlink(name) == 0);
}

static void remove_all(const char *directory)
{
    static const char *const names[] = {"db", "db-wal", "db-shm", "db-journal"};
    char path[128];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        (void)unlink(path);
    }
    must(rmdir(directory) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char directory[] = "/tmp/roleauth-fuzz-XXXXXX", path[64];
    struct seen seen = {0};
    const roleauth_loading how = {look, &seen, NULL, NULL, 1, 1, NULL};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    int code;

    must(mkdtemp(directory) != NULL);
    (void)snprintf(path, sizeof(path), "%s/db", directory);
    put(path, data, size);
    code = roleauth_roles_inspect(&roles, path, &how, &error);
    must((code == 0) == (roles != NULL));
    must(code == error.code);
    must(code != 0 || seen.errors == 0);
    if (code == 0)
        round_trip(roles);
    roleauth_roles_free(&roles);
    remove_all(directory);
    return 0;
}

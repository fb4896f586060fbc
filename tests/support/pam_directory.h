/* SPDX-License-Identifier: MIT */
/* A throw-away directory of PAM services. */
#ifndef TESTS_PAM_DIRECTORY_H
#define TESTS_PAM_DIRECTORY_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Debian's libpam loses some memory at each @include; LeakSanitizer asks this
 * function what to overlook. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpam.so";
}

/* valgrind(1) sees that too, and has its own way with signals and exec. */
static inline bool is_under_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

struct pam_directory {
    char path[256];
};

static inline void pam_directory_make(struct pam_directory *directory)
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(directory->path, sizeof(directory->path),
                   "%s/roleauth.XXXXXX",
                   base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(directory->path));
}

static inline void pam_directory_path(const struct pam_directory *directory,
                                      const char *name, char path[512])
{
    (void)snprintf(path, 512, "%s/%s", directory->path, name);
}

static inline void pam_directory_put(const struct pam_directory *directory,
                                     const char *name, const char *text,
                                     size_t length)
{
    char path[512];
    FILE *file;

    pam_directory_path(directory, name, path);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline void pam_directory_add(const struct pam_directory *directory,
                                     const char *name, const char *text)
{
    pam_directory_put(directory, name, text, strlen(text));
}

/* Removes it, one level deep. */
static inline void pam_directory_drop(const struct pam_directory *directory)
{
    DIR *listing = opendir(directory->path);
    const struct dirent *entry;
    char path[512];

    assert_non_null(listing);
    while ((entry = readdir(listing)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        pam_directory_path(directory, entry->d_name, path);
        if (unlink(path) != 0)
            (void)rmdir(path);
    }
    (void)closedir(listing);
    assert_int_equal(rmdir(directory->path), 0);
}

#endif

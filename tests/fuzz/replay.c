/* SPDX-License-Identifier: MIT */
/* Stands in for libFuzzer in an ordinary test run: gives every file of the
 * directories named on the command line to the fuzz target once. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(int directory, const char *name)
{
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    uint8_t *data = NULL;
    struct stat status;
    size_t size;
    int rc = -1;

    if (fd < 0 || fstat(fd, &status) != 0)
        goto out;
    size = (size_t)status.st_size;
    /* Exactly as long as the seed, so that a sanitizer sees a step beyond. */
    data = malloc(size > 0 ? size : 1);
    if (data == NULL || read(fd, data, size) != (ssize_t)size)
        goto out;
    (void)printf("%s\n", name); /* the last one printed is the culprit */
    (void)fflush(stdout);
    (void)LLVMFuzzerTestOneInput(data, size);
    rc = 0;
out:
    if (rc != 0)
        perror(name);
    free(data);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

/* Returns how many were replayed, or -1. */
static long replay_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    long count = 0;

    if (directory == NULL) {
        perror(path);
        return -1;
    }
    while (count >= 0 && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (replay_file(dirfd(directory), entry->d_name) == 0)
            count++;
        else
            count = -1;
    }
    (void)closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    long total = 0;

    for (int i = 1; i < argc; i++) {
        long count = replay_directory(argv[i]);

        if (count < 0)
            return 1;
        total += count;
    }
    (void)printf("%ld seeds\n", total);
    return total > 0 ? 0 : 1; /* none replayed is nothing tested */
}

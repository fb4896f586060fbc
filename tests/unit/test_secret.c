/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"

/* Stands before libc's for this program, so that the last moment of the
 * memory can be seen. */
static size_t unmapped, not_wiped;

int munmap(void *at, size_t length)
{
    const unsigned char *byte = at;

    unmapped++;
    for (size_t i = 0; i < length; i++)
        not_wiped += byte[i] != 0;
    return (int)syscall(SYS_munmap, at, length);
}

/* Has the mapping that holds an address this flag?  proc(5), VmFlags. */
static int has_flag(const void *address, const char *flag)
{
    FILE *file = fopen("/proc/self/smaps", "re");
    char line[1024], needle[8];
    int inside = 0, found = -1;

    assert_non_null(file);
    (void)snprintf(needle, sizeof(needle), " %s", flag);
    while (found < 0 && fgets(line, sizeof(line), file) != NULL) {
        unsigned long from, to;

        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            inside = (uintptr_t)address >= from && (uintptr_t)address < to;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            found = strstr(line, needle) != NULL;
    }
    (void)fclose(file);
    return found;
}

static void it_is_zeroed_and_aligned(void **state)
{
    static const size_t sizes[] = {0, 1, 512, 4096, 4097, 100000};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *secret = ra_secret_alloc(sizes[i]);

        assert_non_null(secret);
        assert_int_equal((uintptr_t)secret % alignof(max_align_t), 0);
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(secret[j], 0);
        memset(secret, 0xA5, sizes[i]);
        ra_secret_free(secret);
    }
}

static void it_stays_out_of_core_dumps(void **state)
{
    char *secret = ra_secret_alloc(20000);
    int first, last;

    (void)state;
    first = has_flag(secret, "dd");
    last = has_flag(secret + 19999, "dd");
    if (first < 0) {
        ra_secret_free(secret);
        print_message("no VmFlags in /proc/self/smaps here\n");
        skip();
    }
    assert_int_equal(first, 1);
    assert_int_equal(last, 1);
    assert_int_equal(has_flag(secret, "wf"), 1);
    ra_secret_free(secret);
}

static void it_is_wiped_before_it_is_given_back(void **state)
{
    char *secret = ra_secret_alloc(10000);

    (void)state;
    memset(secret, 's', 10000);
    unmapped = not_wiped = 0;
    ra_secret_free(secret);
    assert_int_equal(unmapped, 1);
    assert_int_equal(not_wiped, 0);
}

static void a_child_does_not_inherit_it(void **state)
{
    char *secret = ra_secret_alloc(16);
    int status = -1;
    pid_t child;

    (void)state;
    if (has_flag(secret, "wf") != 1) {
        ra_secret_free(secret);
        print_message("no MADV_WIPEONFORK here\n");
        skip();
    }
    memcpy(secret, "secret", 7);
    child = fork();
    if (child == 0)
        _exit(secret[0] == '\0' ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(secret, "secret");
    ra_secret_free(secret);
}

static void nothing_is_freed_safely(void **state)
{
    (void)state;
    ra_secret_free(NULL);
    assert_null(ra_secret_alloc(SIZE_MAX));
    assert_null(ra_secret_alloc(SIZE_MAX / 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_zeroed_and_aligned),
        cmocka_unit_test(it_stays_out_of_core_dumps),
        cmocka_unit_test(it_is_wiped_before_it_is_given_back),
        cmocka_unit_test(a_child_does_not_inherit_it),
        cmocka_unit_test(nothing_is_freed_safely),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

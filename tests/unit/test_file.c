/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "store/file.h"
#include "store/store.h"
#include "support/scratch.h"

#define PROCESSES 200
#define ROUNDS 20
#define ITEM "item-1.a"

static struct scratch scratch;
static roleauth_store store;
static unsigned char large[ROLEAUTH_STORE_ITEM + 1];

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return ra_file_store_new(&store, scratch_at(&scratch, "records"),
                             scratch_at(&scratch, "state"), NULL);
}

static int tear_down(void **state)
{
    (void)state;
    store.release(store.data);
    scratch_remove(&scratch);
    return 0;
}

static int put(const char *name, const char *text)
{
    return store.write(store.data, ROLEAUTH_AREA_RECORDS, name, text,
                       strlen(text), 0, NULL);
}

/* What the item says, or the code's number. */
static const char *get(const char *name)
{
    static char text[256];
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    size_t length = 42;
    int rc = store.read(store.data, ROLEAUTH_AREA_RECORDS, name, text,
                        sizeof(text) - 1, &length, &error);

    if (rc == 0) {
        text[length] = '\0';
        return text;
    }
    assert_int_equal(error.code, rc == ROLEAUTH_E_NOT_FOUND ? 0 : rc);
    return rc == ROLEAUTH_E_NOT_FOUND   ? "not found"
           : rc == ROLEAUTH_E_UNTRUSTED ? "untrusted"
           : rc == ROLEAUTH_E_LIMIT     ? "limit"
                                        : "io";
}

static void count_name(void *data, const char *name, int64_t expires)
{
    size_t *count = data;

    (void)name;
    (void)expires;
    ++*count;
}

static size_t count_items(roleauth_area area)
{
    size_t count = 0;

    assert_int_equal(store.list(store.data, area, count_name, &count, NULL), 0);
    return count;
}

/* Everything in a directory, temporary files too. */
static size_t count_files(const char *name)
{
    DIR *entries = opendir(scratch_at(&scratch, name));
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(entries);
    while ((entry = readdir(entries)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            count++;
    (void)closedir(entries);
    return count;
}

static void reading_makes_nothing(void **state)
{
    (void)state;
    assert_string_equal(get(ITEM), "not found");
    assert_int_equal(count_items(ROLEAUTH_AREA_RECORDS), 0);
    assert_int_equal(count_items(ROLEAUTH_AREA_STATE), 0);
    assert_int_equal(store.remove(store.data, ROLEAUTH_AREA_STATE, ITEM, NULL),
                     0);
    assert_int_equal(access(scratch_at(&scratch, "records"), F_OK), -1);
    assert_int_equal(access(scratch_at(&scratch, "state"), F_OK), -1);
}

static void items_come_back(void **state)
{
    static const size_t sizes[] = {0, 1, 4096, ROLEAUTH_STORE_ITEM};
    static unsigned char back[sizeof(large)];
    roleauth_area areas[] = {ROLEAUTH_AREA_RECORDS, ROLEAUTH_AREA_STATE};

    (void)state;
    memset(large, 'l', sizeof(large));
    for (size_t i = 0; i < 8; i++) {
        size_t size = sizes[i / 2], length = 42;
        roleauth_area area = areas[i % 2];

        assert_int_equal(
            store.write(store.data, area, ITEM, large, size, 0, NULL), 0);
        assert_int_equal(
            store.read(store.data, area, ITEM, back, size, &length, NULL), 0);
        assert_int_equal(length, size);
        assert_memory_equal(back, large, size);
        if (size > 0)
            assert_int_equal(store.read(store.data, area, ITEM, back, size - 1,
                                        &length, NULL),
                             ROLEAUTH_E_LIMIT);
    }
    assert_int_equal(store.write(store.data, ROLEAUTH_AREA_RECORDS, ITEM, large,
                                 sizeof(large), 0, NULL),
                     ROLEAUTH_E_LIMIT);
    assert_int_equal(count_files("records"), 1);
    assert_int_equal(
        store.remove(store.data, ROLEAUTH_AREA_RECORDS, ITEM, NULL), 0);
    assert_int_equal(
        store.remove(store.data, ROLEAUTH_AREA_RECORDS, ITEM, NULL), 0);
    assert_string_equal(get(ITEM), "not found");
}

static void areas_are_apart(void **state)
{
    (void)state;
    assert_int_equal(
        store.write(store.data, ROLEAUTH_AREA_STATE, ITEM, "x", 1, 0, NULL), 0);
    assert_string_equal(get(ITEM), "not found");
    assert_int_equal(count_items(ROLEAUTH_AREA_STATE), 1);
    assert_int_equal(count_items(ROLEAUTH_AREA_RECORDS), 0);
}

static void names_are_checked(void **state)
{
    static const char *const bad[] = {
        "",    ".",   "..",  ".x",       "../x", "x/y",   "/x",
        "x_y", "x y", "x\n", "\303\251", "lock", ".tmp-0"};
    char name[ROLEAUTH_STORE_NAME + 2];
    size_t length;
    char byte;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(put(bad[i], "x"), ROLEAUTH_E_ARGUMENT);
        assert_int_equal(
            store.create(store.data, ROLEAUTH_AREA_STATE, bad[i], "x", 1, NULL),
            ROLEAUTH_E_ARGUMENT);
        assert_int_equal(store.read(store.data, ROLEAUTH_AREA_STATE, bad[i],
                                    &byte, 1, &length, NULL),
                         ROLEAUTH_E_ARGUMENT);
        assert_int_equal(
            store.remove(store.data, ROLEAUTH_AREA_STATE, bad[i], NULL),
            ROLEAUTH_E_ARGUMENT);
    }
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(put(name, "x"), ROLEAUTH_E_ARGUMENT);
    name[ROLEAUTH_STORE_NAME] = '\0';
    assert_int_equal(put(name, "x"), 0);
    assert_string_equal(get(name), "x");
}

static void files_are_private_whatever_the_umask(void **state)
{
    static const mode_t masks[] = {0, 022, 0777};

    (void)state;
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        mode_t before = umask(masks[i]);
        struct stat st;

        assert_int_equal(put(ITEM, "x"), 0);
        assert_int_equal(store.lock(store.data, NULL), 0);
        store.unlock(store.data);
        (void)umask(before);
        assert_int_equal(stat(scratch_at(&scratch, "records/" ITEM), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(stat(scratch_at(&scratch, "state/lock"), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_string_equal(get(ITEM), "x");
        scratch_remove(&scratch);
        assert_int_equal(mkdir(scratch.path, 0700), 0);
    }
}

static void other_modes_are_refused(void **state)
{
    static const mode_t modes[] = {0644, 0640, 0602, 0660, 0700,
                                   0400, 0200, 0000, 04600};

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_int_equal(put(ITEM, "x"), 0);
        assert_int_equal(chmod(scratch_at(&scratch, "records/" ITEM), modes[i]),
                         0);
        assert_string_not_equal(get(ITEM), "x");
        if (geteuid() == 0)
            assert_string_equal(get(ITEM), "untrusted");
    }
}

static void odd_files_are_refused_and_replaced(void **state)
{
    const char *path;

    (void)state;
    (void)alarm(20);
    assert_int_equal(put("other", "other"), 0);
    for (int i = 0; i < 5; i++) {
        path = scratch_at(&scratch, "records/" ITEM);
        (void)unlink(path);
        if (i == 0)
            assert_int_equal(symlink("other", path), 0);
        else if (i == 1)
            assert_int_equal(mkfifo(path, 0600), 0);
        else if (i == 2)
            assert_int_equal(link(scratch_at(&scratch, "records/other"), path),
                             0);
        else if (i == 3)
            assert_int_equal(mknod(path, S_IFSOCK | 0600, 0), 0);
        else
            assert_int_equal(symlink("/dev/zero", path), 0);
        assert_string_equal(get(ITEM), "untrusted");
        assert_int_equal(put(ITEM, "x"), 0);
        assert_string_equal(get(ITEM), "x");
        assert_string_equal(get("other"), "other");
    }
    (void)alarm(0);
}

static void directory_in_the_place_of_an_item(void **state)
{
    (void)state;
    assert_int_equal(put("other", "other"), 0);
    scratch_mkdir(&scratch, "records/" ITEM, 0700);
    assert_string_equal(get(ITEM), "untrusted");
    assert_int_equal(put(ITEM, "x"), ROLEAUTH_E_IO);
    assert_int_equal(count_files("records"), 2);
    assert_int_equal(
        store.remove(store.data, ROLEAUTH_AREA_RECORDS, ITEM, NULL),
        ROLEAUTH_E_IO);
    assert_string_equal(get("other"), "other");
}

static void strangers_file_is_refused(void **state)
{
    (void)state;
    scratch_need_root();
    assert_int_equal(put(ITEM, "x"), 0);
    assert_int_equal(
        chown(scratch_at(&scratch, "records/" ITEM), SCRATCH_STRANGER, 0), 0);
    assert_string_equal(get(ITEM), "untrusted");
}

/* Each operation refuses. */
static void assert_refused(void)
{
    size_t count = 0;

    assert_string_equal(get(ITEM), "untrusted");
    assert_int_equal(put(ITEM, "y"), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(
        store.create(store.data, ROLEAUTH_AREA_RECORDS, "new", "x", 1, NULL),
        ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(
        store.remove(store.data, ROLEAUTH_AREA_RECORDS, ITEM, NULL),
        ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(
        store.list(store.data, ROLEAUTH_AREA_RECORDS, count_name, &count, NULL),
        ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(count, 0);
}

static void directory_is_checked_each_time(void **state)
{
    (void)state;
    assert_int_equal(put(ITEM, "x"), 0);
    assert_int_equal(chmod(scratch_at(&scratch, "records"), 0750), 0);
    assert_refused();
    assert_int_equal(chmod(scratch_at(&scratch, "records"), 0722), 0);
    assert_refused();
    assert_int_equal(chmod(scratch_at(&scratch, "records"), 0700), 0);
    assert_string_equal(get(ITEM), "x");
    /* Others can replace it. */
    assert_int_equal(chmod(scratch.path, 0777), 0);
    assert_refused();
    assert_int_equal(store.lock(store.data, NULL), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(chmod(scratch.path, 0700), 0);
    assert_string_equal(get(ITEM), "x");
}

static void replaced_directory_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(put(ITEM, "x"), 0);
    assert_int_equal(
        rename(scratch_at(&scratch, "records"), scratch_at(&scratch, "away")),
        0);
    assert_string_equal(get(ITEM), "not found");
    scratch_mkdir(&scratch, "records", 0755);
    scratch_write(&scratch, "records/" ITEM, "forged", 6, 0600);
    assert_refused();
    if (geteuid() == 0) {
        assert_int_equal(chmod(scratch_at(&scratch, "records"), 0700), 0);
        assert_int_equal(
            chown(scratch_at(&scratch, "records"), SCRATCH_STRANGER, 0), 0);
        assert_refused();
    }
}

static void tell_expiry(void *data, const char *name, int64_t expires)
{
    int64_t *sum = data;

    assert_string_equal(name, ITEM);
    *sum += expires + 1;
}

static void expiry_is_kept(void **state)
{
    static const int64_t moments[] = {0, 1, 1780315200, 4102444800};

    (void)state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        int64_t sum = 0;

        assert_int_equal(store.write(store.data, ROLEAUTH_AREA_RECORDS, ITEM,
                                     "x", 1, moments[i], NULL),
                         0);
        assert_int_equal(store.list(store.data, ROLEAUTH_AREA_RECORDS,
                                    tell_expiry, &sum, NULL),
                         0);
        assert_int_equal(sum, moments[i] + 1);
    }
}

static void remove_it(void *data, const char *name, int64_t expires)
{
    (void)data;
    (void)expires;
    assert_int_equal(
        store.remove(store.data, ROLEAUTH_AREA_RECORDS, name, NULL), 0);
}

static void list_may_remove(void **state)
{
    char name[32];

    (void)state;
    for (int i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof(name), "item-%d", i);
        assert_int_equal(put(name, "x"), 0);
    }
    assert_int_equal(count_items(ROLEAUTH_AREA_RECORDS), 300);
    assert_int_equal(
        store.list(store.data, ROLEAUTH_AREA_RECORDS, remove_it, NULL, NULL),
        0);
    assert_int_equal(count_items(ROLEAUTH_AREA_RECORDS), 0);
}

static void create_does_not_replace(void **state)
{
    (void)state;
    assert_int_equal(
        store.create(store.data, ROLEAUTH_AREA_RECORDS, ITEM, "first", 5, NULL),
        0);
    assert_int_equal(store.create(store.data, ROLEAUTH_AREA_RECORDS, ITEM,
                                  "second", 6, NULL),
                     0);
    assert_string_equal(get(ITEM), "first");
    assert_int_equal(count_files("records"), 1);
    /* Nor a link that leads nowhere. */
    assert_int_equal(
        symlink("absent", scratch_at(&scratch, "records/dangling")), 0);
    assert_int_equal(store.create(store.data, ROLEAUTH_AREA_RECORDS, "dangling",
                                  "x", 1, NULL),
                     0);
    assert_string_equal(get("dangling"), "untrusted");
    assert_int_equal(access(scratch_at(&scratch, "records/absent"), F_OK), -1);
}

/* Runs test in a process of its own, which exits with what it returns. */
static void in_child(int (*test)(void))
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(test());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("skipped: not allowed to here\n");
        skip();
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* renameat2(2) fails, as on a file system that has no RENAME_NOREPLACE. */
static int without_noreplace(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_renameat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    struct stat st;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 77;
    for (int i = 0; i < 2; i++)
        if (store.create(store.data, ROLEAUTH_AREA_RECORDS, ITEM,
                         i == 0 ? "first" : "second", 5, NULL) != 0 ||
            strcmp(get(ITEM), "first") != 0)
            return 1;
    if (stat(scratch_at(&scratch, "records/" ITEM), &st) != 0)
        return 2;
    return st.st_nlink == 1 ? 0 : 3;
}

static void create_works_without_noreplace(void **state)
{
    (void)state;
    in_child(without_noreplace);
    assert_int_equal(count_files("records"), 1);
}

/* A disk that is full keeps the old item, and no temporary file. */
static int on_a_full_disk(void)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    memset(large, 'l', sizeof(large));
    if (put(ITEM, "old") != 0)
        return 1;
    if (store.write(store.data, ROLEAUTH_AREA_RECORDS, ITEM, large, 100000, 0,
                    &error) != ROLEAUTH_E_IO ||
        strstr(error.text, "No space") == NULL)
        return 2;
    if (strcmp(get(ITEM), "old") != 0)
        return 3;
    return count_files("records") == 1 ? 0 : 4;
}

static int with_a_full_disk(void)
{
    return scratch_on_small_disk(&scratch, "records", on_a_full_disk);
}

static void full_disk_keeps_the_old_item(void **state)
{
    (void)state;
    scratch_need_root();
    scratch_mkdir(&scratch, "records", 0700);
    in_child(with_a_full_disk);
}

static void abandoned_files_are_removed(void **state)
{
    struct stat st;
    int fd;

    (void)state;
    assert_int_equal(put(ITEM, "x"), 0);
    scratch_write(&scratch, "records/.tmp-1", "x", 1, 0600);
    scratch_write(&scratch, "records/.other", "x", 1, 0600);
    assert_int_equal(put(ITEM, "x"), 0);
    assert_int_equal(count_files("records"), 3);
    assert_int_equal(stat(scratch_at(&scratch, "records/.tmp-1"), &st), 0);
    fd = open(scratch_at(&scratch, "records"), O_RDONLY | O_DIRECTORY);
    ra_file_clean(fd, st.st_ctime + RA_FILE_ABANDONED);
    ra_file_clean(fd, st.st_ctime - RA_FILE_ABANDONED);
    assert_int_equal(count_files("records"), 3);
    ra_file_clean(fd, st.st_ctime + RA_FILE_ABANDONED + 1);
    assert_int_equal(count_files("records"), 2);
    scratch_write(&scratch, "records/.tmp-1", "x", 1, 0600);
    assert_int_equal(stat(scratch_at(&scratch, "records/.tmp-1"), &st), 0);
    ra_file_clean(fd, st.st_ctime - RA_FILE_ABANDONED - 1);
    assert_int_equal(count_files("records"), 2);
    assert_string_equal(get(ITEM), "x");
    (void)close(fd);
}

/* An item is one letter, as often as the letter says. */
static int is_whole(const char *bytes, size_t length)
{
    if (length == 0 || length != (size_t)(unsigned char)bytes[0] * 32)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (bytes[i] != bytes[0])
            return 0;
    return 1;
}

static int read_and_write(unsigned char letter)
{
    char bytes[256 * 32];
    size_t length;

    for (int i = 0; i < ROUNDS; i++) {
        int rc;

        memset(bytes, letter, sizeof(bytes));
        if (store.write(store.data, ROLEAUTH_AREA_RECORDS, ITEM, bytes,
                        (size_t)letter * 32, 0, NULL) != 0)
            return 1;
        rc = store.read(store.data, ROLEAUTH_AREA_RECORDS, ITEM, bytes,
                        sizeof(bytes), &length, NULL);
        if (rc != 0 || !is_whole(bytes, length))
            return 2;
    }
    return 0;
}

/* Many at once, and some die at any moment: whoever reads sees one whole
 * item. */
static void many_processes_and_some_die(void **state)
{
    pid_t pids[PROCESSES];
    size_t killed = 0, failed = 0, length;
    char bytes[256 * 32];

    (void)state;
    memset(bytes, 1, sizeof(bytes));
    assert_int_equal(store.write(store.data, ROLEAUTH_AREA_RECORDS, ITEM, bytes,
                                 32, 0, NULL),
                     0);
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            _exit(read_and_write((unsigned char)(i + 1)));
        if (i % 3 == 2)
            (void)kill(pids[i - (i * 7) % 3], SIGKILL);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;

        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        if (WIFSIGNALED(status))
            killed++;
        else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            failed++;
    }
    assert_int_equal(failed, 0);
    assert_true(killed > 0);
    assert_int_equal(store.read(store.data, ROLEAUTH_AREA_RECORDS, ITEM, bytes,
                                sizeof(bytes), &length, NULL),
                     0);
    assert_true(is_whole(bytes, length));
    assert_int_equal(count_items(ROLEAUTH_AREA_RECORDS), 1);
    assert_true(count_files("records") <= 1 + killed);
}

/* Adds one, so slowly that others would come in between. */
static int count_up(int rounds)
{
    for (int i = 0; i < rounds; i++) {
        char text[32] = "";
        size_t length = 0;
        long value;

        if (store.lock(store.data, NULL) != 0)
            return 1;
        (void)store.read(store.data, ROLEAUTH_AREA_STATE, "counter", text,
                         sizeof(text) - 1, &length, NULL);
        value = strtol(text, NULL, 10);
        (void)sched_yield();
        (void)snprintf(text, sizeof(text), "%ld", value + 1);
        if (store.write(store.data, ROLEAUTH_AREA_STATE, "counter", text,
                        strlen(text), 0, NULL) != 0)
            return 2;
        store.unlock(store.data);
    }
    return 0;
}

static void *count_in_thread(void *data)
{
    int *failed = data;

    *failed = count_up(10);
    return NULL;
}

static void lock_keeps_others_out(void **state)
{
    pthread_t threads[4];
    int failed[4];
    pid_t pids[6];
    char text[32] = "";
    size_t length;

    (void)state;
    for (int i = 0; i < 6; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            _exit(count_up(10));
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, count_in_thread, &failed[i]), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(failed[i], 0);
    }
    for (int i = 0; i < 6; i++) {
        int status;

        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(store.read(store.data, ROLEAUTH_AREA_STATE, "counter",
                                text, sizeof(text) - 1, &length, NULL),
                     0);
    assert_string_equal(text, "100");
    assert_int_equal(count_items(ROLEAUTH_AREA_STATE), 1);
}

/* One that was stopped while it held the lock. */
static void lock_is_not_waited_for_for_ever(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int pipes[2];
    char byte;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(pipes[0]);
        (void)alarm(60); /* should the test fail meanwhile */
        if (store.lock(store.data, NULL) == 0 && write(pipes[1], "x", 1) == 1)
            (void)pause();
        _exit(1);
    }
    (void)close(pipes[1]);
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    (void)close(pipes[0]);
    assert_int_equal(store.lock(store.data, &error), ROLEAUTH_E_IN_USE);
    assert_non_null(strstr(error.text, "lock"));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(store.lock(store.data, NULL), 0);
    store.unlock(store.data);
}

static void odd_lock_is_refused(void **state)
{
    (void)state;
    scratch_mkdir(&scratch, "state", 0700);
    scratch_write(&scratch, "target", "", 0, 0600);
    assert_int_equal(symlink("../target", scratch_at(&scratch, "state/lock")),
                     0);
    assert_true(store.lock(store.data, NULL) < 0);
    assert_int_equal(unlink(scratch_at(&scratch, "state/lock")), 0);
    assert_int_equal(mkfifo(scratch_at(&scratch, "state/lock"), 0600), 0);
    assert_int_equal(store.lock(store.data, NULL), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(unlink(scratch_at(&scratch, "state/lock")), 0);
    assert_int_equal(store.lock(store.data, NULL), 0);
    store.unlock(store.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reading_makes_nothing),
        TEST(items_come_back),
        TEST(areas_are_apart),
        TEST(names_are_checked),
        TEST(files_are_private_whatever_the_umask),
        TEST(other_modes_are_refused),
        TEST(odd_files_are_refused_and_replaced),
        TEST(directory_in_the_place_of_an_item),
        TEST(strangers_file_is_refused),
        TEST(directory_is_checked_each_time),
        TEST(replaced_directory_is_noticed),
        TEST(expiry_is_kept),
        TEST(list_may_remove),
        TEST(create_does_not_replace),
        TEST(create_works_without_noreplace),
        TEST(full_disk_keeps_the_old_item),
        TEST(abandoned_files_are_removed),
        TEST(many_processes_and_some_die),
        TEST(lock_keeps_others_out),
        TEST(lock_is_not_waited_for_for_ever),
        TEST(odd_lock_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

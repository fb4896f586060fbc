/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/trust.h"
#include "support/scratch.h"

static struct scratch scratch;

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

/* 1 trusted, 0 not, negative: the code; says why in error. */
static int finding(const char *path, roleauth_error *error)
{
    int fd = 42, trusted = 42;
    int rc;

    roleauth_error_clear(error);
    rc = ra_trust_open_file(path, &fd, &trusted, error);
    if (rc != 0) {
        assert_int_equal(rc, ROLEAUTH_E_IO);
        assert_int_equal(error->code, rc);
        assert_string_not_equal(error->text, "");
        assert_int_equal(fd, -1);
        assert_int_equal(trusted, 0);
        return rc;
    }
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    (void)close(fd);
    assert_int_equal(error->code,
                     trusted == 1 ? ROLEAUTH_OK : ROLEAUTH_E_UNTRUSTED);
    return trusted;
}

static int find_at(const char *name, roleauth_error *error)
{
    return finding(scratch_at(&scratch, name), error);
}

static void own_file_is_trusted(void **state)
{
    roleauth_error error;

    (void)state;
    scratch_write(&scratch, "file", "x", 1, 0644);
    assert_int_equal(find_at("file", &error), 1);
    scratch_write(&scratch, "file", "x", 1, 0400);
    assert_int_equal(find_at("file", &error), 1);
    assert_int_equal(finding("/etc/passwd", &error), 1);
}

static void writable_file_is_not(void **state)
{
    static const mode_t modes[] = {0664, 0646, 0622, 0666};
    roleauth_error error;

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        scratch_write(&scratch, "file", "x", 1, modes[i]);
        assert_int_equal(find_at("file", &error), 0);
        assert_non_null(strstr(error.text, "chmod go-w"));
        assert_non_null(strstr(error.text, "/file"));
    }
}

static void writable_directory_taints(void **state)
{
    roleauth_error error;

    (void)state;
    scratch_mkdir(&scratch, "open", 0777);
    scratch_mkdir(&scratch, "open/closed", 0700);
    scratch_write(&scratch, "open/file", "x", 1, 0600);
    scratch_write(&scratch, "open/closed/file", "x", 1, 0600);
    assert_int_equal(find_at("open/file", &error), 0);
    assert_non_null(strstr(error.text, "/open"));
    assert_int_equal(find_at("open/closed/file", &error), 0);
    assert_int_equal(chmod(scratch_at(&scratch, "open"), 0770), 0);
    assert_int_equal(find_at("open/closed/file", &error), 0);
    assert_int_equal(chmod(scratch_at(&scratch, "open"), 0755), 0);
    assert_int_equal(find_at("open/closed/file", &error), 1);
}

static void link_is_followed_by_hand(void **state)
{
    roleauth_error error;

    (void)state;
    scratch_mkdir(&scratch, "open", 0777);
    scratch_mkdir(&scratch, "closed", 0700);
    scratch_write(&scratch, "closed/file", "x", 1, 0600);
    scratch_write(&scratch, "open/file", "x", 1, 0600);
    /* Where a link leads to counts, and where it lies. */
    assert_int_equal(symlink("closed/file", scratch_at(&scratch, "a")), 0);
    assert_int_equal(symlink("open/file", scratch_at(&scratch, "b")), 0);
    assert_int_equal(
        symlink(scratch_at(&scratch, "closed"), scratch_at(&scratch, "open/c")),
        0);
    assert_int_equal(symlink("../closed/", scratch_at(&scratch, "closed/d")),
                     0);
    assert_int_equal(find_at("a", &error), 1);
    assert_int_equal(find_at("b", &error), 0);
    assert_int_equal(find_at("open/c/file", &error), 0);
    assert_int_equal(find_at("closed/d/d/./d//file", &error), 1);
    assert_int_equal(find_at("closed/../open/../closed/file", &error), 0);
    assert_int_equal(find_at("closed/../closed/file", &error), 1);
}

static void links_are_counted(void **state)
{
    roleauth_error error;
    char from[16], to[16];

    (void)state;
    scratch_write(&scratch, "0", "x", 1, 0600);
    for (int i = 1; i <= 41; i++) {
        (void)snprintf(from, sizeof(from), "%d", i);
        (void)snprintf(to, sizeof(to), "%d", i - 1);
        assert_int_equal(symlink(to, scratch_at(&scratch, from)), 0);
    }
    assert_int_equal(find_at("40", &error), 1);
    assert_int_equal(find_at("41", &error), ROLEAUTH_E_IO);
    assert_int_equal(symlink("loop", scratch_at(&scratch, "loop")), 0);
    assert_int_equal(find_at("loop", &error), ROLEAUTH_E_IO);
    assert_int_equal(find_at("loop/file", &error), ROLEAUTH_E_IO);
}

static void strangers_are_noticed(void **state)
{
    roleauth_error error;

    (void)state;
    scratch_need_root();
    scratch_write(&scratch, "file", "x", 1, 0600);
    assert_int_equal(chown(scratch_at(&scratch, "file"), SCRATCH_STRANGER, 0),
                     0);
    assert_int_equal(find_at("file", &error), 0);
    assert_non_null(strstr(error.text, "54321"));
    scratch_mkdir(&scratch, "dir", 0755);
    scratch_write(&scratch, "dir/file", "x", 1, 0600);
    assert_int_equal(find_at("dir/file", &error), 1);
    assert_int_equal(chown(scratch_at(&scratch, "dir"), SCRATCH_STRANGER, 0),
                     0);
    assert_int_equal(find_at("dir/file", &error), 0);
}

/* In /tmp everybody can make a name, and nobody can take another's. */
static void sticky_directory_needs_an_owner(void **state)
{
    roleauth_error error;

    (void)state;
    scratch_need_root();
    scratch_mkdir(&scratch, "tmp", 01777);
    scratch_mkdir(&scratch, "tmp/dir", 0755);
    scratch_write(&scratch, "tmp/file", "x", 1, 0600);
    scratch_write(&scratch, "tmp/dir/file", "x", 1, 0600);
    assert_int_equal(symlink("dir", scratch_at(&scratch, "tmp/link")), 0);
    assert_int_equal(find_at("tmp/file", &error), 1);
    assert_int_equal(find_at("tmp/link/file", &error), 1);
    assert_int_equal(lchown(scratch_at(&scratch, "tmp/link"), SCRATCH_STRANGER,
                            SCRATCH_STRANGER),
                     0);
    assert_int_equal(find_at("tmp/link/file", &error), 0);
    assert_int_equal(find_at("tmp/dir/file", &error), 1);
    /* Only root's sticky directory counts. */
    assert_int_equal(chown(scratch_at(&scratch, "tmp"), SCRATCH_STRANGER, 0),
                     0);
    assert_int_equal(chmod(scratch_at(&scratch, "tmp"), 01777), 0);
    assert_int_equal(find_at("tmp/dir/file", &error), 0);
}

/* Only root's: whoever owns a sticky directory can rename in it. */
static void own_sticky_directory_does_not_count(void **state)
{
    roleauth_error error;

    (void)state;
    if (geteuid() == 0) {
        print_message("skipped: root's own counts\n");
        skip();
    }
    scratch_mkdir(&scratch, "tmp", 01777);
    scratch_write(&scratch, "tmp/file", "x", 1, 0600);
    assert_int_equal(find_at("tmp/file", &error), 0);
}

static void relative_path_is_checked_from_the_root(void **state)
{
    roleauth_error error;
    int back = open(".", O_RDONLY | O_DIRECTORY);

    (void)state;
    assert_true(back >= 0);
    scratch_mkdir(&scratch, "dir", 0755);
    scratch_write(&scratch, "dir/file", "x", 1, 0600);
    assert_int_equal(chdir(scratch_at(&scratch, "dir")), 0);
    assert_int_equal(finding("file", &error), 1);
    assert_int_equal(finding("./../dir/file", &error), 1);
    assert_int_equal(chmod(scratch.path, 0777), 0);
    assert_int_equal(finding("file", &error), 0);
    assert_int_equal(chmod(scratch.path, 0700), 0);
    /* From a directory that is gone, nothing is reached. */
    assert_int_equal(unlink("file"), 0);
    assert_int_equal(rmdir(scratch_at(&scratch, "dir")), 0);
    assert_int_equal(finding("file", &error), ROLEAUTH_E_IO);
    assert_int_equal(fchdir(back), 0);
    (void)close(back);
}

static void only_regular_files_open(void **state)
{
    roleauth_error error;

    (void)state;
    (void)alarm(20);
    assert_int_equal(mkfifo(scratch_at(&scratch, "fifo"), 0600), 0);
    assert_int_equal(mknod(scratch_at(&scratch, "socket"), S_IFSOCK | 0600, 0),
                     0);
    scratch_mkdir(&scratch, "dir", 0700);
    scratch_write(&scratch, "file", "x", 1, 0600);
    assert_int_equal(find_at("fifo", &error), ROLEAUTH_E_IO);
    assert_int_equal(find_at("socket", &error), ROLEAUTH_E_IO);
    assert_int_equal(find_at("dir", &error), ROLEAUTH_E_IO);
    assert_int_equal(find_at("absent", &error), ROLEAUTH_E_IO);
    assert_int_equal(find_at("absent/file", &error), ROLEAUTH_E_IO);
    assert_int_equal(find_at("file/file", &error), ROLEAUTH_E_IO);
    assert_int_equal(find_at("file/..", &error), ROLEAUTH_E_IO);
    assert_int_equal(finding("", &error), ROLEAUTH_E_IO);
    assert_int_equal(finding("/", &error), ROLEAUTH_E_IO);
    assert_int_equal(finding("/dev/null", &error), ROLEAUTH_E_IO);
    (void)alarm(0);
}

static void long_paths_fail(void **state)
{
    static char path[3 * PATH_MAX];
    roleauth_error error;

    (void)state;
    memset(path, '/', sizeof(path) - 1);
    assert_int_equal(finding(path, &error), ROLEAUTH_E_IO);
    memset(path + 1, 'a', PATH_MAX / 2);
    path[PATH_MAX / 2] = '\0';
    assert_int_equal(finding(path, &error), ROLEAUTH_E_IO);
    for (size_t length = PATH_MAX - 10; length < PATH_MAX + 10; length++) {
        memset(path, '/', length);
        (void)snprintf(path + length, sizeof(path) - length, "etc/passwd");
        assert_int_equal(finding(path, &error),
                         length + 10 < PATH_MAX ? 1 : ROLEAUTH_E_IO);
        assert_int_equal(finding(path + 1, &error),
                         length + 9 < PATH_MAX ? 1 : ROLEAUTH_E_IO);
    }
}

static int private(const char *name, int make, roleauth_error *error)
{
    const char *path = scratch_at(&scratch, name);
    struct stat st;
    int fd = 42;
    int rc;

    roleauth_error_clear(error);
    rc = make ? ra_trust_make_private_dir(path, &fd, error)
              : ra_trust_open_private_dir(path, &fd, error);
    if (rc != 0) {
        assert_int_equal(fd, -1);
        assert_int_equal(error->code, rc == ROLEAUTH_E_NOT_FOUND ? 0 : rc);
        return rc;
    }
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & (S_IFMT | 0777), S_IFDIR | 0700);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    (void)close(fd);
    return 0;
}

static void private_directory_is_made(void **state)
{
    static const mode_t masks[] = {0, 022, 077, 0277, 0777};
    roleauth_error error;

    (void)state;
    assert_int_equal(private("dir", 0, &error), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(private("absent/dir", 0, &error), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(private("absent/dir", 1, &error), ROLEAUTH_E_IO);
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        mode_t before = umask(masks[i]);

        assert_int_equal(private("dir", 1, &error), 0);
        (void)umask(before);
        assert_int_equal(private("dir/", 0, &error), 0);
        assert_int_equal(private("dir/.", 1, &error), 0);
        assert_int_equal(rmdir(scratch_at(&scratch, "dir")), 0);
    }
}

static void private_directory_must_be_private(void **state)
{
    static const mode_t modes[] = {0755, 0750, 0701, 0770, 0500, 0000, 01777};
    roleauth_error error;

    (void)state;
    scratch_mkdir(&scratch, "dir", 0700);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_int_equal(chmod(scratch_at(&scratch, "dir"), modes[i]), 0);
        assert_int_equal(private("dir", 0, &error), ROLEAUTH_E_UNTRUSTED);
        assert_int_equal(private("dir", 1, &error), ROLEAUTH_E_UNTRUSTED);
        assert_non_null(strstr(error.text, "chmod 0700"));
    }
    assert_int_equal(chmod(scratch_at(&scratch, "dir"), 0700), 0);
    assert_int_equal(private("dir", 0, &error), 0);
    scratch_write(&scratch, "file", "x", 1, 0700);
    assert_int_equal(private("file", 1, &error), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(private("file/dir", 1, &error), ROLEAUTH_E_IO);
    assert_int_equal(symlink("dir", scratch_at(&scratch, "link")), 0);
    assert_int_equal(private("link", 0, &error), 0);
    assert_int_equal(symlink("absent", scratch_at(&scratch, "dangling")), 0);
    assert_int_equal(private("dangling", 0, &error), ROLEAUTH_E_NOT_FOUND);
}

static void private_directory_needs_a_private_way(void **state)
{
    roleauth_error error;

    (void)state;
    scratch_mkdir(&scratch, "open", 0777);
    scratch_mkdir(&scratch, "open/dir", 0700);
    assert_int_equal(private("open/dir", 0, &error), ROLEAUTH_E_UNTRUSTED);
    assert_non_null(strstr(error.text, "chmod go-w"));
    assert_int_equal(private("open/other", 1, &error), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(access(scratch_at(&scratch, "open/other"), F_OK), -1);
    assert_int_equal(private("open/absent", 0, &error), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(
        symlink(scratch_at(&scratch, "open/dir"), scratch_at(&scratch, "link")),
        0);
    assert_int_equal(private("link", 0, &error), ROLEAUTH_E_UNTRUSTED);
}

static void private_directory_needs_its_owner(void **state)
{
    roleauth_error error;

    (void)state;
    scratch_need_root();
    scratch_mkdir(&scratch, "dir", 0700);
    assert_int_equal(chown(scratch_at(&scratch, "dir"), SCRATCH_STRANGER, 0),
                     0);
    assert_int_equal(private("dir", 0, &error), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(private("dir", 1, &error), ROLEAUTH_E_UNTRUSTED);
    /* One that a stranger has put where we would make ours. */
    scratch_mkdir(&scratch, "tmp", 01777);
    scratch_mkdir(&scratch, "tmp/dir", 0700);
    assert_int_equal(private("tmp/dir", 1, &error), 0);
    assert_int_equal(
        chown(scratch_at(&scratch, "tmp/dir"), SCRATCH_STRANGER, 0), 0);
    assert_int_equal(private("tmp/dir", 1, &error), ROLEAUTH_E_UNTRUSTED);
}

static void private_directory_can_be_the_root(void **state)
{
    int fd = 42;

    (void)state;
    assert_int_equal(ra_trust_open_private_dir("/", &fd, NULL),
                     ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(fd, -1);
    assert_int_equal(ra_trust_make_private_dir("", &fd, NULL), ROLEAUTH_E_IO);
}

/* The directory of a file to be written: a descriptor that is closed again,
 * and what the file is called in it. */
static int parent(const char *path, const char *name, roleauth_error *error)
{
    const char *found = NULL;
    struct stat st;
    int fd = 42;
    int rc;

    roleauth_error_clear(error);
    rc = ra_trust_open_parent(path, &fd, &found, error);
    assert_int_equal(error->code, rc);
    if (rc != 0) {
        assert_int_equal(fd, -1);
        return rc;
    }
    assert_string_equal(found, name);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fstat(fd, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(fsync(fd), 0);
    (void)close(fd);
    return 0;
}

static int parent_at(const char *path, roleauth_error *error)
{
    return parent(scratch_at(&scratch, path), "file", error);
}

static void parent_of_a_file_to_be_written(void **state)
{
    roleauth_error error;
    char cwd[PATH_MAX];

    (void)state;
    scratch_mkdir(&scratch, "dir", 0755);
    assert_int_equal(symlink("dir", scratch_at(&scratch, "link")), 0);
    assert_int_equal(parent_at("file", &error), 0);
    assert_int_equal(parent_at("dir/file", &error), 0);
    assert_int_equal(parent_at("dir///file", &error), 0);
    assert_int_equal(parent_at("dir/../file", &error), 0);
    assert_int_equal(parent_at("link/file", &error), 0);
    /* Whatever is there is not followed. */
    assert_int_equal(symlink("/nowhere/x", scratch_at(&scratch, "dir/file")),
                     0);
    assert_int_equal(parent_at("dir/file", &error), 0);
    assert_int_equal(parent_at("absent/file", &error), ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "absent: No such file"));
    scratch_write(&scratch, "plain", "x", 1, 0600);
    assert_int_equal(parent_at("plain/file", &error), ROLEAUTH_E_IO);
    assert_int_equal(parent("/file", "file", &error), 0);
    assert_non_null(getcwd(cwd, sizeof(cwd)));
    assert_int_equal(chdir(scratch.path), 0);
    assert_int_equal(parent("file", "file", &error), 0);
    assert_int_equal(parent("dir/file", "file", &error), 0);
    assert_int_equal(parent("./file", "file", &error), 0);
    assert_int_equal(chdir(cwd), 0);
}

static void parent_of_no_file(void **state)
{
    static const char *const ends[] = {"dir/", "dir/.", "dir/..", ".", ".."};
    char path[2 * PATH_MAX];
    roleauth_error error;

    (void)state;
    scratch_mkdir(&scratch, "dir", 0700);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        assert_int_equal(parent_at(ends[i], &error), ROLEAUTH_E_IO);
        assert_non_null(strstr(error.text, "Is a directory"));
    }
    assert_int_equal(parent("", "", &error), ROLEAUTH_E_IO);
    assert_int_equal(parent("/", "", &error), ROLEAUTH_E_IO);
    memset(path, '/', sizeof(path));
    path[sizeof(path) - 2] = 'x';
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(parent(path, "", &error), ROLEAUTH_E_IO);
}

static void parent_that_others_can_write(void **state)
{
    roleauth_error error;

    (void)state;
    scratch_mkdir(&scratch, "open", 0777);
    scratch_mkdir(&scratch, "open/dir", 0700);
    scratch_mkdir(&scratch, "group", 0770);
    assert_int_equal(symlink("open", scratch_at(&scratch, "link")), 0);
    assert_int_equal(parent_at("open/file", &error), ROLEAUTH_E_UNTRUSTED);
    assert_non_null(strstr(error.text, "chmod go-w"));
    assert_non_null(strstr(error.text, "/open"));
    assert_int_equal(parent_at("open/dir/file", &error), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(parent_at("open/absent/file", &error),
                     ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(parent_at("group/file", &error), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(parent_at("link/file", &error), ROLEAUTH_E_UNTRUSTED);
    if (geteuid() != 0)
        return;
    /* As in /tmp, what is made there stays. */
    scratch_mkdir(&scratch, "tmp", 01777);
    assert_int_equal(parent_at("tmp/file", &error), 0);
    assert_int_equal(
        chown(scratch_at(&scratch, "tmp"), SCRATCH_STRANGER, (gid_t)-1), 0);
    assert_int_equal(parent_at("tmp/file", &error), ROLEAUTH_E_UNTRUSTED);
    scratch_mkdir(&scratch, "theirs", 0755);
    assert_int_equal(
        chown(scratch_at(&scratch, "theirs"), SCRATCH_STRANGER, (gid_t)-1), 0);
    assert_int_equal(parent_at("theirs/file", &error), ROLEAUTH_E_UNTRUSTED);
    assert_non_null(strstr(error.text, "belongs to user"));
}

static void read_all(size_t length, size_t max, int expected)
{
    static char content[300000];
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char *bytes = content;
    size_t got = 42;
    int fd;

    memset(content, 'c', sizeof(content));
    scratch_write(&scratch, "file", content, length, 0600);
    fd = open(scratch_at(&scratch, "file"), O_RDONLY);
    assert_int_equal(ra_read_all(fd, "file", max, &bytes, &got, &error),
                     expected);
    assert_int_equal(error.code, expected);
    if (expected == 0) {
        assert_int_equal(got, length);
        assert_memory_equal(bytes, content, length);
        assert_int_equal(bytes[length], '\0');
        free(bytes);
    } else {
        assert_null(bytes);
    }
    (void)close(fd);
}

static void reads_to_the_end_or_the_limit(void **state)
{
    (void)state;
    read_all(0, 0, 0);
    read_all(1, 0, ROLEAUTH_E_LIMIT);
    read_all(0, 10, 0);
    read_all(9, 10, 0);
    read_all(10, 10, 0);
    read_all(11, 10, ROLEAUTH_E_LIMIT);
    read_all(300000, 299999, ROLEAUTH_E_LIMIT);
    read_all(300000, 300000, 0);
    read_all(300000, ROLEAUTH_MAX_FILE, 0);
}

/* What fstat(2) says of the size is only a hint. */
static void reads_what_has_no_size(void **state)
{
    char *bytes = NULL;
    size_t length = 0;
    int pipes[2];
    int fd;

    (void)state;
    fd = open("/proc/self/maps", O_RDONLY);
    if (fd >= 0) {
        assert_int_equal(
            ra_read_all(fd, "maps", 10000000, &bytes, &length, NULL), 0);
        assert_true(length > 100);
        assert_int_equal(strlen(bytes), length);
        free(bytes);
        (void)close(fd);
    }
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(write(pipes[1], "abc", 3), 3);
    (void)close(pipes[1]);
    assert_int_equal(ra_read_all(pipes[0], "pipe", 3, &bytes, &length, NULL),
                     0);
    assert_string_equal(bytes, "abc");
    free(bytes);
    (void)close(pipes[0]);
    assert_int_equal(ra_read_all(pipes[0], "closed", 3, &bytes, &length, NULL),
                     ROLEAUTH_E_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(own_file_is_trusted),
        TEST(writable_file_is_not),
        TEST(writable_directory_taints),
        TEST(link_is_followed_by_hand),
        TEST(links_are_counted),
        TEST(strangers_are_noticed),
        TEST(sticky_directory_needs_an_owner),
        TEST(own_sticky_directory_does_not_count),
        TEST(relative_path_is_checked_from_the_root),
        TEST(only_regular_files_open),
        TEST(long_paths_fail),
        TEST(private_directory_is_made),
        TEST(private_directory_must_be_private),
        TEST(private_directory_needs_a_private_way),
        TEST(private_directory_needs_its_owner),
        TEST(private_directory_can_be_the_root),
        TEST(parent_of_a_file_to_be_written),
        TEST(parent_of_no_file),
        TEST(parent_that_others_can_write),
        TEST(reads_to_the_end_or_the_limit),
        TEST(reads_what_has_no_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

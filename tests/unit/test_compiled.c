/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "role/pack.h"
#include "support/heap.h"
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

static const char roles_text[] =
    "[{\"name\":\"dba\",\"rorder\":2,\"varmatch\":{\"user\":[\"alice\",\"b*\"],"
    "\"command\":\"/usr/bin/psql*\"},\"message\":\"hello %user%\","
    "\"description\":\"the \\u00e9 role\",\"id\":7,\"risk\":3,\"variables\":{"
    "\"runuser\":\"postgres\",\"empty\":\"\"},\"auth\":[{\"method\":"
    "\"getuserpasswd\",\"user\":\"%user%\",\"fname\":\"f\",\"period\":60,"
    "\"prompt\":\"P: \",\"message\":\"no\",\"rejectMessage\":\"bad\"},"
    "{\"method\":\"getuserpasswdpam\",\"user\":\"u\",\"service\":\"sudo\","
    "\"tries\":9}]},"
    "{\"name\":\"never\",\"rorder\":-5,\"action\":\"R\",\"varmatch\":{"
    "\"user\":\"mallory\"}},"
    "{\"name\":\"off\",\"disabled\":1},"
    "{\"name\":\"scripted\",\"rorder\":9,\"script\":\"x\",\"varmatch\":{"
    "\"user\":\"?\",\"year\":\"20[12]?\"}},"
    "{\"name\":\"all\",\"rorder\":99}]";

static roleauth_roles *parse(const char *text)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;

    if (roleauth_roles_parse(&roles, "test", text, strlen(text), NULL,
                             &error) != 0)
        fail_msg("%s", error.text);
    return roles;
}

/* The code of compiling a set to a name. */
static int compile(const roleauth_roles *roles, const char *name,
                   roleauth_error *error)
{
    int code = roleauth_roles_compile(roles, scratch_at(&scratch, name), error);

    if (error != NULL)
        assert_int_equal(error->code, code);
    return code;
}

static void compile_text(const char *text, const char *name)
{
    roleauth_roles *roles = parse(text);
    roleauth_error error;

    if (compile(roles, name, &error) != 0)
        fail_msg("%s", error.text);
    roleauth_roles_free(&roles);
}

static int load(roleauth_roles **roles, const char *name, roleauth_error *error)
{
    *roles = NULL;
    return roleauth_roles_load(roles, scratch_at(&scratch, name), NULL, error);
}

static int verify(const char *name, roleauth_error *error)
{
    return roleauth_roles_verify(scratch_at(&scratch, name), error);
}

/* Loading fails as invalid, names the file and says what to do. */
static void load_refused(const char *name, const char *part)
{
    roleauth_error error;
    roleauth_roles *roles;

    assert_int_equal(load(&roles, name, &error), ROLEAUTH_E_INVALID);
    assert_null(roles);
    assert_int_equal(error.code, ROLEAUTH_E_INVALID);
    assert_non_null(strstr(error.file, name));
    if (strstr(error.text, part) == NULL)
        fail_msg("\"%s\" in \"%s\"", part, error.text);
}

/* The names in the scratch directory that start so. */
static size_t entries(const char *start)
{
    DIR *directory = opendir(scratch.path);
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL)
        count += strncmp(entry->d_name, start, strlen(start)) == 0;
    (void)closedir(directory);
    return count;
}

static void nothing_is_left_behind(void)
{
    assert_int_equal(entries(".roleauth-compile-"), 0);
}

static mode_t mode_of(const char *name)
{
    struct stat st;

    assert_int_equal(lstat(scratch_at(&scratch, name), &st), 0);
    return st.st_mode & 07777;
}

static void same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL)
        assert_string_equal(a, b);
}

static void same_method(const roleauth_roles *a, const roleauth_roles *b,
                        size_t role, size_t method)
{
    struct ra_method_view x, y;

    assert_true(ra_roles_method(a, role, method, &x));
    assert_true(ra_roles_method(b, role, method, &y));
    assert_int_equal(x.kind, y.kind);
    same_text(x.passwd, y.passwd);
    same_text(x.user, y.user);
    same_text(x.service, y.service);
    same_text(x.fname, y.fname);
    same_text(x.prompt, y.prompt);
    same_text(x.message, y.message);
    same_text(x.reject_message, y.reject_message);
    assert_int_equal(x.tries, y.tries);
    assert_int_equal(x.period, y.period);
}

static void same_role(const roleauth_roles *a, const roleauth_roles *b,
                      size_t role)
{
    const char *name, *value, *other_name, *other;
    struct ra_role_view x, y;

    assert_true(ra_roles_view(a, role, &x));
    assert_true(ra_roles_view(b, role, &y));
    for (size_t i = 0; i < RA_COLUMNS; i++)
        same_text(x.columns[i], y.columns[i]);
    same_text(x.barrier, y.barrier);
    assert_int_equal(x.disabled, y.disabled);
    assert_int_equal(x.rejects, y.rejects);
    assert_int_equal(x.restricted, y.restricted);
    assert_int_equal(x.rorder, y.rorder);
    assert_int_equal(x.conditions, y.conditions);
    assert_int_equal(x.methods, y.methods);
    assert_int_equal(x.variables, y.variables);
    for (size_t i = 0; i < x.methods; i++)
        same_method(a, b, role, i);
    for (size_t i = 0; i < x.variables; i++) {
        assert_true(ra_roles_variable(a, role, i, &name, &value));
        assert_true(ra_roles_variable(b, role, i, &other_name, &other));
        same_text(name, other_name);
        same_text(value, other);
    }
}

static void same_selection(const roleauth_roles *a, const roleauth_roles *b,
                           const char *user, const char *command)
{
    ra_vars *vars = ra_vars_new(NULL);
    roleauth_selection x, y;

    assert_non_null(vars);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "user", user, NULL), 0);
    assert_int_equal(ra_vars_set(vars, ROLEAUTH_SERVER, "year", "2026", NULL),
                     0);
    assert_int_equal(
        ra_vars_set(vars, ROLEAUTH_SERVER, "command", command, NULL), 0);
    assert_int_equal(ra_roles_select(a, vars, NULL, &x, NULL), 0);
    assert_int_equal(ra_roles_select(b, vars, NULL, &y, NULL), 0);
    assert_int_equal(x.kind, y.kind);
    assert_int_equal(x.index, y.index);
    same_text(x.name, y.name);
    same_text(x.why, y.why);
    ra_vars_free(&vars);
}

static void same_sets(const roleauth_roles *a, const roleauth_roles *b)
{
    static const char *const users[] = {"alice", "bob", "mallory", "x", "root"};

    assert_int_equal(roleauth_roles_count(a), roleauth_roles_count(b));
    for (size_t i = 0; i < roleauth_roles_count(a); i++)
        same_role(a, b, i);
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        same_selection(a, b, users[i], "/usr/bin/psql -l");
        same_selection(a, b, users[i], "/bin/sh");
    }
}

/* ---- what was compiled is what was loaded ---- */

static void a_compiled_policy_is_the_same_set(void **state)
{
    static const char *const texts[] = {
        roles_text, "[]", "{\"name\":\"one\"}",
        "[{\"method\":\"getuserpasswd\",\"user\":\"u\"}]"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        roleauth_roles *roles = parse(texts[i]), *loaded;

        assert_int_equal(compile(roles, "policy", NULL), 0);
        assert_int_equal(verify("policy", NULL), 0);
        assert_int_equal(load(&loaded, "policy", NULL), 0);
        assert_true(loaded->mapped);
        assert_true(ra_roles_trusted(loaded));
        same_sets(roles, loaded);
        roleauth_roles_free(&loaded);
        roleauth_roles_free(&roles);
    }
    nothing_is_left_behind();
}

static void a_compiled_policy_can_be_compiled(void **state)
{
    static char first[100000], second[100000];
    roleauth_roles *loaded;
    size_t size;

    (void)state;
    compile_text(roles_text, "policy");
    size = scratch_read(&scratch, "policy", first, sizeof(first));
    assert_true(size > RA_BLOCK_HEADER && size < sizeof(first));
    assert_int_equal(load(&loaded, "policy", NULL), 0);
    assert_int_equal(compile(loaded, "again", NULL), 0);
    /* Also over itself. */
    assert_int_equal(compile(loaded, "policy", NULL), 0);
    assert_int_equal(scratch_read(&scratch, "again", second, sizeof(second)),
                     size);
    assert_memory_equal(first, second, size);
    assert_int_equal(verify("policy", NULL), 0);
    roleauth_roles_free(&loaded);
}

static void a_mapped_set_outlives_its_file(void **state)
{
    roleauth_roles *roles = parse(roles_text), *loaded, *other;

    (void)state;
    compile_text(roles_text, "policy");
    assert_int_equal(load(&loaded, "policy", NULL), 0);
    compile_text("{\"name\":\"another\"}", "policy");
    same_sets(roles, loaded);
    assert_int_equal(load(&other, "policy", NULL), 0);
    assert_string_equal(roleauth_roles_column(other, 0, "name"), "another");
    assert_int_equal(unlink(scratch_at(&scratch, "policy")), 0);
    same_sets(roles, loaded);
    roleauth_roles_free(&other);
    roleauth_roles_free(&loaded);
    roleauth_roles_free(&roles);
}

/* ---- where it is written, and how ---- */

static void the_mode_is_private_or_that_of_the_old_file(void **state)
{
    static const struct {
        mode_t old, wanted;
    } cases[] = {{0600, 0600}, {0640, 0640}, {0444, 0444}, {0666, 0644},
                 {0622, 0600}, {0400, 0400}, {0664, 0644}, {04755, 0755}};
    mode_t before;

    (void)state;
    for (mode_t mask = 0; mask <= 0777; mask += 0111) {
        before = umask(mask);
        compile_text("[]", "new");
        (void)umask(before);
        assert_int_equal(mode_of("new"), 0600);
        assert_int_equal(unlink(scratch_at(&scratch, "new")), 0);
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scratch_write(&scratch, "old", "anything", 8, cases[i].old);
        before = umask(0777);
        compile_text("[]", "old");
        (void)umask(before);
        assert_int_equal(mode_of("old"), cases[i].wanted);
        assert_int_equal(unlink(scratch_at(&scratch, "old")), 0);
    }
}

static void the_group_is_that_of_the_old_file(void **state)
{
    struct stat st;

    (void)state;
    scratch_need_root();
    scratch_write(&scratch, "old", "x", 1, 0640);
    assert_int_equal(
        chown(scratch_at(&scratch, "old"), (uid_t)-1, SCRATCH_STRANGER), 0);
    compile_text("[]", "old");
    assert_int_equal(lstat(scratch_at(&scratch, "old"), &st), 0);
    assert_int_equal(st.st_gid, SCRATCH_STRANGER);
    assert_int_equal(st.st_mode & 07777, 0640);
    /* A stranger does not say who may read it. */
    scratch_write(&scratch, "theirs", "x", 1, 0644);
    assert_int_equal(chown(scratch_at(&scratch, "theirs"), SCRATCH_STRANGER,
                           SCRATCH_STRANGER),
                     0);
    compile_text("[]", "theirs");
    assert_int_equal(lstat(scratch_at(&scratch, "theirs"), &st), 0);
    assert_int_equal(st.st_uid, geteuid());
    assert_int_equal(st.st_gid, getegid());
    assert_int_equal(st.st_mode & 07777, 0600);
}

/* Who may not give a file to its old group takes the group's rights away: a
 * process that is in no group of the old file's. */
static int without_the_group(void)
{
    roleauth_roles *roles = NULL;
    struct stat st;
    char path[512];
    int good;

    (void)strlcpy(path, scratch_at(&scratch, "mine/old"), sizeof(path));
    if (setgid(SCRATCH_STRANGER) != 0 || setuid(SCRATCH_STRANGER) != 0)
        return 77;
    good = roleauth_roles_parse(&roles, "x", "[]", 2, NULL, NULL) == 0 &&
           roleauth_roles_compile(roles, path, NULL) == 0 &&
           stat(path, &st) == 0 && st.st_uid == SCRATCH_STRANGER &&
           st.st_gid == SCRATCH_STRANGER && (st.st_mode & 07777) == 0604;
    roleauth_roles_free(&roles);
    return good ? 0 : 1;
}

/* What a process of its own returns. */
static int in_child(int (*act)(void))
{
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(act());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    return WEXITSTATUS(status);
}

static void a_group_that_cannot_be_kept_may_not_read(void **state)
{
    (void)state;
    scratch_need_root();
    assert_int_equal(chmod(scratch.path, 0755), 0);
    scratch_mkdir(&scratch, "mine", 0755);
    scratch_write(&scratch, "mine/old", "x", 1, 0664);
    assert_int_equal(
        chown(scratch_at(&scratch, "mine/old"), SCRATCH_STRANGER, 0), 0);
    assert_int_equal(chown(scratch_at(&scratch, "mine"), SCRATCH_STRANGER, 0),
                     0);
    assert_int_equal(in_child(without_the_group), 0);
}

/* Compiling fails so, and leaves what was there. */
static void not_written(const roleauth_roles *roles, const char *name, int code,
                        const char *part)
{
    roleauth_error error;
    struct stat before, after;
    bool there = lstat(scratch_at(&scratch, name), &before) == 0;

    assert_int_equal(compile(roles, name, &error), code);
    if (strstr(error.text, part) == NULL)
        fail_msg("\"%s\" in \"%s\"", part, error.text);
    assert_int_equal(lstat(scratch_at(&scratch, name), &after) == 0, there);
    if (there) {
        assert_int_equal(before.st_ino, after.st_ino);
        assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
        assert_int_equal(before.st_mode, after.st_mode);
    }
    nothing_is_left_behind();
}

static void what_is_no_plain_file_is_not_replaced(void **state)
{
    roleauth_roles *roles = parse(roles_text);

    (void)state;
    scratch_mkdir(&scratch, "dir", 0700);
    not_written(roles, "dir", ROLEAUTH_E_IO, "Is a directory");
    not_written(roles, "dir/", ROLEAUTH_E_IO, "Is a directory");
    not_written(roles, "dir/.", ROLEAUTH_E_IO, "Is a directory");
    assert_int_equal(mkfifo(scratch_at(&scratch, "fifo"), 0600), 0);
    not_written(roles, "fifo", ROLEAUTH_E_IO, "not a regular file");
    scratch_write(&scratch, "plain", "x", 1, 0600);
    assert_int_equal(symlink("plain", scratch_at(&scratch, "link")), 0);
    not_written(roles, "link", ROLEAUTH_E_IO, "symbolic link: remove it");
    assert_int_equal(symlink("absent", scratch_at(&scratch, "dangling")), 0);
    not_written(roles, "dangling", ROLEAUTH_E_IO, "symbolic link");
    not_written(roles, "plain/policy", ROLEAUTH_E_IO, "Not a directory");
    not_written(roles, "absent/policy", ROLEAUTH_E_IO, "No such file");
    assert_int_equal(roleauth_roles_compile(roles, "/dev/null", NULL),
                     ROLEAUTH_E_IO);
    assert_int_equal(roleauth_roles_compile(roles, "", NULL), ROLEAUTH_E_IO);
    assert_int_equal(roleauth_roles_compile(roles, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_compile(NULL, "x", NULL),
                     ROLEAUTH_E_ARGUMENT);
    roleauth_roles_free(&roles);
}

static void long_names_fail(void **state)
{
    roleauth_roles *roles = parse("[]");
    char name[NAME_MAX + 2];

    (void)state;
    memset(name, 'x', sizeof(name));
    name[NAME_MAX + 1] = '\0';
    not_written(roles, name, ROLEAUTH_E_IO, "name too long");
    name[NAME_MAX - 150] = '\0';
    assert_int_equal(compile(roles, name, NULL), 0);
    roleauth_roles_free(&roles);
}

static void directories_of_others_are_refused(void **state)
{
    roleauth_roles *roles = parse(roles_text);

    (void)state;
    scratch_mkdir(&scratch, "open", 0777);
    scratch_mkdir(&scratch, "open/below", 0700);
    not_written(roles, "open/policy", ROLEAUTH_E_UNTRUSTED, "chmod go-w");
    not_written(roles, "open/below/policy", ROLEAUTH_E_UNTRUSTED, "/open");
    assert_int_equal(chmod(scratch_at(&scratch, "open"), 0755), 0);
    assert_int_equal(compile(roles, "open/policy", NULL), 0);
    roleauth_roles_free(&roles);
}

static void the_source_is_not_overwritten(void **state)
{
    roleauth_roles *roles;

    (void)state;
    scratch_write(&scratch, "roles.json", roles_text, strlen(roles_text), 0600);
    assert_int_equal(load(&roles, "roles.json", NULL), 0);
    not_written(roles, "roles.json", ROLEAUTH_E_IO, "read from");
    assert_int_equal(
        link(scratch_at(&scratch, "roles.json"), scratch_at(&scratch, "same")),
        0);
    not_written(roles, "same", ROLEAUTH_E_IO, "name another file");
    assert_int_equal(compile(roles, "policy", NULL), 0);
    roleauth_roles_free(&roles);
    /* What it was compiled to still knows. */
    assert_int_equal(load(&roles, "policy", NULL), 0);
    not_written(roles, "roles.json", ROLEAUTH_E_IO, "read from");
    roleauth_roles_free(&roles);
}

static void compiling_makes_nothing_trusted(void **state)
{
    roleauth_roles *roles = NULL;

    (void)state;
    scratch_write(&scratch, "roles.json", roles_text, strlen(roles_text), 0666);
    assert_int_equal(roleauth_roles_inspect(&roles,
                                            scratch_at(&scratch, "roles.json"),
                                            NULL, NULL),
                     0);
    not_written(roles, "policy", ROLEAUTH_E_UNTRUSTED, "others");
    roleauth_roles_free(&roles);
    compile_text(roles_text, "policy");
    assert_int_equal(chmod(scratch_at(&scratch, "policy"), 0602), 0);
    assert_int_equal(roleauth_roles_inspect(
                         &roles, scratch_at(&scratch, "policy"), NULL, NULL),
                     0);
    assert_true(roles->mapped);
    assert_false(ra_roles_trusted(roles));
    not_written(roles, "again", ROLEAUTH_E_UNTRUSTED, "others");
    roleauth_roles_free(&roles);
}

/* Changes one byte of a file. */
static void flip(const char *name, off_t at)
{
    int fd = open(scratch_at(&scratch, name), O_RDWR);
    unsigned char byte;

    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    assert_int_equal(close(fd), 0);
}

static off_t size_of(const char *name)
{
    struct stat st;

    assert_int_equal(stat(scratch_at(&scratch, name), &st), 0);
    return st.st_size;
}

static void compiling_mends_nothing(void **state)
{
    roleauth_roles *roles;

    (void)state;
    compile_text(roles_text, "policy");
    flip("policy", size_of("policy") - 1);
    assert_int_equal(load(&roles, "policy", NULL), 0);
    not_written(roles, "again", ROLEAUTH_E_INVALID, "checksum of its content");
    roleauth_roles_free(&roles);
}

/* ---- failing to write ---- */

static int fill_small_disk(void)
{
    static char filling[100000];
    struct ra_buf text = RA_BUF_INIT(1u << 20);
    roleauth_roles *roles = NULL, *loaded = NULL;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char path[512];
    int good;

    (void)strlcpy(path, scratch_at(&scratch, "disk/policy"), sizeof(path));
    memset(filling, 'x', sizeof(filling) - 1);
    good = roleauth_roles_parse(&roles, "x", "{\"name\":\"old\"}", 14, NULL,
                                NULL) == 0 &&
           roleauth_roles_compile(roles, path, NULL) == 0;
    roleauth_roles_free(&roles);
    good = good && ra_buf_printf(&text, "{\"name\":\"%s\"}", filling) &&
           roleauth_roles_parse(&roles, "x", text.data, text.length, NULL,
                                NULL) == 0 &&
           roleauth_roles_compile(roles, path, &error) == ROLEAUTH_E_IO &&
           strstr(error.text, "policy: No space left") != NULL &&
           roleauth_roles_verify(path, NULL) == 0 &&
           roleauth_roles_load(&loaded, path, NULL, NULL) == 0 &&
           strcmp(roleauth_roles_column(loaded, 0, "name"), "old") == 0;
    roleauth_roles_free(&roles);
    roleauth_roles_free(&loaded);
    ra_buf_free(&text);
    (void)strlcpy(scratch.path, scratch_at(&scratch, "disk"),
                  sizeof(scratch.path));
    return good && entries(".roleauth") == 0 ? 0 : 1;
}

static int on_small_disk(void)
{
    return scratch_on_small_disk(&scratch, "disk", fill_small_disk);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    scratch_need_root();
    scratch_mkdir(&scratch, "disk", 0700);
    assert_int_equal(in_child(on_small_disk), 0);
}

/* RLIMIT_FSIZE: the first write(2) over it is a short one, the next fails. */
static int write_too_much(void)
{
    static char filling[100000];
    const struct rlimit limit = {50000, 50000};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct ra_buf text = RA_BUF_INIT(1u << 20);
    roleauth_roles *roles = NULL;
    int good;

    memset(filling, 'x', sizeof(filling) - 1);
    good = signal(SIGXFSZ, SIG_IGN) != SIG_ERR &&
           setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
           ra_buf_printf(&text, "{\"name\":\"%s\"}", filling) &&
           roleauth_roles_parse(&roles, "x", text.data, text.length, NULL,
                                NULL) == 0 &&
           roleauth_roles_compile(roles, scratch_at(&scratch, "policy"),
                                  &error) == ROLEAUTH_E_IO &&
           strstr(error.text, "policy: File too large") != NULL;
    ra_buf_free(&text);
    roleauth_roles_free(&roles);
    return good ? 0 : 1;
}

static void a_short_write_is_no_success(void **state)
{
    (void)state;
    compile_text("{\"name\":\"old\"}", "policy");
    assert_int_equal(in_child(write_too_much), 0);
    nothing_is_left_behind();
    assert_int_equal(verify("policy", NULL), 0);
}

/* A directory that may not be written. */
static int write_without_right(void)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    int good;

    if (geteuid() == 0 && setuid(SCRATCH_STRANGER) != 0)
        return 77;
    good = roleauth_roles_parse(&roles, "x", "[]", 2, NULL, NULL) == 0 &&
           roleauth_roles_compile(roles, scratch_at(&scratch, "dir/policy"),
                                  &error) == ROLEAUTH_E_IO &&
           strstr(error.text, "Permission denied") != NULL;
    roleauth_roles_free(&roles);
    return good ? 0 : 1;
}

static void a_directory_without_the_right_to_write(void **state)
{
    (void)state;
    assert_int_equal(chmod(scratch.path, 0755), 0);
    scratch_mkdir(&scratch, "dir", 0555);
    assert_int_equal(in_child(write_without_right), 0);
}

/* ---- several at once ---- */

#define WRITERS 2
#define ROUNDS 60

static int write_often(const char *text)
{
    roleauth_roles *roles = NULL;
    int good =
        roleauth_roles_parse(&roles, "x", text, strlen(text), NULL, NULL) == 0;

    for (int i = 0; good && i < ROUNDS; i++)
        good = roleauth_roles_compile(roles, scratch_at(&scratch, "policy"),
                                      NULL) == 0;
    roleauth_roles_free(&roles);
    return good ? 0 : 1;
}

static void read_once(void)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles;
    const char *name;

    if (verify("policy", &error) != 0 || load(&roles, "policy", &error) != 0)
        fail_msg("%s", error.text);
    name = roleauth_roles_column(roles, 0, "name");
    assert_int_equal(roleauth_roles_count(roles),
                     strcmp(name, "never") == 0 ? 5 : 1);
    roleauth_roles_free(&roles);
}

static void writers_leave_a_whole_file(void **state)
{
    static const char *const texts[WRITERS] = {roles_text,
                                               "{\"name\":\"one\"}"};
    size_t running = WRITERS;

    (void)state;
    compile_text(roles_text, "policy");
    for (size_t i = 0; i < WRITERS; i++) {
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0)
            _exit(write_often(texts[i]));
    }
    while (running > 0) {
        int status = 0;
        pid_t child = waitpid(-1, &status, WNOHANG);

        assert_true(child >= 0);
        if (child > 0) {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 0);
            running--;
        }
        read_once();
    }
    nothing_is_left_behind();
}

/* ---- damaged files ---- */

static void a_file_that_is_cut_short(void **state)
{
    static char bytes[100000];
    size_t size;

    (void)state;
    compile_text(roles_text, "whole");
    size = scratch_read(&scratch, "whole", bytes, sizeof(bytes));
    for (size_t length = 16; length < size; length += 61) {
        scratch_write(&scratch, "policy", bytes, length, 0600);
        load_refused("policy", "compile it again");
        assert_int_equal(verify("policy", NULL), ROLEAUTH_E_INVALID);
    }
    scratch_write(&scratch, "policy", bytes, size - 1, 0600);
    load_refused("policy", "cut short");
    scratch_write(&scratch, "policy", bytes, size + 1, 0600);
    load_refused("policy", "something was added");
}

static void a_file_that_is_damaged(void **state)
{
    roleauth_error error;
    roleauth_roles *roles;
    off_t size;

    (void)state;
    compile_text(roles_text, "policy");
    size = size_of("policy");
    for (off_t at = 16; at < size; at += at < 1024 ? 31 : 7) {
        flip("policy", at);
        assert_int_equal(verify("policy", &error), ROLEAUTH_E_INVALID);
        assert_int_equal(error.code, ROLEAUTH_E_INVALID);
        assert_non_null(strstr(error.file, "/policy"));
        if (at < (off_t)RA_BLOCK_HEADER)
            load_refused("policy", "");
        /* Loading does not look at the rest, nor does it crash. */
        else if (load(&roles, "policy", NULL) == 0)
            roleauth_roles_free(&roles);
        flip("policy", at);
    }
    assert_int_equal(verify("policy", &error), 0);
    assert_int_equal(error.code, 0);
}

static void what_is_no_compiled_policy(void **state)
{
    roleauth_error error;

    (void)state;
    scratch_write(&scratch, "roles.json", "[]", 2, 0600);
    assert_int_equal(verify("roles.json", &error), ROLEAUTH_E_INVALID);
    assert_non_null(strstr(error.text, "no compiled policy"));
    scratch_write(&scratch, "empty", "", 0, 0600);
    assert_int_equal(verify("empty", &error), ROLEAUTH_E_INVALID);
    assert_non_null(strstr(error.text, "no compiled policy"));
    assert_int_equal(verify("absent", &error), ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "No such file"));
    scratch_mkdir(&scratch, "dir", 0700);
    assert_int_equal(verify("dir", &error), ROLEAUTH_E_IO);
    assert_int_equal(mkfifo(scratch_at(&scratch, "fifo"), 0600), 0);
    assert_int_equal(verify("fifo", &error), ROLEAUTH_E_IO);
    assert_int_equal(roleauth_roles_verify(NULL, &error), ROLEAUTH_E_ARGUMENT);
    /* Whoever could have written it: that is another question. */
    compile_text("[]", "policy");
    assert_int_equal(chmod(scratch_at(&scratch, "policy"), 0666), 0);
    assert_int_equal(verify("policy", &error), 0);
    assert_int_equal(error.code, 0);
    flip("policy", size_of("policy") - 1);
    assert_int_equal(verify("policy", &error), ROLEAUTH_E_INVALID);
    assert_non_null(strstr(error.text, "checksum of its content"));
}

/* A set with as many role items as said, and no rules. */
static int open_with_roles(size_t count, roleauth_error *error)
{
    struct ra_block_layout layout;
    struct ra_builder builder;
    roleauth_roles *roles = NULL;
    struct ra_block block;
    void *bytes;
    int code;

    ra_set_layout(&layout);
    ra_builder_init(&builder, &layout);
    assert_non_null(ra_builder_add(&builder, RA_SECTION_ROLES, count));
    assert_int_equal(ra_builder_finish(&builder, &block), 0);
    bytes = (void *)(uintptr_t)block.bytes;
    assert_true(ra_block_seal(&block, bytes));
    roleauth_error_clear(error);
    code = ra_compiled_open(&roles, bytes, block.size, error);
    assert_int_equal(roles != NULL, code == 0);
    if (code != 0)
        ra_block_free(&block);
    roleauth_roles_free(&roles);
    return code;
}

static void roles_without_rules(void **state)
{
    roleauth_error error;

    (void)state;
    assert_int_equal(open_with_roles(0, &error), 0);
    assert_int_equal(open_with_roles(1, &error), ROLEAUTH_E_INVALID);
    assert_non_null(strstr(error.text, "compile it again"));
}

/* Room is made for as many as a role says, which a damaged one must not
 * choose. */
static void parts_that_are_not_there(void **state)
{
    static const uint32_t counts[] = {3, 64, 1u << 20, UINT32_MAX};
    roleauth_roles *roles = parse(roles_text);
    struct ra_role_view view;
    size_t dba = 2; /* two methods, two variables */

    (void)state;
    assert_true(ra_roles_view(roles, dba, &view));
    assert_string_equal(view.columns[RA_COLUMN_NAME], "dba");
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct ra_role_item *item =
            (struct ra_role_item *)(uintptr_t)ra_block_item(
                &roles->block, RA_SECTION_ROLES, dba);
        const struct ra_role_item good = *item;

        item->variable_count = counts[i];
        assert_false(ra_roles_view(roles, dba, &view));
        *item = good;
        item->variables = counts[i];
        assert_false(ra_roles_view(roles, dba, &view));
        *item = good;
        item->method_count = (uint16_t)(counts[i] | 3);
        assert_false(ra_roles_view(roles, dba, &view));
        *item = good;
        item->methods = counts[i];
        assert_false(ra_roles_view(roles, dba, &view));
        *item = good;
        assert_true(ra_roles_view(roles, dba, &view));
    }
    roleauth_roles_free(&roles);
}

static void a_policy_that_others_can_write(void **state)
{
    roleauth_error error;
    roleauth_roles *roles;

    (void)state;
    compile_text(roles_text, "policy");
    assert_int_equal(chmod(scratch_at(&scratch, "policy"), 0620), 0);
    assert_int_equal(load(&roles, "policy", &error), ROLEAUTH_E_UNTRUSTED);
    assert_null(roles);
    assert_non_null(strstr(error.text, "chmod go-w"));
}

/* ---- where a set came from ---- */

struct warnings {
    unsigned stale, others;
};

static void count_warnings(void *data, const roleauth_diagnostic *diagnostic)
{
    struct warnings *warnings = data;

    assert_int_equal(diagnostic->severity, ROLEAUTH_SEVERITY_WARNING);
    if (strcmp(diagnostic->code, "stale") == 0)
        warnings->stale++;
    else
        warnings->others++;
}

/* How often loading says that the source is newer. */
static unsigned stale(const char *name)
{
    struct warnings warnings = {0, 0};
    const roleauth_loading how = {.report = count_warnings,
                                  .report_data = &warnings};
    roleauth_roles *roles = NULL;

    assert_int_equal(
        roleauth_roles_load(&roles, scratch_at(&scratch, name), &how, NULL), 0);
    assert_int_equal(warnings.others, 0);
    roleauth_roles_free(&roles);
    return warnings.stale;
}

static void set_time(const char *name, time_t seconds, long nanoseconds)
{
    const struct timespec times[2] = {{seconds, nanoseconds},
                                      {seconds, nanoseconds}};

    assert_int_equal(utimensat(AT_FDCWD, scratch_at(&scratch, name), times, 0),
                     0);
}

static void a_newer_source_is_told(void **state)
{
    static const char text[] = "{\"name\":\"a\"}";
    roleauth_roles *roles;

    (void)state;
    scratch_write(&scratch, "roles.json", text, strlen(text), 0600);
    set_time("roles.json", 1000000000, 500);
    assert_int_equal(load(&roles, "roles.json", NULL), 0);
    assert_int_equal(compile(roles, "policy", NULL), 0);
    roleauth_roles_free(&roles);
    assert_int_equal(stale("policy"), 0);
    set_time("roles.json", 1000000000, 501);
    assert_int_equal(stale("policy"), 1);
    set_time("roles.json", 1000000001, 0);
    assert_int_equal(stale("policy"), 1);
    set_time("roles.json", 1000000000, 499);
    assert_int_equal(stale("policy"), 0);
    /* A policy may be where its source is not. */
    assert_int_equal(unlink(scratch_at(&scratch, "roles.json")), 0);
    assert_int_equal(stale("policy"), 0);
    /* What came from memory has no source. */
    compile_text(text, "policy");
    assert_int_equal(load(&roles, "policy", NULL), 0);
    {
        struct ra_origin origin = {"x", 1, 1};

        assert_false(ra_set_origin(roles, &origin));
        assert_null(origin.path);
    }
    roleauth_roles_free(&roles);
}

/* The time of a source that is expected. */
static void origin_is(const char *name, int64_t seconds, int64_t nanoseconds)
{
    struct ra_origin origin;

    assert_true(ra_origin_of(scratch_at(&scratch, name), &origin));
    assert_int_equal(origin.seconds, seconds);
    assert_int_equal(origin.nanoseconds, nanoseconds);
    ra_origin_free(&origin);
    assert_null(origin.path);
}

static void journals_count(void **state)
{
    (void)state;
    scratch_write(&scratch, "db", "x", 1, 0600);
    set_time("db", 1000, 7);
    origin_is("db", 1000, 7);
    scratch_write(&scratch, "db-wal", "x", 1, 0600);
    set_time("db-wal", 1000, 9);
    origin_is("db", 1000, 9);
    scratch_write(&scratch, "db-journal", "x", 1, 0600);
    set_time("db-journal", 2000, 0);
    origin_is("db", 2000, 0);
    set_time("db", 3000, 1);
    origin_is("db", 3000, 1);
    /* Empty ones hold nothing. */
    scratch_write(&scratch, "db-journal", "", 0, 0600);
    set_time("db-journal", 4000, 0);
    origin_is("db", 3000, 1);
    assert_int_equal(unlink(scratch_at(&scratch, "db-journal")), 0);
    scratch_mkdir(&scratch, "db-journal", 0700);
    set_time("db-journal", 4000, 0);
    origin_is("db", 3000, 1);
    set_time("db", -1, 999999999);
    assert_int_equal(unlink(scratch_at(&scratch, "db-wal")), 0);
    origin_is("db", -1, 999999999);
}

static void an_origin_is_absolute(void **state)
{
    struct ra_origin origin = {"x", 1, 1};
    char cwd[PATH_MAX], real[PATH_MAX];

    (void)state;
    scratch_mkdir(&scratch, "dir", 0700);
    scratch_write(&scratch, "dir/db", "x", 1, 0600);
    set_time("dir/db", 1000, 0);
    scratch_write(&scratch, "dir/db-wal", "x", 1, 0600);
    set_time("dir/db-wal", 2000, 0);
    assert_int_equal(symlink("dir/db", scratch_at(&scratch, "link")), 0);
    assert_non_null(realpath(scratch_at(&scratch, "dir/db"), real));
    assert_non_null(getcwd(cwd, sizeof(cwd)));
    assert_int_equal(chdir(scratch.path), 0);
    assert_true(ra_origin_of("./link", &origin));
    assert_int_equal(chdir(cwd), 0);
    assert_string_equal(origin.path, real);
    assert_int_equal(origin.seconds, 2000);
    ra_origin_free(&origin);
    assert_false(ra_origin_of(scratch_at(&scratch, "absent"), &origin));
    assert_null(origin.path);
    assert_false(ra_origin_of("", &origin));
}

static void newer_is_later(void **state)
{
    const struct ra_origin a = {NULL, 5, 5}, b = {NULL, 5, 6}, c = {NULL, 6, 0},
                           d = {NULL, -1, 9};

    (void)state;
    assert_false(ra_origin_newer(&a, &a));
    assert_true(ra_origin_newer(&b, &a));
    assert_false(ra_origin_newer(&a, &b));
    assert_true(ra_origin_newer(&c, &b));
    assert_false(ra_origin_newer(&b, &c));
    assert_true(ra_origin_newer(&a, &d));
}

/* A damaged policy may have a source that is none. */
static void an_origin_that_is_damaged(void **state)
{
    static const uint32_t paths[] = {0, 1, 2, 1000000, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct ra_block_layout layout;
        struct ra_builder builder;
        struct ra_source_item *item;
        struct ra_origin origin = {"x", 1, 1};
        roleauth_roles roles;

        memset(&roles, 0, sizeof(roles));
        ra_set_layout(&layout);
        ra_builder_init(&builder, &layout);
        assert_int_equal(ra_builder_text(&builder, "relative", 8), 2);
        item = ra_builder_add(&builder, RA_SECTION_SOURCE, 1);
        assert_non_null(item);
        item->path = paths[i];
        assert_int_equal(ra_builder_finish(&builder, &roles.block), 0);
        assert_false(ra_set_origin(&roles, &origin));
        assert_null(origin.path);
        ra_block_free(&roles.block);
    }
}

/* ---- memory that runs out ---- */

/* One way through everything: 0 when all of it went well. */
static int round_trip(const roleauth_roles *roles)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *loaded = NULL;
    int code = compile(roles, "policy", &error);

    if (code == 0)
        code = verify("policy", &error);
    if (code == 0)
        code = load(&loaded, "policy", &error);
    assert_int_equal(loaded != NULL, code == 0);
    assert_int_equal(error.code, code);
    roleauth_roles_free(&loaded);
    return code;
}

static void memory_runs_out(void **state)
{
    unsigned long fail_at = 0;
    roleauth_roles *roles;
    bool failed = true;

    (void)state;
    if (!heap_can_fail())
        skip();
    scratch_write(&scratch, "roles.json", roles_text, strlen(roles_text), 0600);
    assert_int_equal(load(&roles, "roles.json", NULL), 0);
    assert_int_equal(round_trip(roles), 0);
    while (failed) {
        long live = heap.live;
        int code;

        heap_arm(++fail_at);
        code = round_trip(roles);
        failed = heap_disarm();
        ERR_clear_error(); /* libcrypto keeps its errors in memory */
        assert_int_equal(heap.live, live);
        /* Looking at the source, to say that it is newer, may be left out. */
        if (code != 0)
            assert_int_equal(code, ROLEAUTH_E_NOMEM);
        assert_true(failed || code == 0);
        nothing_is_left_behind();
        assert_int_equal(verify("policy", NULL), 0);
    }
    assert_true(fail_at > 3);
    roleauth_roles_free(&roles);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_compiled_policy_is_the_same_set),
        TEST(a_compiled_policy_can_be_compiled),
        TEST(a_mapped_set_outlives_its_file),
        TEST(the_mode_is_private_or_that_of_the_old_file),
        TEST(the_group_is_that_of_the_old_file),
        TEST(a_group_that_cannot_be_kept_may_not_read),
        TEST(what_is_no_plain_file_is_not_replaced),
        TEST(long_names_fail),
        TEST(directories_of_others_are_refused),
        TEST(the_source_is_not_overwritten),
        TEST(compiling_makes_nothing_trusted),
        TEST(compiling_mends_nothing),
        TEST(a_full_disk_leaves_the_old_file),
        TEST(a_short_write_is_no_success),
        TEST(a_directory_without_the_right_to_write),
        TEST(writers_leave_a_whole_file),
        TEST(a_file_that_is_cut_short),
        TEST(a_file_that_is_damaged),
        TEST(what_is_no_compiled_policy),
        TEST(roles_without_rules),
        TEST(parts_that_are_not_there),
        TEST(a_policy_that_others_can_write),
        TEST(a_newer_source_is_told),
        TEST(journals_count),
        TEST(an_origin_is_absolute),
        TEST(newer_is_later),
        TEST(an_origin_that_is_damaged),
        TEST(memory_runs_out),
    };

    return cmocka_run_group_tests_name("compiled", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <sys/wait.h>

#include <roleauth_testing.h>

#include "store/state.h"
#include "store/store.h"
#include "support/scratch.h"

#define NAME_LENGTH 81
#define MAKERS 8

static struct scratch scratch;
static roleauth_store store;
static roleauth_virtual_clock time_source;
static roleauth_clock seam;
static struct ra_records_config config;
static ra_records *records;

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    roleauth_virtual_clock_init(&time_source);
    time_source.time.realtime.tv_nsec = 500000000;
    seam = roleauth_virtual_clock_seam(&time_source);
    if (ra_file_store_new(&store, scratch_at(&scratch, "records"),
                          scratch_at(&scratch, "state"), NULL) != 0)
        return -1;
    config.store = &store;
    config.clock = &seam;
    config.survive_reboot = false;
    config.triggers = NULL;
    return ra_records_open(&records, &config, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    ra_records_close(&records);
    store.release(store.data);
    scratch_remove(&scratch);
    return 0;
}

static void reopen(void)
{
    ra_records_close(&records);
    assert_int_equal(ra_records_open(&records, &config, NULL), 0);
}

static struct ra_binding sample(void)
{
    const struct ra_binding binding = {
        .fname = "/opt/pbul/gp001",
        .method = "getuserpasswdpam",
        .user = "dba",
        .has_uid = true,
        .uid = 1234,
        .service = "login",
        .requester = "alice",
        .submit_host = "host.example",
        .scope = "pts/3 4711",
    };

    return binding;
}

static struct ra_proof_record proof_now(uint32_t period)
{
    struct ra_proof_record proof = {.proved_at = time_source.time,
                                    .period = period,
                                    .has_credential = true,
                                    .credential = "credential"};

    return proof;
}

static int save_for(const struct ra_binding *binding, uint32_t period)
{
    const struct ra_proof_record proof = proof_now(period);
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int rc = ra_records_save(records, binding, &proof, &error);

    assert_int_equal(error.code, rc == ROLEAUTH_E_NOT_FOUND ? 0 : rc);
    return rc;
}

static void save(void)
{
    const struct ra_binding binding = sample();

    assert_int_equal(save_for(&binding, 300), 0);
}

static int find_for(const struct ra_binding *binding, uint32_t period)
{
    struct ra_proof_record found;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int rc;

    ra_records_waited(records);
    rc = ra_records_find(records, binding, period, &found, &error);

    /* "Nothing odd" has no text; everything else is worth a note. */
    if (rc == 0 || rc == ROLEAUTH_E_NOT_FOUND) {
        assert_int_equal(error.code, 0);
    } else {
        assert_int_equal(error.code, rc);
        assert_string_not_equal(error.text, "");
    }
    if (rc != 0)
        assert_int_equal(found.period, 0);
    return rc;
}

static int find(void)
{
    const struct ra_binding binding = sample();

    return find_for(&binding, 300);
}

static void count_record(void *data, const roleauth_record *record)
{
    size_t *count = data;

    (void)record;
    ++*count;
}

static size_t count_listed(void)
{
    size_t count = 0;

    assert_int_equal(ra_records_list(records, count_record, &count, NULL), 0);
    return count;
}

/* The name of the i-th record file, in no certain order; NULL: there are not
 * so many. */
static const char *file_name(size_t index)
{
    static char name[NAME_LENGTH + 16];
    DIR *entries = opendir(scratch_at(&scratch, "records"));
    const struct dirent *entry;
    bool found = false;

    while (entries != NULL && !found && (entry = readdir(entries)) != NULL) {
        if (strlen(entry->d_name) == NAME_LENGTH && index-- == 0) {
            (void)snprintf(name, sizeof(name), "records/%.81s", entry->d_name);
            found = true;
        }
    }
    if (entries != NULL)
        (void)closedir(entries);
    return found ? name : NULL;
}

static size_t count_files(void)
{
    size_t count = 0;

    while (file_name(count) != NULL)
        count++;
    return count;
}

/* ---- one proof ---- */

static void proof_is_remembered(void **state)
{
    const struct ra_binding binding = sample();
    const struct ra_proof_record proof = proof_now(300);
    struct ra_proof_record found;

    (void)state;
    assert_null(ra_binding_fault(&binding));
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    save();
    assert_int_equal(ra_records_find(records, &binding, 300, &found, NULL), 0);
    assert_int_equal(found.period, 300);
    assert_int_equal(found.proved_at.realtime.tv_sec,
                     proof.proved_at.realtime.tv_sec);
    assert_int_equal(found.proved_at.boottime.tv_sec,
                     proof.proved_at.boottime.tv_sec);
    assert_true(found.has_credential);
    assert_memory_equal(found.credential, proof.credential,
                        sizeof(proof.credential));
    reopen();
    assert_int_equal(find(), 0);
    assert_false(ra_records_revoked(records, &binding));
}

/* Using it does not extend it. */
static void window_is_fixed(void **state)
{
    (void)state;
    save();
    for (int i = 0; i < 299; i++) {
        roleauth_virtual_clock_advance(&time_source, 1);
        assert_int_equal(find(), 0);
    }
    roleauth_virtual_clock_advance(&time_source, 1);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
}

static void later_proof_replaces_the_earlier(void **state)
{
    (void)state;
    save();
    roleauth_virtual_clock_advance(&time_source, 299);
    save();
    assert_int_equal(count_files(), 1);
    roleauth_virtual_clock_advance(&time_source, 299);
    assert_int_equal(find(), 0);
}

static void period_asked_now_counts_when_smaller(void **state)
{
    const struct ra_binding binding = sample();

    (void)state;
    save();
    roleauth_virtual_clock_advance(&time_source, 60);
    assert_int_equal(find_for(&binding, 61), 0);
    assert_int_equal(find_for(&binding, 60), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(find_for(&binding, 0), ROLEAUTH_E_NOT_FOUND);
    roleauth_virtual_clock_advance(&time_source, 240);
    assert_int_equal(find_for(&binding, 9999), ROLEAUTH_E_NOT_FOUND);
}

static void each_part_of_the_binding_counts(void **state)
{
    struct ra_binding b = sample();
    const char **texts[] = {&b.fname,     &b.method,      &b.user, &b.service,
                            &b.requester, &b.submit_host, &b.scope};

    (void)state;
    save();
    for (size_t i = 0; i < 7; i++) {
        b = sample();
        *texts[i] = "other";
        assert_int_equal(find_for(&b, 300), ROLEAUTH_E_NOT_FOUND);
        b = sample();
        if (i >= 3) {
            *texts[i] = NULL;
            assert_int_equal(find_for(&b, 300), ROLEAUTH_E_NOT_FOUND);
        }
    }
    b = sample();
    b.uid++;
    assert_int_equal(find_for(&b, 300), ROLEAUTH_E_NOT_FOUND);
    b = sample();
    b.has_uid = false;
    assert_int_equal(find_for(&b, 300), ROLEAUTH_E_NOT_FOUND);
    b = sample();
    assert_int_equal(find_for(&b, 300), 0);
    /* Requester and authenticated user do not change places. */
    b.user = sample().requester;
    b.requester = sample().user;
    assert_int_equal(find_for(&b, 300), ROLEAUTH_E_NOT_FOUND);
}

/* Somebody puts one record's file where another is looked for. */
static void copied_file_answers_for_nothing_else(void **state)
{
    struct ra_binding other = sample();
    unsigned char bytes[8192];
    char first[128], second[128];
    size_t length;

    (void)state;
    save();
    (void)snprintf(first, sizeof(first), "%s", file_name(0));
    other.requester = "mallory";
    assert_int_equal(save_for(&other, 300), 0);
    (void)snprintf(second, sizeof(second), "%s", file_name(0));
    if (strcmp(first, second) == 0)
        (void)snprintf(second, sizeof(second), "%s", file_name(1));
    length = scratch_read(&scratch, first, bytes, sizeof(bytes));
    scratch_write(&scratch, second, bytes, length, 0600);
    assert_int_equal(find(), 0);
    assert_int_equal(find_for(&other, 300), ROLEAUTH_E_INVALID);
    assert_int_equal(count_listed(), 1);
}

static void file_names_tell_nothing(void **state)
{
    struct ra_binding b = sample();
    const char *name;

    (void)state;
    b.requester = "../../../etc/passwd";
    b.fname = "a/b\nc";
    assert_int_equal(save_for(&b, 300), 0);
    assert_int_equal(count_files(), 1);
    name = file_name(0) + strlen("records/");
    assert_int_equal(strspn(name, "0123456789abcdef"), 16);
    assert_int_equal(name[16], '-');
    assert_int_equal(strspn(name + 17, "0123456789abcdef"), 64);
}

static void unbound_proofs_are_not_kept(void **state)
{
    struct ra_binding b = sample();
    char longer[ROLEAUTH_MAX_BINDING + 2];

    (void)state;
    b.requester = b.scope = NULL;
    assert_non_null(ra_binding_fault(&b));
    assert_int_equal(save_for(&b, 300), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(find_for(&b, 300), ROLEAUTH_E_ARGUMENT);
    assert_true(ra_records_revoked(records, &b));
    b.requester = "";
    assert_non_null(ra_binding_fault(&b));
    b = sample();
    b.scope = "";
    assert_non_null(ra_binding_fault(&b));
    b.scope = NULL;
    assert_null(ra_binding_fault(&b));
    b.scope = "connection 7";
    b.requester = NULL;
    assert_null(ra_binding_fault(&b));
    assert_int_equal(save_for(&b, 300), 0);
    assert_int_equal(find_for(&b, 300), 0);
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    b.scope = longer;
    assert_non_null(ra_binding_fault(&b));
    longer[ROLEAUTH_MAX_BINDING] = '\0';
    assert_null(ra_binding_fault(&b));
    assert_int_equal(save_for(&b, 300), 0);
    assert_int_equal(find_for(&b, 300), 0);
    b = sample();
    b.fname = "";
    assert_non_null(ra_binding_fault(&b));
    b = sample();
    b.user = NULL;
    assert_non_null(ra_binding_fault(&b));
}

static void impossible_proofs_are_not_kept(void **state)
{
    const struct ra_binding binding = sample();
    struct ra_proof_record proof = proof_now(300);

    (void)state;
    proof.proved_at.realtime.tv_sec = 0;
    assert_int_equal(ra_records_save(records, &binding, &proof, NULL),
                     ROLEAUTH_E_ARGUMENT);
    proof = proof_now(300);
    proof.proved_at.boottime.tv_sec = 0;
    assert_int_equal(ra_records_save(records, &binding, &proof, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(save_for(&binding, 0), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(save_for(&binding, ROLEAUTH_MAX_PERIOD + 1),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(count_files(), 0);
    assert_int_equal(save_for(&binding, ROLEAUTH_MAX_PERIOD), 0);
}

/* ---- time ---- */

static void either_clock_ends_it(void **state)
{
    (void)state;
    save();
    time_source.time.realtime.tv_sec += 300;
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    time_source.time.realtime.tv_sec -= 300;
    assert_int_equal(find(), 0);
    time_source.time.boottime.tv_sec += 300;
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
}

static void future_is_not_valid(void **state)
{
    (void)state;
    save();
    time_source.time.realtime.tv_sec -= 1;
    assert_int_equal(find(), ROLEAUTH_E_INVALID);
    time_source.time.realtime.tv_sec += 1;
    time_source.time.boottime.tv_sec -= 1;
    assert_int_equal(find(), ROLEAUTH_E_INVALID);
    time_source.time.boottime.tv_sec += 1;
    assert_int_equal(find(), 0);
    time_source.broken = 1;
    assert_int_equal(find(), ROLEAUTH_E_IO);
    time_source.broken = 0;
    /* A clock that stands at zero is no clock. */
    time_source.time.realtime.tv_sec = 0;
    assert_int_equal(find(), ROLEAUTH_E_IO);
}

static void reboot_ends_it(void **state)
{
    (void)state;
    save();
    roleauth_virtual_clock_reboot(&time_source, 10);
    reopen();
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(count_listed(), 0);
    config.survive_reboot = true;
    reopen();
    assert_int_equal(find(), 0);
    assert_int_equal(count_listed(), 1);
    time_source.time.realtime.tv_sec += 290;
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
}

/* ---- the bytes ---- */

static void every_changed_bit_is_found(void **state)
{
    unsigned char bytes[8192];
    char name[128];
    size_t length;

    (void)state;
    save();
    (void)snprintf(name, sizeof(name), "%s", file_name(0));
    length = scratch_read(&scratch, name, bytes, sizeof(bytes));
    for (size_t bit = 0; bit < 8 * length; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        scratch_write(&scratch, name, bytes, length, 0600);
        assert_int_equal(find(), ROLEAUTH_E_INVALID);
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    assert_int_equal(count_listed(), 0);
    scratch_write(&scratch, name, bytes, length, 0600);
    assert_int_equal(find(), 0);
    assert_int_equal(count_listed(), 1);
}

static void every_other_length_is_found(void **state)
{
    unsigned char bytes[8192 + 64];
    char name[128];
    size_t length;

    (void)state;
    save();
    memset(bytes, 0, sizeof(bytes));
    (void)snprintf(name, sizeof(name), "%s", file_name(0));
    length = scratch_read(&scratch, name, bytes, sizeof(bytes));
    for (size_t i = 0; i < length + 64; i++) {
        scratch_write(&scratch, name, bytes, i, 0600);
        assert_int_equal(find(), i == length ? 0 : ROLEAUTH_E_INVALID);
    }
    scratch_write(&scratch, name, bytes, sizeof(bytes), 0600);
    assert_int_equal(find(), ROLEAUTH_E_LIMIT);
    save();
    assert_int_equal(find(), 0);
}

/* Odd files are no record, and do not keep a new proof from being kept. */
static void odd_files_are_no_record(void **state)
{
    static const mode_t modes[] = {0644, 0640, 0660, 0700};
    char name[128];

    (void)state;
    (void)alarm(20);
    save();
    (void)snprintf(name, sizeof(name), "%s", file_name(0));
    for (int i = 0; i < 8; i++) {
        const char *path = scratch_at(&scratch, name);
        const char *away = scratch_at(&scratch, "records/away");

        (void)unlink(away);
        if (i < 4)
            assert_int_equal(chmod(path, modes[i]), 0);
        else if (i == 4)
            assert_int_equal(link(path, away), 0);
        else
            assert_int_equal(rename(path, away), 0);
        if (i == 5)
            assert_int_equal(symlink("away", path), 0);
        else if (i == 6)
            assert_int_equal(mkfifo(path, 0600), 0);
        else if (i == 7)
            assert_int_equal(mknod(path, S_IFSOCK | 0600, 0), 0);
        assert_int_equal(find(), ROLEAUTH_E_UNTRUSTED);
        assert_int_equal(count_listed(), 0);
        save();
        assert_int_equal(find(), 0);
    }
    if (geteuid() == 0) {
        assert_int_equal(chown(scratch_at(&scratch, name), SCRATCH_STRANGER, 0),
                         0);
        assert_int_equal(find(), ROLEAUTH_E_UNTRUSTED);
    }
    (void)unlink(scratch_at(&scratch, name));
    scratch_mkdir(&scratch, name, 0700);
    assert_int_equal(find(), ROLEAUTH_E_UNTRUSTED);
    (void)alarm(0);
}

static void untrusted_directories_are_noted(void **state)
{
    const struct ra_binding binding = sample();
    ra_records *other = NULL;

    (void)state;
    save();
    assert_int_equal(chmod(scratch_at(&scratch, "records"), 0702), 0);
    assert_int_equal(find(), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(save_for(&binding, 300), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(chmod(scratch_at(&scratch, "records"), 0700), 0);
    assert_int_equal(find(), 0);
    assert_int_equal(chmod(scratch.path, 0722), 0);
    assert_int_equal(find(), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(ra_records_open(&other, &config, NULL),
                     ROLEAUTH_E_UNTRUSTED);
    assert_null(other);
    assert_int_equal(ra_records_open_existing(&other, &config, NULL),
                     ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(chmod(scratch.path, 0700), 0);
    assert_int_equal(find(), 0);
    /* The directory is another one. */
    assert_int_equal(
        rename(scratch_at(&scratch, "records"), scratch_at(&scratch, "away")),
        0);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    save();
    assert_int_equal(find(), 0);
}

/* ---- the key ---- */

static void reading_never_makes_anything(void **state)
{
    ra_records *other = records;
    size_t count = 0;

    (void)state;
    scratch_remove(&scratch);
    assert_int_equal(mkdir(scratch.path, 0700), 0);
    assert_int_equal(ra_records_open_existing(&other, &config, NULL),
                     ROLEAUTH_E_NOT_FOUND);
    assert_null(other);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(ra_records_list(records, count_record, &count, NULL), 0);
    assert_int_equal(access(scratch_at(&scratch, "state"), F_OK), -1);
    assert_int_equal(access(scratch_at(&scratch, "records"), F_OK), -1);
}

/* Looking at expired and odd files leaves them as they are. */
static void reading_alters_nothing(void **state)
{
    struct stat before, after;
    char name[128];

    (void)state;
    save();
    (void)snprintf(name, sizeof(name), "%s", file_name(0));
    assert_int_equal(stat(scratch_at(&scratch, name), &before), 0);
    roleauth_virtual_clock_advance(&time_source, 5000);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(count_listed(), 0);
    assert_int_equal(stat(scratch_at(&scratch, name), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
    assert_int_equal(before.st_mtime, after.st_mtime);
}

static void lost_or_damaged_key_voids_all(void **state)
{
    static const char *const text[] = {"", "damaged"};
    const struct ra_binding binding = sample();

    (void)state;
    for (int i = 0; i < 3; i++) {
        save();
        if (i == 0)
            assert_int_equal(unlink(scratch_at(&scratch, "state/state")), 0);
        else
            scratch_write(&scratch, "state/state", text[i - 1],
                          strlen(text[i - 1]), 0600);
        /* Whoever had it open cannot use or keep anything either. */
        assert_true(find() < 0);
        assert_true(ra_records_revoked(records, &binding));
        assert_true(save_for(&binding, 300) < 0);
        reopen();
        assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
        assert_int_equal(count_listed(), 0);
    }
}

static void key_that_others_could_read_is_replaced(void **state)
{
    (void)state;
    save();
    assert_int_equal(chmod(scratch_at(&scratch, "state/state"), 0644), 0);
    assert_int_equal(find(), ROLEAUTH_E_UNTRUSTED);
    reopen();
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    save();
    assert_int_equal(find(), 0);
}

static void credential_depends_on_all_of_it(void **state)
{
    unsigned char first[32], second[32];
    char longer[4096];

    (void)state;
    assert_true(ra_records_credential(records, "alice", "$6$a$b", first));
    assert_true(ra_records_credential(records, "alice", "$6$a$b", second));
    assert_memory_equal(first, second, 32);
    assert_true(ra_records_credential(records, "alice", "$6$a$c", second));
    assert_memory_not_equal(first, second, 32);
    assert_true(ra_records_credential(records, "alic", "e$6$a$b", second));
    assert_memory_not_equal(first, second, 32);
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_false(ra_records_credential(records, "alice", longer, second));
    assert_int_equal(unlink(scratch_at(&scratch, "state/state")), 0);
    reopen();
    assert_true(ra_records_credential(records, "alice", "$6$a$b", second));
    assert_memory_not_equal(first, second, 32);
}

/* Processes that come first at the same time agree on one key. */
static void first_key_is_made_once(void **state)
{
    unsigned char credentials[MAKERS][32];
    int starts[2], answers[2];
    char byte;

    (void)state;
    for (int round = 0; round < 10; round++) {
        (void)unlink(scratch_at(&scratch, "state/state"));
        assert_int_equal(pipe(starts), 0);
        assert_int_equal(pipe(answers), 0);
        for (int i = 0; i < MAKERS; i++) {
            pid_t pid = fork();

            assert_true(pid >= 0);
            if (pid > 0)
                continue;
            (void)close(starts[1]);
            ra_records_close(&records);
            if (read(starts[0], &byte, 1) != 0 ||
                ra_records_open(&records, &config, NULL) != 0 ||
                !ra_records_credential(records, "u", "h", credentials[0]) ||
                write(answers[1], credentials[0], 32) != 32)
                _exit(1);
            ra_records_close(&records);
            _exit(0);
        }
        (void)close(starts[0]);
        (void)close(starts[1]);
        (void)close(answers[1]);
        for (int i = 0; i < MAKERS; i++) {
            int status;

            assert_true(wait(&status) > 0);
            assert_int_equal(status, 0);
            assert_int_equal(read(answers[0], credentials[i], 32), 32);
            assert_memory_equal(credentials[i], credentials[0], 32);
        }
        (void)close(answers[0]);
    }
}

/* ---- pruning ---- */

static void save_numbered(const char *requester, int i, uint32_t period)
{
    struct ra_binding b = sample();
    char fname[32];

    (void)snprintf(fname, sizeof(fname), "fname-%d", i);
    b.fname = fname;
    b.requester = requester;
    assert_int_equal(save_for(&b, period), 0);
}

static int find_numbered(const char *requester, int i)
{
    struct ra_binding b = sample();
    char fname[32];

    (void)snprintf(fname, sizeof(fname), "fname-%d", i);
    b.fname = fname;
    b.requester = requester;
    return find_for(&b, ROLEAUTH_MAX_PERIOD);
}

static void requester_has_so_many_at_most(void **state)
{
    (void)state;
    save_numbered("bob", 0, 300);
    for (int i = 0; i < ROLEAUTH_MAX_RECORDS + 20; i++) {
        roleauth_virtual_clock_advance(&time_source, 1);
        save_numbered("alice", i, 300);
        assert_int_equal(find_numbered("alice", i), 0);
    }
    assert_int_equal(count_files(), ROLEAUTH_MAX_RECORDS + 1);
    assert_int_equal(count_listed(), ROLEAUTH_MAX_RECORDS + 1);
    for (int i = 0; i < ROLEAUTH_MAX_RECORDS + 20; i++)
        assert_int_equal(find_numbered("alice", i),
                         i < 20 ? ROLEAUTH_E_NOT_FOUND : 0);
    assert_int_equal(find_numbered("bob", 0), 0);
}

/* All at one moment: the one just written stays. */
static void newest_stays_among_equals(void **state)
{
    (void)state;
    for (int i = 0; i < ROLEAUTH_MAX_RECORDS + 5; i++) {
        save_numbered("alice", i, 300);
        assert_int_equal(find_numbered("alice", i), 0);
    }
    assert_int_equal(count_files(), ROLEAUTH_MAX_RECORDS);
    save_numbered("alice", -1, 1); /* ends first, and stays all the same */
    assert_int_equal(find_numbered("alice", -1), 0);
    assert_int_equal(count_files(), ROLEAUTH_MAX_RECORDS);
}

static void expired_records_are_pruned_on_write(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        save_numbered("alice", i, (uint32_t)(100 + i));
    save_numbered("bob", 0, 100);
    scratch_write(&scratch, "records/not-a-record", "x", 1, 0600);
    roleauth_virtual_clock_advance(&time_source, 105);
    assert_int_equal(count_files(), 11);
    save_numbered("alice", 100, 300);
    /* 100 to 104 seconds are over; half a second of the 105 is not. */
    assert_int_equal(find_numbered("alice", 5), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(find_numbered("alice", 6), 0);
    assert_true(count_files() <= 6 && count_files() >= 5);
    assert_int_equal(access(scratch_at(&scratch, "records/not-a-record"), F_OK),
                     0);
}

/* The hint must not end a record before its time. */
static void pruning_spares_what_is_valid(void **state)
{
    (void)state;
    save_numbered("alice", 0, 10);
    roleauth_virtual_clock_advance(&time_source, 10);
    time_source.time.realtime.tv_nsec = 400000000;
    time_source.time.boottime.tv_sec -= 1;
    assert_int_equal(find_numbered("alice", 0), 0);
    save_numbered("alice", 1, 10);
    assert_int_equal(find_numbered("alice", 0), 0);
}

/* ---- status ---- */

static void tell_one(void *data, const roleauth_record *record)
{
    roleauth_record *copy = data;

    assert_string_equal(record->fname, "/opt/pbul/gp001");
    assert_string_equal(record->method, "getuserpasswdpam");
    assert_string_equal(record->user, "dba");
    assert_string_equal(record->service, "login");
    assert_string_equal(record->requester, "alice");
    assert_string_equal(record->submit_host, "host.example");
    assert_string_equal(record->scope, "pts/3 4711");
    assert_string_equal(record->ended_by, "period");
    *copy = *record;
}

static void status_tells_all(void **state)
{
    roleauth_record record;
    ra_records *other = NULL;

    (void)state;
    save();
    memset(&record, 0, sizeof(record));
    roleauth_virtual_clock_advance(&time_source, 100);
    assert_int_equal(ra_records_open_existing(&other, &config, NULL), 0);
    assert_int_equal(ra_records_list(other, tell_one, &record, NULL), 0);
    ra_records_close(&other);
    assert_null(other);
    ra_records_close(&other);
    assert_int_equal(record.period, 300);
    assert_int_equal(record.age, 100);
    assert_int_equal(record.left, 200);
    assert_int_equal(record.proved_at, time_source.time.realtime.tv_sec - 100);
}

static void status_needs_clock_and_directory(void **state)
{
    size_t count = 0;

    (void)state;
    save();
    time_source.broken = 1;
    assert_int_equal(ra_records_list(records, count_record, &count, NULL),
                     ROLEAUTH_E_IO);
    time_source.broken = 0;
    assert_int_equal(chmod(scratch_at(&scratch, "records"), 0750), 0);
    assert_int_equal(ra_records_list(records, count_record, &count, NULL),
                     ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(count, 0);
}

/* ---- revocation ---- */

static size_t end_records(const char *user, const char *fname)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    size_t ended = 42;

    assert_int_equal(ra_records_revoke(&config, user, fname, &ended, &error),
                     0);
    assert_string_equal(error.text, "");
    return ended;
}

struct kept_file {
    char name[128];
    unsigned char bytes[8192];
    size_t length;
};

static size_t keep_files(struct kept_file *kept, size_t most)
{
    size_t count = 0;

    for (const char *name; count < most && (name = file_name(count)) != NULL;
         count++) {
        (void)snprintf(kept[count].name, sizeof(kept[count].name), "%s", name);
        kept[count].length = scratch_read(&scratch, name, kept[count].bytes,
                                          sizeof(kept[count].bytes));
    }
    return count;
}

static void restore_files(const struct kept_file *kept, size_t count)
{
    for (size_t i = 0; i < count; i++)
        scratch_write(&scratch, kept[i].name, kept[i].bytes, kept[i].length,
                      0600);
}

/* alice and bob prove dba's and their own password for fnames 0 and 1. */
static void save_four(void)
{
    save_numbered("alice", 0, 300);
    save_numbered("alice", 1, 300);
    save_numbered("bob", 0, 300);
    save_numbered("bob", 1, 300);
}

/* A letter for each of the four: v valid, - not. */
static const char *four(void)
{
    static char text[5];

    text[0] = find_numbered("alice", 0) == 0 ? 'v' : '-';
    text[1] = find_numbered("alice", 1) == 0 ? 'v' : '-';
    text[2] = find_numbered("bob", 0) == 0 ? 'v' : '-';
    text[3] = find_numbered("bob", 1) == 0 ? 'v' : '-';
    return text;
}

/* Revokes, and restores the files: what stays valid is told, before and
 * after. */
static void check_revocation(const char *user, const char *fname,
                             const char *valid, size_t ended)
{
    static struct kept_file kept[4];
    size_t count;

    reopen();
    save_four();
    assert_string_equal(four(), "vvvv");
    count = keep_files(kept, 4);
    assert_int_equal(count, 4);
    assert_int_equal(end_records(user, fname), ended);
    assert_string_equal(four(), valid);
    assert_int_equal(count_files(), 4 - ended);
    restore_files(kept, count);
    assert_string_equal(four(), valid);
    reopen();
    assert_string_equal(four(), valid);
    assert_int_equal(count_listed(), 4 - ended);
    /* Nor does a clock that jumps revive any. */
    time_source.time.realtime.tv_sec += 200;
    assert_string_equal(four(), valid);
    time_source.time.realtime.tv_sec -= 200;
    /* A new proof counts. */
    save_four();
    assert_string_equal(four(), "vvvv");
    assert_int_equal(end_records(NULL, NULL), 4);
}

static void revocation_leaves_no_way_back(void **state)
{
    (void)state;
    check_revocation(NULL, NULL, "----", 4);
    check_revocation("alice", NULL, "--vv", 2);
    check_revocation("dba", NULL, "----", 4);
    check_revocation(NULL, "fname-1", "v-v-", 2);
    check_revocation("bob", "fname-0", "vv-v", 1);
    check_revocation("dba", "fname-0", "-v-v", 2);
    check_revocation("nobody", NULL, "vvvv", 0);
    check_revocation("alice", "fname-2", "vvvv", 0);
}

static void proof_that_began_before_is_dropped(void **state)
{
    const struct ra_binding binding = sample();
    struct ra_binding other = sample();

    (void)state;
    other.requester = "bob";
    other.user = "bob";
    save();
    /* The evaluation is at its prompt now ... */
    assert_int_equal(end_records("alice", NULL), 1);
    assert_true(ra_records_revoked(records, &binding));
    assert_int_equal(save_for(&binding, 300), ROLEAUTH_E_NOT_FOUND);
    assert_false(ra_records_revoked(records, &other));
    assert_int_equal(save_for(&other, 300), 0);
    assert_int_equal(find_for(&other, 300), 0);
    assert_int_equal(end_records(NULL, NULL), 1);
    assert_true(ra_records_revoked(records, &other));
    assert_int_equal(save_for(&other, 300), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(count_files(), 0);
    reopen();
    assert_int_equal(save_for(&binding, 300), 0);
    assert_int_equal(find(), 0);
}

/* Another process revokes between the check and the write. */
static int (*inner_write)(void *, roleauth_area, const char *, const void *,
                          size_t, int64_t, roleauth_error *);
static const char *revoked_user;

static int write_too_late(void *data, roleauth_area area, const char *name,
                          const void *bytes, size_t length, int64_t expires,
                          roleauth_error *error)
{
    store.write = inner_write;
    (void)end_records(revoked_user, NULL);
    return inner_write(data, area, name, bytes, length, expires, error);
}

static void proof_that_is_written_too_late_is_void(void **state)
{
    static const char *const users[] = {NULL, "alice", "dba"};

    (void)state;
    inner_write = store.write;
    for (size_t i = 0; i < 3; i++) {
        revoked_user = users[i];
        store.write = write_too_late;
        save();
        assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
        reopen();
        assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    }
}

static void old_state_voids_newer_records(void **state)
{
    static unsigned char bytes[4096];
    static struct kept_file kept[2];
    size_t length = scratch_read(&scratch, "state/state", bytes, sizeof(bytes));

    (void)state;
    save();
    assert_int_equal(keep_files(kept, 2), 1);
    assert_int_equal(end_records("alice", NULL), 1);
    reopen();
    save();
    assert_int_equal(find(), 0);
    /* Back to before the revocation: what was made after it is void. */
    scratch_write(&scratch, "state/state", bytes, length, 0600);
    assert_int_equal(find(), ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(count_listed(), 0);
    {
        const struct ra_binding binding = sample();

        assert_true(ra_records_revoked(records, &binding));
        assert_int_equal(save_for(&binding, 300), ROLEAUTH_E_NOT_FOUND);
    }
    /* After a full one, too, and nothing from before it is left. */
    reopen();
    save();
    assert_int_equal(end_records(NULL, NULL), 1);
    reopen();
    save_numbered("bob", 0, 300);
    scratch_write(&scratch, "state/state", bytes, length, 0600);
    reopen();
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(count_listed(), 0);
}

static void overlong_names_revoke_nothing(void **state)
{
    char longer[ROLEAUTH_MAX_BINDING + 2];
    size_t ended = 42;

    (void)state;
    save();
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(ra_records_revoke(&config, longer, NULL, &ended, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ra_records_revoke(&config, NULL, longer, &ended, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(ended, 0);
    assert_int_equal(find(), 0);
    longer[ROLEAUTH_MAX_BINDING] = '\0';
    assert_int_equal(end_records(longer, longer), 0);
    assert_int_equal(find(), 0);
}

static void revoking_does_not_need_the_records(void **state)
{
    (void)state;
    save();
    assert_int_equal(chmod(scratch_at(&scratch, "records"), 0755), 0);
    assert_int_equal(end_records(NULL, NULL), 0);
    assert_int_equal(chmod(scratch_at(&scratch, "records"), 0700), 0);
    reopen();
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(count_listed(), 0);
}

/* The state's disk is full to the last byte: the key goes. */
static int revoke_on_a_full_disk(void)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char block[4096];
    size_t ended = 0;
    int fd;

    ra_records_close(&records);
    if (ra_records_open(&records, &config, NULL) != 0)
        return 1;
    save();
    save_numbered("bob", 1, 300);
    fd = open(scratch_at(&scratch, "state/filler"), O_WRONLY | O_CREAT, 0600);
    memset(block, 'x', sizeof(block));
    while (write(fd, block, sizeof(block)) > 0)
        ;
    (void)close(fd);
    if (ra_records_revoke(&config, "alice", NULL, &ended, &error) != 0)
        return 2;
    if (error.code != 0 ||
        strstr(error.text, "everything was revoked") == NULL || ended != 2)
        return 3;
    if (find() != ROLEAUTH_E_NOT_FOUND || count_files() != 0)
        return 4;
    return access(scratch_at(&scratch, "state/state"), F_OK) == 0 ? 5 : 0;
}

static void full_disk_does_not_keep_anyone_signed_in(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    scratch_need_root();
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(scratch_on_small_disk(&scratch, "state", revoke_on_a_full_disk));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("skipped: not allowed to mount\n");
        skip();
    }
    assert_int_equal(status, 0);
}

/* ---- triggers ---- */

static const struct ra_triggers every_minute = {.interval = 60};

/* Counted from now, with one record. */
static void start_minute(void)
{
    (void)end_records(NULL, NULL);
    config.triggers = &every_minute;
    reopen();
    save();
    assert_int_equal(find(), 0);
}

static void restored_files_outlive_no_trigger(void **state)
{
    static unsigned char bytes[4096];
    static struct kept_file kept[2];
    size_t length;

    (void)state;
    start_minute();
    length = scratch_read(&scratch, "state/state", bytes, sizeof(bytes));
    assert_int_equal(keep_files(kept, 2), 1);
    roleauth_virtual_clock_advance(&time_source, 59);
    assert_int_equal(find(), 0);
    roleauth_virtual_clock_advance(&time_source, 1);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(count_listed(), 0);
    /* Not even with the state of then. */
    scratch_write(&scratch, "state/state", bytes, length, 0600);
    restore_files(kept, 1);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    time_source.time.realtime.tv_sec -= 30;
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    reopen();
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
}

/* What lies just before a moment ends at it, what lies on it does not. */
static void a_moment_ends_the_second_before_it(void **state)
{
    (void)state;
    start_minute();
    roleauth_virtual_clock_advance(&time_source, 59);
    reopen();
    save();
    assert_int_equal(find(), 0);
    roleauth_virtual_clock_advance(&time_source, 1);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    reopen();
    save();
    assert_int_equal(find(), 0);
}

static void a_removed_state_ends_everything(void **state)
{
    static struct kept_file kept[2];
    roleauth_moment due;
    size_t ended = 42;

    (void)state;
    start_minute();
    assert_int_equal(keep_files(kept, 2), 1);
    assert_int_equal(unlink(scratch_at(&scratch, "state/state")), 0);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
    /* A new key, from which is counted; nothing is due yet. */
    assert_int_equal(ra_records_revoke_due(&config, &due, &ended, NULL), 0);
    assert_int_equal(due.trigger, ROLEAUTH_TRIGGER_NONE);
    assert_int_equal(ended, 0);
    restore_files(kept, 1);
    reopen();
    assert_int_not_equal(find(), 0);
    assert_int_equal(count_listed(), 0);
    roleauth_virtual_clock_advance(&time_source, 60);
    assert_int_equal(ra_records_revoke_due(&config, &due, &ended, NULL), 0);
    assert_int_equal(due.trigger, ROLEAUTH_TRIGGER_INTERVAL);
}

static void a_damaged_state_is_due(void **state)
{
    roleauth_moment due;
    size_t ended = 42;

    (void)state;
    start_minute();
    scratch_write(&scratch, "state/state", "damage", 6, 0600);
    assert_int_equal(ra_records_revoke_due(&config, &due, &ended, NULL), 0);
    assert_int_equal(due.trigger, ROLEAUTH_TRIGGER_INTERVAL);
    assert_int_equal(ended, 0);
    assert_int_equal(count_files(), 0);
    assert_int_equal(ra_records_revoke_due(&config, &due, &ended, NULL), 0);
    assert_int_equal(due.trigger, ROLEAUTH_TRIGGER_NONE);
}

static void a_proof_over_a_moment_is_dropped(void **state)
{
    const struct ra_binding binding = sample();

    (void)state;
    start_minute();
    roleauth_virtual_clock_advance(&time_source, 50);
    reopen();
    assert_false(ra_records_revoked(records, &binding));
    roleauth_virtual_clock_advance(&time_source, 10);
    assert_true(ra_records_revoked(records, &binding));
    assert_int_equal(save_for(&binding, 300), ROLEAUTH_E_NOT_FOUND);
    /* Set back or not. */
    time_source.time.realtime.tv_sec -= 9;
    assert_true(ra_records_revoked(records, &binding));
    assert_int_equal(save_for(&binding, 300), ROLEAUTH_E_NOT_FOUND);
    time_source.time.realtime.tv_sec += 9;
    reopen();
    assert_int_equal(save_for(&binding, 300), 0);
    assert_int_equal(find(), 0);
    /* Without a clock it cannot be told. */
    time_source.broken = 1;
    assert_true(ra_records_revoked(records, &binding));
    time_source.broken = 0;
}

/* The moment passes between the check and the write. */
static int write_over_a_moment(void *data, roleauth_area area, const char *name,
                               const void *bytes, size_t length,
                               int64_t expires, roleauth_error *error)
{
    roleauth_virtual_clock_advance(&time_source, 60);
    return inner_write(data, area, name, bytes, length, expires, error);
}

static void a_proof_written_over_a_moment_is_void(void **state)
{
    const struct ra_binding binding = sample();

    (void)state;
    start_minute();
    inner_write = store.write;
    store.write = write_over_a_moment;
    assert_int_equal(save_for(&binding, 300), 0);
    store.write = inner_write;
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
}

/* No record from before or after is believed in by a state that says nothing
 * of when it was made, but for the moments of the interval since 1970. */
static void an_odd_anchor_ends_at_its_moments(void **state)
{
    (void)state;
    config.triggers = &every_minute;
    (void)end_records(NULL, NULL);
    time_source.time.realtime.tv_sec -= 3600; /* the key is from the future */
    reopen();
    save();
    assert_int_equal(find(), 0);
    roleauth_virtual_clock_advance(&time_source, 60);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
}

static int due_on_a_full_disk(void)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_moment due;
    char block[4096];
    size_t ended = 0;
    int fd;

    config.triggers = &every_minute;
    reopen();
    save();
    fd = open(scratch_at(&scratch, "state/filler"), O_WRONLY | O_CREAT, 0600);
    memset(block, 'x', sizeof(block));
    while (write(fd, block, sizeof(block)) > 0)
        ;
    (void)close(fd);
    roleauth_virtual_clock_advance(&time_source, 60);
    if (find() != ROLEAUTH_E_NOT_FOUND)
        return 1;
    if (ra_records_revoke_due(&config, &due, &ended, &error) != 0)
        return 2;
    if (due.trigger != ROLEAUTH_TRIGGER_INTERVAL || ended != 1 ||
        error.code != 0 || strstr(error.text, "everything was revoked") == NULL)
        return 3;
    /* There is no key any more, and perhaps no room for one: not again. */
    (void)ra_records_revoke_due(&config, &due, &ended, NULL);
    if (due.trigger != ROLEAUTH_TRIGGER_NONE)
        return 4;
    return find() == ROLEAUTH_E_NOT_FOUND ? 0 : 5;
}

static void a_full_disk_outlives_no_trigger(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    scratch_need_root();
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(scratch_on_small_disk(&scratch, "state", due_on_a_full_disk));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("skipped: not allowed to mount\n");
        skip();
    }
    assert_int_equal(status, 0);
}

/* A record that cannot be written costs a question, no more. */
static int write_nothing(void *data, roleauth_area area, const char *name,
                         const void *bytes, size_t length, int64_t expires,
                         roleauth_error *error)
{
    (void)data;
    (void)area;
    (void)name;
    (void)bytes;
    (void)length;
    (void)expires;
    (void)error;
    return ROLEAUTH_E_NOT_FOUND;
}

static void unwritable_record_is_noted(void **state)
{
    const struct ra_binding binding = sample();

    (void)state;
    store.write = write_nothing;
    assert_int_equal(save_for(&binding, 300), ROLEAUTH_E_IO);
    assert_int_equal(find(), ROLEAUTH_E_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(proof_is_remembered),
        TEST(window_is_fixed),
        TEST(later_proof_replaces_the_earlier),
        TEST(period_asked_now_counts_when_smaller),
        TEST(each_part_of_the_binding_counts),
        TEST(copied_file_answers_for_nothing_else),
        TEST(file_names_tell_nothing),
        TEST(unbound_proofs_are_not_kept),
        TEST(impossible_proofs_are_not_kept),
        TEST(either_clock_ends_it),
        TEST(future_is_not_valid),
        TEST(reboot_ends_it),
        TEST(every_changed_bit_is_found),
        TEST(every_other_length_is_found),
        TEST(odd_files_are_no_record),
        TEST(untrusted_directories_are_noted),
        TEST(reading_never_makes_anything),
        TEST(reading_alters_nothing),
        TEST(lost_or_damaged_key_voids_all),
        TEST(key_that_others_could_read_is_replaced),
        TEST(credential_depends_on_all_of_it),
        TEST(first_key_is_made_once),
        TEST(requester_has_so_many_at_most),
        TEST(newest_stays_among_equals),
        TEST(expired_records_are_pruned_on_write),
        TEST(pruning_spares_what_is_valid),
        TEST(status_tells_all),
        TEST(status_needs_clock_and_directory),
        TEST(revocation_leaves_no_way_back),
        TEST(proof_that_began_before_is_dropped),
        TEST(proof_that_is_written_too_late_is_void),
        TEST(old_state_voids_newer_records),
        TEST(overlong_names_revoke_nothing),
        TEST(revoking_does_not_need_the_records),
        TEST(full_disk_does_not_keep_anyone_signed_in),
        TEST(unwritable_record_is_noted),
        TEST(restored_files_outlive_no_trigger),
        TEST(a_moment_ends_the_second_before_it),
        TEST(a_removed_state_ends_everything),
        TEST(a_damaged_state_is_due),
        TEST(a_proof_over_a_moment_is_dropped),
        TEST(a_proof_written_over_a_moment_is_void),
        TEST(an_odd_anchor_ends_at_its_moments),
        TEST(a_full_disk_outlives_no_trigger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

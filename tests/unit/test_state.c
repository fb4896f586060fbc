/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <roleauth_testing.h>

#include "store/state.h"
#include "store/store.h"

/* A memory store whose calls can be made to fail. */
static roleauth_store memory, store;
static roleauth_virtual_clock time_source;
static roleauth_clock seam;
static int read_code, write_code, create_code, remove_code, lock_code;
static int locked, writes;
static int passing; /* read_code fails once */
static unsigned char item[ROLEAUTH_STORE_ITEM];
static size_t item_length;

static int do_read(void *data, roleauth_area area, const char *name,
                   void *buffer, size_t size, size_t *length,
                   roleauth_error *error)
{
    (void)data;
    if (read_code != 0) {
        int code = read_code;

        if (passing)
            read_code = 0;
        return code;
    }
    return memory.read(memory.data, area, name, buffer, size, length, error);
}

static int do_write(void *data, roleauth_area area, const char *name,
                    const void *bytes, size_t length, int64_t expires,
                    roleauth_error *error)
{
    (void)data;
    assert_int_equal(locked, 1);
    writes++;
    if (write_code != 0)
        return write_code;
    return memory.write(memory.data, area, name, bytes, length, expires, error);
}

static int do_create(void *data, roleauth_area area, const char *name,
                     const void *bytes, size_t length, roleauth_error *error)
{
    (void)data;
    writes++;
    if (create_code != 0)
        return create_code;
    return memory.create(memory.data, area, name, bytes, length, error);
}

static int do_remove(void *data, roleauth_area area, const char *name,
                     roleauth_error *error)
{
    (void)data;
    if (remove_code != 0)
        return remove_code;
    return memory.remove(memory.data, area, name, error);
}

static int do_lock(void *data, roleauth_error *error)
{
    (void)data;
    (void)error;
    assert_int_equal(locked, 0);
    locked = lock_code == 0;
    return lock_code;
}

static void do_unlock(void *data)
{
    (void)data;
    assert_int_equal(locked, 1);
    locked = 0;
}

static int set_up(void **state)
{
    (void)state;
    read_code = write_code = create_code = remove_code = lock_code = 0;
    locked = writes = passing = 0;
    roleauth_virtual_clock_init(&time_source);
    seam = roleauth_virtual_clock_seam(&time_source);
    if (roleauth_memory_store(&memory) != 0)
        return -1;
    store = memory;
    store.read = do_read;
    store.write = do_write;
    store.create = do_create;
    store.remove = do_remove;
    store.lock = do_lock;
    store.unlock = do_unlock;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memory.release(memory.data);
    return locked;
}

static struct ra_state *open_state(void)
{
    struct ra_state *state = NULL;

    assert_int_equal(ra_state_open(&store, &seam, &state, NULL), 0);
    assert_non_null(state);
    return state;
}

static void save_item(void)
{
    assert_int_equal(memory.read(memory.data, ROLEAUTH_AREA_STATE,
                                 RA_STATE_ITEM, item, sizeof(item),
                                 &item_length, NULL),
                     0);
}

static void restore_item(size_t length)
{
    assert_int_equal(memory.write(memory.data, ROLEAUTH_AREA_STATE,
                                  RA_STATE_ITEM, item, length, 0, NULL),
                     0);
}

static void revoke(const char *user, const char *fname)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    assert_int_equal(ra_state_revoke(&store, &seam, user, fname, &error), 0);
    assert_int_equal(error.code, 0);
    assert_string_equal(error.text, "");
}

static uint64_t floor_of(const char *user, const char *requester,
                         const char *fname)
{
    struct ra_state *state = open_state();
    uint64_t floor = 42;

    assert_true(ra_state_floor(state, user, requester, fname, &floor));
    ra_state_free(&state);
    return floor;
}

static void state_is_made_once(void **unused)
{
    static const unsigned char none[RA_STATE_KEY];
    struct ra_state *first, *second;

    (void)unused;
    assert_int_equal(ra_state_read(&store, &first, NULL), ROLEAUTH_E_NOT_FOUND);
    assert_null(first);
    assert_int_equal(writes, 0);
    first = open_state();
    assert_int_equal(writes, 1);
    roleauth_virtual_clock_advance(&time_source, 100);
    second = open_state();
    assert_int_equal(writes, 1);
    assert_memory_equal(first->key, second->key, RA_STATE_KEY);
    assert_memory_not_equal(first->key, none, RA_STATE_KEY);
    assert_int_equal(first->made.realtime.tv_sec,
                     time_source.time.realtime.tv_sec - 100);
    assert_int_equal(first->made.boottime.tv_sec,
                     time_source.time.boottime.tv_sec - 100);
    assert_memory_equal(first->made.boot_id, time_source.time.boot_id, 16);
    assert_false(first->revoked);
    assert_int_equal(first->generation, 1);
    assert_int_equal(second->count, 0);
    ra_state_free(&first);
    ra_state_free(&second);
    ra_state_free(&second);
    ra_state_free(NULL);
}

static void lost_state_has_a_new_key(void **unused)
{
    struct ra_state *first = open_state(), *second;

    (void)unused;
    assert_int_equal(
        memory.remove(memory.data, ROLEAUTH_AREA_STATE, RA_STATE_ITEM, NULL),
        0);
    second = open_state();
    assert_memory_not_equal(first->key, second->key, RA_STATE_KEY);
    ra_state_free(&first);
    ra_state_free(&second);
}

/* Whatever bit is flipped: the state is refused, and then made anew. */
static void damage_is_found(void **unused)
{
    struct ra_state *state = open_state(), *again;

    (void)unused;
    revoke("alice", NULL);
    revoke(NULL, "gp001");
    save_item();
    for (size_t bit = 0; bit < 8 * item_length; bit++) {
        item[bit / 8] ^= (unsigned char)(1U << bit % 8);
        restore_item(item_length);
        assert_int_equal(ra_state_read(&store, &again, NULL),
                         ROLEAUTH_E_INVALID);
        assert_null(again);
        item[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    for (size_t length = 0; length <= item_length + 100; length++) {
        restore_item(length);
        assert_int_equal(ra_state_read(&store, &again, NULL),
                         length == item_length ? 0 : ROLEAUTH_E_INVALID);
        ra_state_free(&again);
    }
    again = open_state();
    assert_memory_not_equal(state->key, again->key, RA_STATE_KEY);
    assert_int_equal(again->count, 0);
    ra_state_free(&state);
    ra_state_free(&again);
}

static void oversized_state_is_damage(void **unused)
{
    struct ra_state *state = open_state();

    (void)unused;
    ra_state_free(&state);
    restore_item(sizeof(item));
    assert_int_equal(ra_state_read(&store, &state, NULL), ROLEAUTH_E_LIMIT);
    state = open_state();
    assert_int_equal(state->generation, 1);
    ra_state_free(&state);
}

/* What may pass must not void everything. */
static void unreadable_state_is_kept(void **unused)
{
    static const int codes[] = {ROLEAUTH_E_IO, ROLEAUTH_E_NOMEM,
                                ROLEAUTH_E_INTERNAL};
    struct ra_state *state = open_state();

    (void)unused;
    ra_state_free(&state);
    for (size_t i = 0; i < 3; i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;

        read_code = codes[i];
        assert_int_equal(ra_state_open(&store, &seam, &state, &error),
                         codes[i]);
        assert_null(state);
        assert_int_equal(error.code, codes[i]);
        assert_string_not_equal(error.text, "");
    }
    assert_int_equal(writes, 1);
}

/* A failure that passes at once is no reason to believe there is no state. */
static void passing_failure_is_an_error(void **unused)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct ra_state *state;

    (void)unused;
    read_code = ROLEAUTH_E_IO;
    passing = 1;
    assert_int_equal(ra_state_open(&store, &seam, &state, &error),
                     ROLEAUTH_E_IO);
    assert_int_equal(error.code, ROLEAUTH_E_IO);
    assert_null(state);
    assert_int_equal(writes, 0);
}

/* A key that others could read is no key. */
static void untrusted_state_is_replaced(void **unused)
{
    struct ra_state *state = open_state();

    (void)unused;
    ra_state_free(&state);
    read_code = ROLEAUTH_E_UNTRUSTED;
    assert_int_equal(ra_state_open(&store, &seam, &state, NULL),
                     ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(writes, 2);
    /* It is the directory: no lock can be had either. */
    lock_code = ROLEAUTH_E_UNTRUSTED;
    assert_int_equal(ra_state_open(&store, &seam, &state, NULL),
                     ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(writes, 2);
}

static void state_needs_clock_lock_and_room(void **unused)
{
    struct ra_state *state;

    (void)unused;
    time_source.broken = 1;
    assert_int_equal(ra_state_open(&store, &seam, &state, NULL), ROLEAUTH_E_IO);
    time_source.broken = 0;
    lock_code = ROLEAUTH_E_IO;
    assert_int_equal(ra_state_open(&store, &seam, &state, NULL), ROLEAUTH_E_IO);
    lock_code = 0;
    create_code = ROLEAUTH_E_IO;
    assert_int_equal(ra_state_open(&store, &seam, &state, NULL), ROLEAUTH_E_IO);
    assert_null(state);
    create_code = 0;
    state = open_state();
    ra_state_free(&state);
}

static void full_revocation_replaces_the_key(void **unused)
{
    struct ra_state *first = open_state(), *second;

    (void)unused;
    revoke("alice", NULL);
    roleauth_virtual_clock_advance(&time_source, 100);
    revoke(NULL, NULL);
    second = open_state();
    assert_memory_not_equal(first->key, second->key, RA_STATE_KEY);
    assert_int_equal(second->generation, 3);
    assert_int_equal(second->count, 0);
    assert_memory_equal(&second->made, &time_source.time,
                        sizeof(roleauth_time));
    assert_true(second->revoked);
    ra_state_free(&first);
    ra_state_free(&second);
}

static void partial_revocation_raises_the_floor(void **unused)
{
    struct ra_state *state = open_state();

    (void)unused;
    assert_int_equal(floor_of("dba", "alice", "f"), 1);
    revoke("alice", NULL);
    assert_int_equal(floor_of("alice", NULL, "f"), 2);
    assert_int_equal(floor_of("dba", "alice", "f"), 2);
    assert_int_equal(floor_of("dba", "bob", "f"), 1);
    assert_int_equal(floor_of("dba", NULL, "alice"), 1);
    revoke(NULL, "f");
    assert_int_equal(floor_of("dba", "bob", "f"), 3);
    assert_int_equal(floor_of("dba", "bob", "g"), 1);
    assert_int_equal(floor_of("f", "f", "g"), 1);
    revoke("bob", "g");
    assert_int_equal(floor_of("dba", "bob", "g"), 4);
    assert_int_equal(floor_of("bob", "eve", "g"), 4);
    assert_int_equal(floor_of("bob", "bob", "h"), 1);
    assert_int_equal(floor_of("dba", "eve", "g"), 1);
    /* Again: the same entry, later. */
    revoke("alice", NULL);
    assert_int_equal(floor_of("dba", "alice", "f"), 5);
    assert_int_equal(floor_of("dba", "bob", "f"), 3);
    ra_state_free(&state);
    state = open_state();
    assert_int_equal(state->count, 3);
    assert_int_equal(state->generation, 5);
    assert_false(state->revoked);
    ra_state_free(&state);
}

/* The names do not stand in the state. */
static void names_are_not_told(void **unused)
{
    struct ra_state *state = open_state();

    (void)unused;
    revoke("Some-Body-Special", "some-fname-special");
    save_item();
    assert_null(memmem(item, item_length, "Special", 7));
    assert_null(memmem(item, item_length, "special", 7));
    ra_state_free(&state);
}

static void full_list_becomes_a_full_revocation(void **unused)
{
    struct ra_state *first = open_state(), *second;
    char name[32];

    (void)unused;
    for (int i = 0; i < RA_STATE_REVOCATIONS; i++) {
        (void)snprintf(name, sizeof(name), "user-%d", i);
        revoke(name, NULL);
    }
    revoke("user-7", NULL); /* has its entry already */
    second = open_state();
    assert_memory_equal(first->key, second->key, RA_STATE_KEY);
    assert_int_equal(second->count, RA_STATE_REVOCATIONS);
    assert_int_equal(second->generation, RA_STATE_REVOCATIONS + 2);
    assert_int_equal(floor_of("user-4095", NULL, "f"), 4097);
    ra_state_free(&second);
    revoke("one-more", NULL);
    second = open_state();
    assert_memory_not_equal(first->key, second->key, RA_STATE_KEY);
    assert_int_equal(second->count, 0);
    assert_true(second->revoked);
    ra_state_free(&first);
    ra_state_free(&second);
}

static void revoking_nothing_yet_makes_a_state(void **unused)
{
    struct ra_state *state;

    (void)unused;
    revoke("alice", NULL);
    assert_int_equal(ra_state_read(&store, &state, NULL), 0);
    assert_int_equal(state->count, 0);
    assert_true(state->revoked);
    ra_state_free(&state);
}

static void damaged_state_is_revoked_whole(void **unused)
{
    struct ra_state *first = open_state(), *second;

    (void)unused;
    save_item();
    item[20] ^= 1;
    restore_item(item_length);
    revoke("alice", NULL);
    second = open_state();
    assert_memory_not_equal(first->key, second->key, RA_STATE_KEY);
    ra_state_free(&first);
    ra_state_free(&second);
}

static void revocation_needs_no_clock(void **unused)
{
    struct ra_state *first = open_state(), *second;

    (void)unused;
    time_source.broken = 1;
    revoke(NULL, NULL);
    assert_int_equal(ra_state_read(&store, &second, NULL), 0);
    assert_memory_not_equal(first->key, second->key, RA_STATE_KEY);
    assert_memory_equal(&second->made, &first->made, sizeof(roleauth_time));
    ra_state_free(&first);
    ra_state_free(&second);
}

static void a_moment_ends_all_once(void **unused)
{
    struct ra_state *first = open_state(), *second;

    (void)unused;
    revoke("alice", NULL);
    assert_int_equal(ra_state_pass(&store, 77, NULL), 0);
    second = open_state();
    assert_memory_equal(first->key, second->key, RA_STATE_KEY);
    assert_memory_equal(&first->made, &second->made, sizeof(roleauth_time));
    assert_int_equal(second->generation, 3);
    assert_int_equal(second->floor, 3);
    assert_int_equal(second->passed, 77);
    assert_int_equal(second->count, 0);
    assert_false(second->revoked);
    ra_state_free(&second);
    assert_int_equal(floor_of("dba", "bob", "f"), 3);
    /* Done for this moment; another one, even of before, is another. */
    writes = 0;
    assert_int_equal(ra_state_pass(&store, 77, NULL), 0);
    assert_int_equal(writes, 0);
    assert_int_equal(ra_state_pass(&store, 66, NULL), 0);
    assert_int_equal(floor_of("dba", "bob", "f"), 4);
    revoke("bob", NULL);
    assert_int_equal(floor_of("dba", "bob", "f"), 5);
    assert_int_equal(floor_of("dba", "eve", "f"), 4);
    ra_state_free(&first);
    /* Where it cannot be written, everything stays as it is. */
    write_code = ROLEAUTH_E_IO;
    assert_int_equal(ra_state_pass(&store, 55, NULL), ROLEAUTH_E_IO);
    assert_int_equal(floor_of("dba", "eve", "f"), 4);
    write_code = 0;
    lock_code = ROLEAUTH_E_LIMIT;
    assert_int_equal(ra_state_pass(&store, 55, NULL), ROLEAUTH_E_LIMIT);
    lock_code = 0;
    revoke(NULL, NULL);
    second = open_state();
    assert_int_equal(second->floor, 1);
    assert_int_equal(second->passed, 0);
    ra_state_free(&second);
    assert_int_equal(
        memory.remove(memory.data, ROLEAUTH_AREA_STATE, RA_STATE_ITEM, NULL),
        0);
    assert_int_equal(ra_state_pass(&store, 55, NULL), ROLEAUTH_E_NOT_FOUND);
}

struct wish {
    bool wanted;
    unsigned asked;
    uint64_t generation; /* of what it was asked about; 0: damaged */
};

static bool is_wanted(void *data, const struct ra_state *state)
{
    struct wish *wish = data;

    /* Nobody else can change it meanwhile. */
    assert_int_equal(locked, 1);
    wish->asked++;
    wish->generation = state != NULL ? state->generation : 0;
    return wish->wanted;
}

static int revoke_if(struct wish *wish)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int rc = ra_state_revoke_if(&store, &seam, is_wanted, wish, &error);

    assert_int_equal(error.code, rc == ROLEAUTH_E_NOT_FOUND ? 0 : rc);
    assert_int_equal(locked, 0);
    return rc;
}

static void what_is_no_longer_wanted_is_not_revoked(void **unused)
{
    struct ra_state *first = open_state(), *second;
    struct wish wish = {.wanted = false};

    (void)unused;
    writes = 0;
    assert_int_equal(revoke_if(&wish), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(wish.asked, 1);
    assert_int_equal(wish.generation, 1);
    assert_int_equal(writes, 0);
    wish.wanted = true;
    assert_int_equal(revoke_if(&wish), 0);
    second = open_state();
    assert_memory_not_equal(first->key, second->key, RA_STATE_KEY);
    assert_true(second->revoked);
    assert_int_equal(second->generation, 2);
    ra_state_free(&first);
    ra_state_free(&second);
    /* A damaged one is asked about as NULL. */
    save_item();
    item[20] ^= 1;
    restore_item(item_length);
    assert_int_equal(revoke_if(&wish), 0);
    assert_int_equal(wish.generation, 0);
    /* Whoever removed it has revoked everything. */
    assert_int_equal(
        memory.remove(memory.data, ROLEAUTH_AREA_STATE, RA_STATE_ITEM, NULL),
        0);
    wish.asked = 0;
    assert_int_equal(revoke_if(&wish), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(wish.asked, 0);
}

static void an_unwanted_revocation_removes_nothing(void **unused)
{
    struct wish wish = {.wanted = false};
    struct ra_state *state = open_state();

    (void)unused;
    ra_state_free(&state);
    write_code = ROLEAUTH_E_IO;
    assert_int_equal(revoke_if(&wish), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(ra_state_read(&store, &state, NULL), 0);
    ra_state_free(&state);
    /* A wanted one that cannot be written does, as the last resort. */
    wish.wanted = true;
    assert_int_equal(ra_state_revoke_if(&store, &seam, is_wanted, &wish, NULL),
                     0);
    assert_int_equal(ra_state_read(&store, &state, NULL), ROLEAUTH_E_NOT_FOUND);
    /* Nobody can hold a lock that there is no room for. */
    lock_code = ROLEAUTH_E_IN_USE;
    assert_int_equal(revoke_if(&wish), ROLEAUTH_E_IN_USE);
}

/* It cannot be written: then nothing is left to be valid, and it is told. */
static void assert_removed(const char *user)
{
    struct ra_state *state = open_state();
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int *codes[] = {&write_code, &lock_code, &read_code};

    for (size_t i = 0; i < 3; i++) {
        roleauth_error_clear(&error);
        *codes[i] = codes[i] == &lock_code ? ROLEAUTH_E_LIMIT : ROLEAUTH_E_IO;
        assert_int_equal(ra_state_revoke(&store, &seam, user, NULL, &error), 0);
        *codes[i] = 0;
        assert_int_equal(error.code, 0);
        assert_non_null(strstr(error.text, "everything was revoked"));
        ra_state_free(&state);
        assert_int_equal(ra_state_read(&store, &state, NULL),
                         ROLEAUTH_E_NOT_FOUND);
        state = open_state();
    }
    ra_state_free(&state);
}

/* Who holds the lock may be about to write the old key. */
static void nothing_is_removed_behind_a_lock(void **unused)
{
    static const int codes[] = {ROLEAUTH_E_IN_USE, ROLEAUTH_E_IO,
                                ROLEAUTH_E_NOMEM};
    struct ra_state *first = open_state(), *second;

    (void)unused;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;

        lock_code = codes[i];
        assert_int_equal(ra_state_revoke(&store, &seam, NULL, NULL, &error),
                         codes[i]);
        lock_code = 0;
        assert_non_null(strstr(error.text, "nothing was revoked"));
        assert_int_equal(ra_state_read(&store, &second, NULL), 0);
        assert_memory_equal(first->key, second->key, RA_STATE_KEY);
        ra_state_free(&second);
    }
    ra_state_free(&first);
}

static void unwritable_state_is_removed(void **unused)
{
    (void)unused;
    assert_removed(NULL);
    assert_removed("alice");
}

static void only_then_nothing_is_revoked(void **unused)
{
    struct ra_state *first = open_state(), *second;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)unused;
    write_code = ROLEAUTH_E_IO;
    remove_code = ROLEAUTH_E_UNTRUSTED;
    assert_int_equal(ra_state_revoke(&store, &seam, NULL, NULL, &error),
                     ROLEAUTH_E_IO);
    assert_int_equal(error.code, ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "nothing was revoked"));
    second = open_state();
    assert_memory_equal(first->key, second->key, RA_STATE_KEY);
    ra_state_free(&first);
    ra_state_free(&second);
}

/* A generation cannot wrap around to where old records are. */
static void last_generation_is_followed_by_a_new_key(void **unused)
{
    struct ra_state *first = open_state(), *second;
    struct ra_writer writer;
    unsigned char mac[RA_SHA256_SIZE];

    (void)unused;
    save_item();
    writer.bytes = item + 12 + RA_STATE_KEY + 40; /* behind the time */
    writer.length = 0;
    writer.size = 8;
    writer.failed = false;
    ra_put_number(&writer, UINT64_MAX, 8);
    assert_true(ra_state_mac(first, item, item_length - sizeof(mac), mac));
    memcpy(item + item_length - sizeof(mac), mac, sizeof(mac));
    restore_item(item_length);
    second = open_state();
    assert_true(second->generation == UINT64_MAX);
    assert_int_equal(ra_state_pass(&store, 77, NULL), ROLEAUTH_E_LIMIT);
    ra_state_free(&second);
    revoke("alice", NULL);
    second = open_state();
    assert_memory_not_equal(first->key, second->key, RA_STATE_KEY);
    assert_int_equal(second->generation, 1);
    ra_state_free(&first);
    ra_state_free(&second);
}

static void only_the_right_mac_is_authentic(void **unused)
{
    struct ra_state *state = open_state();
    unsigned char bytes[8 + RA_SHA256_SIZE] = "content";

    (void)unused;
    assert_true(ra_state_mac(state, bytes, 8, bytes + 8));
    assert_int_equal(ra_state_authenticate(state, bytes, sizeof(bytes)), 0);
    for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_int_equal(ra_state_authenticate(state, bytes, sizeof(bytes)),
                         ROLEAUTH_E_INVALID);
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    for (size_t length = 0; length < sizeof(bytes); length++)
        assert_int_equal(ra_state_authenticate(state, bytes, length),
                         ROLEAUTH_E_INVALID);
    revoke(NULL, NULL);
    ra_state_free(&state);
    state = open_state();
    assert_int_equal(ra_state_authenticate(state, bytes, sizeof(bytes)),
                     ROLEAUTH_E_INVALID);
    ra_state_free(&state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(state_is_made_once),
        TEST(lost_state_has_a_new_key),
        TEST(damage_is_found),
        TEST(oversized_state_is_damage),
        TEST(unreadable_state_is_kept),
        TEST(passing_failure_is_an_error),
        TEST(untrusted_state_is_replaced),
        TEST(state_needs_clock_lock_and_room),
        TEST(full_revocation_replaces_the_key),
        TEST(partial_revocation_raises_the_floor),
        TEST(names_are_not_told),
        TEST(full_list_becomes_a_full_revocation),
        TEST(revoking_nothing_yet_makes_a_state),
        TEST(damaged_state_is_revoked_whole),
        TEST(revocation_needs_no_clock),
        TEST(a_moment_ends_all_once),
        TEST(what_is_no_longer_wanted_is_not_revoked),
        TEST(an_unwanted_revocation_removes_nothing),
        TEST(nothing_is_removed_behind_a_lock),
        TEST(unwritable_state_is_removed),
        TEST(only_then_nothing_is_revoked),
        TEST(last_generation_is_followed_by_a_new_key),
        TEST(only_the_right_mac_is_authentic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

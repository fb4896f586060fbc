/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <roleauth_testing.h>

#include "store/history.h"

/* A memory store whose calls can be made to fail. */
static roleauth_store memory, store;
static int read_code, write_code, lock_code, locked, writes;
static unsigned char item[ROLEAUTH_STORE_ITEM];
static size_t item_length;

static int do_read(void *data, roleauth_area area, const char *name,
                   void *buffer, size_t size, size_t *length,
                   roleauth_error *error)
{
    return read_code != 0
               ? read_code
               : memory.read(data, area, name, buffer, size, length, error);
}

static int do_write(void *data, roleauth_area area, const char *name,
                    const void *bytes, size_t length, int64_t expires,
                    roleauth_error *error)
{
    assert_int_equal(locked, 1);
    assert_int_equal(area, ROLEAUTH_AREA_STATE);
    assert_int_equal(expires, 0);
    writes++;
    return write_code != 0
               ? write_code
               : memory.write(data, area, name, bytes, length, expires, error);
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
    read_code = write_code = lock_code = locked = writes = 0;
    if (roleauth_memory_store(&memory) != 0)
        return -1;
    store = memory;
    store.read = do_read;
    store.write = do_write;
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

static void take_item(void)
{
    assert_int_equal(memory.read(memory.data, ROLEAUTH_AREA_STATE,
                                 RA_HISTORY_ITEM, item, sizeof(item),
                                 &item_length, NULL),
                     0);
}

static void put_item(size_t length)
{
    assert_int_equal(memory.write(memory.data, ROLEAUTH_AREA_STATE,
                                  RA_HISTORY_ITEM, item, length, 0, NULL),
                     0);
}

static void add(int64_t at, unsigned char id[RA_HISTORY_ID])
{
    const roleauth_sign_out_record sign_out = {
        .at = at, .trigger = ROLEAUTH_TRIGGER_DAILY, .ended = (uint64_t)at + 1};

    assert_int_equal(ra_history_add(&store, &sign_out, id, NULL), 0);
}

/* What was told: "at trigger user fname ended command code" and a |. */
struct told {
    char text[32768];
    size_t used, count;
};

static void tell(void *data, const roleauth_sign_out_record *sign_out)
{
    struct told *told = data;

    told->count++;
    told->used += (size_t)snprintf(
        told->text + told->used, sizeof(told->text) - told->used,
        "%lld %s %s %s %llu %s %d|", (long long)sign_out->at,
        roleauth_trigger_word(sign_out->trigger),
        sign_out->user ? sign_out->user : "-",
        sign_out->fname ? sign_out->fname : "-",
        (unsigned long long)sign_out->ended,
        roleauth_command_word(sign_out->command), sign_out->command_code);
    assert_true(told->used < sizeof(told->text));
}

static const char *all(struct told *told)
{
    memset(told, 0, sizeof(*told));
    assert_int_equal(ra_history_each(&store, tell, told, NULL), 0);
    return told->text;
}

static void words(void **state)
{
    static const char *const expected[] = {"none",    "exited",  "killed",
                                           "timeout", "not-run", "unknown"};

    (void)state;
    for (unsigned i = 0; i < 6; i++)
        assert_string_equal(roleauth_command_word((roleauth_command_end)i),
                            expected[i]);
    assert_string_equal(roleauth_command_word((roleauth_command_end)77),
                        "unknown");
}

static void the_newest_comes_first(void **state)
{
    const roleauth_sign_out_record whole = {.at = 1780315200,
                                            .trigger = ROLEAUTH_TRIGGER_HAND,
                                            .user = "alice",
                                            .fname = "/opt/gp 001\n",
                                            .ended = UINT64_MAX,
                                            .command = ROLEAUTH_COMMAND_KILLED,
                                            .command_code = 9};
    unsigned char id[RA_HISTORY_ID];
    struct told told;

    (void)state;
    assert_string_equal(all(&told), "");
    assert_int_equal(writes, 0);
    add(7, id);
    assert_int_equal(ra_history_add(&store, &whole, id, NULL), 0);
    assert_string_equal(
        all(&told),
        "1780315200 hand alice /opt/gp 001\n 18446744073709551615 killed 9|"
        "7 daily - - 8 none 0|");
    assert_int_equal(writes, 2);
}

static void a_command_is_told_later(void **state)
{
    unsigned char first[RA_HISTORY_ID], second[RA_HISTORY_ID];
    struct told told;

    (void)state;
    add(1, first);
    add(2, second);
    assert_memory_not_equal(first, second, RA_HISTORY_ID);
    assert_int_equal(
        ra_history_complete(&store, first, ROLEAUTH_COMMAND_EXITED, 255, NULL),
        0);
    assert_string_equal(all(&told),
                        "2 daily - - 3 none 0|1 daily - - 2 exited 255|");
    /* One that was forgotten meanwhile. */
    first[0] ^= 1;
    writes = 0;
    assert_int_equal(
        ra_history_complete(&store, first, ROLEAUTH_COMMAND_EXITED, 1, NULL),
        0);
    assert_int_equal(writes, 0);
}

static void the_oldest_are_forgotten(void **state)
{
    unsigned char id[RA_HISTORY_ID];
    struct told told;

    (void)state;
    for (int64_t i = 0; i < ROLEAUTH_MAX_SIGN_OUTS + 5; i++)
        add(i, id);
    (void)all(&told);
    assert_int_equal(told.count, ROLEAUTH_MAX_SIGN_OUTS);
    assert_memory_equal(told.text, "104 daily", 9);
    assert_non_null(strstr(told.text, "|5 daily"));
    assert_null(strstr(told.text, "|4 daily"));
}

/* As large as it can be: it fits. */
static void the_largest_fits(void **state)
{
    char name[ROLEAUTH_MAX_BINDING + 2];
    roleauth_sign_out_record sign_out = {.at = 1, .user = name, .fname = name};
    unsigned char id[RA_HISTORY_ID];

    (void)state;
    memset(name, 'x', sizeof(name));
    name[ROLEAUTH_MAX_BINDING + 1] = '\0';
    assert_int_equal(ra_history_add(&store, &sign_out, id, NULL),
                     ROLEAUTH_E_ARGUMENT);
    name[ROLEAUTH_MAX_BINDING] = '\0';
    for (int i = 0; i < ROLEAUTH_MAX_SIGN_OUTS + 2; i++)
        assert_int_equal(ra_history_add(&store, &sign_out, id, NULL), 0);
    take_item();
    assert_true(item_length > (size_t)2 * 1024 * ROLEAUTH_MAX_SIGN_OUTS);
    assert_int_equal(
        ra_history_complete(&store, id, ROLEAUTH_COMMAND_TIMEOUT, 0, NULL), 0);
}

/* Whatever bit is flipped: there is no history, and the next one is new. */
static void damage_is_replaced(void **state)
{
    unsigned char id[RA_HISTORY_ID];
    struct told told;
    size_t length;

    (void)state;
    add(1, id);
    take_item();
    length = item_length;
    for (size_t bit = 0; bit < 8 * length; bit++) {
        item[bit / 8] ^= (unsigned char)(1U << bit % 8);
        put_item(length);
        assert_string_equal(all(&told), "");
        item[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    for (size_t cut = 0; cut < length; cut++) {
        put_item(cut);
        assert_string_equal(all(&told), "");
    }
    memset(item, 0xFF, sizeof(item));
    put_item(sizeof(item));
    assert_string_equal(all(&told), "");
    add(2, id);
    assert_string_equal(all(&told), "2 daily - - 3 none 0|");
}

static void what_cannot_be_read_is_kept(void **state)
{
    static const int codes[] = {ROLEAUTH_E_IO, ROLEAUTH_E_NOMEM};
    const roleauth_sign_out_record sign_out = {.at = 1};
    unsigned char id[RA_HISTORY_ID];
    struct told told;

    (void)state;
    add(1, id);
    writes = 0;
    for (size_t i = 0; i < 2; i++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;

        read_code = codes[i];
        assert_int_equal(ra_history_add(&store, &sign_out, id, &error),
                         codes[i]);
        assert_int_equal(error.code, codes[i]);
        assert_int_equal(ra_history_each(&store, tell, &told, NULL), codes[i]);
    }
    assert_int_equal(writes, 0);
    /* One that others could have read or written is not believed. */
    read_code = ROLEAUTH_E_UNTRUSTED;
    assert_int_equal(ra_history_each(&store, tell, &told, NULL),
                     ROLEAUTH_E_UNTRUSTED);
    assert_int_equal(ra_history_add(&store, &sign_out, id, NULL), 0);
    assert_int_equal(writes, 1);
}

static void failures_are_told(void **state)
{
    const roleauth_sign_out_record sign_out = {.at = -5};
    unsigned char id[RA_HISTORY_ID];
    struct told told;

    (void)state;
    write_code = ROLEAUTH_E_IO;
    assert_int_equal(ra_history_add(&store, &sign_out, id, NULL),
                     ROLEAUTH_E_IO);
    write_code = 0;
    lock_code = ROLEAUTH_E_IN_USE;
    assert_int_equal(ra_history_add(&store, &sign_out, id, NULL),
                     ROLEAUTH_E_IN_USE);
    lock_code = 0;
    assert_int_equal(ra_history_add(&store, &sign_out, id, NULL), 0);
    assert_string_equal(all(&told), "0 none - - 0 none 0|");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(words),
        TEST(the_newest_comes_first),
        TEST(a_command_is_told_later),
        TEST(the_oldest_are_forgotten),
        TEST(the_largest_fits),
        TEST(damage_is_replaced),
        TEST(what_cannot_be_read_is_kept),
        TEST(failures_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

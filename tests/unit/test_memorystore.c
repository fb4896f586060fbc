/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <roleauth_testing.h>
#include <stdio.h>
#include <string.h>

static int start(void **state)
{
    static roleauth_store store;

    assert_int_equal(roleauth_memory_store(&store), 0);
    *state = &store;
    return 0;
}

static int end(void **state)
{
    roleauth_store *store = *state;

    store->release(store->data);
    return 0;
}

static int put(const roleauth_store *store, roleauth_area area,
               const char *name, const char *text)
{
    return store->write(store->data, area, name, text, strlen(text), 0, NULL);
}

static void assert_item(const roleauth_store *store, roleauth_area area,
                        const char *name, const char *expected)
{
    char bytes[64] = "";
    size_t length = 99;
    int rc = store->read(store->data, area, name, bytes, sizeof(bytes), &length,
                         NULL);

    if (expected == NULL) {
        assert_int_equal(rc, ROLEAUTH_E_NOT_FOUND);
        return;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(bytes, expected, length);
}

static void items_are_written_and_replaced(void **state)
{
    const roleauth_store *store = *state;

    assert_item(store, ROLEAUTH_AREA_RECORDS, "a", NULL);
    assert_int_equal(put(store, ROLEAUTH_AREA_RECORDS, "a", "one"), 0);
    assert_int_equal(put(store, ROLEAUTH_AREA_STATE, "a", "state"), 0);
    assert_int_equal(put(store, ROLEAUTH_AREA_RECORDS, "b", ""), 0);
    assert_item(store, ROLEAUTH_AREA_RECORDS, "a", "one");
    assert_item(store, ROLEAUTH_AREA_STATE, "a", "state");
    assert_item(store, ROLEAUTH_AREA_RECORDS, "b", "");
    assert_int_equal(put(store, ROLEAUTH_AREA_RECORDS, "a", "two"), 0);
    assert_item(store, ROLEAUTH_AREA_RECORDS, "a", "two");
    assert_item(store, ROLEAUTH_AREA_STATE, "a", "state");
}

static void creating_replaces_nothing(void **state)
{
    const roleauth_store *store = *state;

    assert_int_equal(store->create(store->data, ROLEAUTH_AREA_STATE, "key",
                                   "first", 5, NULL),
                     0);
    assert_int_equal(store->create(store->data, ROLEAUTH_AREA_STATE, "key",
                                   "second", 6, NULL),
                     0);
    assert_item(store, ROLEAUTH_AREA_STATE, "key", "first");
}

static void what_does_not_fit_is_told(void **state)
{
    const roleauth_store *store = *state;
    char bytes[4];
    size_t length = 0;

    (void)put(store, ROLEAUTH_AREA_RECORDS, "a", "12345");
    assert_int_equal(store->read(store->data, ROLEAUTH_AREA_RECORDS, "a", bytes,
                                 sizeof(bytes), &length, NULL),
                     ROLEAUTH_E_LIMIT);
}

static void removing_twice_is_fine(void **state)
{
    const roleauth_store *store = *state;

    (void)put(store, ROLEAUTH_AREA_RECORDS, "a", "1");
    (void)put(store, ROLEAUTH_AREA_STATE, "a", "2");
    assert_int_equal(
        store->remove(store->data, ROLEAUTH_AREA_RECORDS, "a", NULL), 0);
    assert_int_equal(
        store->remove(store->data, ROLEAUTH_AREA_RECORDS, "a", NULL), 0);
    assert_item(store, ROLEAUTH_AREA_RECORDS, "a", NULL);
    assert_item(store, ROLEAUTH_AREA_STATE, "a", "2");
}

struct listing {
    const roleauth_store *store;
    unsigned count;
    int64_t expires;
};

static void remove_it(void *data, const char *name, int64_t expires)
{
    struct listing *listing = data;

    listing->count++;
    listing->expires += expires;
    assert_int_equal(listing->store->remove(listing->store->data,
                                            ROLEAUTH_AREA_RECORDS, name, NULL),
                     0);
}

static void a_listing_may_remove(void **state)
{
    const roleauth_store *store = *state;
    struct listing listing = {store, 0, 0};

    for (int i = 0; i < 10; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "n%d", i);
        assert_int_equal(store->write(store->data, ROLEAUTH_AREA_RECORDS, name,
                                      "x", 1, i, NULL),
                         0);
    }
    (void)put(store, ROLEAUTH_AREA_STATE, "s", "x");
    assert_int_equal(store->list(store->data, ROLEAUTH_AREA_RECORDS, remove_it,
                                 &listing, NULL),
                     0);
    assert_int_equal(listing.count, 10);
    assert_int_equal(listing.expires, 45);
    assert_item(store, ROLEAUTH_AREA_RECORDS, "n3", NULL);
    assert_item(store, ROLEAUTH_AREA_STATE, "s", "x");
}

/* Adds one to a number in the state, under the lock. */
static void *count_up(void *data)
{
    const roleauth_store *store = data;

    for (int i = 0; i < 200; i++) {
        unsigned number = 0;
        size_t length;

        if (store->lock(store->data, NULL) != 0)
            return NULL;
        (void)store->read(store->data, ROLEAUTH_AREA_STATE, "n", &number,
                          sizeof(number), &length, NULL);
        number++;
        (void)store->write(store->data, ROLEAUTH_AREA_STATE, "n", &number,
                           sizeof(number), 0, NULL);
        store->unlock(store->data);
    }
    return NULL;
}

static void the_lock_keeps_others_out(void **state)
{
    roleauth_store *store = *state;
    pthread_t threads[4];
    unsigned number = 0;
    size_t length = 0;

    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, store), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(store->read(store->data, ROLEAUTH_AREA_STATE, "n", &number,
                                 sizeof(number), &length, NULL),
                     0);
    assert_int_equal(number, 800);
}

static void null_is_an_argument(void **unused)
{
    (void)unused;
    assert_int_equal(roleauth_memory_store(NULL), ROLEAUTH_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(items_are_written_and_replaced),
        TEST(creating_replaces_nothing),
        TEST(what_does_not_fit_is_told),
        TEST(removing_twice_is_fine),
        TEST(a_listing_may_remove),
        TEST(the_lock_keeps_others_out),
        cmocka_unit_test(null_is_an_argument),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

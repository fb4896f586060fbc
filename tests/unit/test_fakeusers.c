/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <crypt.h>
#include <roleauth_testing.h>
#include <stdlib.h>
#include <string.h>

static int look(const roleauth_fake_users *users, const char *name,
                roleauth_account *account)
{
    roleauth_users seam =
        roleauth_fake_users_seam((roleauth_fake_users *)(uintptr_t)users);

    memset(account, 0, sizeof(*account));
    return seam.lookup(seam.data, name, account);
}

static int matches(const char *password, const char *hash)
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    const char *made;
    int same;

    assert_non_null(data);
    made = crypt_rn(password, hash, data, (int)sizeof(*data));
    same = made != NULL && strcmp(made, hash) == 0;
    free(data);
    return same;
}

static void a_user_is_found_with_a_password(void **state)
{
    roleauth_fake_users *users = roleauth_fake_users_new();
    roleauth_account account;

    (void)state;
    assert_int_equal(look(users, "alice", &account), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(roleauth_fake_users_add(users, "alice", 1000, "pw"), 0);
    assert_int_equal(look(users, "alice", &account), 0);
    assert_int_equal(account.has_uid, 1);
    assert_int_equal(account.uid, 1000);
    assert_int_equal(account.has_shadow, 1);
    assert_int_equal(account.max_days, -1);
    assert_int_equal(account.inactive_days, -1);
    assert_int_equal(account.expire, -1);
    assert_true(account.last_change > 0);
    assert_true(matches("pw", account.hash));
    assert_false(matches("PW", account.hash));
    assert_int_equal(look(users, "Alice", &account), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(look(users, "", &account), ROLEAUTH_E_NOT_FOUND);
    roleauth_fake_users_free(&users);
    assert_null(users);
    roleauth_fake_users_free(&users);
    roleauth_fake_users_free(NULL);
}

static void a_user_is_replaced_changed_and_removed(void **state)
{
    roleauth_fake_users *users = roleauth_fake_users_new();
    roleauth_account account;

    (void)state;
    assert_int_equal(roleauth_fake_users_add(users, "alice", 1000, "old"), 0);
    assert_int_equal(roleauth_fake_users_add(users, "bob", 1001, "pw"), 0);
    assert_int_equal(roleauth_fake_users_add(users, "alice", 1002, "new"), 0);
    assert_int_equal(look(users, "alice", &account), 0);
    assert_int_equal(account.uid, 1002);
    assert_true(matches("new", account.hash));
    roleauth_fake_users_get(users, "alice")->expire = 7;
    assert_int_equal(look(users, "alice", &account), 0);
    assert_int_equal(account.expire, 7);
    assert_null(roleauth_fake_users_get(users, "carol"));
    roleauth_fake_users_remove(users, "alice");
    roleauth_fake_users_remove(users, "carol");
    assert_int_equal(look(users, "alice", &account), ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(look(users, "bob", &account), 0);
    roleauth_fake_users_free(&users);
}

static void a_broken_source_tells_nothing(void **state)
{
    roleauth_fake_users *users = roleauth_fake_users_new();
    roleauth_account account;

    (void)state;
    assert_int_equal(roleauth_fake_users_add(users, "alice", 1000, "pw"), 0);
    roleauth_fake_users_break(users, 1);
    assert_int_equal(look(users, "alice", &account), ROLEAUTH_E_IO);
    assert_int_equal(look(users, "nobody", &account), ROLEAUTH_E_IO);
    roleauth_fake_users_break(users, 0);
    assert_int_equal(look(users, "alice", &account), 0);
    roleauth_fake_users_free(&users);
}

static void arguments_are_checked(void **state)
{
    roleauth_fake_users *users = roleauth_fake_users_new();

    (void)state;
    assert_int_equal(roleauth_fake_users_add(NULL, "a", 1, "p"),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_users_add(users, NULL, 1, "p"),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_fake_users_add(users, "a", 1, NULL),
                     ROLEAUTH_E_ARGUMENT);
    roleauth_fake_users_free(&users);
}

static void null_is_an_argument(void **state)
{
    roleauth_fake_users *users = roleauth_fake_users_new();
    const roleauth_users none = roleauth_fake_users_seam(NULL);
    roleauth_context *context = roleauth_context_new();
    roleauth_account account;

    (void)state;
    assert_int_equal(roleauth_fake_users_add(users, "alice", 1000, "pw"), 0);
    assert_null(roleauth_fake_users_get(NULL, "alice"));
    assert_null(roleauth_fake_users_get(users, NULL));
    roleauth_fake_users_remove(NULL, "alice");
    roleauth_fake_users_remove(users, NULL);
    roleauth_fake_users_break(NULL, 1);
    assert_int_equal(look(users, "alice", &account), 0);
    assert_null(none.lookup);
    assert_null(none.data);
    /* So that a context does not take it. */
    assert_int_equal(roleauth_context_set_users(context, &none, NULL),
                     ROLEAUTH_E_ARGUMENT);
    roleauth_context_free(&context);
    roleauth_fake_users_free(&users);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_found_with_a_password),
        cmocka_unit_test(a_user_is_replaced_changed_and_removed),
        cmocka_unit_test(a_broken_source_tells_nothing),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(null_is_an_argument),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

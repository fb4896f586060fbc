/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/auth.h"

static int lookup(const char *name, roleauth_account *account)
{
    roleauth_users users = ra_users_system();

    memset(account, 0xAA, sizeof(*account));
    return users.lookup(users.data, name, account);
}

static void test_unknown(void **state)
{
    roleauth_account account;

    (void)state;
    assert_int_equal(lookup("no-such-user-here", &account),
                     ROLEAUTH_E_NOT_FOUND);
    assert_int_equal(account.has_uid, 0);
    assert_int_equal(account.has_shadow, 0);
    assert_int_equal(lookup("", &account), ROLEAUTH_E_NOT_FOUND);
}

/* Against what shadow(3) itself says. */
static void test_as_root(void **state)
{
    roleauth_account account;
    struct spwd *entry;

    (void)state;
    if (geteuid() != 0) {
        print_message("needs root to read shadow(5)\n");
        skip();
    }
    assert_int_equal(lookup("root", &account), 0);
    assert_int_equal(account.has_uid, 1);
    assert_int_equal(account.uid, 0);
    entry = getspnam("root");
    if (entry == NULL) {
        assert_int_equal(account.has_shadow, 0);
        return;
    }
    assert_int_equal(account.has_shadow, 1);
    assert_string_equal(account.hash, entry->sp_pwdp);
    assert_int_equal(account.last_change, entry->sp_lstchg);
    assert_int_equal(account.max_days, entry->sp_max);
    assert_int_equal(account.inactive_days, entry->sp_inact);
    assert_int_equal(account.expire, entry->sp_expire);
}

/* Exit status of the child of test_unreadable(). */
enum { AS_EXPECTED = 0, CANNOT_BECOME = 1, KNOWN = 2, UNKNOWN_TOLD = 3 };

static int look_as_nobody(void)
{
    const struct passwd *nobody = getpwnam("nobody");
    roleauth_account account;

    /* A supplementary group may be the one that reads shadow(5). */
    if (nobody == NULL || setgroups(0, NULL) != 0 ||
        setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0)
        return CANNOT_BECOME;
    if (lookup("root", &account) != ROLEAUTH_E_IO || account.has_uid != 0 ||
        account.has_shadow != 0)
        return KNOWN;
    return lookup("no-such-user-here", &account) == ROLEAUTH_E_NOT_FOUND
               ? AS_EXPECTED
               : UNKNOWN_TOLD;
}

static void test_unreadable(void **state)
{
    int status = -1;
    pid_t child;

    (void)state;
    if (geteuid() != 0) {
        roleauth_account account;

        if (access("/etc/shadow", R_OK) == 0)
            skip();
        assert_int_equal(lookup("root", &account), ROLEAUTH_E_IO);
        return;
    }
    child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0)
        _exit(look_as_nobody());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CANNOT_BECOME)
        skip();
    assert_int_equal(WEXITSTATUS(status), AS_EXPECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_as_root),
        cmocka_unit_test(test_unreadable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

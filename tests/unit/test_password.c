/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <crypt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"

#define CHEAP "$5$rounds=1000$abcdefgh"

/* A cheap hash of a password, to be freed. */
static char *hash_of(const char *password, const char *setting)
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    char *hash;

    assert_non_null(data);
    hash = strdup(crypt_r(password, setting, data));
    free(data);
    assert_non_null(hash);
    return hash;
}

static void fill(char *password, size_t length)
{
    for (size_t i = 0; i < length; i++)
        password[i] = (char)('!' + (i * 7) % 90);
    password[length] = '\0';
}

/* CVE-2022-43995: short ones, and both sides of the longest. */
static void test_every_length(void **state)
{
    static const size_t lengths[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 510, 511};
    char password[600], near[600], role[ROLEAUTH_HASH_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        size_t length = lengths[i];
        char *hash;

        fill(password, length);
        hash = hash_of(password, CHEAP);
        assert_int_equal(roleauth_password_hash(password, role), 0);
        assert_int_equal(strlen(role), 44);
        assert_int_equal(ra_password_crypt_match(password, hash), RA_MATCH_YES);
        assert_int_equal(ra_password_role_match(password, role), RA_MATCH_YES);
        assert_int_equal(ra_password_role_match(password, hash), RA_MATCH_YES);
        memcpy(near, password, sizeof(near));
        near[length] = 'x';
        near[length + 1] = '\0';
        assert_int_equal(ra_password_crypt_match(near, hash), RA_MATCH_NO);
        assert_int_equal(ra_password_role_match(near, role), RA_MATCH_NO);
        if (length > 0) {
            near[length - 1] = '\0';
            assert_int_equal(ra_password_crypt_match(near, hash), RA_MATCH_NO);
            assert_int_equal(ra_password_role_match(near, role), RA_MATCH_NO);
        }
        free(hash);
    }
}

static void test_too_long_is_never_cut(void **state)
{
    char password[600], hash[ROLEAUTH_CRYPT_SIZE], role[ROLEAUTH_HASH_SIZE];
    char *of_cut;

    (void)state;
    fill(password, 511);
    of_cut = hash_of(password, CHEAP);
    assert_int_equal(roleauth_password_hash(password, role), 0);
    fill(password, 512);
    assert_int_equal(ra_password_crypt_match(password, of_cut), RA_MATCH_NO);
    assert_int_equal(ra_password_role_match(password, role), RA_MATCH_NO);
    assert_int_equal(ra_password_role_match(password, of_cut), RA_MATCH_NO);
    assert_int_equal(ra_password_dummy(password), RA_MATCH_NO);
    assert_int_equal(roleauth_password_hash(password, role), ROLEAUTH_E_LIMIT);
    assert_string_equal(role, "");
    assert_int_equal(roleauth_password_crypt(password, hash), ROLEAUTH_E_LIMIT);
    assert_string_equal(hash, "");
    free(of_cut);
}

static void test_what_never_matches(void **state)
{
    static const char *const hashes[] = {
        "",   "*",       "!", "!!",  "x",  "*0",
        "*1", "*0foo",   "$", "$y$", "$6", "$nosuch$salt$hash",
        " ",  "$5$a:b$c"};

    (void)state;
    for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        assert_int_not_equal(ra_password_crypt_match("", hashes[i]),
                             RA_MATCH_YES);
        assert_int_not_equal(ra_password_crypt_match(hashes[i], hashes[i]),
                             RA_MATCH_YES);
        assert_int_not_equal(ra_password_role_match(hashes[i], hashes[i]),
                             RA_MATCH_YES);
    }
    assert_int_equal(ra_password_crypt_match("*0", "*0"), RA_MATCH_NO);
    assert_int_equal(ra_password_crypt_match("", ""), RA_MATCH_NO);
}

/* A setting alone, or the start of a hash, is no hash. */
static void test_part_of_a_hash(void **state)
{
    char *hash = hash_of("secret", CHEAP);

    (void)state;
    assert_int_equal(ra_password_crypt_match("secret", hash), RA_MATCH_YES);
    assert_int_equal(ra_password_crypt_match("secret", CHEAP), RA_MATCH_NO);
    assert_int_equal(ra_password_crypt_match("secret", CHEAP "$"), RA_MATCH_NO);
    hash[strlen(hash) - 1] = '\0';
    assert_int_equal(ra_password_crypt_match("secret", hash), RA_MATCH_NO);
    free(hash);
}

static void test_des_is_refused(void **state)
{
    (void)state;
    /* "password", traditional and BSDi's extended, from crypt(5). */
    assert_int_equal(ra_password_crypt_match("password", "abJnggxhB/yWI"),
                     RA_MATCH_UNAVAILABLE);
    assert_int_equal(
        ra_password_crypt_match("password", "_J9..rasmBYk8r9AiWNc"),
        RA_MATCH_UNAVAILABLE);
}

static void test_kinds(void **state)
{
    static const struct {
        const char *prefix;
        unsigned long count;
    } kinds[] = {{"$1$", 0}, {"$5$", 1000}, {"$6$", 1000}, {"$2b$", 4},
                 {"$y$", 1}, {"$gy$", 1},   {"$7$", 6}};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        char setting[CRYPT_GENSALT_OUTPUT_SIZE];
        char *hash;

        assert_non_null(crypt_gensalt_rn(kinds[i].prefix, kinds[i].count, NULL,
                                         0, setting, (int)sizeof(setting)));
        hash = hash_of("päss wörd", setting);
        assert_int_equal(hash[0], '$');
        assert_int_equal(ra_password_crypt_match("päss wörd", hash),
                         RA_MATCH_YES);
        assert_int_equal(ra_password_crypt_match("pass word", hash),
                         RA_MATCH_NO);
        free(hash);
    }
}

static void test_public_hashes(void **state)
{
    char hash[ROLEAUTH_CRYPT_SIZE], again[ROLEAUTH_CRYPT_SIZE];
    char role[ROLEAUTH_HASH_SIZE];

    (void)state;
    /* The example that the reference system's documentation prints for
     * "password", as sha256sum(1) and base64(1) make it. */
    assert_int_equal(roleauth_password_hash("password", role), 0);
    assert_string_equal(role, "XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg=");
    assert_int_equal(roleauth_password_crypt("password", hash), 0);
    assert_int_equal(roleauth_password_crypt("password", again), 0);
    assert_string_not_equal(hash, again);
    assert_int_equal(strncmp(hash, crypt_preferred_method(),
                             strlen(crypt_preferred_method())),
                     0);
    assert_int_equal(ra_password_role_match("password", hash), RA_MATCH_YES);
    assert_int_equal(ra_password_role_match("Password", hash), RA_MATCH_NO);
    assert_int_equal(roleauth_password_hash(NULL, role), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_password_hash("x", NULL), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_password_crypt(NULL, hash), ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_password_crypt("x", NULL), ROLEAUTH_E_ARGUMENT);
}

static void test_dummy(void **state)
{
    (void)state;
    assert_int_equal(ra_password_dummy(""), RA_MATCH_NO);
    assert_int_equal(ra_password_dummy("password"), RA_MATCH_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_too_long_is_never_cut),
        cmocka_unit_test(test_what_never_matches),
        cmocka_unit_test(test_part_of_a_hash),
        cmocka_unit_test(test_des_is_refused),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_public_hashes),
        cmocka_unit_test(test_dummy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

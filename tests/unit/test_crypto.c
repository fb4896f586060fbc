/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

static void assert_hex(const unsigned char *bytes, size_t length,
                       const char *hex)
{
    char text[2 * 64 + 1];

    assert_true(length <= 64);
    ra_hex(bytes, length, text);
    assert_string_equal(text, hex);
}

static void hex_is_lower_case(void **state)
{
    char text[9];

    (void)state;
    ra_hex("\x00\x9a\xbc\xff", 4, text);
    assert_string_equal(text, "009abcff");
    ra_hex("", 0, text);
    assert_string_equal(text, "");
}

/* FIPS 180-4 examples, and the empty message. */
static void sha256_of_known_messages(void **state)
{
    unsigned char digest[RA_SHA256_SIZE];
    char *million = malloc(1000000);

    (void)state;
    assert_non_null(million);
    assert_true(ra_sha256("", 0, digest));
    assert_hex(digest, 32,
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852"
               "b855");
    assert_true(ra_sha256("abc", 3, digest));
    assert_hex(digest, 32,
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
               "15ad");
    assert_true(
        ra_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                  56, digest));
    assert_hex(digest, 32,
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db"
               "06c1");
    memset(million, 'a', 1000000);
    assert_true(ra_sha256(million, 1000000, digest));
    assert_hex(digest, 32,
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc711"
               "2cd0");
    free(million);
}

/* RFC 4231, sections 4.2 to 4.8 without the truncated one. */
static void hmac_of_rfc_4231(void **state)
{
    unsigned char mac[RA_SHA256_SIZE], key[131], data[50];

    (void)state;
    memset(key, 0x0b, 20);
    assert_true(ra_hmac_sha256(key, 20, "Hi There", 8, mac));
    assert_hex(mac, 32,
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32"
               "cff7");
    assert_true(ra_hmac_sha256((const unsigned char *)"Jefe", 4,
                               "what do ya want for nothing?", 28, mac));
    assert_hex(mac, 32,
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec"
               "3843");
    memset(key, 0xaa, 20);
    memset(data, 0xdd, 50);
    assert_true(ra_hmac_sha256(key, 20, data, 50, mac));
    assert_hex(mac, 32,
               "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced5"
               "65fe");
    for (unsigned char i = 0; i < 25; i++)
        key[i] = (unsigned char)(i + 1);
    memset(data, 0xcd, 50);
    assert_true(ra_hmac_sha256(key, 25, data, 50, mac));
    assert_hex(mac, 32,
               "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729"
               "665b");
    memset(key, 0xaa, 131);
    assert_true(ra_hmac_sha256(
        key, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
        mac));
    assert_hex(mac, 32,
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee3"
               "7f54");
    assert_true(ra_hmac_sha256(
        key, 131,
        "This is a test using a larger than block-size key and a larger than "
        "block-size data. The key needs to be hashed before being used by the "
        "HMAC algorithm.",
        152, mac));
    assert_hex(mac, 32,
               "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a"
               "35e2");
}

static void random_bytes_differ(void **state)
{
    unsigned char a[32] = {0}, b[32] = {0}, many[1000] = {0};
    size_t zeros = 0;

    (void)state;
    assert_true(ra_random(a, sizeof(a)));
    assert_true(ra_random(b, sizeof(b)));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_true(ra_random(many, sizeof(many)));
    for (size_t i = 0; i < sizeof(many); i++)
        zeros += many[i] == 0;
    assert_true(zeros < 100);
    assert_true(ra_random(NULL, 0));
}

static void equality_looks_at_every_byte(void **state)
{
    unsigned char a[32], b[32];

    (void)state;
    memset(a, 7, sizeof(a));
    for (size_t i = 0; i < sizeof(a); i++) {
        memcpy(b, a, sizeof(a));
        assert_true(ra_equal(a, b, sizeof(a)));
        b[i] ^= 0x80;
        assert_false(ra_equal(a, b, sizeof(a)));
        assert_true(ra_equal(a, b, i));
    }
}

static void base64_goes_there_and_back(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 500; round++) {
        unsigned char bytes[32], again[32] = {0};
        char text[45];

        assert_true(ra_random(bytes, sizeof(bytes)));
        ra_base64_encode32(bytes, text);
        assert_int_equal(strlen(text), 44);
        assert_true(ra_base64_decode32(text, again));
        assert_memory_equal(bytes, again, 32);
    }
}

/* The base64 of the SHA-256 of "abc", made with openssl(1). */
#define ABC "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="

static void base64_of_a_known_digest(void **state)
{
    unsigned char digest[32];
    char text[45];

    (void)state;
    assert_true(ra_sha256("abc", 3, digest));
    ra_base64_encode32(digest, text);
    assert_string_equal(text, ABC);
}

static void base64_is_strict(void **state)
{
    static const char *const bad[] = {
        "",
        "=",
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0",   /* no padding */
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0==", /* too much */
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa==",  /* 31 bytes */
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0A",  /* 33 bytes */
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa1=",  /* unused bits */
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa2=",
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa3=",
        " " ABC,
        ABC " ",
        ABC "\n",
        " ngWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
        "ungWv48Bz+pBQUDeXa4i\nI7ADYaOWF3qctBD/YfIAFa0=",
        "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=", /* the URL kind */
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3=ctBD/YfIAFa0=",
        "====ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfI=",
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIA\xC3\xA9"
        "0=",
        ABC ABC,
    };
    unsigned char bytes[32];

    (void)state;
    assert_true(ra_base64_decode32(ABC, bytes));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(bytes, 0x5A, sizeof(bytes));
        assert_false(ra_base64_decode32(bad[i], bytes));
        for (size_t j = 0; j < sizeof(bytes); j++)
            assert_int_equal(bytes[j], 0x5A);
    }
}

/* Of one text, exactly the changed ones that decode also encode back. */
static void base64_has_one_text_for_each_value(void **state)
{
    char text[45], again[45];
    unsigned char bytes[32];

    (void)state;
    for (size_t i = 0; i < 44; i++)
        for (int c = 1; c < 256; c++) {
            memcpy(text, ABC, sizeof(text));
            text[i] = (char)c;
            if (!ra_base64_decode32(text, bytes))
                continue;
            ra_base64_encode32(bytes, again);
            assert_string_equal(text, again);
        }
}

static void hashes_that_no_password_has(void **state)
{
    static const char *const none[] = {
        "",
        "*",
        "!",
        "x",
        "*0",
        "*1",
        "!!",
        "*LK*",
        "*NP*",
        "!*",
        "NP",
        "$",
        "$1",
        "$$",
        "$9$",
        "$zzz$",
        "$y",
        "*0aaaaaaaaaaaaaaa",
        " ",
        "x:y",
        "\xC3\xA9",
        "aaaaaaaaaaaa",      /* twelve: one too few for DES */
        "aaaaaaaaaaaa*aaaa", /* not of DES's characters */
        "!$6$salt$hash",     /* locked: the lock must be taken off first */
        "{SHA}aaaaaaaaaaaaaaaaaaaaaaaaaaa=",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_int_equal(ra_crypt_kind(none[i]), RA_CRYPT_NONE);
}

static void des_hashes_of_every_form(void **state)
{
    static const char *const des[] = {
        "abJnggxhB/yWI", /* traditional */
        "..X8NBuQ4l6uQ", /* its lowest salt */
        "zzabcdefghijk",
        "_J9..CCCCXBrJUJV154M",     /* BSDi, extended */
        "_",                        /* broken, but of that kind */
        "abJnggxhB/yWIabcdefghijk", /* bigcrypt: longer */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(des) / sizeof(des[0]); i++)
        assert_int_equal(ra_crypt_kind(des[i]), RA_CRYPT_DES);
}

static void hashes_of_today(void **state)
{
    static const char *const prefixes[] = {"$y$",  "$gy$", "$7$",
                                           "$2b$", "$6$",  "$5$"};
    struct crypt_data *data = calloc(1, sizeof(*data));
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    (void)state;
    assert_non_null(data);
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        const char *hash;

        if (crypt_gensalt_rn(prefixes[i], 0, NULL, 0, setting,
                             (int)sizeof(setting)) == NULL)
            continue; /* not built into this libcrypt */
        assert_int_equal(ra_crypt_kind(setting), RA_CRYPT_GOOD);
        if (i > 3) { /* the quick ones */
            hash = crypt_rn("pw", setting, data, (int)sizeof(*data));
            assert_non_null(hash);
            assert_int_equal(ra_crypt_kind(hash), RA_CRYPT_GOOD);
        }
    }
    assert_int_equal(ra_crypt_kind("$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"),
                     RA_CRYPT_GOOD);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_is_lower_case),
        cmocka_unit_test(sha256_of_known_messages),
        cmocka_unit_test(hmac_of_rfc_4231),
        cmocka_unit_test(random_bytes_differ),
        cmocka_unit_test(equality_looks_at_every_byte),
        cmocka_unit_test(base64_goes_there_and_back),
        cmocka_unit_test(base64_of_a_known_digest),
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(base64_has_one_text_for_each_value),
        cmocka_unit_test(hashes_that_no_password_has),
        cmocka_unit_test(des_hashes_of_every_form),
        cmocka_unit_test(hashes_of_today),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "base/crypto.h"

#include <crypt.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

bool ra_sha256(const void *bytes, size_t length,
               unsigned char digest[RA_SHA256_SIZE])
{
    unsigned int size = 0;

    if (EVP_Digest(bytes, length, digest, &size, EVP_sha256(), NULL) == 1 &&
        size == RA_SHA256_SIZE)
        return true;
    memset(digest, 0, RA_SHA256_SIZE);
    return false;
}

bool ra_hmac_sha256(const unsigned char *key, size_t key_length,
                    const void *bytes, size_t length,
                    unsigned char mac[RA_SHA256_SIZE])
{
    unsigned int size = 0;

    if (key_length <= INT_MAX &&
        HMAC(EVP_sha256(), key, (int)key_length, bytes, length, mac, &size) !=
            NULL &&
        size == RA_SHA256_SIZE)
        return true;
    memset(mac, 0, RA_SHA256_SIZE);
    return false;
}

bool ra_random(void *bytes, size_t length)
{
    unsigned char *at = bytes;

    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);

        if (got <= 0) {
            memset(bytes, 0, (size_t)(at - (unsigned char *)bytes));
            return false;
        }
        at += got;
        length -= (size_t)got;
    }
    return true;
}

bool ra_equal(const void *a, const void *b, size_t length)
{
    return CRYPTO_memcmp(a, b, length) == 0;
}

void ra_base64_encode32(const unsigned char bytes[32], char text[45])
{
    (void)EVP_EncodeBlock((unsigned char *)text, bytes, 32);
}

bool ra_base64_decode32(const char *text, unsigned char bytes[32])
{
    unsigned char decoded[33];
    char again[45];
    bool good = false;

    /* EVP_DecodeBlock() skips white space and accepts loose ends; what does
     * not encode back to the same text is refused. */
    if (strlen(text) == 44 &&
        EVP_DecodeBlock(decoded, (const unsigned char *)text, 44) == 33) {
        ra_base64_encode32(decoded, again);
        good = memcmp(again, text, 45) == 0;
        if (good)
            memcpy(bytes, decoded, 32);
        OPENSSL_cleanse(again, sizeof(again));
    }
    OPENSSL_cleanse(decoded, sizeof(decoded));
    return good;
}

enum ra_crypt_kind ra_crypt_kind(const char *hash)
{
    static const char des[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz";

    /* crypt(5): every other kind starts with $; traditional DES is 13 of
     * these characters, BSDi's starts with _, bigcrypt's is longer. */
    if (hash[0] == '_')
        return RA_CRYPT_DES;
    if (hash[0] != '$')
        return strlen(hash) >= 13 && hash[strspn(hash, des)] == '\0'
                   ? RA_CRYPT_DES
                   : RA_CRYPT_NONE;
    switch (crypt_checksalt(hash)) {
    case CRYPT_SALT_OK:
    case CRYPT_SALT_METHOD_LEGACY:
    case CRYPT_SALT_TOO_CHEAP:
        return RA_CRYPT_GOOD;
    default:
        return RA_CRYPT_NONE;
    }
}

void ra_hex(const void *bytes, size_t length, char *text)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = bytes;

    for (size_t i = 0; i < length; i++) {
        *text++ = digits[at[i] >> 4];
        *text++ = digits[at[i] & 15];
    }
    *text = '\0';
}

/* SPDX-License-Identifier: MIT */
/* SHA-256, HMAC, base64, randomness: libcrypto in one place. */
#ifndef RA_BASE_CRYPTO_H
#define RA_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#define RA_SHA256_SIZE 32

/* Each returns false on failure of libcrypto; the output is then zeroed. */
bool ra_sha256(const void *bytes, size_t length,
               unsigned char digest[RA_SHA256_SIZE]);
bool ra_hmac_sha256(const unsigned char *key, size_t key_length,
                    const void *bytes, size_t length,
                    unsigned char mac[RA_SHA256_SIZE]);
/* From the kernel's generator. */
bool ra_random(void *bytes, size_t length);
/* In constant time. */
bool ra_equal(const void *a, const void *b, size_t length);
/* Standard base64 with padding of exactly 32 bytes: 44 characters.  The
 * decoder is strict: padding, no white space, unused bits zero. */
void ra_base64_encode32(const unsigned char bytes[32], char text[45]);
bool ra_base64_decode32(const char *text, unsigned char bytes[32]);
/* What kind of crypt(5) hash is this? */
enum ra_crypt_kind {
    RA_CRYPT_NONE, /* no hash that crypt(3) could make: "", "*", "x" ... */
    RA_CRYPT_DES,  /* traditional, BSDi or big DES: refused */
    RA_CRYPT_GOOD
};
enum ra_crypt_kind ra_crypt_kind(const char *hash);
/* Lower-case hexadecimal; text has 2 * length + 1 bytes. */
void ra_hex(const void *bytes, size_t length, char *text);

#endif

/* SPDX-License-Identifier: MIT */
/* One password against one hash. */
#include "auth/auth.h"

#include <crypt.h>
#include <string.h>

#include "base/crypto.h"
#include "base/secret.h"

/* crypt(3)'s working memory holds copies of password and key schedule. */
struct work {
    struct crypt_data data;
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
};

_Static_assert(ROLEAUTH_CRYPT_SIZE >= CRYPT_OUTPUT_SIZE,
               "a hash must fit its buffer");
_Static_assert(ROLEAUTH_MAX_PASSWORD < CRYPT_MAX_PASSPHRASE_SIZE,
               "crypt(3) must take the longest password");

/* Longer than crypt(3) and PAM take: never cut short, CVE-2022-43995. */
static bool is_too_long(const char *password)
{
    return strnlen(password, ROLEAUTH_MAX_PASSWORD + 1) > ROLEAUTH_MAX_PASSWORD;
}

/* NULL: crypt(3) failed.  crypt(3) tells failure by NULL or by a token that
 * starts with an asterisk, "*0" or "*1". */
static const char *hash_with(struct work *work, const char *password,
                             const char *setting)
{
    const char *hash =
        crypt_rn(password, setting, &work->data, (int)sizeof(work->data));

    return hash == NULL || hash[0] == '*' || hash[0] == '\0' ? NULL : hash;
}

/* As hash_with(), under a fresh salt of the system's preferred kind. */
static const char *hash_anew(struct work *work, const char *password)
{
    const char *kind = crypt_preferred_method();

    if (crypt_gensalt_rn(kind != NULL ? kind : "$6$", 0, NULL, 0, work->setting,
                         (int)sizeof(work->setting)) == NULL)
        return NULL;
    return hash_with(work, password, work->setting);
}

enum ra_match ra_password_crypt_match(const char *password, const char *hash)
{
    enum ra_match match = RA_MATCH_UNAVAILABLE;
    struct work *work;
    const char *made;

    switch (ra_crypt_kind(hash)) {
    case RA_CRYPT_GOOD:
        break;
    case RA_CRYPT_NONE:
        return RA_MATCH_NO;
    default:
        return RA_MATCH_UNAVAILABLE;
    }
    if (is_too_long(password))
        return RA_MATCH_NO;
    work = ra_secret_alloc(sizeof(*work));
    if (work == NULL)
        return RA_MATCH_UNAVAILABLE;
    made = hash_with(work, password, hash);
    if (made != NULL) {
        size_t length = strlen(made);

        match = length == strlen(hash) && ra_equal(made, hash, length)
                    ? RA_MATCH_YES
                    : RA_MATCH_NO;
    }
    ra_secret_free(work);
    return match;
}

enum ra_match ra_password_dummy(const char *password)
{
    struct work *work = ra_secret_alloc(sizeof(*work));
    const char *made;

    if (work == NULL)
        return RA_MATCH_UNAVAILABLE;
    made = hash_anew(work, is_too_long(password) ? "" : password);
    ra_secret_free(work);
    return made != NULL ? RA_MATCH_NO : RA_MATCH_UNAVAILABLE;
}

enum ra_match ra_password_role_match(const char *password, const char *passwd)
{
    unsigned char expected[RA_SHA256_SIZE], digest[RA_SHA256_SIZE];
    enum ra_match match;

    if (is_too_long(password))
        return RA_MATCH_NO;
    if (!ra_base64_decode32(passwd, expected))
        return ra_password_crypt_match(password, passwd);
    if (!ra_sha256(password, strlen(password), digest))
        match = RA_MATCH_UNAVAILABLE;
    else
        match = ra_equal(digest, expected, sizeof(digest)) ? RA_MATCH_YES
                                                           : RA_MATCH_NO;
    explicit_bzero(expected, sizeof(expected));
    explicit_bzero(digest, sizeof(digest));
    return match;
}

int roleauth_password_hash(const char *password, char hash[ROLEAUTH_HASH_SIZE])
{
    unsigned char digest[RA_SHA256_SIZE];

    if (password == NULL || hash == NULL)
        return ROLEAUTH_E_ARGUMENT;
    hash[0] = '\0';
    if (is_too_long(password))
        return ROLEAUTH_E_LIMIT;
    if (!ra_sha256(password, strlen(password), digest))
        return ROLEAUTH_E_INTERNAL;
    ra_base64_encode32(digest, hash);
    explicit_bzero(digest, sizeof(digest));
    return ROLEAUTH_OK;
}

int roleauth_password_crypt(const char *password,
                            char hash[ROLEAUTH_CRYPT_SIZE])
{
    int code = ROLEAUTH_E_INTERNAL;
    struct work *work;
    const char *made;

    if (password == NULL || hash == NULL)
        return ROLEAUTH_E_ARGUMENT;
    hash[0] = '\0';
    if (is_too_long(password))
        return ROLEAUTH_E_LIMIT;
    work = ra_secret_alloc(sizeof(*work));
    if (work == NULL)
        return ROLEAUTH_E_NOMEM;
    made = hash_anew(work, password);
    if (made != NULL && strlen(made) < ROLEAUTH_CRYPT_SIZE) {
        memcpy(hash, made, strlen(made) + 1);
        code = ROLEAUTH_OK;
    }
    ra_secret_free(work);
    return code;
}

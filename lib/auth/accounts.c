/* SPDX-License-Identifier: MIT */
/* Accounts from passwd(5) and shadow(5), by whatever nsswitch.conf(5) says. */
#include "auth/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <shadow.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#define SHADOW_FILE "/etc/shadow"
/* With the allocator's own word in front, the first one is one page. */
#define FIRST_SIZE ((size_t)4000)
#define LARGEST_SIZE ((size_t)4194304)

/* One call of getpwnam_r(3) or getspnam_r(3): 0 or an errno value; what it
 * found goes to *account. */
typedef int ask_fn(const char *name, char *buffer, size_t size,
                   roleauth_account *account);

static int ask_passwd(const char *name, char *buffer, size_t size,
                      roleauth_account *account)
{
    struct passwd entry, *found = NULL;
    int code = getpwnam_r(name, &entry, buffer, size, &found);

    if (code != 0 || found == NULL)
        return code != 0 ? code : ENOENT;
    account->has_uid = 1;
    account->uid = (uint32_t)found->pw_uid;
    return 0;
}

static int ask_shadow(const char *name, char *buffer, size_t size,
                      roleauth_account *account)
{
    struct spwd entry, *found = NULL;
    int code = getspnam_r(name, &entry, buffer, size, &found);

    if (code != 0 || found == NULL)
        return code != 0 ? code : ENOENT;
    if (found->sp_pwdp == NULL ||
        strlen(found->sp_pwdp) >= sizeof(account->hash))
        return EINVAL;
    memcpy(account->hash, found->sp_pwdp, strlen(found->sp_pwdp) + 1);
    account->last_change = found->sp_lstchg;
    account->max_days = found->sp_max;
    account->inactive_days = found->sp_inact;
    account->expire = found->sp_expire;
    account->has_shadow = 1;
    return 0;
}

/* A buffer that grows as the calls ask for it. */
struct scratch {
    char *buffer;
    size_t size;
};

static bool grow(struct scratch *scratch)
{
    size_t size = scratch->size == 0 ? FIRST_SIZE : scratch->size * 4;

    ra_secret_free(scratch->buffer);
    scratch->buffer = size <= LARGEST_SIZE ? ra_secret_alloc(size) : NULL;
    scratch->size = scratch->buffer != NULL ? size : 0;
    return scratch->buffer != NULL;
}

/* Returns as roleauth_users.lookup does. */
static int ask(ask_fn *fn, const char *name, struct scratch *scratch,
               roleauth_account *account)
{
    int code;

    do {
        code = fn(name, scratch->buffer, scratch->size, account);
        if (code == ERANGE && !grow(scratch))
            return ROLEAUTH_E_NOMEM;
    } while (code == ERANGE || code == EINTR);
    if (code == 0)
        return ROLEAUTH_OK;
    /* getpwnam(3) lists more values for "not found", but among them are some
     * (EPERM, EBADF) that also tell a broken service: not known, then. */
    return code == ENOENT || code == ESRCH ? ROLEAUTH_E_NOT_FOUND
                                           : ROLEAUTH_E_IO;
}

/* Behind an unreadable /etc/shadow, another service of nsswitch.conf(5) tells
 * "not found" or, as nss-systemd(8) for root, makes an entry up. */
static bool is_shadow_unreadable(void)
{
    return faccessat(AT_FDCWD, SHADOW_FILE, R_OK, AT_EACCESS) != 0 &&
           errno != ENOENT;
}

/* Who is in shadow(5) only is nobody: there is no uid. */
static int ask_both(const char *name, struct scratch *scratch,
                    roleauth_account *account)
{
    int code = ask(ask_passwd, name, scratch, account);

    if (code != ROLEAUTH_OK)
        return code;
    code = is_shadow_unreadable() ? ROLEAUTH_E_IO
                                  : ask(ask_shadow, name, scratch, account);
    return code == ROLEAUTH_E_NOT_FOUND ? ROLEAUTH_OK : code;
}

static int system_lookup(void *data, const char *name,
                         roleauth_account *account)
{
    struct scratch scratch = {NULL, 0};
    int code = ROLEAUTH_E_NOMEM;

    (void)data;
    if (grow(&scratch))
        code = ask_both(name, &scratch, account);
    ra_secret_free(scratch.buffer);
    if (code != ROLEAUTH_OK)
        explicit_bzero(account, sizeof(*account));
    return code;
}

roleauth_users ra_users_system(void)
{
    roleauth_users users = {system_lookup, NULL};

    return users;
}

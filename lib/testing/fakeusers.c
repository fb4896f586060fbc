/* SPDX-License-Identifier: MIT */
#include <roleauth_testing.h>

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

struct user {
    char *name;
    roleauth_account account;
    struct user *next;
};

struct roleauth_fake_users {
    struct user *users;
    int broken;
};

roleauth_fake_users *roleauth_fake_users_new(void)
{
    return calloc(1, sizeof(roleauth_fake_users));
}

void roleauth_fake_users_free(roleauth_fake_users **users)
{
    if (users == NULL || *users == NULL)
        return;
    while ((*users)->users != NULL)
        roleauth_fake_users_remove(*users, (*users)->users->name);
    free(*users);
    *users = NULL;
}

/* SHA-256 with the fewest rounds that crypt(5) allows. */
static int hash_password(const char *password, char hash[ROLEAUTH_CRYPT_SIZE])
{
    static const char setting[] = "$5$rounds=1000$roleauthtesting";
    struct crypt_data *data = calloc(1, sizeof(*data));
    const char *made;
    int rc = ROLEAUTH_E_INTERNAL;

    if (data == NULL)
        return ROLEAUTH_E_NOMEM;
    made = crypt_rn(password, setting, data, (int)sizeof(*data));
    if (made != NULL && strlen(made) < ROLEAUTH_CRYPT_SIZE) {
        memcpy(hash, made, strlen(made) + 1);
        rc = 0;
    }
    explicit_bzero(data, sizeof(*data));
    free(data);
    return rc;
}

int roleauth_fake_users_add(roleauth_fake_users *users, const char *name,
                            uint32_t uid, const char *password)
{
    struct user *user;
    int rc;

    if (users == NULL || name == NULL || password == NULL)
        return ROLEAUTH_E_ARGUMENT;
    user = calloc(1, sizeof(*user));
    if (user == NULL || (user->name = strdup(name)) == NULL) {
        free(user);
        return ROLEAUTH_E_NOMEM;
    }
    user->account.has_uid = 1;
    user->account.uid = uid;
    user->account.has_shadow = 1;
    user->account.last_change = 20000; /* 2024-10-04 */
    user->account.max_days = -1;
    user->account.inactive_days = -1;
    user->account.expire = -1;
    rc = hash_password(password, user->account.hash);
    if (rc != 0) {
        free(user->name);
        free(user);
        return rc;
    }
    roleauth_fake_users_remove(users, name);
    user->next = users->users;
    users->users = user;
    return 0;
}

roleauth_account *roleauth_fake_users_get(roleauth_fake_users *users,
                                          const char *name)
{
    if (users == NULL || name == NULL)
        return NULL;
    for (struct user *user = users->users; user != NULL; user = user->next)
        if (strcmp(user->name, name) == 0)
            return &user->account;
    return NULL;
}

void roleauth_fake_users_remove(roleauth_fake_users *users, const char *name)
{
    if (users == NULL || name == NULL)
        return;
    for (struct user **at = &users->users; *at != NULL; at = &(*at)->next) {
        struct user *user = *at;

        if (strcmp(user->name, name) != 0)
            continue;
        *at = user->next;
        free(user->name);
        explicit_bzero(&user->account, sizeof(user->account));
        free(user);
        return;
    }
}

void roleauth_fake_users_break(roleauth_fake_users *users, int broken)
{
    if (users != NULL)
        users->broken = broken;
}

static int lookup(void *data, const char *name, roleauth_account *account)
{
    roleauth_fake_users *users = data;
    const roleauth_account *found;

    if (users->broken)
        return ROLEAUTH_E_IO;
    found = roleauth_fake_users_get(users, name);
    if (found == NULL)
        return ROLEAUTH_E_NOT_FOUND;
    *account = *found;
    return 0;
}

roleauth_users roleauth_fake_users_seam(roleauth_fake_users *users)
{
    const roleauth_users seam = {lookup, users};
    const roleauth_users none = {NULL, NULL};

    return users != NULL ? seam : none;
}

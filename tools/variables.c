/* SPDX-License-Identifier: MIT */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

#define HOST_SIZE 256

int set_variable(roleauth_request *request, roleauth_origin origin,
                 const char *assignment)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    const char *equals = strchr(assignment, '=');
    char *name;
    int rc;

    if (equals == NULL) {
        (void)fputs("roleauth: ", stderr);
        put_visible(stderr, assignment);
        (void)fputs(": -D and -C take NAME=VALUE\n", stderr);
        return EXIT_UNUSABLE;
    }
    name = strndup(assignment, (size_t)(equals - assignment));
    rc = roleauth_request_set(request, origin, name, equals + 1, &error);
    free(name);
    return rc == 0 ? EXIT_YES : fail(&error);
}

static int set_default(roleauth_request *request, const char *name,
                       const char *value)
{
    return roleauth_request_set(request, ROLEAUTH_SERVER, name, value, NULL);
}

roleauth_request *new_request(void)
{
    roleauth_request *request = roleauth_request_new();
    const struct passwd *pw = getpwuid(getuid());
    char host[HOST_SIZE];
    int rc = 0;

    if (pw != NULL)
        rc = set_default(request, "user", pw->pw_name);
    if (rc == 0 && gethostname(host, sizeof(host)) == 0) {
        host[sizeof(host) - 1] = '\0';
        rc = set_default(request, "submithost", host);
    }
    if (request == NULL || rc != 0) {
        (void)fputs("roleauth: the request cannot be made\n", stderr);
        roleauth_request_free(&request);
    }
    return request;
}

/* SPDX-License-Identifier: MIT */
#include "auth/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define MAX_ID 128

roleauth_request *roleauth_request_new(void)
{
    roleauth_request *request = calloc(1, sizeof(*request));

    if (request == NULL)
        return NULL;
    request->vars = ra_vars_new(NULL);
    request->records = ROLEAUTH_RECORDS_USE;
    if (request->vars == NULL) {
        free(request);
        return NULL;
    }
    return request;
}

void roleauth_request_free(roleauth_request **request)
{
    if (request == NULL || *request == NULL)
        return;
    ra_vars_free(&(*request)->vars);
    free((*request)->role);
    free((*request)->scope);
    free((*request)->id);
    free(*request);
    *request = NULL;
}

static int no_request(roleauth_error *error)
{
    return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no request");
}

int roleauth_request_set(roleauth_request *request, roleauth_origin origin,
                         const char *name, const char *value,
                         roleauth_error *error)
{
    roleauth_error_clear(error);
    if (request == NULL)
        return no_request(error);
    if (name == NULL || value == NULL ||
        (origin != ROLEAUTH_CLIENT && origin != ROLEAUTH_SERVER))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no variable");
    return ra_vars_set(request->vars, origin, name, value, error);
}

/* Replaces an optional text. */
static int set_text(char **place, const char *text, roleauth_error *error)
{
    char *copy = NULL;

    if (text != NULL && (copy = strdup(text)) == NULL)
        return ra_fail_nomem(error);
    free(*place);
    *place = copy;
    return 0;
}

int roleauth_request_set_role(roleauth_request *request, const char *name,
                              roleauth_error *error)
{
    roleauth_error_clear(error);
    if (request == NULL)
        return no_request(error);
    if (name != NULL && *name == '\0')
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "a role's name is not empty");
    return set_text(&request->role, name, error);
}

int roleauth_request_set_scope(roleauth_request *request, const char *scope,
                               roleauth_error *error)
{
    roleauth_error_clear(error);
    if (request == NULL)
        return no_request(error);
    /* sudo issue 329: what is missing must not widen the scope. */
    if (scope != NULL && *scope == '\0')
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "the scope is empty: leave it out to have it as wide "
                       "as the requester");
    if (scope != NULL && (strlen(scope) > ROLEAUTH_MAX_BINDING ||
                          !ra_utf8_valid(scope, strlen(scope))))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "the scope is not UTF-8 of up to %d bytes",
                       ROLEAUTH_MAX_BINDING);
    return set_text(&request->scope, scope, error);
}

int roleauth_request_set_conversation(roleauth_request *request,
                                      const roleauth_conversation *conversation,
                                      roleauth_error *error)
{
    roleauth_error_clear(error);
    if (request == NULL)
        return no_request(error);
    if (conversation == NULL) {
        memset(&request->conversation, 0, sizeof(request->conversation));
        return 0;
    }
    if (conversation->converse == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "the conversation lacks a function");
    request->conversation = *conversation;
    return 0;
}

int roleauth_request_set_records(roleauth_request *request,
                                 roleauth_record_use use, roleauth_error *error)
{
    roleauth_error_clear(error);
    if (request == NULL)
        return no_request(error);
    if (use != ROLEAUTH_RECORDS_USE && use != ROLEAUTH_RECORDS_NO_UPDATE &&
        use != ROLEAUTH_RECORDS_IGNORE)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "unknown use of records");
    request->records = use;
    return 0;
}

int roleauth_request_set_id(roleauth_request *request, const char *id,
                            roleauth_error *error)
{
    roleauth_error_clear(error);
    if (request == NULL)
        return no_request(error);
    if (id != NULL) {
        size_t length = strlen(id);

        if (length == 0 || length > MAX_ID)
            return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                           "a request id has 1 to %d characters", MAX_ID);
        for (size_t i = 0; i < length; i++)
            if (id[i] <= ' ' || id[i] > '~')
                return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                               "a request id is printable ASCII");
    }
    return set_text(&request->id, id, error);
}

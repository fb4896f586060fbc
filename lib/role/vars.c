/* SPDX-License-Identifier: MIT */
#include "role/vars.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

struct var {
    char name[ROLEAUTH_MAX_NAME + 1];
    char *server, *client; /* NULL: not set */
    bool dropped;
};

struct ra_vars {
    const ra_vars *under;
    /* tsearch(3), balanced in glibc: names come from a client, who could make
     * a hash table slow. */
    void *tree;
    const struct var **dropped;
    size_t dropped_count;
};

/* The time variables and those that say who does what where: a client that
 * could set one could choose its own role. */
static const char *const reserved[] = {
    "user", "submithost", "runuser", "runhost", "year", "month",
    "day",  "hour",       "minute",  "date",    "time", "dayname",
};

bool ra_var_name_valid(const char *name, size_t length)
{
    if (length == 0 || length > ROLEAUTH_MAX_NAME ||
        (name[0] >= '0' && name[0] <= '9'))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];

        if (!(c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
              (c >= 'A' && c <= 'Z')))
            return false;
    }
    return true;
}

bool ra_var_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (strcmp(name, reserved[i]) == 0)
            return true;
    return strncmp(name, "runconfirm", strlen("runconfirm")) == 0;
}

ra_vars *ra_vars_new(const ra_vars *under)
{
    ra_vars *vars = calloc(1, sizeof(*vars));

    if (vars != NULL)
        vars->under = under;
    return vars;
}

static void free_var(void *data)
{
    struct var *var = data;

    free(var->server);
    free(var->client);
    free(var);
}

void ra_vars_free(ra_vars **vars)
{
    if (*vars == NULL)
        return;
    tdestroy((*vars)->tree, free_var);
    free((*vars)->dropped);
    free(*vars);
    *vars = NULL;
}

/* name is the first member of struct var, so that a name can be looked for
 * without one. */
static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct var *find(const ra_vars *vars, const char *name)
{
    void *const *node = tfind(name, &vars->tree, compare);

    return node != NULL ? *node : NULL;
}

/* The variable of this name, made when it is absent; NULL: out of memory. */
static struct var *obtain(ra_vars *vars, const char *name, size_t length)
{
    struct var *var = find(vars, name);

    if (var != NULL)
        return var;
    var = calloc(1, sizeof(*var));
    if (var == NULL)
        return NULL;
    memcpy(var->name, name, length);
    if (tsearch(var, &vars->tree, compare) == NULL) {
        free(var);
        return NULL;
    }
    return var;
}

static int drop(ra_vars *vars, struct var *var, roleauth_error *error)
{
    const struct var **dropped;

    if (var->dropped)
        return 0;
    dropped = reallocarray(vars->dropped, vars->dropped_count + 1,
                           sizeof(struct var *));
    if (dropped == NULL)
        return ra_fail_nomem(error);
    vars->dropped = dropped;
    dropped[vars->dropped_count++] = var;
    var->dropped = true;
    return 0;
}

/* How a name or a value breaks the rules; 0: not at all. */
static int check(roleauth_origin origin, const char *name, size_t name_length,
                 const char *value, size_t value_length, roleauth_error *error)
{
    if (origin != ROLEAUTH_SERVER && origin != ROLEAUTH_CLIENT)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no such origin");
    if (name_length > ROLEAUTH_MAX_NAME)
        return ra_fail(error, ROLEAUTH_E_LIMIT,
                       "a variable's name is %zu bytes, at most %d are "
                       "allowed",
                       name_length, ROLEAUTH_MAX_NAME);
    if (!ra_var_name_valid(name, name_length))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "\"%s\" is no name of a variable: expected letters, "
                       "digits and _, not starting with a digit",
                       name);
    if (value_length > ROLEAUTH_MAX_VALUE)
        return ra_fail(error, ROLEAUTH_E_LIMIT,
                       "the value of %s is %zu bytes, at most %d are allowed",
                       name, value_length, ROLEAUTH_MAX_VALUE);
    if (!ra_utf8_valid(value, value_length))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "the value of %s is not UTF-8", name);
    return 0;
}

int ra_vars_set(ra_vars *vars, roleauth_origin origin, const char *name,
                const char *value, roleauth_error *error)
{
    struct var *var;
    char **place, *copy;
    int code;

    if (vars == NULL || name == NULL || value == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "a name or a value is missing");
    code = check(origin, name, strlen(name), value, strlen(value), error);
    if (code != 0)
        return code;
    var = obtain(vars, name, strlen(name));
    if (var == NULL)
        return ra_fail_nomem(error);
    if (origin == ROLEAUTH_CLIENT && ra_var_reserved(name))
        return drop(vars, var, error);
    copy = strdup(value);
    if (copy == NULL)
        return ra_fail_nomem(error);
    place = origin == ROLEAUTH_SERVER ? &var->server : &var->client;
    free(*place);
    *place = copy;
    return 0;
}

/* The value that one origin gave; what is under comes first. */
static const char *value_of(const ra_vars *vars, const char *name,
                            roleauth_origin origin)
{
    const char *value;
    const struct var *var;

    if (vars == NULL)
        return NULL;
    value = value_of(vars->under, name, origin);
    if (value != NULL)
        return value;
    var = find(vars, name);
    if (var == NULL)
        return NULL;
    return origin == ROLEAUTH_SERVER ? var->server : var->client;
}

const char *ra_vars_get(const ra_vars *vars, const char *name,
                        roleauth_origin *origin)
{
    const char *value = value_of(vars, name, ROLEAUTH_SERVER);

    if (origin != NULL)
        *origin = value != NULL ? ROLEAUTH_SERVER : ROLEAUTH_CLIENT;
    return value != NULL ? value : value_of(vars, name, ROLEAUTH_CLIENT);
}

const char *ra_vars_lookup(const void *vars, const char *name)
{
    return ra_vars_get(vars, name, NULL);
}

struct visiting {
    const ra_vars *vars; /* the uppermost: its value counts */
    void (*visit)(void *data, const char *name, const char *value);
    void *data;
};

static void visit_var(const void *node, VISIT which, void *data)
{
    const struct var *var = *(const struct var *const *)node;
    const struct visiting *v = data;
    const char *value;

    if (which != postorder && which != leaf)
        return;
    value = ra_vars_get(v->vars, var->name, NULL);
    if (value != NULL)
        v->visit(v->data, var->name, value);
}

void ra_vars_each(const void *vars,
                  void (*visit)(void *data, const char *name,
                                const char *value),
                  void *data)
{
    struct visiting visiting = {vars, visit, data};

    for (const ra_vars *layer = vars; layer != NULL; layer = layer->under)
        twalk_r(layer->tree, visit_var, &visiting);
}

size_t ra_vars_dropped_count(const ra_vars *vars)
{
    return vars->dropped_count;
}

const char *ra_vars_dropped(const ra_vars *vars, size_t index)
{
    return index < vars->dropped_count ? vars->dropped[index]->name : NULL;
}

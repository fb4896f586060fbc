/* SPDX-License-Identifier: MIT */
#include <bsd/stdlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

bool shared_take(struct shared *shared, int option)
{
    switch (option) {
    case OPTION_JSON:
        shared->json = true;
        return true;
    case OPTION_CONFIG:
        shared->config = optarg;
        return true;
    case OPTION_CACHE_DIR:
        shared->cache_dir = optarg;
        return true;
    case OPTION_STATE_DIR:
        shared->state_dir = optarg;
        return true;
    case OPTION_LOG:
        shared->log = optarg;
        return true;
    case OPTION_PAM_CONFDIR:
        shared->pam_confdir = optarg;
        return true;
    case OPTION_PASSWD_SERVICE:
        shared->passwd_service = optarg;
        return true;
    case OPTION_SUBMIT_LOCAL:
        shared->submit_local = true;
        return true;
    case OPTION_TIMEOUT:
        shared->timeout = optarg;
        return true;
    default:
        return false;
    }
}

/* Where events go, in place of what the configuration says. */
static int set_log(roleauth_context *context, const char *log,
                   roleauth_error *error)
{
    int rc = roleauth_context_clear_sinks(context, error);

    if (rc != 0 || strcmp(log, "none") == 0)
        return rc;
    if (strcmp(log, "syslog") == 0)
        return roleauth_context_add_syslog_sink(context, error);
    /* Who asks for a file wants the event to be in it. */
    return roleauth_context_add_file_sink(context, log, ROLEAUTH_MANDATORY,
                                          error);
}

static int set_timeout(roleauth_context *context, const char *text,
                       roleauth_error *error)
{
    const char *fault = NULL;
    long long seconds = strtonum(text, 0, 86400, &fault);

    if (fault != NULL) {
        error->code = ROLEAUTH_E_ARGUMENT;
        (void)snprintf(error->text, sizeof(error->text),
                       "--timeout takes 0 to 86400 seconds");
        return error->code;
    }
    return roleauth_context_set_number(context, ROLEAUTH_PROMPT_TIMEOUT,
                                       (long)seconds, error);
}

static int set_text(roleauth_context *context, roleauth_text_setting setting,
                    const char *option, const char *value,
                    roleauth_error *error)
{
    if (value == NULL)
        return 0;
    if (*value == '\0') {
        error->code = ROLEAUTH_E_ARGUMENT;
        (void)snprintf(error->text, sizeof(error->text), "%s is empty", option);
        return error->code;
    }
    return roleauth_context_set_text(context, setting, value, error);
}

static int apply(roleauth_context *context, const struct shared *shared,
                 roleauth_error *error)
{
    int rc;

    if ((rc = set_text(context, ROLEAUTH_STORE_DIRECTORY, "--cache-dir",
                       shared->cache_dir, error)) != 0 ||
        (rc = set_text(context, ROLEAUTH_STATE_DIRECTORY, "--state-dir",
                       shared->state_dir, error)) != 0 ||
        (rc = set_text(context, ROLEAUTH_PAM_CONFDIR, "--pam-confdir",
                       shared->pam_confdir, error)) != 0 ||
        (rc = set_text(context, ROLEAUTH_PASSWD_SERVICE, "--passwd-service",
                       shared->passwd_service, error)) != 0)
        return rc;
    if (shared->submit_local &&
        (rc = roleauth_context_set_number(
             context, ROLEAUTH_SUBMIT_HOST_IS_LOCAL, 1, error)) != 0)
        return rc;
    if (shared->timeout != NULL &&
        (rc = set_timeout(context, shared->timeout, error)) != 0)
        return rc;
    return shared->log != NULL ? set_log(context, shared->log, error) : 0;
}

roleauth_context *shared_context(const struct shared *shared,
                                 configure_fn *configure, int *status)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_context *context = roleauth_context_new();
    struct reporter reporter = {stderr, 0};

    if (context == NULL) {
        error.code = ROLEAUTH_E_NOMEM;
        *status = fail(&error);
        return NULL;
    }
    if (configure(context, shared->config, report_plain, &reporter, &error) ==
            0 &&
        apply(context, shared, &error) == 0)
        return context;
    *status = fail_unless_reported(&reporter, &error);
    roleauth_context_free(&context);
    return NULL;
}

int usage(const char *command, const char *format, ...)
{
    va_list args;

    (void)fprintf(stderr, "roleauth %s: ", command);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fprintf(stderr, "; see roleauth %s --help\n", command);
    return EXIT_UNUSABLE;
}

int help(const char *text)
{
    (void)fputs(text, stdout);
    return EXIT_YES;
}

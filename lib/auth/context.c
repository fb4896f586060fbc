/* SPDX-License-Identifier: MIT */
#include "auth/context.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "base/clock.h"
#include "base/error.h"

struct roleauth_context {
    pthread_mutex_t mutex; /* guards frozen and what freezing makes */
    bool frozen;
    struct ra_settings settings;
    struct ra_seams seams;
    ra_zone *zone;
    struct ra_triggers triggers; /* what it points to is in settings */
    struct ra_boot_id boot;      /* of the system's clock */
};

roleauth_context *roleauth_context_new(void)
{
    roleauth_context *context = calloc(1, sizeof(*context));

    if (context == NULL)
        return NULL;
    if (ra_settings_init(&context->settings) != 0) {
        free(context);
        return NULL;
    }
    if (pthread_mutex_init(&context->mutex, NULL) != 0) {
        ra_settings_free(&context->settings);
        free(context);
        return NULL;
    }
    context->seams.clock = ra_clock_system(&context->boot);
    context->seams.users = ra_users_system();
    return context;
}

void roleauth_context_free(roleauth_context **context)
{
    roleauth_context *old;

    if (context == NULL || *context == NULL)
        return;
    old = *context;
    *context = NULL;
    if (old->seams.store.release != NULL)
        old->seams.store.release(old->seams.store.data);
    ra_zone_free(&old->zone);
    ra_settings_free(&old->settings);
    (void)pthread_mutex_destroy(&old->mutex);
    free(old);
}

/* What the settings decide, once they can no longer change. */
static int freeze(roleauth_context *context, roleauth_error *error)
{
    const struct ra_settings *settings = &context->settings;
    int rc = 0;

    if (context->zone == NULL)
        rc = ra_zone_load(&context->zone,
                          ra_settings_get(settings, ROLEAUTH_TIME_ZONE), error);
    if (rc == 0 && context->seams.store.read == NULL)
        rc = ra_file_store_new(
            &context->seams.store,
            ra_settings_get(settings, ROLEAUTH_STORE_DIRECTORY),
            ra_settings_get(settings, ROLEAUTH_STATE_DIRECTORY), error);
    if (rc != 0)
        return rc;
    if (context->seams.pam.start == NULL)
        context->seams.pam =
            ra_pam_system(ra_settings_get(settings, ROLEAUTH_PAM_CONFDIR));
    context->triggers = (struct ra_triggers){
        .interval = settings->numbers[ROLEAUTH_SIGNOUT_INTERVAL],
        .daily = settings->daily,
        .daily_count = settings->daily_count,
        .zone = context->zone,
        .boot = settings->numbers[ROLEAUTH_SIGNOUT_BOOT] != 0,
    };
    context->frozen = true;
    return 0;
}

int ra_context_ready(roleauth_context *context, roleauth_error *error)
{
    int rc;

    if (pthread_mutex_lock(&context->mutex) != 0)
        return ra_fail(error, ROLEAUTH_E_INTERNAL, "the context is locked");
    rc = context->frozen ? 0 : freeze(context, error);
    (void)pthread_mutex_unlock(&context->mutex);
    return rc;
}

const struct ra_settings *ra_context_settings(const roleauth_context *context)
{
    return &context->settings;
}

const struct ra_seams *ra_context_seams(const roleauth_context *context)
{
    return &context->seams;
}

const ra_zone *ra_context_zone(const roleauth_context *context)
{
    return context->zone;
}

struct ra_records_config ra_context_records(const roleauth_context *context)
{
    struct ra_records_config config = {
        .store = &context->seams.store,
        .clock = &context->seams.clock,
        .survive_reboot =
            context->settings.numbers[ROLEAUTH_SURVIVE_REBOOT] != 0,
        .triggers = &context->triggers,
    };

    return config;
}

/* Every setter starts here.  Setting up is one thread's work, but that it is
 * over may be told by another's. */
static int open_for_change(roleauth_context *context, roleauth_error *error)
{
    bool frozen;

    roleauth_error_clear(error);
    if (context == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no context");
    if (pthread_mutex_lock(&context->mutex) != 0)
        return ra_fail(error, ROLEAUTH_E_INTERNAL, "the context is locked");
    frozen = context->frozen;
    (void)pthread_mutex_unlock(&context->mutex);
    return frozen ? ra_fail(error, ROLEAUTH_E_IN_USE,
                            "the context is in use and cannot change")
                  : 0;
}

int roleauth_context_configure(roleauth_context *context, const char *path,
                               roleauth_report *report, void *report_data,
                               roleauth_error *error)
{
    int rc = open_for_change(context, error);

    return rc != 0 ? rc
                   : ra_config_read(&context->settings, path, RA_CONFIG_DECIDE,
                                    report, report_data, error);
}

int roleauth_context_inspect(roleauth_context *context, const char *path,
                             roleauth_report *report, void *report_data,
                             roleauth_error *error)
{
    int rc = open_for_change(context, error);

    return rc != 0 ? rc
                   : ra_config_read(&context->settings, path, RA_CONFIG_INSPECT,
                                    report, report_data, error);
}

int roleauth_context_set_text(roleauth_context *context,
                              roleauth_text_setting setting, const char *value,
                              roleauth_error *error)
{
    int rc = open_for_change(context, error);

    return rc != 0
               ? rc
               : ra_settings_text(&context->settings, setting, value, error);
}

int roleauth_context_set_number(roleauth_context *context,
                                roleauth_number_setting setting, long value,
                                roleauth_error *error)
{
    int rc = open_for_change(context, error);

    return rc != 0
               ? rc
               : ra_settings_number(&context->settings, setting, value, error);
}

int roleauth_context_trust_client(roleauth_context *context, const char *name,
                                  roleauth_error *error)
{
    int rc = open_for_change(context, error);

    if (rc != 0)
        return rc;
    if (name == NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no variable's name");
    return ra_settings_trust(&context->settings, name, error);
}

int roleauth_context_set_signout_daily(roleauth_context *context,
                                       const char *const *times, size_t count,
                                       roleauth_error *error)
{
    int rc = open_for_change(context, error);

    if (rc == 0 && times == NULL && count > 0)
        rc = ra_fail(error, ROLEAUTH_E_ARGUMENT, "no times");
    return rc != 0 ? rc
                   : ra_settings_daily(&context->settings, times, count, error);
}

int roleauth_context_set_signout_command(roleauth_context *context,
                                         const char *const *arguments,
                                         size_t count, roleauth_error *error)
{
    int rc = open_for_change(context, error);

    if (rc == 0 && arguments == NULL && count > 0)
        rc = ra_fail(error, ROLEAUTH_E_ARGUMENT, "no arguments");
    return rc != 0 ? rc
                   : ra_settings_command(&context->settings, arguments, count,
                                         error);
}

int roleauth_context_clear_sinks(roleauth_context *context,
                                 roleauth_error *error)
{
    int rc = open_for_change(context, error);

    return rc != 0 ? rc : ra_settings_clear_sinks(&context->settings, error);
}

static bool is_duty(roleauth_duty duty)
{
    return duty == ROLEAUTH_OPTIONAL || duty == ROLEAUTH_MANDATORY;
}

int roleauth_context_add_file_sink(roleauth_context *context, const char *path,
                                   roleauth_duty duty, roleauth_error *error)
{
    int rc = open_for_change(context, error);
    ra_sinks *sinks;

    if (rc != 0)
        return rc;
    if (path == NULL || *path == '\0' || !is_duty(duty))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no path of an event file");
    sinks = ra_settings_sinks(&context->settings, error);
    if (sinks == NULL)
        return ROLEAUTH_E_NOMEM;
    return ra_sinks_add_file(sinks, path, duty) == 0 ? 0 : ra_fail_nomem(error);
}

int roleauth_context_add_syslog_sink(roleauth_context *context,
                                     roleauth_error *error)
{
    int rc = open_for_change(context, error);
    ra_sinks *sinks;

    if (rc != 0)
        return rc;
    sinks = ra_settings_sinks(&context->settings, error);
    if (sinks == NULL)
        return ROLEAUTH_E_NOMEM;
    return ra_sinks_add_syslog(sinks) == 0 ? 0 : ra_fail_nomem(error);
}

int roleauth_context_add_callback_sink(roleauth_context *context,
                                       roleauth_event_fn *fn, void *data,
                                       roleauth_duty duty,
                                       roleauth_error *error)
{
    int rc = open_for_change(context, error);
    ra_sinks *sinks;

    if (rc != 0)
        return rc;
    if (fn == NULL || !is_duty(duty))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "no event callback");
    sinks = ra_settings_sinks(&context->settings, error);
    if (sinks == NULL)
        return ROLEAUTH_E_NOMEM;
    return ra_sinks_add_callback(sinks, fn, data, duty) == 0
               ? 0
               : ra_fail_nomem(error);
}

static int incomplete(roleauth_error *error, const char *seam)
{
    return ra_fail(error, ROLEAUTH_E_ARGUMENT, "the %s lacks a function", seam);
}

int roleauth_context_set_clock(roleauth_context *context,
                               const roleauth_clock *clock,
                               roleauth_error *error)
{
    int rc = open_for_change(context, error);

    if (rc != 0)
        return rc;
    if (clock == NULL || clock->now == NULL)
        return incomplete(error, "clock");
    context->seams.clock = *clock;
    return 0;
}

int roleauth_context_set_users(roleauth_context *context,
                               const roleauth_users *users,
                               roleauth_error *error)
{
    int rc = open_for_change(context, error);

    if (rc != 0)
        return rc;
    if (users == NULL || users->lookup == NULL)
        return incomplete(error, "account source");
    context->seams.users = *users;
    return 0;
}

int roleauth_context_set_pam(roleauth_context *context, const roleauth_pam *pam,
                             roleauth_error *error)
{
    int rc = open_for_change(context, error);

    if (rc != 0)
        return rc;
    if (pam == NULL || pam->find == NULL || pam->start == NULL ||
        pam->authenticate == NULL || pam->account_management == NULL ||
        pam->user == NULL || pam->end == NULL)
        return incomplete(error, "PAM implementation");
    context->seams.pam = *pam;
    return 0;
}

int roleauth_context_set_store(roleauth_context *context,
                               const roleauth_store *store,
                               roleauth_error *error)
{
    int rc = open_for_change(context, error);

    if (rc != 0)
        return rc;
    if (store == NULL || store->read == NULL || store->write == NULL ||
        store->create == NULL || store->remove == NULL || store->list == NULL ||
        store->lock == NULL || store->unlock == NULL)
        return incomplete(error, "store");
    if (context->seams.store.release != NULL)
        context->seams.store.release(context->seams.store.data);
    context->seams.store = *store;
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* What a context holds, for the files of this room. */
#ifndef RA_AUTH_CONTEXT_H
#define RA_AUTH_CONTEXT_H

#include <roleauth.h>
#include <stdbool.h>

#include "base/zone.h"
#include "event/event.h"
#include "role/vars.h"
#include "store/store.h"

#define RA_TEXT_SETTINGS (ROLEAUTH_RETRY_MESSAGE + 1)
#define RA_NUMBER_SETTINGS (ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT + 1)

/* What a configuration file can say; copied whole, so that a bad file leaves
 * everything as it was. */
struct ra_settings {
    char *texts[RA_TEXT_SETTINGS]; /* NULL: the default */
    long numbers[RA_NUMBER_SETTINGS];
    char **trusted; /* names of client variables */
    size_t trusted_count;
    uint16_t daily[ROLEAUTH_MAX_DAILY]; /* minutes after midnight */
    size_t daily_count;
    char **command; /* ends in NULL; NULL: none */
    ra_sinks *sinks;
    bool default_sinks; /* sinks is still the default one */
    bool untrusted;     /* others could have written what was read */
};

int ra_settings_init(struct ra_settings *settings);
int ra_settings_copy(struct ra_settings *to, const struct ra_settings *from);
void ra_settings_free(struct ra_settings *settings);

/* The setters of the public header on a draft.  Each returns 0,
 * ROLEAUTH_E_ARGUMENT or ROLEAUTH_E_NOMEM. */
int ra_settings_text(struct ra_settings *settings,
                     roleauth_text_setting setting, const char *value,
                     roleauth_error *error);
int ra_settings_number(struct ra_settings *settings,
                       roleauth_number_setting setting, long value,
                       roleauth_error *error);
int ra_settings_trust(struct ra_settings *settings, const char *name,
                      roleauth_error *error);
int ra_settings_daily(struct ra_settings *settings, const char *const *times,
                      size_t count, roleauth_error *error);
int ra_settings_command(struct ra_settings *settings,
                        const char *const *arguments, size_t count,
                        roleauth_error *error);
int ra_settings_clear_sinks(struct ra_settings *settings,
                            roleauth_error *error);
/* The sinks to add to, without the default one. */
ra_sinks *ra_settings_sinks(struct ra_settings *settings,
                            roleauth_error *error);

/* What is wrong with a daily time, or with one of a command's arguments, the
 * first of which is the program; NULL: nothing. */
const char *ra_settings_time_fault(const char *time);
const char *ra_settings_argument_fault(const char *argument, size_t index);

/* The value of a text setting, or its default; NULL: none. */
const char *ra_settings_get(const struct ra_settings *settings,
                            roleauth_text_setting setting);
/* In the shape that ra_template_expand() takes; data is ra_settings. */
bool ra_settings_trusts(const void *settings, const char *name);

/* Reads a file into settings, which stay as they are on failure.  config.c */
enum ra_config_use {
    RA_CONFIG_DECIDE, /* a file that others could have written is refused */
    RA_CONFIG_INSPECT /* it is only warned of, and decides nothing */
};
int ra_config_read(struct ra_settings *settings, const char *path,
                   enum ra_config_use use, roleauth_report *report,
                   void *report_data, roleauth_error *error);

/* The same from memory; name is what diagnostics call it. */
int ra_config_text(struct ra_settings *settings, const char *name,
                   const char *text, size_t length, roleauth_report *report,
                   void *report_data, roleauth_error *error);

/* A context made ready: frozen, every seam in place. */
struct ra_seams {
    roleauth_clock clock;
    roleauth_users users;
    roleauth_pam pam;
    roleauth_store store;
};

/* Freezes the context at the first call.  Returns 0; ROLEAUTH_E_IO or
 * ROLEAUTH_E_INVALID: the time zone cannot be read; ROLEAUTH_E_NOMEM. */
int ra_context_ready(roleauth_context *context, roleauth_error *error);

/* Of a context that is ready. */
const struct ra_settings *ra_context_settings(const roleauth_context *context);
const struct ra_seams *ra_context_seams(const roleauth_context *context);
struct ra_records_config ra_context_records(const roleauth_context *context);

/* The variables of a request under the time variables of a moment; to be
 * freed with ra_vars_free().  timevars.c */
int ra_time_vars(ra_vars **vars, const ra_vars *request, const ra_zone *zone,
                 const roleauth_time *time, roleauth_error *error);
const ra_zone *ra_context_zone(const roleauth_context *context);

#endif

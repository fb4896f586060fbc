/* SPDX-License-Identifier: MIT */
/* The result of an evaluation, the event that tells of it, and the sinks
 * that keep events.  Reading a result is in the public header. */
#ifndef RA_EVENT_EVENT_H
#define RA_EVENT_EVENT_H

#include <roleauth.h>
#include <stdbool.h>

#include "base/json.h"

/* ---- result.c: building a result ---- */

/* Starts as ERROR / internal.  id NULL: a random one.  NULL: out of memory or
 * of randomness. */
roleauth_result *ra_result_new(const char *id);
/* Each copies its text.  When memory runs out the result can no longer become
 * an accept. */
void ra_result_set_role(roleauth_result *result, const char *role);
void ra_result_set_message(roleauth_result *result, const char *message);
void ra_result_set_reject_message(roleauth_result *result, const char *text);
void ra_result_add_variable(roleauth_result *result, const char *name,
                            const char *value);
void ra_result_note(roleauth_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a method, or fills it in again; *done's texts are copied. */
void ra_result_set_method(roleauth_result *result, size_t index,
                          const roleauth_method_result *done);
/* The last word.  ACCEPT only holds with the reason ok and a result that is
 * complete; anything else drops the variables.  May be called again to undo
 * an accept. */
void ra_result_decide(roleauth_result *result, roleauth_decision decision,
                      roleauth_reason reason);

/* Adds decision, reason, role, message, reject_message and methods to a JSON
 * object, with texts as text_of makes them.  False: out of memory. */
bool ra_result_describe(const roleauth_result *result,
                        ra_json *(*text_of)(const char *text), ra_json *object);

/* ---- event.c: one line of JSON ---- */

struct ra_event_facts {
    const roleauth_time *time;
    const char *requester; /* each may be NULL: unknown */
    const char *submit_host;
    const char *run_user;
    const char *run_host;
};

#define RA_SIGN_OUT_NOTES 4

struct ra_sign_out_facts {
    const roleauth_time *time; /* NULL: unknown */
    roleauth_moment trigger;   /* by hand: its moment is not looked at */
    const char *user;          /* NULL: anyone's */
    const char *fname;         /* NULL: any */
    size_t ended;
    roleauth_command_end command;
    int command_code;
    const char *command_output;           /* NULL: nothing */
    const char *notes[RA_SIGN_OUT_NOTES]; /* as many as there are, then NULL */
};

/* Each for free(3); NULL: out of memory. */
char *ra_event_evaluation(const roleauth_result *result,
                          const struct ra_event_facts *facts);
char *ra_event_sign_out(const struct ra_sign_out_facts *facts);

/* ---- sinks.c ---- */

typedef struct ra_sinks ra_sinks;

ra_sinks *ra_sinks_new(void);
/* NULL: out of memory. */
ra_sinks *ra_sinks_copy(const ra_sinks *sinks);
void ra_sinks_free(ra_sinks **sinks);
/* Each returns 0 or ROLEAUTH_E_NOMEM. */
int ra_sinks_add_file(ra_sinks *sinks, const char *path, roleauth_duty duty);
int ra_sinks_add_syslog(ra_sinks *sinks);
int ra_sinks_add_callback(ra_sinks *sinks, roleauth_event_fn *fn, void *data,
                          roleauth_duty duty);
/* Is there a sink of this duty? */
bool ra_sinks_any(const ra_sinks *sinks, roleauth_duty duty);
/* Writes a line to every sink of this duty; *kept is set to how many kept it.
 * Returns 0, or ROLEAUTH_E_IO when one of them failed, with *error about the
 * first. */
int ra_sinks_write(const ra_sinks *sinks, roleauth_duty duty, const char *line,
                   size_t *kept, roleauth_error *error);

#endif

/* SPDX-License-Identifier: MIT */
/* What the commands of the tool share. */
#ifndef ROLEAUTH_TOOL_H
#define ROLEAUTH_TOOL_H

#include <getopt.h>
#include <jansson.h>
#include <roleauth.h>
#include <stdbool.h>
#include <stdio.h>

/* roleauth(1): exit status */
enum {
    EXIT_YES = 0,         /* accept, yes, valid */
    EXIT_NO = 1,          /* reject, no, lint found an error */
    EXIT_UNUSABLE = 2,    /* usage, or roles or configuration */
    EXIT_UNAVAILABLE = 3, /* something needed does not work */
};

struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
};

int command_eval(int argc, char **argv);
int command_match(int argc, char **argv);
int command_lint(int argc, char **argv);
int command_hash(int argc, char **argv);
int command_glob(int argc, char **argv);
int command_status(int argc, char **argv);
int command_signout(int argc, char **argv);

/* ---- options.c ---- */

/* Options that several commands have; each command lists the ones that it
 * takes in its own table. */
enum shared_option {
    OPTION_HELP = 'h',
    OPTION_JSON = 0x100,
    OPTION_CONFIG,
    OPTION_CACHE_DIR,
    OPTION_STATE_DIR,
    OPTION_LOG,
    OPTION_PAM_CONFDIR,
    OPTION_PASSWD_SERVICE,
    OPTION_SUBMIT_LOCAL,
    OPTION_TIMEOUT,
    OPTION_OWN, /* the first number for a command's own options */
};

#define RECORD_OPTIONS                                                         \
    {"config", required_argument, NULL, OPTION_CONFIG},                        \
        {"cache-dir", required_argument, NULL, OPTION_CACHE_DIR},              \
        {"state-dir", required_argument, NULL, OPTION_STATE_DIR},              \
    {                                                                          \
        "log", required_argument, NULL, OPTION_LOG                             \
    }
#define OUTPUT_OPTIONS                                                         \
    {"json", no_argument, NULL, OPTION_JSON},                                  \
    {                                                                          \
        "help", no_argument, NULL, OPTION_HELP                                 \
    }

struct shared {
    bool json;
    const char *config;
    const char *cache_dir;
    const char *state_dir;
    const char *log;
    const char *pam_confdir;
    const char *passwd_service;
    const char *timeout;
    bool submit_local;
};

/* Takes a shared option; false: it is not one. */
bool shared_take(struct shared *shared, int option);
/* roleauth_context_configure() for commands that decide, or
 * roleauth_context_inspect() for those that only look. */
typedef int configure_fn(roleauth_context *context, const char *path,
                         roleauth_report *report, void *report_data,
                         roleauth_error *error);
/* A context as configuration file and options say; NULL: the reason is on
 * standard error, and *status is the exit status. */
roleauth_context *shared_context(const struct shared *shared,
                                 configure_fn *configure, int *status);

/* Complains on standard error and points to --help; EXIT_UNUSABLE. */
int usage(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints a --help text; EXIT_YES. */
int help(const char *text);

/* ---- report.c ---- */

/* Prints an error on standard error; returns the exit status for it. */
int fail(const roleauth_error *error);
/* Where diagnostics go, and how many of them were errors. */
struct reporter {
    FILE *file;
    size_t errors;
};

/* As fail(), but says nothing again that was reported. */
int fail_unless_reported(const struct reporter *reporter,
                         const roleauth_error *error);
/* A roleauth_report that prints to the struct reporter that data is:
 * FILE:LINE:COLUMN: PATH: text */
void report_plain(void *data, const roleauth_diagnostic *diagnostic);
/* Prints text with everything made visible; NULL prints nothing. */
void put_visible(FILE *file, const char *text);
/* Prints a JSON object on one line of standard output and gives it up. */
int put_json(json_t *object);
/* Flushes standard output: status, or EXIT_UNAVAILABLE when that fails. */
int finish(int status);

/* ---- variables.c ---- */

/* Adds NAME=VALUE; EXIT_YES, or an exit status after a complaint. */
int set_variable(roleauth_request *request, roleauth_origin origin,
                 const char *assignment);
/* A request whose user and submithost are those of the caller. */
roleauth_request *new_request(void);

#endif

/* SPDX-License-Identifier: MIT */
/* What the commands of the tool share. */
#ifndef ROLEAUTH_TOOL_H
#define ROLEAUTH_TOOL_H

#include <getopt.h>
#include <jansson.h>
#include <roleauth.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

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
int command_compile(int argc, char **argv);
int command_import(int argc, char **argv);
int command_export(int argc, char **argv);
int command_hash(int argc, char **argv);
int command_glob(int argc, char **argv);
int command_status(int argc, char **argv);
int command_signout(int argc, char **argv);
int command_schedule(int argc, char **argv);
int command_log(int argc, char **argv);

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
/* Complains about a file on standard error; EXIT_UNUSABLE. */
int fail_file(const char *name, const char *why);
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
/* A text as JSON, with what is not UTF-8 (in the name of a file) made visible;
 * null for NULL.  NULL: out of memory. */
json_t *json_text(const char *text);
/* Prints a JSON object on one line of standard output and gives it up; NULL
 * is told as out of memory. */
int put_json(json_t *object);
/* Flushes standard output: status, or EXIT_UNAVAILABLE when that fails. */
int finish(int status);

/* ---- progress.c ---- */

/* A bar on standard error, for who waits there at a terminal for more than a
 * second; else nothing is shown. */
struct progress {
    struct timespec began;
    bool watched; /* at a terminal */
    size_t drawn; /* columns that are on the screen now */
};

void progress_begin(struct progress *progress);
/* A roleauth_progress; data is the struct progress. */
void progress_show(void *data, const char *phase, size_t done, size_t total);
/* Before anything else is printed. */
void progress_erase(struct progress *progress);

/* ---- source.c ---- */

/* roleauth_roles_load() for commands that decide, or roleauth_roles_inspect()
 * for those that only look. */
typedef int load_fn(roleauth_roles **roles, const char *path,
                    const roleauth_loading *how, roleauth_error *error);
/* As load(), with a progress bar; how->report is needed. */
int load_roles(roleauth_roles **roles, const char *path, load_fn *load,
               const roleauth_loading *how, roleauth_error *error);

/* -f FILE or -d DB */
struct source {
    const char *file;
    const char *database;
};

/* Takes -f or -d; false: the option is neither. */
bool source_take(struct source *source, int option);
/* Is exactly one of them there?  EXIT_YES, or EXIT_UNUSABLE after a
 * complaint. */
int source_check(const struct source *source, const char *command);
/* Loads the roles, with their problems on standard error.  EXIT_YES, or an
 * exit status after a complaint. */
int source_load(const struct source *source, load_fn *load,
                roleauth_roles **roles);
/* As fail(), of roles that were loaded: names their source when they are not
 * valid, as a compiled policy that is damaged further in. */
int source_fail(const struct source *source, const roleauth_error *error);

/* ---- explain.c ---- */

/* Prints the name of a role, or that it has none. */
void put_role(FILE *file, const char *name);
/* Prints why a role was selected, and those before it were not.  named: it
 * was asked for by name. */
void print_explanation(const roleauth_explanation *why, bool named);
/* The same for programs; NULL: out of memory. */
json_t *json_explanation(const roleauth_explanation *why);

/* ---- variables.c ---- */

/* Adds NAME=VALUE; EXIT_YES, or an exit status after a complaint. */
int set_variable(roleauth_request *request, roleauth_origin origin,
                 const char *assignment);
/* A request whose user and submithost are those of the caller. */
roleauth_request *new_request(void);

#endif

/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "signout.h"

enum {
    OPTION_USER = OPTION_OWN,
    OPTION_FNAME,
    OPTION_DUE,
    OPTION_LAST,
    OPTION_FORMAT,
};

static const char text[] =
    "usage: roleauth signout [OPTION]...\n"
    "\n"
    "Ends what is remembered, for good, and runs the sign-out command.\n"
    "\n"
    "  --user USER            only proofs of, or requested by, USER\n"
    "  --fname FNAME          only proofs of FNAME\n"
    "  --due                  only if a trigger has passed since the last "
    "time\n"
    "  --last                 only tell when that was last done\n"
    "  --format FORMAT        of --last: text, json or jamf\n"
    "  --config FILE          instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --cache-dir DIR        timestamp records\n"
    "  --state-dir DIR        key and sign-out state\n"
    "  --log FILE|syslog|none where the event goes\n"
    "  --json                 print one JSON object\n"
    "  --help                 print this\n"
    "\n"
    "Exit status: 0 done, or nothing is due; 2 usage, or the configuration\n"
    "cannot be used; 3 nothing was revoked, or the event that has to be\n"
    "written could not be.  A sign-out command that fails is told on standard\n"
    "error and in the event.\n";

static const struct option options[] = {
    {"user", required_argument, NULL, OPTION_USER},
    {"fname", required_argument, NULL, OPTION_FNAME},
    {"due", no_argument, NULL, OPTION_DUE},
    {"last", no_argument, NULL, OPTION_LAST},
    {"format", required_argument, NULL, OPTION_FORMAT},
    RECORD_OPTIONS,
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* ---- signing out ---- */

static int print_by_hand(bool json, size_t ended)
{
    if (json)
        return put_json(json_pack("{s:I}", "ended", (json_int_t)ended));
    (void)printf("ended: %zu\n", ended);
    return EXIT_YES;
}

/* Timers ask often: nothing due is nothing to say. */
static int print_due(bool json, roleauth_trigger trigger, size_t ended)
{
    const char *word = roleauth_trigger_word(trigger);

    if (json)
        return put_json(json_pack("{s:s, s:I}", "trigger", word, "ended",
                                  (json_int_t)ended));
    if (trigger != ROLEAUTH_TRIGGER_NONE)
        (void)printf("trigger: %s\nended: %zu\n", word, ended);
    return EXIT_YES;
}

/* An error, or what is worth telling of a success. */
static int tell(int rc, const roleauth_error *error)
{
    int status;

    if (rc == 0) {
        if (error->text[0] != '\0')
            (void)fprintf(stderr, "roleauth: %s\n", error->text);
        return EXIT_YES;
    }
    status = fail(error);
    return error->code == ROLEAUTH_E_ARGUMENT ? status : EXIT_UNAVAILABLE;
}

static int sign_out_due(roleauth_context *context, bool json)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_trigger trigger = ROLEAUTH_TRIGGER_NONE;
    size_t ended = 0;
    int rc = roleauth_sign_out_due(context, &trigger, &ended, &error);
    int status = tell(rc, &error);
    int printed = EXIT_YES;

    /* Without a place in the log it was still done. */
    if (rc == 0 || trigger != ROLEAUTH_TRIGGER_NONE)
        printed = print_due(json, trigger, ended);
    return status != EXIT_YES ? status : printed;
}

static int sign_out(const struct signout *signout, roleauth_context *context)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    size_t ended = 0;
    int rc = roleauth_sign_out(context, signout->user, signout->fname, &ended,
                               &error);
    int status = tell(rc, &error);

    return status != EXIT_YES ? status
                              : print_by_hand(signout->shared.json, ended);
}

/* The sign-out command may end the session that this runs in, or the machine:
 * what was revoked is in the log all the same.  The command has a time limit,
 * and gets the signals itself (lib/auth/spawn.c). */
static void put_off_signals(void)
{
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
}

static int run(const struct signout *signout)
{
    roleauth_context *context;
    int status = EXIT_YES;

    context =
        shared_context(&signout->shared, roleauth_context_configure, &status);
    if (context == NULL)
        return status;
    put_off_signals();
    status = signout->due ? sign_out_due(context, signout->shared.json)
                          : sign_out(signout, context);
    roleauth_context_free(&context);
    return status;
}

/* ---- the command line ---- */

static bool take_format(const struct signout *signout,
                        enum signout_format *format)
{
    static const char *const words[] = {
        [FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", [FORMAT_JAMF] = "jamf"};

    *format = signout->shared.json ? FORMAT_JSON : FORMAT_TEXT;
    if (signout->format == NULL)
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], signout->format) == 0) {
            *format = (enum signout_format)i;
            /* --json says the same, or something else. */
            return !signout->shared.json || *format == FORMAT_JSON;
        }
    }
    return false;
}

static int run_checked(const struct signout *signout)
{
    enum signout_format format;

    if (signout->due && signout->last)
        return usage("signout", "--due signs out, --last does not");
    if (signout->due && (signout->user != NULL || signout->fname != NULL))
        return usage("signout", "--due takes neither --user nor --fname: a "
                                "trigger ends everything");
    if (signout->format != NULL && !signout->last)
        return usage("signout", "--format belongs to --last");
    if (!take_format(signout, &format))
        return usage("signout", "--format takes text, json or jamf, and "
                                "--json only json");
    return signout->last ? signout_last(signout, format) : run(signout);
}

static bool take_option(struct signout *signout, int option)
{
    switch (option) {
    case OPTION_USER:
        signout->user = optarg;
        return true;
    case OPTION_FNAME:
        signout->fname = optarg;
        return true;
    case OPTION_DUE:
        signout->due = true;
        return true;
    case OPTION_LAST:
        signout->last = true;
        return true;
    case OPTION_FORMAT:
        signout->format = optarg;
        return true;
    default:
        return shared_take(&signout->shared, option);
    }
}

int command_signout(int argc, char **argv)
{
    struct signout signout = {.user = NULL};
    int option;

    while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return help(text);
        if (!take_option(&signout, option))
            return usage("signout", "an option is wrong");
    }
    if (optind < argc)
        return usage("signout", "there is an argument too many");
    return run_checked(&signout);
}

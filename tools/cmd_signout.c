/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tool.h"

enum { OPTION_USER = OPTION_OWN, OPTION_FNAME };

static const char text[] =
    "usage: roleauth signout [OPTION]...\n"
    "\n"
    "Ends what is remembered, for good.\n"
    "\n"
    "  --user USER            only proofs of, or requested by, USER\n"
    "  --fname FNAME          only proofs of FNAME\n"
    "  --config FILE          instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --cache-dir DIR        timestamp records\n"
    "  --state-dir DIR        key and sign-out state\n"
    "  --log FILE|syslog|none where the event goes\n"
    "  --json                 print one JSON object\n"
    "  --help                 print this\n";

static const struct option options[] = {
    {"user", required_argument, NULL, OPTION_USER},
    {"fname", required_argument, NULL, OPTION_FNAME},
    RECORD_OPTIONS,
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

struct signout {
    struct shared shared;
    const char *user, *fname;
};

static int run(const struct signout *signout)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_context *context;
    size_t ended = 0;
    int status = EXIT_YES;

    context =
        shared_context(&signout->shared, roleauth_context_configure, &status);
    if (context == NULL)
        return status;
    if (roleauth_sign_out(context, signout->user, signout->fname, &ended,
                          &error) != 0) {
        status = fail(&error);
        if (error.code != ROLEAUTH_E_ARGUMENT)
            status = EXIT_UNAVAILABLE;
        goto out;
    }
    if (error.text[0] != '\0')
        (void)fprintf(stderr, "roleauth: %s\n", error.text);
    if (signout->shared.json) {
        status = put_json(json_pack("{s:I}", "ended", (json_int_t)ended));
    } else {
        (void)printf("ended: %zu\n", ended);
    }
out:
    roleauth_context_free(&context);
    return status;
}

int command_signout(int argc, char **argv)
{
    struct signout signout = {.user = NULL};
    int option;

    while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_HELP:
            return help(text);
        case OPTION_USER:
            signout.user = optarg;
            break;
        case OPTION_FNAME:
            signout.fname = optarg;
            break;
        default:
            if (!shared_take(&signout.shared, option))
                return usage("signout", "an option is wrong");
        }
    }
    if (optind < argc)
        return usage("signout", "there is an argument too many");
    return run(&signout);
}

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "local.h"

static const char text[] =
    "usage: roleauth status [OPTION]...\n"
    "\n"
    "Prints what is remembered, and what will end it.  Changes nothing.\n"
    "\n"
    "  --config FILE    instead of " ROLEAUTH_CONFIG_FILE "\n"
    "  --cache-dir DIR  timestamp records\n"
    "  --state-dir DIR  key and sign-out state\n"
    "  --log WHERE      accepted for the sake of scripts: nothing is logged\n"
    "  --json           print one JSON object\n"
    "  --help           print this\n";

static const struct option options[] = {
    RECORD_OPTIONS,
    OUTPUT_OPTIONS,
    {NULL, 0, NULL, 0},
};

static void add_record(void *data, const roleauth_record *record)
{
    char ends[MOMENT_SIZE];
    bool known = utc_text(record->ends_at, ends);

    (void)json_array_append_new(
        data,
        json_pack(
            "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:s, s:s?, "
            "s:b}",
            "fname", record->fname, "user", record->user, "method",
            record->method, "service", json_text(record->service), "requester",
            json_text(record->requester), "submithost",
            json_text(record->submit_host), "scope", json_text(record->scope),
            "period", (json_int_t)record->period, "age",
            (json_int_t)record->age, "left", (json_int_t)record->left,
            "ended_by", record->ended_by, "ends_at", known ? ends : NULL,
            "ends_at_boot", record->ends_at_boot));
}

static void put_fact(const char *name, const char *value)
{
    if (value == NULL)
        return;
    (void)printf(" %s=", name);
    put_visible(stdout, value);
}

static void print_record(void *data, const roleauth_record *record)
{
    char ends[MOMENT_SIZE];

    (void)data;
    put_visible(stdout, record->fname);
    put_fact("user", record->user);
    put_fact("method", record->method);
    put_fact("service", record->service);
    put_fact("requester", record->requester);
    put_fact("submithost", record->submit_host);
    put_fact("scope", record->scope);
    (void)printf(" age=%" PRIu32 "s left=%" PRIu32 "s ended-by=%s", record->age,
                 record->left, record->ended_by);
    if (utc_text(record->ends_at, ends))
        put_fact("ends", ends);
    (void)puts(record->ends_at_boot ? " or-by=boot" : "");
}

static int print_status(const struct shared *shared, roleauth_context *context)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    json_t *records = json_array();
    int rc = roleauth_status(context, shared->json ? add_record : print_record,
                             records, &error);
    int status = EXIT_YES;

    if (rc != 0) {
        (void)fail(&error);
        status = EXIT_UNAVAILABLE;
    } else if (shared->json) {
        status = put_json(json_pack("{s:O}", "records", records));
    }
    json_decref(records);
    return status;
}

int command_status(int argc, char **argv)
{
    struct shared shared = {.json = false};
    roleauth_context *context;
    int status = EXIT_YES;
    int option;

    while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return help(text);
        if (!shared_take(&shared, option))
            return usage("status", "an option is wrong");
    }
    if (optind < argc)
        return usage("status", "there is an argument too many");
    context = shared_context(&shared, roleauth_context_configure, &status);
    if (context != NULL)
        status = print_status(&shared, context);
    roleauth_context_free(&context);
    return status;
}

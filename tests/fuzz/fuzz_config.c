/* SPDX-License-Identifier: MIT */
/* Any text as a configuration: it is refused with a reason and leaves the
 * settings as they were, or it is taken whole. */
#include <stdlib.h>
#include <string.h>

#include "auth/context.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, so that the fuzzer keeps the input. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

static void count(void *data, const roleauth_diagnostic *d)
{
    size_t *errors = data;

    must(d->code[0] != '\0' && d->text[0] != '\0');
    must((d->line == 0) == (d->column == 0));
    for (const char *at = d->text; *at != '\0'; at++)
        must((unsigned char)*at >= 0x20 && *at != 0x7F);
    *errors += d->severity == ROLEAUTH_SEVERITY_ERROR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct ra_settings settings;
    size_t errors = 0;
    int rc;

    if (size > ROLEAUTH_MAX_CONFIG || ra_settings_init(&settings) != 0)
        return 0;
    must(ra_settings_number(&settings, ROLEAUTH_PROMPT_TIMEOUT, 77, NULL) == 0);
    rc = ra_config_text(&settings, "fuzz", (const char *)data, size, count,
                        &errors, &error);
    must(rc == error.code && (rc == 0) == (errors == 0));
    must(settings.sinks != NULL);
    if (rc != 0)
        must(settings.numbers[ROLEAUTH_PROMPT_TIMEOUT] == 77 &&
             settings.trusted_count == 0 && settings.default_sinks);
    for (int i = 0; i < RA_NUMBER_SETTINGS; i++)
        must(settings.numbers[i] >= 0 && settings.numbers[i] <= 86400);
    ra_settings_free(&settings);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* The first line is a template, the second a value: the fault that is told
 * and the expansion agree, and a value is never expanded again. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "role/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, so that the fuzzer keeps the input. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Expands by itself: %v% is the value, %% a percent sign, no other name is
 * defined.  False: undefined. */
static bool simple_expand(const char *text, const char *value,
                          struct ra_buf *out)
{
    while (*text != '\0') {
        if (strncmp(text, "%%", 2) == 0) {
            (void)ra_buf_add_char(out, '%');
            text += 2;
        } else if (strncmp(text, "%v%", 3) == 0) {
            (void)ra_buf_add_text(out, value);
            text += 3;
        } else if (*text == '%') {
            return false;
        } else {
            (void)ra_buf_add_char(out, *text++);
        }
    }
    return ra_buf_add(out, "", 0);
}

static void check(const char *text, const char *value, const ra_vars *vars)
{
    struct ra_buf out = RA_BUF_INIT(1u << 20), want = RA_BUF_INIT(1u << 20);
    struct ra_template_use use;
    size_t offset = 0;
    const char *fault = ra_template_fault(text, &offset);
    bool good =
        ra_template_expand(text, RA_TEMPLATE_RAW, vars, NULL, NULL, &out, &use);

    must(fault == NULL || (offset < strlen(text) && text[offset] == '%'));
    must(fault == NULL || !good);
    must(good || out.failed || fault != NULL || use.undefined[0] != '\0');
    if (fault == NULL && !out.failed) {
        must(simple_expand(text, value, &want) == good || want.failed);
        must(!good || want.failed || strcmp(out.data, want.data) == 0);
    }
    if (good) {
        (void)ra_user_fault(out.data);
        (void)ra_service_fault(out.data);
        (void)ra_fname_fault(out.data);
    }
    ra_buf_free(&out);
    ra_buf_free(&want);
    if (ra_template_expand(text, RA_TEMPLATE_DISPLAY, vars, NULL, NULL, &out,
                           &use))
        must(strchr(text, '\033') != NULL || strchr(out.data, '\033') == NULL);
    ra_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    ra_vars *vars = ra_vars_new(NULL);
    char *value;

    if (text != NULL && vars != NULL) {
        memcpy(text, data, size);
        text[size] = '\0';
        value = strchr(text, '\n');
        if (value != NULL)
            *value++ = '\0';
        else
            value = text + strlen(text);
        if (ra_vars_set(vars, ROLEAUTH_CLIENT, "v", value, NULL) == 0)
            check(text, value, vars);
    }
    ra_vars_free(&vars);
    free(text);
    return 0;
}

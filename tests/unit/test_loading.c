/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <roleauth.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "support/pam_directory.h"

/* ---- progress ---- */

struct seen {
    char phase[32];
    char phases[200];
    size_t calls, done;
};

static void watch(void *data, const char *phase, size_t done, size_t total)
{
    struct seen *seen = data;

    assert_true(total > 0);
    assert_true(done <= total);
    if (strcmp(phase, seen->phase) != 0) {
        size_t used = strlen(seen->phases);

        (void)snprintf(seen->phase, sizeof(seen->phase), "%s", phase);
        (void)snprintf(seen->phases + used, sizeof(seen->phases) - used, "%s ",
                       phase);
        seen->done = 0;
    }
    assert_true(done >= seen->done);
    seen->done = done;
    seen->calls++;
}

static void progress_goes_forward(void **state)
{
    enum { COUNT = 20000 };
    struct ra_buf text = RA_BUF_INIT(1u << 24);
    struct seen seen = {.calls = 0};
    const roleauth_loading how = {
        .progress = watch, .progress_data = &seen, .lint = 1};
    roleauth_roles *roles = NULL;

    (void)state;
    for (unsigned i = 0; i < COUNT; i++)
        (void)ra_buf_printf(&text,
                            "%s{\"name\":\"r%u\",\"varmatch\":{\"u\":\"%u\"}}",
                            i > 0 ? "," : "[", i, i);
    assert_true(ra_buf_add_text(&text, "]"));
    assert_int_equal(
        roleauth_roles_parse(&roles, "t", text.data, text.length, &how, NULL),
        0);
    assert_string_equal(seen.phases, "parsing reading indexing comparing ");
    assert_true(seen.calls < 1000);
    roleauth_roles_free(&roles);
    ra_buf_free(&text);
}

/* ---- PAM services ---- */

static void keep_code(void *data, const roleauth_diagnostic *d)
{
    char *words = data;

    (void)snprintf(words + strlen(words), 100 - strlen(words), "%s ", d->code);
}

#define SERVICE                                                                \
    "[{\"method\":\"getuserpasswdpam\",\"user\":\"u\",\"service\":\"open\"}]"

static void services_are_looked_at_for_a_context(void **state)
{
    struct pam_directory directory;
    char words[100] = "";
    roleauth_loading how = {.report = keep_code, .report_data = words};
    roleauth_roles *roles = NULL;
    roleauth_context *context = roleauth_context_new();

    (void)state;
    pam_directory_make(&directory);
    pam_directory_add(&directory, "open",
                      "auth required pam_permit.so\n"
                      "account required pam_permit.so\n");
    assert_int_equal(roleauth_context_set_text(context, ROLEAUTH_PAM_CONFDIR,
                                               directory.path, NULL),
                     0);
    assert_int_equal(
        roleauth_roles_parse(&roles, "t", SERVICE, strlen(SERVICE), &how, NULL),
        0);
    assert_string_equal(words, "");
    roleauth_roles_free(&roles);
    how.context = context;
    assert_int_equal(
        roleauth_roles_parse(&roles, "t", SERVICE, strlen(SERVICE), &how, NULL),
        0);
    assert_string_equal(words, "pam-service ");
    roleauth_roles_free(&roles);
    roleauth_context_free(&context);
    pam_directory_drop(&directory);
}

/* ---- arguments ---- */

static void arguments_are_checked(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;

    (void)state;
    assert_int_equal(roleauth_roles_load(NULL, "x", NULL, &error),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(error.code, ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_load(&roles, NULL, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_inspect(NULL, "x", NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_inspect(&roles, NULL, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_parse(&roles, NULL, "", 0, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_null(roles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_goes_forward),
        cmocka_unit_test(services_are_looked_at_for_a_context),
        cmocka_unit_test(arguments_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

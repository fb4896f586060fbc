/* SPDX-License-Identifier: MIT */
/* Each folder of tests/data/bad-roles holds roles.json and what is told about
 * it, exactly, one problem a line:
 *     severity code LINE:COLUMN PATH: text
 * Each file of tests/data/good-roles loads without an error. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "role/role.h"

/* A whole file; NULL: there is none. */
static char *slurp(const char *path, size_t *length)
{
    FILE *file = fopen(path, "r");
    struct ra_buf buf = RA_BUF_INIT(1u << 24);
    char block[4096];
    size_t got;

    if (file == NULL)
        return NULL;
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        assert_true(ra_buf_add(&buf, block, got));
    assert_int_equal(fclose(file), 0);
    *length = buf.length;
    return ra_buf_take(&buf);
}

struct told {
    struct ra_buf lines;
    size_t errors, warnings;
};

static void report(void *data, const roleauth_diagnostic *d)
{
    struct told *told = data;
    bool error = d->severity == ROLEAUTH_SEVERITY_ERROR;

    assert_string_equal(d->file, "roles.json");
    told->errors += error;
    told->warnings += !error;
    assert_true(ra_buf_printf(&told->lines, "%s %s %zu:%zu %s: %s\n",
                              error ? "error" : "warning", d->code, d->line,
                              d->column, d->path, d->text));
}

/* Loads a text; the first error must be what the caller is given. */
static int load(const char *text, size_t length, struct told *told)
{
    const struct ra_load how = {
        .how = {.report = report, .report_data = told, .lint = 1}};
    const struct ra_load silent = {.how = {.lint = 1}};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_error alone = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;
    int code;

    assert_true(ra_buf_add(&told->lines, "", 0));
    code = ra_roles_load_text(&roles, "roles.json", text, length, &how, &error);
    assert_int_equal(code, error.code);
    assert_int_equal(code != 0, roles == NULL);
    assert_int_equal(code != 0, told->errors != 0);
    roleauth_roles_free(&roles);
    /* Without a report nothing is different. */
    assert_int_equal(
        ra_roles_load_text(&roles, "roles.json", text, length, &silent, &alone),
        code);
    assert_string_equal(alone.text, error.text);
    assert_int_equal(alone.line, error.line);
    assert_int_equal(alone.column, error.column);
    assert_string_equal(alone.path, error.path);
    roleauth_roles_free(&roles);
    return code;
}

static bool check_case(const char *name)
{
    struct told told = {.lines = RA_BUF_INIT(1u << 24)};
    char path[512];
    char *text, *expected;
    size_t length = 0, expected_length = 0;
    bool good;

    (void)snprintf(path, sizeof(path),
                   TESTS_DIR "/data/bad-roles/%s/roles.json", name);
    text = slurp(path, &length);
    (void)snprintf(path, sizeof(path), TESTS_DIR "/data/bad-roles/%s/expected",
                   name);
    expected = slurp(path, &expected_length);
    assert_non_null(text);
    assert_non_null(expected);
    (void)load(text, length, &told);
    good = strcmp(told.lines.data, expected) == 0;
    if (!good)
        print_error("%s: told:\n%sexpected:\n%s", name, told.lines.data,
                    expected);
    /* A case in which nothing is told tests nothing. */
    good = good && told.lines.length > 0;
    ra_buf_free(&told.lines);
    free(text);
    free(expected);
    return good;
}

static void every_bad_case_is_told_exactly(void **state)
{
    DIR *dir = opendir(TESTS_DIR "/data/bad-roles");
    const struct dirent *entry;
    size_t cases = 0, bad = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.') {
            cases++;
            bad += !check_case(entry->d_name);
        }
    assert_int_equal(closedir(dir), 0);
    assert_true(cases >= 60);
    assert_int_equal(bad, 0);
}

static void every_good_file_loads(void **state)
{
    DIR *dir = opendir(TESTS_DIR "/data/good-roles");
    const struct dirent *entry;
    size_t cases = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        struct told told = {.lines = RA_BUF_INIT(1u << 24)};
        char path[512];
        char *text;
        size_t length = 0;

        if (entry->d_name[0] == '.')
            continue;
        cases++;
        (void)snprintf(path, sizeof(path), TESTS_DIR "/data/good-roles/%s",
                       entry->d_name);
        text = slurp(path, &length);
        assert_non_null(text);
        if (load(text, length, &told) != 0)
            fail_msg("%s: %s", entry->d_name, told.lines.data);
        ra_buf_free(&told.lines);
        free(text);
    }
    assert_int_equal(closedir(dir), 0);
    assert_true(cases >= 5);
}

/* Every file, cut after each byte and with each byte changed, is refused or
 * loaded, and what is told has a place inside the text. */
static void damaged_files_do_no_harm(void **state)
{
    const char path[] = TESTS_DIR "/data/good-roles/full.json";
    size_t length = 0;
    char *text = slurp(path, &length);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < length; i++) {
        struct told told = {.lines = RA_BUF_INIT(1u << 24)};
        char *copy = malloc(i + 1);

        assert_non_null(copy);
        memcpy(copy, text, i);
        assert_true(load(copy, i, &told) != 0 || i > length - 3);
        free(copy);
        ra_buf_free(&told.lines);
    }
    for (size_t i = 0; i < length; i++) {
        struct told told = {.lines = RA_BUF_INIT(1u << 24)};
        char was = text[i];

        text[i] = (char)(was ^ 0x15);
        (void)load(text, length, &told);
        text[i] = was;
        ra_buf_free(&told.lines);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_case_is_told_exactly),
        cmocka_unit_test(every_good_file_loads),
        cmocka_unit_test(damaged_files_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

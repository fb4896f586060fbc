/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "role/role.h"

static int parse(const char *text, roleauth_roles **roles)
{
    return roleauth_roles_parse(roles, "test", text, strlen(text), NULL, NULL);
}

static void shapes(void **state)
{
    static const struct {
        const char *text;
        size_t count;
        const char *name; /* of the first */
    } cases[] = {
        {"[]", 0, NULL},
        {"{\"roles\":[]}", 0, NULL},
        {"{\"name\":\"a\"}", 1, "a"},
        {"[{\"name\":\"a\"},{\"name\":\"b\"}]", 2, "a"},
        {"{\"roles\":[{\"name\":\"a\"}]}", 1, "a"},
        {"[{\"method\":\"getuserpasswd\",\"user\":\"u\"}]", 1, NULL},
        {" \r\n\t[ { \"name\" : \"a\" } ] \n", 1, "a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        roleauth_roles *roles = NULL;

        assert_int_equal(parse(cases[i].text, &roles), 0);
        assert_int_equal(roleauth_roles_count(roles), cases[i].count);
        if (cases[i].name != NULL)
            assert_string_equal(roleauth_roles_column(roles, 0, "name"),
                                cases[i].name);
        else
            assert_null(roleauth_roles_column(roles, 0, "name"));
        roleauth_roles_free(&roles);
    }
}

static void arguments(void **state)
{
    roleauth_roles *roles = (roleauth_roles *)state;

    assert_int_equal(roleauth_roles_parse(NULL, "x", "[]", 2, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_parse(&roles, "x", NULL, 2, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_null(roles);
    assert_int_equal(roleauth_roles_parse(&roles, NULL, "[]", 2, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_load(&roles, NULL, NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_load(NULL, "/", NULL, NULL),
                     ROLEAUTH_E_ARGUMENT);
}

static void a_failure_leaves_nothing_and_the_first_error(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = (roleauth_roles *)state;
    const char text[] = "{\"name\":\"a\",\n \"x\":1, \"y\":2}";

    assert_int_equal(roleauth_roles_parse(&roles, "file.json", text,
                                          strlen(text), NULL, &error),
                     ROLEAUTH_E_INVALID);
    assert_null(roles);
    assert_int_equal(error.code, ROLEAUTH_E_INVALID);
    assert_string_equal(error.file, "file.json");
    assert_string_equal(error.path, "x");
    assert_string_equal(error.text, "a role has no \"x\"");
    assert_int_equal(error.line, 2);
    assert_int_equal(error.column, 2);
}

static void limits(void **state)
{
    roleauth_roles *roles;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char *text;
    size_t at = 0;

    (void)state;
    /* The size is told before a byte is read. */
    assert_int_equal(roleauth_roles_parse(&roles, "x", "[]",
                                          (size_t)ROLEAUTH_MAX_FILE + 1, NULL,
                                          &error),
                     ROLEAUTH_E_LIMIT);
    assert_string_equal(error.text, "found 1073741825 bytes, at most "
                                    "1073741824 are allowed");
    /* One role too many: each is cheap, as none is read. */
    text = malloc(2 + 2 * ((size_t)ROLEAUTH_MAX_ROLES + 1));
    assert_non_null(text);
    text[at++] = '[';
    for (size_t i = 0; i <= ROLEAUTH_MAX_ROLES; i++) {
        text[at++] = '1';
        text[at++] = ',';
    }
    text[at - 1] = ']';
    roleauth_error_clear(&error);
    assert_int_equal(roleauth_roles_parse(&roles, "x", text, at, NULL, &error),
                     ROLEAUTH_E_LIMIT);
    assert_string_equal(error.path, "[2000000]");
    assert_int_equal(error.column, 2 + 2 * ROLEAUTH_MAX_ROLES);
    free(text);
}

/* ---- files ---- */

struct files {
    char dir[256];
    char path[300];
};

static void make(struct files *f, const char *text, mode_t mode)
{
    const char *base = getenv("TMPDIR");
    FILE *file;

    (void)snprintf(f->dir, sizeof(f->dir), "%s/roles.XXXXXX",
                   base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof(f->path), "%s/roles.json", f->dir);
    file = fopen(f->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(f->path, mode), 0);
}

static void clean(const struct files *f)
{
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(rmdir(f->dir), 0);
}

static void count_warnings(void *data, const roleauth_diagnostic *d)
{
    size_t *count = data;

    assert_int_equal(d->severity, ROLEAUTH_SEVERITY_WARNING);
    assert_string_equal(d->code, "untrusted");
    assert_string_equal(d->path, "");
    assert_int_equal(d->line, 0);
    assert_non_null(strstr(d->text, "chmod"));
    ++*count;
}

static void a_file_that_only_we_write(void **state)
{
    struct files f;
    roleauth_roles *roles = NULL;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    make(&f, "{\"name\":\"a\"}", 0600);
    assert_int_equal(roleauth_roles_load(&roles, f.path, NULL, &error), 0);
    assert_int_equal(error.code, 0);
    assert_true(ra_roles_trusted(roles));
    assert_int_equal(roleauth_roles_count(roles), 1);
    roleauth_roles_free(&roles);
    clean(&f);
}

static void a_file_that_others_write(void **state)
{
    struct files f;
    roleauth_roles *roles = NULL;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    size_t warnings = 0;
    const struct ra_load how = {
        .how = {count_warnings, &warnings, NULL, NULL, 0, 0, NULL}};

    (void)state;
    make(&f, "{\"name\":\"a\"}", 0666);
    assert_int_equal(roleauth_roles_load(&roles, f.path, NULL, &error),
                     ROLEAUTH_E_UNTRUSTED);
    assert_null(roles);
    assert_int_equal(error.code, ROLEAUTH_E_UNTRUSTED);
    assert_non_null(strstr(error.text, "chmod"));
    /* To look at, it is only a warning. */
    roleauth_error_clear(&error);
    assert_int_equal(ra_roles_load_file(&roles, f.path, &how, &error), 0);
    assert_int_equal(error.code, 0);
    assert_int_equal(warnings, 1);
    assert_false(ra_roles_trusted(roles));
    roleauth_roles_free(&roles);
    clean(&f);
}

static void files_that_are_none(void **state)
{
    struct files f;
    roleauth_roles *roles = NULL;
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    make(&f, "", 0600);
    assert_int_equal(roleauth_roles_load(&roles, f.path, NULL, &error),
                     ROLEAUTH_E_INVALID);
    assert_string_equal(error.text, "the text is empty");
    assert_string_equal(error.file, f.path);
    roleauth_error_clear(&error);
    assert_int_equal(roleauth_roles_load(&roles, f.dir, NULL, &error),
                     ROLEAUTH_E_IO);
    assert_true(error.text[0] != '\0');
    roleauth_error_clear(&error);
    clean(&f);
    assert_int_equal(roleauth_roles_load(&roles, f.path, NULL, &error),
                     ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "No such file"));
    assert_null(roles);
}

/* ---- many roles ---- */

static void a_hundred_thousand_roles(void **state)
{
    const size_t count = 100000;
    struct ra_buf text = RA_BUF_INIT(1u << 30);
    roleauth_roles *roles = NULL;
    roleauth_selection selection;

    (void)state;
    for (size_t i = 0; i < count; i++)
        (void)ra_buf_printf(&text, "%s{\"name\":\"r%zu\",\"rorder\":%zu}",
                            i == 0 ? "[" : ",\n", i, count - i);
    assert_true(ra_buf_add_text(&text, "]"));
    assert_int_equal(parse(text.data, &roles), 0);
    assert_int_equal(roleauth_roles_count(roles), count);
    assert_string_equal(roleauth_roles_column(roles, 0, "name"), "r99999");
    assert_int_equal(ra_roles_select(roles, NULL, "r17", &selection, NULL), 0);
    assert_int_equal(selection.index, count - 1 - 17);
    roleauth_roles_free(&roles);
    ra_buf_free(&text);
}

static void count_all(void *data, const roleauth_diagnostic *d)
{
    size_t *count = data;

    assert_int_equal(d->line, ++*count);
}

static void a_hundred_thousand_problems(void **state)
{
    const size_t count = 100000;
    struct ra_buf text = RA_BUF_INIT(1u << 30);
    roleauth_roles *roles = NULL;
    size_t told = 0;
    const roleauth_loading how = {count_all, &told, NULL, NULL, 0, 0, NULL};

    (void)state;
    for (size_t i = 0; i < count; i++)
        (void)ra_buf_printf(&text, "%s{\"name\":\"r%zu\",\"nme\":%zu}",
                            i == 0 ? "[" : ",\n", i, i);
    assert_true(ra_buf_add_text(&text, "]"));
    assert_int_equal(
        roleauth_roles_parse(&roles, "x", text.data, text.length, &how, NULL),
        ROLEAUTH_E_INVALID);
    assert_int_equal(told, count);
    ra_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),
        cmocka_unit_test(arguments),
        cmocka_unit_test(a_failure_leaves_nothing_and_the_first_error),
        cmocka_unit_test(limits),
        cmocka_unit_test(a_file_that_only_we_write),
        cmocka_unit_test(a_file_that_others_write),
        cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(a_hundred_thousand_roles),
        cmocka_unit_test(a_hundred_thousand_problems),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

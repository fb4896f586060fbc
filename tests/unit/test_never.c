/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "role/role.h"

static void keep(void *data, const roleauth_diagnostic *d)
{
    struct ra_buf *told = data;

    assert_int_equal(d->severity, ROLEAUTH_SEVERITY_WARNING);
    assert_true(ra_buf_printf(told, "%zu:%zu %s %s: %s\n", d->line, d->column,
                              d->path, d->code, d->text));
}

/* What lint says of a text. */
static void assert_lint(const char *text, const char *lines)
{
    struct ra_buf told = RA_BUF_INIT(1u << 24);
    const roleauth_loading how = {keep, &told, NULL, NULL, 0, 1, NULL};
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    roleauth_roles *roles = NULL;

    assert_true(ra_buf_add(&told, "", 0));
    if (roleauth_roles_parse(&roles, "test", text, strlen(text), &how,
                             &error) != 0)
        fail_msg("%s: %s", error.path, error.text);
    assert_string_equal(told.data, lines);
    roleauth_roles_free(&roles);
    ra_buf_free(&told);
}

static void what_comes_before(void **state)
{
    (void)state;
    assert_lint("[{\"name\":\"a\",\"varmatch\":{\"user\":\"*\"}},\n"
                "{\"name\":\"b\",\"varmatch\":{\"user\":\"x\",\"h\":\"y\"}}]",
                "2:1 [1] never-matches: \"b\" never matches: \"a\" comes "
                "before it and matches whatever it matches\n");
    assert_lint("{\"roles\":[{\"name\":\"late\",\"rorder\":5},\n"
                "{\"name\":\"c\",\"rorder\":9},"
                "{\"name\":\"d\",\"varmatch\":{\"u\":\"d\"}}]}",
                "2:1 roles[1] never-matches: \"c\" never matches: \"late\" "
                "comes before it and matches whatever it matches\n");
    /* A role that rejects, and one that cannot be honoured, end it too. */
    assert_lint("[{\"name\":\"a\",\"action\":\"R\"},{\"name\":\"b\"}]",
                "1:28 [1] never-matches: \"b\" never matches: \"a\" comes "
                "before it and matches whatever it matches\n");
}

static void what_may_match(void **state)
{
    (void)state;
    assert_lint("[]", "");
    assert_lint("{\"name\":\"a\"}", "");
    /* Disabled, either of them. */
    assert_lint("[{\"name\":\"a\",\"disabled\":1},{\"name\":\"b\"},"
                "{\"name\":\"c\",\"disabled\":1}]",
                "");
    assert_lint("[{\"name\":\"a\",\"varmatch\":{\"user\":\"x\"}},"
                "{\"name\":\"b\",\"varmatch\":{\"user\":\"*\"}}]",
                "");
    assert_lint("[{\"name\":\"a\",\"varmatch\":{\"user\":\"x\"}},"
                "{\"name\":\"b\",\"varmatch\":{\"host\":\"x\"}}]",
                "");
}

/* Told in the order of the text, with the places. */
static void many(void **state)
{
    enum { COUNT = 5000 };
    struct ra_buf text = RA_BUF_INIT(1u << 24), want = RA_BUF_INIT(1u << 24);

    (void)state;
    (void)ra_buf_add_text(&text, "[{\"name\":\"all\",\"rorder\":-1}");
    for (unsigned i = 0; i < COUNT; i++) {
        (void)ra_buf_printf(&text, ",\n{\"name\":\"r%u\",\"rorder\":%u}", i,
                            i * 7919 % COUNT);
        (void)ra_buf_printf(&want,
                            "%u:1 [%u] never-matches: \"r%u\" never matches: "
                            "\"all\" comes before it and matches whatever it "
                            "matches\n",
                            i + 2, i + 1, i);
    }
    assert_true(ra_buf_add_text(&text, "]"));
    assert_true(ra_buf_add(&want, "", 0));
    assert_lint(text.data, want.data);
    ra_buf_free(&text);
    ra_buf_free(&want);
}

/* Only who asks for it pays for it. */
static void without_lint(void **state)
{
    struct ra_buf told = RA_BUF_INIT(1000);
    const roleauth_loading how = {keep, &told, NULL, NULL, 0, 0, NULL};
    const char *text = "[{\"name\":\"a\"},{\"name\":\"b\"}]";
    roleauth_roles *roles = NULL;

    (void)state;
    assert_int_equal(
        roleauth_roles_parse(&roles, "t", text, strlen(text), &how, NULL), 0);
    assert_int_equal(told.length, 0);
    roleauth_roles_free(&roles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_before),
        cmocka_unit_test(what_may_match),
        cmocka_unit_test(many),
        cmocka_unit_test(without_lint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

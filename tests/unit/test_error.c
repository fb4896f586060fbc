/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

static void every_code_has_prose_of_its_own(void **state)
{
    static const int codes[] = {
#define ROLEAUTH_X(name, code, prose) code,
        ROLEAUTH_ERRORS(ROLEAUTH_X)
#undef ROLEAUTH_X
    };
    const size_t count = sizeof(codes) / sizeof(codes[0]);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_string_not_equal(roleauth_strerror(codes[i]), "unknown error");
        assert_true(i == 0 ? codes[i] == 0 : codes[i] < 0);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(codes[i], codes[j]);
            assert_string_not_equal(roleauth_strerror(codes[i]),
                                    roleauth_strerror(codes[j]));
        }
    }
    assert_string_equal(roleauth_strerror(1), "unknown error");
    assert_string_equal(roleauth_strerror(-1000), "unknown error");
}

static void the_version_is_the_headers(void **state)
{
    (void)state;
    assert_string_equal(roleauth_version(), ROLEAUTH_VERSION);
}

static void the_first_error_is_kept(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    assert_int_equal(ra_fail(&error, ROLEAUTH_E_LIMIT, "first %d", 1),
                     ROLEAUTH_E_LIMIT);
    assert_int_equal(ra_fail(&error, ROLEAUTH_E_IO, "second"), ROLEAUTH_E_IO);
    assert_int_equal(ra_fail_nomem(&error), ROLEAUTH_E_NOMEM);
    assert_int_equal(ra_fail_errno(&error, EACCES, "x"), ROLEAUTH_E_IO);
    assert_int_equal(error.code, ROLEAUTH_E_LIMIT);
    assert_string_equal(error.text, "first 1");
    roleauth_error_clear(&error);
    assert_int_equal(error.code, ROLEAUTH_OK);
    assert_string_equal(error.text, "");
    assert_int_equal(ra_fail_nomem(&error), ROLEAUTH_E_NOMEM);
    assert_string_equal(error.text, "out of memory");
}

static void no_error_is_needed(void **state)
{
    (void)state;
    assert_int_equal(ra_fail(NULL, ROLEAUTH_E_LIMIT, "x"), ROLEAUTH_E_LIMIT);
    assert_int_equal(ra_fail_nomem(NULL), ROLEAUTH_E_NOMEM);
    assert_int_equal(ra_fail_errno(NULL, ENOENT, "x"), ROLEAUTH_E_IO);
    assert_int_equal(ra_fail_in(NULL, ROLEAUTH_E_IO, "f", 1, 1, "p", "t"),
                     ROLEAUTH_E_IO);
    roleauth_error_clear(NULL);
}

static void a_place_is_told(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    assert_int_equal(ra_fail_in(&error, ROLEAUTH_E_INVALID, "roles.json", 3, 7,
                                "roles[0].auth", "found, expected"),
                     ROLEAUTH_E_INVALID);
    assert_string_equal(error.file, "roles.json");
    assert_string_equal(error.path, "roles[0].auth");
    assert_string_equal(error.text, "found, expected");
    assert_int_equal(error.line, 3);
    assert_int_equal(error.column, 7);
    roleauth_error_clear(&error);
    (void)ra_fail_in(&error, ROLEAUTH_E_INVALID, NULL, 0, 0, NULL, "");
    assert_int_equal(error.code, ROLEAUTH_E_INVALID);
    assert_string_equal(error.file, "");
    assert_string_equal(error.path, "");
}

static void errno_is_told_in_words(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    (void)ra_fail_errno(&error, ENOENT, "file %s", "a");
    assert_int_equal(error.code, ROLEAUTH_E_IO);
    assert_string_equal(error.text, "file a: No such file or directory");
}

static void hostile_text_is_made_visible(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    (void)ra_fail_in(&error, ROLEAUTH_E_IO, "a\033]0;b", 0, 0, "p\x7f",
                     "bad \033[2J \xC2\x9B \xE2\x80\xAE \xFF end");
    assert_string_equal(error.file, "a\\033]0;b");
    assert_string_equal(error.path, "p\\177");
    assert_null(strpbrk(error.text, "\033\177"));
    assert_true(ra_utf8_valid(error.text, strlen(error.text)));
    assert_non_null(strstr(error.text, " end"));
    for (const char *at = error.text; *at != '\0';) {
        uint32_t code_point = 0;

        at += ra_utf8_decode(at, NULL, &code_point);
        assert_false(ra_text_is_control(code_point));
    }
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    for (size_t lead = 0; lead < 8; lead++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        char text[1001] = "";

        memset(text, 'a', lead);
        while (strlen(text) + 4 < sizeof(text))
            memcpy(text + strlen(text), "\xF0\x9F\x98\x80", 5);
        (void)ra_fail_in(&error, ROLEAUTH_E_IO, text, 0, 0, text, text);
        assert_true(ra_utf8_valid(error.text, strlen(error.text)));
        assert_true(ra_utf8_valid(error.file, strlen(error.file)));
        assert_true(ra_utf8_valid(error.path, strlen(error.path)));
        assert_true(strlen(error.text) > sizeof(error.text) - 5);
        assert_true(strlen(error.file) > sizeof(error.file) - 5);
        assert_memory_equal(error.text, text, strlen(error.text));
    }
}

static void a_text_stays_one_line(void **state)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    assert_int_equal(
        ra_fail(&error, ROLEAUTH_E_ARGUMENT, "%s", "a\nb\tc\\d\033[2J"),
        ROLEAUTH_E_ARGUMENT);
    assert_string_equal(error.text, "a\\nb\\tc\\d\\033[2J");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_stays_one_line),
        cmocka_unit_test(every_code_has_prose_of_its_own),
        cmocka_unit_test(the_version_is_the_headers),
        cmocka_unit_test(the_first_error_is_kept),
        cmocka_unit_test(no_error_is_needed),
        cmocka_unit_test(a_place_is_told),
        cmocka_unit_test(errno_is_told_in_words),
        cmocka_unit_test(hostile_text_is_made_visible),
        cmocka_unit_test(long_text_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <roleauth.h>
#include <stdlib.h>
#include <string.h>

static void assert_visible(const char *text, const char *expected)
{
    char *made = roleauth_visible(text);

    assert_non_null(made);
    assert_string_equal(made, expected);
    free(made);
}

static void plain_text_stays(void **state)
{
    (void)state;
    assert_visible("", "");
    assert_visible("alice on host-1", "alice on host-1");
    assert_visible("Gr\xC3\xBC\xC3\x9F Gott \xE2\x82\xAC \xF0\x9F\x98\x80",
                   "Gr\xC3\xBC\xC3\x9F Gott \xE2\x82\xAC \xF0\x9F\x98\x80");
}

static void what_a_terminal_obeys_is_shown(void **state)
{
    (void)state;
    assert_visible("a\nb\tc\r", "a\\nb\\tc\\r");
    assert_visible("\033[2J", "\\033[2J");
    assert_visible("\x7f", "\\177");
    assert_visible("\xC2\x9B", "\\302\\233");          /* C1: CSI */
    assert_visible("\xE2\x80\xAE", "\\342\\200\\256"); /* U+202E */
    assert_visible("\xE2\x81\xA6", "\\342\\201\\246"); /* U+2066 */
    assert_visible("\xE2\x80\xA8", "\\342\\200\\250"); /* U+2028 */
}

static void broken_utf8_is_shown(void **state)
{
    (void)state;
    assert_visible("a\xFF"
                   "b",
                   "a\\377b");
    assert_visible("\xC3", "\\303");
    assert_visible("\xC0\x80", "\\300\\200");          /* overlong NUL */
    assert_visible("\xED\xA0\x80", "\\355\\240\\200"); /* a surrogate */
}

static void nothing_passes_for_an_escape(void **state)
{
    (void)state;
    assert_visible("\\n", "\\\\n");
    assert_visible("\\", "\\\\");
    assert_visible("\\033", "\\\\033");
}

static void no_text_is_no_text(void **state)
{
    (void)state;
    assert_null(roleauth_visible(NULL));
}

static void every_byte_before_every_byte(void **state)
{
    (void)state;
    for (int a = 1; a < 256; a++)
        for (int b = 1; b < 256; b++) {
            char text[3] = {(char)a, (char)b, '\0'};
            char *made = roleauth_visible(text);

            assert_non_null(made);
            assert_null(strpbrk(made, "\n\r\t\033\177"));
            free(made);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(what_a_terminal_obeys_is_shown),
        cmocka_unit_test(broken_utf8_is_shown),
        cmocka_unit_test(nothing_passes_for_an_escape),
        cmocka_unit_test(no_text_is_no_text),
        cmocka_unit_test(every_byte_before_every_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

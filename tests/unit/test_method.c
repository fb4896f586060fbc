/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "support/told.h"

static const char *const names[RA_METHOD_KINDS] = {
    "getstringpasswd", "getuserpasswd", "getuserpasswdpam", "submitconfirmuser",
    "submitconfirmuserpam"};

/* Which method has which attribute, as the manual page says it. */
static const struct {
    const char *json;
    const char *has; /* a letter each: - no, o optional, R required */
} attributes[] = {
    {"\"passwd\":\"$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/"
     "jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/\"",
     "R----"},
    {"\"user\":\"%user%\"", "-RRRR"},
    {"\"service\":\"login\"", "--R-R"},
    {"\"fname\":\"f\",\"period\":1", "-oooo"},
    {"\"prompt\":\"p\"", "ooooo"},
    {"\"message\":\"m\"", "ooooo"},
    {"\"rejectMessage\":\"r\"", "ooooo"},
    {"\"tries\":1", "ooooo"},
};

#define COUNT (sizeof(attributes) / sizeof(attributes[0]))

/* The method with what it requires, except one, and one more. */
static char *build(size_t kind, size_t without, size_t with)
{
    struct ra_buf buf = RA_BUF_INIT(10000);

    (void)ra_buf_printf(&buf, "[{\"method\":\"%s\"", names[kind]);
    for (size_t i = 0; i < COUNT; i++)
        if ((attributes[i].has[kind] == 'R' && i != without) || i == with)
            (void)ra_buf_printf(&buf, ",%s", attributes[i].json);
    (void)ra_buf_add_text(&buf, "}]");
    return ra_buf_take(&buf);
}

static void every_attribute_of_every_method(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < RA_METHOD_KINDS; kind++) {
        char *text = build(kind, COUNT, COUNT);

        assert_told(text, "");
        free(text);
        for (size_t i = 0; i < COUNT; i++) {
            text = build(kind, i, COUNT);
            assert_told_words(
                text, attributes[i].has[kind] == 'R' ? "error missing" : "");
            free(text);
            text = build(kind, COUNT, i);
            assert_told_words(text, attributes[i].has[kind] != '-' ? ""
                                    : strstr(attributes[i].json, "period")
                                        ? "error unknown-key, error unknown-key"
                                        : "error unknown-key");
            free(text);
        }
    }
}

static void numbers_at_their_limits(void **state)
{
    (void)state;
#define M "[{\"method\":\"getuserpasswd\",\"user\":\"u\","
    assert_told_words(M "\"tries\":1}]", "");
    assert_told_words(M "\"tries\":100}]", "");
    assert_told_words(M "\"tries\":0}]", "error range");
    assert_told_words(M "\"tries\":101}]", "error range");
    assert_told_words(M "\"tries\":-9223372036854775808}]", "error range");
    assert_told_words(M "\"tries\":4294967297}]", "error range");
    assert_told_words(M "\"tries\":\"\"}]", "");
    assert_told_words(M "\"tries\":null}]", "");
    assert_told_words(M "\"fname\":\"f\",\"period\":31536000}]", "");
    assert_told_words(M "\"fname\":\"f\",\"period\":31536001}]", "error range");
    assert_told_words(M "\"fname\":\"f\",\"period\":-1}]", "error range");
    assert_told_words(M "\"period\":0}]", "");
}

static void empty_text_is_absent(void **state)
{
    struct told told =
        told_load(M "\"fname\":\"\",\"prompt\":\"\",\"message\":null,"
                    "\"rejectMessage\":\"\",\"tries\":\"\",\"period\":\"\"}]");
    struct ra_method_view view;

    (void)state;
    assert_string_equal(told.lines.data, "");
    assert_true(ra_roles_method(told.roles, 0, 0, &view));
    assert_null(view.fname);
    assert_null(view.prompt);
    assert_null(view.message);
    assert_null(view.reject_message);
    assert_int_equal(view.tries, ROLEAUTH_DEFAULT_TRIES);
    assert_int_equal(view.period, 0);
    told_free(&told);
}

static void fname_and_period_belong_together(void **state)
{
    (void)state;
    assert_told_words(M "\"fname\":\"f\"}]", "warning fname-without-period");
    assert_told_words(M "\"fname\":\"f\",\"period\":0}]",
                      "warning fname-without-period");
    assert_told_words(M "\"fname\":\"f\",\"period\":null}]",
                      "warning fname-without-period");
    assert_told_words(M "\"period\":5}]", "warning period-without-fname");
    assert_told_words(M "\"period\":5,\"fname\":\"\"}]",
                      "warning period-without-fname");
    assert_told_words(M "\"period\":5,\"fname\":\"%user%\"}]", "");
    /* A wrong type is one problem, not two. */
    assert_told_words(M "\"period\":\"5\",\"fname\":\"f\"}]",
                      "error wrong-type");
}

#define P "[{\"method\":\"getstringpasswd\",\"passwd\":"

static void password_hashes(void **state)
{
    (void)state;
    assert_told_words(P "\"uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=\"}]",
                      "warning unsalted");
    assert_told_words(P "\"uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek\"}]",
                      "error bad-base64");
    assert_told_words(P "\" uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek\"}]",
                      "error bad-base64");
    assert_told_words(P "\"*0\"}]", "error bad-base64");
    assert_told_words(P "\"!\"}]", "error bad-base64");
    assert_told_words(P "\"abJnggxhB/yWI\"}]", "error bad-hash");
    assert_told_words(P "\"_J9..rasmBYk8r9AiWNc\"}]", "error bad-hash");
    assert_told_words(P "\"$\"}]", "error bad-hash");
    assert_told_words(P "\"$1\"}]", "error bad-hash");
    assert_told_words(P "\"%user%\"}]", "error bad-base64");
    assert_told_words(P "\"\"}]", "error missing");
    assert_told_words(P "[]}]", "error wrong-type");
}

/* What stands where a hash should may be the password. */
static void a_password_is_never_repeated(void **state)
{
    static const char *const texts[] = {
        P "\"hunter2\"}]",     P "\"$hunter2$hunter2$\"}]", P "[\"hunter2\"]}]",
        P "{\"hunter2\":1}}]", P "\"hunter2hunter\"}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct told told = told_load(texts[i]);

        assert_true(told.lines.length > 0);
        assert_null(told.roles);
        assert_null(strstr(told.lines.data, "hunter2"));
        told_free(&told);
    }
    assert_told(P "31337}]",
                "error wrong-type [0].passwd: found an integer, expected a "
                "string\n");
}

static void literals_that_will_be_rejected(void **state)
{
    (void)state;
#define U "[{\"method\":\"getuserpasswdpam\",\"user\":"
    assert_told_words(U "\"a b\",\"service\":\"su\"}]",
                      "warning bad-attribute");
    assert_told_words(U "\"a\",\"service\":\"-su\"}]", "warning bad-attribute");
    assert_told_words(U "\"50%%\",\"service\":\"50%%\"}]",
                      "warning bad-attribute");
    assert_told_words(U "\"a b%user%\",\"service\":\"-%user%\"}]", "");
    /* A bad template is told once. */
    assert_told_words(U "\"a b%\",\"service\":\"su\"}]", "error template");
    assert_told_words(U "\"a\",\"service\":\"su\",\"fname\":\"a\\nb\","
                        "\"period\":9}]",
                      "warning bad-attribute");
}

static void services_are_judged(void **state)
{
    (void)state;
    assert_told(U "\"a\",\"service\":\"suspicious\"}]",
                "warning pam-service [0].service: suspicious has "
                "pam_permit\n");
    assert_told(U "\"a\",\"service\":\"%suspicious%\"}]", "");
    assert_told(U "\"a\",\"service\":\"login\"}]", "");
}

static void methods_at_their_limit(void **state)
{
    (void)state;
    for (size_t count = ROLEAUTH_MAX_METHODS; count < 67; count++) {
        struct ra_buf buf = RA_BUF_INIT(100000);

        for (size_t i = 0; i < count; i++)
            (void)ra_buf_printf(
                &buf, "%s{\"method\":\"getuserpasswd\",\"user\":\"u\"}",
                i == 0 ? "[" : ",");
        assert_true(ra_buf_add_text(&buf, "]"));
        assert_told_words(buf.data,
                          count > ROLEAUTH_MAX_METHODS ? "error limit" : "");
        ra_buf_free(&buf);
    }
}

static void what_is_no_method(void **state)
{
    (void)state;
    assert_told_words("{\"name\":\"a\",\"auth\":[1,null,\"x\",[]]}",
                      "error wrong-type, error wrong-type, error wrong-type, "
                      "error wrong-type");
    assert_told_words("[{\"method\":\"GetUserPasswd\",\"user\":\"u\"}]",
                      "error unknown-method");
    assert_told_words("[{\"method\":null,\"user\":\"u\",\"tries\":0}]",
                      "error missing, error range");
    assert_told_words("[{\"method\":\"x\",\"passwd\":\"x\",\"service\":5}]",
                      "error unknown-method, error bad-base64, "
                      "error wrong-type");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attribute_of_every_method),
        cmocka_unit_test(numbers_at_their_limits),
        cmocka_unit_test(empty_text_is_absent),
        cmocka_unit_test(fname_and_period_belong_together),
        cmocka_unit_test(password_hashes),
        cmocka_unit_test(a_password_is_never_repeated),
        cmocka_unit_test(literals_that_will_be_rejected),
        cmocka_unit_test(services_are_judged),
        cmocka_unit_test(methods_at_their_limit),
        cmocka_unit_test(what_is_no_method),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

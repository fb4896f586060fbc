/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "support/heap.h"
#include "support/scratch.h"
#include "support/told.h"
#include "support/database.h"
#include "role/write.h"

static struct scratch scratch;

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

/* What is written of a set; for free(3). */
static char *write_out(const roleauth_roles *roles)
{
    char *text = calloc(1, 1 << 20);
    int fd =
        open(scratch_at(&scratch, "out"), O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_non_null(text);
    assert_true(fd >= 0);
    assert_int_equal(roleauth_roles_write(roles, fd, NULL), 0);
    assert_true(pread(fd, text, (1 << 20) - 1, 0) >= 0);
    assert_int_equal(close(fd), 0);
    return text;
}

static void assert_written(const char *json, const char *expected)
{
    struct told told = told_load(json);
    char *text;

    assert_non_null(told.roles);
    text = write_out(told.roles);
    assert_string_equal(text, expected);
    free(text);
    told_free(&told);
}

/* What is written loads as the same set, and is written as the same text. */
static void assert_same_again(const char *json)
{
    struct told told = told_load(json), again;
    char *text, *second;

    assert_non_null(told.roles);
    text = write_out(told.roles);
    again = told_load(text);
    assert_non_null(again.roles);
    same_sets(told.roles, again.roles);
    same_sets(again.roles, told.roles);
    second = write_out(again.roles);
    assert_string_equal(text, second);
    free(text);
    free(second);
    told_free(&told);
    told_free(&again);
}

/* ---- what is written ---- */

static void roles_are_written_for_people(void **state)
{
    (void)state;
    assert_written("[]", "[]\n");
    assert_written("{\"name\":\"a\"}", "[\n"
                                       "    {\n"
                                       "        \"name\": \"a\"\n"
                                       "    }\n"
                                       "]\n");
    assert_written(
        "{\"roles\":[{\"auth\":\"[{\\\"method\\\":\\\"getuserpasswd\\\","
        "\\\"user\\\":\\\"u\\\",\\\"tries\\\":3,\\\"period\\\":0}]\","
        "\"varmatch\":{\"varmatch\":{\"y\":[\"201[678]\"],\"u\":[],"
        "\"h\":[\"a\",\"b\"]}},\"rorder\":0,\"disabled\":0,\"action\":\"A\","
        "\"name\":\"a\",\"id\":\"12\",\"risk\":\"012\",\"tag\":\"\"},"
        "{\"name\":\"b\",\"disabled\":true,\"action\":\"R\",\"rorder\":7}]}",
        "[\n"
        "    {\n"
        "        \"name\": \"a\",\n"
        "        \"id\": 12,\n"
        "        \"risk\": \"012\",\n"
        "        \"varmatch\": {\n"
        "            \"y\": \"201[678]\",\n"
        "            \"u\": [],\n"
        "            \"h\": [\"a\", \"b\"]\n"
        "        },\n"
        "        \"auth\": [\n"
        "            {\n"
        "                \"method\": \"getuserpasswd\",\n"
        "                \"user\": \"u\"\n"
        "            }\n"
        "        ]\n"
        "    },\n"
        "    {\n"
        "        \"name\": \"b\",\n"
        "        \"rorder\": 7,\n"
        "        \"disabled\": 1,\n"
        "        \"action\": \"R\"\n"
        "    }\n"
        "]\n");
}

static void an_auth_array_stays_one(void **state)
{
    (void)state;
    assert_written("[{\"method\":\"getuserpasswd\",\"user\":\"u\"},"
                   "{\"method\":\"getuserpasswd\",\"user\":\"v\"}]",
                   "[\n"
                   "    {\n"
                   "        \"method\": \"getuserpasswd\",\n"
                   "        \"user\": \"u\"\n"
                   "    },\n"
                   "    {\n"
                   "        \"method\": \"getuserpasswd\",\n"
                   "        \"user\": \"v\"\n"
                   "    }\n"
                   "]\n");
}

static void nothing_is_lost(void **state)
{
    (void)state;
    assert_same_again("[]");
    assert_same_again("[{\"method\":\"getuserpasswd\",\"user\":\"u\"}]");
    assert_same_again(
        "[{\"name\":\"a\",\"rorder\":-9223372036854775808,\"id\":"
        "9223372036854775807,\"description\":\"d\",\"message\":\"100%% "
        "%user%\",\"risk\":\"-0\",\"tag\":\"t\",\"comment\":\"c\","
        "\"iolog\":\"i\",\"rpt\":-1,\"script\":\"s\",\"variables\":"
        "{\"v\":\"\",\"w\":\"%user%\\n\"}},"
        "{\"name\":\"\\u202E\\\"\\\\\\u007F\\ud83d\\ude00\","
        "\"rorder\":9223372036854775807},"
        "{\"name\":\"b\",\"varmatch\":{\"varmatch\":\"x\"}},"
        "{\"name\":\"c\",\"varmatch\":{\"varmatch\":[\"\",\"*\",\"[\"]}},"
        "{\"name\":\"d\",\"auth\":[{\"method\":\"getuserpasswdpam\","
        "\"user\":\"%user%\",\"service\":\"sudo\",\"fname\":\"/f\","
        "\"period\":31536000,\"tries\":100,\"prompt\":\"p\",\"message\":"
        "\"m\",\"rejectMessage\":\"r\"},{\"method\":\"getstringpasswd\","
        "\"passwd\":\"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\"},"
        "{\"method\":\"submitconfirmuser\",\"user\":\"x\",\"tries\":1},"
        "{\"method\":\"submitconfirmuserpam\",\"user\":\"x\",\"service\":"
        "\"y\"}]}]");
}

/* Longer than what is collected before it is written. */
static void long_sets_are_written(void **state)
{
    struct ra_buf text = RA_BUF_INIT(1u << 20);

    (void)state;
    for (unsigned i = 0; i < 2000; i++)
        assert_true(
            ra_buf_printf(&text,
                          "%s{\"name\":\"role %u\",\"rorder\":%u,\"varmatch\":"
                          "{\"user\":[\"a*\",\"b\"]}}",
                          i == 0 ? "[" : ",", i, 2000 - i));
    assert_true(ra_buf_add_char(&text, ']'));
    assert_same_again(text.data);
    ra_buf_free(&text);
}

static void integers_are_told_from_text(void **state)
{
    static const char *const others[] = {
        "",
        "-",
        "+1",
        "01",
        "-0",
        "1.0",
        "1e3",
        " 1",
        "1 ",
        "0x10",
        "a",
        "9223372036854775808",
        "-9223372036854775809",
        "1111111111111111111111111111111111111111"};
    int64_t number;

    (void)state;
    assert_true(ra_write_is_integer("0", &number) && number == 0);
    assert_true(ra_write_is_integer("-7", &number) && number == -7);
    assert_true(ra_write_is_integer("9223372036854775807", &number) &&
                number == INT64_MAX);
    assert_true(ra_write_is_integer("-9223372036854775808", &number) &&
                number == INT64_MIN);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(ra_write_is_integer(others[i], &number));
}

/* ---- what is refused ---- */

static void assert_refused(const roleauth_roles *roles, const char *text)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    struct stat st;
    int fd =
        open(scratch_at(&scratch, "out"), O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(roleauth_roles_write(roles, fd, &error),
                     ROLEAUTH_E_INVALID);
    if (strstr(error.text, text) == NULL)
        fail_msg("%s: expected %s", error.text, text);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(close(fd), 0);
}

static void restricted_roles_are_refused(void **state)
{
    struct told told;
    int code;

    (void)state;
    database_make(scratch_at(&scratch, "db"), REFERENCE_SCHEMA
                  "INSERT INTO role(id, name) VALUES (1, 'a'), (2, 'b'), "
                  "(3, 'c'), (4, 'd');"
                  "INSERT INTO rolecmds VALUES (2, 'x'), (4, 'x');");
    told = told_database(scratch_at(&scratch, "db"), false, &code, NULL);
    assert_refused(told.roles, "(2 of them, the first is \"b\")");
    told_free(&told);
}

static void broken_roles_are_refused(void **state)
{
    struct told told = told_load("[{\"name\":\"a\"},{\"name\":\"b\","
                                 "\"disabled\":1,\"rorder\":\"x\"}]");

    (void)state;
    assert_non_null(told.roles);
    assert_refused(told.roles, "the role \"b\" has errors");
    told_free(&told);
}

static void arguments_are_checked(void **state)
{
    struct told told = told_load("[]");
    roleauth_error error = ROLEAUTH_ERROR_INIT;

    (void)state;
    assert_int_equal(roleauth_roles_write(NULL, 1, &error),
                     ROLEAUTH_E_ARGUMENT);
    assert_int_equal(error.code, ROLEAUTH_E_ARGUMENT);
    assert_int_equal(roleauth_roles_write(told.roles, -1, NULL),
                     ROLEAUTH_E_ARGUMENT);
    told_free(&told);
}

/* ---- descriptors ---- */

static struct told many_roles(void)
{
    struct ra_buf text = RA_BUF_INIT(1u << 22);
    struct told told;

    for (unsigned i = 0; i < 5000; i++)
        assert_true(ra_buf_printf(&text, "%s{\"name\":\"role %u\"}",
                                  i == 0 ? "[" : ",", i));
    assert_true(ra_buf_add_char(&text, ']'));
    told = told_load(text.data);
    assert_non_null(told.roles);
    ra_buf_free(&text);
    return told;
}

static void a_full_disk_is_told(void **state)
{
    struct told told = many_roles();
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int fd = open("/dev/full", O_WRONLY);

    (void)state;
    if (fd < 0)
        skip();
    assert_int_equal(roleauth_roles_write(told.roles, fd, &error),
                     ROLEAUTH_E_IO);
    assert_string_equal(error.text,
                        "cannot write the roles: No space left on device");
    assert_int_equal(close(fd), 0);
    assert_int_equal(roleauth_roles_write(told.roles, fd, &error),
                     ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "Bad file descriptor"));
    told_free(&told);
    /* What fits into the buffer fails only at the end. */
    told = told_load("[]");
    fd = open("/dev/full", O_WRONLY);
    assert_int_equal(roleauth_roles_write(told.roles, fd, NULL), ROLEAUTH_E_IO);
    assert_int_equal(close(fd), 0);
    told_free(&told);
}

static void a_closed_pipe_is_told(void **state)
{
    struct told told = many_roles();
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(roleauth_roles_write(told.roles, ends[1], &error),
                     ROLEAUTH_E_IO);
    assert_non_null(strstr(error.text, "Broken pipe"));
    assert_int_equal(close(ends[1]), 0);
    (void)signal(SIGPIPE, before);
    told_free(&told);
}

static void interrupt(int signal_number)
{
    (void)signal_number;
}

struct reader {
    int fd;
    pthread_t writer;
    size_t length, signals;
};

/* Reads little by little, and interrupts the writer meanwhile. */
static void *read_slowly(void *data)
{
    struct reader *r = data;
    char bytes[3000];
    ssize_t got;

    while ((got = read(r->fd, bytes, sizeof(bytes))) > 0) {
        r->length += (size_t)got;
        if (r->signals < 50) {
            (void)usleep(500);
            r->signals += pthread_kill(r->writer, SIGUSR1) == 0;
        }
    }
    return NULL;
}

/* Through a pipe that takes little at a time. */
static size_t write_through_pipe(const roleauth_roles *roles, int flags)
{
    struct sigaction action = {.sa_handler = interrupt}, before;
    struct reader r = {.writer = pthread_self()};
    pthread_t thread;
    int ends[2];

    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    assert_int_equal(pipe2(ends, flags), 0);
    (void)fcntl(ends[1], F_SETPIPE_SZ, 4096);
    (void)fcntl(ends[0], F_SETFL, 0);
    r.fd = ends[0];
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, &r), 0);
    assert_int_equal(roleauth_roles_write(roles, ends[1], NULL), 0);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    assert_true(r.signals > 0);
    return r.length;
}

static void short_writes_are_continued(void **state)
{
    struct told told = many_roles();
    char *text = write_out(told.roles);
    size_t length = strlen(text);

    (void)state;
    assert_int_equal(write_through_pipe(told.roles, 0), length);
    assert_int_equal(write_through_pipe(told.roles, O_NONBLOCK), length);
    free(text);
    told_free(&told);
}

/* ---- memory ---- */

static void memory_may_run_out(void **state)
{
    struct told told = told_load(
        "[{\"name\":\"a\",\"id\":1,\"tag\":\"t\",\"variables\":{\"v\":\"x\"},"
        "\"varmatch\":{\"u\":[\"a\",\"b\"],\"w\":\"c\"},\"auth\":[{\"method\":"
        "\"getuserpasswd\",\"user\":\"u\",\"tries\":2}]}]");
    unsigned long n;
    bool failed = true;

    (void)state;
    if (!heap_can_fail()) {
        told_free(&told);
        skip();
    }
    for (n = 1; failed && n < 5000; n++) {
        roleauth_error error = ROLEAUTH_ERROR_INIT;
        long live = heap.live;
        int fd = open("/dev/null", O_WRONLY), code;

        heap_arm(n);
        code = roleauth_roles_write(told.roles, fd, &error);
        failed = heap_disarm();
        if (code != 0 && (code != ROLEAUTH_E_NOMEM || error.code != code))
            fail_msg("allocation %lu: %d %s", n, code, error.text);
        assert_int_equal(heap.live, live);
        assert_int_equal(close(fd), 0);
    }
    assert_false(failed);
    assert_true(n > 50);
    told_free(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define RA_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        RA_TEST(roles_are_written_for_people),
        RA_TEST(an_auth_array_stays_one),
        RA_TEST(nothing_is_lost),
        RA_TEST(long_sets_are_written),
        RA_TEST(integers_are_told_from_text),
        RA_TEST(restricted_roles_are_refused),
        RA_TEST(broken_roles_are_refused),
        RA_TEST(arguments_are_checked),
        RA_TEST(a_full_disk_is_told),
        RA_TEST(a_closed_pipe_is_told),
        RA_TEST(short_writes_are_continued),
        RA_TEST(memory_may_run_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "support/pam_directory.h"

#include <roleauth.h>
#include <security/pam_appl.h>
#include <stdbool.h>

#include "auth/auth.h"
#include "auth/pamconf.h"

/* What is read of a service; 0 unless it is told otherwise. */
static struct ra_pam_service read_as(const struct ra_pam_places *places,
                                     const char *name)
{
    struct ra_pam_service found;

    assert_int_equal(ra_pam_service_read(places, name, &found), 0);
    return found;
}

#define AUTH_LINE "auth required pam_deny.so\n"
#define ACCOUNT_LINE "account required pam_deny.so\n"

/* One service file and what it provides: "A" auth, "C" account. */
struct file_case {
    const char *text;
    const char *provides;
};

static const struct file_case files[] = {
    {"", ""},
    {"\n\n#auth required x\n # account required x\n", ""},
    {AUTH_LINE, "A"},
    {ACCOUNT_LINE, "C"},
    {AUTH_LINE ACCOUNT_LINE, "AC"},
    {"session required x\npassword required x\n", ""},
    {"AUTH Required x\nAccount REQUIRED x\n", "AC"},
    {"\t auth\trequired\tx\n  account required x", "AC"},
    {"-auth optional x\n-account optional x\n", "AC"},
    {"auth [success=1 default=ignore] x nullok\n"
     "account [a=b\\]c] x\n",
     "AC"},
    {"auth [success=1 default=ignore]x\naccount required x\n", "AC"},
    {"auth [success=1 x\naccount required x\n", "C"},
    {"auth [include] x\naccount required x\n", "C"},
    {"auth required x # why\naccount required x#why\n", "AC"},
    {"auth required # x\naccount # required x\n", ""},
    {"auth\naccount required x\n", "C"},
    {"auth required\naccount required x\n", "C"},
    /* libpam makes of an unknown type an auth line that fails. */
    {AUTH_LINE ACCOUNT_LINE "sesion required x\n", ""},
    {AUTH_LINE ACCOUNT_LINE "sesion", ""},
    /* Continuation. */
    {"auth \\\n required \\\n x\naccount required x\n", "AC"},
    {"auth \\  \n required x\naccount required x\n", "AC"},
    {"au\\\nth required x\naccount required x\n", ""},
    {"auth required \\\n\n# comment\n  x\naccount required x\n", "AC"},
    {"auth required # \\\nx\naccount required x\n", ""},
    {AUTH_LINE "account required x \\\n", ""},
    {AUTH_LINE "account required x \\", ""},
    {"\\\nauth required x\naccount required x\n", "AC"},
    /* Includes. */
    {"@include both\n", "AC"},
    {"@INCLUDE both\n", "AC"},
    {"auth include both\naccount substack both\n", "AC"},
    {"auth INCLUDE both\n", "A"},
    {"auth include both\n", "A"},
    {"auth include only-auth\naccount include only-auth\n", "A"},
    {"auth include nested\naccount include nested\n", "AC"},
    {"auth include missing\naccount required x\n", "C"},
    {"auth required x\nauth include missing\naccount required x\n", "C"},
    {"auth include\naccount required x\n", "C"},
    {"session include missing\n" AUTH_LINE ACCOUNT_LINE, "AC"},
    {AUTH_LINE ACCOUNT_LINE "@include missing\n", ""},
    {AUTH_LINE ACCOUNT_LINE "@include\n", ""},
    {"@include loop\n", ""},
    {AUTH_LINE "account include loop\n", "A"},
    {"@include bad\n" ACCOUNT_LINE, ""},
    {"account include bad\n" AUTH_LINE ACCOUNT_LINE, "A"},
    {"@include ../both\n", ""},
    {"@include sub/both\n", ""},
    {"@include /etc/pam.d/other\n", ""},
    {"@include sub\n", ""},
    {"-@include both\n", ""},
    /* The included file is no exception to "other". */
    {"@include empty\n", ""},
};

static void add_includes(const struct pam_directory *directory)
{
    char path[512];

    pam_directory_add(directory, "both", AUTH_LINE ACCOUNT_LINE);
    pam_directory_add(directory, "only-auth", AUTH_LINE);
    pam_directory_add(directory, "nested", "@include both\n");
    pam_directory_add(directory, "loop",
                      AUTH_LINE ACCOUNT_LINE "@include loop\n@include loop\n");
    pam_directory_add(directory, "bad", AUTH_LINE "account required x \\");
    pam_directory_add(directory, "empty", "# nothing\n");
    pam_directory_path(directory, "sub", path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void test_files(void **state)
{
    struct pam_directory directory;
    struct ra_pam_places places;

    (void)state;
    pam_directory_make(&directory);
    places = ra_pam_places(directory.path);
    add_includes(&directory);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct ra_pam_service found;
        char provides[3] = "";
        int rc;

        pam_directory_add(&directory, "svc", files[i].text);
        found = read_as(&places, "svc");
        assert_true(found.exists);
        (void)snprintf(provides, sizeof(provides), "%s%s",
                       found.auth ? "A" : "", found.account ? "C" : "");
        if (strcmp(provides, files[i].provides) != 0)
            fail_msg("\"%s\" provides \"%s\", not \"%s\"", files[i].text,
                     provides, files[i].provides);
        rc = ra_pam_service_find(&places, "svc", NULL);
        assert_int_equal(rc, strcmp(provides, "AC") == 0
                                 ? ROLEAUTH_OK
                                 : ROLEAUTH_E_NOT_FOUND);
    }
    pam_directory_drop(&directory);
}

/* ---- libpam itself as the judge ---- */

static int silent(int count, const struct pam_message **messages,
                  struct pam_response **responses, void *data)
{
    (void)count;
    (void)messages;
    (void)responses;
    (void)data;
    return PAM_CONV_ERR;
}

/* Whenever a service is found, libpam must not reach "other", which accepts
 * everything here, while all the lines of the service deny. */
static void test_other_is_never_reached(void **state)
{
    const struct pam_conv conv = {silent, NULL};
    struct pam_directory directory;
    struct ra_pam_places places;
    unsigned found = 0;

    (void)state;
    pam_directory_make(&directory);
    places = ra_pam_places(directory.path);
    add_includes(&directory);
    pam_directory_add(&directory, "other",
                      "auth required pam_permit.so\n"
                      "account required pam_permit.so\n");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        pam_handle_t *pamh = NULL;

        pam_directory_add(&directory, "svc", files[i].text);
        if (ra_pam_service_find(&places, "svc", NULL) != 0 ||
            (is_under_valgrind() && files[i].text[0] == '@'))
            continue;
        found++;
        if (pam_start_confdir("svc", "nobody", &conv, directory.path, &pamh) !=
            PAM_SUCCESS)
            continue;
        if (pam_authenticate(pamh, PAM_SILENT) == PAM_SUCCESS ||
            pam_acct_mgmt(pamh, PAM_SILENT) == PAM_SUCCESS)
            fail_msg("\"%s\" falls back to other", files[i].text);
        (void)pam_end(pamh, PAM_SUCCESS);
    }
    assert_true(found > 5);
    pam_directory_drop(&directory);
}

static void test_odd_bytes(void **state)
{
    static const char nul[] = AUTH_LINE "account required x\0y\n";
    struct pam_directory directory;
    struct ra_pam_places places;
    char line[2100];

    (void)state;
    pam_directory_make(&directory);
    places = ra_pam_places(directory.path);
    pam_directory_put(&directory, "svc", nul, sizeof(nul) - 1);
    assert_false(read_as(&places, "svc").auth);
    /* Some versions of libpam cut long lines, also comments, and take the
     * rest for a line of its own. */
    memset(line, '#', 1000);
    (void)snprintf(line + 1000, sizeof(line) - 1000, "\n%s%s", AUTH_LINE,
                   ACCOUNT_LINE);
    pam_directory_add(&directory, "svc", line);
    assert_true(read_as(&places, "svc").auth);
    memset(line, '#', 1001);
    (void)snprintf(line + 1001, sizeof(line) - 1001, "\n%s%s", AUTH_LINE,
                   ACCOUNT_LINE);
    pam_directory_add(&directory, "svc", line);
    assert_true(read_as(&places, "svc").exists);
    assert_false(read_as(&places, "svc").auth);
    /* Joined lines count together. */
    (void)snprintf(line, sizeof(line), "auth required %0600d\\\n%0600d\n%s", 1,
                   1, ACCOUNT_LINE);
    pam_directory_add(&directory, "svc", line);
    assert_false(read_as(&places, "svc").auth);
    pam_directory_drop(&directory);
}

static void test_large_file(void **state)
{
    struct pam_directory directory;
    struct ra_pam_places places;
    size_t size = 1048577, used;
    char *text = malloc(size);

    (void)state;
    assert_non_null(text);
    pam_directory_make(&directory);
    places = ra_pam_places(directory.path);
    memset(text, '\n', size);
    used = strlen(AUTH_LINE ACCOUNT_LINE);
    memcpy(text, AUTH_LINE ACCOUNT_LINE, used);
    pam_directory_put(&directory, "svc", text, size - 1);
    assert_true(read_as(&places, "svc").auth);
    pam_directory_put(&directory, "svc", text, size);
    assert_false(read_as(&places, "svc").auth);
    free(text);
    pam_directory_drop(&directory);
}

/* Sixteen files deep, as libpam allows substacks. */
static void test_depth(void **state)
{
    struct pam_directory directory;
    struct ra_pam_places places;
    char name[32], text[64];

    (void)state;
    pam_directory_make(&directory);
    places = ra_pam_places(directory.path);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof(name), "level%d", i);
        (void)snprintf(text, sizeof(text), "@include level%d\n", i + 1);
        pam_directory_add(&directory, name, text);
    }
    pam_directory_add(&directory, "level20", AUTH_LINE ACCOUNT_LINE);
    assert_true(read_as(&places, "level5").auth);
    assert_false(read_as(&places, "level4").auth);
    assert_true(read_as(&places, "level4").exists);
    pam_directory_drop(&directory);
}

static void test_names(void **state)
{
    static const char *const bad[] = {"",      ".",       "..",      "../svc",
                                      "/svc",  "sub/svc", ".hidden", "nosuch",
                                      "other", "OTHER"};
    struct pam_directory directory;
    struct ra_pam_places places;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char longest[202];

    (void)state;
    pam_directory_make(&directory);
    places = ra_pam_places(directory.path);
    pam_directory_add(&directory, "svc", AUTH_LINE ACCOUNT_LINE);
    pam_directory_add(&directory, ".hidden", AUTH_LINE ACCOUNT_LINE);
    pam_directory_add(&directory, "other", AUTH_LINE ACCOUNT_LINE);
    pam_directory_add(&directory, "Upper", AUTH_LINE ACCOUNT_LINE);
    assert_int_equal(ra_pam_service_find(&places, "SVC", NULL), 0);
    /* libpam looks for the lower-cased name. */
    assert_int_equal(ra_pam_service_find(&places, "Upper", NULL),
                     ROLEAUTH_E_NOT_FOUND);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        roleauth_error_clear(&error);
        assert_int_equal(ra_pam_service_find(&places, bad[i], &error),
                         ROLEAUTH_E_NOT_FOUND);
        assert_int_equal(error.code, ROLEAUTH_E_NOT_FOUND);
        assert_string_not_equal(error.text, "");
    }
    memset(longest, 'x', 201);
    longest[200] = '\0';
    pam_directory_add(&directory, longest, AUTH_LINE ACCOUNT_LINE);
    assert_int_equal(ra_pam_service_find(&places, longest, NULL), 0);
    longest[200] = 'x';
    longest[201] = '\0';
    pam_directory_add(&directory, longest, AUTH_LINE ACCOUNT_LINE);
    assert_int_equal(ra_pam_service_find(&places, longest, NULL),
                     ROLEAUTH_E_NOT_FOUND);
    {
        char path[512];

        pam_directory_path(&directory, ".hidden", path);
        assert_int_equal(unlink(path), 0);
    }
    pam_directory_drop(&directory);
}

static void test_not_a_file(void **state)
{
    struct pam_directory directory;
    struct ra_pam_places places;
    struct ra_pam_service found;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    char path[512];

    (void)state;
    pam_directory_make(&directory);
    places = ra_pam_places(directory.path);
    pam_directory_path(&directory, "directory", path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(ra_pam_service_read(&places, "directory", &found),
                     ROLEAUTH_E_IO);
    pam_directory_path(&directory, "fifo", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(ra_pam_service_find(&places, "fifo", &error),
                     ROLEAUTH_E_IO);
    assert_int_equal(error.code, ROLEAUTH_E_IO);
    pam_directory_path(&directory, "loop", path);
    assert_int_equal(symlink("loop", path), 0);
    assert_int_equal(ra_pam_service_find(&places, "loop", NULL), ROLEAUTH_E_IO);
    pam_directory_add(&directory, "real", AUTH_LINE ACCOUNT_LINE);
    pam_directory_path(&directory, "link", path);
    assert_int_equal(symlink("real", path), 0);
    assert_int_equal(ra_pam_service_find(&places, "link", NULL), 0);
    if (geteuid() != 0) {
        pam_directory_path(&directory, "real", path);
        assert_int_equal(chmod(path, 0), 0);
        assert_int_equal(ra_pam_service_find(&places, "real", NULL),
                         ROLEAUTH_E_IO);
    }
    pam_directory_drop(&directory);
}

/* As /etc/pam.d and /usr/lib/pam.d. */
static void test_two_directories(void **state)
{
    struct pam_directory first, second;
    struct ra_pam_places places = {{NULL, NULL}, NULL};
    char text[600];

    (void)state;
    pam_directory_make(&first);
    pam_directory_make(&second);
    places.directories[0] = first.path;
    places.directories[1] = second.path;
    pam_directory_add(&second, "svc", AUTH_LINE ACCOUNT_LINE);
    assert_int_equal(ra_pam_service_find(&places, "svc", NULL), 0);
    pam_directory_add(&first, "svc", AUTH_LINE);
    assert_int_equal(ra_pam_service_find(&places, "svc", NULL),
                     ROLEAUTH_E_NOT_FOUND);
    /* An include may cross over, and be spelled out. */
    pam_directory_add(&first, "svc", "@include common\n");
    pam_directory_add(&second, "common", AUTH_LINE ACCOUNT_LINE);
    assert_int_equal(ra_pam_service_find(&places, "svc", NULL), 0);
    (void)snprintf(text, sizeof(text), "@include %s/common\n", second.path);
    pam_directory_add(&first, "svc", text);
    assert_int_equal(ra_pam_service_find(&places, "svc", NULL), 0);
    pam_directory_drop(&first);
    pam_directory_drop(&second);
}

static void test_pam_conf(void **state)
{
    struct pam_directory directory;
    struct ra_pam_places places = {{NULL, NULL}, NULL};
    char path[512];

    (void)state;
    pam_directory_make(&directory);
    pam_directory_path(&directory, "pam.conf", path);
    places.file = path;
    assert_int_equal(ra_pam_service_find(&places, "svc", NULL),
                     ROLEAUTH_E_NOT_FOUND);
    pam_directory_add(&directory, "pam.conf",
                      "# all services\n"
                      "svc auth required x\n"
                      "SVC account \\\n required x\n"
                      "half auth required x\n"
                      "bad auth required x\nbad account required x\nbad\n"
                      "incl auth include svc\nincl account required x\n"
                      "other auth required x\nother account required x\n");
    assert_int_equal(ra_pam_service_find(&places, "svc", NULL), 0);
    assert_int_equal(ra_pam_service_find(&places, "Svc", NULL), 0);
    assert_false(read_as(&places, "half").account);
    assert_true(read_as(&places, "half").auth);
    assert_false(read_as(&places, "bad").auth);
    assert_false(read_as(&places, "incl").auth);
    assert_false(read_as(&places, "other").exists);
    assert_false(read_as(&places, "nosuch").exists);
    pam_directory_drop(&directory);
}

static void test_places(void **state)
{
    struct ra_pam_places places = ra_pam_places("/some/where");

    (void)state;
    assert_string_equal(places.directories[0], "/some/where");
    assert_null(places.directories[1]);
    assert_null(places.file);
    places = ra_pam_places(NULL);
    assert_true((places.directories[0] != NULL) == (places.file == NULL));
}

static void test_warnings(void **state)
{
    static const struct {
        const char *text;
        const char *says; /* NULL: nothing */
    } cases[] = {
        {AUTH_LINE ACCOUNT_LINE, NULL},
        {AUTH_LINE, "account"},
        {ACCOUNT_LINE, "auth"},
        {"", "auth"},
        {"auth required pam_permit.so\n" ACCOUNT_LINE, "pam_permit"},
        {"auth sufficient /lib/security/pam_rootok.so debug\n" AUTH_LINE
             ACCOUNT_LINE,
         "pam_rootok"},
        /* Only fills the stack up, as pam-auth-update(8) has it. */
        {"auth [success=1 default=ignore] pam_unix.so\n"
         "auth requisite pam_deny.so\n"
         "auth required pam_permit.so\n"
         "account required pam_permit.so\n",
         NULL},
        {"@include permissive\n" ACCOUNT_LINE, "pam_permit"},
    };
    struct pam_directory directory;
    char text[200];

    (void)state;
    pam_directory_make(&directory);
    pam_directory_add(&directory, "permissive",
                      "auth sufficient pam_permit.so\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool warned;

        pam_directory_add(&directory, "svc", cases[i].text);
        text[0] = '\0';
        warned =
            ra_pam_service_warning(directory.path, "svc", text, sizeof(text));
        assert_int_equal(warned, cases[i].says != NULL);
        if (cases[i].says != NULL)
            assert_non_null(strstr(text, cases[i].says));
    }
    assert_true(
        ra_pam_service_warning(directory.path, "nosuch", text, sizeof(text)));
    assert_non_null(strstr(text, "does not exist"));
    pam_directory_drop(&directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_other_is_never_reached),
        cmocka_unit_test(test_odd_bytes),
        cmocka_unit_test(test_large_file),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_not_a_file),
        cmocka_unit_test(test_two_directories),
        cmocka_unit_test(test_pam_conf),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_warnings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

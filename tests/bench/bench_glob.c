/* SPDX-License-Identifier: MIT */
/* roleauth_glob_match() against fnmatch(3) in the C locale, both sides in one
 * process.  Prints nanoseconds, ratios and their means, and fails when a
 * target is missed:
 *   everyday   geometric mean at least 2 times faster, no row slower
 *   hostile    *L^k c*, median at least 10 times faster
 *   64 stars   against the letters at least 3 times faster, against a short
 *              value never slower */
#include <roleauth.h>

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 7
#define LETTERS 10000

struct row {
    const char *pattern, *value;
};

static const struct row everyday[] = {
    {"pbrun", "pbrun"},
    {"pbrun", "pbssh"},
    {"alice", "alice"},
    {"alice", "bob"},
    {"web01.example.com", "web01.example.com"},
    {"web01.example.com", "web02.example.com"},
    {"/usr/bin/systemctl", "/usr/bin/systemctl"},
    {"shell start", "shell start"},
    {"/opt/oracle/product/19c/bin/sqlplus",
     "/opt/oracle/product/19c/bin/sqlplus"},
    {"*", "anything at all"},
    {"*", ""},
    {"web-*", "web-frontend-03"},
    {"web-*", "db-primary-01"},
    {"/usr/bin/*", "/usr/bin/vim"},
    {"/usr/bin/*", "/usr/sbin/useradd"},
    {"/home/*/.ssh/*", "/home/alice/.ssh/authorized_keys"},
    {"*.example.com", "db1.example.com"},
    {"*.example.com", "db1.example.org"},
    {"*.example.com", "a-rather-long-host-name.eu-west.example.com"},
    {"*admin*", "db-admin-2"},
    {"*admin*", "administrator"},
    {"*admin*", "postgres"},
    {"*admin*", "a value without what the pattern is looking for"},
    {"201[678]", "2017"},
    {"201[678]", "2019"},
    {"20[0-9][0-9]", "2026"},
    {"[a-z]*", "hello"},
    {"[A-Z]*", "hello"},
    {"[!a-z]*", "9lives"},
    {"db[0-9]", "db7"},
    {"db[0-9][0-9].*", "db42.example.com"},
    {"*[0-9]", "host7"},
    {"*[0-9]", "a-rather-long-host-name-without"},
    {"[[:alpha:]]*", "hello"},
    {"[[:digit:]][[:digit:]]", "42"},
    {"[[:upper:]][[:lower:]]*", "Hello"},
    {"web-??", "web-03"},
    {"web-??", "web-003"},
    {"?????", "hello"},
    {"host-?.*.example.com", "host-a.eu.example.com"},
    {"*.log", "/var/log/syslog/today.log"},
    {"/var/log/*.log", "/var/log/messages.log"},
    {"/var/log/*.log", "/var/log/messages.gz"},
    {"*-prod-*", "eu-west-prod-db-01"},
    {"*-prod-*", "eu-west-test-db-01"},
    {"*a*b*c*", "xxaxxbxxcxx"},
    {"*.*.*", "www.example.com"},
    {"a\\*b", "a*b"},
    {"\\[x\\]", "[x]"},
    {"systemctl re[sl]*", "systemctl restart nginx.service"},
    {"systemctl * nginx*", "systemctl restart nginx.service"},
    {"*@example.com", "alice@example.com"},
    {"uid=[0-9]*", "uid=1000"},
    {"[]a]*", "]x"},
};

static double now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int ours(const char *pattern, const char *value)
{
    return roleauth_glob_match(pattern, value);
}

static int theirs(const char *pattern, const char *value)
{
    return fnmatch(pattern, value, 0) == 0;
}

/* Volatile, so that neither side is inlined or moved out of the loop. */
static int (*volatile sides[2])(const char *, const char *) = {ours, theirs};
static volatile int sink;

static double time_once(int side, const struct row *row, unsigned long count)
{
    double start = now();

    for (unsigned long i = 0; i < count; i++)
        sink = sides[side](row->pattern, row->value);
    return (now() - start) / (double)count;
}

/* Prints the row; returns how many times faster ours is.  The least of some
 * rounds, taken in turns, is what a noisy machine spoils least. */
static double compare(const struct row *row, const char *label, double budget)
{
    double best[2] = {1e300, 1e300};
    unsigned long counts[2];

    if (ours(row->pattern, row->value) != theirs(row->pattern, row->value)) {
        (void)printf("DIFFERENT ANSWERS: %s\n", label);
        return 0;
    }
    for (int side = 0; side < 2; side++) {
        double cost = time_once(side, row, 1) + 1;

        counts[side] = (unsigned long)(budget / cost) + 1;
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int side = 0; side < 2; side++) {
            double cost = time_once(side, row, counts[side]);

            best[side] = cost < best[side] ? cost : best[side];
        }
    (void)printf("%12.1f %14.1f %10.2f  %s\n", best[0], best[1],
                 best[1] / best[0], label);
    return best[1] / best[0];
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int bench_everyday(void)
{
    size_t count = sizeof(everyday) / sizeof(everyday[0]);
    double logs = 0, least = 1e300, mean;

    for (size_t i = 0; i < count; i++) {
        char label[128];
        double ratio;

        (void)snprintf(label, sizeof(label), "%s  %s", everyday[i].pattern,
                       everyday[i].value);
        ratio = compare(&everyday[i], label, 2e6);
        logs += log(ratio);
        least = ratio < least ? ratio : least;
    }
    mean = exp(logs / (double)count);
    (void)printf("everyday: geometric mean %.2f, least %.2f\n\n", mean, least);
    return mean >= 2 && least >= 1;
}

/* unit repeated, between head and tail. */
static char *repeat(const char *head, const char *unit, size_t count,
                    const char *tail)
{
    size_t size = strlen(head) + strlen(unit) * count + strlen(tail) + 1;
    char *text = malloc(size), *at = text;

    if (text == NULL)
        exit(2);
    at = stpcpy(at, head);
    while (count-- > 0)
        at = stpcpy(at, unit);
    (void)stpcpy(at, tail);
    return text;
}

/* values: letters without a c, with a c behind every 40th, and ab in turns */
static int bench_hostile(void)
{
    static const char *const units[] = {"a", "?", "[ab]"};
    static const size_t times[] = {50, 100, 200, 300, 500};
    static const char forty[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac";
    char *values[3] = {repeat("", "a", LETTERS, ""),
                       repeat("", forty, LETTERS / 40, ""),
                       repeat("", "ab", LETTERS / 2, "")};
    double ratios[45];
    size_t count = 0;

    for (size_t u = 0; u < 3; u++)
        for (size_t k = 0; k < 5; k++)
            for (size_t v = 0; v < 3; v++) {
                struct row row = {repeat("*", units[u], times[k], "c*"),
                                  values[v]};
                char label[64];

                (void)snprintf(label, sizeof(label), "*%s^%zu c*  value %zu",
                               units[u], times[k], v);
                ratios[count++] = compare(&row, label, 2e6);
                free((void *)(uintptr_t)row.pattern);
            }
    qsort(ratios, count, sizeof(ratios[0]), ascending);
    (void)printf("hostile: median %.1f, least %.2f\n\n", ratios[count / 2],
                 ratios[0]);
    for (size_t v = 0; v < 3; v++)
        free(values[v]);
    return ratios[count / 2] >= 10 && ratios[0] >= 1;
}

static int bench_stars(void)
{
    static const char *const shapes[][2] = {
        {"*a", "b"}, {"*a", "*"}, {"*[ab]", "c"}, {"*?", "b"}, {"*aa", "*b"}};
    char *value = repeat("", "a", LETTERS, "");
    char *small = repeat("", "a", 128, "");
    double least[2] = {1e300, 1e300};

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        char *pattern = repeat("", shapes[i][0], 64, shapes[i][1]);
        struct row rows[2] = {{pattern, value}, {pattern, small}};

        for (size_t v = 0; v < 2; v++) {
            char label[64];
            double ratio;

            (void)snprintf(label, sizeof(label), "(%s)^64%s  %zu letters",
                           shapes[i][0], shapes[i][1], strlen(rows[v].value));
            ratio = compare(&rows[v], label, 2e6);
            least[v] = ratio < least[v] ? ratio : least[v];
        }
        free(pattern);
    }
    free(value);
    free(small);
    (void)printf("64 stars: least %.2f, against a short value %.2f\n\n",
                 least[0], least[1]);
    return least[0] >= 3 && least[1] >= 1;
}

int main(void)
{
    int good = 1;

    (void)printf("   ours (ns)  fnmatch (ns)      ratio\n");
    good &= bench_everyday();
    good &= bench_hostile();
    good &= bench_stars();
    (void)printf("%s\n", good ? "all targets met" : "a target is missed");
    return good ? 0 : 1;
}

/* SPDX-License-Identifier: MIT */
/* What one evaluation takes inside one process:
 *
 *   cached   answered by a valid record: file store, MAC checked, the user
 *            looked up again in passwd(5) and shadow(5)
 *   instant  a PAM method whose service answers at once
 *   lookup   getpwnam(3) and getspnam(3) alone, for comparison
 *
 * Needs root, for shadow(5): root's own entry is read, never checked.
 * bench_evaluate [RUNS] */
#include <pwd.h>
#include <roleauth_testing.h>
#include <shadow.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void report(const char *name, double *times, size_t count)
{
    qsort(times, count, sizeof(*times), compare);
    (void)printf("%-8s median %7.1f us   99th percentile %7.1f us\n", name,
                 times[count / 2], times[count * 99 / 100]);
}

struct bench {
    roleauth_context *context;
    roleauth_roles *roles;
    roleauth_fake_pam *pam;
    char directory[32];
};

/* A PAM service that asks and accepts any answer stands for the proof; the
 * accounts are the system's. */
static bool set_up(struct bench *bench, const char *roles)
{
    char records[64], state[64];
    roleauth_pam pam;

    (void)snprintf(bench->directory, sizeof(bench->directory), "%s",
                   "/tmp/roleauth-bench.XXXXXX");
    if (mkdtemp(bench->directory) == NULL)
        return false;
    (void)snprintf(records, sizeof(records), "%s/records", bench->directory);
    (void)snprintf(state, sizeof(state), "%s/state", bench->directory);
    bench->context = roleauth_context_new();
    bench->pam = roleauth_fake_pam_new();
    pam = roleauth_fake_pam_seam(bench->pam);
    return roleauth_fake_pam_add(bench->pam, "door") == 0 &&
           roleauth_fake_pam_round(bench->pam, "door", ROLEAUTH_PROMPT_SECRET,
                                   "Password: ", NULL) == 0 &&
           roleauth_context_set_pam(bench->context, &pam, NULL) == 0 &&
           roleauth_context_clear_sinks(bench->context, NULL) == 0 &&
           roleauth_context_set_text(bench->context, ROLEAUTH_STORE_DIRECTORY,
                                     records, NULL) == 0 &&
           roleauth_context_set_text(bench->context, ROLEAUTH_STATE_DIRECTORY,
                                     state, NULL) == 0 &&
           roleauth_roles_parse(&bench->roles, "bench", roles, strlen(roles),
                                NULL, NULL) == 0;
}

static void tear_down(struct bench *bench)
{
    char command[96];

    roleauth_context_free(&bench->context);
    roleauth_roles_free(&bench->roles);
    roleauth_fake_pam_free(&bench->pam);
    (void)snprintf(command, sizeof(command), "rm -rf %s", bench->directory);
    if (system(command) != 0)
        (void)fprintf(stderr, "bench_evaluate: %s is left\n", bench->directory);
}

static roleauth_answer answer(void *data, roleauth_prompt *prompts,
                              size_t count, unsigned timeout)
{
    (void)data;
    (void)timeout;
    for (size_t i = 0; i < count; i++)
        if (prompts[i].reply != NULL) {
            prompts[i].reply[0] = 'x';
            prompts[i].reply[1] = '\0';
            prompts[i].reply_length = 1;
        }
    return ROLEAUTH_ANSWERED;
}

/* One evaluation: its time, and that it was what it should be. */
static bool evaluate(struct bench *bench, bool cached, double *time)
{
    const roleauth_conversation user = {answer, NULL, NULL, NULL};
    roleauth_request *request = roleauth_request_new();
    roleauth_result *result = NULL;
    double start = now();
    bool good = roleauth_request_set(request, ROLEAUTH_SERVER, "user", "root",
                                     NULL) == 0 &&
                roleauth_request_set_conversation(request, &user, NULL) == 0 &&
                roleauth_evaluate(bench->context, bench->roles, request,
                                  &result, NULL) == 0 &&
                roleauth_result_accepted(result);

    roleauth_request_free(&request);
    *time = now() - start;
    good = good && roleauth_result_method(result, 0)->cached == cached;
    roleauth_result_free(&result);
    return good;
}

static bool run(const char *name, const char *roles, bool cached, double *times,
                size_t count)
{
    struct bench bench = {NULL, NULL, NULL, ""};
    bool good = set_up(&bench, roles);
    double first;

    if (good && cached)
        good = evaluate(&bench, false, &first);
    for (size_t i = 0; good && i < count; i++)
        good = evaluate(&bench, cached, &times[i]);
    tear_down(&bench);
    if (good)
        report(name, times, count);
    else
        (void)fprintf(stderr, "bench_evaluate: %s does not work\n", name);
    return good;
}

int main(int argc, char **argv)
{
    static const char remembered[] =
        "[{\"method\": \"getuserpasswdpam\", \"user\": \"root\", \"service\":"
        " \"door\", \"fname\": \"bench\", \"period\": 3600}]";
    static const char instant[] =
        "[{\"method\": \"getuserpasswdpam\", \"user\": \"root\", \"service\":"
        " \"door\"}]";
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000;
    double *times = calloc(count, sizeof(*times));

    if (times == NULL || count == 0)
        return 2;
    if (geteuid() != 0) {
        (void)printf("bench_evaluate: needs root, for shadow(5)\n");
        return 0;
    }
    if (!run("cached", remembered, true, times, count) ||
        !run("instant", instant, false, times, count))
        return 1;
    for (size_t i = 0; i < count; i++) {
        double start = now();

        if (getpwnam("root") == NULL || getspnam("root") == NULL)
            return 1;
        times[i] = now() - start;
    }
    report("lookup", times, count);
    free(times);
    return 0;
}

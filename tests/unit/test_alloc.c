/* SPDX-License-Identifier: MIT */
/* Memory runs out at the first, second, third ... allocation, once or for
 * good: each time there is a clean error, a denial, or an accept that is right
 * and complete; nothing leaks, and nobody gets in who should not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/world.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define OWN_ALLOCATOR 0
#else
#define OWN_ALLOCATOR 1
#endif
#else
#define OWN_ALLOCATOR 1
#endif

/* ---- an allocator that fails ---- */

static struct {
    bool armed, for_good;
    unsigned long count, fail_at, failures;
    long live;
} heap;

#if OWN_ALLOCATOR

static bool must_fail(void)
{
    if (!heap.armed)
        return false;
    heap.count++;
    if (heap.count != heap.fail_at &&
        !(heap.for_good && heap.count > heap.fail_at))
        return false;
    heap.failures++;
    errno = ENOMEM;
    return true;
}

/* glibc documents the replacement of malloc(3) as a whole; what it replaces
 * is found by dlsym(3), so that valgrind(1) sees it too. */
static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* The libraries have to find these too. */
#pragma GCC visibility push(default)

/* ISO C has no conversion from void * to a function: POSIX dlsym(3). */
union symbol {
    void *object;
    void *(*malloc_fn)(size_t size);
    void *(*calloc_fn)(size_t count, size_t size);
    void *(*realloc_fn)(void *old, size_t size);
    void (*free_fn)(void *old);
};

void *malloc(size_t size)
{
    static union symbol real;
    void *made;

    if (real.object == NULL)
        real.object = next("malloc");
    made = must_fail() ? NULL : real.malloc_fn(size);
    heap.live += made != NULL;
    return made;
}

void *calloc(size_t count, size_t size)
{
    static union symbol real;
    void *made;

    if (real.object == NULL)
        real.object = next("calloc");
    made = must_fail() ? NULL : real.calloc_fn(count, size);
    heap.live += made != NULL;
    return made;
}

void *realloc(void *old, size_t size)
{
    static union symbol real;
    void *made;

    if (real.object == NULL)
        real.object = next("realloc");
    made = must_fail() ? NULL : real.realloc_fn(old, size);
    heap.live += made != NULL && old == NULL;
    heap.live -= made == NULL && old != NULL && size == 0;
    return made;
}

void free(void *old)
{
    static union symbol real;

    if (real.object == NULL)
        real.object = next("free");
    heap.live -= old != NULL;
    real.free_fn(old);
}

#pragma GCC visibility pop

#endif

static void arm(unsigned long fail_at, bool for_good)
{
    heap.count = heap.failures = 0;
    heap.fail_at = fail_at;
    heap.for_good = for_good;
    heap.armed = true;
}

static void disarm(void)
{
    heap.armed = false;
    ERR_clear_error(); /* libcrypto keeps its errors in memory */
}

/* ---- what is tried ---- */

enum outcome {
    BROKEN,  /* neither of the others: a bug */
    DENIED,  /* an error, or no accept */
    COMPLETE /* as if memory had never run out */
};

struct scenario {
    const char *name;
    void (*prepare)(struct world *world);
    /* Only this runs while memory runs out. */
    enum outcome (*act)(struct world *world);
};

static const char role_text[] =
    "{\"roles\":[{\"name\":\"a\",\"rorder\":2,\"varmatch\":{\"user\":[\"x*\","
    "\"y[ab]\"],\"year\":\"20??\"},\"auth\":[{\"method\":\"getuserpasswd\","
    "\"user\":\"%user%\",\"fname\":\"f\",\"period\":5}]},{\"name\":\"b\","
    "\"variables\":{\"v\":\"%user%\",\"w\":\"2\"},\"message\":\"m\","
    "\"varmatch\":\"{\\\"user\\\":\\\"zz\\\"}\"},{\"name\":\"c\",\"id\":7,"
    "\"description\":\"d\",\"auth\":[{\"method\":\"getstringpasswd\","
    "\"passwd\":\"" WORLD_ABC "\"}]}]}";

static const char bad_role_text[] =
    "[{\"name\":\"a\",\"auth\":[{\"method\":\"getuserpaswd\",\"user\":\"b\"},"
    "{\"method\":\"getuserpasswd\",\"tries\":0,\"usr\":\"b\"}],\"variables\":"
    "{\"v\":\"%open\",\"1\":\"x\"}},{\"name\":\"a\",\"varmach\":{},\"rorder\":"
    "\"1\"},{\"name\":\"b\",\"varmatch\":{\"user\":\"[a\"},\"auth\":"
    "\"[{\\\"method\\\":1}]\"}]";

static void report(void *data, const roleauth_diagnostic *diagnostic)
{
    unsigned *count = data;

    *count += diagnostic->text != NULL && diagnostic->path != NULL;
}

static enum outcome parse_roles(struct world *world)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    unsigned told = 0;
    const roleauth_loading how = {report, &told, NULL, NULL, 0, 1, NULL};
    int rc;

    roleauth_roles_free(&world->roles);
    rc = roleauth_roles_parse(&world->roles, "text", role_text,
                              sizeof(role_text) - 1, &how, &error);
    if (rc != 0)
        return world->roles == NULL && rc == ROLEAUTH_E_NOMEM &&
                       error.code != ROLEAUTH_OK
                   ? DENIED
                   : BROKEN;
    return roleauth_roles_count(world->roles) == 3 && told > 0 ? COMPLETE
                                                               : BROKEN;
}

static enum outcome parse_bad_roles(struct world *world)
{
    static unsigned all;
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    unsigned told = 0;
    const roleauth_loading how = {report, &told, NULL, NULL, 0, 1, NULL};
    int rc;

    roleauth_roles_free(&world->roles);
    rc = roleauth_roles_parse(&world->roles, "text", bad_role_text,
                              sizeof(bad_role_text) - 1, &how, &error);
    if (rc == 0 || world->roles != NULL || error.code == ROLEAUTH_OK)
        return BROKEN;
    if (heap.failures == 0)
        all = told;
    return rc == ROLEAUTH_E_INVALID && told >= all ? COMPLETE : DENIED;
}

static char role_file[512], config_file[512];

static enum outcome load_roles(struct world *world)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int rc;

    roleauth_roles_free(&world->roles);
    rc = roleauth_roles_load(&world->roles, role_file, NULL, &error);
    if (rc != 0)
        return world->roles == NULL && error.code != ROLEAUTH_OK ? DENIED
                                                                 : BROKEN;
    return roleauth_roles_count(world->roles) == 3 ? COMPLETE : BROKEN;
}

static enum outcome configure(struct world *world)
{
    roleauth_error error = ROLEAUTH_ERROR_INIT;
    int rc = roleauth_context_configure(world->context, config_file, NULL, NULL,
                                        &error);

    if (rc != 0)
        return error.code != ROLEAUTH_OK ? DENIED : BROKEN;
    return COMPLETE;
}

static void prepare_roles(struct world *world)
{
    world_roles(world, "[{'name':'a','varmatch':{'user':'x'}},"
                       "{'name':'b','varmatch':{'nosuch':['p','q']}},"
                       "{'name':'c','disabled':1},{'name':'d'}]");
}

static enum outcome select_role(struct world *world)
{
    roleauth_selection selection;
    int rc = roleauth_select(world->context, world->roles, world->request,
                             &selection, NULL);

    if (rc != 0)
        return selection.kind == ROLEAUTH_SELECTED_NONE ? DENIED : BROKEN;
    return selection.kind == ROLEAUTH_SELECTED_ROLE && selection.index == 3
               ? COMPLETE
               : BROKEN;
}

static enum outcome explain_roles(struct world *world)
{
    roleauth_explanation *why = NULL;
    int rc = roleauth_explain(world->context, world->roles, world->request, 0,
                              &why, NULL);
    bool good;

    if (rc != 0)
        return why == NULL ? DENIED : BROKEN;
    good =
        roleauth_explanation_selection(why)->kind == ROLEAUTH_SELECTED_ROLE &&
        roleauth_explanation_miss_count(why) == 3;
    roleauth_explanation_free(&why);
    return good ? COMPLETE : BROKEN;
}

/* ---- evaluations ---- */

#define ROLE(auth)                                                             \
    "{'name':'r','message':'m','variables':{'v':'%user%','w':'2'},'auth':"     \
    "[" auth "]}"
#define STRING "{'method':'getstringpasswd','passwd':'" WORLD_ABC "'}"
#define BOB                                                                    \
    "{'method':'getuserpasswd','user':'bob','fname':'f','period':60,"          \
    "'tries':1}"
#define PAM                                                                    \
    "{'method':'getuserpasswdpam','user':'bob','service':'sudo','fname':'f',"  \
    "'period':60}"
#define SUBMIT "{'method':'submitconfirmuser','user':'bob'}"
#define SUBMITPAM                                                              \
    "{'method':'submitconfirmuserpam','user':'bob','service':'sudo'}"

static void prepare_evaluation(struct world *world, const char *roles,
                               const char *answers)
{
    assert_int_equal(roleauth_context_set_number(world->context,
                                                 ROLEAUTH_SUBMIT_HOST_IS_LOCAL,
                                                 1, NULL),
                     0);
    world_roles(world, roles);
    world_script(world);
    world_type(world, answers);
}

static void prepare_string(struct world *world)
{
    prepare_evaluation(world, ROLE(STRING), "abc");
}

static void prepare_bob(struct world *world)
{
    prepare_evaluation(world, ROLE(BOB), "bobpw");
}

static void prepare_pam(struct world *world)
{
    prepare_evaluation(world, ROLE(PAM), "pampw");
}

static void prepare_submit(struct world *world)
{
    prepare_evaluation(world, ROLE(SUBMIT), "bobpw");
}

static void prepare_submit_pam(struct world *world)
{
    prepare_evaluation(world, ROLE(SUBMITPAM), "pampw");
}

static void prepare_several(struct world *world)
{
    prepare_evaluation(world, ROLE(BOB "," STRING "," PAM), "bobpw|abc|pampw");
}

static void prepare_wrong(struct world *world)
{
    prepare_evaluation(world, ROLE(BOB "," STRING), "wrong|abc");
}

static void prepare_wrong_pam(struct world *world)
{
    prepare_evaluation(world, ROLE(PAM), "wrong|wrong|wrong");
}

static void prepare_hit(struct world *world)
{
    prepare_bob(world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    world_script(world);
}

static void prepare_pam_hit(struct world *world)
{
    prepare_pam(world);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    world_script(world);
}

/* A record of somebody else must not answer, whatever runs out. */
static void prepare_no_hit(struct world *world)
{
    prepare_hit(world);
    world_request(world, "mallory", "desk");
    world_script(world);
}

static enum outcome judge(const struct world *world, int rc, unsigned events)
{
    const roleauth_result *result = world->result;
    const char *v, *w;

    if (rc != 0)
        return result == NULL ? DENIED : BROKEN;
    if (result == NULL || world->events > events + 1)
        return BROKEN;
    if (!roleauth_result_accepted(result))
        return roleauth_result_variable_count(result) == 0 &&
                       roleauth_result_reason(result) != ROLEAUTH_REASON_OK
                   ? DENIED
                   : BROKEN;
    v = roleauth_result_get(result, "v");
    w = roleauth_result_get(result, "w");
    for (size_t i = 0; i < roleauth_result_method_count(result); i++)
        if (roleauth_result_method(result, i)->method == NULL ||
            roleauth_result_method(result, i)->decision != ROLEAUTH_ACCEPT)
            return BROKEN;
    return world->events == events + 1 && v != NULL && w != NULL &&
                   strcmp(v, "alice") == 0 && strcmp(w, "2") == 0 &&
                   roleauth_result_role(result) != NULL &&
                   roleauth_result_message(result) != NULL
               ? COMPLETE
               : BROKEN;
}

static enum outcome evaluate(struct world *world)
{
    unsigned events = world->events;
    int rc;

    roleauth_result_free(&world->result);
    rc = roleauth_evaluate(world->context, world->roles, world->request,
                           &world->result, NULL);
    return judge(world, rc, events);
}

/* Texts that do not fit where the small ones are. */
static void prepare_large(struct world *world)
{
    char *big = malloc(40001);

    assert_non_null(big);
    memset(big, 'b', 40000);
    big[40000] = '\0';
    world_set(world, ROLEAUTH_SERVER, "big", big);
    free(big);
    prepare_evaluation(world,
                       "{'name':'r','message':'%big%','variables':{'v':"
                       "'%user%','x':'%big%','y':'%big%','w':'2'},'auth':["
                       "{'method':'getuserpasswd','user':'bob','prompt':"
                       "'%big%','message':'%big%','rejectMessage':'%big%'}]}",
                       "bobpw");
}

static bool is_large(const char *text)
{
    return text != NULL && strlen(text) == 40000;
}

static enum outcome evaluate_large(struct world *world)
{
    enum outcome outcome = evaluate(world);
    const roleauth_result *result = world->result;

    if (outcome != COMPLETE)
        return outcome;
    return roleauth_result_variable_count(result) == 4 &&
                   is_large(roleauth_result_get(result, "x")) &&
                   is_large(roleauth_result_get(result, "y")) &&
                   is_large(roleauth_result_message(result))
               ? COMPLETE
               : BROKEN;
}

/* The password is wrong, or the record is somebody else's. */
static enum outcome never_accept(struct world *world)
{
    enum outcome outcome = evaluate(world);

    if (outcome != DENIED)
        return BROKEN;
    return world->result != NULL && roleauth_result_reason(world->result) !=
                                        ROLEAUTH_REASON_INTERNAL
               ? COMPLETE
               : DENIED;
}

static enum outcome print_result(struct world *world)
{
    char *json = roleauth_result_json(world->result);
    enum outcome outcome = DENIED;

    if (json != NULL)
        outcome = strstr(json, "\"notes\":[]}") != NULL ? COMPLETE : BROKEN;
    free(json);
    return outcome;
}

static void count_record(void *data, const roleauth_record *record)
{
    *(unsigned *)data += strcmp(record->fname, "f") == 0;
}

/* A MAC that libcrypto has no memory for is taken for a wrong one: the list
 * may then be short, never wrong. */
static enum outcome list_records(struct world *world)
{
    unsigned count = 0;
    int rc = roleauth_status(world->context, count_record, &count, NULL);

    if (rc != 0)
        return DENIED;
    return count == 1 ? COMPLETE : BROKEN;
}

/* Whatever ran out: who was signed out is asked again. */
static enum outcome end_some(struct world *world, const char *user,
                             const char *fname)
{
    size_t ended = 0;

    if (roleauth_sign_out(world->context, user, fname, &ended, NULL) != 0)
        return DENIED;
    disarm();
    (void)world_run(world, NULL);
    if (roleauth_result_accepted(world->result))
        return BROKEN;
    /* It ended, whether or not it could be counted. */
    return ended == 1 ? COMPLETE : heap.failures > 0 ? DENIED : BROKEN;
}

static enum outcome end_records(struct world *world)
{
    return end_some(world, NULL, NULL);
}

static enum outcome end_records_of_bob(struct world *world)
{
    return end_some(world, "bob", "f");
}

static void prepare_due(struct world *world)
{
    static const char *const command[] = {"/bin/sh", "-c", "echo done"};

    assert_int_equal(roleauth_context_set_number(
                         world->context, ROLEAUTH_SIGNOUT_INTERVAL, 60, NULL),
                     0);
    assert_int_equal(
        roleauth_context_set_signout_command(world->context, command, 3, NULL),
        0);
    prepare_bob(world);
    /* The key is made, from which the interval counts. */
    assert_int_equal(roleauth_sign_out_due(world->context, NULL, NULL, NULL),
                     0);
    roleauth_virtual_clock_advance(&world->clock, 40);
    (void)world_evaluate(world);
    world_decided(world, ROLEAUTH_REASON_OK);
    roleauth_virtual_clock_advance(&world->clock, 30);
}

static void keep_sign_out(void *data, const roleauth_sign_out_record *sign_out)
{
    *(roleauth_sign_out_record *)data = *sign_out;
}

/* Whatever ran out: the trigger has ended it, and what was done is told. */
static enum outcome end_what_is_due(struct world *world)
{
    roleauth_sign_out_record done;
    roleauth_trigger trigger = ROLEAUTH_TRIGGER_NONE;
    size_t ended = 0;
    int rc = roleauth_sign_out_due(world->context, &trigger, &ended, NULL);

    disarm();
    memset(&done, 0, sizeof(done));
    (void)world_run(world, NULL);
    if (roleauth_result_accepted(world->result) ||
        (rc == 0 && trigger != ROLEAUTH_TRIGGER_INTERVAL))
        return BROKEN;
    if (rc != 0 || heap.failures > 0)
        return DENIED;
    return roleauth_sign_outs(world->context, keep_sign_out, &done, NULL) ==
                       0 &&
                   ended == 1 && done.command == ROLEAUTH_COMMAND_EXITED &&
                   done.command_code == 0
               ? COMPLETE
               : BROKEN;
}

static void prepare_history(struct world *world)
{
    prepare_due(world);
    assert_int_equal(roleauth_sign_out_due(world->context, NULL, NULL, NULL),
                     0);
}

static enum outcome list_history(struct world *world)
{
    roleauth_sign_out_record last;
    roleauth_moment next;

    memset(&last, 0, sizeof(last));
    if (roleauth_triggers(world->context, NULL, &next, NULL) != 0 ||
        roleauth_sign_outs(world->context, keep_sign_out, &last, NULL) != 0)
        return DENIED;
    if (next.trigger != ROLEAUTH_TRIGGER_INTERVAL)
        return BROKEN;
    /* Libcrypto could not tell whether it is damaged. */
    if (heap.failures > 0 && last.trigger == ROLEAUTH_TRIGGER_NONE)
        return DENIED;
    return last.trigger == ROLEAUTH_TRIGGER_INTERVAL ? COMPLETE : BROKEN;
}

/* From nothing to an answer, as a program does it. */
static enum outcome live_a_whole_life(struct world *world)
{
    roleauth_context *context = roleauth_context_new();
    roleauth_request *request = roleauth_request_new();
    roleauth_clock clock = roleauth_virtual_clock_seam(&world->clock);
    roleauth_roles *roles = NULL;
    roleauth_result *result = NULL;
    roleauth_store store;
    enum outcome outcome = DENIED;

    if (roleauth_memory_store(&store) == 0 &&
        roleauth_context_set_store(context, &store, NULL) != 0)
        store.release(store.data);
    if (roleauth_context_set_clock(context, &clock, NULL) == 0 &&
        roleauth_context_clear_sinks(context, NULL) == 0 &&
        roleauth_context_set_text(context, ROLEAUTH_RETRY_MESSAGE, "x", NULL) ==
            0 &&
        roleauth_context_trust_client(context, "y", NULL) == 0 &&
        roleauth_roles_parse(&roles, "t", role_text, sizeof(role_text) - 1,
                             NULL, NULL) == 0 &&
        roleauth_request_set(request, ROLEAUTH_SERVER, "user", "zz", NULL) ==
            0 &&
        roleauth_request_set(request, ROLEAUTH_CLIENT, "user", "u", NULL) ==
            0 &&
        roleauth_request_set_id(request, "id", NULL) == 0 &&
        roleauth_request_set_scope(request, "s", NULL) == 0 &&
        roleauth_evaluate(context, roles, request, &result, NULL) == 0 &&
        roleauth_result_accepted(result))
        outcome = strcmp(roleauth_result_get(result, "v"), "zz") == 0 &&
                          roleauth_result_note_count(result) == 1
                      ? COMPLETE
                      : BROKEN;
    roleauth_result_free(&result);
    roleauth_request_free(&request);
    roleauth_roles_free(&roles);
    roleauth_context_free(&context);
    return outcome;
}

static void prepare_nothing(struct world *world)
{
    (void)world;
}

static const struct scenario scenarios[] = {
    {"parse roles", prepare_nothing, parse_roles},
    {"parse bad roles", prepare_nothing, parse_bad_roles},
    {"load a role file", prepare_nothing, load_roles},
    {"configure", prepare_nothing, configure},
    {"select", prepare_roles, select_role},
    {"explain", prepare_roles, explain_roles},
    {"getstringpasswd", prepare_string, evaluate},
    {"getuserpasswd", prepare_bob, evaluate},
    {"getuserpasswdpam", prepare_pam, evaluate},
    {"submitconfirmuser", prepare_submit, evaluate},
    {"submitconfirmuserpam", prepare_submit_pam, evaluate},
    {"three methods", prepare_several, evaluate},
    {"large texts", prepare_large, evaluate_large},
    {"wrong password", prepare_wrong, never_accept},
    {"wrong password for PAM", prepare_wrong_pam, never_accept},
    {"hit", prepare_hit, evaluate},
    {"hit of PAM", prepare_pam_hit, evaluate},
    {"no hit", prepare_no_hit, never_accept},
    {"result as JSON", prepare_hit, print_result},
    {"status", prepare_hit, list_records},
    {"sign out", prepare_hit, end_records},
    {"sign out of one user", prepare_hit, end_records_of_bob},
    {"sign out when due", prepare_due, end_what_is_due},
    {"triggers and sign-outs", prepare_history, list_history},
    {"a whole life", prepare_nothing, live_a_whole_life},
};
#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

/* Takes everything away that a run made; the fakes stay. */
static void clean_up(struct world *world)
{
    roleauth_result_free(&world->result);
    roleauth_roles_free(&world->roles);
    roleauth_request_free(&world->request);
    roleauth_script_free(&world->script);
    roleauth_context_free(&world->context);
    free(world->event);
    world->event = NULL;
}

/* One run; returns how much of what it allocated is left. */
static long run_once(struct world *world, const struct scenario *scenario,
                     unsigned long fail_at, bool for_good,
                     enum outcome *outcome)
{
    long before = heap.live;

    world_context(world);
    world_request(world, "alice", "desk");
    scenario->prepare(world);
    arm(fail_at, for_good);
    *outcome = scenario->act(world);
    disarm();
    clean_up(world);
    return heap.live - before;
}

static void run_scenario(struct world *world, const struct scenario *scenario,
                         bool for_good)
{
    enum outcome outcome;
    unsigned long n;

    (void)run_once(world, scenario, 0, false, &outcome);
    assert_int_equal(outcome, COMPLETE); /* and what is made once is made */
    for (n = 1; n < 100000; n++) {
        long left = run_once(world, scenario, n, for_good, &outcome);

        /* A library's cache is made once: what leaks leaks each time. */
        if (left > 0)
            left = run_once(world, scenario, n, for_good, &outcome);
        if (outcome == BROKEN || left > 0)
            fail_msg("%s, allocation %lu%s: %s, %ld left", scenario->name, n,
                     for_good ? " and all others" : "",
                     outcome == BROKEN ? "broken" : "fine", left);
        if (heap.failures == 0)
            break;
    }
    assert_int_equal(outcome, COMPLETE);
    assert_true(n > 1);
}

/* A sanitizer or valgrind(1) may have put its own allocator before ours.  By
 * pointer, because compilers know that malloc(3) changes nothing else. */
static bool is_ours(void)
{
    void *(*volatile allocate)(size_t size) = malloc;
    void *probe;

    arm(1, false);
    probe = allocate(1);
    heap.armed = false;
    free(probe);
    return heap.failures == 1;
}

static void run_scenarios(void **state)
{
    if (!OWN_ALLOCATOR || !is_ours()) {
        print_message("another allocator is in force: none can fail\n");
        skip();
    }
    for (size_t i = 0; i < SCENARIOS; i++) {
        run_scenario(*state, &scenarios[i], false);
        run_scenario(*state, &scenarios[i], true);
    }
}

static const char config_text[] =
    "{\"retry_message\":\"x\",\"time_zone\":\"UTC\",\"prompt_timeout\":5,"
    "\"trusted_client_variables\":[\"a\",\"b\"],\"events\":[{\"sink\":"
    "\"file\",\"path\":\"/x\",\"mandatory\":true},{\"sink\":\"syslog\"}],"
    "\"signout_interval\":60,\"signout_daily\":[\"15:00\"],"
    "\"signout_command\":[\"/x\",\"y\"]}";

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static char directory[256];

static int start(void **state)
{
    const char *base = getenv("TMPDIR");
    struct world *world;

    (void)snprintf(directory, sizeof(directory), "%s/roleauth-alloc-XXXXXX",
                   base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(role_file, sizeof(role_file), "%s/roles", directory);
    (void)snprintf(config_file, sizeof(config_file), "%s/config", directory);
    put(role_file, role_text);
    put(config_file, config_text);
    assert_int_equal(world_start(state), 0);
    world = *state;
    clean_up(world);
    return 0;
}

static int end(void **state)
{
    (void)unlink(role_file);
    (void)unlink(config_file);
    (void)rmdir(directory);
    return world_end(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(run_scenarios, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

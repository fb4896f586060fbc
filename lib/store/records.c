/* SPDX-License-Identifier: MIT */
/*
 * Timestamp records: what was proved is not asked again for a while.  Whoever
 * makes the library believe in a record that no password stands behind has
 * logged in without one.  Therefore, against a user who has an account here,
 * can make files where everybody can, can set off any number of evaluations
 * at once, and may get hold of old files:
 *
 *  1. A record MUST be used only where nobody but root and the effective user
 *     could have put it: directory, file and the way to them are checked at
 *     each use (base/trust.c, file.c).  Whatever else is found there MUST be
 *     no record, and MUST NOT keep a right password from being accepted.
 *  2. A record MUST answer for one fname, method, authenticated user (and
 *     uid), service, requester, submit host and scope.  Two requesters MUST
 *     NOT share a proof, nor two authenticated users (CVE-2025-64517).  The
 *     name of a file MUST NOT be made of text that a user chooses
 *     (CVE-2014-2583): it is made by the key, and only helps to find the
 *     record.  The binding is compared field by field after the MAC.
 *  3. Both clocks MUST say that the window is open.  A time of zero or in the
 *     future MUST NOT be valid, nor another boot's (CVE-2013-1775).
 *  4. Nothing MUST be written for a binding that cannot be told apart from
 *     others': one with neither requester nor scope, or with an empty scope.
 *  5. Every byte MUST be authenticated before it is looked at, in constant
 *     time, by a key that nobody else can read.  A key that is missing,
 *     damaged or readable MUST be replaced; that voids all records.
 *  6. A record MUST appear as a whole or not at all.  No lock is held here.
 *  7. What was verified MUST be recorded with the proof (the credential), so
 *     that the caller can compare it with the present.
 *  8. A revocation MUST end records for good.  Each carries the generation
 *     that its evaluation started with; the state has the generation of each
 *     revocation.  A record older than a revocation of its names is void, by
 *     whatever way it comes back, and so is a proof that began before it.  A
 *     record newer than the state is void, since the state was then rolled
 *     back.  A full revocation replaces the key.  Who restores both, an old
 *     state and old records that were copied before they were removed, has
 *     root's rights or ours and could make records anyway.
 *  9. Reading, listing and status MUST NOT create, extend or alter anything.
 * 10. A trigger moment (triggers.h) MUST end every record from before it, also
 *     when nobody signed out then, and when the clock was set back behind it
 *     in the same boot.  A proof that began before one and ends after it MUST
 *     NOT be recorded.  Where the moments cannot be told, no record is valid.
 *     Across a boot that records survive there is only the wall clock to
 *     measure by, as for the period: there, the first evaluation behind a
 *     moment MUST end all records in the state, so that no clock brings them
 *     back.
 *
 * All readers go through judge(), so that no two of them can differ about
 * what is valid.
 */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "store/record.h"
#include "store/state.h"

/* What is authenticated or named by the key starts with one of these, or
 * with the magic of record.c or state.c. */
#define REQUESTER_MAGIC "RARQ"
#define BINDING_MAGIC "RABI"
#define CREDENTIAL_MAGIC "RACR"
#define MAGIC_SIZE 4

/* A name: which requester, then which binding. */
#define PREFIX_BYTES 8
#define PREFIX_LENGTH ((size_t)(2 * PREFIX_BYTES + 1)) /* with the hyphen */
#define NAME_LENGTH (PREFIX_LENGTH + 2 * RA_SHA256_SIZE)
#define OWN_PERIOD UINT32_MAX

_Static_assert(NAME_LENGTH <= ROLEAUTH_STORE_NAME, "a store takes the name");

struct ra_records {
    struct ra_records_config config;
    struct ra_state *state; /* as it was when this was opened */
    roleauth_time opened;   /* then; zero: not known, or there is no trigger */
    bool waited;            /* it may have changed since */
};

/* ---- opening ---- */

static int open_records(ra_records **records,
                        const struct ra_records_config *config,
                        struct ra_state **state, roleauth_error *error)
{
    ra_records *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        ra_state_free(state);
        return ra_fail_nomem(error);
    }
    made->config = *config;
    made->state = *state;
    if (ra_triggers_any(config->triggers))
        (void)ra_clock_now(config->clock, &made->opened);
    *records = made;
    return 0;
}

/* The trigger moments around now, as something from then has to see them. */
static int around(const struct ra_triggers *triggers,
                  const struct ra_state *state, const roleauth_time *then,
                  const roleauth_time *now, roleauth_moment *latest,
                  roleauth_moment *next)
{
    const struct ra_trigger_view times = {
        .now = ra_trigger_now(then, now),
        .has_anchor = true,
        .anchor = (int64_t)state->made.realtime.tv_sec,
    };

    return ra_triggers_around(triggers, &times, latest, next);
}

/* Has a trigger moment passed that is to be taken down, since another boot's
 * clock may deny it?  One of before the key was made ends nothing. */
static bool is_to_be_passed(const struct ra_records_config *config,
                            const struct ra_state *state, int64_t *moment)
{
    int64_t made = (int64_t)state->made.realtime.tv_sec;
    roleauth_moment latest, next;
    roleauth_time now;

    if (!config->survive_reboot || !ra_triggers_any(config->triggers) ||
        ra_clock_now(config->clock, &now) != 0 ||
        around(config->triggers, state, &now, &now, &latest, &next) != 0 ||
        latest.trigger == ROLEAUTH_TRIGGER_NONE)
        return false;
    *moment = latest.at;
    return latest.at != state->passed &&
           (state->passed != 0 || latest.at > made);
}

/* Where it cannot be taken down, such as on a full disk, the moment counts all
 * the same as long as the clock tells it. */
static int pass_moment(const struct ra_records_config *config,
                       struct ra_state **state, roleauth_error *error)
{
    int64_t moment;

    if (!is_to_be_passed(config, *state, &moment) ||
        ra_state_pass(config->store, moment, NULL) != 0)
        return 0;
    ra_state_free(state);
    return ra_state_open(config->store, config->clock, state, error);
}

int ra_records_open(ra_records **records,
                    const struct ra_records_config *config,
                    roleauth_error *error)
{
    struct ra_state *state = NULL;
    int rc;

    *records = NULL;
    rc = ra_state_open(config->store, config->clock, &state, error);
    if (rc == 0)
        rc = pass_moment(config, &state, error);
    return rc == 0 ? open_records(records, config, &state, error) : rc;
}

int ra_records_open_existing(ra_records **records,
                             const struct ra_records_config *config,
                             roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_state *state = NULL;
    int rc;

    *records = NULL;
    rc = ra_state_read(config->store, &state, &why);
    if (rc == 0)
        return open_records(records, config, &state, error);
    if (rc == ROLEAUTH_E_NOT_FOUND || rc == ROLEAUTH_E_INVALID ||
        rc == ROLEAUTH_E_LIMIT)
        return ROLEAUTH_E_NOT_FOUND;
    return ra_fail(error, rc, "%s", why.text);
}

void ra_records_waited(ra_records *records)
{
    records->waited = true;
}

void ra_records_close(ra_records **records)
{
    if (records == NULL || *records == NULL)
        return;
    ra_state_free(&(*records)->state);
    free(*records);
    *records = NULL;
}

/* The state as it is now.  ROLEAUTH_E_NOT_FOUND: the key is another one, so
 * that everything was revoked since. */
static int read_current(const ra_records *records, struct ra_state **state,
                        roleauth_error *error)
{
    int rc = ra_state_read(records->config.store, state, error);

    if (rc != 0 || ra_equal((*state)->key, records->state->key, RA_STATE_KEY))
        return rc;
    ra_state_free(state);
    return ROLEAUTH_E_NOT_FOUND;
}

/* ---- bindings and their names ---- */

static bool is_too_long(const char *text)
{
    return text != NULL &&
           strnlen(text, ROLEAUTH_MAX_BINDING + 1) > ROLEAUTH_MAX_BINDING;
}

const char *ra_binding_fault(const struct ra_binding *binding)
{
    if (binding->fname == NULL || binding->fname[0] == '\0' ||
        binding->method == NULL || binding->user == NULL)
        return "not kept: a record needs an fname, a method and a user";
    if (binding->scope != NULL && binding->scope[0] == '\0')
        return "not kept: the scope is empty";
    if (binding->scope == NULL &&
        (binding->requester == NULL || binding->requester[0] == '\0'))
        return "not kept: there is neither a requester nor a scope";
    if (is_too_long(binding->fname) || is_too_long(binding->method) ||
        is_too_long(binding->user) || is_too_long(binding->service) ||
        is_too_long(binding->requester) || is_too_long(binding->submit_host) ||
        is_too_long(binding->scope))
        return "not kept: a user, host or scope is too long for a record";
    return NULL;
}

static int fail_crypto(roleauth_error *error)
{
    return ra_fail(error, ROLEAUTH_E_INTERNAL, "libcrypto failed");
}

static bool name_of(const struct ra_state *state,
                    const struct ra_binding *binding,
                    char name[NAME_LENGTH + 1])
{
    const char *who =
        binding->requester != NULL ? binding->requester : binding->scope;
    unsigned char bytes[RA_RECORD_MAX];
    struct ra_writer writer = {bytes, 0, sizeof(bytes), false};
    unsigned char mac[RA_SHA256_SIZE];

    ra_put_bytes(&writer, REQUESTER_MAGIC, MAGIC_SIZE);
    ra_put_number(&writer, binding->requester != NULL ? 1 : 0, 1);
    ra_put_text(&writer, who != NULL ? who : "");
    if (!ra_state_mac_written(state, &writer, mac))
        return false;
    ra_hex(mac, PREFIX_BYTES, name);
    name[PREFIX_LENGTH - 1] = '-';
    writer.length = 0;
    ra_put_bytes(&writer, BINDING_MAGIC, MAGIC_SIZE);
    ra_record_put_binding(&writer, binding);
    if (!ra_state_mac_written(state, &writer, mac))
        return false;
    ra_hex(mac, RA_SHA256_SIZE, name + PREFIX_LENGTH);
    return true;
}

static bool is_record_name(const char *name)
{
    static const char digits[] = "0123456789abcdef";

    return strlen(name) == NAME_LENGTH &&
           strspn(name, digits) == PREFIX_LENGTH - 1 &&
           name[PREFIX_LENGTH - 1] == '-' &&
           strspn(name + PREFIX_LENGTH, digits) == NAME_LENGTH - PREFIX_LENGTH;
}

/* ---- what is valid ---- */

/* What a record is judged by. */
struct view {
    const roleauth_store *store;
    const struct ra_state *state;
    roleauth_time now;
    bool survive_reboot;
    const struct ra_triggers *triggers; /* NULL: none */
};

/* A record that was read; the texts of fields point into bytes. */
struct reading {
    unsigned char bytes[RA_RECORD_MAX];
    size_t length;
    struct ra_record_fields fields;
    uint32_t age;
    uint32_t left;           /* seconds until what comes first */
    roleauth_trigger ending; /* what that is; NONE: its period */
    int64_t now;             /* second of the wall clock */
};

static int look(struct view *view, const struct ra_records_config *config,
                const struct ra_state *state, roleauth_error *error)
{
    view->store = config->store;
    view->state = state;
    view->survive_reboot = config->survive_reboot;
    view->triggers =
        ra_triggers_any(config->triggers) ? config->triggers : NULL;
    return ra_clock_now(config->clock, &view->now) == 0
               ? 0
               : ra_fail(error, ROLEAUTH_E_IO, "the clock cannot be read");
}

static int read_record(const struct view *view, const char *name,
                       struct reading *reading, roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int rc;

    reading->length = 0;
    rc = view->store->read(view->store->data, ROLEAUTH_AREA_RECORDS, name,
                           reading->bytes, sizeof(reading->bytes),
                           &reading->length, &why);
    if (rc == 0 && reading->length > sizeof(reading->bytes))
        rc = ROLEAUTH_E_INTERNAL;
    if (rc == 0 || rc == ROLEAUTH_E_NOT_FOUND)
        return rc;
    return ra_fail(error, rc, "a record cannot be read%s%s",
                   why.text[0] != '\0' ? ": " : "", why.text);
}

/* Is it ours, and the one that this name stands for?  Nothing in it is looked
 * at before the MAC. */
static int judge_bytes(const struct view *view, const char *name,
                       struct reading *reading, roleauth_error *error)
{
    char right_name[NAME_LENGTH + 1];
    int rc =
        ra_state_authenticate(view->state, reading->bytes, reading->length);

    if (rc == ROLEAUTH_E_INTERNAL)
        return fail_crypto(error);
    if (rc != 0 || ra_record_decode(reading->bytes, reading->length,
                                    &reading->fields) != 0)
        return ra_fail(error, ROLEAUTH_E_INVALID,
                       "a record is damaged, or was not made here");
    if (!name_of(view->state, &reading->fields.binding, right_name))
        return fail_crypto(error);
    return strcmp(name, right_name) == 0
               ? 0
               : ra_fail(error, ROLEAUTH_E_INVALID,
                         "a record stands in the place of another");
}

static int judge_generation(const struct view *view,
                            const struct reading *reading,
                            roleauth_error *error)
{
    const struct ra_binding *binding = &reading->fields.binding;
    uint64_t floor;

    if (reading->fields.generation > view->state->generation)
        return ra_fail(error, ROLEAUTH_E_UNTRUSTED,
                       "a record is newer than the state, which is an old "
                       "one then");
    if (!ra_state_floor(view->state, binding->user, binding->requester,
                        binding->fname, &floor))
        return fail_crypto(error);
    return reading->fields.generation >= floor ? 0 : ROLEAUTH_E_NOT_FOUND;
}

/* Is it within its window?  Says when that ends. */
static int judge_age(const struct view *view, uint32_t period,
                     struct reading *reading, roleauth_error *error)
{
    const struct ra_proof_record *proof = &reading->fields.proof;

    switch (ra_proof_freshness(proof, &view->now, period, view->survive_reboot,
                               &reading->age)) {
    case RA_FRESH:
        reading->left = proof->period - reading->age;
        reading->ending = ROLEAUTH_TRIGGER_NONE;
        reading->now = (int64_t)view->now.realtime.tv_sec;
        return 0;
    case RA_STALE_FUTURE:
        return ra_fail(error, ROLEAUTH_E_INVALID,
                       "a record lies in the future: a clock was set back");
    case RA_STALE_OTHER_BOOT:
    case RA_STALE_EXPIRED:
        break;
    }
    return ROLEAUTH_E_NOT_FOUND;
}

static bool is_of_boot(const roleauth_time *time, const roleauth_time *now)
{
    return memcmp(time->boot_id, now->boot_id, sizeof(now->boot_id)) == 0;
}

/* Is it from after the latest trigger moment?  Says which one ends it, when
 * that comes before the end of its period. */
static int judge_triggers(const struct view *view, struct reading *reading,
                          roleauth_error *error)
{
    const roleauth_time *then = &reading->fields.proof.proved_at;
    roleauth_moment latest, next;
    int64_t left;

    if (view->triggers == NULL)
        return 0;
    if (view->triggers->boot && !is_of_boot(then, &view->now))
        return ROLEAUTH_E_NOT_FOUND;
    if (around(view->triggers, view->state, then, &view->now, &latest, &next) !=
        0)
        return ra_fail(error, ROLEAUTH_E_INVALID,
                       "the date is outside the years 1 to 9999");
    if (latest.trigger != ROLEAUTH_TRIGGER_NONE &&
        (int64_t)then->realtime.tv_sec < latest.at)
        return ROLEAUTH_E_NOT_FOUND;
    left = next.at - ra_trigger_now(then, &view->now);
    if (next.trigger != ROLEAUTH_TRIGGER_NONE && left < reading->left) {
        reading->left = (uint32_t)left;
        reading->ending = next.trigger;
    }
    return 0;
}

/* Reads the record of this name and says whether it is valid now, for a
 * window of the smaller of its period and the one given.  Returns as
 * ra_records_find(). */
static int judge(const struct view *view, const char *name, uint32_t period,
                 struct reading *reading, roleauth_error *error)
{
    int rc = read_record(view, name, reading, error);

    if (rc == 0)
        rc = judge_bytes(view, name, reading, error);
    if (rc == 0)
        rc = judge_generation(view, reading, error);
    if (rc == 0)
        rc = judge_age(view, period, reading, error);
    return rc == 0 ? judge_triggers(view, reading, error) : rc;
}

/* ---- one binding ---- */

static int find(const ra_records *records, const struct ra_state *state,
                const struct ra_binding *binding, uint32_t period,
                struct ra_proof_record *found, roleauth_error *error)
{
    struct reading reading;
    struct view view;
    char name[NAME_LENGTH + 1];
    int rc = look(&view, &records->config, state, error);

    if (rc == 0 && !name_of(state, binding, name))
        rc = fail_crypto(error);
    if (rc != 0)
        return rc;
    rc = judge(&view, name, period, &reading, error);
    if (rc == 0 && !ra_binding_equal(binding, &reading.fields.binding))
        rc = ra_fail(error, ROLEAUTH_E_INVALID, "a record is another's");
    if (rc == 0)
        *found = reading.fields.proof;
    explicit_bzero(&reading, sizeof(reading));
    return rc;
}

int ra_records_find(ra_records *records, const struct ra_binding *binding,
                    uint32_t period, struct ra_proof_record *found,
                    roleauth_error *error)
{
    const char *fault = ra_binding_fault(binding);
    struct ra_state *state = NULL;
    int rc;

    memset(found, 0, sizeof(*found));
    if (fault != NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "%s", fault);
    if (!records->waited)
        return find(records, records->state, binding, period, found, error);
    rc = read_current(records, &state, error);
    if (rc == 0)
        rc = find(records, state, binding, period, found, error);
    ra_state_free(&state);
    return rc;
}

/* Has a trigger moment passed since the records were opened?  Returns 0;
 * ROLEAUTH_E_NOT_FOUND: it has; any other code: it cannot be told. */
static int check_untriggered(const ra_records *records, roleauth_error *error)
{
    const struct ra_triggers *triggers = records->config.triggers;
    const roleauth_time *opened = &records->opened;
    roleauth_moment latest, next;
    roleauth_time now;

    if (!ra_triggers_any(triggers))
        return 0;
    if (opened->realtime.tv_sec == 0 ||
        ra_clock_now(records->config.clock, &now) != 0)
        return ra_fail(error, ROLEAUTH_E_IO, "the clock cannot be read");
    if (around(triggers, records->state, opened, &now, &latest, &next) != 0)
        return ra_fail(error, ROLEAUTH_E_INVALID,
                       "the date is outside the years 1 to 9999");
    return latest.trigger != ROLEAUTH_TRIGGER_NONE &&
                   latest.at > (int64_t)opened->realtime.tv_sec
               ? ROLEAUTH_E_NOT_FOUND
               : 0;
}

/* May a proof that began with the opened state still be kept?  Returns 0;
 * ROLEAUTH_E_NOT_FOUND: revoked since; any other code: it cannot be told. */
static int check_unrevoked(const ra_records *records,
                           const struct ra_binding *binding,
                           roleauth_error *error)
{
    uint64_t opened = records->state->generation;
    struct ra_state *state = NULL;
    uint64_t floor = UINT64_MAX;
    int rc = read_current(records, &state, error);

    if (rc == 0 && !ra_state_floor(state, binding->user, binding->requester,
                                   binding->fname, &floor))
        rc = fail_crypto(error);
    if (rc == 0 && (floor > opened || state->generation < opened))
        rc = ROLEAUTH_E_NOT_FOUND;
    ra_state_free(&state);
    return rc == 0 ? check_untriggered(records, error) : rc;
}

bool ra_records_revoked(ra_records *records, const struct ra_binding *binding)
{
    return ra_binding_fault(binding) != NULL ||
           check_unrevoked(records, binding, NULL) != 0;
}

bool ra_records_credential(const ra_records *records, const char *user,
                           const char *hash,
                           unsigned char credential[RA_SHA256_SIZE])
{
    unsigned char bytes[ROLEAUTH_MAX_BINDING + ROLEAUTH_CRYPT_SIZE + 8];
    struct ra_writer writer = {bytes, 0, sizeof(bytes), false};
    bool done;

    ra_put_bytes(&writer, CREDENTIAL_MAGIC, MAGIC_SIZE);
    ra_put_text(&writer, user);
    ra_put_text(&writer, hash);
    done = ra_state_mac_written(records->state, &writer, credential);
    explicit_bzero(bytes, sizeof(bytes));
    return done;
}

/* ---- keeping ---- */

/* What prune_one() needs: the record that was just written stays, with so
 * many others of its requester that there are ROLEAUTH_MAX_RECORDS. */
struct prune {
    const roleauth_store *store;
    int64_t now; /* 0: not known */
    const char *written;
    size_t count;
    struct {
        char name[NAME_LENGTH + 1];
        int64_t expires;
    } kept[ROLEAUTH_MAX_RECORDS - 1];
};

static void remove_record(const roleauth_store *store, const char *name)
{
    (void)store->remove(store->data, ROLEAUTH_AREA_RECORDS, name, NULL);
}

/* Keeps those that last longest. */
static void keep(struct prune *prune, const char *name, int64_t expires)
{
    size_t at = prune->count;

    if (at == ROLEAUTH_MAX_RECORDS - 1) {
        at = 0;
        for (size_t i = 1; i < prune->count; i++)
            if (prune->kept[i].expires < prune->kept[at].expires)
                at = i;
        if (expires <= prune->kept[at].expires) {
            remove_record(prune->store, name);
            return;
        }
        remove_record(prune->store, prune->kept[at].name);
    } else {
        prune->count++;
    }
    memcpy(prune->kept[at].name, name, NAME_LENGTH + 1);
    prune->kept[at].expires = expires;
}

/* The expiry is a hint that nobody authenticates; to remove a record too
 * early does no more than ask again. */
static void prune_one(void *data, const char *name, int64_t expires)
{
    struct prune *prune = data;

    if (!is_record_name(name) || strcmp(name, prune->written) == 0)
        return;
    if (expires > 0 && expires <= prune->now)
        remove_record(prune->store, name);
    else if (strncmp(name, prune->written, PREFIX_LENGTH) == 0)
        keep(prune, name, expires);
}

static int prune(const struct ra_records_config *config, const char *written,
                 roleauth_error *error)
{
    struct prune prune = {.store = config->store, .written = written};
    roleauth_time now;

    if (ra_clock_now(config->clock, &now) == 0)
        prune.now = (int64_t)now.realtime.tv_sec;
    return config->store->list(config->store->data, ROLEAUTH_AREA_RECORDS,
                               prune_one, &prune, error);
}

/* The record with its MAC; the decoder refuses what no reader would take. */
static int seal(const struct ra_state *state, struct ra_writer *writer,
                const struct ra_record_fields *fields, roleauth_error *error)
{
    const roleauth_time *time = &fields->proof.proved_at;
    unsigned char mac[RA_SHA256_SIZE];
    struct ra_record_fields again;

    ra_record_encode(writer, fields);
    if (!writer->failed && !ra_state_mac_written(state, writer, mac))
        return fail_crypto(error);
    ra_put_bytes(writer, mac, sizeof(mac));
    if (writer->failed || time->realtime.tv_sec <= 0 ||
        time->boottime.tv_sec <= 0 ||
        ra_record_decode(writer->bytes, writer->length, &again) != 0)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "not kept: the proof's time, period or names are not "
                       "usable");
    return 0;
}

static int fail_because(roleauth_error *error, int code, const char *what,
                        const roleauth_error *why)
{
    return ra_fail(error, code, "%s%s%s", what,
                   why->text[0] != '\0' ? ": " : "", why->text);
}

/* A full disk may have room once what has expired is gone. */
static int write_record(const ra_records *records, const char *name,
                        const struct ra_writer *writer,
                        const struct ra_proof_record *proof,
                        roleauth_error *error)
{
    const roleauth_store *store = records->config.store;
    const struct timespec *from = &proof->proved_at.realtime;
    int64_t expires =
        (int64_t)from->tv_sec + proof->period + (from->tv_nsec > 0 ? 1 : 0);
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int rc = store->write(store->data, ROLEAUTH_AREA_RECORDS, name,
                          writer->bytes, writer->length, expires, &why);

    if (rc != 0 && prune(&records->config, name, NULL) == 0) {
        roleauth_error_clear(&why);
        rc = store->write(store->data, ROLEAUTH_AREA_RECORDS, name,
                          writer->bytes, writer->length, expires, &why);
    }
    if (rc != 0)
        return fail_because(error,
                            rc == ROLEAUTH_E_NOT_FOUND ? ROLEAUTH_E_IO : rc,
                            "not kept", &why);
    rc = prune(&records->config, name, &why);
    return rc == 0
               ? 0
               : fail_because(error, ROLEAUTH_E_IO,
                              "kept, but old records were not removed", &why);
}

int ra_records_save(ra_records *records, const struct ra_binding *binding,
                    const struct ra_proof_record *proof, roleauth_error *error)
{
    const struct ra_record_fields fields = {*binding, *proof,
                                            records->state->generation};
    const char *fault = ra_binding_fault(binding);
    unsigned char bytes[RA_RECORD_MAX];
    struct ra_writer writer = {bytes, 0, sizeof(bytes), false};
    char name[NAME_LENGTH + 1];
    int rc;

    if (fault != NULL)
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "%s", fault);
    rc = check_unrevoked(records, binding, error);
    if (rc == 0)
        rc = seal(records->state, &writer, &fields, error);
    if (rc == 0 && !name_of(records->state, binding, name))
        rc = fail_crypto(error);
    if (rc == 0)
        rc = write_record(records, name, &writer, proof, error);
    explicit_bzero(bytes, sizeof(bytes));
    return rc;
}

/* ---- all of them ---- */

struct listing {
    struct view view;
    void (*each)(void *data, const struct reading *reading);
    void *data;
    int rc; /* the first failure that says nothing of a record */
};

static void judge_one(void *data, const char *name, int64_t expires)
{
    struct listing *listing = data;
    struct reading reading;
    int rc;

    (void)expires;
    if (!is_record_name(name))
        return;
    rc = judge(&listing->view, name, OWN_PERIOD, &reading, NULL);
    if (rc == 0)
        listing->each(listing->data, &reading);
    else if ((rc == ROLEAUTH_E_NOMEM || rc == ROLEAUTH_E_INTERNAL) &&
             listing->rc == 0)
        listing->rc = rc;
    explicit_bzero(&reading, sizeof(reading));
}

/* Calls each for every record that is valid under this state. */
static int each_valid(const struct ra_records_config *config,
                      const struct ra_state *state,
                      void (*each)(void *data, const struct reading *reading),
                      void *data, roleauth_error *error)
{
    struct listing listing = {.each = each, .data = data};
    int rc = look(&listing.view, config, state, error);

    if (rc == 0)
        rc = config->store->list(config->store->data, ROLEAUTH_AREA_RECORDS,
                                 judge_one, &listing, error);
    if (rc == 0)
        rc = listing.rc;
    return rc == 0 ? 0 : ra_fail(error, rc, "the records cannot be listed");
}

struct caller {
    void (*each)(void *data, const roleauth_record *record);
    void *data;
    const struct ra_records_config *config;
};

static void tell(void *data, const struct reading *reading)
{
    const struct caller *caller = data;
    const struct ra_records_config *config = caller->config;
    const struct ra_binding *binding = &reading->fields.binding;
    const struct ra_proof_record *proof = &reading->fields.proof;
    bool ends_at_boot = !config->survive_reboot ||
                        (config->triggers != NULL && config->triggers->boot);
    const roleauth_record record = {
        .fname = binding->fname,
        .method = binding->method,
        .user = binding->user,
        .service = binding->service,
        .requester = binding->requester,
        .submit_host = binding->submit_host,
        .scope = binding->scope,
        .proved_at = (int64_t)proof->proved_at.realtime.tv_sec,
        .period = proof->period,
        .age = reading->age,
        .left = reading->left,
        .ended_by = reading->ending == ROLEAUTH_TRIGGER_NONE
                        ? "period"
                        : roleauth_trigger_word(reading->ending),
        .trigger = reading->ending,
        .ends_at = reading->now + reading->left,
        .ends_at_boot = ends_at_boot,
    };

    caller->each(caller->data, &record);
}

int ra_records_list(ra_records *records,
                    void (*each)(void *data, const roleauth_record *record),
                    void *data, roleauth_error *error)
{
    struct caller caller = {each, data, &records->config};
    struct ra_state *state = NULL;
    int rc = read_current(records, &state, error);

    if (rc == 0)
        rc = each_valid(&records->config, state, tell, &caller, error);
    ra_state_free(&state);
    return rc == ROLEAUTH_E_NOT_FOUND ? 0 : rc;
}

/* ---- revoking ---- */

struct tally {
    const char *user, *fname;
    size_t matching, all;
};

static void count(void *data, const struct reading *reading)
{
    struct tally *tally = data;
    const struct ra_binding *binding = &reading->fields.binding;
    bool user = tally->user == NULL ||
                strcmp(tally->user, binding->user) == 0 ||
                (binding->requester != NULL &&
                 strcmp(tally->user, binding->requester) == 0);
    bool fname =
        tally->fname == NULL || strcmp(tally->fname, binding->fname) == 0;

    tally->all++;
    if (user && fname)
        tally->matching++;
}

/* Removes what can never be valid again: another key's, damaged, or revoked.
 * A record that is newer than the state as it was read stays. */
static void sweep_one(void *data, const char *name, int64_t expires)
{
    const struct view *view = data;
    struct reading reading;
    int rc = ROLEAUTH_E_INVALID;

    (void)expires;
    if (!is_record_name(name))
        return;
    if (view->state != NULL) {
        if (read_record(view, name, &reading, NULL) != 0)
            return;
        rc = judge_bytes(view, name, &reading, NULL);
        if (rc == 0)
            rc = judge_generation(view, &reading, NULL);
        explicit_bzero(&reading, sizeof(reading));
    }
    if (rc == ROLEAUTH_E_INVALID || rc == ROLEAUTH_E_NOT_FOUND)
        remove_record(view->store, name);
}

/* Removes what was revoked, so that not even the old state could bring it
 * back.  It is void already: no failure matters here.  Tells whether all was
 * revoked. */
static bool sweep(const struct ra_records_config *config,
                  const struct ra_state *old)
{
    struct ra_state *state = NULL;
    int rc = ra_state_read(config->store, &state, NULL);
    struct view view = {.store = config->store, .state = state};
    bool all = state == NULL || old == NULL ||
               !ra_equal(old->key, state->key, RA_STATE_KEY);

    if (rc == 0 || rc == ROLEAUTH_E_NOT_FOUND)
        (void)config->store->list(config->store->data, ROLEAUTH_AREA_RECORDS,
                                  sweep_one, &view, NULL);
    ra_state_free(&state);
    return all;
}

int ra_records_revoke(const struct ra_records_config *config, const char *user,
                      const char *fname, size_t *ended, roleauth_error *error)
{
    struct tally tally = {user, fname, 0, 0};
    struct ra_state *old = NULL;
    int rc;

    *ended = 0;
    if (is_too_long(user) || is_too_long(fname))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT,
                       "no record has a user or fname of more than %d bytes",
                       ROLEAUTH_MAX_BINDING);
    /* What ends is counted as far as it can be: nothing that goes wrong here
     * may keep it from ending. */
    if (ra_state_read(config->store, &old, NULL) == 0)
        (void)each_valid(config, old, count, &tally, NULL);
    rc = ra_state_revoke(config->store, config->clock, user, fname, error);
    if (rc == 0)
        *ended = sweep(config, old) ? tally.all : tally.matching;
    ra_state_free(&old);
    return rc;
}

/* ---- triggers ---- */

/* Whether a trigger moment has passed since the key was made. */
struct question {
    const struct ra_records_config *config;
    roleauth_moment due;
    bool failed; /* it cannot be told */
};

/* With a state that is damaged, when the last sign-out was is lost as well:
 * then it is time for another. */
static bool is_due(void *data, const struct ra_state *state)
{
    struct question *question = data;
    const struct ra_triggers *triggers = question->config->triggers;
    static const roleauth_time never;
    roleauth_time now;

    question->failed =
        ra_clock_now(question->config->clock, &now) != 0 ||
        ra_triggers_due(triggers, state != NULL ? &state->made : &never, &now,
                        &question->due) != 0;
    return !question->failed && question->due.trigger != ROLEAUTH_TRIGGER_NONE;
}

/* Makes the key that the moments of an interval are counted from. */
static int make_key(const struct ra_records_config *config,
                    roleauth_error *error)
{
    struct ra_state *state = NULL;
    int rc = ra_state_open(config->store, config->clock, &state, error);

    ra_state_free(&state);
    return rc;
}

/* Revokes everything if that is still due.  A trigger has ended these records
 * before, but nobody was told: they end now. */
static int revoke_if_due(struct question *question, const struct ra_state *old,
                         size_t *ended, roleauth_error *error)
{
    struct ra_records_config untriggered = *question->config;
    struct tally tally = {NULL, NULL, 0, 0};
    int rc;

    untriggered.triggers = NULL;
    if (old != NULL)
        (void)each_valid(&untriggered, old, count, &tally, NULL);
    rc = ra_state_revoke_if(untriggered.store, untriggered.clock, is_due,
                            question, error);
    if (rc == 0) {
        (void)sweep(&untriggered, old);
        *ended = tally.all;
    }
    return rc;
}

int ra_records_revoke_due(const struct ra_records_config *config,
                          roleauth_moment *due, size_t *ended,
                          roleauth_error *error)
{
    struct question question = {.config = config};
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_state *old = NULL;
    int rc;

    *ended = 0;
    memset(due, 0, sizeof(*due));
    if (!ra_triggers_any(config->triggers))
        return 0;
    rc = ra_state_read(config->store, &old, &why);
    if (rc == ROLEAUTH_E_NOT_FOUND)
        return make_key(config, error);
    if (rc != 0 && !ra_state_is_lost(rc))
        return ra_fail(error, rc, "%s", why.text);
    rc = is_due(&question, old) ? revoke_if_due(&question, old, ended, error)
                                : ROLEAUTH_E_NOT_FOUND;
    ra_state_free(&old);
    if (question.failed)
        return ra_fail(error, ROLEAUTH_E_IO, "the time cannot be told");
    if (rc == 0)
        *due = question.due;
    return rc == ROLEAUTH_E_NOT_FOUND ? 0 : rc;
}

int ra_records_triggers(const struct ra_records_config *config,
                        roleauth_moment *latest, roleauth_moment *next,
                        roleauth_error *error)
{
    static const struct ra_triggers none;
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_trigger_view view = {.has_boot = true};
    struct ra_state *state = NULL;
    roleauth_time now;
    int rc = ra_state_read(config->store, &state, &why);

    if (rc != 0 && (rc == ROLEAUTH_E_UNTRUSTED || !ra_state_is_lost(rc)))
        return ra_fail(error, rc, "%s", why.text);
    if (ra_clock_now(config->clock, &now) != 0) {
        rc = ra_fail(error, ROLEAUTH_E_IO, "the clock cannot be read");
        goto out;
    }
    view.now = (int64_t)now.realtime.tv_sec;
    view.booted = view.now - (int64_t)now.boottime.tv_sec;
    view.has_anchor = state != NULL;
    if (state != NULL) {
        view.anchor = (int64_t)state->made.realtime.tv_sec;
        view.now = ra_trigger_now(&state->made, &now);
    }
    rc = ra_triggers_around(config->triggers != NULL ? config->triggers : &none,
                            &view, latest, next);
    if (rc != 0)
        rc = ra_fail(error, ROLEAUTH_E_IO,
                     "the date is outside the years 1 to 9999");
out:
    ra_state_free(&state);
    return rc;
}

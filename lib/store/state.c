/* SPDX-License-Identifier: MIT */
/* The format, big-endian:
 *
 *   4  "RATS"               8  generation
 *   2  format version       8  floor of generations
 *   2  1: made by a full    8  trigger moment of the floor, or 0
 *      revocation; or 0     4  count of revocations, and each:
 *   4  length of it all        1  kind
 *  32  key                    32  digest
 *      when it was made:       8  generation
 *   8  realtime seconds     32  HMAC-SHA256 over everything before
 *   4  realtime nanoseconds
 *   8  boottime seconds
 *   4  boottime nanoseconds
 *  16  boot id
 *
 * The MAC is made with the key that it protects.  It is there to find damage:
 * who can write this item can write any, and so revoke, or forge. */
#include "store/state.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

#define MAGIC "RATS"
#define REVOCATION_MAGIC "RAVO"
#define MAGIC_SIZE 4
#define FORMAT_VERSION 2
#define TIME_SIZE (8 + 4 + 8 + 4 + 16)
#define FIXED_SIZE (12 + RA_STATE_KEY + TIME_SIZE + 8 + 8 + 8 + 4)
#define NANOSECONDS 1000000000
#define ENTRY_SIZE (1 + RA_SHA256_SIZE + 8)
#define SIZE_OF(count) (FIXED_SIZE + (count)*ENTRY_SIZE + RA_SHA256_SIZE)
/* Entries: enough as long as little was revoked, and always enough. */
#define FEW ((size_t)16)
#define MOST ((size_t)RA_STATE_REVOCATIONS)

_Static_assert(SIZE_OF(MOST) <= ROLEAUTH_STORE_ITEM, "the state is an item");

void ra_state_free(struct ra_state **state)
{
    if (state == NULL)
        return;
    ra_secret_free(*state);
    *state = NULL;
}

bool ra_state_mac(const struct ra_state *state, const void *bytes,
                  size_t length, unsigned char mac[RA_SHA256_SIZE])
{
    return ra_hmac_sha256(state->key, sizeof(state->key), bytes, length, mac);
}

bool ra_state_mac_written(const struct ra_state *state,
                          const struct ra_writer *writer,
                          unsigned char mac[RA_SHA256_SIZE])
{
    memset(mac, 0, RA_SHA256_SIZE);
    return !writer->failed &&
           ra_state_mac(state, writer->bytes, writer->length, mac);
}

int ra_state_authenticate(const struct ra_state *state, const void *bytes,
                          size_t length)
{
    unsigned char mac[RA_SHA256_SIZE];
    int rc = ROLEAUTH_E_INVALID;

    if (length <= RA_SHA256_SIZE)
        return rc;
    if (!ra_state_mac(state, bytes, length - RA_SHA256_SIZE, mac))
        rc = ROLEAUTH_E_INTERNAL;
    else if (ra_equal((const unsigned char *)bytes + length - RA_SHA256_SIZE,
                      mac, sizeof(mac)))
        rc = 0;
    explicit_bzero(mac, sizeof(mac));
    return rc;
}

static struct ra_state *state_alloc(size_t count)
{
    return ra_secret_alloc(sizeof(struct ra_state) +
                           count * sizeof(struct ra_revocation));
}

/* ---- bytes ---- */

static bool get_clock(struct ra_reader *reader, struct timespec *time)
{
    uint64_t seconds = ra_get_number(reader, 8);
    uint64_t nanoseconds = ra_get_number(reader, 4);

    if (seconds > INT64_MAX || nanoseconds >= NANOSECONDS)
        return false;
    time->tv_sec = (time_t)seconds;
    time->tv_nsec = (long)nanoseconds;
    return true;
}

static bool get_time(struct ra_reader *reader, roleauth_time *time)
{
    const unsigned char *boot_id;

    if (!get_clock(reader, &time->realtime) ||
        !get_clock(reader, &time->boottime))
        return false;
    boot_id = ra_get_bytes(reader, sizeof(time->boot_id));
    if (boot_id != NULL)
        memcpy(time->boot_id, boot_id, sizeof(time->boot_id));
    return boot_id != NULL;
}

static void put_time(struct ra_writer *writer, const roleauth_time *time)
{
    ra_put_number(writer, (uint64_t)time->realtime.tv_sec, 8);
    ra_put_number(writer, (uint64_t)time->realtime.tv_nsec, 4);
    ra_put_number(writer, (uint64_t)time->boottime.tv_sec, 8);
    ra_put_number(writer, (uint64_t)time->boottime.tv_nsec, 4);
    ra_put_bytes(writer, time->boot_id, sizeof(time->boot_id));
}

static bool get_revocations(struct ra_reader *reader, struct ra_state *state)
{
    for (uint32_t i = 0; i < state->count; i++) {
        struct ra_revocation *entry = &state->revocations[i];
        const unsigned char *digest;

        entry->kind = (unsigned char)ra_get_number(reader, 1);
        digest = ra_get_bytes(reader, RA_SHA256_SIZE);
        entry->generation = ra_get_number(reader, 8);
        if (digest == NULL || entry->kind < RA_REVOKED_USER ||
            entry->kind > (RA_REVOKED_USER | RA_REVOKED_FNAME) ||
            entry->generation > state->generation)
            return false;
        memcpy(entry->digest, digest, RA_SHA256_SIZE);
    }
    return true;
}

/* Everything but the entries and the MAC, whose number follows from length. */
static bool get_fixed(struct ra_reader *reader, size_t length,
                      struct ra_state *state)
{
    const unsigned char *magic = ra_get_bytes(reader, MAGIC_SIZE);
    const unsigned char *key;
    uint64_t revoked, passed;

    if (magic == NULL || memcmp(magic, MAGIC, MAGIC_SIZE) != 0 ||
        ra_get_number(reader, 2) != FORMAT_VERSION)
        return false;
    revoked = ra_get_number(reader, 2);
    if (revoked > 1 || ra_get_number(reader, 4) != length)
        return false;
    state->revoked = revoked == 1;
    key = ra_get_bytes(reader, RA_STATE_KEY);
    if (key == NULL)
        return false;
    memcpy(state->key, key, RA_STATE_KEY);
    if (!get_time(reader, &state->made))
        return false;
    state->generation = ra_get_number(reader, 8);
    state->floor = ra_get_number(reader, 8);
    passed = ra_get_number(reader, 8);
    state->passed = passed <= INT64_MAX ? (int64_t)passed : 0;
    state->count = (uint32_t)ra_get_number(reader, 4);
    return state->floor > 0 && state->floor <= state->generation &&
           passed <= INT64_MAX && SIZE_OF((size_t)state->count) == length;
}

/* Into state, which has room for as many entries as length can hold.  Returns
 * 0, ROLEAUTH_E_INVALID or ROLEAUTH_E_INTERNAL. */
static int decode(const unsigned char *bytes, size_t length,
                  struct ra_state *state)
{
    struct ra_reader reader = {bytes, length, false};

    if (length < SIZE_OF(0) || !get_fixed(&reader, length, state) ||
        !get_revocations(&reader, state) || reader.failed)
        return ROLEAUTH_E_INVALID;
    return ra_state_authenticate(state, bytes, length);
}

static bool encode(struct ra_writer *writer, const struct ra_state *state)
{
    unsigned char mac[RA_SHA256_SIZE];

    ra_put_bytes(writer, MAGIC, MAGIC_SIZE);
    ra_put_number(writer, FORMAT_VERSION, 2);
    ra_put_number(writer, state->revoked ? 1 : 0, 2);
    ra_put_number(writer, SIZE_OF((size_t)state->count), 4);
    ra_put_bytes(writer, state->key, RA_STATE_KEY);
    put_time(writer, &state->made);
    ra_put_number(writer, state->generation, 8);
    ra_put_number(writer, state->floor, 8);
    ra_put_number(writer, (uint64_t)state->passed, 8);
    ra_put_number(writer, state->count, 4);
    for (uint32_t i = 0; i < state->count; i++) {
        ra_put_number(writer, state->revocations[i].kind, 1);
        ra_put_bytes(writer, state->revocations[i].digest, RA_SHA256_SIZE);
        ra_put_number(writer, state->revocations[i].generation, 8);
    }
    if (!ra_state_mac_written(state, writer, mac))
        return false;
    ra_put_bytes(writer, mac, sizeof(mac));
    return !writer->failed;
}

/* ---- the item ---- */

/* Reads a state of at most so many entries.  The bytes lie behind it, so that
 * a small one takes one page of secret memory. */
static int read_sized(const roleauth_store *store, size_t most,
                      struct ra_state **state, roleauth_error *error)
{
    size_t size = SIZE_OF(most);
    size_t room = sizeof(struct ra_state) + most * sizeof(struct ra_revocation);
    struct ra_state *made = ra_secret_alloc(room + size);
    unsigned char *bytes;
    size_t length = 0;
    int rc;

    if (made == NULL)
        return ra_fail_nomem(error);
    bytes = (unsigned char *)made + room;
    rc = store->read(store->data, ROLEAUTH_AREA_STATE, RA_STATE_ITEM, bytes,
                     size, &length, error);
    if (rc == 0)
        rc = length <= size ? decode(bytes, length, made) : ROLEAUTH_E_INTERNAL;
    if (rc == 0)
        *state = made;
    else
        ra_state_free(&made);
    return rc;
}

int ra_state_read(const roleauth_store *store, struct ra_state **state,
                  roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int rc;

    *state = NULL;
    rc = read_sized(store, FEW, state, &why);
    if (rc == ROLEAUTH_E_LIMIT) {
        roleauth_error_clear(&why);
        rc = read_sized(store, MOST, state, &why);
    }
    if (rc == 0 || rc == ROLEAUTH_E_NOT_FOUND)
        return rc;
    if (rc == ROLEAUTH_E_NOMEM)
        return ra_fail_nomem(error);
    if (rc == ROLEAUTH_E_INVALID)
        return ra_fail(error, rc, "the state of the records is damaged");
    return ra_fail(error, rc, "the state of the records cannot be read%s%s",
                   why.text[0] != '\0' ? ": " : "", why.text);
}

/* Writes it; only_new: unless there is one. */
static int write_state(const roleauth_store *store,
                       const struct ra_state *state, bool only_new,
                       roleauth_error *error)
{
    size_t size = SIZE_OF((size_t)state->count);
    struct ra_writer writer = {ra_secret_alloc(size), 0, size, false};
    int rc;

    if (writer.bytes == NULL)
        return ra_fail_nomem(error);
    if (!encode(&writer, state))
        rc = ra_fail(error, ROLEAUTH_E_INTERNAL, "libcrypto failed");
    else if (only_new)
        rc = store->create(store->data, ROLEAUTH_AREA_STATE, RA_STATE_ITEM,
                           writer.bytes, writer.length, error);
    else
        rc = store->write(store->data, ROLEAUTH_AREA_STATE, RA_STATE_ITEM,
                          writer.bytes, writer.length, 0, error);
    ra_secret_free(writer.bytes);
    return rc == 0 ? 0
                   : ra_fail(error, rc,
                             "the state of the records cannot be written");
}

/* A state with a new key; NULL: out of memory or of randomness. */
static struct ra_state *new_state(const roleauth_time *made,
                                  uint64_t generation)
{
    struct ra_state *state = state_alloc(0);

    if (state == NULL)
        return NULL;
    state->made = *made;
    state->generation = generation;
    state->floor = 1;
    if (!ra_random(state->key, sizeof(state->key)))
        ra_state_free(&state);
    return state;
}

/* Otherwise it may be there, or it cannot be told: then nothing is touched.  A
 * key that others could read is no key. */
bool ra_state_is_lost(int rc)
{
    return rc == ROLEAUTH_E_NOT_FOUND || rc == ROLEAUTH_E_INVALID ||
           rc == ROLEAUTH_E_LIMIT || rc == ROLEAUTH_E_UNTRUSTED;
}

static int fail_as(roleauth_error *error, int code, const roleauth_error *why)
{
    return ra_fail(error, code, "%s", why->text);
}

/* With the lock held: whoever had it before may have made a state. */
static int make_locked(const roleauth_store *store, const roleauth_time *now,
                       struct ra_state **state, roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    struct ra_state *made;
    int rc = ra_state_read(store, state, &why);

    if (!ra_state_is_lost(rc))
        return rc == 0 ? 0 : fail_as(error, rc, &why);
    made = new_state(now, 1);
    if (made == NULL)
        return ra_fail_nomem(error);
    rc = write_state(store, made, rc == ROLEAUTH_E_NOT_FOUND, error);
    ra_state_free(&made);
    return rc == 0 ? ra_state_read(store, state, error) : rc;
}

int ra_state_open(const roleauth_store *store, const roleauth_clock *clock,
                  struct ra_state **state, roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    roleauth_time now;
    int rc = ra_state_read(store, state, &why);

    if (!ra_state_is_lost(rc))
        return rc == 0 ? 0 : fail_as(error, rc, &why);
    if (ra_clock_now(clock, &now) != 0)
        return ra_fail(error, ROLEAUTH_E_IO, "the clock cannot be read");
    rc = store->lock(store->data, error);
    if (rc != 0)
        return ra_fail(error, rc, "the state of the records is locked");
    rc = make_locked(store, &now, state, error);
    store->unlock(store->data);
    return rc == ROLEAUTH_E_NOT_FOUND
               ? ra_fail(error, ROLEAUTH_E_IO,
                         "the state of the records went away")
               : rc;
}

/* ---- revocation ---- */

/* Of the names that kind tells; the other one is not looked at. */
static bool digest_of(const struct ra_state *state, unsigned kind,
                      const char *user, const char *fname,
                      unsigned char digest[RA_SHA256_SIZE])
{
    unsigned char bytes[2 * (ROLEAUTH_MAX_BINDING + 1) + 8];
    struct ra_writer writer = {bytes, 0, sizeof(bytes), false};

    ra_put_bytes(&writer, REVOCATION_MAGIC, MAGIC_SIZE);
    ra_put_number(&writer, kind, 1);
    if ((kind & RA_REVOKED_USER) != 0)
        ra_put_text(&writer, user);
    if ((kind & RA_REVOKED_FNAME) != 0)
        ra_put_text(&writer, fname);
    return ra_state_mac_written(state, &writer, digest);
}

static const struct ra_revocation *
find_revocation(const struct ra_state *state, unsigned kind,
                const unsigned char digest[RA_SHA256_SIZE])
{
    for (uint32_t i = 0; i < state->count; i++) {
        const struct ra_revocation *entry = &state->revocations[i];

        if (entry->kind == kind &&
            memcmp(entry->digest, digest, RA_SHA256_SIZE) == 0)
            return entry;
    }
    return NULL;
}

static bool raise_floor(const struct ra_state *state, unsigned kind,
                        const char *user, const char *fname, uint64_t *floor)
{
    unsigned char digest[RA_SHA256_SIZE];
    const struct ra_revocation *entry;

    if (!digest_of(state, kind, user, fname, digest))
        return false;
    entry = find_revocation(state, kind, digest);
    if (entry != NULL && entry->generation > *floor)
        *floor = entry->generation;
    return true;
}

bool ra_state_floor(const struct ra_state *state, const char *user,
                    const char *requester, const char *fname, uint64_t *floor)
{
    const unsigned both = RA_REVOKED_USER | RA_REVOKED_FNAME;

    *floor = state->floor;
    if (state->count == 0)
        return true;
    if (!raise_floor(state, RA_REVOKED_FNAME, NULL, fname, floor) ||
        !raise_floor(state, RA_REVOKED_USER, user, NULL, floor) ||
        !raise_floor(state, both, user, fname, floor))
        return false;
    return requester == NULL ||
           (raise_floor(state, RA_REVOKED_USER, requester, NULL, floor) &&
            raise_floor(state, both, requester, fname, floor));
}

/* A copy with one more entry, or a later one; NULL: there is no room for it,
 * or no memory. */
static struct ra_state *add_revocation(const struct ra_state *old,
                                       const char *user, const char *fname)
{
    unsigned kind = (user != NULL ? RA_REVOKED_USER : 0) |
                    (fname != NULL ? RA_REVOKED_FNAME : 0);
    unsigned char digest[RA_SHA256_SIZE];
    const struct ra_revocation *found;
    struct ra_state *state;
    size_t at;

    if (old->generation == UINT64_MAX ||
        !digest_of(old, kind, user, fname, digest))
        return NULL;
    found = find_revocation(old, kind, digest);
    at = found != NULL ? (size_t)(found - old->revocations) : old->count;
    if (at >= RA_STATE_REVOCATIONS ||
        (state = state_alloc((size_t)old->count + 1)) == NULL)
        return NULL;
    memcpy(state, old, sizeof(*old) + old->count * sizeof(*found));
    if (found == NULL)
        state->count++;
    state->generation++;
    state->revocations[at].kind = (unsigned char)kind;
    memcpy(state->revocations[at].digest, digest, sizeof(digest));
    state->revocations[at].generation = state->generation;
    return state;
}

/* What is to be revoked, and what became of that. */
struct revoking {
    const char *user, *fname;
    /* Is it still wanted?  NULL: it is. */
    bool (*wanted)(void *data, const struct ra_state *state);
    void *data;
    bool unwanted; /* nothing was done, nor is to be done */
};

/* What is to be written instead of old, which may be NULL.  Whatever stands
 * in the way of revoking a part revokes it all. */
static struct ra_state *revoked_state(const struct ra_state *old,
                                      const roleauth_clock *clock,
                                      const struct revoking *revoking)
{
    struct ra_state *state = NULL;
    roleauth_time now;
    uint64_t generation = 1;

    if (old != NULL && (revoking->user != NULL || revoking->fname != NULL))
        state = add_revocation(old, revoking->user, revoking->fname);
    if (state != NULL)
        return state;
    /* Without a clock, the moment of the last one: earlier, and so on the
     * safe side for whatever is counted from it. */
    if (ra_clock_now(clock, &now) != 0 && old != NULL)
        now = old->made;
    if (old != NULL && old->generation < UINT64_MAX)
        generation = old->generation + 1;
    state = new_state(&now, generation);
    if (state != NULL)
        state->revoked = true;
    return state;
}

/* rc: of reading old. */
static bool is_wanted(const struct revoking *revoking, int rc,
                      const struct ra_state *old)
{
    if (revoking->wanted == NULL)
        return true;
    /* Whoever removed it has revoked everything that way. */
    return rc != ROLEAUTH_E_NOT_FOUND && revoking->wanted(revoking->data, old);
}

static int replace_locked(const roleauth_store *store,
                          const roleauth_clock *clock,
                          struct revoking *revoking, roleauth_error *error)
{
    struct ra_state *old = NULL;
    struct ra_state *state = NULL;
    int rc = ra_state_read(store, &old, error);

    if (rc != 0 && !ra_state_is_lost(rc))
        return rc;
    roleauth_error_clear(error);
    revoking->unwanted = !is_wanted(revoking, rc, old);
    if (revoking->unwanted) {
        rc = 0;
    } else {
        state = revoked_state(old, clock, revoking);
        rc = state != NULL ? write_state(store, state, false, error)
                           : ra_fail_nomem(error);
    }
    ra_state_free(&state);
    ra_state_free(&old);
    return rc;
}

/* Not an error: the code of *error stays ROLEAUTH_OK. */
static void tell_removal(roleauth_error *error, const char *why)
{
    roleauth_error note = ROLEAUTH_ERROR_INIT;

    (void)ra_fail(&note, ROLEAUTH_E_IO,
                  "everything was revoked, by removing the key: %s", why);
    if (error != NULL && error->code == ROLEAUTH_OK)
        memcpy(error->text, note.text, sizeof(error->text));
}

/* The last resort, when no new state can be written.  Only while nobody else
 * can be writing one: who is slow would bring the old key back. */
static int remove_state(const roleauth_store *store, int rc, const char *why,
                        roleauth_error *error)
{
    if (store->remove(store->data, ROLEAUTH_AREA_STATE, RA_STATE_ITEM, NULL) !=
        0)
        return ra_fail(error, rc, "nothing was revoked: %s", why);
    tell_removal(error, why);
    return 0;
}

static int revoke(const roleauth_store *store, const roleauth_clock *clock,
                  struct revoking *revoking, roleauth_error *error)
{
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int rc = store->lock(store->data, &why);

    /* Where there is no room for a lock, nobody holds one. */
    if (rc == ROLEAUTH_E_LIMIT)
        return remove_state(store, rc, why.text, error);
    if (rc != 0)
        return ra_fail(error, rc, "nothing was revoked, try again: %s",
                       why.text);
    rc = replace_locked(store, clock, revoking, &why);
    if (rc != 0)
        rc = remove_state(store, rc, why.text, error);
    store->unlock(store->data);
    return rc;
}

int ra_state_revoke(const roleauth_store *store, const roleauth_clock *clock,
                    const char *user, const char *fname, roleauth_error *error)
{
    struct revoking revoking = {.user = user, .fname = fname};

    return revoke(store, clock, &revoking, error);
}

int ra_state_revoke_if(const roleauth_store *store, const roleauth_clock *clock,
                       bool (*wanted)(void *data, const struct ra_state *state),
                       void *data, roleauth_error *error)
{
    struct revoking revoking = {.wanted = wanted, .data = data};
    int rc = revoke(store, clock, &revoking, error);

    return rc == 0 && revoking.unwanted ? ROLEAUTH_E_NOT_FOUND : rc;
}

/* ---- trigger moments ---- */

/* With the lock held.  The revocations of parts are older than the floor. */
static int pass_locked(const roleauth_store *store, int64_t moment,
                       roleauth_error *error)
{
    struct ra_state *state = NULL;
    int rc = ra_state_read(store, &state, error);

    if (rc != 0)
        return rc;
    if (state->passed != moment) {
        /* It cannot wrap around: then a full revocation is what is left. */
        if (state->generation == UINT64_MAX) {
            rc = ra_fail(error, ROLEAUTH_E_LIMIT, "there were too many");
        } else {
            state->floor = ++state->generation;
            state->passed = moment;
            state->count = 0;
            rc = write_state(store, state, false, error);
        }
    }
    ra_state_free(&state);
    return rc;
}

int ra_state_pass(const roleauth_store *store, int64_t moment,
                  roleauth_error *error)
{
    int rc = store->lock(store->data, error);

    if (rc != 0)
        return rc;
    rc = pass_locked(store, moment, error);
    store->unlock(store->data);
    return rc;
}

/* SPDX-License-Identifier: MIT */
/* The format, big-endian:
 *
 *   4  "RATR"                    4  uid, or 0
 *   2  format version           32  credential, or zeros
 *   2  flags                     -  for each text that the flags tell:
 *   4  length of it all              2  length without the NUL
 *   8  generation                    -  bytes and a NUL
 *   4  period                   32  HMAC-SHA256 over everything before
 *   8  realtime seconds
 *   4  realtime nanoseconds
 *   8  boottime seconds
 *   4  boottime nanoseconds
 *  16  boot id
 *
 * The first four bytes differ from those of everything else that the key
 * authenticates, so that no MAC can be used in another place. */
#include "store/record.h"

#include <string.h>

#define MAGIC "RATR"
#define MAGIC_SIZE 4
#define FORMAT_VERSION 1
#define NANOSECONDS 1000000000L

/* Flags. */
#define HAS_UID 1U
#define HAS_CREDENTIAL 2U
#define HAS_TEXT(index) (4U << (index))
#define TEXTS 7
#define ALL_FLAGS (HAS_TEXT(TEXTS) - 1U)
#define NEEDED_FLAGS (HAS_TEXT(0) | HAS_TEXT(1) | HAS_TEXT(2))

/* fname, method and user, which are always there, then the others. */
static const char **text_at(struct ra_binding *binding, unsigned index)
{
    const char **const texts[TEXTS] = {
        &binding->fname,   &binding->method,    &binding->user,
        &binding->service, &binding->requester, &binding->submit_host,
        &binding->scope};

    return texts[index];
}

static const char *text_of(const struct ra_binding *binding, unsigned index)
{
    struct ra_binding copy = *binding;

    return *text_at(&copy, index);
}

static unsigned flags_of(const struct ra_binding *binding)
{
    unsigned flags = binding->has_uid ? HAS_UID : 0;

    for (unsigned i = 0; i < TEXTS; i++)
        if (text_of(binding, i) != NULL)
            flags |= HAS_TEXT(i);
    return flags;
}

static void put_texts(struct ra_writer *writer,
                      const struct ra_binding *binding)
{
    for (unsigned i = 0; i < TEXTS; i++) {
        const char *text = text_of(binding, i);

        if (text == NULL)
            continue;
        if (strlen(text) > ROLEAUTH_MAX_BINDING) {
            writer->failed = true;
            return;
        }
        ra_put_number(writer, strlen(text), 2);
        ra_put_text(writer, text);
    }
}

void ra_record_put_binding(struct ra_writer *writer,
                           const struct ra_binding *binding)
{
    ra_put_number(writer, flags_of(binding), 2);
    ra_put_number(writer, binding->has_uid ? binding->uid : 0, 4);
    put_texts(writer, binding);
}

static void put_time(struct ra_writer *writer, const struct timespec *time)
{
    ra_put_number(writer, (uint64_t)time->tv_sec, 8);
    ra_put_number(writer, (uint64_t)time->tv_nsec, 4);
}

void ra_record_encode(struct ra_writer *writer,
                      const struct ra_record_fields *fields)
{
    static const unsigned char none[RA_SHA256_SIZE];
    const struct ra_binding *binding = &fields->binding;
    const struct ra_proof_record *proof = &fields->proof;
    size_t start = writer->length;
    struct ra_writer length = {NULL, 0, 4, false};

    ra_put_bytes(writer, MAGIC, MAGIC_SIZE);
    ra_put_number(writer, FORMAT_VERSION, 2);
    ra_put_number(
        writer,
        flags_of(binding) | (proof->has_credential ? HAS_CREDENTIAL : 0), 2);
    length.bytes = writer->bytes + writer->length;
    ra_put_number(writer, 0, 4);
    ra_put_number(writer, fields->generation, 8);
    ra_put_number(writer, proof->period, 4);
    put_time(writer, &proof->proved_at.realtime);
    put_time(writer, &proof->proved_at.boottime);
    ra_put_bytes(writer, proof->proved_at.boot_id,
                 sizeof(proof->proved_at.boot_id));
    ra_put_number(writer, binding->has_uid ? binding->uid : 0, 4);
    ra_put_bytes(writer, proof->has_credential ? proof->credential : none,
                 RA_SHA256_SIZE);
    put_texts(writer, binding);
    if (!writer->failed)
        ra_put_number(&length, writer->length - start + RA_SHA256_SIZE, 4);
}

static bool get_time(struct ra_reader *reader, struct timespec *time)
{
    uint64_t seconds = ra_get_number(reader, 8);
    uint64_t nanoseconds = ra_get_number(reader, 4);

    if (seconds > INT64_MAX || nanoseconds >= NANOSECONDS)
        return false;
    time->tv_sec = (time_t)seconds;
    time->tv_nsec = (long)nanoseconds;
    return true;
}

/* A text and its NUL; NULL: none such. */
static const char *get_text(struct ra_reader *reader)
{
    size_t length = (size_t)ra_get_number(reader, 2);
    const unsigned char *text;

    if (length > ROLEAUTH_MAX_BINDING)
        return NULL;
    text = ra_get_bytes(reader, length + 1);
    if (text == NULL || memchr(text, '\0', length + 1) != text + length)
        return NULL;
    return (const char *)text;
}

static bool get_texts(struct ra_reader *reader, unsigned flags,
                      struct ra_binding *binding)
{
    for (unsigned i = 0; i < TEXTS; i++) {
        const char *text;

        if ((flags & HAS_TEXT(i)) == 0)
            continue;
        if ((text = get_text(reader)) == NULL)
            return false;
        *text_at(binding, i) = text;
    }
    return true;
}

/* The credential is zero where there is none: one encoding only. */
static bool get_credential(struct ra_reader *reader,
                           struct ra_proof_record *proof)
{
    static const unsigned char none[RA_SHA256_SIZE];
    const unsigned char *bytes = ra_get_bytes(reader, RA_SHA256_SIZE);

    if (bytes == NULL)
        return false;
    memcpy(proof->credential, bytes, RA_SHA256_SIZE);
    return proof->has_credential || memcmp(bytes, none, sizeof(none)) == 0;
}

static bool get_proof(struct ra_reader *reader, struct ra_proof_record *proof)
{
    const unsigned char *boot_id;

    proof->period = (uint32_t)ra_get_number(reader, 4);
    if (proof->period == 0 || proof->period > ROLEAUTH_MAX_PERIOD ||
        !get_time(reader, &proof->proved_at.realtime) ||
        !get_time(reader, &proof->proved_at.boottime))
        return false;
    boot_id = ra_get_bytes(reader, sizeof(proof->proved_at.boot_id));
    if (boot_id == NULL)
        return false;
    memcpy(proof->proved_at.boot_id, boot_id, sizeof(proof->proved_at.boot_id));
    return true;
}

static bool decode(const void *bytes, size_t length,
                   struct ra_record_fields *fields)
{
    struct ra_reader reader = {bytes, length - RA_SHA256_SIZE, false};
    const unsigned char *magic = ra_get_bytes(&reader, MAGIC_SIZE);
    unsigned flags;

    if (magic == NULL || memcmp(magic, MAGIC, MAGIC_SIZE) != 0 ||
        ra_get_number(&reader, 2) != FORMAT_VERSION)
        return false;
    flags = (unsigned)ra_get_number(&reader, 2);
    if ((flags & ~ALL_FLAGS) != 0 || (flags & NEEDED_FLAGS) != NEEDED_FLAGS ||
        ra_get_number(&reader, 4) != length)
        return false;
    fields->binding.has_uid = (flags & HAS_UID) != 0;
    fields->proof.has_credential = (flags & HAS_CREDENTIAL) != 0;
    fields->generation = ra_get_number(&reader, 8);
    if (!get_proof(&reader, &fields->proof))
        return false;
    fields->binding.uid = (uint32_t)ra_get_number(&reader, 4);
    if (!fields->binding.has_uid && fields->binding.uid != 0)
        return false;
    return get_credential(&reader, &fields->proof) &&
           get_texts(&reader, flags, &fields->binding) && !reader.failed &&
           reader.left == 0;
}

int ra_record_decode(const void *bytes, size_t length,
                     struct ra_record_fields *fields)
{
    memset(fields, 0, sizeof(*fields));
    if (length > RA_SHA256_SIZE && length <= RA_RECORD_MAX &&
        decode(bytes, length, fields))
        return 0;
    memset(fields, 0, sizeof(*fields));
    return ROLEAUTH_E_INVALID;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool ra_binding_equal(const struct ra_binding *a, const struct ra_binding *b)
{
    if (a->has_uid != b->has_uid || (a->has_uid && a->uid != b->uid))
        return false;
    for (unsigned i = 0; i < TEXTS; i++)
        if (!same_text(text_of(a, i), text_of(b, i)))
            return false;
    return true;
}

/* Whole seconds from then to now; -1: then is zero or later than now. */
static int64_t seconds_since(const struct timespec *then,
                             const struct timespec *now)
{
    int64_t seconds;

    if (then->tv_sec <= 0 || then->tv_nsec < 0 ||
        then->tv_nsec >= NANOSECONDS || now->tv_sec < then->tv_sec)
        return -1;
    seconds = (int64_t)now->tv_sec - (int64_t)then->tv_sec;
    /* A second that has only begun does not count; before the first one,
     * this is -1. */
    return now->tv_nsec < then->tv_nsec ? seconds - 1 : seconds;
}

/* CVE-2013-1775: neither a clock that was set nor a time of zero may make a
 * proof look fresh. */
enum ra_freshness ra_proof_freshness(const struct ra_proof_record *proof,
                                     const roleauth_time *now, uint32_t period,
                                     bool survive_reboot, uint32_t *age)
{
    const roleauth_time *then = &proof->proved_at;
    uint32_t window = proof->period < period ? proof->period : period;
    int64_t real = seconds_since(&then->realtime, &now->realtime);
    int64_t boot = seconds_since(&then->boottime, &now->boottime);
    bool same_boot =
        memcmp(then->boot_id, now->boot_id, sizeof(now->boot_id)) == 0;

    *age = 0;
    if (!same_boot && !survive_reboot)
        return RA_STALE_OTHER_BOOT;
    if (!same_boot)
        boot = then->boottime.tv_sec > 0 ? 0 : -1;
    if (real < 0 || boot < 0)
        return RA_STALE_FUTURE;
    if (real >= window || boot >= window)
        return RA_STALE_EXPIRED;
    *age = (uint32_t)(real > boot ? real : boot);
    return RA_FRESH;
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/record.h"

#define NOW 1780315200

/* Where the format has its fields; record.c tells. */
enum {
    AT_MAGIC = 0,
    AT_VERSION = 4,
    AT_FLAGS = 6,
    AT_LENGTH = 8,
    AT_GENERATION = 12,
    AT_PERIOD = 20,
    AT_REALTIME = 24,
    AT_REAL_NANOSECONDS = 32,
    AT_BOOTTIME = 36,
    AT_BOOT_NANOSECONDS = 44,
    AT_BOOT_ID = 48,
    AT_UID = 64,
    AT_CREDENTIAL = 68,
    AT_TEXTS = 100
};

static struct ra_record_fields sample(void)
{
    struct ra_record_fields fields = {
        .binding = {.fname = "/opt/pbul/gp001",
                    .method = "getuserpasswdpam",
                    .user = "dba",
                    .has_uid = true,
                    .uid = 1234,
                    .service = "login",
                    .requester = "alice",
                    .submit_host = "host.example",
                    .scope = "pts/3 4711"},
        .proof = {.proved_at = {{NOW, 123456789}, {3600, 999999999}, "boot"},
                  .period = 300,
                  .has_credential = true,
                  .credential = "credential"},
        .generation = 7,
    };

    return fields;
}

/* The whole record; a MAC of sevens. */
static size_t encode(const struct ra_record_fields *fields,
                     unsigned char bytes[RA_RECORD_MAX])
{
    struct ra_writer writer = {bytes, 0, RA_RECORD_MAX, false};

    ra_record_encode(&writer, fields);
    if (writer.failed)
        return 0;
    memset(bytes + writer.length, 7, RA_SHA256_SIZE);
    return writer.length + RA_SHA256_SIZE;
}

/* From memory of its exact size, so that a sanitizer sees a byte too many. */
static int decode(const unsigned char *bytes, size_t length,
                  struct ra_record_fields *fields)
{
    unsigned char *copy = malloc(length > 0 ? length : 1);
    int rc;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    rc = ra_record_decode(copy, length, fields);
    free(copy);
    return rc;
}

static void assert_same(const struct ra_record_fields *a,
                        const struct ra_record_fields *b)
{
    assert_true(ra_binding_equal(&a->binding, &b->binding));
    assert_true(a->generation == b->generation);
    assert_int_equal(a->proof.period, b->proof.period);
    assert_int_equal(a->proof.proved_at.realtime.tv_sec,
                     b->proof.proved_at.realtime.tv_sec);
    assert_int_equal(a->proof.proved_at.realtime.tv_nsec,
                     b->proof.proved_at.realtime.tv_nsec);
    assert_int_equal(a->proof.proved_at.boottime.tv_sec,
                     b->proof.proved_at.boottime.tv_sec);
    assert_int_equal(a->proof.proved_at.boottime.tv_nsec,
                     b->proof.proved_at.boottime.tv_nsec);
    assert_memory_equal(a->proof.proved_at.boot_id, b->proof.proved_at.boot_id,
                        16);
    assert_int_equal(a->proof.has_credential, b->proof.has_credential);
    assert_memory_equal(a->proof.credential, b->proof.credential, 32);
}

static void round_trip(const struct ra_record_fields *fields)
{
    unsigned char bytes[RA_RECORD_MAX];
    struct ra_record_fields again;
    size_t length = encode(fields, bytes);

    assert_true(length > 0);
    assert_int_equal(ra_record_decode(bytes, length, &again), 0);
    assert_same(fields, &again);
}

static void record_comes_back(void **state)
{
    struct ra_record_fields fields = sample();
    char longest[ROLEAUTH_MAX_BINDING + 1];

    (void)state;
    round_trip(&fields);
    fields.generation = UINT64_MAX;
    fields.proof.period = ROLEAUTH_MAX_PERIOD;
    fields.binding.uid = UINT32_MAX;
    round_trip(&fields);
    fields.binding.service = NULL;
    fields.binding.submit_host = NULL;
    fields.binding.scope = "";
    round_trip(&fields);
    fields.binding.has_uid = false;
    fields.binding.uid = 0;
    fields.proof.has_credential = false;
    memset(fields.proof.credential, 0, sizeof(fields.proof.credential));
    round_trip(&fields);
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    fields.binding.fname = fields.binding.method = fields.binding.user =
        fields.binding.service = fields.binding.requester =
            fields.binding.submit_host = fields.binding.scope = longest;
    round_trip(&fields);
}

static void too_long_a_text_has_no_record(void **state)
{
    struct ra_record_fields fields = sample();
    unsigned char bytes[RA_RECORD_MAX];
    char longer[ROLEAUTH_MAX_BINDING + 2];

    (void)state;
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    fields.binding.scope = longer;
    assert_int_equal(encode(&fields, bytes), 0);
}

static void every_other_length_is_refused(void **state)
{
    const struct ra_record_fields fields = sample();
    unsigned char bytes[RA_RECORD_MAX + 64];
    struct ra_record_fields again;
    size_t length = encode(&fields, bytes);

    (void)state;
    memset(bytes + length, 0, sizeof(bytes) - length);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        assert_int_equal(decode(bytes, i, &again),
                         i == length ? 0 : ROLEAUTH_E_INVALID);
        if (i != length)
            assert_null(again.binding.fname);
    }
}

/* Also when the length in the record follows. */
static void truncated_and_extended_texts_are_refused(void **state)
{
    const struct ra_record_fields fields = sample();
    unsigned char bytes[RA_RECORD_MAX];
    struct ra_record_fields again;
    size_t length = encode(&fields, bytes);

    (void)state;
    for (size_t i = 0; i < length + 100; i++) {
        bytes[AT_LENGTH + 2] = (unsigned char)(i >> 8);
        bytes[AT_LENGTH + 3] = (unsigned char)i;
        assert_int_equal(decode(bytes, i, &again),
                         i == length ? 0 : ROLEAUTH_E_INVALID);
    }
}

/* What is valid has one encoding: whatever is flipped, it is refused, or is
 * another record that encodes to those very bytes. */
static void flipped_bits_never_hide(void **state)
{
    const struct ra_record_fields fields = sample();
    unsigned char bytes[RA_RECORD_MAX], again_bytes[RA_RECORD_MAX];
    struct ra_record_fields again;
    size_t length = encode(&fields, bytes);

    (void)state;
    for (size_t bit = 0; bit < 8 * (length - RA_SHA256_SIZE); bit++) {
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        if (ra_record_decode(bytes, length, &again) == 0) {
            assert_int_equal(encode(&again, again_bytes), length);
            assert_memory_equal(bytes, again_bytes, length);
        }
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    assert_int_equal(ra_record_decode(bytes, length, &again), 0);
}

static void change(size_t at, size_t count, uint64_t value)
{
    const struct ra_record_fields fields = sample();
    unsigned char bytes[RA_RECORD_MAX];
    struct ra_record_fields again;
    size_t length = encode(&fields, bytes);
    struct ra_writer writer = {bytes + at, 0, count, false};

    ra_put_number(&writer, value, (unsigned)count);
    assert_int_equal(decode(bytes, length, &again), ROLEAUTH_E_INVALID);
    assert_null(again.binding.fname);
}

static void impossible_values_are_refused(void **state)
{
    (void)state;
    change(AT_MAGIC, 1, 'r');
    change(AT_VERSION, 2, 0);
    change(AT_VERSION, 2, 2);
    change(AT_FLAGS, 2, 0xFFFF);
    change(AT_FLAGS, 2, 0x1FE); /* a uid, and no flag that says so */
    change(AT_FLAGS, 2, 0x1FD); /* a credential, likewise */
    change(AT_FLAGS, 2, 0x1FB); /* no fname */
    change(AT_FLAGS, 2, 0x1F7); /* no method */
    change(AT_FLAGS, 2, 0x1EF); /* no user */
    change(AT_PERIOD, 4, 0);
    change(AT_PERIOD, 4, ROLEAUTH_MAX_PERIOD + 1);
    change(AT_REALTIME, 8, UINT64_MAX);
    change(AT_BOOTTIME, 8, (uint64_t)1 << 63);
    change(AT_REAL_NANOSECONDS, 4, 1000000000);
    change(AT_BOOT_NANOSECONDS, 4, UINT32_MAX);
    change(AT_TEXTS, 2, ROLEAUTH_MAX_BINDING + 1);
    change(AT_TEXTS, 2, 0);
    change(AT_TEXTS + 2, 1, 0); /* a NUL within */
}

/* Any bytes at all; a fuzzer goes further. */
static void random_bytes_do_no_harm(void **state)
{
    const struct ra_record_fields fields = sample();
    unsigned char bytes[RA_RECORD_MAX];
    struct ra_record_fields again;

    (void)state;
    srandom(1);
    for (int i = 0; i < 20000; i++) {
        size_t length = encode(&fields, bytes);

        for (int j = 0; j < 1 + i % 8; j++)
            bytes[(size_t)random() % length] = (unsigned char)random();
        if (i % 3 == 0)
            length = (size_t)random() % length;
        (void)decode(bytes, length, &again);
    }
}

static void each_field_of_a_binding_counts(void **state)
{
    struct ra_binding a = sample().binding;
    const char **texts[] = {&a.fname,     &a.method,      &a.user, &a.service,
                            &a.requester, &a.submit_host, &a.scope};
    const struct ra_binding b = a;
    unsigned char first[RA_RECORD_MAX], second[RA_RECORD_MAX];
    struct ra_writer one = {first, 0, sizeof(first), false};

    (void)state;
    ra_record_put_binding(&one, &b);
    for (size_t i = 0; i < 2 * 7 + 2; i++) {
        struct ra_writer two = {second, 0, sizeof(second), false};

        a = b;
        if (i < 7)
            *texts[i] = "other";
        else if (i < 14)
            *texts[i - 7] = NULL;
        else if (i == 14)
            a.uid++;
        else
            a.has_uid = false;
        assert_false(ra_binding_equal(&a, &b));
        assert_false(ra_binding_equal(&b, &a));
        ra_record_put_binding(&two, &a);
        assert_false(one.length == two.length &&
                     memcmp(first, second, one.length) == 0);
        a = b;
        assert_true(ra_binding_equal(&a, &b));
    }
}

/* "ab" and "c" are not "a" and "bc", nor is an absent text an empty one. */
static void bindings_do_not_run_together(void **state)
{
    struct ra_binding a = {.fname = "ab", .method = "c", .user = "d"};
    struct ra_binding b = {.fname = "a", .method = "bc", .user = "d"};
    unsigned char first[256], second[256];
    struct ra_writer one = {first, 0, sizeof(first), false};
    struct ra_writer two = {second, 0, sizeof(second), false};

    (void)state;
    ra_record_put_binding(&one, &a);
    ra_record_put_binding(&two, &b);
    assert_int_equal(one.length, two.length);
    assert_memory_not_equal(first, second, one.length);
    b = a;
    b.scope = "";
    assert_false(ra_binding_equal(&a, &b));
}

static enum ra_freshness fresh(int64_t real, int64_t boot, uint32_t period,
                               uint32_t *age)
{
    struct ra_proof_record proof = sample().proof;
    roleauth_time now = proof.proved_at;

    now.realtime.tv_sec += (time_t)real;
    now.boottime.tv_sec += (time_t)boot;
    return ra_proof_freshness(&proof, &now, period, false, age);
}

static void both_clocks_must_agree(void **state)
{
    uint32_t age;

    (void)state;
    assert_int_equal(fresh(0, 0, 300, &age), RA_FRESH);
    assert_int_equal(age, 0);
    assert_int_equal(fresh(299, 298, 300, &age), RA_FRESH);
    assert_int_equal(age, 299);
    assert_int_equal(fresh(298, 299, 9999, &age), RA_FRESH);
    assert_int_equal(age, 299);
    assert_int_equal(fresh(300, 299, 300, &age), RA_STALE_EXPIRED);
    assert_int_equal(fresh(299, 300, 300, &age), RA_STALE_EXPIRED);
    assert_int_equal(fresh(300, 300, 9999, &age), RA_STALE_EXPIRED);
    assert_int_equal(fresh(0, 9999999, 300, &age), RA_STALE_EXPIRED);
    assert_int_equal(fresh(9999999, 0, 300, &age), RA_STALE_EXPIRED);
    assert_int_equal(fresh(-1, 10, 300, &age), RA_STALE_FUTURE);
    assert_int_equal(fresh(10, -1, 300, &age), RA_STALE_FUTURE);
    assert_int_equal(age, 0);
}

static void the_smaller_window_counts(void **state)
{
    uint32_t age;

    (void)state;
    assert_int_equal(fresh(99, 99, 100, &age), RA_FRESH);
    assert_int_equal(fresh(100, 99, 100, &age), RA_STALE_EXPIRED);
    assert_int_equal(fresh(0, 0, 0, &age), RA_STALE_EXPIRED);
    assert_int_equal(fresh(300, 0, UINT32_MAX, &age), RA_STALE_EXPIRED);
}

static void parts_of_a_second_count(void **state)
{
    struct ra_proof_record proof = sample().proof;
    roleauth_time now = proof.proved_at;
    uint32_t age;

    (void)state;
    now.realtime.tv_nsec--;
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, false, &age),
                     RA_STALE_FUTURE);
    now.realtime.tv_sec += 300;
    now.boottime.tv_sec += 300;
    now.boottime.tv_nsec--;
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, false, &age),
                     RA_FRESH);
    assert_int_equal(age, 299);
    now.boottime.tv_nsec++;
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, false, &age),
                     RA_STALE_EXPIRED);
}

static void zero_is_never_valid(void **state)
{
    const struct ra_proof_record good = sample().proof;
    roleauth_time now = good.proved_at;
    struct ra_proof_record proof;
    uint32_t age;

    (void)state;
    for (int survive = 0; survive < 2; survive++) {
        now.boot_id[0] = (unsigned char)survive;
        proof = good;
        proof.proved_at.boot_id[0] = 0;
        assert_int_equal(ra_proof_freshness(&proof, &now, 300, survive, &age),
                         RA_FRESH);
        proof.proved_at.realtime.tv_sec = 0;
        assert_int_equal(ra_proof_freshness(&proof, &now, 300, survive, &age),
                         RA_STALE_FUTURE);
        proof.proved_at.realtime = good.proved_at.realtime;
        proof.proved_at.boottime.tv_sec = 0;
        assert_int_equal(ra_proof_freshness(&proof, &now, 300, survive, &age),
                         RA_STALE_FUTURE);
    }
    /* Not even where all clocks say zero. */
    memset(&proof.proved_at, 0, sizeof(proof.proved_at));
    memset(&now, 0, sizeof(now));
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, false, &age),
                     RA_STALE_FUTURE);
}

static void another_boot_is_another_clock(void **state)
{
    const struct ra_proof_record proof = sample().proof;
    roleauth_time now = proof.proved_at;
    uint32_t age;

    (void)state;
    now.boot_id[15] ^= 1;
    now.realtime.tv_sec += 100;
    now.boottime.tv_sec = 5;
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, false, &age),
                     RA_STALE_OTHER_BOOT);
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, true, &age),
                     RA_FRESH);
    assert_int_equal(age, 100);
    now.boottime.tv_sec = 900000;
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, true, &age),
                     RA_FRESH);
    now.realtime.tv_sec += 200;
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, true, &age),
                     RA_STALE_EXPIRED);
    now.realtime.tv_sec -= 301;
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, true, &age),
                     RA_STALE_FUTURE);
    /* On the same boot, survival lifts nothing. */
    now = proof.proved_at;
    now.boottime.tv_sec += 300;
    assert_int_equal(ra_proof_freshness(&proof, &now, 300, true, &age),
                     RA_STALE_EXPIRED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_comes_back),
        cmocka_unit_test(too_long_a_text_has_no_record),
        cmocka_unit_test(every_other_length_is_refused),
        cmocka_unit_test(truncated_and_extended_texts_are_refused),
        cmocka_unit_test(flipped_bits_never_hide),
        cmocka_unit_test(impossible_values_are_refused),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(each_field_of_a_binding_counts),
        cmocka_unit_test(bindings_do_not_run_together),
        cmocka_unit_test(both_clocks_must_agree),
        cmocka_unit_test(the_smaller_window_counts),
        cmocka_unit_test(parts_of_a_second_count),
        cmocka_unit_test(zero_is_never_valid),
        cmocka_unit_test(another_boot_is_another_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

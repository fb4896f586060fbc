/* SPDX-License-Identifier: MIT */
/* Any bytes as a timestamp record: refused, or decoded into texts that lie
 * within them and that encode to the same bytes again. */
#include <stdlib.h>
#include <string.h>

#include "store/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, so that the fuzzer keeps the input. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

static void within(const char *text, const uint8_t *data, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;

    if (text == NULL)
        return;
    must(at >= data && at < data + size);
    must(memchr(at, '\0', (size_t)(data + size - at)) != NULL);
}

static void encodes_again(const struct ra_record_fields *fields,
                          const uint8_t *data, size_t size)
{
    unsigned char bytes[RA_RECORD_MAX];
    struct ra_writer writer = {bytes, 0, sizeof(bytes), false};

    ra_record_encode(&writer, fields);
    must(!writer.failed && writer.length + RA_SHA256_SIZE == size);
    must(memcmp(bytes, data, writer.length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const roleauth_time now = {{1780315200, 0}, {3600, 0}, {1}};
    struct ra_record_fields fields;
    const struct ra_binding *binding = &fields.binding;
    uint32_t age;

    if (ra_record_decode(data, size, &fields) != 0)
        return 0;
    within(binding->fname, data, size);
    within(binding->method, data, size);
    within(binding->user, data, size);
    within(binding->service, data, size);
    within(binding->requester, data, size);
    within(binding->submit_host, data, size);
    within(binding->scope, data, size);
    must(binding->fname != NULL && binding->method != NULL &&
         binding->user != NULL);
    must(ra_binding_equal(binding, binding));
    encodes_again(&fields, data, size);
    if (ra_proof_freshness(&fields.proof, &now, ROLEAUTH_MAX_PERIOD, false,
                           &age) == RA_FRESH)
        must(age < fields.proof.period);
    return 0;
}

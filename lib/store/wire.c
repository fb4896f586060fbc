/* SPDX-License-Identifier: MIT */
#include "store/wire.h"

#include <string.h>

void ra_put_bytes(struct ra_writer *writer, const void *bytes, size_t length)
{
    if (writer->failed || length > writer->size - writer->length) {
        writer->failed = true;
        return;
    }
    if (length > 0)
        memcpy(writer->bytes + writer->length, bytes, length);
    writer->length += length;
}

void ra_put_text(struct ra_writer *writer, const char *text)
{
    ra_put_bytes(writer, text, strlen(text) + 1);
}

void ra_put_number(struct ra_writer *writer, uint64_t value, unsigned count)
{
    unsigned char bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> (56 - 8 * i));
    ra_put_bytes(writer, bytes + 8 - count, count);
}

const unsigned char *ra_get_bytes(struct ra_reader *reader, size_t length)
{
    const unsigned char *bytes = reader->at;

    if (reader->failed || length > reader->left) {
        reader->failed = true;
        return NULL;
    }
    reader->at += length;
    reader->left -= length;
    return bytes;
}

uint64_t ra_get_number(struct ra_reader *reader, unsigned count)
{
    const unsigned char *bytes = ra_get_bytes(reader, count);
    uint64_t value = 0;

    for (unsigned i = 0; bytes != NULL && i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

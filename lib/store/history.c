/* SPDX-License-Identifier: MIT */
/* The format, big-endian:
 *
 *   4  "RASO"            each:
 *   2  format version      16  id
 *   2  count                8  realtime seconds
 *   4  length of it all     8  how many records ended
 *      and each:            4  exit status or signal
 *  32  SHA-256 over all     1  trigger
 *      before               1  what became of the command
 *                           1  flags
 *                              for each text that the flags tell:
 *                           2  length without the NUL
 *                           -  bytes and a NUL
 *
 * The checksum is there to find damage.  Nothing depends on what is in it. */
#include "store/history.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "store/wire.h"

#define MAGIC "RASO"
#define MAGIC_SIZE 4
#define FORMAT_VERSION 1
#define HEAD_SIZE 12
#define HAS_USER 1U
#define HAS_FNAME 2U
#define TEXT_SIZE (2 + ROLEAUTH_MAX_BINDING + 1)
#define ENTRY_SIZE (RA_HISTORY_ID + 8 + 8 + 4 + 1 + 1 + 1 + 2 * TEXT_SIZE)
#define MOST_BYTES                                                             \
    ((size_t)HEAD_SIZE + (size_t)ROLEAUTH_MAX_SIGN_OUTS * ENTRY_SIZE +         \
     RA_SHA256_SIZE)

_Static_assert(MOST_BYTES <= ROLEAUTH_STORE_ITEM, "the history is an item");

struct entry {
    unsigned char id[RA_HISTORY_ID];
    roleauth_sign_out_record fields; /* its texts point into bytes */
};

struct history {
    unsigned char bytes[MOST_BYTES]; /* as it was read */
    size_t length;
    size_t count;
    struct entry entries[ROLEAUTH_MAX_SIGN_OUTS + 1];
    unsigned char next[MOST_BYTES]; /* as it is to be written */
};

const char *roleauth_command_word(roleauth_command_end end)
{
    switch (end) {
    case ROLEAUTH_COMMAND_NONE:
        return "none";
    case ROLEAUTH_COMMAND_EXITED:
        return "exited";
    case ROLEAUTH_COMMAND_KILLED:
        return "killed";
    case ROLEAUTH_COMMAND_TIMEOUT:
        return "timeout";
    case ROLEAUTH_COMMAND_NOT_RUN:
        return "not-run";
    case ROLEAUTH_COMMAND_UNKNOWN:
        break;
    }
    return "unknown";
}

/* ---- bytes ---- */

static bool get_text(struct ra_reader *reader, const char **text)
{
    size_t length = (size_t)ra_get_number(reader, 2);
    const unsigned char *bytes = ra_get_bytes(reader, length + 1);

    *text = (const char *)bytes;
    return bytes != NULL && length <= ROLEAUTH_MAX_BINDING &&
           memchr(bytes, '\0', length + 1) == bytes + length;
}

static bool get_entry(struct ra_reader *reader, struct entry *entry)
{
    const unsigned char *id = ra_get_bytes(reader, RA_HISTORY_ID);
    roleauth_sign_out_record *fields = &entry->fields;
    uint64_t at = ra_get_number(reader, 8);
    unsigned flags;

    memset(fields, 0, sizeof(*fields));
    if (id == NULL || at > INT64_MAX)
        return false;
    memcpy(entry->id, id, RA_HISTORY_ID);
    fields->at = (int64_t)at;
    fields->ended = ra_get_number(reader, 8);
    fields->command_code = (int)(uint16_t)ra_get_number(reader, 4);
    fields->trigger = (roleauth_trigger)ra_get_number(reader, 1);
    fields->command = (roleauth_command_end)ra_get_number(reader, 1);
    flags = (unsigned)ra_get_number(reader, 1);
    return (flags & ~(HAS_USER | HAS_FNAME)) == 0 &&
           fields->trigger <= ROLEAUTH_TRIGGER_HAND &&
           fields->command <= ROLEAUTH_COMMAND_UNKNOWN &&
           ((flags & HAS_USER) == 0 || get_text(reader, &fields->user)) &&
           ((flags & HAS_FNAME) == 0 || get_text(reader, &fields->fname));
}

/* Is it as it was written? */
static bool is_whole(const unsigned char *bytes, size_t length)
{
    unsigned char digest[RA_SHA256_SIZE];

    return length >= HEAD_SIZE + RA_SHA256_SIZE &&
           ra_sha256(bytes, length - RA_SHA256_SIZE, digest) &&
           ra_equal(bytes + length - RA_SHA256_SIZE, digest, sizeof(digest));
}

static bool decode(struct history *history)
{
    struct ra_reader reader = {history->bytes, 0, false};
    const unsigned char *magic;
    size_t count;

    if (!is_whole(history->bytes, history->length))
        return false;
    reader.left = history->length - RA_SHA256_SIZE;
    magic = ra_get_bytes(&reader, MAGIC_SIZE);
    if (magic == NULL || memcmp(magic, MAGIC, MAGIC_SIZE) != 0 ||
        ra_get_number(&reader, 2) != FORMAT_VERSION)
        return false;
    count = (size_t)ra_get_number(&reader, 2);
    if (count > ROLEAUTH_MAX_SIGN_OUTS ||
        ra_get_number(&reader, 4) != history->length)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!get_entry(&reader, &history->entries[i]))
            return false;
    history->count = count;
    return !reader.failed && reader.left == 0;
}

static void put_text(struct ra_writer *writer, const char *text)
{
    if (text == NULL)
        return;
    ra_put_number(writer, strlen(text), 2);
    ra_put_text(writer, text);
}

static void put_entry(struct ra_writer *writer, const struct entry *entry)
{
    const roleauth_sign_out_record *fields = &entry->fields;

    ra_put_bytes(writer, entry->id, RA_HISTORY_ID);
    ra_put_number(writer, (uint64_t)fields->at, 8);
    ra_put_number(writer, fields->ended, 8);
    ra_put_number(writer, (uint16_t)fields->command_code, 4);
    ra_put_number(writer, (uint64_t)fields->trigger, 1);
    ra_put_number(writer, (uint64_t)fields->command, 1);
    ra_put_number(writer,
                  (fields->user != NULL ? HAS_USER : 0) |
                      (fields->fname != NULL ? HAS_FNAME : 0),
                  1);
    put_text(writer, fields->user);
    put_text(writer, fields->fname);
}

/* Into next, but for the length. */
static bool encode(struct history *history, struct ra_writer *writer)
{
    struct ra_writer length = {history->next + HEAD_SIZE - 4, 0, 4, false};
    unsigned char digest[RA_SHA256_SIZE];

    ra_put_bytes(writer, MAGIC, MAGIC_SIZE);
    ra_put_number(writer, FORMAT_VERSION, 2);
    ra_put_number(writer, history->count, 2);
    ra_put_number(writer, 0, 4);
    for (size_t i = 0; i < history->count; i++)
        put_entry(writer, &history->entries[i]);
    if (writer->failed)
        return false;
    ra_put_number(&length, writer->length + RA_SHA256_SIZE, 4);
    if (!ra_sha256(writer->bytes, writer->length, digest))
        return false;
    ra_put_bytes(writer, digest, sizeof(digest));
    return !writer->failed;
}

/* ---- the item ---- */

/* What is there; nothing, when it is damaged. */
static int read_history(const roleauth_store *store, struct history *history,
                        roleauth_error *error)
{
    int rc;

    history->count = 0;
    history->length = 0;
    rc = store->read(store->data, ROLEAUTH_AREA_STATE, RA_HISTORY_ITEM,
                     history->bytes, sizeof(history->bytes), &history->length,
                     error);
    if (rc == 0 &&
        (history->length > sizeof(history->bytes) || !decode(history)))
        rc = ROLEAUTH_E_INVALID;
    if (rc != 0)
        history->count = 0;
    return rc;
}

static bool is_replaceable(int rc)
{
    return rc == 0 || rc == ROLEAUTH_E_NOT_FOUND || rc == ROLEAUTH_E_INVALID ||
           rc == ROLEAUTH_E_LIMIT || rc == ROLEAUTH_E_UNTRUSTED;
}

static int write_history(const roleauth_store *store, struct history *history,
                         roleauth_error *error)
{
    struct ra_writer writer = {history->next, 0, sizeof(history->next), false};

    if (!encode(history, &writer))
        return ra_fail(error, ROLEAUTH_E_INTERNAL, "libcrypto failed");
    return store->write(store->data, ROLEAUTH_AREA_STATE, RA_HISTORY_ITEM,
                        writer.bytes, writer.length, 0, error);
}

/* Reads it, has it changed, and writes it, while nobody else does.  change
 * returns false: there is nothing to write. */
static int update(const roleauth_store *store,
                  bool (*change)(struct history *history, const void *data),
                  const void *data, roleauth_error *error)
{
    struct history *history = calloc(1, sizeof(*history));
    int rc;

    if (history == NULL)
        return ra_fail_nomem(error);
    rc = store->lock(store->data, error);
    if (rc != 0)
        goto out;
    rc = read_history(store, history, NULL);
    if (!is_replaceable(rc))
        rc = ra_fail(error, rc, "the sign-outs of the past cannot be read");
    else if (change(history, data))
        rc = write_history(store, history, error);
    else
        rc = 0;
    store->unlock(store->data);
out:
    free(history);
    return rc;
}

static bool put_first(struct history *history, const void *data)
{
    memmove(&history->entries[1], &history->entries[0],
            history->count * sizeof(history->entries[0]));
    history->entries[0] = *(const struct entry *)data;
    if (history->count < ROLEAUTH_MAX_SIGN_OUTS)
        history->count++;
    return true;
}

static bool fits(const char *text)
{
    return text == NULL ||
           strnlen(text, ROLEAUTH_MAX_BINDING + 1) <= ROLEAUTH_MAX_BINDING;
}

int ra_history_add(const roleauth_store *store,
                   const roleauth_sign_out_record *sign_out,
                   unsigned char id[RA_HISTORY_ID], roleauth_error *error)
{
    struct entry entry = {.fields = *sign_out};

    memset(id, 0, RA_HISTORY_ID);
    if (!fits(sign_out->user) || !fits(sign_out->fname))
        return ra_fail(error, ROLEAUTH_E_ARGUMENT, "a name is too long");
    if (!ra_random(entry.id, sizeof(entry.id)))
        return ra_fail(error, ROLEAUTH_E_INTERNAL, "there is no randomness");
    memcpy(id, entry.id, RA_HISTORY_ID);
    if (entry.fields.at < 0)
        entry.fields.at = 0;
    return update(store, put_first, &entry, error);
}

static bool set_command(struct history *history, const void *data)
{
    const struct entry *news = data;

    for (size_t i = 0; i < history->count; i++) {
        struct entry *entry = &history->entries[i];

        if (memcmp(entry->id, news->id, RA_HISTORY_ID) != 0)
            continue;
        entry->fields.command = news->fields.command;
        entry->fields.command_code = news->fields.command_code;
        return true;
    }
    return false;
}

int ra_history_complete(const roleauth_store *store,
                        const unsigned char id[RA_HISTORY_ID],
                        roleauth_command_end command, int code,
                        roleauth_error *error)
{
    struct entry news = {.fields = {.command = command, .command_code = code}};

    memcpy(news.id, id, RA_HISTORY_ID);
    return update(store, set_command, &news, error);
}

int ra_history_each(const roleauth_store *store,
                    void (*each)(void *data,
                                 const roleauth_sign_out_record *sign_out),
                    void *data, roleauth_error *error)
{
    struct history *history = calloc(1, sizeof(*history));
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    int rc;

    if (history == NULL)
        return ra_fail_nomem(error);
    rc = read_history(store, history, &why);
    for (size_t i = 0; i < history->count; i++)
        each(data, &history->entries[i].fields);
    free(history);
    if (rc == ROLEAUTH_E_IO || rc == ROLEAUTH_E_UNTRUSTED ||
        rc == ROLEAUTH_E_NOMEM)
        return ra_fail(error, rc,
                       "the sign-outs of the past cannot be read%s%s",
                       why.text[0] != '\0' ? ": " : "", why.text);
    return 0;
}

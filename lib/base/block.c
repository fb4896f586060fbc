/* SPDX-License-Identifier: MIT */
#include "base/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/large.h"

/* Sections start at multiples of this, so that every item is aligned. */
#define ALIGNMENT ((size_t)16)
#define BYTE_ORDER_MARK UINT32_C(0x01020304)

/* Text offset 0 is no text, and offset 1 the empty one. */
enum { NO_TEXT = 0, EMPTY_TEXT = 1, FIRST_TEXT = 2 };

struct entry {
    uint64_t offset, count;
    uint32_t size, reserved;
};

struct header {
    char magic[RA_BLOCK_MAGIC_SIZE];
    uint32_t byte_order, version;
    uint64_t size; /* of the whole block */
    struct entry sections[RA_BLOCK_SECTIONS];
    unsigned char reserved[RA_BLOCK_HEADER - 32 - 32 * 24 - 64];
    unsigned char body_digest[RA_SHA256_SIZE];
    unsigned char digest[RA_SHA256_SIZE]; /* of the header before it */
};
_Static_assert(sizeof(struct header) == RA_BLOCK_HEADER,
               "the header has no gaps");

/* ---- opening ---- */

static int refuse(roleauth_error *error, const char *why)
{
    return ra_fail(error, ROLEAUTH_E_INVALID, "%s", why);
}

#define CUT_SHORT                                                              \
    "this compiled policy is cut short, or something was added to it: "        \
    "compile it again"

/* What makes a file another one than this library can use. */
static int check_kind(const struct header *header, size_t size,
                      roleauth_error *error)
{
    if (size < RA_BLOCK_MAGIC_SIZE ||
        memcmp(header->magic, RA_BLOCK_MAGIC, RA_BLOCK_MAGIC_SIZE) != 0)
        return refuse(error, "this is no compiled policy");
    if (size < sizeof(*header))
        return refuse(error, CUT_SHORT);
    if (header->byte_order != BYTE_ORDER_MARK)
        return refuse(error, "this policy was compiled on a machine of another "
                             "byte order: compile it here");
    if (header->version != RA_BLOCK_VERSION)
        return ra_fail(error, ROLEAUTH_E_INVALID,
                       "this policy was compiled by another version (format "
                       "%u, expected %d): compile it again",
                       header->version, RA_BLOCK_VERSION);
    return 0;
}

static int check_digest(const struct header *header, roleauth_error *error)
{
    unsigned char digest[RA_SHA256_SIZE];

    if (!ra_sha256(header, offsetof(struct header, digest), digest))
        return ra_fail_nomem(error);
    if (!ra_equal(digest, header->digest, sizeof(digest)))
        return refuse(error, "this compiled policy is damaged (the checksum of "
                             "its header is wrong): compile it again");
    return 0;
}

static size_t aligned(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* wanted: bytes of an item; room: bytes from the section's place to the end of
 * the block.  As many items as a builder would count, no more. */
static bool section_fits(const struct entry *entry, size_t wanted, size_t room)
{
    return entry->size == wanted && entry->count <= UINT32_MAX &&
           (wanted == 0 ? entry->count == 0 : entry->count <= room / wanted);
}

/* Sets the sections as the header tells them, which must be as lay_out() does:
 * one behind the other from the header to the end, so that none is out of the
 * block, in another, or out of line.  False: they are not, or they are not
 * what the layout says. */
static bool set_sections(struct ra_block *block,
                         const struct ra_block_layout *layout)
{
    const struct header *header = (const void *)block->bytes;
    const struct ra_section *texts = &block->sections[RA_BLOCK_TEXT];
    size_t offset = RA_BLOCK_HEADER;

    for (size_t i = 0; i < RA_BLOCK_SECTIONS; i++) {
        const struct entry *entry = &header->sections[i];

        if (entry->offset != offset || offset > block->size ||
            !section_fits(entry, layout->size[i], block->size - offset))
            return false;
        block->sections[i].items = block->bytes + offset;
        block->sections[i].count = (size_t)entry->count;
        block->sections[i].size = entry->size;
        offset = aligned(offset + block->sections[i].count * entry->size);
    }
    return offset == block->size && texts->size == 1 &&
           texts->count >= FIRST_TEXT && texts->items[EMPTY_TEXT] == '\0' &&
           texts->items[texts->count - 1] == '\0';
}

int ra_block_open(struct ra_block *block, const void *bytes, size_t size,
                  const struct ra_block_layout *layout, roleauth_error *error)
{
    const struct header *header = bytes;
    int code;

    memset(block, 0, sizeof(*block));
    code = check_kind(header, size, error);
    if (code == 0)
        code = check_digest(header, error);
    if (code == 0 && header->size != size)
        code = refuse(error, CUT_SHORT);
    if (code != 0)
        return code;
    block->bytes = bytes;
    block->size = size;
    if (set_sections(block, layout))
        return 0;
    memset(block, 0, sizeof(*block));
    return refuse(error, "this compiled policy is damaged (its sections are "
                         "not where they should be): compile it again");
}

static bool digest_body(const struct ra_block *block,
                        unsigned char digest[RA_SHA256_SIZE])
{
    return ra_sha256(block->bytes + RA_BLOCK_HEADER,
                     block->size - RA_BLOCK_HEADER, digest);
}

int ra_block_verify(const struct ra_block *block, roleauth_error *error)
{
    const struct header *header = (const void *)block->bytes;
    unsigned char digest[RA_SHA256_SIZE];

    if (!digest_body(block, digest))
        return ra_fail_nomem(error);
    if (!ra_equal(digest, header->body_digest, sizeof(digest)))
        return refuse(error, "this compiled policy is damaged (the checksum of "
                             "its content is wrong): compile it again");
    return 0;
}

bool ra_block_seal(const struct ra_block *block,
                   unsigned char sealed[RA_BLOCK_HEADER])
{
    struct header header;

    memcpy(&header, block->bytes, sizeof(header));
    if (!digest_body(block, header.body_digest) ||
        !ra_sha256(&header, offsetof(struct header, digest), header.digest))
        return false;
    memcpy(sealed, &header, sizeof(header));
    return true;
}

void ra_block_free(struct ra_block *block)
{
    ra_large_free((void *)(uintptr_t)block->bytes);
    memset(block, 0, sizeof(*block));
}

/* ---- building: sections ---- */

struct ra_interned {
    uint32_t hash, offset; /* offset 0: free */
};

void ra_builder_init(struct ra_builder *builder,
                     const struct ra_block_layout *layout)
{
    memset(builder, 0, sizeof(*builder));
    for (size_t i = 0; i < RA_BLOCK_SECTIONS; i++)
        builder->sections[i].size = layout->size[i];
    /* NO_TEXT and EMPTY_TEXT. */
    (void)ra_builder_add(builder, RA_BLOCK_TEXT, FIRST_TEXT);
}

void ra_builder_free(struct ra_builder *builder)
{
    for (size_t i = 0; i < RA_BLOCK_SECTIONS; i++)
        ra_large_free(builder->sections[i].items);
    ra_large_free(builder->slots);
    memset(builder, 0, sizeof(*builder));
}

static bool grow(struct ra_growing *section, size_t wanted)
{
    size_t room = section->room + section->room / 2;
    unsigned char *items;

    if (room < wanted)
        room = wanted;
    if (room < 64)
        room = 64;
    items = ra_large_grow(section->items, room * section->size);
    if (items == NULL)
        return false;
    section->items = items;
    section->room = room;
    return true;
}

void ra_builder_reserve(struct ra_builder *builder, unsigned section,
                        size_t count)
{
    struct ra_growing *to = &builder->sections[section];

    if (count > to->room && count <= UINT32_MAX)
        (void)grow(to, count);
}

void *ra_builder_add(struct ra_builder *builder, unsigned section, size_t count)
{
    struct ra_growing *to = &builder->sections[section];
    unsigned char *place;

    if (builder->nomem || builder->full)
        return NULL;
    if (to->size == 0 || count > UINT32_MAX - to->count) {
        builder->full = true;
        return NULL;
    }
    /* Also of nothing there is a place. */
    if ((to->items == NULL || count > to->room - to->count) &&
        !grow(to, to->count + count)) {
        builder->nomem = true;
        return NULL;
    }
    place = to->items + to->count * to->size;
    memset(place, 0, count * to->size);
    to->count += count;
    return place;
}

void *ra_builder_items(const struct ra_builder *builder, unsigned section)
{
    return builder->sections[section].items;
}

size_t ra_builder_count(const struct ra_builder *builder, unsigned section)
{
    return builder->sections[section].count;
}

/* ---- building: texts ---- */

/* FNV-1a. */
static uint32_t hash_of(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot of this text, or the free one where it would go. */
static struct ra_interned *find_slot(const struct ra_builder *builder,
                                     const char *text, size_t length,
                                     uint32_t hash)
{
    const char *texts = ra_builder_items(builder, RA_BLOCK_TEXT);
    size_t end = ra_builder_count(builder, RA_BLOCK_TEXT);
    size_t i = hash & builder->mask;

    while (builder->slots[i].offset != NO_TEXT) {
        const struct ra_interned *slot = &builder->slots[i];

        if (slot->hash == hash && length < end - slot->offset &&
            memcmp(texts + slot->offset, text, length) == 0 &&
            texts[slot->offset + length] == '\0')
            break;
        i = (i + 1) & builder->mask;
    }
    return &builder->slots[i];
}

/* A table of count slots, a power of two.  False: out of memory. */
static bool resize_slots(struct ra_builder *builder, size_t count)
{
    struct ra_interned *old = builder->slots;
    size_t old_count = old == NULL ? 0 : builder->mask + 1;
    struct ra_interned *slots = ra_large_array(count, sizeof(*slots));

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < old_count; i++) {
        size_t to = old[i].hash & (count - 1);

        if (old[i].offset == NO_TEXT)
            continue;
        while (slots[to].offset != NO_TEXT)
            to = (to + 1) & (count - 1);
        slots[to] = old[i];
    }
    ra_large_free(old);
    builder->slots = slots;
    builder->mask = count - 1;
    return true;
}

/* Keeps the table at most half full. */
static bool make_room(struct ra_builder *builder)
{
    size_t count = builder->slots == NULL ? 0 : builder->mask + 1;

    if (builder->interned < count / 2)
        return true;
    if (!resize_slots(builder, count == 0 ? 1024 : 2 * count))
        builder->nomem = true;
    return !builder->nomem;
}

void ra_builder_reserve_texts(struct ra_builder *builder, size_t count)
{
    size_t slots = 1024;

    while (slots / 2 < count && slots < SIZE_MAX / 64)
        slots *= 2;
    if (builder->slots == NULL || builder->mask + 1 < slots)
        (void)resize_slots(builder, slots);
}

uint32_t ra_builder_own_text(struct ra_builder *builder, const char *text,
                             size_t length)
{
    char *place;

    if (text == NULL)
        return NO_TEXT;
    if (length == 0)
        return EMPTY_TEXT;
    place = ra_builder_add(builder, RA_BLOCK_TEXT, length + 1);
    if (place == NULL)
        return NO_TEXT;
    memcpy(place, text, length);
    return (uint32_t)(ra_builder_count(builder, RA_BLOCK_TEXT) - length - 1);
}

uint32_t ra_builder_text(struct ra_builder *builder, const char *text,
                         size_t length)
{
    struct ra_interned *slot;
    uint32_t hash;

    if (text == NULL || length == 0)
        return ra_builder_own_text(builder, text, length);
    if (builder->nomem || builder->full || !make_room(builder))
        return NO_TEXT;
    hash = hash_of(text, length);
    slot = find_slot(builder, text, length, hash);
    if (slot->offset != NO_TEXT)
        return slot->offset;
    slot->offset = ra_builder_own_text(builder, text, length);
    slot->hash = hash;
    builder->interned += slot->offset != NO_TEXT;
    return slot->offset;
}

const char *ra_builder_text_at(const struct ra_builder *builder,
                               uint32_t offset)
{
    const struct ra_growing *texts = &builder->sections[RA_BLOCK_TEXT];

    return offset == NO_TEXT || offset >= texts->count
               ? NULL
               : (const char *)texts->items + offset;
}

/* ---- building: the block ---- */

/* Says in the header where each section will be. */
static void lay_out(const struct ra_builder *builder, struct header *header)
{
    size_t offset = RA_BLOCK_HEADER;

    memcpy(header->magic, RA_BLOCK_MAGIC, RA_BLOCK_MAGIC_SIZE);
    header->byte_order = BYTE_ORDER_MARK;
    header->version = RA_BLOCK_VERSION;
    for (size_t i = 0; i < RA_BLOCK_SECTIONS; i++) {
        const struct ra_growing *from = &builder->sections[i];

        header->sections[i].offset = offset;
        header->sections[i].count = from->count;
        header->sections[i].size = (uint32_t)from->size;
        offset = aligned(offset + from->count * from->size);
    }
    header->size = offset;
}

/* Moves the sections into the block, each freed at once. */
static void move_sections(struct ra_builder *builder, unsigned char *bytes,
                          const struct header *header)
{
    for (size_t i = 0; i < RA_BLOCK_SECTIONS; i++) {
        struct ra_growing *from = &builder->sections[i];

        if (from->count > 0)
            memcpy(bytes + header->sections[i].offset, from->items,
                   from->count * from->size);
        ra_large_free(from->items);
        from->items = NULL;
    }
}

int ra_builder_finish(struct ra_builder *builder, struct ra_block *block)
{
    struct ra_block_layout layout;
    struct header header = {.version = 0};
    unsigned char *bytes = NULL;
    int code = builder->full    ? ROLEAUTH_E_LIMIT
               : builder->nomem ? ROLEAUTH_E_NOMEM
                                : 0;

    memset(block, 0, sizeof(*block));
    for (size_t i = 0; i < RA_BLOCK_SECTIONS; i++)
        layout.size[i] = (uint32_t)builder->sections[i].size;
    if (code == 0) {
        ra_large_free(builder->slots);
        builder->slots = NULL;
        lay_out(builder, &header);
        bytes = ra_large_new(header.size);
        if (bytes == NULL)
            code = ROLEAUTH_E_NOMEM;
    }
    if (code == 0) {
        memcpy(bytes, &header, sizeof(header));
        move_sections(builder, bytes, &header);
        block->bytes = bytes;
        block->size = header.size;
        if (!set_sections(block, &layout))
            code = ROLEAUTH_E_INTERNAL;
    }
    if (code != 0) {
        ra_large_free(bytes);
        memset(block, 0, sizeof(*block));
    }
    ra_builder_free(builder);
    return code;
}

/* SPDX-License-Identifier: MIT */
/* A position-independent block: what a loaded role set is, in memory and in a
 * file alike.
 *
 * A header, then sections: arrays of items of one size, in the byte order of
 * the machine.  Items refer to items of other sections by index, and to texts
 * by offset into the section of texts.  A block may come from a damaged file,
 * so no reference is believed: each is followed through the calls below,
 * which refuse what does not lie in the block. */
#ifndef RA_BASE_BLOCK_H
#define RA_BASE_BLOCK_H

#include <roleauth.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rooms above number their sections from 1 on. */
enum { RA_BLOCK_TEXT = 0, RA_BLOCK_SECTIONS = 32 };

/* What a file of a block starts with. */
#define RA_BLOCK_MAGIC "roleauth policy\n"
#define RA_BLOCK_MAGIC_SIZE 16
/* Grows when sections or items change; files of another version are refused.
 */
#define RA_BLOCK_VERSION 1
/* Bytes of the header; the first section follows. */
#define RA_BLOCK_HEADER ((size_t)1024)

/* Bytes of an item of each section; 0: there is no such section. */
struct ra_block_layout {
    uint32_t size[RA_BLOCK_SECTIONS];
};

struct ra_section {
    const unsigned char *items;
    size_t count, size;
};

struct ra_block {
    const unsigned char *bytes;
    size_t size;
    struct ra_section sections[RA_BLOCK_SECTIONS];
};

/* Looks at the bytes of a block: magic, version, byte order, checksum of the
 * header, and that the sections follow each other from the header to the end
 * and have items of the layout's size.  The bytes, aligned for any type, are
 * borrowed.  Returns 0; ROLEAUTH_E_INVALID, with prose in *error;
 * ROLEAUTH_E_NOMEM. */
int ra_block_open(struct ra_block *block, const void *bytes, size_t size,
                  const struct ra_block_layout *layout, roleauth_error *error);
/* Compares the checksum of all that follows the header.  Returns as
 * ra_block_open(). */
int ra_block_verify(const struct ra_block *block, roleauth_error *error);
/* The header, with both checksums, for a file of the block; the rest of the
 * file is the rest of the block.  False: libcrypto failed. */
bool ra_block_seal(const struct ra_block *block,
                   unsigned char header[RA_BLOCK_HEADER]);

/* count items of a section from first on; NULL: they are not all there. */
static inline const void *ra_block_items(const struct ra_block *block,
                                         unsigned section, size_t first,
                                         size_t count)
{
    const struct ra_section *from = &block->sections[section];

    if (first > from->count || count > from->count - first)
        return NULL;
    return from->items + first * from->size;
}

/* One item; NULL: it is not there. */
static inline const void *ra_block_item(const struct ra_block *block,
                                        unsigned section, size_t index)
{
    return ra_block_items(block, section, index, 1);
}

static inline size_t ra_block_count(const struct ra_block *block,
                                    unsigned section)
{
    return block->sections[section].count;
}

/* A text, which ends in NUL; *text is NULL when it is absent (offset 0).
 * False: there is no such text. */
static inline bool ra_block_text(const struct ra_block *block, uint32_t offset,
                                 const char **text)
{
    const struct ra_section *from = &block->sections[RA_BLOCK_TEXT];

    /* The last byte of the section is a NUL: ra_block_open() looked. */
    *text = offset != 0 && offset < from->count
                ? (const char *)from->items + offset
                : NULL;
    return offset < from->count;
}

/* Frees a block that was built, not one that was opened. */
void ra_block_free(struct ra_block *block);

/* ---- building ---- */

/* Failures stick, so that only ra_builder_finish() needs a check. */
struct ra_builder {
    struct ra_growing {
        unsigned char *items;
        size_t count, room, size;
    } sections[RA_BLOCK_SECTIONS];
    struct ra_interned *slots; /* of texts that may come again */
    size_t mask, interned;
    bool nomem;
    bool full; /* more texts or items than 32 bits can count */
};

void ra_builder_init(struct ra_builder *builder,
                     const struct ra_block_layout *layout);
/* Also after ra_builder_finish(), which leaves nothing. */
void ra_builder_free(struct ra_builder *builder);
/* Adds count zeroed items to a section.  What it returns, and what
 * ra_builder_items() returned before, is good until the next addition to that
 * section.  NULL: failed. */
void *ra_builder_add(struct ra_builder *builder, unsigned section,
                     size_t count);
/* Makes room for count items in all; only speed depends on it.  Growing while
 * many small pieces are being freed makes malloc(3) tidy up each time. */
void ra_builder_reserve(struct ra_builder *builder, unsigned section,
                        size_t count);
/* As ra_builder_reserve(), for texts that ra_builder_text() keeps once. */
void ra_builder_reserve_texts(struct ra_builder *builder, size_t count);
void *ra_builder_items(const struct ra_builder *builder, unsigned section);
size_t ra_builder_count(const struct ra_builder *builder, unsigned section);
/* The offset of a text without NUL bytes, which is kept once however often
 * it comes; 0: failed, or text is NULL. */
uint32_t ra_builder_text(struct ra_builder *builder, const char *text,
                         size_t length);
/* As ra_builder_text(), for a text that hardly comes twice. */
uint32_t ra_builder_own_text(struct ra_builder *builder, const char *text,
                             size_t length);
/* The text at an offset, good until the next text; NULL: absent. */
const char *ra_builder_text_at(const struct ra_builder *builder,
                               uint32_t offset);
/* Makes the block, which is for ra_block_free(); its checksums are left to
 * ra_block_seal().  The builder is empty afterwards, whatever happened.
 * Returns 0; ROLEAUTH_E_NOMEM; ROLEAUTH_E_LIMIT; ROLEAUTH_E_INTERNAL: the
 * layout has no texts. */
int ra_builder_finish(struct ra_builder *builder, struct ra_block *block);

#endif

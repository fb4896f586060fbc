/* SPDX-License-Identifier: MIT */
#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/trust.h"
#include "base/tzrule.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
#define ZONE_MAX 1048576 /* bytes in a file */
#define HEADER_SIZE 44

/* RFC 8536, 3.2: more than -25 and less than 26 hours. */
#define OFFSET_LEAST (-89999)
#define OFFSET_MOST 93599

struct transition {
    int64_t at;     /* from this moment on */
    int32_t offset; /* seconds east of UTC */
};

struct ra_zone {
    int32_t first; /* the offset before the first transition */
    bool has_rule; /* from the last transition on */
    struct ra_tz_rule rule;
    size_t count;
    struct transition transitions[];
};

/* Bytes that are read from the front; NULL once they did not suffice. */
struct reader {
    const unsigned char *at;
    size_t left;
};

/* The header of a data block, and the block's parts. */
struct block {
    unsigned char version;
    uint32_t utc_count, standard_count, leap_count, time_count, type_count,
        char_count;
    const unsigned char *times, *indexes, *types, *chars;
};

static const unsigned char *take(struct reader *reader, uint64_t length)
{
    const unsigned char *start = reader->at;

    if (start == NULL || length > reader->left) {
        reader->at = NULL;
        return NULL;
    }
    reader->at += length;
    reader->left -= (size_t)length;
    return start;
}

static uint32_t read_32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t read_time(const unsigned char *bytes, size_t size)
{
    uint64_t high = read_32(bytes);

    if (size == 4)
        return (int32_t)high;
    return (int64_t)(high << 32 | read_32(bytes + 4));
}

/* A header and the block behind it; size: of a time, 4 or 8 bytes. */
static bool read_block(struct reader *reader, size_t size, struct block *block)
{
    const unsigned char *header = take(reader, HEADER_SIZE);

    if (header == NULL || memcmp(header, "TZif", 4) != 0)
        return false;
    block->version = header[4];
    block->utc_count = read_32(header + 20);
    block->standard_count = read_32(header + 24);
    block->leap_count = read_32(header + 28);
    block->time_count = read_32(header + 32);
    block->type_count = read_32(header + 36);
    block->char_count = read_32(header + 40);
    block->times = take(reader, (uint64_t)block->time_count * size);
    block->indexes = take(reader, block->time_count);
    block->types = take(reader, (uint64_t)block->type_count * 6);
    block->chars = take(reader, block->char_count);
    (void)take(reader, (uint64_t)block->leap_count * (size + 4));
    (void)take(reader, block->standard_count);
    (void)take(reader, block->utc_count);
    return reader->at != NULL;
}

static int32_t type_offset(const struct block *block, unsigned type)
{
    return (int32_t)read_32(block->types + 6 * type);
}

/* What RFC 8536, 3.2 demands of the block that is used. */
static const char *block_fault(const struct block *block, size_t size)
{
    if (block->leap_count != 0)
        return "it counts leap seconds, which this clock does not";
    if (block->type_count == 0 || block->type_count > 256 ||
        block->char_count == 0 || block->chars[block->char_count - 1] != '\0')
        return "it has no valid types of local time";
    if ((block->utc_count != 0 && block->utc_count != block->type_count) ||
        (block->standard_count != 0 &&
         block->standard_count != block->type_count))
        return "its counts contradict each other";
    for (unsigned i = 0; i < block->type_count; i++) {
        const unsigned char *type = block->types + 6 * i;

        if (type_offset(block, i) < OFFSET_LEAST ||
            type_offset(block, i) > OFFSET_MOST || type[4] > 1 ||
            type[5] >= block->char_count)
            return "it has an impossible type of local time";
    }
    for (uint32_t i = 0; i < block->time_count; i++) {
        const unsigned char *at = block->times + i * size;

        if (block->indexes[i] >= block->type_count)
            return "a transition has no type";
        if (i > 0 && read_time(at, size) <= read_time(at - size, size))
            return "its transitions are not in order";
    }
    return NULL;
}

/* The rule between two newlines that ends the file; it may be empty. */
static const char *read_footer(struct reader *reader, struct ra_tz_rule *rule,
                               bool *has_rule)
{
    const char *text = (const char *)reader->at;
    size_t length = reader->left;

    if (length < 2 || text[0] != '\n' || text[length - 1] != '\n')
        return "its footer is damaged";
    *has_rule = length > 2;
    if (*has_rule && !ra_tz_rule_parse(rule, text + 1, length - 2))
        return "its rule for the time to come is not valid";
    return NULL;
}

static int make_zone(ra_zone **zone, const struct block *block, size_t size,
                     const struct ra_tz_rule *rule, bool has_rule,
                     roleauth_error *error)
{
    ra_zone *made = calloc(1, sizeof(*made) + block->time_count *
                                                  sizeof(struct transition));

    if (made == NULL)
        return ra_fail_nomem(error);
    made->first = type_offset(block, 0);
    made->rule = *rule;
    made->has_rule = has_rule;
    made->count = block->time_count;
    for (size_t i = 0; i < made->count; i++) {
        made->transitions[i].at = read_time(block->times + i * size, size);
        made->transitions[i].offset = type_offset(block, block->indexes[i]);
    }
    *zone = made;
    return 0;
}

int ra_zone_parse(ra_zone **zone, const void *bytes, size_t length,
                  roleauth_error *error)
{
    struct reader reader = {bytes, length};
    struct ra_tz_rule rule = {.standard = 0};
    const char *fault = NULL;
    struct block block;
    bool has_rule = false;
    size_t size = 4;

    *zone = NULL;
    if (length > ZONE_MAX)
        return ra_fail(error, ROLEAUTH_E_LIMIT,
                       "a time zone is larger than %d bytes", ZONE_MAX);
    if (!read_block(&reader, size, &block)) {
        fault = "it is not a whole TZif file";
    } else if (block.version >= '2') {
        /* The first block is for old readers; it may be empty. */
        size = 8;
        if (!read_block(&reader, size, &block) || block.version < '2')
            fault = "it is not a whole TZif file";
        else
            fault = read_footer(&reader, &rule, &has_rule);
    } else if (block.version != 0 || reader.left != 0) {
        fault = "it is not a whole TZif file";
    }
    if (fault == NULL)
        fault = block_fault(&block, size);
    if (fault != NULL)
        return ra_fail(error, ROLEAUTH_E_INVALID,
                       "a time zone cannot be used: %s", fault);
    return make_zone(zone, &block, size, &rule, has_rule, error);
}

static int make_utc(ra_zone **zone, roleauth_error *error)
{
    *zone = calloc(1, sizeof(**zone));
    return *zone == NULL ? ra_fail_nomem(error) : 0;
}

/* Every part between slashes stays below the directory. */
static bool name_valid(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= 255 &&
           name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789._+/-")] ==
               '\0' &&
           name[0] != '/' && name[length - 1] != '/' && name[0] != '.' &&
           strstr(name, "//") == NULL && strstr(name, "/.") == NULL &&
           strstr(name, "..") == NULL;
}

static int read_zone(ra_zone **zone, int fd, const char *path,
                     roleauth_error *error)
{
    roleauth_error inner = ROLEAUTH_ERROR_INIT;
    char *bytes = NULL;
    size_t length;
    int code = ra_read_all(fd, path, ZONE_MAX, &bytes, &length, error);

    if (code != 0)
        return code;
    code = ra_zone_parse(zone, bytes, length, &inner);
    if (code != 0)
        (void)ra_fail_in(error, code, path, 0, 0, NULL, inner.text);
    free(bytes);
    return code;
}

int ra_zone_load(ra_zone **zone, const char *name, roleauth_error *error)
{
    char path[PATH_MAX] = "/etc/localtime";
    int fd, code;

    *zone = NULL;
    if (name != NULL && !name_valid(name))
        return ra_fail(error, ROLEAUTH_E_INVALID,
                       "\"%s\" is not the name of a time zone, such as "
                       "Europe/Berlin",
                       name);
    if (name != NULL && strcmp(name, "UTC") == 0)
        return make_utc(zone, error);
    if (name != NULL)
        (void)snprintf(path, sizeof(path), "%s%s", ZONE_DIRECTORY, name);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        int err = errno;

        if (err != ENOENT && err != ENOTDIR)
            return ra_fail_errno(error, err, "%s", path);
        if (name == NULL)
            return make_utc(zone, error);
        return ra_fail(error, ROLEAUTH_E_NOT_FOUND,
                       "there is no time zone \"%s\" in %s", name,
                       ZONE_DIRECTORY);
    }
    code = read_zone(zone, fd, path, error);
    (void)close(fd);
    return code;
}

void ra_zone_free(ra_zone **zone)
{
    if (zone == NULL)
        return;
    free(*zone);
    *zone = NULL;
}

/* The number of transitions up to a moment. */
static size_t count_up_to(const ra_zone *zone, int64_t moment)
{
    size_t low = 0, high = zone->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->transitions[middle].at <= moment)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int32_t offset_at(const ra_zone *zone, int64_t moment)
{
    size_t count = count_up_to(zone, moment);

    if (count == zone->count && zone->has_rule)
        return ra_tz_rule_offset(&zone->rule, moment);
    return count == 0 ? zone->first : zone->transitions[count - 1].offset;
}

/* The first moment after this one at which the offset may change. */
static int64_t next_change(const ra_zone *zone, int64_t moment)
{
    size_t count = count_up_to(zone, moment);

    if (count < zone->count)
        return zone->transitions[count].at;
    return zone->has_rule ? ra_tz_rule_next(&zone->rule, moment) : INT64_MAX;
}

int ra_zone_local(const ra_zone *zone, int64_t moment,
                  struct ra_local_time *local)
{
    const int64_t least = ra_days_from_date(1, 1, 1) * RA_DAY;
    const int64_t behind = ra_days_from_date(10000, 1, 1) * RA_DAY;
    int64_t days, rest, year;

    memset(local, 0, sizeof(*local));
    /* No offset is as much as two days. */
    if (moment < least - 2 * RA_DAY || moment > behind + 2 * RA_DAY)
        return ROLEAUTH_E_ARGUMENT;
    local->utc_offset = offset_at(zone, moment);
    moment += local->utc_offset;
    if (moment < least || moment >= behind)
        return ROLEAUTH_E_ARGUMENT;
    rest = ((moment % RA_DAY) + RA_DAY) % RA_DAY;
    days = (moment - rest) / RA_DAY;
    ra_date_from_days(days, &year, &local->month, &local->day);
    local->year = (int)year;
    local->hour = (int)(rest / 3600);
    local->minute = (int)(rest / 60 % 60);
    local->second = (int)(rest % 60);
    /* 1970-01-01 was a Thursday. */
    local->weekday = (int)(((days + 4) % 7 + 7) % 7);
    return 0;
}

/* Seconds from 1970 as a clock without a zone would count them; false: there
 * is no such date, or time of day. */
static bool count_seconds(const struct ra_local_time *local, int64_t *seconds)
{
    int64_t days, year;
    int month, day;

    if (local->year < 1 || local->year > 9999 || local->month < 1 ||
        local->month > 12 || local->day < 1 || local->day > 31 ||
        local->hour < 0 || local->hour > 23 || local->minute < 0 ||
        local->minute > 59 || local->second < 0 || local->second > 59)
        return false;
    days = ra_days_from_date(local->year, local->month, local->day);
    ra_date_from_days(days, &year, &month, &day);
    *seconds =
        days * RA_DAY + local->hour * 3600 + local->minute * 60 + local->second;
    return day == local->day;
}

/* The first moment at which a clock on the wall shows the time or has gone past
 * it: each stretch of one offset either reaches it, or already began behind it
 * because the clocks were put forward over it. */
int ra_zone_moment(const ra_zone *zone, const struct ra_local_time *local,
                   int64_t *moment)
{
    int64_t seconds, from, to, reached;

    *moment = 0;
    if (!count_seconds(local, &seconds))
        return ROLEAUTH_E_ARGUMENT;
    /* No offset is as much: here the time is still to come. */
    from = seconds - 2 * RA_DAY;
    for (;;) {
        reached = seconds - offset_at(zone, from);
        to = next_change(zone, from);
        if (reached < to)
            break;
        from = to;
    }
    *moment = reached > from ? reached : from;
    return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/* The commands on ranges of a disk. Offsets and lengths are bytes, multiples of the sector size. */
#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "guest.h"

enum { kChunkSize = 65536 };
static const uint64_t kMostBytes = UINT64_C(1) << 40;
static const char kHexDigits[] = "0123456789abcdef";

static unsigned char chunk[kChunkSize] __attribute__((aligned(4096)));

struct range {
    int disk;
    off_t offset;
    uint64_t length;
};

/* What is done to a chunk of the range. Returns 0, or -1 with errno set. */
typedef int (*chunk_action)(struct range *range, size_t size);

/* Opens words[1] for the range words[2], words[3]. Replies itself when it returns -1. */
static int open_range(char *const words[], struct range *range) {
    uint64_t offset;
    if (parse_number(words[2], kMostBytes, &offset) != 0 || offset % kSectorSize != 0 ||
        parse_number(words[3], kMostBytes, &range->length) != 0 ||
        range->length % kSectorSize != 0) {
        reply_error(words[0], "offset and length are multiples of %d bytes", kSectorSize);
        return -1;
    }
    range->offset = (off_t)offset;
    range->disk = open_disk(words[1]);
    if (range->disk < 0) {
        reply_error(words[0], "cannot open %.16s: %s", words[1], strerror(errno));
        return -1;
    }
    return 0;
}

/* Walks the range chunk by chunk and closes the disk. Replies itself when it returns -1. */
static int walk_range(char *const words[], struct range *range, chunk_action action) {
    int result = 0;
    while (result == 0 && range->length > 0) {
        size_t size = range->length < kChunkSize ? (size_t)range->length : kChunkSize;
        result = action(range, size);
        if (result != 0)
            reply_error(words[0], "%s: %s", words[1], strerror(errno));
        range->offset += (off_t)size;
        range->length -= size;
    }
    close(range->disk);
    return result;
}

static int write_chunk(struct range *range, size_t size) {
    errno = ENOSPC;
    return pwrite(range->disk, chunk, size, range->offset) == (ssize_t)size ? 0 : -1;
}

void command_write(char *const words[]) {
    struct range range;
    uint64_t byte;
    if (parse_number(words[4], 255, &byte) != 0) {
        reply_error(words[0], "the byte is a number up to 255");
        return;
    }
    memset(chunk, (int)byte, sizeof chunk);
    if (open_range(words, &range) == 0 && walk_range(words, &range, write_chunk) == 0)
        say("xlsnap-guest reply write ok");
}

/* Puts the bytes into the chunk, followed by zeros. Returns -1 when the text is no bytes in hex. */
static int read_hex(const char *text) {
    size_t length = strlen(text);
    memset(chunk, 0, sizeof chunk);
    if (length % 2 != 0 || length / 2 > kSectorSize)
        return -1;
    for (size_t i = 0; i < length; ++i) {
        const char *digit = strchr(kHexDigits, text[i]);
        if (!digit)
            return -1;
        chunk[i / 2] = (unsigned char)(chunk[i / 2] << 4 | (digit - kHexDigits));
    }
    return 0;
}

void command_bytes(char *const words[]) {
    static char one_sector[] = "512";
    char *const range_words[] = {words[0], words[1], words[2], one_sector};
    struct range range;
    if (read_hex(words[3]) != 0) {
        reply_error(words[0], "the bytes of a sector are digits of 0-9 and a-f, two each");
        return;
    }
    if (open_range(range_words, &range) == 0 && walk_range(words, &range, write_chunk) == 0)
        say("xlsnap-guest reply bytes ok");
}

static uint32_t crc;

/* The CRC-32 of IEEE 802.3, so that the sum can be compared with one made outside the guest. */
static void add_to_crc(const unsigned char *bytes, size_t size) {
    static uint32_t table[256];
    if (table[1] == 0)
        for (uint32_t i = 0; i < 256; ++i) {
            uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = value & 1 ? value >> 1 ^ UINT32_C(0xedb88320) : value >> 1;
            table[i] = value;
        }
    for (size_t i = 0; i < size; ++i)
        crc = table[(crc ^ bytes[i]) & 255] ^ crc >> 8;
}

static int sum_chunk(struct range *range, size_t size) {
    errno = ENXIO;
    if (pread(range->disk, chunk, size, range->offset) != (ssize_t)size)
        return -1;
    add_to_crc(chunk, size);
    return 0;
}

void command_sum(char *const words[]) {
    struct range range;
    crc = UINT32_MAX;
    if (open_range(words, &range) == 0 && walk_range(words, &range, sum_chunk) == 0)
        say("xlsnap-guest reply sum ok crc32=%08x", ~crc);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/* The commands on memory: fill a region with a pattern and check it, dirty a region at a rate. */
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "guest.h"

enum { kPageSize = 4096, kReserveMib = 4, kDirtySliceMs = 10, kMostMib = 1 << 20 };

struct region {
    uint64_t *words;
    size_t size;
};

static void release(struct region *region) {
    if (region->words)
        munmap(region->words, region->size);
    region->words = NULL;
    region->size = 0;
}

/* Gives the region `mib` MiB, unless that would leave the guest itself too little. */
static int allocate(struct region *region, uint64_t mib) {
    struct sysinfo info;
    release(region);
    if (sysinfo(&info) != 0 || (mib + kReserveMib) * kMebibyte > info.freeram * info.mem_unit)
        return -1;
    size_t size = (size_t)mib * kMebibyte;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return -1;
    region->words = memory;
    region->size = size;
    return 0;
}

/* Every word of the pattern is another one, so that a page in the wrong place is seen. */
static uint64_t pattern_word(uint64_t seed, uint64_t index) {
    uint64_t word = (seed << 40) + index + 1;
    word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return word ^ word >> 27;
}

static struct region filled;
static uint64_t filled_seed;

void command_fill(char *const words[]) {
    uint64_t mib;
    if (parse_number(words[1], kMostMib, &mib) != 0 ||
        parse_number(words[2], UINT32_MAX, &filled_seed) != 0) {
        reply_error(words[0], "size in MiB and seed are numbers");
        return;
    }
    release(&filled);
    if (mib > 0 && allocate(&filled, mib) != 0) {
        reply_error(words[0], "not enough memory for %llu MiB", (unsigned long long)mib);
        return;
    }
    for (size_t i = 0; i < filled.size / sizeof *filled.words; ++i)
        filled.words[i] = pattern_word(filled_seed, i);
    say("xlsnap-guest reply fill ok");
}

void command_check(char *const words[]) {
    for (size_t i = 0; i < filled.size / sizeof *filled.words; ++i)
        if (filled.words[i] != pattern_word(filled_seed, i)) {
            reply_error(words[0], "differs at byte %zu", i * sizeof *filled.words);
            return;
        }
    say("xlsnap-guest reply check ok mib=%zu seed=%llu", filled.size / kMebibyte,
        (unsigned long long)filled_seed);
}

static struct region dirtied;
static atomic_uint_fast64_t dirty_rate; /* MiB a second; the thread lives while it is not zero */
static atomic_int dirty_alive;
static atomic_uint_fast64_t dirty_pages; /* since asked last */
static uint64_t dirty_since;

/* Dirties what is due since the last slice. A longer stop of the guest is not made up for. */
static void *dirty_at_rate(void *unused) {
    (void)unused;
    size_t at = 0;
    uint64_t owed = 0; /* in pages times milliseconds */
    uint64_t last = clock_ns(CLOCK_MONOTONIC);
    for (uint64_t rate = dirty_rate; rate != 0; rate = dirty_rate) {
        sleep_ms(kDirtySliceMs);
        uint64_t now = clock_ns(CLOCK_MONOTONIC);
        uint64_t passed = (now - last) / 1000000;
        last = now;
        owed += rate * (kMebibyte / kPageSize) * (passed < 100 ? passed : 100);
        for (; owed >= 1000; owed -= 1000) {
            ++dirtied.words[at / sizeof *dirtied.words];
            at = (at + kPageSize) % dirtied.size;
            ++dirty_pages;
        }
    }
    dirty_alive = 0;
    return NULL;
}

static void stop_dirtying(void) {
    dirty_rate = 0;
    while (dirty_alive)
        sleep_ms(kDirtySliceMs);
    release(&dirtied);
}

void command_dirty(char *const words[]) {
    uint64_t rate;
    uint64_t mib;
    if (parse_number(words[1], kMostMib, &rate) != 0 ||
        parse_number(words[2], kMostMib, &mib) != 0 || (rate == 0) != (mib == 0)) {
        reply_error(words[0],
                    "rate in MiB a second and size in MiB are numbers, or both 0 to stop");
        return;
    }
    stop_dirtying();
    if (rate > 0) {
        if (allocate(&dirtied, mib) != 0) {
            reply_error(words[0], "not enough memory for %llu MiB", (unsigned long long)mib);
            return;
        }
        memset(dirtied.words, 1, dirtied.size);
        dirty_rate = rate;
        dirty_alive = 1;
        start_thread(dirty_at_rate, NULL);
    }
    say("xlsnap-guest reply dirty ok");
}

void command_dirtied(char *const words[]) {
    (void)words;
    uint64_t now = clock_ns(CLOCK_BOOTTIME);
    unsigned long long kib = atomic_exchange(&dirty_pages, 0) * (kPageSize / 1024);
    unsigned long long ms = dirty_since ? (now - dirty_since) / 1000000 : 0;
    dirty_since = now;
    say("xlsnap-guest reply dirtied ok kib=%llu ms=%llu", kib, ms);
}

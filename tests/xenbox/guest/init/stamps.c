/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Time stamps of CLOCK_BOOTTIME every 10 ms. That clock goes on while the domain is suspended or
 * paused, so the largest gap between two stamps is how long the guest stood still.
 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "guest.h"

enum { kStampMs = 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t last_ns; /* zero until the thread runs */
static uint64_t largest_gap_ns;
static unsigned long stamps;

static void *stamp_for_ever(void *unused) {
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        uint64_t now = clock_ns(CLOCK_BOOTTIME);
        if (now - last_ns > largest_gap_ns)
            largest_gap_ns = now - last_ns;
        last_ns = now;
        ++stamps;
        pthread_mutex_unlock(&lock);
        sleep_ms(kStampMs);
    }
    return NULL;
}

/* Replies what was seen since the last report, and forgets it. */
static void report(void) {
    pthread_mutex_lock(&lock);
    unsigned long long gap_us = largest_gap_ns / 1000;
    unsigned long count = stamps;
    largest_gap_ns = 0;
    stamps = 0;
    pthread_mutex_unlock(&lock);
    say("xlsnap-guest reply stamps ok gap_us=%llu stamps=%lu", gap_us, count);
}

void command_stamps(char *const words[]) {
    int running = last_ns != 0;
    if (strcmp(words[1], "start") == 0 && !running) {
        last_ns = clock_ns(CLOCK_BOOTTIME);
        start_thread(stamp_for_ever, NULL);
        say("xlsnap-guest reply stamps ok");
    } else if (strcmp(words[1], "report") == 0 && running) {
        report();
    } else {
        reply_error(words[0], "start once, then report");
    }
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The counter. Ten times a second it goes up by one in memory, then the new count is written to
 * every disk in turn, then one line tells both. So at any instant the count of an earlier disk is
 * that of a later one or one more, and the count in memory is that of any disk or one more.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

enum { kCounterOffset = 512, kTickMs = 100, kMaxDisks = 20 };

/* In the order in which they are written. The names sdX are those of an HVM guest that keeps its
 * emulated disks (xen_emul_unplug=never). */
static const char kDiskNames[kMaxDisks][5] = {
    "xvda", "xvdb", "xvdc", "xvdd", "xvde", "xvdf", "xvdg", "xvdh", "xvdi", "xvdj",
    "xvdk", "xvdl", "xvdm", "xvdn", "xvdo", "xvdp", "sda",  "sdb",  "sdc",  "sdd"};

int open_disk(const char *name) {
    char path[32];
    snprintf(path, sizeof path, "/dev/%.16s", name);
    return open(path, O_RDWR | O_DIRECT | O_SYNC | O_CLOEXEC);
}

int disks_present(void) {
    int present = 0;
    for (int i = 0; i < kMaxDisks; ++i) {
        int disk = open_disk(kDiskNames[i]);
        if (disk >= 0) {
            ++present;
            close(disk);
        }
    }
    return present;
}

/* A name without a disk and a disk that is read-only or has no medium are passed over. Disks are
 * opened anew for each write, so that they can be attached and detached at any time. */
static int write_record(const char *name, const void *record) {
    int disk = open_disk(name);
    if (disk < 0)
        return 0;
    int failed = pwrite(disk, record, kSectorSize, kCounterOffset) != kSectorSize;
    if (failed)
        say("xlsnap-guest error cannot write the count to %s: %s", name, strerror(errno));
    close(disk);
    return failed ? -1 : 0;
}

static int write_record_to_disks(const void *record) {
    int result = 0;
    for (int i = 0; i < kMaxDisks; ++i)
        if (write_record(kDiskNames[i], record) != 0)
            result = -1;
    return result;
}

void *count_for_ever(void *boot_id) {
    static char record[kSectorSize] __attribute__((aligned(4096)));
    static volatile unsigned long long mem;
    unsigned long long disk = 0;
    for (;;) {
        ++mem;
        memset(record, 0, sizeof record);
        snprintf(record, sizeof record, "xlsnap-guest boot=%s mem=%llu disk=%llu\n",
                 (const char *)boot_id, mem, mem);
        if (write_record_to_disks(record) == 0)
            disk = mem;
        say("xlsnap-guest boot=%s mem=%llu disk=%llu", (const char *)boot_id, mem, disk);
        sleep_ms(kTickMs);
    }
    return NULL;
}

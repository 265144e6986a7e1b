/* SPDX-License-Identifier: LGPL-2.1-only */
/* A C program of somebody else: it sees the installed header and library only. */
#define _POSIX_C_SOURCE 200809L
#include <libxl_snapshot.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "not true: %s\n", what);
        exit(1);
    }
}

int main(void) {
    libxl_domain_snapshot_args args;

    libxl_domain_snapshot_args_init(&args);
    check(!args.memory && !args.memory_path && !args.num_disks, "new args are empty");

    args.memory = true;
    args.memory_path = strdup("/var/lib/xen/save/guest");
    args.disks = calloc(1, sizeof(*args.disks));
    args.num_disks = 1;
    libxl_disk_snapshot_init(&args.disks[0]);
    args.disks[0].disk.vdev = strdup("xvda");
    args.disks[0].name = strdup("before-upgrade");

    libxl_domain_snapshot_args_dispose(&args);
    check(!args.memory_path && !args.disks, "disposed args are empty");
    libxl_domain_snapshot_args_dispose(&args);

    check(!strcmp(libxl_snapshot_last_error(), ""), "no error before the first call");
    check(libxl_domain_snapshot_create(NULL, 1, &args, false) == ERROR_INVAL,
          "a call without a context is refused");
    check(strcmp(libxl_snapshot_last_error(), ""), "the refusal has a text");
    return 0;
}

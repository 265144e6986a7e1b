#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# announced_features.sh STAGE: the header announces each feature by a macro, as <libxl.h> does. A
# program asks for it with #ifdef: none of these is ever removed or gets another value.
set -euo pipefail

stage=$1
features=(
    LIBXL_HAVE_DOMAIN_SNAPSHOT
    LIBXL_HAVE_DOMAIN_SNAPSHOT_INACTIVE
    LIBXL_HAVE_DOMAIN_SNAPSHOT_REVERT_MANAGED
    LIBXL_HAVE_DISK_SNAPSHOT_ASYNC
    LIBXL_HAVE_SNAPSHOT_MONITOR
    LIBXL_HAVE_SNAPSHOT_CATALOG
    LIBXL_HAVE_SNAPSHOT_MEMORY_FILE
    LIBXL_HAVE_SNAPSHOT_OVERLAY_DIRECTORY
    LIBXL_HAVE_SNAPSHOT_DOMAIN_DISKS
)

macros() {
    gcc -std=c99 -x c -E -dM -I "$stage/include" - <<<"#include <$1>" |
        sed -n 's/^#define \(LIBXL_HAVE_[A-Z_]*\) /\1 /p' | LC_ALL=C sort
}

diff -u <(printf '%s 1\n' "${features[@]}" | LC_ALL=C sort) \
    <(LC_ALL=C comm -13 <(macros libxl.h) <(macros libxl_snapshot.h))

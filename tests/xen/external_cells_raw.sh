#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 900
# when: long
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh tests/xen/shared/cells.sh tests/xen/shared/raw.sh docs/combinations.md
#
# Each combination of docs/combinations.md that is accepted for a domain with its disks in raw images: one in a
# file, one on a block device. A deletion brings what was written down into them, so that each begins on them.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh
# shellcheck source=tests/xen/shared/cells.sh
source /xenbox/files/cells.sh
# shellcheck source=tests/xen/shared/raw.sh
source /xenbox/files/raw.sh

cells_format=raw
cells_disks=2

# The memory, with the disks left out, since an overlay would be another cell.
stays_files() {
    find "$catalog_root" -name '*.save'
}

raw_guest pvh
fallocate -l 16M "$(guest_image pvh xvda)"
start_cells --disk xvda=none --disk xvdb=none
run_all_cells 24 16
exit "$checks_failed"

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 900
# when: long
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh tests/xen/shared/cells.sh docs/combinations.md
#
# Each combination of docs/combinations.md that is accepted for a domain with its disks in qcow2 images.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh
# shellcheck source=tests/xen/shared/cells.sh
source /xenbox/files/cells.sh

cells_format=qcow2
cells_disks=1

# What the external snapshot below the cells keeps.
stays_files() {
    guest_image pvh xvda
}

start_cells --disk xvda=external
run_all_cells 29 20
exit "$checks_failed"

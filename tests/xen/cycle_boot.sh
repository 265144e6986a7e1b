#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# hosts: bookworm trixie
# files: tests/xen/shared/snapshot_cycle.sh
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

# A guest without PV drivers has two nodes on its image for ever. Both know the tag, though the guest
# runs; it is held for the moment and runs on.
disks_alone() {
    local image count
    image=$(guest_image boot xvda)
    xlsnap create --no-catalog --disk-only -n disks boot
    assert_nodes boot disks ide0-hd0 xvda-qcow2
    assert_eq running "$(domain_state boot)" "boot after create"
    count=$(disk_count "$image" disks)
    next_count boot >/dev/null
    assert_eq "$count" "$(disk_count "$image" disks)" "the count in the tag when the guest has gone on"
    xlsnap delete --no-catalog --disk-only -n disks boot
    assert_nodes boot '' ide0-hd0 xvda-qcow2
    next_count boot >/dev/null
    assert_intact "$image"
}

guest_start boot boot
guest_wait boot
check "boot: disks alone, while the guest runs" disks_alone
start_anew_after_failure boot
check "boot: create, revert twice, xl restore, delete" snapshot_cycle boot
exit "$checks_failed"

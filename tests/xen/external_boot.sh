#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 240
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh
#
# A guest without PV drivers has two nodes on its image for ever: both follow to the overlay.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh

# assert_goes_on: what the guest counts gets to its overlay, and to that alone. The BIOS never flushes, and
# until somebody does QEMU keeps for itself that it has written to a cluster for the first time.
assert_goes_on() {
    local count image answer
    assert_one_image boot
    image=$(present_image boot xvda)
    assert_nodes_on boot 2
    count=$(next_count boot)
    answer=$(monitor boot 'qemu-io ide0-hd0 flush')
    assert_eq '' "$answer" "what QEMU says to a flush"
    assert_between "$count" "$(disk_count "$image")" $((count + 1000)) "count in the overlay"
    assert_eq "$(cat base.digest)" "$(digest "$base")" "what the kept image holds"
}

snapshot() {
    local low high
    low=$(next_count boot)
    tell xlsnap -v create -n s1 --disk xvda=external boot
    high=$(next_count boot)
    echo "$low $high $(guest_boot_id boot)" >snapshot.out
    digest "$base" >base.digest
    assert_between "$low" "$(disk_count "$base")" "$high" "count in the kept image"
    assert_goes_on
}

reverts() {
    local low high boot
    read -r low high boot <snapshot.out
    tell xlsnap -v revert --paused boot s1
    assert_paused_at boot "$low" "$high" "$boot"
    assert_goes_on
}

ends() {
    local image count low high boot
    image=$(present_image boot xvda)
    count=$(next_count boot)
    guest_destroy boot
    wait_for 30 "QEMU to close $image" not_open "$image"
    assert_intact "$image"
    assert_between "$count" "$(disk_count "$image")" $((count + 1000)) "count in the overlay of before"
    read -r low high boot <snapshot.out
    tell xlsnap -v revert --paused boot s1
    assert_ne "$image" "$(present_image boot xvda)" "image after a revert"
    assert_paused_at boot "$low" "$high" "$boot"
}

guest_start boot boot
guest_wait boot
base=$(guest_image boot xvda)
check "boot: an external snapshot" snapshot
check "boot: back to it, running" reverts
check "boot: back to it once more" reverts
check "boot: its overlay is intact after xl destroy, and it comes back" ends
exit "$checks_failed"

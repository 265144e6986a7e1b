#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh
#
# External snapshots of an HVM guest before it unplugs its emulated disks, while two nodes of QEMU have each
# image open, and after that.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh

# What is written by the emulated disk, beside what write_it writes later by the PV disk: in another part
# of the disk, and in the same cluster.
early_offsets=(1048576 $((written_offset + written_length)))

# Firmware reads and boot loaders write by the emulated disk; here QEMU does, as the device would.
write_by_emulation() {
    local unit offset answer
    for unit in 0 1; do
        for offset in "${early_offsets[@]}"; do
            answer=$(monitor hvm "qemu-io ide0-hd$unit \\\"write -P 17 $offset 32768\\\"")
            [[ $answer != *rror* ]] || fail "QEMU cannot write by ide0-hd$unit: $answer"
        done
    done
}

# assert_early there|absent: what write_by_emulation wrote is on all disks, or on none.
assert_early() {
    local image images offset byte=0
    [[ $1 == absent ]] || byte=17
    images=$(guest_disks hvm)
    for image in $images; do
        for offset in "${early_offsets[@]}"; do
            disk_has_byte "$image" "$offset" 32768 "$byte" || fail "what was written by emulation is not $1 in $image"
        done
    done
}

# assert_kept: the images of the snapshot are what they were.
assert_kept() {
    assert_eq "$(cat kept.digests)" "$(sha256sum "$guest_folder"/hvm-xvd[ab].qcow2)" "kept images"
}

# assert_all_is_clean: destroy the guest; what is left is intact.
assert_all_is_clean() {
    local image images
    images=$(guest_disks hvm)
    guest_destroy hvm
    for image in $images; do
        wait_for 30 "QEMU to close $image" not_open "$image"
        assert_intact "$image"
        disk_has_byte "$image" "$written_offset" "$written_length" "$written_byte" || fail "$image lost what was written"
    done
    assert_kept
}

# The guest is held in its firmware until what must be done before it unplugs is done.
before_unplug() {
    local id
    guest_start hvm hvm bios=15000
    wait_for 30 "the firmware to run" has_run hvm
    assert_nodes hvm '' ide0-hd0 ide0-hd1 xvda-qcow2 xvdb-qcow2
    id=$(domain_id hvm)
    tell xlsnap -v create -n early --disk xvda=external --disk xvdb=external hvm
    assert_eq "$id running" "$(domain_id hvm) $(domain_state hvm)" "hvm after create"
    assert_one_image hvm
    assert_nodes_on hvm 2
    sha256sum "$guest_folder"/hvm-xvd[ab].qcow2 >kept.digests
    write_by_emulation
    assert_nodes_on hvm 2
    goes_on_from_firmware 0
    assert_early there
    assert_all_is_clean
}

# has_run NAME: whether the guest has used some CPU time.
has_run() {
    local list
    list=$(xl list "$1")
    awk 'NR == 2 { exit !($6 >= 0.2) }' <<<"$list"
}

# goes_on_from_firmware MARK: the kernel starts, unplugs, counts after the mark of the guest's log, and
# writes by its PV disks.
goes_on_from_firmware() {
    guest_wait_for hvm 120 "the first count of the guest" guest_counts_after hvm "$1"
    assert_nodes_on hvm 1
    write_it hvm
    assert_one_image hvm
    assert_kept
}

# A domain that is in its firmware once more, with both nodes, and boots anew.
back_before_unplug() {
    local mark
    tell xlsnap -v revert --paused hvm early
    assert_eq paused "$(domain_state hvm)" "hvm after the revert"
    assert_nodes_on hvm 2
    assert_early absent
    assert_written hvm absent
    write_by_emulation
    mark=$(guest_mark hvm)
    xl unpause hvm
    goes_on_from_firmware "$mark"
    assert_early there
}

after_unplug() {
    local low high
    low=$(next_count hvm)
    tell xlsnap -v create -n late --disk xvda=external --disk xvdb=external hvm
    high=$(next_count hvm)
    echo "$low $high $(guest_boot_id hvm)" >snapshot.out
    assert_one_image hvm
    assert_nodes_on hvm 1
    guest_command hvm write xvda 12582912 65536 33 >/dev/null
    disk_has_byte "$(present_image hvm xvda)" 12582912 65536 33 || fail "what was written is not in the overlay"
}

back_after_unplug() {
    local low high boot
    read -r low high boot <snapshot.out
    tell xlsnap -v revert --paused hvm late
    assert_nodes_on hvm 2
    assert_written hvm there
    assert_early there
    disk_has_byte "$(present_image hvm xvda)" 12582912 65536 0 || fail "what was written later is still there"
    assert_paused_at hvm "$low" "$high" "$boot"
    next_count hvm >/dev/null
    assert_nodes_on hvm 1
    assert_one_image hvm
    guest_command hvm write xvda 12582912 65536 33 >/dev/null
}

check "hvm: an external snapshot before the guest unplugs; what is written by both ways is there" before_unplug
check "hvm: back to it; the guest unplugs once more" back_before_unplug
check "hvm: an external snapshot after that" after_unplug
check "hvm: back to that one" back_after_unplug
check "hvm: and once more" back_after_unplug
check "hvm: its overlays are intact after xl destroy" assert_all_is_clean
exit "$checks_failed"

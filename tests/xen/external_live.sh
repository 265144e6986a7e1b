#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh
#
# Live snapshots: the guest runs and writes to its memory while that is saved, and memory and disks are
# of one instant.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh

# What fill put into the guest's memory is there after the revert, and what dirty does goes on.
live() {
    guest_start "$1" "$1" memory=64
    guest_wait "$1"
    guest_command "$1" fill 8 4711
    guest_command "$1" dirty 4 8
    take_external "$1" live --live
    for vdev in xvda xvdb; do
        assert_ne "$(guest_image "$1" "$vdev")" "$(present_image "$1" "$vdev")" "image of $vdev"
    done
    guest_command "$1" fill 8 4712
    back "$1"
    write_it "$1"
    back "$1"
}

back() {
    local reply
    back_with_memory "$1" live
    reply=$(guest_command "$1" check)
    assert_eq 'mib=8 seed=4711' "$reply" "what the memory of $1 holds"
}

check "pvh: a live snapshot, and twice back to it" live pvh
guest_destroy pvh
check "hvm: the same" live hvm
exit "$checks_failed"

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

# Until the guest's kernel unplugs the emulated disks, QEMU has each image open twice; both nodes must
# know a new tag, or the second one would write into its clusters later. The guest is held in its
# firmware, so that it cannot unplug meanwhile. It boots and writes when it was taken back; the snapshot
# still holds the empty disks.
before_unplug() {
    local id image
    guest_start hvm hvm bios=5000 paused=yes
    xl unpause hvm
    wait_for 30 "the firmware to run" has_run hvm
    xl pause hvm
    id=$(domain_id hvm)
    xlsnap create --memory-path "$PWD/early.save" -n early hvm
    assert_nodes hvm early ide0-hd0 ide0-hd1 xvda-qcow2 xvdb-qcow2
    assert_eq paused "$(domain_state hvm)" "hvm after create"
    xlsnap revert --memory-path "$PWD/early.save" -n early hvm
    assert_ne "$id" "$(domain_id hvm)" "domid after the revert"
    assert_eq paused "$(domain_state hvm)" "hvm after the revert"
    assert_nodes hvm early ide0-hd0 ide0-hd1 xvda-qcow2 xvdb-qcow2
    xl unpause hvm
    guest_wait hvm
    for image in $(guest_disks hvm); do assert_tag_is_empty "$image" early; done
    xlsnap delete --memory-path "$PWD/early.save" -n early hvm
    assert_nodes hvm '' xvda-qcow2 xvdb-qcow2
    for image in $(guest_disks hvm); do assert_intact "$image"; done
}

# assert_tag_is_empty IMAGE TAG: what the tag holds are zeros, though the image holds a count.
assert_tag_is_empty() {
    disk_count "$1" >/dev/null
    qemu-img convert -U -l "snapshot.name=$2" -f qcow2 -O raw "$1" raw
    cmp -n "$(stat -c %s raw)" raw /dev/zero || fail "the tag $2 of $1 holds what was written later"
    rm raw
}

# has_run NAME: whether the guest has used some CPU time.
has_run() {
    xl list "$1" | awk 'NR == 2 { exit !($6 >= 0.2) }'
}

check "hvm: create, revert, delete before the guest unplugs its emulated disks" before_unplug
start_anew_after_failure hvm
check "hvm: create, revert twice, xl restore, delete" snapshot_cycle hvm
exit "$checks_failed"

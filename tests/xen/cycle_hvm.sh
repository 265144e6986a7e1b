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
# firmware, so that it cannot unplug meanwhile.
create_before_unplug() {
    guest_start hvm hvm bios=5000 paused=yes
    xl unpause hvm
    wait_for 30 "the firmware to run" has_run hvm
    xl pause hvm
    xlsnap create --memory-path "$PWD/early.save" -n early hvm
    assert_nodes hvm early ide0-hd0 ide0-hd1 xvda-qcow2 xvdb-qcow2
    xl unpause hvm
    guest_wait hvm
    assert_nodes hvm early xvda-qcow2 xvdb-qcow2
    for image in $(guest_disks hvm); do assert_intact "$image"; done
}

# has_run NAME: whether the guest has used some CPU time.
has_run() {
    xl list "$1" | awk 'NR == 2 { exit !($6 >= 0.2) }'
}

# Back in the firmware: the guest boots anew and unplugs again.
revert_to_before_unplug() {
    local boot
    boot=$(guest_boot_id hvm)
    xlsnap revert --memory-path "$PWD/early.save" -n early hvm
    assert_eq paused "$(domain_state hvm)" "hvm after the revert"
    xlsnap delete --memory-path "$PWD/early.save" -n early hvm
    assert_nodes hvm '' ide0-hd0 ide0-hd1 xvda-qcow2 xvdb-qcow2
    xl unpause hvm
    guest_wait_for hvm 120 "another boot of the guest" boot_differs hvm "$boot"
    for image in $(guest_disks hvm); do assert_intact "$image"; done
}

check "hvm: create before the guest unplugs its emulated disks" create_before_unplug
check "hvm: revert to before the unplug" revert_to_before_unplug
check "hvm: create, revert twice, xl restore, delete" snapshot_cycle hvm
exit "$checks_failed"

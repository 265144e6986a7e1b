#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 420
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/failures.sh
# files: build/release/tests/xen/open_image_guard
#
# A revert that cannot be done leaves the domain alone; one that fails half-way takes the disks back
# and starts the domain again.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/failures.sh
source /xenbox/files/failures.sh

prepare_guest() {
    xlsnap create -n s1 --memory-path "$guest_folder/$1.save" "$1"
}

# refuse_to_revert NAME REGEX OPTION...: revert fails, says why, and the domain goes on untouched once
# what made it fail is mended. keep_traces was called before that broke.
refuse_to_revert() {
    local name=$1 text=$2 id boot count status=0
    shift 2
    id=$(domain_id "$name")
    boot=$(guest_boot_id "$name")
    count=$(guest_count "$name")
    xlsnap revert "$@" "$name" 2>revert.out || status=$?
    mend_now
    assert_ne 0 "$status" "status of revert"
    assert_says revert.out "$text"
    assert_eq "$id" "$(domain_id "$name")" "domid"
    assert_eq running "$(domain_state "$name")" "$name after the refused revert"
    assert_nothing_left "$name" "$id"
    guest_wait_count "$name" $((count + 3))
    assert_eq "$boot" "$(guest_boot_id "$name")" "boot id"
}

with_qemu_stopped() {
    keep_traces "$1"
    stop_qemu "$1"
    refuse_to_revert "$1" 'QEMU.*qmp-lib' -n s1 --memory-path "$PWD/$1.save"
}

with_monitor_busy() {
    keep_traces "$1"
    hold_monitor "$1"
    refuse_to_revert "$1" 'qmp-libxenstat-.*end that client' -n s1 --memory-path "$PWD/$1.save"
}

# The restore itself fails when the domain is gone already.
with_broken_restore() {
    local name=$1 boot vdev image status=0
    boot=$(guest_boot_id "$name")
    write_something "$name"
    break_helper
    xlsnap revert -n s1 --memory-path "$PWD/$name.save" "$name" 2>revert.out || status=$?
    mend_now
    assert_ne 0 "$status" "status of a revert without a working libxl-save-helper"
    assert_says revert.out 'in memory is lost'
    assert_eq running "$(domain_state "$name")" "$name after the failed revert"
    for vdev in xvda xvdb; do
        image=$(guest_image "$name" "$vdev")
        disk_has_byte "$image" "$pattern_offset" "$pattern_length" "$pattern_byte" ||
            fail "$vdev lost what was written before the revert"
        assert_intact "$image"
    done
    assert_tags "$name" s1
    guest_wait_for "$name" 120 "the new boot of $name" boot_differs "$name" "$boot"
    # And now it works.
    xlsnap revert -n s1 --memory-path "$PWD/$name.save" "$name"
    guest_wait_for "$name" 30 "the boot of the snapshot" boot_is "$name" "$boot"
}

# Stock qemu-img does not notice that a domain has an image open; ours refuses.
open_image_guard() {
    local image other
    image=$(guest_image "$1" xvdb) other=$(guest_image "$1" xvda)
    /xenbox/files/open_image_guard "$image"
    assert_tags "$1" s1
    assert_intact "$image"
    qemu-img snapshot -c unnoticed "$other" || fail "stock qemu-img noticed the open image"
    echo "   stock qemu-img changed the image of a running domain and returned 0"
    guest_destroy "$1"
}

check_with_guest pv "QEMU stopped before revert" with_qemu_stopped
check_with_guest pv "the QMP socket is busy" with_monitor_busy
check_with_guest pv "libxl-save-helper fails when the domain is restored" with_broken_restore
check_with_guest pv "the open-image guard" open_image_guard
exit "$checks_failed"

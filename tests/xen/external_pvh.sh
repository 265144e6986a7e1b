#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 400
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/watchers.sh tests/xen/shared/lives.sh tests/xen/shared/external.sh
#
# After an external snapshot the guest goes on in its overlays, whatever happens to it; a revert brings
# back memory and disks of one instant; a deletion leaves what it had.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/lives.sh
source /xenbox/files/lives.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh

guest=pvh

# What it wrote is there, and each image that was kept is what it was.
still_written() {
    assert_written "$guest" there
    assert_one_image "$guest"
    assert_eq "$(cat base.digest)" "$(digest "$(guest_image "$guest" xvda)")" "what the kept image holds"
}

external_snapshot() {
    local image
    low=$(next_count "$guest")
    tell xlsnap -v create -n s1 --disk xvda=external --disk xvdb=external "$guest"
    high=$(next_count "$guest")
    for image in xvda xvdb; do
        assert_eq "$guest_folder/$guest-$image.s1.qcow2" "$(present_image "$guest" "$image")" "image of $image"
        assert_eq 600 "$(stat -c %a "$guest_folder/$guest-$image.s1.qcow2")" "mode of the overlay"
    done
    assert_one_image "$guest"
    digest "$(guest_image "$guest" xvda)" >base.digest
    echo "$low $high $(guest_boot_id "$guest")" >snapshot.out
    write_it "$guest"
    still_written
}

goes_on() {
    "$@"
    still_written
}

reverts() {
    read -r low high boot <snapshot.out
    tell xlsnap -v revert --paused "$guest" s1
    assert_written "$guest" absent
    assert_paused_at "$guest" "$low" "$high" "$boot"
    assert_one_image "$guest"
    write_it "$guest"
    still_written
}

start_watched "$guest"
check "$guest: an external snapshot" external_snapshot
check "$guest: its reboot keeps the overlays" goes_on reboots "$guest"
check "$guest: xl reboot keeps the overlays" goes_on is_rebooted_by_xl "$guest"
check "$guest: xl save and restore keep the overlays" goes_on is_saved_and_restored_by_xl "$guest"
check "$guest: a migration keeps the overlays" goes_on is_rebooted_after_a_migration "$guest"
check "$guest: back to the snapshot, twice" reverts
check "$guest: back to the snapshot once more" reverts
exit "$checks_failed"

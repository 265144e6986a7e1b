#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# files: tests/xen/shared/snapshot_cycle.sh
#
# What cycle_pv leaves out: a paused guest, and disks alone.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

# A domain that is paused when its snapshot is made stays paused, and comes back paused. The guest runs
# before and afterwards. It suspends by itself and must run for a moment to do so; cycle_hvm has the other
# way.
paused_cycle() {
    local name=$1 boot low high
    boot=$(guest_boot_id "$name")
    xl pause "$name"
    low=$(guest_count "$name")
    xlsnap create --memory-path "$guest_folder/$name.save" -n s1 "$name"
    assert_eq paused "$(domain_state "$name")" "$name after create"
    xl unpause "$name"
    high=$(next_count "$name")
    guest_wait_count "$name" $((high + 5))
    xlsnap revert --memory-path "$guest_folder/$name.save" -n s1 "$name"
    assert_paused_at "$name" "$low" "$high" "$boot"
    xlsnap delete --memory-path "$guest_folder/$name.save" -n s1 "$name"
}

# What the guest has in memory is lost: it is started from its configuration.
disks_alone() {
    local name=$1 boot
    boot=$(guest_boot_id "$name")
    xlsnap create --no-catalog --disk-only -n s2 "$name"
    write_something "$name"
    xlsnap revert --no-catalog --disk-only -n s2 "$name"
    guest_wait_for "$name" 120 "the new boot of $name" boot_differs "$name" "$boot"
    assert_pattern_nowhere "$name"
    assert_tags "$name" s2
    xlsnap delete --no-catalog --disk-only -n s2 "$name"
    assert_tags "$name" ''
}

guest_start pv pv
guest_wait pv
check "pv: paused at create, paused after revert" paused_cycle pv
start_anew_after_failure pv
check "pv: create, revert and delete of the disks alone" disks_alone pv
exit "$checks_failed"

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# files: tests/xen/shared/snapshot_cycle.sh
#
# A guest that suspends by itself must run for a moment to do so; cycle_hvm has the other way.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

# A domain that is paused when its snapshot is made stays paused, and comes back paused. The guest runs
# before and afterwards.
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

guest_start pv pv
guest_wait pv
check "pv: paused at create, paused after revert" paused_cycle pv
exit "$checks_failed"

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# files: tests/xen/shared/snapshot_cycle.sh
#
# A domain that is paused when its snapshot is made stays paused, and comes back paused.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

paused_cycle() {
    local name=$1 boot low high
    boot=$(guest_boot_id "$name")
    xl pause "$name"
    low=$(guest_count "$name")
    xlsnap create --memory-path "$PWD/$name.save" -n s1 "$name"
    assert_eq paused "$(domain_state "$name")" "$name after create"
    xl unpause "$name"
    high=$(next_count "$name")
    guest_wait_count "$name" $((high + 5))
    xlsnap revert --memory-path "$PWD/$name.save" -n s1 "$name"
    assert_paused_at "$name" "$low" "$high" "$boot"
    xlsnap delete --memory-path "$PWD/$name.save" -n s1 "$name"
    guest_destroy "$name"
}

for kind in pvh boot; do
    guest_start "$kind" "$kind"
    guest_wait "$kind"
    check "$kind: paused at create, paused after revert" paused_cycle "$kind"
done
exit "$checks_failed"

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 2700
# when: long
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/watchers.sh tests/xen/shared/lives.sh
#
# Every way to go on and to end, after create and after revert, for each kind of guest.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/lives.sh
source /xenbox/files/lives.sh

# after_create KIND WAY, after_revert KIND WAY: what a guest does then.
after_create() {
    start_watched "$1" "config=on_crash = 'destroy'"
    take_snapshot "$1" "$2-1"
    "$2" "$1"
}
after_revert() {
    start_watched "$1" "config=on_crash = 'destroy'"
    take_snapshot "$1" "$2-2"
    go_back "$1" "$2-2"
    "$2" "$1"
}

ways=(reboots is_rebooted_by_xl is_saved_and_restored_by_xl)
ways+=(powers_off crashes is_shut_down_by_xl is_destroyed_by_xl)
for kind in pv pvh hvm; do
    for way in "${ways[@]}"; do
        for when in after_create after_revert; do
            check "$kind ${when/_/ } ${way//_/ }" "$when" "$kind" "$way"
            guest_destroy "$kind"
        done
    done
done
exit "$checks_failed"

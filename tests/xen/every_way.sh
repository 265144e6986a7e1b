#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 1800
# when: long
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/watchers.sh tests/xen/shared/lives.sh
#
# Every way to end, after create and after revert, for each kind of guest.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/lives.sh
source /xenbox/files/lives.sh

# starts_and_ends KIND WAY: after create, and a second guest after revert.
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

for kind in pv pvh hvm; do
    for way in powers_off crashes is_shut_down_by_xl is_destroyed_by_xl; do
        for when in after_create after_revert; do
            check "$kind ${when/_/ } ${way//_/ }, and nothing is left" "$when" "$kind" "$way"
            guest_destroy "$kind"
        done
    done
done
exit "$checks_failed"

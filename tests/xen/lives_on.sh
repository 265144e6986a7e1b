#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 900
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/watchers.sh
#
# A guest goes on through its reboots after create, revert, xl save with xl restore, and a migration:
# always with one watcher.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/watchers.sh
source /xenbox/files/watchers.sh

reboots_after_create() {
    assert_watched "$1"
    take_snapshot "$1"
    rises_again "$1" guest_command "$1" reboot
}

# The watcher of before has followed the domain: no second one comes to stay.
reboots_after_the_next_create() {
    take_snapshot "$1" s2
    rises_again "$1" xl reboot "$1"
}

reboots_after_revert() {
    go_back "$1" s2
    rises_again "$1" guest_command "$1" reboot
}

# xl restore leaves a process of xl; ours has left with its domain.
reboots_after_save_and_restore() {
    local mark
    rm -f "$guest_folder/$1.xl"
    xl save "$1" "$guest_folder/$1.xl" >/dev/null
    assert_gone "$1"
    mark=$(guest_mark "$1")
    xl restore "$guest_folder/$1.xl" >/dev/null
    guest_first_line_after "$1" "$mark" >/dev/null
    assert_watched "$1"
    take_snapshot "$1" s3
    rises_again "$1" guest_command "$1" reboot
}

goes_down_by_xl_shutdown() {
    xl shutdown "$1" >/dev/null
    assert_gone "$1"
}

whole_life() {
    guest_start "$1" "$1" "config=on_reboot = 'restart'" "config=on_crash = 'destroy'"
    guest_wait "$1"
    check "$1: one watcher and one new domain when the guest reboots after create" \
        reboots_after_create "$1"
    check "$1: the same when xl reboots it after one more create" reboots_after_the_next_create "$1"
    check "$1: the same when the guest reboots after revert" reboots_after_revert "$1"
    check "$1: the same after xl save, xl restore and create" reboots_after_save_and_restore "$1"
}

migrates() {
    local mark
    mark=$(guest_mark "$1")
    xl migrate -s '' "$1" 'xl migrate-receive' >/dev/null 2>migrate.out || fail "$(cat migrate.out)"
    guest_first_line_after "$1" "$mark" >/dev/null
    assert_watched "$1"
}
reboots_after_a_migration() {
    migrates "$1"
    take_snapshot "$1" s4
    rises_again "$1" guest_command "$1" reboot
}

for kind in pv pvh hvm; do
    whole_life "$kind"
    # Not pv: the host's Xen cannot log which pages of a PV guest are written.
    [[ $kind != pvh ]] ||
        check "pvh: the same after a migration to the same host and create" \
            reboots_after_a_migration pvh
    check "$kind: xl shutdown leaves no domain and no process" goes_down_by_xl_shutdown "$kind"
    guest_destroy "$kind"
done
exit "$checks_failed"

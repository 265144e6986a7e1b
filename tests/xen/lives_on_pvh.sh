#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 700
# when: long
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/watchers.sh tests/xen/shared/lives.sh
#
# As lives_on, and a migration to the same host. That is not for pv: the host's Xen cannot log which pages
# of a PV guest are written.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/lives.sh
source /xenbox/files/lives.sh

# The domain is received under another name, which its console log and that of its watcher keep: what
# the guest says is heard again after its reboot.
reboots_after_a_migration() {
    local boot id
    boot=$(guest_boot_id "$1")
    id=$(domain_id "$1")
    xl migrate -s '' "$1" 'xl migrate-receive' >/dev/null 2>migrate.out || fail "$(cat migrate.out)"
    assert_ne "$id" "$(domain_id "$1")" "domid of $1 after the migration"
    assert_watched "$1"
    take_snapshot "$1" s4
    id=$(domain_id "$1")
    xl reboot "$1" >/dev/null
    wait_for 120 "the new boot of guest $1" boot_differs "$1" "$boot"
    assert_eq $((id + 1)) "$(domain_id "$1")" "domid of $1 after the reboot"
    assert_watched "$1"
}

whole_life pvh
check "pvh: the same after a migration to the same host and create" reboots_after_a_migration pvh
check "pvh: xl shutdown leaves no domain and no process" is_shut_down_by_xl pvh
exit "$checks_failed"

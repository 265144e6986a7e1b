# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets guest_folder
#
# What the cases about a guest's life share: it goes on through its reboots, always with one watcher, and
# ends as it should. Sourced after /xenbox/lib.sh; it reads the other two itself.
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/watchers.sh
source /xenbox/files/watchers.sh

# start_watched KIND [OPTION]...: a guest that is named like its kind, and that is started again when it
# reboots.
start_watched() {
    guest_start "$1" "$1" "config=on_reboot = 'restart'" "${@:2}"
    guest_wait "$1"
}

# ---- ways to go on: as one new domain at most, with one watcher -------------------------------------

reboots() {
    rises_again "$1" guest_command "$1" reboot
}
is_rebooted_by_xl() {
    rises_again "$1" xl reboot "$1"
}
# xl restore leaves a process of xl; ours has left with its domain.
is_saved_and_restored_by_xl() {
    local mark
    rm -f "$guest_folder/$1.xl"
    xl save "$1" "$guest_folder/$1.xl" >/dev/null
    assert_gone "$1"
    mark=$(guest_mark "$1")
    xl restore "$guest_folder/$1.xl" >/dev/null
    guest_first_line_after "$1" "$mark" >/dev/null
    assert_watched "$1"
}

# ---- ways to end: each leaves no domain and no process -----------------------------------------------

powers_off() {
    guest_command "$1" poweroff
    assert_gone "$1"
}
crashes() {
    guest_command "$1" crash
    assert_gone "$1"
}
is_shut_down_by_xl() {
    xl shutdown "$1" >/dev/null
    assert_gone "$1"
}
is_destroyed_by_xl() {
    xl destroy "$1"
    assert_gone "$1"
}

# ---- a life that does not end ------------------------------------------------------------------------

reboots_after_create() {
    assert_watched "$1"
    take_snapshot "$1"
    reboots "$1"
}
# The watcher of before has followed the domain: no second one comes to stay.
is_rebooted_after_the_next_create() {
    take_snapshot "$1" s2
    is_rebooted_by_xl "$1"
}
reboots_after_revert() {
    go_back "$1" s2
    reboots "$1"
}
reboots_after_save_and_restore() {
    is_saved_and_restored_by_xl "$1"
    take_snapshot "$1" s3
    reboots "$1"
}

# The domain is received under another name, which its console log and that of its watcher keep: what
# the guest says is heard again after its reboot.
is_rebooted_after_a_migration() {
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

whole_life() {
    start_watched "$1"
    check "$1: one watcher and one new domain when the guest reboots after create" \
        reboots_after_create "$1"
    check "$1: the same when xl reboots it after one more create" is_rebooted_after_the_next_create "$1"
    check "$1: the same when the guest reboots after revert" reboots_after_revert "$1"
    check "$1: the same after xl save, xl restore and create" reboots_after_save_and_restore "$1"
}

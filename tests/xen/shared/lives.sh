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

# whole_life KIND: it does not end.
whole_life() {
    start_watched "$1"
    check "$1: one watcher and one new domain when the guest reboots after create" \
        reboots_after_create "$1"
    check "$1: the same when xl reboots it after one more create" reboots_after_the_next_create "$1"
    check "$1: the same when the guest reboots after revert" reboots_after_revert "$1"
    check "$1: the same after xl save, xl restore and create" reboots_after_save_and_restore "$1"
}

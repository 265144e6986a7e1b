#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 700
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/watchers.sh
#
# How a guest ends after create and after revert: what its configuration wants, and nothing else is left.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/watchers.sh
source /xenbox/files/watchers.sh

# start KIND [OPTION]...: a guest that is named like its kind.
start() {
    guest_start "$1" "$1" "${@:2}"
    guest_wait "$1"
}

powers_off() {
    guest_command "$1" poweroff
    assert_gone "$1"
}

crashes_and_is_destroyed() {
    guest_command "$1" crash
    assert_gone "$1"
}

crashes_and_is_started_again() {
    rises_again "$1" guest_command "$1" crash
}

# It stays to be looked at, and so does its QEMU; its watcher has nothing to do any more.
crashes_and_is_preserved() {
    guest_command "$1" crash
    wait_for 60 "the crash of $1" domain_is crashed "$1"
    wait_for 30 "the end of the watcher of $1" has_watchers 0 "$1"
    assert_eq crashed "$(domain_state "$1")" "$1 when its watcher has left"
}

is_destroyed_by_xl() {
    xl destroy "$1"
    assert_gone "$1"
}

# Two users who start a watcher by hand get one.
is_watched_once() {
    xlsnap monitor "$1"
    xlsnap monitor "$1"
    assert_watched "$1"
}

# ended_watcher NAME: nobody watches the domain.
ended_watcher() {
    local pids
    find_watchers "$1"
    kill "${pids[@]}"
    wait_for 30 "the end of the watchers of $1" has_watchers 0 "$1"
}
is_watched_again() {
    ended_watcher "$1"
    xlsnap monitor "$1"
    assert_watched "$1"
    powers_off "$1"
}

for kind in pv pvh hvm; do
    start "$kind" "config=on_crash = 'restart'"
    take_snapshot "$kind" s1
    check "$kind: a guest that crashes after create is started again where it is wanted" \
        crashes_and_is_started_again "$kind"
    check "$kind: a guest that powers off after create leaves nothing" powers_off "$kind"

    start "$kind" "config=on_crash = 'destroy'"
    take_snapshot "$kind" s2
    go_back "$kind" s2
    check "$kind: a guest that crashes after revert leaves nothing" crashes_and_is_destroyed "$kind"
done

start pv
take_snapshot pv s3
check "a watcher that is asked for twice is one" is_watched_once pv
go_back pv s3
check "a watcher that was killed is replaced by hand" is_watched_again pv

start pv
take_snapshot pv s4
go_back pv s4
check "xl destroy leaves no process" is_destroyed_by_xl pv

start pv
take_snapshot pv s5
check "a guest that crashes stays where it is wanted" crashes_and_is_preserved pv
guest_destroy pv
exit "$checks_failed"

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 420
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/watchers.sh tests/xen/shared/lives.sh
#
# How a guest ends after create and after revert: as its configuration wants, and nothing else is left.
# every_way shows all of them, for each kind.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/lives.sh
source /xenbox/files/lives.sh

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

# Two users who start a watcher by hand get one.
is_watched_once() {
    in_a_job xlsnap monitor "$1"
    in_a_job xlsnap monitor "$1"
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
}

start_watched pv "config=on_crash = 'restart'"
take_snapshot pv s1
check "a guest that crashes after create is started again where it is wanted" \
    crashes_and_is_started_again pv
check "a guest that powers off after create leaves nothing" powers_off pv

start_watched pv "config=on_crash = 'destroy'"
take_snapshot pv s2
check "a watcher that is asked for twice is one" is_watched_once pv
go_back pv s2
check "a watcher that was killed is replaced by hand" is_watched_again pv
check "a guest that crashes after revert leaves nothing" crashes pv

start_watched pv
take_snapshot pv s3
check "a guest that crashes stays where it is wanted" crashes_and_is_preserved pv
check "xl destroy leaves nothing of it" is_destroyed_by_xl pv
exit "$checks_failed"

# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets guest_folder and checks_failed
#
# What the cases about failures share: ways to break something, each with its `mend` (see check in
# lib.sh), and checks that do not see what an earlier one broke. Sourced after snapshot_cycle.sh.

# check_with_guest KIND NAME COMMAND...: a check with a running guest of the kind, whose name is given to
# the command. A check that fails takes the guest and its images with it.
check_with_guest() {
    local failed_before=$checks_failed
    check "$1: $2" with_guest "$1" "${@:3}"
    ((checks_failed == failed_before)) || guest_discard "$1"
}

with_guest() {
    if ! domain_is running "$1"; then
        guest_discard "$1"
        guest_start "$1" "$1"
        guest_wait "$1"
        prepare_guest "$1"
    fi
    "${@:2}" "$1"
}

# prepare_guest NAME: what a case does with each guest that is started for its checks.
prepare_guest() { :; }

guest_discard() {
    guest_destroy "$1"
    rm -f "$guest_folder/$1"-xvd?.qcow2 "$guest_folder/$1.save"
}

# assert_says FILE REGEX: a message of xlsnap itself, not of libxl, is in the file and matches.
assert_says() {
    sed 's/^/   /' "$1"
    grep '^xlsnap: ' "$1" | grep -q -E -e "$2" || fail "the message does not say: $2"
}

# assert_nothing_left NAME DOMID: no trace that was not there before, and nobody on QEMU's socket.
keep_traces() {
    traces "$1" >before.traces
}
assert_nothing_left() {
    traces "$1" >after.traces
    diff before.traces after.traces || fail "something is left"
    wait_for 30 "the end of the connection to QEMU" monitor_is_free "$2"
}

# mend_now: repair before the after-conditions are looked at.
mend_now() {
    mend
    mend() { :; }
}

# stop_qemu NAME: QEMU answers nothing until mend.
stop_qemu() {
    find_qemu "$1"
    kill -STOP "$qemu_pid"
    mend() { kill -CONT "$qemu_pid"; }
}
find_qemu() {
    local id
    id=$(domain_id "$1")
    qemu_pid=$(xenstore-read "/local/domain/$id/image/device-model-pid")
}

# hold_monitor NAME: another client has QEMU's socket until mend.
hold_monitor() {
    local id
    id=$(domain_id "$1")
    coproc HOLDER { exec socat - "UNIX-CONNECT:/run/xen/qmp-libxenstat-$id"; }
    # shellcheck disable=SC2153 # coproc sets it
    holder_pid=$HOLDER_PID
    mend() {
        kill "$holder_pid" || true
        wait "$holder_pid" || true
    }
    IFS= read -r -t 10 _ <&"${HOLDER[0]}" || fail "no greeting of the QEMU of $1"
    ! monitor_is_free "$id" || fail "ss does not show the connection to the QEMU of $1"
}

# break_helper: libxl-save-helper fails until mend.
helper=$(echo /usr/lib/xen-4.*/bin/libxl-save-helper)
break_helper() {
    replace_helper 'exit 1'
    mend() { restore_helper; }
}

# replace_helper COMMANDS: a shell script stands for libxl-save-helper, which is "$helper.good" until
# restore_helper, which may be called twice.
replace_helper() {
    mv "$helper" "$helper.good"
    printf '#!/bin/sh\n%s\n' "$1" >"$helper"
    chmod +x "$helper"
}
restore_helper() {
    [[ ! -e $helper.good ]] || mv -f "$helper.good" "$helper"
}

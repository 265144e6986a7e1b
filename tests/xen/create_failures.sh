#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 420
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/failures.sh
#
# A create that fails leaves a running guest and nothing else, and says what to do.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/failures.sh
source /xenbox/files/failures.sh

# refuse_to_create NAME REGEX OPTION...: create fails, says why, and leaves no trace once what made it
# fail is mended. keep_traces was called before that broke.
refuse_to_create() {
    local name=$1 text=$2 id count status=0
    shift 2
    id=$(domain_id "$name")
    xlsnap create -n s1 "$@" "$name" 2>create.out || status=$?
    mend_now
    assert_ne 0 "$status" "status of create"
    assert_says create.out "$text"
    assert_eq running "$(domain_state "$name")" "$name after the failed create"
    assert_nothing_left "$name" "$id"
    count=$(guest_count "$name")
    guest_wait_count "$name" $((count + 3))
}

with_qemu_stopped() {
    keep_traces "$1"
    stop_qemu "$1"
    refuse_to_create "$1" 'QEMU.*qmp-lib' --memory-path "$PWD/m.save"
}

# QEMU stops when the memory is written: the preparations are over, the guest is suspended.
# Not with an HVM guest: there libxl itself asks QEMU for its state after the memory, and its
# libxl__qmp_suspend_save (libxl_dom_save.c) waits without a deadline; so stock xl save hangs as well.
with_qemu_stopped_meanwhile() {
    keep_traces "$1"
    find_qemu "$1"
    replace_helper "'$helper.good' \"\$@\" && kill -STOP $qemu_pid"
    mend() {
        restore_helper
        kill -CONT "$qemu_pid"
    }
    refuse_to_create "$1" 'making disk snapshots: .*QEMU.*qmp-lib' --memory-path "$PWD/m.save"
}

with_monitor_busy() {
    keep_traces "$1"
    hold_monitor "$1"
    refuse_to_create "$1" 'qmp-libxenstat-.*end that client' --memory-path "$PWD/m.save"
}

# Traces are looked for while the file system is mounted.
# libxl has begun the image when it starts its helper, which writes the guest's memory.
with_file_system_that_fills_up() {
    local fill_up
    mkdir -p small
    mount -t tmpfs -o size=80M small "$PWD/small"
    mend() { umount "$PWD/small" && rmdir "$PWD/small"; }
    keep_traces "$1"
    fill_up="head -c 80M /dev/zero >'$PWD/small/filler' 2>/dev/null"
    replace_helper "$fill_up; exec '$helper.good' \"\$@\""
    mend_now() {
        restore_helper
        rm "$PWD/small/filler"
    }
    mend() {
        restore_helper
        umount "$PWD/small" && rmdir "$PWD/small"
    }
    refuse_to_create "$1" 'saving the memory: .*full' --memory-path "$PWD/small/m.save"
}

with_broken_save_helper() {
    keep_traces "$1"
    break_helper
    refuse_to_create "$1" 'saving the memory: .*libxl-save-helper' --memory-path "$PWD/m.save"
}

# Another program destroys the domain while its memory is saved.
with_domain_gone_meanwhile() {
    local status=0
    keep_traces "$1"
    replace_helper "xl destroy $1; exec '$helper.good' \"\$@\""
    mend() { restore_helper; }
    xlsnap create -n s1 --memory-path "$PWD/m.save" "$1" 2>create.out || status=$?
    mend_now
    assert_ne 0 "$status" "status of create"
    assert_says create.out 'went away meanwhile; start it \(xl create\) and try again'
    assert_eq absent "$(domain_state "$1")" "$1 after the failed create"
    assert_disks_intact "$1"
    traces "$1" >after.traces
    diff before.traces after.traces || fail "something is left"
}

with_qemu_gone() {
    local status=0
    keep_traces "$1"
    find_qemu "$1"
    kill -KILL "$qemu_pid"
    xlsnap create -n s1 --memory-path "$PWD/m.save" "$1" 2>create.out || status=$?
    assert_ne 0 "$status" "status of create"
    assert_says create.out 'QEMU is gone'
    assert_eq running "$(domain_state "$1")" "$1 after the failed create"
    traces "$1" >after.traces
    diff before.traces after.traces || fail "something is left"
}

with_deaf_guest() {
    guest_start deaf deaf disks=1
    guest_wait deaf
    keep_traces deaf
    refuse_to_create deaf 'did not suspend.*look at its console' --memory-path "$PWD/deaf.save"
    guest_destroy deaf
}

# begin_check_of_deaf_guest, end_check_of_deaf_guest: libxl gives a deaf guest up after a minute, in which
# other checks run, those of broken helpers too, since its helper runs already. It has a folder of its own,
# so that nobody takes its files for traces. A case that ends early shows what it saw; by then it may
# have ended itself.
begin_check_of_deaf_guest() {
    deaf_folder=$(mktemp -d)
    (
        cd "$deaf_folder"
        guest_folder=$deaf_folder
        check "deaf: the guest ignores the suspend request" with_deaf_guest
        exit "$checks_failed"
    ) >"$deaf_folder.log" 2>&1 &
    deaf_check=$!
    trap 'kill "$deaf_check" 2>/dev/null || true; cat "$deaf_folder.log"' EXIT
    wait_for 250 "the helper that saves the deaf guest" deaf_guest_is_saved_or_check_ended
}
end_check_of_deaf_guest() {
    wait "$deaf_check" || checks_failed=$((checks_failed + 1))
    trap - EXIT
    cat "$deaf_folder.log"
}
# The kernel keeps 15 letters of the helper's name.
deaf_guest_is_saved_or_check_ended() {
    local name
    kill -0 "$deaf_check" 2>/dev/null || return 0
    for name in /proc/[0-9]*/comm; do
        ! read -r name 2>/dev/null <"$name" || [[ $name != libxl-save-help ]] || return 0
    done
    return 1
}

begin_check_of_deaf_guest
# Saving an HVM guest is more than saving its memory: QEMU tracks what is written meanwhile.
check_with_guest boot "libxl-save-helper fails" with_broken_save_helper
guest_discard boot
check_with_guest pv "libxl-save-helper fails" with_broken_save_helper
check_with_guest pv "the memory image's file system fills up" with_file_system_that_fills_up
check_with_guest pv "QEMU stopped before create" with_qemu_stopped
check_with_guest pv "QEMU stopped while the memory is saved" with_qemu_stopped_meanwhile
check_with_guest pv "the QMP socket is busy" with_monitor_busy
check_with_guest pv "QEMU is gone" with_qemu_gone
guest_discard pv
check_with_guest pv "the domain goes while its memory is saved" with_domain_gone_meanwhile
end_check_of_deaf_guest
exit "$checks_failed"

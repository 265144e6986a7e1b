#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/failures.sh tests/xen/shared/small_catalog.sh
#
# An operation of the catalog that fails half-way leaves a running guest, and records, memory images and
# tags that belong together; it says what to do, and succeeds once that is done.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/small_catalog.sh
source /xenbox/files/small_catalog.sh

# ---- the catalog's file system is full -----------------------------------------------------------------

fill_space="head -c 160M /dev/zero >'$small/filler' 2>/dev/null"

# fill_names LEFT: a command that leaves room for so many new files.
fill_names() {
    echo "i=0; while true >'$small/filler'\$i; do i=\$((i + 1)); done 2>/dev/null"
    echo "i=0; while [ \$i -lt $1 ]; do rm '$small/filler'\$i; i=\$((i + 1)); done"
}
mend_full() {
    restore_helper
    rm -f "$small"/filler*
}

full_before_the_memory_is_written() {
    keep_traces "$1"
    replace_helper "$fill_space; exec '$helper.good' \"\$@\""
    mend() { mend_full; }
    refused "$1" 'saving the memory: .*full' create -n next "$1"
    create_succeeds_now "$1"
}

full_before_the_records_are_written() {
    keep_traces "$1"
    record_finds_no_room "$1" snapshotdata-next.xl "$fill_space"
    record_finds_no_room "$1" domain.xl "$(fill_names 1)"
    assert_eq base "$(catalogued current "$1")" "current snapshot"
    create_succeeds_now "$1"
}
# record_finds_no_room NAME FILE COMMAND: the command, run when the memory is written, leaves none for the file.
record_finds_no_room() {
    replace_helper "'$helper.good' \"\$@\" && { $3; }; exit 0"
    mend() { mend_full; }
    refused "$1" "its record was not, so it is undone: .*$2.*make room" create -n next "$1"
}

# Deletion is how one makes room. A revert is done, but not recorded.
revert_and_delete_when_it_is_full() {
    local status=0
    catalogued create -n next "$1"
    write_something "$1"
    mend() { mend_full; }
    sh -c "$fill_space" || true # it ends when nothing more goes in
    catalogued revert "$1" base 2>full.out || status=$?
    assert_eq 1 "$status" "status of revert"
    assert_says full.out 'is reverted, but .*xlsnap current.*make room'
    assert_eq running "$(domain_state "$1")" "$1 after the revert"
    assert_pattern_nowhere "$1"
    catalogued delete "$1" next
    mend_now
    assert_eq base "$(catalogued current "$1")" "current snapshot"
    assert_snapshots "$1" base
    next_count "$1" >/dev/null
}

# ---- QEMU does not answer ------------------------------------------------------------------------------

# stop_qemu_after_save NAME: the guest is suspended, its memory is written.
stop_qemu_after_save() {
    find_qemu "$1"
    replace_helper "'$helper.good' \"\$@\" && kill -STOP $qemu_pid"
    mend() {
        restore_helper
        kill -CONT "$qemu_pid"
    }
}

qemu_stops_while_the_memory_is_saved() {
    local kept
    keep_traces "$1"
    stop_qemu_after_save "$1"
    refused "$1" 'making disk snapshots: .*QEMU.*qmp-lib' create -n next "$1"
    stop_qemu_after_save "$1"
    refused "$1" 'making disk snapshots: .*QEMU.*qmp-lib' revert --keep-current "$1" base
    catalogued revert --keep-current "$1" base
    kept=$(catalogued list --names "$1" | grep -v -x base)
    assert_snapshots "$1" base "$kept"
    catalogued delete "$1" "$kept"
    assert_snapshots "$1" base
}

qemu_stops_before_delete() {
    keep_traces "$1"
    stop_qemu "$1"
    refused "$1" 'QEMU.*qmp-lib' delete "$1" base
    catalogued verify "$1" base
    catalogued delete "$1" base
    assert_tags "$1" ''
    prepare_guest "$1"
}

# ---- the restore fails when the present is kept ----------------------------------------------------------

restore_fails_when_the_present_is_kept() {
    local name=$1 boot kept status=0
    boot=$(guest_boot_id "$name")
    write_something "$name"
    replace_helper "[ \"\$1\" = --save-domain ] && exec '$helper.good' \"\$@\"; exit 1"
    mend() { restore_helper; }
    catalogued revert --keep-current "$name" base 2>refused.out || status=$?
    mend_now
    assert_eq 1 "$status" "status of revert"
    assert_says refused.out "the present state is kept as snapshot '[0-9]+', but: .*started again from its configuration"
    guest_wait_for "$name" 120 "the new boot of $name" boot_differs "$name" "$boot"
    kept=$(catalogued list --names "$name" | grep -v -x base)
    assert_snapshots "$name" base "$kept"
    catalogued revert "$name" "$kept"
    guest_wait_for "$name" 30 "the boot that was kept" boot_is "$name" "$boot"
    catalogued revert "$name" base
    guest_wait_for "$name" 30 "the boot of the snapshot" boot_is "$name" "$boot"
    assert_pattern_nowhere "$name"
    catalogued delete "$name" "$kept"
    assert_snapshots "$name" base
}

check_with_guest pv "the catalog is full when the memory is written" full_before_the_memory_is_written
check_with_guest pv "the catalog is full when the records are written" full_before_the_records_are_written
check_with_guest pv "revert and delete when the catalog is full" revert_and_delete_when_it_is_full
check_with_guest pv "QEMU stops while the memory is saved, which create or revert began" qemu_stops_while_the_memory_is_saved
check_with_guest pv "QEMU stopped before delete" qemu_stops_before_delete
check_with_guest pv "the restore fails when the present is kept" restore_fails_when_the_present_is_kept
exit "$checks_failed"

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/failures.sh tests/xen/shared/small_catalog.sh
#
# A create that is killed while the memory is saved leaves no snapshot, and those that there are as they
# were.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/small_catalog.sh
source /xenbox/files/small_catalog.sh

# kill_create NAME COMMANDS: of a create that is killed when the helper begins, by these commands, there is
# no snapshot. (What it wrote of the memory image stays, as ".ID.save.*.tmp".)
kill_create() {
    local status=0
    replace_helper "$2 exec '$helper.good' \"\$@\""
    mend() { restore_helper; }
    catalogued create -n next "$1" || status=$?
    mend_now
    assert_eq 137 "$status" "status of the create that was killed"
    wait_for 30 "the end of the helper" no_helper_runs
    assert_snapshots "$1" base
    catalogued verify "$1"
}
no_helper_runs() {
    local name
    for name in /proc/[0-9]*/comm; do
        ! read -r name 2>/dev/null <"$name" || [[ $name != libxl-save-help ]] || return 1
    done
}

killed_before_the_guest_is_suspended() {
    local boot
    boot=$(guest_boot_id "$1")
    kill_create "$1" "kill -KILL \$PPID;"
    next_count "$1" >/dev/null
    create_succeeds_now "$1"
    assert_eq "$boot" "$(guest_boot_id "$1")" "boot id"
}

killed_while_the_memory_is_written() {
    local boot count mark line now status=0
    boot=$(guest_boot_id "$1")
    kill_create "$1" "(until find '$small' -name '*.tmp' -size +4M | grep -q .; do :; done; kill -KILL \$PPID) &"
    # Nobody resumes the guest; a snapshot takes it back.
    catalogued create -n next "$1" 2>refused.out || status=$?
    assert_eq 1 "$status" "status of a create of the suspended domain"
    assert_says refused.out 'is suspended.*xlsnap revert'
    assert_snapshots "$1" base
    count=$(guest_count "$1")
    mark=$(guest_mark "$1")
    catalogued revert "$1" base
    line=$(guest_first_line_after "$1" "$mark")
    assert_eq "$boot" "$(line_field boot "$line")" "boot id"
    now=$(line_field mem "$line")
    assert_between 1 "$now" $((count - 1)) "count of the snapshot"
}

check_with_guest pv "xlsnap is killed before the guest is suspended" killed_before_the_guest_is_suspended
check_with_guest pv "xlsnap is killed while the memory is written" killed_while_the_memory_is_written
exit "$checks_failed"

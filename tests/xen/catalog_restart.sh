#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/catalog.sh
#
# A domain ends and comes back, with another uuid even, and its snapshots are its own all the same; two
# xlsnap at once.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/catalog.sh
source /xenbox/files/catalog.sh

ends() {
    "$@"
    wait_for 60 "the end of pv" domain_is absent pv
    wait_for 30 "QEMU to close the images" images_are_closed
}
images_are_closed() {
    not_open "$(guest_image pv xvda)" && not_open "$(guest_image pv xvdb)"
}

# The xl.cfg names no uuid: the domain has a new one at each start.
recreated_domain_finds_its_snapshots() {
    local old_uuid
    take first
    old_uuid=$(domain_uuid pv)
    ends xl destroy pv
    assert_eq first "$(xlsnap list --names pv)" "snapshots of the domain that does not run"
    guest_put_log_away pv
    xl create -q "$guest_folder/pv.cfg"
    guest_wait pv
    assert_ne "$old_uuid" "$(domain_uuid pv)" "uuid of the domain that was started again"
    assert_eq first "$(xlsnap list --names pv)" "snapshots of the domain that was started again"
    say_it xlsnap revert --paused pv first
    assert_at first
    assert_eq "$old_uuid" "$(domain_uuid pv)" "uuid of the reverted domain"
}

start_uses_the_latest_state() {
    local boot last line counts
    boot=$(guest_boot_id pv)
    write_something pv
    last=$(next_count pv)
    ends xl destroy pv
    read_counts pv
    assert_between "$last" "${counts[0]}" $((last + 100)) "count on the disk of the domain that ended"
    guest_put_log_away pv
    say_it xlsnap start pv
    guest_wait pv
    assert_ne "$boot" "$(guest_boot_id pv)" "boot id after a start"
    disk_has_byte "$(guest_image pv xvda)" "$pattern_offset" "$pattern_length" "$pattern_byte" ||
        fail "what the guest wrote last is not there"
    assert_tags_are_remembered
}

start_with_a_snapshot() {
    ends guest_command pv poweroff
    say_it xlsnap start-with-snapshot --paused -n first pv
    assert_at first
}

# While it is down, its disks alone.
snapshot_of_a_domain_that_is_down() {
    local counts
    ends guest_command pv poweroff
    say_it xlsnap create -n down pv
    tag[down]=$(newest_tag)
    read_counts pv "${tag[down]}"
    low[down]=${counts[0]} high[down]=${counts[0]}
    assert_eq 1 "$(find "$catalog_root" -name '*.save' | wc -l)" "memory images"
    say_it xlsnap start -n first --paused pv
    xl unpause pv
    next_count pv >/dev/null
    ends xl destroy pv
    say_it xlsnap revert pv down
    read_counts pv
    assert_eq "${low[down]}" "${counts[0]}" "count on the disk after a revert of disks alone"
    assert_eq absent "$(domain_state pv)" "the domain after a revert of disks alone"
    say_it xlsnap delete pv down
    unset 'tag[down]'
    assert_tags_are_remembered
}

# Each waits for the other and ends true.
two_at_once() {
    local one=0 two=0 pids
    guest_put_log_away pv
    xlsnap start pv
    guest_wait pv
    xlsnap create -n left pv >left.out 2>&1 &
    pids=$!
    xlsnap create -n right pv >right.out 2>&1 &
    wait "$pids" || one=$?
    wait $! || two=$?
    assert_eq "0 0" "$one $two" "status of two creates at once ($(cat left.out right.out))"
    xlsnap delete pv left >left.out 2>&1 &
    pids=$!
    xlsnap revert pv right >right.out 2>&1 &
    wait "$pids" || one=$?
    wait $! || two=$?
    assert_eq "0 0" "$one $two" "status of a delete beside a revert ($(cat left.out right.out))"
    next_count pv >/dev/null
    say_it xlsnap verify pv right
    say_it xlsnap delete pv right
    assert_tags_are_remembered
}

ends_empty() {
    say_it xlsnap delete pv first
    nothing_is_left "$empty"
}

guest_start pv pv
guest_wait pv
empty=$(traces pv)
check "a domain without a uuid of its own finds its snapshots" with_memory recreated_domain_finds_its_snapshots
check "a start uses the state that was last" with_memory start_uses_the_latest_state
check "a start from a snapshot with memory" with_memory start_with_a_snapshot
check "a snapshot of a domain that is down" with_memory snapshot_of_a_domain_that_is_down
check "two xlsnap at once end true" with_memory two_at_once
check "nothing is left" with_memory ends_empty
guest_destroy pv
exit "$checks_failed"

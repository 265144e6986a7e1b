#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# xenbox: --timeout 420
#
# A case for dom0: the guests and lib.sh do what the other cases count on. It uses none of the project:
#     tests/xenbox/xenbox run --no-project tests/xenbox/guest_test.sh
# The kinds pv, pvh and hvm are one program, which is tested as pv. That the other kinds count, go on
# after xl restore, unplug their disks or, if they are deaf, do not suspend is what the cases of
# tests/xen show, and that a guest reboots and powers off when it is told to.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh

# assert_counts_agree NAME: the paused guest's disks hold the same count, or an earlier disk one more;
# the counter in memory, read by letting the guest run on, is that of the disks or one more.
assert_counts_agree() {
    local name=$1 vdev count previous='' mark line
    assert_eq paused "$(domain_state "$name")" "$name before its counts are compared"
    for vdev in "${@:2}"; do
        count=$(disk_count "$(guest_image "$name" "$vdev")")
        [[ ! $previous ]] || assert_between $((previous - 1)) "$count" "$previous" "count on $vdev"
        previous=$count
    done
    mark=$(guest_mark "$name")
    xl unpause "$name"
    line=$(guest_first_line_after "$name" "$mark")
    count=$(line_field mem "$line")
    assert_between "$previous" "$count" $((previous + 2)) "first count of $name after unpausing"
}

test_counters() {
    local name=$1 first count
    first=$(guest_count "$name")
    guest_wait_count "$name" $((first + 5))
    xl pause "$name"
    count=$(disk_count "$(guest_image "$name" "$2")")
    assert_between $((first + 4)) "$count" $((first + 1000)) "count on $2"
    assert_counts_agree "$@"
}

start_and_wait() {
    guest_start "$1" "$1"
    guest_wait "$1"
}

# crc32 FILE: print the sum that the guest's command sum prints, out of a gzip trailer.
crc32() {
    gzip -c "$1" | tail -c 8 | od -An -tx4 -N 4 | tr -d ' '
}

test_disk_commands() {
    local name=$1 image reply
    image=$(guest_image "$name" xvdb)
    guest_command "$name" write xvdb 1048576 196608 90
    disk_has_byte "$image" 1048576 196608 90 || fail "the pattern is not on the disk"
    assert_fails disk_has_byte "$image" 1048576 197120 90
    reply=$(guest_command "$name" sum xvdb 1048064 66048)
    qemu-img convert -U -f qcow2 -O raw "$image" raw
    dd if=raw of=range bs=512 skip=2047 count=129 status=none
    assert_eq "crc32=$(crc32 range)" "$reply" "the guest's sum of its disk"
}

test_memory_commands() {
    local name=$1 reply
    guest_command "$name" fill 8 77
    guest_command "$name" dirty 16 4
    reply=$(guest_command "$name" check)
    assert_eq "mib=8 seed=77" "$reply" "check of the filled memory"
    guest_command "$name" dirty 0 0
}

# seconds_passed SECONDS START: whether that much time went by since START of /proc/uptime.
seconds_passed() {
    local now
    read -r now _ </proc/uptime
    ((${now%.*} - ${2%.*} >= $1))
}

test_stamps() {
    local name=$1 start reply gap_us
    guest_command "$name" stamps start
    xl pause "$name"
    read -r start _ </proc/uptime
    wait_for 10 "two seconds" seconds_passed 3 "$start"
    xl unpause "$name"
    reply=$(guest_command "$name" stamps report)
    gap_us=${reply#gap_us=}
    assert_between 2000000 "${gap_us% *}" 60000000 "gap in microseconds"
}

test_wrong_commands() {
    local command
    for command in frobnicate 'write xvda 0 1 1'; do
        # shellcheck disable=SC2086 # the words of the command
        assert_fails eval "(guest_command $1 $command) >answer 2>&1"
        grep -q 'error' answer || fail "no error about '$command' but: $(cat answer)"
    done
}

test_crash() {
    local name=$1
    guest_command "$name" crash
    # Who waits for a dead guest learns that at once.
    assert_fails eval '(guest_wait_count pv 1000000 600) 2>death.out'
    grep -q 'guest pv died.* crashed' death.out || fail "the death is not named but: $(cat death.out)"
    guest_destroy "$name"
}

test_assertions() {
    assert_fails eval '(assert_eq 1 2 x) 2>/dev/null'
    assert_fails eval '(assert_between 1 5 4 x) 2>/dev/null'
    assert_fails eval '(assert_between 1 "" 4 x) 2>/dev/null'
    assert_fails eval '(wait_for 1 x false) 2>/dev/null'
    assert_fails eval '(assert_fails true) 2>/dev/null'
    assert_fails eval '(disk_count /guest/none) 2>/dev/null'
    assert_eq absent "$(domain_state nobody)" "a domain that does not exist"
}

check "assertions fail when they should" test_assertions
check "a guest starts" start_and_wait pv
check "it counts in memory and on its disks" test_counters pv xvda xvdb
check "it writes and sums ranges of its disks" test_disk_commands pv
check "it fills, checks and dirties its memory" test_memory_commands pv
check "it tells how long it stood still" test_stamps pv
check "it refuses wrong commands" test_wrong_commands pv
check "its crash is seen" test_crash pv
exit "$checks_failed"

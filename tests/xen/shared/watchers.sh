# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets guest_folder and silence
#
# What the cases about watchers share: who watches a guest, read from /proc alone, and what a reboot and
# an end leave. Sourced after snapshot_cycle.sh.

# find_watchers NAME: set the caller's array `pids` to the processes of xl and of xlsnap of which the
# standard output is the guest's log, or what became of it. Nothing here is a process.
find_watchers() {
    local folder log command pid
    pids=()
    for folder in /proc/[0-9]*; do
        read -r command 2>/dev/null <"$folder/comm" || continue
        [[ $command == xl || $command == xlsnap ]] || continue
        for log in "/var/log/xen/xl-$1.log"* "/var/log/xen/xl-$1--incoming.log"*; do
            [[ $folder/fd/1 -ef $log ]] || continue
            pid=${folder#/proc/}
            pids+=("$pid")
            break
        done
    done
}

has_watchers() {
    local pids
    find_watchers "$2"
    ((${#pids[@]} == $1))
}

# assert_watched NAME: exactly one process watches the guest, once those that leave have left.
assert_watched() {
    local pids
    wait_for 30 "exactly one watcher of $1" has_watchers 1 "$1"
    find_watchers "$1"
    echo "$1 is watched by $(cat "/proc/${pids[0]}/comm"), pid ${pids[0]}"
}

# rises_again NAME COMMAND...: the command makes the guest reboot, after which there is one new domain
# with the same name and uuid, whose disks hold what was written before.
rises_again() {
    local name=$1 id new_id uuid new_uuid boot sum new_sum
    id=$(domain_id "$name")
    uuid=$(domain_uuid "$name")
    boot=$(guest_boot_id "$name")
    guest_command "$name" write xvda "$pattern_offset" "$pattern_length" $((id % 200 + 1)) >/dev/null
    sum=$(guest_command "$name" sum xvda "$pattern_offset" "$pattern_length")
    shift
    "$@" >/dev/null
    wait_for 120 "the new boot of guest $name" boot_differs "$name" "$boot"
    new_id=$(domain_id "$name")
    new_uuid=$(domain_uuid "$name")
    # Xen counts domains: a second one, even one that did not live, would have taken a number.
    assert_eq $((id + 1)) "$new_id" "domid of $name after the reboot"
    assert_eq "$uuid" "$new_uuid" "uuid of $name after the reboot"
    new_sum=$(guest_command "$name" sum xvda "$pattern_offset" "$pattern_length")
    assert_eq "$sum" "$new_sum" "what $name finds on its disk after the reboot"
    assert_watched "$name"
    assert_eq "$new_id" "$(domain_id "$name")" "domid of $name a moment later"
}

# assert_gone NAME: within a minute there is no domain, and no process for it: xl, xlsnap, QEMU.
assert_gone() {
    wait_for 60 "the end of $1 and of all that was for it" nothing_of "$1"
}
nothing_of() {
    local image
    domain_is absent "$1" || return 1
    has_watchers 0 "$1" || return 1
    no_process_has_argument "$1" || return 1
    for image in $(guest_disks "$1"); do not_open "$image" || return 1; done
}

# no_process_has_argument WORD: the word stands in no command line, as a guest's name does in that of
# its QEMU.
no_process_has_argument() {
    local found
    found=$(grep -l -z -x -e "[${1:0:1}]${1:1}" /proc/[0-9]*/cmdline 2>/dev/null || true)
    [[ ! $found ]]
}

# in_a_job COMMAND...: run the command in a control group of its own, as service managers do. They end
# what is left there: the domain's QEMU or its watcher may not be.
in_a_job() {
    local group=/sys/fs/cgroup/job status=0
    mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mkdir -p "$group"
    (echo 0 >"$group/cgroup.procs" && exec "$@") || status=$?
    assert_eq '' "$(<"$group/cgroup.procs")" "the processes that $1 left in its control group"
    return "$status"
}

# take_snapshot NAME, go_back NAME: with memory.
take_snapshot() {
    rm -f "$guest_folder/$1.save"
    in_a_job xlsnap create --memory-path "$guest_folder/$1.save" -n "${2-s1}" "$1"
    assert_watched "$1"
}
go_back() {
    local mark
    # What the guest says after the mark is to be what it says after the revert.
    xl pause "$1"
    mark=$(guest_mark "$1")
    in_a_job xlsnap revert --memory-path "$guest_folder/$1.save" -n "${2-s1}" "$1"
    guest_first_line_after "$1" "$mark" >/dev/null
    assert_watched "$1"
}

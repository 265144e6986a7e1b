#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --memory 3072
#
# How long a guest stands still while a snapshot is made, live against not: by its own clock, and by the
# longest time in which dom0 hears no count of it. Alternating; ratios of medians. Then live of a guest that
# writes to its memory faster than that is saved.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh

runs=3 least_rate=8

median() {
    sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# listen COMMAND...: run it, and set the caller's variable `unheard` to the longest time between two counts of
# the guest that dom0 heard meanwhile.
listen() {
    local heard tail_pid writer
    exec {heard}< <(exec tail -n 0 -s 0.02 -f "$(guest_log g1)")
    tail_pid=$!
    while IFS= read -r _ <&"$heard"; do echo "$EPOCHREALTIME"; done >beats &
    writer=$!
    guest_count_grows
    "$@"
    guest_count_grows
    kill "$tail_pid"
    wait "$writer" || true # it ends with what it reads: what it has heard counts, not its status
    exec {heard}<&-
    unheard=$(awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { printf "%.3f", most }' beats)
}
guest_count_grows() {
    local count
    count=$(guest_count g1)
    guest_wait_count g1 $((count + 3))
}

# measure LIST OPTION...: a snapshot that is made so. The rate is that at which the guest wrote all the time,
# what it stood still included.
measure() {
    local list=$1 unheard reply start end
    shift
    guest_command g1 stamps report >/dev/null
    guest_command g1 dirtied >/dev/null
    start=$EPOCHREALTIME
    listen xlsnap -v create -n "$list" "$@" g1 2>steps
    end=$EPOCHREALTIME
    reply=$(guest_command g1 dirtied)
    awk -v kib="${reply#*kib=}" -v ms="${reply#*ms=}" 'BEGIN { printf "%.1f\n", kib / 1.024 / ms }' >>"rate.$list"
    reply=$(guest_command g1 stamps report)
    awk -v us="${reply#*gap_us=}" 'BEGIN { printf "%.3f\n", us / 1000000 }' >>"clock.$list"
    echo "$unheard" >>"heard.$list"
    sed -n 's/.*saving the memory: \([0-9.]*\) s.*/\1/p' steps >>"save.$list"
    awk -v a="$start" -v b="$end" 'BEGIN { printf "%.3f\n", b - a }' >>"whole.$list"
    find /var/lib/xen/snapshots -name '*.save' -printf '%s\n' | awk '{ printf "%.0f\n", $1 / 1048576 }' >>"size.$list"
    xlsnap delete --metadata-only g1 "$list" >/dev/null
    find /var/lib/xen/snapshots -name '*.save' -delete
}

# show LIST WHAT
show() {
    printf '%-22s stands still %7.3f s, unheard %7.3f s, saving %7.3f s, whole %7.3f s, image %5s MiB, writes %6s MiB/s\n' "$2" \
        "$(median "clock.$1")" "$(median "heard.$1")" "$(median "save.$1")" "$(median "whole.$1")" "$(median "size.$1")" \
        "$(median "rate.$1")"
}

ratio() {
    awk -v a="$(median "$1")" -v b="$(median "$2")" -v what="$3" 'BEGIN {
        printf "%-40s ratio %.2f (at most 0.25)\n", what, a / b
        exit a / b > 0.25 }'
}

guest_start pvh g1 memory=256 disks=2
guest_wait g1
guest_command g1 stamps start
guest_command g1 dirty $((least_rate * 2)) 64
for ((run = 0; run < runs; run++)); do
    measure not_live --disk xvda=external --disk xvdb=external
    measure live --live
done
guest_command g1 dirty 100000 64
measure fast --live

echo "PVH guest of 256 MiB that writes to 64 MiB of them; medians of $runs, alternating"
show not_live "not live"
show live live
show fast "live, a fast writer"
status=0
ratio clock.live clock.not_live "live / not live, by the guest's clock" || status=1
ratio heard.live heard.not_live "live / not live, by what dom0 hears" || status=1
for list in rate.live rate.not_live; do
    awk -v rate="$(median "$list")" -v least="$least_rate" 'BEGIN { exit rate < least }' ||
        { echo "$list: the guest wrote less than $least_rate MiB/s" && status=1; }
done

# What was made of a fast writer is whole: memory and disks are of one instant.
guest_command g1 fill 16 4711
xlsnap create --live -n back g1 >/dev/null
guest_command g1 fill 16 4712
xlsnap revert g1 back >/dev/null
reply=$(guest_command g1 check)
assert_eq 'mib=16 seed=4711' "$reply" "what the memory holds after the revert"
echo "back to a live snapshot of the fast writer: its memory is what it was"
guest_destroy g1
exit "$status"

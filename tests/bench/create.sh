#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --memory 3072
# files: build/release/tests/bench/qmp_transaction
#
# How long a snapshot takes, against the stock tools that do a part of it each: `xl save -c` for the
# memory, a bare QMP transaction for the disks. Alternating, both sides synced; ratios of medians.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh

runs=7

# seconds COMMAND...: run it silently and print how long it took.
seconds() {
    local start end
    start=$(date +%s.%N)
    "$@" >/dev/null 2>>bench.log
    end=$(date +%s.%N)
    awk -v a="$start" -v b="$end" 'BEGIN { printf "%.3f\n", b - a }'
}

median() {
    sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

xl_save() {
    xl save -c g1 "$PWD/stock.save"
    sync "$PWD/stock.save"
    sync "$PWD"
}

create() {
    xlsnap -v create --memory-path "$PWD/g1.save" -n s1 g1 2>steps
}

# fill_disk IMAGE: write every cluster, so that the image is as large as its disk.
fill_disk() {
    qemu-img create -q -f qcow2 "$1" 256M
    qemu-io -f qcow2 -c 'write -P 1 0 256M' "$1" >/dev/null
}

for vdev in xvda xvdb; do fill_disk "$(guest_image g1 "$vdev")"; done
guest_start pvh g1 memory=128 disks=2
guest_wait g1
qmp_socket=/run/xen/qmp-libxenstat-$(domain_id g1)

for ((run = 0; run <= runs; run++)); do
    list=$([[ $run -eq 0 ]] && echo warm-up || echo times)
    seconds xl_save >>"$list.save"
    rm stock.save
    seconds create >>"$list.create"
    sed -n 's/.*making disk snapshots: \([0-9.]*\) s.*/\1/p' steps >>"$list.disks"
    sed -n 's/.*saving the memory: \([0-9.]*\) s.*/\1/p' steps >>"$list.memory"
    xlsnap delete --memory-path "$PWD/g1.save" -n s1 g1 >/dev/null
    /xenbox/files/qmp_transaction "$qmp_socket" xvda-qcow2 xvdb-qcow2 >>"$list.transaction"
done

# A list that lacks a line means that the text of the log has changed, or that a command was silent.
for list in times.{save,create,disks,memory,transaction}; do
    lines=$(wc -l <"$list")
    assert_eq "$runs" "$lines" "measurements in $list"
done

ratio() {
    awk -v a="$(median "$1")" -v b="$(median "$2")" -v most="$3" -v what="$4" 'BEGIN {
        printf "%-52s %8.3f s %8.3f s  ratio %.2f (at most %s)\n", what, a, b, a / b, most
        exit a / b > most }'
}

echo "PVH guest of 128 MiB, two disks of 256 MiB allocated; medians of $runs, alternating"
status=0
ratio times.create times.save 1.25 "xlsnap create / xl save -c, both synced" || status=1
ratio times.disks times.transaction 2 "disks' part of it / bare QMP transaction" || status=1
echo "memory part of create: $(median times.memory) s"
for list in save create disks transaction; do echo "  $list: $(xargs <times.$list)"; done
guest_destroy g1
exit "$status"

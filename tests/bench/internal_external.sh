#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# where: this machine
# files: build/release/tests/bench/disk_snapshots
#
# How long a guest waits for an internal and for an external snapshot of one disk with 64 MiB, 1, 4 and
# 16 GiB of allocated clusters, on the machine's QEMU, and what core/standstill expects of it: beyond a
# second external is the default. Alternating, medians.
#
# internal_external.sh BUILD: in the folder that gets the files; BUILD is that of the release.
set -euo pipefail
# shellcheck source=tests/bench/shared/measured.sh
source "$(dirname "$0")/shared/measured.sh"

build=$1
runs=3
cluster_bytes=65536
clusters_a_second=1000000

# snapshot KIND MEBIBYTES: the image's tables say that all its clusters are allocated.
snapshot() {
    rm -f disk.qcow2*
    qemu-img create -q -f qcow2 -o preallocation=metadata disk.qcow2 "$2M"
    "${alone[@]}" "$build/tests/bench/disk_snapshots" "$1" "$PWD/disk.qcow2" >>"$1.$2"
}

printf '%-10s %12s %12s %12s %12s %12s  %s\n' allocated internal expected external \
    "int. / exp." "int. / ext." "default"
for mebibytes in 64 1024 4096 16384; do
    for ((run = 0; run < runs; run++)); do
        snapshot internal "$mebibytes"
        snapshot external "$mebibytes"
    done
    expected=$(awk -v bytes="$((mebibytes << 20))" -v cluster="$cluster_bytes" \
        -v rate="$clusters_a_second" 'BEGIN { print bytes / cluster / rate }')
    internal=$(median "internal.$mebibytes")
    external=$(median "external.$mebibytes")
    printf '%6d MiB %10.4f s %10.4f s %10.4f s %12.2f %12.2f  %s\n' "$mebibytes" "$internal" \
        "$expected" "$external" "$(quotient "$internal" "$expected")" \
        "$(quotient "$internal" "$external")" \
        "$(awk -v t="$expected" 'BEGIN { print (t > 1 ? "external" : "internal") }')"
done
exit "$status"

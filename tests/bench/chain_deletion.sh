#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# where: this machine
# files: build/release/tests/bench/chain_deletion
#
# What is written when an external snapshot is deleted: a disk with 1 GiB below the snapshot and 16 MiB
# above it, and the reverse, of a domain that runs (by a block job of QEMU) and of one that does not (by
# qemu-img). Bytes by write_bytes of /proc/PID/io, which counts what reaches the page cache for a disk.
#
# chain_deletion.sh BUILD: in the folder that gets the files; BUILD is that of the release.
set -euo pipefail
# shellcheck source=tests/bench/shared/measured.sh
source "$(dirname "$0")/shared/measured.sh"

build=$1
large=1024
small=16

# delete STATE BELOW ABOVE: in MiB.
delete() {
    local image=$PWD/disk.qcow2 bytes seconds left
    rm -rf disk.*
    "${alone[@]}" "$build/tests/bench/chain_deletion" "$1" "$2" "$3" "$image" >deleted
    read -r bytes seconds left <deleted
    [[ $left == base ]] || image=$PWD/disk.s1.qcow2
    expect "" "$(qemu-img info "$image" | sed -n '/^backing file:/p')" "what the disk stands on"
    qemu-io -r -f qcow2 -c "read -q -P 66 0 $(($2 + $3))M" "$image" >content
    expect "" "$(<content)" "what the disk holds"
    printf '%s, %d MiB below, %d MiB above: %.2f MiB written in %.2f s, the %s is left\n' "$1" "$2" "$3" \
        "$(quotient "$bytes" 1048576)" "$seconds" "$left"
    bound "written / the smaller side" "$(quotient "$bytes" 1048576 "$small")" 1.2
}

for state in running stopped; do
    delete "$state" "$large" "$small"
    delete "$state" "$small" "$large"
done
rm -rf disk.*
exit "$status"

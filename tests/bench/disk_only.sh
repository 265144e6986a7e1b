#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# where: this machine
# files: build/release/tests/bench/disk_snapshots
#
# What an external snapshot of 1, 4 and 16 disks alone costs while the domain runs: as xlsnap makes it,
# as a bare QMP transaction on overlays that are there, and by libvirt's QEMU driver, timed by virsh
# itself without its start. All on the machine's QEMU. The guest's writes wait for the transaction
# alone, so that is compared with the bare one, and the whole with virsh. Alternating, medians.
#
# disk_only.sh BUILD: in the folder that gets the files; BUILD is that of the release.
set -euo pipefail
# shellcheck source=tests/bench/shared/measured.sh
source "$(dirname "$0")/shared/measured.sh"

build=$1
runs=15
virsh_runs=3
images=()

# make_images COUNT: empty ones, in place of those before.
make_images() {
    local i
    rm -rf images
    mkdir images
    images=()
    for ((i = 0; i < $1; i++)); do
        qemu-img create -q -f qcow2 "images/$i.qcow2" 64M
        images+=("$PWD/images/$i.qcow2")
    done
}

# snapshot KIND COUNT
snapshot() {
    make_images "$2"
    "${alone[@]}" "$build/tests/bench/disk_snapshots" "$1" "${images[@]}" >>"$1.$2"
}

# Without a daemon, and not as root, for whom libvirt wants users of its own. Its sockets have paths
# that are limited.
prepare_libvirt() {
    libvirt=$(mktemp -d)
    trap 'rm -rf "$libvirt"' EXIT
    mkdir -p "$libvirt/root/etc" "$libvirt/images"
    printf 'remember_owner = 0\nsecurity_driver = "none"\nstdio_handler = "file"\n' \
        >"$libvirt/root/etc/qemu.conf"
    chown -R nobody:nogroup "$libvirt"
}

as_nobody() {
    HOME=$libvirt XDG_RUNTIME_DIR=$libvirt setpriv --reuid nobody --regid nogroup --clear-groups "$@"
}

libvirt_disk() {
    printf '<disk type="file" device="disk"><driver name="qemu" type="qcow2"/>'
    printf '<source file="%s"/><target dev="vd%s" bus="virtio"/></disk>' "$1" "$2"
}

# virsh_snapshot COUNT
virsh_snapshot() {
    local i letters=abcdefghijklmnop
    rm -f "$libvirt"/images/*
    for ((i = 0; i < $1; i++)); do
        as_nobody qemu-img create -q -f qcow2 "$libvirt/images/$i.qcow2" 64M
    done
    {
        printf '<domain type="qemu"><name>g1</name><memory unit="MiB">16</memory><os>'
        printf '<type arch="x86_64" machine="pc">hvm</type></os><devices>'
        printf '<emulator>/usr/bin/qemu-system-x86_64</emulator>'
        printf '<controller type="usb" model="none"/><memballoon model="none"/>'
        for ((i = 0; i < $1; i++)); do
            libvirt_disk "$libvirt/images/$i.qcow2" "${letters:i:1}"
        done
        printf '</devices></domain>'
    } >"$libvirt/domain.xml"
    as_nobody virsh -t -c "qemu:///embed?root=$libvirt/root" "create $libvirt/domain.xml --paused
        snapshot-create-as g1 s1 --disk-only --atomic; destroy g1" >printed 2>virsh.log
    sed -n '/^Domain snapshot s1 created/ { n; s/^(Time: \([0-9.]*\) ms).*/\1/p }' printed |
        awk '{ print $1 / 1000 }' >>"virsh.$1"
}

prepare_libvirt
for count in 1 4 16; do
    for ((run = 0; run < runs; run++)); do
        snapshot external "$count"
        snapshot bare "$count"
        [[ $run -ge $virsh_runs ]] || virsh_snapshot "$count"
    done
    expect "$virsh_runs" "$(grep -c . "virsh.$count")" "times of virsh"
done

printf '%-8s %14s %14s %14s %14s\n' disks transaction "bare one" whole virsh
for count in 1 4 16; do
    printf '%-8s %12.4f s %12.4f s %12.4f s %12.4f s\n' "$count" "$(median "external.$count")" \
        "$(median "bare.$count")" "$(median "external.$count" 2)" "$(median "virsh.$count")"
done
for count in 1 4 16; do
    bound "transaction / bare transaction, $count disks" \
        "$(quotient "$(median "external.$count")" "$(median "bare.$count")")" 1.3
    bound "whole / virsh, $count disks" \
        "$(quotient "$(median "external.$count" 2)" "$(median "virsh.$count")")" 0.5
done
exit "$status"

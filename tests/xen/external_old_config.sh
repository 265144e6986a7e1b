#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 240
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh
#
# The xl.cfg of before an external snapshot names an image that the snapshot needs: no start from it gets at
# that image, and the file can be brought up to date.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh

# kept_digests NAME: of what its first images hold, byte by byte.
kept_digests() {
    sha256sum "$guest_folder/$1"-xvd?.qcow2
}

# is_immutable IMAGE
is_immutable() {
    local flags
    flags=$(lsattr "$1" 2>/dev/null) || return 1
    [[ ${flags%% *} == *i* ]]
}

# external_snapshot NAME: of a guest, which ends then.
external_snapshot() {
    local vdev image disks
    tell xlsnap create -n s1 "${@:2}" "$1" 2>&1 | tee create.out
    ! grep -q immutable create.out || fail "what is immutable is said not to be"
    disks=$(present_disks "$1")
    while read -r vdev image; do
        is_immutable "$(guest_image "$1" "$vdev")" || fail "$(guest_image "$1" "$vdev") is not immutable"
        ! is_immutable "$image" || fail "$image is immutable"
        assert_ne "$(guest_image "$1" "$vdev")" "$image" "image of $vdev"
    done <<<"$disks"
    tell xlsnap verify "$1"
    [[ $1 != pvh ]] || write_it pvh
    cp "$1.cfg" "old-$1.cfg"
    guest_destroy "$1"
    kept_digests "$1" >"$1.digests"
}

# assert_not_written NAME: a start from the old file, which is ended if it went on, wrote nothing.
assert_not_written() {
    guest_destroy "$1"
    assert_eq "$(cat "$1.digests")" "$(kept_digests "$1")" "kept images of $1"
}

# libxl starts QEMU with the emulated disks, and QEMU ends.
start_fails() {
    assert_fails xl create old-boot.cfg >old.out 2>&1
    sed 's/^/   /' old.out
    wait_for 30 "the end of the domain" domain_is absent boot
    assert_not_written boot
}

# Of a PV disk that QEMU cannot open xl does not hear: the domain starts without it.
start_finds_no_disk() {
    xl create old-pvh.cfg >old.out 2>&1 || sed 's/^/   /' old.out
    assert_disks_refused
    assert_not_written pvh
}

assert_disks_refused() {
    local vdev
    for vdev in xvda xvdb; do
        wait_for 30 "QEMU to refuse $vdev" qemu_refused "$(guest_image pvh "$vdev")"
        not_open "$(guest_image pvh "$vdev")" || fail "the kept image of $vdev is open"
    done
}
qemu_refused() {
    grep -q -F "Could not open '$1': Operation not permitted" /var/log/xen/qemu-dm-pvh.log 2>/dev/null
}

# By the script that Xen brings for it.
xendomains=$(echo /usr/lib/xen-4.*/bin/xendomains)
xendomains_fails() {
    mkdir -p /etc/xen/auto
    ln -s "$PWD/old-boot.cfg" "$PWD/old-pvh.cfg" /etc/xen/auto
    rm -f /var/log/xen/qemu-dm-pvh.log
    mend() { rm -f /etc/xen/auto/old-*.cfg /var/lock/xendomains; }
    "$xendomains" start >old.out 2>&1 || true
    sed 's/^/   /' old.out
    grep -q 'An error occurred while creating domain old-boot.cfg' old.out || fail "xendomains does not fail to start boot"
    assert_disks_refused
    assert_not_written pvh
    assert_not_written boot
}

# parsed FILE [OPTION]: what xl makes of a configuration, without the uuid that it draws each time: only the
# images of its disks, or with the option -v all else.
parsed() {
    local configuration
    configuration=$(xl create -n "$1" 2>/dev/null)
    grep -v '"uuid":' <<<"$configuration" | grep "${@:2}" '"pdev_path":'
}

the_file_is_rewritten() {
    local vdev backups
    guest_put_log_away pvh
    tell xlsnap start pvh
    guest_wait pvh
    tell xlsnap config --rewrite "$PWD/pvh.cfg"
    backups=(.pvh.cfg.bak-*)
    cmp "${backups[0]}" old-pvh.cfg || fail "the file of before is not kept"
    assert_eq "$(grep -v qcow2 old-pvh.cfg)" "$(grep -v qcow2 pvh.cfg)" "the other lines"
    for vdev in xvda xvdb; do
        assert_eq "'$(present_image pvh "$vdev"),qcow2,$vdev,rw'," "$(grep ",$vdev," pvh.cfg)" "the line of $vdev"
    done
    assert_eq "$(parsed old-pvh.cfg -v)" "$(parsed pvh.cfg -v)" "what xl reads beside the images"
    assert_eq 2 "$(parsed pvh.cfg | grep -c '\.s1\.qcow2"')" "overlays that xl reads"
    assert_eq 0 "$(parsed old-pvh.cfg | grep -c '\.s1\.qcow2"')" "overlays that xl read before"
}

the_new_file_starts() {
    guest_destroy pvh
    guest_put_log_away pvh
    tell xl create -q pvh.cfg
    guest_wait pvh
    assert_written pvh there
    assert_one_image pvh
    assert_not_written pvh
}

# Where the file system has no such flag, the user is told. (This one tells no free space either, so that
# the overlays lie elsewhere.)
without_the_flag() {
    local vdev
    mkdir plain
    mount -t ramfs plain plain
    guest_folder=$PWD/plain
    guest_start pvh pvh-plain
    guest_wait pvh-plain
    tell xlsnap create -n s1 --disk "xvda=external,path=$PWD/a.qcow2" --disk "xvdb=external,path=$PWD/b.qcow2" \
        pvh-plain 2>&1 | tee create.out
    for vdev in xvda xvdb; do
        grep -q "pvh-plain-$vdev.qcow2 cannot be made immutable here: starting the domain with its old xl.cfg" create.out ||
            fail "create does not tell that the image of $vdev is not immutable"
    done
    tell xlsnap verify pvh-plain 2>&1 | tee verify.out
    grep -q 'immutable' verify.out || fail "verify does not tell that the images are not immutable"
}

guest_start pvh pvh
guest_start boot boot
guest_wait pvh
guest_wait boot
check "pvh: what an external snapshot keeps is immutable" \
    external_snapshot pvh --disk xvda=external --disk xvdb=external
check "boot: the same" external_snapshot boot --disk xvda=external
check "boot: xl create from the file of before fails, and nothing is written" start_fails
check "pvh: a domain from the file of before has no disks, and nothing is written" start_finds_no_disk
check "neither does xendomains start them so that they write" xendomains_fails
check "pvh: the file is rewritten" the_file_is_rewritten
check "pvh: it starts the guest with what it wrote" the_new_file_starts
check "pvh: where no image can be made immutable that is told" without_the_flag
exit "$checks_failed"

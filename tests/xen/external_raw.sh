#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 240
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh tests/xen/shared/raw.sh
#
# External snapshots of disks in a raw file and on a block device, which nobody can make immutable.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh
# shellcheck source=tests/xen/shared/raw.sh
source /xenbox/files/raw.sh

# A block device that the kernel serves, as libxl lets it by itself.
kernels_disk_is_refused() {
    local other
    make_device other 1M
    tell xl block-attach pvh "$other,raw,xvdc,rw"
    mend() { xl block-detach pvh xvdc; }
    ! tell xlsnap create -n s1 pvh 2>refused.out || fail "a disk that the kernel serves has a snapshot"
    cat refused.out
    grep -q 'disk xvdc is served by phy, but snapshots are made by QEMU; give it backendtype=qdisk, or leave it out' \
        refused.out || fail "why it is refused is not said"
    assert_eq '' "$(xlsnap list --names pvh)" "snapshots after a refusal"
    its_use_is_seen "$other"
}

# its_use_is_seen DEVICE: no process has it open, and yet it is not taken for a disk at rest.
its_use_is_seen() {
    printf '%s\n' "name = 'other'" "type = 'pvh'" "kernel = '/guest/vmlinuz'" 'memory = 40' \
        "disk = [$(guest_disk "$1" xvda)]" >other.cfg
    not_open "$1" || fail "a process has $1 open"
    ! tell xlsnap create -n s1 --config other.cfg 2>refused.out || fail "a disk that a domain writes to has a snapshot"
    cat refused.out
    grep -q -F "($1) is open in block back end vbd-" refused.out || fail "who uses it is not told"
}

# says_unprotected FILE WHY: what a command said names the device, and no other image, as one that cannot be
# protected.
says_unprotected() {
    grep -q -F "$device $2" "$1" || fail "it is not told that $device cannot be made immutable"
    ! grep -F immutable "$1" | grep -F -v "$device" || fail "what is immutable is said not to be"
}
cannot_be='cannot be made immutable here: starting the domain with its old xl.cfg would write to it'
is_not='is not immutable and cannot be made so: a domain that is started from an old xl.cfg would write to it'

creates() {
    take_external pvh s1 2>&1 | tee create.out
    says_unprotected create.out "$cannot_be"
    assert_eq "$guest_folder/pvh-xvda.s1.qcow2" "$(present_image pvh xvda)" "image of xvda"
    assert_eq "$catalog_root/$(domain_uuid pvh)" "$(dirname "$(present_image pvh xvdb)")" "directory of the overlay of xvdb"
    tell xlsnap verify pvh 2>&1 | tee verify.out
    says_unprotected verify.out "$is_not"
    kept_digests >kept.digests
}

kept_digests() {
    sha256sum "$(guest_image pvh xvda)" "$device"
}

reverts() {
    back_with_memory pvh s1
    write_it pvh
    assert_eq "$(cat kept.digests)" "$(kept_digests)" "what the snapshot keeps"
}

# Data go where less is to be moved: out of the file, of which little is allocated, and onto the device.
deletes() {
    tell xlsnap -v delete pvh s1
    assert_one_image pvh
    assert_written pvh there
    assert_eq "$device" "$(present_image pvh xvdb)" "image of xvdb"
    assert_eq qcow2 "$(image_format "$(present_image pvh xvda)")" "format of xvda"
    next_count pvh >/dev/null
    assert_eq "$(present_image pvh xvda)" "$(find "$guest_folder" "$catalog_root" -name '*.s1*.qcow2')" "overlays that are left"
}

# As create says, nothing but a mended file keeps such a start from the device. Who looks after the snapshots is
# told that this is another domain, by its uuid.
old_configuration() {
    cp pvh.cfg old.cfg
    tell xlsnap create -n s2 --disk-only pvh 2>&1 | tee create.out
    says_unprotected create.out "$cannot_be"
    guest_destroy pvh
    guest_put_log_away pvh
    kept_digests >kept.digests
    tell xl create -q old.cfg
    wait_for 60 "the old configuration to write to the device" device_has_changed
    # Whether it fails is not the point here, but what it says.
    { tell xlsnap verify pvh || true; } 2>&1 | tee verify.out
    grep -q 'there are snapshots of another domain named pvh' verify.out || fail "it is not told that this is another domain"
    guest_destroy pvh
}

device_has_changed() {
    [[ $(kept_digests) != "$(cat kept.digests)" ]]
}

raw_guest pvh
guest_start pvh pvh
guest_wait pvh
check "pvh: a disk that the kernel serves has no snapshot" kernels_disk_is_refused
check "pvh: an external snapshot of a raw file and of a block device" creates
check "pvh: back to it" reverts
check "pvh: it is deleted" deletes
check "pvh: a start from the file of before writes to the device" old_configuration
exit "$checks_failed"

# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh and snapshot_cycle.sh set guest_folder and pattern_*
#
# What the cases of external snapshots share; sourced after snapshot_cycle.sh. The images that a guest
# has are found by what libxl says of it, and a snapshot is known by the image that it is.

catalog_root=/var/lib/xen/snapshots

# present_image NAME VDEV: what the domain's configuration in force says.
present_image() {
    xl list -l "$1" | awk -v vdev="\"$2\"" '
        /"pdev_path":/ { path = $2 }
        /"vdev":/ && index($2, vdev) == 1 { gsub(/[",]/, "", path); print path; exit }'
}

# Instead of that of snapshot_cycle.sh, for all that reads a guest's disks.
guest_disks() {
    local vdev
    for vdev in $(guest_vdevs "$1"); do present_image "$1" "$vdev"; done
}

# assert_one_image NAME: libxl's record, both sides of xenstore and QEMU agree on each disk's image.
assert_one_image() {
    local vdev image id stored nodes
    id=$(domain_id "$1")
    nodes=$(monitor "$1" 'info block -v')
    for vdev in $(guest_vdevs "$1"); do
        image=$(present_image "$1" "$vdev")
        stored=$(xenstore-ls -f | grep -E "^/(local/domain/0/backend/qdisk|libxl)/$id/.*params = " | grep -c -F ":$image\"" || true)
        assert_eq 2 "$stored" "places in xenstore that name $image"
        [[ $nodes == *"$image"* ]] || fail "QEMU has no node on $image: $nodes"
    done
}

# digest IMAGE: of what is read through it.
digest() {
    qemu-img convert -U -f qcow2 -O raw "$1" "$guest_folder/digest.raw"
    sha256sum <"$guest_folder/digest.raw"
    rm "$guest_folder/digest.raw"
}

# assert_written NAME there|absent: the pattern of write_something is on all disks, or on none.
assert_written() {
    local image byte=0
    [[ $2 == absent ]] || byte=$pattern_byte
    for image in $(guest_disks "$1"); do
        disk_has_byte "$image" "$pattern_offset" "$pattern_length" "$byte" || fail "the pattern is not $2 in $image"
    done
}

# write_it NAME: the guest writes the pattern to each disk.
write_it() {
    local vdev
    for vdev in $(guest_vdevs "$1"); do
        guest_command "$1" write "$vdev" "$pattern_offset" "$pattern_length" "$pattern_byte" >/dev/null
    done
    assert_written "$1" there
}

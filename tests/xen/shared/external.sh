# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets guest_folder
#
# What the cases of external snapshots share; sourced after snapshot_cycle.sh. The images that a guest
# has are found by what libxl says of it, and a snapshot is known by the image that it is.

# Cases share a host; their guests have the same names, and no image of them is there any more.
catalog_root=/var/lib/xen/snapshots
rm -rf "$catalog_root"

# present_disks NAME: print a line "VDEV IMAGE" for each disk, by the domain's configuration in force.
present_disks() {
    local configuration disks
    configuration=$(xl list -l "$1")
    disks=$(awk '
        /"pdev_path":/ { path = $2 }
        /"vdev":/ { vdev = $2; gsub(/[",]/, "", path); gsub(/[",]/, "", vdev); print vdev, path }' <<<"$configuration")
    assert_ne '' "$disks" "disks of $1"
    echo "$disks"
}

# present_image NAME VDEV
present_image() {
    local disks vdev image
    disks=$(present_disks "$1")
    while read -r vdev image; do
        [[ $vdev != "$2" ]] || echo "$image"
    done <<<"$disks"
}

# Instead of that of snapshot_cycle.sh, for all that reads a guest's disks.
guest_disks() {
    local disks
    disks=$(present_disks "$1")
    cut -d ' ' -f 2 <<<"$disks"
}

# assert_one_image NAME: libxl's record, both sides of xenstore and QEMU agree on each disk's image.
assert_one_image() {
    local image images id known stored nodes
    id=$(domain_id "$1")
    nodes=$(monitor "$1" 'info block -v')
    known=$(xenstore-ls -f | grep -E "^/(local/domain/0/backend/qdisk|libxl)/$id/.*params = ")
    images=$(guest_disks "$1")
    for image in $images; do
        stored=$(grep -c -F ":$image\"" <<<"$known" || true)
        assert_eq 2 "$stored" "places in xenstore that name $image"
        [[ $nodes == *"$image"* ]] || fail "QEMU has no node on $image: $nodes"
    done
    assert_eq 'No active jobs' "$(monitor "$1" 'info block-jobs' | tr -d '\r')" "block jobs"
}

# digest IMAGE: of what is read through it.
digest() {
    local format
    format=$(image_format "$1")
    qemu-img convert -U -f "$format" -O raw "$1" "$guest_folder/digest.raw"
    sha256sum <"$guest_folder/digest.raw"
    rm "$guest_folder/digest.raw"
}

# What write_it writes; rises_again writes elsewhere.
written_offset=8388608 written_length=65536 written_byte=90

# assert_written NAME there|absent: what write_it writes is on all disks, or on none.
assert_written() {
    local image images byte=0
    [[ $2 == absent ]] || byte=$written_byte
    images=$(guest_disks "$1")
    for image in $images; do
        disk_has_byte "$image" "$written_offset" "$written_length" "$byte" || fail "what was written is not $2 in $image"
    done
}

# write_it NAME: the guest writes to each disk.
write_it() {
    local disks vdev
    disks=$(present_disks "$1")
    while read -r vdev _; do
        guest_command "$1" write "$vdev" "$written_offset" "$written_length" "$written_byte" >/dev/null
    done <<<"$disks"
    assert_written "$1" there
}

# assert_nodes_on NAME COUNT: so many nodes of a domain's QEMU are on the image of each of its disks, and no
# others serve a disk: 2 until an HVM guest unplugs its emulated disks, else 1.
assert_nodes_on() {
    local text nodes images wanted
    text=$(monitor "$1" 'info block -v')
    nodes=$(sed -n -E 's/^[^ :]+( \([^)]*\))?: (.*) \(qcow2.*/\2/p' <<<"$text" | sort | uniq -c | sed 's/^ *//')
    images=$(guest_disks "$1")
    wanted=$(sort <<<"$images" | sed "s/^/$2 /")
    assert_eq "$wanted" "$nodes" "how many nodes of $1 are on which image"
}

# take_external NAME SNAPSHOT [OPTION...]: a snapshot of the running guest, which writes afterwards. What is
# known of it is kept in the file SNAPSHOT.counts.
take_external() {
    local low high
    assert_written "$1" absent
    low=$(next_count "$1")
    tell xlsnap -v create -n "$2" "${@:3}" "$1"
    assert_eq running "$(domain_state "$1")" "$1 after create"
    high=$(next_count "$1")
    echo "$low $high $(guest_boot_id "$1")" >"$2.counts"
    assert_one_image "$1"
    write_it "$1"
}

# back_with_memory NAME SNAPSHOT [OPTION...]: the guest is what it was, and goes on.
back_with_memory() {
    local low high boot
    read -r low high boot <"$2.counts"
    tell xlsnap -v revert --paused "${@:3}" "$1" "$2"
    assert_one_image "$1"
    assert_written "$1" absent
    assert_paused_at "$1" "$low" "$high" "$boot"
    next_count "$1" >/dev/null
}

# back_without_memory NAME SNAPSHOT [OPTION...]: the disks are what they were, and the guest boots anew.
back_without_memory() {
    local low high boot mark counts
    read -r low high boot <"$2.counts"
    tell xlsnap -v revert --paused "${@:3}" "$1" "$2"
    assert_one_image "$1"
    assert_written "$1" absent
    read_counts "$1"
    assert_one_instant "$low" "$high" "${counts[@]}"
    echo "counts: disks ${counts[*]}"
    mark=$(guest_mark "$1")
    xl unpause "$1"
    guest_wait_for "$1" 120 "the first count of $1" guest_counts_after "$1" "$mark"
    assert_ne "$boot" "$(guest_boot_id "$1")" "boot id of $1"
}

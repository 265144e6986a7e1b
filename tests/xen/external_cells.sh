#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 900
# when: long
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh docs/combinations.md
#
# Each combination of docs/combinations.md that is accepted for a domain with its disks in qcow2 images: what
# the snapshot holds, back to it, on, and deleted, after which all else is what it was.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh

# cells DOMAIN: print those of offline or online: memory, disk, disk-only, live, and what is made, in words
# without spaces; `-` is what is not said.
cells() {
    awk -F ' *[|] *' -v domain="$1" '/^## / { here = $0 == "## All combinations" }
        here && $2 == domain && $7 !~ /refused/ {
        gsub(", ", "+", $7)
        print $3, $4, $5 == "" ? "-" : $5, $6 == "" ? "-" : $6, $7 }' /xenbox/files/combinations.md
}

# cell_options MEMORY DISK DISK_ONLY LIVE: set the caller's array `options` to what asks for the cell.
cell_options() {
    options=(-n cell)
    case $1 in
    none) options+=(--xml no-memory.xml) ;;
    image) options+=(--memory-file "$PWD/cell.save") ;;
    esac
    [[ $2 == default ]] || options+=(--disk "xvda=$2")
    [[ $3 == - ]] || options+=(--disk-only)
    [[ $4 == - ]] || options+=(--live)
}
echo "<domainsnapshot><memory snapshot='no'/></domainsnapshot>" >no-memory.xml

# assert_made RESULT IMAGES_BEFORE IMAGES_AFTER TAGS_BEFORE: the disks are what the table says.
assert_made() {
    local image images_before=$2 images_after=$3 tags
    case $1 in
    *external)
        for image in $images_before; do
            [[ $'\n'$images_after$'\n' != *$'\n'$image$'\n'* ]] || fail "$image is still in use"
        done
        ;;
    *) assert_eq "$images_before" "$images_after" "images after a snapshot that is not external" ;;
    esac
    tags=$(all_tags "$images_before")
    case $1 in
    *internal) assert_ne "$4" "$tags" "tags after an internal snapshot" ;;
    *) assert_eq "$4" "$tags" "tags after a snapshot that is not internal" ;;
    esac
}

# all_tags IMAGES: those that they hold, a line each.
all_tags() {
    local image
    for image in $1; do image_tags "$image"; done
}

# digests IMAGES: of what is read through them.
digests() {
    local image
    for image in $1; do digest "$image"; done
}

# assert_delete IMAGES: the snapshot goes; the present state and the snapshot `stays` remain what they are,
# and of the other files none is left.
assert_delete() {
    local before after
    before=$(digests "$1")
    xlsnap delete pvh cell
    after=$(present_images)
    assert_eq "$before" "$(digests "$after")" "the present state after delete"
    assert_eq stays "$(xlsnap list --names pvh)" "snapshots after delete"
    assert_eq "$(cat stays.digests)" "$(sha256sum "$guest_folder"/pvh-xvda.qcow2)" "what the other snapshot keeps"
    assert_eq "$files_before" "$(all_files)" "how many images and memory images there are"
}

# all_files: how many images and memory images there are.
all_files() {
    find "$guest_folder" "$catalog_root" -name '*.qcow2' -o -name '*.save' | grep -v -c /.empty-
}

# ---- a domain that runs ------------------------------------------------------------------------------

# online_cell MEMORY DISK DISK_ONLY LIVE RESULT: of the guest, which runs, is as before at the end.
online_cell() {
    local options low high boot images tags mark counts=() now files_before
    present_images() { guest_disks pvh; }
    cell_options "$@"
    files_before=$(all_files)
    images=$(present_images)
    tags=$(all_tags "$images")
    boot=$(guest_boot_id pvh)
    low=$(next_count pvh)
    xlsnap create "${options[@]}" pvh
    now=$(present_images)
    assert_made "$5" "$images" "$now" "$tags"
    high=$(next_count pvh)
    write_it pvh
    xlsnap revert --paused --force pvh cell
    assert_one_image pvh
    mark=$(guest_mark pvh)
    case $5 in
    memory) assert_written pvh there ;;
    *) assert_written pvh absent && read_counts pvh ;;
    esac
    images=$(present_images)
    assert_delete "$images"
    xl unpause pvh
    guest_wait_for pvh 60 "a count after the revert" guest_counts_after pvh "$mark"
    assert_counts "$5"
    [[ $5 != memory ]] || rewrite_zeros
}

# assert_counts RESULT: memory and disks are of one instant, in the variables of online_cell.
assert_counts() {
    local line now
    case $1 in
    memory*)
        line=$(guest_first_line_after pvh "$mark")
        now=$(line_field boot "$line")
        assert_eq "$boot" "$now" "boot id"
        counts+=("$(line_field mem "$line")")
        ;;
    *) assert_ne "$boot" "$(guest_boot_id pvh)" "boot id" ;;
    esac
    assert_one_instant "$low" "$high" "${counts[@]}"
}

# The disks took no part: what was written is still there, and is not to be found by the next cell.
rewrite_zeros() {
    guest_command pvh write xvda "$written_offset" "$written_length" 0 >/dev/null
}

# ---- a domain that does not run ----------------------------------------------------------------------

# offline_cell MEMORY DISK DISK_ONLY LIVE RESULT: what a guest would write, qemu-io does.
offline_cell() {
    local options images tags now image before files_before
    present_images() { images_in_file; }
    cell_options "$@"
    files_before=$(all_files)
    images=$(present_images)
    tags=$(all_tags "$images")
    before=$(digests "$images")
    xlsnap create "${options[@]}" pvh
    now=$(present_images)
    assert_made "$5" "$images" "$now" "$tags"
    for image in $now; do qemu-io -f qcow2 -c "write -P $written_byte $written_offset $written_length" "$image" >/dev/null; done
    assert_ne "$before" "$(digests "$now")" "what was written"
    xlsnap revert pvh cell
    assert_eq absent "$(domain_state pvh)" "pvh after the revert"
    now=$(present_images)
    assert_eq "$before" "$(digests "$now")" "what the disks hold after the revert"
    assert_delete "$now"
}

# What a user would start the domain from.
images_in_file() {
    xlsnap config --rewrite "$guest_folder/pvh.cfg" pvh >/dev/null
    sed -n "s/^'\(.*\),qcow2,xvd.,rw',\$/\1/p" "$guest_folder/pvh.cfg"
}

# ------------------------------------------------------------------------------------------------------

run_cells() {
    local cell
    while read -ra cell <&3; do
        check "$1, memory ${cell[0]}, disks ${cell[1]}, ${cell[2]}, ${cell[3]}: ${cell[4]}" "$1_cell" "${cell[@]}"
    done 3< <(cells "$1")
}

guest_start pvh pvh disks=1
guest_wait pvh
xlsnap create -n stays --disk xvda=external pvh
sha256sum "$guest_folder"/pvh-xvda.qcow2 >stays.digests
assert_eq "29 20" "$(cells online | wc -l) $(cells offline | wc -l)" "accepted cells"
run_cells online
guest_destroy pvh
run_cells offline
guest_put_log_away pvh
xl create -q pvh.cfg
guest_wait pvh
check "pvh: the guest starts from the file that names its images" assert_one_image pvh
exit "$checks_failed"

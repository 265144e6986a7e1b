# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets guest_folder and checks_failed, external.sh the others
#
# What the cases share that go through the combinations of docs/combinations.md; sourced after external.sh.
# Of each that is accepted: what the snapshot holds, back to it, on, and deleted, after which all else is
# what it was. The caller has set
#   cells_format   the column of the table: qcow2 or raw
#   cells_disks    how many disks of that format the guest `pvh` has: xvda, xvdb and so on
# and start_cells makes the snapshot `stays`, whose files stays_files prints.

# cells DOMAIN: print those of offline or online: memory, disk, disk-only, live, and what is made, in words
# without spaces; `-` is what is not said.
cells() {
    awk -F ' *[|] *' -v domain="$1" -v column="on $cells_format" '
        /^## / { here = $0 == "## All combinations" }
        here && $2 == "domain" { for (i = 3; i < NF; i++) if ($i == column) made = i }
        here && $2 == domain && $made !~ /refused/ {
        gsub(", ", "+", $made)
        print $3, $4, $5 == "" ? "-" : $5, $6 == "" ? "-" : $6, $made }' /xenbox/files/combinations.md
}

# cell_options MEMORY DISK DISK_ONLY LIVE: set the caller's array `options` to what asks for the cell.
cell_options() {
    local vdev
    options=(-n cell)
    case $1 in
    none) options+=(--xml no-memory.xml) ;;
    image) options+=(--memory-file "$PWD/cell.save") ;;
    esac
    for vdev in $(guest_vdevs "$cells_disks"); do
        [[ $2 == default ]] || options+=(--disk "$vdev=$2")
    done
    [[ $3 == - ]] || options+=(--disk-only)
    [[ $4 == - ]] || options+=(--live)
}

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
    assert_eq "$(cat stays.digests)" "$(stays_digests)" "what the other snapshot keeps"
    assert_eq "$(cat images.formats)" "$(formats "$after")" "formats of the disks"
    assert_eq "$files_before" "$(all_files)" "how many images and memory images there are"
}

# formats IMAGES: a line each.
formats() {
    local image
    for image in $1; do image_format "$image"; done
}

# stays_digests: of the files of the other snapshot.
stays_digests() {
    # shellcheck disable=SC2046 # no file of ours has a space in its name
    sha256sum $(stays_files)
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
    assert_one_image pvh
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
    local vdev
    for vdev in $(guest_vdevs "$cells_disks"); do
        guest_command pvh write "$vdev" "$written_offset" "$written_length" 0 >/dev/null
    done
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
    for image in $now; do write_at_rest "$image"; done
    assert_ne "$before" "$(digests "$now")" "what was written"
    xlsnap revert pvh cell
    assert_eq absent "$(domain_state pvh)" "pvh after the revert"
    now=$(present_images)
    assert_eq "$before" "$(digests "$now")" "what the disks hold after the revert"
    assert_delete "$now"
}

write_at_rest() {
    qemu-io -f "$(image_format "$1")" -c "write -P $written_byte $written_offset $written_length" "$1" >/dev/null
}

# What a user would start the domain from.
images_in_file() {
    xlsnap config --rewrite "$guest_folder/pvh.cfg" pvh >/dev/null
    sed -n "s/^'\([^,]*\),[^,]*,xvd.,rw.*',\$/\1/p" "$guest_folder/pvh.cfg"
}

# ------------------------------------------------------------------------------------------------------

run_cells() {
    local cell
    while read -ra cell <&3; do
        check "$1, memory ${cell[0]}, disks ${cell[1]}, ${cell[2]}, ${cell[3]}: ${cell[4]}" "$1_cell" "${cell[@]}"
    done 3< <(cells "$1")
}

# start_cells OPTION...: the guest runs and has the snapshot `stays`, which the options make.
start_cells() {
    echo "<domainsnapshot><memory snapshot='no'/></domainsnapshot>" >no-memory.xml
    guest_start pvh pvh "disks=$cells_disks"
    guest_wait pvh
    xlsnap create -n stays "$@" pvh
    stays_digests >stays.digests
    formats "$(guest_disks pvh)" >images.formats
}

# run_all_cells ONLINE OFFLINE: as many as these are accepted.
run_all_cells() {
    assert_eq "$1 $2" "$(cells online | wc -l) $(cells offline | wc -l)" "accepted cells"
    run_cells online
    guest_destroy pvh
    run_cells offline
    guest_put_log_away pvh
    xl create -q pvh.cfg
    guest_wait pvh
    check "pvh: the guest starts from the file that names its images" assert_one_image pvh
}

# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets guest_folder
#
# What the cases of create, revert and delete share. Sourced after /xenbox/lib.sh. Everything is
# asserted by tools that are not ours: xl, qemu-img, ls, ss and the guests' counters.

# Cases share a host: end what an earlier one left, and let no old console log pass for a new one.
for left_domain in $(xl list | awk 'NR > 2 { print $1 }'); do guest_destroy "$left_domain"; done
rm -f /var/log/xen/console/guest-*.log

# step TEXT...: say what comes now, for those who read along (tests/try).
step() {
    printf '\n== %s\n' "$*"
}

# tell COMMAND...: show a command as one would type it, and run it.
tell() {
    echo "# ${*//$guest_folder\//}"
    "$@"
}

# assert_intact IMAGE: its metadata have no errors. While QEMU has the image open, clusters may look
# leaked (status 3): QEMU writes the refcount of a new cluster before anything refers to it.
assert_intact() {
    local status=0
    qemu-img check -q -U -f qcow2 "$1" || status=$?
    [[ $status -eq 0 || ($status -eq 3 && $(not_open "$1" || echo open)) ]] ||
        fail "qemu-img check of $1 ends with status $status"
}

# The command that takes a domain back. A case puts `true` in its place to see itself fail.
xlsnap_revert=(xlsnap -v revert)

# guest_disks NAME: print the images of the guest's disks.
guest_disks() {
    local image
    for image in "$guest_folder/$1"-xvd?.qcow2; do echo "$image"; done
}

# assert_tags NAME TAGS: each of the guest's images has exactly these tags.
assert_tags() {
    local image tags
    for image in $(guest_disks "$1"); do
        tags=$(image_tags "$image")
        assert_eq "$2" "$tags" "tags of $image"
    done
}

# assert_nodes NAME TAG NODE...: QEMU has exactly these nodes open as disks, in alphabetical order, and
# each knows the tag and no other; none when TAG is empty.
assert_nodes() {
    local name=$1 tag=$2 nodes wanted
    shift 2
    nodes=$(block_nodes "$name")
    wanted=$(printf "%s${tag:+ $tag}\n" "$@")
    assert_eq "$wanted" "$nodes" "the nodes of $name and the tags that they know"
}

# assert_disks_intact NAME: the images of a guest that is gone are intact, once QEMU has closed them.
assert_disks_intact() {
    local image
    for image in $(guest_disks "$1"); do
        wait_for 30 "QEMU to close $image" not_open "$image"
        assert_intact "$image"
    done
}

# traces NAME: print what a failed or deleted snapshot could have left: the tags in the images and the
# files in the working directory. (/var/lib/xen/qemu-save.DOMID of an HVM guest is not ours: it stays
# after a stock `xl save -c` as well, also after one that succeeds.)
traces() {
    local image tags
    for image in $(guest_disks "$1"); do
        tags=$(image_tags "$image")
        echo "$image: $tags"
    done
    find "$guest_folder" -mindepth 1 ! -name '*.out' ! -name '*.traces' -printf '%f\n' | sort
}

# next_count NAME: wait until the guest has counted once more than it has printed now, and print
# that count.
next_count() {
    local count
    count=$(guest_count "$1")
    guest_wait_count "$1" $((count + 1))
    guest_count "$1"
}

# boot_differs NAME OLD_ID, boot_is NAME ID: what the guest printed last.
boot_differs() {
    local id
    id=$(guest_boot_id "$1" 2>/dev/null) && [[ $id != "$2" ]]
}
boot_is() {
    local id
    id=$(guest_boot_id "$1" 2>/dev/null) && [[ $id == "$2" ]]
}

# read_counts NAME [TAG]: set the caller's array `counts` to the counts on all disks of the guest, or to
# those that a tag of them holds.
read_counts() {
    local image count
    counts=()
    for image in $(guest_disks "$1"); do
        count=$(disk_count "$image" "${@:2}")
        counts+=("$count")
    done
}

# assert_one_instant LOW HIGH COUNT...: all counts lie between the two and differ by one at most.
assert_one_instant() {
    local low=$1 high=$2 count least most
    shift 2
    least=$1 most=$1
    for count in "$@"; do
        assert_between "$low" "$count" "$high" "a count of the snapshot"
        ((count >= least)) || least=$count
        ((count <= most)) || most=$count
    done
    ((most - least <= 1)) || fail "the counts of one instant are $*"
}

# assert_paused_at NAME LOW HIGH BOOT: the paused guest is at a count between the two on each disk and
# in memory, and is still the same boot. It runs afterwards.
assert_paused_at() {
    local name=$1 low=$2 high=$3 boot=$4 counts mark line now count
    assert_eq paused "$(domain_state "$name")" "$name before its counts are compared"
    read_counts "$name"
    mark=$(guest_mark "$name")
    xl unpause "$name"
    line=$(guest_first_line_after "$name" "$mark")
    now=$(line_field boot "$line")
    assert_eq "$boot" "$now" "boot id of $name"
    count=$(line_field mem "$line")
    assert_one_instant "$low" "$high" "${counts[@]}" "$count"
    echo "counts: disks ${counts[*]}, memory $count; boot id $now"
}

# assert_goes_on_after_pause NAME: xl pauses and unpauses the guest like any other.
assert_goes_on_after_pause() {
    xl pause "$1"
    assert_eq paused "$(domain_state "$1")" "$1 after xl pause"
    xl unpause "$1"
    next_count "$1" >/dev/null
}

# write_something NAME: the guest writes a pattern that the snapshot does not hold.
pattern_offset=4194304 pattern_length=65536 pattern_byte=171
write_something() {
    local vdev
    [[ $(guest_kind "$1") != boot ]] || return 0
    for vdev in xvda xvdb; do
        guest_command "$1" write "$vdev" $pattern_offset $pattern_length $pattern_byte >/dev/null
        disk_has_byte "$(guest_image "$1" "$vdev")" $pattern_offset $pattern_length $pattern_byte ||
            fail "the pattern did not reach $vdev"
    done
    echo "$1 wrote a pattern of $((pattern_length >> 10)) KiB to each disk"
}

# Guests are named KIND or KIND-SOMETHING.
guest_kind() {
    echo "${1%%-*}"
}

assert_pattern_nowhere() {
    local image
    for image in $(guest_disks "$1"); do
        disk_has_byte "$image" $pattern_offset $pattern_length 0 ||
            fail "$image holds what was written after the snapshot"
    done
}

# revert_once NAME LOW HIGH BOOT: let the guest go on, write, and take it back.
revert_once() {
    local name=$1 low=$2 high=$3 boot=$4 old_uuid uuid count
    count=$(guest_count "$name")
    ((count > high)) || count=$high
    guest_wait_count "$name" $((count + 5))
    write_something "$name"
    old_uuid=$(domain_uuid "$name")
    assert_ne '' "$old_uuid" "uuid of $name"
    tell "${xlsnap_revert[@]}" --paused --memory-path "$guest_folder/$name.save" -n s1 "$name" 2>&1 |
        tee revert.out
    # libxl 4.20 logs an error when the QEMU that it asks for its options ends before it is killed.
    ! grep '^libxl: error' revert.out | grep -v 'qemu command-line probe already exited$' ||
        fail "a revert that went well logs errors"
    ! grep 'nobody may be there' revert.out || fail "the reverted domain has no watcher"
    uuid=$(domain_uuid "$name")
    assert_eq "$old_uuid" "$uuid" "uuid of $name"
    if [[ $(guest_kind "$name") != boot ]]; then assert_pattern_nowhere "$name"; fi
    assert_paused_at "$name" "$low" "$high" "$boot"
    assert_tags "$name" s1
}

domain_uuid() {
    local list uuid name
    list=$(xl vm-list)
    while read -r uuid _ name; do
        [[ $name != "$1" ]] || echo "$uuid"
    done <<<"$list"
}

# start_anew_after_failure NAME: a guest of which a check has failed is no guest for the next one.
start_anew_after_failure() {
    ((checks_failed > 0)) || return 0
    guest_destroy "$1"
    rm -f "$guest_folder/$1"*
    guest_start "$(guest_kind "$1")" "$1"
    guest_wait "$1"
}

# snapshot_cycle NAME: the main job, told step by step: create, go on, revert twice, xl destroy, stock xl
# restore, delete. The guest runs already; it is destroyed at the end.
snapshot_cycle() {
    local name=$1 save=$guest_folder/$1.save before boot id low high counts image
    before=$(traces "$name")
    boot=$(guest_boot_id "$name")
    id=$(domain_id "$name")
    low=$(next_count "$name")
    step "The guest $name counts in memory and writes each count to its disks: $low. Its boot id is $boot."
    tell xl list

    step "A snapshot of the running guest: memory, disks and configuration at one instant."
    tell xlsnap -v create --memory-path "$save" -n s1 "$name"
    assert_eq running "$(domain_state "$name")" "$name after create"
    assert_eq "$id" "$(domain_id "$name")" "domid after create"
    high=$(next_count "$name")
    assert_eq 600 "$(stat -c %a "$save")" "mode of the memory image"
    tell ls -l "$save"
    for image in $(guest_disks "$name"); do tell qemu-img snapshot -U -l "$image"; done
    read_counts "$name" s1
    assert_one_instant "$low" "$high" "${counts[@]}"
    echo "the disks hold the snapshot at the counts ${counts[*]}; the guest went on to $high"
    assert_goes_on_after_pause "$name"

    step "The guest goes on, and then back to the snapshot; left paused, to look closely."
    revert_once "$name" "$low" "$high" "$boot"

    step "The same once more."
    revert_once "$name" "$low" "$high" "$boot"

    step "xl destroys a domain that has a snapshot like any other."
    tell xl destroy "$name"
    wait_for 30 "the end of $name" domain_is absent "$name"
    assert_disks_intact "$name"
    assert_tags "$name" s1

    step "Stock xl starts the memory image too, over disks taken back by qemu-img."
    for image in $(guest_disks "$name"); do tell qemu-img snapshot -q -a s1 "$image"; done
    tell xl restore -p "$save"
    assert_paused_at "$name" "$low" "$high" "$boot"

    step "The snapshot can go."
    tell xlsnap delete --memory-path "$save" -n s1 "$name"
    assert_eq "$before" "$(traces "$name")" "what is left after delete"
    next_count "$name" >/dev/null
    guest_destroy "$name"
    assert_disks_intact "$name"
}

# not_open FILE: whether no process has the file open. Processes may end while they are looked at.
not_open() {
    local wanted open_files
    wanted=$(stat -c %d:%i "$1")
    open_files=$(stat -L -c %d:%i /proc/[0-9]*/fd/* 2>/dev/null || true)
    ! grep -q -x "$wanted" <<<"$open_files"
}

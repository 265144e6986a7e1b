# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets guest_folder
#
# What the cases of create, revert and delete share. Sourced after /xenbox/lib.sh. Everything is
# asserted by tools that are not ours: xl, qemu-img, ls, ss and the guests' counters.

# Cases share a host: end what an earlier one left, and let no old console log pass for a new one.
for left_domain in $(xl list | awk 'NR > 2 { print $1 }'); do guest_destroy "$left_domain"; done
rm -f /var/log/xen/console/guest-*.log

# check NAME COMMAND...: run the command in a subshell and print the verdict as the runner reads it.
checks_failed=0
check() {
    local name=$1 status=0
    shift
    set +e
    (
        set -e
        "$@"
    )
    status=$?
    set -e
    if ((status == 0)); then
        echo "ok $name"
    else
        echo "not ok $name"
        # shellcheck disable=SC2034 # the status with which the cases end
        checks_failed=1
    fi
}

# assert_intact IMAGE: its metadata have no errors. While QEMU has the image open, clusters may look
# leaked (status 3): QEMU writes the refcount of a new cluster before anything refers to it.
assert_intact() {
    local status=0
    qemu-img check -q -U -f qcow2 "$1" || status=$?
    [[ $status -eq 0 || ($status -eq 3 && $(not_open "$1" || echo open)) ]] ||
        fail "qemu-img check of $1 ends with status $status"
}

# The command under test. A case puts `true` in the place of revert to see itself fail.
xlsnap_revert=(xlsnap revert)

# guest_disks NAME: print the images of the guest's disks.
guest_disks() {
    local image
    for image in "$guest_folder/$1"-xvd?.qcow2; do echo "$image"; done
}

# traces NAME: print what a failed or deleted snapshot could have left: the tags in the images, the
# files in the working directory, and the sockets of ours.
traces() {
    local image
    for image in $(guest_disks "$1"); do
        echo "$image: $(image_tags "$image" | xargs)"
    done
    find "$guest_folder" -mindepth 1 -printf '%f\n' | grep -v -e '\.out$' -e '\.traces$' | sort
    find /var/lib/xen /run/xen -name '*xlsnap*'
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

# counts_on NAME [TAG]: print the counts on the guest's disks, or in a tag of them, one a line.
counts_on() {
    local image
    for image in $(guest_disks "$1"); do
        disk_count "$image" "${@:2}"
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
    local name=$1 low=$2 high=$3 boot=$4 counts mark line
    assert_eq paused "$(domain_state "$name")" "$name after the revert"
    mapfile -t counts < <(counts_on "$name")
    ((${#counts[@]} > 0)) || fail "$name has no disks"
    mark=$(guest_mark "$name")
    xl unpause "$name"
    line=$(guest_first_line_after "$name" "$mark")
    assert_eq "$boot" "$(line_field boot "$line")" "boot id of $name after the revert"
    assert_one_instant "$low" "$high" "${counts[@]}" "$(line_field mem "$line")"
    echo "   counts after the revert: disks ${counts[*]}, memory $(line_field mem "$line")"
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
    local name=$1 low=$2 high=$3 boot=$4 old_uuid count
    count=$(guest_count "$name")
    ((count > high)) || count=$high
    guest_wait_count "$name" $((count + 10))
    write_something "$name"
    old_uuid=$(xl vm-list | awk -v name="$name" '$3 == name { print $1 }')
    "${xlsnap_revert[@]}" --paused --memory-path "$guest_folder/$name.save" -n s1 "$name"
    assert_eq "$old_uuid" "$(xl vm-list | awk -v name="$name" '$3 == name { print $1 }')" "uuid of $name"
    if [[ $(guest_kind "$name") != boot ]]; then assert_pattern_nowhere "$name"; fi
    assert_paused_at "$name" "$low" "$high" "$boot"
    for image in $(guest_disks "$name"); do
        assert_eq s1 "$(image_tags "$image" | xargs)" "tags of $image after the revert"
        assert_intact "$image"
    done
}

# snapshot_cycle NAME: create, go on, revert twice, stock xl restore, delete. The guest runs already.
snapshot_cycle() {
    local name=$1 save=$guest_folder/$1.save before boot id low high tagged image
    before=$(traces "$name")
    boot=$(guest_boot_id "$name")
    id=$(domain_id "$name")
    low=$(next_count "$name")
    xlsnap create --memory-path "$save" -n s1 "$name"
    assert_eq running "$(domain_state "$name")" "$name after create"
    assert_eq "$id" "$(domain_id "$name")" "domid after create"
    high=$(next_count "$name")
    assert_eq 600 "$(stat -c %a "$save")" "mode of the memory image"
    mapfile -t tagged < <(counts_on "$name" s1)
    assert_one_instant "$low" "$high" "${tagged[@]}"

    revert_once "$name" "$low" "$high" "$boot"
    revert_once "$name" "$low" "$high" "$boot"

    # The memory image alone is a save file of stock xl, over disks taken back by qemu-img.
    guest_destroy "$name"
    for image in $(guest_disks "$name"); do
        wait_for 30 "QEMU to close $image" not_open "$image"
        qemu-img snapshot -q -a s1 "$image"
    done
    xl restore -p "$save" >/dev/null
    assert_paused_at "$name" "$low" "$high" "$boot"

    xlsnap delete --memory-path "$save" -n s1 "$name"
    assert_eq "$before" "$(traces "$name")" "what is left after delete"
    xl pause "$name"
    assert_eq paused "$(domain_state "$name")" "$name after xl pause"
    xl unpause "$name"
    next_count "$name" >/dev/null
    guest_destroy "$name"
    for image in $(guest_disks "$name"); do
        wait_for 30 "QEMU to close $image" not_open "$image"
        assert_intact "$image"
    done
}

# not_open FILE: whether no process has the file open. Processes may end while they are looked at.
not_open() {
    local wanted open_files
    wanted=$(stat -c %d:%i "$1")
    open_files=$(stat -L -c %d:%i /proc/[0-9]*/fd/* 2>/dev/null || true)
    ! grep -q -x "$wanted" <<<"$open_files"
}

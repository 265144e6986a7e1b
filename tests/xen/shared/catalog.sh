# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # snapshot_cycle.sh sets guest_folder
#
# What the cases of the catalog share; sourced after snapshot_cycle.sh. Snapshots are known by tools that
# are not ours: each by the tag that it left in the images, and by the guest's counts around it.

catalog_root=/var/lib/xen/snapshots

# The guest whose snapshots they are; a case may have another.
guest=pv

# Of each snapshot by its name: between which counts it was made, of which boot, and its tag.
declare -A low=() high=() boot=() tag=()

# Everything that say_it showed, for told_as_documented.
transcript=$guest_folder/transcript.out
: >"$transcript"

# with_memory COMMAND...: run what a check does, which is a process of its own, with what the checks
# before it remembered, and keep it for the next.
memory=$guest_folder/memory.out
with_memory() {
    # shellcheck disable=SC1090
    [[ ! -e $memory ]] || source "$memory"
    "$@"
    declare -p low high boot tag unnamed | sed -E 's/^declare -(A|-) /declare -g\1 /; s/^declare -g- /declare -g /' >"$memory"
}
unnamed=

# say_it COMMAND...: run a command as a user types it, and keep what it says.
say_it() {
    {
        printf '#'
        printf ' %q' "$@"
        echo
        "$@" 2>&1
    } | tee -a "$transcript"
    return "${PIPESTATUS[0]}"
}

# name_in_json: the name of the one snapshot in the JSON on standard input.
name_in_json() {
    sed -n 's/.*"name": *"\([^"]*\)".*/\1/p' | head -n 1
}

newest_tag() {
    local tags
    tags=$(image_tags "$(guest_image "$guest" xvda)")
    echo "${tags##* }"
}

# remember NAME: the snapshot that was made a moment ago. `before` is the count from
# before it, if the caller has one.
remember() {
    local counts
    low[$1]=${before:-0}
    high[$1]=$(next_count "$guest")
    boot[$1]=$(guest_boot_id "$guest")
    tag[$1]=$(newest_tag)
    read_counts "$guest" "${tag[$1]}"
    assert_one_instant "${low[$1]}" "${high[$1]}" "${counts[@]}"
    assert_tags_are_remembered
}

# take NAME [OPTION...]: a snapshot of the running guest.
take() {
    local before
    [[ $(domain_state "$guest") != paused ]] || xl unpause "$guest"
    before=$(next_count "$guest")
    say_it xlsnap create -n "$1" "${@:2}" "$guest"
    remember "$1"
}

# assert_at NAME: the guest, just reverted and paused, is what it was at the snapshot; it runs afterwards.
assert_at() {
    assert_paused_at "$guest" "${low[$1]}" "${high[$1]}" "${boot[$1]}"
    assert_tags_are_remembered
}

# assert_tags_are_remembered: each image has a tag for each snapshot, and no other; and the catalog as
# many memory images.
assert_tags_are_remembered() {
    local image wanted found
    wanted=$(printf '%s\n' "${tag[@]}" | sort)
    for image in $(guest_disks "$guest"); do
        found=$(image_tags "$image" | tr ' ' '\n' | sort)
        assert_eq "$wanted" "$found" "tags of $image"
    done
    found=$(find "$catalog_root" -name '*.save' 2>/dev/null | wc -l)
    assert_eq "${#tag[@]}" "$found" "memory images in the catalog"
}

# data_digests: what the memory images hold, and the tags of each image.
data_digests() {
    local image
    find "$catalog_root" -name '*.save' -exec sha256sum {} + | sort
    for image in $(guest_disks "$guest"); do image_tags "$image"; done
}

# nothing_is_left TRACES: the images and files are as they were before, and the catalog is empty.
nothing_is_left() {
    assert_eq "$1" "$(traces "$guest")" "images and files"
    assert_eq '' "$(find "$catalog_root" -mindepth 1)" "files in the catalog"
    assert_eq '' "$(find "$guest_folder" -name .xlsnap)" "copies beside the images"
    next_count "$guest" >/dev/null
}

# What differs from run to run: times, names made of them, domids, whether a vCPU waits.
same_each_time() {
    sed -E -e 's/\b1[0-9]{9}\b/1700000000/g' -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}/2023-11-14 22:13:20/g' \
        -e 's/\bblocked\b/running/' -e 's/domid is [0-9]+/domid is 7/' -e 's/xlsnap-[0-9a-f]{16}/xlsnap-0123456789abcdef/g' \
        -e 's/[0-9a-f]{16}\.save/0123456789abcdef.save/g' -e "s|$guest_folder|/srv/images|g" \
        -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01/g' \
        -e 's/[[:space:]]+$//'
}

# told_as_documented FILE: the text between the lines ``` of FILE is what say_it showed, in this order.
told_as_documented() {
    local told
    told=$(same_each_time <"$transcript")
    echo "$told" >"$guest_folder/walk-through.out"
    # shellcheck disable=SC2016 # the quotes stand in the file
    assert_eq "$(sed -n '/^```text$/,/^```$/{/^```/!p}' "$1")" "$told" "the terminal's text"
}

# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # snapshot_cycle.sh sets pattern_*
#
# The main job with the catalog, for a guest of any kind: made, reverted to, kept, deleted. Sourced after
# snapshot_cycle.sh; it reads catalog.sh itself.
# shellcheck source=tests/xen/shared/catalog.sh
source /xenbox/files/catalog.sh

# pattern_is there|absent: of all snapshots the second alone holds it. The boot guest takes no commands: of
# that its counts alone tell.
pattern_is() {
    local image byte=0
    [[ $guest != boot ]] || return 0
    [[ $1 != there ]] || byte=$pattern_byte
    for image in $(guest_disks "$guest"); do
        disk_has_byte "$image" "$pattern_offset" "$pattern_length" "$byte" || fail "the pattern is not $1 in $image"
    done
}

# zstd's magic number (RFC 8878, 3.1.1) stands in front.
newest_image_is_compressed() {
    local image
    image=$(find "$catalog_root" -name '*.save' -printf '%T@ %p\n' | sort -n | tail -n 1)
    image=${image#* }
    cmp -n 4 "$image" <(printf '\x28\xb5\x2f\xfd') || fail "$image is not compressed"
}

# The first without an option: memory, all disks, a name made of the time. The second's memory image is
# compressed.
two_snapshots() {
    local id
    id=$(domain_id "$guest")
    say_it xlsnap create "$guest"
    assert_eq running "$(domain_state "$guest")" "$guest after create"
    assert_eq "$id" "$(domain_id "$guest")" "domid after create"
    unnamed=$(xlsnap list --names "$guest")
    remember "$unnamed"
    write_something "$guest"
    take second --compress zstd
    newest_image_is_compressed
    ((low[second] > high[$unnamed])) || fail "the guest did not go on between the two snapshots"
}

back_to_the_first() {
    local uuid
    uuid=$(domain_uuid "$guest")
    say_it xlsnap revert --paused "$guest" "$unnamed"
    pattern_is absent
    assert_eq "$uuid" "$(domain_uuid "$guest")" "uuid of the reverted domain"
    assert_at "$unnamed"
}

# The guest goes on from the first snapshot until its counts are none of that one's. The console shows a
# count when the disks have it: what they held last is at most the next one.
forward_and_keep_the_present() {
    local kept_name
    guest_wait_count "$guest" $((high[$unnamed] + 2))
    low[kept]=$(guest_count "$guest")
    boot[kept]=$(guest_boot_id "$guest")
    say_it xlsnap revert --keep-current --paused "$guest" second
    high[kept]=$(($(guest_count "$guest") + 1))
    tag[kept]=$(newest_tag)
    pattern_is there
    assert_at second
    kept_name=$(xlsnap list --names --from "$unnamed" "$guest" | grep -v -x second)
    say_it xlsnap revert --paused "$guest" "$kept_name"
    pattern_is absent
    assert_at kept
}

until_it_is_empty() {
    say_it xlsnap delete "$guest" second
    unset 'tag[second]'
    assert_tags_are_remembered
    say_it xlsnap delete --children "$guest" "$unnamed"
    tag=()
    assert_tags_are_remembered
    nothing_is_left "$empty"
    guest_destroy "$guest"
    assert_disks_intact "$guest"
}

# catalog_cycle: of the guest, which counts already; it is destroyed at the end.
catalog_cycle() {
    local empty
    empty=$(traces "$guest")
    check "$guest: create without an option, and once more" with_memory two_snapshots
    check "$guest: back to the first snapshot" with_memory back_to_the_first
    check "$guest: forward to the second; what was present is kept" with_memory forward_and_keep_the_present
    check "$guest: delete until nothing is left" with_memory until_it_is_empty
}

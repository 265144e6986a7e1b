#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh
#
# External snapshots of a PV guest: with memory, of its disks alone, and with another kind for each disk.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh

all_external=(--disk xvda=external --disk xvdb=external --disk xvdc=external)

with_memory() {
    take_external pv memory "${all_external[@]}"
    back_with_memory pv memory
}

disks_alone() {
    take_external pv disks --disk-only "${all_external[@]}"
    back_without_memory pv disks
}

# xvda has a tag, xvdb an overlay, and xvdc, which is left out, keeps what was written.
a_kind_for_each_disk() {
    local low high boot image count
    low=$(next_count pv)
    image=$(present_image pv xvda)
    tell xlsnap -v create -n mixed --disk xvda=internal --disk xvdb=external --disk xvdc=none pv
    high=$(next_count pv)
    boot=$(guest_boot_id pv)
    assert_one_image pv
    assert_eq "$image" "$(present_image pv xvda)" "image of xvda"
    assert_ne '' "$(image_tags "$image")" "tags of xvda"
    write_it pv
    assert_fails xlsnap revert pv mixed
    tell xlsnap -v revert --force --paused pv mixed
    assert_one_image pv
    for vdev in xvda xvdb; do
        disk_has_byte "$(present_image pv "$vdev")" "$written_offset" "$written_length" 0 || fail "$vdev holds what was written"
    done
    disk_has_byte "$(present_image pv xvdc)" "$written_offset" "$written_length" "$written_byte" ||
        fail "xvdc does not hold what was written"
    count=$(disk_count "$(present_image pv xvdc)")
    ((count > high)) || fail "xvdc holds the count $count, that of the snapshot"
    assert_paused_at_with_two "$low" "$high" "$boot"
}

# As assert_paused_at, of the disks that take part.
assert_paused_at_with_two() {
    local guest_disks_text
    guest_disks_text=$(printf '%s\n' "$(present_image pv xvda)" "$(present_image pv xvdb)")
    guest_disks() { echo "$guest_disks_text"; }
    assert_paused_at pv "$@"
}

# Xen of this host cannot tell which pages of a PV guest are written (docs/decisions/0019): xl's own live
# save fails, and ours is refused.
live_is_refused() {
    local before count
    before=$(present_disks pv)
    count=$(next_count pv)
    ! tell xlsnap -v create --live -n live pv >live.out 2>&1 || fail "a live snapshot of a PV guest was made"
    sed 's/^/   /' live.out
    grep -q 'without shadow paging.*make the snapshot without --live' live.out || fail "the message does not say why"
    assert_eq running "$(domain_state pv)" "pv after the refusal"
    assert_eq "$before" "$(present_disks pv)" "disks after the refusal"
    assert_one_image pv
    guest_wait_count pv $((count + 3))
    assert_eq '' "$(find . -name '*.live.*')" "overlays that are left"
    ! xl migrate -s '' pv 'xl migrate-receive' >migrate.out 2>&1 || fail "a PV guest was migrated live"
    grep 'Failed to enable logdirty: 95' migrate.out || fail "the migration failed for another reason"
    guest_wait_count pv $((count + 6))
}

guest_start pv pv disks=3
guest_wait pv
check "pv: memory and all disks external" with_memory
check "pv: all disks external, without memory" disks_alone
check "pv: internal, external and left out" a_kind_for_each_disk
check "pv: a live snapshot is refused, and the guest goes on" live_is_refused
exit "$checks_failed"

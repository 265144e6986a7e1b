#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# The main job, told step by step; runs in dom0 for tests/try. Every step is checked.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

step() {
    echo
    echo "== $*"
}

# tell COMMAND...: show a command as one would type it, and run it.
tell() {
    echo "# ${*//$PWD\//}"
    "$@"
}

save=$PWD/g1.save

step "This is a real Xen host: xl info"
xl info | grep -E '^(xen_version|virt_caps|total_memory)'

step "A PVH guest with two qcow2 disks starts. It counts in memory and writes the count to both disks."
guest_start pvh g1
guest_wait g1
tell xl list
boot=$(guest_boot_id g1)
low=$(next_count g1)
echo "boot id $boot; count $low in memory, on its disks $(counts_on g1 | xargs)"

step "A snapshot of the running guest: memory, both disks and configuration at one instant."
tell xlsnap -v create --memory-path "$save" -n before-upgrade g1
high=$(next_count g1)
assert_eq running "$(domain_state g1)" "g1 after create"
echo "The guest goes on: count $high. The disks hold the snapshot, at the counts" \
    "$(counts_on g1 before-upgrade | xargs):"
tell qemu-img snapshot -U -l "$(guest_image g1 xvda)"
tell ls -l "$save"

step "The guest goes on and writes 64 KiB of something that will turn out to be a mistake."
guest_wait_count g1 $((high + 20))
guest_command g1 write xvda $pattern_offset $pattern_length $pattern_byte >/dev/null
guest_command g1 write xvdb $pattern_offset $pattern_length $pattern_byte >/dev/null
disk_has_byte "$(guest_image g1 xvda)" $pattern_offset $pattern_length $pattern_byte
echo "count $(guest_count g1), the pattern is on xvda and xvdb"

step "Back to the snapshot; left paused, to look closely."
tell xlsnap -v revert --paused --memory-path "$save" -n before-upgrade g1
tell xl list
assert_pattern_nowhere g1
echo "The pattern is nowhere."
assert_paused_at g1 "$low" "$high" "$boot"
echo "They are the counts of one instant, between $low and $high, and the guest is the same boot: $boot."

step "The snapshot can go."
tell xlsnap delete --memory-path "$save" -n before-upgrade g1
assert_eq '' "$(image_tags "$(guest_image g1 xvda)")" "tags after delete"
[[ ! -e $save ]]
next_count g1 >/dev/null
assert_eq running "$(domain_state g1)" "g1 at the end"
guest_destroy g1

echo
echo "All of this was checked by xl, qemu-img and the guest's own counters."

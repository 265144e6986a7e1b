#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 420
# files: tests/xen/shared/snapshot_cycle.sh build/release/tests/xen/open_image_guard
#
# A revert that cannot be done leaves the domain alone; one that fails half-way takes the disks back
# and starts the domain again.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

helper=/usr/lib/xen-4.17/bin/libxl-save-helper

# refuse_to_revert NAME TEXT [OPTION...]: revert fails, says TEXT, and the domain goes on untouched.
refuse_to_revert() {
    local name=$1 text=$2 id boot count
    shift 2
    id=$(domain_id "$name") boot=$(guest_boot_id "$name") count=$(guest_count "$name")
    traces "$name" >before.traces
    if xlsnap revert "$@" "$name" 2>revert.out; then fail "revert succeeded"; fi
    sed 's/^/   /' revert.out
    grep -q -e "$text" revert.out || fail "the message does not say: $text"
    traces "$name" >after.traces
    diff before.traces after.traces || fail "something is left"
    assert_eq "$id" "$(domain_id "$name")" "domid"
    assert_eq running "$(domain_state "$name")" "$name after the refused revert"
    guest_wait_count "$name" $((count + 3))
    assert_eq "$boot" "$(guest_boot_id "$name")" "boot id"
}

with_truncated_image() {
    head -c -1 "$1.save" >cut.save
    refuse_to_revert "$1" cut.save -n s1 --memory-path "$PWD/cut.save"
    head -c 5000000 "$1.save" >cut.save
    refuse_to_revert "$1" cut.save -n s1 --memory-path "$PWD/cut.save"
    rm cut.save
}

with_missing_parts() {
    refuse_to_revert "$1" none.save -n s1 --memory-path "$PWD/none.save"
    refuse_to_revert "$1" "no snapshot 's2'" -n s2 --memory-path "$PWD/$1.save"
}

with_another_writer() {
    local image
    image=$(guest_image "$1" xvdb)
    exec 9<>"$image"
    refuse_to_revert "$1" "$image" -n s1 --memory-path "$PWD/$1.save"
    exec 9>&-
}

# The restore itself fails when the domain is gone already.
with_broken_restore() {
    local name=$1 boot count vdev
    boot=$(guest_boot_id "$name")
    write_something "$name"
    count=$(disk_count "$(guest_image "$name" xvdb)")
    mv "$helper" "$helper.good"
    printf '#!/bin/sh\nexit 1\n' >"$helper"
    chmod +x "$helper"
    if xlsnap revert -n s1 --memory-path "$PWD/$name.save" "$name" 2>revert.out; then
        fail "revert succeeded without a working libxl-save-helper"
    fi
    mv "$helper.good" "$helper"
    sed 's/^/   /' revert.out
    grep -q 'in memory is lost' revert.out || fail "the message does not say what is lost"
    assert_eq running "$(domain_state "$name")" "$name after the failed revert"
    for vdev in xvda xvdb; do
        disk_has_byte "$(guest_image "$name" "$vdev")" "$pattern_offset" "$pattern_length" "$pattern_byte" ||
            fail "$vdev lost what was written before the revert"
        assert_eq s1 "$(image_tags "$(guest_image "$name" "$vdev")" | xargs)" "tags of $vdev"
        assert_intact "$(guest_image "$name" "$vdev")"
    done
    wait_for 120 "the new boot of $name" boot_differs "$name" "$boot"
    # And now it works.
    xlsnap revert -n s1 --memory-path "$PWD/$name.save" "$name"
    wait_for 30 "the boot of the snapshot" boot_is "$name" "$boot"
}
# Stock qemu-img does not notice that a domain has an image open; ours refuses.
open_image_guard() {
    local image other
    image=$(guest_image "$1" xvdb) other=$(guest_image "$1" xvda)
    /xenbox/files/open_image_guard "$image"
    assert_eq s1 "$(image_tags "$image" | xargs)" "tags after the refusal"
    assert_intact "$image"
    qemu-img snapshot -c unnoticed "$other" || fail "stock qemu-img noticed the open image"
    echo "   stock qemu-img changed the image of a running domain and returned 0"
    guest_destroy "$1"
}

guest_start pvh pvh
guest_wait pvh
xlsnap create -n s1 --memory-path "$PWD/pvh.save" pvh
check "the memory image is cut off" with_truncated_image pvh
check "the memory image or the snapshot does not exist" with_missing_parts pvh
check "another process has an image open" with_another_writer pvh
check "libxl-save-helper fails when the domain is restored" with_broken_restore pvh
check "the open-image guard" open_image_guard pvh
exit "$checks_failed"

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 180
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh tests/xen/shared/raw.sh
#
# A domain with dm_restrict=1, whose QEMU may write to block devices and to little of a file: no snapshot of it
# is made while it runs, and no overlay for it (docs/decisions/0018); and one whose QEMU is another user alone.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh
# shellcheck source=tests/xen/shared/raw.sh
source /xenbox/files/raw.sh

# xvda is a block device, from which the guest boots; xvdb a file.
guest_image() {
    case $2 in
    xvda) echo "$device" ;;
    *) echo "$guest_folder/$1-$2.qcow2" ;;
    esac
}

starts() {
    guest_start boot boot disks=2 config='dm_restrict=1'
    guest_wait boot
    next_count boot >/dev/null
    assert_is_restricted
}

assert_is_restricted() {
    local id commands
    id=$(domain_id boot)
    commands=$(ps -e -o args)
    [[ $commands == *"-xen-domid $id "*" -xen-domid-restrict -chroot "* ]] || fail "the QEMU of boot is not restricted"
}

# What the refusals are for. QEMU says on its standard error what came of it.
writes_to_the_device_alone() {
    local count
    count=$(next_count boot)
    assert_between "$count" "$(disk_count "$device")" $((count + 100)) "count on the block device"
    monitor boot 'qemu-io ide0-hd1 \"write -P 90 1048576 65536\"'
    grep -q 'write failed: File too large' /var/log/xen/qemu-dm-boot.log || fail "QEMU writes to a file"
}

# refuses OPTION...: xlsnap create, which names the reason.
refuses() {
    assert_fails tell xlsnap create -n s1 "$@" 2>refused.out
    cat refused.out
    grep -q 'dm_restrict=1' refused.out || fail "the reason is not told"
    assert_eq '' "$(find "$guest_folder" "$catalog_root" -name '*s1*' -o -name '*.save')" "what is left of the attempt"
}

refuses_while_it_runs() {
    local id
    id=$(domain_id boot)
    refuses boot
    refuses --disk-only --disk xvda=none --disk xvdb=external boot
    refuses --disk-only --disk xvda=none --disk xvdb=internal boot
    refuses --disk xvda=none --disk xvdb=none boot
    assert_eq "$id running" "$(domain_id boot) $(domain_state boot)" "boot after refusals"
    next_count boot >/dev/null
}

at_rest() {
    guest_destroy boot
    refuses --disk xvda=external --disk xvdb=none --config boot.cfg
    refuses --disk xvda=none --disk xvdb=external --config boot.cfg
    tell xlsnap create -n s1 --disk xvda=none --disk xvdb=internal --config boot.cfg
    guest_put_log_away boot
    tell xl create -q boot.cfg
    guest_wait boot
    assert_is_restricted
    assert_fails tell xlsnap delete boot s1 2>refused.out
    cat refused.out
    grep -q 'dm_restrict=1' refused.out || fail "the reason is not told"
    guest_destroy boot
    tell xlsnap delete boot s1
    assert_eq '' "$(image_tags "$(guest_image boot xvdb)")" "tags after delete"
}

# Without dm_restrict, which takes more from QEMU than root's rights.
another_user() {
    guest_image() { echo "$guest_folder/$1-$2.qcow2"; }
    guest_make_images boot boot-user 1 16M
    chown nobody "$(guest_image boot-user xvda)"
    chmod 755 "$guest_folder"
    guest_start boot boot-user "config=device_model_user='nobody'"
    guest_wait boot-user
    assert_fails tell xlsnap create -n s1 --disk xvda=external boot-user 2>refused.out
    cat refused.out
    grep -q 'as user nobody (device_model_user)' refused.out || fail "the reason is not told"
    tell xlsnap create -n s1 boot-user
    tell xlsnap revert boot-user s1
    next_count boot-user >/dev/null
    assert_one_image boot-user
}

# As docs/features/qemu-deprivilege.pandoc in xen.git asks for.
echo 'xen-qemuuser-range-base:x:131072:131072::/nonexistent:/usr/sbin/nologin' >>/etc/passwd
make_device device 16M
trap 'losetup --detach-all' EXIT
dd if=/guest/boot.img of="$device" conv=notrunc status=none
check "boot: it starts with a restricted QEMU" starts
check "boot: that writes to a block device, and not to a file" writes_to_the_device_alone
check "boot: while it runs every snapshot is refused" refuses_while_it_runs
check "boot: at rest it has internal snapshots alone, which go when it is down" at_rest
check "boot: a QEMU that runs as another user has internal snapshots alone" another_user
exit "$checks_failed"

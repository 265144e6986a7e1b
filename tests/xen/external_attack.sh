#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/external.sh
#
# A guest makes its raw disk look like a qcow2 image that has a file of the host as its backing file. No
# QEMU and no qemu-img ever opens that file, whatever is done with the guest and its snapshots.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/external.sh
source /xenbox/files/external.sh

canary=/etc/canary
echo "only for the host's eyes" >"$canary"
raw=$guest_folder/pvh-xvda.raw

# traced COMMAND...: run it; what it and all that it starts open, the domain's QEMU too, stands in a file
# *.trace of its own.
traced() {
    echo "# ${*//$guest_folder\//}"
    strace -D -f -q --seccomp-bpf -e trace=open,openat,openat2 -o "$((++traces)).trace" "$@"
}
traces=0

# hex_header: the header of a qcow2 image of 16 MiB, version 2, whose backing file is the canary. Its
# tables are zeros: all is to be read from there.
hex_header() {
    printf '514649fb%08x%016x%08x%08x%016x%08x' 2 72 "${#canary}" 16 16777216 0
    printf '%08x%016x%016x%08x%08x%016x' 1 65536 131072 1 0 0
    printf %s "$canary" | od -A n -t x1 | tr -d ' \n'
}

attack() {
    local header
    header=$(hex_header)
    guest_command pvh bytes xvda 0 "$header"
}

starts() {
    qemu-img create -q -f raw "$raw" 16M
    guest_make_images pvh pvh 1 16M
    rm "$(guest_image pvh xvda)"
    guest_config pvh pvh 1 40 '' |
        sed -e "s|$(guest_image pvh xvda),qcow2,xvda,rw|format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=$raw|" \
            -e "s/on_reboot = .*/on_reboot = 'restart'/" >pvh.cfg
    traced xl create -q pvh.cfg
    guest_wait pvh
    attack
}

# Whoever guesses what the image is falls for it; so what follows would be seen.
the_trap_works() {
    assert_ne '' "$(qemu-img info -U "$raw" | grep -F "backing file: $canary")" "what qemu-img guesses of the disk"
    traced qemu-io -r -U -c 'read 65536 512' "$raw" >/dev/null 2>&1 || true
    wait_for 30 "the trace of what opens the canary" grep -q -F "\"$canary\"" "$traces.trace"
    rm "$traces.trace"
}

# assert_untouched: nobody but who wanted to has opened the canary.
assert_untouched() {
    local opened
    # The trap itself has to be seen: so there is something in the files.
    grep -q -F "$raw" ./*.trace || fail "the traces do not name the disk"
    opened=$(grep -F "$canary" ./*.trace || true)
    assert_eq '' "$opened" "who opens the canary"
}

creates() {
    ! traced xlsnap create -n internal --disk xvda=internal pvh 2>refused.out || fail "a raw disk has an internal snapshot"
    grep -q 'format raw holds no internal snapshots' refused.out || fail "$(cat refused.out)"
    traced xlsnap create -n s1 pvh
    traced xlsnap create -n s2 --disk-only pvh
    traced xlsnap verify pvh
    traced xlsnap list -l pvh
    attack
    next_count pvh >/dev/null
    assert_untouched
}

reboots() {
    local boot
    boot=$(guest_boot_id pvh)
    traced xl reboot pvh
    wait_for 120 "the new boot of the guest" boot_differs pvh "$boot"
    attack
    assert_untouched
}

reverts() {
    local mark
    mark=$(guest_mark pvh)
    traced xlsnap revert --running pvh s1
    guest_first_line_after pvh "$mark" >/dev/null
    attack
    assert_untouched
}

# The domain does not run: qemu-img does all.
without_the_domain() {
    guest_destroy pvh
    traced xlsnap create -n s3 pvh
    traced xlsnap revert pvh s3
    traced xlsnap start pvh
    next_start
}

next_start() {
    local mark
    mark=$(guest_mark pvh)
    guest_wait_for pvh 120 "a count of the guest" guest_counts_after pvh "$mark"
    attack
    assert_untouched
}

records() {
    xlsnap dumpxml pvh s1 >s1.xml
    traced xlsnap delete --metadata-only pvh s1
    traced xlsnap import-xml s1.xml pvh
    rm -r "$catalog_root"/*/snapshotdata-*
    traced xlsnap rebuild pvh
    xlsnap list pvh
    traced xlsnap verify pvh
    assert_untouched
}

deletes() {
    local name
    for name in $(xlsnap list --names pvh); do
        traced xlsnap delete pvh "$name"
        assert_untouched
    done
    next_count pvh >/dev/null
    attack
    traced xlsnap create -n s4 pvh
    guest_destroy pvh
    traced xlsnap delete pvh s4
    assert_untouched
}

check "pvh: a guest writes a qcow2 header to its raw disk" starts
check "pvh: who guesses formats opens the host's file" the_trap_works
traces=10
check "pvh: create does not" creates
traces=20
check "pvh: neither does a reboot" reboots
traces=30
check "pvh: neither does a revert" reverts
traces=40
check "pvh: nor what is done without the domain" without_the_domain
traces=50
check "pvh: nor what is done to records" records
traces=60
check "pvh: nor a deletion" deletes
exit "$checks_failed"

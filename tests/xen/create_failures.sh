#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 420
# files: tests/xen/shared/snapshot_cycle.sh
#
# A create that fails leaves a running guest and nothing else, and says what to do.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

helper=/usr/lib/xen-4.17/bin/libxl-save-helper

qemu_pid() {
    local id
    id=$(domain_id "$1")
    xenstore-read "/local/domain/$id/image/device-model-pid"
}

# refuse_to_create NAME TEXT [OPTION...]: create fails, says TEXT, and leaves no trace. Whatever made
# it fail must be mended by then: `mend` does that after the attempt.
mend() { :; }
refuse_to_create() {
    local name=$1 text=$2 before sockets
    shift 2
    traces "$name" >before.traces
    sockets=$(open_sockets | grep -v qmp- || true)
    if xlsnap create -n s1 "$@" "$name" 2>create.out; then fail "create of $name succeeded"; fi
    mend
    mend() { :; }
    sed 's/^/   /' create.out
    grep -q -e "$text" create.out || fail "the message does not say: $text"
    traces "$name" >after.traces
    diff before.traces after.traces || fail "something is left"
    assert_eq "$sockets" "$(open_sockets | grep -v qmp- || true)" "open sockets"
    assert_eq running "$(domain_state "$name")" "$name after the failed create"
    before=$(guest_count "$name")
    guest_wait_count "$name" $((before + 3))
}

with_qemu_stopped() {
    local pid
    pid=$(qemu_pid "$1")
    kill -STOP "$pid"
    mend() { kill -CONT "$pid"; }
    refuse_to_create "$1" 'QEMU' --memory-path "$PWD/m.save"
}

# QEMU stops when the memory is being written: the preparations are over, the guest is suspended.
with_qemu_stopped_meanwhile() {
    local pid
    pid=$(qemu_pid "$1")
    until_saving "$pid" &
    mend() { kill -CONT "$pid"; }
    refuse_to_create "$1" 'making disk snapshots: .*QEMU' --memory-path "$PWD/m.save"
}
until_saving() {
    wait_for 30 "the beginning of the save" saving
    kill -STOP "$1"
}
saving() {
    [[ $(find "$PWD" -name '.m.save*' -size +1M) ]]
}

with_socket_busy() {
    local id holder
    id=$(domain_id "$1")
    coproc HOLDER { exec socat - "UNIX-CONNECT:/run/xen/qmp-libxenstat-$id"; }
    holder=$HOLDER_PID
    IFS= read -r -t 10 <&"${HOLDER[0]}"
    mend() { kill "$holder" && { wait "$holder" || true; }; }
    refuse_to_create "$1" "qmp-libxenstat-$id" --memory-path "$PWD/m.save"
}

with_full_file_system() {
    mkdir -p small
    mount -t tmpfs -o size=20M small "$PWD/small"
    refuse_to_create "$1" 'saving the memory' --memory-path "$PWD/small/m.save"
    assert_eq '' "$(ls -A small)" "files on the full file system"
    umount small
    rmdir small
}

with_broken_save_helper() {
    mv "$helper" "$helper.good"
    printf '#!/bin/sh\nexit 1\n' >"$helper"
    chmod +x "$helper"
    mend() { mv "$helper.good" "$helper"; }
    refuse_to_create "$1" 'saving the memory' --memory-path "$PWD/m.save"
}

with_existing_memory_path() {
    echo mine >mine.save
    refuse_to_create "$1" 'mine.save' --memory-path "$PWD/mine.save"
    assert_eq mine "$(cat mine.save)" "the file that was there"
    rm mine.save
}

with_existing_tag() {
    xlsnap create --disk-only -n s1 "$1" >/dev/null
    refuse_to_create "$1" "snapshot 's1'" --memory-path "$PWD/m.save"
    xlsnap delete --disk-only -n s1 "$1" >/dev/null
}

with_deaf_guest() {
    refuse_to_create deaf 'did not suspend' --memory-path "$PWD/deaf.save"
    guest_destroy deaf
}

for kind in pvh hvm; do
    guest_start "$kind" "$kind"
    guest_wait "$kind"
    check "$kind: QEMU stopped before create" with_qemu_stopped "$kind"
    check "$kind: libxl-save-helper fails" with_broken_save_helper "$kind"
    check "$kind: the memory image's file system is full" with_full_file_system "$kind"
    [[ $kind == hvm ]] || check "$kind: QEMU stopped while the memory is saved" with_qemu_stopped_meanwhile "$kind"
    check "$kind: the QMP socket is busy" with_socket_busy "$kind"
    check "$kind: the memory path exists" with_existing_memory_path "$kind"
    check "$kind: the snapshot exists" with_existing_tag "$kind"
    guest_destroy "$kind"
done
guest_start deaf deaf disks=1
guest_wait deaf
check "deaf: the guest ignores the suspend request" with_deaf_guest
exit "$checks_failed"

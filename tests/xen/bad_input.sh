#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 420
# files: tests/xen/shared/snapshot_cycle.sh build/release/tests/xen/snapshot_calls
#
# What cannot be done is refused with libxl's fitting code and a sentence that names the thing and says
# what to do, and afterwards all is as it was.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

# libxl_error
not_implemented=-4 invalid=-6 not_ready=-11 domain_not_found=-21 not_found=-23 failed=-3
# libxl_disk_format
qcow2=2 raw=4

# One process for all calls of the C API. Its descriptors are copied, since a check is a subshell, which
# has not those of a coprocess.
coproc CALLS { exec /xenbox/files/snapshot_calls 2>/tmp/snapshot_calls.err; }
# shellcheck disable=SC2153 # coproc sets it
exec {calls}>&"${CALLS[1]}" {answers}<&"${CALLS[0]}"

# call WORD...: a call as snapshot_calls takes it; sets `code` and `text` of the caller.
call() {
    local answer
    echo "$*" >&"$calls"
    IFS= read -r -t 120 answer <&"$answers" || fail "no answer to: $*"
    code=${answer%% *} text=${answer#* }
    echo "   $answer"
}

# A process costs much here. So after each refusal one look tells whether the domains are the same and do
# what they did; what may be left of it is looked for after a group of refusals: tags, which have the
# name that one of them asked for, and files.

# domains: print them with id and state. One that waits for an interrupt runs, too.
domains() {
    local name id state list
    list=$(xl list)
    while read -r name id _ _ state _; do
        [[ $name == Name || $name == Domain-0 ]] || echo "$name $id ${state/#??/--}"
    done <<<"$list"
}

# things: print the tags of the watched images and the files with their sizes; but what an image is like
# is the guest's business.
things() {
    local image tags
    for image in "${watched[@]}"; do
        tags=$(image_tags "$image")
        echo "$image: $tags"
    done
    find "$guest_folder" -mindepth 1 ! -name bad.save \( -name '*.qcow2' -printf '%p %y\n' \
        -o -type f -printf '%p %s %T@\n' -o -printf '%p %y\n' \)
}

# remember: things are to stay as they are now.
remember() {
    domains_before=$(domains)
    before=$(things)
}
assert_same_domains() {
    local now
    now=$(domains)
    assert_eq "$domains_before" "$now" "domains"
}
nothing_left() {
    local now
    now=$(things)
    [[ $now == "$before" ]] || fail "it is not as before: $(diff <(echo "$before") <(echo "$now"))"
    wait_for 30 "the end of the connection to QEMU" monitor_is_free "$id"
}

# refused CODE REGEX WORD...: the call ends so.
refused() {
    local wanted=$1 regex=$2 code text
    shift 2
    call "$@"
    assert_eq "$wanted" "$code" "code"
    [[ $text =~ $regex ]] || fail "the message does not say: $regex"
    assert_same_domains
}

# refused_by_command REGEX WORD...: the command ends with 1 and says so.
refused_by_command() {
    local regex=$1 status=0
    shift
    xlsnap "$@" 2>/tmp/command.out || status=$?
    sed 's/^/   /' /tmp/command.out
    assert_eq 1 "$status" "status"
    grep '^xlsnap: ' /tmp/command.out | grep -q -E -e "$regex" || fail "the message does not say: $regex"
    assert_same_domains
}

# refuses NAME CODE REGEX WORD...: a check of its own.
refuses() {
    check "$1" refused "${@:2}"
}

# done_well WORD...: the call succeeds.
done_well() {
    local code text
    call "$@"
    assert_eq 0 "$code" "code"
}

wrong_requests() {
    refuses "unknown domid" "$domain_not_found" 'no domain 4711; xl list' create 4711 - xvda,,,s2
    refuses "domain 0" "$invalid" 'domain 0 .*name a guest' create 0 - xvda,,,s2
    refuses "nothing asked for" "$invalid" 'name at least one' create "$id" -
    refuses "no such disk" "$not_found" "no disk 'xvdz'.*it has, xvda, xvdb" create "$id" - xvdz,,,s2
    refuses "a disk twice" "$invalid" 'xvda is named twice; name it once' \
        create "$id" - xvda,,,s2 xvda,,,s2
    refuses "another path than in use" "$invalid" "xvda uses $a, not /other; name the one in use" \
        create "$id" - xvda,/other,,s2
    check "the command: unknown name" refused_by_command "no domain 'nobody'; xl list" \
        create --no-catalog --disk-only -n s2 nobody
    check "the command: domain 0" refused_by_command 'domain 0 .*name a guest' \
        create --no-catalog --disk-only --disk xvda -n s2 Domain-0
    check "the command: no such disk" refused_by_command "no disk 'xvdz'" \
        create --no-catalog --disk-only --disk xvdz -n s2 pv
    check "wrong requests leave nothing" nothing_left
}

wrong_names() {
    refuses "empty name" "$invalid" 'disk xvdb: .*needs a name; give one' create "$id" - xvda,,,s2 xvdb,,,
    refuses "name with a slash" "$invalid" "'a/b' holds a '/'; choose" create "$id" - xvda,,,a/b
    refuses "name with a newline" "$invalid" 'a control character; choose' create "$id" - xvda,,,a%0ab
    refuses "name with an escape sequence" "$invalid" 'a control character; choose' \
        create "$id" - xvda,,,%1b%5b2J
    refuses "name of a mebibyte" "$invalid" 'has 1048576 bytes; choose' create "$id" - xvda,,,%*1048576
    refuses "name like an option" "$invalid" "'-x' begins with '-'; choose" create "$id" - xvda,,,-x
    refuses "name that is no UTF-8" "$invalid" 'not valid UTF-8; choose' create "$id" - xvda,,,%ff
    refuses "name of digits" "$invalid" "'12345678' .*add a letter" create "$id" - xvda,,,12345678
    refuses "name that a revert may take" "$invalid" "'xlsnap-revert-' are xlsnap's own; choose" \
        create "$id" - xvda,,,xlsnap-revert-1
    refuses "name to delete" "$invalid" "'-x' begins with '-'; choose" delete "$id" - xvda,,,-x
    refuses "name to revert to" "$invalid" "'12345678' .*add a letter" revert "$id" - xvda,,,12345678
    check "the command: name like an option" refused_by_command "'-x' begins with '-'; choose" \
        create --no-catalog --disk-only --name=-x pv
    refuses "snapshot there" "$invalid" "xvda has already a snapshot 's1'.*choose another name" \
        create "$id" - xvda,,,s1 xvdb,,,s1
    check "wrong names leave nothing" nothing_left
}

wrong_places() {
    local way
    for way in file folder link dangling fifo; do
        refuses "memory path: $way" "$invalid" "/$way exists already; remove it or choose" \
            create "$id" "$PWD/places/$way" xvda,,,s2
    done
    refuses "memory path: relative" "$invalid" "'m.save', is not absolute; give" create "$id" m.save
    refuses "memory path: no directory" "$not_found" 'no directory .*/none; make it' \
        create "$id" "$PWD/none/m.save"
    refuses "memory path: read-only file system" "$invalid" '/ro \(Read-only.*choose another place' \
        create "$id" "$PWD/ro/m.save" xvda,,,s2
    refuses "memory path: full file system" "$failed" 'small/m.save takes .* free space; make room' \
        create "$id" "$PWD/small/m.save" xvda,,,s2
    refuses "memory path to delete: another file" "$invalid" '/file is not a file of xl save.*path' \
        delete "$id" "$PWD/places/file"
    for way in folder link fifo; do
        refuses "memory path to revert to: $way" "$invalid" "/$way is .*; give the path" \
            revert "$id" "$PWD/places/$way" xvda,,,s1
    done
    check "the command: memory path there" refused_by_command '/file exists already; remove it' \
        create --memory-path "$PWD/places/file" -n s2 pv
    check "wrong places leave nothing" nothing_left
}
make_places() {
    mkdir places places/folder ro small
    echo mine >places/file
    ln -s file places/link
    ln -s nowhere places/dangling
    mkfifo places/fifo
    mount -t tmpfs -o ro ro "$PWD/ro"
    mount -t tmpfs -o size=20M small "$PWD/small"
}

# damage OFFSET BYTES: write bytes, as printf has them, into the copy of the memory image.
damage() {
    # shellcheck disable=SC2059 # it is a format
    printf "$2" | dd of=bad.save bs=1 seek="$1" conv=notrunc status=none
}
revert_to_damaged() {
    refused "$invalid" "$@" revert "$id" "$PWD/bad.save" xvda,,,s1 xvdb,,,s1
}
# Where in the memory image a text begins, which stands near its beginning.
place_of() {
    local places
    places=$(head -c 65536 pv.save | grep -a -b -o -m 1 -F -e "$1") || true
    [[ $places ]] || fail "the memory image has no '$1'"
    echo "${places%%:*}"
}
with_damage() {
    damage "$2" "$3"
    revert_to_damaged "$1"
    damage "$2" "$4"
}
with_size() {
    truncate -s "$1" bad.save
    revert_to_damaged 'bad.save cannot be restored: .*use another one'
}
damaged_images() {
    local stream uuid version size
    cp pv.save bad.save
    stream=$(place_of LibxlFmt)
    uuid=$(place_of '"uuid":')
    version=$(place_of '"version":1')
    size=$(stat -c %s bad.save)
    check "memory image: bit flipped in the header" with_damage 'cannot be restored: ' 36 '\7' '\3'
    check "memory image: bit flipped in the stream" with_damage 'cannot be restored: ' \
        $((stream + 11)) '\6' '\2'
    check "memory image: bit flipped in a record" with_damage 'cannot be restored: ' \
        $((stream + 16)) '\101' '\1'
    check "memory image: of a newer stream" with_damage 'has version 3; 2 is known' \
        $((stream + 11)) '\3' '\2'
    damage $((version + 10)) 2
    refuses "memory image: of a newer xlsnap" "$not_implemented" 'newer xlsnap: version 2' \
        revert "$id" "$PWD/bad.save" xvda,,,s1 xvdb,,,s1
    damage $((version + 10)) 1
    damage $((uuid + 10)) zz
    check "memory image: of another domain" revert_to_damaged 'belongs to domain .*, not to pv '
    check "memory image: without its last byte" with_size $((size - 1))
    check "memory image: without its last record" with_size $((size - 8))
    check "memory image: cut off in the memory" with_size 5000000
    check "memory image: cut off in the header" with_size 40
    check "memory image: empty" with_size 0
    rm bad.save
    refuses "memory image: missing" "$not_found" 'no memory image .*/none.save; name' \
        revert "$id" "$PWD/none.save" xvda,,,s1
    refuses "snapshot missing" "$not_found" "xvdb has no snapshot 's2'; qemu-img snapshot -l" \
        revert "$id" "$PWD/pv.save" xvda,,,s1 xvdb,,,s2
    check "damaged memory images leave nothing" nothing_left
}

# libxl keeps what others tell it of a domain in such a file.
managed_by_libvirt() {
    local uuid file
    uuid=$(domain_uuid pv)
    file=/var/lib/xen/userdata-d.$id.$uuid.libvirt-xml
    mend() { rm -f /var/lib/xen/userdata-d.*.libvirt-xml; }
    echo '<domain/>' >"$file"
    refused "$invalid" 'libvirt manages it.*virsh destroy pv, then xl create' \
        revert "$id" "$PWD/pv.save" xvda,,,s1 xvdb,,,s1
}

open_in_a_process() {
    exec 9<>"$b"
    refused "$not_ready" "xvdb \($b\) is open for writing in .*\(pid $BASHPID\) too; end that" \
        create "$id" - xvda,,,s2 xvdb,,,s2
    refused "$not_ready" "xvdb \($b\) is open in .*\(pid $BASHPID\); end that" \
        revert "$id" "$PWD/pv.save" xvda,,,s1 xvdb,,,s1
}

inactive_domains() {
    local call free=$PWD/free.qcow2
    qemu-img create -q -f qcow2 free.qcow2 4M
    watched+=("$free")
    remember
    for call in create revert delete; do
        refuses "inactive: $call while a domain has the image open" "$not_ready" \
            "disk $a is open in xen-qemu.* \(pid [0-9]+\): if its domain runs, name the domain" \
            $call -1 - ",$free,$qcow2,s1" ",$a,$qcow2,s1"
    done
    refuses "inactive: memory" "$invalid" 'no memory .*disks alone' create -1 "$PWD/m.save" \
        ",$free,$qcow2,t1"
    refuses "inactive: no path" "$invalid" 'give the path' create -1 - "xvda,,$qcow2,t1"
    refuses "inactive: relative path" "$invalid" 'give one that begins' create -1 - ",f.qcow2,$qcow2,t1"
    refuses "inactive: no format" "$invalid" 'never guessed; give it' create -1 - ",$free,,t1"
    refuses "inactive: raw" "$invalid" 'raw holds no internal snapshots; ask for an external one, convert' \
        create -1 - ",$free,$raw,t1"
    refuses "inactive: no such image" "$not_found" '/none.qcow2' create -1 - ",$PWD/none.qcow2,$qcow2,t1"
    refuses "inactive: no such snapshot" "$not_found" "no snapshot 't1'" revert -1 - ",$free,$qcow2,t1"
    check "inactive: create, revert and delete" inactive_cycle
    check "wrong requests of an inactive domain leave nothing" nothing_left
}
inactive_cycle() {
    local free=$PWD/free.qcow2
    done_well create -1 - ",$free,$qcow2,t1"
    assert_eq t1 "$(image_tags "$free")" "tags after create"
    qemu-io -f qcow2 -c 'write -q -P 7 0 64k' "$free"
    done_well revert -1 - ",$free,$qcow2,t1"
    disk_has_byte "$free" 0 65536 0 || fail "what was written after the snapshot is there"
    assert_eq t1 "$(image_tags "$free")" "tags after revert"
    done_well delete -1 - ",$free,$qcow2,t1"
    assert_eq '' "$(image_tags "$free")" "tags after delete"
    assert_intact "$free"
}

# A domain of which each disk is something else, which writes to the guest's xvdb and reads its xvda.
start_other() {
    truncate -s 4M other.raw
    qemu-img create -q -f qcow2 -F qcow2 -b "$a" overlay.qcow2
    guest_start deaf other paused=yes config='nomigrate = 1' config="disk = [
        'format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=$PWD/other.raw', '$b,qcow2,xvdb,w', '$PWD/overlay.qcow2,qcow2,xvdc,w',
        '$PWD/free.qcow2,qcow2,xvdd,r' ]"
    other=$(domain_id other)
}
another_domain() {
    local code text reason
    refuses "another domain writes to the image: create" "$not_ready" \
        "xvdb \($b\) is open for writing in xen-qemu.* too; end that" create "$id" - xvda,,,s2 xvdb,,,s2
    refuses "another domain writes to the image: revert" "$not_ready" "xvdb \($b\) is open in xen-qemu" \
        revert "$id" "$PWD/pv.save" xvda,,,s1 xvdb,,,s1
    check "a backing reader is no writer" snapshot_of_a_backing_file
    check "all that stands against a snapshot is told at once" told_at_once
    check "another domain: nothing is left" nothing_left
}
snapshot_of_a_backing_file() {
    done_well create "$id" - xvda,,,s2
    assert_eq 's1 s2' "$(image_tags "$a")" "tags after create"
    done_well delete "$id" - xvda,,,s2
}
told_at_once() {
    local code text reason
    call create "$other" "$PWD/places/file" xvda,,,s1 xvdb,,,s1 xvdc,,,7 xvdd,,,s1 xvde,,,s1
    assert_eq "$invalid" "$code" "code"
    for reason in 'nomigrate=1' '/file exists already' 'disk xvda: format raw' \
        "disk xvdb ($b) is open for writing in" "disk xvdb has already a snapshot 's1'" \
        "disk xvdc: the snapshot name '7'" 'disk xvdd is read-only' "no disk 'xvde'"; do
        [[ $text == *"$reason"* ]] || fail "the message does not say: $reason"
    done
    assert_same_domains
}

shut_down() {
    echo reboot >"$(xenstore-read "/local/domain/$id/console/tty")"
    wait_for 60 "the shutdown of pv" domain_is shutdown pv
    domains_before=$(domains)
    refused "$invalid" 'it is shut down.*start it' create "$id" - xvda,,,s2
    assert_eq s1 "$(image_tags "$a")" "tags"
}

guest_start pv pv
a=$(guest_image pv xvda) b=$(guest_image pv xvdb)
make_places
guest_wait pv
id=$(domain_id pv)
watched=("$a" "$b")
done_well create "$id" "$PWD/pv.save" xvda,,,s1 xvdb,,,s1
count=$(guest_count pv)
remember

wrong_requests
wrong_names
wrong_places
damaged_images
check "libvirt manages the domain" managed_by_libvirt
check "another process has the image open" open_in_a_process
inactive_domains
start_other
remember
another_domain
guest_destroy other
check "the guest went on all the time" guest_wait_count pv $((count + 3))
check "the domain has shut down" shut_down
guest_destroy pv
umount ro small
exit "$checks_failed"

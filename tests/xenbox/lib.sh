# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
#
# What test cases in dom0 use: `source /xenbox/lib.sh`. It starts guests, reads their counters, talks
# to them and asserts, by Xen's and QEMU's own tools only. docs/testing.md tells how to write a case;
# tests/xenbox/guest/README.md tells what the guests are and the lines they print.
#
# A function that prints something is called as value=$(function ...) on a line of its own, so that
# its failure ends the script; as an argument of something else it would be an empty text.
#
# A process costs a tenth of a second under emulation. So what waits in a loop here starts none, apart
# from xl where only xl knows the answer; and it looks five times a second, since each look takes the
# one CPU from the guest that it waits for.
set -euo pipefail
shopt -s inherit_errexit
LC_ALL=C

# A pipe into which nobody writes, to wait without a process.
exec {silence}<> <(:)

# ---- telling and asserting -------------------------------------------------------------------------

# say TEXT...: tell what the case does now, with the seconds since dom0 started.
say() {
    local uptime
    read -r uptime _ </proc/uptime
    echo "[$uptime s] $*"
}

# fail TEXT...: end the script with status 1 and say why, and what domains there are.
fail() {
    echo "FAILED: $*" >&2
    xl list >&2 || true
    exit 1
}

# check NAME COMMAND...: run the command in a subshell and print the verdict as the runner reads it.
# A case ends by `exit "$checks_failed"`. A command that breaks something defines `mend` to repair it,
# which is called when the command ends, however it ends. `mend` uses no local variables.
checks_failed=0
check() {
    local name=$1 status=0
    shift
    say "$name ..."
    set +e
    (
        set -e
        trap mend EXIT
        "$@"
    )
    status=$?
    set -e
    if ((status == 0)); then
        echo "ok $name"
    else
        echo "not ok $name"
        checks_failed=$((checks_failed + 1))
    fi
}
mend() { :; }

# assert_eq WANTED SEEN WHAT
assert_eq() {
    [[ $1 == "$2" ]] || fail "$3: expected '$1', saw '$2'"
}

# assert_ne UNWANTED SEEN WHAT
assert_ne() {
    [[ $1 != "$2" ]] || fail "$3: saw '$2', expected anything else"
}

# assert_between LOW SEEN HIGH WHAT: the three are whole numbers, and both ends belong to the range.
assert_between() {
    [[ $2 =~ ^-?[0-9]+$ ]] || fail "$4: expected a number from $1 to $3, saw '$2'"
    (($1 <= $2 && $2 <= $3)) || fail "$4: expected a number from $1 to $3, saw $2"
}

# assert_fails COMMAND...: the command ends with a status other than 0.
assert_fails() {
    ! "$@" || fail "succeeded, expected it to fail: $*"
}

# wait_for SECONDS WHAT COMMAND...: run the command until it succeeds. The command prints nothing.
wait_for() {
    local deadline=$((SECONDS + $1)) waited=$1 what=$2
    shift 2
    until "$@"; do
        ((SECONDS < deadline)) || fail "waited $waited seconds for $what"
        read -r -t 0.2 -u "$silence" _ || true
    done
}

# ---- domains ---------------------------------------------------------------------------------------

# domain_id NAME: print the domid, or nothing when there is no such domain.
domain_id() {
    xl domid "$1" 2>/dev/null || true
}

# domain_state NAME: print running, paused, shutdown, crashed or dying, as `xl list` shows it, or
# absent. A domain that waits for an interrupt is running too.
domain_state() {
    local flags=''
    {
        read -r _ || true
        read -r _ _ _ _ flags _ || true
    } < <(xl list "$1" 2>/dev/null)
    case $flags in
    '') echo absent ;;
    *d) echo dying ;;
    *c?) echo crashed ;;
    *s??) echo shutdown ;;
    *p???) echo paused ;;
    *) echo running ;;
    esac
}

# domain_is STATE NAME: whether domain_state NAME prints STATE.
domain_is() {
    [[ $(domain_state "$2") == "$1" ]]
}

# ---- guests ----------------------------------------------------------------------------------------

# guest_image NAME VDEV: print the path of the image behind a disk, in the working directory of the
# script that sourced this library.
guest_image() {
    echo "$guest_folder/$1-$2.qcow2"
}
guest_folder=$PWD

# image_format IMAGE: print the format of an image: raw for a block device and for a file NAME.raw.
image_format() {
    if [[ $1 == *.raw || -b $1 ]]; then echo raw; else echo qcow2; fi
}

# guest_start KIND NAME [OPTION=VALUE]...: create a domain of the kind pv, pvh, hvm, boot or deaf, and
# its images where they do not exist. It returns when `xl create` does; guest_wait waits for the
# guest itself. The options:
#   disks=N      number of disks: xvda, xvdb and so on (default 2; boot 1; deaf 0)
#   size=SIZE    of each disk (default 16M)
#   memory=MIB   (default 40, since a save takes a tenth of a second for each; boot and deaf 32)
#   paused=yes   leave the domain paused before its first instruction
#   bios=MS      hvm: let the firmware wait that long before it starts the kernel. Until then the
#                emulated disks are in place; the kernel unplugs them at its very start.
#   config=LINE  one more line for xl's configuration; may be repeated
guest_start() {
    local kind=$1 name=$2 option disks=2 size=16M memory=40 paused='' bios='' config=''
    case $kind in
    pv | pvh | hvm) ;;
    boot) disks=1 memory=32 ;;
    deaf) disks=0 memory=32 ;;
    *) fail "guest_start: no kind '$kind'" ;;
    esac
    for option in "${@:3}"; do
        case $option in
        disks=* | size=* | memory=* | paused=* | bios=*) printf -v "${option%%=*}" %s "${option#*=}" ;;
        config=*) config+=${option#*=}$'\n' ;;
        *) fail "guest_start: no option '$option'" ;;
        esac
    done
    guest_make_images "$kind" "$name" "$disks" "$size"
    guest_put_log_away "$name"
    {
        guest_config "$kind" "$name" "$disks" "$memory" "$bios"
        echo "$config"
    } >"$guest_folder/$name.cfg"
    xl create -q ${paused:+-p} "$guest_folder/$name.cfg" >"$guest_folder/create.out" 2>&1 ||
        fail "xl create $name: $(cat "$guest_folder/create.out")"
}

# guest_put_log_away NAME: begin a new log, so that no count of an earlier guest is taken for one of
# the next. What was logged is kept beside it.
guest_put_log_away() {
    local log
    log=$(guest_log "$1")
    assert_eq absent "$(domain_state "$1")" "domain $1 before a guest of that name is started"
    [[ ! -e $log ]] || cat "$log" >>"$log.old"
    rm -f "$log"
}

# guest_vdevs N: print the names of the first N disks.
guest_vdevs() {
    local letters=abcdefghijklmnop i
    for ((i = 0; i < $1; i++)); do echo "xvd${letters:i:1}"; done
}

# guest_make_images KIND NAME N SIZE. An image is a copy of one that qemu-img made before, since a copy
# is made faster.
guest_make_images() {
    local vdev image origin
    for vdev in $(guest_vdevs "$3"); do
        image=$(guest_image "$2" "$vdev")
        [[ ! -e $image ]] || continue
        origin=$guest_folder/.empty-$4.qcow2
        [[ $1 != boot || $vdev != xvda ]] || origin=$guest_folder/.boot-$4.qcow2
        [[ -e $origin ]] || guest_make_origin "$origin" "$4"
        cp "$origin" "$image"
    done
}

# guest_make_origin PATH SIZE: make the image that those of one size are copies of.
guest_make_origin() {
    if [[ $1 == */.boot-* ]]; then
        qemu-img convert -q -f raw -O qcow2 /guest/boot.img "$1"
        qemu-img resize -q -f qcow2 "$1" "$2"
    else
        qemu-img create -q -f qcow2 "$1" "$2"
    fi
}

# guest_config KIND NAME N MEMORY BIOS: print xl's configuration. A guest that dies, be it by a triple
# fault, which Xen takes for a reboot, stays as it is: xl would start it again, and a case would see a
# guest that is none of its own. A case about reboots or crashes says so by `config=`.
guest_config() {
    local kind=$1 name=$2 vdev vdevs arguments=()
    vdevs=$(guest_vdevs "$3")
    # The native TSC: the emulated host's is not one that Xen trusts, so by default Xen traps each rdtsc,
    # of which firmware and kernels do so many that they take minutes to start.
    printf '%s\n' "name = '$name'" "memory = $4" 'vcpus = 1' "tsc_mode = 'native'" \
        "on_reboot = 'preserve'" "on_crash = 'preserve'" 'disk = ['
    for vdev in $vdevs; do guest_disk "$(guest_image "$name" "$vdev")" "$vdev"; done
    echo ']'
    case $kind in
    deaf) printf '%s\n' "type = 'pvh'" "kernel = '/guest/deaf'" ;;
    boot)
        printf '%s\n' "type = 'hvm'" "serial = 'chardev:log'"
        # The serial port is appended to the file that holds the Xen console of the other kinds. So
        # it outlives the QEMU of one domain, as that does.
        arguments+=(-chardev "file,id=log,path=$(guest_log "$name"),append=on")
        ;;
    # Without xen_legacy_crash Linux asks Xen for a reboot when it panics as an HVM guest.
    *) printf '%s\n' "type = '$kind'" "kernel = '/guest/vmlinuz'" "ramdisk = '/guest/initrd'" \
        "cmdline = 'console=hvc0 quiet xen_legacy_crash xlsnap.disks=$3'" ;;
    esac
    [[ $kind == hvm || $kind == boot ]] || return 0
    printf '%s\n' "vga = 'none'" 'nographic = 1' 'vnc = 0' 'usb = 0'
    [[ ! $5 ]] || arguments+=(-boot "menu=on,splash-time=$5")
    [[ ${#arguments[@]} -eq 0 ]] || echo "device_model_args_hvm = [$(printf "'%s'," "${arguments[@]}")]"
}

# guest_disk IMAGE VDEV: print the line of a disk that QEMU serves.
guest_disk() {
    local format served=''
    format=$(image_format "$1")
    # libxl by itself would let the kernel serve a block device.
    [[ $format == qcow2 ]] || served=,backendtype=qdisk
    echo "'$1,$format,$2,rw$served',"
}

# guest_wait NAME [SECONDS]: wait until the guest counts.
guest_wait() {
    guest_wait_for "$1" "${2:-120}" "the first count of guest $1" guest_counts_after "$1" 0
}

# guest_wait_for NAME SECONDS WHAT COMMAND...: like wait_for, for something that a living guest does. It
# fails as soon as the guest is dead, with the last that Xen said about a guest. What the guest did
# before it died counts.
guest_wait_for() {
    local name=$1 alive_at=$SECONDS died=''
    wait_for "$2" "$3" guest_did_or_died "${@:4}"
    [[ ! $died ]] || fail "guest $name died while $3 was waited for: it is $died$(guest_last_words)"
}

# guest_did_or_died COMMAND...: for guest_wait_for, whose variables it uses. Whether the command
# succeeds; also when the guest is dead, and then `died` is its state. xl is asked every fifth second.
guest_did_or_died() {
    local state
    ! "$@" || return 0
    ((SECONDS >= alive_at + 5)) || return 1
    alive_at=$SECONDS
    state=$(domain_state "$name")
    [[ $state != running && $state != paused ]] || return 1
    "$@" || died=$state
}

# guest_last_words: print ", Xen says: " and the last line of Xen's log that is about a guest, if any.
guest_last_words() {
    local line
    line=$(xl dmesg | grep -E '^\(XEN\) (\[[^]]*\] *)?([Dd]omain |d)[1-9]' | tail -n 1) || true
    [[ ! $line ]] || echo ", Xen says: $line"
}

# guest_destroy NAME: end the domain if there is one; its images stay.
guest_destroy() {
    xl destroy "$1" 2>/dev/null || true
    wait_for 30 "the end of domain $1" domain_is absent "$1"
}

# ---- what a guest prints ---------------------------------------------------------------------------

# guest_log NAME: print the path of the guest's console log. It goes on when a domain of the same
# name follows, by a reboot or by `xl restore`.
guest_log() {
    echo "/var/log/xen/console/guest-$1.log"
}

# guest_mark NAME: print where the log ends now, for the functions below that take a MARK: the number
# of its complete lines, and how much there is of the next one. The mark of its beginning is 0.
# Take the mark while the guest stands still when what comes next must be new.
guest_mark() {
    local lines last
    guest_read_log "$1" 0
    last=${lines[-1]-}
    if [[ $last == *$'\n' || ! $last ]]; then
        echo "${#lines[@]}.0"
    else
        echo "$((${#lines[@]} - 1)).${#last}"
    fi
}

# guest_read_log NAME MARK: set the caller's array `lines` to what stands after the mark.
guest_read_log() {
    local log partial=0
    log=/var/log/xen/console/guest-$1.log
    [[ $2 != *.* ]] || partial=${2#*.}
    lines=()
    [[ ! -e $log ]] || mapfile -s "${2%.*}" lines <"$log"
    [[ ${#lines[@]} -eq 0 ]] || lines[0]=${lines[0]:partial}
}

# guest_line_matches LINE PATTERN: whether a line from the log is complete and matches the bash
# pattern from its "xlsnap-guest" on; then set the caller's variable `line` to that part. A line of
# which the first part stands before a mark has no "xlsnap-guest".
guest_line_matches() {
    [[ $1 == *"xlsnap-guest "*$'\n' ]] || return 1
    line="xlsnap-guest ${1##*xlsnap-guest }"
    line=${line%$'\n'}
    # shellcheck disable=SC2053 # it is a pattern
    [[ $line == $2 ]]
}

# guest_printed NAME MARK PATTERN: whether a line that matches stands after the mark; then set the
# caller's variable `line` to the first one.
guest_printed() {
    local lines text
    guest_read_log "$1" "$2"
    for text in "${lines[@]}"; do
        ! guest_line_matches "$text" "$3" || return 0
    done
    return 1
}

guest_count_pattern='xlsnap-guest boot=* mem=* disk=*'

# guest_counts_after NAME MARK: whether a count stands after the mark.
guest_counts_after() {
    local line
    guest_printed "$1" "$2" "$guest_count_pattern"
}

# guest_first_line_after NAME MARK: print the first line with a count after the mark; wait for it.
guest_first_line_after() {
    local line
    guest_wait_for "$1" 30 "a count of guest $1 after line $2 of its log" \
        guest_printed "$1" "$2" "$guest_count_pattern"
    echo "$line"
}

# guest_last_line NAME: print the latest line with a count.
guest_last_line() {
    local line
    guest_find_last_line "$1" || fail "guest $1 has not counted yet"
    echo "$line"
}

# guest_find_last_line NAME: set the caller's variable `line` to the latest line with a count.
guest_find_last_line() {
    local lines i
    guest_read_log "$1" 0
    for ((i = ${#lines[@]} - 1; i >= 0; i--)); do
        ! guest_line_matches "${lines[i]}" "$guest_count_pattern" || return 0
    done
    return 1
}

# line_field FIELD LINE: print the boot, mem or disk of a line with a count: numbers without leading
# zeros.
line_field() {
    local value
    [[ $2 =~ (^| )$1=([0-9a-f]+)($| ) ]] || fail "no field '$1' in the line '$2'"
    value=${BASH_REMATCH[2]}
    if [[ $1 == boot ]]; then echo "$value"; else echo $((10#$value)); fi
}

# guest_boot_id NAME, guest_count NAME: print the boot id and the counter in memory as last printed.
guest_boot_id() {
    local line
    line=$(guest_last_line "$1")
    line_field boot "$line"
}
guest_count() {
    local line
    line=$(guest_last_line "$1")
    line_field mem "$line"
}

# guest_wait_count NAME COUNT [SECONDS]: wait until the counter in memory is at least COUNT.
guest_wait_count() {
    guest_wait_for "$1" "${3:-60}" "the count $2 of guest $1" guest_count_reaches "$1" "$2"
}
guest_count_reaches() {
    local line
    guest_find_last_line "$1" && [[ $line =~ \ mem=([0-9]+)\  ]] && ((10#${BASH_REMATCH[1]} >= $2))
}

# guest_command NAME WORD...: give a running guest of the kinds pv, pvh and hvm a command (see its
# README) and print what its reply says after "ok". Fails when the reply is an error.
guest_command() {
    local name=$1 id tty mark line reply
    shift
    id=$(domain_id "$name")
    [[ $id ]] || fail "there is no domain $name to take the command '$*'"
    tty=$(xenstore-read "/local/domain/$id/console/tty")
    mark=$(guest_mark "$name")
    echo "$*" >"$tty"
    guest_wait_for "$name" "${guest_reply_seconds:-60}" "the reply of guest $name to '$*'" \
        guest_printed "$name" "$mark" "xlsnap-guest reply $1 *"
    reply=${line#"xlsnap-guest reply $1 "}
    [[ $reply == ok || $reply == 'ok '* ]] || fail "guest $name answers '$*' by: $reply"
    reply=${reply#ok}
    [[ ! $reply ]] || echo "${reply# }"
}

# ---- images ----------------------------------------------------------------------------------------

# disk_line IMAGE [TAG]: print the line with the count that the guest wrote last to an image, or
# the one that an internal snapshot of it holds. The image may be in use.
disk_line() {
    local image=$1 format work='' line
    format=$(image_format "$image")
    if [[ $# -gt 1 ]]; then
        work=$(mktemp -d)
        qemu-img convert -U -l "snapshot.name=$2" -f "$format" -O raw "$image" "$work/raw"
        image=$work/raw format=raw
    fi
    line=$(qemu-io -r -U -f "$format" -c 'read -v 512 128' "$image" | text_of_dump)
    [[ ! $work ]] || rm -r "$work"
    # shellcheck disable=SC2053 # it is a pattern
    [[ $line == $guest_count_pattern ]] || fail "no count in $1${2+, snapshot $2}, but '$line'"
    echo "$line"
}

# text_of_dump: print the text in a hex dump by qemu-io, without NUL bytes. A line of it is an address,
# 16 bytes in hex and the same as text.
text_of_dump() {
    local address dump byte text=''
    while read -r address dump; do
        [[ $address == *: ]] || continue
        for byte in ${dump:0:47}; do
            [[ $byte == 00 ]] || text+="\\x$byte"
        done
    done
    printf '%b' "$text"
}

# disk_count IMAGE [TAG]: print the counter on a disk.
disk_count() {
    local line
    line=$(disk_line "$@")
    line_field disk "$line"
}

# disk_has_byte IMAGE OFFSET LENGTH BYTE: whether the whole range of the image holds that byte.
disk_has_byte() {
    local format
    format=$(image_format "$1")
    qemu-io -r -U -f "$format" -c "read -P $4 $2 $3" "$1" >/dev/null 2>&1
}

# image_tags IMAGE: print the names of the internal snapshots in one line, the oldest first.
image_tags() {
    local list tag tags=()
    list=$(qemu-img snapshot -U -l "$1")
    while read -r _ tag _; do
        [[ ! $tag || $tag == TAG || $tag == list: ]] || tags+=("$tag")
    done <<<"$list"
    echo "${tags[*]}"
}

# ---- QEMU and sockets ------------------------------------------------------------------------------

# qmp NAME COMMAND [ARGUMENTS]: print the answer of a domain's QEMU to a QMP command, as one line of
# JSON. ARGUMENTS is a JSON object.
qmp() {
    local id answer pid parameters=${3:-'{}'}
    id=$(domain_id "$1")
    coproc QMP { exec socat - "UNIX-CONNECT:/run/xen/qmp-libxenstat-$id"; }
    # shellcheck disable=SC2153 # coproc sets it
    pid=$QMP_PID
    printf '%s\n' '{"execute": "qmp_capabilities"}' \
        "{\"execute\": \"$2\", \"arguments\": $parameters, \"id\": \"lib\"}" >&"${QMP[1]}"
    while IFS= read -r -t 30 answer <&"${QMP[0]}"; do
        [[ $answer != *'"id": "lib"'* ]] || break
    done
    kill "$pid"
    wait "$pid" || true
    [[ $answer == *'"id": "lib"'* ]] || fail "QEMU of $1 does not answer $2"
    echo "${answer%$'\r'}"
}

# monitor NAME COMMAND: print what QEMU's monitor prints for a command like "info block".
monitor() {
    local answer text
    answer=$(qmp "$1" human-monitor-command "{\"command-line\": \"$2\"}")
    text=${answer#*'"return": "'}
    printf '%b' "${text%%'"'*}" | tr -d '\r'
}

# block_nodes NAME: print what a domain's QEMU has open as disks, sorted, one a line: the name of the
# node, xvda-qcow2 and the like, and for an HVM domain ide0-hd0 and the like besides, until its kernel
# unplugs the emulated disks; then the names of the internal snapshots that the node knows. Two nodes on
# one image read its list each for itself.
block_nodes() {
    local text line node=''
    text=$(monitor "$1" 'info block -v')
    {
        while IFS= read -r line; do
            if [[ $line =~ ^([^ :]+)(\ \(#block[0-9]+\))?:\ .*\(qcow2 ]]; then
                [[ ! $node ]] || echo "$node"
                node=${BASH_REMATCH[1]}
            elif [[ $node && $line =~ ^[0-9]+\ +([^ ]+)\ .*[0-9]{4}-[0-9]{2}-[0-9]{2} ]]; then
                node+=" ${BASH_REMATCH[1]}"
            fi
        done <<<"$text"
        [[ ! $node ]] || echo "$node"
    } | sort
}

# monitor_is_free DOMID: whether no client is connected to the QMP socket that xlsnap and qmp use. QEMU
# notices that one has left a moment later.
monitor_is_free() {
    local sockets
    sockets=$(ss -x -H)
    [[ $sockets != *"/qmp-libxenstat-$1 "* ]]
}

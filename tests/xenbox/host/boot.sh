# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
#
# One run of the host: what is put into dom0 beside the image, the emulator, and how it ends.
#
# The script that reads this file has set $here to the folder tests/xenbox and defined say and die.
# It describes the run in these variables before it calls a function.

: "${here:?}"
timeout=300     # seconds after which the host is stopped, from when dom0's kernel is up
memory=3072     # of the whole host, in MiB
disk=           # yes: dom0 keeps its files on a virtual disk
disk_image=     # its file; empty: one that goes with the run
build=          # the build tree of the project; empty: dom0 goes without it
files=()        # what becomes /xenbox/files
scripts=()      # what dom0 runs
image=          # the folder that host/build has filled
guests=         # the folder that guest/build has filled
dir=            # where the results go, an absolute path
work=           # where temporary files go
emulator_pid=   # the emulator while it runs

# Print the archive that unpacks to the content of a folder.
archive() {
    (cd "$1" && find . -mindepth 1 | cpio --quiet -o -H newc -R 0:0)
}

# Double the commas in a path: QEMU's options end at a single one.
quoted() {
    echo "${1//,/,,}"
}

# Make $work/initrd: the image, the guests, the project, the files and the scripts.
stage() {
    local tree=$work/tree file number=1000
    mkdir -p "$tree"/xenbox/{files,scripts} "$tree/guest"
    cp -a "$guests/." "$tree/guest/"
    cp "$here/lib.sh" "$tree/xenbox/"
    for file in "${files[@]}"; do cp -p "$file" "$tree/xenbox/files/"; done
    # dom0 runs them in the order of their folders' names.
    for file in "${scripts[@]}"; do
        install -D -m 755 "$file" "$tree/xenbox/scripts/$number/${file##*/}"
        number=$((number + 1))
    done
    [[ ! $build ]] || in_debian "$here/host/project" "$build" "$image/dom0.list" "$tree" || die "dom0 cannot have the project"
    { cat "$image/dom0.cpio" && archive "$tree"; } >"$work/initrd"
    rm -rf "$tree"
}

make_disk() {
    [[ $disk ]] || return 0
    [[ $disk_image ]] || disk_image=$work/disk
    [[ ! -e $disk_image ]] || return 0
    # Lazy tables keep the file sparse.
    truncate -s 8G "$disk_image.new"
    mke2fs -q -t ext4 -E lazy_itable_init=1,lazy_journal_init=1 "$disk_image.new"
    mv "$disk_image.new" "$disk_image"
}

# Set the array $emulator to the command that runs the host.
#
# The CPU is a plain one with SVM and nested paging: with `-cpu max` dom0 crashes, and without SVM
# Xen offers PV guests only. There is one CPU, and Xen's clock is the PIT, since QEMU's SVM is not
# safe between threads: docs/decisions/0004-one-cpu-in-the-emulated-host.md. Most other words spare
# time under emulation: no scrubbing of memory, no cures for the faults of real CPUs; and programs at
# the same addresses each time (norandmaps), by which QEMU finds the code again that it has translated.
compose_emulator() {
    local words=$1
    local xen_words='console=com1 com1=115200,8n1 dom0_mem=1536M,max:1536M loglvl=warning guest_loglvl=warning'
    local dom0_words='console=hvc0 panic=-1 quiet mitigations=off norandmaps'
    [[ ! $disk ]] || words+=' xenbox_disk=yes'
    emulator=(
        setpriv --pdeathsig KILL qemu-system-x86_64
        -accel tcg -cpu 'qemu64,+svm,+npt' -smp 1 -m "$memory"
        -nodefaults -no-reboot -display none
        -kernel "$image/xen"
        -append "$xen_words bootscrub=no spec-ctrl=no clocksource=pit"
        -initrd "$(quoted "$kernel/vmlinux") $dom0_words $words,$(quoted "$work/initrd")"
        -device virtio-serial-pci -device 'virtserialport,chardev=port'
        -chardev "file,id=results,path=$(quoted "$work/results")" -device 'virtserialport,chardev=results'
    )
    [[ ! $disk ]] || emulator+=(
        -drive "file=$(quoted "$disk_image"),format=raw,if=none,id=data,cache=writeback"
        -device 'virtio-blk-pci,drive=data'
    )
}

# Run the scripts; return the status of the run.
run_host() {
    local number
    compose_emulator ''
    mkfifo "$work/port.in" "$work/port.out"
    exec 5<>"$work/port.in" 6<>"$work/port.out"
    exec 7<"$work/port.out"
    cat <&7 5>&- 6>&- 9>&- &
    number=$!
    # Descriptor 3 ends when the emulator does.
    exec 3< <(
        exec 4>&1 5>&- 6>&- 7>&-
        exec "${emulator[@]}" -chardev pipe,id=port,path="$(quoted "$work/port")" \
            -serial file:"$(quoted "$dir/console.log")" >"$dir/emulator.log" 2>&1 </dev/null
    )
    emulator_pid=$!
    echo "$emulator_pid" >"$dir/emulator.pid"
    wait_for_end
    exec 5>&- 6>&- 7>&- 9>&-
    wait "$number" || true
    take_results
    judge_run
}

# Dom0's kernel is up some 10 seconds after the emulator starts; one that takes this long hangs.
boot_seconds=120

dom0_is_up() {
    grep -q "xenbox: dom0's kernel is up" "$dir/console.log" 2>/dev/null
}

# emulator_ends_within SECONDS: wait for that; descriptor 3 ends with the emulator.
emulator_ends_within() {
    local status=0
    read -r -t "$1" -u 3 _ || status=$?
    [[ $status -le 128 ]]
}

# Wait until the emulator ends. When the time is over, dom0 gets 20 seconds to hand out its logs.
wait_for_end() {
    local boot_end=$((SECONDS + boot_seconds))
    timed_out='' never_up=''
    until dom0_is_up; do
        ! emulator_ends_within 1 || return 0
        if ((SECONDS >= boot_end)); then
            never_up=yes
            stop_emulator
            return
        fi
    done
    ! emulator_ends_within "$timeout" || return 0
    timed_out=yes
    echo stop >&5
    emulator_ends_within 20 || stop_emulator
}

stop_emulator() {
    kill -KILL "$emulator_pid"
    read -r -u 3 _ || true
}

# Unpack what dom0 handed out; there is less of it when dom0 ended too early, or nothing.
take_results() {
    tar -x -C "$dir" -f "$work/results" 2>"$work/tar.log" || cat "$work/tar.log" >&2
}

judge_run() {
    emulator_pid=
    if [[ $timed_out ]]; then
        show_log
        say "stopped $timeout s after dom0's kernel came up (see --timeout)"
        return 124
    fi
    if [[ $never_up ]]; then
        show_log
        say "dom0's kernel did not come up within $boot_seconds s"
        return 125
    fi
    if [[ ! -s $dir/status ]]; then
        show_log
        say "the host ended before its scripts did: dom0 crashed, or something powered it off"
        return 125
    fi
    return "$(cat "$dir/status")"
}

# A panic of dom0 fills some 60 lines: those of its kernel, then those of Xen.
show_log() {
    say "the end of $dir/console.log:"
    tail -n 80 "$dir/console.log" >&2 || true
    tail -n 30 "$dir/emulator.log" >&2
}

# Give the terminal to dom0; return the emulator's status.
run_shell() {
    local rows=24 columns=80 status=0
    [[ ! -t 0 ]] || read -r rows columns < <(stty size)
    compose_emulator "xenbox_shell=${rows}x$columns"
    say "control-a x ends the host, control-a h helps"
    "${emulator[@]}" -chardev null,id=port \
        -chardev "stdio,id=terminal,mux=on,signal=off,logfile=$(quoted "$dir/console.log")" \
        -serial chardev:terminal -mon chardev=terminal || status=$?
    take_results
    return "$status"
}

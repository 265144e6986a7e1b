#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# Tests of the host itself: what xenbox promises to those who run scripts in it. Prints one line for
# each check, `ok NAME` or `not ok NAME`, and fails if one is not ok.
set -uo pipefail

xenbox=$(dirname "$(realpath "$0")")/xenbox
work=$(mktemp -d)
failed=0
background=()

# A host that is still there ends with its xenbox.
clean_up() {
    local pid
    for pid in "${background[@]}"; do kill "$pid" 2>/dev/null && wait "$pid"; done
    rm -rf "$work"
}
trap clean_up EXIT

# check NAME COMMAND...: the check is ok if the command succeeds.
check() {
    if "${@:2}"; then
        echo "ok $1"
    else
        echo "not ok $1"
        failed=1
    fi
}

# script NAME: what comes in becomes a script, named $work/NAME.
script() {
    cat >"$work/$1"
}

# wait_until SECONDS COMMAND...: fail if the command has not succeeded by then.
wait_until() {
    local deadline=$((SECONDS + $1))
    until "${@:2}"; do
        ((SECONDS < deadline)) || return
        sleep 0.2
    done
}

# run NAME ARGUMENT...: run a host without the project; $work/NAME, NAME.out and NAME.err hold what
# it leaves and prints. become_host in the background is xenbox itself, which `kill $!` ends.
run() {
    (become_host "$@")
}
become_host() {
    exec "$xenbox" run --no-project --out "$work/$1" "${@:2}" >"$work/$1.out" 2>"$work/$1.err"
}

write_scripts() {
    printf 'some\0bytes\n' >"$work/given.bin"
    chmod 750 "$work/given.bin"
    script first <<'SCRIPT'
echo "first runs in an empty folder: $(pwd | cut -d / -f 2) $(ls -A | wc -l)"
echo "to standard error" >&2
cp -p /xenbox/files/given.bin /out/
dd if=/dev/zero of=/out/holes bs=1 seek=100M count=1 status=none
exit 3
SCRIPT
    script second <<'SCRIPT'
#!/bin/bash
echo "second runs in bash: ${BASH_VERSION:+yes}, $(xl list | awk 'NR == 2 { print $1 }')"
exit 4
SCRIPT
}

# ran_scripts STATUS: what a host that ran the two, in the run "scripts", ended with and left.
ran_scripts() {
    check "the status is that of the first script that failed" [ "$1" -eq 3 ]
    check "standard output holds what the scripts print and nothing else" diff - "$work/scripts.out" <<'OUTPUT'
first runs in an empty folder: scratch 0
to standard error
second runs in bash: yes, Domain-0
OUTPUT
    check "a file that is given arrives, and what is left in /out comes back" \
        cmp "$work/given.bin" "$work/scripts/out/given.bin"
    check "files keep their mode on the way" [ "$(stat -c %a "$work/scripts/out/given.bin")" = 750 ]
    check "holes in files stay holes" [ "$(stat -c %b "$work/scripts/out/holes")" -lt 1000 ]
    check "the logs of dom0 are kept" [ -s "$work/scripts/log/dmesg" ]
    check "so are the logs of Xen and xl" [ -d "$work/scripts/log/xen/console" ]
    check "the console is kept" grep -q "xenbox: second ended with status 4" "$work/scripts/console.log"
}

stops_a_hang() {
    local status
    script hangs <<'SCRIPT'
echo "before the hang" | tee /out/written
sleep infinity
SCRIPT
    run hang --timeout 12 "$work/hangs" "$work/second"
    status=$?
    check "a script that hangs is stopped with status 124" [ $status -eq 124 ]
    check "what it printed is there" diff - "$work/hang.out" <<<"before the hang"
    check "the log is shown when the time is over" grep -q "xenbox: runs hangs" "$work/hang.err"
    check "what it left in /out comes back" grep -q "before the hang" "$work/hang/out/written"
}

tells_a_crash() {
    local status
    script crashes <<'SCRIPT'
echo c >/proc/sysrq-trigger
SCRIPT
    run crash "$work/crashes" "$work/second"
    status=$?
    check "a crash of dom0 is a failure of its own" [ $status -eq 125 ]
    check "that failure is explained" grep -q "the host ended before its scripts did" "$work/crash.err"
    check "the log is shown after a crash" grep -q "Kernel panic" "$work/crash.err"
}

# The first host is killed while it sleeps, the second one waits for it, boots from the same disk and runs
# the scripts.
keeps_a_disk() {
    local first second
    script write <<'SCRIPT'
cp /xenbox/files/given.bin /root/kept && sync /root/kept /root && echo "synced on $(stat -f -c %T .)"
sleep infinity
SCRIPT
    script read <<'SCRIPT'
cmp /root/kept /xenbox/files/given.bin
SCRIPT
    become_host killed --disk-image "$work/disk" --file "$work/given.bin" "$work/write" &
    first=$!
    background=("$first")
    # Somebody else's host may run before; a xenbox that cannot run its own ends.
    until [ -e "$work/killed/emulator.pid" ] || ! kill -0 "$first" 2>/dev/null; do sleep 0.2; done
    check "dom0 keeps its files on ext4 when asked" wait_until 600 grep -q "synced on ext2/ext3" "$work/killed.out"

    become_host scripts --disk-image "$work/disk" --file "$work/given.bin" "$work/read" "$work/first" \
        "$work/second" &
    second=$!
    background+=("$second")
    check "a second host waits for the first" \
        wait_until 60 grep -q "waiting, since another xenbox runs its host" "$work/scripts.err"
    check "it has not started meanwhile" [ ! -e "$work/scripts/emulator.pid" ]

    kill -KILL "$(cat "$work/killed/emulator.pid")"
    wait "$first"
    check "so is the death of the emulator" [ $? -eq 125 ]
    wait "$second"
    ran_scripts $?
    check "what was synced is on the disk after the emulator was killed" \
        grep -q "xenbox: read ended with status 0" "$work/scripts/console.log"
    background=()
}

refuses_wrong_usage() {
    "$xenbox" run --no-project >"$work/usage.out" 2>"$work/usage.err"
    check "a run without a script is a wrong usage" [ $? -eq 2 ]
    "$xenbox" run --build "$work" "$work/given.bin" >"$work/usage.out" 2>"$work/usage.err"
    check "a missing build is said before anything is built" [ $? -eq 125 ]
    check "with what to do about it" grep -q -- "--no-project" "$work/usage.err"
}

write_scripts
stops_a_hang
tells_a_crash
keeps_a_disk
refuses_wrong_usage
[ "$failed" -eq 0 ]

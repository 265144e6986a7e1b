#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# Tests of `xenbox chroot --host trixie`: what it promises to those who build in there. Prints one line for
# each check, `ok NAME` or `not ok NAME`, and fails if one is not ok.
set -uo pipefail

folder=$(dirname "$(realpath "$0")")
root=$(realpath "$folder/../..")
mkdir -p "$root/build"
work=$(mktemp -d "$root/build/chroot_test.XXXXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit
failed=0

# check NAME COMMAND...: the check is ok if the command succeeds.
check() {
    if "${@:2}"; then
        echo "ok $1"
    else
        echo "not ok $1"
        failed=1
    fi
}

in_debian() {
    "$folder/xenbox" chroot --host trixie "$@"
}

# refuses COMMAND...: the command fails, whatever it says.
refuses() {
    ! in_debian "$@" 2>/dev/null
}

in_debian cat /etc/debian_version >version
check "a command sees Debian 13" grep -q '^13' version
check "the folder is the present one" test "$(in_debian pwd)" = "$work"
in_debian sh -c 'exit 7'
check "its status comes back" test $? -eq 7
in_debian cp /etc/debian_version copy
check "it writes to the folder" cmp version copy
check "it cannot write to the tree" refuses touch /usr/new
touch "/tmp/${work##*/}"
check "its /tmp is its own" refuses test -e "/tmp/${work##*/}"
rm "/tmp/${work##*/}"

# The mounts of a command that is killed go with it.
in_debian sh -c 'echo $$ >pid; exec sleep infinity' &
until [[ -s pid ]] || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
kill -KILL "$(cat pid)"
wait $! 2>/dev/null
check "a command that is killed leaves no mount" test -z "$(grep /tree-trixie- /proc/self/mounts)"

"$folder/xenbox" chroot --host nowhere true 2>/dev/null
check "an unknown host is a wrong usage" test $? -eq 2
[ "$failed" -eq 0 ]

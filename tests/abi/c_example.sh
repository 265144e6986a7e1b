#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# c_example.sh STAGE PAGE OUTDIR: the C program in README.md, or in the section EXAMPLE of a manual page
# (POD), is built against the installed tree by the command that stands below it, without a warning.
set -euo pipefail

stage=$1 page=$2 out=$3
export PKG_CONFIG_PATH=$stage/lib/pkgconfig

cc() {
    command cc -Wall -Wextra -Wpedantic -Werror "$@"
}

# The program and the command, each line of which stands where it would in a terminal.
example() {
    # shellcheck disable=SC2016 # the fence of Markdown
    case $page in
    *.md) sed -n -e '/^```c$/,/^```$/{/^```/d; p}' -e 's/^    \(cc .*snapshot\.c .*\)$/\1/p' "$page" ;;
    *.pod) sed -n '/^=head1 EXAMPLE$/,/^=head1 FILES$/{s/^    //p}' "$page" ;;
    esac
}

rm -rf "$out"
mkdir -p "$out"
text=$(example)
grep -v '^cc ' <<<"$text" >"$out/snapshot.c"
command=$(grep '^cc ' <<<"$text")
cd "$out"
eval "$command"
[[ -x snapshot ]] || {
    echo "$page has no command that makes snapshot of snapshot.c, but: '$command'" >&2
    exit 1
}

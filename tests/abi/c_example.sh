#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# readme_example.sh STAGE README OUTDIR: the C program in README.md is built against the installed
# tree by the command that stands below it, without a warning.
set -euo pipefail

stage=$1 readme=$2 out=$3
export PKG_CONFIG_PATH=$stage/lib/pkgconfig

cc() {
    command cc -Wall -Wextra -Wpedantic -Werror "$@"
}

rm -rf "$out"
mkdir -p "$out"
# shellcheck disable=SC2016 # the fence of Markdown
sed -n '/^```c$/,/^```$/{/^```/d; p}' "$readme" >"$out/snapshot.c"
command=$(sed -n 's/^    \(cc .*snapshot\.c .*\)$/\1/p' "$readme")
cd "$out"
eval "$command"
[[ -x snapshot ]] || {
    echo "README.md has no command that makes snapshot of snapshot.c, but: '$command'" >&2
    exit 1
}

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# manual_example.sh STAGE POD OUTDIR: the C program in the section EXAMPLE of the manual page is
# built against the installed tree by the command that stands below it, without a warning.
set -euo pipefail

stage=$1 pod=$2 out=$3
export PKG_CONFIG_PATH=$stage/lib/pkgconfig

cc() {
    command cc -Wall -Wextra -Wpedantic -Werror "$@"
}

rm -rf "$out"
mkdir -p "$out"
example=$(sed -n '/^=head1 EXAMPLE$/,/^=head1 FILES$/{s/^    //p}' "$pod")
grep -v '^cc ' <<<"$example" >"$out/snapshot.c"
command=$(grep '^cc ' <<<"$example")
cd "$out"
eval "$command"
[[ -x snapshot ]] || {
    echo "$pod has no command that makes snapshot of snapshot.c, but: '$command'" >&2
    exit 1
}

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# declared_functions.sh STAGE: the installed library exports every function that its headers declare.
set -euo pipefail

stage=$1
prototypes=$(mktemp)
trap 'rm -f "$prototypes"' EXIT

# Each prototype with the file that it stands in: /* FILE:LINE:NC */ extern int name (...);
gcc -std=c99 -x c -fsyntax-only -aux-info "$prototypes" -I "$stage/include" - <<END
#include <libxl_snapshot.h>
END
declared=$(sed -n "s|^/\* $stage/include/.*[ *]\(libxl_[a-z_]*\) (.*|\1|p" "$prototypes" | LC_ALL=C sort)
[[ -n $declared ]] || {
    echo "no function is found in the headers" >&2
    exit 1
}
exported=$(nm --dynamic --defined-only --without-symbol-versions --format=posix \
    "$stage/lib/libxlsnap.so" | awk '{print $1}' | LC_ALL=C sort)
missing=$(LC_ALL=C comm -23 <(echo "$declared") <(echo "$exported"))
[[ -z $missing ]] || {
    echo "declared, but not in src/api/xlsnap.map: $missing" >&2
    exit 1
}

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# dynamic_section.sh STAGE: the installed library is called libxlsnap.so.0 and searches its own
# libraries nowhere but where the system does; the installed program needs the library by that name.
set -euo pipefail

stage=$1

# entries FILE TAG: the values of a tag in the dynamic section, one a line.
entries() {
    readelf --dynamic --wide "$1" | sed -n "s/.*($2).*\[\(.*\)\]/\1/p"
}

fail() {
    echo "$*" >&2
    exit 1
}

library=$stage/lib/libxlsnap.so
program=$stage/bin/xlsnap
[[ $(entries "$library" SONAME) == libxlsnap.so.0 ]] ||
    fail "the SONAME is '$(entries "$library" SONAME)', not libxlsnap.so.0"
for file in "$library" "$program"; do
    [[ -z $(entries "$file" RPATH)$(entries "$file" RUNPATH) ]] ||
        fail "$file has a search path of its own: $(entries "$file" 'RU*N*PATH')"
done
entries "$program" NEEDED | grep -qx libxlsnap.so.0 || fail "$program does not need libxlsnap.so.0"

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# library_abi.sh STAGE [--update]: the functions of the installed library, their parameters and the
# layout of every type that they reach are those of library-VERSION.abi, where VERSION is that of the
# libxl it was built with, whose types it reaches. It fails with abidiff's report of what differs.
# --update makes what STAGE holds the new baseline.
set -euo pipefail

here=$(dirname "$0")
libxl=$(pkg-config --modversion xenlight)
baseline=$here/library-${libxl%.*}.abi
stage=$1

# An abidw newer than Debian 12's adds what the library needs of others, unless it is told not to.
no_foreign_symbols=()
if [[ $(abidw --help 2>&1 || true) == *--no-load-undefined-interfaces* ]]; then
    no_foreign_symbols=(--drop-undefined-syms --no-load-undefined-interfaces)
fi

# Nothing that depends on where the sources lie, or on their line numbers.
dump() {
    abidw "${no_foreign_symbols[@]}" --headers-dir "$stage/include" --drop-private-types --exported-interfaces-only \
        --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --type-id-style hash \
        "$stage/lib/libxlsnap.so" | sed "s|^\( *<abi-instr .*path='\)[^']*/|\1|"
}

if [[ ${2:-} == --update ]]; then
    dump >"$baseline"
    exit 0
fi

[[ -e $baseline ]] || {
    echo "no baseline for libxl $libxl; look at what --update makes, and keep it: $baseline" >&2
    exit 1
}
now=$(mktemp --suffix=.abi)
trap 'rm -f "$now"' EXIT
dump >"$now"
abidiff --harmless "$baseline" "$now" || {
    cat >&2 <<END
The ABI is not that of $baseline. A program that was built against the library of before may break:
a type that is public keeps its layout and a function its parameters, new functions are added. When
the difference is meant: tests/abi/library_abi.sh $stage --update
END
    exit 1
}

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# library_abi.sh STAGE [--update]: the functions of the installed library, their parameters and the
# layout of every type that they reach are those of library.abi. It fails with abidiff's report of
# what differs. --update makes what STAGE holds the new library.abi.
set -euo pipefail

here=$(dirname "$0")
baseline=$here/library.abi
stage=$1

# Nothing that depends on where the sources lie, or on their line numbers.
dump() {
    abidw --headers-dir "$stage/include" --drop-private-types --exported-interfaces-only \
        --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --type-id-style hash \
        "$stage/lib/libxlsnap.so" | sed "s|^\( *<abi-instr .*path='\)[^']*/|\1|"
}

if [[ ${2:-} == --update ]]; then
    dump >"$baseline"
    exit 0
fi

now=$(mktemp --suffix=.abi)
trap 'rm -f "$now"' EXIT
dump >"$now"
abidiff --harmless "$baseline" "$now" || {
    cat >&2 <<END
The ABI is not that of $baseline. A program that was built against the library of before may break:
a type that is public keeps its layout and a function its parameters, new functions are added. When
the difference is meant: tests/abi/library_abi.sh build/dev/tests/abi/installed --update
END
    exit 1
}

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# build_and_run.sh STAGE OUTDIR CMAKE: configures and builds the project in this folder against the
# installed tree and runs its program. None of the flags of our own build may reach it.
set -euo pipefail

source=$(cd "$(dirname "$0")" && pwd)
stage=$1 out=$2 cmake=$3

rm -rf "$out"
"$cmake" -S "$source" -B "$out" -G Ninja -DCMAKE_PREFIX_PATH="$stage" \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
if grep -E -- '-Wconversion|-Wshadow|-fvisibility|-fsanitize|--coverage' \
    "$out/compile_commands.json"; then
    echo "flags of the library's build reach those who use it" >&2
    exit 1
fi
"$cmake" --build "$out" >"$out/build.log" || {
    cat "$out/build.log"
    exit 1
}
"$out/consumer"

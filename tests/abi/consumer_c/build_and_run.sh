#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# build_and_run.sh STAGE OUTDIR: builds consumer.c by pkg-config against the installed tree and runs
# it. The flags that pkg-config gives are where things are, and nothing else.
set -euo pipefail

source=$(dirname "$0")/consumer.c
stage=$1 out=$2
export PKG_CONFIG_PATH=$stage/lib/pkgconfig

rm -rf "$out"
mkdir -p "$out"
read -ra flags <<<"$(pkg-config --cflags --libs xlsnap)"
for flag in "${flags[@]}"; do
    [[ $flag == -[ILl]* ]] || {
        echo "pkg-config hands out $flag" >&2
        exit 1
    }
done
gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -o "$out/consumer" "$source" "${flags[@]}"
LD_LIBRARY_PATH=$stage/lib "$out/consumer"

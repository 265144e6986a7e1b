#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# exported_symbols.sh STAGE: what the installed library exports, each symbol with its version, is
# what symbols.txt lists. A new symbol is added there and in src/api/xlsnap.map; none is removed.
set -euo pipefail

stage=$1
expected=$(dirname "$0")/symbols.txt

nm --dynamic --defined-only --with-symbol-versions "$stage/lib/libxlsnap.so" |
    awk '{print $3}' | LC_ALL=C sort | diff -u "$expected" -

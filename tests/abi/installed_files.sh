#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# installed_files.sh CMAKE BUILD STAGE: installs BUILD into STAGE, which is emptied first, and
# compares what is there with installed_files.txt.
set -euo pipefail

cmake=$1 build=$2 stage=$3
expected=$(dirname "$0")/installed_files.txt

rm -rf "$stage"
"$cmake" --install "$build" --prefix "$stage" >/dev/null
diff -u "$expected" <(cd "$stage" && find . ! -type d -printf '%P\n' | LC_ALL=C sort)

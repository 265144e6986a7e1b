#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# manual_pages.sh STAGE VERSION DATE: the title line of each installed manual page is what its name
# and the arguments say, so that nothing of the build's time or place gets into a page.
set -euo pipefail

stage=$1 version=$2 date=$3

pages=("$stage"/share/man/man?/*)
[[ ${#pages[@]} -ge 2 ]]
for page in "${pages[@]}"; do
    file=${page##*/}
    title=${file%.*}
    expected=".TH ${title^^} ${file##*.} \"$date\" \"xlsnap $version\" \"xlsnap\""
    found=$(grep '^\.TH ' "$page")
    [[ ${found//\"/} == "${expected//\"/}" ]] || {
        echo "$page has '$found', not '$expected'" >&2
        exit 1
    }
done

# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2034 # a case uses status and alone
#
# What the cases that run on this machine share. A case ends with `exit "$status"`.

status=0

# Programs with an open-image guard run in a process namespace of their own: in a container not even
# root may look at process 1.
alone=(unshare --pid --fork --kill-child --mount-proc)

# expect WANTED GOT WHAT
expect() {
    [[ $1 == "$2" ]] && return
    echo "$3: $2 instead of $1" >&2
    exit 1
}

# median FILE [COLUMN]
median() {
    awk -v column="${2-1}" '{ print $column }' "$1" | sort -n |
        awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# bound WHAT VALUE MOST
bound() {
    awk -v what="$1" -v value="$2" -v most="$3" 'BEGIN {
        printf "%-52s %8.2f  (at most %s)\n", what, value, most
        exit value > most }' || status=1
}

# quotient A B [FACTOR]: A by FACTOR times B.
quotient() {
    awk -v a="$1" -v b="$2" -v factor="${3-1}" 'BEGIN { print a / (b * factor) }'
}

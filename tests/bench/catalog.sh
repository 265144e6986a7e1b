#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --memory 1024
# files: build/release/tests/bench/catalog_records
#
# What the catalog's records cost, with nothing else around them: listing 100, 1,000 and 10,000
# snapshots of a domain in a new process, every checksum verified, which must be linear; and adding
# one to 10,000 against adding one to none. Medians.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh

runs=7
additions=51

records() {
    /xenbox/files/catalog_records "$@"
}

# seconds COMMAND...: run it silently and print how long it took.
seconds() {
    local start end
    start=$(date +%s.%N)
    "$@" >/dev/null
    end=$(date +%s.%N)
    awk -v a="$start" -v b="$end" 'BEGIN { printf "%.4f\n", b - a }'
}

median() {
    sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# ratio WHAT SECONDS SECONDS FACTOR MOST: how much longer the first took than FACTOR times the second.
ratio() {
    awk -v what="$1" -v a="$2" -v b="$3" -v factor="$4" -v most="$5" 'BEGIN {
        r = a / (b * factor)
        printf "%-40s %9.4f s %9.4f s  ratio %.2f (at most %s)\n", what, a, b, r, most
        exit r > most }'
}

for count in 100 1000 10000; do
    records fill "$PWD/catalog.$count" "$count"
    assert_eq "$count" "$(records list "$PWD/catalog.$count")" "records listed"
done
for ((run = 0; run < runs; run++)); do
    for count in 100 1000 10000; do
        seconds records list "$PWD/catalog.$count" >>"list.$count"
    done
    records add "$PWD/catalog.none" "$additions" >>add.0
    records add "$PWD/catalog.10000" "$additions" >>add.10000
done

status=0
for count in 100 1000 10000; do
    printf '%-40s %9.4f s\n' "list $count snapshots" "$(median list.$count)"
done
ratio "list 10,000 / ten times list 1,000" "$(median list.10000)" "$(median list.1000)" 10 1.2 ||
    status=1
ratio "add to 10,000 / add to none" "$(median add.10000)" "$(median add.0)" 1 1.2 || status=1
exit "$status"

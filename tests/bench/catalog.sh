#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# where: this machine
# files: build/release/tests/bench/catalog_snapshots build/release/tests/bench/libquiet_host_preload.so
#
# What a catalog of many snapshots costs: `xlsnap list --json` in a new process on 100, 1,000 and
# 10,000 snapshots of a domain in 8 branches, every checksum verified, and creating one more with a
# Xen and a QEMU that cost nothing. Beside it the list of virsh's test driver, which keeps its
# snapshots in memory, timed by virsh itself without its start. Alternating, medians; the bounds are
# for any machine of today.
#
# catalog.sh BUILD: in the folder that gets the files; BUILD is that of the release.
set -euo pipefail
# shellcheck source=tests/bench/shared/measured.sh
source "$(dirname "$0")/shared/measured.sh"

build=$1
runs=11
creations=101
most_seconds=0.5

snapshots() {
    "$build/tests/bench/catalog_snapshots" "$@"
}

# list COUNT: the snapshots of that catalog.
list() {
    LD_PRELOAD=$build/tests/bench/libquiet_host_preload.so \
        "$build/src/cli/xlsnap" --conf "$1/xlsnap.conf" list --json g1
}

# What of each snapshot the list tells, "intact" or "broken", counted.
tally() {
    list "$1" | python3 -c '
import collections, json, sys
print(dict(collections.Counter("broken" if one.get("broken") else "intact"
                               for one in json.load(sys.stdin))))'
}

# timed FILE COMMAND...: appends the seconds that it took and those of CPU.
timed() {
    local file=$1 TIMEFORMAT='%R %U %S'
    shift
    { time "$@" >/dev/null; } 2>took
    awk '{ print $1, $2 + $3 }' took >>"$file"
}

make_catalogs() {
    local count
    for count in none 100 1000 10000; do
        mkdir "$count"
        : >"$count/image"
    done
    for count in 100 1000 10000; do
        echo "directory = \"$PWD/$count/catalog\"" >"$count/xlsnap.conf"
        snapshots fill "$count" "$PWD/$count"
        expect "{'intact': $count}" "$(tally "$count")" "snapshots listed"
    done
    sync
}

# One byte of a description is another one.
check_that_checksums_are_verified() {
    local record
    record=$(echo 100/catalog/*/snapshotdata-snapshot-50.xl)
    sed -i 's/one of many/one of mans/' "$record"
    expect "{'intact': 99, 'broken': 1}" "$(tally 100)" "with a damaged record"
    sed -i 's/one of mans/one of many/' "$record"
}

# virsh_list COUNT: a test driver with as many snapshots lists them $runs times.
virsh_list() {
    local domain="<name>g1</name><uuid>12345678-9abc-4def-8123-456789abcdef</uuid>"
    domain="<domain type='test'>$domain<memory>65536</memory><os><type>xen</type></os></domain>"
    local i
    echo "$domain" >domain.xml
    mkdir -p xml
    {
        echo "define domain.xml"
        for ((i = 0; i < $1; i++)); do
            printf '<domainsnapshot><name>snapshot-%d</name><state>running</state>%s%s' "$i" \
                "<creationTime>$((1700000000 + i))</creationTime>" \
                "$domain</domainsnapshot>" >"xml/$i.xml"
            echo "snapshot-create g1 --redefine xml/$i.xml"
        done
        for ((i = 0; i < runs; i++)); do echo "snapshot-list g1"; done
    } >script
    virsh -t -c test:///default <script >printed
    awk '/snapshot-list/ { listed = 1 }
         listed && /^\(Time: / { sub(/^\(Time: /, ""); print $1 / 1000 }' printed >"virsh.$1"
    expect "$runs" "$(grep -c . "virsh.$1")" "times of virsh"
    expect "$(($1 * runs))" "$(grep -c '^ snapshot-' printed)" "snapshots that virsh listed"
}

without_page_cache() {
    sync
    if ! { echo 3 >/proc/sys/vm/drop_caches; } 2>/dev/null; then
        echo "list 10,000 without the page cache: only root can drop it"
        return
    fi
    timed cold list 10000
    printf '%-52s %8.3f s\n' "list 10,000, page cache dropped (once)" "$(median cold)"
}

make_catalogs
check_that_checksums_are_verified
for ((run = 0; run < runs; run++)); do
    for count in 100 1000 10000; do timed "list.$count" list "$count"; done
done
snapshots create "$creations" "$PWD"/{none,100,10000} >created
for count in 100 1000; do virsh_list "$count"; done

for count in 100 1000 10000; do
    printf '%-52s %8.3f s, %.3f s of CPU\n' "xlsnap list --json, $count snapshots" \
        "$(median "list.$count")" "$(median "list.$count" 2)"
done
for count in 100 1000; do
    printf '%-52s %8.3f s\n' "virsh snapshot-list, $count snapshots" "$(median "virsh.$count")"
done
{ read -r into_none && read -r into_100 && read -r into_10000; } <created
printf '%-52s %8.4f s\n' "create into none" "$into_none" "create into 100" "$into_100" \
    "create into 10,000" "$into_10000"
without_page_cache
bound "list 10,000, seconds" "$(median list.10000)" "$most_seconds"
bound "list 10,000 / 10 x list 1,000" \
    "$(quotient "$(median list.10000)" "$(median list.1000)" 10)" 1.2
bound "create into 10,000 / into none" "$(quotient "$into_10000" "$into_none")" 1.2
bound "create into 10,000 / into 100" "$(quotient "$into_10000" "$into_100")" 1.2
exit "$status"

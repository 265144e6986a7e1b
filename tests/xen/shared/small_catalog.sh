# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets guest_folder
#
# What the cases about failures share that concern the catalog. Sourced after snapshot_cycle.sh; it reads
# failures.sh itself.
# shellcheck source=tests/xen/shared/failures.sh
source /xenbox/files/failures.sh

# The catalog lies on a small file system of its own, where the settings say.
small=$guest_folder/small
mkdir "$small"
mount -t tmpfs -o size=160M,nr_inodes=64 small "$small"
trap 'umount "$small"' EXIT
echo "directory = '$small/snapshots'" >small.conf
catalogued() {
    xlsnap --conf "$guest_folder/small.conf" "$@"
}

# Each check begins with one snapshot.
prepare_guest() {
    rm -rf "$small/snapshots" "$guest_folder/.xlsnap"
    catalogued create -n base "$1"
}

# assert_snapshots NAME SNAPSHOT...: these have records, as many memory images, in each image the tags that
# belong to those and no other, and as many copies of records beside the images.
assert_snapshots() {
    local name=$1 image saves tags
    shift
    assert_eq "$(printf '%s\n' "$@" | sort)" "$(catalogued list --names "$name" | sort)" "snapshots of $name"
    saves=$(find "$small" -name '*.save' -printf 'xlsnap-%f\n' | sort)
    assert_eq $# "$(grep -c . <<<"$saves")" "number of memory images"
    for image in $(guest_disks "$name"); do
        tags=$(image_tags "$image" | tr ' ' '\n' | sort)
        assert_eq "${saves//.save/}" "$tags" "tags of $image"
    done
    assert_eq $# "$(find "$small" -name 'snapshotdata-*.xl' | wc -l)" "number of records"
    assert_eq $# "$(find "$guest_folder/.xlsnap" -name 'snapshotdata-*.xl' | wc -l)" "number of copies of records"
}

# refused NAME REGEX COMMAND...: the command fails with one line that matches; once what made it fail is
# mended nothing is left, and the guest goes on. keep_traces was called before that broke.
refused() {
    local name=$1 text=$2 id boot count status=0
    shift 2
    id=$(domain_id "$name")
    boot=$(guest_boot_id "$name")
    count=$(guest_count "$name")
    catalogued "$@" 2>refused.out || status=$?
    mend_now
    assert_eq 1 "$status" "status of $1"
    assert_says refused.out "$text"
    assert_eq 1 "$(grep -c '^xlsnap: ' refused.out)" "lines that xlsnap says"
    assert_eq running "$(domain_state "$name")" "$name after the failed $1"
    assert_eq "$id" "$(domain_id "$name")" "domid after the failed $1"
    assert_nothing_left "$name" "$id"
    assert_snapshots "$name" base
    guest_wait_count "$name" $((count + 3))
    assert_eq "$boot" "$(guest_boot_id "$name")" "boot id after the failed $1"
}

create_succeeds_now() {
    catalogued create -n next "$1"
    assert_snapshots "$1" base next
    catalogued verify "$1"
    catalogued delete "$1" next
    assert_snapshots "$1" base
    next_count "$1" >/dev/null
}

# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets guest_folder
#
# Guests with raw disks; sourced after lib.sh.

# raw_guest NAME: make the images of a guest that is to be started: xvda is a sparse file, xvdb a block device,
# whose path is in the variable `device`.
raw_guest() {
    qemu-img create -q -f raw "$(guest_image "$1" xvda)" 16M
    make_device device 16M
    # Each goes when no domain uses it any more.
    trap 'losetup --detach-all' EXIT
}

# make_device VARIABLE SIZE: set the variable to the path of a new block device of zeros.
make_device() {
    local file
    file=$(mktemp "$guest_folder/device.XXXXXX")
    fallocate -l "$2" "$file"
    printf -v "$1" %s "$(losetup --find --show "$file")"
}

# Instead of that of lib.sh.
guest_image() {
    case $2 in
    xvda) echo "$guest_folder/$1-xvda.raw" ;;
    *) echo "$device" ;;
    esac
}

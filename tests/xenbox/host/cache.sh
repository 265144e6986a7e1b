# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
#
# What is built once: the kernel, the host's image and the guests, each in a folder of the cache
# whose name ends with a hash of what it is made of. A folder appears complete, by a rename, or not
# at all. The cache may be deleted at any time; what is needed is built again.
#
# The script that reads this file has set $here to the folder tests/xenbox and defined say and die.

: "${here:?}"
kernel=     # the kernel's folder, once it is known
# shellcheck source=tests/xenbox/kernel/source.sh
source "$here/kernel/source.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/xlsnap/xenbox

# Print the first 16 hexadecimal digits of the hash of what comes in.
short_hash() {
    sha256sum | cut -c 1-16
}

# take_lock DESCRIPTOR WHAT: lock the file that the descriptor is open on, and say WHAT is waited for if
# that takes time. The lock is held for as long as the descriptor is open in any process.
take_lock() {
    flock --nonblock "$1" && return
    say "waiting, since $2"
    flock "$1"
}

# Descriptor 8 locks what is built, 9 the one host that may run at a time: two of them on a small
# machine make the creation of HVM guests run into libxl's timeouts.
lock_builds() {
    mkdir -p "$cache"
    exec 8>>"$cache/build.lock"
    take_lock 8 "another xenbox builds"
}

lock_host() {
    mkdir -p "$cache"
    exec 9>>"$cache/host.lock"
    take_lock 9 "another xenbox runs its host"
}

# Print the names in lists of packages.
package_names() {
    sed -E '/^(#|$)/d; s/ .*//' "$@"
}

# Install what is missing of the packages in the lists given.
install_packages() {
    local missing
    # shellcheck disable=SC2016 # they are dpkg's variables
    mapfile -t missing < <(comm -23 <(package_names "$@" | sort -u) \
        <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p' | sort -u))
    [[ ${#missing[@]} -gt 0 ]] || return 0
    [[ $EUID -eq 0 ]] || die "these Debian packages are missing, and only root can install them: ${missing[*]}"
    say "installing ${missing[*]}"
    apt_get install -y --no-install-recommends "${missing[@]}"
}

# Run apt-get, and if it fails once more after an update: its lists may be missing or too old.
apt_get() {
    local log=$cache/apt.log
    try_apt_get "$@" >"$log" 2>&1 && return
    try_apt_get update >>"$log" 2>&1 && try_apt_get "$@" >>"$log" 2>&1 && return
    tail -n 20 "$log" >&2
    die "apt-get $1 failed; all it said is in $log"
}

try_apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

# cached KIND KEY COMMAND...: print the folder KIND-KEY of the cache; if it is missing, COMMAND fills
# it, with the folder as its last argument.
cached() {
    local kind=$1 key=$2 folder=$cache/$1-$2 log=$cache/$1.log
    shift 2
    if [[ ! -d $folder ]]; then
        say "building the $kind (once: kept in $cache)"
        rm -rf "$folder.new"*
        mkdir -p "$folder.new"
        "$@" "$folder.new" >"$log" 2>&1 || {
            tail -n 30 "$log" >&2
            die "cannot build the $kind; all that was said is in $log"
        }
        mv "$folder.new" "$folder"
    fi
    touch "$folder"
    echo "$folder"
}

# Print the folder that holds the kernel, which takes minutes to build. What comments of its configuration
# say does not count.
kernel_folder() {
    local key
    key=$({ source_version && cat "$here/kernel/build" && grep -v '^#' "$here/kernel/config"; } | short_hash)
    cached kernel "$key" "$here/kernel/build"
}

guest_images() {
    local key
    key=$({ echo "${kernel##*/}" && "$here/guest/key"; } | short_hash)
    cached guests "$key" "$here/guest/build" "$kernel"
}

# Of each kind keep the two folders used last, and whatever another xenbox, which may wait for its turn
# to run the host, took in the last two hours. What nobody used for a month goes in any case.
forget_unused() {
    local kind now
    now=$(date +%s)
    find "$cache" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sed 's/-[^-]*$//' | sort -u |
        while read -r kind; do
            find "$cache" -mindepth 1 -maxdepth 1 -type d -name "$kind-*" -printf '%T@ %p\n' | sort -rn |
                awk -v now="$now" '(NR > 2 && now - $1 > 7200) || now - $1 > 30 * 86400 { sub(/^[^ ]* /, ""); print }' |
                xargs -r -d '\n' rm -rf
        done
}

# The locks stay: somebody may be waiting for them.
clean_cache() {
    lock_builds
    lock_host
    find "$cache" -mindepth 1 -maxdepth 1 ! -name '*.lock' -exec rm -rf {} +
}

# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
#
# The Debian that a host is made of, where its dom0's packages are installed and the project is built for
# it: for bookworm this machine, for trixie a tree in the cache. And dom0's image, which is made of it.
#
# The script that reads this file has read cache.sh before.

: "${here:?}" "${cache:?}"
host=bookworm   # or trixie
debian_tree=    # the tree, which take_debian sets; empty when it is this machine
shared=()       # folders that in_debian leads to, beside the project and the cache

root=$(realpath "$here/../..")

# The project's packages in Debian 13's tree are those that the library, its unit tests and its abi
# suite need (tests/packages.txt).
tree_packages() {
    package_names "$here"/host/packages.dom0{,".$host"}
    "$root/tests/runner/package_names" build abi
}

# Install what is missing of what dom0 is made of, here or in a tree.
take_debian() {
    local packages
    if [[ $host == bookworm ]]; then
        install_packages "$here"/host/packages.{tools,dom0,dom0.bookworm}
        return
    fi
    install_packages "$here"/host/packages.{tools,"tools.$host"}
    mapfile -t packages < <(tree_packages | sort -u)
    debian_tree=$(cached "tree-$host" "$(tree_key "${packages[@]}")" "$here/host/tree" "$host" "${packages[@]}")
}

tree_key() {
    { echo "$@" && cat "$here/host/tree"; } | short_hash
}

# in_debian COMMAND...: run the command in the host's Debian, in the same folder. It finds the project,
# the project's cache and the folders in $shared where they are here.
in_debian() {
    if [[ $debian_tree ]]; then
        "$here/host/in_tree" "$debian_tree" "$root" "${cache%/xenbox}" "${shared[@]}" -- "$@"
    else
        "$@"
    fi
}

# Print the packages of the host's Debian that the image is made of, with their versions: those of dom0,
# and what they depend on, since the libraries of dom0 come from packages that no list names.
image_packages() {
    local names
    names=$(package_names "$here"/host/packages.dom0{,".$host"})
    # shellcheck disable=SC2016 # they are dpkg's and awk's variables
    in_debian dpkg-query -W -f '${Package} ${Version} ${Pre-Depends}, ${Depends}\n' | awk -v names="$names" '
        function add(list, i, n, name) {
            n = split(list, name, " ")
            for (i = 1; i <= n; i++) {
                if (!(name[i] in version) || name[i] in added) continue
                added[name[i]]
                print name[i], version[name[i]]
                add(needs[name[i]])
            }
        }
        {
            version[$1] = $2
            package = $1
            $1 = $2 = ""
            gsub(/\([^)]*\)|:[a-z0-9]+|[,|]/, " ")
            needs[package] = $0
        }
        END { add(names) }' | sort
}

image_key() {
    {
        image_packages
        find "$here/host/root" -printf '%P %m\n' | sort
        find "$here/host/root" -type f -print0 | sort -z | xargs -0 cat
        cat "$here"/host/{build,packages.dom0,"packages.dom0.$host"}
    } | short_hash
}

# Print the folder that holds the host's image, building what is missing.
host_image() {
    local key
    key=$(image_key)
    cached "image-$host" "$key" in_debian "$here/host/build" "$host"
}

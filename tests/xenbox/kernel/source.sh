# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
#
# Where the kernel comes from.

source_package=linux-source-6.1

# Print the version of the package with the kernel's source: the one that is installed, or else the
# one that apt would install.
source_version() {
    local version
    # shellcheck disable=SC2016 # it is dpkg's variable
    version=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$source_package" 2>/dev/null |
        sed -n 's/^installed //p') || true
    [[ $version ]] || version=$(apt-cache policy "$source_package" | sed -n 's/^  Candidate: //p')
    [[ $version && $version != '(none)' ]] || {
        echo "apt knows no package $source_package" >&2
        return 1
    }
    echo "$version"
}

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# The contract of the Toolstack port (tests/contract/toolstack_contract.hpp) on the real libxl, with
# a PV guest, which is suspended fastest by far; the cycles show the other kinds.
#
# xenbox: --timeout 420
# files: build/release/tests/contract/toolstack_contract_xen
# hosts: bookworm trixie
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh

# results: turn GoogleTest's lines into results of this suite, in which nothing is skipped.
results() {
    sed -E "s/^\[       OK \] [^.]*\.([A-Za-z]+).*/ok \1/
        s/^\[  (FAILED|SKIPPED) +\] [^.]*\.([A-Za-z]+).* ms\)$/not ok \2 (\1)/
        /^\[/d"
}

guest_start pv contract disks=2
guest_wait contract
XLSNAP_TEST_DOMAIN=contract XLSNAP_TEST_CONSOLE=$(guest_log contract) \
    /xenbox/files/toolstack_contract_xen --gtest_color=no 2>&1 | results
guest_destroy contract

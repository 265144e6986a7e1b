#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# The contract of the Toolstack port on the real libxl, with a PVH and a PV guest. The tests are in
# tests/contract/toolstack_contract.hpp; the program comes into dom0 by
# xenbox run --file .../toolstack_contract_xen.
set -euo pipefail
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh

for kind in pvh pv; do
    say "the contract with a $kind guest"
    guest_start "$kind" contract disks=2
    guest_wait contract
    XLSNAP_TEST_DOMAIN=contract XLSNAP_TEST_CONSOLE=$(guest_log contract) \
        /xenbox/files/toolstack_contract_xen --gtest_brief=1
    assert_eq running "$(domain_state contract)" 'the domain after the contract'
    guest_destroy contract
done

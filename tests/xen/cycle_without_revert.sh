#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# files: tests/xen/shared/snapshot_cycle.sh
#
# A test of the tests: the cycle, which is also what tests/try shows, fails when revert does nothing.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

without_revert() {
    local status=0
    xlsnap_revert=(true)
    set +e
    (
        set -e
        snapshot_cycle pv
    ) >cycle.out 2>&1
    status=$?
    set -e
    cat cycle.out
    assert_ne 0 "$status" "status of the cycle without a revert"
    # It failed for want of a revert, not before.
    grep -q 'FAILED: .* holds what was written after the snapshot' cycle.out
}

guest_start pv pv
guest_wait pv
check "the cycle fails when revert is replaced by true" without_revert
exit "$checks_failed"

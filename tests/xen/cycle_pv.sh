#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh
#
# The main job; what tests/try shows.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

step "This is a real Xen host."
xl info | grep -E '^(host|release|virt_caps|total_memory|xen_version)'
guest_start pv pv
guest_wait pv
check "pv: create, revert twice, xl restore, delete" snapshot_cycle pv
exit "$checks_failed"

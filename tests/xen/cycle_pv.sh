#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 240
# files: tests/xen/shared/snapshot_cycle.sh
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

guest_start pv pv
guest_wait pv
check "pv: create, revert twice, xl restore, delete" snapshot_cycle pv
exit "$checks_failed"

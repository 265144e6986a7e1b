#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh
# hosts: bookworm trixie
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh

guest_start pvh pvh
guest_wait pvh
check "pvh: create, revert twice, xl restore, delete" snapshot_cycle pvh
exit "$checks_failed"

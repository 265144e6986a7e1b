#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 420
# hosts: bookworm trixie
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/watchers.sh tests/xen/shared/lives.sh
#
# A guest goes on through its reboots after create, revert, and xl save with xl restore: always with one
# watcher. lives_on_pvh and lives_on_hvm show the same of the other kinds, and a migration.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/lives.sh
source /xenbox/files/lives.sh

whole_life pv
check "pv: xl shutdown leaves no domain and no process" is_shut_down_by_xl pv
exit "$checks_failed"

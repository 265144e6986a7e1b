#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 700
# when: long
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/watchers.sh tests/xen/shared/lives.sh
#
# As lives_on, and a migration to the same host. That is not for pv: the host's Xen cannot log which pages
# of a PV guest are written.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/lives.sh
source /xenbox/files/lives.sh

whole_life pvh
check "pvh: the same after a migration to the same host and create" is_rebooted_after_a_migration pvh
check "pvh: xl shutdown leaves no domain and no process" is_shut_down_by_xl pvh
exit "$checks_failed"

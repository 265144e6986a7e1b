#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 300
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/catalog.sh tests/xen/shared/catalog_cycle.sh
# when: long
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/catalog_cycle.sh
source /xenbox/files/catalog_cycle.sh

guest=boot
guest_start "$guest" "$guest"
guest_wait "$guest"
catalog_cycle
exit "$checks_failed"

// SPDX-License-Identifier: LGPL-2.1-only
// The C functions that read and write libvirt's XML.
#include "api/border.hpp"
#include "libxl_snapshot.h"

int libxl_snapshot_dumpxml(libxl_ctx *, const libxl_snapshot_domain *, const char *, char **) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_import(libxl_ctx *, const libxl_snapshot_domain *, const char *, unsigned) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_domain_snapshot_from_xml(libxl_ctx *, const libxl_snapshot_domain *, const char *,
                                   libxl_domain_snapshot *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

// SPDX-License-Identifier: LGPL-2.1-only
// The C functions of the catalog: no logic, only the border between C and C++.
#include "libxl_snapshot.h"

#include "api/last_error.hpp"

int libxl_snapshot_find_domain(libxl_ctx *, const char *, libxl_snapshot_domain *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

libxl_snapshot_domain *libxl_snapshot_domain_list(libxl_ctx *, int *) {
    return nullptr;
}

void libxl_snapshot_domain_list_free(libxl_snapshot_domain *, int) {}

int libxl_snapshot_create(libxl_ctx *, const libxl_snapshot_domain *, libxl_domain_snapshot *,
                          unsigned) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_get(libxl_ctx *, const libxl_snapshot_domain *, const char *,
                       libxl_domain_snapshot *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_lookup(libxl_ctx *, const libxl_snapshot_domain *, const char *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_current(libxl_ctx *, const libxl_snapshot_domain *, libxl_domain_snapshot *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_parent(libxl_ctx *, const libxl_snapshot_domain *, const char *,
                          libxl_domain_snapshot *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_list(libxl_ctx *, const libxl_snapshot_domain *, const char *, unsigned,
                        libxl_domain_snapshot **, int *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

void libxl_domain_snapshot_list_free(libxl_domain_snapshot *, int) {}

int libxl_snapshot_num(libxl_ctx *, const libxl_snapshot_domain *, const char *, unsigned) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_revert(libxl_ctx *, const libxl_snapshot_domain *, const char *, unsigned,
                          int *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_start(libxl_ctx *, const libxl_snapshot_domain *, const char *, unsigned,
                         int *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_rename(libxl_ctx *, const libxl_snapshot_domain *, const char *, const char *,
                          unsigned) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_set_description(libxl_ctx *, const libxl_snapshot_domain *, const char *,
                                   const char *, unsigned) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_set_protected(libxl_ctx *, const libxl_snapshot_domain *, const char *, bool,
                                 unsigned) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_delete(libxl_ctx *, const libxl_snapshot_domain *, const char *, unsigned) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_deactivate(libxl_ctx *, const libxl_snapshot_domain *, unsigned) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_set_current(libxl_ctx *, const libxl_snapshot_domain *, const char *, unsigned) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_verify(libxl_ctx *, const libxl_snapshot_domain *, const char *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

int libxl_snapshot_rebuild(libxl_ctx *, const libxl_snapshot_domain *, unsigned, int *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

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

int libxl_snapshot_set_root(const char *) {
    return xlsnap::api::set_last_error(xlsnap::ErrorCode::NotImplemented, "not yet");
}

const char *libxl_snapshot_plan() {
    return "";
}

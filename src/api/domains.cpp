// SPDX-License-Identifier: LGPL-2.1-only
// The C functions that find domains and the catalog itself.
#include "libxl_snapshot.h"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/border.hpp"
#include "api/composition.hpp"
#include "api/directories.hpp"
#include "api/domain_call.hpp"
#include "api/wishes.hpp"
#include "core/recorded_disks.hpp"

namespace xlsnap::api {

namespace {

// Of one that runs: a drive is no disk, what is in it least of all.
std::vector<DiskRecord> disks_in_use(const Domain &domain) {
    std::vector<DiskRecord> disks;
    for (const Disk &disk : domain.disks) {
        if (!has_image(disk) || disk.cdrom)
            continue;
        DiskRecord record;
        record.vdev = disk.vdev;
        record.path = disk.path;
        record.format = disk.format;
        disks.push_back(std::move(record));
    }
    return disks;
}

Result<std::vector<DiskRecord>> disks_of(DomainCall &call) {
    if (call.subject.domid) {
        XLSNAP_ASSIGN(const Domain domain,
                      call.composition->toolstack().inspect(*call.subject.domid));
        return disks_in_use(domain);
    }
    XLSNAP_ASSIGN(const DomainCatalog known, call.composition->catalog().read(call.subject.key));
    XLSNAP_TRY(check_domain_record(known.domain_fault));
    return recorded_disks(known.domain, known.snapshots);
}

} // namespace

} // namespace xlsnap::api

namespace api = xlsnap::api;
using xlsnap::Status;

int libxl_snapshot_find_domain(libxl_ctx *ctx, const char *who, libxl_snapshot_domain *domain) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_TRY(api::check_place(domain, "the domain"));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(who, "the domain's name"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto found, composition.finder().find(wanted));
        api::fill_in(*domain, found);
        return {};
    });
}

libxl_snapshot_domain *libxl_snapshot_domain_list(libxl_ctx *ctx, int *nb) {
    libxl_snapshot_domain *list = nullptr;
    int count = 0;
    const int rc = api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_TRY(api::check_place(nb, "nb"));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto known, composition.finder().known());
        api::fill_in(&list, &count, known);
        return {};
    });
    if (nb != nullptr)
        *nb = rc == 0 ? count : -1;
    return list;
}

void libxl_snapshot_domain_list_free(libxl_snapshot_domain *list, int nb) {
    for (int i = 0; i < nb; ++i)
        libxl_snapshot_domain_dispose(&list[i]);
    std::free(list);
}

libxl_domain_snapshot_disk *
libxl_snapshot_domain_disks(libxl_ctx *ctx, const libxl_snapshot_domain *domain, int *nb) {
    libxl_domain_snapshot_disk *list = nullptr;
    int count = 0;
    const int rc = api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_place(nb, "nb"));
        XLSNAP_ASSIGN(auto call, api::open_call(ctx, domain));
        XLSNAP_ASSIGN(const auto disks, api::disks_of(call));
        api::fill_in(&list, &count, disks);
        return {};
    });
    if (nb != nullptr)
        *nb = rc == 0 ? count : -1;
    return list;
}

void libxl_snapshot_domain_disks_free(libxl_domain_snapshot_disk *list, int nb) {
    for (int i = 0; i < nb; ++i)
        libxl_domain_snapshot_disk_dispose(&list[i]);
    std::free(list);
}

int libxl_snapshot_set_root(const char *path) {
    return api::guarded([&] { return api::set_catalog_root(path == nullptr ? "" : path); });
}

int libxl_snapshot_set_overlay_directory(const char *path) {
    return api::guarded([&] { return api::set_overlay_directory(path == nullptr ? "" : path); });
}

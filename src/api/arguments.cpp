// SPDX-License-Identifier: LGPL-2.1-only
#include "api/arguments.hpp"

#include <algorithm>
#include <climits>
#include <string>

#include <fmt/format.h>

#include "adapters/libxl/domain_config.hpp"
#include "api/field_values.hpp"

namespace xlsnap::api {

namespace {

std::string text_of(const char *text) {
    return text == nullptr ? std::string() : text;
}

tl::unexpected<Error> invalid(std::string message) {
    return fail(ErrorCode::Invalid, std::move(message));
}

DiskFormat format_in(const libxl_disk_format &field) {
    const auto number = number_in<unsigned>(field);
    return number > LIBXL_DISK_FORMAT_QED ? DiskFormat::Unknown
                                          : disk_format(static_cast<libxl_disk_format>(number));
}

// Longer than any: "xvdaaaa15".
constexpr std::size_t kMaxVdevBytes = 32;

Status check_vdev(const std::string &vdev, int index) {
    const bool plain = std::ranges::all_of(vdev, [](char c) { return c > ' ' && c < '\x7f'; });
    if (vdev.size() <= kMaxVdevBytes && plain)
        return {};
    return invalid(fmt::format("the vdev of disk number {} in the request names no disk; give one "
                               "like xvda",
                               index));
}

Result<std::vector<DiskRequest>> disks_of(const libxl_disk_snapshot *disks, int count) {
    if (count < 0)
        return invalid(fmt::format("the number of disks is {}; give 0 or more", count));
    if (count > 0 && disks == nullptr)
        return invalid(fmt::format("the array of disks is NULL although its length is {}; pass "
                                   "the array, or the length 0",
                                   count));
    std::vector<DiskRequest> requests;
    for (int i = 0; i < count; ++i) {
        const libxl_disk_snapshot &disk = disks[i];
        DiskRequest request{text_of(disk.disk.vdev), text_of(disk.disk.pdev_path),
                            text_of(disk.name), flag_in(disk.external),
                            format_in(disk.disk.format)};
        XLSNAP_TRY(check_vdev(request.vdev, i));
        XLSNAP_TRY(check_path(request.path, "pdev_path"));
        if (request.external) {
            request.overlay = text_of(disk.external_path);
            XLSNAP_TRY(check_path(request.overlay, "external_path"));
            request.overlay_format = overlay_format_in(disk.external_format);
        }
        requests.push_back(std::move(request));
    }
    return requests;
}

} // namespace

Status check_path(const std::string &path, const char *what) {
    if (path.size() < PATH_MAX)
        return {};
    return invalid(
        fmt::format("{} has {} bytes; give a path of less than {}", what, path.size(), PATH_MAX));
}

DiskFormat overlay_format_in(const char *format) {
    return format == nullptr || std::string_view(format) == "qcow2" ? DiskFormat::Qcow2
                                                                    : DiskFormat::Unknown;
}

Result<std::optional<DomainId>> domain_id(int domid) {
    if (domid == -1)
        return std::optional<DomainId>();
    if (domid < 0)
        return invalid(fmt::format(
            "the domid {} is negative; give that of a domain, or -1 for an inactive one", domid));
    if (domid == 0)
        return invalid("domain 0 controls this host and cannot be snapshotted; name a guest (xl "
                       "list shows all)");
    return std::optional(static_cast<DomainId>(domid));
}

Result<SnapshotRequest> request_of(const libxl_domain_snapshot_args *args) {
    if (args == nullptr)
        return invalid("the snapshot arguments are NULL; pass a libxl_domain_snapshot_args");
    const bool memory = flag_in(args->memory);
    if (!memory && args->memory_path != nullptr)
        return invalid("memory_path is given although memory is false; ask for one of the two");
    SnapshotRequest request;
    request.memory = memory;
    request.memory_path = text_of(args->memory_path);
    XLSNAP_TRY(check_path(request.memory_path, "memory_path"));
    XLSNAP_ASSIGN(request.disks, disks_of(args->disks, args->num_disks));
    return request;
}

Result<SnapshotRequest> request_of(const libxl_disk_snapshot *disks, int count) {
    SnapshotRequest request;
    XLSNAP_ASSIGN(request.disks, disks_of(disks, count));
    return request;
}

} // namespace xlsnap::api

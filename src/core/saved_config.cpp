// SPDX-License-Identifier: LGPL-2.1-only
#include "core/saved_config.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.hpp"

namespace xlsnap {

namespace {

const Json::Array &disks_of(const Json &config) {
    static const Json::Array none;
    const Json *disks = config.find("disks");
    return disks == nullptr || disks->as_array() == nullptr ? none : *disks->as_array();
}

std::string text_of(const Json &object, const char *key) {
    const std::string *text = object.find_string(key);
    return text == nullptr ? std::string() : *text;
}

std::string info_of(const Json &config, const char *key) {
    const Json *c_info = config.find("c_info");
    return c_info == nullptr ? std::string() : text_of(*c_info, key);
}

void check_identity(const Json &config, const Domain &domain, const std::string &known_uuid,
                    std::vector<std::string> &reasons) {
    const std::string &expected = known_uuid.empty() ? domain.uuid : known_uuid;
    if (const std::string uuid = info_of(config, "uuid"); uuid != expected)
        reasons.push_back(
            fmt::format("the memory image belongs to domain {}, not to {} ({}); a domain keeps its "
                        "uuid when its xl.cfg names it (uuid = \"{}\")",
                        uuid.empty() ? "none" : uuid, domain.name, expected, uuid));
    if (const std::string name = info_of(config, "name"); name != domain.name)
        reasons.push_back(fmt::format("the domain was named {} when the memory image was made, now "
                                      "{}; give it that name for the revert (xl rename)",
                                      name, domain.name));
}

// The domain is given that one instead.
bool gets_another_image(const std::string &vdev, const std::vector<DiskTarget> &targets,
                        const SnapshotRequest &request) {
    return std::ranges::count(request.moved, vdev, &DiskChange::vdev) != 0 ||
           std::ranges::any_of(targets, [&](const DiskTarget &target) {
               return target.vdev == vdev && needs_image(target);
           });
}

// The restored domain opens every disk of the saved configuration, wanted or not. One that is
// another domain's by now would be written by both.
void check_disk(const Json &saved, const Domain &domain, const std::vector<DiskTarget> &targets,
                const SnapshotRequest &request, std::vector<std::string> &reasons) {
    const std::string vdev = text_of(saved, "vdev");
    const std::string path = text_of(saved, "pdev_path");
    if (path.empty())
        return;
    const Disk *present = find_disk(domain, vdev);
    const bool is_detached = present == nullptr || !has_image(*present);
    if (std::ranges::count(request.may_differ, path) != 0 ||
        gets_another_image(vdev, targets, request))
        return;
    if (is_detached)
        reasons.push_back(fmt::format("disk {} was {} when the memory image was made, now the "
                                      "domain has none; attach it again (xl block-attach)",
                                      vdev, path));
    else if (present->path != path)
        reasons.push_back(fmt::format("disk {} was {} when the memory image was made, now it is "
                                      "{}; give it that image again",
                                      vdev, path, present->path));
}

bool has_image(const Json &config, const std::string &vdev) {
    return std::ranges::any_of(disks_of(config), [&](const Json &disk) {
        return text_of(disk, "vdev") == vdev && !text_of(disk, "pdev_path").empty();
    });
}

} // namespace

Status check_saved_config(const std::string &config_json, const Domain &domain,
                          const std::vector<DiskTarget> &targets, const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const Json config,
                  parse_json(config_json).with_context("configuration in the memory image"));
    std::vector<std::string> reasons;
    check_identity(config, domain, request.known_uuid, reasons);
    for (const Json &disk : disks_of(config))
        check_disk(disk, domain, targets, request, reasons);
    for (const DiskTarget &target : targets)
        if (!has_image(config, target.vdev))
            reasons.push_back(fmt::format(
                "the memory image was made without a disk {}; leave it out", target.vdev));
    if (!reasons.empty())
        return fail(ErrorCode::Invalid, fmt::format("{}", fmt::join(reasons, "; ")));
    return {};
}

} // namespace xlsnap

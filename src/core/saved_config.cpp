// SPDX-License-Identifier: LGPL-2.1-only
#include "core/saved_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.hpp"

namespace xlsnap {

namespace {

// The image of the disk `vdev` in the configuration; nullptr when it has no such disk.
const std::string *image_of(const Json &config, const std::string &vdev) {
    const Json *disks = config.find("disks");
    if (disks == nullptr || disks->as_array() == nullptr)
        return nullptr;
    for (const Json &disk : *disks->as_array()) {
        const std::string *name = disk.find_string("vdev");
        if (name != nullptr && *name == vdev)
            return disk.find_string("pdev_path");
    }
    return nullptr;
}

std::string uuid_of(const Json &config) {
    const Json *c_info = config.find("c_info");
    const std::string *uuid = c_info == nullptr ? nullptr : c_info->find_string("uuid");
    return uuid == nullptr ? "none" : *uuid;
}

} // namespace

Status check_saved_config(const std::string &config_json, const Domain &domain,
                          const std::vector<DiskTarget> &targets) {
    XLSNAP_ASSIGN(const Json config,
                  parse_json(config_json).with_context("configuration in the memory image"));
    std::vector<std::string> reasons;
    if (const std::string uuid = uuid_of(config); uuid != domain.uuid)
        reasons.push_back(fmt::format("the memory image belongs to domain {}, not to {} ({})", uuid,
                                      domain.name, domain.uuid));
    for (const DiskTarget &target : targets) {
        const std::string *image = image_of(config, target.vdev);
        if (image == nullptr)
            reasons.push_back(fmt::format("the memory image knows no disk {}", target.vdev));
        else if (*image != target.path)
            reasons.push_back(
                fmt::format("disk {} was {} when the memory image was made, now it is "
                            "{}",
                            target.vdev, *image, target.path));
    }
    if (!reasons.empty())
        return fail(ErrorCode::Invalid, fmt::format("{}", fmt::join(reasons, "; ")));
    return {};
}

} // namespace xlsnap

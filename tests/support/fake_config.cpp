// SPDX-License-Identifier: LGPL-2.1-only
#include <array>
#include <cstdint>
#include <utility>

#include "base/json.hpp"
#include "support/fake_toolstack.hpp"

namespace xlsnap::test {

namespace {

// The names of libxl's enumerations in JSON (tools/libs/light/libxl_types.idl in xen.git).
constexpr std::array<std::pair<GuestType, const char *>, 3> kTypes{
    {{GuestType::Pv, "pv"}, {GuestType::Pvh, "pvh"}, {GuestType::Hvm, "hvm"}}};
constexpr std::array<std::pair<DiskBackend, const char *>, 5> kBackends{
    {{DiskBackend::Unknown, "unknown"},
     {DiskBackend::Phy, "phy"},
     {DiskBackend::Tap, "tap"},
     {DiskBackend::Qdisk, "qdisk"},
     {DiskBackend::Standalone, "standalone"}}};
constexpr std::array kFormats{DiskFormat::Unknown, DiskFormat::Qcow, DiskFormat::Qcow2,
                              DiskFormat::Vhd,     DiskFormat::Raw,  DiskFormat::Empty,
                              DiskFormat::Qed};

template <typename T, std::size_t N>
const char *name_of(const std::array<std::pair<T, const char *>, N> &names, T value) {
    for (const auto &[candidate, name] : names)
        if (candidate == value)
            return name;
    return "unknown";
}

template <typename T, std::size_t N>
bool value_of(const std::array<std::pair<T, const char *>, N> &names, const std::string *name,
              T &value_out) {
    for (const auto &[value, candidate] : names) {
        if (name != nullptr && *name == candidate) {
            value_out = value;
            return true;
        }
    }
    return false;
}

DiskFormat format_of(const std::string *name) {
    for (DiskFormat format : kFormats)
        if (name != nullptr && *name == to_string(format))
            return format;
    return DiskFormat::Unknown;
}

// libxl's int fields are numbers in JSON, even those that mean yes or no.
bool is_set(const Json &json, std::string_view key) {
    const Json *member = json.find(key);
    const std::int64_t *value = member == nullptr ? nullptr : member->as_integer();
    return value != nullptr && *value != 0;
}

std::string text_or_empty(const std::string *text) {
    return text == nullptr ? "" : *text;
}

// libxl leaves out what equals the default, so every field of a disk may be missing.
Disk disk_of(const Json &json) {
    Disk disk;
    disk.vdev = text_or_empty(json.find_string("vdev"));
    disk.path = text_or_empty(json.find_string("pdev_path"));
    disk.format = format_of(json.find_string("format"));
    value_of(kBackends, json.find_string("backend"), disk.backend);
    disk.writable = is_set(json, "readwrite");
    disk.cdrom = is_set(json, "is_cdrom");
    return disk;
}

} // namespace

std::string fake_config_json(const Domain &domain) {
    Json::Array disks;
    for (const Disk &disk : domain.disks) {
        Json::Object object{{"vdev", disk.vdev},
                            {"pdev_path", disk.path},
                            {"format", to_string(disk.format)},
                            {"backend", name_of(kBackends, disk.backend)}};
        if (disk.writable)
            object.emplace("readwrite", std::int64_t{1});
        if (disk.cdrom)
            object.emplace("is_cdrom", std::int64_t{1});
        disks.emplace_back(std::move(object));
    }
    Json::Object c_info{
        {"type", name_of(kTypes, domain.type)}, {"name", domain.name}, {"uuid", domain.uuid}};
    return Json(Json::Object{{"c_info", std::move(c_info)}, {"disks", std::move(disks)}}).to_text();
}

Result<Domain> domain_of_config(const std::string &config_json) {
    XLSNAP_ASSIGN(const Json config, parse_json(config_json));
    const Json *c_info = config.find("c_info");
    const std::string *name = c_info == nullptr ? nullptr : c_info->find_string("name");
    Domain domain;
    if (name == nullptr || !value_of(kTypes, c_info->find_string("type"), domain.type))
        return fail(ErrorCode::Invalid, "this is no domain configuration");
    domain.name = *name;
    domain.uuid = text_or_empty(c_info->find_string("uuid"));
    domain.config_json = config_json;
    const Json *disks = config.find("disks");
    if (disks != nullptr && disks->as_array() != nullptr)
        for (const Json &disk : *disks->as_array())
            domain.disks.push_back(disk_of(disk));
    return domain;
}

} // namespace xlsnap::test

// SPDX-License-Identifier: LGPL-2.1-only
#include "core/config_disks.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json_text.hpp"
#include "base/utf8.hpp"

namespace xlsnap {

namespace {

constexpr std::size_t kMostConfigBytes = std::size_t{16} << 20;

// libxl writes enumerations by their names, and leaves out what has its default
// (libxl_disk_format and libxl_disk_backend in tools/libs/light/libxl_types.idl in xen.git). So a
// disk without "backend" is one of which libxl chooses it, as for the name "unknown".
constexpr const char *kUnknown = "unknown";
constexpr const char *kThroughQemu = "qdisk";

using Members = std::vector<JsonMember>;

// One disk of a configuration that is to be changed.
class DiskEditor {
  public:
    DiskEditor(const JsonText &config, JsonPlace object, const Members &members)
        : config_(config), object_(object), members_(members) {}

    // Nothing when it is no text or not there.
    [[nodiscard]] std::optional<std::string> text(std::string_view key) const {
        const JsonMember *member = find(key);
        if (member == nullptr)
            return std::nullopt;
        const Result<Json> value = parse_json(config_.at(member->value));
        return value && value->as_string() != nullptr ? std::optional(*value->as_string())
                                                      : std::nullopt;
    }

    void set(std::string_view key, std::string_view value) {
        if (text(key) == value)
            return;
        const std::string written = Json(value).to_text();
        if (const JsonMember *member = find(key))
            edits_.push_back({member->value, written});
        else
            added_ += fmt::format("{}\"{}\": {},", space_before_members(), key, written);
    }

    // All that was set.
    std::vector<JsonEdit> take_edits() {
        const std::size_t first = object_.begin + 1;
        if (!added_.empty())
            edits_.push_back({{first, first}, std::move(added_)});
        return std::move(edits_);
    }

  private:
    [[nodiscard]] const JsonMember *find(std::string_view key) const {
        const auto found = std::ranges::find(members_, key, &JsonMember::key);
        return found == members_.end() ? nullptr : &*found;
    }

    // A new member stands as the first one does.
    [[nodiscard]] std::string_view space_before_members() const {
        const std::string_view inside = config_.at(object_).substr(1);
        return inside.substr(0, inside.find('"'));
    }

    const JsonText &config_;
    JsonPlace object_;
    const Members &members_;
    std::vector<JsonEdit> edits_;
    std::string added_;
};

// What needs QEMU needs it whatever served the disk before: no back end of the kernel reads such an
// image. A raw image leaves the choice as it was, since libxl takes the kernel's for a block device
// and QEMU for a file (disk_try_backend in tools/libs/light/libxl_device.c in xen.git).
Status edit_disk(DiskEditor &disk, const DiskChange &change) {
    const std::string backend = disk.text("backend").value_or(kUnknown);
    if (backend == "standalone")
        return fail(
            ErrorCode::Invalid,
            fmt::format("disk {} is virtio, served outside QEMU; leave it out", change.vdev));
    disk.set("pdev_path", change.path);
    disk.set("format", to_string(change.format));
    if (change.format != DiskFormat::Raw)
        disk.set("backend", kThroughQemu);
    return {};
}

Result<std::vector<JsonPlace>> disk_places(const JsonText &config) {
    XLSNAP_ASSIGN(const Members members, config.members(config.root()));
    const auto disks = std::ranges::find(members, "disks", &JsonMember::key);
    if (disks == members.end())
        return std::vector<JsonPlace>();
    return config.elements(disks->value);
}

// The edits of all disks, or every reason against them.
class ConfigEditor {
  public:
    ConfigEditor(const JsonText &config, const std::vector<DiskChange> &changes)
        : config_(config), changes_(changes) {}

    Result<std::string> edit() {
        XLSNAP_ASSIGN(const std::vector<JsonPlace> places, disk_places(config_));
        for (const JsonPlace place : places)
            XLSNAP_TRY(visit(place));
        for (const DiskChange &change : changes_)
            if (!met_.contains(change.vdev))
                refuse(ErrorCode::NotFound, fmt::format("there is no disk {}", change.vdev));
        if (!reasons_.empty())
            return fail(code_, fmt::format("{}", fmt::join(reasons_, "; ")));
        return config_.with(std::move(edits_));
    }

  private:
    Status visit(JsonPlace place) {
        XLSNAP_ASSIGN(const Members members, config_.members(place));
        DiskEditor disk(config_, place, members);
        const std::string vdev = disk.text("vdev").value_or("");
        const auto change = std::ranges::find(changes_, vdev, &DiskChange::vdev);
        if (change == changes_.end())
            return {};
        if (!met_.insert(vdev).second)
            refuse(ErrorCode::Invalid, fmt::format("there are two disks {}; detach one", vdev));
        else if (const Status edited = edit_disk(disk, *change); !edited)
            refuse(edited.error().code, edited.error().message);
        for (JsonEdit &edit : disk.take_edits())
            edits_.push_back(std::move(edit));
        return {};
    }

    void refuse(ErrorCode code, std::string reason) {
        if (reasons_.empty())
            code_ = code;
        reasons_.push_back(std::move(reason));
    }

    const JsonText &config_;
    const std::vector<DiskChange> &changes_;
    std::set<std::string> met_;
    std::vector<JsonEdit> edits_;
    ErrorCode code_ = ErrorCode::Invalid;
    std::vector<std::string> reasons_;
};

bool is_image_format(DiskFormat format) {
    return format != DiskFormat::Unknown && format != DiskFormat::Empty;
}

} // namespace

Status check_changes(const std::vector<DiskChange> &changes) {
    std::vector<std::string> reasons;
    std::set<std::string> vdevs;
    for (const DiskChange &change : changes) {
        if (!vdevs.insert(change.vdev).second)
            reasons.push_back(fmt::format("disk {} is named twice", change.vdev));
        // JSON holds no other text, and xenstore ends one at a NUL.
        if (!change.path.starts_with('/') || !is_utf8(change.path) ||
            change.path.find('\0') != std::string::npos)
            reasons.push_back(fmt::format("the new image of disk {} has no absolute path in UTF-8; "
                                          "give it one",
                                          change.vdev));
        if (!is_image_format(change.format))
            reasons.push_back(fmt::format("the new image of disk {} has the format {}; name one "
                                          "that an image can have",
                                          change.vdev, to_string(change.format)));
    }
    if (!reasons.empty())
        return fail(ErrorCode::Invalid, fmt::format("{}", fmt::join(reasons, "; ")));
    return {};
}

Result<std::string> with_disks(const std::string &config_json,
                               const std::vector<DiskChange> &changes) {
    XLSNAP_TRY(check_changes(changes));
    constexpr const char *whose = "the domain's configuration";
    XLSNAP_ASSIGN(const JsonText config,
                  JsonText::read(config_json, kMostConfigBytes).with_context(whose));
    return ConfigEditor(config, changes).edit().with_context(whose);
}

} // namespace xlsnap

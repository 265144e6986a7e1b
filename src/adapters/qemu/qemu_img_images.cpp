// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qemu_img_images.hpp"

#include <utility>

#include <fmt/format.h>

#include "adapters/qemu/image_info.hpp"
#include "adapters/qemu/image_mark.hpp"
#include "adapters/qemu/image_options.hpp"
#include "adapters/qemu/qcow2_usage.hpp"
#include "adapters/qemu/unused_image.hpp"

namespace xlsnap {

Result<Json> QemuImgImages::info(const std::string &path, DiskFormat format) {
    // -U (--force-share): a running guest's emulated disk holds QEMU's lock on the image.
    XLSNAP_ASSIGN(const std::string output,
                  run(path, format, {"info", "--output=json", "-U"}, deadlines_.query));
    return parse_json(output).with_context("qemu-img info of " + path);
}

Result<std::vector<Tag>> QemuImgImages::list_tags(const std::string &path, DiskFormat format) {
    XLSNAP_ASSIGN(const Json described, info(path, format));
    return read_tags(described).with_context(path);
}

Result<ImageFacts> QemuImgImages::examine(const std::string &path, DiskFormat format) {
    ImageFacts facts;
    XLSNAP_ASSIGN(facts.mark, mark_of(path));
    XLSNAP_ASSIGN(const Json described, info(path, format));
    XLSNAP_ASSIGN(facts.virtual_bytes, read_virtual_size(described).with_context(path));
    return facts;
}

std::vector<Result<StorageUsage>> QemuImgImages::usage(const std::string &path, DiskFormat format,
                                                       const std::vector<std::string> &tags) {
    const auto options = image_options(path, format); // refuses what is no image at all
    if (!options)
        return std::vector<Result<StorageUsage>>(tags.size(), fail(options.error()));
    if (format == DiskFormat::Qcow2)
        return qcow2_usage(path, tags);
    std::vector<Result<StorageUsage>> usages;
    usages.reserve(tags.size());
    for (const std::string &tag : tags) // no other format has any
        usages.emplace_back(fail(find_only_tag({}, tag).with_context(path).error()));
    return usages;
}

Status QemuImgImages::create_tag(const std::string &path, DiskFormat format,
                                 const std::string &tag) {
    XLSNAP_TRY(expect_unused(users_, path));
    XLSNAP_ASSIGN(const std::vector<Tag> before, list_tags(path, format));
    if (find_tag(before, tag) != nullptr)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} has a snapshot {} already: delete it or choose another name",
                                path, tag));
    XLSNAP_TRY(change(path, format, "-c", tag));
    XLSNAP_ASSIGN(const std::vector<Tag> after, list_tags(path, format));
    if (find_tag(after, tag) == nullptr)
        return fail(
            ErrorCode::Fail,
            fmt::format("qemu-img made the snapshot {} of {}, but does not list it", tag, path));
    return {};
}

Status QemuImgImages::revert_to_tag(const std::string &path, DiskFormat format,
                                    const std::string &tag) {
    XLSNAP_TRY(expect_unused(users_, path));
    XLSNAP_ASSIGN(const std::vector<Tag> tags, list_tags(path, format));
    XLSNAP_ASSIGN(const Tag found, find_only_tag(tags, tag).with_context(path));
    // By id: `-a` looks for ids before names (find_snapshot_by_id_or_name in block/qcow2-snapshot.c
    // of qemu.git), so another snapshot's id could be taken for this name.
    return change(path, format, "-a", found.id);
}

Status QemuImgImages::delete_tag(const std::string &path, DiskFormat format,
                                 const std::string &tag) {
    XLSNAP_TRY(expect_unused(users_, path));
    XLSNAP_ASSIGN(const std::vector<Tag> before, list_tags(path, format));
    XLSNAP_TRY(find_only_tag(before, tag).with_context(path));
    // By name: unlike `-a`, `-d` looks for names only (bdrv_snapshot_find in block/snapshot.c).
    XLSNAP_TRY(change(path, format, "-d", tag));
    XLSNAP_ASSIGN(const std::vector<Tag> after, list_tags(path, format));
    if (find_tag(after, tag) != nullptr)
        return fail(
            ErrorCode::Fail,
            fmt::format("qemu-img deleted the snapshot {} of {}, but still lists it", tag, path));
    return {};
}

Status QemuImgImages::change(const std::string &path, DiskFormat format, const std::string &action,
                             const std::string &operand) {
    XLSNAP_TRY(run(path, format, {"snapshot", action, operand}, deadlines_.change));
    return {};
}

Result<std::string> QemuImgImages::run(const std::string &path, DiskFormat format,
                                       std::vector<std::string> arguments,
                                       std::chrono::milliseconds deadline) {
    XLSNAP_ASSIGN(std::string options, image_options(path, format));
    arguments.insert(arguments.end(), {"--image-opts", "--", std::move(options)});
    return run_qemu_img(processes_, arguments, path, deadline);
}

} // namespace xlsnap

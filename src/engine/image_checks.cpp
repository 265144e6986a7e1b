// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/image_checks.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "core/image_space.hpp"
#include "core/tag_check.hpp"
#include "engine/closed_images.hpp"

namespace xlsnap {

namespace {

// The tables of an empty overlay; those of one that has them all from the start are a thousandth of
// its size at most (ImageChains::Tables).
constexpr std::uint64_t kEmptyOverlayBytes = std::uint64_t{1} << 20U;
constexpr std::uint64_t kTablesPerByte = 1000;

// QEMU opens each image of a chain at every start; nobody has use for longer ones, and a chain that
// could not be read any more could not be mended either.
constexpr std::size_t kLongestChain = 90;

constexpr unsigned kMostImagesOfAName = 10'000;

// What nobody can look at does not exist, or will be refused when it is made.
bool is_free(DiskImages &images, const std::string &path) {
    const auto facts = images.examine(path, DiskFormat::Qcow2);
    return !facts && facts.error().code == ErrorCode::NotFound;
}

Status check_new_path(const Ports &ports, const std::string &path, std::uint64_t bytes,
                      SpaceNeeds &needs) {
    if (!is_free(ports.disk_images, path))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} exists already; remove it, or give another path", path));
    XLSNAP_ASSIGN(const FreeSpace free, ports.image_chains.free_space(path));
    needs.take(path, bytes, free);
    return {};
}

Status check_length(const ImageChain &chain) {
    if (chain.size() < kLongestChain)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("{} images stand on each other already; delete snapshots that are not "
                            "needed first",
                            chain.size()));
}

Status check_overlay(const Ports &ports, const DiskTarget &target, const std::string &path,
                     SpaceNeeds &needs) {
    XLSNAP_ASSIGN(const ImageChain chain, ports.image_chains.chain(target.path, target.format));
    XLSNAP_TRY(check_length(chain));
    return check_new_path(ports, path,
                          kEmptyOverlayBytes + chain.front().virtual_bytes / kTablesPerByte, needs);
}

Status check_copy(const Ports &ports, const DiskTarget &target, SpaceNeeds &needs) {
    XLSNAP_ASSIGN(const ImageChain chain, ports.image_chains.chain(target.path, target.format));
    XLSNAP_TRY(check_only_tags({target}, list_image_tags(ports.disk_images, {target})).status());
    return check_new_path(ports, target.new_image, bytes_for_copy(chain), needs);
}

Status name_image(const Ports &ports, DiskTarget &target) {
    if (!target.new_image.empty())
        return {};
    XLSNAP_ASSIGN(target.new_image,
                  free_image_path(ports.disk_images, target.path, target.tag, target.vdev, {}));
    return {};
}

} // namespace

Refusals check_new_overlays(const Ports &ports, const std::vector<DiskTarget> &targets) {
    Refusals refusals;
    SpaceNeeds needs;
    for (const DiskTarget &target : external_ones(targets))
        refusals.add(check_overlay(ports, target, target.overlay, needs), "disk " + target.vdev);
    refusals.add(needs.refusals());
    return refusals;
}

Refusals check_images_for_revert(const Ports &ports, const std::vector<DiskTarget> &targets) {
    Refusals refusals;
    SpaceNeeds needs;
    for (const DiskTarget &target : with_new_image(targets))
        refusals.add(target.way == RevertWay::CopyOut
                         ? check_copy(ports, target, needs)
                         : check_overlay(ports, target, target.new_image, needs),
                     "disk " + target.vdev);
    refusals.add(needs.refusals());
    return refusals;
}

Refusals name_images_for_revert(const Ports &ports, std::vector<DiskTarget> &targets) {
    Refusals refusals;
    for (DiskTarget &target : targets)
        if (needs_image(target))
            refusals.add(name_image(ports, target), "disk " + target.vdev);
    return refusals;
}

Result<std::string> free_image_path(DiskImages &images, const std::string &image,
                                    const std::string &snapshot, const std::string &vdev,
                                    const OverlayPlaces &places) {
    for (unsigned number = 1; number < kMostImagesOfAName; ++number) {
        XLSNAP_ASSIGN(std::string path, overlay_path({image, snapshot, vdev, number}, places));
        if (is_free(images, path))
            return path;
    }
    return fail(ErrorCode::Invalid,
                fmt::format("there is no free name for an image of snapshot '{}' beside {}; remove "
                            "images that nobody needs",
                            snapshot, image));
}

} // namespace xlsnap

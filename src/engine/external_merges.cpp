// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/external_merges.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/closed_selection.hpp"
#include "core/domain_layers.hpp"
#include "core/image_claims.hpp"
#include "core/image_directories.hpp"
#include "core/layer_outline.hpp"
#include "engine/image_guard.hpp"

namespace xlsnap {

namespace {

// The images of one merge: what stands in the chain's header, whatever the request says of formats.
std::vector<DiskTarget> both_images(const DiskTarget &target, const ImageChain &chain) {
    return {{target.vdev, chain[0].path, chain[0].format, {}},
            {target.vdev, chain[1].path, chain[1].format, {}}};
}

Status refuse_other(const BackedImage &image, const ChainLayer &base) {
    return fail(ErrorCode::Invalid,
                fmt::format("{} stands on {} too, so that both are needed; delete what that is "
                            "first",
                            image.path, base.path));
}

Result<LayerStep> merge_in(const ImageLayers &layers, const ImageChain &chain) {
    const std::string &overlay = chain[0].path;
    const std::string &base = chain[1].path;
    if (layers.is_active(base))
        return fail(ErrorCode::Invalid,
                    fmt::format("the domain writes to {0}, on which {1} stands: what {1} holds is "
                                "of no use to it, and may be removed",
                                base, overlay));
    for (const LayerStep &step : tidy(layers, TidyDepth::Merges).steps)
        if (images_of(step) == std::vector<std::string>{overlay, base})
            return step;
    return fail(ErrorCode::Invalid,
                fmt::format("{0} and {1} cannot be merged while {0}, or what stands on it, holds "
                            "tags; delete these first (qemu-img snapshot -l shows them)",
                            overlay, base));
}

} // namespace

// Of a running domain a path that nobody has given is that of its present image, which is another.
Result<ExternalScene> ExternalMerges::look(const std::optional<DomainId> &domid,
                                           const SnapshotRequest &request) {
    ExternalScene scene;
    if (!domid) {
        scene.selected = select_closed_disks(request, TagUse::Existing);
        return scene;
    }
    XLSNAP_ASSIGN(scene.running, ports_.toolstack.inspect(*domid));
    scene.selected = select_disks(*scene.running, request, TagUse::Existing);
    for (DiskTarget &target : scene.selected.targets) {
        const auto asked = std::ranges::find(request.disks, target.vdev, &DiskRequest::vdev);
        target.path = asked == request.disks.end() ? std::string() : asked->path;
    }
    return scene;
}

// Nothing: the overlay is gone, or does not stand on the image any more.
Result<std::optional<ImageChain>> ExternalMerges::chain_of(const DiskTarget &target) {
    if (target.overlay_format != DiskFormat::Qcow2)
        return fail(ErrorCode::Invalid,
                    "the format of an overlay is qcow2; say that, or nothing about it");
    const auto facts = ports_.disk_images.examine(target.overlay, DiskFormat::Qcow2);
    if (!facts && facts.error().code == ErrorCode::NotFound)
        return std::nullopt;
    XLSNAP_ASSIGN(ImageChain chain, ports_.image_chains.chain(target.overlay, DiskFormat::Qcow2));
    const bool is_there = chain.size() > 1 && (target.path.empty() || chain[1].path == target.path);
    return is_there ? std::optional(std::move(chain)) : std::nullopt;
}

Result<std::optional<ExternalMerge>> ExternalMerges::plan(const ExternalScene &scene,
                                                          const DiskTarget &target) {
    XLSNAP_ASSIGN(const std::optional<ImageChain> chain, chain_of(target));
    if (!chain)
        return std::nullopt;
    XLSNAP_TRY(check_unclaimed(*chain));
    XLSNAP_ASSIGN(ImageLayers layers, gather(scene, target, *chain));
    XLSNAP_ASSIGN(LayerStep step, merge_in(layers, *chain));
    ExternalMerge merge{*chain, std::move(layers), std::move(step)};
    XLSNAP_TRY(check_users(scene, target, merge));
    return merge;
}

Result<std::vector<std::string>> ExternalMerges::claims(const ChainLayer &image) {
    std::vector<std::string> found;
    XLSNAP_ASSIGN(const std::vector<DomainRecord> domains, catalog_.domains());
    for (const DomainRecord &domain : domains) {
        XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(domain.uuid));
        if (!known.domain_fault || !known.broken.empty())
            return fail(ErrorCode::Invalid,
                        fmt::format("the catalog has broken records of domain {}, and nobody knows "
                                    "which images those need; mend them first (xlsnap list, "
                                    "xlsnap rebuild)",
                                    domain.name.empty() ? domain.uuid : domain.name));
        for (std::string &claim : claims_on(image, known.snapshots, known.domain))
            found.push_back(std::move(claim));
    }
    return found;
}

Status ExternalMerges::check_unclaimed(const ImageChain &chain) {
    for (const ChainLayer *image : {&chain[1], &chain[0]}) {
        XLSNAP_ASSIGN(const std::vector<std::string> claimed, claims(*image));
        if (!claimed.empty())
            return fail(ErrorCode::Invalid,
                        fmt::format("{} is needed by {} in the catalog; delete with the catalog "
                                    "(xlsnap delete)",
                                    image->path, fmt::join(claimed, ", ")));
    }
    return {};
}

Result<ImageLayer> ExternalMerges::layer_of(const ChainLayer &found) {
    XLSNAP_ASSIGN(const std::vector<ImageUser> users, ports_.image_users.of(found.path));
    ImageLayer layer;
    layer.path = found.path;
    layer.format = found.format;
    layer.backing = found.backing;
    layer.virtual_bytes = found.virtual_bytes;
    layer.extended_l2 = found.extended_l2;
    layer.allocated_bytes = found.allocated_bytes;
    layer.fixed_size = found.mark.inode == 0;
    layer.in_use = !users.empty();
    for (const Tag &tag : found.tags)
        layer.tags.push_back(tag.name);
    return layer;
}

// What the disk stands on now. Of a domain that does not run nobody can tell.
Result<std::vector<ChainLayer>> ExternalMerges::chain_of_disk(const ExternalScene &scene,
                                                              const DiskTarget &target) {
    const Disk *disk = scene.running ? find_disk(*scene.running, target.vdev) : nullptr;
    if (disk == nullptr)
        return std::vector<ChainLayer>();
    return ports_.image_chains.chain(disk->path, disk->format);
}

Result<std::vector<BackedImage>>
ExternalMerges::images_beside(const std::vector<ChainLayer> &layers) {
    std::vector<std::string> paths;
    paths.reserve(layers.size());
    for (const ChainLayer &layer : layers)
        paths.push_back(layer.path);
    std::vector<BackedImage> found;
    for (const std::string &directory : directories_of(paths)) {
        XLSNAP_ASSIGN(const std::vector<BackedImage> images,
                      ports_.image_chains.backed_images(directory));
        found.insert(found.end(), images.begin(), images.end());
    }
    return found;
}

// What stands on the overlay goes on reading what it reads. It may be made to stand on another
// image when it is at rest, or the domain's, and no snapshot of the catalog's.
Status ExternalMerges::add_child(const ExternalScene &scene, const BackedImage &image,
                                 const ChainLayer &overlay, std::vector<ImageLayer> &layers,
                                 std::vector<LayerUse> &uses) {
    const auto chain = ports_.image_chains.chain(image.path, DiskFormat::Qcow2);
    bool is_ours = chain && chain->front().backing == overlay.path;
    if (is_ours) {
        XLSNAP_ASSIGN(const std::vector<std::string> claimed, claims(chain->front()));
        const DiskTarget target{{}, image.path, DiskFormat::Qcow2, {}};
        is_ours = claimed.empty() &&
                  check_exclusive(ports_.image_users, {target}, scene.running.value_or(Domain{}));
    }
    if (!is_ours) {
        uses.push_back({LayerUseKind::Foreign, overlay.path});
        return {};
    }
    XLSNAP_ASSIGN(ImageLayer layer, layer_of(chain->front()));
    uses.push_back({LayerUseKind::Kept, image.path});
    layers.push_back(std::move(layer));
    return {};
}

Result<ImageLayers> ExternalMerges::gather(const ExternalScene &scene, const DiskTarget &target,
                                           const ImageChain &chain) {
    const ChainLayer &overlay = chain[0];
    const ChainLayer &base = chain[1];
    XLSNAP_ASSIGN(std::vector<ChainLayer> known, chain_of_disk(scene, target));
    known.push_back(overlay);
    known.push_back(base);
    XLSNAP_ASSIGN(const std::vector<BackedImage> images, images_beside(known));
    std::vector<ImageLayer> layers;
    for (const ChainLayer *image : {&overlay, &base}) {
        XLSNAP_ASSIGN(ImageLayer layer, layer_of(*image));
        layers.push_back(std::move(layer));
    }
    std::vector<LayerUse> uses{{LayerUseKind::Kept, overlay.path}};
    if (scene.running)
        for (const NamedImage &active : active_images(*scene.running))
            uses.push_back({LayerUseKind::Active, active.path});
    for (const BackedImage &image : images) {
        if (is_file_of(image, overlay))
            continue;
        if (stands_on(image, base))
            XLSNAP_TRY(refuse_other(image, base));
        if (stands_on(image, overlay))
            XLSNAP_TRY(add_child(scene, image, overlay, layers, uses));
    }
    return ImageLayers(std::move(layers), std::move(uses));
}

// Whoever reads one of the two, another domain that has it as a template say, would read nonsense.
Status ExternalMerges::check_users(const ExternalScene &scene, const DiskTarget &target,
                                   const ExternalMerge &merge) {
    const std::vector<DiskTarget> images = both_images(target, merge.chain);
    if (!scene.running)
        return check_closed(ports_.image_users, images);
    XLSNAP_TRY(check_exclusive(ports_.image_users, images, *scene.running));
    const ImageLayer &upper = *merge.layers.find(merge.chain[0].path);
    const ImageLayer &lower = *merge.layers.find(merge.chain[1].path);
    if (!upper.in_use && !lower.in_use)
        return {};
    const auto kind = std::holds_alternative<layer_step::Commit>(merge.step)
                          ? ChainJob::Kind::Commit
                          : ChainJob::Kind::Stream;
    XLSNAP_ASSIGN(const std::optional<LiveMerge> live,
                  merges_.find(*scene.running, {upper.path, lower.path, lower.format}, kind));
    if (live)
        return {};
    return fail(ErrorCode::NotReady,
                fmt::format("QEMU does not show that {} stands on {}; try again when the domain is "
                            "shut down",
                            upper.path, lower.path));
}

} // namespace xlsnap

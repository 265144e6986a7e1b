// SPDX-License-Identifier: LGPL-2.1-only
#include "core/domain_layers.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/domain_images.hpp"

namespace xlsnap {

namespace {

bool has(const std::vector<std::string> &paths, const std::string &path) {
    return std::ranges::find(paths, path) != paths.end();
}

class NamedImages {
  public:
    void add(const std::string &path, DiskFormat format) {
        if (path.starts_with('/') && std::ranges::count(images_, path, &NamedImage::path) == 0)
            images_.push_back({path, format});
    }
    std::vector<NamedImage> take() && { return std::move(images_); }

  private:
    std::vector<NamedImage> images_;
};

// What means something to somebody: all but what a deleted snapshot has left.
std::vector<std::string> living_tags(const ChainLayer &layer, const DomainImage *listed) {
    std::vector<std::string> tags;
    for (const Tag &tag : layer.tags)
        if (listed == nullptr || !has(listed->dead_tags, tag.name))
            tags.push_back(tag.name);
    return tags;
}

std::vector<std::string> dead_tags(const ChainLayer &layer, const DomainImage *listed) {
    std::vector<std::string> tags;
    for (const Tag &tag : layer.tags)
        if (listed != nullptr && has(listed->dead_tags, tag.name))
            tags.push_back(tag.name);
    return tags;
}

ImageLayer layer_of(const ChainLayer &found, const DomainImage *listed, bool in_use) {
    ImageLayer layer;
    layer.path = found.path;
    layer.format = found.format;
    layer.backing = found.backing;
    layer.virtual_bytes = found.virtual_bytes;
    layer.allocated_bytes = found.allocated_bytes;
    layer.fixed_size = found.mark.inode == 0;
    layer.ours = listed != nullptr && is_to_be_removed(*listed);
    layer.pinned = listed != nullptr && listed->pinned;
    layer.extended_l2 = found.extended_l2;
    layer.in_use = in_use;
    layer.tags = living_tags(found, listed);
    layer.dead_tags = dead_tags(found, listed);
    return layer;
}

} // namespace

std::vector<NamedImage> images_of(const std::vector<SnapshotRecord> &records,
                                  const DomainRecord &domain,
                                  const std::vector<NamedImage> &active) {
    NamedImages images;
    for (const NamedImage &image : active)
        images.add(image.path, image.format);
    for (const SnapshotRecord &record : records)
        for (const DiskRecord &disk : record.disks)
            if (disk.kind != DiskSnapshotKind::None)
                images.add(disk.path, disk.format);
    for (const DomainImage &image : domain.images)
        images.add(image.path, image.format);
    return std::move(images).take();
}

ImageLayers domain_layers(const std::vector<SnapshotRecord> &records, const DomainRecord &domain,
                          const std::vector<NamedImage> &active, const FoundImages &found) {
    const std::vector<NamedImage> named = images_of(records, domain, active);
    std::vector<ImageLayer> layers;
    for (const ChainLayer &layer : found.layers)
        if (std::ranges::count(named, layer.path, &NamedImage::path) != 0)
            layers.push_back(
                layer_of(layer, find_image(domain, layer.path), has(found.in_use, layer.path)));
    std::vector<LayerUse> uses;
    uses.reserve(active.size());
    for (const NamedImage &image : active)
        uses.push_back({LayerUseKind::Active, image.path});
    for (const SnapshotRecord &record : records)
        for (const DiskRecord &disk : record.disks)
            if (disk.kind == DiskSnapshotKind::External)
                uses.push_back({LayerUseKind::Kept, disk.path});
    for (const std::string &path : found.stood_on)
        uses.push_back({LayerUseKind::Foreign, path});
    return {std::move(layers), std::move(uses)};
}

std::vector<NamedImage> active_images(const Domain &domain) {
    std::vector<NamedImage> active;
    for (const Disk &disk : domain.disks)
        if (is_changeable(disk))
            active.push_back({disk.path, disk.format});
    return active;
}

} // namespace xlsnap

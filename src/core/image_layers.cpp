// SPDX-License-Identifier: LGPL-2.1-only
#include "core/image_layers.hpp"

#include <algorithm>
#include <utility>

namespace xlsnap {

ImageLayers::ImageLayers(std::vector<ImageLayer> layers, std::vector<LayerUse> uses)
    : layers_(std::move(layers)), uses_(std::move(uses)) {}

const ImageLayer *ImageLayers::find(std::string_view path) const {
    const auto found = std::ranges::find(layers_, path, &ImageLayer::path);
    return found == layers_.end() ? nullptr : &*found;
}

ImageLayer *ImageLayers::find_mutable(std::string_view path) {
    const auto found = std::ranges::find(layers_, path, &ImageLayer::path);
    return found == layers_.end() ? nullptr : &*found;
}

std::vector<const ImageLayer *> ImageLayers::children(std::string_view path) const {
    std::vector<const ImageLayer *> found;
    for (const ImageLayer &layer : layers_)
        if (layer.backing == path)
            found.push_back(&layer);
    return found;
}

bool ImageLayers::has_use(LayerUseKind kind, std::string_view path) const {
    return std::ranges::any_of(
        uses_, [&](const LayerUse &use) { return use.kind == kind && use.path == path; });
}

bool ImageLayers::is_active(std::string_view path) const {
    return has_use(LayerUseKind::Active, path);
}

bool ImageLayers::has_foreign_child(std::string_view path) const {
    return has_use(LayerUseKind::Foreign, path);
}

bool ImageLayers::is_kept(std::string_view path) const {
    return has_use(LayerUseKind::Kept, path) || has_foreign_child(path);
}

bool ImageLayers::is_frozen(std::string_view path) const {
    return is_kept(path) || !children(path).empty();
}

void ImageLayers::remove(std::string_view path) {
    const std::string gone(path); // it may lie in what goes
    std::erase_if(layers_, [&](const ImageLayer &layer) { return layer.path == gone; });
}

void ImageLayers::leave(std::string_view path) {
    if (const ImageLayer *left = find(path); left != nullptr && !left->backing.empty())
        uses_.push_back({LayerUseKind::Foreign, left->backing});
    remove(path);
}

void ImageLayers::keep(std::string path) {
    uses_.push_back({LayerUseKind::Kept, std::move(path)});
}

void ImageLayers::remove_dead_tag(std::string_view path, std::string_view tag) {
    const std::string gone(tag);
    if (ImageLayer *layer = find_mutable(path))
        std::erase(layer->dead_tags, gone);
}

void ImageLayers::replace(std::string_view upper, std::string_view lower) {
    const std::string gone(upper);
    const std::string stays(lower);
    remove(gone);
    for (ImageLayer &layer : layers_)
        if (layer.backing == gone)
            layer.backing = stays;
    for (LayerUse &use : uses_)
        if (use.path == gone)
            use.path = stays;
}

void ImageLayers::take_over(std::string_view upper, std::string_view lower) {
    const ImageLayer *below = find(lower);
    ImageLayer *above = find_mutable(upper);
    if (below != nullptr && above != nullptr)
        above->backing = std::string(below->backing);
}

RevertWay way_to_revert(const ImageLayers &layers, std::string_view path, std::string_view tag) {
    if (tag.empty())
        return RevertWay::NewOverlay;
    return layers.is_frozen(path) ? RevertWay::CopyOut : RevertWay::InPlace;
}

} // namespace xlsnap

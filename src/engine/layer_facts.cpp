// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/layer_facts.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/image_directories.hpp"

namespace xlsnap {

namespace {

bool is_missing(const Ports &ports, const NamedImage &image) {
    const auto facts = ports.disk_images.examine(image.path, image.format);
    return !facts && facts.error().code == ErrorCode::NotFound;
}

bool is_among(const std::vector<ChainLayer> &layers, const std::string &path) {
    return std::ranges::count(layers, path, &ChainLayer::path) != 0;
}

bool has_external_snapshots(const std::vector<SnapshotRecord> &records,
                            const DomainRecord &domain) {
    return !domain.images.empty() || std::ranges::any_of(records, has_external);
}

Status add_chain(const Ports &ports, const NamedImage &image, std::vector<ChainLayer> &layers) {
    // Nothing stands on an image of another format, and it on nothing.
    if (is_among(layers, image.path) || !carries_overlay(image.format))
        return {};
    Result<ImageChain> chain = ports.image_chains.chain(image.path, image.format);
    if (!chain && chain.error().code == ErrorCode::NotFound && is_missing(ports, image))
        return {};
    if (!chain && chain.error().code == ErrorCode::NotImplemented) {
        layers.push_back({.path = image.path, .format = image.format});
        return {};
    }
    if (!chain)
        return fail(std::move(chain.error()));
    for (ChainLayer &layer : *chain)
        if (!is_among(layers, layer.path))
            layers.push_back(std::move(layer));
    return {};
}

bool is_one_of(const std::vector<ChainLayer> &layers, const BackedImage &image) {
    return std::ranges::any_of(layers,
                               [&](const ChainLayer &layer) { return is_file_of(image, layer); });
}

std::vector<std::string> paths_of(const std::vector<ChainLayer> &layers) {
    std::vector<std::string> paths;
    paths.reserve(layers.size());
    for (const ChainLayer &layer : layers)
        paths.push_back(layer.path);
    return paths;
}

// Which of the layers stand below images that are somebody else's.
Status find_stood_on(const Ports &ports, FoundImages &found) {
    for (const std::string &directory : directories_of(paths_of(found.layers))) {
        XLSNAP_ASSIGN(const std::vector<BackedImage> images,
                      ports.image_chains.backed_images(directory));
        for (const BackedImage &image : images) {
            if (is_one_of(found.layers, image))
                continue;
            for (const ChainLayer &layer : found.layers)
                if (stands_on(image, layer))
                    found.stood_on.push_back(layer.path);
        }
    }
    return {};
}

// What a broken record means nobody can read, and a rebuild may bring it back.
ImageLayers layers_of(const Ports &ports, const DomainCatalog &known,
                      const std::vector<NamedImage> &active, const FoundImages &found) {
    ImageLayers layers = domain_layers(known.snapshots, known.domain, active, found);
    if (!known.broken.empty() || find_missing_image(ports, known, active))
        for (const DomainImage &image : known.domain.images)
            if (!layers.is_active(image.path))
                layers.keep(image.path);
    return layers;
}

} // namespace

Result<ImageLayers> gather_layers(const Ports &ports, const DomainCatalog &known,
                                  const std::vector<NamedImage> &active) {
    FoundImages found;
    if (!has_external_snapshots(known.snapshots, known.domain))
        return domain_layers(known.snapshots, known.domain, active, found);
    for (const NamedImage &image : images_of(known.snapshots, known.domain, active))
        XLSNAP_TRY(add_chain(ports, image, found.layers));
    for (const ChainLayer &layer : found.layers) {
        XLSNAP_ASSIGN(const std::vector<ImageUser> users, ports.image_users.of(layer.path));
        if (!users.empty())
            found.in_use.push_back(layer.path);
    }
    XLSNAP_TRY(find_stood_on(ports, found));
    return layers_of(ports, known, active, found);
}

std::optional<std::string> find_missing_image(const Ports &ports, const DomainCatalog &known,
                                              const std::vector<NamedImage> &active) {
    for (const NamedImage &image : images_of(known.snapshots, {}, active))
        if (is_missing(ports, image))
            return image.path;
    return std::nullopt;
}

} // namespace xlsnap

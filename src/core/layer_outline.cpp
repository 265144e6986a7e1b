// SPDX-License-Identifier: LGPL-2.1-only
#include "core/layer_outline.hpp"

#include <fmt/format.h>

namespace xlsnap {

namespace {

struct InWords {
    std::string operator()(const layer_step::RemoveTag &step) const {
        return fmt::format("delete the tag {} of a deleted snapshot in {}", step.tag, step.path);
    }
    std::string operator()(const layer_step::RemoveImage &step) const {
        return step.ours ? fmt::format("remove {}, which nobody needs any more", step.path)
                         : fmt::format("leave {}, which no snapshot needs any more, where it is",
                                       step.path);
    }
    std::string operator()(const layer_step::Commit &step) const {
        return fmt::format("merge {} down into {}, {} bytes, which takes its place", step.upper,
                           step.lower, step.bytes);
    }
    std::string operator()(const layer_step::Stream &step) const {
        return fmt::format("merge {} up into {}, {} bytes", step.lower, step.upper, step.bytes);
    }
};

struct Images {
    std::vector<std::string> operator()(const layer_step::RemoveTag &step) const {
        return {step.path};
    }
    std::vector<std::string> operator()(const layer_step::RemoveImage &step) const {
        return {step.path};
    }
    std::vector<std::string> operator()(const layer_step::Commit &step) const {
        return {step.upper, step.lower};
    }
    std::vector<std::string> operator()(const layer_step::Stream &step) const {
        return {step.upper, step.lower};
    }
};

} // namespace

std::string describe(const LayerStep &step) {
    return std::visit(InWords{}, step);
}

std::vector<std::string> images_of(const LayerStep &step) {
    return std::visit(Images{}, step);
}

// What stood on an image whose data go down names another one in its header then. Tags that nobody
// needs go first, out of the upper image.
std::vector<std::string> images_changed(const LayerStep &step, const ImageLayers &layers) {
    if (std::holds_alternative<layer_step::RemoveImage>(step))
        return {};
    if (const auto *stream = std::get_if<layer_step::Stream>(&step))
        return {stream->upper};
    std::vector<std::string> images = images_of(step);
    if (const auto *commit = std::get_if<layer_step::Commit>(&step))
        for (const ImageLayer *child : layers.children(commit->upper))
            images.push_back(child->path);
    return images;
}

std::vector<std::string> describe_rest(const Tidying &tidying) {
    std::vector<std::string> sentences;
    for (const std::string &path : tidying.nameless)
        sentences.push_back(
            fmt::format("{} is no snapshot's any more, but several images, or one that holds tags, "
                        "stand on it: it stays until one of these is deleted",
                        path));
    for (const auto &[path, tag] : tidying.dead_tags)
        sentences.push_back(fmt::format("the tag {} in {} is no snapshot's any more, but the "
                                        "domain runs on what stands on that image: it stays until "
                                        "a deletion finds the image at rest",
                                        tag, path));
    return sentences;
}

} // namespace xlsnap

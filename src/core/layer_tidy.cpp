// SPDX-License-Identifier: LGPL-2.1-only
#include "core/layer_tidy.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace xlsnap {

namespace {

bool is_needed(const ImageLayers &layers, const ImageLayer &layer) {
    return layers.is_active(layer.path) || layers.is_kept(layer.path) ||
           (layer.pinned && !layers.children(layer.path).empty());
}

// QEMU and qemu-img remove the tags of what they write to; a QEMU that has the image open below
// another one would not notice, and corrupt it.
bool can_lose_tags(const ImageLayers &layers, const ImageLayer &layer) {
    return !layer.in_use || layers.is_active(layer.path);
}

class TidyPlan {
  public:
    explicit TidyPlan(ImageLayers layers) : layers_(std::move(layers)) {}

    bool remove_a_leaf() {
        for (const ImageLayer &layer : layers_.all()) {
            if (is_needed(layers_, layer) || !layer.tags.empty() ||
                !layers_.children(layer.path).empty())
                continue;
            // What stays keeps nothing that is ours.
            if (!layer.ours && can_lose_tags(layers_, layer))
                for (const std::string &tag : layer.dead_tags)
                    steps_.emplace_back(layer_step::RemoveTag{layer.path, tag});
            steps_.emplace_back(layer_step::RemoveImage{layer.path, layer.ours});
            if (layer.ours)
                layers_.remove(layer.path);
            else
                layers_.leave(layer.path);
            return true;
        }
        return false;
    }

    bool merge_in_the_middle() {
        for (const ImageLayer &lower : layers_.all()) {
            if (is_needed(layers_, lower))
                continue;
            if (const std::optional<LayerStep> merge = merge_of(lower)) {
                carry_out(*merge);
                return true;
            }
        }
        return false;
    }

    Tidying finish() && {
        std::vector<layer_step::RemoveTag> tags;
        for (const ImageLayer &layer : layers_.all())
            for (const std::string &tag : layer.dead_tags)
                tags.push_back({layer.path, tag});
        Tidying tidying;
        for (const layer_step::RemoveTag &tag : tags) {
            if (can_lose_tags(layers_, *layers_.find(tag.path)))
                steps_.emplace_back(tag);
            else
                tidying.dead_tags.emplace_back(tag.path, tag.tag);
        }
        for (const ImageLayer &layer : layers_.all())
            if (!is_needed(layers_, layer) && layer.tags.empty())
                tidying.nameless.push_back(layer.path);
        tidying.steps = std::move(steps_);
        return tidying;
    }

  private:
    [[nodiscard]] std::optional<LayerStep> merge_of(const ImageLayer &lower) const {
        const std::vector<const ImageLayer *> above = layers_.children(lower.path);
        if (above.size() != 1 || !above.front()->tags.empty())
            return std::nullopt;
        const ImageLayer &upper = *above.front();
        const bool up = lower.tags.empty() && (!upper.in_use || a_job_streams(upper, lower));
        const bool down = can_come_down(upper, lower);
        if (up && (!down || lower.allocated_bytes <= upper.allocated_bytes))
            return layer_step::Stream{upper.path, lower.path, lower.allocated_bytes};
        if (down)
            return layer_step::Commit{upper.path, lower.path, upper.allocated_bytes};
        return std::nullopt;
    }

    // QEMU's job, not qemu-img. It dies of parts of clusters (ImageLayer::extended_l2), and leaves
    // out what lies behind the end of the lower image ("end of backing file has been reached",
    // stream_run() in block/stream.c): what that end hides of a longer image would be read then.
    [[nodiscard]] bool a_job_streams(const ImageLayer &upper, const ImageLayer &lower) const {
        if (upper.extended_l2)
            return false;
        if (lower.backing.empty() || lower.virtual_bytes >= upper.virtual_bytes)
            return true;
        const ImageLayer *below = layers_.find(lower.backing);
        return below != nullptr && below->virtual_bytes <= lower.virtual_bytes;
    }

    // What a foreign image stands on keeps its name, as does what is pinned; and what stands on it
    // must not hold tags, since it will stand on another file. A disk keeps its size.
    [[nodiscard]] bool can_come_down(const ImageLayer &upper, const ImageLayer &lower) const {
        const bool fits = lower.fixed_size ? upper.virtual_bytes == lower.virtual_bytes
                                           : upper.virtual_bytes >= lower.virtual_bytes;
        return fits && !upper.pinned && !layers_.has_foreign_child(upper.path) &&
               std::ranges::all_of(layers_.children(upper.path),
                                   [](const ImageLayer *child) { return child->tags.empty(); });
    }

    void carry_out(const LayerStep &merge) {
        steps_.push_back(merge);
        if (const auto *commit = std::get_if<layer_step::Commit>(&merge)) {
            layers_.replace(commit->upper, commit->lower);
        } else if (const auto *stream = std::get_if<layer_step::Stream>(&merge)) {
            layers_.take_over(stream->upper, stream->lower);
            layers_.remove(stream->lower);
        }
    }

    ImageLayers layers_;
    std::vector<LayerStep> steps_;
};

} // namespace

Tidying tidy(ImageLayers layers, TidyDepth depth) {
    TidyPlan plan(std::move(layers));
    while (plan.remove_a_leaf() || (depth == TidyDepth::Merges && plan.merge_in_the_middle())) {
    }
    return std::move(plan).finish();
}

} // namespace xlsnap

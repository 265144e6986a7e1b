// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/layer_work.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "core/domain_images.hpp"
#include "core/domain_layers.hpp"
#include "core/image_space.hpp"
#include "core/refusals.hpp"
#include "engine/live_tags.hpp"

namespace xlsnap {

namespace {

// Of the step, whichever way the data go; nothing is moved by the others.
std::optional<ImagePair> images_moved(const LayerStep &step) {
    if (const auto *commit = std::get_if<layer_step::Commit>(&step))
        return ImagePair{commit->upper, commit->lower};
    if (const auto *stream = std::get_if<layer_step::Stream>(&step))
        return ImagePair{stream->upper, stream->lower};
    return std::nullopt;
}

std::uint64_t bytes_needed(const LayerStep &step, const ChainLayer &upper,
                           const ChainLayer &lower) {
    const bool down = std::holds_alternative<layer_step::Commit>(step);
    return bytes_for_merge(std::span(down ? &upper : &lower, 1), down ? lower : upper,
                           upper.virtual_bytes);
}

tl::unexpected<Error> unknown_image(const std::string &path) {
    return fail(ErrorCode::Invalid,
                fmt::format("{} is not among the domain's images any more; try again", path));
}

Result<const ImageLayer *> find_layer(const LayerScene &scene, const std::string &path) {
    const ImageLayer *layer = scene.layers.find(path);
    if (layer == nullptr)
        return unknown_image(path);
    return layer;
}

} // namespace

Result<ChainLayer> LayerWork::look(const std::string &path, DiskFormat format) {
    XLSNAP_ASSIGN(ImageChain chain, ports_.image_chains.chain(path, format));
    return std::move(chain.front());
}

Status LayerWork::check_space(const std::vector<LayerStep> &steps, const ImageLayers &layers) {
    SpaceNeeds needs;
    for (const LayerStep &step : steps) {
        const std::optional<ImagePair> images = images_moved(step);
        if (!images)
            continue;
        const ImageLayer *above = layers.find(images->upper);
        const ImageLayer *below = layers.find(images->lower);
        if (above == nullptr || below == nullptr)
            return unknown_image(above == nullptr ? images->upper : images->lower);
        XLSNAP_ASSIGN(const ChainLayer upper, look(above->path, above->format));
        XLSNAP_ASSIGN(const ChainLayer lower, look(below->path, below->format));
        const bool down = std::holds_alternative<layer_step::Commit>(step);
        const std::string &target = down ? lower.path : upper.path;
        XLSNAP_ASSIGN(const FreeSpace free, ports_.image_chains.free_space(target));
        needs.take(target, bytes_needed(step, upper, lower), free);
        const ImageLayer &gone = down ? *above : *below;
        if (!gone.ours)
            continue;
        XLSNAP_ASSIGN(const FreeSpace freed, ports_.image_chains.free_space(gone.path));
        needs.give_back((down ? upper : lower).allocated_bytes, freed);
    }
    return needs.refusals().status();
}

Result<std::vector<ImageChange>> LayerWork::carry_out(const LayerStep &step,
                                                      const LayerScene &scene) {
    if (const auto *tag = std::get_if<layer_step::RemoveTag>(&step))
        return remove_tag(*tag, scene);
    if (const auto *down = std::get_if<layer_step::Commit>(&step))
        return commit(*down, scene);
    if (const auto *up = std::get_if<layer_step::Stream>(&step))
        return stream(*up, scene);
    return std::vector<ImageChange>();
}

Status LayerWork::remove_image(const std::string &path, DomainRecord &record) {
    const DomainImage *image = find_image(record, path);
    if (image == nullptr)
        return {};
    const bool made = is_to_be_removed(*image);
    const bool pinned = image->pinned;
    const ImageMark mark = image->mark;
    if (!made)
        remove_left_tags(DomainImage(*image));
    if (made)
        XLSNAP_TRY(expect_closed(path));
    XLSNAP_TRY(protection_.release(record, path));
    if (!made) {
        ports_.log.warn(fmt::format("{} is needed by no snapshot any more; {} and it stays where "
                                    "it is. An xl.cfg that still names it would start the domain "
                                    "with what it held then (xlsnap config --rewrite FILE)",
                                    path,
                                    pinned ? "its snapshot's record alone was deleted, so it is "
                                             "yours,"
                                           : "xlsnap did not make it,"));
        return {};
    }
    return remove_own_image(path, mark);
}

// A later tidying would know no more of another file than this one.
Status LayerWork::remove_own_image(const std::string &path, const ImageMark &mark) {
    const Result<bool> removed = ports_.image_chains.remove_image(path, mark);
    if (removed)
        return {};
    if (removed.error().code != ErrorCode::Invalid)
        return fail(removed.error());
    ports_.log.warn(fmt::format("{} is needed by no snapshot any more and stays where it is, since "
                                "nobody can tell that it is the file that xlsnap made; remove it "
                                "if it is nobody else's ({})",
                                path, removed.error().message));
    return {};
}

// Of an image that xlsnap leaves to its owner. One that stays costs space alone.
void LayerWork::remove_left_tags(const DomainImage &image) {
    for (const std::string &tag : image.dead_tags) {
        Status removed = expect_closed(image.path);
        if (removed && image.kept)
            removed = ports_.kept_images.release(image.path);
        if (removed)
            removed = ports_.disk_images.delete_tag(image.path, image.format, tag);
        if (!removed && removed.error().code != ErrorCode::NotFound)
            ports_.log.warn(fmt::format("{} keeps the tag {} of a deleted snapshot: {}; remove it "
                                        "with qemu-img snapshot -d when nobody has the image open",
                                        image.path, tag, removed.error().message));
    }
}

// One that is not there is as good as open by nobody.
Status LayerWork::expect_closed(const std::string &path) {
    const Result<std::vector<ImageUser>> users = ports_.image_users.of(path);
    if (!users && users.error().code == ErrorCode::NotFound)
        return {};
    if (!users)
        return fail(users.error());
    if (users->empty())
        return {};
    return fail(ErrorCode::NotReady, fmt::format("{} is open in {} (pid {})", path,
                                                 users->front().command, users->front().pid));
}

Status LayerWork::delete_open_tag(const ImageLayer &layer, const std::string &tag,
                                  const Domain &domain) {
    const auto disk = std::ranges::find(domain.disks, layer.path, &Disk::path);
    if (disk == domain.disks.end())
        return unknown_image(layer.path);
    std::vector<DiskTarget> gone;
    return LiveTags(ports_.toolstack, ports_.live_disks)
        .remove(domain, {DiskTarget{disk->vdev, layer.path, layer.format, tag}}, gone);
}

Status LayerWork::delete_closed_tag(const ImageLayer &layer, const std::string &tag,
                                    DomainRecord &record) {
    XLSNAP_TRY(expect_closed(layer.path));
    XLSNAP_TRY(protection_.release(record, layer.path));
    XLSNAP_ASSIGN(const std::vector<Tag> tags,
                  ports_.disk_images.list_tags(layer.path, layer.format));
    if (find_tag(tags, tag) == nullptr)
        return {};
    return ports_.disk_images.delete_tag(layer.path, layer.format, tag);
}

Status LayerWork::delete_tag(const ImageLayer &layer, const std::string &tag,
                             const LayerScene &scene) {
    const bool open = layer.in_use && scene.running && scene.layers.is_active(layer.path);
    XLSNAP_TRY(open ? delete_open_tag(layer, tag, *scene.running)
                    : delete_closed_tag(layer, tag, scene.record));
    forget_dead_tag(layer.path, tag, scene.record);
    return {};
}

Result<std::vector<ImageChange>> LayerWork::remove_tag(const layer_step::RemoveTag &step,
                                                       const LayerScene &scene) {
    XLSNAP_ASSIGN(const ImageLayer *layer, find_layer(scene, step.path));
    XLSNAP_ASSIGN(const ChainLayer before, look(layer->path, layer->format));
    XLSNAP_TRY(delete_tag(*layer, step.tag, scene));
    XLSNAP_ASSIGN(const ChainLayer after, look(layer->path, layer->format));
    return std::vector<ImageChange>{
        {layer->path, layer->path, layer->format, before.mark, after.mark}};
}

// Neither QEMU nor qemu-img moves an image that holds one.
Status LayerWork::delete_dead_tags(const ImageLayer &layer, const LayerScene &scene) {
    if (!layer.dead_tags.empty() && layer.in_use && !scene.layers.is_active(layer.path))
        return fail(ErrorCode::NotReady,
                    fmt::format("{} holds tags of deleted snapshots, which cannot be removed while "
                                "the domain runs on what stands on it",
                                layer.path));
    for (const std::string &tag : layer.dead_tags)
        XLSNAP_TRY(delete_tag(layer, tag, scene));
    return {};
}

Result<std::optional<LiveMerge>> LayerWork::find_live(const ImagePair &images, ChainJob::Kind kind,
                                                      const LayerScene &scene) {
    if (!scene.running)
        return std::nullopt;
    return merges_.find(*scene.running, images, kind);
}

// Those that stand on an image whose data go down: their headers will name another one.
Result<std::vector<ImageChange>> LayerWork::prepare_children(const std::string &upper, bool live,
                                                             const LayerScene &scene) {
    std::vector<ImageChange> changes;
    for (const ImageLayer *child : scene.layers.children(upper)) {
        if (!live || !child->in_use)
            XLSNAP_TRY(expect_closed(child->path));
        XLSNAP_ASSIGN(const ChainLayer before, look(child->path, child->format));
        changes.push_back({child->path, child->path, child->format, before.mark});
    }
    for (const ImageChange &child : changes)
        XLSNAP_TRY(protection_.release(scene.record, child.from));
    return changes;
}

// Before the guest writes on: a record that still names the upper image would have the domain
// started from that, once it is down.
Status LayerWork::record_new_disk(const ImagePair &images, DomainRecord &record) {
    DomainRecord changed = record;
    for (ActiveLayer &layer : changed.active_layers)
        if (layer.path == images.upper)
            layer.path = images.lower;
    if (changed == record)
        return {};
    XLSNAP_TRY(catalog_.write_domain(changed));
    record = std::move(changed);
    return {};
}

// The lower image has the content of the upper one now.
Status LayerWork::move_down(ImageChange &child, const ImagePair &images) {
    XLSNAP_ASSIGN(const ChainLayer now, look(child.from, child.format));
    if (now.backing != images.lower) // else a job has done it
        XLSNAP_TRY(ports_.image_chains.set_backing(child.from, images.lower, images.lower_format));
    XLSNAP_ASSIGN(const ChainLayer after, look(child.from, child.format));
    child.after = after.mark;
    return {};
}

Result<std::vector<ImageChange>> LayerWork::commit(const layer_step::Commit &step,
                                                   const LayerScene &scene) {
    XLSNAP_ASSIGN(const ImageLayer *upper, find_layer(scene, step.upper));
    XLSNAP_ASSIGN(const ImageLayer *lower, find_layer(scene, step.lower));
    const ImagePair images{upper->path, lower->path, lower->format};
    XLSNAP_ASSIGN(const std::optional<LiveMerge> live,
                  find_live(images, ChainJob::Kind::Commit, scene));
    if (!live) {
        XLSNAP_TRY(expect_closed(upper->path));
        XLSNAP_TRY(expect_closed(lower->path));
    }
    XLSNAP_ASSIGN(const ChainLayer before, look(upper->path, upper->format));
    XLSNAP_TRY(delete_dead_tags(*upper, scene));
    XLSNAP_TRY(check_space({step}, scene.layers));
    XLSNAP_ASSIGN(std::vector<ImageChange> changes,
                  prepare_children(upper->path, live.has_value(), scene));
    // qemu-img opens both for writing.
    for (const std::string &path : {upper->path, lower->path})
        XLSNAP_TRY(protection_.release(scene.record, path));
    XLSNAP_TRY(live ? merges_.run(*scene.running, *live,
                                  [&] { return record_new_disk(images, scene.record); })
                    : ports_.image_chains.commit(upper->path, lower->path));
    for (ImageChange &child : changes)
        XLSNAP_TRY(move_down(child, images));
    XLSNAP_ASSIGN(const ChainLayer after, look(lower->path, lower->format));
    changes.push_back({upper->path, lower->path, lower->format, before.mark, after.mark});
    return changes;
}

Result<std::vector<ImageChange>> LayerWork::stream(const layer_step::Stream &step,
                                                   const LayerScene &scene) {
    XLSNAP_ASSIGN(const ImageLayer *upper, find_layer(scene, step.upper));
    XLSNAP_ASSIGN(const ImageLayer *lower, find_layer(scene, step.lower));
    XLSNAP_ASSIGN(
        const std::optional<LiveMerge> live,
        find_live({upper->path, lower->path, lower->format}, ChainJob::Kind::Stream, scene));
    if (!live)
        XLSNAP_TRY(expect_closed(upper->path));
    XLSNAP_ASSIGN(const ChainLayer before, look(upper->path, upper->format));
    XLSNAP_TRY(delete_dead_tags(*upper, scene));
    XLSNAP_TRY(check_space({step}, scene.layers));
    XLSNAP_TRY(protection_.release(scene.record, upper->path));
    XLSNAP_TRY(live ? merges_.run(*scene.running, *live)
                    : ports_.image_chains.stream(upper->path, lower->backing));
    XLSNAP_ASSIGN(const ChainLayer after, look(upper->path, upper->format));
    return std::vector<ImageChange>{
        {upper->path, upper->path, upper->format, before.mark, after.mark},
        {lower->path, upper->path, upper->format, std::nullopt, after.mark}};
}

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/external_removal.hpp"

#include <utility>

#include <fmt/format.h>

#include "core/blockers.hpp"
#include "core/layer_outline.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

namespace {

std::string who(const DiskTarget &target) {
    return fmt::format("disk {}", target.vdev);
}

bool goes_down(const ExternalMerge &merge) {
    return std::holds_alternative<layer_step::Commit>(merge.step);
}

} // namespace

Status ExternalRemoval::check(const std::optional<DomainId> &domid,
                              const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const ExternalScene scene, merges_.look(domid, request));
    Refusals refusals = scene.selected.refusals;
    if (scene.running)
        refusals.add(check_state(scene.running->state, Operation::Delete));
    for (const DiskTarget &target : scene.selected.targets) {
        const auto merge = merges_.plan(scene, target);
        if (!merge)
            refusals.add(fail(merge.error()), who(target));
        else if (*merge)
            refusals.add(work_.check_space({(*merge)->step}, (*merge)->layers), who(target));
    }
    return refusals.status();
}

// Each is looked at again: a merge takes its time.
Status ExternalRemoval::remove(const std::optional<DomainId> &domid,
                               const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const ExternalScene scene, merges_.look(domid, request));
    XLSNAP_TRY(scene.selected.refusals.status());
    Refusals failures;
    for (const DiskTarget &target : scene.selected.targets) {
        const auto merge = merges_.plan(scene, target);
        if (!merge)
            failures.add(fail(merge.error()), who(target));
        else if (*merge)
            failures.add(carry_out(scene, target, **merge), who(target));
        else
            ports_.log.info(fmt::format("{}: snapshot '{}' is gone already: {} stands no more on "
                                        "the image that held it",
                                        who(target), target.tag, target.overlay));
    }
    return failures.status();
}

Status ExternalRemoval::carry_out(const ExternalScene &scene, const DiskTarget &target,
                                  const ExternalMerge &merge) {
    const ChainLayer &overlay = merge.chain[0];
    const ChainLayer &base = merge.chain[1];
    DomainRecord made; // the overlay was, for this snapshot; the other image is somebody's
    made.images = {{overlay.path, overlay.format, overlay.mark, true},
                   {base.path, base.format, base.mark, false}};
    ports_.log.detail(describe(merge.step));
    if (auto done = work_.carry_out(merge.step, {merge.layers, made, scene.running}); !done)
        return fail(with_context(fmt::format("could not {}; nothing is lost, and the snapshot can "
                                             "be deleted again",
                                             describe(merge.step)),
                                 std::move(done.error())));
    tell(scene, target, merge);
    Status removed = work_.remove_image(goes_down(merge) ? overlay.path : base.path, made);
    return std::move(removed).with_context(
        fmt::format("the snapshot is deleted, but {} could not be removed; nobody needs it any "
                    "more, so remove it",
                    overlay.path));
}

// Which image the disk has from now on; a domain that runs has it in its configuration.
void ExternalRemoval::tell(const ExternalScene &scene, const DiskTarget &target,
                           const ExternalMerge &merge) {
    const std::string &overlay = merge.chain[0].path;
    const std::string &base = merge.chain[1].path;
    const bool has_children = !merge.layers.children(overlay).empty();
    if (!goes_down(merge))
        ports_.log.info(
            fmt::format("{}: {} does not need {} any more", who(target), overlay, base));
    else if (has_children || (scene.running && !merge.layers.is_active(overlay)))
        ports_.log.info(fmt::format("{}: what stood on {} stands on {} from now on", who(target),
                                    overlay, base));
    else if (scene.running)
        ports_.log.info(fmt::format("{}: its image is {} from now on", who(target), base));
    else
        ports_.log.left_to_do(fmt::format("{}: its image is {} from now on, and {} is gone: have "
                                          "its xl.cfg name that",
                                          who(target), base, overlay));
}

} // namespace xlsnap

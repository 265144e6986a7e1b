// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/snapshot_service.hpp"

#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/disk_selection.hpp"
#include "core/plan.hpp"
#include "core/tag_name.hpp"
#include "engine/closed_images.hpp"
#include "engine/executor.hpp"
#include "engine/live_tags.hpp"
#include "engine/new_images.hpp"

namespace xlsnap {

namespace {

std::string subject(const Domain &domain) {
    return fmt::format("domain {}", domain.name);
}

} // namespace

// A memory image is one with the disks that were snapshotted with it, and with no others.
void SnapshotService::tell_left_out(const DomainFacts &facts) {
    const std::vector<std::string> left_out = writable_disks_left_out(facts.domain, facts.targets);
    if (!left_out.empty())
        ports_.log.warn(fmt::format("domain {}: writable disks left out of the snapshot: {}; a "
                                    "revert is safe only while nothing has written to them",
                                    facts.domain.name, fmt::join(left_out, ", ")));
}

Result<Plan> SnapshotService::verified_plan(const DomainFacts &facts,
                                            const SnapshotRequest &request,
                                            Verification::Purpose purpose) {
    XLSNAP_TRY(verification_.check_create(facts, request, purpose));
    return xlsnap::plan_create(
        facts.domain, facts.targets,
        {request.memory ? request.memory_path : std::string(), request.live});
}

Result<Plan> SnapshotService::plan_create(DomainId domid, const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const DomainFacts facts, verification_.gather(domid, request, Operation::Create));
    return verified_plan(facts, request, Verification::Purpose::Plan)
        .with_context(subject(facts.domain));
}

Status SnapshotService::try_create(const DomainFacts &facts, const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const Plan plan, verified_plan(facts, request, Verification::Purpose::Act));
    if (request.memory)
        tell_left_out(facts);
    StepActions actions(ports_, facts.domain);
    Status done = execute(plan, actions, ports_.log);
    actions.keep_watched();
    return done;
}

Status SnapshotService::create(DomainId domid, const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const DomainFacts facts, verification_.gather(domid, request, Operation::Create));
    Status created = try_create(facts, request);
    if (!created)
        created = fail(verification_.blame_absence(facts.domain, std::move(created.error())));
    return std::move(created).with_context(subject(facts.domain));
}

// Only when nothing refuses any more: dom0 may shrink for it.
Result<std::unique_ptr<Room>> SnapshotService::make_room(const DomainFacts &facts,
                                                         const std::string &config_json) {
    auto room = ports_.toolstack.make_room(config_json, facts.domain.config_json);
    if (!room)
        return fail(verification_.blame_absence(facts.domain, std::move(room.error())));
    return room;
}

RevertGoal SnapshotService::goal_of(const DomainFacts &facts, const SnapshotRequest &request,
                                    const std::optional<MemoryImage> &image, AfterRevert after) {
    const bool was_paused = image ? image->info.was_paused : facts.domain.state == RunState::Paused;
    return {request.memory, is_left_paused(after, was_paused), make_revert_tag(unique_()),
            facts.detached, request.moved};
}

Result<Plan> SnapshotService::plan_revert(DomainId domid, const SnapshotRequest &request,
                                          const RevertOptions &options) {
    XLSNAP_ASSIGN(const DomainFacts facts, verification_.gather(domid, request, Operation::Revert));
    XLSNAP_ASSIGN(
        const std::optional<MemoryImage> image,
        verification_.check_revert(facts, request, options).with_context(subject(facts.domain)));
    return xlsnap::plan_revert(facts.domain, facts.targets,
                               goal_of(facts, request, image, options.after));
}

Result<Reverted> SnapshotService::revert(DomainId domid, const SnapshotRequest &request,
                                         const RevertOptions &options) {
    XLSNAP_ASSIGN(const DomainFacts facts, verification_.gather(domid, request, Operation::Revert));
    const std::string who = subject(facts.domain);
    XLSNAP_ASSIGN(std::optional<MemoryImage> image,
                  verification_.check_revert(facts, request, options).with_context(who));
    const std::string &config = image ? image->info.config_json : facts.domain.config_json;
    XLSNAP_ASSIGN(std::unique_ptr<Room> room, make_room(facts, config).with_context(who));
    if (request.memory)
        tell_left_out(facts);
    const RevertGoal goal = goal_of(facts, request, image, options.after);
    const Plan plan = xlsnap::plan_revert(facts.domain, facts.targets, goal);
    StepActions actions(ports_, facts.domain, std::move(image));
    Status done = execute(plan, actions, ports_.log);
    room.reset(); // the domain is built, be it from its configuration after a failure
    Status closed = done ? close(plan, actions, ports_.log) : Status();
    actions.keep_watched();
    XLSNAP_TRY(std::move(done).with_context(who));
    tell_new_images(plan, request, true, ports_.log);
    const DomainId reverted = actions.domain().domid;
    return Reverted{reverted, std::move(closed).with_context(fmt::format(
                                  "{} is reverted, its domid is {}; but", who, reverted))};
}

Status SnapshotService::check_removal(DomainId domid, const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const DomainFacts facts, verification_.gather(domid, request, Operation::Delete));
    XLSNAP_TRY(verification_.check_delete(facts).with_context(subject(facts.domain)));
    return {};
}

Status SnapshotService::remove(DomainId domid, const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const DomainFacts facts, verification_.gather(domid, request, Operation::Delete));
    const std::string who = subject(facts.domain);
    XLSNAP_ASSIGN(const DisksByUse disks, verification_.check_delete(facts).with_context(who));
    // The memory image goes first: without its disk snapshots it could only do harm, while disk
    // snapshots without their memory image only cost space.
    if (request.memory) {
        XLSNAP_ASSIGN(const bool existed, ports_.memory_store.remove(request.memory_path));
        if (!existed)
            ports_.log.info(fmt::format("memory image {} is gone already", request.memory_path));
    }
    std::vector<DiskTarget> gone;
    Status removed;
    if (!disks.open.empty())
        removed =
            LiveTags(ports_.toolstack, ports_.live_disks).remove(facts.domain, disks.open, gone);
    Status removed_closed = remove_closed_tags(ports_.disk_images, disks.closed, gone);
    for (const DiskTarget &target : gone)
        ports_.log.info(
            fmt::format("disk {}: snapshot '{}' is gone already", target.vdev, target.tag));
    return (removed ? std::move(removed_closed) : std::move(removed)).with_context(who);
}

} // namespace xlsnap

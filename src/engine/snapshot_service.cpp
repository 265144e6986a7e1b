// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/snapshot_service.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/blockers.hpp"
#include "core/disk_selection.hpp"
#include "core/memory_size.hpp"
#include "core/plan.hpp"
#include "core/saved_config.hpp"
#include "core/tag_check.hpp"
#include "core/tag_name.hpp"
#include "engine/closed_images.hpp"
#include "engine/executor.hpp"
#include "engine/live_tags.hpp"

namespace xlsnap {

struct SnapshotService::Facts {
    Domain domain;
    std::vector<DiskTarget> targets;
    Status selection; // what is wrong with disks of the request; then the others are the targets
};

namespace {

// The domain's own QEMU. Who has no pid is the kernel, and never that.
bool is_own_qemu(const ImageUser &user, const Domain &domain) {
    return user.pid != 0 && user.pid == domain.device_model_pid;
}

// "qemu-nbd (pid 4711)".
std::string who_is(const ImageUser &user) {
    return user.pid == 0 ? user.command : fmt::format("{} (pid {})", user.command, user.pid);
}

std::string subject(const Domain &domain) {
    return fmt::format("domain {}", domain.name);
}

Status check_memory_path(const SnapshotRequest &request) {
    if (request.memory && request.memory_path.empty())
        return fail(ErrorCode::Invalid, "memory was asked for without a path; give memory_path");
    return {};
}

// The disks of a request that are as they should be, each looked at alone: what else stands against
// them is told together with what is wrong with the others.
std::vector<DiskTarget> select_flawless(const Domain &domain, const SnapshotRequest &request,
                                        TagUse use) {
    std::vector<DiskTarget> targets;
    for (const DiskRequest &disk : request.disks) {
        SnapshotRequest alone;
        alone.disks = {disk};
        auto selected = select_disks(domain, alone, use);
        if (selected && std::ranges::count(targets, disk.vdev, &DiskTarget::vdev) == 0)
            targets.push_back(std::move(selected->front()));
    }
    return targets;
}

// A snapshot needs a domain that can go on afterwards.
Status check_can_snapshot(const Domain &domain) {
    if (domain.state == RunState::Running || domain.state == RunState::Paused)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("it is {}, and only a running or paused domain can be snapshotted; "
                            "start it and try again",
                            to_string(domain.state)));
}

Status check_can_revert(const Domain &domain) {
    if (domain.state != RunState::Dying)
        return {};
    return fail(ErrorCode::Invalid,
                "it is being destroyed; when it is gone, start it (xl create) and try again");
}

// libvirt would go on with records of a domain that is gone, and its monitor with it.
Status check_unmanaged(const Domain &domain) {
    if (!domain.managed_by_libvirt)
        return {};
    return fail(
        ErrorCode::Invalid,
        fmt::format("libvirt manages it and would lose it by a revert; take it out of libvirt's "
                    "hands first (virsh destroy {0}, then xl create)",
                    domain.name));
}

} // namespace

Result<SnapshotService::Facts> SnapshotService::gather(DomainId domid,
                                                       const SnapshotRequest &request, TagUse use) {
    XLSNAP_TRY(check_memory_path(request));
    Facts facts;
    Result<Domain> inspected = ports_.toolstack.inspect(domid);
    if (!inspected && inspected.error().code == ErrorCode::DomainNotFound)
        return fail(std::move(inspected.error()));
    XLSNAP_ASSIGN(facts.domain, std::move(inspected).with_context(fmt::format("domain {}", domid)));
    Result<std::vector<DiskTarget>> selected = select_disks(facts.domain, request, use);
    if (selected)
        facts.targets = std::move(*selected);
    else
        facts.selection = fail(std::move(selected.error()));
    if (!facts.selection)
        facts.targets = select_flawless(facts.domain, request, use);
    return facts;
}

// A memory image is one with the disks that were snapshotted with it, and with no others.
void SnapshotService::tell_left_out(const Facts &facts) {
    const std::vector<std::string> left_out = writable_disks_left_out(facts.domain, facts.targets);
    if (!left_out.empty())
        ports_.log.warn(fmt::format("domain {}: writable disks left out of the snapshot: {}; a "
                                    "revert is safe only while nothing has written to them",
                                    facts.domain.name, fmt::join(left_out, ", ")));
}

// Nobody but the domain's own QEMU may have the images open, not even to read: the revert changes
// them after that QEMU is gone, and a reader would keep it from doing so.
Status SnapshotService::check_exclusive(const Facts &facts) {
    std::vector<std::string> reasons;
    for (const DiskTarget &target : facts.targets) {
        XLSNAP_ASSIGN(const std::vector<ImageUser> users, ports_.image_users.of(target.path));
        for (const ImageUser &user : users)
            if (!is_own_qemu(user, facts.domain))
                reasons.push_back(fmt::format("disk {} ({}) is open in {}", target.vdev,
                                              target.path, who_is(user)));
    }
    if (reasons.empty())
        return {};
    return fail(ErrorCode::NotReady,
                fmt::format("{}; end that and try again", fmt::join(reasons, "; ")));
}

// qemu-img will have to find the tags when the domain is gone: it must do so now.
Status SnapshotService::check_revertible(const Facts &facts) {
    for (const DiskTarget &target : facts.targets) {
        const std::string disk = fmt::format("disk {}", target.vdev);
        XLSNAP_ASSIGN(const std::vector<Tag> tags,
                      ports_.disk_images.list_tags(target.path, target.format).with_context(disk));
        XLSNAP_TRY(find_only_tag(tags, target.tag).with_context(disk));
    }
    return {};
}

// A second writer, such as another domain, would write over what the snapshot keeps. One that only
// reads (it has the image as a backing file) harms nobody.
Status SnapshotService::check_unwritten(const Facts &facts) {
    Refusals refusals;
    for (const DiskTarget &target : facts.targets) {
        XLSNAP_ASSIGN(const std::vector<ImageUser> users, ports_.image_users.of(target.path));
        for (const ImageUser &user : users)
            if (user.writes && !is_own_qemu(user, facts.domain))
                refusals.add(ErrorCode::NotReady,
                             fmt::format("disk {} ({}) is open for writing in {} too; end that and "
                                         "try again",
                                         target.vdev, target.path, who_is(user)));
    }
    return refusals.status();
}

Status SnapshotService::check_new_tags(const Facts &facts) {
    if (facts.targets.empty())
        return {};
    XLSNAP_ASSIGN(const auto tags,
                  LiveTags(ports_.toolstack, ports_.live_disks).list(facts.domain, facts.targets));
    return check_tags(facts.targets, tags, TagUse::Create);
}

Status SnapshotService::check_existing_tags(const Facts &facts) {
    if (facts.targets.empty())
        return {};
    XLSNAP_ASSIGN(const auto tags,
                  LiveTags(ports_.toolstack, ports_.live_disks).list(facts.domain, facts.targets));
    XLSNAP_TRY(check_tags(facts.targets, tags, TagUse::Existing));
    return check_revertible(facts);
}

Status SnapshotService::verify_create(const Facts &facts, const SnapshotRequest &request) {
    Refusals refusals;
    refusals.add(check_can_snapshot(facts.domain));
    if (request.memory) {
        refusals.add(memory_blockers(facts.domain));
        refusals.add(ports_.memory_store.check_new(request.memory_path,
                                                   memory_image_bytes(facts.domain.memory_bytes)));
    }
    refusals.add(facts.selection);
    refusals.add(check_new_tags(facts));
    refusals.add(check_unwritten(facts));
    return refusals.status();
}

Error SnapshotService::blame_absence(const Domain &domain, Error error) {
    const auto state = ports_.toolstack.state(domain.domid);
    if (!state && state.error().code == ErrorCode::DomainNotFound)
        return {ErrorCode::DomainNotFound,
                fmt::format("it went away meanwhile; start it (xl create) and try again ({})",
                            error.message)};
    return error;
}

Status SnapshotService::try_create(const Facts &facts, const SnapshotRequest &request) {
    XLSNAP_TRY(verify_create(facts, request));
    if (request.memory)
        tell_left_out(facts);
    const std::string memory_path = request.memory ? request.memory_path : std::string();
    const Plan plan = plan_create(facts.domain, facts.targets, memory_path);
    StepActions actions(ports_, facts.domain);
    Status done = execute(plan, actions, ports_.log);
    actions.keep_watched();
    return done;
}

Status SnapshotService::create(DomainId domid, const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const Facts facts, gather(domid, request, TagUse::Create));
    Status created = try_create(facts, request);
    if (!created)
        created = fail(blame_absence(facts.domain, std::move(created.error())));
    return std::move(created).with_context(subject(facts.domain));
}

Result<MemoryImage> SnapshotService::verify_memory_image(const Facts &facts,
                                                         const std::string &path) {
    XLSNAP_ASSIGN(MemoryImage image, ports_.memory_store.open(path));
    const std::string &config = image.info.config_json;
    XLSNAP_TRY(check_saved_config(config, facts.domain, facts.targets).with_context(path));
    XLSNAP_TRY(ports_.toolstack.check_config(config).with_context(path));
    return image;
}

Result<std::optional<MemoryImage>> SnapshotService::verify_revert(const Facts &facts,
                                                                  const SnapshotRequest &request,
                                                                  const RevertOptions &options) {
    Refusals refusals;
    refusals.add(check_can_revert(facts.domain));
    if (!options.managed_too)
        refusals.add(check_unmanaged(facts.domain));
    refusals.add(facts.selection);
    std::optional<MemoryImage> image;
    if (request.memory) {
        Result<MemoryImage> verified = verify_memory_image(facts, request.memory_path);
        if (verified)
            image = std::move(*verified);
        else
            refusals.add(fail(std::move(verified.error())));
    }
    refusals.add(check_existing_tags(facts));
    refusals.add(check_exclusive(facts));
    if (image && refusals.empty())
        refusals.add(ports_.toolstack.make_room(image->info.config_json, facts.domain.config_json));
    if (const Status refused = refusals.status(); !refused)
        return fail(blame_absence(facts.domain, refused.error()));
    if (request.memory)
        tell_left_out(facts);
    return image;
}

Result<Reverted> SnapshotService::revert(DomainId domid, const SnapshotRequest &request,
                                         RevertOptions options) {
    XLSNAP_ASSIGN(const Facts facts, gather(domid, request, TagUse::Existing));
    const std::string who = subject(facts.domain);
    XLSNAP_ASSIGN(std::optional<MemoryImage> image,
                  verify_revert(facts, request, options).with_context(who));
    const bool was_paused = image ? image->info.was_paused : facts.domain.state == RunState::Paused;
    const RevertGoal goal{request.memory, was_paused || options.after == AfterRevert::Paused,
                          make_revert_tag(unique_())};
    const Plan plan = plan_revert(facts.domain, facts.targets, goal);
    StepActions actions(ports_, facts.domain, std::move(image));
    Status done = execute(plan, actions, ports_.log);
    Status closed = done ? close(plan, actions, ports_.log) : Status();
    actions.keep_watched();
    XLSNAP_TRY(std::move(done).with_context(who));
    const DomainId reverted = actions.domain().domid;
    return Reverted{reverted, std::move(closed).with_context(fmt::format(
                                  "{} is reverted, its domid is {}; but", who, reverted))};
}

// The disks of which QEMU has the image open, and those that nobody has open (QEMU died, say).
Result<SnapshotService::ByUse> SnapshotService::divide(const std::vector<DiskTarget> &targets) {
    ByUse divided;
    for (const DiskTarget &target : targets) {
        XLSNAP_ASSIGN(const std::vector<ImageUser> users, ports_.image_users.of(target.path));
        (users.empty() ? divided.closed : divided.open).push_back(target);
    }
    return divided;
}

Status SnapshotService::remove(DomainId domid, const SnapshotRequest &request) {
    XLSNAP_ASSIGN(const Facts facts, gather(domid, request, TagUse::Existing));
    const std::string who = subject(facts.domain);
    XLSNAP_TRY(Status(facts.selection).with_context(who));
    XLSNAP_ASSIGN(const ByUse disks, divide(facts.targets).with_context(who));
    // The memory image goes first: without its disk snapshots it could only do harm, while disk
    // snapshots without their memory image only cost space.
    LiveTags live_tags(ports_.toolstack, ports_.live_disks);
    if (!disks.open.empty())
        XLSNAP_TRY(live_tags.list(facts.domain, disks.open).with_context(who));
    if (request.memory) {
        XLSNAP_ASSIGN(const bool existed, ports_.memory_store.remove(request.memory_path));
        if (!existed)
            ports_.log.info(fmt::format("memory image {} is gone already", request.memory_path));
    }
    std::vector<DiskTarget> gone;
    Status removed;
    if (!disks.open.empty())
        removed = live_tags.remove(facts.domain, disks.open, gone);
    Status removed_closed = remove_closed_tags(ports_, disks.closed, gone);
    for (const DiskTarget &target : gone)
        ports_.log.info(
            fmt::format("disk {}: snapshot '{}' is gone already", target.vdev, target.tag));
    return (removed ? std::move(removed_closed) : std::move(removed)).with_context(who);
}

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/verification.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/blockers.hpp"
#include "core/memory_size.hpp"
#include "core/refusals.hpp"
#include "core/saved_config.hpp"
#include "core/tag_check.hpp"
#include "engine/image_guard.hpp"
#include "engine/live_tags.hpp"

namespace xlsnap {

namespace {

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

Result<DomainFacts> Verification::gather(DomainId domid, const SnapshotRequest &request,
                                         TagUse use) {
    XLSNAP_TRY(check_memory_path(request));
    DomainFacts facts;
    Result<Domain> inspected = ports_.toolstack.inspect(domid);
    if (!inspected && inspected.error().code == ErrorCode::DomainNotFound)
        return fail(std::move(inspected.error()));
    XLSNAP_ASSIGN(facts.domain, std::move(inspected).with_context(fmt::format("domain {}", domid)));
    Result<std::vector<DiskTarget>> selected = select_disks(facts.domain, request, use);
    if (selected) {
        facts.targets = std::move(*selected);
    } else {
        facts.selection = fail(std::move(selected.error()));
        facts.targets = select_flawless(facts.domain, request, use);
    }
    return facts;
}

// qemu-img will have to find the tags when the domain is gone: it must do so now.
Status Verification::check_revertible(const DomainFacts &facts) {
    for (const DiskTarget &target : facts.targets) {
        const std::string disk = fmt::format("disk {}", target.vdev);
        XLSNAP_ASSIGN(const std::vector<Tag> tags,
                      ports_.disk_images.list_tags(target.path, target.format).with_context(disk));
        XLSNAP_TRY(find_only_tag(tags, target.tag).with_context(disk));
    }
    return {};
}

Status Verification::check_new_tags(const DomainFacts &facts) {
    if (facts.targets.empty())
        return {};
    XLSNAP_ASSIGN(const auto tags,
                  LiveTags(ports_.toolstack, ports_.live_disks).list(facts.domain, facts.targets));
    return check_tags(facts.targets, tags, TagUse::Create);
}

Status Verification::check_existing_tags(const DomainFacts &facts) {
    if (facts.targets.empty())
        return {};
    XLSNAP_ASSIGN(const auto tags,
                  LiveTags(ports_.toolstack, ports_.live_disks).list(facts.domain, facts.targets));
    XLSNAP_TRY(check_tags(facts.targets, tags, TagUse::Existing));
    return check_revertible(facts);
}

Status Verification::check_create(const DomainFacts &facts, const SnapshotRequest &request) {
    Refusals refusals;
    refusals.add(check_can_snapshot(facts.domain));
    refusals.add(snapshot_blockers(facts.domain));
    if (request.memory) {
        refusals.add(memory_blockers(facts.domain));
        refusals.add(ports_.memory_store.check_new(request.memory_path,
                                                   memory_image_bytes(facts.domain.memory_bytes)));
    }
    refusals.add(facts.selection);
    refusals.add(check_new_tags(facts));
    refusals.add(check_unwritten(ports_.image_users, facts.targets, facts.domain));
    return refusals.status();
}

Error Verification::blame_absence(const Domain &domain, Error error) {
    const auto state = ports_.toolstack.state(domain.domid);
    if (!state && state.error().code == ErrorCode::DomainNotFound)
        return {ErrorCode::DomainNotFound,
                fmt::format("it went away meanwhile; start it (xl create) and try again ({})",
                            error.message)};
    return error;
}

Result<MemoryImage> Verification::verify_memory_image(const DomainFacts &facts,
                                                      const std::string &path) {
    XLSNAP_ASSIGN(MemoryImage image, ports_.memory_store.open(path));
    const std::string &config = image.info.config_json;
    XLSNAP_TRY(check_saved_config(config, facts.domain, facts.targets).with_context(path));
    XLSNAP_TRY(ports_.toolstack.check_config(config).with_context(path));
    return image;
}

Result<std::optional<MemoryImage>> Verification::check_revert(const DomainFacts &facts,
                                                              const SnapshotRequest &request,
                                                              bool managed_too) {
    Refusals refusals;
    refusals.add(check_can_revert(facts.domain));
    refusals.add(snapshot_blockers(facts.domain));
    if (!managed_too)
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
    refusals.add(check_exclusive(ports_.image_users, facts.targets, facts.domain));
    if (image && refusals.empty())
        refusals.add(ports_.toolstack.make_room(image->info.config_json, facts.domain.config_json));
    if (const Status refused = refusals.status(); !refused)
        return fail(blame_absence(facts.domain, refused.error()));
    return image;
}

} // namespace xlsnap

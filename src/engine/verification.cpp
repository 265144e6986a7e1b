// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/verification.hpp"

#include <utility>

#include <fmt/format.h>

#include "core/blockers.hpp"
#include "core/memory_size.hpp"
#include "core/refusals.hpp"
#include "core/saved_config.hpp"
#include "core/tag_check.hpp"
#include "engine/closed_images.hpp"
#include "engine/image_checks.hpp"
#include "engine/image_guard.hpp"
#include "engine/live_tags.hpp"

namespace xlsnap {

namespace {

Status check_memory_path(const SnapshotRequest &request) {
    if (request.memory && request.memory_path.empty())
        return fail(ErrorCode::Invalid, "memory was asked for without a path; give memory_path");
    return {};
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

// What failed with a domain that is of no use in its state failed for that: its QEMU is going, say.
Error Verification::blame_state(DomainId domid, Operation operation, Error error) {
    const Result<RunState> state = ports_.toolstack.state(domid);
    if (!state)
        return error;
    Status usable = check_state(*state, operation);
    return usable ? std::move(error) : std::move(usable.error());
}

Result<DomainFacts> Verification::gather(DomainId domid, const SnapshotRequest &request,
                                         Operation operation) {
    const TagUse use = operation == Operation::Create ? TagUse::Create : TagUse::Existing;
    DomainFacts facts;
    facts.operation = operation;
    facts.request.add(check_memory_path(request));
    Result<Domain> inspected = ports_.toolstack.inspect(domid);
    if (!inspected && inspected.error().code == ErrorCode::DomainNotFound)
        return fail(std::move(inspected.error()));
    if (!inspected)
        return fail(with_context(fmt::format("domain {}", domid),
                                 blame_state(domid, operation, std::move(inspected.error()))));
    facts.domain = std::move(*inspected);
    DiskSelection selected = select_disks(facts.domain, request, use);
    facts.targets = std::move(selected.targets);
    facts.request.add(selected.refusals);
    if (operation == Operation::Revert)
        facts.request.add(name_images_for_revert(ports_, facts.targets));
    if (!request.detached.empty())
        gather_detached(facts, request);
    return facts;
}

void Verification::gather_detached(DomainFacts &facts, const SnapshotRequest &request) {
    SnapshotRequest alone;
    alone.disks = request.detached;
    ClosedImages images = gather_closed_images(ports_, alone, Operation::Revert);
    facts.request.add(images.refusals);
    facts.request.add(check_only_tags(images.tagged, images.tags));
    facts.detached = std::move(images.targets);
}

// What QEMU says of the targets' tags. Nothing when it says nothing, and then why, unless the
// domain is of no use anyway: its QEMU is not asked, or has gone with it.
std::optional<std::vector<ListedTags>>
Verification::ask_qemu(const DomainFacts &facts, const std::vector<DiskTarget> &targets,
                       Refusals &refusals) {
    if (!check_state(facts.domain.state, facts.operation))
        return std::nullopt;
    auto listed = LiveTags(ports_.toolstack, ports_.live_disks).list(facts.domain, targets);
    if (listed)
        return std::move(*listed);
    refusals.add(fail(blame_state(facts.domain.domid, facts.operation, std::move(listed.error()))));
    return std::nullopt;
}

// Overlays alone, without memory, are made by the first step that asks QEMU for anything, which
// looks for the disks' nodes itself while all done so far can be undone. QEMU takes half a
// millisecond for the question, a tenth of such a snapshot.
bool Verification::asks_later(const DomainFacts &facts, const SnapshotRequest &request,
                              Purpose purpose) {
    return purpose == Purpose::Act && !request.memory && internal_ones(facts.targets).empty();
}

// Where QEMU is of no help the images themselves tell more.
Refusals Verification::check_new_tags(const DomainFacts &facts) {
    Refusals refusals;
    if (const auto listed = ask_qemu(facts, facts.targets, refusals)) {
        refusals.add(check_tags(facts.targets, *listed, TagUse::Create));
    } else {
        const std::vector<DiskTarget> internal = internal_ones(facts.targets);
        refusals.add(
            check_tags(internal, list_image_tags(ports_.disk_images, internal), TagUse::Create));
    }
    return refusals;
}

// qemu-img will have to find the tags when the domain is gone: it must do so now.
Refusals Verification::check_existing_tags(const DomainFacts &facts,
                                           const std::vector<DiskTarget> &targets) {
    Refusals refusals;
    if (targets.empty())
        return refusals;
    std::vector<DiskTarget> rest = targets;
    if (const auto listed = ask_qemu(facts, targets, refusals)) {
        refusals.add(check_tags(targets, *listed, TagUse::Existing));
        rest = without_missing(targets, *listed);
    }
    refusals.add(check_only_tags(rest, list_image_tags(ports_.disk_images, rest)));
    return refusals;
}

Status Verification::check_place(const SnapshotRequest &request, std::uint64_t bytes) {
    return request.directory_is_made
               ? ports_.memory_store.check_new_directory(request.memory_path, bytes)
               : ports_.memory_store.check_new(request.memory_path, bytes);
}

Status Verification::check_create(const DomainFacts &facts, const SnapshotRequest &request,
                                  Purpose purpose) {
    Refusals refusals;
    refusals.add(check_state(facts.domain.state, facts.operation));
    refusals.add(snapshot_blockers(facts.domain));
    if (request.memory)
        refusals.add(memory_blockers(facts.domain));
    if (request.memory && request.live)
        refusals.add(live_blockers(facts.domain));
    if (request.memory && !request.memory_path.empty())
        refusals.add(check_place(request, memory_image_bytes(facts.domain.memory_bytes)));
    refusals.add(facts.request);
    if (!facts.targets.empty() && !asks_later(facts, request, purpose))
        refusals.add(check_new_tags(facts));
    refusals.add(check_new_overlays(ports_, facts.targets));
    refusals.add(check_unwritten(ports_.image_users, facts.targets, facts.domain));
    return refusals.status();
}

DisksByUse Verification::divide(const std::vector<DiskTarget> &targets, Refusals &refusals) {
    DisksByUse divided;
    for (const DiskTarget &target : targets) {
        const Result<std::vector<ImageUser>> users = ports_.image_users.of(target.path);
        if (!users)
            refusals.add(fail(users.error()), fmt::format("disk {}", target.vdev));
        else
            (users->empty() ? divided.closed : divided.open).push_back(target);
    }
    return divided;
}

// Nobody has an image open, since QEMU died; but not since the domain reboots.
Status Verification::check_not_ending(const DomainFacts &facts) {
    XLSNAP_ASSIGN(const RunState state, ports_.toolstack.state(facts.domain.domid));
    return check_state(state, facts.operation);
}

Refusals Verification::check_open(const DomainFacts &facts,
                                  const std::vector<DiskTarget> &targets) {
    Refusals refusals = snapshot_blockers(facts.domain);
    auto listed = LiveTags(ports_.toolstack, ports_.live_disks).list(facts.domain, targets);
    if (listed) {
        refusals.add(check_listed(targets, *listed));
        return refusals;
    }
    refusals.add(fail(blame_state(facts.domain.domid, facts.operation, std::move(listed.error()))));
    return refusals;
}

Result<DisksByUse> Verification::check_delete(const DomainFacts &facts) {
    Refusals refusals;
    refusals.add(facts.request);
    DisksByUse disks = divide(facts.targets, refusals);
    if (!disks.closed.empty()) {
        refusals.add(check_not_ending(facts));
        refusals.add(check_listed(disks.closed, list_image_tags(ports_.disk_images, disks.closed)));
    }
    if (!disks.open.empty())
        refusals.add(check_open(facts, disks.open));
    XLSNAP_TRY(refusals.status());
    return disks;
}

Error Verification::blame_absence(const Domain &domain, Error error) {
    const auto state = ports_.toolstack.state(domain.domid);
    if (!state && state.error().code == ErrorCode::DomainNotFound)
        return {ErrorCode::DomainNotFound,
                fmt::format("it went away meanwhile; start it (xl create) and try again ({})",
                            error.message)};
    if (state && *state == RunState::Dying && domain.state != RunState::Dying)
        return {ErrorCode::DomainDestroyed,
                fmt::format("another program is destroying it; when it is gone, start it (xl "
                            "create) and try again ({})",
                            error.message)};
    return error;
}

std::optional<MemoryImage> Verification::verify_memory_image(const DomainFacts &facts,
                                                             const SnapshotRequest &request,
                                                             Refusals &refusals) {
    const std::string &path = request.memory_path;
    Result<MemoryImage> image = ports_.memory_store.open(path);
    if (!image) {
        refusals.add(fail(std::move(image.error())));
        return std::nullopt;
    }
    const std::string &config = image->info.config_json;
    std::vector<DiskTarget> targets = facts.targets;
    targets.insert(targets.end(), facts.detached.begin(), facts.detached.end());
    refusals.add(check_saved_config(config, facts.domain, targets, request), path);
    const Status readable = ports_.toolstack.check_config(config);
    refusals.add(readable, path);
    if (readable)
        refusals.add(ports_.toolstack.check_room(config, facts.domain.config_json));
    return std::move(*image);
}

Result<std::optional<MemoryImage>> Verification::check_revert(const DomainFacts &facts,
                                                              const SnapshotRequest &request,
                                                              const RevertOptions &options) {
    Refusals refusals;
    refusals.add(check_state(facts.domain.state, facts.operation));
    refusals.add(snapshot_blockers(facts.domain));
    if (!options.managed_too)
        refusals.add(check_unmanaged(facts.domain));
    refusals.add(options.refusals);
    refusals.add(facts.request);
    std::optional<MemoryImage> image;
    if (request.memory && !request.memory_path.empty())
        image = verify_memory_image(facts, request, refusals);
    refusals.add(check_existing_tags(facts, in_place(facts.targets)));
    refusals.add(check_images_for_revert(ports_, facts.targets));
    refusals.add(check_exclusive(ports_.image_users, in_place(facts.targets), facts.domain));
    refusals.add(check_unwritten(ports_.image_users, with_new_image(facts.targets), facts.domain));
    if (const Status refused = refusals.status(); !refused)
        return fail(blame_absence(facts.domain, refused.error()));
    return image;
}

} // namespace xlsnap

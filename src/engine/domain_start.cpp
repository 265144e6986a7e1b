// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/domain_start.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "core/domain_images.hpp"
#include "core/saved_config.hpp"
#include "core/tag_name.hpp"
#include "engine/closed_images.hpp"
#include "engine/executor.hpp"
#include "engine/image_guard.hpp"

namespace xlsnap {

namespace {

// The images that are there now of those that the domain will have: a configuration may name
// others, which are gone.
Domain with_present_images(Domain domain, const StartRequest &request,
                           const std::vector<DiskTarget> &targets) {
    for (const DiskChange &image : request.snapshot.moved)
        set_image(domain, image);
    for (const DiskTarget &target : in_place(targets))
        set_image(domain, {target.vdev, target.path, target.format});
    for (const DiskTarget &target : with_new_image(targets))
        std::erase_if(domain.disks, [&](const Disk &disk) { return disk.vdev == target.vdev; });
    return domain;
}

} // namespace

std::optional<MemoryImage> DomainStart::open_image(const SnapshotRequest &request,
                                                   Refusals &refusals) {
    if (!request.memory)
        return std::nullopt;
    Result<MemoryImage> image = ports_.memory_store.open(request.memory_path);
    if (image)
        return std::move(*image);
    refusals.add(fail(std::move(image.error())));
    return std::nullopt;
}

std::vector<DiskTarget> DomainStart::check_disks(const SnapshotRequest &request,
                                                 Refusals &refusals) {
    if (request.disks.empty())
        return {};
    SnapshotRequest disks;
    disks.disks = request.disks;
    const ClosedImages images = gather_closed_images(ports_, disks, Operation::Revert);
    refusals.add(images.refusals);
    refusals.add(check_only_tags(images.tagged, images.tags));
    return images.targets;
}

// The memory image is this domain's, whose configuration the caller has; or whose uuid at least.
Status DomainStart::check_identity(const std::string &image_config, const StartRequest &request,
                                   const std::vector<DiskTarget> &targets) {
    XLSNAP_ASSIGN(const Domain domain,
                  ports_.toolstack.read_config(request.config_json.empty() ? image_config
                                                                           : request.config_json));
    return check_saved_config(image_config, domain, targets, request.snapshot);
}

Result<DomainStart::Prepared> DomainStart::prepare(const StartRequest &request) {
    Prepared prepared;
    Refusals refusals = request.options.refusals;
    prepared.image = open_image(request.snapshot, refusals);
    const std::vector<DiskTarget> targets = check_disks(request.snapshot, refusals);
    const std::string &config =
        prepared.image ? prepared.image->info.config_json : request.config_json;
    if (prepared.image)
        refusals.add(check_identity(config, request, targets), request.snapshot.memory_path);
    Result<Domain> domain = ports_.toolstack.read_config(config);
    if (domain) {
        refusals.add(check_unwritten(ports_.image_users,
                                     images_of_qemu(with_present_images(*domain, request, targets)),
                                     *domain));
        refusals.add(ports_.toolstack.check_room(config, {}));
        prepared.domain = std::move(*domain);
    } else {
        refusals.add(fail(domain.error()));
    }
    XLSNAP_TRY(refusals.status());
    const bool was_paused = prepared.image && prepared.image->info.was_paused;
    prepared.plan = plan_start(targets, {request.snapshot.memory,
                                         is_left_paused(request.options.after, was_paused),
                                         make_revert_tag(unique_()), request.snapshot.moved,
                                         prepared.domain.type == GuestType::Hvm});
    return prepared;
}

Result<Plan> DomainStart::plan(const StartRequest &request) {
    XLSNAP_ASSIGN(Prepared prepared, prepare(request));
    return std::move(prepared.plan);
}

Result<Reverted> DomainStart::start(const StartRequest &request) {
    XLSNAP_ASSIGN(Prepared prepared, prepare(request));
    const std::string who = fmt::format("domain {}", prepared.domain.name);
    const std::string config =
        prepared.image ? prepared.image->info.config_json : prepared.domain.config_json;
    XLSNAP_ASSIGN(std::unique_ptr<Room> room,
                  ports_.toolstack.make_room(config, {}).with_context(who));
    StepActions actions(ports_, std::move(prepared.domain), std::move(prepared.image));
    Status done = execute(prepared.plan, actions, ports_.log);
    room.reset();
    Status closed = done ? close(prepared.plan, actions, ports_.log) : Status();
    actions.keep_watched();
    XLSNAP_TRY(std::move(done).with_context(who));
    const DomainId started = actions.domain().domid;
    return Reverted{started, std::move(closed).with_context(
                                 fmt::format("{} is started, its domid is {}; but", who, started))};
}

} // namespace xlsnap

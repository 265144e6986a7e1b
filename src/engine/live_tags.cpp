// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/live_tags.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/guarded.hpp"

namespace xlsnap {

namespace {

// The error of the work itself counts; that of the clean-up after it only if there is none.
Status first_error(Status work, Status cleanup) {
    return work ? std::move(cleanup) : std::move(work);
}

ListedTags live_tags_of(const Disk &disk, const std::vector<BlockNode> &nodes) {
    XLSNAP_ASSIGN(const DiskNodes found, find_disk_nodes(disk, nodes));
    return find_node(nodes, found.live)->tags;
}

} // namespace

// The target's disk with the state that its front end has now.
Result<Disk> LiveTags::present_disk(const Domain &domain, const DiskTarget &target) {
    const Disk *known = find_disk(domain, target.vdev);
    if (known == nullptr)
        return fail(ErrorCode::NotFound,
                    fmt::format("domain {} has no disk '{}'", domain.name, target.vdev));
    Disk disk = *known;
    XLSNAP_ASSIGN(disk.frontend_connected,
                  toolstack_.frontend_connected(domain.domid, target.vdev));
    return disk;
}

Result<std::vector<Disk>> LiveTags::present_disks(const Domain &domain,
                                                  const std::vector<DiskTarget> &targets) {
    std::vector<Disk> disks;
    for (const DiskTarget &target : targets) {
        XLSNAP_ASSIGN(Disk disk, present_disk(domain, target));
        disks.push_back(std::move(disk));
    }
    return disks;
}

Result<LiveTags::LocatedDisks> LiveTags::locate(const std::vector<Disk> &disks,
                                                const std::vector<DiskTarget> &targets,
                                                LiveDisksSession &session) {
    LocatedDisks located;
    XLSNAP_ASSIGN(located.nodes, session.nodes());
    for (std::size_t i = 0; i < targets.size(); ++i) {
        XLSNAP_ASSIGN(DiskNodes found, find_disk_nodes(disks[i], located.nodes)
                                           .with_context(fmt::format("disk {}", targets[i].vdev)));
        const BlockNode *live = find_node(located.nodes, found.live);
        located.disks.push_back(Located{disks[i], targets[i], std::move(found), live->tags});
    }
    return located;
}

Status LiveTags::change(const Domain &domain, const std::vector<DiskTarget> &targets,
                        const Change &act) {
    XLSNAP_ASSIGN(const RunState state, toolstack_.state(domain.domid));
    XLSNAP_ASSIGN(const std::vector<Disk> disks, present_disks(domain, targets));
    XLSNAP_ASSIGN(auto session, live_disks_.open(domain.domid));
    XLSNAP_ASSIGN(const LocatedDisks located, locate(disks, targets, *session));
    const bool twins = std::ranges::any_of(
        located.disks, [](const Located &disk) { return !disk.nodes.others.empty(); });
    if (!twins)
        return act(*session, located);
    if (state == RunState::Running) {
        session.reset();
        return change_paused(domain, targets, act);
    }
    Status changed = change_twins(*session, located, state, act);
    session.reset();
    return changed ? changed : refresh_anew(domain, state, std::move(changed));
}

Status LiveTags::change_paused(const Domain &domain, const std::vector<DiskTarget> &targets,
                               const Change &act) {
    XLSNAP_TRY(toolstack_.pause(domain.domid));
    Status changed = guarded([&]() -> Status {
        // Looked up again: the guest may have unplugged its emulated disks before it was paused.
        XLSNAP_ASSIGN(const std::vector<Disk> disks, present_disks(domain, targets));
        XLSNAP_ASSIGN(auto session, live_disks_.open(domain.domid));
        XLSNAP_ASSIGN(const LocatedDisks located, locate(disks, targets, *session));
        return change_twins(*session, located, RunState::Paused, act);
    });
    if (!changed)
        changed = refresh_anew(domain, RunState::Paused, std::move(changed));
    // A guest that stays paused would be worse than anything said so far: one more try.
    Status unpaused = toolstack_.unpause(domain.domid);
    if (!unpaused)
        unpaused = toolstack_.unpause(domain.domid);
    return first_error(std::move(changed), std::move(unpaused));
}

Status LiveTags::change_twins(LiveDisksSession &session, const LocatedDisks &located,
                              RunState state, const Change &act) {
    Status changed = guarded([&] { return act(session, located); });
    return first_error(std::move(changed), refresh(session, state));
}

Status LiveTags::refresh(LiveDisksSession &session, RunState state) {
    Status refreshed = session.deactivate_nodes();
    // Even after a failure: nodes that stay inactive would crash QEMU at the guest's next write.
    if (state != RunState::Suspended)
        refreshed = first_error(std::move(refreshed), session.activate_nodes(true));
    return refreshed;
}

Status LiveTags::refresh_anew(const Domain &domain, RunState state, Status failure) {
    const Status refreshed = guarded([&]() -> Status {
        XLSNAP_ASSIGN(auto session, live_disks_.open(domain.domid));
        return refresh(*session, state);
    });
    return refreshed ? std::move(failure)
                     : std::move(failure).with_context(
                           "QEMU may not serve the domain's disks until it is told to cont");
}

Result<std::vector<ListedTags>> LiveTags::list(const Domain &domain,
                                               const std::vector<DiskTarget> &targets) {
    std::vector<Result<Disk>> disks;
    disks.reserve(targets.size());
    for (const DiskTarget &target : targets)
        disks.push_back(present_disk(domain, target));
    XLSNAP_ASSIGN(auto session, live_disks_.open(domain.domid));
    XLSNAP_ASSIGN(const std::vector<BlockNode> nodes, session->nodes());
    std::vector<ListedTags> listed;
    listed.reserve(disks.size());
    for (const Result<Disk> &disk : disks)
        listed.push_back(disk ? live_tags_of(*disk, nodes) : fail(disk.error()));
    return listed;
}

Result<NodeTag> LiveTags::new_tag(const Located &disk) {
    if (find_tag(disk.tags, disk.target.tag) != nullptr)
        return fail(ErrorCode::Invalid, fmt::format("disk {} has a snapshot '{}' by now; delete it "
                                                    "or choose another name",
                                                    disk.target.vdev, disk.target.tag));
    return NodeTag{disk.nodes.live, disk.target.tag};
}

Status LiveTags::create(const Domain &domain, const std::vector<DiskTarget> &targets,
                        CreatedTags &created) {
    return change(domain, targets,
                  [&](LiveDisksSession &session, const LocatedDisks &located) -> Status {
                      std::vector<NodeTag> tags;
                      std::vector<NodeOverlay> overlays;
                      for (const Located &disk : located.disks) {
                          if (!is_external(disk.target)) {
                              XLSNAP_ASSIGN(NodeTag tag, new_tag(disk));
                              tags.push_back(std::move(tag));
                              continue;
                          }
                          XLSNAP_ASSIGN(const std::vector<NodeOverlay> named,
                                        name_overlays(disk.disk, disk.nodes, located.nodes,
                                                      disk.target.overlay));
                          std::ranges::copy(named, std::back_inserter(overlays));
                      }
                      created.targets = targets;
                      return session.take_snapshots(tags, overlays);
                  });
}

Result<std::vector<DiskTarget>> LiveTags::overlaid(const Domain &domain,
                                                   const std::vector<DiskTarget> &targets) {
    XLSNAP_ASSIGN(auto session, live_disks_.open(domain.domid));
    XLSNAP_ASSIGN(const std::vector<BlockNode> nodes, session->nodes());
    std::vector<DiskTarget> found;
    for (const DiskTarget &target : external_ones(targets))
        if (std::ranges::count(nodes, target.overlay, &BlockNode::path) != 0)
            found.push_back(target);
    return found;
}

Status LiveTags::remove(const Domain &domain, const std::vector<DiskTarget> &targets,
                        std::vector<DiskTarget> &gone) {
    return change(
        domain, targets, [&](LiveDisksSession &session, const LocatedDisks &located) -> Status {
            Status result;
            for (const Located &disk : located.disks) {
                const Tag *tag = find_tag(disk.tags, disk.target.tag);
                if (tag == nullptr) {
                    gone.push_back(disk.target);
                    continue;
                }
                Status deleted = session.delete_tag(disk.nodes.live, *tag)
                                     .with_context(fmt::format("disk {}", disk.target.vdev));
                result = first_error(std::move(result), std::move(deleted));
            }
            return result;
        });
}

} // namespace xlsnap

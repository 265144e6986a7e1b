// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"
#include "core/tag_check.hpp"
#include "engine/ports.hpp"

namespace xlsnap {

// The disk snapshots that one create() is answerable for.
struct CreatedTags {
    std::vector<DiskTarget> targets; // empty until QEMU was asked to make them
};

// Tags of the images that a living domain's QEMU has open, and overlays on these images.
//
// Where QEMU has two nodes on one image (an HVM guest whose emulated disks are not unplugged), a
// change through one leaves the other with stale tables, and its first write would corrupt the
// image. So after each change both read the image again, while the guest cannot write: a running
// guest is paused for that moment, a suspended one reads them when it is resumed.
class LiveTags {
  public:
    LiveTags(Toolstack &toolstack, LiveDisks &live_disks)
        : toolstack_(toolstack), live_disks_(live_disks) {}

    // Refuses what would fail later: an error when QEMU is silent, and in a target's place of the
    // answer when there is no node for its disk; else there are the tags that its image has now.
    Result<std::vector<ListedTags>> list(const Domain &domain,
                                         const std::vector<DiskTarget> &targets);

    // All tags and overlays or none, at one instant; the overlays lie there, and the domain's
    // configuration names them. `created` tells what to undo after a failure.
    Status create(const Domain &domain, const std::vector<DiskTarget> &targets,
                  CreatedTags &created);

    // Those of the external targets whose overlay QEMU has put in use.
    Result<std::vector<DiskTarget>> overlaid(const Domain &domain,
                                             const std::vector<DiskTarget> &targets);

    // Deletes the tags. One that is not there is told by `gone`, and no error.
    Status remove(const Domain &domain, const std::vector<DiskTarget> &targets,
                  std::vector<DiskTarget> &gone);

  private:
    struct Located {
        Disk disk;
        DiskTarget target;
        DiskNodes nodes;
        std::vector<Tag> tags; // of the live node
    };
    struct LocatedDisks {
        std::vector<Located> disks;
        std::vector<BlockNode> nodes; // all that QEMU has
    };
    using Change = std::function<Status(LiveDisksSession &, const LocatedDisks &)>;

    Result<Disk> present_disk(const Domain &domain, const DiskTarget &target);
    Result<std::vector<Disk>> present_disks(const Domain &domain,
                                            const std::vector<DiskTarget> &targets);
    static Result<LocatedDisks> locate(const std::vector<Disk> &disks,
                                       const std::vector<DiskTarget> &targets,
                                       LiveDisksSession &session);
    static Result<NodeTag> new_tag(const Located &disk);
    Status change(const Domain &domain, const std::vector<DiskTarget> &targets, const Change &act);
    Status change_paused(const Domain &domain, const std::vector<DiskTarget> &targets,
                         const Change &act);
    static Status change_twins(LiveDisksSession &session, const LocatedDisks &located,
                               RunState state, const Change &act);
    // Both nodes of each image read it again.
    static Status refresh(LiveDisksSession &session, RunState state);
    // The same by a session of its own, after a failure: one that QEMU did not answer in time is of
    // no use any more. Returns the failure.
    Status refresh_anew(const Domain &domain, RunState state, Status failure);

    Toolstack &toolstack_;
    LiveDisks &live_disks_;
};

} // namespace xlsnap

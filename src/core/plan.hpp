// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/config_disks.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// An image that an operation makes: an empty overlay on another one, or a copy of what a tag of
// that holds.
struct ImageToMake {
    std::string vdev;
    std::string path;
    std::string from;
    DiskFormat from_format = DiskFormat::Unknown;
    std::string tag = {}; // empty: an overlay

    friend bool operator==(const ImageToMake &, const ImageToMake &) = default;
};

// An operation is a list of steps, computed here from facts alone and carried out by
// engine/executor. Each step says what is done and, where it differs, what its undo means.
namespace step {

// Makes the memory image under a temporary name. Undo: removes it.
struct BeginMemoryImage {
    std::string path;
    bool was_paused = false;
};

// Makes images, whatever the domain does. Undo: removes them.
struct MakeImages {
    std::vector<ImageToMake> images;
    bool twins = false; // two nodes will have them open
};

// Suspends the domain into the memory image. Undo: the domain goes on as it was.
struct SuspendDomain {
    bool was_paused = false;
    bool live = false; // it runs while most of its memory is written
};

// Makes these the domain's images wherever libxl and xl have them. Undo: those it had.
struct UseImages {
    std::vector<DiskChange> images;
};

// Takes all disk snapshots at one instant through the domain's QEMU: tags, and overlays that lie
// there. Undo: deletes the tags, and the domain goes on with the images that it had.
struct TakeDiskSnapshots {
    std::vector<DiskTarget> targets;
};

// Makes sure that the images hold the tags which QEMU says it made. Apart from their creation, so
// that the guest stands still for that alone. No undo.
struct CheckTags {
    std::vector<DiskTarget> targets;
};

// Creates the tags in images that nobody has open, one after another. Undo: deletes them.
struct CreateClosedTags {
    std::vector<DiskTarget> targets;
};

// Lets a suspended domain go on. No undo: it is what every undo strives for.
struct ResumeDomain {
    bool was_paused = false;
};

// Syncs the memory image and gives it its name. No undo: on failure it leaves nothing.
struct PublishMemoryImage {};

// Stops the vCPUs. Undo: lets them run.
struct PauseDomain {};

// Destroys the domain. Undo: starts it again from its configuration, paused. Its memory is lost.
struct DestroyDomain {};

// Makes each target's tag its disk's present content, when nobody has the image open any more.
// Undo: the same with `present_tag`, which holds what the disks held before.
struct RevertDisks {
    std::vector<DiskTarget> targets;
    std::string present_tag;
};

// Builds the domain from the opened memory image, with other images than its configuration says; it
// is paused. No undo: on failure no domain is left.
struct RestoreDomain {
    std::vector<DiskChange> images;
};

// Builds the domain from its configuration in the same way.
struct StartDomain {
    std::vector<DiskChange> images;
};

// Lets a paused domain run.
struct UnpauseDomain {};

// Deletes tags that served the operation itself. One that stays is a warning, not a failure.
struct DropTags {
    std::vector<DiskTarget> targets;
};

// The same in images that nobody has open.
struct DropClosedTags {
    std::vector<DiskTarget> targets;
};

} // namespace step

using Step =
    std::variant<step::BeginMemoryImage, step::MakeImages, step::SuspendDomain, step::UseImages,
                 step::TakeDiskSnapshots, step::CheckTags, step::CreateClosedTags,
                 step::ResumeDomain, step::PublishMemoryImage, step::PauseDomain,
                 step::DestroyDomain, step::RevertDisks, step::RestoreDomain, step::StartDomain,
                 step::UnpauseDomain, step::DropTags, step::DropClosedTags>;

struct Plan {
    // A failure in one of these undoes it and all before it, last first.
    std::vector<Step> steps;
    // What remains when the operation has succeeded. A failure here is told but undoes nothing.
    std::vector<Step> closing;
};

struct CreateGoal {
    std::string memory_path = {}; // empty: disks alone
    bool live = false;
};

[[nodiscard]] Plan plan_create(const Domain &domain, const std::vector<DiskTarget> &targets,
                               const CreateGoal &goal);

struct RevertGoal {
    bool memory = false;      // restore the memory image; otherwise start from the configuration
    bool left_paused = false; // the domain stays paused afterwards
    std::string present_tag;  // keeps the disks' present state while the revert works
    // Images that no disk of the domain has now, but will have.
    std::vector<DiskTarget> detached = {};
    std::vector<DiskChange> moved = {}; // SnapshotRequest::moved
};

[[nodiscard]] Plan plan_revert(const Domain &domain, const std::vector<DiskTarget> &targets,
                               const RevertGoal &goal);

// The same for the disks of an inactive domain, which stays inactive.
// `twins`: see step::MakeImages.
[[nodiscard]] Plan plan_create_closed(const std::vector<DiskTarget> &targets, bool twins);
[[nodiscard]] Plan plan_revert_closed(const std::vector<DiskTarget> &targets,
                                      const std::string &present_tag, bool twins);

struct StartGoal {
    bool memory = false;      // restore the memory image; otherwise start from the configuration
    bool left_paused = false; // the domain stays paused afterwards
    std::string present_tag;  // as in RevertGoal
    std::vector<DiskChange> moved = {};
    bool twins = true; // see step::MakeImages
};

// A domain that does not run is started, on its disks as they are or as `targets` say.
[[nodiscard]] Plan plan_start(const std::vector<DiskTarget> &targets, const StartGoal &goal);

// The images that the domain has after it was reverted to the targets, as far as they are others
// than those of the snapshot.
[[nodiscard]] std::vector<DiskChange> images_after(const std::vector<DiskTarget> &targets);

} // namespace xlsnap

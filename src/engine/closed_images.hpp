// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <vector>

#include "base/result.hpp"
#include "core/blockers.hpp"
#include "core/disk_selection.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_request.hpp"
#include "core/tag_check.hpp"
#include "engine/ports.hpp"
#include "ports/disk_images.hpp"
#include "ports/image_users.hpp"

namespace xlsnap {

// How long a destroyed domain's QEMU may take to close its images. It writes back its caches, so
// slow storage counts; a process that keeps an image longer hangs.
inline constexpr std::chrono::seconds kImageReleaseDeadline{60};

// Tags of images that no process has open; the counterpart of LiveTags.

// The files and devices here that QEMU writes for the domain, without tags. Not those that another
// domain or a script serves, and nothing that has no path, such as rbd:pool/image.
[[nodiscard]] std::vector<DiskTarget> images_of_qemu(const Domain &domain);

// The tags of each target's image by qemu-img, which only reads: the image may be open.
[[nodiscard]] std::vector<ListedTags> list_image_tags(DiskImages &images,
                                                      const std::vector<DiskTarget> &targets);

// The disks of a request about a domain that does not run, and what their images hold.
struct ClosedImages {
    std::vector<DiskTarget> targets;
    std::vector<DiskTarget> tagged; // those of them whose tags are made, reverted to or deleted
    std::vector<ListedTags> tags;   // of each of these images
    Refusals refusals;              // what stands against them, tags aside
};

[[nodiscard]] ClosedImages gather_closed_images(const Ports &ports, const SnapshotRequest &request,
                                                Operation operation);

// Waits until nobody has the targets' images open any more, so that qemu-img may change them: after
// a domain is destroyed its QEMU lives a moment longer. TimedOut, naming who has which.
[[nodiscard]] Status wait_until_closed(ImageUsers &users, const std::vector<DiskTarget> &targets);

// Waits until a domain may be started on the images of this one: its QEMU must not meet another
// that writes them. A reader, such as a backup, is in nobody's way; only an HVM guest waits for it,
// up to a minute.
[[nodiscard]] Status wait_until_startable(ImageUsers &users, const Domain &domain);

// Waits until the QEMU of a domain that is destroyed has ended as far as its images are concerned:
// it writes back its tables when it ends, and libxl does not wait for that.
[[nodiscard]] Status wait_until_left(ImageUsers &users, const Domain &domain);

// Deletes the tags. One that is not there is told by `gone`, and no error.
[[nodiscard]] Status remove_closed_tags(DiskImages &images, const std::vector<DiskTarget> &targets,
                                        std::vector<DiskTarget> &gone);

} // namespace xlsnap

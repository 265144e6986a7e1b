// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "engine/ports.hpp"

namespace xlsnap {

// Tags of images that no process has open; the counterpart of LiveTags.

// The files and devices here that QEMU writes for the domain, without tags. Not those that another
// domain or a script serves, and nothing that has no path, such as rbd:pool/image.
[[nodiscard]] std::vector<DiskTarget> images_of_qemu(const Domain &domain);

// Waits until nobody has the targets' images open any more: after a domain is destroyed its QEMU
// lives a moment longer. TimedOut, naming who has which.
[[nodiscard]] Status wait_until_closed(const Ports &ports, const std::vector<DiskTarget> &targets);

// Deletes the tags. One that is not there is told by `gone`, and no error.
[[nodiscard]] Status remove_closed_tags(const Ports &ports, const std::vector<DiskTarget> &targets,
                                        std::vector<DiskTarget> &gone);

} // namespace xlsnap

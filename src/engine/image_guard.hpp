// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"
#include "ports/image_users.hpp"

namespace xlsnap {

// The open-image guard: who has the images of an operation open and may not. Each refusal is
// NotReady and names all of them.

// Nobody but the domain's own QEMU writes to the images: a second writer, such as another domain,
// would write over what a snapshot keeps. One that only reads (it has the image as a backing file)
// harms nobody.
Status check_unwritten(ImageUsers &users, const std::vector<DiskTarget> &targets,
                       const Domain &domain);

// Nobody but the domain's own QEMU has the images open, not even to read: a revert changes them
// after that QEMU is gone, and a reader would keep it from doing so.
Status check_exclusive(ImageUsers &users, const std::vector<DiskTarget> &targets,
                       const Domain &domain);

// Nobody at all has the images open: their domain is inactive.
Status check_closed(ImageUsers &users, const std::vector<DiskTarget> &targets);

} // namespace xlsnap

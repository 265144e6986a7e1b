// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/posix/file_identity.hpp"
#include "ports/image_users.hpp"

namespace xlsnap {

struct DeviceUsers {
    std::vector<ImageUser> users;
    // Set when there is a loop device whose file cannot be found: it may be one more user of any
    // regular file that has several names.
    std::optional<Error> unseen;
};

// Users of an image that are no processes: loop devices on it and, for a block device, Xen's block
// back end in the kernel (drivers/block/xen-blkback), which holds the device without claiming it.
Result<DeviceUsers> find_device_users(const std::string &sys_root, const FileIdentity &image);

// Asks the kernel, by a lease that it grants only to the one open description of a regular file,
// whether there is another one: in any process, this one too, or in the kernel. It does not say
// whose. An error where the file system has no leases, as NFS.
Result<bool> is_open_elsewhere(const std::string &file);

// The same about those who may write to it.
Result<bool> is_written_elsewhere(const std::string &file);

// True when the kernel has claimed the block device for itself: a mounted file system, swap, the
// device mapper, MD.
Result<bool> is_claimed(const std::string &device);

} // namespace xlsnap

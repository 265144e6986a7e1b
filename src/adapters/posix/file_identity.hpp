// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace xlsnap {

// Which regular file or block device something is, whatever name leads to it: hard links, bind
// mounts, symbolic links and renames do not change it.
struct FileIdentity {
    bool block_device = false;
    std::uint32_t major = 0; // of the file's file system, or of the block device itself
    std::uint32_t minor = 0;
    std::uint64_t inode = 0; // 0 for a block device

    friend bool operator==(const FileIdentity &, const FileIdentity &) = default;
};

// NotFound when there is no such file; Invalid when it is neither regular nor a block device.
Result<FileIdentity> identify_image(const std::string &path);

// The same for a name below an open directory; nothing for other kinds of file and for what is gone
// or does not answer. An error when it is hidden from us. Takes what the kernel knows already, so
// that an unreachable NFS server does not block it.
Result<std::optional<FileIdentity>> identify_at(int directory, const char *name);

} // namespace xlsnap

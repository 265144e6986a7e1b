// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/posix/file_identity.hpp"
#include "ports/image_users.hpp"

namespace xlsnap {

using UsersOfImages = std::vector<std::vector<ImageUser>>; // one list per image, in their order

struct ProcessUsers {
    UsersOfImages users;
    // Set when a process did not let us look: it may be one more user of each image.
    std::optional<Error> unseen;
};

// For each image the processes, except this one, that have it open, each named once; `writes` when
// any of its descriptors may write. Processes that end meanwhile are left out.
Result<ProcessUsers> find_process_users(const std::string &proc_root,
                                        std::span<const FileIdentity> images);

} // namespace xlsnap

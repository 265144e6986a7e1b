// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/unused_image.hpp"

#include <fmt/format.h>

namespace xlsnap {

namespace {

std::string describe(const ImageUser &user) {
    return user.pid == 0 ? user.command : fmt::format("{} (pid {})", user.command, user.pid);
}

} // namespace

Status expect_unused(ImageUsers &users, const std::string &path) {
    XLSNAP_ASSIGN(const std::vector<ImageUser> found, users.of(path));
    if (found.empty())
        return {};
    return fail(ErrorCode::NotReady,
                fmt::format("{} is open in {}; changing it now would corrupt it. Shut the domain "
                            "down, or end what uses the image, and try again",
                            path, describe(found.front())));
}

Status expect_unwritten(ImageUsers &users, const std::string &path) {
    XLSNAP_ASSIGN(const std::vector<ImageUser> found, users.of(path));
    for (const ImageUser &user : found) {
        if (user.writes)
            return fail(ErrorCode::NotReady,
                        fmt::format("{} is open for writing in {}, so what it holds may change at "
                                    "any time. Shut the domain down, or end what writes the "
                                    "image, and try again",
                                    path, describe(user)));
    }
    return {};
}

} // namespace xlsnap

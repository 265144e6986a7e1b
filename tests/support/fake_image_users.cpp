// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_image_users.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap::test {

Result<std::vector<ImageUser>> FakeImageUsers::of(const std::string &path) {
    XLSNAP_TRY(enter("of", path));
    return look_up(path);
}

Status FakeImageUsers::wait_until_unused(const std::vector<std::string> &paths,
                                         std::chrono::milliseconds) {
    XLSNAP_TRY(enter("wait_until_unused", fmt::format("{}", fmt::join(paths, " "))));
    return find_none(paths, true);
}

Status FakeImageUsers::wait_until_unwritten(const std::vector<std::string> &paths,
                                            std::chrono::milliseconds) {
    XLSNAP_TRY(enter("wait_until_unwritten", fmt::format("{}", fmt::join(paths, " "))));
    return find_none(paths, false);
}

Status FakeImageUsers::find_none(const std::vector<std::string> &paths, bool readers_too) {
    for (auto &[path, list] : users)
        std::erase_if(list, [this](const ImageUser &user) { return leaving.contains(user.pid); });
    for (const std::string &path : paths) {
        XLSNAP_ASSIGN(const std::vector<ImageUser> still, look_up(path));
        for (const ImageUser &user : still)
            if (readers_too || user.writes)
                return fail(ErrorCode::TimedOut,
                            fmt::format("{} is open in {} (pid {})", path, user.command, user.pid));
    }
    return {};
}

Result<std::vector<ImageUser>> FakeImageUsers::look_up(const std::string &path) const {
    if (missing.contains(path))
        return fail(ErrorCode::NotFound, path + ": no such file");
    auto found = users.find(path);
    if (found == users.end())
        return std::vector<ImageUser>();
    return found->second;
}

} // namespace xlsnap::test

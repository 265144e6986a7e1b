// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/image_guard.hpp"

#include <fmt/format.h>

#include "core/refusals.hpp"

namespace xlsnap {

namespace {

// The domain's own QEMU. Who has no pid is the kernel, and never that.
bool is_own_qemu(const ImageUser &user, const Domain &domain) {
    return user.pid != 0 && user.pid == domain.device_model_pid;
}

// "qemu-nbd (pid 4711)".
std::string who_is(const ImageUser &user) {
    return user.pid == 0 ? user.command : fmt::format("{} (pid {})", user.command, user.pid);
}

// "disk xvda (/images/a.qcow2)"; a disk of an inactive domain may have its path as its name.
std::string what_is(const DiskTarget &target) {
    return target.vdev == target.path ? fmt::format("disk {}", target.path)
                                      : fmt::format("disk {} ({})", target.vdev, target.path);
}

// A sentence for each user that may not be there: the words that `objection` has for it, which are
// empty for one that may.
template <typename Objection>
Status refuse_users(ImageUsers &users, const std::vector<DiskTarget> &targets,
                    Objection objection) {
    Refusals refusals;
    for (const DiskTarget &target : targets) {
        const Result<std::vector<ImageUser>> found = users.of(target.path);
        if (!found) {
            refusals.add(fail(found.error()), fmt::format("disk {}", target.vdev));
            continue;
        }
        for (const ImageUser &user : *found)
            if (const std::string words = objection(user); !words.empty())
                refusals.add(ErrorCode::NotReady,
                             fmt::format("{} is open {}", what_is(target), words));
    }
    return refusals.status();
}

} // namespace

Status check_unwritten(ImageUsers &users, const std::vector<DiskTarget> &targets,
                       const Domain &domain) {
    return refuse_users(users, targets, [&](const ImageUser &user) -> std::string {
        if (!user.writes || is_own_qemu(user, domain))
            return {};
        return fmt::format("for writing in {} too; end that and try again", who_is(user));
    });
}

Status check_exclusive(ImageUsers &users, const std::vector<DiskTarget> &targets,
                       const Domain &domain) {
    return refuse_users(users, targets, [&](const ImageUser &user) -> std::string {
        if (is_own_qemu(user, domain))
            return {};
        return fmt::format("in {}; end that and try again", who_is(user));
    });
}

Status check_closed(ImageUsers &users, const std::vector<DiskTarget> &targets) {
    return refuse_users(users, targets, [](const ImageUser &user) {
        return fmt::format(
            "in {}: if its domain runs, name the domain; else end that and try again",
            who_is(user));
    });
}

} // namespace xlsnap

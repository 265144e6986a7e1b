// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/proc_image_users.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "adapters/posix/device_users.hpp"
#include "adapters/posix/process_users.hpp"

namespace xlsnap {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kUserPoll{10};

std::string describe(const std::vector<std::string> &paths, const UsersOfImages &users) {
    std::string text;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        for (const ImageUser &user : users[i]) {
            text += fmt::format("{}{} is open{} in {}", text.empty() ? "" : "; ", paths[i],
                                user.writes ? " for writing" : "", user.command);
            if (user.pid != 0)
                text += fmt::format(" (pid {})", user.pid);
        }
    }
    return text;
}

// The last question, about an image of which no writer has been found, and perhaps no user: is
// there one that could not be seen? The answer costs the image's users something, if only for a
// moment: hence only then.
Result<std::optional<ImageUser>> ask_the_kernel(const std::string &path, const FileIdentity &image,
                                                bool is_read,
                                                const std::optional<Error> &unseen_process,
                                                const std::optional<Error> &unseen_device) {
    if (image.block_device) {
        if (unseen_process)
            return fail(*unseen_process);
        XLSNAP_ASSIGN(const bool claimed, is_claimed(path));
        return claimed ? std::optional(ImageUser{0, "the kernel", true}) : std::nullopt;
    }
    const std::optional<Error> &unseen = unseen_process ? unseen_process : unseen_device;
    if (!unseen)
        return std::optional<ImageUser>();
    // A process that hides its files (libvirt's under AppArmor, for one) cannot hide them from
    // this.
    auto elsewhere = is_read ? is_written_elsewhere(path) : is_open_elsewhere(path);
    XLSNAP_ASSIGN(const bool used, std::move(elsewhere).with_context(unseen->message));
    return used ? std::optional(ImageUser{0, "something that may not be looked at", true})
                : std::nullopt;
}

} // namespace

ProcImageUsers::ProcImageUsers(std::string proc_root, std::string sys_root)
    : proc_root_(std::move(proc_root)), sys_root_(std::move(sys_root)) {}

Result<std::vector<ImageUser>> ProcImageUsers::of(const std::string &path) {
    XLSNAP_ASSIGN(UsersOfImages users, look({path}));
    return std::move(users.front());
}

Status ProcImageUsers::wait_until_unused(const std::vector<std::string> &paths,
                                         std::chrono::milliseconds deadline) {
    return wait_for(paths, InTheWay::Everybody, deadline);
}

Status ProcImageUsers::wait_until_unwritten(const std::vector<std::string> &paths,
                                            std::chrono::milliseconds deadline) {
    return wait_for(paths, InTheWay::Writers, deadline);
}

Status ProcImageUsers::wait_for(const std::vector<std::string> &paths, InTheWay who,
                                std::chrono::milliseconds deadline) const {
    const Clock::time_point end = Clock::now() + deadline;
    for (;;) {
        XLSNAP_ASSIGN(UsersOfImages users, look(paths));
        if (who == InTheWay::Writers)
            for (std::vector<ImageUser> &list : users)
                std::erase_if(list, [](const ImageUser &user) { return !user.writes; });
        std::string still = describe(paths, users);
        if (still.empty())
            return {};
        if (Clock::now() >= end)
            return fail(ErrorCode::TimedOut, std::move(still));
        std::this_thread::sleep_for(kUserPoll);
    }
}

Result<UsersOfImages> ProcImageUsers::look(const std::vector<std::string> &paths) const {
    std::vector<FileIdentity> images;
    for (const std::string &path : paths) {
        XLSNAP_ASSIGN(const FileIdentity image, identify_image(path));
        images.push_back(image);
    }
    XLSNAP_ASSIGN(ProcessUsers processes, find_process_users(proc_root_, images));
    for (std::size_t i = 0; i < paths.size(); ++i) {
        std::vector<ImageUser> &users = processes.users[i];
        XLSNAP_ASSIGN(const DeviceUsers devices, find_device_users(sys_root_, images[i]));
        std::ranges::copy(devices.users, std::back_inserter(users));
        if (std::ranges::any_of(users, &ImageUser::writes))
            continue;
        XLSNAP_ASSIGN(
            const std::optional<ImageUser> other,
            ask_the_kernel(paths[i], images[i], !users.empty(), processes.unseen, devices.unseen));
        if (other)
            users.push_back(*other);
    }
    return std::move(processes.users);
}

} // namespace xlsnap

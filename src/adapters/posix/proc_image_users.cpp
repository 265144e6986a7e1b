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

constexpr std::chrono::milliseconds kPollInterval{10};
constexpr const char *kUnseenProcess = "a process that may not be looked at";

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

// The last questions, about images of which no user has been found. Their answers cost the image's
// other users something, if only for a moment: hence only then.

// A process that hides its files from us (libvirt's under AppArmor, for one) cannot hide from a
// lease.
Result<bool> is_used_unseen_file(const std::string &path, const std::optional<Error> &unseen) {
    if (!unseen)
        return false;
    return is_open_elsewhere(path).with_context(unseen->message);
}

Result<bool> is_used_unseen_device(const std::string &path, const std::optional<Error> &unseen) {
    if (unseen)
        return fail(*unseen);
    return is_claimed(path);
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
    const Clock::time_point end = Clock::now() + deadline;
    for (;;) {
        XLSNAP_ASSIGN(const UsersOfImages users, look(paths));
        std::string still = describe(paths, users);
        if (still.empty())
            return {};
        if (Clock::now() >= end)
            return fail(ErrorCode::TimedOut, std::move(still));
        std::this_thread::sleep_for(kPollInterval);
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
        XLSNAP_ASSIGN(const std::vector<ImageUser> devices,
                      find_device_users(sys_root_, images[i]));
        std::ranges::copy(devices, std::back_inserter(users));
        if (!users.empty())
            continue;
        const Result<bool> used = images[i].block_device
                                      ? is_used_unseen_device(paths[i], processes.unseen)
                                      : is_used_unseen_file(paths[i], processes.unseen);
        if (!used)
            return fail(used.error());
        if (*used)
            users.push_back({0, images[i].block_device ? "the kernel" : kUnseenProcess, true});
    }
    return std::move(processes.users);
}

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/process_users.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "adapters/posix/directory_entries.hpp"
#include "adapters/posix/ended_process.hpp"
#include "base/small_file.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kFlagsKey = "flags:\t";

std::optional<int> parse_pid(std::string_view name) {
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size() || pid <= 0)
        return std::nullopt;
    return pid;
}

// The open flags in the text of an fdinfo file, where they are octal.
std::optional<int> parse_open_flags(std::string_view info) {
    const std::size_t at = info.find(kFlagsKey);
    if (at == std::string_view::npos)
        return std::nullopt;
    info.remove_prefix(at + kFlagsKey.size());
    int flags = 0;
    if (std::from_chars(info.data(), info.data() + info.size(), flags, 8).ec != std::errc())
        return std::nullopt;
    return flags;
}

// The directory of one process below /proc.
class Process {
  public:
    Process(int pid, UniqueFd fd) : pid_(pid), fd_(std::move(fd)) {}

    // Adds the process to the users of those images that it has open.
    Status report(std::span<const FileIdentity> images, UsersOfImages &users) const {
        std::optional<DirectoryEntries> descriptors = DirectoryEntries::open(fd_.get(), "fd");
        if (!descriptors && process_has_ended(errno))
            return {};
        if (!descriptors)
            return fail(errno_error(errno, "its list of open files"));
        while (const char *descriptor = descriptors->next()) {
            XLSNAP_ASSIGN(const auto file, identify_at(descriptors->fd(), descriptor));
            for (std::size_t i = 0; i < images.size(); ++i) {
                if (file == images[i])
                    XLSNAP_TRY(report_descriptor(descriptor, users[i]));
            }
        }
        return {};
    }

  private:
    Status report_descriptor(const char *descriptor, std::vector<ImageUser> &users) const {
        XLSNAP_ASSIGN(const auto info,
                      read_small_file(fd_.get(), fmt::format("fdinfo/{}", descriptor)));
        if (!info) // closed by now
            return {};
        const std::optional<int> flags = parse_open_flags(*info);
        if (flags && (*flags & O_PATH) != 0) // names the file without opening it
            return {};
        const bool writes = !flags || (*flags & O_ACCMODE) != O_RDONLY;
        if (!users.empty() && users.back().pid == pid_) {
            users.back().writes |= writes;
            return {};
        }
        XLSNAP_ASSIGN(auto command, read_small_file(fd_.get(), "comm"));
        if (command)
            users.push_back({pid_, std::move(*command), writes});
        return {};
    }

    int pid_;
    UniqueFd fd_;
};

Status report_process(int proc, const char *name, int pid, std::span<const FileIdentity> images,
                      UsersOfImages &users) {
    UniqueFd directory(::openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid() && process_has_ended(errno))
        return {};
    if (!directory.valid())
        return fail(errno_error(errno, "its directory"));
    return Process(pid, std::move(directory)).report(images, users);
}

} // namespace

Result<ProcessUsers> find_process_users(const std::string &proc_root,
                                        std::span<const FileIdentity> images) {
    std::optional<DirectoryEntries> processes = DirectoryEntries::open(AT_FDCWD, proc_root.c_str());
    if (!processes)
        return fail(errno_error(errno, fmt::format("cannot list the processes in {}", proc_root)));
    ProcessUsers result;
    result.users.resize(images.size());
    while (const char *name = processes->next()) {
        const std::optional<int> pid = parse_pid(name);
        if (!pid || *pid == ::getpid())
            continue;
        const Status status = report_process(processes->fd(), name, *pid, images, result.users);
        if (!status && !result.unseen)
            result.unseen = with_context(
                fmt::format("cannot see which files process {} has open (this needs root)", *pid),
                status.error());
    }
    return result;
}

} // namespace xlsnap

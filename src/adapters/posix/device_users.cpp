// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/device_users.hpp"

#include <fcntl.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include <fmt/format.h>

#include "adapters/posix/directory_entries.hpp"
#include "base/small_file.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

namespace {

// The directory of a loop device has `loop/backing_file` while there is a file behind it; the name
// there follows renames, but says nothing when that name, one of several perhaps, was removed.
Status add_loop_device(int devices, const char *name, const FileIdentity &image,
                       DeviceUsers &found) {
    XLSNAP_ASSIGN(const auto file,
                  read_small_file(devices, fmt::format("{}/loop/backing_file", name)));
    if (!file)
        return {};
    const auto identity = identify_at(AT_FDCWD, file->c_str());
    if (!identity || !*identity)
        found.unseen = Error{ErrorCode::Fail, fmt::format("cannot find the file {} of the loop "
                                                          "device {}",
                                                          *file, name)};
    if (!identity || *identity != image)
        return {};
    XLSNAP_ASSIGN(const auto read_only, read_small_file(devices, fmt::format("{}/ro", name)));
    found.users.push_back({0, fmt::format("loop device {}", name), read_only != "1"});
    return {};
}

Status add_loop_devices(const std::string &sys_root, const FileIdentity &image,
                        DeviceUsers &found) {
    const std::string directory = sys_root + "/block";
    auto devices = DirectoryEntries::open(AT_FDCWD, directory.c_str());
    if (!devices)
        return fail(errno_error(errno, "cannot list the loop devices in " + directory));
    while (const char *name = devices->next()) {
        if (std::string_view(name).starts_with("loop"))
            XLSNAP_TRY(add_loop_device(devices->fd(), name, image, found));
    }
    return {};
}

// The devices of the bus are named vbd-<domid>-<virtual device>; `physical_device` is the block
// device in hexadecimal, `mode` is "r" or begins with "w". Other back ends have neither.
Status add_block_back_ends(const std::string &sys_root, const FileIdentity &image,
                           std::vector<ImageUser> &users) {
    const std::string directory = sys_root + "/bus/xen-backend/devices";
    auto devices = DirectoryEntries::open(AT_FDCWD, directory.c_str());
    if (!devices && errno == ENOENT) // this kernel has no back ends
        return {};
    if (!devices)
        return fail(errno_error(errno, "cannot list the block back ends in " + directory));
    const std::string wanted = fmt::format("{:x}:{:x}", image.major, image.minor);
    while (const char *name = devices->next()) {
        XLSNAP_ASSIGN(const auto device,
                      read_small_file(devices->fd(), fmt::format("{}/physical_device", name)));
        if (device != wanted)
            continue;
        XLSNAP_ASSIGN(const auto mode,
                      read_small_file(devices->fd(), fmt::format("{}/mode", name)));
        users.push_back({0, fmt::format("block back end {}", name), mode != "r"});
    }
    return {};
}

Result<bool> is_lease_refused(const std::string &file, int lease) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd.valid() && errno == EWOULDBLOCK) // somebody else has a lease
        return true;
    if (!fd.valid())
        return fail(errno_error(errno, "cannot open " + file));
    // Whoever opens the file in this moment waits for the close below, and we are sent a signal:
    // one that is ignored by default, instead of SIGIO, which kills.
    if (::fcntl(fd.get(), F_SETSIG, SIGURG) == 0 && ::fcntl(fd.get(), F_SETLEASE, lease) == 0)
        return false;
    if (errno == EAGAIN)
        return true;
    return fail(errno_error(errno, "cannot ask the kernel who else has " + file + " open"));
}

} // namespace

Result<DeviceUsers> find_device_users(const std::string &sys_root, const FileIdentity &image) {
    DeviceUsers found;
    XLSNAP_TRY(add_loop_devices(sys_root, image, found));
    if (image.block_device)
        XLSNAP_TRY(add_block_back_ends(sys_root, image, found.users));
    return found;
}

Result<bool> is_open_elsewhere(const std::string &file) {
    return is_lease_refused(file, F_WRLCK);
}

// A lease for reading is refused only when somebody has the file open for writing.
Result<bool> is_written_elsewhere(const std::string &file) {
    return is_lease_refused(file, F_RDLCK);
}

Result<bool> is_claimed(const std::string &device) {
    const UniqueFd fd(
        ::open(device.c_str(), O_RDONLY | O_EXCL | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd.valid() && errno == EBUSY)
        return true;
    if (!fd.valid())
        return fail(errno_error(errno, "cannot open " + device));
    return false;
}

} // namespace xlsnap

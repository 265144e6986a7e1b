// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/backed_images.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "adapters/qemu/chain_reader.hpp"
#include "base/byte_order.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

namespace {

constexpr std::uint32_t kMagic = 0x5146'49fb; // of every version
constexpr std::size_t kNameOffsetField = 8;
constexpr std::size_t kNameLengthField = 16;
constexpr std::size_t kBytesOfHead = 20;
constexpr std::uint32_t kLongestName = 1023;
constexpr std::uint64_t kLargestCluster = std::uint64_t{1} << 21U; // the name lies in the first one

// As much of it as the file has.
Result<std::size_t> read_some(int fd, std::uint64_t offset, std::span<std::byte> out,
                              const std::string &path) {
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t count =
            ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(errno_error(errno, fmt::format("cannot read {}", path)));
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

// Empty when it names none. Less is checked than before an image is used: what this code does not
// know of, such as data in another file, stands on its backing file all the same.
Result<std::string> read_backing_name(int fd, const std::string &path) {
    std::array<std::byte, kBytesOfHead> head{};
    XLSNAP_ASSIGN(const std::size_t found, read_some(fd, 0, head, path));
    if (found < head.size() || load_big_endian<std::uint32_t>(head, 0) != kMagic)
        return std::string();
    const auto offset = load_big_endian<std::uint64_t>(head, kNameOffsetField);
    const auto length = load_big_endian<std::uint32_t>(head, kNameLengthField);
    if (offset == 0 || offset > kLargestCluster || length > kLongestName)
        return std::string();
    std::string name(length, '\0');
    XLSNAP_ASSIGN(const std::size_t read,
                  read_some(fd, offset, std::as_writable_bytes(std::span(name)), path));
    return read == length ? name : std::string();
}

// Looks at what has the name and at nothing behind it: no file is opened, and no automounter or
// server is woken, for a name that may be a guest's.
ImageMark identity_of(const std::string &path) {
    struct statx status {};
    ImageMark mark;
    if (::statx(AT_FDCWD, path.c_str(), AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
                STATX_TYPE | STATX_INO, &status) != 0)
        return mark;
    const bool device = S_ISBLK(status.stx_mode);
    mark.device = device ? makedev(status.stx_rdev_major, status.stx_rdev_minor)
                         : makedev(status.stx_dev_major, status.stx_dev_minor);
    mark.inode = device ? 0 : status.stx_ino;
    return mark;
}

Result<std::optional<BackedImage>> read_backed_image(const std::string &path) {
    const UniqueFd fd(
        ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    struct stat status {};
    if (!fd.valid() && (errno == ENOENT || errno == ELOOP))
        return std::nullopt; // it is gone, or is another thing now
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
        return fail(errno_error(errno, fmt::format("cannot look whether {} is an overlay", path)));
    if (!S_ISREG(status.st_mode))
        return std::nullopt;
    XLSNAP_ASSIGN(const std::string name, read_backing_name(fd.get(), path));
    if (name.empty())
        return std::nullopt;
    BackedImage image;
    image.path = path;
    image.mark.device = status.st_dev;
    image.mark.inode = status.st_ino;
    const Result<std::string> backing = resolve_backing(name, path);
    image.backing = backing ? *backing : name;
    if (backing)
        image.backing_mark = identity_of(image.backing);
    return image;
}

// What a crash has left of an image that was being made is nobody's.
bool is_temporary(const std::string &name) {
    return name.starts_with('.') && name.ends_with(".tmp");
}

} // namespace

Result<std::vector<BackedImage>> read_backed_images(const std::string &directory) {
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    std::vector<BackedImage> images;
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        std::error_code vanished;
        if (entry->symlink_status(vanished).type() != std::filesystem::file_type::regular ||
            is_temporary(entry->path().filename().string()))
            continue;
        XLSNAP_ASSIGN(std::optional<BackedImage> image, read_backed_image(entry->path().string()));
        if (image)
            images.push_back(std::move(*image));
    }
    if (error)
        return fail(errno_error(error.value(), fmt::format("cannot list {}", directory)));
    std::ranges::sort(images, {}, &BackedImage::path);
    return images;
}

} // namespace xlsnap

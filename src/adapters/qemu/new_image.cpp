// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/new_image.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "adapters/qemu/chain_reader.hpp"
#include "adapters/qemu/image_mark.hpp"
#include "base/temporary_file.hpp"
#include "core/image_space.hpp"

namespace xlsnap {

namespace {

constexpr std::uint32_t kExtentBytes = std::uint32_t{1} << 20U;
constexpr std::size_t kBlockBytes = 4096;

Status expect_free_name(const OpenedPlace &place) {
    XLSNAP_ASSIGN(const bool taken, place.directory.exists(place.name));
    if (!taken)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("{} exists already; remove it or choose another name",
                            place.directory.path_of(place.name)));
}

// QEMU asks for this wherever it makes a file (raw_co_create in block/file-posix.c of qemu.git):
// XFS then allocates it in pieces of this size, and an image that grows cluster by cluster is not
// scattered. Other file systems refuse, and a file can do without.
void hint_extent_size(int fd) {
    struct fsxattr attributes {};
    if (::ioctl(fd, FS_IOC_FSGETXATTR, &attributes) != 0)
        return;
    attributes.fsx_xflags |= FS_XFLAG_EXTSIZE;
    attributes.fsx_extsize = kExtentBytes;
    static_cast<void>(::ioctl(fd, FS_IOC_FSSETXATTR, &attributes));
}

Status write_at(int fd, std::size_t offset, std::string_view bytes, const std::string &path) {
    if (::lseek(fd, static_cast<off_t>(offset), SEEK_SET) < 0)
        return fail(errno_error(errno, fmt::format("cannot write {}", path)));
    return write_all(fd, bytes, path);
}

} // namespace

Result<OpenedPlace> open_place(const std::string &path) {
    XLSNAP_TRY(expect_plain_path(path));
    const std::size_t slash = path.rfind('/');
    std::string name = path.substr(slash + 1);
    if (name.empty() || name == "." || name == "..")
        return fail(ErrorCode::Invalid,
                    fmt::format("{} names no file; put a name behind it", path));
    XLSNAP_ASSIGN(DurableDirectory directory,
                  DurableDirectory::open(slash == 0 ? "/" : path.substr(0, slash)));
    return OpenedPlace{std::move(directory), std::move(name)};
}

Result<NewImage> NewImage::begin(const std::string &path) {
    XLSNAP_ASSIGN(OpenedPlace place, open_place(path));
    XLSNAP_TRY(expect_free_name(place));
    XLSNAP_ASSIGN(std::string temporary, temporary_name(place.name));
    XLSNAP_ASSIGN(UniqueFd fd, place.directory.create_file(temporary));
    return NewImage(std::move(place), std::move(temporary), std::move(fd));
}

// The name of what stays says what it is.
NewImage::~NewImage() {
    if (!temporary_.empty())
        static_cast<void>(place_.directory.remove(temporary_));
}

std::string NewImage::temporary_path() const {
    return place_.directory.path_of(temporary_);
}

Status NewImage::expect_space(std::uint64_t bytes) const {
    XLSNAP_ASSIGN(const std::uint64_t free, place_.directory.free_space());
    return xlsnap::expect_space(path(), bytes, free);
}

Status NewImage::write(std::string_view content) const {
    const std::string path = this->path();
    hint_extent_size(fd_.get());
    for (std::size_t at = 0; at < content.size(); at += kBlockBytes) {
        const std::string_view block = content.substr(at, kBlockBytes);
        if (block.find_first_not_of('\0') != std::string_view::npos)
            XLSNAP_TRY(write_at(fd_.get(), at, block, path));
    }
    if (::ftruncate(fd_.get(), static_cast<off_t>(content.size())) != 0)
        return fail(errno_error(errno, fmt::format("cannot write {}", path)));
    return {};
}

Result<ImageMark> NewImage::publish() {
    const std::string path = this->path();
    XLSNAP_TRY(sync_file(fd_.get(), path));
    XLSNAP_TRY(give_name());
    Result<ImageMark> mark = mark_of(path);
    Status synced = place_.directory.sync();
    if (mark && synced)
        return mark;
    Error error = mark ? std::move(synced.error()) : std::move(mark.error());
    if (Status removed = place_.directory.remove(place_.name); !removed)
        return fail(with_context(error.message, std::move(removed.error())));
    return fail(std::move(error));
}

Status NewImage::give_name() {
    Status renamed = place_.directory.rename_to_free_name(temporary_, place_.name);
    if (!renamed) {
        XLSNAP_TRY(expect_free_name(place_)); // tells best who came first
        return renamed;
    }
    temporary_.clear();
    return {};
}

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/file_memory_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "adapters/store/durable_directory.hpp"
#include "adapters/store/save_header.hpp"
#include "adapters/store/save_stream_walker.hpp"
#include "adapters/store/temporary_file.hpp"
#include "base/digest.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

namespace {

// A path as the directory to open and the name in it.
struct Location {
    std::string directory;
    std::string name;
};

Result<Location> locate(const std::string &path) {
    if (!path.starts_with('/'))
        return fail(ErrorCode::Invalid,
                    fmt::format("the path of a memory image, '{}', is not absolute; give one that "
                                "begins with '/'",
                                path));
    const std::size_t slash = path.rfind('/');
    Location location{path.substr(0, slash), path.substr(slash + 1)};
    if (location.directory.empty())
        location.directory = "/";
    if (location.name.empty() || location.name == "." || location.name == "..")
        return fail(ErrorCode::Invalid,
                    fmt::format("{} names no file; put a name behind it", path));
    if (path.find('\0') != std::string::npos)
        return fail(ErrorCode::Invalid, "the path of a memory image holds a NUL");
    return location;
}

Status check_free(const DurableDirectory &directory, const std::string &name) {
    XLSNAP_ASSIGN(const bool taken, directory.exists(name));
    if (taken)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} exists already; remove it or choose another name",
                                directory.path_of(name)));
    return {};
}

std::uint64_t in_mib(std::uint64_t bytes) {
    return bytes >> 20U;
}

// Takes the blocks of the stream's head beforehand: when libxl cannot write that, its process dies
// (see check_writable in adapters/libxl/suspend.cpp). Not every file system can.
constexpr off_t kMostBytesOfHead = 4096; // two headers, of 16 and 8 bytes

Status reserve_stream_head(int fd, std::size_t position, const std::string &path) {
    int status = 0;
    do {
        status =
            ::fallocate(fd, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(position), kMostBytesOfHead);
    } while (status != 0 && errno == EINTR);
    if (status != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
        return fail(errno_error(errno, fmt::format("cannot write {}", path)));
    return {};
}

class Writer final : public MemoryImageWriter {
  public:
    Writer(DurableDirectory directory, std::string temporary, std::string name, UniqueFd fd)
        : directory_(std::move(directory)), temporary_(std::move(temporary)),
          name_(std::move(name)), fd_(std::move(fd)) {}
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;
    Writer(Writer &&) = delete;
    Writer &operator=(Writer &&) = delete;
    // The name of what stays says what it is.
    ~Writer() override { static_cast<void>(drop_temporary()); }

    [[nodiscard]] int fd() const override { return fd_.get(); }

    Status discard() override { return drop_temporary(); }

    Status publish() override {
        Status status = try_publish();
        if (status)
            return status;
        if (Status dropped = drop_temporary(); !dropped)
            return Status::failure(with_context(status.error().message, dropped.error()));
        return status;
    }

    Status write_header(std::string_view header) {
        const std::string path = directory_.path_of(temporary_);
        XLSNAP_TRY(write_all(fd_.get(), header, path));
        return reserve_stream_head(fd_.get(), header.size(), path);
    }

  private:
    Status try_publish() {
        if (temporary_.empty())
            return fail(ErrorCode::Invalid, fmt::format("{} is published already or given up",
                                                        directory_.path_of(name_)));
        XLSNAP_TRY(sync_file(fd_.get(), directory_.path_of(temporary_)));
        XLSNAP_TRY(directory_.rename_to_free_name(temporary_, name_));
        temporary_ = name_; // until the name is on the disk, a crash may take it away again
        XLSNAP_TRY(directory_.sync());
        temporary_.clear();
        return {};
    }

    Status drop_temporary() {
        const std::string name = std::exchange(temporary_, {});
        return name.empty() ? Status() : directory_.remove(name);
    }

    DurableDirectory directory_;
    std::string temporary_; // the name that the file has until it is an image; empty afterwards
    std::string name_;
    UniqueFd fd_;
};

Result<struct stat> status_of(int fd, const std::string &path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        return fail(errno_error(errno, fmt::format("cannot examine {}", path)));
    return status;
}

Result<std::uint64_t> file_size(int fd, const std::string &path) {
    XLSNAP_ASSIGN(const struct stat status, status_of(fd, path));
    return static_cast<std::uint64_t>(status.st_size);
}

Result<UniqueFd> open_image(const std::string &path) {
    XLSNAP_ASSIGN(const Location location, locate(path));
    XLSNAP_ASSIGN(const DurableDirectory directory, DurableDirectory::open(location.directory));
    Result<UniqueFd> fd = directory.open_file(location.name);
    if (!fd && fd.error().code == ErrorCode::NotFound)
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no memory image {}; name the one that was made", path));
    return fd;
}

Result<MemoryImage> read_image(UniqueFd fd, const std::string &path) {
    XLSNAP_ASSIGN(const std::uint64_t size, file_size(fd.get(), path));
    XLSNAP_ASSIGN(SaveHeader header, read_save_header(fd.get(), size));
    XLSNAP_TRY(walk_save_stream(fd.get(), header.stream_position, size));
    if (::lseek(fd.get(), static_cast<off_t>(header.stream_position), SEEK_SET) < 0)
        return fail(errno_error(errno, fmt::format("cannot seek in {}", path)));
    return MemoryImage{std::move(header.info), std::move(fd)};
}

Status check_save_file(int fd, const std::string &path) {
    std::array<char, kSaveMagicSize> magic{};
    const ssize_t count = ::pread(fd, magic.data(), magic.size(), 0);
    if (count < 0)
        return fail(errno_error(errno, fmt::format("cannot read {}", path)));
    if (!begins_with_save_magic({magic.data(), static_cast<std::size_t>(count)}))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is not a file of xl save, so it is not removed; "
                                "look whether the path is right",
                                path));
    return {};
}

Status check_space(const DurableDirectory &directory, const std::string &path, std::uint64_t size) {
    XLSNAP_ASSIGN(const std::uint64_t free_space, directory.free_space());
    if (free_space < size)
        return fail(ErrorCode::Fail,
                    fmt::format("{} takes {} MiB, but its file system has only {} MiB of free "
                                "space; make room or choose another place",
                                path, in_mib(size) + 1, in_mib(free_space)));
    return {};
}

Status check_usable(const DurableDirectory &directory, const std::string &path,
                    std::uint64_t size) {
    XLSNAP_TRY(directory.check_writable());
    // Room is of no use where nothing can be written.
    return check_space(directory, path, size);
}

} // namespace

Status FileMemoryStore::check_new(const std::string &path, std::uint64_t size) {
    XLSNAP_ASSIGN(const Location location, locate(path));
    XLSNAP_ASSIGN(const DurableDirectory directory, DurableDirectory::open(location.directory));
    Refusals refusals;
    refusals.add(check_free(directory, location.name));
    refusals.add(check_usable(directory, path, size));
    return refusals.status();
}

Status FileMemoryStore::check_new_directory(const std::string &path, std::uint64_t size) {
    XLSNAP_ASSIGN(Location location, locate(path));
    Result<DurableDirectory> directory = DurableDirectory::open(location.directory);
    if (directory)
        return check_new(path, size);
    while (!directory && directory.error().code == ErrorCode::NotFound &&
           location.directory != "/") {
        XLSNAP_ASSIGN(location, locate(location.directory));
        directory = DurableDirectory::open(location.directory);
    }
    if (!directory)
        return fail(std::move(directory.error()));
    return check_usable(*directory, path, size);
}

Result<std::unique_ptr<MemoryImageWriter>> FileMemoryStore::create(const std::string &path,
                                                                   const MemoryImageInfo &info) {
    XLSNAP_ASSIGN(const Location location, locate(path));
    XLSNAP_ASSIGN(const std::string header, encode_save_header(info));
    XLSNAP_ASSIGN(DurableDirectory directory, DurableDirectory::open(location.directory));
    XLSNAP_TRY(check_free(directory, location.name));
    XLSNAP_ASSIGN(std::string temporary, temporary_name(location.name));
    XLSNAP_ASSIGN(UniqueFd fd, directory.create_file(temporary));
    auto writer = std::make_unique<Writer>(std::move(directory), std::move(temporary),
                                           location.name, std::move(fd));
    XLSNAP_TRY(writer->write_header(header));
    return writer;
}

Result<MemoryImage> FileMemoryStore::open(const std::string &path) {
    XLSNAP_ASSIGN(UniqueFd fd, open_image(path));
    Result<MemoryImage> image = read_image(std::move(fd), path);
    if (!image && image.error().code == ErrorCode::Invalid)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} cannot be restored: {}; it is damaged, of a newer format, or "
                                "no memory image at all: use another one",
                                path, image.error().message));
    return std::move(image).with_context(path);
}

Result<MemoryFingerprint> FileMemoryStore::fingerprint(const std::string &path) {
    XLSNAP_ASSIGN(const UniqueFd fd, open_image(path));
    MemoryFingerprint print;
    XLSNAP_ASSIGN(print.bytes, file_size(fd.get(), path));
    XLSNAP_ASSIGN(print.sha256, sha256_of_file(fd.get()).with_context(path));
    return print;
}

Result<std::uint64_t> FileMemoryStore::held_bytes(const std::string &path) {
    constexpr std::uint64_t unit = 512; // of st_blocks
    XLSNAP_ASSIGN(const UniqueFd fd, open_image(path));
    XLSNAP_ASSIGN(const struct stat status, status_of(fd.get(), path));
    return static_cast<std::uint64_t>(status.st_blocks) * unit;
}

Result<bool> FileMemoryStore::remove(const std::string &path) {
    XLSNAP_ASSIGN(const Location location, locate(path));
    Result<DurableDirectory> directory = DurableDirectory::open(location.directory);
    if (!directory && directory.error().code == ErrorCode::NotFound)
        return false;
    if (!directory)
        return fail(std::move(directory.error()));
    const Result<UniqueFd> fd = directory->open_file(location.name);
    if (!fd && fd.error().code == ErrorCode::NotFound)
        return false;
    if (!fd)
        return fail(fd.error());
    XLSNAP_TRY(check_save_file(fd->get(), path));
    XLSNAP_TRY(directory->remove(location.name));
    XLSNAP_TRY(directory->sync());
    return true;
}

} // namespace xlsnap

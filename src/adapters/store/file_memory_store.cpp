// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/file_memory_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "adapters/store/compressed_image.hpp"
#include "adapters/store/image_place.hpp"
#include "adapters/store/save_header.hpp"
#include "adapters/store/save_stream_walker.hpp"
#include "base/digest.hpp"
#include "base/durable_directory.hpp"
#include "base/temporary_file.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

namespace {

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

Result<MemoryImage> read_plain_image(UniqueFd fd, const std::string &path) {
    XLSNAP_ASSIGN(const std::uint64_t size, file_size(fd.get(), path));
    XLSNAP_ASSIGN(SaveHeader header, read_save_header(fd.get(), size));
    XLSNAP_TRY(walk_save_stream(fd.get(), header.stream_position, size));
    if (::lseek(fd.get(), static_cast<off_t>(header.stream_position), SEEK_SET) < 0)
        return fail(errno_error(errno, fmt::format("cannot seek in {}", path)));
    return MemoryImage{std::move(header.info), std::move(fd)};
}

Result<MemoryImage> read_image(OpenedImage opened, const std::string &path) {
    XLSNAP_ASSIGN(const MemoryCompression compression, compression_of(opened.fd.get(), path));
    if (compression == MemoryCompression::None)
        return read_plain_image(std::move(opened.fd), path);
    XLSNAP_ASSIGN(UniqueFd plain, decompress_image(opened));
    return read_plain_image(std::move(plain), path).with_context("decompressed");
}

Status check_save_file(int fd, const std::string &path) {
    XLSNAP_ASSIGN(const std::string magic, beginning_of_image(fd, kSaveMagicSize, path));
    if (!begins_with_save_magic(magic))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is not a file of xl save, so it is not removed; "
                                "look whether the path is right",
                                path));
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
    XLSNAP_ASSIGN(const ImagePlace place, locate_image(path));
    XLSNAP_ASSIGN(const DurableDirectory directory, DurableDirectory::open(place.directory));
    Refusals refusals;
    refusals.add(check_free(directory, place.name));
    refusals.add(check_usable(directory, path, size));
    return refusals.status();
}

Status FileMemoryStore::check_new_directory(const std::string &path, std::uint64_t size) {
    XLSNAP_ASSIGN(ImagePlace place, locate_image(path));
    Result<DurableDirectory> directory = DurableDirectory::open(place.directory);
    if (directory)
        return check_new(path, size);
    while (!directory && directory.error().code == ErrorCode::NotFound && place.directory != "/") {
        XLSNAP_ASSIGN(place, locate_image(place.directory));
        directory = DurableDirectory::open(place.directory);
    }
    if (!directory)
        return fail(std::move(directory.error()));
    return check_usable(*directory, path, size);
}

Result<std::unique_ptr<MemoryImageWriter>> FileMemoryStore::create(const std::string &path,
                                                                   const MemoryImageInfo &info) {
    XLSNAP_ASSIGN(const ImagePlace place, locate_image(path));
    XLSNAP_ASSIGN(const std::string header, encode_save_header(info));
    XLSNAP_ASSIGN(DurableDirectory directory, DurableDirectory::open(place.directory));
    XLSNAP_TRY(check_free(directory, place.name));
    XLSNAP_ASSIGN(std::string temporary, temporary_name(place.name));
    XLSNAP_ASSIGN(UniqueFd fd, directory.create_file(temporary));
    auto writer = std::make_unique<Writer>(std::move(directory), std::move(temporary), place.name,
                                           std::move(fd));
    XLSNAP_TRY(writer->write_header(header));
    return writer;
}

Result<MemoryImage> FileMemoryStore::open(const std::string &path) {
    XLSNAP_ASSIGN(OpenedImage opened, open_image(path));
    Result<MemoryImage> image = read_image(std::move(opened), path);
    if (!image && image.error().code == ErrorCode::Invalid)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} cannot be restored: {}; it is damaged, of a newer format, or "
                                "no memory image at all: use another one",
                                path, image.error().message));
    return std::move(image).with_context(path);
}

Status FileMemoryStore::compress(const std::string &path) {
    XLSNAP_ASSIGN(const OpenedImage opened, open_image(path));
    XLSNAP_ASSIGN(const MemoryCompression compression, compression_of(opened.fd.get(), path));
    return compression == MemoryCompression::None ? compress_image(opened) : Status();
}

Result<MemoryFingerprint> FileMemoryStore::fingerprint(const std::string &path) {
    XLSNAP_ASSIGN(const OpenedImage opened, open_image(path));
    const int fd = opened.fd.get();
    MemoryFingerprint print;
    XLSNAP_ASSIGN(print.bytes, file_size(fd, path));
    XLSNAP_ASSIGN(print.sha256, sha256_of_file(fd).with_context(path));
    XLSNAP_ASSIGN(print.compression, compression_of(fd, path));
    return print;
}

Result<std::uint64_t> FileMemoryStore::held_bytes(const std::string &path) {
    constexpr std::uint64_t unit = 512; // of st_blocks
    XLSNAP_ASSIGN(const OpenedImage opened, open_image(path));
    XLSNAP_ASSIGN(const struct stat status, status_of(opened.fd.get(), path));
    return static_cast<std::uint64_t>(status.st_blocks) * unit;
}

Result<bool> FileMemoryStore::remove(const std::string &path) {
    XLSNAP_ASSIGN(const ImagePlace place, locate_image(path));
    Result<DurableDirectory> directory = DurableDirectory::open(place.directory);
    if (!directory && directory.error().code == ErrorCode::NotFound)
        return false;
    if (!directory)
        return fail(std::move(directory.error()));
    const Result<UniqueFd> fd = directory->open_file(place.name);
    if (!fd && fd.error().code == ErrorCode::NotFound)
        return false;
    if (!fd)
        return fail(fd.error());
    XLSNAP_TRY(check_save_file(fd->get(), path));
    XLSNAP_TRY(directory->remove(place.name));
    XLSNAP_TRY(directory->sync());
    return true;
}

} // namespace xlsnap

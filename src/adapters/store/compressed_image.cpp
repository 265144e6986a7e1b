// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/compressed_image.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "adapters/store/zstd_frame.hpp"
#include "base/guarded.hpp"
#include "base/temporary_file.hpp"

namespace xlsnap {

namespace {

Result<std::string> first_bytes(int fd, std::size_t length, const std::string &path) {
    std::string bytes(length, '\0');
    const ssize_t count = ::pread(fd, bytes.data(), bytes.size(), 0);
    if (count < 0)
        return fail(errno_error(errno, fmt::format("cannot read {}", path)));
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
}

Status fill_and_rename(const OpenedImage &image, const std::string &temporary, int to,
                       std::uint64_t size) {
    const DurableDirectory &directory = image.directory;
    const std::string path = directory.path_of(temporary);
    XLSNAP_TRY(compress_to_frame(image.fd.get(), size, to, path)
                   .with_context(directory.path_of(image.name)));
    XLSNAP_TRY(sync_file(to, path));
    return directory.rename_over(temporary, image.name);
}

} // namespace

Result<MemoryCompression> compression_of(int fd, const std::string &path) {
    XLSNAP_ASSIGN(const std::string magic, first_bytes(fd, kZstdMagicSize, path));
    return begins_with_zstd_magic(magic) ? MemoryCompression::Zstd : MemoryCompression::None;
}

Result<std::string> beginning_of_image(int fd, std::size_t length, const std::string &path) {
    XLSNAP_ASSIGN(const MemoryCompression compression, compression_of(fd, path));
    if (compression == MemoryCompression::None)
        return first_bytes(fd, length, path);
    return beginning_of_content(fd, length).with_context(path);
}

// The room is asked for, though less will do: a file system that runs full takes the guests' disks
// with it.
Status compress_image(const OpenedImage &image) {
    const DurableDirectory &directory = image.directory;
    const std::string path = directory.path_of(image.name);
    XLSNAP_ASSIGN(const std::uint64_t size, file_size(image.fd.get(), path));
    XLSNAP_TRY(check_space(directory, fmt::format("while it is compressed, {}", path), size));
    XLSNAP_ASSIGN(const std::string temporary, temporary_name(image.name + ".zst"));
    XLSNAP_ASSIGN(const UniqueFd fd, directory.create_file(temporary));
    Status renamed = guarded([&] { return fill_and_rename(image, temporary, fd.get(), size); });
    if (renamed)
        return directory.sync();
    if (Status removed = directory.remove(temporary); !removed)
        return fail(with_context(renamed.error().message, std::move(removed.error())));
    return renamed;
}

Result<UniqueFd> decompress_image(const OpenedImage &image) {
    const std::string path =
        fmt::format("what comes out of {}", image.directory.path_of(image.name));
    XLSNAP_ASSIGN(const std::uint64_t size, size_of_content(image.fd.get()));
    XLSNAP_TRY(check_space(image.directory, path, size));
    XLSNAP_ASSIGN(UniqueFd fd, image.directory.create_nameless_file());
    XLSNAP_TRY(decompress_frame(image.fd.get(), size, fd.get(), path));
    return fd;
}

} // namespace xlsnap

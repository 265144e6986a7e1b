// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/record_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "adapters/store/record_envelope.hpp"
#include "base/temporary_file.hpp"

namespace xlsnap {

namespace {

Status check_record_file(const struct stat &status) {
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::Invalid, "it is no regular file");
    if (static_cast<std::uint64_t>(status.st_size) > kMaxRecordBytes)
        return fail(ErrorCode::Invalid, "it is larger than any record");
    return {};
}

// The file's whole text; `size` is what it has.
Status fill_from(int fd, std::size_t size, std::string &buffer) {
    buffer.resize(size);
    std::size_t filled = 0;
    while (filled < size) {
        const ssize_t count = ::read(fd, buffer.data() + filled, size - filled);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(errno_error(errno, "it cannot be read"));
        if (count == 0)
            break;
        filled += static_cast<std::size_t>(count);
    }
    buffer.resize(filled);
    return {};
}

using Rename = Status (DurableDirectory::*)(const std::string &, const std::string &) const;

Status write_and_rename(const DurableDirectory &directory, const std::string &name,
                        std::string_view text, Rename rename) {
    XLSNAP_ASSIGN(const std::string temporary, write_temporary(directory, name, text));
    Status renamed = (directory.*rename)(temporary, name);
    if (renamed)
        return {};
    if (Status removed = directory.remove(temporary); !removed)
        return fail(with_context(renamed.error().message, removed.error()));
    return renamed;
}

} // namespace

Result<std::optional<RecordFileReader::File>>
RecordFileReader::read(const DurableDirectory &directory, const std::string &name) {
    const UniqueFd fd(::openat(directory.fd(), name.c_str(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd.valid() && errno == ENOENT)
        return std::optional<File>();
    if (!fd.valid() && (errno == ELOOP || errno == ENXIO))
        return fail(ErrorCode::Invalid, "it is no regular file");
    struct stat status {};
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
        return fail(errno_error(errno, "it cannot be opened"));
    XLSNAP_TRY(check_record_file(status));
    XLSNAP_TRY(fill_from(fd.get(), static_cast<std::size_t>(status.st_size), buffer_));
    const std::int64_t written_ns =
        std::int64_t{status.st_mtim.tv_sec} * 1000000000 + status.st_mtim.tv_nsec;
    return std::optional<File>({buffer_, status.st_ino, written_ns});
}

Status write_new_record(const DurableDirectory &directory, const std::string &name,
                        std::string_view text) {
    XLSNAP_TRY(write_and_rename(directory, name, text, &DurableDirectory::rename_to_free_name));
    Status synced = directory.sync();
    if (synced)
        return synced;
    if (Status removed = directory.remove(name); !removed)
        return fail(with_context(synced.error().message, removed.error()));
    return synced;
}

Status write_record(const DurableDirectory &directory, const std::string &name,
                    std::string_view text) {
    XLSNAP_TRY(write_and_rename(directory, name, text, &DurableDirectory::rename_over));
    return directory.sync();
}

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/directory_listing.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include <fmt/format.h>

namespace xlsnap {

namespace {

constexpr std::size_t kWholeListing = std::size_t{4} << 20;
constexpr std::size_t kFirstEntries = std::size_t{4} << 10;

// Whether more is wanted.
using Visitor = std::function<bool(std::string_view name, std::uint64_t inode)>;

bool visit_entries(const std::byte *bytes, std::size_t count, const Visitor &visit) {
    for (std::size_t position = 0; position < count;) {
        const auto *entry = reinterpret_cast<const dirent64 *>(bytes + position);
        position += entry->d_reclen;
        const std::string_view name = static_cast<const char *>(entry->d_name);
        if (name != "." && name != ".." && !visit(name, entry->d_ino))
            return false;
    }
    return true;
}

Status visit_directory(const DurableDirectory &directory, std::size_t buffer_bytes,
                       const Visitor &visit) {
    // Not cleared: what the kernel does not fill costs no memory.
    const std::unique_ptr<std::byte[]> buffer(new std::byte[buffer_bytes]);
    if (::lseek(directory.fd(), 0, SEEK_SET) != 0)
        return fail(errno_error(errno, fmt::format("cannot list {}", directory.path())));
    for (;;) {
        const ssize_t count = ::getdents64(directory.fd(), buffer.get(), buffer_bytes);
        if (count < 0)
            return fail(errno_error(errno, fmt::format("cannot list {}", directory.path())));
        if (count == 0 || !visit_entries(buffer.get(), static_cast<std::size_t>(count), visit))
            return {};
    }
}

bool is_temporary_record(std::string_view name) {
    return name.starts_with('.') && name.ends_with(".tmp") &&
           name.find(".xl.") != std::string_view::npos;
}

} // namespace

Result<std::vector<ListedFile>> list_directory(const DurableDirectory &directory) {
    std::vector<ListedFile> files;
    XLSNAP_TRY(visit_directory(directory, kWholeListing, [&](std::string_view name, auto inode) {
        files.push_back({std::string(name), inode});
        return true;
    }));
    return files;
}

Status remove_when_empty(const DurableDirectory &parent, const std::string &name,
                         const DurableDirectory &directory, const std::string &last) {
    std::vector<std::string> leftovers;
    bool is_empty = true;
    XLSNAP_TRY(visit_directory(directory, kFirstEntries, [&](std::string_view entry, auto) {
        if (is_temporary_record(entry))
            leftovers.emplace_back(entry);
        else
            is_empty = is_empty && entry == last;
        return is_empty;
    }));
    if (!is_empty)
        return {};
    for (const std::string &leftover : leftovers)
        XLSNAP_TRY(directory.remove(leftover));
    if (!last.empty())
        XLSNAP_TRY(directory.remove(last));
    if (::unlinkat(parent.fd(), name.c_str(), AT_REMOVEDIR) == 0)
        return parent.sync();
    // Somebody came meanwhile and put something there.
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT)
        return {};
    return fail(errno_error(errno, fmt::format("cannot remove {}", directory.path())));
}

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#include "base/temporary_file.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>

#include <fmt/format.h>

namespace xlsnap {

Result<std::string> temporary_name(std::string_view name) {
    std::uint64_t random = 0;
    if (::getrandom(&random, sizeof(random), 0) != sizeof(random))
        return fail(errno_error(errno, "cannot get a random number"));
    const std::string suffix = fmt::format(".{:016x}.tmp", random);
    std::size_t kept = std::min(name.size(), NAME_MAX - 1 - suffix.size());
    while (kept < name.size() && kept > 0 && (name[kept] & 0xc0) == 0x80)
        --kept;
    return fmt::format(".{}{}", name.substr(0, kept), suffix);
}

Status write_all(int fd, std::string_view bytes, const std::string &path) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(errno_error(errno, fmt::format("cannot write {}", path)));
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

namespace {

Status fill(int fd, std::string_view content, const std::string &path) {
    XLSNAP_TRY(write_all(fd, content, path));
    return sync_file(fd, path);
}

} // namespace

Result<std::string> write_temporary(const DurableDirectory &directory, const std::string &name,
                                    std::string_view content) {
    XLSNAP_ASSIGN(std::string temporary, temporary_name(name));
    XLSNAP_ASSIGN(const UniqueFd fd, directory.create_file(temporary));
    Status filled = fill(fd.get(), content, directory.path_of(name));
    if (filled)
        return temporary;
    if (Status removed = directory.remove(temporary); !removed)
        return fail(with_context(filled.error().message, removed.error()));
    return fail(std::move(filled.error()));
}

} // namespace xlsnap

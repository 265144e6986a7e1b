// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/image_place.hpp"

#include <cerrno>
#include <utility>

#include <fmt/format.h>

namespace xlsnap {

namespace {

std::uint64_t in_mib(std::uint64_t bytes) {
    return bytes >> 20U;
}

} // namespace

Result<ImagePlace> locate_image(const std::string &path) {
    if (!path.starts_with('/'))
        return fail(ErrorCode::Invalid,
                    fmt::format("the path of a memory image, '{}', is not absolute; give one that "
                                "begins with '/'",
                                path));
    const std::size_t slash = path.rfind('/');
    ImagePlace place{path.substr(0, slash), path.substr(slash + 1)};
    if (place.directory.empty())
        place.directory = "/";
    if (place.name.empty() || place.name == "." || place.name == "..")
        return fail(ErrorCode::Invalid,
                    fmt::format("{} names no file; put a name behind it", path));
    if (path.find('\0') != std::string::npos)
        return fail(ErrorCode::Invalid, "the path of a memory image holds a NUL");
    return place;
}

Status check_free(const DurableDirectory &directory, const std::string &name) {
    XLSNAP_ASSIGN(const bool taken, directory.exists(name));
    if (taken)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} exists already; remove it or choose another name",
                                directory.path_of(name)));
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

Result<OpenedImage> open_image(const std::string &path) {
    XLSNAP_ASSIGN(ImagePlace place, locate_image(path));
    XLSNAP_ASSIGN(DurableDirectory directory, DurableDirectory::open(place.directory));
    Result<UniqueFd> fd = directory.open_file(place.name);
    if (!fd && fd.error().code == ErrorCode::NotFound)
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no memory image {}; name the one that was made", path));
    if (!fd)
        return fail(std::move(fd.error()));
    return OpenedImage{std::move(directory), std::move(place.name), std::move(*fd)};
}

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/merge_checks.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "adapters/qemu/image_mark.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

namespace {

bool lies_on_a_device(const ChainLayer &layer) {
    return layer.mark.inode == 0;
}

} // namespace

Result<std::size_t> layers_above(const ImageChain &chain, const std::string &below) {
    XLSNAP_ASSIGN(const ImageMark mark, mark_of(below));
    const auto found = std::find_if(chain.begin() + 1, chain.end(), [&](const ChainLayer &layer) {
        return is_same_file(layer.mark, mark);
    });
    if (found == chain.end())
        return fail(ErrorCode::Invalid, fmt::format("{} does not stand on {}; look at them with "
                                                    "qemu-img info --backing-chain",
                                                    chain.front().path, below));
    return static_cast<std::size_t>(found - chain.begin());
}

Status check_commit(std::span<const ChainLayer> moved, const ChainLayer &base) {
    for (const ChainLayer &layer : moved)
        XLSNAP_TRY(expect_no_tag(layer));
    const ChainLayer &top = moved.front();
    if (top.virtual_bytes < base.virtual_bytes)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is smaller than {}, which cannot be made smaller without loss; "
                                "copy what it stands on into it instead",
                                top.path, base.path));
    if (top.virtual_bytes > base.virtual_bytes && base.format == DiskFormat::Raw &&
        lies_on_a_device(base))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} has {} bytes, more than the {} of the block device {}; make "
                                "that larger first",
                                top.path, top.virtual_bytes, base.virtual_bytes, base.path));
    return {};
}

Status expect_no_tag(const ChainLayer &layer) {
    if (layer.tags.empty())
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("{} holds the tag {}, whose content would be lost; delete the tag, or "
                            "copy it out, first",
                            layer.path, layer.tags.front().name));
}

Status check_new_backing(const ChainLayer &layer, const ImageChain &below) {
    if (layer.backing.empty())
        return fail(
            ErrorCode::Invalid,
            fmt::format("{} stands on nothing, so nothing can take the place of that", layer.path));
    for (const ChainLayer &other : below) {
        if (is_same_file(layer.mark, other.mark))
            return fail(ErrorCode::Invalid, fmt::format("{} stands on {} itself; name another",
                                                        below.front().path, layer.path));
    }
    return {};
}

Status expect_same_file(const OpenedPlace &place, const ImageMark &mark) {
    const std::string path = place.directory.path_of(place.name);
    struct stat status {};
    if (::fstatat(place.directory.fd(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail(errno_error(errno, fmt::format("cannot look at the image {}", path)));
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is not a regular file, so it is not removed", path));
    if (status.st_ino != mark.inode)
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is another file than it was, so it is not removed; look whose "
                                "it is",
                                path));
    return {};
}

Status sync_image(const std::string &path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!fd.valid())
        return fail(errno_error(errno, fmt::format("cannot open the image {}", path)));
    return sync_file(fd.get(), path);
}

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/chain_reader.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "adapters/qemu/image_mark.hpp"
#include "adapters/qemu/qcow2_backing.hpp"
#include "adapters/qemu/qcow2_tags.hpp"
#include "base/foreign_text.hpp"

namespace xlsnap {

namespace {

constexpr std::size_t kMostLayers = 100;
constexpr std::uint64_t kSizeUnitOfRaw = 512; // QEMU counts a part of one as whole

// Names of what a process has open, which say nothing about where an image lies.
constexpr std::string_view kDescriptorFolders[] = {"/dev/fd/", "/dev/fdset/", "/proc/"};

// Looks before anything is opened, which with some devices has an effect.
Status measure(ChainLayer &layer) {
    struct stat status {};
    if (::stat(layer.path.c_str(), &status) != 0)
        return fail(errno_error(errno, fmt::format("cannot look at the image {}", layer.path)));
    const bool is_device = S_ISBLK(status.st_mode);
    if (!is_device && !S_ISREG(status.st_mode))
        return fail(
            ErrorCode::Invalid,
            fmt::format("{} is neither a file nor a block device; no disk lies there", layer.path));
    XLSNAP_ASSIGN(layer.mark, mark_of(layer.path));
    layer.allocated_bytes =
        is_device ? layer.mark.bytes : static_cast<std::uint64_t>(status.st_blocks) * 512;
    return {};
}

tl::unexpected<Error> no_backing_path(const std::string &name) {
    return fail(ErrorCode::Invalid,
                fmt::format("its header names '{}' as backing file, which is not the path of a "
                            "file; record one with qemu-img rebase -u -F FORMAT -b PATH",
                            quote_foreign(name)));
}

// QEMU takes what stands before a colon for a protocol, unless a slash comes first
// (path_has_protocol in block.c of qemu.git).
bool is_plain(std::string_view name) {
    const std::size_t mark = name.find_first_of(":/");
    return !name.empty() && name.find('\0') == std::string_view::npos &&
           (mark == std::string_view::npos || name[mark] == '/');
}

Result<DiskFormat> known_format(const Qcow2Backing &backing) {
    if (backing.format == "qcow2")
        return DiskFormat::Qcow2;
    if (backing.format == "raw")
        return DiskFormat::Raw;
    const std::string name = quote_foreign(backing.name);
    if (backing.format.empty())
        return fail(ErrorCode::Invalid,
                    fmt::format("its header names the backing file {0} without its format, which a "
                                "guest could then choose; record it with qemu-img rebase -u -F "
                                "FORMAT -b {0}",
                                name));
    return fail(ErrorCode::NotImplemented,
                fmt::format("its backing file {} has the format '{}'; of what overlays stand on, "
                            "only qcow2 and raw are known",
                            name, quote_foreign(backing.format)));
}

Status read_qcow2_layer(ChainLayer &layer) {
    XLSNAP_ASSIGN(const Qcow2File file, Qcow2File::open(layer.path));
    const auto read = [&]() -> Status {
        XLSNAP_ASSIGN(const Qcow2Header header, read_qcow2_header(file));
        layer.virtual_bytes = header.virtual_bytes;
        layer.cluster_bytes = header.cluster_size();
        layer.extended_l2 = header.has_extended_l2;
        XLSNAP_ASSIGN(const std::vector<Qcow2Tag> tags, read_qcow2_tags(file, header));
        for (const Qcow2Tag &tag : tags)
            layer.tags.push_back({tag.id, tag.name});
        XLSNAP_ASSIGN(const Qcow2Backing backing, read_qcow2_backing(file, header));
        if (backing.name.empty())
            return {};
        XLSNAP_ASSIGN(layer.backing, resolve_backing(backing.name, layer.path));
        XLSNAP_ASSIGN(layer.backing_format, known_format(backing));
        return {};
    };
    return read().with_context(layer.path);
}

} // namespace

Status expect_plain_path(const std::string &path) {
    if (path.starts_with('/') && path.find('\0') == std::string::npos)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("the path of an image, '{}', is not absolute; give one that begins "
                            "with '/'",
                            quote_foreign(path)));
}

Result<std::string> resolve_backing(const std::string &name, const std::string &overlay) {
    if (!is_plain(name))
        return no_backing_path(name);
    std::string path =
        name.starts_with('/') ? name : overlay.substr(0, overlay.rfind('/') + 1) + name;
    for (const std::string_view folder : kDescriptorFolders) {
        if (path.starts_with(folder))
            return no_backing_path(name);
    }
    return path;
}

Result<ChainLayer> read_layer(const std::string &path, DiskFormat format) {
    XLSNAP_TRY(expect_plain_path(path));
    if (format == DiskFormat::Unknown || format == DiskFormat::Empty)
        return fail(ErrorCode::Invalid,
                    fmt::format("{}: an image in the format \"{}\" cannot be opened", path,
                                to_string(format)));
    if (format != DiskFormat::Qcow2 && format != DiskFormat::Raw)
        return fail(ErrorCode::NotImplemented,
                    fmt::format("{} has the format {}; overlays stand on qcow2 and raw alone", path,
                                to_string(format)));
    ChainLayer layer;
    layer.path = path;
    layer.format = format;
    XLSNAP_TRY(measure(layer));
    if (format == DiskFormat::Qcow2) {
        XLSNAP_TRY(read_qcow2_layer(layer));
    } else {
        layer.virtual_bytes =
            (layer.mark.bytes + kSizeUnitOfRaw - 1) / kSizeUnitOfRaw * kSizeUnitOfRaw;
    }
    return layer;
}

Result<ImageChain> read_chain(const std::string &path, DiskFormat format) {
    ImageChain chain;
    std::string next = path;
    while (!next.empty()) {
        if (chain.size() == kMostLayers)
            return fail(ErrorCode::Invalid,
                        fmt::format("{} stands on more than {} images; delete snapshots of it",
                                    path, kMostLayers - 1));
        Result<ChainLayer> layer = read_layer(next, format);
        if (!layer && !chain.empty())
            return fail(with_context(fmt::format("a backing file of {}", path), layer.error()));
        if (!layer)
            return fail(std::move(layer.error()));
        for (const ChainLayer &above : chain) {
            if (is_same_file(above.mark, layer->mark))
                return fail(ErrorCode::Invalid,
                            fmt::format("{} stands on a loop of backing files, which the header of "
                                        "{} closes; name the right one with qemu-img rebase -u",
                                        path, chain.back().path));
        }
        next = layer->backing;
        format = layer->backing_format;
        chain.push_back(std::move(*layer));
    }
    return chain;
}

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qemu_img_chains.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "adapters/qemu/backed_images.hpp"
#include "adapters/qemu/chain_reader.hpp"
#include "adapters/qemu/empty_overlay.hpp"
#include "adapters/qemu/image_options.hpp"
#include "adapters/qemu/merge_checks.hpp"
#include "adapters/qemu/qcow2_tags.hpp"
#include "adapters/qemu/reverted_view.hpp"
#include "adapters/qemu/unused_image.hpp"
#include "base/durable_directory.hpp"
#include "core/image_space.hpp"

namespace xlsnap {

namespace {

std::string driver_of(DiskFormat format) {
    return std::string(format_driver(format));
}

// qemu-img makes all tables of an overlay beforehand only with extended L2 entries ("Backing file
// and preallocation can only be used at the same time if extended_l2 is enabled", qcow2_co_create
// in block/qcow2.c of qemu.git), for which QEMU advises larger clusters (docs/interop/qcow2.txt).
constexpr const char *kTablesAtOnce = "preallocation=metadata,extended_l2=on,cluster_size=131072";

// qemu-img has been at it; whether it did what it was told stands in the header.
Status expect_backing(const std::string &path, const std::string &backing, DiskFormat format) {
    XLSNAP_ASSIGN(const ChainLayer layer, read_layer(path, DiskFormat::Qcow2));
    if (layer.backing == backing && layer.backing_format == format)
        return {};
    return fail(ErrorCode::Fail, fmt::format("{} was to stand on '{}', but it stands on '{}'", path,
                                             backing, layer.backing));
}

Status expect_size(const std::string &path, std::uint64_t bytes) {
    XLSNAP_ASSIGN(const ChainLayer layer, read_layer(path, DiskFormat::Qcow2));
    if (layer.virtual_bytes == bytes)
        return {};
    return fail(ErrorCode::Fail, fmt::format("{} was to have a size of {} bytes, but it has {}",
                                             path, bytes, layer.virtual_bytes));
}

// By ourselves: a qemu-img takes longer than all else about it (decisions/0017).
Status fill_overlay(const NewImage &image, const ChainLayer &base) {
    XLSNAP_ASSIGN(const std::string content,
                  empty_overlay(base.path, base.format, base.virtual_bytes));
    return image.write(content);
}

// The size that the disk had when the tag was made.
Result<std::uint64_t> size_of_tag(const ChainLayer &layer, const std::string &tag) {
    const auto read = [&]() -> Result<std::uint64_t> {
        XLSNAP_ASSIGN(const Qcow2File file, Qcow2File::open(layer.path));
        XLSNAP_ASSIGN(const Qcow2Header header, read_qcow2_header(file));
        XLSNAP_ASSIGN(const std::vector<Qcow2Tag> tags, read_qcow2_tags(file, header));
        XLSNAP_ASSIGN(const Qcow2Tag found, find_qcow2_tag(tags, tag));
        return found.virtual_bytes == 0 ? layer.virtual_bytes : found.virtual_bytes;
    };
    return read().with_context(layer.path);
}

} // namespace

Result<ImageChain> QemuImgChains::chain(const std::string &path, DiskFormat format) {
    return read_chain(path, format);
}

Result<ImageMark> QemuImgChains::create_overlay(const std::string &path, const std::string &base,
                                                DiskFormat base_format, Tables tables) {
    XLSNAP_ASSIGN(const ImageChain below, read_chain(base, base_format));
    XLSNAP_ASSIGN(NewImage image, NewImage::begin(path));
    const std::uint64_t bytes = below.front().virtual_bytes;
    XLSNAP_TRY(tables == Tables::AtOnce ? fill_with_tables(image, path, below.front())
                                        : fill_overlay(image, below.front()));
    XLSNAP_TRY(expect_backing(image.temporary_path(), base, base_format));
    XLSNAP_TRY(expect_size(image.temporary_path(), bytes));
    return image.publish();
}

Status QemuImgChains::commit(const std::string &top, const std::string &base) {
    XLSNAP_ASSIGN(const ImageChain chain, read_chain(top, DiskFormat::Qcow2));
    XLSNAP_ASSIGN(const std::size_t count, layers_above(chain, base));
    const std::span<const ChainLayer> moved = std::span(chain).first(count);
    const ChainLayer &target = chain[count];
    XLSNAP_TRY(check_commit(moved, target));
    XLSNAP_TRY(ask_guard(chain, count + 1));
    XLSNAP_ASSIGN(const FreeSpace free, free_space(target.path));
    XLSNAP_TRY(expect_space(
        target.path, bytes_for_merge(moved, target, chain.front().virtual_bytes), free.bytes));
    // -d leaves the top as it is, so that it can be read whatever becomes of the base.
    XLSNAP_TRY(change({"commit", "-q", "-d", "-b", target.path}, top, deadlines_.copy));
    return sync_image(target.path);
}

Status QemuImgChains::stream(const std::string &top, const std::string &new_backing) {
    XLSNAP_ASSIGN(const ImageChain chain, read_chain(top, DiskFormat::Qcow2));
    std::size_t end = chain.size();
    if (!new_backing.empty()) {
        XLSNAP_ASSIGN(end, layers_above(chain, new_backing));
    }
    if (end == 1)
        return {};
    const ChainLayer backing = end == chain.size() ? ChainLayer() : chain[end];
    const std::span<const ChainLayer> moved = std::span(chain).subspan(1, end - 1);
    XLSNAP_TRY(expect_no_tag(chain.front()));
    XLSNAP_TRY(ask_guard(chain, 1));
    XLSNAP_ASSIGN(const FreeSpace free, free_space(top));
    XLSNAP_TRY(expect_space(top, bytes_for_merge(moved, chain.front(), chain.front().virtual_bytes),
                            free.bytes));
    // qemu-img writes the header when it has copied all, but tables may still be in its memory
    // then: without writethrough a qemu-img that is killed at that moment leaves an image that has
    // lost what was copied.
    std::vector<std::string> arguments{"rebase", "-q", "-t", "writethrough", "-b", backing.path};
    if (!backing.path.empty())
        arguments.insert(arguments.end(), {"-F", driver_of(backing.format)});
    XLSNAP_TRY(change(std::move(arguments), top, deadlines_.copy));
    XLSNAP_TRY(sync_image(top));
    return expect_backing(top, backing.path, backing.format);
}

Status QemuImgChains::set_backing(const std::string &path, const std::string &backing,
                                  DiskFormat format) {
    XLSNAP_ASSIGN(const ChainLayer layer, read_layer(path, DiskFormat::Qcow2));
    XLSNAP_ASSIGN(const ImageChain below, read_chain(backing, format));
    XLSNAP_TRY(check_new_backing(layer, below));
    XLSNAP_TRY(expect_unused(users_, path));
    XLSNAP_TRY(change({"rebase", "-q", "-u", "-b", backing, "-F", driver_of(format)}, path,
                      deadlines_.change));
    XLSNAP_TRY(sync_image(path));
    return expect_backing(path, backing, format);
}

Result<ImageMark> QemuImgChains::copy_tag_out(const std::string &path, const std::string &tag,
                                              const std::string &new_path) {
    XLSNAP_ASSIGN(const ImageChain chain, read_chain(path, DiskFormat::Qcow2));
    XLSNAP_ASSIGN(const Tag found, find_only_tag(chain.front().tags, tag).with_context(path));
    XLSNAP_ASSIGN(const std::uint64_t bytes, size_of_tag(chain.front(), tag));
    XLSNAP_TRY(ask_guard(chain, 0));
    XLSNAP_ASSIGN(NewImage image, NewImage::begin(new_path));
    XLSNAP_TRY(bytes > chain.front().virtual_bytes ? copy_larger_tag(chain, found, bytes, image)
                                                   : copy_tag(chain, found, bytes, image));
    XLSNAP_TRY(expect_backing(image.temporary_path(), {}, DiskFormat::Unknown));
    XLSNAP_TRY(expect_size(image.temporary_path(), bytes));
    return image.publish();
}

Status QemuImgChains::copy_tag(const ImageChain &chain, const Tag &tag, std::uint64_t bytes,
                               const NewImage &image) {
    const std::string &path = chain.front().path;
    XLSNAP_TRY(image.expect_space(bytes_for_copy(chain)));
    XLSNAP_ASSIGN(const std::string options, image_options(path, DiskFormat::Qcow2));
    // By id: a plain `-l NAME` looks for ids too.
    XLSNAP_TRY(convert({"-l", "snapshot.id=" + escape_commas(tag.id)}, options, path, image));
    if (bytes == chain.front().virtual_bytes)
        return {};
    return run({"resize", "-q", "-f", "qcow2", "--shrink", "--", image.temporary_path(),
                fmt::format("{}", bytes)},
               image.path(), deadlines_.change);
}

// `convert -l` reads a tag as far as the image reaches now, so the image is reverted to it first,
// its file staying as it is.
Status QemuImgChains::copy_larger_tag(ImageChain chain, const Tag &tag, std::uint64_t bytes,
                                      const NewImage &image) {
    const std::string path = chain.front().path;
    XLSNAP_ASSIGN(const NewImage changes, NewImage::begin(image.path()));
    XLSNAP_TRY(fill_changes(changes, chain.front(), bytes));
    XLSNAP_ASSIGN(const std::string options, view_options(changes, chain));
    const std::uint64_t tables = bytes_for_revert(chain.front(), bytes);
    chain.front().virtual_bytes = bytes;
    XLSNAP_TRY(image.expect_space(bytes_for_copy(chain) + tables));
    // By id, as it looks for ids before names.
    XLSNAP_TRY(run({"snapshot", "-q", "-a", tag.id, "--image-opts", "--", options}, path,
                   deadlines_.change));
    return convert({}, options, path, image);
}

// Writethrough: a full disk is noticed by each write, not by a flush at the end, whose failure
// qemu-img would not report.
Status QemuImgChains::convert(const std::vector<std::string> &selection, const std::string &options,
                              const std::string &path, const NewImage &image) {
    std::vector<std::string> arguments{"convert", "-q", "-U", "-t", "writethrough", "-O", "qcow2"};
    arguments.insert(arguments.end(), selection.begin(), selection.end());
    arguments.insert(arguments.end(), {"--image-opts", "--", options, image.temporary_path()});
    return run(arguments, path, deadlines_.copy);
}

Result<bool> QemuImgChains::remove_image(const std::string &path, const ImageMark &mark) {
    XLSNAP_ASSIGN(const OpenedPlace place, open_place(path));
    XLSNAP_ASSIGN(const bool exists, place.directory.exists(place.name));
    if (!exists) {
        XLSNAP_TRY(place.directory.sync()); // whoever removed it may have died before this
        return false;
    }
    XLSNAP_TRY(expect_unused(users_, path));
    XLSNAP_TRY(expect_same_file(place, mark));
    XLSNAP_TRY(place.directory.remove(place.name));
    XLSNAP_TRY(place.directory.sync());
    return true;
}

Result<std::vector<BackedImage>> QemuImgChains::backed_images(const std::string &directory) {
    return read_backed_images(directory);
}

Result<FreeSpace> QemuImgChains::free_space(const std::string &path) {
    XLSNAP_ASSIGN(const OpenedPlace place, open_place(path));
    struct statvfs space {};
    struct stat file {};
    // Of the file itself: a symbolic link to it may lie in another file system.
    if (::statvfs(path.c_str(), &space) == 0 && ::stat(path.c_str(), &file) == 0)
        return FreeSpace{file.st_dev, free_space_of(space)};
    if (errno == ENOENT && ::fstat(place.directory.fd(), &file) == 0) {
        XLSNAP_ASSIGN(const std::uint64_t bytes, place.directory.free_space());
        return FreeSpace{file.st_dev, bytes};
    }
    return fail(errno_error(errno, fmt::format("cannot examine the file system of {}", path)));
}

// -u: qemu-img need not open the base, on which a running guest's QEMU may hold a lock.
Status QemuImgChains::fill_with_tables(const NewImage &image, const std::string &path,
                                       const ChainLayer &base) {
    return run({"create", "-q", "-f", "qcow2", "-u", "-b", base.path, "-F", driver_of(base.format),
                "-o", kTablesAtOnce, "--", image.temporary_path(),
                fmt::format("{}", base.virtual_bytes)},
               path, deadlines_.change);
}

Status QemuImgChains::ask_guard(const ImageChain &chain, std::size_t changed) {
    for (std::size_t i = 0; i < chain.size(); ++i)
        XLSNAP_TRY(i < changed ? expect_unused(users_, chain[i].path)
                               : expect_unwritten(users_, chain[i].path));
    return {};
}

Status QemuImgChains::run(const std::vector<std::string> &arguments, const std::string &image,
                          std::chrono::milliseconds deadline) {
    XLSNAP_TRY(run_qemu_img(processes_, arguments, image, deadline));
    return {};
}

Status QemuImgChains::change(std::vector<std::string> arguments, const std::string &image,
                             std::chrono::milliseconds deadline) {
    XLSNAP_ASSIGN(std::string options, image_options(image, DiskFormat::Qcow2));
    arguments.insert(arguments.end(), {"--image-opts", "--", std::move(options)});
    return run(arguments, image, deadline);
}

} // namespace xlsnap

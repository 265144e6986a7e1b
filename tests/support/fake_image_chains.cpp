// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_image_chains.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

namespace xlsnap::test {

namespace {

Result<ChainLayer> describe_layer(FakeImages &images, const std::string &path, DiskFormat format) {
    if (!path.starts_with('/') || format == DiskFormat::Unknown || format == DiskFormat::Empty)
        return fail(ErrorCode::Invalid, path + ": no absolute path, or no format");
    if (format != DiskFormat::Qcow2 && format != DiskFormat::Raw)
        return fail(ErrorCode::NotImplemented, path + ": neither qcow2 nor raw");
    const FakeImage *image = images.find(path);
    if (image == nullptr)
        return fail(ErrorCode::NotFound, path + ": no such image");
    if (format == DiskFormat::Qcow2 && image->format != format)
        return fail(ErrorCode::Fail, path + " is no qcow2 image");
    ChainLayer layer;
    layer.path = path;
    layer.format = format;
    layer.virtual_bytes = image->virtual_bytes;
    layer.allocated_bytes = image->content.size();
    layer.mark = mark(path, *image);
    if (format == DiskFormat::Raw)
        return layer;
    if (!image->backing.empty() && image->backing_format == DiskFormat::Unknown)
        return fail(ErrorCode::Invalid, path + ": the backing file has no format");
    layer.backing = image->backing;
    layer.backing_format = image->backing_format;
    layer.cluster_bytes = 1;
    layer.tags = list(image->tags);
    return layer;
}

Status refuse_tags(const ChainLayer &layer) {
    if (layer.tags.empty())
        return {};
    return fail(ErrorCode::Invalid, layer.path + " holds a tag");
}

} // namespace

Result<ImageChain> FakeImageChains::chain(const std::string &path, DiskFormat format) {
    XLSNAP_TRY(enter("chain", path));
    return walk(path, format);
}

Result<ImageMark> FakeImageChains::create_overlay(const std::string &path, const std::string &base,
                                                  DiskFormat base_format, Tables /*tables*/) {
    XLSNAP_TRY(enter("create_overlay", path + " " + base));
    XLSNAP_ASSIGN(const ImageChain below, walk(base, base_format));
    FakeImage image;
    image.backing = base;
    image.backing_format = base_format;
    image.virtual_bytes = below.front().virtual_bytes;
    return add(path, std::move(image));
}

Status FakeImageChains::commit(const std::string &top, const std::string &base) {
    XLSNAP_TRY(enter("commit", top + " " + base));
    XLSNAP_ASSIGN(const ImageChain chain, walk(top, DiskFormat::Qcow2));
    XLSNAP_ASSIGN(const std::size_t count, layers_above(chain, base));
    for (std::size_t i = 0; i < count; ++i)
        XLSNAP_TRY(refuse_tags(chain[i]));
    if (chain.front().virtual_bytes < chain[count].virtual_bytes)
        return fail(ErrorCode::Invalid, top + " is smaller than " + base);
    XLSNAP_TRY(ask_guard(chain, count + 1));
    XLSNAP_TRY(images_.expect_changeable(base));
    const std::string content = images_.read(top);
    if (content.size() > free)
        return fail(ErrorCode::Fail, "no space for the data of " + top);
    images_.at(base).content = content;
    images_.at(base).virtual_bytes = chain.front().virtual_bytes;
    return {};
}

Status FakeImageChains::stream(const std::string &top, const std::string &new_backing) {
    XLSNAP_TRY(enter("stream", new_backing.empty() ? top : top + " " + new_backing));
    XLSNAP_ASSIGN(const ImageChain chain, walk(top, DiskFormat::Qcow2));
    std::size_t end = chain.size();
    if (!new_backing.empty()) {
        XLSNAP_ASSIGN(end, layers_above(chain, new_backing));
    }
    if (end == 1)
        return {};
    XLSNAP_TRY(refuse_tags(chain.front()));
    XLSNAP_TRY(ask_guard(chain, 1));
    XLSNAP_TRY(images_.expect_changeable(top));
    const std::string content = images_.read(top);
    if (content.size() > free)
        return fail(ErrorCode::Fail, "no space for the data below " + top);
    FakeImage &image = images_.at(top);
    const bool moves = std::any_of(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(end),
                                   [](const ChainLayer &layer) { return layer.mark.bytes > 0; });
    if (moves)
        image.content = content;
    image.backing = new_backing;
    image.backing_format = end < chain.size() ? chain[end].format : DiskFormat::Unknown;
    return {};
}

Status FakeImageChains::set_backing(const std::string &path, const std::string &backing,
                                    DiskFormat format) {
    XLSNAP_TRY(enter("set_backing", path + " " + backing));
    XLSNAP_ASSIGN(const ChainLayer layer, describe_layer(images_, path, DiskFormat::Qcow2));
    XLSNAP_ASSIGN(const ImageChain below, walk(backing, format));
    if (layer.backing.empty())
        return fail(ErrorCode::Invalid, path + " stands on nothing");
    for (const ChainLayer &other : below)
        if (other.path == path)
            return fail(ErrorCode::Invalid, backing + " stands on " + path);
    XLSNAP_TRY(ask_guard({layer}, 1));
    XLSNAP_TRY(images_.expect_changeable(path));
    images_.at(path).backing = backing;
    images_.at(path).backing_format = format;
    return {};
}

Result<ImageMark> FakeImageChains::copy_tag_out(const std::string &path, const std::string &tag,
                                                const std::string &new_path) {
    XLSNAP_TRY(enter("copy_tag_out", fmt::format("{} {} {}", path, tag, new_path)));
    XLSNAP_ASSIGN(const ImageChain chain, walk(path, DiskFormat::Qcow2));
    XLSNAP_TRY(find_only_tag(chain.front().tags, tag).with_context(path));
    XLSNAP_TRY(ask_guard(chain, 0));
    FakeImage copy;
    const FakeTag *saved = find_saved(images_.at(path).tags, tag);
    copy.content = saved->content;
    copy.virtual_bytes =
        saved->virtual_bytes == 0 ? chain.front().virtual_bytes : saved->virtual_bytes;
    return add(new_path, std::move(copy));
}

Result<bool> FakeImageChains::remove_image(const std::string &path, const ImageMark &expected) {
    XLSNAP_TRY(enter("remove_image", path));
    const FakeImage *image = images_.find(path);
    if (image == nullptr)
        return false;
    XLSNAP_ASSIGN(const std::vector<ImageUser> users, users_.of(path));
    if (!users.empty())
        return fail(ErrorCode::NotReady, path + " is open");
    if (mark(path, *image).inode != expected.inode)
        return fail(ErrorCode::Invalid, path + " is another file");
    XLSNAP_TRY(images_.expect_changeable(path));
    images_.remove(path);
    return true;
}

Result<std::vector<BackedImage>> FakeImageChains::backed_images(const std::string &directory) {
    XLSNAP_TRY(enter("backed_images", directory));
    std::vector<BackedImage> found;
    bool exists = false;
    images_.each([&](const std::string &path, const FakeImage &image) {
        if (path.substr(0, path.rfind('/')) != directory)
            return;
        exists = true;
        if (image.backing.empty())
            return;
        BackedImage backed{path, mark(path, image), image.backing, {}};
        if (const FakeImage *below = images_.find(image.backing)) {
            backed.backing_mark.device = mark(image.backing, *below).device;
            backed.backing_mark.inode = mark(image.backing, *below).inode;
        }
        found.push_back(std::move(backed));
    });
    if (!exists)
        return fail(ErrorCode::NotFound, "there is no directory " + directory);
    return found;
}

Result<FreeSpace> FakeImageChains::free_space(const std::string &path) {
    XLSNAP_TRY(enter("free_space", path));
    return FreeSpace{std::hash<std::string>()(path.substr(0, path.rfind('/'))), free};
}

Result<ImageChain> FakeImageChains::walk(std::string path, DiskFormat format) {
    ImageChain chain;
    while (!path.empty()) {
        if (std::ranges::count(chain, path, &ChainLayer::path) > 0)
            return fail(ErrorCode::Invalid, path + " stands on itself");
        XLSNAP_ASSIGN(ChainLayer layer, describe_layer(images_, path, format));
        path = layer.backing;
        format = layer.backing_format;
        chain.push_back(std::move(layer));
    }
    if (chain.empty())
        return fail(ErrorCode::Invalid, "an image without a path");
    return chain;
}

Result<std::size_t> FakeImageChains::layers_above(const ImageChain &chain,
                                                  const std::string &below) {
    if (images_.find(below) == nullptr)
        return fail(ErrorCode::NotFound, below + ": no such image");
    for (std::size_t i = 1; i < chain.size(); ++i)
        if (chain[i].path == below)
            return i;
    return fail(ErrorCode::Invalid, chain.front().path + " does not stand on " + below);
}

Status FakeImageChains::ask_guard(const ImageChain &chain, std::size_t changed) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
        XLSNAP_ASSIGN(const std::vector<ImageUser> users, users_.of(chain[i].path));
        for (const ImageUser &user : users)
            if (i < changed || user.writes)
                return fail(ErrorCode::NotReady,
                            fmt::format("{} is open in {}", chain[i].path, user.command));
    }
    return {};
}

Result<ImageMark> FakeImageChains::add(const std::string &path, FakeImage image) {
    if (!path.starts_with('/'))
        return fail(ErrorCode::Invalid, path + " is not absolute");
    if (images_.find(path) != nullptr)
        return fail(ErrorCode::Invalid, path + " exists already");
    if (image.content.size() > free)
        return fail(ErrorCode::Fail, "no space for " + path);
    FakeImage &added = images_.add(path, {});
    added = std::move(image);
    return mark(path, added);
}

} // namespace xlsnap::test

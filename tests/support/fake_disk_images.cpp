// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_disk_images.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap::test {

Result<std::vector<Tag>> FakeDiskImages::list_tags(const std::string &path, DiskFormat format) {
    XLSNAP_TRY(enter("list_tags", path));
    XLSNAP_ASSIGN(FakeImage * image, open(path, format));
    return list(image->tags);
}

Result<ImageFacts> FakeDiskImages::examine(const std::string &path, DiskFormat format) {
    XLSNAP_TRY(enter("examine", path));
    XLSNAP_ASSIGN(FakeImage * image, open(path, format));
    ImageFacts facts;
    facts.virtual_bytes = image->virtual_bytes;
    facts.mark = mark(path, *image);
    return facts;
}

std::vector<Result<StorageUsage>> FakeDiskImages::usage(const std::string &path, DiskFormat format,
                                                        const std::vector<std::string> &tags) {
    const Status entered = enter("usage", fmt::format("{} {}", path, fmt::join(tags, " ")));
    std::vector<Result<StorageUsage>> usages;
    for (const std::string &tag : tags)
        usages.push_back(entered ? usage(path, format, tag)
                                 : Result<StorageUsage>(fail(entered.error())));
    return usages;
}

Result<StorageUsage> FakeDiskImages::usage(const std::string &path, DiskFormat format,
                                           const std::string &tag) {
    XLSNAP_ASSIGN(FakeImage * image, open(path, format));
    const FakeTag *saved = find_saved(image->tags, tag);
    if (saved == nullptr)
        return fail(ErrorCode::NotFound, fmt::format("{} has no tag {}", path, tag));
    const bool shared = image->content == saved->content ||
                        std::ranges::count(image->tags, saved->content, &FakeTag::content) > 1;
    return StorageUsage{saved->content.size(), shared ? 0 : saved->content.size()};
}

Status FakeDiskImages::create_tag(const std::string &path, DiskFormat format,
                                  const std::string &tag) {
    XLSNAP_TRY(enter("create_tag", path + " " + tag));
    XLSNAP_ASSIGN(FakeImage * image, open_to_change(path, format));
    if (find_saved(image->tags, tag) != nullptr)
        return fail(ErrorCode::Invalid, fmt::format("{} has a tag {} already", path, tag));
    if (format != DiskFormat::Qcow2)
        return fail(ErrorCode::Fail, fmt::format("{}: the format has no tags", path));
    append_tag(image->tags, tag, images_.read(path));
    return {};
}

Status FakeDiskImages::revert_to_tag(const std::string &path, DiskFormat format,
                                     const std::string &tag) {
    XLSNAP_TRY(enter("revert_to_tag", path + " " + tag));
    XLSNAP_ASSIGN(FakeImage * image, open_to_change(path, format));
    const FakeTag *saved = find_saved(image->tags, tag);
    if (saved == nullptr)
        return fail(ErrorCode::NotFound, fmt::format("{} has no tag {}", path, tag));
    image->content = saved->content;
    return {};
}

Status FakeDiskImages::delete_tag(const std::string &path, DiskFormat format,
                                  const std::string &tag) {
    XLSNAP_TRY(enter("delete_tag", path + " " + tag));
    XLSNAP_ASSIGN(FakeImage * image, open_to_change(path, format));
    if (std::erase_if(image->tags, [&](const FakeTag &saved) { return saved.tag.name == tag; }) ==
        0)
        return fail(ErrorCode::NotFound, fmt::format("{} has no tag {}", path, tag));
    return {};
}

Result<FakeImage *> FakeDiskImages::open(const std::string &path, DiskFormat format) {
    if (format == DiskFormat::Unknown || format == DiskFormat::Empty)
        return fail(ErrorCode::Invalid, path + ": no format is given");
    FakeImage *image = images_.find(path);
    if (image == nullptr)
        return fail(ErrorCode::NotFound, path + ": no such image");
    if (image->format != format)
        return fail(ErrorCode::Fail,
                    fmt::format("{} is not in the format {}", path, to_string(format)));
    return image;
}

Result<FakeImage *> FakeDiskImages::open_to_change(const std::string &path, DiskFormat format) {
    XLSNAP_ASSIGN(FakeImage * image, open(path, format));
    XLSNAP_ASSIGN(const std::vector<ImageUser> users, users_.of(path));
    if (!users.empty())
        return fail(ErrorCode::NotReady, fmt::format("{} is open in {} (pid {})", path,
                                                     users.front().command, users.front().pid));
    XLSNAP_TRY(images_.expect_changeable(path));
    if (image->open_nodes > 0)
        image->corrupt = true;
    return image;
}

} // namespace xlsnap::test

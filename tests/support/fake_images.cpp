// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_images.hpp"

#include <algorithm>
#include <functional>

namespace xlsnap::test {

std::vector<std::string> FakeImage::tag_names() const {
    std::vector<std::string> names;
    for (const FakeTag &saved : tags)
        names.push_back(saved.tag.name);
    return names;
}

FakeImage &FakeImages::add(const std::string &path, std::string content, DiskFormat format) {
    FakeImage &image = images_[path];
    image = FakeImage();
    image.format = format;
    image.content = std::move(content);
    return image;
}

FakeImage *FakeImages::find(const std::string &path) {
    auto found = images_.find(path);
    return found == images_.end() ? nullptr : &found->second;
}

std::string FakeImages::read(const std::string &path) const {
    const FakeImage &image = at(path);
    return image.content.empty() && !image.backing.empty() ? read(image.backing) : image.content;
}

Status FakeImages::expect_changeable(const std::string &path) const {
    if (immutable.contains(path))
        return fail(ErrorCode::Fail, path + ": Operation not permitted");
    return {};
}

ImageMark mark(const std::string &path, const FakeImage &image) {
    const std::hash<std::string> hash;
    return {image.device, hash(path) + image.generation, image.content.size(), hash(image.content)};
}

void FakeImages::each(const std::function<void(const std::string &, FakeImage &)> &visit) {
    for (auto &[path, image] : images_)
        visit(path, image);
}

std::vector<Tag> list(const FakeTagTable &table) {
    std::vector<Tag> tags;
    for (const FakeTag &saved : table)
        tags.push_back(saved.tag);
    return tags;
}

FakeTag *find_saved(FakeTagTable &table, std::string_view name) {
    auto found = std::find_if(table.begin(), table.end(),
                              [&](const FakeTag &saved) { return saved.tag.name == name; });
    return found == table.end() ? nullptr : &*found;
}

void append_tag(FakeTagTable &table, const std::string &name, const std::string &content,
                std::uint64_t virtual_bytes) {
    int highest = 0;
    for (const FakeTag &saved : table)
        highest = std::max(highest, std::stoi(saved.tag.id));
    table.push_back({{std::to_string(highest + 1), name}, content, virtual_bytes});
}

} // namespace xlsnap::test

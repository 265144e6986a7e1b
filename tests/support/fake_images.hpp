// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/block_node.hpp"
#include "core/domain.hpp"

namespace xlsnap::test {

// A tag and the content that it keeps.
struct FakeTag {
    Tag tag;
    std::string content;
};

// The snapshot table of an image, as it stands on the disk or in the memory of a node.
using FakeTagTable = std::vector<FakeTag>;

struct FakeImage {
    DiskFormat format = DiskFormat::Qcow2;
    std::string content; // what a guest reads now
    FakeTagTable tags;
    std::uint64_t virtual_bytes = 4U << 20U;
    int open_nodes = 0;   // nodes of FakeLiveDisks on this image
    bool corrupt = false; // somebody changed the image behind the back of a node

    [[nodiscard]] std::vector<std::string> tag_names() const;
};

// The disks' storage: one model that FakeLiveDisks and FakeDiskImages share, so that a test sees
// the content of a disk come back. Any string stands for the whole content of an image.
class FakeImages {
  public:
    FakeImage &add(const std::string &path, std::string content,
                   DiskFormat format = DiskFormat::Qcow2);

    // The image must exist.
    [[nodiscard]] FakeImage &at(const std::string &path) { return images_.at(path); }
    [[nodiscard]] const FakeImage &at(const std::string &path) const { return images_.at(path); }

    [[nodiscard]] FakeImage *find(const std::string &path);

  private:
    std::map<std::string, FakeImage> images_;
};

[[nodiscard]] std::vector<Tag> list(const FakeTagTable &table);
[[nodiscard]] FakeTag *find_saved(FakeTagTable &table, std::string_view name);

// Appends the tag with the id that qcow2 gives: the highest one plus one.
void append_tag(FakeTagTable &table, const std::string &name, const std::string &content);

} // namespace xlsnap::test

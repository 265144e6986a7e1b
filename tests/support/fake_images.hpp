// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/block_node.hpp"
#include "core/domain.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap::test {

// A tag and the content that it keeps.
struct FakeTag {
    Tag tag;
    std::string content;
    std::uint64_t virtual_bytes = 0; // 0: that of the image, which did not change
};

// The snapshot table of an image, as it stands on the disk or in the memory of a node.
using FakeTagTable = std::vector<FakeTag>;

struct FakeImage {
    DiskFormat format = DiskFormat::Qcow2;
    // What a guest reads now; of an overlay that nothing was written to, nothing: see read().
    std::string content;
    std::string backing; // the image that an overlay stands on
    DiskFormat backing_format = DiskFormat::Unknown;
    FakeTagTable tags;
    std::uint64_t virtual_bytes = 4U << 20U;
    int open_nodes = 0;           // nodes of FakeLiveDisks on this image
    std::uint64_t generation = 0; // counts the files that have had the path
    bool corrupt = false;         // somebody changed the image behind the back of a node
    std::uint64_t device = 7;     // of the file system that it lies in

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

    void each(const std::function<void(const std::string &path, FakeImage &image)> &visit);

    // What is read through an image and what it stands on; all of them must exist.
    [[nodiscard]] std::string read(const std::string &path) const;

    // Paths of immutable files, which FakeKeptImages has made so: nobody writes, renames or removes
    // one. As in the kernel, a QEMU that has one open for writing already is stopped as well.
    std::set<std::string> immutable;
    [[nodiscard]] Status expect_changeable(const std::string &path) const;

    // Another file takes the path, with the same in it.
    void replace(const std::string &path) { ++images_.at(path).generation; }
    void remove(const std::string &path) { images_.erase(path); }

    // As a boot of dom0 does where device numbers are given out anew.
    void renumber_devices() {
        for (auto &[path, image] : images_)
            ++image.device;
    }

  private:
    std::map<std::string, FakeImage> images_;
};

// The mark of an image, which follows from its path, device, generation and content.
[[nodiscard]] ImageMark mark(const std::string &path, const FakeImage &image);

[[nodiscard]] std::vector<Tag> list(const FakeTagTable &table);
[[nodiscard]] FakeTag *find_saved(FakeTagTable &table, std::string_view name);

// Appends the tag with the id that qcow2 gives: the highest one plus one.
void append_tag(FakeTagTable &table, const std::string &name, const std::string &content,
                std::uint64_t virtual_bytes = 0);

} // namespace xlsnap::test

// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "ports/disk_images.hpp"
#include "ports/image_users.hpp"
#include "support/fake_calls.hpp"
#include "support/fake_images.hpp"

namespace xlsnap::test {

// Tags of the images in FakeImages, behind the same open-image guard as the real adapter. When the
// guard knows nothing of a node that FakeLiveDisks has on the image, the change succeeds and the
// image is corrupt, as it is with qemu-img. Methods for fail_next(): "list_tags", "examine",
// "usage", "create_tag", "revert_to_tag", "delete_tag".
class FakeDiskImages final : public DiskImages, public FakeCalls {
  public:
    FakeDiskImages(FakeImages &images, ImageUsers &users) : images_(images), users_(users) {}

    Result<std::vector<Tag>> list_tags(const std::string &path, DiskFormat format) override;
    Result<ImageFacts> examine(const std::string &path, DiskFormat format) override;
    // A tag holds a byte for each one of its content, alone when no other has that content.
    std::vector<Result<StorageUsage>> usage(const std::string &path, DiskFormat format,
                                            const std::vector<std::string> &tags) override;
    Status create_tag(const std::string &path, DiskFormat format, const std::string &tag) override;
    Status revert_to_tag(const std::string &path, DiskFormat format,
                         const std::string &tag) override;
    Status delete_tag(const std::string &path, DiskFormat format, const std::string &tag) override;

  private:
    Result<StorageUsage> usage(const std::string &path, DiskFormat format, const std::string &tag);
    Result<FakeImage *> open(const std::string &path, DiskFormat format);
    Result<FakeImage *> open_to_change(const std::string &path, DiskFormat format);

    FakeImages &images_;
    ImageUsers &users_;
};

} // namespace xlsnap::test

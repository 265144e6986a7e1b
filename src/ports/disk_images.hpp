// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/block_node.hpp"
#include "core/domain.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

struct ImageFacts {
    std::uint64_t virtual_bytes = 0; // what a guest sees
    ImageMark mark;
};

// What something takes of the storage, and what of that its deletion alone would give back: what
// others refer to as well stays. What the file system itself shares or compresses is not seen.
struct StorageUsage {
    std::uint64_t held = 0; // bytes
    std::uint64_t freed = 0;
};

// Tags of images that no QEMU has open, by qemu-img. Xen's QEMU opens images with locking off
// (hw/block/xen-block.c), so qemu-img itself would not notice a running guest and would corrupt the
// image. Therefore each changing call first asks ImageUsers and refuses, with NotReady, an image
// that anybody has open. The format is always given, never probed.
class DiskImages {
  public:
    virtual ~DiskImages() = default;

    // Reads only; allowed while the image is in use.
    virtual Result<std::vector<Tag>> list_tags(const std::string &path, DiskFormat format) = 0;

    // Of an image in any format that a disk can have; reads only, allowed while it is in use. The
    // mark is taken first: what is written meanwhile changes it. NotFound when there is no file.
    virtual Result<ImageFacts> examine(const std::string &path, DiskFormat format) = 0;

    // What each of these tags refers to in its image, in one pass over that; backing files are not
    // looked at. Reads only; allowed while the image is in use, but then it is an estimate, and may
    // even fail. NotFound when there is no such tag, Invalid when there are two, NotImplemented for
    // an image of a kind that is not measured. As many results as tags, in their order.
    virtual std::vector<Result<StorageUsage>> usage(const std::string &path, DiskFormat format,
                                                    const std::vector<std::string> &tags) = 0;

    virtual Status create_tag(const std::string &path, DiskFormat format,
                              const std::string &tag) = 0;

    // Makes the content of the tag the present content. The tag stays. After an error other than
    // NotReady the image may hold either content, or a mixture.
    virtual Status revert_to_tag(const std::string &path, DiskFormat format,
                                 const std::string &tag) = 0;

    virtual Status delete_tag(const std::string &path, DiskFormat format,
                              const std::string &tag) = 0;
};

} // namespace xlsnap

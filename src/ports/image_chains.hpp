// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/image_chain.hpp"
#include "core/image_space.hpp"

namespace xlsnap {

// Overlays and what they stand on, of images that no QEMU writes. DiskImages is about the tags of
// one image; here images are made, merged and removed, and each call reads the chain that it is
// about before it lets qemu-img near it.
//
// A chain is read from the headers of qcow2 images, which QEMU writes, and ends at a raw image,
// whatever bytes a guest has put there: no call opens a file whose name a guest could have written.
// Nothing is probed. A path must be absolute.
class ImageChains {
  public:
    // When the tables of an overlay are made.
    enum class Tables {
        AsItGrows,
        // All from the start, a thousandth of its size at most: for an image that two nodes have
        // open. A node keeps the addresses of these tables in memory, and would not notice what the
        // other one adds; what stands in them it reads when it is first used.
        AtOnce,
    };

    virtual ~ImageChains() = default;

    // The image and all that it stands on. Reads only; allowed while the images are in use, but
    // what a QEMU writes meanwhile may make it fail. NotFound when a file of it is missing; Invalid
    // when a header names a backing file without a format, or one that is no path of a file
    // ("nbd:…"), or the chain is a loop or longer than 100 images; NotImplemented for an image in a
    // format other than qcow2 and raw.
    virtual Result<ImageChain> chain(const std::string &path, DiskFormat format) = 0;

    // Makes an empty overlay, a qcow2 image that only its owner may read, of the size of its base.
    // The base is only read, and may be in use. Invalid when `path` exists. The mark tells the file
    // that was made. After a failure there is none.
    virtual Result<ImageMark> create_overlay(const std::string &path, const std::string &base,
                                             DiskFormat base_format, Tables tables) = 0;

    // Writes what `top` and the images between hold into `base`, on which `top` stands: its content
    // becomes that of `top`, and its size when that is larger. `top` stays as it is, and goes on
    // standing where it stood. Whatever else stands on `base`, and its tags' view of what is below
    // it, is the caller's concern.
    // NotReady when anybody has one of these open. Invalid when `top` does not stand on `base`, is
    // smaller than it, or one that is committed holds a tag, which would be lost. After a failure
    // `base` holds a part; what is read through `top` never changes.
    virtual Status commit(const std::string &top, const std::string &base) = 0;

    // Copies into `top` what is between it and `new_backing`, one that it stands on, or all when
    // that is empty; then `top` stands on that alone. What is read through `top` never changes:
    // after a failure it stands where it stood. NotReady when anybody has `top` open, or writes
    // what it stands on. Invalid when it holds a tag, which would read zeros where it read what is
    // below, or does not stand on `new_backing`.
    virtual Status stream(const std::string &top, const std::string &new_backing) = 0;

    // Makes `path` stand on another image, which must have the content of that it stood on: the one
    // that this was committed to, or the same one under a new name. Nothing is copied. NotReady
    // when anybody has `path` open; Invalid when `backing` stands on it.
    virtual Status set_backing(const std::string &path, const std::string &backing,
                               DiskFormat format) = 0;

    // A new qcow2 image, standing on nothing, with what the tag of the qcow2 image `path` holds,
    // and the size that the disk had then, whatever it has now. The image may be in use by readers,
    // such as a QEMU that has it as backing file; NotReady when somebody writes to it, or to what
    // it stands on. Errors about the tag are those of find_only_tag; about `new_path`, and what a
    // failure leaves, those of create_overlay.
    virtual Result<ImageMark> copy_tag_out(const std::string &path, const std::string &tag,
                                           const std::string &new_path) = 0;

    // Removes a file that is still the one with this mark's inode; its device number is another one
    // after a boot of dom0. False when there is none any more, which is as good. NotReady when
    // anybody has it open; Invalid when it is another file, or no regular one, or the mark tells
    // none.
    virtual Result<bool> remove_image(const std::string &path, const ImageMark &mark) = 0;

    // The regular files in this directory that begin as qcow2 images do and name a backing file, by
    // path: those of others too. Reads nothing but their first bytes, follows no link and opens
    // nothing that they name. What a guest wrote to a raw disk may look like such an image, and
    // what is told of it is then the guest's invention. NotFound when there is no such directory.
    virtual Result<std::vector<BackedImage>> backed_images(const std::string &directory) = 0;

    // What the file system that `path` lies, or would lie, in has left; of a symbolic link, that of
    // the file it leads to. The largest number where it tells no size.
    virtual Result<FreeSpace> free_space(const std::string &path) = 0;
};

} // namespace xlsnap

// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adapters/qemu/new_image.hpp"
#include "adapters/qemu/qemu_img.hpp"
#include "ports/image_chains.hpp"
#include "ports/image_users.hpp"
#include "ports/process_runner.hpp"

namespace xlsnap {

// ImageChains: reads the chains itself, and has the qemu-img on PATH change them. qemu-img opens
// what an image stands on by the header that was read and found sound just before.
class QemuImgChains final : public ImageChains {
  public:
    // The runner and the guard must outlive this.
    QemuImgChains(ProcessRunner &processes, ImageUsers &users, QemuImgDeadlines deadlines = {})
        : processes_(processes), users_(users), deadlines_(deadlines) {}

    Result<ImageChain> chain(const std::string &path, DiskFormat format) override;
    Result<ImageMark> create_overlay(const std::string &path, const std::string &base,
                                     DiskFormat base_format, Tables tables) override;
    Status commit(const std::string &top, const std::string &base) override;
    Status stream(const std::string &top, const std::string &new_backing) override;
    Status set_backing(const std::string &path, const std::string &backing,
                       DiskFormat format) override;
    Result<ImageMark> copy_tag_out(const std::string &path, const std::string &tag,
                                   const std::string &new_path) override;
    Result<bool> remove_image(const std::string &path, const ImageMark &mark) override;
    Result<std::vector<BackedImage>> backed_images(const std::string &directory) override;
    Result<FreeSpace> free_space(const std::string &path) override;

  private:
    // The first `changed` of the chain must be unused, the others unwritten.
    Status ask_guard(const ImageChain &chain, std::size_t changed);
    // An overlay whose tables are made at once; messages are about `path`.
    Status fill_with_tables(const NewImage &image, const std::string &path, const ChainLayer &base);
    // What the tag holds, and its size, goes into the image: one for tags of at most the present
    // size, one for those of more.
    Status copy_tag(const ImageChain &chain, const Tag &tag, std::uint64_t bytes,
                    const NewImage &image);
    Status copy_larger_tag(ImageChain chain, const Tag &tag, std::uint64_t bytes,
                           const NewImage &image);
    // Of `path`, which is opened by `options`, what `selection` says.
    Status convert(const std::vector<std::string> &selection, const std::string &options,
                   const std::string &path, const NewImage &image);
    Status run(const std::vector<std::string> &arguments, const std::string &image,
               std::chrono::milliseconds deadline);
    // Behind the arguments comes the qcow2 image itself.
    Status change(std::vector<std::string> arguments, const std::string &image,
                  std::chrono::milliseconds deadline);

    ProcessRunner &processes_;
    ImageUsers &users_;
    QemuImgDeadlines deadlines_;
};

} // namespace xlsnap

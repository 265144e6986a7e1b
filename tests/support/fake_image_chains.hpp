// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <span>
#include <vector>

#include "ports/image_chains.hpp"
#include "ports/image_users.hpp"
#include "support/fake_calls.hpp"
#include "support/fake_images.hpp"

namespace xlsnap::test {

// Chains of the images in FakeImages, behind the open-image guard. Methods for fail_next(): the
// names of the port's.
class FakeImageChains final : public ImageChains, public FakeCalls {
  public:
    FakeImageChains(FakeImages &images, ImageUsers &users) : images_(images), users_(users) {}

    // What every file system has left; each directory is one of its own.
    std::uint64_t free = std::uint64_t{1} << 40U;

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
    Result<ImageChain> walk(std::string path, DiskFormat format);
    Result<std::size_t> layers_above(const ImageChain &chain, const std::string &below);
    Status ask_guard(const ImageChain &chain, std::size_t changed);
    Result<ImageMark> add(const std::string &path, FakeImage image);

    FakeImages &images_;
    ImageUsers &users_;
};

} // namespace xlsnap::test

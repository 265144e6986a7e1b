// SPDX-License-Identifier: LGPL-2.1-only
#include "contract/kept_images_contract.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>
#include <vector>

#include "adapters/posix/immutable_images.hpp"
#include "base/unique_fd.hpp"
#include "support/fake_kept_images.hpp"
#include "support/small_file_system.hpp"

namespace xlsnap::test {

namespace {

class FakeHostOfKeptImages final : public KeptImagesHost {
  public:
    FakeHostOfKeptImages() {
        images_.missing = {"/missing"};
        images_.unsupported = {"/nfs/image", "/dev/sda"};
    }

    KeptImages &kept_images() override { return images_; }
    std::string add(const std::string &name) override { return "/images/" + name; }
    std::string missing() override { return "/missing"; }
    std::string unsupported() override { return "/nfs/image"; }
    std::string block_device() override { return "/dev/sda"; }
    bool can_be_written(const std::string &path) override { return !images_.kept.contains(path); }

  private:
    FakeKeptImages images_;
};

class HostOfImmutableImages final : public KeptImagesHost {
  public:
    HostOfImmutableImages() = default;
    HostOfImmutableImages(const HostOfImmutableImages &) = delete;
    HostOfImmutableImages &operator=(const HostOfImmutableImages &) = delete;
    HostOfImmutableImages(HostOfImmutableImages &&) = delete;
    HostOfImmutableImages &operator=(HostOfImmutableImages &&) = delete;
    ~HostOfImmutableImages() override {
        for (const std::string &path : files_)
            static_cast<void>(images_.release(path));
    }

    KeptImages &kept_images() override { return images_; }
    std::string add(const std::string &name) override {
        std::ofstream(file_system_ / name) << "image";
        files_.push_back(file_system_ / name);
        return files_.back();
    }
    std::string missing() override { return file_system_ / "missing"; }
    std::string unsupported() override { return "/proc/self/limits"; }
    std::string block_device() override {
        const std::string path = file_system_ / "device";
        EXPECT_EQ(::mknod(path.c_str(), S_IFBLK | 0600, makedev(7, 0)), 0);
        return path;
    }
    bool can_be_written(const std::string &path) override {
        return UniqueFd(::open(path.c_str(), O_RDWR | O_CLOEXEC)).valid();
    }

  private:
    SmallFileSystem file_system_{8};
    std::vector<std::string> files_;
    ImmutableImages images_;
};

INSTANTIATE_TEST_SUITE_P(Fake, KeptImagesContract,
                         ::testing::Values(std::make_unique<FakeHostOfKeptImages>));
INSTANTIATE_TEST_SUITE_P(Immutable, KeptImagesContract,
                         ::testing::Values(std::make_unique<HostOfImmutableImages>));

} // namespace

} // namespace xlsnap::test

// SPDX-License-Identifier: LGPL-2.1-only
#include "contract/disk_images_contract.hpp"

#include <filesystem>
#include <map>

#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/qemu/qemu_img_images.hpp"
#include "support/disk_image_file.hpp"
#include "support/fake_disk_images.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

namespace {

class FakeHostOfDiskImages final : public DiskImagesHost {
  public:
    DiskImages &disk_images() override { return disk_images_; }
    FakeImageUsers &users() override { return users_; }

    std::string add(const std::string &name, char letter, DiskFormat format) override {
        images_.add("/images/" + name, std::string(1, letter), format);
        return "/images/" + name;
    }
    std::string missing() override { return "/images/missing"; }

    void write(const std::string &path, char letter) override {
        images_.at(path).content = std::string(1, letter);
    }
    char content(const std::string &path) override { return images_.at(path).content[0]; }
    std::vector<std::string> tags(const std::string &path) override {
        return images_.at(path).tag_names();
    }

  private:
    FakeImages images_;
    FakeImageUsers users_;
    FakeDiskImages disk_images_{images_, users_};
};

class QemuImgHostOfDiskImages final : public DiskImagesHost {
  public:
    QemuImgHostOfDiskImages() : before_(std::filesystem::current_path()) {
        // Relative paths, so that a name like "nbd:…" or "-U" stands at the front.
        std::filesystem::current_path(directory_.path());
    }
    QemuImgHostOfDiskImages(const QemuImgHostOfDiskImages &) = delete;
    QemuImgHostOfDiskImages &operator=(const QemuImgHostOfDiskImages &) = delete;
    QemuImgHostOfDiskImages(QemuImgHostOfDiskImages &&) = delete;
    QemuImgHostOfDiskImages &operator=(QemuImgHostOfDiskImages &&) = delete;
    ~QemuImgHostOfDiskImages() override { std::filesystem::current_path(before_); }

    DiskImages &disk_images() override { return disk_images_; }
    FakeImageUsers &users() override { return users_; }

    std::string add(const std::string &name, char letter, DiskFormat format) override {
        // qemu-img itself would read some names as protocols.
        const DiskImageFile plain("plain", std::string(to_string(format)));
        plain.create(letter);
        std::filesystem::rename("plain", name);
        files_.emplace(name, DiskImageFile(name, std::string(to_string(format))));
        return name;
    }
    std::string missing() override { return "missing"; }

    void write(const std::string &path, char letter) override { files_.at(path).write(letter); }
    char content(const std::string &path) override { return files_.at(path).content(); }
    std::vector<std::string> tags(const std::string &path) override {
        return files_.at(path).tags();
    }

  private:
    std::filesystem::path before_;
    TemporaryDirectory directory_;
    std::map<std::string, DiskImageFile> files_;
    PosixProcessRunner processes_;
    FakeImageUsers users_;
    QemuImgImages disk_images_{processes_, users_};
};

INSTANTIATE_TEST_SUITE_P(Fake, DiskImagesContract,
                         ::testing::Values(std::make_unique<FakeHostOfDiskImages>));
INSTANTIATE_TEST_SUITE_P(QemuImg, DiskImagesContract,
                         ::testing::Values(std::make_unique<QemuImgHostOfDiskImages>));

} // namespace

} // namespace xlsnap::test
